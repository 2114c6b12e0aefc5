"""Zip packages read without harm: nothing is unpacked to disk, and every size is checked before it is believed.

Archives as well as the formats that are zip packages (docx, xlsx, ofd, odt) go through here, so that bombs, passwords,
damage and XML tricks are refused in one place and in the same words.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from functools import cached_property
from typing import TYPE_CHECKING

from extractor.intake.errors import UnreadableFile

if TYPE_CHECKING:
    from lxml.etree import _Element

MAX_MEMBERS = 10_000
"""An OFD of 1,000 pages with its pictures has some 4,000."""
MAX_MEMBER_BYTES = 64 * 1024 * 1024
"""Unpacked size of one member: an uncompressed A4 colour scan at 300 dpi is 26 MB."""
MAX_TOTAL_BYTES = 256 * 1024 * 1024
"""Unpacked size of all members together: a second or two of unpacking."""
MAX_RATIO = 200
"""Text and XML pack 5 to 30 times; only bombs (and blank bitmaps) come near the 1,032 times that deflate can do."""
RATIO_COUNTS_FROM = 1024 * 1024
"""Below this size a member is harmless however well it packs."""
MAX_XML_BYTES = 32 * 1024 * 1024
"""Largest XML part that is parsed: about half a second and 200 MB of memory."""

READABLE_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""The two that OPC, ODF and OFD allow; only their unpacking can be stopped at the announced size."""
ENCRYPTED_FLAG = 0x1
DOCTYPES = tuple("<!DOCTYPE".encode(encoding) for encoding in ("utf-8", "utf-16-le", "utf-16-be"))

BROKEN = "文件已损坏或不完整，请重新获取后再试"
ENCRYPTED = "文件有密码，请解除密码后再试"
TOO_LARGE = "压缩内容展开后过大，可能是恶意文件，已拒绝读取"
UNKNOWN_METHOD = "压缩方式无法读取，请用普通 ZIP 格式重新压缩"
HOSTILE_XML = "文件内的 XML 带有 DTD 或实体定义，可能是恶意文件，已拒绝读取"

ZIP_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    KeyError,
    IndexError,
    ValueError,
    OverflowError,
    NotImplementedError,
    OSError,
)
"""What `zipfile` raises on damaged input, by experiment with random damage."""


class SafeZip:
    """A zip package in memory whose members can be read within the limits above.

    Raises:
        UnreadableFile: if it is no zip or broken, or announces too many members or too much content.
    """

    def __init__(self, data: bytes) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except ZIP_ERRORS:
            raise UnreadableFile(BROKEN) from None
        self.members: tuple[zipfile.ZipInfo, ...] = tuple(m for m in self._zip.infolist() if not m.is_dir())
        if len(self.members) > MAX_MEMBERS or self.total_bytes > MAX_TOTAL_BYTES:
            raise UnreadableFile(TOO_LARGE)

    @property
    def total_bytes(self) -> int:
        """The unpacked size that the members announce; `zipfile` never unpacks more than that."""
        return sum(member.file_size for member in self.members)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of the members, in the order of the package's directory."""
        return tuple(member.filename for member in self.members)

    @cached_property
    def _by_folded_name(self) -> dict[str, zipfile.ZipInfo]:
        return {folded(member.filename): member for member in self.members}

    def find(self, name: str) -> zipfile.ZipInfo | None:
        """The member called `name`, whatever its case and slashes; None if there is none."""
        return self._by_folded_name.get(folded(name))

    def read(self, member: zipfile.ZipInfo | str) -> bytes:
        """The unpacked bytes of `member`.

        Raises:
            UnreadableFile: if it is missing, encrypted, damaged, too large, or packed in an unknown way.
        """
        info = self.find(member) if isinstance(member, str) else member
        if info is None:
            raise UnreadableFile(BROKEN)
        _refuse_dangerous(info)
        try:
            return self._zip.read(info)
        except ZIP_ERRORS:
            raise UnreadableFile(BROKEN) from None

    def read_xml(self, member: zipfile.ZipInfo | str) -> _Element:
        """The root element of an XML member; see `parse_xml`."""
        return parse_xml(self.read(member))


def folded(name: str) -> str:
    """`name` as packages compare names: any case, `/` between folders, none in front."""
    return name.replace("\\", "/").lstrip("/").lower()


def is_encrypted(member: zipfile.ZipInfo) -> bool:
    """Whether `member` needs a password."""
    return bool(member.flag_bits & ENCRYPTED_FLAG)


def _refuse_dangerous(member: zipfile.ZipInfo) -> None:
    if is_encrypted(member):
        raise UnreadableFile(ENCRYPTED)
    if member.compress_type not in READABLE_METHODS:
        raise UnreadableFile(UNKNOWN_METHOD)
    packed_too_well = member.file_size > MAX_RATIO * max(member.compress_size, 1)
    if member.file_size > MAX_MEMBER_BYTES or (packed_too_well and member.file_size > RATIO_COUNTS_FROM):
        raise UnreadableFile(TOO_LARGE)


def refuse_doctype(xml: bytes) -> None:
    """Refuse a document type declaration, which OPC (ECMA-376 part 2, 8.1.4) and OFD have no use for.

    Raises:
        UnreadableFile: if there is one: without it no entity can be declared, expanded or fetched.
    """
    if any(mark in xml for mark in DOCTYPES):
        raise UnreadableFile(HOSTILE_XML)


def parse_xml(xml: bytes) -> _Element:
    """The root element of `xml`, without comments and processing instructions.

    Raises:
        UnreadableFile: if it is too large, not well-formed, or carries a document type declaration.
    """
    from lxml import etree

    if len(xml) > MAX_XML_BYTES:
        raise UnreadableFile(TOO_LARGE)
    refuse_doctype(xml)
    parser = etree.XMLParser(
        resolve_entities=False, load_dtd=False, no_network=True, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(xml, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise UnreadableFile(BROKEN) from None
    if root is None or root.getroottree().docinfo.internalDTD is not None:
        raise UnreadableFile(HOSTILE_XML)
    return root
