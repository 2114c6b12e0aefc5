"""The outline of a clean text: its facts, parts and items, what was left out, and what is wrong with its numbering."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from extractor.model import DocumentKind, ItemKind, Span, Table
from extractor.outline.facts import Facts, read_facts
from extractor.outline.frame import Frame, read_frame
from extractor.outline.kinds import Judgement, judge_leaf, stands_outside_work
from extractor.outline.lines import Line
from extractor.outline.tables import TaskRow, TaskTable, read_rows, task_table
from extractor.outline.tree import (
    UNIT_LINE,
    Node,
    NumberingFault,
    build_tree,
    hand_units_up,
    numbering_faults,
    split_run_in,
)

SENTENCE = re.compile(r"[^。！？\n]+[。！？]?[”）]*")
INTRODUCES = re.compile(
    r"《.*》(?:已|业)经.*|(?:为|根据|按照|经)[^，]*，(?!.*(?:要|请))|.*(?:如下|以下意见)[：。]?$|.*现[将予].*印发|.*(?:印发|转发)(?:给|你|，请)"
)
REPORTING = re.compile(r"报送|上报|报告|反馈|报(?:市|县|区|省|国务院|我|送|至|备|请|经)|备案|报名|送达|提交")
EXHORTATION = re.compile(
    r"(?:认真|切实|抓好|遵照|结合实际)?[^。，]{0,12}(?:贯彻|组织实施|抓好落实|遵照|参照)?(?:执行|落实|实施)[。]?$"
)
MAX_ENTRY = 40
TIME = re.compile(r"\d月|月底|日前|年底|每[年季月周日]|前[，将]|[定适]期|适时|期间")
MODAL = re.compile(
    r"要|应当?|须|必须|务必|请[各市县区有省]|不得|由[^，。]{2,30}(?:于|在|按|每|负责)|将(?:适时|定期|不定期)|书面报|前报[国省市县]"
)
ASKS_ALL = re.compile(r"请各|请[^，。]{2,40}(?:于|在|将)")
SPEAKS_OF_ITSELF = re.compile(
    r"(?:本|此)(?:意见|通知|方案|规划|办法|计划|规定|要点)自|特此(?:通知|函达|函复|批复)"
)


@dataclass
class OutlineItem:
    """An item in clean text. `own` is what of it stands in no child; fields of a group are read from that only."""

    id: str
    parent: str | None
    part: int
    node: Node
    kind: ItemKind
    reason: str
    own: list[Span]

    @property
    def columns(self) -> list[tuple[str, Span]]:
        """Where it is a row of a task table: its cells with what they hold."""
        return self.node.columns if isinstance(self.node, TaskRow) else []

    @property
    def is_read(self) -> bool:
        """Whether its text can hold fields: what is background holds none, whatever it mentions."""
        return bool(self.own) and self.kind != "context"


@dataclass
class Outline:
    """What was read from a clean text; all spans are in that text."""

    facts: Facts
    parts: list[list[Span]] = field(default_factory=list)
    items: list[OutlineItem] = field(default_factory=list)
    left_out: list[tuple[Span, str]] = field(default_factory=list)
    faults: list[NumberingFault] = field(default_factory=list)


def read_outline(text: str, tables: Sequence[Table] = ()) -> Outline:
    """The outline of `text`, in which `tables` stand."""
    task_tables = [found for table in tables if (found := task_table(text, table))]
    frame = read_frame(text, [table.span for table in tables if _is_read_as_table(text, table)])
    outline = Outline(read_facts(text, frame))
    tops: list[tuple[int, Node]] = []
    closings: list[Line] = []
    for number, part in enumerate(frame.parts):
        lines = [frame.lines[i] for i in range(part.first, part.last) if frame.free(i)]
        roots = build_tree(text, lines)
        roots += _place_rows(
            text, roots, [t for t in task_tables if _part_at(frame, t.table.span.start) == number]
        )
        closing = _take_closing(text, roots)
        outline.faults += numbering_faults(roots)
        for root in roots:
            _split_leaves(text, root, outline.facts.kind)
        if not roots and not part.attached:
            roots = list(_directive_sentences(lines, alone=True))
        tops += [(number, node) for node in [*roots, *_directive_sentences(closing, alone=True)]]
        closings += closing
        outline.parts.append([line.span for line in part.title or frame.title])
    cover = [line for i, line in enumerate(frame.lines) if frame.reasons.get(i) in ("cover", "preamble")]
    tops += [(_part_at(frame, node.start), node) for node in _directive_sentences(cover)]
    tops.sort(key=lambda top: top[1].start)
    _number_items(text, outline, tops)
    outline.left_out = list(_left_out(frame, [node for _, node in tops], closings))
    return outline


def _is_read_as_table(text: str, table: Table) -> bool:
    """Task tables, and tables of short entries (indicators, forms); one that holds prose is only laid out as a table."""
    return task_table(text, table) is not None or not any(
        cell.span.end - cell.span.start > MAX_ENTRY and "。" in cell.span.of(text) for cell in table.cells
    )


def _place_rows(text: str, roots: list[Node], tables: Sequence[TaskTable]) -> list[Node]:
    """The rows of task tables: under the heading that stands right above their table, else tops of their own."""
    tops: list[Node] = []
    for tasks in tables:
        nodes = read_rows(text, tasks)
        above = [n for root in roots for n in root.walk() if n.end <= tasks.table.span.start]
        heading = above[-1] if above and above[-1].own_line and not above[-1].has_text(text) else None
        if heading is None or not nodes:
            tops += nodes
            continue
        heading.adopt(nodes)
        for node in (heading, *heading.ancestors()):
            node.end = max(node.end, nodes[-1].end)
    return tops


def _part_at(frame: Frame, at: int) -> int:
    """The part whose lines the offset stands among; the first for what precedes them all."""
    starts = [frame.lines[part.first].span.start for part in frame.parts if part.first < len(frame.lines)]
    return max(0, sum(start <= at for start in starts) - 1)


def _directive_sentences(lines: list[Line], alone: bool = False) -> Iterator[Node]:
    """The sentences outside the numbered outline that direct work, each a node without number.

    In a covering notice only those count that ask for something to be reported or set a time, not mere exhortation;
    where they stand `alone`, behind an outline or without one, every sentence that obliges somebody does.
    """
    for line in lines:
        for match in SENTENCE.finditer(line.text):
            words = match.group().strip()
            if not words or (
                EXHORTATION.search(words) and not TIME.search(words) and not REPORTING.search(words)
            ):
                continue
            asks = MODAL.search(words) and (alone or REPORTING.search(words) or TIME.search(words))
            if asks and not INTRODUCES.match(words):
                start = line.span.start + match.start() + match.group().index(words[0])
                node = Node(start, start + len(words), "sentence", None, None, None, own_line=False)
                node.paragraphs.append(Span(node.start, node.end))
                yield node


def _take_closing(text: str, roots: list[Node]) -> list[Line]:
    """Take from the last item the paragraphs that close the circular.

    In a text whose items are one paragraph each they are those behind the last; elsewhere those that ask everybody to
    report, or speak of the circular itself.
    """
    if not roots:
        return []
    leaf = roots[-1]
    while leaf.children:
        leaf = leaf.children[-1]
    leaves = [node for root in roots for node in root.walk() if not node.children and node is not leaf]
    longer = sum(
        sum(not UNIT_LINE.fullmatch(span.of(text)) for span in node.paragraphs) > 1 for node in leaves
    )
    one_each = not leaf.own_line and leaves and longer <= len(leaves) // 8
    closing: list[Span] = []
    while len(leaf.paragraphs) > 1:
        last = leaf.paragraphs[-1].of(text)
        speaks_to_all = SPEAKS_OF_ITSELF.match(last) or (ASKS_ALL.match(last) and REPORTING.search(last))
        if UNIT_LINE.match(last) or not (one_each or speaks_to_all):
            break
        closing.insert(0, leaf.paragraphs.pop())
    if closing:
        leaf.end = leaf.paragraphs[-1].end
        for above in leaf.ancestors():
            above.end = leaf.end
    return [Line(span, span.of(text)) for span in closing]


def _split_leaves(text: str, node: Node, kind: DocumentKind) -> None:
    """Split what runs together in the leaves under `node`, and give each group the units printed behind it.

    What is told of a situation in 一是…二是… is one piece; what a report says was done is many.
    """
    if node.children:
        for child in node.children:
            _split_leaves(text, child, kind)
    else:
        outside = stands_outside_work(text, node)
        split_run_in(text, node, ordinals=kind == "report" or outside is None or outside.kind != "context")
    if node.children:
        hand_units_up(text, node)


def _number_items(text: str, outline: Outline, tops: list[tuple[int, Node]]) -> None:
    several = len(outline.parts) > 1
    counts: dict[int, int] = {}
    for part, node in tops:
        counts[part] = counts.get(part, 0) + 1
        name = f"p{part + 1}.{counts[part]}" if several else str(counts[part])
        _add_item(text, outline, part, node, name, None)


def _add_item(text: str, outline: Outline, part: int, node: Node, name: str, parent: str | None) -> None:
    own = node.own_spans()
    if node.children:
        outside = stands_outside_work(text, node)
        judged = Judgement("group", "has-children")
        own = [] if outside and outside.kind == "context" else own
    elif node.style == "sentence":
        judged = Judgement("task", "directive-sentence")
    else:
        judged = judge_leaf(text, node, outline.facts.kind)
    outline.items.append(OutlineItem(name, parent, part, node, judged.kind, judged.reason, own))
    for number, child in enumerate(node.children, 1):
        _add_item(text, outline, part, child, f"{name}.{number}", name)


def _left_out(frame: Frame, tops: list[Node], closings: list[Line]) -> Iterator[tuple[Span, str]]:
    """Every stretch of a line that stands in no item, with the reason of its line."""
    taken = [Span(node.start, node.end) for node in tops]
    closed = {line.span for line in closings}
    for index, line in enumerate(frame.lines):
        reason = frame.reasons.get(index) or ("closing" if line.span in closed else "outside_outline")
        at = line.span.start
        for span in taken:
            if span.overlaps(line.span):
                if span.start > at:
                    yield Span(at, span.start), reason
                at = max(at, span.end)
        if at < line.span.end:
            yield Span(at, line.span.end), reason
