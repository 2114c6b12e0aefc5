"""A ledger of an older version is copied, brought up to date, and keeps what people know it by."""

from __future__ import annotations

import hashlib
import multiprocessing
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlite_utils import Database

from extractor.cli import cli
from extractor.ledger import Ledger, LedgerError, NewerLedgerError, schema
from extractor.ledger.audit import verify
from extractor.ledger.history import log
from extractor.ledger.ledger import backup_of_version
from extractor.ledger.tracking import record
from tests.helpers.documents import document
from tests.helpers.documents import item as task_item

BEFORE_EVENTS = 5
TEXT = "关于做好值守的通知\n一、县应急局每月检查，8月底前报送。\n二、县教育局要做好值守。\n三、总体要求。"
NUMBERS = {2: 4, 1: 9}
"""The numbers that people know the tasks of the items by: some were taken out, and they are not in the order of the text."""


def before_events(path: Path) -> Path:
    """A ledger as the version before the audit log left it: two documents, with gaps in the numbers of tasks."""
    db = Database(sqlite3.connect(path))
    schema.MIGRATIONS.apply(db, stop_before="events_and_what_they_keep")
    db.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
    db.execute(f"PRAGMA user_version = {BEFORE_EVENTS}")
    with db.conn:
        for number, (title, items) in enumerate((("值守", [1, 2, 3]), ("演练", [])), 1):
            data = f"{title}{TEXT}".encode()
            db.table("documents").insert(
                {
                    "id": number,
                    "sha256": hashlib.sha256(data).hexdigest(),
                    "name": f"{title}.txt",
                    "media": "text/plain",
                    "encoding": "utf-8",
                    "title": f"关于做好{title}工作的通知",
                    "issuer": "东山县应急管理局",
                    "doc_number": f"东应急〔2023〕{number}号",
                    "issued_on": "2023-02-20",
                    "kind": "notice",
                    "year": 2023,
                    "added_at": "2023-03-01T00:00:00+00:00",
                    "text": TEXT,
                    "data": data,
                }
            )
            lines = TEXT.split("\n")
            for item in items:
                start = TEXT.index(lines[item])
                db.table("items").insert(
                    {
                        "id": item,
                        "document": number,
                        "outline_id": str(item),
                        "parent": None,
                        "part": 0,
                        "number": "一二三"[item - 1],
                        "heading": None,
                        "kind": "task" if item < 3 else "context",
                        "reason": "leaf-of-work",
                        "place": f'{{"line": {item + 1}, "column": 1}}',
                        "quote": lines[item],
                        "span_start": start,
                        "span_end": start + len(lines[item]),
                    }
                )
        value = {"inherited": 0, "measure": None, "rule": "subject"}
        at = TEXT.index("县应急局")
        db.table("units").insert(
            {"item": 1, "quote": "县应急局", "role": "lead", "span_start": at, "span_end": at + 4, **value}
        )
        at = TEXT.index("8月底前")
        db.table("deadlines").insert(
            {"item": 1, "quote": "8月底前", "due": "2023-08-31", "event": None, "offset": None, "span_start": at, "span_end": at + 4, **value}
        )  # fmt: skip
        at = TEXT.index("每月")
        db.table("frequencies").insert(
            {"item": 1, "quote": "每月", "period": "P1M", "times": 1, "bound": "exact", "vague": None, "span_start": at, "span_end": at + 2, **value}
        )  # fmt: skip
        for item, number in NUMBERS.items():
            db.table("tasks").insert({"id": number, "item": item})
    db.close()
    return path


@pytest.fixture
def old(tmp_path) -> Path:
    return before_events(tmp_path / "台账.db")


def version(path: Path) -> int:
    with closing(sqlite3.connect(path)) as db:
        return int(db.execute("PRAGMA user_version").fetchone()[0])


def test_numbers_stay_and_everything_holds(old):
    with Ledger.open(old) as ledger:
        assert {task.id: task.item.id for task in ledger.tasks()} == {
            number: str(item) for item, number in NUMBERS.items()
        }
        assert [
            (task.item.quote[:4], task.first_open and str(task.first_open))
            for task in ledger.numbered([9, 4])
        ] == [
            ("一、县应", "2023-02-28"),
            ("二、县教", None),
        ]
        assert [organization.name for organization in ledger.task(9).organizations.values()] == [
            "东山县应急管理局"
        ]
        assert [(event.action, event.subject) for event in log(ledger)] == [
            ("take_up", "document:1"),
            ("take_up", "document:2"),
        ]
        assert verify(ledger).findings == ()
        record(ledger, [4], status="done")
        assert verify(ledger).findings == ()


def test_new_numbers_come_after_all_that_were_given(old):
    with Ledger.open(old) as ledger:
        text = "一、开展演练。"
        ledger.add(document(text, [task_item(text, text)], title="关于演练活动的通知", doc_number=None))
        assert max(ledger.task_ids()) == 10


def test_the_file_is_copied_first(old):
    before = list(sqlite3.connect(old).iterdump())
    Ledger.open(old).close()
    copy = backup_of_version(old, BEFORE_EVENTS)
    assert copy.name == "台账.升级前-v5.db"
    assert (version(copy), version(old)) == (BEFORE_EVENTS, schema.VERSION)
    assert list(sqlite3.connect(copy).iterdump()) == before
    Ledger.open(old).close()
    assert sorted(p.name for p in old.parent.iterdir()) == ["台账.db", copy.name]


def test_it_is_as_one_that_began_new(old):
    """No trace of how it came to be is left in its tables."""
    with Ledger.open(old) as ledger, Ledger.in_memory() as fresh:
        made = "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY name"
        assert ledger.db.execute(made).fetchall() == fresh.db.execute(made).fetchall()


def test_a_failure_leaves_it_as_it_was(old, monkeypatch):
    def fails(*args: object) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    before = list(sqlite3.connect(old).iterdump())
    monkeypatch.setattr("extractor.ledger.derived.refresh", fails)
    with pytest.raises(LedgerError):
        Ledger.open(old)
    assert version(old) == BEFORE_EVENTS
    assert list(sqlite3.connect(old).iterdump()) == before
    monkeypatch.undo()
    with Ledger.open(old) as ledger:
        assert verify(ledger).findings == ()


def opened(path: str) -> int:
    with Ledger.open(path) as ledger:
        return len(log(ledger))


def test_several_that_open_it_at_once_bring_it_up_to_date_once(old):
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        assert pool.map(opened, [str(old)] * 3) == [2, 2, 2]
    assert version(backup_of_version(old, BEFORE_EVENTS)) == BEFORE_EVENTS
    with Ledger.open(old) as ledger:
        assert verify(ledger).findings == ()


def test_one_that_may_only_be_read_is_left_alone(old, monkeypatch):
    monkeypatch.setattr("extractor.ledger.ledger._may_write", lambda path: False)
    with pytest.raises(LedgerError, match="只读"):
        Ledger.open(old)


def test_who_wants_it_as_it_is_gets_it_in_its_own_version_or_not_at_all(old):
    """Else whoever verifies it would write it down in a log of its own making, and find that it holds."""
    before = old.read_bytes()
    with pytest.raises(LedgerError, match="尚未升级，未作任何改动"):
        Ledger.open(old, as_it_is=True)
    told = CliRunner().invoke(cli, ["verify", "--ledger", str(old)], prog_name="taizhang")
    assert (told.exit_code, "尚未升级" in told.output) == (1, True)
    assert (old.read_bytes(), list(old.parent.iterdir())) == (before, [old])


def test_a_newer_one_is_refused(old):
    with closing(sqlite3.connect(old)) as db:
        db.execute(f"PRAGMA user_version = {schema.VERSION + 1}")
    with pytest.raises(NewerLedgerError, match="请先升级 taizhang"):
        Ledger.open(old)
