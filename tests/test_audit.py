"""Whoever changes as much as one byte of a ledger past the program is found out, and told where."""

from __future__ import annotations

import ast
import hashlib
import json
import random
import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlite_utils import Database

import extractor
from extractor.cli import cli
from extractor.export import wording
from extractor.export.history import finding
from extractor.ledger import Ledger, LedgerError, derived, schema
from extractor.ledger.actions import ACTIONS
from extractor.ledger.audit import CHECKS, HeadError, Verification, verify
from extractor.ledger.backup import backup
from extractor.ledger.corrections import correct, take_in
from extractor.ledger.events import canonical, event_of, row_of
from extractor.ledger.seals import ABOUT_TABLES, seals_of
from extractor.ledger.tracking import record
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
        ("INSERT INTO document_forms VALUES (1, '甲', '甲')", "document_forms"),
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

    @pytest.mark.parametrize(
        "head",
        [
            "12号",
            "3fa94c0e",  # so many digits an event can be made to have
            "10:3fa94c0e",
        ],
    )
    def test_what_is_no_head(self, whole, head):
        with pytest.raises(HeadError, match="不是链头"):
            verified(whole, head=head)


Rows = dict[str, dict[int, dict[str, object]]]


def append_event(db: sqlite3.Connection, before: Rows, after: Rows, action: str, subject: str) -> None:
    """Write down what was done past the program as the program would, with a hash that fits."""
    sequence, previous = db.execute("SELECT max(sequence), hash FROM events").fetchone()
    rows = [
        {table: {str(n): some.get(table, {}).get(n) for n in before.get(table, {}) | after.get(table, {})}
         for table in before | after}
        for some in (before, after)
    ]  # fmt: skip
    said = [sequence + 1, "2030-01-01T00:00:00.000000+00:00", "张三", action, subject, ""]
    digest = hashlib.sha256(canonical([*said, *rows, previous]).encode()).hexdigest()
    values = [*said, *map(canonical, rows), previous, digest]
    db.execute(f"INSERT INTO events VALUES ({', '.join('?' * len(values))})", values)


def rows_of(db: sqlite3.Connection, table: str, where: str = "1") -> dict[int, dict[str, object]]:
    """The rows of a kept table by their numbers."""
    return {row.pop("id"): row for row in Database(db).query(f"SELECT * FROM {table} WHERE {where}")}


class TestAForgedEvent:
    """Whoever alters the ledger and appends an event that says so, with a hash that fits, breaks no chain."""

    @pytest.fixture
    def db(self, copy):
        with closing(sqlite3.connect(copy, isolation_level=None)) as db:
            yield db

    @pytest.fixture
    def found(self, copy):
        """What verify says, with the head that was noted before."""
        head = verified(copy).head
        assert head is not None

        def found() -> list[tuple[str, str, object]]:
            with Ledger.open(copy) as ledger:
                derived.refresh_all(ledger)
            result = verified(copy, head=f"{head.sequence}:{head.hash[:16]}")
            return [(one.check, one.problem, one.found) for one in result.findings]

        return found

    def test_an_event_that_says_what_was_done_is_as_good_as_any(self, db, found):
        before = rows_of(db, "tracking")
        db.execute("UPDATE tracking SET percent = 60")
        append_event(db, {"tracking": before}, {"tracking": rows_of(db, "tracking")}, "record", "task:1")
        assert found() == []

    @pytest.mark.parametrize("action", sorted(ACTIONS))
    def test_the_seals_of_a_document_hold_for_good(self, db, found, action):
        before = rows_of(db, "document_states", "id = 1")
        for table, column in (
            ("documents", "text"),
            ("items", "quote"),
            ("deadlines", "quote"),
            ("document_evidence", "quote"),
            ("left_out", "quote"),
        ):
            db.execute(f"UPDATE {table} SET {column} = replace({column}, '8月底前', '9月底前')")
        db.execute("UPDATE deadlines SET due = '2023-09-30' WHERE due = '2023-08-31'")
        (text,) = db.execute("SELECT text FROM documents WHERE id = 1").fetchone()
        data = text.encode()
        digest = hashlib.sha256(data).hexdigest()
        db.execute("UPDATE documents SET data = ?, sha256 = ? WHERE id = 1", [data, digest])
        db.execute(
            "UPDATE document_states SET seals = ? WHERE id = 1", [canonical(seals_of(Database(db), 1))]
        )
        after = rows_of(db, "document_states", "id = 1")
        assert after != before
        append_event(db, {"document_states": before}, {"document_states": after}, action, "task:1")
        said = found()
        assert said[0] == ("events", "overreaching", "document_states 1")
        assert {check for check, _, _ in said} >= {"originals"}

    @pytest.mark.parametrize("action", sorted(ACTIONS))
    def test_a_document_does_not_go(self, db, found, action):
        db.execute("PRAGMA foreign_keys = OFF")
        gone: Rows = {}

        def take(table: str, where: str) -> None:
            gone[table] = gone.get(table, {}) | rows_of(db, table, where)
            db.execute(f"DELETE FROM {table} WHERE {where}")

        for task in rows_of(db, "tasks", "document = 2"):
            for table in ("corrections", "ticks", "attachments", "returns"):
                take(table, f"task = {task}")
            for table in ("tracking", "reviews", "tasks"):
                take(table, f"id = {task}")
            for table in ("task_units", "task_dates", "task_texts"):
                db.execute(f"DELETE FROM {table} WHERE task = {task}")
            db.execute(f"DELETE FROM search WHERE rowid = {task}")
        take("document_states", "id = 2")
        for number in rows_of(db, "items", "document = 2"):
            for table in OF_ITEMS:
                db.execute(f"DELETE FROM {table} WHERE item = {number}")
        for table in ("items", "document_forms", *ABOUT_TABLES):
            db.execute(f"DELETE FROM {table} WHERE document = 2")
        db.execute("DELETE FROM documents WHERE id = 2")
        append_event(db, gone, {}, action, "document:2")
        said = found()
        assert ("events", "overreaching", "document_states 2") in said
        assert ("events", "overreaching", "tasks 3") in said

    @pytest.mark.parametrize(
        ("action", "table", "allowed"),
        [
            ("undo", "handouts", False),
            ("undo", "people", False),
            ("undo", "tracking", True),
            ("untick", "ticks", True),
            ("record", "ticks", False),
            ("forget_event", "occasions", True),
            ("unheard_of", "ticks", False),
        ],
    )
    def test_only_what_an_action_takes_out_goes(self, db, found, action, table, allowed):
        gone = {table: rows_of(db, table)}
        db.execute("PRAGMA foreign_keys = OFF")
        if table == "handouts":
            gone["returns"] = rows_of(db, "returns")
            db.execute("DELETE FROM returns")
        db.execute(f"DELETE FROM {table}")
        append_event(db, gone, {}, action, "ledger")
        said = {problem for _, problem, _ in found()}
        assert said == (set() if allowed else {"overreaching"})

    def test_what_is_said_of_it(self, copy, db):
        before = rows_of(db, "people")
        db.execute("DELETE FROM people")
        append_event(db, {"people": before}, {}, "change_person", "person:1")
        assert finding(verified(copy).findings[0]) == (
            "【日志链】第11号改动了这类操作不会改动的内容（人员 1），不是本工具所记"
        )


def test_every_action_of_the_program_is_known():
    """By its name, in every place where a change is made, and in words."""
    sources = Path(extractor.__file__).parent.rglob("*.py")
    calls = [
        node
        for source in sources
        for node in ast.walk(ast.parse(source.read_text("utf-8")))
        if isinstance(node, ast.Call)
    ]
    made = {
        call.args[0].value
        for call in calls
        if isinstance(call.func, ast.Attribute) and call.func.attr == "change" and call.args
        if isinstance(call.args[0], ast.Constant)
    }
    appended = {
        word.value.value
        for call in calls
        if isinstance(call.func, ast.Name) and call.func.id == "append"
        for word in call.keywords
        if word.arg == "action" and isinstance(word.value, ast.Constant)
    }
    assert made | appended == set(ACTIONS) == set(wording.ACTIONS)
    assert {table for ways in ACTIONS.values() for table in ways} == set(schema.KEPT)


def test_no_event_is_written_that_would_not_hold(copy):
    with Ledger.open(copy) as ledger:
        with pytest.raises(AssertionError), ledger.change("record", "task:1") as change:
            change.drop("ticks", 1)
        assert verify(ledger).holds


class TestATrigger:
    """SQLite runs it with each change; it may bear the name of an index."""

    MADE = """CREATE TRIGGER {} AFTER UPDATE ON tracking WHEN new.percent = 60
        BEGIN UPDATE tracking SET percent = 100, status = 'done' WHERE id = new.id; END"""

    @pytest.mark.parametrize("name", ["quiet", "task_dates_due", "sqlite_stat_quiet"])
    @pytest.mark.parametrize("first", [False, True])
    def test_by_whatever_name_and_wherever_it_stands(self, copy, name, first):
        with closing(sqlite3.connect(copy, isolation_level=None)) as db:
            db.execute(self.MADE.format("made" if name.startswith("sqlite") else name))
            db.execute("PRAGMA writable_schema = ON")
            db.execute(
                "UPDATE sqlite_master SET name = ?, sql = ? WHERE type = 'trigger'",
                [name, self.MADE.format(name)],
            )
            if first:
                highest = "SELECT max(rowid) FROM sqlite_master"
                (last,) = db.execute(highest).fetchone()
                index = "UPDATE sqlite_master SET rowid = ? WHERE name = 'task_dates_due' AND type = 'index'"
                db.execute(index, [last + 1])
        found = verified(copy)
        assert [(one.check, one.problem, one.row) for one in found.findings] == [("tables", "unknown", name)]
        with Ledger.open(copy) as ledger:
            before = list(ledger.db.query("SELECT * FROM tracking"))
            with pytest.raises(LedgerError, match=r"触发器.*未作改动.*taizhang verify"):
                record(ledger, [1], percent=60)
            assert list(ledger.db.query("SELECT * FROM tracking")) == before


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


class TestWhoMayOnlyRead:
    """An auditor's view of a ledger that others are using."""

    @pytest.fixture(autouse=True)
    def only_reading(self, copy, monkeypatch):
        with Ledger.open(copy, actor="李四") as office:
            # What was recorded stands in the -wal alone as long as somebody has the ledger open.
            record(office, [2], status="done")
            monkeypatch.setattr("extractor.ledger.ledger._may_write", lambda path: False)
            yield

    def test_sees_the_latest_changes(self, copy):
        with Ledger.open(copy) as ledger:
            found = verify(ledger)
            assert (found.holds, found.counts["events"]) == (True, 11)
            assert ledger.task(2).tracking.status == "done"

    def test_is_told_where_these_cannot_be_seen(self, copy, tmp_path):
        alone = tmp_path / "只读" / "台账.db"
        alone.parent.mkdir()
        shutil.copy(copy, alone)
        alone.with_name("台账.db-wal").mkdir()  # what nobody can read, whoever it is that runs the test
        with pytest.raises(LedgerError, match=r"最近的改动还在旁边的“台账\.db-wal”中，这里无权读取"):
            Ledger.open(alone)

    def test_a_copy_that_nobody_uses_is_left_alone(self, whole, tmp_path):
        alone = tmp_path / "只读" / "台账.db"
        alone.parent.mkdir()
        shutil.copy(whole, alone)
        assert verified(alone).holds
        assert list(alone.parent.iterdir()) == [alone]

    def test_a_backup_is_read_like_any_file(self, copy, tmp_path):
        target = tmp_path / "备份" / "台账.db"
        with Ledger.open(copy) as ledger:
            backup(ledger, target)
        assert verified(target).counts["events"] == 11
        assert list(target.parent.iterdir()) == [target]


class TestAsItIs:
    """Who verifies a ledger changes nothing of it, and above all writes nothing into its log."""

    def test_not_a_byte_changes(self, copy, tmp_path):
        target = tmp_path / "备份" / "台账.db"
        with Ledger.open(copy) as ledger:
            backup(ledger, target)
        before = target.read_bytes()
        with Ledger.open(target, as_it_is=True) as ledger:
            assert verify(ledger).holds
            with pytest.raises(LedgerError):
                record(ledger, [1], percent=60)
        assert target.read_bytes() == before
        assert list(target.parent.iterdir()) == [target]

    @pytest.mark.parametrize("as_it_is", [True, False])
    def test_a_document_that_was_slipped_in_is_not_taken_up(self, copy, as_it_is):
        """Whatever version the file says it has: it had its log, and the log does not know of the document."""
        with closing(sqlite3.connect(copy, isolation_level=None)) as db:
            db.execute(
                """INSERT INTO documents SELECT 9, 'ab', '伪造.txt', media, encoding, title, issuer, doc_number, issued_on,
                kind, year, added_at, text, data FROM documents WHERE id = 1"""
            )
            (last,) = db.execute("SELECT max(id) FROM items").fetchone()
            db.execute(
                f"""INSERT INTO items SELECT id + {last}, 9, outline_id, parent, part, number, heading, kind, reason, place,
                quote, span_start, span_end FROM items WHERE document = 1"""
            )
            db.execute(f"PRAGMA user_version = {schema.VERSION - 1}")
        for _ in range(2):
            with Ledger.open(copy, actor="王五", as_it_is=as_it_is) as ledger:
                found = [(one.table, one.problem, one.row) for one in verify(ledger).findings]
                assert ("sqlite_master", "altered", "user_version") in found
                assert ("documents", "unknown", 9) in found
                assert not ledger.db.execute("SELECT 1 FROM events WHERE actor = '王五'").fetchone()
                assert not ledger.db.execute("SELECT 1 FROM tasks WHERE document = 9").fetchone()


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
