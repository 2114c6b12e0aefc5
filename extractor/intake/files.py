"""From a path to a Source: size and access are checked here, the format is decided by content."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from extractor.intake.errors import UnreadableFile
from extractor.intake.plain_text import decode
from extractor.model import Source

MAX_BYTES = 20 * 1024 * 1024
"""Far above any circular: a five-year plan of 200 pages is under 1 MB of text."""


def read_source(path: Path) -> Source:
    """The file at `path` as a Source.

    Raises:
        UnreadableFile: if it is missing, not a file, not allowed, too large, empty, or no text.
    """
    data = _read_bytes(path)
    if not data.strip(b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise UnreadableFile("文件是空的，请确认内容后重新保存")
    decoded = decode(data)
    if decoded is None:
        raise UnreadableFile("不是文本文件，目前只能读取纯文本（.txt），请另存为文本后再试")
    text, encoding = decoded
    if not text.strip():
        raise UnreadableFile("文件里只有空白，请确认内容后重新保存")
    return Source(path.name, text, data, encoding)


def _read_bytes(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise UnreadableFile("这是文件夹，请指定文件")
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise UnreadableFile(
                f"文件太大（{size / 1048576:.0f} MB），上限为 {MAX_BYTES // 1048576} MB，请拆分后再试"
            )
        return path.read_bytes()
    except FileNotFoundError:
        raise UnreadableFile("文件不存在，请检查路径") from None
    except PermissionError:
        raise UnreadableFile("没有读取权限，请向文件所有者申请或复制到自己的文件夹") from None
    except OSError as error:
        raise UnreadableFile(f"无法读取：{error.strerror or error}") from None


def files_under(paths: Iterable[Path]) -> Iterator[Path]:
    """The files that `paths` name, those of folders in order of name; hidden files of a folder are passed over.

    A path that does not exist, or a folder that may not be opened, is yielded itself, so that reading it says why.
    """
    for path in paths:
        try:
            entries = sorted(path.iterdir()) if path.is_dir() else None
        except PermissionError:
            entries = None
        if entries is None:
            yield path
        else:
            yield from files_under(entry for entry in entries if not entry.name.startswith("."))
