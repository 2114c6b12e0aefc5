"""What a row of the task table is: every table, file and page that shows tasks takes it from here."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import astuple, dataclass, replace
from datetime import date
from typing import TypeVar

from extractor.export import wording
from extractor.ledger.records import Heading, Task, part_of, readable, without
from extractor.model import Deadline, Fields, Frequency, Role, Span, UnitMention, Value

Timed = TypeVar("Timed", Deadline, Frequency)

COLUMNS = (
    "序号",
    "任务",
    "工作内容",
    "牵头单位",
    "责任单位",
    "配合单位",
    "完成时限",
    "频次",
    "来源文件",
    "原文位置",
    "进展情况",
    "状态",
    "完成日期",
    "备注",
)
PROGRESS, STATUS, COMPLETED_ON, REMARKS = "进展情况", "状态", "完成日期", "备注"
FILLED_IN = (PROGRESS, STATUS, COMPLETED_ON, REMARKS)
"""The columns that units fill in when the table is handed out to them."""
IDENTIFYING = ("任务", "工作内容")
"""The columns by which one tells that a row is the one it should be."""
OWN_ROLE, ROW_ID = "本单位角色", "行标识（请勿改动）"
"""What a table that is handed out has beside the `COLUMNS`: the recipient's role in each task, and the row's id."""

OPENING = 24
"""How many characters of an item without a heading stand for one."""

NAMED_UNITS = 2
"""How many units are named before a value of their own; more are counted."""

AFTER_NUMBER = re.compile(r"^[\s、.．:：，,)）]*")
AFTER_HEADING = re.compile(r"^[\s。．.:：;；]*")
FIRST_SENTENCE = re.compile(r"[^。；！？;!?]+")
LAST_BRACKET = re.compile(r"[（(]([^（()）]*(?:[（(][^（()）]*[)）][^（()）]*)*)[)）]?[。.;；\s]*$")
LAST_LABELLED_LINE = re.compile(
    r"\n[ \t\u3000]*[（(]?(?:牵头|责任|负责|配合|参加|参与|协办|主办|承办)单位[^\n]*$"
)
LAST_TIME_LINE = re.compile(r"\n[ \t\u3000]*(?:完成|办结)(?:时限|时间|期限)[:：][^\n]{1,30}$")
OF_TASK_TABLE = "row-of-task-table"
UNITS_OF_HEADING = re.compile(r"[（(][^（()）]*(?:牵头|负责|配合|单位)[^（()）]*[)）]?$")
ROLE_WORDS = re.compile(
    r"牵头|负责|责任|配合|参加|参与|协办|主办|承办|单位|部门|按照?职责分工|分别|共同|会同|联合"
    r"|等|有关|相关|各|及|以及|由|和|与|排在第一位的?|列第一位者?|为|下同|[、，,；;：:。.（）()\s]"
)


@dataclass(frozen=True, slots=True)
class Row:
    """A task as a coordinator reads it; the fields are the `COLUMNS` in their order."""

    number: int
    task: str
    content: str
    lead: str
    responsible: str
    cooperating: str
    due: str
    frequency: str
    source: str
    place: str
    progress: str
    status: str
    completed_on: str
    remarks: str

    def cells(self) -> tuple[str, ...]:
        """The row as text, in the order of `COLUMNS`."""
        return tuple(map(str, astuple(self)))


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of tasks as text under their titles."""

    titles: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def with_column(self, at: int, title: str, cells: Iterable[str]) -> Table:
        """The table with one more column, before which `at` others stand."""
        rows = ((*row[:at], cell, *row[at:]) for row, cell in zip(self.rows, cells, strict=True))
        return Table((*self.titles[:at], title, *self.titles[at:]), tuple(rows))


def table_of(tasks: Iterable[Task]) -> Table:
    """The task table of `tasks`."""
    return Table(COLUMNS, tuple(row_of(task).cells() for task in tasks))


def row_of(task: Task, on: date | None = None) -> Row:
    """The row of one task, its status as of the day `on`: today unless given."""
    fields = _readable(task)
    heading, content = heading_and_content(task)
    return Row(
        number=task.id,
        task=heading,
        content=content,
        lead=_units(fields, "lead"),
        responsible=_units(fields, "responsible"),
        cooperating=_units(fields, "cooperating"),
        due=_lines(fields, fields.deadlines, wording.deadline),
        frequency=_lines(fields, fields.frequencies, wording.frequency),
        source=_source(task),
        place=place(task),
        progress=wording.progress(task.tracking.percent, task.tracking.progress),
        status=wording.STATUSES[task.status_on(on or date.today())],
        completed_on=task.tracking.completed_on.isoformat() if task.tracking.completed_on else "",
        remarks="\n".join(dict.fromkeys(filter(None, (task.tracking.remarks, *notes(task))))),
    )


def heading_and_content(task: Task) -> tuple[str, str]:
    """The task's name and its text without number, heading, closing list of units and what was left out."""
    item = task.item
    if item.reason == OF_TASK_TABLE:
        return _of_table_row(task)
    units = _readable(task).units + tuple(readable(unit, task.left_out) for unit in task.extracted.units)
    kept = without(item.quote, (part_of(item.span, out.span) for out in task.left_out))
    rest = _after_label(kept, item.number)
    printed = _heading(task)
    heading = wording.tidy(_without_closing_units(printed, units))
    if printed and rest.startswith(printed):
        rest = AFTER_HEADING.sub("", rest[len(printed) :], count=1)
    content = wording.tidy(_without_closing_units(rest, units))
    if not heading:
        heading = _named_by_opening(content, task.ancestors)
    return heading, content or heading


def brief_name(heading: str | None, number: str | None, opening: str) -> str:
    """What a task is called where its whole text is not at hand: by its heading, else by how it begins."""
    if heading and wording.tidy(heading):
        return wording.tidy(heading)
    text = wording.tidy(_after_label(opening, number))
    sentence = FIRST_SENTENCE.match(text)
    return wording.shortened(sentence.group() if sentence else text, OPENING)


def _of_table_row(task: Task) -> tuple[str, str]:
    """The name and text of a row of a task table: its cells without those that hold only number, units, times."""
    item, at = task.item, task.item.span.start
    cells: list[str] = []
    for cell in item.quote.split("\t"):
        span = Span(at, at + len(cell))
        at = span.end + 1
        held = sum(v.span.end - v.span.start for v in item.fields if span.covers(v.span))
        said = wording.tidy(cell)
        if (
            said
            and said not in (item.number, wording.tidy(item.heading or ""))
            and 2 * held < len(cell.strip())
        ):
            cells.append(said)
    heading = wording.tidy(item.heading or "")
    content = "；".join(cells) or heading
    return heading or wording.shortened(content, OPENING), content


def place(task: Task) -> str:
    """Place in the file and path in the outline: 第35行 二（三）."""
    path = _path([*(a.number for a in task.ancestors), task.item.number])
    part = f"第{task.item.part + 1}篇" if len(task.document.parts) > 1 else ""
    return " ".join(filter(None, (wording.place(task.place), part, path)))


def unit_name(unit: UnitMention) -> str:
    """A unit's name as printed, on one line."""
    return wording.tidy(unit.quote)


def _heading(task: Task) -> str:
    """The heading as printed, without what cleaning left out."""
    item = task.item
    at = item.quote.find(item.heading) if item.heading else -1
    if at < 0 or not item.heading:
        return item.heading or ""
    span = Span(item.span.start + at, item.span.start + at + len(item.heading))
    return without(item.heading, (part_of(span, out.span) for out in task.left_out if span.covers(out.span)))


def _readable(task: Task) -> Fields:
    """The task's values, their quotes without what cleaning left out (縣(xiàn) → 縣)."""
    fields = task.item.fields
    return replace(
        fields,
        units=tuple(readable(unit, task.left_out) for unit in fields.units),
        deadlines=tuple(readable(deadline, task.left_out) for deadline in fields.deadlines),
        frequencies=tuple(readable(frequency, task.left_out) for frequency in fields.frequencies),
    )


def _after_label(text: str, number: str | None) -> str:
    text = text.lstrip()
    if not number:
        return text
    label = re.match(rf"[（(]?\s*{re.escape(number.strip('()（）'))}", text)
    return AFTER_NUMBER.sub("", text[label.end() :], count=1) if label else text


def _without_closing_units(text: str, units: Sequence[UnitMention]) -> str:
    """`text` without a bracket or labelled line at its end that says only who does it."""
    text = LAST_TIME_LINE.sub("", text.rstrip()).rstrip()
    for pattern in (LAST_BRACKET, LAST_LABELLED_LINE):
        while (closing := pattern.search(text)) and _only_units(closing.group(), units):
            text = text[: closing.start()].rstrip()
    return text


def _only_units(text: str, units: Iterable[UnitMention]) -> bool:
    left = text
    for name in sorted({unit.quote for unit in units}, key=len, reverse=True):
        left = left.replace(name, "")
    return left != text and not ROLE_WORDS.sub("", left)


def _named_by_opening(content: str, ancestors: tuple[Heading, ...]) -> str:
    sentence = FIRST_SENTENCE.match(content)
    opening = wording.shortened(sentence.group() if sentence else content, OPENING)
    above = next((a.heading for a in reversed(ancestors) if a.heading), None)
    if not above:
        return opening
    return f"{wording.shortened(UNITS_OF_HEADING.sub('', wording.tidy(above)), OPENING)}：{opening}"


def _path(numbers: Iterable[str | None]) -> str:
    """Numbers from the outside in: 二（三）, 一、1, 第二章第五条."""
    path = ""
    for number in (n for n in numbers if n is not None):
        shown = _printed_number(number)
        path += f"、{shown}" if path and path[-1] != "）" and shown[0] not in "（第" else shown
    return path


def _printed_number(number: str) -> str:
    bare = wording.tidy(number).strip("()（）")
    if not bare:
        return "（缺号）"
    return f"（{bare}）" if number.strip()[0] in "(（" else bare


def _units(fields: Fields, role: Role) -> str:
    return "、".join(dict.fromkeys(unit_name(unit) for unit in fields.units if unit.role == role))


def _lines(fields: Fields, values: Iterable[Timed], worded: Callable[[Timed], str]) -> str:
    """One value a line, led by those it concerns where it does not concern all."""
    return "\n".join(dict.fromkeys(_those_of(fields, value.measure) + worded(value) for value in values))


def _those_of(fields: Fields, measure: int | None) -> str:
    if measure is None:
        return ""
    own = list(dict.fromkeys(unit_name(unit) for unit in fields.units if unit.measure == measure))
    if not own or len(own) == len({unit_name(u) for u in fields.units}):
        return ""
    named = "、".join(own[:NAMED_UNITS])
    return f"{named}：" if len(own) <= NAMED_UNITS else f"{named}等{len(own)}家单位："


def _source(task: Task) -> str:
    """The circular without its issuer, the plan in it where it encloses several, and its 发文字号."""
    document, part = task.document, task.item.part
    titles = [_without_issuer(document.title, document.issuer)]
    if len(document.parts) > 1 and part < len(document.parts):
        own = document.parts[part]
        titles = [own] if document.title in document.parts else [*titles, own]
    named = [wording.titled(title) for title in titles if title]
    number = [wording.tidy(document.doc_number)] if document.doc_number else []
    return "\n".join([*dict.fromkeys(named or [wording.tidy(document.name)]), *number])


def _without_issuer(title: str | None, issuer: str | None) -> str | None:
    """关于印发…的通知 for 某市人民政府办公室关于印发…的通知: every row repeats it."""
    if not title or not issuer:
        return title
    short = wording.tidy(title).removeprefix(wording.tidy(issuer))
    return short if short.startswith("关于") else title


def notes(task: Task) -> tuple[str, ...]:
    """The lines of its remarks that are the program's own: what came down from a heading, what to look at."""
    fields = task.item.fields
    kinds: dict[str, tuple[Value, ...]] = {
        "单位": fields.units,
        "时限": fields.deadlines,
        "频次": fields.frequencies,
    }
    inherited = "、".join(kind for kind, values in kinds.items() if any(v.inherited for v in values))
    handed_down = [f"{inherited}承自上级标题"] if inherited else []
    return tuple(dict.fromkeys([*handed_down, *map(wording.warning, task.warnings)]))
