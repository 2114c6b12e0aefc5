"""What is done to the picture of a page beside reading it: red seals are lifted off the text, the rules of tables found."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from extractor.intake.page_lines import Frame
from extractor.intake.pdf_tables import Rule

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Picture = NDArray[np.uint8]

RED = 50
"""By how much red must be brighter than green and blue (of 255) to be seal ink."""
MIN_RED_SHARE = 0.0005
SEAL_WIDTHS = (0.13, 0.35)
"""The width of a seal as a share of the page's: seals of state organs are 38 to 50 mm across (国发〔1999〕25号), on paper
of 210 mm; the letters of a red head are narrower, their line is wider."""
SEAL_ASPECT = 1.6
PALE_INK = 20
"""Percentile of the seal's own redness that is made as bright as paper: lower it would brighten what lies under it."""
COARSE = 4
"""Seals are looked for in a picture so many times smaller: their strokes run together there."""
DARK = 0.7
"""Of the paper's brightness: rules are darker."""
LEVEL_EMS, UPRIGHT_EMS = 3.0, 1.6
"""Strokes of letters are shorter than this: a dash is two ems long, the tallest stroke one."""


def without_seals(picture: Picture) -> Picture:
    """`picture` with seals as pale as their paper: what is printed in black under them stays."""
    import cv2
    import numpy as np

    blue, green, red = cv2.split(picture)
    mask = (cv2.subtract(red, cv2.max(blue, green)) > RED).astype(np.uint8)
    if mask.mean() < MIN_RED_SHARE:
        return picture
    lifted = picture.copy()
    for left, top, right, bottom in _seals(mask):
        ink = float(np.percentile(red[top:bottom, left:right][mask[top:bottom, left:right] > 0], PALE_INK))
        paled = cv2.convertScaleAbs(red[top:bottom, left:right], alpha=255 / max(ink, 1.0))
        lifted[top:bottom, left:right] = paled[:, :, None]
    return lifted


def _seals(mask: NDArray[np.uint8]) -> Iterator[tuple[int, int, int, int]]:
    import cv2
    import numpy as np

    height, width = mask.shape
    small = cv2.resize(
        mask * 255, (max(width // COARSE, 1), max(height // COARSE, 1)), interpolation=cv2.INTER_AREA
    )
    joined = cv2.dilate((small > 32).astype(np.uint8), np.ones((5, 5), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(joined)
    for left, top, across, down, _ in stats[1:].tolist():
        share = across * COARSE / min(width, height)
        if SEAL_WIDTHS[0] <= share <= SEAL_WIDTHS[1] and max(across, down) <= SEAL_ASPECT * min(across, down):
            yield left * COARSE, top * COARSE, (left + across) * COARSE, (top + down) * COARSE


def drawn_rules(picture: Picture, levelled: Frame, em: float) -> Iterator[Rule]:
    """The level and upright rules in `picture`, in the frame that `levelled` leads to; `em` is that of its print in pixels."""
    import cv2
    import numpy as np

    if not em:
        return
    a, b, c, d, e, f = levelled
    scale = (a * a + b * b) ** 0.5
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    height, width = grey.shape
    upright = np.array([[a, c, e], [b, d, f]], dtype=np.float64) / scale
    grey = cv2.warpAffine(grey, upright, (width, height), borderValue=255)
    paper = float(np.median(grey))
    dark = (grey < DARK * paper).astype(np.uint8)
    for kernel in ((round(LEVEL_EMS * em), 1), (1, round(UPRIGHT_EMS * em))):
        strokes = cv2.morphologyEx(
            dark, cv2.MORPH_OPEN, np.ones((max(kernel[1], 1), max(kernel[0], 1)), np.uint8)
        )
        _, _, stats, _ = cv2.connectedComponentsWithStats(strokes)
        for left, top, across, down, _ in stats[1:].tolist():
            if min(across, down) >= em / 2:
                continue
            right, bottom = left + across, top + down
            if across > down:
                top = bottom = (top + bottom) / 2
            else:
                left = right = (left + right) / 2
            yield Rule(left * scale, top * scale, right * scale, bottom * scale)
