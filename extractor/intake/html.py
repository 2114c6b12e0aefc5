"""Web pages as saved from a site: read as a browser draws them, without scripts and without fetching anything."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from extractor.intake.errors import UnreadableFile
from extractor.intake.html_encoding import decode_page
from extractor.model import Source, Span

if TYPE_CHECKING:
    from lxml.etree import _Element

    from extractor.intake.html_layout import Frames

SNIFFED = 16384
"""Bytes in which a page must have shown itself: templates and saving browsers put comments first."""
OPENING = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|title|meta|script|style|link|base|div|table|p|"
    rb"h[1-6]|font|center|iframe|frameset|span|br|a|b|ul|ol|section|article|main)(?=[\s>/])",
    re.IGNORECASE | re.DOTALL,
)
XHTML = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*<\?xml[^>]*\?>\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html)(?=[\s>/])",
    re.I | re.S,
)
ENDS_OF_PAGE = re.compile(r"</(?:html|body)\s*>", re.IGNORECASE)
STARTS_OF_PAGE = re.compile(r"<(?:html|body)[\s>]", re.IGNORECASE)
CUT_TAG = re.compile(r"<[a-zA-Z/!][^<>]*\Z")
LONG_TAG = re.compile(r"<[a-zA-Z][^<>]{2000,}")
QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
NOT_XML = re.compile("[\x00-\x08\x0b\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

MAX_ATTRIBUTES = 300
"""Of one element. The parser's time grows with their square; real elements have a dozen."""
MAX_WORDS_IN_TAG = 20_000
"""The same limit where quotation marks cannot be trusted; drawings inside a page (SVG paths) have thousands."""
MAX_ELEMENTS = 150_000
"""Several times the elements of the longest plan pasted from Word; each costs up to 40 microseconds."""
TOO_DEEP = "网页结构异常（嵌套过深或内容过长），无法读取，请在浏览器里打开后复制正文存为文本再试"
TOO_MANY = "网页结构异常（元素或属性过多），无法读取，请在浏览器里打开后复制正文存为文本再试"
CUT_OFF = "网页不完整（结尾被截断），请重新保存后再试"
UNDECODABLE = "网页的文字编码无法识别，请在浏览器里打开后重新保存（编码选 UTF-8）再试"
NO_TEXT = "网页里没有文字（正文可能由脚本或框架载入），请在浏览器里打开后另存为“网页，单个文件”（.mhtml）再试"


def looks_like_html(data: bytes) -> bool:
    """Whether a file opens as a web page does (WHATWG MIME Sniffing, 7.1, and the tags that fragments begin with)."""
    head = data[:SNIFFED]
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        head = head.decode("utf-16", "ignore").encode()
    elif b"\x00" in head[:2]:
        head = head.replace(b"\x00", b"")
    return bool(OPENING.match(head) or XHTML.match(head))


def read_html(data: bytes, name: str) -> Source:
    """A saved web page as a Source: the text as drawn, the site's own parts as margins, data tables as tables.

    Raises:
        UnreadableFile: if the page is cut off, in no known encoding, malformed beyond reason, or empty.
    """
    return read_page(data, data, name, media="text/html", frames=lambda _: None)


def read_page(
    page_data: bytes, data: bytes, name: str, *, media: str, frames: Frames, declared: str | None = None
) -> Source:
    """A page that is the whole of a file, or a part of it.

    Args:
        page_data: the bytes of the page.
        data: the bytes of the file.
        name: the name of the file.
        media: the MIME type of the file.
        frames: gives the pages in its frames.
        declared: the charset that the file declares for the page.

    Raises:
        UnreadableFile: as `read_html`.
    """
    from extractor.intake.html_layout import lay_out
    from extractor.intake.html_margins import find_margins
    from extractor.intake.html_page_data import blocks, metadata, read_head

    root, encoding = parse_page(page_data, declared)
    head = read_head(root)
    drop_undrawn(root)
    page = lay_out(root, frames)
    if not page.text:
        raise UnreadableFile(NO_TEXT)
    found = blocks(page.text, page.lines)
    about = metadata(page.text, page.lines, found, head)
    margins = find_margins(page, {*head.titles, about.get("title", "")} - {""}, found)
    return Source(
        name=name,
        text=page.text,
        data=data,
        encoding=encoding,
        media=media,
        locator=page.places(with_lines=page_data is data),
        tables=tuple(
            table for table in page.tables if not any(_covers(margin.span, table.span) for margin in margins)
        ),
        margins=margins,
        metadata=about,
    )


def _covers(margin: Span, table: Span) -> bool:
    return margin.start <= table.start and table.end <= margin.end


def parse_page(data: bytes, declared: str | None = None) -> tuple[_Element, str]:
    """The root element of a page, and its encoding.

    Raises:
        UnreadableFile: if the page is cut off, in no known encoding, malformed beyond reason, or has no element.
    """
    from lxml.etree import ParserError
    from lxml.html import HTMLParser, document_fromstring

    decoded = decode_page(data, declared)
    if decoded is None:
        raise UnreadableFile(UNDECODABLE)
    text, encoding = decoded
    if _is_cut_off(text):
        raise UnreadableFile(CUT_OFF)
    if any(_is_bomb(match.group()) for match in LONG_TAG.finditer(text)):
        raise UnreadableFile(TOO_MANY)
    # Without huge_tree libxml2 stops at 256 levels, which unclosed <font> elements of old pages reach; with it at 2,048.
    parser = HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True, huge_tree=True
    )
    try:
        root = document_fromstring(_parseable(text), parser=parser)
    except ParserError:
        raise UnreadableFile(NO_TEXT) from None
    if any(error.level_name == "FATAL" for error in parser.error_log):
        raise UnreadableFile(TOO_DEEP)
    if sum(1 for _ in root.iter()) > MAX_ELEMENTS:
        raise UnreadableFile(TOO_MANY)
    return root, encoding


def drop_undrawn(root: _Element) -> None:
    """Take out of the tree what no browser draws."""
    from lxml.etree import strip_elements

    from extractor.intake.html_style import NEVER_DRAWN

    strip_elements(root, *NEVER_DRAWN, with_tail=False)


def _parseable(text: str) -> bytes:
    """The page as libxml2 is to get it: it drops what stands behind `</html>`, where browsers go on."""
    return NOT_XML.sub("", ENDS_OF_PAGE.sub(lambda end: "\n" * end.group().count("\n"), text)).encode()


def _is_cut_off(text: str) -> bool:
    """Whether the file ends before the page does: in a tag, a comment, or in running text of a page that was never closed."""
    if ENDS_OF_PAGE.search(text):
        return False
    if CUT_TAG.search(text[-10_000:]) or text.rfind("<!--") > text.rfind("-->") or text.endswith("\ufffd"):
        return True
    return bool(STARTS_OF_PAGE.search(text)) and not text.rstrip().endswith(">")


def _is_bomb(tag: str) -> bool:
    words = len(tag.split())
    return words > MAX_WORDS_IN_TAG or (
        words > MAX_ATTRIBUTES and len(QUOTED.sub("", tag).split()) > MAX_ATTRIBUTES
    )
