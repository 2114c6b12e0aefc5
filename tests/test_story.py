"""A year with the ledger, through the command alone: from the circulars that arrive to the auditor who trusts nothing."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import zipfile
from pathlib import Path

import icalendar
import pytest
from click.testing import CliRunner, Result
from openpyxl import Workbook, load_workbook

from extractor.cli import cli
from tests.conftest import CORPUS

BUSINESS = "01-work-points-brackets.txt"
"""临澜市2023年优化营商环境工作要点: twelve tasks."""
REVISIONS = (
    ("6月底前上线“一件事”主题服务20项", "7月底前上线“一件事”主题服务20项"),
    (
        "（四）落实助企纾困政策。编制惠企政策“明白纸”，推行免申即享，4月15日前完成首批政策上线，督促企业如实填报信息。（牵头单位：市财政局；责任单位：市税务局、市工业和信息化局）\n",
        "",
    ),
    (
        "四、强化组织保障\n",
        "四、强化组织保障\n（新）发布年度白皮书。11月底前发布营商环境白皮书。（牵头单位：市统计局）\n",
    ),
)
"""A deadline that moved, a task that was dropped, a task that is new."""

Rows = list[list[object]]


def run(*args: object, actor: str = "王敏", code: int = 0) -> Result:
    """Run the command as `actor`; its exit code must be `code`."""
    result = CliRunner().invoke(
        cli, [str(arg) for arg in args], env={"TAIZHANG_ACTOR": actor}, prog_name="taizhang"
    )
    assert result.exit_code == code, result.output
    return result


def table(path: Path) -> Rows:
    """The table in a file that went out, its header first."""
    return [list(row) for row in load_workbook(path).worksheets[0].iter_rows(values_only=True)]


def sent_back(path: Path, rows: Rows) -> Path:
    """The file that the unit sends back: a plain workbook with these rows."""
    book = Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    book.save(path)
    return path


def filled_in(rows: Rows, **words: object) -> Rows:
    """Each row of the table with `words` in the columns of those names."""
    header, *tasks = rows
    for row in tasks:
        for title, value in words.items():
            row[header.index(title)] = value
    return [header, *tasks]


def numbers(rows: Rows) -> list[object]:
    return [row[0] for row in rows[1:]]


def ledger_rows(query: str) -> list[tuple[object, ...]]:
    with sqlite3.connect("台账.db") as db:
        return db.execute(query).fetchall()


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an office at the end of the year; what happened on the way is checked as it happens."""
    folder = tmp_path_factory.mktemp("办公室")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("TAIZHANG_LEDGER", "台账.db")
        live_through()
    return folder


def live_through() -> None:
    # circulars arrive
    for circular in CORPUS.glob("*.txt"):
        shutil.copy(circular, ".")
    assert "共 11 份文件，118 项任务" in run("ingest", ".", actor="小李").output
    assert run("ingest", BUSINESS, actor="小李").output.count("未改动") == 1

    # two names of one unit
    merged = run("units", "merge", "临澜市大数据管理局", "临澜市知识产权局", "--reason", "机构改革").output
    assert "已把“临澜市知识产权局”并入" in merged
    assert "市知识产权局" in run("units", "--text", "大数据").output

    # a value that was read wrongly
    run("correct", 9, "--due", "2023-10-31", "--reason", "市政府第20次常务会议纪要")
    assert "2023-10-31" in run("trace", 9).output

    hand_out_and_take_back()

    # what recurs, and what waits for an event
    occurrences = run("occurrences", 7).output
    assert "2023-06-30" in occurrences
    run("tick", 7, "2023-06-30", "--note", "6月28日举办")
    run("tick", 7, "2023-06-29", code=1)  # no such occurrence
    assert "汛期" in run("event").output
    run("event", "汛期", "2024-05-15")
    assert ledger_rows("SELECT due FROM task_dates WHERE due = '2024-05-14'")

    take_in_the_revised_circular()

    # what is late on a given day
    late = run("due", "--as-of", "2023-08-01", "--within", "0", "--document", "优化营商环境").output
    assert "逾期" in late
    assert "推进“一件事”集成办理" in late  # by the moved deadline, 31 July
    assert (
        "推进“一件事”集成办理"
        not in run(
            "due", "--as-of", "2023-07-31", "--within", "0", "--document", "优化营商环境"
        ).output.split("到期")[0]
    )


def hand_out_and_take_back() -> None:
    """Four units get their tables; one sorts its, one moves a column, one deletes a row, one oversteps."""
    run("export", "分发.zip", "--split-by", "unit", "--document", "优化营商环境")
    with zipfile.ZipFile("分发.zip") as package:
        package.extractall("分发")
    names = ("临澜市市场监督管理局", "临澜市营商环境建设局", "临澜市司法局", "临澜市财政局")
    market, business, justice, finance = (table(Path("分发") / f"{name}.xlsx") for name in names)

    header, *tasks = filled_in(market, 状态="进行中", 进展情况="40%，已启动")
    back = [sent_back(Path("市场监管局.xlsx"), [header, *reversed(tasks)])]

    moved = [
        [row[-1], *row[:-1]]
        for row in filled_in(business, 状态="已完成", 完成日期="2023年5月8日", 备注="见通报")
    ]
    back.append(sent_back(Path("营商局.xlsx"), moved))

    kept = filled_in(justice, 状态="进行中", 进展情况="已形成初稿")
    assert len(kept) > 2
    back.append(sent_back(Path("司法局.xlsx"), [*kept[:1], *kept[2:]]))

    overstepping = filled_in(finance, 完成时限="2023-12-31", 进展情况="正在落实")
    back.append(sent_back(Path("财政局.xlsx"), overstepping))

    before = ledger_rows("SELECT count(*) FROM events")
    preview = run("import", *back, "--dry-run", code=1).output
    assert "预览" in preview
    assert ledger_rows("SELECT count(*) FROM events") == before

    said = run("import", *back, "--yes", actor="赵强", code=1).output
    assert "完成时限不由填报单位改动" in said  # told, not applied
    # Two units answer for task 10: what the second says against the first is refused, with both shown.
    refused = next(line for line in said.split("\n") if "未采用" in line and "优化监管方式" in line)
    assert "已启动" in refused
    assert "已形成初稿" in refused
    assert "表中缺少发出的任务 3" in said
    tracked = dict(ledger_rows("SELECT id, status FROM tracking"))
    assert {number for number, status in tracked.items() if status == "done"} == set(numbers(business))
    assert 3 not in tracked
    assert ledger_rows("SELECT completed_on FROM tracking WHERE status = 'done'")[0] == ("2023-05-08",)
    run("import", *back, "--yes", actor="赵强", code=1)
    assert dict(ledger_rows("SELECT id, status FROM tracking")) == tracked


def take_in_the_revised_circular() -> None:
    text = Path(BUSINESS).read_text("utf-8")
    for old, new in REVISIONS:
        assert old in text
        text = text.replace(old, new)
    Path("修订稿.txt").write_text(text, "utf-8")
    before = dict(ledger_rows("SELECT id, status FROM tracking"))
    said = run("ingest", "修订稿.txt", actor="小李").output
    assert "新版本" in said
    assert dict(ledger_rows("SELECT id, status FROM tracking")) == before  # progress is carried over
    assert "2023-10-31" in run("trace", 9).output  # and corrections
    difference = run("diff", BUSINESS, "修订稿.txt").output
    assert "落实助企纾困政策" in difference
    assert "白皮书" in difference
    assert re.search(r"\[-6-\]|\[-6月", difference)
    run("trace", 5)  # the dropped task can still be looked at
    assert "落实助企纾困政策" not in run("tasks", "--document", "优化营商环境").output


class TestTheEndOfTheYear:
    @pytest.fixture(autouse=True)
    def in_the_office(self, year: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(year)
        monkeypatch.setenv("TAIZHANG_LEDGER", "台账.db")

    def test_every_form_can_be_exported(self):
        for name in ("表.xlsx", "表.csv", "表.docx", "表.ics", "表.json", "表.html", "按单位.zip"):
            split = ("--split-by", "unit") if name.endswith(".zip") else ()
            run("export", name, *split)
            assert Path(name).stat().st_size > 1000
        run("export", "国标.csv", "--encoding", "gb18030")
        assert "牵头单位" in Path("国标.csv").read_text("gb18030")

    def test_the_calendar_has_the_dates_of_the_ledger(self):
        run("export", "日历.ics", "--document", "优化营商环境")
        calendar = icalendar.Calendar.from_ical(Path("日历.ics").read_bytes())
        days = {event.decoded("DTSTART").isoformat() for event in calendar.walk("VEVENT")}
        deadlines = ledger_rows(
            "SELECT due FROM task_dates JOIN tasks ON tasks.id = task JOIN documents ON documents.id = document "
            "WHERE task_dates.kind = 'deadline' AND NOT done AND title LIKE '%优化营商环境%'"
        )
        assert deadlines
        assert {day for (day,) in deadlines} <= days

    def test_who_did_what(self):
        assert "赵强" in run("log", "--actor", "赵强").output
        history = run("log", 9).output
        assert "市政府第20次常务会议纪要" in history
        assert "小李" in history  # read in by

    def test_it_is_found_by_words(self):
        assert "营商" in run("search", "营商环境").output

    def test_it_holds(self):
        said = run("verify").output
        assert re.search(r"[0-9a-f]{12}", said)  # the head, to note down

    def test_what_a_sentence_became(self):
        assert "落实助企纾困政策" in run("coverage", BUSINESS).output

    def test_evidence_for_other_programs(self):
        run("annotations", "依据.jsonld")
        assert json.loads(Path("依据.jsonld").read_text("utf-8"))["@context"]

    @pytest.mark.parametrize(
        ("change", "named"),
        [
            ("UPDATE units SET role = 'cooperating' WHERE id = 2", f"“{BUSINESS}”第19行"),
            ("UPDATE deadlines SET due = '2023-06-29' WHERE id = 1", f"“{BUSINESS}”第19行"),
            (
                "UPDATE tracking SET percent = 41 WHERE id = 2",
                "任务 2 的进展登记的“进度”是“41”，按日志应为“40”",
            ),
            ("UPDATE events SET actor = '小王' WHERE sequence = 5", "第5号"),
            ("DELETE FROM events WHERE sequence = 5", "第5号"),
            (
                "UPDATE documents SET data = CAST(replace(CAST(data AS TEXT), '20项', '30项') AS BLOB) WHERE id = 1",
                BUSINESS,
            ),
            ("UPDATE documents SET text = replace(text, '20项', '30项') WHERE id = 1", BUSINESS),
        ],
    )
    def test_a_byte_that_was_changed_is_named(self, change, named, tmp_path, monkeypatch):
        run("backup", tmp_path / "副本.db")
        monkeypatch.setenv("TAIZHANG_LEDGER", str(tmp_path / "副本.db"))
        run("verify")
        with sqlite3.connect(tmp_path / "副本.db") as db:
            assert db.execute(change).rowcount
        assert named in run("verify", code=1).output

    def test_the_office_can_go_back_to_a_copy(self, tmp_path):
        run("backup", tmp_path / "副本.db")
        before = ledger_rows("SELECT * FROM tracking")
        run("record", 7, "--status", "暂缓")
        assert ledger_rows("SELECT * FROM tracking") != before
        run("restore", tmp_path / "副本.db")
        assert ledger_rows("SELECT * FROM tracking") == before
        assert "还原" in run("log", "--limit", 1).output  # going back is written down too
        run("verify")
