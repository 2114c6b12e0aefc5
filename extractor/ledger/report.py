"""Progress in figures: by document, by unit, by month."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Literal, get_args

from extractor.ledger.due import OWNERS
from extractor.ledger.errors import told_plainly
from extractor.ledger.records import OPEN, STATUSES

if TYPE_CHECKING:
    from extractor.ledger.ledger import Ledger

Category = Literal["done", "in_progress", "not_started", "overdue", "suspended", "cancelled"]
"""Where each task, or each date of one, is counted: once. What is overdue is not counted as open."""
CATEGORIES: tuple[Category, ...] = get_args(Category)

STATUS = "coalesce(tracking.status, 'not_started')"
OF_TASKS = f"""WITH counted AS MATERIALIZED (
    SELECT tasks.id AS task, tasks.document, CASE WHEN {STATUS} IN ('not_started', 'in_progress')
            AND EXISTS (SELECT 1 FROM task_dates WHERE task = tasks.id AND done = 0 AND due < :as_of) THEN 'overdue'
        ELSE {STATUS} END AS category
    FROM tasks LEFT JOIN tracking ON tracking.id = tasks.id WHERE tasks.standing = 'current')
    SELECT 'document', document, category, count(*) FROM counted GROUP BY document, category
    UNION ALL
    SELECT 'unit', organizations.id, category, count(*) FROM counted {OWNERS.format(task="counted.task")}
        GROUP BY organizations.id, category"""
"""How many tasks of each document, and of each unit, are in each category, which is worked out once for both."""
OF_DAYS = f"""SELECT due, done, {", ".join(f"count(*) FILTER (WHERE {STATUS} = '{status}')" for status in STATUSES)}
    FROM task_dates LEFT JOIN tracking ON tracking.id = task GROUP BY done, due"""
"""How many dates fall on each day, done and not done, by the status of their tasks: gone through in the order of an index."""
DOCUMENTS = "SELECT id, coalesce(title, name) FROM documents"
UNITS = "SELECT id, name, CASE WHEN collective THEN place END, collective FROM organizations"


@dataclass(frozen=True, slots=True)
class Figures:
    """How many are in each category. `id` is the number of the document or unit; `name` its name, or the month (2023-06).

    Both are None for tasks whose text names no unit. `place` is that whose units a collective sums up.
    """

    id: int | None
    name: str | None
    place: str | None
    counts: Mapping[Category, int]

    @property
    def total(self) -> int:
        """How many there are."""
        return sum(self.counts.values())

    @property
    def rate(self) -> float | None:
        """Which part of those that were not cancelled is done, from 0 to 1; None where there are none."""
        wanted = self.total - self.counts["cancelled"]
        return self.counts["done"] / wanted if wanted else None


@dataclass(frozen=True, slots=True)
class Report:
    """Progress as of a day.

    Documents and units count tasks, a unit those that it leads (or is responsible for where none leads them), so that a task
    may be with several units; months count dates, each deadline and each single time of work that recurs, by when they are
    due. `all` counts each task once.
    """

    as_of: date
    documents: tuple[Figures, ...]
    units: tuple[Figures, ...]
    months: tuple[Figures, ...]
    all: Figures


def report(ledger: Ledger, as_of: date) -> Report:
    """The figures of the current tasks of `ledger` as of a day: statuses are those of now, `as_of` decides what is overdue."""
    day = as_of.isoformat()
    with told_plainly(ledger.path):
        tasks = ledger.db.execute(OF_TASKS, {"as_of": day}).fetchall()
        days = ledger.db.execute(OF_DAYS).fetchall()
        titles = dict(ledger.db.execute(DOCUMENTS).fetchall())
        units = ledger.db.execute(UNITS).fetchall()
    of_documents = _counted(row[1:] for row in tasks if row[0] == "document")
    of_units = _counted(row[1:] for row in tasks if row[0] == "unit")
    of_months = _counted(_of_months(days, day))
    of_all = _counted((None, category, count) for kind, _, category, count in tasks if kind == "document")
    return Report(
        as_of,
        documents=tuple(Figures(id, titles[id], None, of_documents[id]) for id in sorted(of_documents)),
        units=tuple(_units(units, of_units)),
        months=tuple(Figures(None, month, None, of_months[month]) for month in sorted(of_months)),
        all=Figures(None, None, None, of_all[None]),
    )


def _units(
    known: Iterable[tuple[int, str, str | None, int]], counts: Mapping[int | None, dict[Category, int]]
) -> Iterator[Figures]:
    """Those with tasks, with most tasks first: single units, then collectives, then what names no unit."""
    found = [
        (collective, Figures(id, name, place, counts[id]))
        for id, name, place, collective in known
        if id in counts
    ]
    for _, figures in sorted(found, key=lambda one: (one[0], -one[1].total, one[1].id)):
        yield figures
    if None in counts:
        yield Figures(None, None, None, counts[None])


def _of_months(days: Iterable[tuple[Any, ...]], as_of: str) -> Iterator[tuple[str, Category, int]]:
    for due, done, *counts in days:
        for status, count in zip(STATUSES, counts, strict=True):
            late = status in OPEN and due < as_of
            yield due[:7], "done" if done and status != "cancelled" else "overdue" if late else status, count


def _counted(counts: Iterable[tuple[Any, Category, int]]) -> defaultdict[Any, dict[Category, int]]:
    """The counts of each category by what they are of."""
    found: defaultdict[Any, dict[Category, int]] = defaultdict(lambda: dict.fromkeys(CATEGORIES, 0))
    for of, category, count in counts:
        found[of][category] += count
    return found
