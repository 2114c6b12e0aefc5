"""Files that are sent in become documents of the ledger, one after the other, in a process of its own.

Reading a large scan takes minutes; in a process of its own it neither holds up the pages nor takes them down with it.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import re
import signal
import tempfile
import unicodedata
from asyncio import wrap_future
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from threading import Lock

from fastapi import Request

from extractor.export.wording import tidy
from extractor.intake.errors import UnreadableFile
from extractor.ledger import Failed, Ledger, LedgerError, Outcome, ingest
from extractor.model import Document
from extractor.web.errors import on_page
from extractor.web.security import accept_body
from extractor.web.visits import Visit

LONGEST_LABEL = 120
LONGEST_SUFFIX = 10
PATH_MARKS = re.compile(r"[/\\]")
UNNAMED = "未命名文件"
LONGEST_READING = 30 * 60.0
"""Seconds after which a file is given up; a scan of 300 pages takes about 20 minutes."""
BROKE_DOWN = "程序在读这份文件时意外中断，台账未改动：请确认文件能正常打开，另存后再试"
TOO_LONG = "读了半个小时仍未读完，已停止，台账未改动：请把文件分成几份后再试"


def label_of(name: str) -> str:
    """What a file is called in tables, from what the browser calls it: its last part, visible, not too long.

    It is never used as a path.
    """
    last = PATH_MARKS.split(unicodedata.normalize("NFC", name))[-1]
    label = tidy("".join(char if char.isprintable() else " " for char in last))
    if len(label) > LONGEST_LABEL:
        stem, dot, suffix = label.rpartition(".")
        ending = f"{dot}{suffix}" if stem and len(suffix) <= LONGEST_SUFFIX else ""
        label = f"{label[: LONGEST_LABEL - len(ending) - 1]}…{ending}"
    return label if label.strip(". ") else UNNAMED


def read_in(ledger: Path, actor: str, file: Path, label: str) -> list[Outcome]:
    """Read `file` into the ledger in the name of `actor`; in tables it is called `label`.

    Returns:
        What became of it, or of each of its documents where it is an archive.
    """
    from extractor.pipeline import extract_each

    def named(name: str) -> str:
        return label + name.removeprefix(str(file)).removeprefix(file.name)

    def extract(path: Path) -> Iterator[tuple[str, Document | Exception]]:
        for name, found in extract_each(path):
            if isinstance(found, Document):
                yield named(name), replace(found, source=replace(found.source, name=named(found.source.name)))
            else:
                # in the words of the page as long as it knows what is missing
                yield named(name), UnreadableFile(on_page(found, ledger))

    try:
        with Ledger.open(ledger, actor=actor) as book:
            return [_on_page(outcome, ledger) for outcome in ingest(book, [file], extract)]
    except LedgerError as error:  # told here, for such errors do not travel between processes
        return [Outcome(file, label, Failed(on_page(error, ledger)))]


def _on_page(outcome: Outcome, ledger: Path) -> Outcome:
    """What the ledger, too, says of a document, in the words of pages."""
    if not isinstance(outcome.result, Failed):
        return outcome
    return replace(outcome, result=Failed(on_page(outcome.result.reason, ledger)))


class Reading:
    """Has files read in, one at a time, by `executor` or by a process that is started when the first file comes."""

    def __init__(self, executor: Executor | None = None) -> None:
        self._given = executor
        self._own: ProcessPoolExecutor | None = None
        self._starting = Lock()
        self._one_at_a_time = asyncio.Lock()

    async def read_in(self, visit: Visit, file: Path, label: str) -> list[Outcome]:
        """Read `file` into the visitor's ledger, as the function of that name, without holding up others.

        Where the visitor leaves before it is read, reading stops: the file goes with them, and the next one is waiting.
        """
        task = partial(read_in, visit.ledger.path, visit.user.name, file, label)
        async with self._one_at_a_time:
            reading = wrap_future(self._given.submit(task) if self._given else self._submit(task))
            try:
                return await asyncio.wait_for(reading, LONGEST_READING)
            except BrokenProcessPool:
                return [Outcome(file, label, Failed(BROKE_DOWN))]
            except TimeoutError:
                self._give_up()
                return [Outcome(file, label, Failed(TOO_LONG))]
            except asyncio.CancelledError:
                self._give_up()
                raise

    def _submit(self, task: Callable[[], list[Outcome]]) -> Future[list[Outcome]]:
        """Have the process do it; one that has died since it was last needed is replaced."""
        with self._starting:
            if self._own is not None:
                with suppress(BrokenProcessPool):
                    return self._own.submit(task)
            # Spawned: it has no copy of this process's threads and connections.
            spawn = multiprocessing.get_context("spawn")
            self._own = ProcessPoolExecutor(1, spawn, initializer=_leave_interrupts_to_the_server)
            return self._own.submit(task)

    def close(self) -> None:
        """Stop at once: what is half read leaves nothing in the ledger."""
        self._give_up()

    def _give_up(self) -> None:
        """Stop the process; the next file gets a new one."""
        with self._starting:
            for process in multiprocessing.active_children():
                process.terminate()
            if self._own is not None:
                self._own.shutdown(cancel_futures=True)
                self._own = None


def _leave_interrupts_to_the_server() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@asynccontextmanager
async def received(visit: Visit) -> AsyncIterator[Path]:
    """The body of the request as a file under a name of ours, which is gone afterwards.

    Raises:
        HTTPException: if it is larger than is taken.
    """
    limit = visit.state.settings.max_upload
    accept_body(visit.request, limit)
    with tempfile.TemporaryDirectory(prefix="taizhang-") as folder:
        file = Path(folder) / "received"
        with file.open("wb") as sink:
            async for chunk in visit.request.stream():
                sink.write(chunk)
        yield file


def reading_of(request: Request) -> Reading:
    """Where files are read in."""
    reading: Reading = request.app.state.reading
    return reading
