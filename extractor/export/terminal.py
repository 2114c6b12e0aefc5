"""What the command prints: tables, and a task's passage with its values marked."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from extractor.evaluation import MEASURES, Evaluation, pooled
from extractor.export import wording
from extractor.export.marks import KIND_NAMES, MarkKind, mark_of, marks_of_values, stretches
from extractor.export.rows import place, row_of
from extractor.ledger.ingest import Outcome
from extractor.ledger.ledger import Added, AlreadyThere
from extractor.ledger.records import DocumentEntry, Task
from extractor.model import Document, Item, Span, UnitMention, Value

if TYPE_CHECKING:
    from extractor.intake.formats import FormatStatus

WIDTH_OF_FILES = 160
"""Characters a line where the output is no terminal."""

FILES_WORTH_A_BAR = 3

MEASURE_NAMES = {
    "outline": "条目",
    "tasks": "任务",
    "units": "单位",
    "deadlines": "时限",
    "frequencies": "频次",
    "document": "文件信息",
}
STYLES: dict[MarkKind, str] = {
    "unit": "bold white on blue",
    "deadline": "bold black on yellow",
    "frequency": "bold black on green",
}
BRACKETS: dict[MarkKind, tuple[str, str]] = {
    "unit": ("【", "】"),
    "deadline": ("〖", "〗"),
    "frequency": ("｛", "｝"),
}
CONTROL = {code: "\ufffd" for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\n\t"}
"""Control characters of a file must not reach a terminal, which would obey them."""


def console() -> Console:
    """A console on what `sys.stdout` is now."""
    width = None if sys.stdout.isatty() else WIDTH_OF_FILES
    return Console(file=sys.stdout, width=width, highlight=False, markup=False, emoji=False)


def watched(outcomes: Iterable[Outcome], total: int) -> Iterator[Outcome]:
    """The same outcomes, with a bar on stderr while they come, if a person is watching."""
    if total < FILES_WORTH_A_BAR or not sys.stderr.isatty():
        yield from outcomes
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("正在读入"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        yield from bar.track(outcomes, total=total)


def print_ingested(outcomes: Iterable[Outcome], ledger: Path, documents: Sequence[DocumentEntry]) -> None:
    """The closing table of an ingest: what each document gave, and what the ledger holds now."""
    table = _table("文件", "任务", "单位", "时限", "频次", "提醒", "结果", numbers=range(1, 6))
    for outcome in outcomes:
        if isinstance(outcome.result, Added):
            table.add_row(*_counts(outcome.result.entry), "已记入")
        elif isinstance(outcome.result, AlreadyThere):
            table.add_row(*_counts(outcome.result.entry), "已在台账中，未改动")
    out = console()
    if table.row_count:
        out.print(table)
    tasks = sum(entry.tasks for entry in documents)
    out.print(f"台账 {ledger}：共 {len(documents)} 份文件，{tasks} 项任务。", soft_wrap=True)


def _counts(entry: DocumentEntry) -> tuple[str, ...]:
    counts = (entry.tasks, entry.units, entry.deadlines, entry.frequencies, entry.warnings)
    return (_safe(entry.name), *map(str, counts))


def print_formats(formats: Sequence[FormatStatus]) -> None:
    """Which formats can be read on this machine, and what the others need."""
    table = _table("格式", "常见扩展名", "能否读取")
    for each in formats:
        table.add_row(each.name, " ".join(each.suffixes), "可以" if each.readable else each.missing)
    console().print(table)


def print_tasks(
    tasks: Sequence[Task], where_none: str = "没有符合条件的任务。", numbered: bool = True
) -> None:
    """The tasks as a table, with the columns of the task table that fit a screen.

    `where_none` says that there are none; `numbered` that the numbers are those of a ledger, by which tasks are traced.
    """
    out = console()
    if not tasks:
        out.print(where_none)
        return
    table = _table(
        "序号", "任务", "牵头单位", "责任单位", "配合单位", "完成时限", "频次", "来源", numbers=[0]
    )
    for task in tasks:
        row = row_of(task)
        source = f"{task.document.name} {row.place}"
        cells = (row.task, row.lead, row.responsible, row.cooperating, row.due, row.frequency, source)
        table.add_row(str(row.number), *map(_safe, cells))
    out.print(table)
    out.print(f"共 {len(tasks)} 项任务" + ("；用 taizhang trace 序号 查看原文。" if numbered else "。"))


def print_trace(task: Task, document: Document) -> None:
    """A task's passage as printed with its values marked, and what each was read as."""
    out = console()
    coloured = out.color_system is not None and not out.no_color
    row = row_of(task)
    out.print(Text(f"任务 {task.id}  {row.task}", style="bold"))
    out.print(Text(f"{_safe(row.source.replace(chr(10), ' '))}  {_safe(task.document.name)}  {place(task)}"))
    out.print()
    for title, span in _passages(task.item):
        if title:
            where = wording.place(document.source.locate(span))
            out.print(Text(f"{title}（{where}）：", style="dim"))
        out.print(_marked(document, span, task.item, coloured), soft_wrap=not out.is_terminal)
        out.print()
    out.print(_legend(coloured))
    out.print(_values(document, task.item))


def _passages(item: Item) -> list[tuple[str, Span]]:
    """The task itself, after the lines of the groups from which it inherits values."""
    above = [value.span for value in item.fields if value.inherited]
    if not above:
        return [("", item.span)]
    return [
        ("承自上级标题", Span(min(s.start for s in above), max(s.end for s in above))),
        ("任务原文", item.span),
    ]


def _marked(document: Document, span: Span, item: Item, coloured: bool) -> Text:
    text = document.source.text
    whole_lines = Span(text.rfind("\n", 0, span.start) + 1, _line_end(text, span.end))
    shown = Text()
    for stretch in stretches(text, whole_lines, marks_of_values(item.fields)):
        kind = stretch.marks[0].kind if stretch.marks else None
        printed = _safe(stretch.text)
        if kind is None:
            shown.append(printed)
        elif coloured:
            shown.append(printed, style=STYLES[kind])
        else:
            shown.append(printed.join(BRACKETS[kind]))
    return shown


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def _legend(coloured: bool) -> Text:
    legend = Text("标记：")
    for kind, style in STYLES.items():
        name = KIND_NAMES[kind]
        legend.append(f" {name} " if coloured else name.join(BRACKETS[kind]), style=style if coloured else "")
        legend.append("  ")
    return legend


def _values(document: Document, item: Item) -> Table:
    table = _table("类别", "原文", "读作", "位置", "说明")
    for value in item.fields:
        kind, read_as = _read_as(value)
        inherited = "承自上级标题；" if value.inherited else ""
        table.add_row(
            kind,
            _safe(wording.tidy(value.quote)),
            _safe(read_as),
            wording.place(document.source.locate(value.span), exactly=True),
            f"{inherited}规则 {wording.rule(value.rule)}",
        )
    return table


def _read_as(value: Value) -> tuple[str, str]:
    if isinstance(value, UnitMention):
        return KIND_NAMES["unit"], wording.ROLES[value.role]
    return KIND_NAMES[mark_of(value).kind], wording.value(value)


def print_evaluation(evaluations: Sequence[Evaluation], *, misses: bool) -> None:
    """F1 of each document, the figures of all together, and where asked for what was missed and invented."""
    table = _table(
        "文件", *(MEASURE_NAMES[measure] for measure in MEASURES), numbers=range(1, len(MEASURES) + 1)
    )
    for one in evaluations:
        table.add_row(_safe(one.name), *(f"{one.scores[measure].f1:.3f}" for measure in MEASURES))
    table.add_section()
    scores = [pooled(evaluations, "").scores[measure] for measure in MEASURES]
    table.add_row("准确率", *(f"{score.precision:.3f}" for score in scores))
    table.add_row("召回率", *(f"{score.recall:.3f}" for score in scores))
    table.add_row("F1", *(f"{score.f1:.3f}" for score in scores))
    table.add_row("应有 / 提取", *(f"{score.gold} / {score.predicted}" for score in scores))
    out = console()
    out.print(table)
    for one in evaluations if misses else ():
        out.print(Text(one.name, style="bold"))
        for miss in one.misses:
            sign = "+" if miss.invented else "-"
            out.print(f"  {sign} {MEASURE_NAMES[miss.measure]} {_safe(miss.what)}", soft_wrap=True)


def _table(*titles: str, numbers: Iterable[int] = ()) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    right = set(numbers)
    for at, title in enumerate(titles):
        table.add_column(title, justify="right" if at in right else "left", overflow="fold")
    return table


def _safe(text: str) -> str:
    return text.translate(CONTROL)
