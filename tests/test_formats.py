"""One circular in every format gives the same tasks, and each value leads back to its place in the file.

The samples in corpus/formats are made from the texts by corpus/make_formats.py.
"""

from __future__ import annotations

import csv
import io
import os
import re
import unicodedata
from collections import Counter
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from lxml import html
from openpyxl import load_workbook

from extractor.intake import read_sources
from extractor.model import Box, Document, Item, Value
from extractor.pipeline import extract, read_document
from tests.conftest import CORPUS

FORMATS = CORPUS / "formats"
CIRCULARS = ("01-work-points-brackets", "02-work-points-subjects", "10-notice-events")
SAMPLES = sorted(
    path for path in FORMATS.iterdir() if path.name.startswith(CIRCULARS) and "-scan" not in path.name
)
TABLES = sorted(FORMATS.glob("12-task-table.*"))
SCANS = sorted(FORMATS.glob("*-scan.pdf"))
THROUGH_LIBREOFFICE = (".doc", ".odt", ".rtf")
LEAST_OF_A_SCAN = 0.98
INSET = 0.7
"""Points by which a box is drawn smaller: pdfium takes in every character that it touches."""
DARK = 128
"""Grey value of ink, from 0 to 255."""
FARTHEST_OF_A_SCAN = 14.0
"""Points by which the line of a value may have moved: the height of a character; the skew moves the page's edge by 5."""
BLOCKS = {"p", "div", "td", "th", "h3", "center", "section"}

needs_ocr = pytest.mark.skipif(
    find_spec("rapidocr") is None and not os.environ.get("TAIZHANG_ALL_TESTS"),
    reason="没有安装文字识别（taizhang[ocr]）",
)


def folded(text: object) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", str(text or "")))


def said(item: Item) -> Counter[tuple[str, ...]]:
    """What an item says, apart from where it says it."""
    fields = item.fields
    values = [("item", item.kind, folded(item.number), folded(item.heading))]
    values += [("unit", folded(u.quote), u.role) for u in fields.units]
    values += [("deadline", str(d.due), folded(d.event), str(d.offset)) for d in fields.deadlines]
    values += [
        ("frequency", str(f.period), str(f.times), str(f.bound), str(f.vague)) for f in fields.frequencies
    ]
    return Counter(values)


def facts(document: Document) -> tuple[object, ...]:
    """What a document says of itself."""
    return (
        *(folded(document.title), document.issuer, document.doc_number),
        *(document.issued_on, document.kind, document.year),
    )


def all_said(document: Document) -> Counter[tuple[str, ...]]:
    return sum((said(item) for item in document.items), Counter())


@cache
def read(path: Path) -> Document:
    return extract(path)


def text_of(path: Path) -> Document:
    return read(CORPUS / f"{next(name for name in CIRCULARS if path.name.startswith(name))}.txt")


def needed(path: Path) -> None:
    from extractor.intake.office import find_libreoffice

    if (
        path.suffix in THROUGH_LIBREOFFICE
        and find_libreoffice() is None
        and not os.environ.get("TAIZHANG_ALL_TESTS")
    ):
        pytest.skip("没有安装 LibreOffice")


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_every_format_says_the_same(path: Path) -> None:
    needed(path)
    document, text = read(path), text_of(path)
    assert [said(item) for item in document.items] == [said(item) for item in text.items]
    assert facts(document) == facts(text)


EXPECTED_TABLE = (
    ("建设社区食堂", "市民政局", "各县（区）人民政府", "市财政局 市市场监管局", "2024-09-30", ""),
    ("改造困难家庭住房", "市民政局", "市住房城乡建设局 市残联", "", "2024-11-30", ""),
    ("清查配建用房", "市自然资源和规划局", "市住房城乡建设局 市民政局", "", "实施细则印发 P2M", ""),
    ("检查养老机构", "市民政局", "市消防救援支队 市市场监管局", "市城市管理局", "", "P3M 1 exact"),
    ("培训护理人员", "市人力资源社会保障局", "市教育局 市民政局", "", "2024-12-31", "P6M 1 min"),
    ("落实探访关爱", "各乡镇人民政府 街道办事处", "", "市妇联 团市委", "", "P1W 1 min"),
    ("推进医养结合", "市卫生健康委", "各县（区）人民政府", "市医保局", "2024-08-15", "P1M 2 exact"),
    ("统筹补助资金", "市财政局", "市民政局", "市审计局", "2024-06-20", ""),
    ("宣传先进典型", "市委宣传部", "市广播电视台", "", "2024-12-20", "P1M 1 exact"),
    ("通报工作进展", "市政府督查室", "", "", "2024-12-20", "P1M 1 exact"),
)
"""Of each row: the task, the units by role, the deadline, the frequency. 长期坚持 is no limit and no frequency."""


def row_of(task: Item) -> tuple[str, ...]:
    fields = task.fields
    units = (
        " ".join(folded(u.quote) for u in fields.units if u.role == role)
        for role in ("lead", "responsible", "cooperating")
    )
    return (
        folded(task.heading),
        *units,
        " ".join(str(d.due) if d.due else f"{folded(d.event)} {d.offset}" for d in fields.deadlines),
        " ".join(f"{f.period} {f.times} {f.bound}" for f in fields.frequencies),
    )


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.name)
def test_a_task_table_says_the_same_in_every_format(path: Path) -> None:
    tasks = read(path).tasks
    expected = [tuple(unicodedata.normalize("NFKC", cell) for cell in row) for row in EXPECTED_TABLE]
    assert [row_of(task) for task in tasks] == expected
    assert [task.number for task in tasks] == [str(number) for number in range(1, 11)]


def test_members_of_an_archive_are_read_one_by_one() -> None:
    members = dict(read_sources(FORMATS / "mail.zip"))
    assert len(members) >= 3
    for name, source in members.items():
        assert re.search(r"[\u4e00-\u9fff]", name)
        assert not isinstance(source, Exception)
        assert read_document(source).tasks


def values(document: Document) -> list[Value]:
    return [value for item in document.items for value in item.fields]


@pytest.mark.parametrize("path", [*SAMPLES, *TABLES], ids=lambda path: path.name)
def test_every_value_has_a_place(path: Path) -> None:
    needed(path)
    document = read(path)
    assert values(document)
    for value in values(document):
        assert value.span.of(document.source.text) == value.quote
        place = document.source.locate(value.span)
        assert place.to_json(), value.quote
        assert path.suffix not in (".pdf", ".ofd") or (place.page and place.boxes), value.quote


def opened(path: Path) -> Any:
    return pypdfium2.PdfDocument(path)


def printed_in(pdf: Any, box: Box) -> str:
    """What pdfium reads inside a box."""
    page = pdf[box.page - 1]
    bottom, top = page.get_height() - box.bottom, page.get_height() - box.top
    return str(
        page.get_textpage().get_text_bounded(box.left + INSET, bottom + INSET, box.right - INSET, top - INSET)
    )


def holds_ink(page: Any, box: Box) -> bool:
    """Whether the rendered page (at 72 dpi: a pixel is a point) is printed on inside a box."""
    inside = page[int(box.top) : int(box.bottom) + 1, int(box.left) : int(box.right) + 1]
    return bool(inside.size and inside.min() < DARK)


def pictures(pdf: Any) -> list[Any]:
    return [page.render(scale=1, grayscale=True).to_numpy().squeeze() for page in pdf]


PDFS = [path for path in (*SAMPLES, *TABLES) if path.suffix == ".pdf"]


@pytest.mark.parametrize("path", PDFS, ids=lambda path: path.name)
def test_boxes_hold_the_characters_of_their_value(path: Path) -> None:
    """What pdfium reads inside the boxes, drawn on the page, is what was quoted, no more and no less."""
    document, pdf = read(path), opened(path)
    pages = pictures(pdf)
    for value in values(document):
        boxes = document.source.locate(value.span).boxes
        assert folded("".join(printed_in(pdf, box) for box in boxes)) == folded(value.quote)
        assert all(holds_ink(pages[box.page - 1], box) for box in boxes), value.quote


@needs_ocr
@pytest.mark.parametrize("path", SCANS, ids=lambda path: path.name)
def test_a_scan_says_nearly_all_of_it_and_where(path: Path) -> None:
    """One test for both, as reading a scan takes 10 s.

    The scan is the printout of the PDF beside it, a little askew: a value stands nearly where it stands there.
    """
    document, text = read(path), text_of(path)
    found, expected = all_said(document), all_said(text)
    assert 2 * (found & expected).total() / (found.total() + expected.total()) >= LEAST_OF_A_SCAN
    assert facts(document) == facts(text)

    original, pages, astray = read(path.with_name(path.name.replace("-scan", ""))), pictures(opened(path)), []
    for value in values(document):
        boxes = boxes_of(document, value)
        assert boxes and all(holds_ink(pages[box.page - 1], box) for box in boxes), value.quote
        printed = [
            boxes_of(original, v)[0] for v in values(original) if folded(v.quote) == folded(value.quote)
        ]
        if not any(near(boxes[0], box) for box in printed):
            astray.append(value.quote)
    assert len(astray) <= (1 - LEAST_OF_A_SCAN) * len(values(document)), astray


def near(one: Box, other: Box) -> bool:
    apart = max(abs(one.top - other.top), abs(one.left - other.left))
    return one.page == other.page and apart < FARTHEST_OF_A_SCAN


def boxes_of(document: Document, value: Value) -> tuple[Box, ...]:
    return document.source.locate(value.span).boxes


@pytest.mark.parametrize(
    "path", [p for p in (*SAMPLES, *TABLES) if p.suffix in (".html", ".mhtml")], ids=lambda path: path.name
)
def test_elements_hold_their_value(path: Path) -> None:
    """The MHTML sample holds the page of the same name."""
    document = read(path)
    root = html.fromstring(path.with_suffix(".html").read_bytes()).getroottree()
    for value in values(document):
        (element,) = root.xpath(document.source.locate(value.span).element)
        while element.tag not in BLOCKS:  # a value may run on into the next span or strong
            element = element.getparent()
        assert folded(value.quote) in folded("".join(map(str, element.itertext())))


@pytest.mark.parametrize(
    "path", [p for p in (*SAMPLES, *TABLES) if p.suffix == ".docx"], ids=lambda path: path.name
)
def test_paragraphs_and_cells_hold_their_value(path: Path) -> None:
    docx = pytest.importorskip("docx")
    document, word = read(path), docx.Document(str(path))
    for value in values(document):
        place = document.source.locate(value.span)
        if place.paragraph:
            inside = word.paragraphs[place.paragraph - 1].text
        else:
            assert place.table and place.row and place.cell
            row = word.tables[place.table - 1].rows[place.row - 1]._tr
            inside = "".join(row.tc_lst[place.cell - 1].itertext())
        assert folded(value.quote) in folded(inside)


@pytest.mark.parametrize("suffix", [".xlsx", ".csv"])
def test_cells_of_a_sheet_hold_their_value(suffix: str) -> None:
    path = FORMATS / f"12-task-table{suffix}"
    document = read(path)
    if suffix == ".xlsx":
        book = load_workbook(path)
        sheets = {name: [[cell.value for cell in row] for row in book[name].rows] for name in book.sheetnames}
    else:
        sheets = {None: list(csv.reader(io.StringIO(path.read_bytes().decode("gbk"), newline="")))}
    for value in values(document):
        place = document.source.locate(value.span)
        assert place.row and place.cell
        assert folded(value.quote) in folded(sheets[place.sheet][place.row - 1][place.cell - 1])
