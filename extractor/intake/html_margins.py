"""Which lines of a page are no part of its document: what the site prints around it.

The document is found where the prose is: in an element that content systems name for it, or else in the smallest element
that holds the prose. What stands directly around it and shows no sign of chrome belongs to it; so do the title, the block of
page data and the attachments, wherever they stand. When in doubt, text stays in: a margin that is read does less harm than a
task that is not.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from extractor.intake.html_layout import Element, Page
from extractor.intake.html_names import CHROME_ROLES, CHROME_TAGS, folded, holds_main_text, reason_of_line, role_of_name
from extractor.intake.html_page_data import DOC_NUMBER, Block
from extractor.model import Margin, Span

PROSE_MARK = re.compile("[，。；：、！？]")
ATTACHMENT = re.compile(r"附(?:件|表|录|图)|.*\.(?:docx?|wps|pdf|ofd|xlsx?|et|pptx?|zip|rar|7z|txt)\s*(?:[（(].{0,20}[)）])?\s*$", re.I | re.S)
ATTACHED_FILE = re.compile(r"\.(?:docx?|wps|pdf|ofd|xlsx?|et|pptx?|zip|rar|7z)(?:[?#].*)?$", re.I)
NUMBERED = re.compile(r"\s*(?:[（(]?[\d一二三四五六七八九十]{1,3}[)）、.．]|[①-⒛]|第[一二三四五六七八九十百\d]+[章条])")
CONTAINERS = frozenset(("html", "body", "div", "td", "section", "article", "main", "form", "center", "table", "tbody", "tr"))
HEADINGS = frozenset(("h1", "h2"))

MIN_PROSE = 40
"""Characters of prose below which a page has no main text to look for: then only plain signs of chrome are margins."""
NAMED_SHARE = 0.9
"""Share of the page's prose that elements named for the main text must hold: stray end tags throw paragraphs out of them."""
LEFT_BEHIND = 60
"""Characters of prose that may stay outside the element that is taken for the document: a line of the footer."""
MISNAMED_SHARE = 0.3
"""An element named for chrome that holds more than this share of the page's prose is no chrome."""
LINKED_SHARE = 0.7
"""From this share of linked characters on a line is a link, not prose."""
MIN_LINKS = 3
"""So many links one after the other are a menu or a list of other pages; fewer may be a reference."""
REACH = 2
"""Containers around the main text in which text without a sign of chrome still belongs to it."""
MAX_TITLE = 300
SHORT_HEADING = 8


@dataclass(slots=True)
class Judged:
    """A line of the page with what is known of it."""

    text: str
    links: int
    linked: float
    named: str | None
    printed: str | None
    page_data: bool
    attachment: bool
    prose: int = 0

    @property
    def is_link(self) -> bool:
        """Whether the line leads elsewhere and says nothing itself."""
        return self.linked >= LINKED_SHARE and not self.attachment

    @property
    def reason(self) -> str | None:
        """Why the line looks like chrome; None where it does not."""
        return None if self.page_data or self.attachment else self.named or self.printed


def find_margins(page: Page, titles: Sequence[str], blocks: Sequence[Block]) -> tuple[Margin, ...]:
    """The stretches of the page that are no part of its document.

    Args:
        page: the page as drawn.
        titles: what the page's head calls its document.
        blocks: where its lines label data of the document.
    """
    return _Finder(page, titles, blocks).margins()


class _Finder:
    def __init__(self, page: Page, titles: Sequence[str], blocks: Sequence[Block]) -> None:
        self.page = page
        self.begins = [span.start for span in page.lines]
        self.titles = {folded(title) for title in titles}
        self.data_lines = {number for block in blocks for number in range(block.first, block.last + 1)}
        self.chrome = list(self._named_elements())
        self.lines = [self._judge(number) for number in range(len(page.lines))]
        self.prose = [0, *accumulate(line.prose for line in self.lines)]

    def margins(self) -> tuple[Margin, ...]:
        """Judge every line, then the pieces of chrome inside lines that stay."""
        reasons: dict[int, str] = dict(self._link_lists())
        for number, line in enumerate(self.lines):
            if line.reason:
                reasons.setdefault(number, line.reason)
        main = self._main()
        title = self._title_lines(main)
        if main:
            kept = self._kept(main, title, reasons)
            for number in range(len(self.lines)):
                if number not in kept:
                    reasons.setdefault(number, "chrome")
        for number in title | self.data_lines:
            reasons.pop(number, None)
        spans = [(self.page.lines[number], reason) for number, reason in reasons.items()]
        spans += self._inside_lines(reasons, title)
        return tuple(_joined(self.page.text, sorted(spans, key=lambda found: (found[0].start, found[0].end))))

    def _named_elements(self) -> Iterator[tuple[Span, str]]:
        """The stretches that elements named for chrome draw, except those too large for their name."""
        marks = [len(PROSE_MARK.findall(span.of(self.page.text))) for span in self.page.lines]
        total = [0, *accumulate(marks)]
        until = 0
        for element in sorted(self.page.elements, key=lambda element: (element.start, -element.end)):
            if element.start < until or element.end <= element.start:
                continue
            role = _role(element)
            if role:
                first, last = self._range(element.start, element.end)
                if total[last] - total[first] <= MISNAMED_SHARE * total[-1] or element.node.tag in CHROME_TAGS:
                    yield Span(element.start, element.end), role
                    until = element.end

    def _judge(self, number: int) -> Judged:
        span = self.page.lines[number]
        text = span.of(self.page.text)
        linked, owners, files = 0, set(), False
        for run in range(bisect_left(self.page.starts, span.start), bisect_left(self.page.starts, span.end)):
            owner = self.page.owners[run]
            if self.page.elements[owner].linked:
                end = self.page.starts[run + 1] if run + 1 < len(self.page.starts) else len(self.page.text)
                linked += min(end, span.end) - self.page.starts[run]
                owners.add(owner)
                files = files or bool(ATTACHED_FILE.search(self.page.elements[owner].node.get("href", "")))
        named = self._name_over(span)
        printed = reason_of_line(text)
        share = linked / len(text)
        attachment = bool(ATTACHMENT.match(text.strip())) or files
        line = Judged(text, len(owners), share, named, printed, number in self.data_lines, attachment)
        if not (line.reason or line.is_link or line.page_data) and PROSE_MARK.search(text):
            line.prose = len(text) - linked
        return line

    def _name_over(self, span: Span) -> str | None:
        """The role of the named elements that draw at least half of a line."""
        starts = [found.start for found, _ in self.chrome] if not hasattr(self, "_starts") else self._starts
        self._starts = starts
        first = max(bisect_right(starts, span.start) - 1, 0)
        covered, role = 0, None
        for found, named in self.chrome[first:]:
            if found.start >= span.end:
                break
            if found.overlaps(span):
                covered += min(found.end, span.end) - max(found.start, span.start)
                role = named
        return role if 2 * covered >= span.end - span.start else None

    def _range(self, start: int, end: int) -> tuple[int, int]:
        """The numbers of the lines that a stretch of text touches, the last excluded."""
        return max(bisect_right(self.begins, start) - 1, 0), bisect_left(self.begins, end)

    def _prose_in(self, element: Element) -> int:
        if element.end <= element.start:
            return 0
        first, last = self._range(element.start, element.end)
        return self.prose[last] - self.prose[first]
