"""PDF: text with the place of every character from pdfium, pages that are pictures through character recognition."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from extractor.intake import scan
from extractor.intake.errors import UnreadableFile
from extractor.intake.page_layout import lay_out
from extractor.intake.page_lines import Page, after, turned
from extractor.intake.pdf_characters import characters, main_turn, page_frame, pieces
from extractor.intake.pdf_drawings import Drawings
from extractor.intake.pdf_tables import ruled_tables
from extractor.intake.plain_text import plausibility
from extractor.model import Source

MAX_PAGES = 1000
"""The longest five-year plans have 300."""
MAX_SECONDS = 60.0
"""For all pages that need no recognition; 1,000 pages of text take six."""
MAX_RECOGNISED_PAGES = 100
"""A page takes about three seconds: whoever has more waits minutes, and should split the file."""

MIN_CHARACTERS = 10
"""A page with fewer that is covered by a picture has none of its own: a stamped page number, a scanner's name."""
MIN_CHARACTERS_OVER_PICTURE = 60
SOME_PICTURE = 0.05
PICTURE_SHARE = 0.5
FULL_PICTURE_SHARE = 0.8
MIN_OUTLINES, MAX_OUTLINES = 100, 20_000
"""Paths on a page without text from which its letters are taken to be drawn as outlines; a page with more is a map, which
takes minutes to render."""
MAX_NONSENSE_SHARE = 0.2
MIN_HAN_TO_JUDGE = 100
MIN_COMMON_SHARE = 0.02
"""Of the Chinese characters of a page at least so many are the 60 commonest of circulars; of wrongly decoded ones none."""

NONSENSE = re.compile("[\ue000-\uf8ff\ufffd\x00-\x08\x0b\x0e-\x1f\U000f0000-\U0010ffff]|[\u00a1-\u00ff]{2}")
HAN = re.compile("[\u3400-\u9fff\u2e80-\u2fdf\uf900-\ufaff]")
TAIL = 4096
"""Bytes at the end of a file among which its end mark must stand (ISO 32000-1, 7.5.5, and what mail systems append)."""

PDFIUM = threading.RLock()
"""Held by whoever uses pdfium in this process: it is not made for several threads at once."""


def looks_like_pdf(data: bytes) -> bool:
    """Whether `data` begins like a PDF: the mark may stand anywhere in the first 1024 bytes."""
    return b"%PDF-" in data[:1024]


def read_pdf(data: bytes, name: str) -> Source:
    """The PDF `data` as a Source.

    A page without a text layer of use is recognised from its picture. Where recognition is not installed and other pages
    have text, `confidence` holds an empty span with 0.0 at the place of each page that could not be read.

    Raises:
        UnreadableFile: if it is broken, incomplete, protected by a password, too long, or has no text that could be read.
    """
    with PDFIUM, _opened(data) as document:
        pages = list(_pages(document))
    printed = lay_out(pages)
    if not printed.text.strip():
        raise _why_empty(pages)
    return Source(
        name,
        printed.text,
        data,
        media="application/pdf",
        locator=printed.locator,
        tables=printed.tables,
        margins=printed.margins,
        confidence=printed.confidence,
    )


def _why_empty(pages: list[Page]) -> UnreadableFile:
    if any(page.unread for page in pages) and not scan.recognition_is_installed():
        return scan.not_installed()
    return UnreadableFile("PDF 里没有文字，请确认文件内容，或改用原始的 Word 文件")


@contextmanager
def _opened(data: bytes) -> Iterator[Any]:
    import pypdfium2

    if b"%%EOF" not in data.rstrip(b"\x00\r\n\t ")[-TAIL:]:
        raise UnreadableFile("PDF 不完整，末尾缺失，请重新下载或复制后再试")
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if error.err_code == pypdfium2.raw.FPDF_ERR_PASSWORD:
            raise UnreadableFile("PDF 有打开密码，请先用密码打开并另存为无密码的文件") from None
        if error.err_code == pypdfium2.raw.FPDF_ERR_SECURITY:
            raise UnreadableFile("PDF 用了不支持的加密方式，请另存为无加密的文件") from None
        raise UnreadableFile("PDF 已损坏，请重新下载或从原始文件另存") from None
    try:
        if not len(document):
            raise UnreadableFile("PDF 里没有页面，请重新下载或从原始文件另存")
        if len(document) > MAX_PAGES:
            raise UnreadableFile(f"PDF 有 {len(document)} 页，上限为 {MAX_PAGES} 页，请拆分后再试")
        yield document
    finally:
        document.close()


def _pages(document: Any) -> Iterator[Page]:
    import pypdfium2

    deadline = time.monotonic() + MAX_SECONDS
    recognised = 0
    for number in range(1, len(document) + 1):
        if time.monotonic() > deadline:
            raise UnreadableFile(
                f"PDF 过于复杂，读到第 {number} 页已超过 {MAX_SECONDS:.0f} 秒，请拆分或另存后再试"
            )
        try:
            page = document[number - 1]
        except pypdfium2.PdfiumError:
            raise UnreadableFile(f"PDF 第 {number} 页已损坏，请重新下载或从原始文件另存") from None
        read = _page(page, number)
        if read is None:
            began = time.monotonic()
            recognised += 1
            if recognised > MAX_RECOGNISED_PAGES:
                raise UnreadableFile(f"扫描页超过 {MAX_RECOGNISED_PAGES} 页，请拆分后再试")
            read = scan.recognised_pdf_page(page, number)
            deadline += time.monotonic() - began
        page.close()
        yield read


def _page(page: Any, number: int) -> Page | None:
    """What a page prints, or None where it must be recognised from its picture."""
    size = page.get_size()
    frame = page_frame(page, *size)
    text_page = page.get_textpage()
    try:
        text = characters(text_page)
        quarters = main_turn(text_page, len(text), frame) if text else 0
        levelling = turned(quarters, *size)
        drawings = Drawings(page, after(frame, levelling))
        if _needs_recognition(text, drawings, size):
            return None
        lines = pieces(text_page, text, number, frame, quarters, size)
    finally:
        text_page.close()
    tables, rest = ruled_tables(drawings.rules, lines)
    width, height = size if quarters % 2 == 0 else size[::-1]
    return Page(
        number, width, height, rest, tables, unread=drawings.paths > MAX_OUTLINES and not text.strip()
    )


def _needs_recognition(text: str, drawings: Drawings, size: tuple[float, float]) -> bool:
    printed = "".join(text.split())
    share = drawings.picture_area / (size[0] * size[1] or 1.0)
    if drawings.paths > MAX_OUTLINES:
        return False
    if not printed:
        return share > SOME_PICTURE or drawings.paths > MIN_OUTLINES
    if len(printed) < MIN_CHARACTERS and share > PICTURE_SHARE:
        return True
    if len(printed) < MIN_CHARACTERS_OVER_PICTURE and share > FULL_PICTURE_SHARE:
        return True
    return is_nonsense(printed)


def is_nonsense(text: str) -> bool:
    """Whether a text layer cannot be what is printed: characters without meaning, or ones that no circular uses."""
    if sum(len(match.group()) for match in NONSENSE.finditer(text)) > MAX_NONSENSE_SHARE * len(text):
        return True
    return len(HAN.findall(text)) >= MIN_HAN_TO_JUDGE and plausibility(text) < MIN_COMMON_SHARE
