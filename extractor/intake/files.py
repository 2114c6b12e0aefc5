"""From paths to Sources: size and access are checked here; what a file is, its content decides, never its name."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from extractor.file_names import readable
from extractor.intake.errors import UnreadableFile
from extractor.model import Source
from extractor.system_errors import os_reason

MAX_BYTES = 64 * 1024 * 1024
"""Far above any circular; scans of a hundred pages stay below."""
MAX_TEXT_BYTES = 3 * 1024 * 1024
"""A five-year plan of two hundred pages is under 1 MB of text; what is larger is a log or a dump."""
NO_DOCUMENT = re.compile(
    r"^\.|^~\$|^(?:desktop\.ini|thumbs\.db)$|\.(?:json|md|py|db|sqlite|ini|log|css|js|tmp|lnk|exe|dll)$", re.I
)
"""Names of what lies in folders beside documents; a file that is named itself is read whatever its name."""
EMPTY_BYTES = b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"
OTHER_PACKAGES = {"pptx": "演示文稿", "odp": "演示文稿", "ods": "ODS 表格"}


def read_source(path: Path) -> Source:
    """The one document at `path` as a Source.

    Raises:
        UnreadableFile: if it cannot be read, or is an archive that holds several documents.
    """
    found = list(read_sources(path))
    if len(found) > 1:
        raise UnreadableFile(
            f"压缩包里有 {len(found)} 份文件，请解压后逐个读取，或用 taizhang ingest 一并记入台账"
        )
    name, source = found[0]
    if isinstance(source, UnreadableFile):
        raise UnreadableFile(f"压缩包里的“{name}”：{source}")
    return source


def read_sources(path: Path) -> Iterator[tuple[str, Source | UnreadableFile]]:
    """The documents at `path`: one, or those of an archive, each with its name, and why it cannot be read if it cannot.

    Raises:
        UnreadableFile: if the file itself cannot be read.
    """
    data = _read_bytes(path)
    own_name = readable(path.name)
    if not _is_archive(data):
        yield own_name, read_data(data, own_name)
        return
    from extractor.intake.archive import members

    for member in members(data):
        name = f"{own_name}/{member.name}"
        try:
            if member.error:
                raise UnreadableFile(member.error)
            yield name, read_data(member.data, name)
        except UnreadableFile as error:
            yield name, error


def read_data(data: bytes, name: str) -> Source:
    """The bytes of one file as a Source; each format's module is loaded when a file needs it.

    Raises:
        UnreadableFile: if they are empty, broken, locked, or nothing that can be read.
    """
    if not data.strip(EMPTY_BYTES):
        raise UnreadableFile("文件是空的，请确认内容后重新保存")
    if data.startswith(b"PK"):
        return _read_package(data, name)
    if b"%PDF-" in data[:1024]:
        from extractor.intake.pdf import read_pdf

        return read_pdf(data, name)
    from extractor.intake.scan import looks_like_picture, read_scan

    if looks_like_picture(data):
        return read_scan(data, name)
    from extractor.intake.office import convertible, read_office
    from extractor.intake.spreadsheet import is_old_excel, read_xlsx

    if convertible(data):
        return read_office(data, name)
    if is_old_excel(data):
        return read_xlsx(data, name)
    return _read_text(data, name)


def _is_archive(data: bytes) -> bool:
    from extractor.intake.archive import is_zip, zip_kind

    return is_zip(data) and zip_kind(data) == "archive"


def _read_package(data: bytes, name: str) -> Source:
    from extractor.intake.archive import zip_kind

    kind = zip_kind(data)
    if kind == "docx":
        from extractor.intake.word import read_docx

        return read_docx(data, name)
    if kind == "xlsx":
        from extractor.intake.spreadsheet import read_xlsx

        return read_xlsx(data, name)
    if kind == "ofd":
        from extractor.intake.ofd import read_ofd

        return read_ofd(data, name)
    if kind == "odt":
        from extractor.intake.office import read_office

        return read_office(data, name)
    raise UnreadableFile(f"{OTHER_PACKAGES.get(kind, '压缩包')}不能直接读取，请另存为 PDF 或 Word 后再试")


def _read_text(data: bytes, name: str) -> Source:
    """Web pages, tables of values and plain text: all that is text."""
    from extractor.intake.html import looks_like_html, read_html
    from extractor.intake.mhtml import looks_like_mhtml, read_mhtml
    from extractor.intake.plain_text import decode
    from extractor.intake.spreadsheet import delimiter_of, read_csv

    if len(data) > MAX_TEXT_BYTES:
        raise UnreadableFile(
            f"文本太大（{_megabytes(len(data))}），上限为 {MAX_TEXT_BYTES >> 20} MB，请拆分后再试"
        )
    if looks_like_mhtml(data):
        return read_mhtml(data, name)
    if looks_like_html(data):
        return read_html(data, name)
    decoded = decode(data)
    if decoded is None:
        raise UnreadableFile("不认识的文件格式，请另存为 Word、PDF 或纯文本后再试")
    text, encoding = decoded
    if not text.strip():
        raise UnreadableFile("文件里只有空白，请确认内容后重新保存")
    if _is_json(text):
        raise UnreadableFile("是程序数据（JSON），不是公文，请改选公文原件")
    if delimiter_of(text):
        return read_csv(data, name)
    return Source(name, text, data, encoding)


def _is_json(text: str) -> bool:
    if text.lstrip()[:1] not in "{[":
        return False
    try:
        return isinstance(json.loads(text), dict | list)
    except ValueError:
        return False


def _read_bytes(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise UnreadableFile(
                "没有打开文件夹的权限，请向所有者申请" if _is_locked(path) else "这是文件夹，请指定文件"
            )
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise UnreadableFile(f"文件太大（{_megabytes(size)}），上限为 {MAX_BYTES >> 20} MB，请拆分后再试")
        return path.read_bytes()
    except FileNotFoundError:
        raise UnreadableFile("文件不存在，请检查路径") from None
    except PermissionError:
        raise UnreadableFile("没有读取权限，请向文件所有者申请或复制到自己的文件夹") from None
    except OSError as error:
        raise UnreadableFile(f"无法读取（{os_reason(error)}），请检查磁盘或复制到本机后再试") from None


def _is_locked(folder: Path) -> bool:
    try:
        next(folder.iterdir(), None)
    except OSError:
        return True
    return False


def _megabytes(size: int) -> str:
    """The size, rounded up: what is too large by a byte is not as large as what is allowed."""
    return f"{math.ceil(size / (1 << 20))} MB"


def files_under(paths: Iterable[Path]) -> Iterator[Path]:
    """The files that `paths` name, those of folders in order of name.

    In folders hidden files, lock files of office programs and files of programs are passed over. A path that does not exist, or a folder that may not be opened, is yielded itself, so that reading it says why.
    """
    for path in paths:
        try:
            entries = sorted(path.iterdir()) if path.is_dir() else None
        except OSError:
            entries = None
        if entries is None:
            yield path
        else:
            yield from files_under(entry for entry in entries if not NO_DOCUMENT.search(entry.name))
