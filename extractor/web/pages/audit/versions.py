"""版本: two versions of a circular side by side, with the words that changed and what was read otherwise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from fastapi.responses import Response

from extractor.export import wording
from extractor.ledger.differences import Changed, Words, compare
from extractor.ledger.matching import own_text, pairs
from extractor.ledger.reviewing import superseded_by
from extractor.ledger.revisions import versions as versions_of
from extractor.model import Document, Item
from extractor.web.marked import in_address
from extractor.web.pages.numbers import LARGEST, Number
from extractor.web.visits import Visit, may

router = APIRouter(include_in_schema=False)

Kind = Literal["added", "dropped", "changed", "same"]
KINDS: dict[Kind, str] = {"changed": "有改动", "added": "新增", "dropped": "删去", "same": "相同"}
Chosen = Annotated[int | None, Query(ge=1, le=LARGEST)]


@dataclass(frozen=True, slots=True)
class Side:
    """An item in one of the versions: where it stands, its words, each with whether the other version has them too."""

    about: str
    kind: str
    words: tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class ReadOtherwise:
    """A field with its values in either version, each with whether the other version has it too."""

    name: str
    old: tuple[tuple[str, bool], ...]
    new: tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class Row:
    """An item in both versions, or in one of them; `fields` are those read otherwise; `task` is the number of the new one."""

    kind: Kind
    old: Side | None
    new: Side | None
    fields: tuple[ReadOtherwise, ...] = ()
    task: int | None = None


@router.get("/audit/versions")
def documents(visit: Annotated[Visit, may("audit")]) -> Response:
    """The circulars of which there are several versions."""
    newer = superseded_by(visit.ledger)
    latest = [
        entry.id for entry in visit.ledger.documents() if entry.id in newer.values() and entry.id not in newer
    ]
    chains = [versions_of(visit.ledger, each) for each in reversed(latest)]
    return visit.show("audit_circulars.html", tab="versions", chains=chains)


@router.get("/audit/versions/{document_id:int}")
def versions(
    visit: Annotated[Visit, may("audit")],
    document_id: Number,
    old: Chosen = None,
    new: Chosen = None,
    everything: bool = False,
) -> Response:
    """Two versions of the circular that the document is one of: unless asked for others, it and the one before."""
    ledger = visit.ledger
    chain = versions_of(ledger, document_id)  # the current one first
    known = {entry.id: at for at, entry in enumerate(chain)}
    at = known.get(new or document_id, 0)
    before = known.get(old or 0, at + 1)
    if before >= len(chain):  # the oldest one was asked for: what became of it
        at, before = max(len(chain) - 2, 0), len(chain) - 1
    at, before = min(at, before), max(at, before)
    rows: list[Row] = []
    if at != before:
        numbers = ledger.task_numbers(chain[at].id)
        rows = list(_rows(ledger.document(chain[before].id), ledger.document(chain[at].id), numbers))
    return visit.show(
        "audit_versions.html",
        tab="versions",
        chain=chain,
        new=chain[at],
        old=chain[before],
        rows=rows if everything else [row for row in rows if row.kind != "same"],
        counts=Counter(row.kind for row in rows),
        kinds=KINDS,
        everything=everything,
    )


def _rows(old: Document, new: Document, numbers: dict[str, int]) -> Iterator[Row]:
    """The items in the order of the new version, those that are gone behind what stood before them."""
    came_from = {pair.new: pair.old for pair in pairs(old.items, new.items)}
    changes = {(change.old.id, change.new.id): change for change in compare(old, new).changed}
    stayed = frozenset(came_from.values())
    yield from _gone(old, -1, stayed)
    for at, item in enumerate(new.items):
        if at not in came_from:
            yield Row("added", None, _side(item, new), task=numbers.get(item.id))
            continue
        was = old.items[came_from[at]]
        yield _kept(was, old, item, new, changes.get((was.id, item.id)), numbers.get(item.id))
        yield from _gone(old, came_from[at], stayed)


def _gone(old: Document, behind: int, stayed: frozenset[int]) -> Iterator[Row]:
    """The items that are no more, from one that stood at `behind` to the next that stayed."""
    for at in takewhile(lambda at: at not in stayed, range(behind + 1, len(old.items))):
        yield Row("dropped", _side(old.items[at], old), None)


def _kept(
    was: Item, old: Document, item: Item, new: Document, change: Changed | None, task: int | None
) -> Row:
    if change is None:
        return Row("same", _side(was, old), _side(item, new), task=task)
    fields = tuple(_read_otherwise(name, _told(was, name), _told(item, name)) for name in change.fields)
    sides = (_changed_side(was, change.words, "old"), _changed_side(item, change.words, "new"))
    return Row("changed", *sides, fields, task)


def _side(item: Item, document: Document) -> Side:
    words = wording.tidy(own_text(item, document.items))
    return Side(in_address(item.span), wording.ITEM_KINDS[item.kind], ((words, True),))


def _changed_side(item: Item, words: tuple[Words, ...], which: Literal["old", "new"]) -> Side:
    shown = tuple((one.text, one.presence == "both") for one in words if one.presence in ("both", which))
    return Side(in_address(item.span), wording.ITEM_KINDS[item.kind], shown)


def _read_otherwise(field: str, old: list[str], new: list[str]) -> ReadOtherwise:
    return ReadOtherwise(
        wording.CORRECTED_FIELDS[field],
        tuple((value, value in new) for value in old),
        tuple((value, value in old) for value in new),
    )


def _told(item: Item, field: str) -> list[str]:
    """What was read in a field, each value in words."""
    if field == "kind":
        return [wording.ITEM_KINDS[item.kind]]
    fields = item.fields
    said = {
        "units": [f"{wording.ROLES[unit.role]} {wording.tidy(unit.quote)}" for unit in fields.units],
        "deadlines": [wording.deadline(one) for one in fields.deadlines],
        "frequencies": [wording.frequency_with_quote(one) for one in fields.frequencies],
    }
    return list(dict.fromkeys(said[field])) or ["没有"]
