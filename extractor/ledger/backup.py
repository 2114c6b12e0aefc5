"""Copies of a ledger: made while others go on writing, and put back in its place, either as a whole or not at all."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from extractor.ledger.audit import Head, Verification, verify
from extractor.ledger.errors import DamagedLedgerError, LedgerError, NotALedgerError, told_plainly
from extractor.ledger.events import Change, append
from extractor.ledger.ledger import Ledger, connect, is_ledger, refuse_what_is_not_ours

JOURNALS = ("-wal", "-shm")
"""What SQLite keeps beside a file that is in use."""
SECONDS_TO_WAIT = 2.0


class BackupError(LedgerError):
    """A copy cannot be made or put back so; `str()` is one line in Chinese."""


class UnsoundBackupError(BackupError):
    """The copy is not whole, and was not put back; `verification` says what does not hold."""

    def __init__(self, path: Path, verification: Verification) -> None:
        super().__init__(f"备份“{path}”核查不通过，未还原，台账未改动：请换用其他备份。")
        self.verification = verification


class ForeignBackupError(BackupError):
    """The copy is of another ledger, and was not put back."""

    def __init__(self, source: Path, path: Path) -> None:
        super().__init__(f"“{source}”不是台账“{path}”的备份，台账未改动：请换用这个台账的备份。")


class UnreadableBackupError(BackupError):
    """The copy can no longer be read."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"备份“{path}”已损坏，无法读取，未还原：请换用其他备份。")


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put back, and where that which stood there before is now, if there was any."""

    verification: Verification
    aside: Path | None


def backup(ledger: Ledger, target: Path, *, force: bool = False) -> Head | None:
    """Copy the ledger as it is at one moment to `target`, which appears when the copy is whole; returns its last event.

    Others may go on reading and writing meanwhile.

    Args:
        ledger: what is copied.
        target: a file that is not there yet; its folders are made.
        force: replace `target`, if it is a ledger.

    Raises:
        BackupError: if `target` is the ledger itself, is there already, or is no ledger.
    """
    with told_plainly(target):
        _refuse_to_overwrite(ledger, target, force)
        target.parent.mkdir(parents=True, exist_ok=True)
        with _draft_of(target) as draft:
            with closing(sqlite3.connect(draft)) as copy:
                ledger.db.conn.backup(copy)
                copy.execute("PRAGMA journal_mode = DELETE")  # one file, without a journal beside it
                (state,) = copy.execute("PRAGMA quick_check").fetchone()
                head = _last_event(copy)
            if state != "ok":
                raise BackupError(f"备份“{target}”没有写好，已删除：请用 taizhang verify 核查台账和磁盘。")
            _on_disk(draft)
            draft.replace(target)
    return head


def _refuse_to_overwrite(ledger: Ledger, target: Path, force: bool) -> None:
    if not target.exists():
        return
    if target.is_dir():
        raise BackupError(f"“{target}”是一个文件夹：请写出备份文件的名字。")
    if ledger.path.exists() and target.samefile(ledger.path):
        raise BackupError(f"“{target}”就是台账本身：请把备份存为另一个文件。")
    if not force:
        raise BackupError(f"已有文件“{target}”，未覆盖：请换一个文件名，或加 --force 覆盖旧备份。")
    if not is_ledger(target) or _origin(target) != _origin(ledger.path):
        raise BackupError(f"“{target}”不是这个台账的备份，未覆盖：请换一个文件名。")


def _is_of_another(source: Path, path: Path) -> bool:
    """Whether both have a history, and not the same one: what is empty, damaged or from before there was a log has none."""
    origins = _origin(source), _origin(path)
    return None not in origins and len(set(origins)) > 1


def _origin(path: Path) -> str | None:
    """The hash of the first event, which a ledger and its copies have in common; None where it cannot be read."""
    with suppress(sqlite3.DatabaseError), closing(connect(path)) as file:
        for (found,) in file.execute("SELECT hash FROM events WHERE sequence = 1"):
            return str(found)
    return None


def restore(source: Path, path: Path, *, actor: str | None = None, force: bool = False) -> Restored:
    """Put the copy at `source` in the place of the ledger at `path`, and what was there beside it.

    The copy is verified first, and brought up to date where an older version of the program made it. That it was put back is
    an event of its log, which names the last event of the ledger that it replaces. A copy of another ledger is put there only
    with `force`.

    Raises:
        BackupError: if there is no copy, it is none, or the ledger itself.
        ForeignBackupError: if it is of another ledger.
        NewerLedgerError: if a later version of the program made it.
        UnreadableBackupError: if it cannot be read.
        UnsoundBackupError: if the copy is not whole.
        LedgerBusyError: if others are using the ledger.
    """
    with told_plainly(source):
        if not source.exists():
            raise BackupError(f"找不到备份“{source}”：请检查路径。")
        if source.is_dir():
            raise BackupError(f"“{source}”是一个文件夹：请指明备份文件。")
        if not is_ledger(source):
            raise BackupError(f"“{source}”不是台账的备份，台账未改动：请指明备份文件。")
        refuse_what_is_not_ours(source)
        if path.exists() and source.samefile(path):
            raise BackupError(f"“{source}”就是台账本身，不用还原。")
    with told_plainly(path):
        if not force and path.exists() and _is_of_another(source, path):
            raise ForeignBackupError(source, path)
        path.parent.mkdir(parents=True, exist_ok=True)
        with _draft_of(path) as draft:
            with _told_of(source):
                with closing(connect(source)) as there, closing(sqlite3.connect(draft)) as copy:
                    there.backup(copy)
                    state = copy.execute("PRAGMA quick_check(1)").fetchone()
                if state != ("ok",):
                    raise DamagedLedgerError(source)
                with Ledger.open(draft, actor=actor) as ledger:
                    verification = verify(ledger)
            if not verification.holds:
                raise UnsoundBackupError(source, verification)
            aside = _put_in_place(draft, path, source, actor) if path.exists() else None
            if aside is None:
                _noted(draft, source, None, actor)
                draft.replace(path)
    return Restored(verification, aside)


@contextmanager
def _told_of(source: Path) -> Iterator[None]:
    """What is wrong with the copy, told of it and not of the draft into which it is read."""
    try:
        with told_plainly(source):
            yield
    except DamagedLedgerError as error:
        raise UnreadableBackupError(source) from error


def _put_in_place(draft: Path, path: Path, source: Path, actor: str | None) -> Path:
    """Let the ledger at `path` have the content of `draft`; returns where its own is now."""
    aside = _free_name(path)
    if not is_ledger(path):
        raise NotALedgerError(path)
    try:
        with closing(_alone_with(path)) as there:
            with _draft_of(aside) as old:
                with closing(sqlite3.connect(old)) as copy:
                    there.backup(copy)
                before = _last_event(there)
                _on_disk(old)
                old.replace(aside)
            _noted(draft, source, before, actor)
            with closing(sqlite3.connect(draft)) as new:
                # Written into the file itself, as one transaction: whoever has it open sees the one or the other.
                new.backup(there)
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode not in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            raise
        # What cannot be read can neither be copied nor written by SQLite: the file itself is moved out of the way.
        _noted(draft, source, None, actor)
        shutil.copy2(path, aside)
        for journal, kept in zip(_journals(path), _journals(aside), strict=True):
            if journal.exists():
                journal.replace(kept)
        draft.replace(path)
    return aside


def _alone_with(path: Path) -> sqlite3.Connection:
    """A connection to the ledger that no other process shares, nor can as long as it lasts."""
    connection = sqlite3.connect(path, timeout=SECONDS_TO_WAIT, isolation_level=None)
    try:
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute("BEGIN EXCLUSIVE")
        connection.execute("COMMIT")
    except BaseException:
        connection.close()
        raise
    return connection


def _noted(draft: Path, source: Path, replaced: Head | None, actor: str | None) -> None:
    """Write down in the log of the copy that it was put back, and which event was the last of what it replaces."""
    instead = f"，替换至第{replaced.sequence}号（{replaced.hash[:16]}）的台账" if replaced else ""
    with Ledger.open(draft, actor=actor) as copy:
        with copy.transaction():
            append(
                copy.db,
                Change(copy.db),
                actor=copy.actor,
                action="restore",
                subject="ledger",
                reason=f"由“{source.name}”还原{instead}",
            )
        copy.db.execute("PRAGMA journal_mode = DELETE")
    _on_disk(draft)


def _last_event(connection: sqlite3.Connection) -> Head | None:
    try:
        row = connection.execute(
            "SELECT sequence, hash FROM events ORDER BY sequence DESC LIMIT 1"
        ).fetchone()
    except sqlite3.OperationalError:  # a ledger from before there was a log
        return None
    return Head(*row) if row else None


@contextmanager
def _draft_of(target: Path) -> Iterator[Path]:
    """A file beside `target` that is gone when the block ends, unless it took its place."""
    draft = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        yield draft
    finally:
        for file in (draft, *_journals(draft)):
            file.unlink(missing_ok=True)


def _journals(path: Path) -> list[Path]:
    return [path.with_name(path.name + suffix) for suffix in JOURNALS]


def _on_disk(path: Path) -> None:
    """See to it that the file outlives a power cut."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _free_name(path: Path) -> Path:
    """A name beside the ledger for what is replaced: 台账.还原前-20260501-101500.db."""
    name = f"{path.stem}.还原前-{datetime.now():%Y%m%d-%H%M%S}"
    number = 1
    while (free := path.with_name(f"{name}{f'-{number}' if number > 1 else ''}{path.suffix}")).exists():
        number += 1
    return free
