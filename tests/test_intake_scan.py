"""Pictures of pages: what is read, where it stands, how sure it is. Recognition takes seconds: few and small pages."""

import os
import socket
import unicodedata
from io import BytesIO
from pathlib import Path

import pytest

from extractor.intake import scan
from extractor.intake.errors import UnreadableFile
from extractor.intake.scan import looks_like_picture, read_scan, recognition_is_installed
from extractor.model import Span

Image = pytest.importorskip("PIL.Image", reason="Pillow draws the test pictures")
from PIL import ImageChops, ImageDraw, ImageFont  # noqa: E402

FONTS = (
    "/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc",
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "C:/Windows/Fonts/simsun.ttc",
)
FONT = next((font for font in FONTS if Path(font).exists()), None)


def needs(there, what):
    """Skip where something is missing, unless everything is to be tested."""
    return pytest.mark.skipif(
        not there and not os.environ.get("TAIZHANG_ALL_TESTS"), reason=f"{what} is not installed"
    )


reads = needs(
    recognition_is_installed() and FONT, "recognition (taizhang[ocr]) or a Chinese font (fonts-noto-cjk)"
)

EM, PITCH, LEFT, TOP = 40, 70, 120, 120
PAGE = (1100, 800)
TITLE = "青溪县防汛工作要点"
TASK = "县水利局要会同各乡镇人民政府排查山塘水库安全隐患，六月底前完成除险加固。"
SIGNED = "青溪县人民政府办公室"
LINES = [(350, 0, TITLE), (LEFT + 2 * EM, 1, TASK[:19]), (LEFT, 2, TASK[19:]), (560, 3, SIGNED)]


def drawn():
    """A page with a title, a paragraph of two lines and a signature; and the boxes of its lines."""
    page = Image.new("RGB", PAGE, "white")
    pen = ImageDraw.Draw(page)
    font = ImageFont.truetype(FONT, EM)
    for x, row, text in LINES:
        pen.text((x, TOP + row * PITCH), text, font=font, fill="black")
    return page


def sealed(page):
    """The page with a round red seal of 42 mm over its signature, as ink lies over print."""
    seal = Image.new("RGB", page.size, "white")
    pen = ImageDraw.Draw(seal)
    pen.ellipse((600, 240, 820, 460), outline=(225, 40, 40), width=8)
    pen.regular_polygon((710, 350, 40), 5, fill=(225, 40, 40))
    pen.text((660, 400), "青溪县", font=ImageFont.truetype(FONT, 30), fill=(225, 40, 40))
    return ImageChops.multiply(page, seal)


def ruled():
    """A table of two columns."""
    page = Image.new("RGB", PAGE, "white")
    pen = ImageDraw.Draw(page)
    font = ImageFont.truetype(FONT, EM)
    for row, cells in enumerate(
        [("重点任务", "牵头单位"), ("修订防汛预案", "县应急管理局"), ("清理河道", "县水利局")]
    ):
        for column, text in enumerate(cells):
            pen.rectangle(
                (100 + 450 * column, 100 + 100 * row, 550 + 450 * column, 200 + 100 * row),
                outline="black",
                width=3,
            )
            pen.text((120 + 450 * column, 120 + 100 * row), text, font=font, fill="black")
    return page


def saved(image, kind="PNG", **options):
    file = BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def normal(text):
    return unicodedata.normalize("NFKC", text)


@pytest.fixture
def no_network(monkeypatch):
    def refuse(*_):
        raise AssertionError("recognition asked the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)


@reads
@pytest.mark.usefixtures("no_network")
def test_a_sealed_page_reads_as_printed_and_leads_back_to_its_lines():
    """The seal lies over the signature; a TIFF may have several pages."""
    pages = [sealed(drawn()), ruled().rotate(1.5, fillcolor="white", resample=Image.Resampling.BICUBIC)]
    source = read_scan(saved(pages[0], "TIFF", save_all=True, append_images=pages[1:]), "scan.tif")
    table = [["重点任务", "牵头单位"], ["修订防汛预案", "县应急管理局"], ["清理河道", "县水利局"]]
    assert normal(source.text).split("\n")[:3] == [normal(line) for line in (TITLE, TASK, SIGNED)]
    cells = source.tables[0].cells
    assert [[c.span.of(source.text) for c in cells if c.row == row] for row in range(3)] == table
    assert source.media == "image/tiff"

    assert {span.of(source.text) for span, _ in source.confidence} >= {TITLE, SIGNED}
    assert all(0.8 < sure <= 1 for _, sure in source.confidence)

    for offset in range(len(TASK)):
        start = source.text.index("\n") + 1 + offset
        (box,) = source.locate(Span(start, start + 1)).boxes
        x, row, place = (LEFT + 2 * EM, 1, offset) if offset < 19 else (LEFT, 2, offset - 19)
        assert box.page == 1
        assert abs((box.left + box.right) / 2 - (x + (place + 0.5) * EM)) < 0.6 * EM
        assert box.top < TOP + row * PITCH + 0.7 * EM < box.bottom

    place = source.locate(cells[-1].span)
    assert (place.page, place.table, place.row, place.cell) == (2, 1, 3, 2)


@reads
@pytest.mark.parametrize("angle", [90, 180])
def test_a_page_laid_down_the_wrong_way_reads_the_same(angle):
    source = read_scan(saved(drawn().rotate(angle, expand=True)), "scan.png")
    assert normal(source.text).split("\n") == [normal(line) for line in (TITLE, TASK, SIGNED)]
    (box,) = source.locate(Span(0, 1)).boxes
    x, y = LINES[0][0] + EM / 2, TOP + 0.7 * EM
    shown = (y, PAGE[0] - x) if angle == 90 else (PAGE[0] - x, PAGE[1] - y)
    assert box.left - 5 <= shown[0] <= box.right + 5
    assert box.top - 5 <= shown[1] <= box.bottom + 5


@reads
def test_a_scanned_page_of_a_pdf_is_recognised_beside_pages_of_text():
    pytest.importorskip("reportlab")
    from reportlab.lib.utils import ImageReader

    from extractor.intake.pdf import read_pdf
    from tests.test_intake_pdf import SECOND, Drawing, wrapped

    drawing = Drawing().lines(*wrapped(SECOND)).page()
    drawing.canvas.drawImage(ImageReader(drawn()), 0, 300, 595, 433)
    source = read_pdf(drawing.pdf(), "mixed.pdf")
    assert normal(source.text).split("\n") == [normal(line) for line in (SECOND, TITLE, TASK, SIGNED)]
    at = source.text.index(TITLE)
    (box,) = source.locate(Span(at, at + len(TITLE))).boxes
    scale = 595 / PAGE[0]
    assert box.page == 2
    assert abs(box.left - LINES[0][0] * scale) < 8
    assert box.top < 842 - 733 + (TOP + 0.7 * EM) * scale < box.bottom
    assert {span.start >= at for span, _ in source.confidence} == {True}


@reads
def test_exif_says_how_the_picture_is_held():
    exif = Image.Exif()
    exif[0x0112] = 6
    source = read_scan(saved(drawn().rotate(90, expand=True), "JPEG", quality=90, exif=exif), "photo.jpg")
    (box,) = source.locate(Span(0, len(TITLE))).boxes
    assert abs(box.left - LINES[0][0]) < EM
    assert box.top < TOP + 0.7 * EM < box.bottom


def test_seals_pale_and_what_is_black_under_them_stays():
    pytest.importorskip("cv2")
    np = pytest.importorskip("numpy")
    if FONT is None:
        pytest.skip("no Chinese font")
    from extractor.intake.scan_pictures import without_seals

    before, after = (np.asarray(page)[:, :, ::-1].copy() for page in (drawn(), sealed(drawn())))
    lifted = without_seals(after)
    assert lifted[:, :, 0].astype(int).min() < 60
    assert np.mean(np.abs(lifted.astype(int) - before.astype(int)) > 60) < 0.001
    assert np.mean(np.abs(after.astype(int) - before.astype(int)) > 60) > 0.005


def bomb():
    """A PNG of a few bytes that says it is 40,000 by 40,000 pixels."""
    import struct
    import zlib

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 40000, 40000, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")


WHOLE = saved(Image.new("RGB", (400, 300), "white"))
BAD = {
    "broken": (b"\x89PNG\r\n\x1a\n" + b"\x00" * 50, "损坏"),
    "cut off": (saved(Image.effect_noise((300, 300), 50).convert("RGB"))[:5000], "损坏"),
    "a bomb": (bomb(), "过大"),
    "another format": (b"GIF89a" + b"\x00" * 50, "损坏"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_read_is_refused_in_one_line(case, monkeypatch):
    monkeypatch.setattr(scan, "recognition_is_installed", lambda: True)
    data, words = BAD[case]
    with pytest.raises(UnreadableFile, match=words) as refusal:
        read_scan(data, "bad.png")
    assert "\n" not in str(refusal.value)


@reads
def test_an_empty_page_has_no_text():
    with pytest.raises(UnreadableFile, match="没有识别出文字"):
        read_scan(WHOLE, "white.png")


def test_without_recognition_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr(scan, "recognition_is_installed", lambda: False)
    with pytest.raises(UnreadableFile, match=r"pip install taizhang\[ocr\]"):
        read_scan(WHOLE, "scan.png")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "BMP"])
def test_pictures_are_known_by_their_bytes(kind):
    assert looks_like_picture(saved(Image.new("RGB", (8, 8)), kind))


@pytest.mark.parametrize(
    "data", [b"%PDF-1.7", b"PK\x03\x04", "BM市人民政府办公室文件二〇二四年".encode(), b"BM", b""]
)
def test_what_is_no_picture(data):
    assert not looks_like_picture(data)
