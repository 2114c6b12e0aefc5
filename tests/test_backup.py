"""A copy of a ledger is whole, also while others write; put back, it takes the place of the ledger as a whole or not at all."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from extractor.cli import cli
from extractor.ledger import Ledger, LedgerBusyError, LedgerError, NewerLedgerError, schema
from extractor.ledger.audit import verify
from extractor.ledger.backup import (
    BackupError,
    ForeignBackupError,
    UnreadableBackupError,
    UnsoundBackupError,
    backup,
    restore,
)
from extractor.ledger.history import log
from extractor.ledger.tracking import record
from tests.helpers.documents import document, item, sample


@pytest.fixture
def path(tmp_path) -> Path:
    path = tmp_path / "台账.db"
    with Ledger.create(path, actor="张三") as ledger:
        ledger.add(sample())
    return path


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def events(path: Path) -> list[str]:
    with Ledger.open(path) as ledger:
        assert verify(ledger).findings == ()
        return [event.action for event in log(ledger)]


class TestBackup:
    def test_the_copy_is_one_file_and_whole(self, path, tmp_path):
        target = tmp_path / "备份" / "五月" / "台账.db"
        with Ledger.open(path) as ledger:
            record(ledger, [1], status="done")  # still in the journal beside the file
            head = backup(ledger, target)
            assert head == verify(ledger).head
        assert names(target.parent) == ["台账.db"]
        target.chmod(0o444)  # as on a disk that can only be read
        assert events(target) == ["ingest", "record"]

    def test_others_go_on_writing_meanwhile(self, path, tmp_path):
        """The copy has the ledger as it was at one moment: all of each change, or nothing of it."""
        stop = threading.Event()

        def write() -> None:
            with Ledger.open(path) as other:
                n = 0
                while not stop.is_set():
                    record(other, [1, 2], progress=str(n := n + 1))

        writer = threading.Thread(target=write)
        writer.start()
        try:
            with Ledger.open(path) as ledger:
                for n in range(12):
                    backup(ledger, tmp_path / f"{n}.db")
        finally:
            stop.set()
            writer.join()
        lengths = []
        for n in range(12):
            with Ledger.open(tmp_path / f"{n}.db") as copy:
                assert verify(copy).findings == ()
                assert len({task.tracking.progress for task in copy.tasks()}) == 1
                lengths.append(len(log(copy)))
        assert lengths == sorted(lengths)
        assert lengths[0] < lengths[-1]

    def test_nothing_is_overwritten(self, path, tmp_path):
        target = tmp_path / "备份.db"
        with Ledger.open(path) as ledger:
            backup(ledger, target)
            record(ledger, [1], status="done")
            before = target.read_bytes()
            with pytest.raises(BackupError, match="未覆盖：请换一个文件名，或加 --force"):
                backup(ledger, target)
            assert target.read_bytes() == before
            backup(ledger, target, force=True)
        assert events(target) == ["ingest", "record"]

    @pytest.mark.parametrize("force", [False, True])
    def test_what_is_no_ledger_is_never_overwritten(self, path, tmp_path, force):
        letter = tmp_path / "报告.docx"
        letter.write_bytes(b"PK")
        with Ledger.open(path) as ledger, pytest.raises(BackupError):
            backup(ledger, letter, force=force)
        assert letter.read_bytes() == b"PK"

    def test_the_ledger_of_another_office_is_never_overwritten(self, path, tmp_path):
        other = tmp_path / "别的单位.db"
        with Ledger.create(other) as ledger:
            ledger.add(
                document("一、县教育局抓好落实。", [item("一、县教育局抓好落实。", "一、县教育局抓好落实。")])
            )
        before = other.read_bytes()
        with Ledger.open(path) as ledger, pytest.raises(BackupError, match="不是这个台账的备份"):
            backup(ledger, other, force=True)
        assert other.read_bytes() == before

    @pytest.mark.parametrize("force", [False, True])
    def test_a_folder_is_no_file(self, path, tmp_path, force):
        with Ledger.open(path) as ledger, pytest.raises(BackupError, match="是一个文件夹"):
            backup(ledger, tmp_path, force=force)
        with pytest.raises(BackupError, match="是一个文件夹"):
            restore(tmp_path, path)

    @pytest.mark.parametrize("force", [False, True])
    def test_the_ledger_is_no_backup_of_itself(self, path, force):
        (path.parent / "别名.db").symlink_to(path)
        with Ledger.open(path) as ledger:
            for target in (path, path.parent / "别名.db"):
                with pytest.raises(BackupError, match="就是台账本身"):
                    backup(ledger, target, force=force)
        assert events(path) == ["ingest"]

    def test_a_failure_leaves_nothing(self, path, tmp_path, monkeypatch):
        def full(*args: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        with Ledger.open(path) as ledger, pytest.raises(LedgerError, match="磁盘已满"):
            backup(ledger, tmp_path / "备份.db")
        assert names(tmp_path) == ["台账.db"]


class TestRestore:
    @pytest.fixture
    def copy(self, path, tmp_path) -> Path:
        with Ledger.open(path) as ledger:
            backup(ledger, tmp_path / "备份.db")
            record(ledger, [1], status="done", reason="后来的")
        return tmp_path / "备份.db"

    def test_what_was_there_is_kept_beside(self, path, copy):
        restored = restore(copy, path, actor="李四")
        assert restored.verification.holds
        assert events(path) == ["ingest", "restore"]
        assert restored.aside is not None
        assert re.fullmatch(r"台账\.还原前-\d{8}-\d{6}\.db", restored.aside.name)
        assert events(restored.aside) == ["ingest", "record"]
        assert events(copy) == ["ingest"]
        assert names(path.parent) == sorted([path.name, copy.name, restored.aside.name])

    def test_the_log_tells_of_it(self, path, copy):
        with Ledger.open(path) as ledger:
            head = verify(ledger).head
        restore(copy, path, actor="李四")
        with Ledger.open(path) as ledger:
            (event,) = log(ledger, action="restore")
        assert head
        assert event.actor == "李四"
        assert event.reason == f"由“备份.db”还原，替换至第2号（{head.hash[:16]}）的台账"

    def test_twice_in_a_second(self, path, copy):
        asides = {restore(copy, path).aside for _ in range(3)}
        assert len(asides) == 3

    def test_where_there_was_none(self, copy, tmp_path):
        path = tmp_path / "新" / "台账.db"
        assert restore(copy, path).aside is None
        assert events(path) == ["ingest", "restore"]

    def test_it_is_refused_while_others_have_it_open(self, path, copy):
        with Ledger.open(path), pytest.raises(LedgerBusyError):
            restore(copy, path)
        assert names(path.parent) == sorted([path.name, copy.name])
        assert events(path) == ["ingest", "record"]

    def test_a_copy_that_is_not_whole_is_refused(self, path, copy):
        with closing(sqlite3.connect(copy)) as db:
            db.execute("UPDATE items SET heading = '改' WHERE id = 2")
            db.commit()
        before = path.read_bytes()
        with pytest.raises(UnsoundBackupError, match="核查不通过，未还原") as caught:
            restore(copy, path)
        assert caught.value.verification.findings[0].table == "items"
        assert path.read_bytes() == before
        assert names(path.parent) == sorted([path.name, copy.name])

    def test_what_is_no_copy(self, path, copy, tmp_path):
        (tmp_path / "信.db").write_bytes(b"hello")
        (tmp_path / "空.db").write_bytes(b"")
        for wrong, reason in (
            (tmp_path / "没有.db", "找不到备份"),
            (tmp_path / "信.db", "“.*信.db”不是台账的备份，台账未改动：请指明备份文件"),
            (tmp_path / "空.db", "“.*空.db”不是台账的备份"),
            (path, "就是台账本身"),
        ):
            with pytest.raises(LedgerError, match=reason):
                restore(wrong, path)
        with closing(sqlite3.connect(copy)) as db:
            db.execute(f"PRAGMA user_version = {schema.VERSION + 1}")
        with pytest.raises(NewerLedgerError, match=copy.name):
            restore(copy, path)
        data = copy.read_bytes()
        data = data[:60] + schema.VERSION.to_bytes(4) + data[64:]
        copy.write_bytes(data[: len(data) // 2])  # half of it was lost on the way
        with pytest.raises(UnreadableBackupError, match=f"备份“.*{copy.name}”已损坏.*请换用其他备份"):
            restore(copy, path)
        assert events(path) == ["ingest", "record"]

    def test_the_backup_of_another_office_is_put_back_only_where_that_is_meant(self, path, tmp_path):
        other = tmp_path / "别的单位.db"
        with Ledger.create(other) as ledger:
            text = "一、县教育局抓好落实。"
            ledger.add(document(text, [item(text, text)]))
        before = path.read_bytes()
        with pytest.raises(ForeignBackupError, match=f"“{other}”不是台账“{path}”的备份，台账未改动"):
            restore(other, path)
        assert path.read_bytes() == before
        assert names(tmp_path) == sorted([path.name, other.name])
        aside = restore(other, path, force=True).aside
        assert events(path) == ["ingest", "restore"]
        assert aside is not None
        assert events(aside) == ["ingest"]

    def test_a_ledger_that_is_still_empty_is_nobodys(self, copy, tmp_path):
        new = tmp_path / "新.db"
        Ledger.create(new).close()
        restore(copy, new)
        assert events(new) == ["ingest", "restore"]

    def test_its_own_backup_is_its_own_also_when_both_have_gone_on(self, path, copy):
        restore(copy, path)
        with Ledger.open(path) as ledger:
            record(ledger, [2], status="done")
        restore(copy, path)
        assert events(path) == ["ingest", "restore"]

    def test_what_stands_there_is_no_ledger(self, copy, tmp_path):
        other = tmp_path / "别人的.db"
        other.write_bytes(b"hello")
        with pytest.raises(LedgerError, match="不是本工具的台账"):
            restore(copy, other)
        assert other.read_bytes() == b"hello"

    def test_a_damaged_ledger_is_moved_aside_as_it_is(self, path, copy):
        """What a copy is for."""
        data = bytearray(path.read_bytes())
        data[100:] = b"\xff" * (len(data) - 100)
        path.write_bytes(data)
        restored = restore(copy, path)
        assert events(path) == ["ingest", "restore"]
        assert restored.aside
        assert restored.aside.read_bytes() == bytes(data)

    def test_a_copy_on_a_disk_that_can_only_be_read(self, path, copy, tmp_path, monkeypatch):
        folder = tmp_path / "光盘"
        folder.mkdir()
        Path(shutil.copy(copy, folder / "备份.db")).chmod(0o444)
        folder.chmod(0o555)
        monkeypatch.setattr("extractor.ledger.ledger._may_write", lambda path: path.parent != folder)
        try:
            restore(folder / "备份.db", path)
        finally:
            folder.chmod(0o755)
        assert names(folder) == ["备份.db"]
        assert events(path) == ["ingest", "restore"]


class TestTheCommands:
    def run(self, *args: object) -> Result:
        return CliRunner().invoke(cli, [str(arg) for arg in args], prog_name="taizhang")

    def test_there_and_back(self, path, tmp_path):
        target = tmp_path / "备份.db"
        made = self.run("backup", target, "--ledger", path)
        assert made.exit_code == 0
        assert re.fullmatch(rf"已备份到“{target}”，链头 1:[0-9a-f]{{16}}。\n", made.output)
        assert self.run("backup", target, "--ledger", path).exit_code == 1
        assert self.run("backup", target, "--force", "--ledger", path).exit_code == 0
        text = "一、县应急局要做好值守。"
        with Ledger.open(path) as ledger:
            ledger.add(document(text, [item(text, text)], name="值守.txt", title="值守"))
        back = self.run("restore", target, "--ledger", path, "--as", "李四")
        assert back.exit_code == 0
        assert back.output.startswith(f"已用“{target}”还原台账“{path}”；原有台账另存为“")
        assert "李四  由备份还原 台账" in self.run("log", "--ledger", path).output

    def test_a_foreign_backup_is_refused_in_one_line(self, path, tmp_path):
        other = tmp_path / "别的单位.db"
        with Ledger.create(other) as ledger:
            text = "一、县教育局抓好落实。"
            ledger.add(document(text, [item(text, text)]))
        refused = self.run("restore", other, "--ledger", path)
        assert refused.exit_code == 1
        assert re.fullmatch(r"“.*别的单位\.db”不是台账“.*”的备份，.*加 --force。\n", refused.output)
        assert self.run("restore", other, "--ledger", path, "--force").exit_code == 0

    def test_what_does_not_hold_is_named(self, path, tmp_path):
        target = tmp_path / "备份.db"
        self.run("backup", target, "--ledger", path)
        with closing(sqlite3.connect(target)) as db:
            db.execute("UPDATE documents SET data = x'00'")
            db.commit()
        result = self.run("restore", target, "--ledger", path)
        assert result.exit_code == 1
        assert "核查不通过，未还原" in result.output
        assert "第一处不符：【原件与读入内容】文件 1“通知.txt”原件与读入时不符。" in result.output
