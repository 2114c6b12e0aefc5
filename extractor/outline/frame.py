"""What stands around the outline: site chrome, title, addressee, cover text, signature, contents list, attachments.

Each line of a circular is given a reason for being outside the outline, or none: then it is body, and belongs to a part.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache

from extractor.model import Span
from extractor.outline.lexicon import rows
from extractor.outline.lines import (
    BRACKETED_NUMBER,
    DATE_LINE,
    DATED_NOTE,
    DATED_NUMBER,
    DOC_NUMBER,
    LETTERHEAD,
    NAMED,
    SIGNED_AND_DATED,
    Line,
    folded,
    genre_of,
    is_organisation,
    is_title,
    lines_of,
)
from extractor.outline.tree import TITLED_STYLES, UNIT_LINE, is_bare_heading
from extractor.text.page_data import data_of

MAX_CHROME = 160
MIN_CONTENTS = 3
HEAD_STYLES = (*TITLED_STYLES, "han", "han_paren", "lost", "arabic", "decimal1", "bare", "stopped")
SHARED_TITLE = re.compile(r"《(.{2,80})\.(?:docx?|pdf|pptx?|wps|txt)》由")
ENCLOSING = re.compile(r"印发|转发|发布|公布|下发|颁布|制定了|现将")
ADDRESSEE = re.compile(
    r"(?!为|根据|按照|经|现将|鉴于)(?=[^。；！？]*(?:各|政府|局|委|办|部|厅|院|会|单位|公司|中心|企业|学校|乡|镇|街道|你))[^。；！？]{2,800}："
)
ATTACHMENT = re.compile(
    r"附(?:件|表|录)?\s*(?:\d{1,2}|[一二三四五六七八九十]{1,2})?\s*(?:：.*|[-—].*)?|附件\s*\d{1,2}[.、 ].*|附件 .*"
)
BARE_ATTACHMENT = re.compile(r"附(?:件|录)\s*(?:\d{1,2}|[一二三四五六七八九十]{1,2})?\s*：?")
DECREE = re.compile(r"[\u4e00-\u9fff]{2,30}(?:政府|委员会|部|局|署|会|院)令")
DECREE_NUMBER = re.compile(r" ?（?第 ?\d{1,4} ?号）?")
TITLE_REMARK = re.compile(
    r"（(?:\d{4} ?[—\-－–~～至]{1,2} ?\d{4}年?|试行|暂行|修订稿?|征求意见稿|送审稿|草案)）"
)
"""What stands in brackets on a line of its own under a title and belongs to it."""
MAX_HEAD = 40
MAX_ATTACHED_TITLE = 40
CONTENTS_WORD = re.compile(r"目\s*[录次]")
LEADER = re.compile(r"[ .…·．—-]*\d{0,3}$")


@dataclass
class Frame:
    """The lines of a text with the reasons why some are outside the outline, and what the frame itself says."""

    lines: list[Line]
    reasons: dict[int, str] = field(default_factory=dict)
    title: list[Line] = field(default_factory=list)
    parts: list[PartFrame] = field(default_factory=list)

    def mark(self, index: int, reason: str) -> None:
        """Give the line its reason, unless it has one."""
        self.reasons.setdefault(index, reason)

    def free(self, index: int) -> bool:
        """Whether the line exists and has no reason yet."""
        return 0 <= index < len(self.lines) and index not in self.reasons

    def marked(self, reason: str) -> list[Line]:
        """The lines left out for `reason`, in order."""
        return [self.lines[i] for i in sorted(self.reasons) if self.reasons[i] == reason]


@dataclass
class PartFrame:
    """A part: the lines of its title (none where it is the circular itself) and the range of its lines.

    `attached` marks an attachment behind a circular that has an outline of its own.
    """

    title: list[Line]
    first: int
    last: int
    attached: bool = False


def read_frame(text: str, tables: Sequence[Span] = ()) -> Frame:
    """The frame of a clean text; what stands in its `tables` is no line of the outline."""
    frame = Frame(list(_with_signatures_split(_with_shared_title_split(lines_of(text)))))
    for index, line in enumerate(frame.lines):
        if any(table.overlaps(line.span) for table in tables):
            frame.mark(index, "table")
    _mark_chrome(frame)
    _mark_contents(frame)
    _mark_decree(frame)
    _mark_signatures(frame)
    opening = _first_label(frame)
    _mark_title(frame, opening)
    _mark_parts(frame, opening)
    _mark_attachments(frame)
    _mark_tail(frame)
    _mark_preambles(frame)
    return frame


def _with_shared_title_split(lines: list[Line]) -> list[Line]:
    """A sharing site prints the file's name, then glues the title to the first sentence: part the two."""
    split: list[Line] = []
    name = None
    for line in lines:
        shared = SHARED_TITLE.match(line.text)
        if name and len(line.text) > len(name) and line.text.startswith(name):
            middle = line.span.start + len(name)
            split.append(Line(Span(line.span.start, middle), name))
            split.append(Line(Span(middle, line.span.end), line.text[len(name) :]))
            name = None
        else:
            split.append(line)
        name = shared.group(1) if shared else name
    return split


def _with_signatures_split(lines: list[Line]) -> Iterator[Line]:
    """`X县人民政府办公室   2025年8月14日`: the office and the date are a line each."""
    for line in lines:
        signed = SIGNED_AND_DATED.fullmatch(line.text)
        if signed and is_organisation(signed.group(1)):
            at = line.span.start + signed.end(1)
            yield Line(Span(line.span.start, at), signed.group(1))
            yield Line(Span(at + 1, line.span.end), line.text[signed.end(1) + 1 :])
        else:
            yield line


@cache
def _chrome() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(pattern, re.IGNORECASE), reason) for pattern, reason in rows("chrome.tsv"))


def _mark_chrome(frame: Frame) -> None:
    for index, line in enumerate(frame.lines):
        if data_of(line.text):
            frame.mark(index, "metadata")
        elif len(line.text) <= MAX_CHROME:
            reason = next((reason for pattern, reason in _chrome() if pattern.fullmatch(line.text)), None)
            if reason:
                frame.mark(index, reason)
            if reason == "related_links" and not any(_is_prose(line) for line in frame.lines[index + 1 :]):
                for following in range(index + 1, len(frame.lines)):
                    frame.mark(following, reason)


def _is_prose(line: Line) -> bool:
    """Whether a line is a sentence or numbers an outline: links are neither."""
    return (
        line.text.endswith("。")
        or bool(line.label and line.label.style in HEAD_STYLES)
        or bool(UNIT_LINE.match(line.text))
    )


def _mark_contents(frame: Frame) -> None:
    """A run of headings that come again, in the same words, further down."""
    keys = [_heading_key(line) for line in frame.lines]
    left = Counter(keys)
    run: list[int] = []
    for index, key in enumerate([*keys, ""]):
        left[key] -= 1
        if index < len(frame.lines) and CONTENTS_WORD.fullmatch(frame.lines[index].text):
            frame.mark(index, "contents")
        elif (
            key and left[key] > 0 and len(key) <= 60 and frame.free(index) and not key.endswith(("。", "；"))
        ):
            run.append(index)
        else:
            labelled = sum(frame.lines[i].label is not None for i in run)
            if len(run) >= MIN_CONTENTS and 2 * labelled >= len(run):
                for i in run:
                    frame.mark(i, "contents")
            run = []


def _heading_key(line: Line) -> str:
    """A heading as it is compared: without its label, which may be printed differently, and the page number behind it."""
    words = line.text[line.label.end - line.span.start :] if line.label else line.text
    return folded(LEADER.sub("", words))


def _mark_decree(frame: Frame) -> None:
    """`X人民政府令` over `第46号`: the number of a regulation that is issued by decree, and no title."""
    for index, line in enumerate(frame.lines[:MAX_HEAD]):
        following = frame.lines[index + 1].text if index + 1 < len(frame.lines) else ""
        if DECREE.fullmatch(line.text) and DECREE_NUMBER.fullmatch(following):
            frame.mark(index, "doc_number")
            frame.mark(index + 1, "doc_number")
        elif DECREE.match(line.text) and DECREE_NUMBER.fullmatch(
            line.text[len(line.text.split("令")[0]) + 1 :]
        ):
            frame.mark(index, "doc_number")


def _first_label(frame: Frame) -> int:
    """The first line of the body that opens an outline; the number of lines where none does."""
    for index, line in enumerate(frame.lines):
        if (
            frame.free(index)
            and line.label
            and line.label.style in HEAD_STYLES
            and line.label.value in (1, None)
        ):
            return index
    return len(frame.lines)


def _title_runs(frame: Frame, first: int, last: int) -> Iterator[tuple[int, int]]:
    """The ranges of up to five lines that make a title when joined, from the top, each line in one run only."""
    index = first
    while index < last:
        end = next(
            (e for e in range(index + 1, min(index + 6, last + 1)) if _is_title_run(frame, index, e)), None
        )
        if end and end < last and frame.free(end) and TITLE_REMARK.fullmatch(frame.lines[end].text):
            end += 1
        if end:
            yield index, end
        index = end or index + 1


def _is_title_run(frame: Frame, start: int, end: int) -> bool:
    lines = frame.lines[start:end]
    if not all(frame.free(index) and _may_be_of_title(frame.lines[index]) for index in range(start, end)):
        return False
    joined = "".join(line.text for line in lines)
    if not is_title(joined):
        return False
    if len(lines) == 1:
        return True
    if "关于" in joined:
        return is_organisation(joined.split("关于")[0]) or "关于" in lines[0].text
    return len(joined) <= 60 and not any(is_title(line.text) for line in lines[:-1])


def _may_be_of_title(line: Line) -> bool:
    """Whether the line is no date, number, letterhead, addressee, sentence or item."""
    if line.label or line.text.endswith(("：", "。")):
        return False
    return not any(
        shape.fullmatch(line.text) for shape in (DATE_LINE, DOC_NUMBER, LETTERHEAD, BARE_ATTACHMENT)
    )


def _joined(frame: Frame, run: tuple[int, int]) -> str:
    return folded("".join(line.text for line in frame.lines[run[0] : run[1]]))


def _mark_title(frame: Frame, opening: int) -> None:
    """The circular's own title: the last printing, before the outline opens, of the first title with 关于, or of the first."""
    runs = list(_title_runs(frame, 0, opening))
    addressed = next(
        (i for i in range(opening) if frame.free(i) and ADDRESSEE.fullmatch(frame.lines[i].text)), None
    )
    own = [run for run in runs if "关于" in _joined(frame, run)] or [
        r for r in runs if addressed is None or r[0] < addressed
    ]
    if addressed is not None:
        own = [run for run in own if run[0] < addressed]
    if not own:
        shared = next((i for i in range(opening - 1) if _is_shared_title(frame, i)), None)
        own = [(shared + 1, shared + 2)] if shared is not None else []
    if not own:
        return
    start, end = _last_printing(frame, own)
    frame.title = frame.lines[start:end]
    for index in range(start, end):
        frame.mark(index, "title")
    for index in range(start):
        line = frame.lines[index]
        if DOC_NUMBER.search(line.text) and len(line.text) <= 40:
            frame.mark(index, "doc_number")
        elif LETTERHEAD.fullmatch(line.text):
            frame.mark(index, "letterhead")
        else:
            frame.mark(index, "chrome")


def _last_printing(frame: Frame, runs: list[tuple[int, int]]) -> tuple[int, int]:
    """Where the title of the first run is printed last, without lines that a run has before it."""
    title = _joined(frame, runs[0])
    printed = ((start, end) for first, end in reversed(runs) for start in range(first, end))
    return next(run for run in printed if _joined(frame, run) == title)


def _is_shared_title(frame: Frame, index: int) -> bool:
    shared = SHARED_TITLE.match(frame.lines[index].text)
    return bool(shared) and frame.lines[index + 1].text == shared.group(1) if shared else False


def _mark_signatures(frame: Frame) -> None:
    """A date on a line of its own and the issuers printed above it; numbers and dated notes under a title."""
    for index, line in enumerate(frame.lines):
        if not frame.free(index):
            continue
        if DOC_NUMBER.fullmatch(line.text) or BRACKETED_NUMBER.fullmatch(line.text):
            frame.mark(index, "doc_number")
        elif DATED_NOTE.fullmatch(line.text):
            frame.mark(index, "date")
        elif DATED_NUMBER.fullmatch(line.text):
            frame.mark(index, "doc_number")
        elif DATE_LINE.fullmatch(line.text):
            frame.mark(index, "date")
            above = index - 1
            while frame.free(above) and index - above <= 6 and is_organisation(frame.lines[above].text):
                frame.mark(above, "signature")
                above -= 1


def _mark_parts(frame: Frame, opening: int) -> None:
    """Where enclosed texts and attachments begin, and with them the parts."""
    after_title = max((i + 1 for i, r in frame.reasons.items() if r == "title"), default=0)
    attached = dict(_attachments(frame, after_title))
    enclosed = [run for run in _enclosed_runs(frame, opening, after_title) if run[0] not in attached]
    starts = sorted([*enclosed, *attached.items()])
    for start, end in starts:
        for index in range(start, end):
            frame.mark(index, "part_title")
        if start in attached:
            frame.mark(start - 1, "attachment")
    bounds = [*(start for start, _ in starts[1:]), len(frame.lines)]
    first = starts[0][0] if starts else len(frame.lines)
    listed = next((i for i in range(after_title, first) if ATTACHMENT.fullmatch(frame.lines[i].text)), first)
    own = any(frame.free(i) and frame.lines[i].label for i in range(after_title, listed))
    if own or not starts:
        frame.parts.append(PartFrame([], after_title, first))
    for (start, end), last in zip(starts, bounds, strict=False):
        frame.parts.append(PartFrame(frame.lines[start:end], end, last, attached=own and start in attached))


def _enclosed_runs(frame: Frame, opening: int, after_title: int) -> Iterator[tuple[int, int]]:
    """The title lines of what the circular encloses: named in its cover text, or standing alone over an outline."""
    names = set(_enclosed_names(frame, opening))
    signed = next((i for i in range(after_title, len(frame.lines)) if frame.reasons.get(i) == "date"), None)
    encloses = bool(names) or any(ENCLOSING.search(line.text) for line in frame.title) or not frame.title
    any_found = False
    for start, end in _title_runs(frame, after_title, len(frame.lines)):
        first = start < opening and encloses and (not any_found or signed is None or start > signed)
        if (
            _joined(frame, (start, end)) in names
            or first
            or (any_found and start > opening and _opens_outline(frame, end))
        ):
            any_found = True
            yield start, end


def _attachments(frame: Frame, after_title: int) -> Iterator[tuple[int, int]]:
    """Where `附件1` stands alone: the range of the lines behind it that are its title, empty where it has none."""
    runs = dict(_title_runs(frame, after_title, len(frame.lines)))
    for index in range(after_title, len(frame.lines) - 1):
        following = frame.lines[index + 1]
        if not frame.free(index) or not BARE_ATTACHMENT.fullmatch(frame.lines[index].text) or following.label:
            continue
        titled = (
            frame.free(index + 1)
            and len(following.text) <= MAX_ATTACHED_TITLE
            and not following.text.endswith(("。", "："))
        )
        yield index + 1, runs.get(index + 1, index + 2 if titled else index + 1)


def _enclosed_names(frame: Frame, opening: int) -> Iterator[str]:
    for line in frame.lines[:opening]:
        if ENCLOSING.search(line.text):
            yield from (folded(name) for name in NAMED.findall(line.text))


def _opens_outline(frame: Frame, index: int) -> bool:
    """Whether within the next lines an outline begins to count at one."""
    following = [line.label for i, line in enumerate(frame.lines[index : index + 4], index) if frame.free(i)]
    first = next((label for label in following if label), None)
    return first is not None and first.value == 1 and first.style in ("chapter", "han", "arabic")


def _mark_attachments(frame: Frame) -> None:
    """`附件：1.… 2.…`: the list of what is attached is no outline."""
    index = 0
    while index < len(frame.lines):
        if (
            frame.free(index)
            and len(frame.lines[index].text) <= 120
            and ATTACHMENT.fullmatch(frame.lines[index].text)
        ):
            frame.mark(index, "attachment")
            index += 1
            while frame.free(index) and _is_attachment_entry(frame.lines[index]):
                frame.mark(index, "attachment")
                index += 1
        else:
            index += 1


def _is_attachment_entry(line: Line) -> bool:
    label = line.label
    return (
        label is not None
        and label.style == "arabic"
        and len(line.text) <= 80
        and not line.text.endswith(("。", "；"))
    )


def _mark_tail(frame: Frame) -> None:
    """Behind the last signature nothing of the outline follows, unless a part does."""
    dates = [i for i, reason in frame.reasons.items() if reason == "date"]
    if not dates:
        return
    last = max(dates)
    rest = [i for i in range(last + 1, len(frame.lines)) if frame.free(i)]
    if any(part.title and part.last > last + 1 and part.first > last for part in frame.parts):
        return
    labels = [label for i in rest if (label := frame.lines[i].label)]
    if (
        not any(label.style in HEAD_STYLES for label in labels)
        and sum(len(frame.lines[i].text) for i in rest) < 400
    ):
        for index in rest:
            frame.mark(index, "note")


def _mark_preambles(frame: Frame) -> None:
    """Addressee, cover text, and what stands in a part before its outline opens."""
    end_of_cover = frame.parts[0].first - len(frame.parts[0].title) if frame.parts[0].title else 0
    for index in range(end_of_cover):
        if frame.free(index):
            addressed = ADDRESSEE.fullmatch(frame.lines[index].text)
            frame.mark(index, "addressee" if addressed else "cover")
    for part in frame.parts:
        body = (i for i in range(part.first, part.last) if frame.free(i) and _opens_outline_itself(frame, i))
        for index in range(part.first, next(body, part.first)):
            own = not part.title and ADDRESSEE.fullmatch(frame.lines[index].text)
            frame.mark(index, "addressee" if own else "preamble")


def _opens_outline_itself(frame: Frame, index: int) -> bool:
    """A label, a heading without a number, or a paragraph into which a whole outline has been run together."""
    line = frame.lines[index]
    following = frame.lines[index + 1] if frame.free(index + 1) else None
    return bool(line.label or is_bare_heading(line, following) or re.search(r"。 ?一、", line.text))


SUMS_UP_AND_PLANS = re.compile(
    r"(?:总结|汇报|报告|情况)(?:及|和|与|暨|以及)[^，。]{0,24}(?:计划|打算|安排|思路|要点|谋划)$"
)
"""工作总结和2023年工作计划: a report that closes with what is to come."""


def kind_of_title(title: str) -> str | None:
    """The kind a title names: of what it encloses where it encloses something, else its own last noun."""
    title = title.replace(" ", "")
    if SUMS_UP_AND_PLANS.search(title):
        return "report"
    enclosing = re.search(
        r"关于(?:印发|转发|发布|公布|下发|颁布)(.+?)(?:的)?(?:通知|通告|公告|函|决定|命令)(?:（[^（）]*）)?$",
        title,
    )
    return (genre_of(enclosing.group(1)) if enclosing else None) or genre_of(title)
