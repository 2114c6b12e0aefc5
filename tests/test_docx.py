"""The 责任分工方案 as a document: what the standard asks for, nothing that is not in the ledger, and that it opens."""

from __future__ import annotations

import re
import shutil
import subprocess
import zipfile
from datetime import date
from pathlib import Path

import pdfplumber
import pytest
from click.testing import CliRunner
from docx import Document
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from extractor.cli import cli
from extractor.export import write
from extractor.ledger import Ledger
from tests.helpers.documents import document, item, sample

TEXT = (
    "一、检查食堂。每半年检查1次，6月底前完成。（县教育局牵头，县公安局负责，县卫健局、县应急局配合）\n"
    "二、各单位要报送总结。\n"
)


def inspection(name: str = "通知.txt", **more):
    first, second = TEXT.strip().split("\n")
    return document(
        TEXT + name,
        [
            item(
                TEXT,
                first,
                heading="检查食堂",
                units=[
                    ("县教育局", "lead"),
                    ("县公安局", "responsible"),
                    ("县卫健局", "cooperating"),
                    ("县应急局", "cooperating"),
                ],
                deadlines=[{"quote": "6月底前", "due": date(2023, 6, 30)}],
                frequencies=[{"quote": "每半年检查1次", "period": "P6M", "times": 1, "bound": "exact"}],
            ),
            item(TEXT, second, id="2", number="二"),
        ],
        name=name,
        **more,
    )


@pytest.fixture
def written(tmp_path):
    """Writes the tasks of documents and opens what was written."""

    def write_and_open(*documents):
        path = tmp_path / "方案.docx"
        with Ledger.in_memory() as ledger:
            for each in documents:
                ledger.add(each)
            write(ledger, path)
        return Document(str(path))

    return write_and_open


def east_asian_font(run) -> str:
    return run._r.rPr.find(qn("w:rFonts")).get(qn("w:eastAsia"))


class TestWhatItSays:
    def test_title_and_lead_name_the_circular_and_what_there_is(self, written):
        title, lead = written(inspection()).paragraphs[:2]
        assert title.text == "《关于做好安全工作的通知》责任分工方案"
        assert lead.text == (
            "根据《关于做好安全工作的通知》（东应急〔2023〕3号），现将2项任务的分工列表如下，涉及单位4个。"
        )

    def test_the_plan_that_a_notice_encloses_gives_its_name(self, written):
        plan = inspection(title="关于印发食堂检查方案的通知", parts=inspection().parts)
        assert written(plan).paragraphs[0].text.startswith("《关于做好安全工作的通知》")

    def test_a_long_title_breaks_before_what_it_is(self, written):
        long = inspection(parts=(), title="关于进一步做好全县各级各类学校食堂安全工作的通知")
        assert written(long).paragraphs[0].text.split("\n")[1] == "责任分工方案"

    def test_several_circulars(self, written):
        several = [inspection(f"{n}.txt", parts=(), title=f"第{n}号通知", doc_number=None) for n in range(7)]
        title, lead = written(*several).paragraphs[:2]
        assert title.text == "责任分工方案"
        assert lead.text.startswith(
            "根据《第0号通知》、《第1号通知》、《第2号通知》、《第3号通知》、《第4号通知》等7份文件，"
        )
        assert "14项任务" in lead.text

    def test_rows(self, written):
        (table,) = written(inspection()).tables
        assert [[cell.text for cell in row.cells] for row in table.rows] == [
            ["序号", "任务", "牵头单位", "责任单位", "完成时限"],
            [
                "1",
                "检查食堂。每半年检查1次，6月底前完成。",
                "县教育局",
                "县公安局\n配合：县卫健局、县应急局",
                "2023年6月30日（6月底前）\n每半年1次",
            ],
            ["2", "各单位要报送总结。", "", "", "—"],
        ]

    def test_no_tasks(self, written):
        empty = written(document("正文"))
        assert not empty.tables
        assert empty.paragraphs[1].text == "没有符合条件的任务。"

    def test_characters_that_xml_refuses(self, written):
        text = "加强\x00\x0b值守<w:p>&"
        (table,) = written(document(text, [item(text, text, number=None)], title="通\x01知", parts=())).tables
        assert table.rows[1].cells[1].text == "加强值守<w:p>&"


class TestForm:
    def test_the_page_is_that_of_the_standard(self, written):
        (section,) = written(inspection()).sections
        assert [round(edge.mm) for edge in (section.page_width, section.page_height)] == [210, 297]
        edges = (section.top_margin, section.bottom_margin, section.left_margin, section.right_margin)
        assert [round(edge.mm) for edge in edges] == [37, 35, 28, 26]

    def test_type_faces_and_sizes(self, written):
        read = written(inspection())
        title, lead = (paragraph.runs[0] for paragraph in read.paragraphs[:2])
        header = read.tables[0].rows[0].cells[1].paragraphs[0].runs[0]
        row = read.tables[0].rows[2].cells[1].paragraphs[0].runs[0]
        faces = [(east_asian_font(run), run.font.size) for run in (title, lead, header, row)]
        assert faces == [
            ("方正小标宋简体", Pt(22)),
            ("仿宋_GB2312", Pt(16)),
            ("黑体", Pt(12)),
            ("仿宋_GB2312", Pt(12)),
        ]

    def test_each_type_face_has_others_that_stand_in_for_it(self, tmp_path):
        with Ledger.in_memory() as ledger:
            ledger.add(inspection())
            write(ledger, tmp_path / "a.docx")
        fonts = zipfile.ZipFile(tmp_path / "a.docx").read("word/fontTable.xml").decode()
        for name in ("方正小标宋简体", "仿宋_GB2312", "黑体", "宋体"):
            assert re.search(f'w:name="{name}"><w:altName w:val="[^"]+"', fonts), name

    def test_the_header_repeats_and_rows_stay_whole_unless_they_fill_a_page(self, written):
        long = "一、" + "加强值守，" * 200
        short = "二、报送总结。"
        text = f"{long}\n{short}"
        (table,) = written(document(text, [item(text, long), item(text, short, id="2")])).tables
        kept = [
            row._tr.trPr is not None and row._tr.trPr.find(qn("w:cantSplit")) is not None
            for row in table.rows
        ]
        assert kept == [True, False, True]
        assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None

    def test_columns_fill_the_space_between_the_margins(self, written):
        (table,) = written(inspection()).tables
        for row in table.rows:
            assert sum(cell.width for cell in row.cells) == pytest.approx(Mm(156), abs=Mm(0.1))

    def test_page_numbers_stand_at_the_outer_edge(self, written):
        read = written(inspection())
        (section,) = read.sections
        assert read.settings.odd_and_even_pages_header_footer
        for footer, side in ((section.footer, "right"), (section.even_page_footer, "left")):
            (paragraph,) = footer.paragraphs
            assert paragraph._p.pPr.find(qn("w:jc")).get(qn("w:val")) == side
            assert paragraph.text == "— 1 —"
            assert "PAGE" in paragraph._p.xml
            assert {(east_asian_font(run), run.font.size) for run in paragraph.runs} == {("宋体", Pt(14))}

    def test_the_same_tasks_make_the_same_bytes(self, tmp_path):
        with Ledger.in_memory() as ledger:
            ledger.add(inspection())
            for name in ("a.docx", "b.docx"):
                write(ledger, tmp_path / name)
        assert (tmp_path / "a.docx").read_bytes() == (tmp_path / "b.docx").read_bytes()


def test_by_the_command(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with Ledger.create("台账.db") as ledger:
        ledger.add(sample())
    result = CliRunner().invoke(cli, ["export", "方案.docx", "--ledger", "台账.db"])
    assert result.exit_code == 0, result.output
    assert len(Document("方案.docx").tables[0].rows) == 3


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice (soffice) is not installed")
def test_it_opens_and_the_header_stands_on_every_page(tmp_path):
    lines = [f"{n}、加强值守，落实责任，每日巡查，发现隐患及时处置并报告。" for n in range(1, 41)]
    text = "\n".join(lines)
    path = tmp_path / "方案.docx"
    with Ledger.in_memory() as ledger:
        ledger.add(
            document(text, [item(text, line, id=str(n), number=str(n)) for n, line in enumerate(lines)])
        )
        write(ledger, path)
    # A profile of its own: a running LibreOffice would take the work and be gone.
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    convert = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), str(path)]
    subprocess.run(convert, check=True, capture_output=True)
    with pdfplumber.open(Path(path).with_suffix(".pdf")) as pdf:
        pages = [page.extract_text() for page in pdf.pages]
    assert len(pages) >= 3
    assert all("序号 任务 牵头单位 责任单位 完成时限" in page for page in pages)
    assert [page.strip().split("\n")[-1] for page in pages] == [f"— {n} —" for n in range(1, len(pages) + 1)]
