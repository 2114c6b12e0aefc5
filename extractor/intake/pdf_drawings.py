"""What a PDF page draws beside text: the rules that tables are made of, and how much of the page pictures cover."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from extractor.intake.page_lines import Frame, after, mapped
from extractor.intake.pdf_tables import Rule

MAX_OBJECTS = 40_000
"""Objects of one page; maps and drawings have more, and no table that could be read."""
MAX_NESTING = 4
"""Forms within forms: printers nest two."""
MAX_SEGMENTS = 2_000
"""Segments of one path: Word draws all rules of a table as one; beyond it is a drawing."""

_Point = tuple[float, float]


class Drawings:
    """The rules of a page, the area that its pictures cover (in square points) and how many paths it has."""

    def __init__(self, page: Any, frame: Frame) -> None:
        """Look through the objects of `page`; `frame` leads from its coordinates to those of its lines."""
        self.rules: list[Rule] = []
        self.picture_area = 0.0
        self.paths = 0
        self._budget = MAX_OBJECTS
        self._look(page, frame, 0)

    def _look(self, container: Any, frame: Frame, depth: int) -> None:
        from pypdfium2 import raw

        count, get = (
            (raw.FPDFFormObj_CountObjects, raw.FPDFFormObj_GetObject)
            if depth
            else (raw.FPDFPage_CountObjects, raw.FPDFPage_GetObject)
        )
        kind_of = raw.FPDFPageObj_GetType
        number = min(count(container), self._budget)
        self._budget -= number
        for index in range(number):
            drawn = get(container, index)
            kind = kind_of(drawn)
            if kind == raw.FPDF_PAGEOBJ_TEXT:
                continue
            if kind == raw.FPDF_PAGEOBJ_PATH:
                self.paths += 1
                self.rules.extend(_rules(drawn, after(_matrix(drawn), frame)))
            elif kind == raw.FPDF_PAGEOBJ_IMAGE:
                self.picture_area += _area(after(_matrix(drawn), frame))
            elif kind == raw.FPDF_PAGEOBJ_FORM and depth < MAX_NESTING:
                self._look(drawn, after(_matrix(drawn), frame), depth + 1)


def _matrix(drawn: Any) -> Frame:
    from pypdfium2 import raw

    matrix = raw.FS_MATRIX()
    raw.FPDFPageObj_GetMatrix(drawn, matrix)
    return matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f


def _area(frame: Frame) -> float:
    """The area of a picture: pictures are drawn into the unit square of their frame."""
    a, b, c, d, _, _ = frame
    return abs(a * d - b * c)


def _rules(path: Any, frame: Frame) -> Iterator[Rule]:
    """The straight strokes of a path, level or upright; those of a filled rectangle are its edges."""
    from pypdfium2 import raw

    fill, stroke = ctypes.c_int(), raw.FPDF_BOOL()
    raw.FPDFPath_GetDrawMode(path, fill, stroke)
    if not (fill.value or stroke.value) or raw.FPDFPath_CountSegments(path) > MAX_SEGMENTS:
        return
    for (left, top), (right, bottom) in _strokes(path, frame):
        rule = Rule(min(left, right), min(top, bottom), max(left, right), max(top, bottom))
        if rule.direction:
            yield rule


def _strokes(path: Any, frame: Frame) -> Iterator[tuple[_Point, _Point]]:
    from pypdfium2 import raw

    outline: list[_Point] = []
    x, y = ctypes.c_float(), ctypes.c_float()
    for index in range(raw.FPDFPath_CountSegments(path)):
        segment = raw.FPDFPath_GetPathSegment(path, index)
        kind = raw.FPDFPathSegment_GetType(segment)
        raw.FPDFPathSegment_GetPoint(segment, x, y)
        point = mapped(frame, x.value, y.value)
        if kind != raw.FPDF_SEGMENT_LINETO:
            yield from pairwise(outline)
            outline = []
        outline.append(point)
        if raw.FPDFPathSegment_GetClose(segment) and len(outline) > 1:
            outline.append(outline[0])
    yield from pairwise(outline)
