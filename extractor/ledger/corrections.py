"""What people put in place of what was read, and which text is a task; what was read stays beside it.

A value that a person gives rests on the characters of the task that say the same, where there are such; else on the
correction alone, which the log holds with its reason.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal, TypedDict, Unpack, get_args

from extractor.ledger import derived
from extractor.ledger.errors import LedgerError
from extractor.ledger.events import Change, canonical, digest, kept_row
from extractor.ledger.matching import words_of
from extractor.ledger.names import name_of, spoken
from extractor.ledger.plain import plain
from extractor.ledger.records import BY_HAND, CORRECTED, Record, Standing, Task, gist
from extractor.ledger.reported import copy_evidence, copy_report, done_times, put_times
from extractor.model import (
    AnyValue,
    Deadline,
    Fields,
    Frequency,
    Item,
    ItemKind,
    Measure,
    Role,
    Span,
    UnitMention,
    fields_to_json,
)

if TYPE_CHECKING:
    from extractor.ledger.ledger import Ledger

Field = Literal["heading", "kind", "units", "deadlines", "frequencies"]
FIELDS: tuple[Field, ...] = get_args(Field)
VALUES = ("units", "deadlines", "frequencies", "measures")
"""The fields that hold values with evidence, and what holds those together."""

TO_CHECK = ("low_confidence", "number_lost", "number_doubled", "number_out_of_order")
"""Warnings about a task's own characters that make it doubtful."""

GONE: dict[Standing, str] = {
    "withdrawn": "已判定不是任务：要恢复，请用 taizhang correct {id} --kind 任务",
    "merged": "已并入任务 {successor}：请改用该序号",
    "split": "已拆分，第一部分是任务 {successor}：请改用拆分后的序号",
    "dropped": "在文件的新版本中已经没有：请用 taizhang diff 查看变化",
}


class CorrectionError(LedgerError):
    """The ledger cannot be corrected so; `str()` is one line in Chinese."""


class Corrections(TypedDict, total=False):
    """What is to hold instead, by field; a field that is absent stays. Values replace all values of their field.

    A value with an empty span was typed: the characters that it rests on are looked for in the task.
    """

    heading: str | None
    kind: ItemKind
    units: Sequence[UnitMention]
    deadlines: Sequence[Deadline]
    frequencies: Sequence[Frequency]


def correct(
    ledger: Ledger,
    task_id: int,
    *,
    reason: str,
    as_read: Collection[Field] = (),
    **corrections: Unpack[Corrections],
) -> Task:
    """Let `corrections` hold for the task, and in the fields `as_read` what was read; returns the task as it is then.

    A task whose kind is to be another is no row any more; with kind "task" it is one again.

    Raises:
        NoSuchTaskError: if there is no such task.
        CorrectionError: if it is no row, or there is no reason.
    """
    with ledger.change("correct", f"task:{task_id}", reason=_stated(reason)) as change:
        task = ledger.task(task_id)
        if task.standing == "withdrawn" and (corrections.get("kind") == "task" or "kind" in as_read):
            _must_be_free(ledger, task.document.id, task.item.span)
        else:
            _must_be_current(ledger, task)
        read = _as_read(ledger, task)
        taken_back = {f: getattr(read.fields if f in VALUES else read, f) for f in as_read}
        wanted = _with(task.item, taken_back | _placed(ledger, task, corrections))
        _put(change, ledger, task, wanted, {*as_read, *corrections})
        change.put("tasks", task_id, standing="current" if wanted.kind == "task" else "withdrawn")
        if is_confirmed(task):
            change.put("reviews", task_id, seen=look(ledger.task(task_id)))
        derived.refresh(ledger, [task_id])
        return ledger.task(task_id)


def confirm(ledger: Ledger, task_id: int) -> None:
    """Note that a person has looked at the task beside its text and found it right: it is in doubt no more.

    Raises:
        NoSuchTaskError: if there is no such task.
        CorrectionError: if it is no row.
    """
    with ledger.change("confirm", f"task:{task_id}") as change:
        task = ledger.task(task_id)
        _must_be_current(ledger, task)
        read = _as_read(ledger, task)
        for field, row in _corrections_of(ledger, task_id).items():
            change.put("corrections", row, basis=gist(read, field))
        change.put("reviews", task_id, seen=look(task))


def is_confirmed(task: Task) -> bool:
    """Whether a person has looked at the task as it is now and found it right."""
    return task.seen is not None and task.seen == look(task)


def look(task: Task) -> str:
    """A digest of what a person sees of a task when checking it, wherever and under whatever number it is printed."""
    words = words_of(task.item.quote, task.item.number)
    return digest([words, *(gist(task.item, field) for field in FIELDS)])


def doubts(task: Task) -> list[str]:
    """Why a person should look at the task, as ids whose wording is `DOUBTS`; none once it has been confirmed."""
    if is_confirmed(task):
        return []
    fields = task.item.fields
    warned = {warning.code for warning in task.warnings}
    found = {
        "changed_since_confirmed": task.seen is not None,
        "basis_changed": bool(task.basis_changed),
        **{code: code in warned for code in TO_CHECK},
        "no_unit": not fields.units,
        "no_day": any(not (deadline.due or deadline.event) for deadline in fields.deadlines),
        "by_hand": any(value.rule == BY_HAND for value in fields),
        "inherited": any(value.inherited for value in fields),
    }
    return [doubt for doubt, holds in found.items() if holds]


def split(ledger: Ledger, task_id: int, at: Iterable[int], *, reason: str) -> list[Task]:
    """Make several tasks of one, cut before the characters `at` (positions in the document's text).

    A value of one measure goes to the piece it stands in; those of the whole task, as of a list of units at its end, and
    those it inherits go to all. What was reported of the task so far, with its evidence, holds for each, and a time of recurring
    work that was done is done in the pieces in which it recurs.

    Raises:
        NoSuchTaskError: if there is no such task.
        CorrectionError: if it is no row, a piece would be empty, or there is no reason.
    """
    with ledger.change("split", f"task:{task_id}", reason=_stated(reason)) as change:
        task = ledger.task(task_id)
        _must_be_current(ledger, task)
        pieces, done = _pieces(task, at), done_times(ledger, [task])
        numbers = [_enter(change, task, _row(ledger, task_id)["item"], piece, "split") for piece in pieces]
        for number, piece in zip(numbers, pieces, strict=True):
            its_own = replace(
                task.item,
                heading=task.item.heading if piece == pieces[0] else None,
                fields=of_piece(task.item.fields, piece),
            )
            _put(change, ledger, ledger.task(number), its_own, {"heading", "kind", *VALUES})
            copy_report(change, ledger, task_id, number)
            copy_evidence(change, ledger, task_id, number)
            put_times(change, ledger, done, number)
        change.put("tasks", task_id, standing="split", successor=numbers[0])
        derived.refresh(ledger, [task_id, *numbers])
        return ledger.numbered(numbers)


def merge(ledger: Ledger, task_ids: Iterable[int], *, reason: str) -> Task:
    """Make one task of several that follow one another in the text: the first of them, with the values of all.

    It keeps what was reported of it, or takes what was reported of the next one of which something was; the evidence of all
    goes with it, and what was done of the recurring work that each of them brings.

    Raises:
        NoSuchTaskError: if there is no such task.
        CorrectionError: if they are not neighbours in one document, one is no row, or there is no reason.
    """
    stated = _stated(reason)
    with ledger.transaction():
        tasks = sorted(map(ledger.task, dict.fromkeys(task_ids)), key=lambda task: task.item.span)
        span = _span_of_neighbours(ledger, tasks)
        first, *others = tasks
        with ledger.change("merge", f"task:{first.id}", reason=stated) as change:
            done = done_times(ledger, tasks)
            change.put("tasks", first.id, span_start=span.start, span_end=span.end)
            whole = replace(first.item, span=span, fields=united((task.item for task in tasks), span))
            _put(change, ledger, ledger.task(first.id), whole, VALUES, together=True)
            reported = [task.id for task in tasks if kept_row(ledger.db, "tracking", task.id)]
            if reported and reported[0] != first.id:
                copy_report(change, ledger, reported[0], first.id)
            put_times(change, ledger, done, first.id)
            for other in others:
                copy_evidence(change, ledger, other.id, first.id)
                change.put("tasks", other.id, standing="merged", successor=first.id)
            derived.refresh(ledger, [task.id for task in tasks])
        return ledger.task(first.id)


def take_in(
    ledger: Ledger, document_id: int, span: Span, *, reason: str, fields: Fields | None = None
) -> Task:
    """Make a task of text that is in none.

    Args:
        ledger: the ledger.
        document_id: a document that no new version has superseded.
        span: the characters; white space at their edges is not taken.
        reason: why.
        fields: the values of the new task with their spans in the document; unless given, those that were read there.

    Raises:
        NoSuchDocumentError: if there is no such document.
        CorrectionError: if it is superseded, the text is empty or in a task already, or there is no reason.
    """
    stated = _stated(reason)
    with ledger.transaction():
        span = _free(ledger, document_id, span)
        for number, withdrawn in spans_of_tasks(ledger, document_id, "withdrawn"):
            if withdrawn == span:
                return correct(ledger, number, reason=reason, kind="task")
        with ledger.change("take_in", f"document:{document_id}", reason=stated) as change:
            item = item_around(ledger, document_id, span)
            is_item = item is not None and item["span_start"] == span.start and item["span_end"] == span.end
            number = change.put(
                "tasks",
                document=document_id,
                item=item["id"] if item else None,
                origin="taken_in",
                standing="current",
                successor=None,
                span_start=None if is_item else span.start,
                span_end=None if is_item else span.end,
            )
            task = ledger.task(number)
            read = task.extracted if is_item else of_piece(task.extracted, span)
            its_own = read if fields is None else fields
            heading = task.item.heading if (task.item.heading or "") in task.item.quote else None
            taken = replace(task.item, heading=heading, kind="task", fields=its_own)
            _put(change, ledger, task, taken, {"heading", "kind"})
            _put(change, ledger, task, taken, VALUES, together=True)
            derived.refresh(ledger, [number])
        return ledger.task(number)


# ---------------------------------------- what may be done


def _stated(reason: str) -> str:
    if not reason.strip():
        raise CorrectionError("没有写明理由：更正、拆分、合并、补记都要有理由，记入日志。")
    return reason.strip()


def _must_be_current(ledger: Ledger, task: Task) -> None:
    if task.standing != "current":
        successor = _row(ledger, task.id)["successor"]
        raise CorrectionError(
            f"任务 {task.id} {GONE[task.standing].format(id=task.id, successor=successor)}。"
        )


def _pieces(task: Task, at: Iterable[int]) -> list[Span]:
    """The pieces of the task's text, cut there."""
    whole = task.item.span
    pieces = [Span(start, end) for start, end in pairwise([whole.start, *at, whole.end])]
    if len(pieces) == 1:
        raise CorrectionError(f"没有指明任务 {task.id} 从哪里拆开：请给出后一部分开头的文字。")
    for piece in pieces:
        printed = task.item.quote[piece.start - whole.start : piece.end - whole.start]
        if not whole.covers(piece) or not printed.strip():
            raise CorrectionError(f"任务 {task.id} 不能从那里拆开：每一部分都要有文字，并按原文的先后给出。")
    return pieces


def _span_of_neighbours(ledger: Ledger, tasks: Sequence[Task]) -> Span:
    """The text of all `tasks`, in their order there, if they can be one."""
    if len(tasks) < 2:
        raise CorrectionError("合并要有至少两项任务：请再给出序号。")
    for task in tasks:
        _must_be_current(ledger, task)
        if task.document.id != tasks[0].document.id:
            raise CorrectionError(f"任务 {task.id} 与任务 {tasks[0].id} 不在同一份文件中，不能合并。")
    span = Span(tasks[0].item.span.start, max(task.item.span.end for task in tasks))
    merged = {task.id for task in tasks}
    for number, other in spans_of_tasks(ledger, tasks[0].document.id, "current"):
        if number not in merged and other.overlaps(span):
            raise CorrectionError(f"任务 {number} 在要合并的任务之间：只有原文中相邻的任务才能合并。")
    return span


def _free(ledger: Ledger, document_id: int, span: Span) -> Span:
    """The characters of `span` without white space at its edges, if they can become a task."""
    document = ledger.entry(document_id)
    if document.superseded:
        raise CorrectionError(f"“{document.name}”已被新版本取代：请在新版本中补记任务。")
    printed = span.of(_text(ledger, document_id))
    if not printed.strip():
        raise CorrectionError("要补记为任务的文字是空的：请选定原文中的文字。")
    start = span.start + len(printed) - len(printed.lstrip())
    span = Span(start, start + len(printed.strip()))
    _must_be_free(ledger, document_id, span)
    return span


def _must_be_free(ledger: Ledger, document_id: int, span: Span) -> None:
    for number, other in spans_of_tasks(ledger, document_id, "current"):
        if other.overlaps(span):
            raise CorrectionError(f"这段文字已在任务 {number} 中：请用 taizhang trace {number} 查看。")


# ---------------------------------------- values


def _with(item: Item, fields: Mapping[str, Any]) -> Item:
    """The item with other values in some fields."""
    own = {field: value for field, value in fields.items() if field not in VALUES}
    values = {field: tuple(value) for field, value in fields.items() if field in VALUES}
    return replace(item, **own, fields=replace(item.fields, **values))


def _placed(ledger: Ledger, task: Task, corrections: Corrections) -> dict[str, Any]:
    """What people gave, its values on the characters of the task that say the same, where there are such."""
    known = {*task.item.fields, *task.extracted}
    text = _text(ledger, task.document.id)

    def placed(value: AnyValue) -> AnyValue:
        if value in known:
            return value
        if value.span.start == value.span.end:
            return _on_characters(task.item, value)
        if value.rule != BY_HAND and value.span.of(text) != value.quote:
            raise ValueError(f"{value.quote!r} is not what is printed at {value.span}")
        return replace(value, rule=BY_HAND if value.rule == BY_HAND else CORRECTED)

    given: dict[str, Any] = dict(corrections)
    for field in VALUES:
        if field in given:
            given[field] = tuple(dict.fromkeys(placed(value) for value in given[field]))
    return given


def _on_characters(item: Item, value: AnyValue) -> AnyValue:
    """A typed value, resting on the characters of the item that say what was typed, or else on the correction alone."""
    span = printed_in(item, value.quote)
    if span is None:
        placed = replace(value, span=item.span, rule=BY_HAND, measure=None, inherited=False)
        return replace(placed, event_span=None) if isinstance(placed, Deadline) else placed
    measure = next((m.id for m in item.fields.measures if m.span.covers(span)), None)
    quote = item.quote[span.start - item.span.start : span.end - item.span.start]
    placed = replace(value, span=span, quote=quote, rule=CORRECTED, measure=measure, inherited=False)
    if isinstance(placed, Deadline) and placed.event and placed.event in quote:
        at = span.start + quote.index(placed.event)
        return replace(placed, event_span=Span(at, at + len(placed.event)))
    return placed


def printed_in(item: Item, words: str) -> Span | None:
    """The first characters of the item that are `words`, whatever white space is between them."""
    start = item.span.start
    found = occurrences(words, item.quote)
    return Span(found[0].start + start, found[0].end + start) if found else None


def occurrences(words: str, text: str, within: Span | None = None) -> list[Span]:
    """All places in a text, or the part of it `within`, where the words are, whatever white space is between the characters."""
    part = within or Span(0, len(text))
    pattern = re.compile(r"\s*".join(map(re.escape, spoken(words))))
    return (
        [Span(*match.span()) for match in pattern.finditer(text, part.start, part.end)]
        if words.strip()
        else []
    )


def the_only(words: str, text: str, within: Span | None = None) -> Span:
    """The one place where the words are.

    Raises:
        CorrectionError: if there is none, or several.
    """
    found = occurrences(words, text, within)
    if not found:
        raise CorrectionError(f"原文中没有“{words}”：请照原文写。")
    if len(found) > 1:
        raise CorrectionError(f"“{words}”在原文中有 {len(found)} 处：请多写几个字，使它只有一处。")
    return found[0]


def units_with(
    task: Task, given: Iterable[tuple[str, Role | None]], without: Iterable[str] = ()
) -> list[UnitMention]:
    """The task's units with some put in other roles or added, by name, and some taken out.

    A unit is known by its name as printed or as it is called in the registry; one without a role keeps its own, a new one is
    responsible.

    Raises:
        CorrectionError: if one that is to be taken out is not there.
    """
    units = list(task.item.fields.units)

    def called(unit: UnitMention, name: str) -> bool:
        known = task.organizations.get(unit.quote)
        return plain(name) in {plain(spoken(unit.quote)), plain(known.name) if known else None}

    for name in without:
        if not any(called(unit, name) for unit in units):
            listed = "、".join(dict.fromkeys(spoken(unit.quote) for unit in units)) or "无"
            raise CorrectionError(f"任务 {task.id} 没有单位“{name}”：现有单位是 {listed}。")
        units = [unit for unit in units if not called(unit, name)]
    for name, role in given:
        if any(called(unit, name) for unit in units):
            units = [replace(u, role=role or u.role) if called(u, name) else u for u in units]
        else:
            units.append(UnitMention(name, Span(0, 0), role or "responsible", CORRECTED))
    return units


def of_piece(fields: Fields, piece: Span) -> Fields:
    """The values that hold for one piece of a task's text."""

    def of(values: Iterable[AnyValue]) -> tuple[AnyValue, ...]:
        return tuple(
            replace(value, span=piece) if value.rule == BY_HAND else value
            for value in values
            if value.inherited or value.measure is None or value.span.overlaps(piece)
        )

    return Fields(of(fields.units), of(fields.deadlines), of(fields.frequencies), fields.measures)


def united(items: Iterable[Item], span: Span) -> Fields:
    """The values of all `items` as those of one whose text is `span`, each once, their measures numbered through."""
    measures: dict[Span, Measure] = {}
    units: dict[object, UnitMention] = {}
    deadlines: dict[object, Deadline] = {}
    frequencies: dict[object, Frequency] = {}
    for item in items:
        fields = item.fields
        number: dict[int | None, int | None] = {None: None}
        for measure in fields.measures:
            one = measures.setdefault(measure.span, replace(measure, id=len(measures) + 1))
            number[measure.id] = one.id

        def joined(value: AnyValue, number: Mapping[int | None, int | None] = number) -> AnyValue:
            where = span if value.rule == BY_HAND else value.span
            return replace(value, span=where, measure=number.get(value.measure))

        for unit in map(joined, fields.units):
            units.setdefault((spoken(unit.quote), unit.role, unit.measure), unit)
        for deadline in map(joined, fields.deadlines):
            deadlines.setdefault((deadline.span, spoken(deadline.quote)), deadline)
        for frequency in map(joined, fields.frequencies):
            frequencies.setdefault((frequency.span, spoken(frequency.quote)), frequency)

    def in_order(values: Iterable[AnyValue]) -> tuple[AnyValue, ...]:
        return tuple(sorted(values, key=lambda value: (value.rule == BY_HAND, value.span)))

    return Fields(
        in_order(units.values()),
        in_order(deadlines.values()),
        in_order(frequencies.values()),
        tuple(measures.values()),
    )


# ---------------------------------------- rows


def _put(
    change: Change,
    ledger: Ledger,
    task: Task,
    wanted: Item,
    fields: Iterable[str],
    *,
    together: bool = False,
) -> None:
    """Write down that in `fields` what `wanted` has holds for the task; nothing for a field that was read so.

    With `together` all are written down where one of them was read otherwise: their measures are numbered anew.
    """
    read, known = _as_read(ledger, task), _corrections_of(ledger, task.id)
    other = {field for field in fields if gist(wanted, field) != gist(read, field)}
    written = set(fields) if other and together else other
    for field in sorted(fields):
        if field in written:
            columns = {"task": task.id, "field": field, "value": canonical(_json(wanted, field))}
            change.put("corrections", known.get(field), **columns, basis=gist(read, field))
        elif field in known:
            change.drop("corrections", known[field])
    if "units" in written:
        enter_names(change, ledger, task.document.id, wanted.fields.units)


def enter_names(change: Change, ledger: Ledger, document_id: int, units: Iterable[UnitMention]) -> None:
    """See to it that the names of `units` are resolved to units of the registry, as the document's own are."""
    state = kept_row(ledger.db, "document_states", document_id)
    for unit in units:
        name_of(change, ledger.db, spoken(unit.quote), state["place"] if state else None)


def _json(item: Item, field: str) -> Any:
    return fields_to_json(item.fields)[field] if field in VALUES else getattr(item, field)


def _enter(change: Change, task: Task, item: int | None, span: Span, origin: str) -> int:
    return change.put(
        "tasks",
        document=task.document.id,
        item=item,
        origin=origin,
        standing="current",
        successor=None,
        span_start=span.start,
        span_end=span.end,
    )


def _as_read(ledger: Ledger, task: Task) -> Item:
    """The task's item without what people put in place of what was read."""
    item = _row(ledger, task.id)["item"]
    for row in ledger.db.query("SELECT heading, kind FROM items WHERE id = ?", [item]):
        return replace(task.item, **row, fields=task.extracted)
    return replace(task.item, heading=None, kind="task", fields=task.extracted)


def _corrections_of(ledger: Ledger, task_id: int) -> dict[str, int]:
    """The ids of the rows that hold the task's corrections, by field."""
    rows = ledger.db.execute("SELECT field, id FROM corrections WHERE task = ?", [task_id])
    return dict(rows.fetchall())


def _row(ledger: Ledger, task_id: int) -> Record:
    row = kept_row(ledger.db, "tasks", task_id)
    assert row is not None, task_id
    return row


def spans_of_tasks(ledger: Ledger, document_id: int, standing: Standing) -> list[tuple[int, Span]]:
    """The tasks of a document that stand so, each with the characters it is about."""
    rows = ledger.db.execute(
        """SELECT tasks.id, coalesce(tasks.span_start, items.span_start), coalesce(tasks.span_end, items.span_end)
        FROM tasks LEFT JOIN items ON items.id = tasks.item WHERE tasks.document = ? AND standing = ?
        ORDER BY 2, tasks.id""",
        [document_id, standing],
    ).fetchall()
    return [(number, Span(start, end)) for number, start, end in rows]


def item_around(ledger: Ledger, document_id: int, span: Span) -> Record | None:
    """The innermost item whose text holds these characters."""
    innermost = """SELECT * FROM items WHERE document = ? AND span_start <= ? AND span_end >= ?
        ORDER BY span_end - span_start, id DESC LIMIT 1"""
    return next(ledger.db.query(innermost, [document_id, span.start, span.end]), None)


def _text(ledger: Ledger, document_id: int) -> str:
    (text,) = ledger.db.execute("SELECT text FROM documents WHERE id = ?", [document_id]).fetchone()
    return str(text)
