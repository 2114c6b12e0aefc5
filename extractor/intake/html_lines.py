"""Each line of a page by itself: how much of it is a link, and whether its words or its element's name are a site's own."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from extractor.intake.html_layout import Element, Page
from extractor.intake.html_names import CHROME_ROLES, CHROME_TAGS, reason_of_line, role_of_name
from extractor.model import Span

PROSE_MARK = re.compile("[，。；：、！？]")
FILE = r"\.(?:docx?|wps|pdf|ofd|xlsx?|et|pptx?|zip|rar|7z)"
ATTACHMENT = re.compile(rf"\s*附(?:件|表|录|图)|.*{FILE}\s*(?:[（(].{{0,20}}[)）])?\s*$", re.IGNORECASE)
ATTACHED_FILE = re.compile(rf"{FILE}(?:[?#].*)?$", re.IGNORECASE)

MISNAMED_SHARE = 0.3
"""An element named for chrome that holds more than this share of the page's prose is no chrome."""
LINKED_SHARE = 0.7
"""From this share of linked characters on a line is a link, not prose."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A line with what is known of it.

    `links` is the number of its links, `linked` the share of its characters in them; `sign` is the reason why its words or
    its element's name are a site's own, None where neither is; `prose` counts its characters where it reads like prose.
    """

    text: str
    links: int
    linked: float
    sign: str | None
    attachment: bool
    prose: int

    @property
    def is_link(self) -> bool:
        """Whether the line leads elsewhere and says nothing itself."""
        return self.linked >= LINKED_SHARE and not self.attachment


def judge_lines(page: Page, named: Sequence[tuple[Span, str]], data_lines: set[int]) -> list[Judged]:
    """All lines of `page`; `data_lines` are the numbers of those that label data of the document."""
    return [
        _judge(page, span, _name_over(span, named), number in data_lines)
        for number, span in enumerate(page.lines)
    ]


def _judge(page: Page, span: Span, name: str | None, page_data: bool) -> Judged:
    text = span.of(page.text)
    links = [
        (page.elements[owner], length) for owner, length in _runs(page, span) if page.elements[owner].linked
    ]
    linked = sum(length for _, length in links) / len(text)
    attachment = bool(ATTACHMENT.match(text)) or any(
        ATTACHED_FILE.search(_target(page, link)) for link, _ in links
    )
    sign = None if page_data or attachment else name or reason_of_line(text)
    reads = not sign and not page_data and linked < LINKED_SHARE and PROSE_MARK.search(text)
    return Judged(text, len(links), linked, sign, attachment, round(len(text) * (1 - linked)) if reads else 0)


def _runs(page: Page, span: Span) -> Iterator[tuple[int, int]]:
    """The elements that draw a line, each with the length of its run."""
    first, last = bisect_left(page.starts, span.start), bisect_left(page.starts, span.end)
    for run in range(first, last):
        end = page.starts[run + 1] if run + 1 < last else span.end
        yield page.owners[run], end - page.starts[run]


def _target(page: Page, element: Element) -> str:
    """Where the link leads that an element is in."""
    while element.node.tag != "a" and element.parent >= 0:
        element = page.elements[element.parent]
    return element.node.get("href", "")


def _name_over(span: Span, named: Sequence[tuple[Span, str]]) -> str | None:
    """The role of the named elements that draw at least half of a line."""
    number = max(bisect_right(named, span.start, key=lambda found: found[0].start) - 1, 0)
    covered, role = 0, None
    while number < len(named) and named[number][0].start < span.end:
        found, its_role = named[number]
        if found.overlaps(span):
            covered += min(found.end, span.end) - max(found.start, span.start)
            role = its_role
        number += 1
    return role if 2 * covered >= span.end - span.start else None


def named_stretches(page: Page) -> list[tuple[Span, str]]:
    """What the outermost elements named for chrome draw, in order, without those that hold too much for their name."""
    marks = [0, *accumulate(len(PROSE_MARK.findall(span.of(page.text))) for span in page.lines)]
    begins = [span.start for span in page.lines]
    found: list[tuple[Span, str]] = []
    until = 0
    for element in sorted(page.elements, key=lambda element: (element.start, -element.end)):
        role = _role(element) if element.end > element.start >= until else None
        if role:
            held = (
                marks[bisect_left(begins, element.end)]
                - marks[max(bisect_right(begins, element.start) - 1, 0)]
            )
            if held <= MISNAMED_SHARE * marks[-1]:
                found.append((Span(element.start, element.end), role))
                until = element.end
    return found


def _role(element: Element) -> str | None:
    """What an element's kind, role attribute, classes and id say it is."""
    node = element.node
    if node.tag in CHROME_TAGS or node.get("role") in CHROME_ROLES:
        return "chrome"
    if node.tag in ("html", "body"):
        return None
    names = f"{node.get('class', '')} {node.get('id', '')}".split()
    return next((role for name in names if (role := role_of_name(name))), None)
