"""Whoever changes as much as one byte of a ledger past the program is found out, and told where."""

from __future__ import annotations

import json
import random
import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from extractor.cli import cli
from extractor.export import wording
from extractor.export.history import finding
from extractor.ledger import Ledger
from extractor.ledger.audit import CHECKS, HeadError, Verification, verify
from extractor.ledger.corrections import correct, take_in
from extractor.ledger.events import event_of, row_of
from extractor.model import LeftOut
from tests.helpers.documents import document, item, quoted
from tests.helpers.ledgers import full_ledger

UNSEEN = {
    (
        "_sqlite_migrations",
        "applied_at",
    ),  # when a migration was made rests on nothing, and nothing rests on it
    ("search_idx", "segid"),  # of an index of one page nobody looks into this: see the test with a larger one
    ("search_idx", "term"),
}
ROWS_UNSEEN = {"search_idx"}
OF_ITEMS = {"measures", "units", "deadlines", "frequencies"}


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Path:
    """A ledger with rows in every table."""
    return full_ledger(tmp_path_factory.mktemp("whole") / "台账.db")


@pytest.fixture
def copy(whole, tmp_path) -> Path:
    return Path(shutil.copy(whole, tmp_path / "台账.db"))


def verified(path: Path, **more: str) -> Verification:
    with Ledger.open(path) as ledger:
        return verify(ledger, **more)


def tampered(path: Path, *statements: str) -> Verification:
    """What `verify` says after somebody has run `statements` with plain sqlite3."""
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA ignore_check_constraints = ON")
        for statement in statements:
            db.execute(statement)
        db.commit()
    return verified(path)


def made() -> dict[str, list[str]]:
    """The tables of a ledger with their columns."""
    with Ledger.in_memory() as ledger:
        return {
            name: [column.name for column in ledger.db.table(name).columns]
            for name in [*ledger.db.table_names(), "sqlite_sequence"]
        }


TABLES = made()
COLUMNS = [
    (table, column)
    for table, columns in TABLES.items()
    for column in columns
    if (table, column) not in UNSEEN
]


def one_row(db: sqlite3.Connection, table: str) -> str:
    """The condition that only the last row of a table meets."""
    key = ", ".join(row[1] for row in db.execute(f"PRAGMA table_info({table})") if row[5]) or "rowid"
    return f"({key}) = (SELECT {key} FROM {table} ORDER BY {key} DESC LIMIT 1)"


def names_it(found: Verification, table: str) -> bool:
    """Whether one of the first findings is about the table, or what its rows are part of."""
    names = {one.table for one in found.findings} | {
        str(one.found).rpartition(" ")[2] for one in found.findings
    }
    return bool(names & {table, "items" if table in OF_ITEMS else "", table.partition("_")[0]})


def test_a_ledger_that_was_only_used_holds(whole):
    found = verified(whole)
    assert (found.findings, found.unchecked) == ((), ())
    assert found.counts == {"documents": 2, "tasks": 3, "values": 18, "attachments": 1, "events": 10}


def test_every_table_has_a_row_to_tamper_with(whole):
    with closing(sqlite3.connect(whole)) as db:
        empty = {table for table in TABLES if not db.execute(f"SELECT 1 FROM {table}").fetchone()}
    assert empty == set()


ANOTHER = {
    "integer": "{0} + 1000",
    "text": "{0} || '甲'",
    "blob": "CAST(substr({0}, 1, length({0}) - 1) || x'ff' AS BLOB)",
    "null": "1",
}
"""A value that differs as little as can be from one of that type."""


@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_a_changed_value_is_found_and_named(copy, table, column):
    with closing(sqlite3.connect(copy)) as db:
        where = one_row(db, table)
        (kind,) = db.execute(f'SELECT typeof("{column}") FROM {table} WHERE {where}').fetchone()
    value = ANOTHER[kind].format(f'"{column}"')
    found = tampered(copy, f'UPDATE {table} SET "{column}" = {value} WHERE {where}')
    assert not found.holds
    assert names_it(found, table), found.findings[0]


@pytest.mark.parametrize("table", sorted(TABLES.keys() - ROWS_UNSEEN))
def test_a_dropped_row_is_found_and_named(copy, table):
    with closing(sqlite3.connect(copy)) as db:
        where = one_row(db, table)
    found = tampered(copy, f"DELETE FROM {table} WHERE {where}")
    assert not found.holds


@pytest.mark.parametrize(
    ("statement", "table"),
    [
        ("INSERT INTO units SELECT 900, item, quote, role, inherited, measure, rule, span_start, span_end FROM units WHERE id = 1", "items"),
        ("INSERT INTO items SELECT 900, document, '9', parent, part, number, heading, kind, reason, place, quote, span_start, span_end FROM items WHERE id = 3", "items"),
        ("INSERT INTO left_out SELECT 900, document, reason, quote, span_start, span_end FROM left_out WHERE id = 1", "left_out"),
        ("INSERT INTO documents SELECT 9, 'ab', name, media, encoding, title, issuer, doc_number, issued_on, kind, year, added_at, text, data FROM documents WHERE id = 1", "documents"),
        ("INSERT INTO tasks SELECT 9, document, item, origin, standing, successor, span_start, span_end FROM tasks WHERE id = 1", "tasks"),
        ("INSERT INTO tracking SELECT 2, status, percent, progress, completed_on, remarks FROM tracking", "tracking"),
        ("INSERT INTO blobs VALUES ('ab', x'00')", "blobs"),
        ("INSERT INTO task_dates SELECT * FROM task_dates WHERE rowid = 1", "task_dates"),
        ("INSERT INTO search (rowid, heading, body, units) VALUES (99, '甲', '甲', '甲')", "search"),
        ("CREATE TRIGGER quiet AFTER INSERT ON tracking BEGIN DELETE FROM ticks; END", "sqlite_master"),
        ("CREATE TABLE more (x)", "sqlite_master"),
        ("DROP INDEX tasks_item", "sqlite_master"),
        ("DROP VIEW evidence", "sqlite_master"),
    ],
)  # fmt: skip
def test_what_was_slipped_in_or_taken_away_is_found(copy, statement, table):
    found = tampered(copy, statement)
    assert not found.holds
    assert found.findings[0].table == table


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        # what an auditor reads: the document, where in it, what
        (
            "UPDATE units SET role = 'cooperating' WHERE id = (SELECT max(id) FROM units)",
            "【原件与读入内容】文件 2“食堂.txt”第1行条目 1或其单位、时限、频次与读入时不符",
        ),
        (
            "UPDATE documents SET data = x'00' WHERE id = 2",
            "【原件与读入内容】文件 2“食堂.txt”原件与读入时不符",
        ),
        (
            "UPDATE documents SET text = replace(text, '食堂', '饭堂') WHERE id = 2",
            "【原件与读入内容】文件 2“食堂.txt”原文文字与读入时不符",
        ),
        (
            "UPDATE documents SET title = '别的' WHERE id = 2",
            "【原件与读入内容】文件 2“食堂.txt”文件的标题、文号等信息与读入时不符",
        ),
        (
            "UPDATE tracking SET percent = 90",
            "【现状与日志】任务 1 的进展登记的“进度”是“90”，按日志应为“50”",
        ),
        ("DELETE FROM ticks", "【现状与日志】完成登记第 1 条不在了，日志中没有删去它的记录"),
        ("UPDATE events SET actor = '李四' WHERE sequence = 5", "【日志链】第5号的内容与其校验值不符，记录被改动"),
        ("DELETE FROM events WHERE sequence = 5", "【日志链】缺少第5号，下一条是第6号"),
        ("UPDATE blobs SET data = x'00'", "【原件与读入内容】附件内容与其校验值"),
        ("UPDATE task_dates SET due = '2023-09-01' WHERE task = 1", "【推算内容】任务的日期（推算）第 1 条与重新推算的不一致"),
        ("UPDATE tracking SET status = '完成'", "【数据库文件】进展登记中有不合规定的值（CHECK constraint failed"),
        ("DELETE FROM organizations WHERE id = 1", "【数据库文件】"),
        ("DROP VIEW evidence", "【数据库结构】缺少“evidence”"),
    ],
)  # fmt: skip
def test_what_an_auditor_reads(copy, statement, said):
    assert finding(tampered(copy, statement).findings[0]).startswith(said)


def test_every_finding_can_be_said(copy):
    """No check has a finding without words: one after the other everything is spoilt."""
    for table, column in ((table, column) for table, columns in TABLES.items() for column in columns[-2:]):
        fresh = copy.with_name("一.db")
        shutil.copy(copy, fresh)
        with closing(sqlite3.connect(fresh)) as db:
            where = one_row(db, table)
        found = tampered(fresh, f'UPDATE OR REPLACE {table} SET "{column}" = 7 WHERE {where}')
        for one in found.findings:
            assert finding(one).startswith(f"【{wording.CHECKS[one.check]}】")
    assert set(wording.CHECKS) == set(CHECKS)


class TestTheLog:
    def test_the_same_moment_written_otherwise(self, copy):
        """JSON or time that mean the same are still other characters."""
        for column, old, new in (("at", "+00:00", "Z"), ("before", "{", "{ "), ("after", "}", "} ")):
            statement = f"UPDATE events SET {column} = replace({column}, '{old}', '{new}') WHERE sequence = 2"
            found = tampered(copy, statement)
            assert (found.findings[0].table, found.findings[0].row) == ("events", 2)

    def test_a_forged_event_does_not_fit_the_next(self, copy):
        """Whoever also makes the hash anew breaks the chain one event further."""
        with Ledger.open(copy) as ledger:
            (row,) = ledger.db.query("SELECT * FROM events WHERE sequence = 4")
            row["actor"] = "李四"
            forged = event_of(row)
            row["hash"] = forged.digest()
            ledger.db.table("events").update(4, row_of(event_of(row)))
            found = verify(ledger)
        assert [(one.row, one.problem) for one in found.findings] == [(5, "out_of_order")]

    def test_a_log_cut_off_at_the_end_is_seen_by_a_head_noted_before(self, copy):
        head = verified(copy).head
        assert head is not None
        noted = f"{head.sequence}:{head.hash[:16]}"
        assert verified(copy, head=noted).holds
        assert verified(copy, head=head.hash).holds
        found = tampered(copy, "DELETE FROM events WHERE sequence = 10", "DELETE FROM people")
        assert found.holds  # nothing in the file tells of it
        found = verified(copy, head=noted)
        assert [(one.check, one.problem, one.row) for one in found.findings] == [("events", "missing", 10)]

    def test_what_is_no_head(self, whole):
        with pytest.raises(HeadError, match="不是链头"):
            verified(whole, head="12号")


def test_text_that_is_no_text_is_found_and_does_not_stop_the_check(copy):
    """One byte of a character changed: what is left is not UTF-8."""
    for table, column in (
        ("items", "quote"),
        ("documents", "text"),
        ("tracking", "progress"),
        ("names", "name"),
    ):
        fresh = Path(shutil.copy(copy, copy.with_name(f"{table}.db")))
        statement = f"UPDATE {table} SET {column} = CAST(substr(CAST({column} AS BLOB), 2) AS TEXT)"
        found = tampered(fresh, statement)
        assert not found.holds
        assert names_it(found, table)


def test_an_index_of_several_pages_that_finds_less_than_is_there(tmp_path):
    path = tmp_path / "台账.db"
    text = "".join(
        f"（{n}）{''.join(chr(0x4E00 + (n * 97 + k * 31) % 6000) for k in range(40))}。\n" for n in range(150)
    )
    lines = text.split("\n")[:-1]
    with Ledger.create(path) as ledger:
        ledger.add(document(text, [item(text, line, id=str(n)) for n, line in enumerate(lines)]))
    with closing(sqlite3.connect(path)) as db:
        (pages,) = db.execute("SELECT count(*) FROM search_idx").fetchone()
    assert pages > 2
    found = tampered(path, "DELETE FROM search_idx WHERE pgno = (SELECT max(pgno) FROM search_idx)")
    assert found.findings[0].table == "search"


READ_BY_NOBODY = {
    "_sqlite_migrations",  # when a migration was made
    "search_data",  # what an index still has of tasks that have been indexed anew
}


def content(path: Path) -> list[str]:
    """What anybody can ask a ledger for."""
    with closing(sqlite3.connect(path)) as db:
        db.text_factory = bytes
        return [
            repr(row)
            for table in TABLES.keys() - READ_BY_NOBODY
            for row in db.execute(f"SELECT * FROM {table}")
        ]


@pytest.mark.parametrize("seed", range(60))
def test_any_byte_of_the_file(whole, copy, seed):
    """Some byte of the file becomes another: either nobody who asks gets another answer, or the change is found."""
    rng = random.Random(seed)
    data = bytearray(whole.read_bytes())
    data[rng.randrange(100, len(data))] ^= 1 << rng.randrange(8)
    copy.write_bytes(data)
    try:
        found = verified(copy)
    except Exception as error:
        assert "台账" in str(error)  # told in one line that it is damaged
        return
    if found.holds:
        assert content(copy) == content(whole)


class TestTheCommand:
    def run(self, *args: object) -> Result:
        return CliRunner().invoke(cli, [str(arg) for arg in args], prog_name="taizhang")

    def test_a_ledger_that_holds(self, copy):
        result = self.run("verify", "--ledger", copy)
        assert result.exit_code == 0
        assert "已核查：文件 2、任务 3、取值 18、附件 1、日志 10。" in result.output
        assert "结果：完好" in result.output

    def test_one_that_does_not(self, copy):
        tampered(copy, "UPDATE tracking SET percent = 90, remarks = '改'")
        result = self.run("verify", "--ledger", copy)
        assert result.exit_code == 1
        assert "结果：不符，共 2 处。第一处：\n  【现状与日志】任务 1 的进展登记的“进度”" in result.output
        assert "未核查：推算内容" in result.output

    def test_for_programs(self, copy):
        tampered(copy, "UPDATE units SET quote = '县教委' WHERE id = 1")
        result = self.run("verify", "--ledger", copy, "--json")
        data = json.loads(result.stdout)
        assert (result.exit_code, data["holds"], data["total"]) == (1, False, 2)
        assert data["findings"][1]["expected"] == "县应急局"

    def test_a_copy_that_may_only_be_read(self, copy, monkeypatch):
        monkeypatch.setattr("extractor.ledger.ledger._may_write", lambda path: False)
        before = copy.read_bytes()
        assert self.run("verify", "--ledger", copy).exit_code == 0
        assert (copy.read_bytes(), [copy]) == (before, list(copy.parent.iterdir()))

    def test_what_is_derived_can_be_made_anew(self, copy):
        tampered(copy, "DELETE FROM search", "DELETE FROM task_units")
        assert self.run("verify", "--ledger", copy).exit_code == 1
        assert self.run("verify", "--ledger", copy, "--rebuild").exit_code == 0


class TestCoverage:
    @pytest.fixture
    def path(self, tmp_path) -> Path:
        text = "关于做好值守的通知\n一、县应急局要做好值守。\n二、县教育局要在6月底前检查食堂。\n三、总体要求。各镇要提高认识。\n请认真执行。\n"
        lines = text.split("\n")
        path = tmp_path / "台账.db"
        with Ledger.create(path) as ledger:
            ledger.add(
                document(
                    text,
                    [
                        item(text, lines[1]),
                        item(text, lines[2], id="2", number="二"),
                        item(text, lines[3], id="3", number="三", kind="context"),
                    ],
                    name="值守.txt",
                    left_out=(
                        LeftOut(quoted(text, lines[0]), lines[0], "title"),
                        LeftOut(quoted(text, lines[4]), lines[4], "closing"),
                    ),
                )
            )
        return path

    def run(self, *args: object) -> Result:
        return CliRunner().invoke(cli, ["coverage", *map(str, args)], prog_name="taizhang")

    def rows(self, *args: object) -> list[list[str]]:
        lines = self.run(*args).output.split("\n")
        return [line.split() for line in lines if re.match(r"第\d+行", line)]

    def test_every_sentence_with_what_became_of_it(self, path):
        rows = self.rows("值守", "--ledger", path)
        assert [row[1:3] for row in rows] == [
            ["未采用", "关于做好值守的通知"],
            ["任务", "1"],
            ["任务", "2"],
            ["背景", "三、总体要求。"],
            ["背景", "各镇要提高认识。"],
            ["未采用", "请认真执行。"],
            # and again, as one to look at
            ["背景", "各镇要提高认识。"],
        ]
        output = self.run("值守", "--ledger", path).output
        assert re.search(r"全文 +\d+ +\d+", output)
        assert "像任务而未列为任务的句子 1 处，请逐句核对：" in output

    def test_what_people_decided_counts(self, path):
        with Ledger.open(path) as ledger:
            correct(ledger, 2, kind="context", reason="不是任务")
            text = ledger.document(1).source.text
            take_in(ledger, 1, quoted(text, "各镇要提高认识。"), reason="是任务")
        rows = self.rows(1, "--suspicious", "--ledger", path)
        assert [row[1:3] for row in rows] == [["背景", "二、县教育局要在6月底前检查食堂。"]]
        rows = self.rows(1, "--ledger", path)
        assert ["任务", "3", "各镇要提高认识。"] in [row[1:4] for row in rows]
        assert next(row[-1] for row in rows if row[2].startswith("二、")) == "人工判定"

    def test_for_programs(self, path):
        data = json.loads(self.run(1, "--json", "--ledger", path).stdout)
        assert "".join(sentence["quote"] for sentence in data).endswith("请认真执行。\n")
        assert [sentence["task"] for sentence in data if sentence["task"]] == [1, 2]

    def test_an_unknown_document(self, path):
        result = self.run("没有", "--ledger", path)
        assert (result.exit_code, "没有文件“没有”" in result.output) == (1, True)


def test_the_evidence_for_other_tools(copy, tmp_path):
    def run(*args: object) -> Result:
        return CliRunner().invoke(cli, ["annotations", *map(str, args)], prog_name="taizhang")

    target = tmp_path / "依据.jsonld"
    result = run(target, "--ledger", copy)
    assert result.output == f"已写出“{target}”：2 份文件的原文依据。\n"
    everything = json.loads(target.read_text("utf-8"))
    assert run(target, "--ledger", copy, "--document", "食堂").exit_code == 0
    assert 0 < json.loads(target.read_text("utf-8"))["total"] < everything["total"]
    assert run(tmp_path / "依据.txt", "--ledger", copy).exit_code == 2
