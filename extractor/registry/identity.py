"""From a printed unit name to the organisation it means."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

Level = Literal["state", "province", "city", "county", "town", "village"]
Kind = Literal[
    "party",
    "government",
    "department",
    "congress",
    "court",
    "mass",
    "institution",
    "enterprise",
    "military",
    "place",
    "group",
    "other",
]


@dataclass(frozen=True, slots=True)
class Identity:
    """The organisation that a printed name means."""

    name: str
    place: str | None
    level: Level | None
    kind: Kind
    collective: bool


@lru_cache(maxsize=1 << 16)
def identify(printed: str, place: str | None) -> Identity:
    """The organisation that `printed` means in a document of `place`."""
    own = place if place and printed[:1] == place[-1:] else ""
    return Identity(own + printed[1:] if own else printed, place, None, "other", printed.startswith("各"))
