"""Many processes at one ledger lose nothing; one that is killed at any moment leaves it whole."""

from __future__ import annotations

import csv
import io
import multiprocessing
import os
import random
import signal
import time
from collections.abc import Callable
from datetime import date
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from extractor.export import write as export
from extractor.export.returned import returned_table
from extractor.ledger import Ledger
from extractor.ledger.audit import verify
from extractor.ledger.history import log
from extractor.ledger.returns import apply, plan
from extractor.ledger.tracking import Evidence, record
from extractor.model import Document
from tests.helpers.documents import document, item

WRITERS, CHANGES = 8, 250
KILLS = 210

pytestmark = pytest.mark.skipif(
    not hasattr(os, "fork"), reason="needs processes that can be forked and killed"
)
CHILD = multiprocessing.get_context("fork") if hasattr(os, "fork") else None


def circular(name: str, tasks: int) -> Document:
    lines = [f"（{n}）{name}：县应急局每季度开展第{n}次演练，8月底前报送。" for n in range(1, tasks + 1)]
    text = "\n".join(lines)
    return document(
        text,
        [
            item(text, line, id=str(n), number=f"({n})", units=[("县应急局", "lead")])
            for n, line in enumerate(lines, 1)
        ],
        name=f"{name}.txt",
        title=f"关于第{name}号专项工作的通知",
        doc_number=None,
    )


def started(work: Callable[..., None], *args: object) -> multiprocessing.process.BaseProcess:
    assert CHILD
    process = CHILD.Process(target=work, args=args, daemon=True)
    process.start()
    return process


# ---------------------------------------- eight that write at once


def write(path: Path, writer: int) -> None:
    """Report on tasks, one's own and one that all report on, and take documents in."""
    with Ledger.open(path, actor=f"统筹员{writer}") as ledger:
        for n in range(CHANGES):
            if n % 50 == 49:
                ledger.add(circular(f"{writer}-{n}", 3))
            else:
                task = 1 if n % 5 == 0 else 2 + writer
                record(ledger, [task], progress=f"第{writer}-{n}次")


def test_eight_writers_lose_nothing(tmp_path):
    path = tmp_path / "台账.db"
    with Ledger.create(path) as ledger:
        ledger.add(circular("共用", 10))
    writers = [started(write, path, n) for n in range(WRITERS)]
    for writer in writers:
        writer.join(timeout=120)
    assert [writer.exitcode for writer in writers] == [0] * WRITERS
    with Ledger.open(path) as ledger:
        events = log(ledger)
        assert len(events) == 1 + WRITERS * CHANGES
        for n in range(WRITERS):
            own = [event for event in events if event.actor == f"统筹员{n}"]
            said = [
                e.after["tracking"][k]["progress"]
                for e in own
                if e.action == "record"
                for k in e.after["tracking"]
            ]
            assert said == [f"第{n}-{k}次" for k in range(CHANGES) if k % 50 != 49]
        assert len(ledger.documents()) == 1 + WRITERS * CHANGES // 50
        for n in range(WRITERS):
            last = max(k for k in range(CHANGES) if k % 5 and k % 50 != 49)
            assert ledger.task(2 + n).tracking.progress == f"第{n}-{last}次"
        assert verify(ledger).findings == ()


# ---------------------------------------- two hundred that are killed


def take_in(path: Path, round_: int, begun: Connection) -> None:
    """Circulars without end."""
    with Ledger.create(path, actor="收文员") as ledger:
        begun.send_bytes(b"1")
        for n in range(10_000):
            ledger.add(circular(f"{round_}-{n}", 4))


def import_back(path: Path, round_: int, begun: Connection) -> None:
    """Returned tables without end: each changes all thirty tasks that went out, in one transaction."""
    rows = list(csv.reader(path.with_name("表.csv").read_text("utf-8-sig").splitlines()))
    column = rows[0].index("进展情况")
    with Ledger.create(path, actor="统筹员") as ledger:
        begun.send_bytes(b"1")
        for n in range(10_000):
            for row in rows[1:]:
                row[column] = f"{round_}-{n}"
            filled_in = io.StringIO()
            csv.writer(filled_in).writerows(rows)
            table = returned_table(filled_in.getvalue().encode(), "表.csv")
            apply(ledger, plan(ledger, table, today=date(2023, 5, 1)))


def report_with_files(path: Path, round_: int, begun: Connection) -> None:
    """Reports without end: each changes twenty tasks, and encloses a file with each, in one transaction."""
    with Ledger.create(path, actor="统筹员") as ledger:
        numbers = ledger.task_ids(limit=20)
        begun.send_bytes(b"1")
        for n in range(10_000):
            proof = Evidence(f"{round_}-{n}.txt", os.urandom(20_000))
            record(ledger, numbers, progress=f"{round_}-{n}", evidence=[proof])


@pytest.mark.parametrize("work", [take_in, import_back, report_with_files])
def test_kill_in_the_middle_leaves_it_whole(tmp_path, work):
    path = tmp_path / "台账.db"
    with Ledger.create(path) as ledger:
        ledger.add(circular("起", 30))
        export(ledger, path.with_name("表.csv"), returnable=True)
    rng = random.Random(7)
    known: list[str] = []
    grown, patience = 0, 0.1
    for round_ in range(KILLS // 3):
        here, there = multiprocessing.Pipe()
        child = started(work, path, round_, there)
        assert here.poll(30)
        time.sleep(rng.uniform(0, patience))
        assert child.pid
        os.kill(child.pid, signal.SIGKILL)
        child.join()
        with Ledger.open(path) as ledger:
            hashes = [h for (h,) in ledger.db.execute("SELECT hash FROM events ORDER BY sequence").fetchall()]
            assert hashes[: len(known)] == known  # what was once written stays
            assert_nothing_by_half(ledger)
        grew = len(hashes) > len(known)
        grown += grew
        patience *= (
            0.8 if grew else 1.25
        )  # about half the kills fall into the first change, however busy the machine
        known = hashes
    with Ledger.open(path) as ledger:
        assert verify(ledger).findings == ()
    assert grown > KILLS // 12  # they were killed at work, not before it


def assert_nothing_by_half(ledger: Ledger) -> None:
    """Every document has all of its tasks, and all tasks of one report say the same and have the same file."""

    def counts(query: str) -> set[int]:
        return {count for (count,) in ledger.db.execute(query).fetchall()}

    assert counts("SELECT count(*) FROM tasks GROUP BY document") <= {4, 30}
    assert counts("SELECT count(*) FROM items GROUP BY document") <= {4, 30}
    assert counts("SELECT count(*) FROM documents WHERE id NOT IN (SELECT id FROM document_states)") == {0}
    assert counts("SELECT count(*) FROM tracking GROUP BY progress") <= {20, 30}
    assert counts("SELECT count(*) FROM attachments GROUP BY sha256") <= {20}
    assert counts("SELECT count(*) FROM blobs") == counts("SELECT count(DISTINCT sha256) FROM attachments")
    assert counts("SELECT count(*) FROM search") == counts("SELECT count(*) FROM tasks")
