"""Tables go out, are filled in and mistreated, and come back: what was filled in arrives, nothing else does."""

from __future__ import annotations

import csv
import io
import random
import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import get_args

import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from extractor.cli import cli
from extractor.export import split, wording, write
from extractor.export.grids import Area, Grid, GridCell
from extractor.export.history import told
from extractor.export.returned import _Sheet, day_in, percent_and_words, read_returned
from extractor.export.rows import COLUMNS, FILLED_IN, OWN_ROLE, ROW_ID
from extractor.export.split import file_name, shares_of, write_by_unit
from extractor.intake import UnreadableFile
from extractor.ledger import Ledger
from extractor.ledger.corrections import correct, take_in
from extractor.ledger.corrections import split as split_task
from extractor.ledger.handout_list import handout
from extractor.ledger.handouts import known_handout, row_id_of
from extractor.ledger.history import log, undo
from extractor.ledger.records import Tracking
from extractor.ledger.returns import ChangedMeanwhileError, DayOfSomeYear, Plan, Reason, apply, plan
from extractor.ledger.tracking import TrackingError, reported
from extractor.model import Fields, Span, UnitMention
from tests.helpers.documents import document, item

TODAY = date(2023, 5, 10)
LINES = (
    "1、县教育局牵头检查食堂，县公安局配合。",
    "2、县公安局负责=巡查水域。",
    "3、县教育局、县公安局负责演练。",
    "4、各乡镇要报送总结。",
    "5、做好值守工作。",
)
UNITS = (
    [("县教育局", "lead"), ("县公安局", "cooperating")],
    [("县公安局", "responsible")],
    [("县教育局", "responsible"), ("县公安局", "responsible")],
    [("各乡镇", "responsible")],
    [],
)
CIRCULAR = "\n".join(LINES)


def circular():
    items = [
        item(CIRCULAR, line, id=str(n), number=str(n), units=units)
        for n, (line, units) in enumerate(zip(LINES, UNITS, strict=True), 1)
    ]
    return document(CIRCULAR, items, issuer="东山县人民政府", title="关于做好安全工作的通知", parts=())


@pytest.fixture
def ledger(tmp_path):
    with Ledger.create(tmp_path / "台账.db", actor="李四") as ledger:
        ledger.add(circular())
        yield ledger


Cells = list[list[object]]


def cells_of(path: Path) -> Cells:
    """The table that went out, its header first."""
    return [list(row) for row in load_workbook(path).worksheets[0].iter_rows(values_only=True)]


def saved(cells: Cells, path: Path) -> Path:
    """The table as the recipient sends it back."""
    book = Workbook()
    sheet = book.worksheets[0]
    for row in cells:
        sheet.append(row)
    for row in sheet.iter_rows():
        for cell in row:
            if isinstance(cell.value, str):
                cell.data_type = "s"  # as Excel keeps what is typed into a cell of text: no formula
    book.save(path)
    return path


@pytest.fixture
def handed_out(ledger, tmp_path) -> Cells:
    write(ledger, tmp_path / "表.xlsx", returnable=True)
    return cells_of(tmp_path / "表.xlsx")


def fill_in(cells: Cells, task: int, **said: object) -> None:
    """Put values into the row of a task; those of its own columns go by `FILLED_IN`, others by their titles."""
    header = cells[0]
    (row,) = (row for row in cells[1:] if row[header.index("序号")] == task)
    for title, value in said.items():
        row[header.index(title)] = value


def planned(ledger: Ledger, cells: Cells, tmp_path: Path, **more) -> Plan:
    path = saved(cells, tmp_path / "交回.xlsx")
    return plan(ledger, read_returned(path), today=TODAY, **more)


def reasons(found: Plan) -> list[str]:
    return [refusal.reason for refusal in found.refusals]


def events(ledger: Ledger, action: str) -> list[dict]:
    return list(ledger.db.query("SELECT * FROM events WHERE action = ? ORDER BY sequence", [action]))


def track(ledger: Ledger, task: int, **columns: object) -> None:
    """What someone else records meanwhile."""
    untouched = {
        "status": "not_started",
        "percent": None,
        "progress": "",
        "completed_on": None,
        "remarks": "",
    }
    with ledger.change("record", f"task:{task}") as change:
        there = ledger.db.execute("SELECT 1 FROM tracking WHERE id = ?", [task]).fetchone()
        change.put("tracking", task, **({} if there else untouched) | columns)


class TestGoingOut:
    def test_the_table_has_an_id_in_each_row_hidden_inside_of_the_filter(self, ledger, tmp_path):
        write(ledger, tmp_path / "表.xlsx", returnable=True)
        sheet, guide = load_workbook(tmp_path / "表.xlsx").worksheets
        assert [cell.value for cell in sheet[1]] == [*COLUMNS, ROW_ID]
        last = sheet.cell(1, sheet.max_column)
        assert sheet.column_dimensions[last.column_letter].hidden
        assert (
            sheet.auto_filter.ref == f"A1:{last.column_letter}6"
        )  # what is outside does not move when sorted
        ids = [row_id_of(row[-1].value) for row in sheet.iter_rows(min_row=2)]
        assert [found.task for found in ids] == [1, 2, 3, 4, 5]
        assert guide.title == "填写说明"

    def test_what_is_to_be_filled_in_stands_out_and_offers_the_statuses(self, ledger, tmp_path):
        write(ledger, tmp_path / "表.xlsx", returnable=True)
        sheet = load_workbook(tmp_path / "表.xlsx").worksheets[0]
        header = [cell.value for cell in sheet[1]]
        fills = {title: sheet.cell(2, header.index(title) + 1).fill.fgColor.rgb for title in header}
        assert len({fills[title] for title in FILLED_IN}) == 1
        assert fills["任务"] != fills["状态"]
        formulas = [validation.formula1 for validation in sheet.data_validations.dataValidation]
        assert '"未开始,进行中,已完成,暂缓,取消"' in formulas

    def test_it_is_an_event_once(self, ledger, tmp_path):
        for name in ("表.xlsx", "又一份.xlsx", "表.csv"):
            write(ledger, tmp_path / name, returnable=True)
        (event,) = events(ledger, "hand_out")
        assert (event["subject"], event["actor"]) == ("handout:1", "李四")
        track(ledger, 1, progress="开工")
        write(ledger, tmp_path / "表.xlsx", returnable=True)
        assert len(events(ledger, "hand_out")) == 2

    def test_the_same_rows_make_the_same_bytes(self, ledger, tmp_path):
        for name in ("甲.xlsx", "乙.xlsx"):
            write(ledger, tmp_path / name, returnable=True)
        assert (tmp_path / "甲.xlsx").read_bytes() == (tmp_path / "乙.xlsx").read_bytes()

    def test_a_copy_to_read_has_no_ids_and_is_no_event(self, ledger, tmp_path):
        write(ledger, tmp_path / "表.xlsx")
        assert cells_of(tmp_path / "表.xlsx")[0] == list(COLUMNS)
        assert events(ledger, "hand_out") == []

    def test_a_ledger_that_may_only_be_read_is_still_exported(self, ledger, tmp_path, monkeypatch):
        monkeypatch.setattr(Ledger, "writable", property(lambda self: False))
        write(ledger, tmp_path / "表.xlsx", returnable=True)
        write_by_unit(ledger, tmp_path / "分发.zip")
        assert cells_of(tmp_path / "表.xlsx")[0] == list(COLUMNS)
        assert events(ledger, "hand_out") == []

    def test_a_file_that_cannot_be_written_is_not_noted(self, ledger, tmp_path):
        (tmp_path / "表.xlsx").mkdir()
        with pytest.raises(IsADirectoryError):
            write(ledger, tmp_path / "表.xlsx", returnable=True)
        assert events(ledger, "hand_out") == []


class TestSplitting:
    def test_pieces_of_a_task_stand_where_it_stood(self, ledger, tmp_path):
        whole = ledger.task(1).item
        split_task(ledger, 1, [whole.span.start + len(whole.quote) // 2], reason="两项工作")
        write_by_unit(ledger, tmp_path)
        cells = cells_of(tmp_path / "东山县教育局.xlsx")
        assert [row[0] for row in cells[1:]] == [6, 7, 3]
        number = {name: number for number, name in ledger.db.execute("SELECT id, name FROM handouts")}
        _, tasks = handout(ledger, number["东山县公安局.xlsx"])
        assert list(tasks) == [6, 7, 2, 3]

    def test_each_table_is_an_event_of_its_own(self, ledger, tmp_path):
        """An auditor who asks what a unit was sent finds one line, under its number, that says so."""
        write_by_unit(ledger, tmp_path / "分发.zip")
        said = [(told(event, {}), event.subject) for event in log(ledger) if event.action == "hand_out"]
        assert said[0] == (["发出的表 1 发出：空 → 东山县教育局.xlsx（给东山县教育局）"], "handout:1")
        assert len(said) == 4

    def test_a_file_for_each_unit_with_its_roles(self, ledger, tmp_path):
        assert write_by_unit(ledger, tmp_path / "分发") == (4, 5, ())
        tables = {path.name: cells_of(path) for path in (tmp_path / "分发").iterdir()}
        assert {name: [(row[0], row[1]) for row in cells[1:]] for name, cells in tables.items()} == {
            "东山县教育局.xlsx": [(1, "牵头"), (3, "责任")],
            "东山县公安局.xlsx": [(2, "责任"), (3, "责任"), (1, "配合")],
            "各乡镇.xlsx": [(4, "责任")],  # many offices, one table to pass on
            "未注明单位.xlsx": [(5, "做好值守工作")],  # nobody's role to show
        }
        assert {cells[0][1] for name, cells in tables.items() if name != "未注明单位.xlsx"} == {OWN_ROLE}

    def test_the_ledger_knows_who_has_which(self, ledger, tmp_path):
        write_by_unit(ledger, tmp_path / "分发.zip")
        known = dict(ledger.db.execute("SELECT name, recipient FROM handouts").fetchall())
        assert known == {
            "东山县教育局.xlsx": "东山县教育局",
            "东山县公安局.xlsx": "东山县公安局",
            "各乡镇.xlsx": "各乡镇",
            "未注明单位.xlsx": None,
        }

    def test_a_zip_file_that_windows_reads_and_that_is_the_same_each_time(self, ledger, tmp_path):
        for name in ("甲.zip", "乙.zip"):
            write_by_unit(ledger, tmp_path / name)
        with zipfile.ZipFile(tmp_path / "甲.zip") as archive:
            assert archive.testzip() is None
            assert all(member.flag_bits & 0x800 for member in archive.infolist())  # names in UTF-8
            assert {member.filename for member in archive.infolist()} >= {"东山县教育局.xlsx", "各乡镇.xlsx"}
        assert (tmp_path / "甲.zip").read_bytes() == (tmp_path / "乙.zip").read_bytes()
        assert len(events(ledger, "hand_out")) == 4

    @pytest.mark.parametrize(
        ("filters", "expected"),
        [
            ({"role": "lead"}, {"东山县教育局": [1]}),  # who leads reports: one file for each task
            ({"unit": "教育局"}, {"东山县教育局": [1, 3]}),
            ({"unit": "县公安局", "role": "responsible"}, {"东山县公安局": [2, 3]}),
        ],
    )
    def test_only_the_units_and_roles_that_are_asked_for(self, ledger, filters, expected):
        shares = shares_of(ledger.tasks(**filters), **filters)
        assert {share.recipient: sorted(share.tasks) for share in shares} == expected

    @pytest.mark.parametrize(
        ("unit", "name"),
        [
            ("市教育局", "市教育局"),
            ('甲/乙\\丙:丁*"戊?<己>|庚', "甲_乙_丙_丁__戊__己__庚"),
            ("CON", "_CON"),
            ("lpt1.局", "_lpt1.局"),
            ("市局. ", "市局"),
            ("..", "_"),
            ("局" * 200, "局" * 60),
            ("甲\x00\n乙", "甲乙"),
        ],
    )
    def test_names_of_files(self, unit, name):
        assert file_name(unit) == name

    @given(st.text())
    def test_any_name_is_one_of_a_file(self, unit):
        name = file_name(unit)
        assert name
        assert not re.search(r'[\\/:*?"<>|\x00-\x1f]|[ .]$', name)

    def test_units_whose_names_would_be_the_same_file(self):
        shares = [split.Share("A局"), split.Share("a局"), split.Share("A/局"), split.Share("A:局")]
        names = [name for name, _ in split._named(shares)]
        assert names == ["A局", "a局-2", "A_局", "A_局-2"]


class TestComingBack:
    def test_what_was_filled_in_arrives(self, ledger, handed_out, tmp_path):
        fill_in(handed_out, 2, 进展情况="60%，已完成招标", 状态="进行中", 备注="联系人：张三\n电话 0000")
        fill_in(handed_out, 3, 状态="已完成", 完成日期=datetime(2023, 5, 1))
        found = planned(ledger, handed_out, tmp_path)
        apply(ledger, found)
        assert (reasons(found), found.foreign, found.missing, found.unchanged) == ([], (), (), 3)
        assert ledger.task(2).tracking == Tracking(
            "in_progress", 60, "已完成招标", None, "联系人：张三\n电话 0000"
        )
        assert ledger.task(3).tracking == Tracking("done", 100, "", date(2023, 5, 1), "")
        assert ledger.task(1).tracking == Tracking()

    def test_who_returned_it_is_on_record(self, ledger, tmp_path):
        write_by_unit(ledger, tmp_path / "分发")
        cells = cells_of(tmp_path / "分发" / "东山县教育局.xlsx")
        fill_in(cells, 1, 进展情况="已检查")
        fill_in(cells, 3, 进展情况="已演练")
        found = planned(ledger, cells, tmp_path)
        apply(ledger, found)
        first, second = events(ledger, "return")
        assert (first["subject"], second["subject"]) == ("task:1", "task:3")
        assert (first["actor"], first["reason"]) == ("李四", "东山县教育局：交回.xlsx")
        kept = ledger.db.execute("SELECT returned_by, name, sha256 FROM returns WHERE task = 1").fetchone()
        assert kept == ("东山县教育局", "交回.xlsx", found.table.sha256)

    def test_by_someone_else_if_that_is_said(self, ledger, handed_out, tmp_path):
        fill_in(handed_out, 1, 进展情况="已检查")
        assert (
            planned(ledger, handed_out, tmp_path, returned_by="县政府办 王五").returned_by == "县政府办 王五"
        )

    def test_a_second_time_nothing_changes(self, ledger, handed_out, tmp_path):
        fill_in(handed_out, 1, 进展情况="30%，已检查", 状态="进行中")
        apply(ledger, planned(ledger, handed_out, tmp_path))
        before = list(ledger.db.query("SELECT * FROM events"))
        again = planned(ledger, handed_out, tmp_path)
        apply(ledger, again)
        assert (again.changes, again.refusals) == ((), ())
        assert list(ledger.db.query("SELECT * FROM events")) == before

    def test_the_same_table_filled_in_further_is_no_conflict(self, ledger, handed_out, tmp_path):
        fill_in(handed_out, 2, 进展情况="已巡查")
        for words, status in (
            ("30%，开工", "进行中"),
            ("80%，过半", "进行中"),
            ("完工", "已完成"),
            ("完工并验收", "已完成"),
        ):
            fill_in(handed_out, 1, 进展情况=words, 状态=status, 备注=words)
            found = planned(ledger, handed_out, tmp_path)
            assert reasons(found) == []
            apply(ledger, found)
        assert ledger.task(1).tracking == Tracking("done", 100, "完工并验收", TODAY, "完工并验收")
        assert len(events(ledger, "return")) == 5

    def test_what_the_unit_left_alone_leaves_the_ledger_alone(self, ledger, handed_out, tmp_path):
        track(ledger, 1, status="in_progress", progress="另行登记")
        fill_in(handed_out, 1, 备注="已阅")
        apply(ledger, planned(ledger, handed_out, tmp_path))
        assert ledger.task(1).tracking == Tracking("in_progress", None, "另行登记", None, "已阅")

    def test_a_cell_that_was_emptied_is_empty(self, ledger, tmp_path):
        track(ledger, 1, status="done", completed_on="2023-05-01", progress="完工", percent=100, remarks="甲")
        write(ledger, tmp_path / "表.xlsx", returnable=True)
        cells = cells_of(tmp_path / "表.xlsx")
        fill_in(cells, 1, 进展情况="返工", 状态="进行中", 完成日期=None, 备注=None)
        apply(ledger, planned(ledger, cells, tmp_path))
        assert ledger.task(1).tracking == Tracking("in_progress", None, "返工", None, "")

    def test_an_empty_status_says_nothing(self, ledger, handed_out, tmp_path):
        fill_in(handed_out, 1, 状态=None)
        assert planned(ledger, handed_out, tmp_path).unchanged == 5

    def test_overdue_is_not_a_status_that_changed(self, tmp_path):
        text = "一、6月底前检查食堂。"
        with Ledger.in_memory() as ledger:
            due = [{"quote": "6月底前", "due": date(2023, 6, 30)}]
            ledger.add(document(text, [item(text, text, deadlines=due)]))
            write(ledger, tmp_path / "表.xlsx", returnable=True)
            cells = cells_of(tmp_path / "表.xlsx")
            assert cells[1][cells[0].index("状态")] == "逾期"
            assert planned(ledger, cells, tmp_path).unchanged == 1
            fill_in(cells, 1, 进展情况="50%，在办")
            apply(ledger, planned(ledger, cells, tmp_path))
            assert ledger.task(1).tracking == Tracking("in_progress", 50, "在办")

    def test_the_remarks_of_the_program_do_not_become_the_units(self, tmp_path):
        from tests.helpers.documents import sample

        with Ledger.in_memory() as ledger:
            ledger.add(sample())
            write(ledger, tmp_path / "表.xlsx", returnable=True)
            cells = cells_of(tmp_path / "表.xlsx")
            (ours,) = {row[cells[0].index("备注")] for row in cells[1:] if row[0] == 1}
            assert ours == "单位承自上级标题"
            fill_in(cells, 1, 备注=f"{ours}\n已阅")
            fill_in(cells, 2, 备注=None)  # to delete them is no change
            found = planned(ledger, cells, tmp_path)
            assert [change.after.remarks for change in found.changes] == ["已阅"]

    def test_text_that_begins_like_a_formula_stays_text(self, ledger, handed_out, tmp_path):
        write(ledger, tmp_path / "表.csv", returnable=True)
        rows = list(csv.reader(io.StringIO((tmp_path / "表.csv").read_text("utf-8-sig"))))
        rows[1][rows[0].index("进展情况")] = "'=1+1"
        rows[2][rows[0].index("进展情况")] = "-5%的目标已完成"
        path = tmp_path / "交回.csv"
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows(rows)
        apply(ledger, plan(ledger, read_returned(path), today=TODAY))
        assert ledger.task(1).tracking.progress == "=1+1"
        assert ledger.task(2).tracking.progress == "-5%的目标已完成"

    def test_a_merged_cell_speaks_for_all_its_rows(self, ledger, tmp_path):
        write(ledger, tmp_path / "表.xlsx", returnable=True)
        book = load_workbook(tmp_path / "表.xlsx")
        sheet = book.worksheets[0]
        column = next(cell.column_letter for cell in sheet[1] if cell.value == "进展情况")
        sheet[f"{column}3"] = "统一部署"
        sheet.merge_cells(f"{column}3:{column}5")
        book.save(tmp_path / "交回.xlsx")
        found = plan(ledger, read_returned(tmp_path / "交回.xlsx"), today=TODAY)
        assert [change.task.id for change in found.changes] == [2, 3, 4]

    def test_hidden_rows_and_the_other_sheets_are_read_too(self, ledger, tmp_path):
        write(ledger, tmp_path / "表.xlsx", returnable=True)
        book = load_workbook(tmp_path / "表.xlsx")
        sheet = book.worksheets[0]
        column = next(cell.column_letter for cell in sheet[1] if cell.value == "进展情况")
        sheet[f"{column}3"] = "在办"
        sheet.row_dimensions[3].hidden = True  # by a filter
        sheet.sheet_state = "hidden"
        book.save(tmp_path / "交回.xlsx")
        (change,) = plan(ledger, read_returned(tmp_path / "交回.xlsx"), today=TODAY).changes
        assert change.task.id == 2


def copy_of(cells: Cells) -> Cells:
    return [list(row) for row in cells]


class TestOneStatement:
    """What follows from a report does not depend on the way on which it came."""

    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        before=st.sampled_from(
            [
                Tracking(),
                Tracking("in_progress", 10, "在办"),
                Tracking("done", 100, "完工", date(2023, 5, 1)),
                Tracking("suspended"),
            ]
        ),
        status=st.sampled_from(["not_started", "in_progress", "done", "suspended", "cancelled"]),
        percent=st.sampled_from([20, 60, 100]),
        words=st.sampled_from(["在办", "完工", "又开工"]),
        day=st.sampled_from([date(2023, 5, 1), date(2023, 5, 2), date(2023, 6, 1)]),
        fields=st.sets(st.sampled_from(["status", "progress", "completed_on"])),
    )
    def test_by_table_and_by_hand(self, tmp_path, before, status, percent, words, day, fields):
        said = {}
        if "status" in fields:
            said["status"] = status
        if "progress" in fields:
            said |= {"percent": percent, "progress": words}
        if "completed_on" in fields:
            said["completed_on"] = day
        said = {name: value for name, value in said.items() if value != getattr(before, name)}
        with Ledger.in_memory() as ledger:
            ledger.add(circular())
            if before != Tracking():
                track(
                    ledger, 1, **{name: getattr(before, name) for name in ("status", "percent", "progress")}
                )
                track(ledger, 1, completed_on=before.completed_on and before.completed_on.isoformat())
            write(ledger, tmp_path / "表.xlsx", returnable=True)
            cells = cells_of(tmp_path / "表.xlsx")
            shown = {"status": "状态", "completed_on": "完成日期"}
            for name in shown.keys() & said.keys():
                value = said[name]
                fill_in(cells, 1, **{shown[name]: wording.STATUSES.get(value, value)})
            if said.keys() & {"percent", "progress"}:
                said |= {"percent": percent, "progress": words}
                fill_in(cells, 1, 进展情况=wording.progress(percent, words))
            found = planned(ledger, cells, tmp_path)
            try:
                expected = reported(before, said, TODAY, 1)
            except TrackingError:
                assert len(found.refusals) == 1
            else:
                after = [change.after for change in found.changes]
                assert (after or [before], found.refusals) == ([expected], ())


class TestSeveralCopies:
    """The table of a unit goes round in it; what comes back is one file or several, in one go or one by one."""

    @pytest.fixture
    def told(self, ledger, handed_out, tmp_path):
        """What copies that come together come to: the reasons of what is refused, and how the tasks stand then."""

        def tell(*copies: dict[int, dict[str, object]]) -> tuple[list[list[str]], list[Tracking]]:
            tables = []
            for copy in copies:
                cells = copy_of(handed_out)
                for task, said in copy.items():
                    fill_in(cells, task, **said)
                tables.append(cells)
            together: list[Plan] = []
            for cells in tables:
                together.append(planned(ledger, cells, tmp_path, earlier=together))
            for each in together:
                apply(ledger, each)
            return [reasons(each) for each in together], [ledger.task(n).tracking for n in range(1, 4)]

        return tell

    def test_cells_that_a_copy_leaves_as_they_were_wipe_nothing(self, told):
        refused, tracking = told(
            {1: {"进展情况": "60%，已开工", "状态": "进行中", "备注": "甲填"}},
            {2: {"进展情况": "已巡查", "状态": "进行中"}},
        )
        assert refused == [[], []]
        assert tracking[:2] == [
            Tracking("in_progress", 60, "已开工", None, "甲填"),
            Tracking("in_progress", None, "已巡查"),
        ]

    def test_two_fill_in_different_cells_of_one_row(self, told):
        refused, tracking = told({1: {"进展情况": "已开工"}}, {1: {"备注": "联系人：张三"}})
        assert refused == [[], []]
        assert tracking[0] == Tracking("not_started", None, "已开工", None, "联系人：张三")

    @pytest.mark.parametrize(
        ("first", "second", "fields"),
        [
            ({"进展情况": "60%，已开工"}, {"进展情况": "20%，停工"}, ("progress",)),
            ({"进展情况": "60%", "状态": "进行中"}, {"进展情况": "60%", "状态": "暂缓"}, ("status",)),
            ({"状态": "已完成", "完成日期": "2023-05-01"}, {"状态": "已完成", "完成日期": "2023-05-02"}, ("completed_on",)),
            ({"备注": "甲"}, {"备注": "乙"}, ("remarks",)),
        ],
    )  # fmt: skip
    def test_two_contradict_each_other(self, told, ledger, handed_out, tmp_path, first, second, fields):
        refused, tracking = told({1: first}, {1: second, 2: {"进展情况": "已巡查"}})
        assert refused == [[], ["other_copy"]]
        assert tracking[1].progress == "已巡查"  # the row alone is refused
        fill_in(handed_out, 1, **second)
        later = planned(ledger, handed_out, tmp_path)
        assert later.refusals == ()  # by itself it is what holds now
        assert set(fields) <= set(later.changes[0].fields)

    def test_two_say_the_same(self, told):
        said = {1: {"进展情况": "已开工", "状态": "进行中"}}
        assert told(said, said)[0] == [[], []]

    def test_what_a_copy_leaves_open_does_not_take_the_day_away(self, told):
        done = {"状态": "已完成", "完成日期": "2023-05-01"}
        refused, tracking = told({1: done}, {1: {"备注": "已验收"}})
        assert refused == [[], []]
        assert tracking[0] == Tracking("done", 100, "", date(2023, 5, 1), "已验收")

    def test_a_third_copy_is_held_against_both(self, told):
        refused, tracking = told({1: {"进展情况": "甲"}}, {1: {"备注": "乙"}}, {1: {"进展情况": "丙"}})
        assert refused == [[], [], ["other_copy"]]
        assert tracking[0].progress == "甲"

    def test_what_comes_later_holds(self, ledger, handed_out, tmp_path):
        """A unit reports each month in the same table."""
        for words, remarks in (("60%，已开工", "甲"), ("80%，已封顶", "甲"), ("100%，已竣工", "")):
            cells = copy_of(handed_out)
            fill_in(cells, 1, 进展情况=words, 备注=remarks)
            found = planned(ledger, cells, tmp_path)
            assert found.refusals == ()
            apply(ledger, found)
        tracking = ledger.task(1).tracking
        assert (tracking.percent, tracking.progress) == (100, "已竣工")
        assert tracking.remarks == "甲"  # an empty cell, as it left, takes nothing away

    def test_overdue_in_a_copy_that_was_not_filled_in(self, tmp_path):
        text = "一、1月底前检查食堂。"
        with Ledger.in_memory() as ledger:
            ledger.add(
                document(text, [item(text, text, deadlines=[{"quote": "1月底前", "due": date(2023, 1, 31)}])])
            )
            write(ledger, tmp_path / "表.xlsx", returnable=True)
            untouched = cells_of(tmp_path / "表.xlsx")
            assert untouched[1][untouched[0].index("状态")] == "逾期"
            cells = copy_of(untouched)
            fill_in(cells, 1, 状态="已完成", 完成日期="2023-02-01")
            apply(ledger, planned(ledger, cells, tmp_path))
            found = planned(ledger, untouched, tmp_path)
            assert (found.changes, found.refusals, found.unchanged) == ((), (), 1)


class TestRefusing:
    @pytest.mark.parametrize(
        ("said", "reason"),
        [
            ({"状态": "差不多了"}, "unreadable_status"),
            ({"状态": "逾期"}, None),  # what is open may be shown as overdue: no change
            ({"完成日期": "年底吧", "状态": "已完成"}, "unreadable_day"),
            ({"完成日期": "2023-02-30", "状态": "已完成"}, "unreadable_day"),
            ({"完成日期": "2023年5月", "状态": "已完成"}, "unreadable_day"),
            ({"进展情况": "120%，超额完成"}, "unreadable_percent"),
            ({"进展情况": "60.5%"}, "unreadable_percent"),
            ({"进展情况": 1}, "unreadable_percent"),
            ({"进展情况": 0.6}, "unreadable_percent"),
            ({"进展情况": "#N/A"}, "unreckoned"),
            ({"备注": "#REF!"}, "unreckoned"),
            ({"状态": "已完成", "完成日期": "0023-05-01"}, "unreadable_day"),
            ({"状态": "已完成", "完成日期": "1923-05-01"}, "unreadable_day"),
            ({"状态": "已完成", "完成日期": datetime(1900, 1, 1)}, "unreadable_day"),
            ({"状态": "已完成", "完成日期": "5月1日"}, None),  # of the year of the circular
            ({"状态": "已完成", "完成日期": "12月30日"}, "day_without_year"),  # still to come, or before it
            ({"状态": "已完成", "完成日期": "2023-05-11"}, "completed_in_future"),
            ({"完成日期": "2023-05-01"}, "completed_but_open"),
            ({"状态": "暂缓", "完成日期": "2023-05-01"}, "completed_but_open"),
            ({"状态": "已完成", "进展情况": "60%，在办"}, "done_below_100"),
            ({"状态": "已完成"}, None),  # without a day: taken, and pointed out
            ({"进展情况": "60%的企业已整改", "状态": "未开始"}, None),  # a number of something else
        ],
    )
    def test_contradictions(self, ledger, handed_out, tmp_path, said, reason):
        fill_in(handed_out, 1, **said)
        fill_in(handed_out, 2, 进展情况="在办")
        found = planned(ledger, handed_out, tmp_path)
        assert reasons(found) == ([reason] if reason else [])
        assert 2 in [change.task.id for change in found.changes]  # the others are taken

    def test_overdue_for_what_was_not_open(self, ledger, tmp_path):
        track(ledger, 1, status="suspended")
        write(ledger, tmp_path / "表.xlsx", returnable=True)
        cells = cells_of(tmp_path / "表.xlsx")
        fill_in(cells, 1, 状态="逾期")
        assert reasons(planned(ledger, cells, tmp_path)) == ["overdue_reported"]

    def test_a_percentage_where_it_says_not_started_anew(self, ledger, tmp_path):
        track(ledger, 1, status="in_progress", percent=10)
        write(ledger, tmp_path / "表.xlsx", returnable=True)
        cells = cells_of(tmp_path / "表.xlsx")
        fill_in(cells, 1, 状态="未开始", 进展情况="20%，在办")
        assert reasons(planned(ledger, cells, tmp_path)) == ["begun_but_not_started"]

    def test_an_id_copied_to_another_row(self, ledger, handed_out, tmp_path):
        handed_out[2][-1] = handed_out[1][-1]
        found = planned(ledger, handed_out, tmp_path)
        assert reasons(found) == ["misplaced"]
        assert found.missing == (2,)

    def test_columns_sorted_without_the_others(self, ledger, handed_out, tmp_path):
        """The classic accident: the ids (or the texts) are sorted alone, and each row is filled in for another."""
        ids = [row[-1] for row in handed_out[1:]]
        for row, other in zip(handed_out[1:], reversed(ids), strict=True):
            row[-1] = other
            row[handed_out[0].index("进展情况")] = "在办"
        found = planned(ledger, handed_out, tmp_path)
        assert reasons(found) == ["misplaced"] * 4
        assert [change.task.id for change in found.changes] == [3]  # the middle one stayed where it was

    @pytest.mark.parametrize(
        ("damage", "reason"),
        [
            (lambda text: text[:-1] + ("0" if text[-1] != "0" else "1"), "damaged_id"),
            (lambda text: text.replace("T1-", "T2-"), "damaged_id"),
            (lambda text: text.replace("T1-", "T99-"), "damaged_id"),
            (lambda text: text[:-3], "damaged_id"),
            (lambda text: re.sub(r"-.{10}-", "-0123456789-", text), "unknown_handout"),
        ],
    )
    def test_an_id_that_is_not_whole(
        self, ledger, handed_out, tmp_path, damage: Callable[[str], str], reason
    ):
        handed_out[1][-1] = damage(str(handed_out[1][-1]))
        found = planned(ledger, handed_out, tmp_path)
        assert reasons(found) == [reason]
        assert found.unchanged == 4

    @pytest.mark.parametrize(
        "dress",
        [lambda text: f" {text} ", str.lower, lambda text: text.replace("T", "Ｔ").replace("-", "－")],
    )
    def test_an_id_that_only_looks_different(self, ledger, handed_out, tmp_path, dress):
        handed_out[1][-1] = dress(handed_out[1][-1])
        assert planned(ledger, handed_out, tmp_path).unchanged == 5

    def test_two_ids_in_one_row(self, ledger, handed_out, tmp_path):
        handed_out[1].append(handed_out[2][-1])
        assert reasons(planned(ledger, handed_out, tmp_path)) == ["damaged_id"]

    def test_a_row_twice(self, ledger, handed_out, tmp_path):
        handed_out.append(list(handed_out[1]))
        assert planned(ledger, handed_out, tmp_path).unchanged == 5  # word for word: once
        handed_out[-1][handed_out[0].index("进展情况")] = "在办"
        found = planned(ledger, handed_out, tmp_path)
        assert reasons(found) == ["twice", "twice"]
        assert found.unchanged == 4

    def test_another_ledger(self, handed_out, tmp_path):
        with Ledger.create(tmp_path / "别的.db") as other:
            other.add(document(CIRCULAR, [item(CIRCULAR, LINES[0])]))
            assert reasons(planned(other, handed_out, tmp_path)) == ["unknown_handout"] * 5

    def test_the_ledger_and_the_unit_say_different_things(self, ledger, handed_out, tmp_path):
        track(ledger, 1, status="in_progress", progress="电话询问：在办")
        track(ledger, 2, progress="相同")
        fill_in(handed_out, 1, 进展情况="已完工", 状态="进行中")
        fill_in(handed_out, 2, 进展情况="相同")
        found = planned(ledger, handed_out, tmp_path)
        (refusal,) = found.refusals
        assert (refusal.reason, refusal.fields) == ("conflict", ("progress",))
        assert (refusal.now.progress, refusal.said.progress) == ("电话询问：在办", "已完工")
        assert found.changes == ()

    def test_two_units_return_the_same_task(self, ledger, tmp_path):
        """Each has a table of its own: the second may not wipe out what the first said."""
        write_by_unit(ledger, tmp_path / "分发")
        found: list[Plan] = []
        for name in ("东山县教育局", "东山县公安局"):
            cells = cells_of(tmp_path / "分发" / f"{name}.xlsx")
            fill_in(cells, 3, 进展情况=f"{name}已演练")
            found.append(planned(ledger, cells, tmp_path, earlier=found))
        assert [reasons(each) for each in found] == [[], ["conflict"]]

    def test_a_task_that_is_no_longer_one(self, ledger, handed_out, tmp_path):
        correct(ledger, 1, reason="不是任务", kind="goal")
        assert planned(ledger, handed_out, tmp_path).unchanged == 5
        fill_in(handed_out, 1, 进展情况="在办")
        assert reasons(planned(ledger, handed_out, tmp_path)) == ["not_current"]

    def test_a_task_that_is_gone(self, ledger, tmp_path):
        """It was taken in by hand, handed out, and the taking in undone: the other rows are taken all the same."""
        text = "一、检查食堂。\n二、督查整改。"
        ledger.add(document(text, [item(text, "一、检查食堂。")]))
        take_in(ledger, 2, Span(text.index("二"), len(text)), reason="漏读")
        (event,) = (event for event in log(ledger) if event.action == "take_in")
        write(ledger, tmp_path / "表.xlsx", returnable=True)
        cells = cells_of(tmp_path / "表.xlsx")
        undo(ledger, event.sequence)
        fill_in(cells, 7, 进展情况="在办")
        fill_in(cells, 6, 进展情况="在办")
        found = planned(ledger, cells, tmp_path)
        assert reasons(found) == ["not_current"]
        assert [change.task.id for change in found.changes] == [6]

    def test_a_task_that_was_withdrawn_between_looking_and_applying(self, ledger, handed_out, tmp_path):
        fill_in(handed_out, 1, 进展情况="在办")
        found = planned(ledger, handed_out, tmp_path)
        correct(ledger, 1, reason="不是任务", kind="goal")
        with pytest.raises(ChangedMeanwhileError):
            apply(ledger, found)
        assert ledger.task(1).tracking == Tracking()

    @pytest.mark.parametrize(
        ("issued_on", "today", "expected"),
        [
            (date(2023, 3, 1), date(2023, 5, 10), date(2023, 4, 12)),
            (date(2023, 12, 1), date(2024, 5, 10), date(2024, 4, 12)),  # over the turn of the year
            (date(2023, 3, 1), date(2026, 11, 22), None),  # in 2023, or since?
            (date(2023, 4, 20), date(2023, 5, 10), None),  # before the circular
        ],
    )
    def test_a_day_without_a_year(self, tmp_path, issued_on, today, expected):
        with Ledger.in_memory() as ledger:
            found = document(CIRCULAR, [item(CIRCULAR, LINES[0])], issued_on=issued_on)
            ledger.add(found)
            write(ledger, tmp_path / "表.xlsx", returnable=True)
            cells = cells_of(tmp_path / "表.xlsx")
            fill_in(cells, 1, 状态="已完成", 完成日期="4月12日")
            table = read_returned(saved(cells, tmp_path / "交回.xlsx"))
            planned = plan(ledger, table, today=today)
            assert [change.after.completed_on for change in planned.changes] == (
                [expected] if expected else []
            )
            assert reasons(planned) == ([] if expected else ["day_without_year"])
            apply(ledger, planned)
            later = plan(ledger, table, today=date(2030, 1, 1))
            assert later.unchanged == (1 if expected else 0)  # what it named then it still names

    def test_a_change_between_looking_and_applying(self, ledger, handed_out, tmp_path):
        fill_in(handed_out, 1, 进展情况="在办")
        fill_in(handed_out, 2, 进展情况="在办")
        found = planned(ledger, handed_out, tmp_path)
        track(ledger, 2, progress="别人登记")
        with pytest.raises(ChangedMeanwhileError):
            apply(ledger, found)
        assert ledger.task(1).tracking == Tracking()  # the file as a whole

    def test_a_formula_without_a_result_is_no_empty_cell(self, ledger, handed_out, tmp_path):
        path = saved(handed_out, tmp_path / "交回.xlsx")
        book = load_workbook(path)
        sheet = book.worksheets[0]
        at = handed_out[0].index("进展情况") + 1
        sheet.cell(
            2, at
        ).value = '="已完成" & 3 & "处"'  # openpyxl, as others that do not reckon, saves no result
        book.save(path)
        found = plan(ledger, read_returned(path), today=TODAY)
        assert [(refusal.reason, refusal.text) for refusal in found.refusals] == [("unreckoned", "进展情况")]
        assert not found.changes


class TestMentioning:
    def test_what_was_not_theirs_to_change(self, ledger, handed_out, tmp_path):
        fill_in(handed_out, 1, 牵头单位="县公安局", 完成时限="2023-12-31", 进展情况="在办")
        fill_in(handed_out, 2, 任务="新名称")
        found = planned(ledger, handed_out, tmp_path)
        assert [(edit.task.id, edit.column, edit.text) for edit in found.foreign] == [
            (1, "牵头单位", "县公安局"),
            (1, "完成时限", "2023-12-31"),
            (2, "任务", "新名称"),
        ]
        apply(ledger, found)
        assert ledger.task(1).tracking.progress == "在办"
        assert [unit.quote for unit in ledger.task(1).item.fields.units] == ["县教育局", "县公安局"]

    def test_what_the_ledger_changed_is_not_laid_at_the_units_door(self, ledger, handed_out, tmp_path):
        correct(ledger, 1, reason="原件如此", heading="检查所有食堂")
        assert planned(ledger, handed_out, tmp_path).foreign == ()

    def test_rows_that_were_numbered_anew(self, ledger, handed_out, tmp_path):
        del handed_out[2]
        for number, row in enumerate(handed_out[1:], 1):
            row[0] = number
        found = planned(ledger, handed_out, tmp_path)
        assert (found.foreign, found.refusals, found.missing) == ((), (), (2,))

    def test_rows_of_their_own(self, ledger, handed_out, tmp_path):
        handed_out.append([6, "我们加的任务", *[None] * (len(COLUMNS) - 2)])
        handed_out.append([None, None, "填报人：张三"])
        found = planned(ledger, handed_out, tmp_path)
        assert [row.place for row in found.added] == ["第7行", "第8行"]
        assert found.refusals == ()


class TestFiles:
    @pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
    def test_csv(self, ledger, tmp_path, encoding):
        write(ledger, tmp_path / "表.csv", returnable=True, encoding=encoding)
        data = (tmp_path / "表.csv").read_bytes()
        text = data.decode(encoding)
        assert planned_of(ledger, tmp_path / "表.csv").unchanged == 5
        filled = text.replace("未开始,,", "进行中,,", 1).encode(encoding)
        (tmp_path / "交回.csv").write_bytes(filled)
        (change,) = planned_of(ledger, tmp_path / "交回.csv").changes
        assert (change.task.id, change.after.status) == (1, "in_progress")

    @pytest.mark.parametrize("delimiter", ["\t", ";"])
    def test_csv_as_other_programs_save_it(self, ledger, tmp_path, delimiter):
        write(ledger, tmp_path / "表.csv", returnable=True)
        rows = list(csv.reader(io.StringIO((tmp_path / "表.csv").read_text("utf-8-sig"))))
        with (tmp_path / "交回.txt").open("w", encoding="utf-16", newline="") as file:
            csv.writer(file, delimiter=delimiter).writerows(rows)
        assert planned_of(ledger, tmp_path / "交回.txt").unchanged == 5

    @pytest.mark.parametrize(
        ("content", "expected"),
        [
            (b"", "没有找到行标识"),
            (b"\x00\x01\x02" * 100, "不是 Excel 表格或 csv 文件"),
            (b"PK\x03\x04" + b"\x00" * 50, "文件已损坏或不完整"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "另存为 .xlsx"),
            ("序号,任务,进展情况\n1,检查,在办\n".encode(), "没有找到行标识"),
        ],
    )
    def test_what_is_no_table_of_ours(self, tmp_path, content, expected):
        path = tmp_path / "交回.xlsx"
        path.write_bytes(content)
        with pytest.raises(UnreadableFile, match=re.escape(expected)):
            read_returned(path)

    def test_a_document_is_no_workbook(self, ledger, tmp_path):
        write(ledger, tmp_path / "方案.docx")
        with pytest.raises(UnreadableFile, match="不是 Excel 表格"):
            read_returned(tmp_path / "方案.docx")

    def test_headers_that_cannot_be_read(self, handed_out, tmp_path):
        state, progress = handed_out[0].index("状态"), handed_out[0].index("进展情况")
        doubled = [[*row, row[state]] for row in handed_out]
        nothing = [
            [cell for at, cell in enumerate(row) if handed_out[0][at] not in FILLED_IN] for row in handed_out
        ]
        for cells, expected in (
            (doubled, "两栏“状态”"),
            (handed_out[1:], "没有找到表头"),
            (nothing, "没有可以收回的栏"),
        ):
            with pytest.raises(UnreadableFile, match=expected):
                read_returned(saved(cells, tmp_path / "交回.xlsx"))
        handed_out[0][progress] = "进展情况（截至 5月底）"
        assert read_returned(saved(handed_out, tmp_path / "交回.xlsx")).rows[0].said["progress"] == ""

    @pytest.mark.parametrize(
        "reference", ["A1:XFD1048576", "K2:K1048576"], ids=["whole sheet", "a column to the end"]
    )
    def test_merged_cells_without_end_are_no_bomb(self, ledger, tmp_path, reference):
        write(ledger, tmp_path / "表.xlsx", returnable=True)
        with zipfile.ZipFile(tmp_path / "表.xlsx") as package:
            members = {name: package.read(name) for name in package.namelist()}
        sheet = members["xl/worksheets/sheet1.xml"].decode()
        merged = f'</autoFilter><mergeCells count="1"><mergeCell ref="{reference}"/></mergeCells>'
        closed = re.sub(r"(<autoFilter[^>]*)/>", r"\1></autoFilter>", sheet).replace("</autoFilter>", merged)
        assert reference in closed
        members["xl/worksheets/sheet1.xml"] = closed.encode()
        with zipfile.ZipFile(tmp_path / "交回.xlsx", "w") as package:
            for name, data in members.items():
                package.writestr(name, data)
        assert planned_of(ledger, tmp_path / "交回.xlsx").unchanged == 5

    def test_merged_cells_over_one_another(self):
        """As no program writes them: each cell is gone through once, not once an area, of which there may be 60,000."""
        ids = {row: ["T1-0123456789-012345"] for row in range(2, 2002)}
        cells = {(row, column): GridCell(f"{row}-{column}") for row in (2, 3) for column in (1, 2)}
        merged = tuple(Area(2 + at % 2, 1 + at % 4 // 2, 2001, 1 + at % 4 // 2) for at in range(60_000))
        texts = _Sheet(Grid("表", cells, merged), ids, several=False)._texts({"进展情况": 1, "任务": 2})
        assert {texts[row, 1].text for row in ids} == {"2-1"}  # the uppermost of them
        assert (4, 2) not in texts  # not to be filled in

    @pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice (soffice) is not installed")
    def test_saved_again_by_another_program(self, ledger, tmp_path):
        write(ledger, tmp_path / "表.xlsx", returnable=True)
        book = load_workbook(tmp_path / "表.xlsx")
        sheet = book.worksheets[0]
        letters = {cell.value: cell.column_letter for cell in sheet[1]}
        sheet[f"{letters['状态']}4"], sheet[f"{letters['完成日期']}4"] = "已完成", datetime(2023, 5, 1)
        book.save(tmp_path / "表.xlsx")
        profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
        folder = tmp_path / "另存"
        convert = [
            "soffice",
            profile,
            "--headless",
            "--convert-to",
            "xlsx:Calc MS Excel 2007 XML",
            "--outdir",
        ]
        subprocess.run([*convert, str(folder), str(tmp_path / "表.xlsx")], check=True, capture_output=True)
        found = planned_of(ledger, folder / "表.xlsx")
        assert [(change.task.id, change.after.completed_on) for change in found.changes] == [
            (3, date(2023, 5, 1))
        ]
        assert (found.refusals, found.foreign, found.missing, found.unchanged) == ((), (), (), 4)


def planned_of(ledger: Ledger, path: Path) -> Plan:
    return plan(ledger, read_returned(path), today=TODAY)


class TestReadingCells:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("2023-05-01", date(2023, 5, 1)),
            ("2023/5/1", date(2023, 5, 1)),
            ("2023.5.1", date(2023, 5, 1)),
            ("2023年5月1日", date(2023, 5, 1)),
            ("２０２３年５月１日", date(2023, 5, 1)),
            ("2023 年 5 月 1 日", date(2023, 5, 1)),
            ("2023-05-01 00:00:00", date(2023, 5, 1)),
            ("20230501", date(2023, 5, 1)),
            ("5月1日", DayOfSomeYear(5, 1)),
            ("2月29日", DayOfSomeYear(2, 29)),
            ("2月30日", None),
            ("2023年13月1日", None),
            ("2023年5月", None),
            ("五月初", None),
            ("", None),
        ],
    )
    def test_days(self, text, expected):
        assert day_in(text) == expected

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("60%，已完成招标", (60, "已完成招标")),
            ("60％、已完成招标", (60, "已完成招标")),
            ("60%", (60, "")),
            ("100 %。已验收", (100, "已验收")),
            ("60%\n已完成招标", (60, "已完成招标")),
            ("60%以上的企业已整改", (None, "60%以上的企业已整改")),
            ("较去年提高20%", (None, "较去年提高20%")),
            ("60.5%，在办", None),
            ("60.5%的企业已整改", (None, "60.5%的企业已整改")),
            ("120%，超额完成", None),
            ("-5%", None),
            ("-5%的目标已完成", (None, "-5%的目标已完成")),
            ("60", (60, "")),  # the sign was left out
            ("６０％", (60, "")),
            ("60.", (None, "60.")),
            ("0.6", None),  # lost its format: 60%, or less than one?
            ("1", None),  # lost its format: all of it, or one in a hundred?
            ("1%", (1, "")),
            ("100", (100, "")),
            ("0", (0, "")),
            ("2023", None),
            ("1、已完成招标；2、已开工", (None, "1、已完成招标；2、已开工")),
            ("", (None, "")),
        ],
    )
    def test_percentages(self, text, expected):
        assert percent_and_words(text) == expected


@pytest.mark.parametrize(
    ("word", "status"), [("办结", "done"), ("在办", "in_progress"), (" 已 完成 ", "done")]
)
def test_statuses_as_units_write_them(ledger, handed_out, tmp_path, word, status):
    fill_in(handed_out, 1, 状态=word)
    (change,) = planned(ledger, handed_out, tmp_path).changes
    assert change.after.status == status


def test_every_reason_has_its_words():
    assert set(wording.REFUSALS) == set(get_args(Reason))


class TestWhateverWasRecorded:
    """A table that nobody touched says nothing, whatever texts the ledger holds and whatever a file makes of them."""

    hard = st.sampled_from(
        [
            "_x0041_", "_x005F_x0041_", "_x000D_", "x005F_", "_xD800_", "\u200b", "\ufeff", "\u00ad", "\uffff", "\x0b", "\x00",
            "'", "=", "@", "％", "%", "60%", "150%", "0060%", "60.5%", "1", "0.6", "-5", "#N/A", "，", "\n", "\r\n", "\r", "\t",
            "\u2028", "\u3000", "单位承自上级标题", "2023-05-01", "进展情况", "已办", '"', ",", ";", "𠮷", "👍🏽",
        ]
    )  # fmt: skip
    texts = st.one_of(
        st.lists(hard, max_size=4).map("".join),
        st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
    )
    lengths = st.sampled_from([0, 0, 0, 32_755, 32_766, 32_767, 32_768, 40_000])

    @settings(
        max_examples=60,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
        phases=set(Phase)
        - {Phase.shrink, Phase.explain},  # what is found is short, but for what is to be long
    )
    @given(
        progress=st.tuples(texts, lengths),
        remarks=st.tuples(texts, lengths),
        percent=st.none() | st.integers(0, 100),
        status=st.sampled_from(["in_progress", "done", "suspended"]),
        form=st.sampled_from([("xlsx", "utf-8"), ("csv", "utf-8"), ("csv", "gb18030")]),
    )
    def test_it(self, tmp_path_factory, progress, remarks, percent, status, form):
        suffix, encoding = form
        folder = tmp_path_factory.mktemp("原样")
        text = "一、县教育局检查食堂。"
        with Ledger.in_memory() as ledger:
            unit = UnitMention("县教育局", Span(2, 6), "lead", "test.unit", inherited=True)
            ledger.add(document(text, [item(text, text, inherited=Fields(units=(unit,)))]))
            progress, remarks = (words + "甲" * times for words, times in (progress, remarks))
            track(ledger, 1, status=status, percent=percent, progress=progress, remarks=remarks)
            write(ledger, folder / f"表.{suffix}", returnable=True, encoding=encoding)
            found = planned_of(ledger, folder / f"表.{suffix}")
            assert (found.changes, found.refusals, found.foreign, found.added) == ((), (), (), ())
            assert found.unchanged == 1


class TestWhateverWasDoneToTheSheet:
    """Sorted, rows deleted, columns moved, titles and blank rows put in: what was filled in arrives, nothing else."""

    reports = st.fixed_dictionaries(
        {
            "status": st.sampled_from(["进行中", "已完成", "暂缓", "取消"]),
            "words": st.text(alphabet="加强值守abc，。=-\n", max_size=12),
            "remarks": st.text(alphabet="备注联系人0：", max_size=8),
        }
    )

    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(
        filled=st.dictionaries(st.integers(1, 5), reports),
        kept=st.sets(st.integers(1, 5), min_size=1),
        seed=st.randoms(use_true_random=False),
        titles=st.integers(0, 3),
        blanks=st.integers(0, 3),
        as_csv=st.booleans(),
    )
    def test_it(self, tmp_path_factory, filled, kept, seed: random.Random, titles, blanks, as_csv):
        folder = tmp_path_factory.mktemp("往返")
        with Ledger.in_memory() as ledger:
            ledger.add(circular())
            write(ledger, folder / "表.xlsx", returnable=True)
            cells = cells_of(folder / "表.xlsx")
            for task, said in filled.items():
                fill_in(cells, task, 状态=said["status"], 进展情况=said["words"], 备注=said["remarks"])
            header, *rows = cells
            rows = [row for row in rows if row[0] in kept]
            rows += [[None] * len(header) for _ in range(blanks)]
            seed.shuffle(rows)
            order = list(range(len(header)))
            seed.shuffle(order)
            mangled = [["责任分工表", None, f"第{n}次回收"] for n in range(titles)]
            mangled += [[row[at] for at in order] + ["自用"] for row in [header, *rows]]
            path = folder / ("交回.csv" if as_csv else "交回.xlsx")
            if as_csv:
                with path.open("w", encoding="gb18030", newline="") as file:
                    csv.writer(file).writerows(mangled)
            else:
                saved(mangled, path)
            found = planned_of(ledger, path)
            apply(ledger, found)

            assert (found.refusals, found.foreign, found.added) == ((), (), ())
            assert set(found.missing) == {1, 2, 3, 4, 5} - kept
            for task in range(1, 6):
                tracking = ledger.task(task).tracking
                if task not in kept or task not in filled:
                    assert tracking == Tracking()
                    continue
                said = filled[task]
                words = {"进行中": "in_progress", "已完成": "done", "暂缓": "suspended", "取消": "cancelled"}
                assert tracking.status == words[said["status"]]
                assert "".join(tracking.progress.split()) == "".join(said["words"].split())
                assert tracking.remarks == said["remarks"]
            again = planned_of(ledger, path)
            assert (again.changes, again.refusals) == ((), ())


@pytest.fixture
def in_a_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TAIZHANG_LEDGER", "台账.db")
    monkeypatch.setenv("TAIZHANG_ACTOR", "王五")
    with Ledger.create("台账.db") as ledger:
        ledger.add(circular())


def run(*args: object, **more) -> Result:
    return CliRunner().invoke(cli, [str(arg) for arg in args], prog_name="taizhang", **more)


def handed_out_and_filled_in() -> None:
    """交回.xlsx: the table with what a unit says of the first task."""
    run("export", "表.xlsx")
    cells = cells_of(Path("表.xlsx"))
    fill_in(cells, 1, 进展情况="在办")
    saved(cells, Path("交回.xlsx"))


@pytest.mark.usefixtures("in_a_folder")
class TestCommands:
    def test_out_and_back(self):
        assert (
            run("export", "分发.zip", "--split-by", "unit").output == "已写出“分发.zip”：4 份表，5 项任务。\n"
        )
        with zipfile.ZipFile("分发.zip") as archive:
            archive.extract("东山县公安局.xlsx")
        cells = cells_of(Path("东山县公安局.xlsx"))
        fill_in(cells, 2, 进展情况="60%，已巡查", 牵头单位="县应急局")
        fill_in(cells, 3, 完成日期="昨天")
        Path("回收").mkdir()
        saved(cells[:3] + cells[3:], Path("回收/公安局.xlsx"))

        preview = run("import", "回收/公安局.xlsx", "--dry-run")
        assert preview.exit_code == 1  # a row was refused
        assert "公安局.xlsx（东山县公安局）：" in preview.stdout
        assert re.search(r"进展情况 +（空） +60%，已巡查", preview.stdout)
        assert re.search(r"2 +.*状态 +未开始 +进行中", preview.stdout)
        assert "未采用 第3行" in preview.stdout
        assert "完成日期“昨天”看不懂，请写成 2026-05-01 的样子。" in preview.stdout
        assert "不予采用 第2行 任务 2：牵头单位不由填报单位改动，“”被改成了“县应急局”。" in preview.stdout
        assert preview.stderr == "以上是预览，台账没有改动。\n"
        with Ledger.open("台账.db") as ledger:
            assert ledger.task(2).tracking == Tracking()

        done = run("import", "回收", "--from", "县公安局 赵六")
        assert (done.exit_code, done.stderr) == (1, "已记入台账：1 项改动。\n")
        with Ledger.open("台账.db") as ledger:
            assert ledger.task(2).tracking == Tracking("in_progress", 60, "已巡查")
            (event,) = events(ledger, "return")
            assert (event["actor"], event["reason"]) == ("王五", "县公安局 赵六：公安局.xlsx")
        again = run("import", "回收")
        assert again.stderr == "台账没有改动。\n"

    def test_on_a_terminal_it_asks_first(self, monkeypatch):
        handed_out_and_filled_in()
        monkeypatch.setattr("extractor.commands.handing_out.on_terminal", lambda: True)
        refused = run("import", "交回.xlsx", input="n\n")
        assert "记入台账吗？" in refused.output
        assert "台账没有改动" in refused.output
        assert "已记入台账：1 项改动" in run("import", "交回.xlsx", input="y\n").output

    def test_where_nobody_can_be_asked_it_does_what_it_was_told(self, monkeypatch):
        handed_out_and_filled_in()
        monkeypatch.setattr("extractor.commands.handing_out.on_terminal", lambda: False)
        looked = run("import", "交回.xlsx", "--dry-run")
        assert (looked.exit_code, "台账没有改动" in looked.output) == (0, True)
        done = run("import", "交回.xlsx")
        assert (done.exit_code, done.stderr) == (0, "已记入台账：1 项改动。\n")
        with Ledger.open("台账.db") as ledger:
            undo(ledger, log(ledger, limit=1)[0].sequence)  # as any change it can be taken back
            assert ledger.task(1).tracking == Tracking()

    def test_yes_asks_nothing(self, monkeypatch):
        run("export", "表.csv")
        Path("交回.csv").write_text(
            Path("表.csv").read_text("utf-8-sig").replace("未开始,,", "暂缓,,", 1), "utf-8"
        )
        monkeypatch.setattr("extractor.commands.handing_out.on_terminal", lambda: True)
        assert "已记入台账：1 项改动" in run("import", "交回.csv", "--yes").output

    def test_what_cannot_be_read_does_not_hold_up_the_others(self):
        run("export", "表.csv")
        Path("交回.csv").write_text(
            Path("表.csv").read_text("utf-8-sig").replace("未开始,,", "暂缓,,", 1), "utf-8"
        )
        Path("坏.xlsx").write_bytes(b"PK\x03\x04")
        result = run("import", "没有.xlsx", "坏.xlsx", "交回.csv")
        assert result.exit_code == 1
        assert "未导入“没有.xlsx”：找不到该文件或文件夹。" in result.stderr
        assert "未导入“坏.xlsx”：文件已损坏或不完整" in result.stderr
        assert "已记入台账：1 项改动。" in result.stderr

    def test_other_workbooks_are_named(self):
        """A unit whose table is passed over in silence is taken for one that did not answer."""
        run("export", "表.xlsx")
        Path("回收").mkdir()
        cells = cells_of(Path("表.xlsx"))
        fill_in(cells, 1, 进展情况="在办")
        saved(cells, Path("回收/甲.xlsx"))
        for name in ("乙.xls", "丙.ods", "丁.ET"):
            Path("回收", name).write_bytes(b"x")
        result = run("import", "回收")
        assert result.exit_code == 1
        for name in ("乙.xls", "丙.ods", "丁.ET"):
            assert re.search(rf"未导入“回收.{name}”：.*另存为 \.xlsx", result.stderr)
        assert "已记入台账：1 项改动" in result.stderr
        assert "另存为 .xlsx" in run("import", "回收/丙.ods").stderr

    def test_an_open_document_under_another_name(self, tmp_path):
        with zipfile.ZipFile(tmp_path / "交回.xlsx", "w") as package:
            package.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
            package.writestr("content.xml", "<x/>")
        assert "另存为 .xlsx" in run("import", tmp_path / "交回.xlsx").stderr

    def test_copies_that_come_together_contradict_each_other_and_the_later_one_holds(self):
        run("export", "表.xlsx")
        cells = cells_of(Path("表.xlsx"))
        for name, words in (("甲.xlsx", "已开工"), ("乙.xlsx", "已停工")):
            fill_in(cells, 1, 进展情况=words)
            saved(cells, Path(name))
        together = run("import", "甲.xlsx", "乙.xlsx")
        assert "进展情况那份报“已开工”，这份报“已停工”；请核对后单独导入应采用的一份" in together.stdout
        assert (together.exit_code, run("import", "乙.xlsx").exit_code) == (1, 0)
        with Ledger.open("台账.db") as ledger:
            assert ledger.task(1).tracking.progress == "已停工"

    @pytest.mark.parametrize(
        "args", [["表.xlsx"], ["方案.docx"], ["日历.ics"], ["分发.zip", "--split-by", "unit"]]
    )
    def test_nothing_is_written_over_by_nothing(self, args):
        Path(args[0]).write_bytes(b"good")
        result = run("export", *args, "--unit", "火星局")
        assert result.exit_code == 1
        assert f"没有符合条件的任务，未写出“{args[0]}”" in result.stderr
        assert Path(args[0]).read_bytes() == b"good"

    def test_a_folder_with_tables_that_may_be_filled_in(self):
        run("export", "分发", "--split-by", "unit")
        Path("分发/东山县教育局.xlsx").write_bytes(b"filled in")
        refused = run("export", "分发", "--split-by", "unit", "--role", "牵头")
        assert refused.exit_code == 1
        assert (
            "文件夹“分发”里已有表（东山县公安局.xlsx、东山县教育局.xlsx、各乡镇.xlsx 等 4 份），可能已经填过"
            in refused.stderr
        )
        assert Path("分发/东山县教育局.xlsx").read_bytes() == b"filled in"
        forced = run("export", "分发", "--split-by", "unit", "--role", "牵头", "--force")
        assert (
            "文件夹里另有 3 份先前的表没有更新：东山县公安局.xlsx、各乡镇.xlsx、未注明单位.xlsx。"
            in forced.stderr
        )
        assert Path("分发/东山县教育局.xlsx").read_bytes() != b"filled in"

    def test_from_a_ledger_that_may_only_be_read(self, monkeypatch):
        monkeypatch.setattr(Ledger, "writable", property(lambda self: False))
        for args in (["表.xlsx"], ["分发.zip", "--split-by", "unit"]):
            result = run("export", *args)
            assert (result.exit_code, "填了也不能收回" in result.stderr) == (0, True)
            assert "收回" not in run("export", *args, "--no-return").stderr

    def test_a_folder_without_tables(self):
        Path("空").mkdir()
        result = run("import", "空")
        assert (result.exit_code, "没有 .xlsx 或 .csv 表" in result.output) == (1, True)

    def test_a_copy_to_read_cannot_be_returned(self):
        run("export", "表.xlsx", "--no-return")
        result = run("import", "表.xlsx")
        assert (result.exit_code, "没有找到行标识" in result.output) == (1, True)

    def test_csv_in_gb18030(self):
        run("export", "表.csv", "--encoding", "gb18030", "--no-return")
        rows = list(csv.reader(io.StringIO(Path("表.csv").read_text("gb18030"))))
        assert tuple(rows[0]) == COLUMNS

    @pytest.mark.parametrize(
        ("args", "expected"),
        [
            ("export 分发.xlsx --split-by unit", "按单位分表时请写 .zip 文件或文件夹"),
            ("export --split-by unit 分发.rar", "按单位分表时请写 .zip 文件或文件夹"),
            ("export 分发.zip", "类型不支持"),
            ("export 分发.zip --split-by 人", "可选：unit。"),
            ("export 表.csv --encoding big5", "可选：utf-8、gb18030"),
        ],
    )
    def test_wrong_usage(self, args, expected):
        result = run(*args.split())
        assert result.exit_code == 2
        assert expected in result.output

    def test_control_characters_do_not_reach_the_terminal(self):
        run("export", "表.csv")
        text = Path("表.csv").read_text("utf-8-sig").replace("未开始,,", "\x1b]0;x\x07已完,,", 1)
        Path("交回.csv").write_text(text, "utf-8")
        output = run("import", "交回.csv").output
        assert "unreadable" not in output
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f]", output)


def test_handouts_come_back_as_they_went_in(ledger, handed_out):
    token = row_id_of(handed_out[1][-1]).token
    known = known_handout(ledger, token)
    assert [known.handout.row_id(task) for task in range(1, 6)] == [row[-1] for row in handed_out[1:]]
