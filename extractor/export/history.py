"""The log and its verification in Chinese: what was done to what, each value before and after, what does not hold."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from extractor.export import wording
from extractor.ledger import schema
from extractor.ledger.audit import Finding, Head, Verification
from extractor.ledger.events import Event, Row, instant
from extractor.ledger.records import Tracking
from extractor.model import fields_from_json

if TYPE_CHECKING:
    from extractor.coverage import Sentence

NOTHING = "空"
UNSAID = {"span": [0, 0], "rule": "", "measure": None, "inherited": False, "event_span": None}
"""What a value keeps that is not said of it here."""
MOST_TOLD = 6
"""So many changes are told one by one; more are counted."""

FIELDS = [*wording.CORRECTED_FIELDS, "measures"]
"""What can be corrected, in the order in which it is told."""

COLUMNS: dict[str, dict[str, str]] = {
    "document_states": {"standing": "版本", "supersedes": "取代", "place": "所属地区"},
    "tasks": {
        "standing": "状态",
        "document": "所在文件",
        "successor": "转入",
        "span_start": "起始字",
        "span_end": "结束字",
    },
    "organizations": {
        "name": "名称",
        "place": "所属地区",
        "level": "层级",
        "kind": "类别",
        "collective": "统称",
    },
    "names": {"organization": "指", "place": "所在地区", "name": "名称"},
    "corrections": {"value": "更正"},
    "reviews": {"seen": "核对"},
    "tracking": wording.TRACKING_FIELDS,
    "ticks": {
        "done_on": "完成日期",
        "note": "说明",
        "due": "应完成日期",
        "nth": "当日第几次",
        "task": "任务",
    },
    "occasions": {"happens_on": "日期", "name": "名称", "document": "限文件", "task": "限任务"},
    "attachments": {"name": "附件", "size": "大小", "task": "任务"},
    "handouts": {"name": "文件名", "recipient": "发给"},
    "returns": {"returned_by": "交回者", "name": "文件名"},
    "people": {
        "name": "姓名",
        "role": "角色",
        "active": "账号",
        "password_set_at": "设定密码",
        "tokens": "接口令牌数",
    },
}
"""The columns of kept rows that are told, in the order in which they are."""


WITHOUT_ROW: dict[str, Row] = {"tracking": asdict(Tracking())}
"""What holds where there is no row."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One value before and after; `about` says of what ("任务 12"), `field` which ("状态")."""

    about: str
    field: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.about} {self.field}：{self.before} → {self.after}"


Units = Mapping[int, str]
"""The names of units by their numbers, as `unit_names` of `ledger.history` gives them."""


def subject(event: Event) -> str:
    """What the event was done to: 任务 12."""
    return named(event.subject)


def named(subject: str) -> str:
    """任务 12 for task:12."""
    kind, _, number = subject.partition(":")
    return f"{wording.SUBJECTS.get(kind, kind)} {number}".rstrip()


def action(event: Event) -> str:
    """What was done: 登记进展."""
    return wording.ACTIONS.get(event.action, event.action)


def when(event: Event) -> str:
    """The moment, in the time of this machine."""
    return _local_time(event.at)


def _local_time(at: datetime) -> str:
    return at.astimezone().strftime("%Y-%m-%d %H:%M:%S")


def told(event: Event, units: Units, task: int | None = None) -> list[str]:
    """What the event changed, a line each; of an event that changed much, what it changed of `task`, and how many rows."""
    changes = differences(event, units)
    if len(changes) <= MOST_TOLD:
        return [str(change) for change in changes]
    return [*(str(change) for change in changes if change.about == f"任务 {task}"), *_counted(event)]


def differences(event: Event, units: Units) -> list[Difference]:
    """Each value that the event changed, before and after."""
    return [
        difference
        for table in COLUMNS
        for number, before, after in _rows(event, table)
        for difference in _of_row(table, number, before, after, units)
        if difference.before != difference.after
    ]


def _rows(event: Event, table: str) -> list[tuple[str, Row | None, Row | None]]:
    """The rows of a table that the event changed, before and after: by number, corrections in the order of the fields."""
    rows = [
        (number, event.before[table][number], after) for number, after in event.after.get(table, {}).items()
    ]
    if table == "corrections":
        return sorted(rows, key=lambda row: FIELDS.index((row[1] or row[2] or {})["field"]))
    return sorted(rows, key=lambda row: int(row[0]))


def _counted(event: Event) -> Iterator[str]:
    """How many rows of each table were added, altered, taken out; a line each."""
    kinds: dict[str, dict[str, list[str]]] = {"新增": {}, "改动": {}, "删去": {}}
    for table, rows in event.after.items():
        for number, after in rows.items():
            before = event.before[table][number]
            kind = "新增" if before is None else "删去" if after is None else "改动"
            kinds[kind].setdefault(table, []).append(number)
    for kind, numbers in kinds.items():
        if numbers:
            yield f"{kind}：" + "、".join(
                f"{wording.TABLES[table]} {len(some)} 条{_which(table, some)}"
                for table, some in numbers.items()
            )


def _which(table: str, numbers: list[str]) -> str:
    """The numbers of tasks and documents, which people know; other rows have none to go by."""
    if table not in ("tasks", "document_states"):
        return ""
    more = "……" if len(numbers) > MOST_TOLD else ""
    return f"（序号 {'、'.join(sorted(numbers, key=int)[:MOST_TOLD])}{more}）"


def _of_row(
    table: str, number: str, before: Row | None, after: Row | None, units: Units
) -> Iterator[Difference]:
    row = after or before or {}
    before, after = before or WITHOUT_ROW.get(table), after or WITHOUT_ROW.get(table)
    about = _about(table, number, row)
    if table == "corrections":
        yield Difference(about, *_correction(row["field"], before, after))
        return
    whole = SINGLE.get(table)
    if whole and (before is None or after is None):
        # What came or went as a whole is told as a whole.
        yield Difference(
            about, whole.field, *(whole.said(each) if each else NOTHING for each in (before, after))
        )
        return
    for column, title in COLUMNS[table].items():
        was, became = (each.get(column) if each else None for each in (before, after))
        if was != became or (before is None) != (after is None):
            yield Difference(
                about, title, _value(table, column, was, units), _value(table, column, became, units)
            )


def _about(table: str, number: str, row: Row) -> str:
    if table in ("tasks", "tracking", "reviews"):
        return f"任务 {number}"
    if table == "document_states":
        return f"文件 {number}"
    if table == "organizations":
        return f"单位 {number}"
    if table == "names":
        return f"“{row['name']}”"
    if table == "occasions":
        return f"事件“{row['name']}”"
    if table == "people":
        return f"人员“{row['name']}”"
    if table == "handouts":
        return f"发出的表 {number}"
    return f"任务 {row['task']}"


@dataclass(frozen=True, slots=True)
class _Single:
    """How a row is told that comes or goes as a whole."""

    field: str
    said: Callable[[Row], str]


SINGLE: dict[str, _Single] = {
    "document_states": _Single("台账", lambda row: f"记入（{wording.DOCUMENT_STANDINGS[row['standing']]}）"),
    "tasks": _Single(
        "台账", lambda row: f"{wording.ORIGINS[row['origin']]}（{wording.TASK_STANDINGS[row['standing']]}）"
    ),
    "organizations": _Single("名录", lambda row: row["name"]),
    "reviews": _Single("核对", lambda row: "无误"),
    "ticks": _Single("完成登记", lambda row: _tick(row)),
    "occasions": _Single("日期", lambda row: f"{row['happens_on']}{_scope(row)}"),
    "attachments": _Single("附件", lambda row: f"{row['name']}（{wording.size(row['size'])}）"),
    "handouts": _Single(
        "发出",
        lambda row: f"{row['name']}（{'给' + row['recipient'] if row['recipient'] else '未指明单位'}）",
    ),
    "returns": _Single("交回", lambda row: "，".join(filter(None, (row["name"], row["returned_by"])))),
    "people": _Single("账号", lambda row: wording.PERSON_ROLES[row["role"]]),
}


def _scope(row: Row) -> str:
    """For what a day of an event was given, where not for all documents of its year."""
    if row["task"] is not None:
        return f"（仅任务 {row['task']}）"
    return f"（仅文件 {row['document']}）" if row["document"] is not None else ""


def _tick(row: Row) -> str:
    note = f"，{row['note']}" if row["note"] else ""
    return f"{row['due']} 应完成的，{row['done_on']} 完成{note}"


def _value(table: str, column: str, value: Any, units: Units) -> str:
    """A value of a column in words."""
    if value is None or value == "":
        return NOTHING
    if column == "organization":
        return units.get(value, f"单位 {value}")
    if column in ("document", "supersedes"):
        return f"文件 {value}"
    if column in ("task", "successor"):
        return f"任务 {value}"
    if column == "percent":
        return f"{value}%"
    if column == "seen":
        return "无误"
    if column == "password_set_at":
        return _local_time(datetime.fromisoformat(value))
    if table == "people" and column == "active":
        return "启用" if value else "停用"
    if column == "collective":
        return "是" if value else "否"
    words = WORDS.get((table, column), {})
    return words.get(value, wording.tidy(str(value)))


WORDS: dict[tuple[str, str], Mapping[str, str]] = {
    ("tracking", "status"): wording.STATUSES,
    ("tasks", "standing"): wording.TASK_STANDINGS,
    ("document_states", "standing"): wording.DOCUMENT_STANDINGS,
    ("people", "role"): wording.PERSON_ROLES,
}


def _correction(field: str, before: Row | None, after: Row | None) -> tuple[str, str, str]:
    """The field, and what holds in it before and after; what was read, where nothing else had been put in its place."""
    read = (before or after or {})["basis"]
    said = [_said(field, row["value"] if row else read) for row in (before, after)]
    return wording.CORRECTED_FIELDS.get(field, "举措"), said[0], said[1]


def _said(field: str, value: str) -> str:
    known = json.loads(value)
    if field == "heading":
        return wording.tidy(known) if known else NOTHING
    if field == "kind":
        return wording.ITEM_KINDS[known]
    values: dict[str, list[Any]] = {name: [] for name in ("units", "deadlines", "frequencies", "measures")}
    if field == "measures":
        return f"{len(known)} 条" if known else NOTHING
    fields = fields_from_json({**values, field: [UNSAID | one for one in known]})
    said = [f"{wording.ROLES[unit.role]} {wording.tidy(unit.quote)}" for unit in fields.units]
    said += [wording.deadline(deadline) for deadline in fields.deadlines]
    said += [wording.frequency_with_quote(frequency) for frequency in fields.frequencies]
    return "、".join(dict.fromkeys(said)) or NOTHING


# ---------------------------------------- what verifying found

COUNTED = {
    "documents": "文件",
    "tasks": "任务",
    "values": "取值",
    "attachments": "附件",
    "events": "日志",
}
SHORT_HASH = 16
LONGEST_VALUE = 40
NAMED_ROWS = {"tasks": "任务 {}", "tracking": "任务 {}", "reviews": "任务 {}", "events": "第{}号"}
SEALED = {
    "documents": "文件的标题、文号等信息",
    "parts": "所附文件的划分",
    "document_evidence": "文件信息的出处",
    "citations": "对其他文件的引用",
    "left_out": "未采用的文字",
    "warnings": "提醒",
    "places": "原文位置",
}


def head(found: Head) -> str:
    """The last event of the log, short enough to be noted down by hand: 88:3fa94c0e12ab34cd."""
    return f"{found.sequence}:{found.hash[:SHORT_HASH]}"


def finding(found: Finding) -> str:
    """What does not hold, and where, in one line."""
    where = f"文件 {found.document}“{wording.tidy(found.name or '')}”" if found.document is not None else ""
    place = wording.place(found.place) if found.place else ""
    return f"【{wording.CHECKS[found.check]}】{where}{place}{_said_of(found)}"


def _said_of(found: Finding) -> str:
    row = _row_name(found)
    if found.problem == "damaged":
        return _of_damage(found)
    if found.problem == "dangling":
        return f"{row}所属的{wording.TABLES.get(str(found.expected), found.expected)}不存在"
    if found.check == "tables":
        return _of_tables(found)
    if found.check == "events":
        return _of_events(found)
    if found.check == "originals":
        return _of_originals(found)
    if found.problem == "not_printed":
        return f"{row}记为“{_short(found.found)}”，原文该处是“{_short(found.expected)}”"
    if found.table in schema.DERIVED:
        return f"{row}与重新推算的不一致；若刚升级过程序，可用 taizhang verify --rebuild 重新推算"
    if found.problem == "missing":
        return f"{row}不在了，日志中没有删去它的记录"
    if found.problem == "unknown":
        return f"{row}在日志中没有来历"
    column = COLUMNS.get(found.table, {}).get(found.column or "", found.column)
    return f"{row}的“{column}”是“{_short(found.found)}”，按日志应为“{_short(found.expected)}”"


def _of_damage(found: Finding) -> str:
    which = wording.TABLES.get(found.table)
    if found.check != "file":
        return f"无法读下去：{found.found}"
    if which and "constraint" in str(found.found):
        return f"{which}中有不合规定的值（{found.found}）"
    return f"{which}损坏：{found.found or found.row}" if which else f"数据库自检不通过：{found.found}"


def _row_name(found: Finding) -> str:
    if found.row is None:
        return wording.TABLES.get(found.table, found.table)
    named = NAMED_ROWS.get(found.table)
    kind = wording.TABLES.get(found.table, found.table)
    if named and found.table in ("tracking", "reviews"):
        return f"{named.format(found.row)} 的{kind}"
    return named.format(found.row) if named else f"{kind}第 {found.row} 条"


def _of_tables(found: Finding) -> str:
    said = {"missing": "缺少", "unknown": "多出", "altered": "被改动："}[found.problem]
    name = wording.TABLES.get(found.table) if found.row is None else f"“{found.row}”"
    return f"{said}{name}"


def _of_events(found: Finding) -> str:
    if found.problem == "missing" and found.column == "hash":
        return f"日志中没有所给的链头 {found.expected}：其后的日志被删去，或这不是同一本台账"
    if found.problem == "missing":
        return f"缺少第{found.row}号，下一条是第{found.found}号"
    if found.problem == "unreadable":
        return f"第{found.row}号的内容读不出来"
    if found.problem == "out_of_order":
        return f"第{found.row}号与前一号接不上"
    if found.problem == "other_history":
        return f"第{found.row}号所记的原值与此前的日志不符"
    if found.problem == "overreaching":
        return (
            f"第{found.row}号改动了这类操作不会改动的内容（{_row_named(str(found.found))}），不是本工具所记"
        )
    if found.column == "hash":
        return f"第{found.row}号的内容与其校验值不符，记录被改动"
    return f"第{found.row}号被改动"


def _row_named(row: str) -> str:
    table, _, number = row.rpartition(" ")
    return f"{wording.TABLES.get(table, table)} {number}"


def _of_originals(found: Finding) -> str:
    if found.table == "items":
        item = f"条目 {found.row}"
        changed = f"{item}或其单位、时限、频次与读入时不符"
        return {"missing": f"{item}不在了", "unknown": f"{item}不是读入的"}.get(found.problem, changed)
    if found.table == "blobs":
        said = {"missing": f"“{found.found}”的内容不在了", "unknown": "不属于任何任务"}.get(found.problem)
        return f"附件{said}" if said else f"附件内容与其校验值 {_short(found.row)} 不符"
    if found.table == "attachments":
        return f"附件第 {found.row} 条的大小与内容不符"
    if found.problem == "unknown":
        return "不是由本工具读入的"
    whole = {"data": "原件与读入时不符", "text": "原文文字与读入时不符"}
    return whole.get(found.column or "") or f"{SEALED[found.table]}与读入时不符"


def _short(value: object) -> str:
    return wording.shortened(wording.tidy(NOTHING if value is None else str(value)), LONGEST_VALUE)


def verification_to_json(found: Verification) -> dict[str, Any]:
    """The result for programs: the findings with their place in the tables, and in words."""
    return {
        "holds": found.holds,
        "at": found.at.isoformat(timespec="seconds"),
        "counts": dict(found.counts),
        "head": asdict(found.head) if found.head else None,
        "total": found.total,
        "unchecked": list(found.unchecked),
        "findings": [_finding_to_json(one) for one in found.findings],
    }


def _finding_to_json(one: Finding) -> dict[str, Any]:
    as_json = {
        name: getattr(one, name) for name in ("check", "problem", "table", "row", "column", "document")
    }
    return {
        **as_json,
        "place": one.place.to_json() if one.place else None,
        "expected": _plain(one.expected),
        "found": _plain(one.found),
        "words": finding(one),
    }


def _plain(value: object) -> str | int | float | None:
    return value if value is None or isinstance(value, str | int | float) else str(value)


def event_to_json(event: Event) -> dict[str, Any]:
    """The event as it is kept: times in UTC, rows as they were and as they became."""
    return {**asdict(event), "at": instant(event.at)}


def sentence_to_json(sentence: Sentence, tasks: Mapping[str, int]) -> dict[str, Any]:
    """What became of a sentence; `tasks` are the numbers of tasks by the ids of their items."""
    task = tasks.get(sentence.item or "") if sentence.standing == "task" else None
    return {**asdict(sentence), "span": sentence.span.to_json(), "cues": list(sentence.cues), "task": task}
