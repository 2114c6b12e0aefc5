"""The ledger keeps a document whole, once, and gives back what was put in."""

from __future__ import annotations

import hashlib
import multiprocessing
import sqlite3
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlite_utils import Database

from extractor.ledger import (
    Added,
    AlreadyThere,
    DamagedLedgerError,
    Failed,
    Ledger,
    LedgerBusyError,
    LedgerError,
    MissingLedgerError,
    NewerLedgerError,
    NoSuchDocumentError,
    NoSuchTaskError,
    NotALedgerError,
    ingest,
    schema,
)
from extractor.model import Box, Place, Source, Span
from extractor.pipeline import extract
from tests.conftest import CORPUS
from tests.helpers.documents import document, item, sample


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.db"


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def counts(path: Path) -> dict[str, int]:
    db = Database(path)
    try:
        return {
            table: db.table(table).count
            for table in db.table_names()
            if not table.startswith(("_", "sqlite_"))
        }
    finally:
        db.close()


class TestAdding:
    def test_a_document_comes_back_as_it_went_in(self, path):
        with Ledger.create(path) as ledger:
            added = ledger.add(sample())
        with Ledger.open(path) as ledger:
            assert ledger.document(added.entry.id, original=True) == sample()

    def test_the_original_bytes_are_kept(self, path):
        data = "正文".encode("gb18030")
        received = replace(sample(), source=Source("a.txt", sample().source.text, data, "gb18030"))
        with Ledger.create(path) as ledger:
            kept = ledger.document(ledger.add(received).entry.id, original=True).source
            unasked = ledger.document(1).source
        assert (kept.data, kept.encoding, kept.sha256) == (data, "gb18030", hashlib.sha256(data).hexdigest())
        assert unasked == replace(kept, data=b"")  # a scan of 60 MB is not read for a look at its text

    def test_the_same_bytes_twice_change_nothing(self, path):
        with Ledger.create(path) as ledger:
            first = ledger.add(sample())
        before = digest(path)
        with Ledger.create(path) as ledger:
            second = ledger.add(replace(sample(), title="另一个标题"))
        assert isinstance(first, Added)
        assert isinstance(second, AlreadyThere)
        assert second.entry == first.entry
        assert digest(path) == before

    def test_the_entry_counts_what_stands_in_the_document_itself(self, path):
        with Ledger.create(path) as ledger:
            entry = ledger.add(sample()).entry
        assert (entry.tasks, entry.units, entry.deadlines, entry.frequencies, entry.warnings) == (
            2,
            5,
            2,
            2,
            2,
        )
        assert entry.parts == ("关于做好安全工作的通知",)

    @pytest.mark.parametrize(
        "table", ["documents", "parts", "items", "tasks", "measures", "units", "left_out", "warnings"]
    )
    def test_a_failure_half_way_leaves_nothing_of_the_document(self, path, table, monkeypatch):
        with Ledger.create(path) as ledger:
            ledger.add(
                document("一、抓好落实。", [item("一、抓好落实。", "一、抓好落实。")], name="first.txt")
            )
        before = counts(path)
        with Ledger.create(path) as ledger:
            ledger.db.execute(
                f"CREATE TEMP TRIGGER fail AFTER INSERT ON main.{table} BEGIN SELECT RAISE(ABORT, 'injected'); END"
            )
            with pytest.raises(sqlite3.IntegrityError, match="injected"):
                ledger.add(sample())
        assert counts(path) == before

    def test_a_value_must_belong_to_a_measure_of_its_item(self, path):
        wrong = sample()
        drill = wrong.items[1]
        units = (replace(drill.fields.units[-1], measure=9),)
        items = (wrong.items[0], replace(drill, fields=replace(drill.fields, units=units)), *wrong.items[2:])
        with Ledger.create(path) as ledger, pytest.raises(sqlite3.IntegrityError):
            ledger.add(replace(wrong, items=items))
        with Ledger.open(path) as ledger:
            assert ledger.documents() == []

    def test_every_value_can_be_checked_in_plain_sql(self, path):
        with Ledger.create(path) as ledger:
            ledger.add(sample())
        db = sqlite3.connect(path)
        rows = db.execute(
            "SELECT field, quote, substr(text, span_start + 1, span_end - span_start) FROM evidence "
            "JOIN documents ON documents.id = evidence.document"
        ).fetchall()
        db.close()
        assert {field for field, *_ in rows} == {
            "item",
            "title",
            "doc_number",
            "unit",
            "deadline",
            "frequency",
        }
        assert all(quote == printed for _, quote, printed in rows)


class TestTasks:
    @pytest.fixture
    def ledger(self, path):
        other = "一、县教育局每月检查食堂。"
        with Ledger.create(path) as ledger:
            ledger.add(sample())
            ledger.add(
                document(
                    other,
                    [
                        item(
                            other,
                            other,
                            units=[("县教育局", "lead")],
                            deadlines=[{"quote": "每月", "due": date(2024, 1, 1)}],
                        )
                    ],
                    name="食堂 100%.txt",
                    title="关于食堂的通知",
                    doc_number="东教〔2024〕1号",
                )
            )
            yield ledger

    @pytest.mark.parametrize(
        ("filters", "expected"),
        [
            ({}, [1, 2, 3]),
            ({"document": 2}, [3]),
            ({"document": "2"}, [3]),  # a document of that number comes before names that hold it
            ({"document": "食堂"}, [3]),
            ({"document": "东应急〔2023〕"}, [1, 2]),
            ({"document": "无此文件"}, []),
            ({"document": "%"}, [3]),  # no wild cards: 100%.txt
            ({"unit": "教育局"}, [1, 2, 3]),  # inherited units count
            ({"unit": "教育局", "role": "lead"}, [3]),  # the same unit must have the role
            ({"unit": "各企业"}, [1]),
            ({"unit": "各 企业"}, [1]),  # white space does not matter
            ({"role": "responsible"}, [1]),
            ({"due_before": date(2023, 8, 31)}, [1]),  # that day included
            ({"due_before": date(2023, 8, 30)}, []),
            ({"due_after": date(2023, 8, 31)}, [1, 3]),
            ({"due_after": date(2023, 9, 1), "due_before": date(2024, 1, 1)}, [3]),
            ({"text": "值班，演练"}, [2]),
            ({"text": "值班,演练"}, [2]),  # half- and full-width are the same
            ({"text": "演练", "unit": "企业"}, [1]),
            ({"unit": None, "text": ""}, [1, 2, 3]),
        ],
    )
    def test_filters(self, ledger, filters, expected):
        assert [task.id for task in ledger.tasks(**filters)] == expected

    def test_a_task_knows_its_place(self, ledger):
        task = ledger.task(2)
        assert (task.place.line, [a.number for a in task.ancestors], task.document.id) == (6, ["一"], 1)
        assert task.item == sample().items[2]

    def test_the_place_is_the_one_that_the_format_tells(self, path):
        class Pages:
            def locate(self, span: Span) -> Place:
                return Place(page=2, boxes=(Box(2, 10.0, 20.5, 90.0, 32.0),))

        printed = replace(sample(), source=replace(sample().source, locator=Pages()))
        with Ledger.create(path) as ledger:
            ledger.add(printed)
            assert ledger.task(1).place == Pages().locate(Span(0, 1))

    def test_a_task_has_the_warnings_and_left_out_text_inside_it(self, ledger):
        assert [w.code for w in ledger.task(2).warnings] == ["number_out_of_order"]
        assert ledger.task(1).warnings == ()

    def test_numbers_of_a_document(self, ledger):
        assert ledger.task_numbers(1) == {"1.1": 1, "1.2": 2}

    def test_an_unknown_number(self, ledger):
        with pytest.raises(NoSuchTaskError, match="99"):
            ledger.task(99)

    def test_an_unknown_document(self, ledger):
        with pytest.raises(NoSuchDocumentError, match="99"):
            ledger.document(99)


class TestWhatIsNoLedger:
    def others(self, path: Path, kind: str) -> None:
        if kind == "text":
            path.write_text("关于做好工作的通知", "utf-8")
        elif kind == "sqlite of others":
            db = sqlite3.connect(path)
            db.execute("CREATE TABLE t (x)")
            db.close()
        elif kind == "newer":
            Ledger.create(path).close()
            db = sqlite3.connect(path)
            db.execute(f"PRAGMA user_version = {schema.VERSION + 1}")
            db.close()

    @pytest.mark.parametrize("way_in", [Ledger.open, Ledger.create])
    @pytest.mark.parametrize(
        ("kind", "error"),
        [("text", NotALedgerError), ("sqlite of others", NotALedgerError), ("newer", NewerLedgerError)],
    )
    def test_it_is_refused_in_one_line_and_left_unharmed(self, path, kind, error, way_in):
        self.others(path, kind)
        before, files = digest(path), sorted(path.parent.iterdir())
        with pytest.raises(error) as caught:
            way_in(path)
        assert str(path) in str(caught.value)
        assert "\n" not in str(caught.value)
        assert (digest(path), sorted(path.parent.iterdir())) == (before, files)

    def test_reading_makes_no_ledger(self, path):
        with pytest.raises(MissingLedgerError):
            Ledger.open(path)
        assert not path.exists()

    def test_writing_makes_one_with_its_folders(self, tmp_path):
        path = tmp_path / "台账" / "2023" / "ledger.db"
        Ledger.create(path).close()
        with Ledger.open(path) as ledger:
            assert ledger.documents() == []

    def test_a_folder(self, tmp_path):
        with pytest.raises(LedgerError):
            Ledger.create(tmp_path)

    def test_damage_is_told(self, path):
        with Ledger.create(path) as ledger:
            ledger.add(sample())
        data = bytearray(path.read_bytes())
        data[200:] = b"\xff" * (len(data) - 200)
        path.write_bytes(data)
        with pytest.raises(DamagedLedgerError):
            Ledger.open(path)

    def test_a_file_in_use_by_another_program(self, path, monkeypatch):
        monkeypatch.setattr("extractor.ledger.ledger.BUSY_SECONDS", 0.05)
        Ledger.create(path).close()
        other = sqlite3.connect(path)
        other.execute("BEGIN EXCLUSIVE")
        try:
            with Ledger.open(path) as ledger:
                assert ledger.tasks() == []  # who reads does not wait
                with pytest.raises(LedgerBusyError):
                    ledger.add(sample())
        finally:
            other.close()

    def test_a_copy_that_may_only_be_read_can_be_read(self, path):
        with Ledger.create(path) as ledger:
            ledger.add(sample())
        path.chmod(0o444)
        with Ledger.open(path) as ledger:
            assert len(ledger.tasks()) == 2


class TestSchema:
    def test_migrations_are_recorded_in_the_file_by_name(self, path):
        with Ledger.create(path) as ledger:
            applied = [migration.name for migration in schema.MIGRATIONS.applied(ledger.db)]
            assert applied[0] == "documents_and_their_outline"
            assert len(applied) == schema.VERSION
            assert schema.MIGRATIONS.pending(ledger.db) == []

    def test_an_older_file_is_brought_up_to_date(self, path):
        Ledger.create(path).close()
        db = sqlite3.connect(path)
        db.execute("DROP VIEW evidence")
        db.execute("DELETE FROM _sqlite_migrations WHERE name = 'evidence_in_one_view'")
        db.execute(f"PRAGMA user_version = {schema.VERSION - 1}")
        db.commit()
        db.close()
        with Ledger.open(path) as ledger:
            assert ledger.db.view_names() == ["evidence"]
            assert ledger.db.execute("PRAGMA user_version").fetchone() == (schema.VERSION,)

    def test_the_file_is_one_file(self, path):
        with Ledger.create(path) as ledger:
            ledger.add(sample())
            assert ledger.db.journal_mode == "wal"
        assert [p.name for p in path.parent.iterdir()] == ["ledger.db"]


def add_sample(path: str, n: int) -> bool:
    with Ledger.create(path) as ledger:
        return isinstance(ledger.add(document("一、抓好落实。", name=f"{n}.txt", parts=())), Added)


def test_two_processes_that_add_the_same_document_add_it_once(path):
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        added = pool.starmap(add_sample, [(str(path), n) for n in range(6)])
    assert sum(added) == 1


class TestIngest:
    def test_what_fails_is_told_and_the_rest_is_done(self, path):
        def extract(file: Path):
            if file.name == "bad.txt":
                yield file.name, ValueError("读不了")
                return
            if file.name == "odd.txt":
                raise KeyError("x")
            yield (
                file.name,
                document(
                    file.name, [item(file.name, file.name)], name=file.name, doc_number=None, title=None
                ),
            )

        files = [Path("a.txt"), Path("bad.txt"), Path("b.txt"), Path("a.txt"), Path("odd.txt")]
        with Ledger.create(path) as ledger:
            outcomes = list(ingest(ledger, files, extract))
            assert [type(o.result) for o in outcomes] == [Added, Failed, Added, AlreadyThere, Failed]
            assert outcomes[1].result.reason == "读不了"
            assert "程序内部出错" in outcomes[4].result.reason
            assert [d.name for d in ledger.documents()] == ["a.txt", "b.txt"]

    def test_the_ledger_itself_is_no_circular(self, path):
        with Ledger.create(path) as ledger:
            assert list(ingest(ledger, [path], lambda file: pytest.fail("read"))) == []

    def test_a_failing_ledger_ends_it(self, path):
        with Ledger.create(path) as ledger:
            ledger.close()
            with pytest.raises(LedgerError):
                list(ingest(ledger, [Path("a.txt")], lambda file: [(file.name, sample())]))


def test_spans_are_those_of_the_source(path):
    with Ledger.create(path) as ledger:
        ledger.add(sample())
        text = ledger.document(1).source.text
        for task in ledger.tasks():
            assert task.item.span.of(text) == task.item.quote
            for value in task.item.fields:
                assert isinstance(value.span, Span)
                assert value.span.of(text) == value.quote


def test_every_circular_comes_back_as_it_was_read(path, documents):
    with Ledger.create(path) as ledger:
        for read in documents.values():
            assert ledger.document(ledger.add(read).entry.id, original=True) == read
        assert len(ledger.tasks()) == sum(len(read.tasks) for read in documents.values())


def test_places_in_a_file_outlive_the_reading(path):
    read = extract(CORPUS / "formats" / "10-notice-events.docx")
    with Ledger.create(path) as ledger:
        kept = ledger.document(ledger.add(read).entry.id)
    for one in read.items:
        for value in (one, *one.fields):
            assert kept.source.locate(value.span) == read.source.locate(value.span)
            assert kept.source.locate(value.span).paragraph
