"""How long pages take over a ledger of 100,000 tasks: run with `python -m benchmarks.web [FILE]`.

A page may take twice as long as what it asks of the ledger (the table page: the numbers of one page, and how many there are in
all), plus 100 ms. The server runs in this process, without a socket. `FILE` is where the ledger is built, and kept for the next
run; without it a temporary one is used. Prints for each address the time of the query, of the page, and whether that holds; the
other pages are timed without a limit. The exit code is 1 where a limit is passed.
"""

from __future__ import annotations

import sys
import tempfile
import warnings
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path

from starlette.datastructures import QueryParams

from benchmarks.timing import seconds
from extractor.ledger import Ledger, TaskFilters, ingest
from extractor.ledger.report import report as figures
from extractor.ledger.waiting import events
from extractor.pipeline import extract_each
from extractor.web.app import create_app
from extractor.web.choosing import PAGE, Choice
from extractor.web.settings import Settings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of httpx, which is to have another name one day
    from starlette.testclient import TestClient

CORPUS = Path(__file__).parent.parent / "corpus"
TASKS = 100_000
TIMES, MORE_SECONDS = 2.0, 0.1

COPIED = {
    "documents": "documents",
    "parts": "",
    "items": "items",
    "measures": None,
    "units": "",
    "deadlines": "",
    "frequencies": "",
    "left_out": "",
    "warnings": "",
    "places": "",
    "document_states": "documents",
    "tasks": "tasks",
    "document_forms": None,
    "task_units": None,
    "task_dates": None,
    "task_texts": None,
}
"""The tables that are multiplied: which counter their `id` belongs to ("": one of its own, None: they have none)."""
REFERENCES = {
    "document": "documents",
    "item": "items",
    "task": "tasks",
    "supersedes": "documents",
    "successor": "tasks",
}
REPORTED = """INSERT INTO tracking (id, status, progress, remarks)
    SELECT id, CASE WHEN id % 3 THEN 'in_progress' ELSE 'done' END, '', '' FROM tasks WHERE id % 4 = 0"""
"""A quarter of the tasks have progress."""
MADE_UNIQUE = {("documents", "sha256"), ("documents", "title"), ("documents", "name")}

ADDRESSES = (
    "",
    "page=1500",
    "order=-number",
    "order=due",
    "order=status&page=100",
    "order=unit",
    "document=17",
    "unit=财政局",
    "role=lead",
    "status=overdue&order=due",
    "status=done",
    "due_after=2023-01-01&due_before=2023-06-30",
    "text=应急预案",
    "unit=市&role=lead&status=overdue&text=检查&order=-due",
)
OTHERS = (
    "/due",
    "/due?organization=1",
    "/due?document=17",
    "/due/month?month=2023-06",
    "/handouts",
    "/units",
)
PAGES: dict[str, Callable[[Ledger], object]] = {
    "/progress": lambda ledger: figures(ledger, date.today()),
    "/due/events": events,
}
"""Pages other than the table, and what they ask of the ledger."""


def build(path: Path) -> None:
    """A ledger of the sample circulars, each there so many times that it has `TASKS` tasks."""
    with Ledger.create(path) as ledger:
        files = [*sorted(CORPUS.glob("*.txt")), CORPUS / "formats" / "12-task-table.xlsx"]
        for outcome in ingest(ledger, files, extract_each):
            print(f"  {outcome.name}")
        multiply(ledger, -(-TASKS // ledger.count_tasks()) - 1)
        ledger.db.execute(REPORTED)


def multiply(ledger: Ledger, times: int) -> None:
    """Copy all documents with their tasks `times` times, row by row; the registry of units stays as it is."""
    db = ledger.db
    last = {
        table: db.execute(f"SELECT max(id) FROM {table}").fetchone()[0]
        for table, own in COPIED.items()
        if own is not None
    }
    with ledger.transaction():
        for table, own in COPIED.items():
            columns = [column.name for column in db.table(table).columns]
            values = []
            for column in columns:
                counter = (own or table) if column == "id" else REFERENCES.get(column)
                shifted = f'"{column}" + copy * {last[counter]}' if counter else f'"{column}"'
                unique = f"\"{column}\" || '-' || copy" if (table, column) in MADE_UNIQUE else ""
                values.append(unique or shifted)
            names = ", ".join(f'"{name}"' for name in columns)
            db.execute(
                f"""WITH RECURSIVE copies(copy) AS (SELECT 1 UNION ALL SELECT copy + 1 FROM copies WHERE copy < {times})
                INSERT INTO {table} ({names}) SELECT {", ".join(values)} FROM copies, {table}"""
            )


def asking(ledger: Ledger, query: str) -> Callable[[], object]:
    """What the table page that `query` asks for asks of the ledger: the numbers of one page, and how many there are."""
    choice = Choice.of(QueryParams(query))
    filters = choice.filters(date.today())
    page: TaskFilters = {**filters, "limit": PAGE, "offset": (choice.page - 1) * PAGE}
    return lambda: (ledger.task_ids(**page), ledger.count_tasks(**filters))


def opening(client: TestClient, path: str) -> Callable[[], object]:
    """What a browser does."""
    return lambda: client.get(path).raise_for_status()


def report(client: TestClient, ledger: Ledger) -> bool:
    """Print the times; whether those of the table page are all within the limit."""
    held = True
    print(f"{ledger.count_tasks():,} tasks\n{'query':>9} {'page':>9}")
    questions = {f"/tasks?{query}": asking(ledger, query) for query in ADDRESSES}
    questions |= {path: partial(question, ledger) for path, question in PAGES.items()}
    for path, question in questions.items():
        asked, shown = seconds(question), seconds(opening(client, path))
        within = shown < TIMES * asked + MORE_SECONDS
        held &= within
        print(f"{asked * 1000:6.0f} ms {shown * 1000:6.0f} ms {'' if within else 'OVER '} {path}")
    for path in OTHERS:
        print(f"{'':9} {seconds(opening(client, path)) * 1000:6.0f} ms  {path}")
    return held


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(folder, "ledger.db")
        if not path.exists():
            build(path)
        client = TestClient(create_app(Settings(path)), base_url="http://127.0.0.1:8321")
        with Ledger.open(path) as ledger:
            held = report(client, ledger)
    sys.exit(0 if held else 1)


if __name__ == "__main__":
    main()
