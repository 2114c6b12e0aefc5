"""The lines of a part become a tree of nodes: labelled items, headings without a number, run-in children.

A label that is already open on the way down closes everything below it and goes on counting; any other opens a level
under the node above. So mixed, skipped and run-on numbering needs no table of levels.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from extractor.model import Span
from extractor.outline.heading_words import heading_kind
from extractor.outline.labels import MARKED, RANK, UNNUMBERED, Label, label_at, level_of, run_in_labels
from extractor.outline.lines import Line, is_organisation

SENTENCE_STOP = re.compile(r"[。！？]")
TITLED_STYLES = ("division", "book", "chapter", "section", "article")
MAX_HEADING = 60
MAX_RUN_IN_TITLE = 32
MAX_BARE_HEADING = 36
MAX_BARE_TOPIC = 12
ENDS_OPEN = re.compile(r"[。；：！？，、）]$|[。；：]")
HAN_WORDS = re.compile(r"[\u4e00-\u9fff]{3}")
WITH_REMARK = re.compile(r"[^。；：，]{4,30}（[^（）。；，]{2,16}）")
MAX_SCRAP = 8
ROSTER = re.compile(
    r"(?:常务)?(?:副 ?)?(?:总 ?)?(?:组 ?长|指 ?挥 ?长?|主 ?任|召 ?集 ?人|总 ?召集人|政 ?委|顾 ?问)：|成 ?员(?: ?单 ?位)?：|联 ?络 ?员："
)
"""What opens the lines that name the members of a leading group."""
GLUED_LABEL = re.compile(
    r"(?<=[。；！？”）]) ?(?=[一二三四五六七八九十]{1,3}、|（[一二三四五六七八九十]{1,3}）)"
)
MONTHS = re.compile(
    r"(?:\d{4}年)?(?:\d{1,2}|[一二三四五六七八九十]{1,2})(?:月份?)?(?:(?:[至到、和—－~～-]|——)(?:\d{1,2}|[一二三四五六七八九十]{1,2}))?月份?(?:[上中下]旬|底)?|(?:\d{4}年)?第?[一二三四]季度|[上下]半年"
)
"""What months, quarters or half-years a paragraph of a plan by dates is for."""
UNIT_LINE = re.compile(
    r"（?(?:主要)?(?:牵头|责任|负责|配合|协办|主办|参加|参与|协同|承办|实施)[^。：，]{0,8}：.*|完成(?:时限|时间)：.*|（[^（）]*(?:牵头|负责|配合|参与)[^（）]*）"
)
CLOSING_UNITS = re.compile(
    r" ?（(?=[^（）]*(?:牵头|负责|责任|配合|参与|单位))(?:[^（）]|（[^（）]*）)*(?:）|$)[。；]?$"
)


@dataclass
class Node:
    """An item in the making: all spans are in clean text."""

    start: int
    end: int
    style: str
    value: int | None
    number: Span | None
    heading: Span | None
    own_line: bool
    run_in: bool = False
    body: int | None = None
    parent: Node | None = None
    children: list[Node] = field(default_factory=list)
    paragraphs: list[Span] = field(default_factory=list)

    def walk(self) -> Iterator[Node]:
        """This node and all below it, in reading order."""
        yield self
        for child in self.children:
            yield from child.walk()

    @property
    def end_of_line(self) -> int:
        """Where its heading ends."""
        return self.heading.end if self.heading else self.end

    def has_text(self, text: str) -> bool:
        """Whether it has paragraphs of its own beside scraps of a table (类别, 指标)."""
        return any(len(span.of(text)) > MAX_SCRAP or span.of(text).endswith("。") for span in self.paragraphs)

    def ancestors(self) -> Iterator[Node]:
        """The nodes above, from the nearest up."""
        node = self.parent
        while node:
            yield node
            node = node.parent

    @property
    def level(self) -> str:
        """The style it counts with, a lost label with the one it stands for."""
        return level_of(self.style)

    def adopt(self, children: Sequence[Node]) -> None:
        """Take `children` as this node's own."""
        for child in children:
            child.parent = self
            self.children.append(child)

    def own_spans(self) -> list[Span]:
        """What of this node, its label left out, is in none of its children."""
        spans, at = [], self.start if self.body is None else self.body
        for child in self.children:
            if child.start > at:
                spans.append(Span(at, child.start))
            at = max(at, child.end)
        if self.end > at:
            spans.append(Span(at, self.end))
        return spans


@dataclass(frozen=True, slots=True)
class NumberingFault:
    """A number that is lost, doubled, skipped or out of order, found by what its siblings count."""

    code: str
    span: Span
    expected: int | None


def build_tree(text: str, lines: Sequence[Line]) -> list[Node]:
    """The top nodes of the part that `lines` print; lines before the first item belong to none."""
    builder = _Builder(text)
    pieces = list(_split_glued(text, lines))
    for index, line in enumerate(pieces):
        builder.read(line, pieces[index + 1] if index + 1 < len(pieces) else None)
    for node in builder.roots:
        _close(node)
    return builder.roots


def _split_glued(text: str, lines: Sequence[Line]) -> Iterator[Line]:
    """Lines cut before labels that a lost line break has glued to the sentence before them.

    Only labels that go on counting are cut at: 二、 after 一、, or 一、 where a 二、 follows in the same line.
    """
    last: dict[str, int] = {}
    for line in lines:
        cuts = []
        weak = [m.end() for m in GLUED_LABEL.finditer(line.text)]
        labels = [found for at in weak if (found := label_at(line.text, at, len(line.text)))]
        if line.label and line.label.value:
            last[line.label.style] = line.label.value
        for index, label in enumerate(labels):
            goes_on = label.value == last.get(label.style, 0) + 1 and last.get(label.style, 0) > 0
            begins = label.value == 1 and any(
                a.style == label.style and a.value == 2 for a in labels[index + 1 :]
            )
            if (goes_on or begins) and label.value:
                last[label.style] = label.value
                cuts.append(label.start)
        at = 0
        for cut in [*cuts, len(line.text)]:
            piece = line.text[at:cut].rstrip()
            if piece:
                start = line.span.start + at
                yield Line(Span(start, start + len(piece)), piece)
            at = cut


class _Builder:
    """Reads the lines of one part in order, holding the path of open nodes."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.roots: list[Node] = []
        self.path: list[Node] = []
        self.counted: dict[str, int] = {}
        self.in_roster = False

    def read(self, line: Line, following: Line | None) -> None:
        """Take one line: a label opens a node, a bare heading too, anything else belongs to the open node."""
        label = self._restored(line)
        if label and self._counts(label, line):
            self._open(self._labelled(label, line), self._depth(label))
        elif not self._is_in_roster(line) and is_bare_heading(line, following):
            node = Node(line.span.start, line.span.end, "heading", None, None, line.span, own_line=True)
            self._open(node, self._depth_of_bare_heading())
        elif self.path:
            self.path[-1].end = line.span.end
            self.path[-1].paragraphs.append(line.span)

    def _is_in_roster(self, line: Line) -> bool:
        """Whether the line goes on with the names behind 组长：…, 成员：…: none of them is a heading."""
        last = self.path[-1].paragraphs[-1].of(self.text) if self.path and self.path[-1].paragraphs else ""
        if ROSTER.match(line.text) or ROSTER.match(last):
            self.in_roster = True
        elif last.endswith("。"):
            self.in_roster = False
        return self.in_roster and not line.text.endswith("。") and not heading_kind(line.text)

    def _restored(self, line: Line) -> Label | None:
        """The line's label; of a bare 、 behind a finished sentence, that of the nearest open node 、 belongs to."""
        label = line.label
        if label is None or label.style != "lost_mark":
            return label
        level = next((node.level for node in reversed(self.path) if node.level in MARKED), None)
        finished = self.text[: label.start].rstrip().endswith(("。", "；", "！", "）"))
        return replace(label, style=MARKED[level]) if level and finished else None

    def _labelled(self, label: Label, line: Line) -> Node:
        heading = heading_after(self.text, label, line.span.end)
        number = None if label.style in (*UNNUMBERED, *MARKED.values()) else label.number
        own_line = heading is not None and heading.end >= line.span.end - 1
        node = Node(
            line.span.start,
            line.span.end,
            label.style,
            label.value,
            number,
            heading,
            own_line,
            body=label.end,
        )
        if not own_line:
            node.paragraphs.append(Span(label.end, line.span.end))
        return node

    def _counts(self, label: Label, line: Line) -> bool:
        """Whether the label goes on from something: a stray "119、" or "3.5" at the head of a line does not."""
        if label.value is None or label.style in (*TITLED_STYLES, "letter", "box"):
            return True
        open_values = [node.value or 0 for node in self.path if node.level == label.level]
        last = max([self.counted.get(label.level, 0), *open_values])
        if label.style == "bare":
            opens = not self.path or (self.path[-1].own_line and not self.path[-1].paragraphs)
            goes_on = label.value == last + 1 and any(node.style == "bare" for node in self._open_or_last())
            return (label.value == 1 and opens) or goes_on
        if label.value == 1 or label.style in ("han", "han_paren"):
            return label.value <= max(last + 5, 5)
        return (last > 0 and label.value <= last + 5) or (not self.roots and label.value <= 3)

    def _open_or_last(self) -> list[Node]:
        siblings = [node.parent.children[-1] for node in self.path if node.parent]
        return [*self.path, *siblings]

    def _depth(self, label: Label) -> int:
        """How many nodes of the path stay open above a new node with this label."""
        for depth in range(len(self.path) - 1, -1, -1):
            if self.path[depth].level == label.level:
                restarts = (
                    label.value == 1 and self.path[depth].value is not None and label.style not in UNNUMBERED
                )
                below = self.path[depth + 1 :]
                if restarts and below and below[-1].style in ("heading", "box"):
                    return len(self.path)
                return depth
        depth = len(self.path)
        if label.style == "box":
            while depth and not self.path[depth - 1].children and not self._awaits_text(self.path[depth - 1]):
                depth -= 1
            return depth
        rank = RANK[label.style]
        while (
            depth
            and self.path[depth - 1].style != "heading"
            and self._outranks(rank, label, self.path[depth - 1])
        ):
            depth -= 1
        if (
            depth
            and self.path[depth - 1].style == "heading"
            and label.style in ("han", "chapter")
            and depth == 1
        ):
            return 1 if label.value == 1 else 0
        return depth

    def _outranks(self, rank: int, label: Label, node: Node) -> bool:
        """Whether a label of this rank cannot stand under `node`: 一、 never stands under 1.; （一） may where it begins anew."""
        if rank > RANK.get(node.style, 0) or (rank == RANK.get(node.style, 0) and node.style == "article"):
            return False
        if rank == RANK.get(node.style, 0):
            return label.style != "bare" or label.value != 1
        return not (label.value == 1 and label.style not in ("han", *TITLED_STYLES))

    def _depth_of_bare_heading(self) -> int:
        """Beside the nearest heading that has text of its own, or under one that has none yet."""
        depth = len(self.path)
        while depth and not self._awaits_text(self.path[depth - 1]):
            if self.path[depth - 1].style == "heading":
                return depth - 1
            depth -= 1
        if depth:
            return depth
        for depth in range(len(self.path), 0, -1):
            if self.path[depth - 1].own_line:
                return depth - 1 if depth > 1 or self.path[depth - 1].style == "heading" else 1
        return min(1, len(self.path))

    def _awaits_text(self, node: Node) -> bool:
        return node.own_line and not node.children and not node.has_text(self.text)

    def _open(self, node: Node, depth: int) -> None:
        self.in_roster = False
        del self.path[depth:]
        if self.path:
            self.path[-1].adopt([node])
        else:
            self.roots.append(node)
        self.path.append(node)
        if node.value is not None:
            self.counted[node.level] = node.value


def is_bare_heading(line: Line, following: Line | None) -> bool:
    """A line that heads what follows it without a number.

    It is short, has no stop or comma at its end and stands over a paragraph or the first of some labelled lines; a heading
    known by its words is one wherever it stands.
    """
    if following is None or len(line.text) > MAX_BARE_HEADING or UNIT_LINE.match(line.text):
        return False
    if heading_kind(line.text):
        return True
    opens = following.label is not None and following.label.value == 1
    if ENDS_OPEN.search(line.text) or not HAN_WORDS.search(line.text):
        return bool(WITH_REMARK.fullmatch(line.text)) and opens
    prose = following.label is None and following.text.endswith(("。", "）", "”"))
    topic = len(line.text) <= MAX_BARE_TOPIC <= len(following.text)
    return opens or (prose and (topic or len(following.text) > MAX_BARE_HEADING))


def heading_after(text: str, label: Label, end: int) -> Span | None:
    """The run-in title behind a label: up to the first 。 or the end of the line, None where the item opens with a sentence."""
    stop = SENTENCE_STOP.search(text, label.end, end)
    until = stop.start() if stop else end
    words = text[label.end : until]
    if not words or len(words) > MAX_HEADING or (stop is None and words.endswith(("；", "，"))):
        return None
    if stop is None and re.search(r"；|，.*，.*，", words):
        return None
    if (
        stop is not None
        and stop.end() == end
        and (len(words) > MAX_RUN_IN_TITLE or re.search(r"；|，.*，", words))
    ):
        return None
    return Span(label.end, until)


def _close(node: Node) -> None:
    """Let every node reach to the end of its last child."""
    for child in node.children:
        _close(child)
        node.end = max(node.end, child.end)


def ordinal_items(text: str, lines: Sequence[Line]) -> list[Node]:
    """The paragraphs that open with 一是, 二要 … where nothing else numbers a text, each with what follows it."""
    if len(lines) < 2:
        return []
    labels = run_in_labels(text, Span(lines[0].span.start, lines[-1].span.end))
    opening = {line.span.start for line in lines}
    if len(labels) < 2 or any(label.style != "ordinal" or label.start not in opening for label in labels):
        return []
    ends = [*(label.start for label in labels[1:]), lines[-1].span.end]
    return [_run_in_child(text, label, end) for label, end in zip(labels, ends, strict=True)]


def split_run_in(text: str, leaf: Node, ordinals: bool = True) -> None:
    """Give a leaf the children that run inside its text: paragraphs with labels or titles of their own, or 一是…；二是….

    Without `ordinals` only titled paragraphs: a situation that is told in 一是…二是… is one piece all the same.
    """
    leaf.adopt(
        (_ordinal_paragraphs(text, leaf) if ordinals else [])
        or _titled_paragraphs(text, leaf)
        or (_run_in_children(text, leaf) if ordinals else [])
    )


def _ordinal_paragraphs(text: str, leaf: Node) -> list[Node]:
    """Paragraphs that open with 一是, 二是 …, each with what follows it up to the next."""
    if len(leaf.paragraphs) < 2:
        return []
    labels = run_in_labels(text, Span(leaf.paragraphs[0].start, leaf.end))
    opening = {paragraph.start for paragraph in leaf.paragraphs}
    if not labels or any(label.start not in opening for label in labels[1:]):
        return []
    ends = [*(label.start for label in labels[1:]), leaf.end]
    return [_run_in_child(text, label, end) for label, end in zip(labels, ends, strict=True)]


def _run_in_children(text: str, leaf: Node) -> list[Node]:
    children = []
    for paragraph in leaf.paragraphs:
        labels = run_in_labels(text, paragraph)
        ends = [*(label.start for label in labels[1:]), paragraph.end]
        children += [_run_in_child(text, label, end) for label, end in zip(labels, ends, strict=False)]
    return children or _circled_children(text, leaf)


def _circled_children(text: str, leaf: Node) -> list[Node]:
    """Pieces that ①…②…③… number across the lines of a leaf; what stands on lines behind them is the leaf's own."""
    if len(leaf.paragraphs) < 2:
        return []
    labels = run_in_labels(text, Span(leaf.paragraphs[0].start, leaf.end))
    if not labels or labels[0].style != "circled":
        return []
    behind = [span for span in leaf.paragraphs if span.end > labels[-1].start]
    last = next((span.end for span in behind if span.of(text).endswith(("。", "；"))), behind[0].end)
    ends = [*(label.start for label in labels[1:]), last]
    return [_run_in_child(text, label, end) for label, end in zip(labels, ends, strict=True)]


def _run_in_child(text: str, label: Label, end: int) -> Node:
    end = label.end + len(text[label.end : end].rstrip())
    heading = heading_after(text, label, end)
    if label.style == "ordinal" and heading and heading.end >= end - 1:
        heading = None
    child = Node(
        label.start,
        end,
        label.style,
        label.value,
        label.number,
        heading,
        own_line=False,
        run_in=True,
        body=label.end,
    )
    child.paragraphs.append(Span(label.end, end))
    return child


def _titled_paragraphs(text: str, leaf: Node) -> list[Node]:
    """The unnumbered paragraphs under a heading where (all but a first that leads in) open with a title of their own."""
    if not leaf.own_line or len(leaf.paragraphs) < 2:
        return []
    titled = [(span, run_in_title(text, span) or run_in_head(text, span)) for span in leaf.paragraphs]
    if titled[0][1] is None and len(titled) > 2:
        titled = titled[1:]
    if any(title is None for _, title in titled):
        return []
    children = []
    for span, title in titled:
        child = Node(span.start, span.end, "titled", None, None, title, own_line=False)
        child.paragraphs.append(span)
        children.append(child)
    return children


def run_in_title(text: str, paragraph: Span) -> Span | None:
    """The short first sentence of a paragraph that names what the rest is about, or None."""
    stop = SENTENCE_STOP.search(text, paragraph.start, paragraph.end)
    if (
        stop is None
        or stop.end() >= paragraph.end - 4
        or not 4 <= stop.start() - paragraph.start <= MAX_RUN_IN_TITLE
    ):
        return None
    words = text[paragraph.start : stop.start()]
    if re.search(r"[；：]|，.*，", words) or re.match(r"(?:各|市|县|区|省)[^，]{0,16}(?:要|应|须)", words):
        return None
    return Span(paragraph.start, stop.start())


def run_in_head(text: str, paragraph: Span) -> Span | None:
    """Who does what a paragraph says, or the months it is for, where it opens with them and a colon: 县财政局：负责…, 三月：…."""
    colon = text.find("：", paragraph.start, min(paragraph.end, paragraph.start + MAX_RUN_IN_TITLE))
    if colon < 0 or colon + 4 > paragraph.end or UNIT_LINE.match(text, paragraph.start, paragraph.end):
        return None
    words = text[paragraph.start : colon]
    if MONTHS.fullmatch(words) or all(is_organisation(name) for name in words.split("、")):
        return Span(paragraph.start, colon)
    return None


def hand_units_up(text: str, group: Node) -> None:
    """Let what names units behind the last child be the group's, where no other child closes with units of its own.

    Behind children that run in one paragraph that is the bracket at its end; behind children on lines of their own it
    is a line that holds nothing but units.
    """
    *others, last = group.children
    if last.children or not others:
        return
    if last.run_in:
        bracket = CLOSING_UNITS.search(text, last.start, last.end)
        if bracket and not any(CLOSING_UNITS.search(text, node.start, node.end) for node in others):
            last.end = bracket.start()
        return
    closing = [span for span in last.paragraphs if UNIT_LINE.fullmatch(span.of(text))]
    theirs = any(
        UNIT_LINE.fullmatch(span.of(text))
        for node in others
        for below in node.walk()
        for span in below.paragraphs
    )
    if closing and closing[-1] == last.paragraphs[-1] and not theirs:
        last.paragraphs = [span for span in last.paragraphs if span not in closing]
        last.end = last.paragraphs[-1].end if last.paragraphs else last.end_of_line


def numbering_faults(
    nodes: Sequence[Node], counted: dict[str, int] | None = None
) -> Iterator[NumberingFault]:
    """What does not count up by one among siblings; numbering may run on from the section before."""
    counted = {} if counted is None else counted
    last: dict[str, int] = {}
    for node in nodes:
        if node.style in MARKED.values():
            last[node.level] = counted[node.level] = last.get(node.level, counted.get(node.level, 0)) + 1
            yield NumberingFault("number_lost", Span(node.start, node.start + 1), last[node.level])
        elif node.number is None:
            pass
        elif node.value is None:
            expected = last.get(node.level, 0) + 1
            last[node.level] = expected
            yield NumberingFault("number_lost", node.number, expected)
        else:
            expected = last.get(node.level, 0) + 1
            runs_on = node.level not in last and node.value == counted.get(node.level, 0) + 1
            if node.value != expected and not runs_on:
                doubled = node.value == last.get(node.level)
                yield NumberingFault(
                    "number_doubled" if doubled else "number_out_of_order", node.number, expected
                )
            last[node.level] = counted[node.level] = node.value
        yield from numbering_faults(node.children, counted)
