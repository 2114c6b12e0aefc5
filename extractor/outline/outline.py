"""The outline of a clean text: its facts, parts and items, what was left out, and what is wrong with its numbering."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from extractor.model import DocumentKind, ItemKind, Span, Table
from extractor.outline.directives import directive_sentences, take_closing
from extractor.outline.facts import Facts, read_facts
from extractor.outline.flat_tables import flat_tables
from extractor.outline.frame import Frame, PartFrame, kind_of_title, read_frame
from extractor.outline.kinds import Judgement, judge_leaf, stands_outside_work
from extractor.outline.lines import Line
from extractor.outline.tables import TaskRow, TaskTable, read_rows, task_table
from extractor.outline.tree import (
    Node,
    NumberingFault,
    build_tree,
    hand_units_up,
    numbering_faults,
    ordinal_items,
    split_run_in,
)
from extractor.outline.walled_tables import walled_tables

MAX_ENTRY = 40
"""Characters; a cell of a table proper holds an entry, not prose."""


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


def read_outline(
    text: str, tables: Sequence[Table] = (), metadata: Mapping[str, str] | None = None
) -> Outline:
    """The outline of `text`, in which `tables` stand; `metadata` is what the file says of itself beside its text."""
    tables = [*tables, *walled_tables(text, tables)]
    tables = [*tables, *flat_tables(text, tables)]
    task_tables = [found for table in tables if (found := task_table(text, table))]
    of_tasks = {found.table.span for found in task_tables}
    frame = read_frame(text, [t.span for t in tables if t.span in of_tasks or _holds_entries(text, t)])
    outline = Outline(read_facts(text, frame, metadata or {}))
    tops: list[tuple[int, Node]] = []
    closings: list[Line] = []
    kinds: list[DocumentKind] = []
    for number, part in enumerate(frame.parts):
        lines = [frame.lines[i] for i in range(part.first, part.last) if frame.free(i)]
        roots = build_tree(text, lines)
        roots += _place_rows(
            text, roots, [t for t in task_tables if _part_at(frame, t.table.span.start) == number]
        )
        closing = take_closing(text, roots)
        outline.faults += numbering_faults(roots)
        kind = _kind_of_part(part, outline.facts)
        kinds.append(kind if outline.facts.names_its_kind else "notice")
        for root in roots:
            _split_leaves(text, root, kind)
        if not roots and not part.attached:
            roots = ordinal_items(text, lines) or list(directive_sentences(lines, alone=True))
        tops += [(number, node) for node in [*roots, *directive_sentences(closing, alone=True)]]
        closings += closing
        outline.parts.append([line.span for line in part.title or frame.title])
    cover = [line for i, line in enumerate(frame.lines) if frame.reasons.get(i) in ("cover", "preamble")]
    tops += [(_part_at(frame, node.start), node) for node in directive_sentences(cover)]
    tops.sort(key=lambda top: top[1].start)
    _number_items(text, outline, tops, kinds)
    outline.left_out = list(_left_out(frame, [node for _, node in tops], closings))
    return outline


def _holds_entries(text: str, table: Table) -> bool:
    """Whether the table is one of short entries (indicators, forms); one that holds prose is only laid out as a table."""
    return not any(
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


def _split_leaves(text: str, node: Node, kind: DocumentKind) -> None:
    """Split what runs together in the leaves under `node`, and give each group the units printed behind it.

    What is told of a situation in 一是…二是… is one piece; what a report says was done is many.
    """
    if node.children:
        for child in node.children:
            _split_leaves(text, child, kind)
    else:
        outside = stands_outside_work(text, node)
        ordinals = kind == "report" or outside is None or outside.kind != "context"
        split_run_in(text, node, ordinals)
        for child in node.children:
            if child.style == "titled":
                split_run_in(text, child, ordinals)
    if node.children:
        hand_units_up(text, node)


def _kind_of_part(part: PartFrame, facts: Facts) -> DocumentKind:
    """What a part is by its own title, else by the circular's: a summary and the year's work points may stand in one."""
    named = kind_of_title("".join(line.text for line in part.title))
    return cast(DocumentKind, named) if named else facts.kind


def _number_items(
    text: str, outline: Outline, tops: list[tuple[int, Node]], kinds: Sequence[DocumentKind]
) -> None:
    several = len(outline.parts) > 1
    counts: dict[int, int] = {}
    for part, node in tops:
        counts[part] = counts.get(part, 0) + 1
        name = f"p{part + 1}.{counts[part]}" if several else str(counts[part])
        _add_item(text, outline, part, node, name, None, kinds[part])


def _add_item(
    text: str, outline: Outline, part: int, node: Node, name: str, parent: str | None, kind: DocumentKind
) -> None:
    own = node.own_spans()
    if node.children:
        outside = stands_outside_work(text, node)
        judged = Judgement("group", "has-children")
        own = [] if outside and outside.kind == "context" else own
    elif node.style == "sentence":
        judged = Judgement("task", "directive-sentence")
    else:
        judged = judge_leaf(text, node, kind)
    outline.items.append(OutlineItem(name, parent, part, node, judged.kind, judged.reason, own))
    for number, child in enumerate(node.children, 1):
        _add_item(text, outline, part, child, f"{name}.{number}", name, kind)


def _left_out(frame: Frame, tops: list[Node], closings: list[Line]) -> Iterator[tuple[Span, str]]:
    """Every stretch of a line that stands in no item, with the reason of its line; `tops` are in reading order."""
    closed = {line.span for line in closings}
    waiting = deque(tops)
    for index, line in enumerate(frame.lines):
        reason = frame.reasons.get(index) or ("closing" if line.span in closed else "outside_outline")
        at = line.span.start
        while waiting and waiting[0].start < line.span.end:
            if waiting[0].start > at:
                yield Span(at, waiting[0].start), reason
            at = max(at, waiting[0].end)
            if waiting[0].end > line.span.end:
                break
            waiting.popleft()
        if at < line.span.end:
            yield Span(at, line.span.end), reason
