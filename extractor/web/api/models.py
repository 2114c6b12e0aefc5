"""What the API gives and takes, as pydantic models: their fields and descriptions make up its documentation."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from extractor.export.rows import COLUMNS, row_of
from extractor.ledger import Added, AlreadyThere, DocumentEntry, Failed, Outcome
from extractor.ledger.audit import Check, Problem
from extractor.ledger.audit import Finding as LedgerFinding
from extractor.ledger.audit import Verification as LedgerVerification
from extractor.ledger.due import DueRow, DueState
from extractor.ledger.events import Rows
from extractor.ledger.records import Organization, Standing, Status
from extractor.ledger.records import Task as LedgerTask
from extractor.ledger.revisions import Outdated, Revised
from extractor.ledger.search import Hit
from extractor.ledger.units import Unit as RegistryUnit
from extractor.model import Bound, DocumentKind, ItemKind, Role, Source, Vague, fields_to_json
from extractor.model import Item as ReadItem

ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def _written_as_a_day(value: object) -> object:
    """Let through nothing else; pydantic would take seconds since 1970 as well."""
    if isinstance(value, date) or (isinstance(value, str) and ISO_DAY.fullmatch(value)):
        return value
    raise ValueError(value)


Day = Annotated[date, BeforeValidator(_written_as_a_day)]
"""A day as it is sent to us: 2021-08-31."""
Place = dict[str, Any]
Pair = tuple[int, int]
NUMBER = "编号"
QUOTE = "原文，与文件正文一字不差"
SPAN = "在文件正文中的起止位置（按 Unicode 字符计，含起不含止）"
PLACE = "在原件中的位置：行、页和方框（boxes）、段、表、格等，有什么给什么"


class Model(BaseModel):
    """A model whose fields are all there, None where something is not known."""

    model_config = ConfigDict(frozen=True, json_schema_serialization_defaults_required=True)


class Refusal(Model):
    """What went wrong."""

    detail: str = Field(description="原因和办法，一行")


class Document(Model):
    """A document of the ledger."""

    id: int = Field(description=NUMBER)
    name: str = Field(description="文件名")
    title: str | None = Field(description="标题")
    issuer: str | None = Field(description="发文机关")
    doc_number: str | None = Field(description="发文字号")
    issued_on: date | None = Field(description="成文日期")
    kind: DocumentKind = Field(description="文种")
    year: int | None = Field(description="任务年度")
    added_at: datetime = Field(description="收文时间")
    superseded: bool = Field(description="是否已有新版")
    parts: list[str] = Field(description="所含各篇的标题")
    tasks: int = Field(description="任务数")
    units: int = Field(description="单位数")
    deadlines: int = Field(description="时限数")
    frequencies: int = Field(description="频次数")
    warnings: int = Field(description="提醒数")

    @classmethod
    def of(cls, entry: DocumentEntry) -> Document:
        """The entry of the ledger's list."""
        return cls.model_validate(entry, from_attributes=True)


class Value(Model):
    """What a value rests on."""

    quote: str = Field(description=QUOTE)
    span: Pair = Field(description=SPAN)
    rule: str = Field(description="找出它的规则")
    measure: int | None = Field(description="所属举措的编号；属于整项任务时为空")
    inherited: bool = Field(description="是否承自上级标题")


class Unit(Value):
    """A unit that has a part in a task."""

    role: Role = Field(description="lead 牵头、responsible 责任、cooperating 配合")


class Deadline(Value):
    """When it must be done."""

    due: date | None = Field(description="最后一天")
    event: str | None = Field(description="所依的事件")
    offset: str | None = Field(description="与事件相隔的时间（ISO 8601，可为负）")
    event_span: Pair | None = Field(description="事件在正文中的位置")


class Frequency(Value):
    """How often it recurs."""

    period: str | None = Field(description="周期（ISO 8601）")
    times: int | None = Field(description="每个周期几次")
    bound: Bound | None = Field(description="min 至少、max 至多、exact 恰好")
    vague: Vague | None = Field(description="没有写明周期时：regular 定期、continuous 常态化")
    recurs_on: str | None = Field(description="每次的最后一天（RFC 5545 的 BY 部分，或自周期结束起的时长）")


class Item(Model):
    """An item of a document's outline, as it was read."""

    id: str = Field(description="在条目树中的编号，如 2.1")
    parent: str | None = Field(description="上级条目的编号")
    part: int = Field(description="属于第几篇（从 0 起）")
    number: str | None = Field(description="印出的编号")
    heading: str | None = Field(description="印出的标题")
    kind: ItemKind = Field(description="group 标题、task 任务、goal 目标、context 背景")
    reason: str = Field(description="判定依据")
    place: Place = Field(description=PLACE)
    quote: str = Field(description=QUOTE)
    span: Pair = Field(description=SPAN)
    task: int | None = Field(description="作为任务时，任务的编号")
    units: list[Unit]
    deadlines: list[Deadline]
    frequencies: list[Frequency]

    @classmethod
    def of(cls, item: ReadItem, source: Source, task: int | None) -> Item:
        """The item of a document with `source`, whose task has that number."""
        values = fields_to_json(item.fields)
        own = {
            name: getattr(item, name)
            for name in ("id", "parent", "part", "number", "heading", "kind", "reason")
        }
        where = {
            "place": source.locate(item.span).to_json(),
            "quote": item.quote,
            "span": item.span.to_json(),
        }
        return cls.model_validate({**own, **where, "task": task, **values})


class Items(Model):
    """The outline of a document."""

    document: int = Field(description=NUMBER)
    items: list[Item]


class Heading(Model):
    """A heading above a task."""

    number: str | None = Field(description="印出的编号")
    heading: str | None = Field(description="印出的标题")


class Resolved(Model):
    """The unit of the registry that a name as printed stands for."""

    id: int = Field(description="单位的编号")
    name: str = Field(description="单位的名称")


class Tracking(Model):
    """How far a task has come, as last reported."""

    status: Status = Field(description="登记的状态")
    percent: int | None = Field(description="进度，百分之几")
    progress: str = Field(description="进展情况")
    completed_on: date | None = Field(description="完成日期")
    remarks: str = Field(description="备注")


class Task(Model):
    """A task: its values as they hold, corrections applied."""

    id: int = Field(description=NUMBER)
    document: int = Field(description="所在文件的编号")
    item: str = Field(description="在条目树中的编号")
    standing: Standing = Field(description="current 为台账中的一行；其余为已撤、并入、拆分、新版中已无")
    headings: list[Heading] = Field(description="上级标题，由外到内")
    number: str | None = Field(description="印出的编号")
    heading: str | None = Field(description="标题")
    place: Place = Field(description=PLACE)
    quote: str = Field(description=QUOTE)
    span: Pair = Field(description=SPAN)
    units: list[Unit]
    deadlines: list[Deadline]
    frequencies: list[Frequency]
    organizations: dict[str, Resolved] = Field(description="各单位（按原文）对应的名录单位")
    corrected: list[str] = Field(description="人工更正过的项目")
    tracking: Tracking
    status: Status | Literal["overdue"] = Field(description="今天的状态，含逾期")
    first_open: date | None = Field(description="最早的未完成日期")
    row: dict[str, str] = Field(description="任务表中的一行")

    @classmethod
    def of(cls, task: LedgerTask) -> Task:
        """The ledger's task."""
        item, today = task.item, date.today()
        return cls.model_validate(
            {
                "id": task.id,
                "document": task.document.id,
                "item": item.id,
                "standing": task.standing,
                "headings": [{"number": a.number, "heading": a.heading} for a in task.ancestors],
                "number": item.number,
                "heading": item.heading,
                "place": task.place.to_json(),
                "quote": item.quote,
                "span": item.span.to_json(),
                **fields_to_json(item.fields),
                "organizations": {q: {"id": o.id, "name": o.name} for q, o in task.organizations.items()},
                "corrected": sorted(task.corrected),
                "tracking": Tracking.model_validate(task.tracking, from_attributes=True),
                "status": task.status_on(today),
                "first_open": task.first_open,
                "row": dict(zip(COLUMNS, row_of(task, today).cells(), strict=True)),
            }
        )


class Tasks(Model):
    """A page of the table."""

    total: int = Field(description="符合条件的任务总数")
    limit: int = Field(description="这一页最多几项")
    offset: int = Field(description="跳过了几项")
    tasks: list[Task]


class Report(BaseModel):
    """What is reported of a task; what is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")

    status: Status | None = Field(None, description="状态")
    percent: int | None = Field(None, ge=0, le=100, description="进度，百分之几")
    progress: str | None = Field(None, max_length=4000, description="进展情况")
    completed_on: Day | None = Field(None, description="完成日期")
    remarks: str | None = Field(None, max_length=4000, description="备注")
    reason: str = Field("", max_length=1000, description="原因，记入日志")


class DueDate(Model):
    """A date by which something is still to be done, for one unit that must deliver it."""

    state: DueState = Field(description="overdue 逾期、today 当日到期、coming 即将到期")
    due: date = Field(description="最后一天；要求顺延时为顺延后的工作日")
    days: int = Field(description="还有几天，负数为已过几天")
    stated: date = Field(description="台账中的日期")
    task: int = Field(description="任务的编号")
    kind: Literal["deadline", "occurrence"] = Field(
        description="deadline 完成时限、occurrence 周期性工作的一次"
    )
    nth: int = Field(description="同类日期中的第几个（从 0 起）")
    words: str = Field(description="时间的原文")
    status: Status = Field(description="登记的状态")
    percent: int | None = Field(description="进度，百分之几")
    document: int = Field(description="文件的编号")
    title: str = Field(description="文件的标题")
    heading: str | None = Field(description="任务的标题")
    organization: int | None = Field(description="单位的编号；原文没有写明单位时为空")
    unit: str | None = Field(description="单位的名称")

    @classmethod
    def of(cls, row: DueRow) -> DueDate:
        """The ledger's row."""
        return cls.model_validate(row, from_attributes=True)


class DueDates(Model):
    """What is overdue, due and coming."""

    as_of: date = Field(description="从哪一天看")
    due: list[DueDate]


class RegisteredUnit(Model):
    """A unit of the registry."""

    id: int = Field(description=NUMBER)
    name: str = Field(description="名称")
    place: str | None = Field(description="所在地")
    level: str | None = Field(description="层级")
    kind: str = Field(description="类别")
    collective: bool = Field(description="是否统称，如各有关部门")
    names: list[str] = Field(description="各文件印出的名称")
    tasks: int = Field(description="任务数")
    lead: int = Field(description="牵头的任务数")
    responsible: int = Field(description="负责的任务数")
    cooperating: int = Field(description="配合的任务数")

    @classmethod
    def of(cls, unit: RegistryUnit) -> RegisteredUnit:
        """The registry's unit."""
        about: Organization = unit.organization
        own = {name: getattr(about, name) for name in ("id", "name", "place", "level", "kind", "collective")}
        counts = {name: getattr(unit, name) for name in ("tasks", "lead", "responsible", "cooperating")}
        return cls.model_validate({**own, "names": [name.name for name in unit.names], **counts})


class RegisteredUnits(Model):
    """The registry of units."""

    units: list[RegisteredUnit]


class Stretch(Model):
    """Characters of a passage."""

    text: str
    found: bool = Field(description="是不是要找的字")


class Found(Model):
    """A task in which words were found."""

    task: int = Field(description="任务的编号")
    document: int = Field(description="文件的编号")
    complete: bool = Field(description="要找的词是否都有")
    passage: list[Stretch] = Field(description="找到的地方")

    @classmethod
    def of(cls, hit: Hit) -> Found:
        """The ledger's hit."""
        passage = [{"text": stretch.text, "found": stretch.found} for stretch in hit.passage]
        return cls.model_validate(
            {
                "task": hit.task.id,
                "document": hit.task.document.id,
                "complete": hit.complete,
                "passage": passage,
            }
        )


class Findings(Model):
    """What a search found, the best first."""

    complete: int = Field(description="要找的词都有的任务数")
    partial: int = Field(description="只有部分词的任务数")
    hits: list[Found]


class Revision(Model):
    """What a new version of a circular changes: numbers of tasks."""

    earlier: int = Field(description="前一版本的编号")
    kept: list[int] = Field(description="没有变的任务")
    changed: list[int] = Field(description="有改动的任务")
    added: list[int] = Field(description="新增的任务")
    dropped: list[int] = Field(description="删去的任务")


class Received(Model):
    """What became of one document that was sent in."""

    name: str = Field(description="文件名；压缩包中的文件带包名")
    result: Literal["added", "known", "revised", "outdated", "failed"] = Field(
        description="added 已记入、known 已在台账中、revised 是新版、outdated 是旧版、failed 未读入"
    )
    reason: str | None = Field(description="未读入的原因")
    document: Document | None = Field(description="台账中的文件")
    revision: Revision | None = Field(description="是新版时：有哪些变化")

    @classmethod
    def of(cls, outcome: Outcome) -> Received:
        """The outcome of reading it in."""
        result = outcome.result
        told = {"name": outcome.name, "result": RESULTS[type(result)]}
        if isinstance(result, Failed):
            return cls.model_validate({**told, "reason": result.reason, "document": None, "revision": None})
        revision = None
        if isinstance(result, Revised):
            numbers = {name: getattr(result, name) for name in ("kept", "changed", "added", "dropped")}
            revision = {"earlier": result.earlier.id, **numbers}
        document = Document.of(result.entry)
        return cls.model_validate({**told, "reason": None, "document": document, "revision": revision})


RESULTS: dict[type, str] = {
    Added: "added",
    AlreadyThere: "known",
    Revised: "revised",
    Outdated: "outdated",
    Failed: "failed",
}


class Receipts(Model):
    """What became of a file that was sent in, or of each document in an archive."""

    documents: list[Received]


class Finding(Model):
    """Something that does not hold."""

    check: Check = Field(description="哪一项核查")
    problem: Problem = Field(description="哪一种问题")
    table: str = Field(description="数据表")
    row: int | str | None = Field(description="行号，或条目编号等")
    column: str | None = Field(description="列")
    expected: str | None = Field(description="应为")
    found: str | None = Field(description="实为")
    document: int | None = Field(description="有关文件的编号")

    @classmethod
    def of(cls, finding: LedgerFinding) -> Finding:
        """What verification found."""
        values = {name: getattr(finding, name) for name in cls.model_fields}
        told = {name: None if values[name] is None else str(values[name]) for name in ("expected", "found")}
        return cls.model_validate({**values, **told})


class Event(Model):
    """A line of the audit log."""

    sequence: int = Field(description="序号")
    at: datetime = Field(description="时间（UTC）")
    actor: str = Field(description="谁")
    action: str = Field(description="做了什么")
    subject: str = Field(description="对什么，如 task:12")
    reason: str = Field(description="原因")
    before: Rows = Field(description="所改各行原来的内容，按数据表和行号；null 为没有")
    after: Rows = Field(description="所改各行后来的内容，按数据表和行号；null 为没有")
    previous: str = Field(description="前一事件的校验值")
    hash: str = Field(description="校验值")


class Events(Model):
    """The audit log, the last events in the order in which they happened."""

    events: list[Event]


class Head(Model):
    """The last event: whoever notes it down knows later that all before it is as it was."""

    sequence: int = Field(description="事件的序号")
    hash: str = Field(description="事件的校验值")


class Verification(Model):
    """Whether the ledger is whole."""

    at: datetime = Field(description="核查的时间")
    holds: bool = Field(description="是否全部相符")
    counts: dict[str, int] = Field(description="各核查了多少")
    head: Head | None = Field(description="最后一个事件")
    findings: list[Finding] = Field(description="最先发现的问题")
    total: int = Field(description="问题总数")
    unchecked: list[Check] = Field(description="因前面的问题而没有核查的项目")

    @classmethod
    def of(cls, verified: LedgerVerification) -> Verification:
        """The result of verifying a ledger."""
        return cls(
            at=verified.at,
            holds=verified.holds,
            counts=dict(verified.counts),
            head=Head.model_validate(verified.head, from_attributes=True) if verified.head else None,
            findings=[Finding.of(finding) for finding in verified.findings],
            total=verified.total,
            unchecked=list(verified.unchecked),
        )


class Documents(Model):
    """The documents in the order in which they were added."""

    documents: list[Document]


class Session(Model):
    """Who asks, what they may do, and what a browser must send along with a change."""

    name: str = Field(description="姓名")
    role: str | None = Field(description="角色；没有启用账户时为空")
    rights: list[str] = Field(description="权限")
    csrf_token: str | None = Field(description="用浏览器会话改动数据时，放在 X-CSRF-Token 头中；用令牌时为空")
