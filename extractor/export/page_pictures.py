"""The pages of an original as pictures, as large as the boxes on them are measured, each drawn only when it is asked for."""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from extractor.intake.pdf import PDFIUM

PDF = "application/pdf"
IMAGES = {"image/png": "PNG", "image/jpeg": "JPEG", "image/tiff": "TIFF", "image/bmp": "BMP"}
WIDTH = 1240
"""Pixels across a picture: A4 at 150 dpi, sharp at twice the size at which half a screen shows it."""
TALLEST = 4 * WIDTH
"""Pixels: a long strip is drawn narrower instead."""
MOST_PIXELS = 80_000_000
"""Of an image file, as many as intake takes."""
MOST_PAGES = 1000
SECONDS = 10.0
"""For one page: a map of a hundred thousand strokes takes minutes, and holds up all others."""


class PagePictureError(Exception):
    """A page cannot be shown as a picture; `str()` is one line in Chinese."""


@dataclass(frozen=True, slots=True)
class PageSize:
    """The size of a page as shown, in the unit of its boxes: points in a PDF, pixels in an image."""

    width: float
    height: float


def has_pages(media: str) -> bool:
    """Whether originals of that kind can be shown page by page."""
    return media == PDF or media in IMAGES


def page_sizes(data: bytes, media: str) -> list[PageSize]:
    """The sizes of all pages of an original, in their order, found without drawing any.

    Raises:
        PagePictureError: if it cannot be opened.
    """
    if media == PDF:
        with PDFIUM, _pdf(data) as document:
            count = min(len(document), MOST_PAGES)
            return [PageSize(*document.get_page_size(at)) for at in range(count)]
    with _image(data, media) as image:
        return [_size_of_frame(image, frame) for frame in range(_frames(image))]


def page_picture(data: bytes, media: str, number: int) -> bytes:
    """Page `number` (from 1) of an original as PNG.

    Raises:
        PagePictureError: if there is no such page, it is damaged or too large, or takes too long to draw.
    """
    if media == PDF:
        with PDFIUM, _pdf(data) as document:
            if not 1 <= number <= min(len(document), MOST_PAGES):
                raise _no_such_page(number)
            picture = _drawn(document, number)
    else:
        with _image(data, media) as image:
            if not 1 <= number <= _frames(image):
                raise _no_such_page(number)
            picture = _shrunk(image, number - 1)
    png = BytesIO()
    picture.save(png, "PNG", compress_level=3)
    return png.getvalue()


@contextmanager
def _pdf(data: bytes) -> Iterator[Any]:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError:
        raise PagePictureError("PDF 打不开，不能显示原页：请下载原件查看。") from None
    try:
        yield document
    finally:
        document.close()


def _drawn(document: Any, number: int) -> Any:
    """A page of a PDF, drawn until it is ready or its time is over."""
    import pypdfium2
    from pypdfium2 import raw

    try:
        page = document[number - 1]
    except pypdfium2.PdfiumError:
        raise PagePictureError(f"第 {number} 页已损坏，不能显示：请下载原件查看。") from None
    width, height = _pixels(*page.get_size())
    bitmap = pypdfium2.PdfBitmap.new_native(width, height, raw.FPDFBitmap_BGR)
    bitmap.fill_rect((255, 255, 255, 255), 0, 0, width, height)
    ends = time.monotonic() + SECONDS
    pause = raw.IFSDK_PAUSE(version=1)
    is_over = type(pause.NeedToPauseNow)(lambda _: time.monotonic() > ends)
    pause.NeedToPauseNow = is_over
    try:
        status = raw.FPDF_RenderPageBitmap_Start(bitmap, page, 0, 0, width, height, 0, raw.FPDF_ANNOT, pause)
        raw.FPDF_RenderPage_Close(page)
        if status != raw.FPDF_RENDER_DONE:
            raise PagePictureError(f"第 {number} 页图形过于复杂，不能显示：请下载原件查看。")
        return bitmap.to_pil().copy()
    finally:
        bitmap.close()
        page.close()


@contextmanager
def _image(data: bytes, media: str) -> Iterator[Any]:
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(BytesIO(data), formats=[IMAGES[media]])
            with image:
                yield image
    except (OSError, ValueError, SyntaxError, EOFError, KeyError, Image.DecompressionBombError):
        raise PagePictureError("图片打不开，不能显示原页：请下载原件查看。") from None


def _frames(image: Any) -> int:
    return min(int(getattr(image, "n_frames", 1)), MOST_PAGES) if image.format == "TIFF" else 1


def _size_of_frame(image: Any, frame: int) -> PageSize:
    """The size of a frame as its EXIF data turns it."""
    image.seek(frame)
    turned = image.getexif().get(0x0112, 1) in (5, 6, 7, 8)
    return PageSize(*(image.size[::-1] if turned else image.size))


def _shrunk(image: Any, frame: int) -> Any:
    from PIL import Image, ImageOps

    image.seek(frame)
    if image.width * image.height > MOST_PIXELS:
        raise PagePictureError("图片尺寸过大，不能显示原页：请下载原件查看。")
    upright = ImageOps.exif_transpose(image)
    if "A" in upright.getbands() or "transparency" in upright.info:
        upright = Image.alpha_composite(Image.new("RGBA", upright.size, "white"), upright.convert("RGBA"))
    if upright.mode not in ("L", "RGB"):
        upright = upright.convert("RGB")
    if upright.width > WIDTH:
        upright = upright.resize(_pixels(*upright.size), Image.Resampling.BOX)
    return upright


def _pixels(width: float, height: float) -> tuple[int, int]:
    scale = min(WIDTH / max(width, 1.0), TALLEST / max(height, 1.0))
    return max(round(width * scale), 1), max(round(height * scale), 1)


def _no_such_page(number: int) -> PagePictureError:
    return PagePictureError(f"没有第 {number} 页。")
