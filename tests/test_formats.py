"""One circular in every format gives the same tasks, and each value leads back to its place in the file.

The samples in corpus/formats are made from the texts by corpus/make_formats.py.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections import Counter
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from extractor.intake import read_sources
from extractor.model import Document, Item, Span, Value
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
    assert (document.title, document.issued_on, document.kind) == (text.title, text.issued_on, text.kind)


@needs_ocr
@pytest.mark.parametrize("path", SCANS, ids=lambda path: path.name)
def test_a_scan_says_nearly_all_of_it(path: Path) -> None:
    found, gold = all_said(read(path)), all_said(text_of(path))
    assert 2 * (found & gold).total() / (found.total() + gold.total()) >= LEAST_OF_A_SCAN


@pytest.mark.parametrize("path", TABLES[1:], ids=lambda path: path.name)
def test_a_task_table_says_the_same_in_every_format(path: Path) -> None:
    assert [said(item) for item in read(path).tasks] == [said(item) for item in read(TABLES[0]).tasks]


def test_what_the_task_table_says() -> None:
    """The plainest format, against what stands in the table."""
    tasks = read(TABLES[0]).tasks
    assert [task.number for task in tasks] == [str(number) for number in range(1, 11)]
    first, second = tasks[:2]
    assert first.heading == "建设社区食堂"
    assert [(u.quote, u.role) for u in first.fields.units] == [
        ("市民政局", "lead"),
        ("各县（区）人民政府", "responsible"),
        ("市财政局", "cooperating"),
        ("市市场监管局", "cooperating"),
    ]
    assert [str(d.due) for d in first.fields.deadlines] == ["2024-09-30"]
    assert [u.quote for u in second.fields.units if u.role == "lead"] == ["市民政局"]


def test_members_of_an_archive_are_read_one_by_one() -> None:
    members = dict(read_sources(FORMATS / "mail.zip"))
    assert len(members) >= 3
    for name, source in members.items():
        assert re.search(r"[\u4e00-\u9fff]", name)
        assert not isinstance(source, Exception)
        assert read_document(source).tasks


def values(document: Document) -> list[tuple[Span, str]]:
    found: list[Value] = [value for item in document.items for value in item.fields]
    return [(value.span, value.quote) for value in found]


@pytest.mark.parametrize("path", [*SAMPLES, *TABLES], ids=lambda path: path.name)
def test_every_value_has_a_place(path: Path) -> None:
    needed(path)
    document = read(path)
    assert values(document)
    for span, _ in values(document):
        assert document.source.locate(span).to_json(), path.name


@pytest.mark.parametrize(
    "path", [p for p in (*SAMPLES, *TABLES) if p.suffix == ".pdf"], ids=lambda path: path.name
)
def test_boxes_hold_the_characters_of_their_value(path: Path) -> None:
    """What pdfium reads inside the boxes, on the page where they are drawn, is what was quoted."""
    import pypdfium2

    document = read(path)
    pdf: Any = pypdfium2.PdfDocument(path)
    texts = [page.get_textpage() for page in pdf]
    heights = [page.get_height() for page in pdf]
    for span, quote in values(document):
        boxes = document.source.locate(span).boxes
        assert boxes
        inside = ""
        for box in boxes:
            bottom, top = heights[box.page - 1] - box.bottom, heights[box.page - 1] - box.top
            inside += texts[box.page - 1].get_text_bounded(
                box.left + INSET, bottom + INSET, box.right - INSET, top - INSET
            )
        assert folded(quote) in folded(inside) or folded(inside) in folded(quote), (quote, inside)
        assert abs(len(folded(inside)) - len(folded(quote))) <= 1


@pytest.mark.parametrize(
    "path", [p for p in (*SAMPLES, *TABLES) if p.suffix == ".html"], ids=lambda path: path.name
)
def test_elements_hold_their_value(path: Path) -> None:
    from lxml import html

    document = read(path)
    root = html.fromstring(path.read_bytes())
    for span, quote in values(document):
        element = document.source.locate(span).element
        assert element
        (found,) = root.getroottree().xpath(element)
        assert folded(quote)[:4] in folded("".join(map(str, found.getparent().itertext())))


@pytest.mark.parametrize(
    "path", [p for p in (*SAMPLES, *TABLES) if p.suffix == ".docx"], ids=lambda path: path.name
)
def test_paragraphs_and_cells_hold_their_value(path: Path) -> None:
    docx = pytest.importorskip("docx")
    document, word = read(path), docx.Document(str(path))
    for span, quote in values(document):
        place = document.source.locate(span)
        if place.paragraph:
            assert folded(quote) in folded(word.paragraphs[place.paragraph - 1].text)
        else:
            assert place.table and place.row and place.cell
            row = word.tables[place.table - 1].rows[place.row - 1]._tr
            cell = row.tc_lst[place.cell - 1]
            assert folded(quote) in folded("".join(t.text or "" for t in cell.iter() if t.tag.endswith("}t")))
