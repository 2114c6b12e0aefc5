"""Which lines of a page are no part of its document: what the site prints around it.

The document is found where the prose is: in the elements that content systems name for it, or else in the smallest element
that holds the prose. What stands directly around it and shows no sign of chrome belongs to it; so do the title, the block of
page data and the attachments, wherever they stand. In doubt text stays in: chrome that is read does less harm than a task
that is not.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Sequence
from itertools import accumulate

from extractor.intake.html_layout import Element, Page
from extractor.intake.html_lines import Judged, judge_lines, named_stretches
from extractor.intake.html_names import folded, holds_main_text, reason_of_line
from extractor.intake.html_page_data import DOC_NUMBER, Block
from extractor.model import Margin, Span

NUMBERED = re.compile(
    r"\s*(?:[（(]?[\d一二三四五六七八九十]{1,3}[)）、.．]|[①-⒛]|第[一二三四五六七八九十百\d]+[章条])"
)
CONTAINERS = frozenset(("html", "body", "div", "td", "section", "article", "main", "form", "center", "table"))
HEADINGS = frozenset(("h1", "h2"))

MIN_PROSE = 40
"""Characters of prose below which a page has no main text to look for: then only what shows signs of chrome is margin."""
NAMED_SHARE = 0.9
"""Share of the page's prose that elements named for the main text must hold: stray end tags throw paragraphs out of them."""
LEFT_BEHIND = 60
"""Characters of prose that may stay outside the element that is taken for the document: a line of the footer."""
MIN_LINKS = 3
"""So many links one after the other are a menu or a list of other pages; fewer may be a reference."""
REACH = 2
"""Containers around the main text in which text without a sign of chrome still belongs to it."""
MAX_TITLE = 300
SHORT_HEADING = 8
"""A line of so few characters directly before a list of links is its heading (热点专题), not a signature."""


def find_margins(page: Page, titles: Collection[str], blocks: Sequence[Block]) -> tuple[Margin, ...]:
    """The stretches of `page` that are no part of its document.

    Args:
        page: the page as drawn.
        titles: what the page calls its document.
        blocks: where its lines label data of the document.
    """
    data_lines = {number for block in blocks for number in range(block.first, block.last + 1)}
    named = named_stretches(page)
    lines = judge_lines(page, named, data_lines)
    once, again = _named_for_main_text(page)
    main = _main_lines(
        page, [0 if number in again else line.prose for number, line in enumerate(lines)], once
    )
    title = _title_lines(page, titles, main) - again
    reasons = _signs(lines) | _link_lists(lines) | dict.fromkeys(again, "chrome")
    if main:
        kept = main | title | data_lines | _around(page, lines, main, title, reasons)
        for number in range(len(lines)):
            if number not in kept:
                reasons.setdefault(number, "chrome")
    for number in title | data_lines:
        reasons.pop(number, None)
    stretches = [(page.lines[number], reason) for number, reason in reasons.items()]
    stretches += _pieces(page, named, main, reasons)
    return tuple(_joined(page.text, sorted(stretches, key=lambda found: found[0])))


def _lines_of(page: Page, span: Span) -> range:
    """The numbers of the lines that a stretch of text touches."""
    first = bisect_right(page.lines, span.start, key=lambda line: line.start) - 1
    return range(max(first, 0), bisect_left(page.lines, span.end, key=lambda line: line.start))


def _drawn_by(page: Page, element: Element) -> range:
    return _lines_of(page, Span(element.start, element.end)) if element.end > element.start else range(0)


def _signs(lines: Sequence[Judged]) -> dict[int, str]:
    """The lines whose words or whose element's name are a site's own."""
    return {number: line.sign for number, line in enumerate(lines) if line.sign}


def _link_lists(lines: Sequence[Judged]) -> dict[int, str]:
    """Runs of links to other pages: related links where a heading says so."""
    found: dict[int, str] = {}
    run: list[int] = []
    for number in range(len(lines) + 1):
        if number < len(lines) and lines[number].is_link and not NUMBERED.match(lines[number].text):
            run.append(number)
            continue
        headed = bool(run) and run[0] > 0 and lines[run[0] - 1].sign == "related_links"
        if headed or sum(lines[link].links for link in run) >= MIN_LINKS:
            found |= dict.fromkeys(run, "related_links" if headed else "chrome")
        run = []
    return found


def _named_for_main_text(page: Page) -> tuple[list[Element], set[int]]:
    """The outermost elements named for the main text, and the lines of those that print the text of another again.

    Sites that serve telephones too may send the text twice, and leave it to a style sheet which one is seen.
    """
    inside: set[int] = set()
    once: dict[str, Element] = {}
    again: set[int] = set()
    for number, element in enumerate(page.elements):
        names = f"{element.node.get('class', '')} {element.node.get('id', '')}".split()
        if element.parent in inside:
            inside.add(number)
        elif element.node.tag == "article" or any(map(holds_main_text, names)):
            inside.add(number)
            if once.setdefault(folded(page.text[element.start : element.end]), element) is not element:
                again |= set(_drawn_by(page, element))
    return list(once.values()), again


def _main_lines(page: Page, prose: Sequence[int], named: Sequence[Element]) -> set[int]:
    """The lines of the elements that hold the document; none where the page has no prose to tell it by.

    Args:
        page: the page as drawn.
        prose: characters of prose on each line.
        named: the elements named for the main text.
    """
    before = [0, *accumulate(prose)]
    if before[-1] < MIN_PROSE:
        return set()

    def held(element: Element) -> int:
        drawn = _drawn_by(page, element)
        return before[drawn.stop] - before[drawn.start]

    if sum(map(held, named)) >= NAMED_SHARE * before[-1]:
        return {number for element in named if held(element) for number in _drawn_by(page, element)}
    needed = max(before[-1] - LEFT_BEHIND, NAMED_SHARE * before[-1])
    smallest = [element for element in page.elements if held(element) >= needed][-1]
    return set(_drawn_by(page, _container(page, smallest)))


def _container(page: Page, element: Element) -> Element:
    """The element itself or the first above it that holds paragraphs."""
    while element.node.tag not in CONTAINERS and element.parent >= 0:
        element = page.elements[element.parent]
    return element


def _title_lines(page: Page, titles: Collection[str], main: set[int]) -> set[int]:
    """Where the page prints what it calls the document, not behind it; else the last heading before it."""
    wanted = {folded(title) for title in titles}
    found: set[int] = set()
    heading: set[int] = set()
    begin, end = min(main, default=0), max(main, default=len(page.lines)) + 1
    for element in page.elements:
        if 0 < element.end - element.start <= MAX_TITLE:
            drawn = _drawn_by(page, element)
            if drawn.start < end and folded(page.text[element.start : element.end]) in wanted:
                found |= set(drawn)
            elif element.node.tag in HEADINGS and drawn.stop <= begin:
                heading = set(drawn)
    return found or heading


def _around(
    page: Page, lines: Sequence[Judged], main: set[int], title: set[int], reasons: dict[int, str]
) -> set[int]:
    """What stands outside the main element and belongs to the document all the same."""
    begin, end = min(main), max(main) + 1
    reach = _reach(page, range(begin, end))
    above = max((number for number in title if number < begin), default=None)
    if above is None:
        kept = set(_run(lines, range(begin - 1, reach.start - 1, -1), reasons))
    else:
        kept = set(range(above, begin))
    kept |= set(_run(lines, range(end, reach.stop), reasons))
    kept |= {number for number in range(end, len(lines)) if lines[number].attachment}
    return kept | {number for number in range(begin) if DOC_NUMBER.fullmatch(lines[number].text.strip())}


def _pieces(
    page: Page, named: Sequence[tuple[Span, str]], main: set[int], reasons: dict[int, str]
) -> Iterator[tuple[Span, str]]:
    """Chrome inside lines that stay: `来源：市水利局 【大 中 小】 打印`."""
    printed = [
        (Span(element.start, element.end), reason)
        for element in page.elements
        if len(drawn := _drawn_by(page, element)) == 1
        and drawn.start not in main
        and drawn.start not in reasons
        and (reason := reason_of_line(page.text[element.start : element.end]))
    ]
    for span, reason in [*named, *printed]:
        drawn = _lines_of(page, span)
        line = page.lines[drawn.start]
        if (
            len(drawn) == 1
            and drawn.start not in reasons
            and 2 * (span.end - span.start) < line.end - line.start
        ):
            yield span, reason


def _reach(page: Page, main: range) -> range:
    """The lines of the containers directly around the main text."""
    first, last = page.lines[main.start].start, page.lines[main.stop - 1].end
    around = [e for e in page.elements if e.node.tag in CONTAINERS and e.start <= first and e.end >= last]
    larger = [drawn for element in reversed(around) if len(drawn := _drawn_by(page, element)) > len(main)]
    distinct = list(dict.fromkeys(larger))
    return distinct[min(REACH, len(distinct)) - 1] if distinct else main


def _run(lines: Sequence[Judged], numbers: range, reasons: dict[int, str]) -> list[int]:
    """The lines from the main text outwards up to the first that is chrome or a link."""
    run: list[int] = []
    for number in numbers:
        if number in reasons or lines[number].is_link:
            if run and lines[number].is_link and len(lines[run[-1]].text.strip()) <= SHORT_HEADING:
                run.pop()
            break
        run.append(number)
    return run


def _joined(text: str, stretches: Sequence[tuple[Span, str]]) -> Iterator[Margin]:
    """Stretches of one reason with nothing but white space between them as one margin."""
    current: Margin | None = None
    for span, reason in stretches:
        if current and reason == current.reason and not text[current.span.end : span.start].strip():
            current = Margin(Span(current.span.start, max(span.end, current.span.end)), reason)
        else:
            if current:
                yield current
            current = Margin(span, reason)
    if current:
        yield current
