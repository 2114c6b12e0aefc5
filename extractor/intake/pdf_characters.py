"""The characters of a PDF page as pieces of lines, with the edges of every character."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import atan2, degrees
from typing import TYPE_CHECKING, Any

from extractor.intake.page_lines import (
    UPRIGHT,
    Frame,
    Line,
    after,
    evenly_spaced,
    inverse,
    turned,
    typical_em,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

MAX_CHARACTERS = 60_000
"""Characters of one page: a full page of small print has 5,000."""
GAP = 0.9
"""Ems of white that end a piece: narrower gaps are justification, wider ones may lie between columns or cells."""
THIN_SPACE = 0.5
"""Ems: word processors put a fifth of an em between Chinese and figures; nobody typed it."""
HAIR_SPACE = 0.15
"""Ems: less is justification; the narrowest typed space is a quarter."""
OVERHANG = 0.2
"""Ems by which a character may reach into the next one's place and still be shown whole."""
STEP = 0.5
"""Ems by which a character must be higher or lower than the one before to stand in another line."""
SAMPLES = 15
"""Characters that are asked which way they run: a page is turned as a whole."""
LEVEL_DEGREES = 5.0
LIGHT = 190
"""Brightness (of 255) from which large print is a watermark: text people are meant to read is darker."""
FAINT = 110
"""Opacity (of 255) below which print is a watermark."""
LARGE = 1.3
UNITS_PER_POINT = 64
"""pdfium maps pages to whole device units: so fine that rounding does not show."""
LINE_END_HYPHEN = 2
"""What pdfium gives for a hyphen at a line's end."""
NO_CHARACTER = "\x00\ufffe\uffff"


def page_frame(page: Any, width: float, height: float) -> Frame:
    """The map from the coordinates in the file to points from the top left corner of the page as shown."""
    from pypdfium2 import raw

    size = int(width * UNITS_PER_POINT), int(height * UNITS_PER_POINT)
    x, y = ctypes.c_int(), ctypes.c_int()

    def shown(at_x: float, at_y: float) -> tuple[float, float]:
        raw.FPDF_PageToDevice(page, 0, 0, *size, 0, at_x, at_y, x, y)
        return x.value / UNITS_PER_POINT, y.value / UNITS_PER_POINT

    (ox, oy), (ax, ay), (bx, by) = shown(0, 0), shown(1000, 0), shown(0, 1000)
    return (ax - ox) / 1000, (ay - oy) / 1000, (bx - ox) / 1000, (by - oy) / 1000, ox, oy


def characters(text_page: Any) -> str:
    """All characters of a page as pdfium orders them, those that it adds for blanks and line ends included."""
    from pypdfium2 import raw

    count = min(raw.FPDFText_CountChars(text_page), MAX_CHARACTERS)
    unicode = raw.FPDFText_GetUnicode
    codes = [unicode(text_page, index) for index in range(count)]
    return "".join(
        "-" if code == LINE_END_HYPHEN else chr(code) if code < 0x110000 else "\ufffd" for code in codes
    )


def main_turn(text_page: Any, count: int, frame: Frame) -> int:
    """By how many quarter turns clockwise most lines of a page run, as it is shown."""
    turns = [
        round(_direction(text_page, i, frame) / 90) % 4 for i in range(0, count, max(count // SAMPLES, 1))
    ]
    return max(set(turns), key=turns.count) if turns else 0


def _direction(text_page: Any, index: int, frame: Frame) -> float:
    """The direction that a character runs in, in degrees clockwise, 0 for level."""
    from pypdfium2 import raw

    matrix = raw.FS_MATRIX()
    if not raw.FPDFText_GetMatrix(text_page, index, matrix):
        return 0.0
    across = frame[0] * matrix.a + frame[2] * matrix.b
    down = frame[1] * matrix.a + frame[3] * matrix.b
    return degrees(atan2(down, across))


def pieces(
    text_page: Any, text: str, number: int, frame: Frame, quarters: int, size: tuple[float, float]
) -> list[Line]:
    """The pieces of lines on page `number` of `size` as shown, `text` being all its `characters`."""
    levelling = turned(quarters, *size)
    to_level = after(frame, levelling)
    back = inverse(levelling) if quarters else UPRIGHT
    kept, edges = _printed(text_page, text, to_level)
    if not kept:
        return []
    found = list(_cut(text, kept, edges, number, back))
    return _without_watermarks(text_page, found, to_level)


def _printed(text_page: Any, text: str, frame: Frame) -> tuple[list[int], Floats]:
    """The indices of the characters that are printed, and their left, top, right and bottom edges."""
    import numpy as np
    from pypdfium2 import raw

    boxes = (raw.FS_RECTF * len(text))()
    get_box = raw.FPDFText_GetLooseCharBox
    for index, box in enumerate(boxes):
        get_box(text_page, index, box)
    measured = np.frombuffer(boxes, dtype=np.float32).reshape(-1, 4).astype(np.float64)
    a, b, c, d, e, f = frame
    x, y = measured[:, 0::2], measured[:, 1::2]
    across, down = a * x + c * y + e, b * x + d * y + f
    edges = np.stack([across.min(1), down.min(1), across.max(1), down.max(1)], axis=1)
    added = [i for i in np.flatnonzero(edges[:, 0] == edges[:, 2]).tolist() if text[i] in " \r\n"]
    seen = [i for i in added if _is_seen(text, edges, i)]
    for i in seen:
        edges[i] = edges[i - 1, 2], edges[i - 1, 1], edges[i + 1, 0], edges[i - 1, 3]
    dropped = set(added).difference(seen)
    kept = [i for i, char in enumerate(text) if i not in dropped and char not in NO_CHARACTER]
    return kept, edges[kept]


def _is_seen(text: str, edges: Floats, index: int) -> bool:
    """Whether people see a blank where pdfium added one: it also adds them for the thin space beside figures."""
    before, behind = text[index - 1 : index], text[index + 1 : index + 2]
    if text[index] != " " or not before or not behind:
        return False
    gap = edges[index + 1, 0] - edges[index - 1, 2]
    em = edges[index - 1, 3] - edges[index - 1, 1]
    beside_figure = (before.isalnum() and behind.isalnum()) and before.isascii() != behind.isascii()
    return bool((THIN_SPACE if beside_figure else HAIR_SPACE) * em < gap <= GAP * em)


def _cut(
    text: str, kept: Sequence[int], edges: Floats, number: int, back: Frame
) -> Iterator[tuple[Line, int]]:
    """The pieces, each with the index of its first character: cut where the print jumps or leaves a gap."""
    import numpy as np

    left, top, right, bottom = edges.T
    height, middle = bottom - top, (top + bottom) / 2
    tall = np.maximum(height[1:], height[:-1])
    jumps = np.abs(np.diff(middle)) > STEP * tall
    gaps = (left[1:] - right[:-1] > GAP * tall) | (left[1:] < left[:-1] - STEP * tall)
    starts = [0, *(np.flatnonzero(jumps | gaps) + 1).tolist(), len(kept)]
    reach = right[:-1] - left[1:]
    left[1:] += np.where((reach > 0) & (reach < OVERHANG * tall), reach, 0.0)
    lefts, rights = left.tolist(), right.tolist()
    tops, bottoms = top.tolist(), bottom.tolist()
    for start, end in pairwise(starts):
        words = "".join([text[index] for index in kept[start:end]])
        piece_edges = [*lefts[start:end], max(rights[end - 1], lefts[end - 1])]
        upper, lower = _middle(tops[start:end]), _middle(bottoms[start:end])
        widths = [rights[i] - lefts[i] for i in range(start, end) if text[kept[i]] >= "\u2e80"]
        em = _middle(widths) if widths else lower - upper
        line = Line(words, number, piece_edges, upper, lower, em or 1.0, back).stripped()
        if line.text:
            yield line, kept[start]


def _middle(values: Sequence[float]) -> float:
    return sorted(values)[len(values) // 2]


def _without_watermarks(text_page: Any, found: Sequence[tuple[Line, int]], frame: Frame) -> list[Line]:
    """The pieces, those marked that are printed aslant or large and faint; slanting characters are put together."""
    usual = typical_em(line for line, _ in found)
    lines: list[Line] = []
    slanting: list[Line] = []
    for line, index in found:
        if _is_slanting(text_page, index, frame):
            slanting.append(line)
            continue
        if slanting:
            lines.append(_watermark(slanting))
            slanting = []
        faint = line.em > LARGE * usual and _is_faint(text_page, index)
        lines.append(_watermark([line]) if faint else line)
    return [*lines, _watermark(slanting)] if slanting else lines


def _is_slanting(text_page: Any, index: int, frame: Frame) -> bool:
    return abs(_direction(text_page, index, frame)) > LEVEL_DEGREES


def _is_faint(text_page: Any, index: int) -> bool:
    from pypdfium2 import raw

    red, green, blue, opacity = (ctypes.c_uint() for _ in range(4))
    if not raw.FPDFText_GetFillColor(text_page, index, red, green, blue, opacity):
        return False
    return opacity.value < FAINT or min(red.value, green.value, blue.value) > LIGHT


def _watermark(pieces: Sequence[Line]) -> Line:
    text = "".join(piece.text for piece in pieces)
    left, right = min(piece.left for piece in pieces), max(piece.right for piece in pieces)
    top, bottom = min(piece.top for piece in pieces), max(piece.bottom for piece in pieces)
    edges = evenly_spaced(text, left, right)
    return Line(text, pieces[0].page, edges, top, bottom, pieces[0].em, pieces[0].frame, "watermark")
