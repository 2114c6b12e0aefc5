"""Tasks as a table, and a task's passage with its values marked."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from extractor.export import wording
from extractor.export.control import safe
from extractor.export.marks import KIND_NAMES, MarkKind, mark_of, marks_of_values, stretches
from extractor.export.rows import place, row_of
from extractor.export.terminal.console import console, print_table, table
from extractor.ledger.records import Task
from extractor.model import Document, Item, Span, UnitMention, Value

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


def print_tasks(
    tasks: Sequence[Task],
    where_none: str = "没有符合条件的任务。",
    numbered: bool = True,
    total: int | None = None,
) -> None:
    """The tasks as a table, with the columns of the task table that fit a screen.

    `where_none` says that there are none; `numbered` that the numbers are those of a ledger, by which tasks are traced; `total`
    how many there are of which these are the first.
    """
    out = console()
    if not tasks:
        out.print(where_none)
        return
    shown = table("序号", "任务", "牵头单位", "责任单位", "配合单位", "完成时限", "频次", "来源", numbers=[0])
    for task in tasks:
        row = row_of(task)
        source = f"{task.document.name} {row.place}"
        cells = (row.task, row.lead, row.responsible, row.cooperating, row.due, row.frequency, source)
        shown.add_row(str(row.number), *map(safe, cells))
    print_table(out, shown)
    if total is not None and total > len(tasks):
        out.print(
            f"共 {total} 项任务，只列出前 {len(tasks)} 项：可加筛选条件，或用 --limit {total} 全部列出，或用 taizhang export 导出。",
            soft_wrap=True,
        )
        return
    out.print(f"共 {len(tasks)} 项任务" + ("；用 taizhang trace 序号 查看原文。" if numbered else "。"))


def print_trace(task: Task, document: Document) -> None:
    """A task's passage as printed with its values marked, and what each was read as."""
    out = console()
    coloured = out.color_system is not None and not out.no_color
    row = row_of(task)
    out.print(Text(f"任务 {task.id}  {row.task}", style="bold"))
    out.print(Text(f"{safe(row.source.replace(chr(10), ' '))}  {safe(task.document.name)}  {place(task)}"))
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
        printed = safe(stretch.text)
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
    shown = table("类别", "原文", "读作", "位置", "说明")
    for value in item.fields:
        kind, read_as = _read_as(value)
        inherited = "承自上级标题；" if value.inherited else ""
        shown.add_row(
            kind,
            safe(wording.tidy(value.quote)),
            safe(read_as),
            wording.place(document.source.locate(value.span), exactly=True),
            f"{inherited}规则 {wording.rule(value.rule)}",
        )
    return shown


def _read_as(value: Value) -> tuple[str, str]:
    if isinstance(value, UnitMention):
        return KIND_NAMES["unit"], wording.ROLES[value.role]
    return KIND_NAMES[mark_of(value).kind], wording.value(value)
