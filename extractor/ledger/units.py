"""The registry of units: names as printed are resolved to a unit of the document's place; what was printed stays.

People correct what was resolved wrongly: they merge units, split names off, rename. A name that comes later goes where the
names of the same meaning went.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain

from extractor.ledger import derived
from extractor.ledger.errors import LedgerError
from extractor.ledger.events import Change, Event
from extractor.ledger.history import HistoryError, undo
from extractor.ledger.ledger import Ledger
from extractor.ledger.names import spoken
from extractor.ledger.plain import plain
from extractor.ledger.records import Organization, grouped, organization_of


@dataclass(frozen=True, slots=True)
class Name:
    """A name as printed in documents of `place`; `id` is its number."""

    id: int
    name: str
    place: str | None


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of the registry with the names resolved to it, and how many current tasks it has in each role."""

    organization: Organization
    names: tuple[Name, ...]
    tasks: int
    lead: int
    responsible: int
    cooperating: int


class UnitError(LedgerError):
    """The registry cannot be changed so; `str()` is one line in Chinese."""


CHANGES = ("merge_units", "rename_unit", "split_unit")
COUNTS = """SELECT organization, count(DISTINCT task) AS tasks,
    count(DISTINCT CASE role WHEN 'lead' THEN task END) AS lead,
    count(DISTINCT CASE role WHEN 'responsible' THEN task END) AS responsible,
    count(DISTINCT CASE role WHEN 'cooperating' THEN task END) AS cooperating
    FROM task_units GROUP BY organization"""
NO_TASKS = {"tasks": 0, "lead": 0, "responsible": 0, "cooperating": 0}


def units(ledger: Ledger, text: str | None = None) -> list[Unit]:
    """The units of the registry, those with most tasks first; with `text`, those in one of whose names it occurs."""
    names = grouped(ledger.db.query("SELECT * FROM names ORDER BY id"), "organization")
    counts = {row.pop("organization"): row for row in ledger.db.query(COUNTS)}
    found = [
        Unit(
            organization_of(row),
            tuple(Name(n["id"], n["name"], n["place"] or None) for n in names[row["id"]]),
            **counts.get(row["id"], NO_TASKS),
        )
        for row in ledger.db.query("SELECT * FROM organizations ORDER BY id")
    ]
    wanted = plain(text or "")
    chosen = [
        u for u in found if any(wanted in plain(n) for n in (u.organization.name, *(n.name for n in u.names)))
    ]
    return sorted(chosen, key=lambda unit: (-unit.tasks, unit.organization.id))


def unit_named(ledger: Ledger, wanted: str) -> Organization:
    """The unit with that number or name; a name as printed will do where only one unit bears it.

    Raises:
        UnitError: if there is none, or several.
    """
    found = units(ledger)
    chosen = [u for u in found if wanted.isdecimal() and u.organization.id == int(wanted)]
    chosen = chosen or [u for u in found if plain(u.organization.name) == plain(wanted)]
    chosen = chosen or [u for u in found if any(plain(n.name) == plain(wanted) for n in u.names)]
    if not chosen:
        raise UnitError(f"台账“{ledger.path}”中没有单位“{wanted}”：请用 taizhang units 查看序号和名称。")
    if len(chosen) > 1:
        several = "、".join(f"{u.organization.id}（{u.organization.name}）" for u in chosen)
        raise UnitError(f"“{wanted}”可指几个单位，请改用序号：{several}。")
    return chosen[0].organization


def merge(ledger: Ledger, keep: int, others: Sequence[int], *, reason: str = "") -> None:
    """Let all names of `others` mean the unit `keep`; the others are gone.

    Raises:
        UnitError: if there is nothing to merge, or a single unit is to become part of a collective one.
    """
    with ledger.change("merge_units", f"unit:{keep}", reason=reason) as change:
        kept = _organization(ledger, keep)
        merged = [_organization(ledger, other) for other in dict.fromkeys(others) if other != keep]
        tasks = _tasks_of(ledger, keep)
        if not merged:
            raise UnitError(f"“{kept.name}”不能与自己合并：请再给出至少一个别的单位。")
        for other in merged:
            if other.collective != kept.collective:
                raise UnitError(f"“{other.name}”与“{kept.name}”不能合并：一个是统称，一个是具体单位。")
            tasks += _tasks_of(ledger, other.id)
            _move(change, chain(*_names_of(ledger, other.id).values()), keep)
            change.drop("organizations", other.id)
        derived.refresh(ledger, list(dict.fromkeys(tasks)))


def rename(ledger: Ledger, unit: int, name: str, *, reason: str = "") -> None:
    """Call the unit `name` from now on; names as printed stay what they are.

    Raises:
        UnitError: if the name is empty or another unit of the place bears it.
    """
    with ledger.change("rename_unit", f"unit:{unit}", reason=reason) as change:
        old = _organization(ledger, unit)
        new = _new_name(old, name)
        for other in _bearers(ledger, new, old.place):
            if other != unit:
                raise UnitError(
                    f"已有单位“{new}”（序号 {other}）：要合为一个，请用 taizhang units merge {other} {unit}。"
                )
        change.put("organizations", unit, name=new)
        derived.refresh(ledger, _tasks_of(ledger, unit))


def split(ledger: Ledger, unit: int, names: Iterable[str], *, to: str, reason: str = "") -> int:
    """Let those `names` of the unit, as printed, mean a unit of their own, called `to`; returns its number.

    Raises:
        UnitError: if the unit has no such name, none would be left to it, or the other has none of its own.
    """
    with ledger.change("split_unit", f"unit:{unit}", reason=reason) as change:
        old = _organization(ledger, unit)
        own = _new_name(old, to)
        for other in _bearers(ledger, own, old.place):
            raise UnitError(f"已有单位“{own}”（序号 {other}）：拆出的单位请用别的名称。")
        of_unit = _names_of(ledger, unit)
        wanted = [spoken(name) for name in names]
        for name in wanted:
            if name not in of_unit:
                known = "、".join(of_unit)
                raise UnitError(f"“{old.name}”没有名称“{name}”：它的名称有 {known}。")
        if set(wanted) == set(of_unit):
            raise UnitError(f"“{old.name}”的名称不能全部拆出：要改名，请用 taizhang units rename。")
        new = change.put(
            "organizations",
            name=own,
            place=old.place,
            level=old.level,
            kind=old.kind,
            collective=int(old.collective),
        )
        tasks = _tasks_of(ledger, unit)
        _move(change, chain(*(of_unit[name] for name in wanted)), new)
        derived.refresh(ledger, tasks)
    return new


def _new_name(unit: Organization, name: str) -> str:
    new = spoken(name)
    if not new:
        raise UnitError(f"“{unit.name}”的新名称是空的：请写出名称。")
    return new


def _bearers(ledger: Ledger, name: str, place: str | None) -> list[int]:
    """The units of the place that are called so."""
    same = "SELECT id FROM organizations WHERE name = ? AND place IS ?"
    return [unit for (unit,) in ledger.db.execute(same, [name, place]).fetchall()]


def undo_last(ledger: Ledger, *, reason: str = "") -> Event:
    """Take back the last change of the registry that still stands; called again, the one before it.

    `reason` is why, for the log.

    Raises:
        UnitError: if there is none.
    """
    made = f"SELECT sequence FROM events WHERE action IN ({', '.join('?' * len(CHANGES))}) ORDER BY sequence DESC"
    for (sequence,) in ledger.db.execute(made, CHANGES).fetchall():
        with suppress(HistoryError):  # taken back before, or overtaken by a later change
            return undo(ledger, sequence, reason=reason)
    raise UnitError(f"台账“{ledger.path}”中没有可以撤销的单位改动：请用 taizhang log 查看日志。")


def _organization(ledger: Ledger, number: int) -> Organization:
    for row in ledger.db.query("SELECT * FROM organizations WHERE id = ?", [number]):
        return organization_of(row)
    raise UnitError(f"台账“{ledger.path}”中没有序号为 {number} 的单位：请用 taizhang units 查看序号。")


def _names_of(ledger: Ledger, unit: int) -> dict[str, list[int]]:
    """The numbers of the unit's names, by name: documents of several places may print the same."""
    rows = ledger.db.query("SELECT id, name FROM names WHERE organization = ? ORDER BY id", [unit])
    return {name: [row["id"] for row in some] for name, some in grouped(rows, "name").items()}


def _move(change: Change, names: Iterable[int], unit: int) -> None:
    for name in names:
        change.put("names", name, organization=unit)


def _tasks_of(ledger: Ledger, unit: int) -> list[int]:
    tasks = ledger.db.execute("SELECT DISTINCT task FROM task_units WHERE organization = ?", [unit])
    return [task for (task,) in tasks.fetchall()]
