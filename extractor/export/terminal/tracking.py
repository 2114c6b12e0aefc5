"""Progress, times that recur, events, what is due, and figures, as the commands print them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from extractor.export import wording
from extractor.export.control import safe
from extractor.export.figures import COUNTS, RATE, FiguresRow, sections, summary
from extractor.export.rows import brief_name, row_of
from extractor.export.terminal.console import console, print_table, table
from extractor.ledger.due import DueLine, DueRow, DueState, DueUnit
from extractor.ledger.records import Tracking
from extractor.ledger.report import Report
from extractor.ledger.tracking import Attachment, Occurrence, Recorded
from extractor.ledger.waiting import Event, Hung, near

if TYPE_CHECKING:
    from extractor.ledger import Ledger
    from extractor.ledger.occasions import Occasion

STYLES: dict[DueState, str] = {"overdue": "bold red", "today": "bold yellow", "coming": ""}
LONGEST_TITLE = 30
LONGEST_TASK = 40
MOST_NAMED, EVENTS_NAMED = 8, 5
"""How many tasks and spellings of an event are named, and how many events where none is like a name that was typed."""


def print_recorded(recorded: Iterable[Recorded]) -> None:
    """What changed of each task, and what of it followed from the status."""
    out = console()
    for one in recorded:
        changes = [*_changes(one), *(f"附件 + {name}" for name in one.added)]
        implied = "、".join(wording.TRACKING_FIELDS[name] for name in one.implied)
        said = "，".join(changes) or "没有变化"
        also = f"（{implied}未写明，由其他各项推定）" if implied else ""
        out.print(safe(f"任务 {one.task}：{said}{also}。"), soft_wrap=True)


def _changes(one: Recorded) -> list[str]:
    shown = []
    for name, title in wording.TRACKING_FIELDS.items():
        before, after = _shown(one.before, name), _shown(one.after, name)
        if before != after:
            shown.append(f"{title} {before or '空'} → {after or '空'}")
    return shown


def _shown(tracking: Tracking, name: str) -> str:
    value = getattr(tracking, name)
    if name == "status":
        return wording.STATUSES[value]
    if value is None:
        return ""
    return f"{value}%" if name == "percent" else wording.tidy(str(value))


def print_attachments(attachments: Sequence[Attachment]) -> None:
    """The evidence of a task."""
    out = console()
    if not attachments:
        out.print("这项任务没有佐证材料。")
        return
    shown = table("编号", "名称", "大小", "登记人", "登记时间", numbers=[0, 2])
    for one in attachments:
        at = one.at.astimezone().strftime("%Y-%m-%d %H:%M") if one.at else ""
        shown.add_row(str(one.id), safe(one.name), wording.size(one.size), safe(one.by or ""), at)
    print_table(out, shown)


def print_occurrences(occurrences: Sequence[Occurrence], on: date) -> None:
    """The single times of a task with their state as of a day."""
    out = console()
    if not occurrences:
        out.print("这项任务没有按频次应办的日期。")
        return
    shown = table("应办日期", "次", "频次", "情况", "完成日期", "说明", numbers=[1])
    for one in occurrences:
        state = _state(one, on)
        done_on = one.done_on.isoformat() if one.done_on else ""
        cells = (one.due.isoformat(), str(one.nth + 1), safe(wording.tidy(one.words)))
        shown.add_row(*cells, state, done_on, safe(wording.tidy(one.note)))
    print_table(out, shown)
    done = sum(1 for one in occurrences if one.done_on)
    out.print(f"共 {len(occurrences)} 次，已办 {done} 次；用 taizhang tick 登记。")


def _state(one: Occurrence, on: date) -> Text:
    if not one.planned:
        return Text("已办，频次更正后不再要求")
    if one.done_on:
        return Text("已办")
    return Text("逾期", style=STYLES["overdue"]) if one.due < on else Text("待办")


def print_events(events: Sequence[Event], ledger: Ledger) -> None:
    """The events that deadlines hang on, which tasks wait for their days, and the days that are known."""
    out = console()
    if not events:
        out.print("没有以事件为准的时限。")
        return
    shown = table("事件", "任务", "日期待定", "登记的日期", "待定的任务", "公文中的写法", numbers=[1, 2])
    for event in events:
        days = "\n".join(f"{day.happens_on}（{_scope(day, ledger)}）" for day in event.days)
        shown.add_row(
            safe(wording.tidy(event.name)),
            str(len(event.tasks)),
            str(len(event.waiting)),
            safe(days),
            _first(list(map(str, event.waiting)), "项"),
            safe(_first(list(dict.fromkeys(map(wording.tidy, event.printed))), "种")),
        )
    print_table(out, shown)
    out.print("用 taizhang event 事件 日期 登记；用 taizhang event 事件 逐项查看以它为准的时限。")


def _first(words: Sequence[str], counted: str) -> str:
    """The first few of the words, and where there are more, how many."""
    more = f" 等 {len(words)} {counted}" if len(words) > MOST_NAMED else ""
    return "、".join(words[:MOST_NAMED]) + more


def print_hung(event: Event, hung: Sequence[Hung]) -> None:
    """The deadlines that hang on an event, each with the day that it has become."""
    out = console()
    if not hung:
        out.print(safe(f"没有时限以“{wording.tidy(event.name)}”为准。"), soft_wrap=True)
        return
    shown = table("序号", "任务", "时限", "日期", "来源文件", numbers=[0])
    for one in hung:
        title = wording.shortened(row_of(one.task).task, LONGEST_TASK)
        source = wording.shortened(wording.tidy(one.task.document.name), LONGEST_TITLE)
        due = one.due.isoformat() if one.due else "待定"
        shown.add_row(
            str(one.task.id), safe(title), safe(wording.tidy(one.deadline.quote)), due, safe(source)
        )
    print_table(out, shown)
    undated = sum(1 for one in hung if one.due is None)
    out.print(f"共 {len(hung)} 个时限，{undated} 个待定。")


def _scope(day: Occasion, ledger: Ledger) -> str:
    if day.task is not None:
        return f"仅任务 {day.task}"
    if day.document is not None:
        return f"仅{wording.shortened(wording.tidy(ledger.entry(day.document).name), LONGEST_TITLE)}"
    return f"{day.year}年度"


def print_dated(event: Event, day: date, known: Sequence[Event]) -> None:
    """What became of the deadlines that hang on an event whose day was given."""
    out = console()
    name = safe(wording.tidy(event.name))
    if event.tasks:
        undated = len(event.tasks) - len(event.dated)
        rest = (
            f"，另有 {undated} 项任务的日期待定（文件年度不同，或只登记给了个别文件、任务）"
            if undated
            else ""
        )
        out.print(
            f"已登记：“{name}”为 {day}；{len(event.dated)} 项任务的时限已成为日期{rest}。", soft_wrap=True
        )
        return
    if any(one.tasks for one in known if one.name == event.name):
        out.print(f"已登记：“{name}”为 {day}；但所指的文件或任务没有以它为准的时限，请核对。", soft_wrap=True)
        return
    hint = (
        f"公文中的事件有：{_named(alike)}。"
        if (alike := _alike(known, name))
        else "台账中没有以事件为准的时限。"
    )
    out.print(f"已登记：“{name}”为 {day}；但目前没有时限以它为准。{hint}", soft_wrap=True)


def no_such_event(known: Sequence[Event], name: str) -> str:
    """That no event is called so, and which are called like it."""
    alike = _alike(known, name)
    hint = f"公文中的事件有：{_named(alike)}，请照此写" if alike else "台账中没有以事件为准的时限"
    return f"没有时限以“{name}”为准：{hint}。"


def _alike(known: Sequence[Event], name: str) -> list[Event]:
    return near(known, name) or [event for event in known if event.tasks][:EVENTS_NAMED]


def _named(events: Sequence[Event]) -> str:
    return "、".join(safe(wording.tidy(event.name)) for event in events)


def print_due(units: Sequence[DueUnit], on: date, within: int, most: int | None = None) -> None:
    """What is overdue, due and coming, unit by unit, no more than `most` lines of each."""
    out = console()
    if not units:
        out.print(f"截至 {on} 没有逾期的，之后 {within} 天内也没有到期的。")
        return
    for unit in units:
        out.print(Text(f"{_unit(unit)}　{_counts(unit)}", style="bold"))
        shown = table("情况", "期限", "距今", "序号", "任务", "时限或频次", "状态", "来源", numbers=[3])
        for line in unit.lines[:most]:
            _add(shown, line)
        print_table(out, shown)
        if most is not None and (more := len(unit.lines) - most) > 0:
            out.print(f"…… 另有 {more} 行，用 taizhang due --unit 单位 查看。", style="dim")
    dates = {
        (line.first.task, line.first.due, line.first.nth, line.first.kind): line
        for u in units
        for line in u.lines
    }
    of_state = [
        f"{wording.DUE_STATES[state]} {count} 项"
        for state in STYLES
        if (count := sum(line.count for line in dates.values() if line.first.state == state))
    ]
    out.print(f"截至 {on}，往后 {within} 天：{'，'.join(of_state)}。")


def _unit(unit: DueUnit) -> str:
    return safe(wording.tidy(wording.in_place(unit.name, unit.place)))


def _counts(unit: DueUnit) -> str:
    counted = ((wording.DUE_STATES[state], unit.count(state)) for state in STYLES)
    return "，".join(f"{word} {count}" for word, count in counted if count)


def _add(shown: Table, line: DueLine) -> None:
    row = line.first
    words = wording.tidy(row.words)
    if line.count > 1:
        words += f"（自 {row.due} 起共 {line.count} 次）"
    moved = f"{row.due}\n（原 {row.stated}）" if row.due != row.stated else str(row.due)
    percent = f" {row.percent}%" if row.percent is not None else ""
    shown.add_row(
        Text(wording.DUE_STATES[row.state], style=STYLES[row.state]),
        moved,
        wording.days_left(row.days),
        str(row.task),
        safe(wording.shortened(brief_name(row.heading, row.number, row.opening), LONGEST_TASK)),
        safe(words),
        wording.STATUSES[row.status] + percent,
        safe(wording.shortened(wording.tidy(row.title), LONGEST_TITLE)),
    )


def due_to_json(rows: Iterable[DueRow]) -> list[dict[str, Any]]:
    """What is due, for programs: a row for each date and unit that must deliver it."""
    return [
        {
            "task": row.task,
            "name": brief_name(row.heading, row.number, row.opening),
            "document": row.document,
            "title": row.title,
            "organization": row.organization,
            "unit": wording.in_place(row.unit, row.place) if row.unit else None,
            "due": row.due.isoformat(),
            "stated": row.stated.isoformat(),
            "days": row.days,
            "state": row.state,
            "kind": row.kind,
            "nth": row.nth,
            "words": row.words,
            "status": row.status,
            "percent": row.percent,
        }
        for row in rows
    ]


def print_report(report: Report) -> None:
    """The figures by document, unit and month."""
    out = console()
    if not report.all.total:
        out.print("台账中没有任务。")
        return
    for section in sections(report):
        out.print(Text(section.title, style="bold"))
        shown = table(section.subject, *COUNTS, RATE, numbers=range(1, len(COUNTS) + 2))
        for row in section.rows:
            _add_figures(shown, row)
        if section.total and len(section.rows) > 1:
            shown.add_section()
            _add_figures(shown, section.total)
        print_table(out, shown)
        out.print(section.note, style="dim")
        out.print()
    out.print(f"{summary(report)}。")


def _add_figures(shown: Table, row: FiguresRow) -> None:
    parts = (str(part) if part else "" for part in row.parts)
    shown.add_row(safe(row.name), str(row.total), *parts, wording.rate(row.rate))
