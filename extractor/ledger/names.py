"""Names of units as printed, and the unit of the registry that each means in the place of its document."""

from __future__ import annotations

from sqlite_utils import Database

from extractor.ledger.events import Change
from extractor.registry import Identity, identify
from extractor.text.characters import INVISIBLE

SAME_MEANING = """SELECT organization FROM names
    WHERE identity = ? AND identity_place IS ? AND (identity_place IS NOT NULL OR place = ?)
    ORDER BY id LIMIT 1"""
"""A name whose own place is not known (市财政局 in a county's circular) means the same only in circulars of the same place."""


def spoken(quote: str) -> str:
    """A name as it is kept in `names`: as printed, without white space and what is invisible."""
    return "".join(INVISIBLE.sub("", quote).split())


def name_of(change: Change, db: Database, name: str, place: str | None) -> int:
    """The number of `name` as documents of `place` use it; a new one goes where names of the same meaning went.

    `name` is as `spoken` gives it.
    """
    known = db.execute("SELECT id FROM names WHERE place = ? AND name = ?", [place or "", name]).fetchone()
    if known:
        return int(known[0])
    identity = identify(name, place)
    return change.put(
        "names",
        place=place or "",
        name=name,
        identity=identity.name,
        identity_place=identity.place,
        organization=_organization_of(change, db, identity, place),
    )


def _organization_of(change: Change, db: Database, identity: Identity, place: str | None) -> int:
    same = db.execute(SAME_MEANING, [identity.name, identity.place, place or ""]).fetchone()
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
