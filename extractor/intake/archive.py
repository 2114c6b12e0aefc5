"""Zip archives as mail systems send them: each member is a document of its own.

Also tells an archive from the formats that are zip packages themselves.
"""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from extractor.intake.errors import UnreadableFile
from extractor.intake.plain_text import plausibility
from extractor.intake.safe_zip import BROKEN, ENCRYPTED, MAX_TOTAL_BYTES, SafeZip

ZipKind = Literal["docx", "xlsx", "pptx", "ofd", "odt", "ods", "odp", "archive"]

MAX_DOCUMENTS = 1_000
"""Documents of one archive, those of nested archives included: a year's incoming mail of a small office."""

OPC_CONTENT_TYPES = "[content_types].xml"
OPC_FOLDERS: tuple[tuple[str, ZipKind], ...] = (("word/", "docx"), ("xl/", "xlsx"), ("ppt/", "pptx"))
OPEN_DOCUMENT_TYPES: dict[bytes, ZipKind] = {
    b"application/vnd.oasis.opendocument.text": "odt",
    b"application/vnd.oasis.opendocument.spreadsheet": "ods",
    b"application/vnd.oasis.opendocument.presentation": "odp",
}
ZIP_MAGIC = (b"PK\x03\x04", b"PK\x05\x06")
"""A local file header, or the end record of an archive that holds nothing (APPNOTE 4.3.7, 4.3.16)."""

NO_DOCUMENT = re.compile(
    r"(?:^|/)(?:__MACOSX/|\.[^/]*$|~\$[^/]*$|(?:Thumbs\.db|desktop\.ini)$)", re.IGNORECASE
)
"""What systems leave behind: resource forks, hidden files, owner files of Word (~$…), picture caches."""

NAME_ENCODINGS = ("utf-8", "gb18030", "big5hkscs")
LONG_SEQUENCE = re.compile("[\u0800-\U0010ffff]")
"""Three bytes or more in UTF-8, as Chinese has. Two are often GBK: 通知 happens to be valid UTF-8 in it."""
UTF8_NAME_FLAG = 0x800
UNICODE_PATH_FIELD = 0x7075
"""Info-ZIP Unicode Path extra field: version 1, CRC-32 of the raw name, the name in UTF-8 (APPNOTE 4.6.9)."""
DRIVE = re.compile(r"^[A-Za-z]:")
UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Control characters, and the direction marks that make `exe.docx` out of `xcod.exe`."""

EMPTY = "压缩包里没有文件"
TOO_MANY = f"压缩包里的文件超过 {MAX_DOCUMENTS} 个，请分开后再试"
NESTED_TOO_DEEP = "压缩包里又套了两层压缩包，请先解压后再试"
TOO_MUCH_NESTED = "压缩包展开后过大，未读取，请先解压后再试"
MEMBER_ERRORS = {
    ENCRYPTED: "在压缩包里有密码，请解压后再试",
    BROKEN: "在压缩包里已损坏，请重新获取压缩包",
}
"""What a reader of the whole package says, said of one member."""


@dataclass(frozen=True, slots=True)
class Member:
    """A document of an archive: its path inside it and its bytes, or in one line of Chinese why they cannot be had."""

    name: str
    data: bytes = b""
    error: str | None = None


def is_zip(data: bytes) -> bool:
    """Whether `data` begins as a zip package does."""
    return data.startswith(ZIP_MAGIC)


def zip_kind(data: bytes) -> ZipKind:
    """What kind of zip package `data` is, by its members.

    Raises:
        UnreadableFile: if it is broken, or announces more than the limits of `SafeZip`.
    """
    package = SafeZip(data)
    names = [name.lower() for name in package.names]
    if package.find("OFD.xml"):
        return "ofd"
    if OPC_CONTENT_TYPES in names:
        for folder, kind in OPC_FOLDERS:
            if any(name.startswith(folder) for name in names):
                return kind
    if "mimetype" in package.names:
        return OPEN_DOCUMENT_TYPES.get(package.read("mimetype").strip(), "archive")
    return "archive"


def members(data: bytes) -> Iterator[Member]:
    """The documents of the archive `data` in the order of its directory, those of archives in it in their place.

    Members that cannot be read (password, damage, size, too deeply nested) come with an error instead of bytes.

    Raises:
        UnreadableFile: if the archive as a whole cannot be read, is empty, or holds more than the limits allow.
    """
    archive = SafeZip(data)
    documents = _documents(archive)
    if not documents:
        raise UnreadableFile(EMPTY)
    if len(documents) > MAX_DOCUMENTS:
        raise UnreadableFile(TOO_MANY)
    return _with_nested(archive, documents)


def _with_nested(archive: SafeZip, documents: Sequence[tuple[str, zipfile.ZipInfo]]) -> Iterator[Member]:
    documents_left = MAX_DOCUMENTS - len(documents)
    bytes_left = MAX_TOTAL_BYTES - archive.total_bytes
    for member in _read_all(archive, documents):
        if not _is_archive(member):
            yield member
            continue
        try:
            nested = SafeZip(member.data)
            inner = _documents(nested)
            _refuse_beyond(len(inner), documents_left, TOO_MANY)
            _refuse_beyond(nested.total_bytes, bytes_left, TOO_MUCH_NESTED)
        except UnreadableFile as error:
            yield Member(member.name, error=str(error))
            continue
        documents_left -= len(inner)
        bytes_left -= nested.total_bytes
        for document in _read_all(nested, inner):
            name = f"{member.name}/{document.name}"
            if _is_archive(document):
                yield Member(name, error=NESTED_TOO_DEEP)
            else:
                yield Member(name, document.data, document.error)


def _refuse_beyond(count: int, left: int, message: str) -> None:
    if count > left:
        raise UnreadableFile(message)


def _is_archive(member: Member) -> bool:
    try:
        return is_zip(member.data) and zip_kind(member.data) == "archive"
    except UnreadableFile:
        return False  # what is wrong with it is said by whoever reads it


def _read_all(archive: SafeZip, documents: Sequence[tuple[str, zipfile.ZipInfo]]) -> Iterator[Member]:
    for name, info in documents:
        try:
            yield Member(name, archive.read(info))
        except UnreadableFile as error:
            yield Member(name, error=MEMBER_ERRORS.get(str(error), str(error)))


def _documents(archive: SafeZip) -> list[tuple[str, zipfile.ZipInfo]]:
    named = zip(member_names(archive.members), archive.members, strict=True)
    return [(name, info) for name, info in named if not NO_DOCUMENT.search(name)]


def member_names(infos: Sequence[zipfile.ZipInfo]) -> list[str]:
    """The names of members as their sender saw them, with nothing in them that could lead out of a folder.

    A name that says it is UTF-8 is; so is the Info-ZIP Unicode Path. The others were written in the encoding of the
    sender's system, one for all of them: the first that fits all, GBK unless Big5 reads better.
    """
    unlabelled = [_raw_name(info) for info in infos if not info.flag_bits & UTF8_NAME_FLAG]
    decode = _decoder(unlabelled)
    return [clean_name(_unicode_path(info) or _labelled(info) or decode(_raw_name(info))) for info in infos]


def _labelled(info: zipfile.ZipInfo) -> str | None:
    return info.orig_filename if info.flag_bits & UTF8_NAME_FLAG else None


def _raw_name(info: zipfile.ZipInfo) -> bytes:
    """The bytes of the name: `zipfile` reads names without a label as code page 437, which keeps every byte."""
    encoding = "utf-8" if info.flag_bits & UTF8_NAME_FLAG else "cp437"
    return info.orig_filename.encode(encoding, "replace")


def _unicode_path(info: zipfile.ZipInfo) -> str | None:
    extra = info.extra
    while len(extra) >= 4:
        field, size = struct.unpack_from("<HH", extra)
        content, extra = extra[4 : 4 + size], extra[4 + size :]
        if field == UNICODE_PATH_FIELD and len(content) > 5:
            version, checksum = struct.unpack_from("<BL", content)
            if version == 1 and checksum == zlib.crc32(_raw_name(info)):
                return content[5:].decode("utf-8", "replace")
    return None


def _decoder(raw_names: Sequence[bytes]) -> Callable[[bytes], str]:
    fitting = {e: text for e in NAME_ENCODINGS if (text := _decoded(b"\n".join(raw_names), e)) is not None}
    if LONG_SEQUENCE.search(fitting.get("utf-8", "")):
        encoding = "utf-8"
    else:
        fitting.pop("utf-8", None)
        encoding = max(fitting, key=lambda e: plausibility(fitting[e]), default="gb18030")
    return lambda raw: raw.decode(encoding, "replace")


def _decoded(raw: bytes, encoding: str) -> str | None:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        return None


def clean_name(name: str) -> str:
    """`name` as a relative path with `/` between folders, without drives, `..` and characters that do not print."""
    parts = DRIVE.sub("", UNPRINTABLE.sub("", name).replace("\\", "/")).split("/")
    return "/".join(part for part in parts if part not in ("", ".", "..")) or "未命名"
