"""Line breaks that are the page's, not the writer's: page numbers, marks of sharing sites, hard-wrapped lines, lost breaks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from extractor.text.aligned import AlignedText, Edit
from extractor.text.characters import HAN

LINE = re.compile(r"[^\n]+")
PAGE_NUMBER = re.compile(
    r"\s*(?:[—\-－–_]{1,3}\s*\d{1,4}\s*[—\-－–_]{1,3}|第\s*\d{1,4}\s*页(?:\s*[,，/／]?\s*共\s*\d{1,4}\s*页)?|\d{1,4}\s*/\s*\d{1,4})\s*"
)
PAGE_MARK = re.compile(r"(\d{1,3})、")
SENTENCE_END = "。！？；：…”）》"
OPENS_PARAGRAPH = re.compile(
    r"\s*(?:第[一二三四五六七八九十百零\d]+[编章节条]|[一二三四五六七八九十百]+、|[（(][一二三四五六七八九十百\d]*[）)]|"
    r"序号\s|\d{1,3}\s+(?![年月日个号时分名人家户项次万亿元米公千吨亩所处座条台件套批场期届周天小倍类级])[\u4e00-\u9fff“《]{2}|"
    r"\d{1,3}[.、](?!\d)|[①-⒛]|[一二三四五六七八九十]是|——|附件|\d{4}年\d{1,2}月\d{1,2}日\s*$|(?:牵头|责任|负责|配合|完成|协办|主办|参加)[^\n。，]{0,6}：)"
)
UNFINISHED = re.compile(r"[，、（《“〈]\s*$")

RUN_TOGETHER_LABEL = re.compile(
    r" (?:[一二三四五六七八九十]{1,3}、|（[一二三四五六七八九十]{1,3}）|第[一二三四五六七八九十百]+[章条]|\d{1,2}(?:[.、](?!\d)|\.\d{1,2}(?![\d年月%万亿个])))"
)
RUN_TOGETHER_BREAK = re.compile(
    rf"(?<=[{HAN}。；：！？”》〉）]) +(?=[{HAN}“《〈（]|\d{{1,2}}[.、](?!\d)|\d{{1,2}}\.\d{{1,2}}[{HAN} ]|[12]\d{{3}}年\d{{1,2}}月\d{{1,2}}日(?: |$))"
)
LETTER_SPACED = re.compile(rf"(?<![{HAN}])(?:[{HAN}] +)+[{HAN}](?![{HAN}])")

MIN_CELL_WALLS = 2
MIN_RUN_TOGETHER = 3
"""Labels behind a space: a sentence that lists (1) (2) (3) has the like, but is not as long as a text."""
MIN_RUN_TOGETHER_LINE = 200
"""Characters."""
MIN_SHARING_PAGES = 3
MIN_SHARED_PAGE = 40
"""Characters that a page of a sharing site holds at the least, on average; numbered lines may be shorter."""
MIN_WRAPPED_LINES = 4
MIN_WRAP_COUNT = 18
"""Characters; lines as short as these that are all as long as each other are entries, not prose that was cut."""
WRAP_SLACK = 3.0
"""A wrapped line may be this much shorter than the widest: punctuation never opens a line, words are not cut."""


def cell_walls(text: str) -> Iterator[int]:
    """Where tabs part the cells of a table: in lines with several that stand together."""
    rows = list(enumerate(text.split("\n")))
    walled = {number for number, line in rows if line.strip().count("\t") >= MIN_CELL_WALLS}
    at = 0
    for number, line in rows:
        if number in walled and not walled.isdisjoint((number - 2, number - 1, number + 1, number + 2)):
            yield from (at + offset for offset, char in enumerate(line) if char == "\t")
        at += len(line) + 1


def page_numbers(aligned: AlignedText) -> Iterator[Edit]:
    """Lines that hold nothing but a page number; the break before them goes too."""
    text = aligned.text
    for line in LINE.finditer(text):
        if PAGE_NUMBER.fullmatch(line.group()):
            yield Edit(max(line.start() - 1, 0), line.end(), reason="page_number")


def page_marks(aligned: AlignedText) -> Iterator[Edit]:
    """The `2、` on a new line that document-sharing sites put where their page ends, in mid sentence.

    They count 1, 2, 3 … through the whole text like real numbers, but most of them interrupt a sentence.
    """
    text = aligned.text
    lines = list(LINE.finditer(text))
    marks: list[re.Match[str]] = []
    lengths, interrupting = 0, 0
    for before, line in pairwise([None, *lines]):
        mark = PAGE_MARK.match(text, line.start()) if line else None
        if mark and int(mark.group(1)) == len(marks) + 1:
            follows_mark = bool(marks) and before is not None and before.start() == marks[-1].start()
            if follows_mark and before is not None:
                lengths += len(before.group())
                interrupting += before.group().rstrip()[-1:] not in SENTENCE_END
            marks.append(mark)
    breaks = len(marks) - 1
    if len(marks) < MIN_SHARING_PAGES or 2 * interrupting < breaks or lengths < MIN_SHARED_PAGE * breaks:
        return
    for mark in marks:
        start = mark.start()
        while mark is not marks[0] and text[start - 1].isspace():
            start -= 1
        yield Edit(start, mark.end(), reason="page_mark")


def width(text: str) -> float:
    """Printed width in full-width characters."""
    return sum(1.0 if ord(char) > 0x2E7F or char in "“”‘’—…" else 0.5 for char in text)


def wrapped_lines(aligned: AlignedText) -> Iterator[Edit]:
    """Line breaks inside a paragraph: in a hard-wrapped text those behind a full line, elsewhere those in mid sentence."""
    text = aligned.text
    lines = list(LINE.finditer(text))
    full, counted = wrap_width(text), wrap_count(text)
    indented = sum(line.group().startswith("  ") for line in lines) >= max(2, len(lines) // 20)
    for line, following in pairwise(lines):
        if following.start() - line.end() > 1 and full is None and counted is None:
            continue
        if OPENS_PARAGRAPH.match(following.group()) or "\t" in line.group() or "\t" in following.group():
            continue
        if indented and following.group().startswith("  "):
            continue
        unfinished = UNFINISHED.search(line.group())
        printed = line.group().rstrip()
        fills = len(printed) == counted or (full is not None and width(printed) >= full - WRAP_SLACK)
        if unfinished or (fills and printed[-1:] not in "。：！？"):
            behind = len(line.group()) - len(printed)
            ahead = len(following.group()) - len(following.group().lstrip())
            yield Edit(line.end() - behind, following.start() + ahead)
        elif fills and indented:
            yield Edit(line.end(), following.start())


def run_together_lines(aligned: AlignedText) -> Iterator[Edit]:
    """The spaces that are left of the line breaks where a page has lost all of them: Chinese has no spaces of its own."""
    text = aligned.text
    for line in LINE.finditer(text):
        if len(line.group()) < MIN_RUN_TOGETHER_LINE:
            continue
        labels = RUN_TOGETHER_LABEL.findall(text, *line.span())
        if len(labels) < MIN_RUN_TOGETHER:
            continue
        spaced = {at for name in LETTER_SPACED.finditer(text, *line.span()) for at in range(*name.span())}
        for gap in RUN_TOGETHER_BREAK.finditer(text, *line.span()):
            if gap.start() not in spaced:
                yield Edit(*gap.span(), "\n")


def wrap_width(text: str) -> float | None:
    """The width at which `text` is hard-wrapped, or None where its lines are paragraphs."""
    widths = [width(line.group().rstrip()) for line in LINE.finditer(text)]
    body = sorted(w for w in widths if w >= 12)
    if len(body) < MIN_WRAPPED_LINES + 1:
        return None
    full = body[int(len(body) * 0.98)]
    at_full = sum(full - WRAP_SLACK <= w <= full for w in widths)
    beyond = sum(w > full for w in widths)
    if full > 60 or at_full < MIN_WRAPPED_LINES or at_full < 0.4 * len(body) or beyond > 0.02 * len(widths):
        return None
    return full


def wrap_count(text: str) -> int | None:
    """The number of characters at which a program has cut `text` into lines, however wide they print; else None."""
    counts = [len(line.group().rstrip()) for line in LINE.finditer(text)]
    body = [count for count in counts if count >= MIN_WRAP_COUNT]
    if len(body) < MIN_WRAPPED_LINES + 1:
        return None
    full, often = Counter(body).most_common(1)[0]
    beyond = sum(count > full for count in body)
    is_cut = full <= 80 and often >= max(MIN_WRAPPED_LINES, 0.4 * len(body)) and beyond <= 0.1 * len(body)
    return full if is_cut else None
