"""Web pages saved as a single file (MHTML, RFC 2557): the root page, with the pages of its frames in their place."""

from __future__ import annotations

import re
from email.message import Message
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from extractor.intake.errors import UnreadableFile
from extractor.intake.html import drop_undrawn, parse_page, read_page
from extractor.model import Source

if TYPE_CHECKING:
    from lxml.etree import _Element

SNIFFED = 8192
HEADER = re.compile(rb"\s*(?:[!-9;-~]+:[^\n]*\n(?:[ \t][^\n]*\n)*)+")
VERSION = re.compile(rb"^mime-version:\s*1\.0", re.IGNORECASE | re.MULTILINE)
TYPE = re.compile(rb"^content-type:\s*(?:multipart/related|text/html)\b", re.IGNORECASE | re.MULTILINE)

MAX_PARTS = 5_000
"""A page has some hundred pictures and style sheets."""
MAX_BOUNDARIES = 100
"""Multiparts in multiparts: browsers write one level, mail systems three; the parser goes down by recursion."""
MAX_FRAMES = 50
BROKEN = "单个文件网页（MHTML）已损坏，请在浏览器里重新另存为“网页，单个文件”后再试"
CUT_OFF = "单个文件网页（MHTML）不完整（结尾被截断），请重新保存后再试"
NO_PAGE = "单个文件网页（MHTML）里没有网页，请在浏览器里重新另存为“网页，单个文件”后再试"


def looks_like_mhtml(data: bytes) -> bool:
    """Whether a file opens with the header of a message that is a web page."""
    header = HEADER.match(data[:SNIFFED].replace(b"\r\n", b"\n").removeprefix(b"\xef\xbb\xbf"))
    return bool(header and VERSION.search(header.group()) and TYPE.search(header.group()))


def read_mhtml(data: bytes, name: str) -> Source:
    """A page saved as a single file, as a Source.

    Raises:
        UnreadableFile: if the file is broken or cut off, holds no page, or its page cannot be read.
    """
    message = _parsed(data)
    pages = [
        part for part in message.walk() if part.get_content_type() in ("text/html", "application/xhtml+xml")
    ]
    root = _root(message, pages)
    frames = _Frames(root, [page for page in pages if page is not root])
    return read_page(
        _payload(root),
        data,
        name,
        media="multipart/related",
        frames=frames,
        declared=root.get_content_charset(),
    )


def _parsed(data: bytes) -> Message:
    """The message, whole and of sane size."""
    from email import errors, message_from_bytes

    if data.lower().count(b"boundary=") > MAX_BOUNDARIES:
        raise UnreadableFile(BROKEN)
    try:
        message = message_from_bytes(data.lstrip())
        parts = list(message.walk())
    except (errors.MessageError, RecursionError, ValueError, LookupError):
        raise UnreadableFile(BROKEN) from None
    if len(parts) > MAX_PARTS:
        raise UnreadableFile(BROKEN)
    defects = [defect for part in parts for defect in part.defects]
    if any(isinstance(defect, errors.CloseBoundaryNotFoundDefect) for defect in defects):
        raise UnreadableFile(CUT_OFF)
    return message


def _root(message: Message, pages: list[Message]) -> Message:
    """The page that the header names by `start`; else the first."""
    start = message.get_param("start")
    named = next(
        (page for page in pages if start and page.get("Content-ID", "").strip() == str(start).strip()), None
    )
    if not pages:
        raise UnreadableFile(NO_PAGE)
    return named or pages[0]


def _payload(page: Message) -> bytes:
    payload = page.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


class _Frames:
    """Finds the pages of frames by address or content id. Each is given once, so that no page can be in itself."""

    def __init__(self, root: Message, others: list[Message]) -> None:
        self.base = _location(root)
        self.pages: dict[str, Message] = {}
        for page in others[:MAX_FRAMES]:
            for address in (_location(page), "cid:" + page.get("Content-ID", "").strip().strip("<>")):
                self.pages.setdefault(address, page)

    def __call__(self, frame: _Element) -> _Element | None:
        """The page that `frame` shows; None where the file does not hold it, or it cannot be read."""
        source = (frame.get("src") or "").strip()
        page = self.pages.get(source) or self.pages.get(urljoin(self.base, source))
        if not source or page is None:
            return None
        self.pages = {address: other for address, other in self.pages.items() if other is not page}
        try:
            root, _ = parse_page(_payload(page), page.get_content_charset())
        except UnreadableFile:
            return None
        drop_undrawn(root)
        return root


def _location(part: Message) -> str:
    """The address of a part, unfolded."""
    return re.sub(r"\s+", "", str(part.get("Content-Location", "")))
