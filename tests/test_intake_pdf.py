"""PDF born digital: printed lines become paragraphs, and every span leads back to boxes that hold its characters.

The PDFs are drawn line by line, as a word processor leaves them: a PDF knows no paragraphs.
"""

import os
import shutil
import subprocess
from io import BytesIO

import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractor.intake.errors import UnreadableFile
from extractor.intake.pdf import is_nonsense, looks_like_pdf, read_pdf
from extractor.model import Box, Source, Span

canvas = pytest.importorskip("reportlab.pdfgen.canvas", reason="reportlab draws the test PDFs")
from reportlab.lib.pdfencrypt import StandardEncryption  # noqa: E402
from reportlab.pdfbase import pdfmetrics  # noqa: E402
from reportlab.pdfbase.cidfonts import UnicodeCIDFont  # noqa: E402

FONT = "STSong-Light"
pdfmetrics.registerFont(UnicodeCIDFont(FONT))

WIDTH, HEIGHT = 595.0, 842.0
LEFT, TOP, EM, PITCH = 79.0, 100.0, 16.0, 28.0
FULL = 28
"""Characters to a full line, as GB/T 9704 sets them."""


class Drawing:
    """A PDF in the making: text at points from the top left corner."""

    def __init__(self, **options):
        self.file = BytesIO()
        self.canvas = canvas.Canvas(self.file, pagesize=(WIDTH, HEIGHT), **options)

    def text(self, x, y, text, size=EM):
        self.canvas.setFont(FONT, size)
        self.canvas.drawString(x, HEIGHT - y, text)
        return self

    def lines(self, *lines, x=LEFT, y=TOP, size=EM, pitch=PITCH):
        """Lines below each other; leading full-width blanks become indentation, as in print."""
        for number, line in enumerate(lines):
            bare = line.lstrip("　")
            self.text(x + (len(line) - len(bare)) * size, y + number * pitch, bare, size)
        return self

    def grid(self, xs, ys):
        """The rules of a table without merged cells."""
        for y in ys:
            self.canvas.line(xs[0], HEIGHT - y, xs[-1], HEIGHT - y)
        for x in xs:
            self.canvas.line(x, HEIGHT - ys[0], x, HEIGHT - ys[-1])
        return self

    def page(self):
        self.canvas.showPage()
        return self

    def pdf(self):
        self.canvas.save()
        return self.file.getvalue()


def wrapped(paragraph, width=FULL):
    """A paragraph as printed lines, its first line indented by two."""
    text = "　　" + paragraph
    return [text[i : i + width] for i in range(0, len(text), width)]


def read(drawing: Drawing) -> Source:
    return read_pdf(drawing.pdf(), "circular.pdf")


def body(source: Source) -> list[str]:
    """The paragraphs of the document proper."""
    left_out = {margin.span for margin in source.margins}
    kept, at = [], 0
    for line in source.text.split("\n"):
        if line and not any(span.start <= at < span.end for span in left_out):
            kept.append(line)
        at += len(line) + 1
    return kept


def margins(source: Source) -> list[tuple[str, str]]:
    return [(margin.reason, margin.span.of(source.text)) for margin in source.margins]


def printed_in(data: bytes, boxes: tuple[Box, ...]) -> str:
    """What pdfium prints inside the boxes: characters whose middle lies in one of them."""
    found = []
    document = pypdfium2.PdfDocument(data)
    for box in boxes:
        page = document[box.page - 1]
        matrix_height = page.get_height()
        text_page = page.get_textpage()
        for index in range(text_page.count_chars()):
            left, bottom, right, top = text_page.get_charbox(index, loose=True)
            x, y = (left + right) / 2, matrix_height - (bottom + top) / 2
            if box.left <= x <= box.right and box.top <= y <= box.bottom:
                found.append(text_page.get_text_range(index, 1))
    return "".join("".join(found).split())


FIRST = "县水利局要会同各乡镇人民政府全面排查山塘水库安全隐患，逐库落实管护责任人，汛期前完成除险加固并报县防汛抗旱指挥部备案。"
FULL_LINES = FIRST[:53] + "。"
SECOND = "县应急管理局每季度至少组织一次综合演练，演练前二十日将方案报县政府办公室。"
THIRD = "县财政局按规定落实经费。"

# What is hard about each page is said beside it.
PARAGRAPHS = [
    # Wrapped lines are one paragraph; the indentation of the next says where it ends.
    ([*wrapped(FIRST), *wrapped(SECOND)], [FIRST, SECOND]),
    # The last line of the first paragraph is full: only the indentation tells.
    ([*wrapped(FULL_LINES), *wrapped(SECOND)], [FULL_LINES, SECOND]),
    # A short heading is no part of what follows, nor of what precedes.
    ([*wrapped(FIRST), "　　二、应急准备", *wrapped(SECOND)], [FIRST, "二、应急准备", SECOND]),
    # Nothing is indented: a short line ends its paragraph.
    ([FIRST[:28], FIRST[28:56], FIRST[56:], SECOND[:28], SECOND[28:]], [FIRST, SECOND]),
    # Signature and date stand to the right, each a line of its own.
    (
        [*wrapped(SECOND), "　" * 17 + "青溪县人民政府", "　" * 16 + "2024年3月5日"],
        [SECOND, "青溪县人民政府", "2024年3月5日"],
    ),
    # The addressee fills its lines from the margin on; what follows is indented.
    (
        ["各乡镇人民政府，县直各有关部门和单位，各县属国有企业，驻", "青溪各单位：", *wrapped(SECOND)],
        ["各乡镇人民政府，县直各有关部门和单位，各县属国有企业，驻青溪各单位：", SECOND],
    ),
]


@pytest.mark.parametrize(("lines", "paragraphs"), PARAGRAPHS)
def test_lines_become_paragraphs(lines, paragraphs):
    assert read(Drawing().lines(*lines)).text.split("\n") == paragraphs


def test_a_centred_title_over_several_lines_stays_lines():
    drawing = Drawing()
    for number, line in enumerate(["青溪县人民政府办公室关于印发", "青溪县二〇二四年防汛工作要点的", "通知"]):
        drawing.text(WIDTH / 2 - len(line) * 11, 90 + 34 * number, line, 22)
    drawing.lines(*wrapped(FIRST), *wrapped(SECOND), y=220)
    assert read(drawing).text.split("\n")[:4] == [
        "青溪县人民政府办公室关于印发",
        "青溪县二〇二四年防汛工作要点的",
        "通知",
        FIRST,
    ]


def test_spacing_parts_paragraphs_that_are_not_indented():
    drawing = Drawing().lines(FIRST[:28], FIRST[28:56]).lines(SECOND[:28], SECOND[28:], y=TOP + 3.8 * PITCH)
    assert read(drawing).text.split("\n") == [FIRST[:56], SECOND]


def two_pages(first_foot=(), second_foot=(), head=()):
    """A paragraph that runs from one page to the next, with what stands around it."""
    lines = [*wrapped(SECOND) * 8, *wrapped(FIRST)]
    drawing = Drawing()
    for page, foot in ((lines[:-1], first_foot), (lines[-1:] + wrapped(SECOND) * 9, second_foot)):
        drawing.lines(*page)
        for x, y, text in (*head, *foot):
            drawing.text(x, y, text, 12)
        drawing.page()
    return drawing


def test_a_paragraph_runs_over_pages_and_margins_stand_behind_it():
    head = [(LEFT, 60, "青溪县人民政府公报")]
    source = read(two_pages([(290, 790, "— 1 —")], [(290, 790, "— 2 —")], head))
    assert body(source) == [SECOND] * 8 + [FIRST] + [SECOND] * 9
    assert margins(source) == [
        ("page_header", "青溪县人民政府公报"),
        ("page_number", "— 1 —"),
        ("page_header", "青溪县人民政府公报"),
        ("page_number", "— 2 —"),
    ]
    boxes = source.locate(Span(source.text.index(FIRST), source.text.index(FIRST) + len(FIRST))).boxes
    assert [box.page for box in boxes] == [1, 1, 2]


@pytest.mark.parametrize(
    ("one", "two"),
    [("-1-", "-2-"), ("第1页 共2页", "第2页 共2页"), ("1/2", "2/2"), ("7", "8"), ("第 1 页", "第 2 页")],
)
def test_page_numbers_in_all_their_forms(one, two):
    source = read(two_pages([(290, 790, one)], [(290, 790, two)]))
    assert [reason for reason, _ in margins(source)] == ["page_number", "page_number"]
    assert FIRST in body(source)


def test_a_number_inside_the_page_is_no_page_number():
    source = read(Drawing().lines(*wrapped(SECOND), "　　7", *wrapped(SECOND)))
    assert "7" in body(source)


def test_line_numbers_are_set_aside():
    drawing = Drawing().lines(*wrapped(FIRST), *wrapped(SECOND), *wrapped(FIRST))
    for number in range(8):
        drawing.text(50, TOP + number * PITCH, str(number + 1), 10)
    source = read(drawing)
    assert body(source) == [FIRST, SECOND, FIRST]
    assert {reason for reason, _ in margins(source)} == {"line_number"}


def test_a_slanting_watermark_is_set_aside():
    drawing = Drawing().lines(*wrapped(FIRST), *wrapped(SECOND))
    drawing.canvas.saveState()
    drawing.canvas.translate(150, 500)
    drawing.canvas.rotate(45)
    drawing.canvas.setFont(FONT, 40)
    drawing.canvas.drawString(0, 0, "内部资料")
    drawing.canvas.restoreState()
    source = read(drawing)
    assert body(source) == [FIRST, SECOND]
    assert margins(source) == [("watermark", "内部资料")]


def test_two_columns_are_read_one_after_the_other():
    narrow = 14
    left, right = wrapped(FIRST, narrow), wrapped(SECOND * 2, narrow)
    drawing = Drawing().text(180, 70, "青溪县防汛工作简报", 22)
    for i in range(
        max(len(left), len(right))
    ):  # drawn row by row, so that the order in the file does not help
        for x, column in ((60, left), (320, right)):
            if i < len(column):
                drawing.lines(column[i], y=TOP + 30 + i * PITCH, x=x)
    assert read(drawing).text.split("\n") == ["青溪县防汛工作简报", FIRST, SECOND * 2]


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_a_turned_page_reads_the_same_and_boxes_follow_the_page_as_shown(degrees):
    document = pypdfium2.PdfDocument(Drawing().lines(*wrapped(FIRST), *wrapped(SECOND)).pdf())
    document[0].set_rotation(degrees)
    turned = BytesIO()
    document.save(turned)
    data = turned.getvalue()
    source = read_pdf(data, "turned.pdf")
    assert source.text.split("\n") == [FIRST, SECOND]
    (box,) = source.locate(Span(0, 3)).boxes
    wide, high = (HEIGHT, WIDTH) if degrees % 180 else (WIDTH, HEIGHT)
    assert 0 <= box.left < box.right <= wide
    assert 0 <= box.top < box.bottom <= high
    standing = box.bottom - box.top > box.right - box.left
    assert standing == (degrees % 180 != 0)


def test_text_is_as_printed():
    """Radicals, full-width digits and traditional characters are cleaning's business; blanks that people see stay."""
    source = read(Drawing().lines("　　⼯作要點第１項 县教育局 县民政局"))
    assert source.text == "⼯作要點第１項 县教育局 县民政局"


ROWS = [
    ["序号", "重点任务", "牵头单位", "完成时限"],
    ["1", "完成山塘水库除险加固任务并验收", "县水利局", "2024年6月底前"],
    ["2", "修订防汛预案", "县应急局", "汛期前"],
]
XS = [70, 120, 330, 430, 530]


def table(drawing, rows, top):
    ys = [top + 30 * i for i in range(len(rows) + 1)]
    drawing.grid(XS, ys)
    for y, row in zip(ys, rows, strict=False):
        for x, text in zip(XS, row, strict=False):
            drawing.text(x + 5, y + 20, text, 12)
    return drawing


def rows_of(source, number=0):
    return [
        [cell.span.of(source.text) for cell in source.tables[number].cells if cell.row == row]
        for row in sorted({cell.row for cell in source.tables[number].cells})
    ]


def test_a_ruled_table_is_rows_and_cells():
    source = read(table(Drawing().lines(*wrapped(SECOND)), ROWS, 200).lines(*wrapped(FIRST), y=330))
    assert source.text.split("\n") == [SECOND, *("\t".join(row) for row in ROWS), FIRST]
    assert rows_of(source) == ROWS
    at = source.text.index("县应急局")
    place = source.locate(Span(at, at + 4))
    assert (place.page, place.table, place.row, place.cell) == (1, 1, 3, 3)


def test_lines_wrapped_in_a_cell_are_joined_and_names_below_each_other_are_not():
    drawing = Drawing().grid(XS, [100, 130, 200])
    for x, text in zip(XS, ROWS[0], strict=False):
        drawing.text(x + 5, 120, text, 12)
    drawing.lines("1", x=75, y=150, size=12, pitch=18)
    drawing.lines("完成山塘水库除险加固任务，并组织", "验收", x=125, y=150, size=12, pitch=18)
    drawing.lines("县水利局", "县自然资源和规", "划局", x=335, y=150, size=12, pitch=18)
    drawing.lines("2024年6", "月底前", x=435, y=150, size=12, pitch=18)
    row = rows_of(read(drawing))[1]
    assert row == [
        "1",
        "完成山塘水库除险加固任务，并组织验收",
        "县水利局 县自然资源和规划局",
        "2024年6月底前",
    ]


def test_a_merged_cell_stands_once_and_says_how_far_it_reaches():
    drawing = Drawing().grid([70, 200, 330], [100, 130])
    for y in (160, 190):
        drawing.canvas.line(200 if y == 160 else 70, HEIGHT - y, 330, HEIGHT - y)
    for x in (70, 200, 330):
        drawing.canvas.line(x, HEIGHT - 130, x, HEIGHT - 190)
    drawing.text(75, 120, "牵头单位", 12).text(205, 120, "任务", 12)
    drawing.text(75, 165, "县水利局", 12).text(205, 150, "清淤", 12).text(205, 180, "巡河", 12)
    source = read(drawing)
    merged = next(cell for cell in source.tables[0].cells if cell.span.of(source.text) == "县水利局")
    assert (merged.row, merged.column, merged.rows, merged.columns) == (1, 0, 2, 1)
    assert source.text.split("\n")[1:3] == ["县水利局\t清淤", "巡河"]


def test_a_table_over_two_pages_is_one_table_and_its_second_header_is_set_aside():
    more = [ROWS[0], ["3", "落实防汛物资", "县发改局", "5月底前"]]
    source = read(table(table(Drawing(), ROWS, 600).page(), more, 100).lines(*wrapped(SECOND), y=250))
    assert len(source.tables) == 1
    assert rows_of(source) == [*ROWS, more[1]]
    assert margins(source) == [("repeated_header", "\t".join(ROWS[0]))]


def test_a_row_that_the_page_cut_is_one_row():
    first = [*ROWS[:2], ["2", "组织开展汛前检查，对发现的问题建", "县应急局", "4月底前"]]
    rest = [ROWS[0], ["", "立台账，逐项整改", "", ""]]
    source = read(table(table(Drawing(), first, 600).page(), rest, 100))
    assert rows_of(source)[2] == [
        "2",
        "组织开展汛前检查，对发现的问题建立台账，逐项整改",
        "县应急局",
        "4月底前",
    ]


def test_a_table_open_at_its_sides_is_a_table():
    drawing = Drawing()
    for y in (100, 130, 160):
        drawing.canvas.line(70, HEIGHT - y, 330, HEIGHT - y)
    drawing.canvas.line(200, HEIGHT - 100, 200, HEIGHT - 160)
    drawing.text(75, 120, "任务", 12).text(205, 120, "时限", 12).text(75, 150, "清淤", 12).text(
        205, 150, "年底前", 12
    )
    assert rows_of(read(drawing)) == [["任务", "时限"], ["清淤", "年底前"]]


# --- places ------------------------------------------------------------------------------------------------------------


SAMPLE = two_pages([(290, 790, "— 1 —")], [(290, 790, "— 2 —")]).pdf()
SAMPLE_SOURCE = read_pdf(SAMPLE, "sample.pdf")


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(SAMPLE_SOURCE.text)), st.integers(1, 90))
def test_the_boxes_of_a_span_hold_its_characters(start, length):
    span = Span(start, min(start + length, len(SAMPLE_SOURCE.text)))
    boxes = SAMPLE_SOURCE.locate(span).boxes
    assert printed_in(SAMPLE, boxes) == "".join(span.of(SAMPLE_SOURCE.text).split())


@given(st.integers(-5, 10_000), st.integers(-5, 10_000))
def test_locate_never_fails(start, end):
    place = SAMPLE_SOURCE.locate(Span(start, end))
    assert place.page is not None
    assert all(box.left <= box.right and box.top <= box.bottom for box in place.boxes)


def test_the_source_says_what_it_is():
    assert (SAMPLE_SOURCE.media, SAMPLE_SOURCE.data, SAMPLE_SOURCE.name) == (
        "application/pdf",
        SAMPLE,
        "sample.pdf",
    )
    assert looks_like_pdf(SAMPLE)
    assert looks_like_pdf(b"\xef\xbb\xbf" + SAMPLE)
    assert not looks_like_pdf(b"PK\x03\x04")


# --- what cannot be read -----------------------------------------------------------------------------------------------


def encrypted():
    return Drawing(encrypt=StandardEncryption("secret", ownerPassword="owner")).lines(*wrapped(FIRST)).pdf()


BAD = {
    "a password is needed": (encrypted, "密码"),
    "the end is missing": (lambda: SAMPLE[: len(SAMPLE) // 2], "不完整"),
    "nothing but a head": (lambda: b"%PDF-1.7\n", "不完整"),
    "rubbish between head and end": (lambda: b"%PDF-1.7\n" + b"\x00\xff" * 500 + b"\n%%EOF", "损坏"),
    "another format under its name": (lambda: b"PK\x03\x04" + b"\x00" * 100, "PDF"),
    "an empty page": (lambda: Drawing().page().pdf(), "没有文字"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_read_is_refused_in_one_line(case):
    make, words = BAD[case]
    with pytest.raises(UnreadableFile, match=words) as refusal:
        read_pdf(make(), "bad.pdf")
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("text", "nonsense"),
    [
        (FIRST, False),
        ("\ue123\ue456" * 20 + "市", True),  # a font without a map to characters
        ("\ufffd" * 30, True),
        ("ÎÒÃÇÒª¼ÓÇ¿°²È«Éú²ú¹¤×÷£¬È·±£ÍòÎÞÒ»Ê§¡£", True),  # GBK read as Latin-1
        ("鎴戜滑瑕佸姞寮哄畨鍏ㄧ敓浜у伐浣滐紝纭繚涓囨棤涓€澶便€" * 5, True),  # UTF-8 read as GBK
        ("Annual report, 2024: 12 projects.", False),
    ],
)
def test_a_text_layer_of_nonsense_is_told(text, nonsense):
    assert is_nonsense(text) == nonsense


def picture_page(drawing):
    from PIL import Image
    from reportlab.lib.utils import ImageReader

    drawing.canvas.drawImage(ImageReader(Image.new("RGB", (60, 80), "white")), 0, 0, WIDTH, HEIGHT)
    return drawing.page()


def test_without_recognition_a_page_that_is_a_picture_is_noted(monkeypatch):
    monkeypatch.setattr("extractor.intake.scan.recognition_is_installed", lambda: False)
    source = read(picture_page(Drawing().lines(*wrapped(FIRST)).page()).lines(*wrapped(SECOND)).page())
    assert source.text.split("\n") == [FIRST, SECOND]
    at = source.text.index(SECOND)
    assert source.confidence == ((Span(at, at), 0.0),)
    with pytest.raises(UnreadableFile, match=r"taizhang\[ocr\]"):
        read(picture_page(Drawing()))


# --- what other programs write -----------------------------------------------------------------------------------------


def test_what_a_browser_prints(tmp_path):
    """Chromium prints radicals, its own header and footer, and indents by style."""
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        if os.environ.get("TAIZHANG_ALL_TESTS"):
            pytest.fail("chromium is missing")
        pytest.skip("chromium is not installed")
    paragraphs = [FIRST, SECOND, THIRD] * 9
    page = tmp_path / "page.html"
    page.write_text(
        "<meta charset=utf-8><title>工作要点</title><style>p{text-indent:2em;margin:0;text-align:justify}</style>"
        + "".join(f"<p>{p}</p>" for p in paragraphs),
        encoding="utf-8",
    )
    printed = tmp_path / "page.pdf"
    command = [browser, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}/profile"]
    subprocess.run(
        [*command, f"--print-to-pdf={printed}", str(page)], check=True, capture_output=True, timeout=60
    )
    source = read_pdf(printed.read_bytes(), "page.pdf")
    assert body(source) == paragraphs
    assert {reason for reason, _ in margins(source)} <= {"page_header", "page_footer"}
