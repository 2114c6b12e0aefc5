"""What organisation a printed unit name means; knows no files, no formats, no SQL."""

from __future__ import annotations

from extractor.registry.identity import Identity, Kind, identify
from extractor.registry.places import Level, place_of

__all__ = ["Identity", "Kind", "Level", "identify", "place_of"]
