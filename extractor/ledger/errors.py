"""What can go wrong with a ledger, each said in one line that tells a person what to do."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from extractor.system_errors import os_reason

PRIMARY_CODE = 0xFF
"""SQLite's extended error codes keep the primary code in their low byte."""


UNDECODED = "Could not decode to UTF-8"
"""What Python says, without a code, of text that is none."""


class LedgerError(Exception):
    """A ledger could not be used; `str()` is one line in Chinese that names the file."""


class MissingLedgerError(LedgerError):
    """There is no file where the ledger should be."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"还没有台账“{path}”：请先用 taizhang ingest 读入文件，或用 --ledger 指明位置。")


class NotALedgerError(LedgerError):
    """The file is something else."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"“{path}”不是本工具的台账，未作任何改动：请用 --ledger 另指一个文件。")


class NewerLedgerError(LedgerError):
    """The file was written by a later version of this program."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"台账“{path}”由更新版本的 taizhang 写成，未作任何改动：请先升级 taizhang。")


class DamagedLedgerError(LedgerError):
    """The file says it is a ledger but cannot be read as one."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"台账“{path}”已损坏，无法读取：请换用备份。")


class LedgerBusyError(LedgerError):
    """Another program holds the file."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"台账“{path}”正被其他程序占用：请关闭该程序或稍后再试。")


class ReadOnlyLedgerError(LedgerError):
    """The file would have to be written to be used."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"台账“{path}”由较早版本的 taizhang 写成，须先升级，但该文件或文件夹只读：请复制到可写的文件夹后再试。"
        )


class OlderLedgerError(LedgerError):
    """The file would have to be brought up to date to be used, which is not what was asked for."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"台账“{path}”由较早版本的 taizhang 写成，尚未升级，未作任何改动：请先用 taizhang documents 打开一次（旧文件会另存一份），再核查。"
        )


class UnseenChangesError(LedgerError):
    """The latest changes stand beside the file, where they cannot be read."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"台账“{path}”最近的改动还在旁边的“{path.name}-wal”中，这里无权读取，看到的会是旧内容：请取得该文件和文件夹的读写权限，或向台账的保管人另要一份备份来看。"
        )


class TriggerError(LedgerError):
    """Somebody had SQLite change other rows whenever one is written."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"台账“{path}”中有不是本工具建立的触发器，会暗中改动登记的内容，未作改动：请用 taizhang verify 核查，并换用备份。"
        )


class NoSuchDocumentError(LedgerError):
    """No document has that number or name."""

    def __init__(self, path: Path, wanted: str) -> None:
        super().__init__(f"台账“{path}”中没有文件“{wanted}”：请用 taizhang documents 查看已读入的文件。")


class NoSuchTaskError(LedgerError):
    """No task has that number."""

    def __init__(self, path: Path, task: int) -> None:
        super().__init__(f"台账“{path}”中没有序号为 {task} 的任务：请用 taizhang tasks 查看序号。")


@contextmanager
def told_plainly(path: Path) -> Iterator[None]:
    """Turn what SQLite and the file system report about `path` into a `LedgerError`."""
    try:
        yield
    except sqlite3.IntegrityError:
        raise
    except UnicodeDecodeError as error:  # a message of SQLite's that quotes what is damaged
        raise DamagedLedgerError(path) from error
    except sqlite3.DatabaseError as error:
        raise _plain(path, getattr(error, "sqlite_errorcode", 0) & PRIMARY_CODE, error) from error
    except PermissionError as error:
        raise LedgerError(f"没有权限使用台账“{path}”：请检查该文件和文件夹的权限。") from error
    except OSError as error:
        raise LedgerError(f"无法使用台账“{path}”：{os_reason(error)}。") from error


def _plain(path: Path, code: int, error: sqlite3.DatabaseError) -> LedgerError:
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return LedgerBusyError(path)
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR) or UNDECODED in str(
        error
    ):
        return DamagedLedgerError(path)
    if code == sqlite3.SQLITE_FULL:
        return LedgerError(f"磁盘已满，台账“{path}”未写入：请腾出空间后再试。")
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH):
        return LedgerError(f"台账“{path}”无法写入或打开：请检查该文件和文件夹的权限。")
    return LedgerError(f"台账“{path}”读写出错：{error}。")
