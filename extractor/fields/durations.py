"""Lengths of time as circulars print them: 半年, 20个工作日, 一年半, 两个半月, 3—5日."""

from __future__ import annotations

import re
from collections.abc import Iterable

from extractor.fields.lexicons import rows
from extractor.text.numerals import parse_numeral

FIGURE = r"(?:\d{1,3}|[一二三四五六七八九十百两廿卅]{1,4})"
"""A small number, Arabic or Chinese."""

DASH = r"\s?(?:——|—|－|-|–|~|～|至|到)\s?"
FIGURES = rf"{FIGURE}(?:{DASH}{FIGURE})?"
"""A number or a range of numbers."""

_NONE = "-"
UNITS = {unit: (letter, int(size)) for unit, letter, size, *_ in rows("time_units.tsv")}
"""The units of time: what each is in ISO 8601, and how many of that."""
_HALVES = {unit: half for unit, *_, half, _ in rows("time_units.tsv") if half != _NONE}
_OTHER_WORDS = {unit: others for unit, *_, others in rows("time_units.tsv") if others != _NONE}


def unit_pattern(units: Iterable[str]) -> str:
    """A pattern for any of `units` that is not the beginning of another word."""
    longest_first = sorted(units, key=lambda unit: (-len(unit), unit))
    guards = {unit: f"(?![{others}])" for unit, others in _OTHER_WORDS.items()}
    return "(?:" + "|".join(unit + guards.get(unit, "") for unit in longest_first) + ")"


UNIT = unit_pattern(UNITS)
HALF = rf"半\s?个?{unit_pattern(_HALVES)}"

INSIDE = r"内(?![部容外涵地陆河科])"
"""内 that ends a length or a stretch of time, and no 内部 or 内容."""
WITHIN = rf"(?:以内|之内|{INSIDE})"

_HALF_LENGTH = re.compile(rf"半\s?个?(?P<unit>{unit_pattern(_HALVES)})$")
_LENGTH = re.compile(rf"(?P<count>{FIGURES})?\s?个?\s?(?P<more>半)?\s?(?P<unit>{UNIT})(?P<half>半)?$")
_PLACE_VALUES = frozenset("十百千廿卅")


def read_length(text: str) -> str | None:
    """A printed length of time as an ISO 8601 duration, or None where it is not one.

    半年 is P6M, 20个工作日 P20D, 一年半 P18M, 两个半月 P75D; of a range (3—5日) the longer end counts.
    """
    found = _LENGTH.search(text)
    counts = read_counts(found["count"]) if found and found["count"] else []
    if not counts and (half := _HALF_LENGTH.search(text)):
        return _HALVES[half["unit"]]
    if not found or (found["count"] and not counts):
        return None
    count, unit = (counts or [1])[-1], found["unit"]
    if found["half"] and unit == "年":
        return iso_duration(count * 12 + 6, "月")
    if found["more"] and unit == "月":
        return iso_duration(count * 30 + 15, "日")
    return iso_duration(count, unit)


def read_counts(text: str) -> list[int]:
    """The numbers that `text` prints: one, or the two ends of a range (1—2, 两到三, 两三)."""
    parts = [part for part in re.split(DASH, text.strip()) if part]
    if len(parts) == 1 and len(text) == 2 and not text.isdigit() and not _PLACE_VALUES & set(text):
        parts = list(text)
    return [number for part in parts if (number := parse_numeral(part))]


def iso_duration(count: int, unit: str) -> str:
    """`count` units as an ISO 8601 duration: (2, "季度") is P6M, (30, "分钟") is PT30M."""
    letter, size = UNITS[unit]
    return f"PT{count * size}{letter[1]}" if letter.startswith("T") else f"P{count * size}{letter}"
