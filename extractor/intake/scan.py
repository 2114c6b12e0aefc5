"""Pictures of pages: RapidOCR finds and reads the lines, the layout of pages makes text of them.

Everything runs on this machine: the models come inside the package `rapidocr`, nothing is ever fetched.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from importlib.util import find_spec
from io import BytesIO
from itertools import pairwise
from math import atan2, cos, degrees, radians, sin
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from extractor.intake.errors import NotInstalled, UnreadableFile
from extractor.intake.page_layout import lay_out
from extractor.intake.page_lines import (
    Frame,
    Line,
    Page,
    after,
    evenly_spaced,
    inverse,
    mapped,
    printed_width,
    turned,
    typical_em,
)
from extractor.intake.pdf_tables import ruled_tables
from extractor.intake.scan_pictures import drawn_rules, without_seals
from extractor.model import Source

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Picture = NDArray[np.uint8]
    """Rows of pixels, each blue, green, red."""

NEEDS_RECOGNITION = "这是扫描件，需要文字识别"
INSTALL, INSTALL_AGAIN = (
    "请先安装 pip install taizhang[ocr]",
    "请重新安装 pip install --force-reinstall rapidocr",
)
INSTEAD = "改用原始的 Word 文件、可复制文字的 PDF"
MAX_PICTURE_PAGES = 100
"""A page takes about three seconds: whoever has more waits minutes, and should split the file."""
MAX_PIXELS = 80_000_000
"""A3 at 600 dpi has 70 million; a small file that says more is a decompression bomb."""
DPI = 200
MAX_RENDERED_PIXELS = 20_000_000
"""For PDF pages of unusual size: A2 at 200 dpi has 15 million."""
MAX_SIDE = 2600
"""Pixels: the longer side of A4 at 200 dpi is 2,339; recognition makes larger pictures smaller anyway."""
A4_WIDTH = 595.0
MIN_SCORE = 0.3
"""Surer than this is kept, with its confidence, for a person to look at; below are specks and folds."""
MIN_SKEW = 0.15
"""Degrees; less moves the end of a line by less than a pixel or two."""
MAX_SKEW = 20.0
TALL = 2.0
"""A line so many times higher than wide was laid down sideways."""
ASKED = 7
"""Lines that are asked whether they stand on their head: a page is turned as a whole."""
USUAL_SIZE, USUAL_SIZE_OF_WORDS = 0.15, 0.3
"""The share by which the size of print seems to differ from line to line where it does not; more in short lines."""
SHORT = 5

FORMATS = {"PNG": "image/png", "JPEG": "image/jpeg", "TIFF": "image/tiff", "BMP": "image/bmp"}
MARKS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\x00", b"MM\x00*")
BITMAP_HEADERS = (12, 40, 52, 56, 64, 108, 124)
"""The sizes that a Windows bitmap's header may have: text may well begin with BM."""

_recogniser = threading.Lock()
"""RapidOCR keeps the options of a call in itself."""


def looks_like_picture(data: bytes) -> bool:
    """Whether `data` begins like PNG, JPEG, TIFF or BMP."""
    return data.startswith(MARKS) or (
        data[:2] == b"BM" and int.from_bytes(data[14:18], "little") in BITMAP_HEADERS
    )


def recognition_is_installed() -> bool:
    """Whether pages that are pictures can be read here."""
    return all(find_spec(package) for package in ("rapidocr", "onnxruntime", "cv2"))


def not_installed() -> NotInstalled:
    """Why pages that are pictures cannot be read here."""
    return NotInstalled(NEEDS_RECOGNITION, INSTALL, INSTEAD)


def read_scan(data: bytes, name: str) -> Source:
    """The picture `data` (PNG, JPEG, BMP; TIFF with any number of pages) as a Source.

    Boxes are measured in pixels of the picture upright, as its EXIF data turns it: a pixel counts as a point.

    Raises:
        UnreadableFile: if it is broken, too large or shows no text; `NotInstalled` if recognition is not.
    """
    if not recognition_is_installed():
        raise not_installed()
    media, pictures = _opened(data)
    printed = lay_out(
        [_recognised(picture, number, scale) for number, (picture, scale) in enumerate(pictures, 1)]
    )
    if not printed.text.strip():
        raise UnreadableFile("图片里没有识别出文字，请换一张更清晰的扫描件")
    return Source(
        name,
        printed.text,
        data,
        media=media,
        locator=printed.locator,
        tables=printed.tables,
        margins=printed.margins,
        confidence=printed.confidence,
    )


def recognised_pdf_page(page: Any, number: int) -> Page:
    """A page of an opened PDF as recognised from its picture; `unread` where recognition is not installed."""
    width, height = page.get_size()
    if not recognition_is_installed():
        return Page(number, width, height, unread=True)
    scale = min(DPI / 72, (MAX_RENDERED_PIXELS / max(width * height, 1.0)) ** 0.5)
    picture = page.render(scale=scale).to_numpy()[:, :, :3]
    return _recognised(picture, number, 1 / scale)


def _opened(data: bytes) -> tuple[str, Iterator[tuple[Picture, float]]]:
    """The media type and the pages of a picture file, each with the pixels of the file that one of its own stands for."""
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(BytesIO(data), formats=tuple(FORMATS))
            count = getattr(image, "n_frames", 1) if image.format == "TIFF" else 1
    except Image.DecompressionBombError:
        raise UnreadableFile(_too_large()) from None
    except (OSError, ValueError, SyntaxError, EOFError):
        raise UnreadableFile("图片已损坏或格式不支持，请另存为 PNG 或 JPEG 后再试") from None
    if count > MAX_PICTURE_PAGES:
        raise UnreadableFile(f"图片有 {count} 页，上限为 {MAX_PICTURE_PAGES} 页，请拆分后再试")
    return FORMATS.get(str(image.format), "image/jpeg"), (_picture(image, frame) for frame in range(count))


def _too_large() -> str:
    return f"图片尺寸过大，上限为 {MAX_PIXELS // 1_000_000} 百万像素，请缩小后再试"


def _picture(image: Any, frame: int) -> tuple[Picture, float]:
    import numpy as np
    from PIL import Image, ImageOps

    try:
        image.seek(frame)
        if image.width * image.height > MAX_PIXELS:
            raise UnreadableFile(_too_large())
        upright = ImageOps.exif_transpose(image)
        if "A" in upright.getbands() or "transparency" in upright.info:
            upright = Image.alpha_composite(Image.new("RGBA", upright.size, "white"), upright.convert("RGBA"))
        scale = max(1.0, max(upright.size) / MAX_SIDE)
        upright = upright.convert("RGB")
        if scale > 1:
            upright = upright.resize(
                (round(upright.width / scale), round(upright.height / scale)), Image.Resampling.BOX
            )
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError):
        raise UnreadableFile("图片已损坏或不完整，请重新扫描或另存为 PNG、JPEG 后再试") from None
    return np.ascontiguousarray(np.asarray(upright)[:, :, ::-1]), scale


# --- recognition -------------------------------------------------------------------------------------------------------


@cache
def _engine() -> Any:
    """RapidOCR with the models of its own package, named one by one so that it never asks for them elsewhere.

    Raises:
        NotInstalled: if a model is missing.
    """
    import rapidocr

    models = Path(rapidocr.__file__).parent / "models"
    found = {part: sorted(models.glob(f"*_{part.lower()}_*.onnx")) for part in ("Det", "Cls", "Rec")}
    if not all(found.values()):
        raise NotInstalled(f"{NEEDS_RECOGNITION}，而识别所用的模型不全", INSTALL_AGAIN, INSTEAD)
    paths = {f"{part}.model_path": str(files[0]) for part, files in found.items()}
    return rapidocr.RapidOCR(params={"Global.log_level": "critical", **paths})


def _recognised(picture: Picture, number: int, scale: float) -> Page:
    """What a picture shows, its pixels counting `scale` points each."""
    picture = without_seals(picture)
    lines = _read(picture)
    quarters = 0
    if _lies_sideways(lines):
        import numpy as np

        quarters = 1
        picture = np.ascontiguousarray(np.rot90(picture, 1))
        lines = _read(picture)
    if _stands_on_its_head(picture, lines):
        quarters += 2
    return _page(picture, lines, number, scale, quarters)


class _Reading:
    """One line as RapidOCR gives it: its corners from the upper left clockwise, its text, and how sure it is."""

    __slots__ = ("centres", "corners", "score", "text")

    def __init__(self, corners: Any, text: str, score: float, words: Any) -> None:
        self.corners: list[tuple[float, float]] = [(float(x), float(y)) for x, y in corners]
        self.text = text
        self.score = score
        characters = [(str(word), box) for word, _, box in words or ()]
        placed = "".join(word for word, _ in characters) == text and len(characters) == len(text)
        self.centres = [_centre(box) for _, box in characters] if placed else []

    @property
    def size(self) -> tuple[float, float]:
        """Width and height along the line."""
        (ax, ay), (bx, by), _, (dx, dy) = self.corners
        return ((bx - ax) ** 2 + (by - ay) ** 2) ** 0.5, ((dx - ax) ** 2 + (dy - ay) ** 2) ** 0.5

    @property
    def slope(self) -> float:
        """Degrees clockwise from level."""
        (ax, ay), (bx, by), *_ = self.corners
        return degrees(atan2(by - ay, bx - ax))


def _centre(box: Any) -> tuple[float, float]:
    return sum(float(x) for x, _ in box) / len(box), sum(float(y) for _, y in box) / len(box)


def _read(picture: Picture) -> list[_Reading]:
    with _recogniser:
        result = _engine()(
            picture,
            use_det=True,
            use_cls=True,
            use_rec=True,
            return_word_box=True,
            return_single_char_box=True,
            text_score=MIN_SCORE,
        )
    if not result or result.boxes is None or not result.txts:
        return []
    words = result.word_results if len(result.word_results) == len(result.txts) else [None] * len(result.txts)
    rows = zip(result.boxes, result.txts, result.scores, words, strict=True)
    return [_Reading(box, text, float(score), word) for box, text, score, word in rows if text.strip()]


def _lies_sideways(lines: Sequence[_Reading]) -> bool:
    long = [line for line in lines if len(line.text) > 3]
    tall = sum(len(line.text) for line in long if line.size[1] > TALL * line.size[0])
    return tall > 0.5 * sum(len(line.text) for line in long)


def _stands_on_its_head(picture: Picture, lines: Sequence[_Reading]) -> bool:
    """Whether most of the longest lines were read upside down: RapidOCR turns each line by itself, but not the page."""
    longest = sorted(lines, key=lambda line: -len(line.text))[:ASKED]
    crops = [crop for line in longest if (crop := _cut_out(picture, line)).size]
    if not crops:
        return False
    with _recogniser:
        answers = [_engine()(crop, use_det=False, use_cls=True, use_rec=False).cls_res[0] for crop in crops]
    heads_down: int = sum(label == "180" for label, _ in answers)
    return heads_down * 2 > len(answers)


def _cut_out(picture: Picture, line: _Reading) -> Picture:
    """The picture of one line, level."""
    import cv2
    import numpy as np

    width, height = (max(round(side), 1) for side in line.size)
    upper_left, upper_right, _, lower_left = line.corners
    frame = cv2.getAffineTransform(
        np.array([upper_left, upper_right, lower_left], dtype=np.float32),
        np.array([(0, 0), (width, 0), (0, height)], dtype=np.float32),
    )
    return cv2.warpAffine(picture, frame, (width, height), borderValue=(255, 255, 255)).astype(np.uint8)


def _page(picture: Picture, lines: Sequence[_Reading], number: int, scale: float, quarters: int) -> Page:
    """The page in a frame in which its lines are level; `quarters` turn the picture as received upright.

    The frame is measured as if the page were as wide as A4, so that distances mean the same whatever the resolution.
    """
    rows, columns = picture.shape[:2]
    unit = A4_WIDTH / min(rows, columns)
    width, height = columns * unit, rows * unit
    on_its_head, sideways = quarters >= 2, quarters % 2 == 1
    levelled = after((unit, 0, 0, unit, 0, 0), turned(2 if on_its_head else 0, width, height))
    levelled = after(levelled, _turn(-_skew(lines), width / 2, height / 2))
    received = (1, rows, columns) if sideways else (0, columns, rows)
    back = after(after(inverse(levelled), inverse(turned(*received))), (scale, 0, 0, scale, 0, 0))
    pieces = [_line(line, number, levelled, back, on_its_head) for line in lines]
    usual = typical_em(pieces)
    pieces = [_of_usual_size(piece, usual) for piece in pieces]
    tables, rest = ruled_tables(drawn_rules(picture, levelled, usual / unit), pieces)
    return Page(number, width, height, rest, tables)


def _skew(lines: Sequence[_Reading]) -> float:
    level = [line for line in lines if line.size[0] > 2 * line.size[1] and abs(line.slope) < MAX_SKEW]
    long = [line.slope for line in level if line.size[0] > 6 * line.size[1]] or [line.slope for line in level]
    skew = median(long) if long else 0.0
    return skew if abs(skew) >= MIN_SKEW else 0.0


def _turn(angle: float, x: float, y: float) -> Frame:
    """Turns by `angle` degrees clockwise around `(x, y)`."""
    if not angle:
        return 1, 0, 0, 1, 0, 0
    c, s = cos(radians(angle)), sin(radians(angle))
    return c, s, -s, c, x - c * x + s * y, y - s * x - c * y


def _line(line: _Reading, number: int, levelled: Frame, back: Frame, upside_down: bool) -> Line:
    corners = [mapped(levelled, x, y) for x, y in line.corners]
    if upside_down:
        corners = corners[2:] + corners[:2]
    left, right = (corners[0][0] + corners[3][0]) / 2, (corners[1][0] + corners[2][0]) / 2
    top, bottom = (corners[0][1] + corners[1][1]) / 2, (corners[2][1] + corners[3][1]) / 2
    centres = sorted(mapped(levelled, x, y)[0] for x, y in line.centres)
    edges = [left, *((a + b) / 2 for a, b in pairwise(centres)), right]
    if len(edges) != len(line.text) + 1 or edges != sorted(edges):
        edges = evenly_spaced(line.text, left, right)
    em = (right - left) / printed_width(line.text) if len(line.text) > 3 else 0.9 * (bottom - top)
    return Line(line.text, number, edges, top, bottom, em, back, confidence=round(line.score, 3)).stripped()


def _of_usual_size(line: Line, usual: float) -> Line:
    slack = USUAL_SIZE_OF_WORDS if len(line.text) <= SHORT else USUAL_SIZE
    return replace(line, em=usual) if abs(line.em - usual) <= slack * usual else line
