"""The registry of units: names as printed are resolved to a unit of the document's place; what was printed stays."""

from __future__ import annotations

from sqlite_utils import Database

from extractor.ledger.events import Change
from extractor.registry import identify
from extractor.text.characters import INVISIBLE


def spoken(quote: str) -> str:
    """A name as it is kept in `names`: as printed, without white space and what is invisible."""
    return "".join(INVISIBLE.sub("", quote).split())


def name_of(change: Change, db: Database, name: str, place: str | None) -> int:
    """The number of `name` as documents of `place` use it; a new one is resolved to the unit it stands for there.

    `name` is as `spoken` gives it.
    """
    known = db.execute("SELECT id FROM names WHERE place = ? AND name = ?", [place or "", name]).fetchone()
    if known:
        return int(known[0])
    return change.put(
        "names", place=place or "", name=name, organization=_organization_of(change, db, name, place)
    )


def _organization_of(change: Change, db: Database, name: str, place: str | None) -> int:
    identity = identify(name, place)
    same = db.execute(
        "SELECT id FROM organizations WHERE name = ? AND place IS ? AND collective = ?",
        [identity.name, identity.place, int(identity.collective)],
    ).fetchone()
    if same:
        return int(same[0])
    return change.put(
        "organizations",
        name=identity.name,
        place=identity.place,
        level=identity.level,
        kind=identity.kind,
        collective=int(identity.collective),
    )
