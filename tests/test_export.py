"""What a row says, and the files that rows become."""

from __future__ import annotations

import csv
import errno
import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from extractor.export import SUFFIXES, wording, write
from extractor.export.csv import FORMULA_STARTS, as_text
from extractor.export.files import replaced
from extractor.export.marks import Mark, stretches
from extractor.export.rows import COLUMNS, Row, row_of
from extractor.export.xlsx import TALLEST_ROW, WIDTHS
from extractor.ledger import Ledger
from extractor.model import Deadline, Document, Frequency, LeftOut, Part, Place, Span, Warning
from tests.helpers.documents import document, item, quoted, sample

CHINESE = re.compile("[\u4e00-\u9fff]")


@pytest.fixture
def ledger():
    with Ledger.in_memory() as ledger:
        ledger.add(sample())
        yield ledger


def rows_of(given_document: Document) -> list[Row]:
    with Ledger.in_memory() as ledger:
        ledger.add(given_document)
        return [row_of(task) for task in ledger.tasks()]


def row_for(text: str, **about) -> Row:
    (row,) = rows_of(document(text, [item(text, text, **about)]))
    return row


class TestRow:
    def test_columns_are_those_of_the_office(self):
        assert " ".join(COLUMNS) == (
            "序号 任务 工作内容 牵头单位 责任单位 配合单位 完成时限 频次 来源文件 原文位置 进展情况 状态 完成日期 备注"
        )

    def test_all_of_a_task(self):
        drill, watch = rows_of(sample())
        assert dict(zip(COLUMNS, drill.cells(), strict=True)) == {
            "序号": "1",
            "任务": "开展演练",
            "工作内容": "各企业每季度至少开展1次演练，行业部门每半年开展1次，8月底前完成。",
            "牵头单位": "县应急局",
            "责任单位": "各企业、行业部门",
            "配合单位": "县公安局、县教育局",
            "完成时限": "2023-08-31（8月底前）",
            "频次": "各企业：每季度至少1次\n行业部门：每半年1次",
            "来源文件": "《关于做好安全工作的通知》\n东应急〔2023〕3号",
            "原文位置": "第5行 一（一）",
            "进展情况": "",
            "状态": "逾期",
            "完成日期": "",
            "备注": "单位承自上级标题",
        }
        assert (
            watch.task == "抓好隐患排查：=加强<script>alert('值守')<…"
        )  # the group's name without its units
        assert watch.due == "演练前20日"
        assert watch.remarks == "单位承自上级标题\n编号不连续，按前后文应为 三"

    @pytest.mark.parametrize(
        ("text", "number", "heading", "expected"),
        [
            ("一、开展演练。各单位要演练。", "一", "开展演练", ("开展演练", "各单位要演练。")),
            ("（三）开展演练。各单位要演练。", "(三)", "开展演练", ("开展演练", "各单位要演练。")),
            ("(三)开展演练\n各单位要演练。", "(三)", "开展演练", ("开展演练", "各单位要演练。")),
            ("()开展演练。各单位要演练。", "()", "开展演练", ("开展演练", "各单位要演练。")),
            ("1．开展演练：各单位要演练。", "1", "开展演练", ("开展演练", "各单位要演练。")),
            ("第三条 各单位要演练。", "第三条", None, ("各单位要演练", "各单位要演练。")),
            ("一是各单位要演练。", "一是", None, ("各单位要演练", "各单位要演练。")),
            ("1.推进5G建设", "1", "推进5G建设", ("推进5G建设", "推进5G建设")),  # a heading alone is the work
            ("各单位要演练；按时报送材料。", None, None, ("各单位要演练", "各单位要演练；按时报送材料。")),
            (
                "一、开展\u200b 演练。各 单\n位要\u3000演练 A B。",
                "一",
                None,
                ("开展演练", "开展演练。各单位要演练A B。"),
            ),
        ],
    )
    def test_name_and_text(self, text, number, heading, expected):
        row = row_for(text, number=number, heading=heading)
        assert (row.task, row.content) == expected

    @pytest.mark.parametrize(
        ("closing", "content"),
        [
            ("（县教育局负责）", "检查食堂。"),
            ("（责任单位：县教育局、县公安局等）", "检查食堂。"),
            ("(县教育局、县公安局按职责分工负责。)", "检查食堂。"),
            ("（县教育局、县公安局负责，列第一位者为牵头单位，下同）", "检查食堂。"),
            ("（县教育局负责", "检查食堂。"),  # the source lost the closing bracket
            ("\n责任单位：县教育局、县公安局", "检查食堂。"),
            ("（县教育局每月抽查两次）", "检查食堂。（县教育局每月抽查两次）"),  # says more than who
            ("（见附件）", "检查食堂。（见附件）"),
        ],
    )
    def test_closing_units_have_columns_of_their_own(self, closing, content):
        units = [(unit, "responsible") for unit in ("县教育局", "县公安局") if unit in closing]
        assert row_for(f"一、检查食堂。{closing}", units=units).content == content

    def test_what_cleaning_left_out_is_not_shown(self):
        text = "一、加快\n2、推進縣(xiàn)城改造。"
        read = document(
            text,
            [item(text, text, units=[("縣(xiàn)", "lead")])],
            left_out=(
                LeftOut(quoted(text, "\n2、"), "\n2、", "page_mark"),
                LeftOut(quoted(text, "(xiàn)"), "(xiàn)", "pinyin"),
            ),
        )
        (row,) = rows_of(read)
        assert (row.content, row.lead) == ("加快推進縣城改造。", "縣")

    def test_a_heading_does_not_name_its_units(self):
        text = "一、检查食堂（县教育局牵头）。每季度通报。"
        units = [("县教育局", "lead")]
        row = row_for(text, heading="检查食堂（县教育局牵头）", units=units)
        assert (row.task, row.content) == ("检查食堂", "每季度通报。")

    @pytest.mark.parametrize(
        ("numbers", "expected"),
        [
            (["一", "(三)"], "一（三）"),
            (["一", "1"], "一、1"),
            (["(二)", "1"], "（二）1"),
            (["第二章", "第五条"], "第二章第五条"),
            (["1", "2"], "1、2"),
        ],
    )
    def test_numbers_of_the_outline(self, numbers, expected):
        text = "加强值守"
        above, own = numbers
        group = item(text, text, id="1", number=above, kind="group", heading=text)
        (row,) = rows_of(document(text, [group, item(text, text, id="1.1", parent="1", number=own)]))
        assert row.place == f"第1行 {expected}"

    def test_nor_in_a_name(self):
        text = "一、統(tǒng)籌建設。各單位要配合。"
        read = document(
            text,
            [item(text, text, heading="統(tǒng)籌建設")],
            left_out=(LeftOut(quoted(text, "(tǒng)"), "(tǒng)", "pinyin"),),
        )
        (row,) = rows_of(read)
        assert (row.task, row.content) == ("統籌建設", "各單位要配合。")

    def test_the_same_unit_once(self):
        text = "一、县教育局检查，县教育局通报。"
        row = row_for(text, units=[("县教育局", "lead"), ("县教育局", "lead")])
        assert row.lead == "县教育局"

    def test_a_measure_that_concerns_all_units_names_none(self):
        text = "一、各企业每月检查。"
        row = row_for(
            text,
            units=[("各企业", "responsible", 0)],
            measures=["各企业每月检查"],
            frequencies=[{"quote": "每月", "period": "P1M", "times": 1, "bound": "exact", "measure": 0}],
        )
        assert row.frequency == "每月1次"

    def test_many_units_of_a_measure_are_counted(self):
        text = "一、甲局、乙局、丙局每月检查，丁局报送。"
        units = [(unit, "responsible", 0) for unit in ("甲局", "乙局", "丙局")]
        row = row_for(
            text,
            units=[*units, ("丁局", "responsible")],
            measures=["甲局、乙局、丙局每月检查"],
            frequencies=[{"quote": "每月", "period": "P1M", "times": 1, "bound": "exact", "measure": 0}],
        )
        assert row.frequency == "甲局、乙局等3家单位：每月1次"

    @pytest.mark.parametrize(
        ("title", "part", "expected"),
        [
            ("关于印发两个要点的通知", 1, "《关于印发两个要点的通知》\n《乙要点》\n东应急〔2023〕3号"),
            ("甲要点", 1, "《乙要点》\n东应急〔2023〕3号"),  # no title of its own: the part's is enough
            (None, 0, "《甲要点》\n东应急〔2023〕3号"),
        ],
    )
    def test_source_of_a_circular_with_several_parts(self, title, part, expected):
        text = "一、抓好落实。"
        parts = (Part("甲要点", Span(0, 3)), Part("乙要点", Span(3, 6)))
        (row,) = rows_of(document(text, [replace(item(text, text), part=part)], title=title, parts=parts))
        assert row.source == expected
        assert row.place == f"第1行 第{part + 1}篇 一"

    @pytest.mark.parametrize(
        ("title", "expected"),
        [
            ("东山县应急管理局关于做好值守的通知", "《关于做好值守的通知》"),
            ("东山县应急管理局 关于做好值守的通知", "《关于做好值守的通知》"),
            ("东山县应急管理局工作要点", "《东山县应急管理局工作要点》"),
            ("《值守办法》", "《值守办法》"),
        ],
    )
    def test_source_does_not_repeat_the_issuer(self, title, expected):
        text = "一、抓好落实。"
        (row,) = rows_of(document(text, [item(text, text)], title=title, doc_number=None))
        assert row.source == expected

    def test_source_without_a_title_is_the_file(self):
        text = "一、抓好落实。"
        (row,) = rows_of(document(text, [item(text, text)], title=None, doc_number=None))
        assert row.source == "通知.txt"

    @pytest.mark.parametrize(
        ("number", "place"), [("()", "第1行 （缺号）"), ("4", "第1行 4"), (None, "第1行"), ("①", "第1行 ①")]
    )
    def test_place(self, number, place):
        assert row_for("抓好落实。", number=number).place == place


class TestWording:
    @pytest.mark.parametrize(
        ("quote", "period", "times", "bound", "expected"),
        [
            ("每半年至少组织开展1次", "P6M", 1, "min", "每半年至少1次"),
            ("每年", "P1Y", 1, "exact", "每年1次"),
            ("一年两次", "P1Y", 2, "exact", "每年2次"),
            ("每季度不超过2次", "P3M", 2, "max", "每季度不超过2次"),
            ("每2年", "P2Y", 1, "exact", "每2年1次"),
            ("每两周", "P2W", 1, "exact", "每2周1次"),
            ("每8小时", "PT8H", 1, "exact", "每8小时1次"),
            ("每月5日前", "P1M", 1, "exact", "每月1次（每月5日前）"),  # the day must not be lost
            ("每学期一次", "P6M", 1, "exact", "每半年1次（每学期一次）"),
            ("双月", "P2M", 1, "exact", "每2个月1次（双月）"),
            ("每1年6个月", "P1Y6M", 1, "exact", "每P1Y6M1次"),  # what we have no word for is not hidden
        ],
    )
    def test_frequency(self, quote, period, times, bound, expected):
        assert wording.frequency(Frequency(quote, Span(0, 1), period, times, bound, None, "r")) == expected

    def test_vague_frequency_is_as_printed(self):
        assert (
            wording.frequency(Frequency("不定期", Span(0, 1), None, None, None, "regular", "r")) == "不定期"
        )

    @pytest.mark.parametrize(
        ("due", "quote", "expected"),
        [
            (date(2021, 8, 31), "8月底前", "2021-08-31（8月底前）"),
            (None, "演练前20日", "演练前20日"),
            (None, "月底\n前", "月底前"),
        ],
    )
    def test_deadline(self, due, quote, expected):
        assert wording.deadline(Deadline(quote, Span(0, 1), due, None, None, "r")) == expected

    @pytest.mark.parametrize(
        ("where", "expected"),
        [
            (Place(35, 4), "第35行"),
            (Place(page=3), "第3页"),
            (Place(paragraph=12), "第12段"),
            (Place(table=2, row=3, cell=1), "表2第3行第1格"),
            (Place(sheet="分工", row=3, cell=1), "工作表“分工”第3行第1格"),
            (Place(element="html/body/p[3]"), "html/body/p[3]"),
            (Place(), ""),
        ],
    )
    def test_place(self, where, expected):
        assert wording.place(where) == expected

    @pytest.mark.parametrize(
        ("found", "expected"),
        [
            (Warning("number_lost", None, "3"), "编号缺失，按前后文应为 3"),
            (Warning("number_lost", None), "编号缺失"),
            (Warning("something_new", None, "x"), "something_new x"),
        ],
    )
    def test_warning(self, found, expected):
        assert wording.warning(found) == expected

    @pytest.mark.parametrize(
        ("name", "expected"),
        [("month-before", "写明的月份之前"), ("subject", "句子的主语"), ("of-a-new-kind", "of-a-new-kind")],
    )
    def test_rule(self, name, expected):
        assert wording.rule(name) == expected


class TestXlsx:
    @pytest.fixture
    def sheet(self, ledger, tmp_path):
        assert write(ledger, tmp_path / "表.xlsx").tasks == 2
        return load_workbook(tmp_path / "表.xlsx").active

    def test_cells_read_back(self, ledger, sheet):
        header, *rows = sheet.iter_rows(values_only=True)
        assert header == COLUMNS
        in_one_line = [["".join(str(cell or "").split()) for cell in row] for row in rows]
        assert in_one_line == [
            ["".join(cell.split()) for cell in row_of(task).cells()] for task in ledger.tasks()
        ]
        assert (
            rows[0][COLUMNS.index("完成时限")] == "2023-08-31\n（8月底前）"
        )  # narrow columns break where one reads

    def test_everything_but_the_number_is_text(self, sheet):
        types = {
            (cell.column_letter, cell.data_type)
            for row in sheet.iter_rows(min_row=2)
            for cell in row
            if cell.value
        }
        assert {kind for letter, kind in types if letter != "A"} == {"s"}
        assert ("A", "n") in types  # sorts as a number

    @pytest.mark.parametrize("start", "=+-@")
    def test_a_cell_that_looks_like_a_formula_stays_text(self, tmp_path, start):
        text = f"{start}SUM(A1)加强值守"
        with Ledger.in_memory() as ledger:
            ledger.add(document(text, [item(text, text, number=None)]))
            write(ledger, tmp_path / "a.xlsx")
        cell = load_workbook(tmp_path / "a.xlsx").active["C2"]
        assert (cell.value, cell.data_type, cell.quotePrefix) == (text, "s", True)

    def test_the_day_of_completion_is_a_day(self, ledger, tmp_path):
        with ledger.change("record", "task:1") as change:
            said = {"status": "done", "percent": 100, "progress": "完工", "remarks": ""}
            change.put("tracking", 1, completed_on="2023-05-01", **said)
        write(ledger, tmp_path / "表.xlsx")
        cell = load_workbook(tmp_path / "表.xlsx").active.cell(2, COLUMNS.index("完成日期") + 1)
        assert (cell.value.date(), cell.number_format) == (date(2023, 5, 1), "yyyy-mm-dd")

    def test_screen(self, sheet):
        assert sheet.freeze_panes == "A2"
        assert sheet.auto_filter.ref == "A1:N3"
        header = sheet["C1"]
        assert header.font.b
        assert header.fill.fgColor.rgb != "00000000"
        assert sheet["C2"].alignment.wrap_text
        assert sheet["C2"].alignment.vertical == "top"
        assert sheet["C2"].border.left.style == "thin"

    def test_print(self, sheet):
        assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
        assert sheet.print_title_rows == "$1:$1"
        assert "&P" in sheet.oddFooter.center.text or "&[Page]" in sheet.oddFooter.center.text

    @pytest.mark.parametrize("length", [10, 500, 1500])
    def test_rows_are_tall_enough_for_their_text(self, tmp_path, length):
        text = "加强值守，" * (length // 5)
        with Ledger.in_memory() as ledger:
            ledger.add(document(text, [item(text, text, number=None)]))
            write(ledger, tmp_path / "a.xlsx")
        sheet = load_workbook(tmp_path / "a.xlsx").active
        height, width = sheet.row_dimensions[2].height, sheet.column_dimensions["C"].width
        assert height <= TALLEST_ROW
        characters_a_line = width / 1.9
        assert height / 14 >= length / characters_a_line
        assert (width == WIDTHS["工作内容"]) == (
            length < 1000
        )  # only what would be cut off gets a wider column

    def test_characters_that_excel_refuses(self, tmp_path):
        text = "加强\x00\x0b\x1b值守"
        with Ledger.in_memory() as ledger:
            ledger.add(document(text, [item(text, text, number=None)], name="a\x01.txt", title=None))
            write(ledger, tmp_path / "a.xlsx")
        assert load_workbook(tmp_path / "a.xlsx").active["C2"].value == "加强值守"

    def test_no_tasks(self, tmp_path):
        with Ledger.in_memory() as ledger:
            write(ledger, tmp_path / "a.xlsx")
        assert load_workbook(tmp_path / "a.xlsx").active.max_row == 1


class TestCsv:
    def test_excel_can_read_it(self, ledger, tmp_path):
        write(ledger, tmp_path / "表.csv")
        data = (tmp_path / "表.csv").read_bytes()
        assert data.startswith(b"\xef\xbb\xbf")
        assert data.endswith(b"\r\n")
        text = data.decode("utf-8-sig")
        rows = list(csv.reader(text.splitlines(keepends=True)))
        assert tuple(rows[0]) == COLUMNS
        assert rows[2][2].startswith("'=加强")

    @given(st.text())
    def test_no_cell_can_begin_a_formula(self, text):
        shown = as_text(text)
        assert not shown.lstrip(" \u3000").startswith(FORMULA_STARTS)
        assert shown in (text, "'" + text)

    @given(st.text(alphabet="加强值守0a，（《"))
    def test_other_cells_stay_as_they_are(self, text):
        assert as_text(text) == text

    @pytest.mark.parametrize(
        "cell", ["=1+1", "+86", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\u3000=1", "＝1", "－1"]
    )
    def test_known_attacks(self, cell):
        assert as_text(cell) == f"'{cell}"


class TestJson:
    def test_every_value_has_its_span(self, ledger, tmp_path):
        write(ledger, tmp_path / "表.json")
        raw = (tmp_path / "表.json").read_text("utf-8")
        data = json.loads(raw)
        text = sample().source.text
        assert "开展演练" in raw  # readable: no \u escapes
        assert [d["name"] for d in data["documents"]] == ["通知.txt"]
        for task in data["tasks"]:
            assert list(task["row"]) == list(COLUMNS)
            for value in [task, *task["units"], *task["deadlines"], *task["frequencies"], *task["measures"]]:
                start, end = value["span"]
                assert text[start:end] == value["quote"]


class TestFiles:
    @pytest.mark.parametrize("suffix", SUFFIXES)
    def test_folders_are_made_and_the_suffix_decides(self, ledger, tmp_path, suffix):
        path = tmp_path / "新 文件夹" / f"表{suffix.upper()}"
        write(ledger, path, unit="教育局")
        assert [p.name for p in path.parent.iterdir()] == [path.name]

    def test_an_unknown_suffix(self, ledger, tmp_path):
        with pytest.raises(ValueError, match="pdf"):
            write(ledger, tmp_path / "表.pdf")

    def test_a_failure_leaves_what_was_there(self, tmp_path):
        path = tmp_path / "表.csv"
        path.write_text("旧", "utf-8")
        with pytest.raises(RuntimeError), replaced(path) as draft:
            draft.write_text("新", "utf-8")
            raise RuntimeError
        assert path.read_text("utf-8") == "旧"
        assert [p.name for p in tmp_path.iterdir()] == ["表.csv"]

    def test_what_went_wrong_is_told_of_the_file_that_was_wanted(self, tmp_path, monkeypatch):
        """On a disk that is only read, the draft can be neither written nor taken away."""

        def refused(path: Path, *args: object, **more: object) -> None:
            raise OSError(errno.EROFS, "Read-only file system", str(path))

        monkeypatch.setattr(Path, "unlink", refused)
        path = tmp_path / "表.csv"
        with pytest.raises(OSError, match="Read-only") as told, replaced(path) as draft:
            refused(draft)
        assert told.value.filename == str(path)

    def test_a_folder_is_not_replaced(self, tmp_path):
        with pytest.raises(IsADirectoryError), replaced(tmp_path):
            pass


class TestStretches:
    @given(
        st.text(max_size=30),
        st.lists(
            st.tuples(st.integers(0, 30), st.integers(0, 30), st.sampled_from(["unit", "task", "deadline"]))
        ),
    )
    def test_they_are_the_text_each_with_the_marks_that_cover_it(self, text, spans):
        marks = [Mark(Span(*sorted((min(a, len(text)), min(b, len(text))))), kind) for a, b, kind in spans]
        marks = [mark for mark in marks if mark.span.start < mark.span.end]
        at = 0
        for stretch in stretches(text, Span(0, len(text)), set(marks)):
            here = Span(at, at + len(stretch.text))
            assert here.of(text) == stretch.text
            assert set(stretch.marks) == {mark for mark in marks if mark.span.covers(here)}
            lengths = [mark.span.end - mark.span.start for mark in stretch.marks]
            assert lengths == sorted(lengths)
            at = here.end
        assert at == len(text)


def test_every_word_for_a_reason_is_chinese():
    words = [*wording.LEFT_OUT.values(), *wording.WARNINGS.values(), *wording.RULES.values()]
    assert all(CHINESE.search(word) for word in words)


@pytest.mark.parametrize("form", [".xlsx", ".csv", ".json", ".html"])
def test_filters_choose_what_is_written(ledger, tmp_path: Path, form):
    assert write(ledger, tmp_path / f"a{form}", text="值班").tasks == 1


def test_there_are_words_for_all_that_is_said_of_circulars(documents):
    """A new rule, reason or warning wants a word in `wording`, since people read it."""
    for read in documents.values():
        for one in read.items:
            assert CHINESE.search(wording.rule(one.reason)), one.reason
            for value in one.fields:
                assert CHINESE.search(wording.rule(value.rule)), value.rule
        for left in read.left_out:
            assert left.reason in wording.LEFT_OUT
        for found in read.warnings:
            assert found.code in wording.WARNINGS


def test_rows_of_circulars_are_fit_to_hand_out(documents):
    for read in documents.values():
        for row in rows_of(read):
            assert row.task
            assert row.content
            assert not re.search(r"[\x00-\x1f\u200b\u00a0]|  ", row.content)
            assert not re.search(r"^[（(]?[一二三四五六七八九十\d]{1,2}[)）、.．]", row.content)
