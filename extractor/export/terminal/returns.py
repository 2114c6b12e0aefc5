"""What a returned table would change, as the command shows it before it does."""

from __future__ import annotations

from extractor.export import wording
from extractor.export.control import safe
from extractor.export.return_words import EMPTY, TITLES, UNDATED, brief, in_words, refusal, undated
from extractor.export.rows import COLUMNS, row_of
from extractor.export.terminal.console import console, print_table, table
from extractor.ledger.returns import ForeignEdit, Plan, Refusal

LONGEST_TITLE = 24
LONGEST_VALUE = 300
MOST_MISSING = 20
"""How many tasks are named that did not come back."""


def print_plan(plan: Plan) -> None:
    """The changes as a table, then what is refused and what is only mentioned, each with its place in the file."""
    out = console()
    by_whom = f"（{plan.returned_by}）" if plan.returned_by else ""
    out.print(safe(f"{plan.table.name}{by_whom}："), soft_wrap=True)
    if plan.changes:
        shown = table("序号", "任务", "栏目", "原值", "新值", numbers=[0])
        for change in plan.changes:
            name = wording.shortened(row_of(change.task).task, LONGEST_TITLE)
            for at, field in enumerate(change.fields):
                number = str(change.task.id) if at == 0 else ""
                values = (_previewed(in_words(field, each)) for each in (change.before, change.after))
                shown.add_row(number, safe(name if at == 0 else ""), TITLES[field], *map(safe, values))
        print_table(out, shown)
    for line in [*map(_refused, plan.refusals), *_mentioned(plan)]:
        out.print(safe(f"  {line}"), soft_wrap=True)
    out.print(_summed_up(plan), soft_wrap=True)


def _previewed(text: str) -> str:
    """A value as the preview has room for it: of a text that is a page long its beginning, and how long it is."""
    if len(text) <= LONGEST_VALUE:
        return text or EMPTY
    return f"{wording.shortened(text, LONGEST_VALUE)}（共 {len(text)} 字）"


def _refused(refused: Refusal) -> str:
    return f"未采用 {refused.row.place}“{refused.row.title}”：{refusal(refused)}。"


def _mentioned(plan: Plan) -> list[str]:
    lines = [_not_theirs(edit) for edit in plan.foreign]
    lines += [f"未导入 {row.place}“{row.title}”：没有行标识，不是发出的行。" for row in plan.added]
    if plan.missing:
        named = "、".join(map(str, plan.missing[:MOST_MISSING]))
        count = f" 等 {len(plan.missing)} 项" if len(plan.missing) > MOST_MISSING else ""
        lines.append(f"表中缺少发出的任务 {named}{count}，台账中不作改动。")
    return lines + [f"提示 任务 {task}：{UNDATED}。" for task in undated(plan)]


def _not_theirs(edit: ForeignEdit) -> str:
    now = dict(zip(COLUMNS, row_of(edit.task).cells(), strict=True))[edit.column]
    return (
        f"不予采用 {edit.row.place} 任务 {edit.task.id}：{edit.column}不由填报单位改动，"
        f"“{brief(now)}”被改成了“{brief(edit.text)}”。"
    )


def _summed_up(plan: Plan) -> str:
    parts = [f"{len(plan.changes)} 项任务有改动"]
    if plan.unchanged:
        parts.append(f"{plan.unchanged} 行没有新内容")
    if plan.refusals:
        parts.append(f"{len(plan.refusals)} 行未采用")
    return "，".join(parts) + "。"
