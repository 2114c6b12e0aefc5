"""What organisation a printed unit name means, and what event the name of one; knows no files, no formats, no SQL."""

from __future__ import annotations

from extractor.registry.events import EventName, event_awaited, event_named
from extractor.registry.identity import Identity, Kind, identify
from extractor.registry.places import Level, place_of

__all__ = [
    "EventName",
    "Identity",
    "Kind",
    "Level",
    "event_awaited",
    "event_named",
    "identify",
    "place_of",
]
