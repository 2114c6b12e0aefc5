"""The form in which a task is corrected: a line for each value, shown again as it was filled in where something is not understood."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import cast

from extractor import typed
from extractor.export import wording
from extractor.ledger.corrections import Corrections, Field
from extractor.ledger.records import DocumentEntry, Task, readable
from extractor.model import AnyValue, Deadline, Frequency, UnitMention

NO_CHANGE = "没有改动：请先改正再保存。"
NO_REASON = "请写明理由：理由会记入日志。"
NOT_UNDERSTOOD = "有看不懂的内容，还没有保存：请按提示改正。"
OUTDATED = "这项任务在此期间已有变化，没有保存：请看过现在的内容再改。"


@dataclass(frozen=True, slots=True)
class Line:
    """A value as it stands in the form.

    `was` is the position of the value of the task that it was filled in from, empty for a new one; `words` what is typed or
    printed; `read_as` what that means; `problem` why it is not understood.
    """

    was: str = ""
    words: str = ""
    role: str = "responsible"
    read_as: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """The form as it is filled in; lines whose words are empty are no values."""

    units: tuple[Line, ...] = ()
    deadlines: tuple[Line, ...] = ()
    frequencies: tuple[Line, ...] = ()
    heading: str = ""
    as_read: frozenset[str] = field(default_factory=frozenset)
    reason: str = ""
    problem: str = ""


def draft_of(task: Task) -> Draft:
    """The form filled in with what holds for the task."""
    fields = task.item.fields
    return Draft(
        tuple(Line(str(n), _words(u, task), u.role) for n, u in enumerate(fields.units)),
        tuple(Line(str(n), _words(d, task), read_as=read_as(d)) for n, d in enumerate(fields.deadlines)),
        tuple(Line(str(n), _words(f, task), read_as=read_as(f)) for n, f in enumerate(fields.frequencies)),
        heading=wording.tidy(task.item.heading or ""),
    )


class UnclearError(Exception):
    """The form cannot be followed; `draft` is to be shown again, with its problems."""

    def __init__(self, draft: Draft) -> None:
        super().__init__(draft.problem)
        self.draft = draft


def corrections(task: Task, draft: Draft) -> Corrections:
    """What the filled-in form says otherwise than the task.

    Raises:
        UnclearError: if it says nothing else, gives no reason, or what it says is not understood.
    """
    old = draft_of(task)
    fields, entry = task.item.fields, task.document
    units, given_units = _read(draft.units, old.units, fields.units, _unit)
    deadlines, given_deadlines = _read(
        draft.deadlines, old.deadlines, fields.deadlines, lambda line: deadline(line.words, entry)
    )
    frequencies, given_frequencies = _read(
        draft.frequencies, old.frequencies, fields.frequencies, lambda line: typed.frequency(line.words)
    )
    given: Corrections = {
        "heading": draft.heading.strip() or None,
        "units": given_units,
        "deadlines": given_deadlines,
        "frequencies": given_frequencies,
    }
    same = {
        "heading": draft.heading.strip() == old.heading,
        "units": given_units == list(fields.units),
        "deadlines": given_deadlines == list(fields.deadlines),
        "frequencies": given_frequencies == list(fields.frequencies),
    }
    found = {name: value for name, value in given.items() if not same[name] and name not in draft.as_read}
    seen = replace(draft, units=units, deadlines=deadlines, frequencies=frequencies)
    if any(line.problem for line in (*units, *deadlines, *frequencies)):
        raise UnclearError(replace(seen, problem=NOT_UNDERSTOOD))
    if not found and not draft.as_read:
        raise UnclearError(replace(seen, problem=NO_CHANGE))
    if not draft.reason.strip():
        raise UnclearError(replace(seen, problem=NO_REASON))
    return cast(Corrections, found)


def lines_of(
    was: Sequence[str], words: Sequence[str], roles: Sequence[str] | None = None
) -> tuple[Line, ...]:
    """The lines that a form brought, its columns put together; without those that were left empty from the start."""
    given = zip(was, words, roles or ["responsible"] * len(words), strict=True)
    return tuple(Line(*line) for line in given if line[0] or line[1].strip())


def corrected_fields(given: Iterable[str]) -> frozenset[Field]:
    """Those of the names that are fields."""
    return frozenset(cast(Field, name) for name in given if name in wording.CORRECTED_FIELDS)


def deadline(words: str, entry: DocumentEntry) -> Deadline:
    """The deadline that `words` name in a task of that document.

    Raises:
        NotUnderstoodError: if they name none.
    """
    return typed.deadline(words, year=entry.year, issued_on=entry.issued_on)


def read_as(value: Deadline | Frequency) -> str:
    """What the value is taken to mean."""
    if isinstance(value, Deadline):
        if value.due:
            return value.due.isoformat()
        return f"随“{wording.tidy(value.event)}”的日期推算" if value.event else "未写明哪一天"
    return wording.frequency(value) if value.period else "未写明次数"


def _words(value: AnyValue, task: Task) -> str:
    return wording.tidy(readable(value, task.left_out).quote)


def _unit(line: Line) -> UnitMention:
    if line.role not in wording.ROLES:
        raise typed.NotUnderstoodError("请选定角色：牵头、责任或配合")
    return typed.unit(line.words, line.role)


def _read(
    lines: Sequence[Line],
    before: Sequence[Line],
    values: Sequence[AnyValue],
    read: Callable[[Line], AnyValue],
) -> tuple[tuple[Line, ...], list[AnyValue]]:
    """The lines with what each means or why it is not understood, and the values they stand for."""
    checked, given = [], []
    for line in lines:
        if not line.words.strip():
            continue
        known = int(line.was) if line.was.isdecimal() and int(line.was) < len(values) else None
        try:
            if known is not None and line.words.strip() == before[known].words:
                value = values[known]
                if isinstance(value, UnitMention):
                    value = replace(value, role=_unit(line).role)
            else:
                value = read(line)
        except typed.NotUnderstoodError as error:
            checked.append(replace(line, problem=str(error), read_as=""))
            continue
        said = "" if isinstance(value, UnitMention) else read_as(value)
        checked.append(replace(line, read_as=said))
        given.append(value)
    return tuple(checked), given
