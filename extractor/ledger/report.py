"""Progress in figures: by document, by unit, by month."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal, get_args

from extractor.ledger.due import OWNERS
from extractor.ledger.errors import told_plainly

if TYPE_CHECKING:
    from extractor.ledger.ledger import Ledger

Category = Literal["done", "in_progress", "not_started", "overdue", "suspended", "cancelled"]
"""Where each task, or each date of one, is counted: once. What is overdue is not counted as open."""
CATEGORIES: tuple[Category, ...] = get_args(Category)

STATUS = "coalesce(tracking.status, 'not_started')"
# NOT done, not done = 0: for each task the few dates of the task are looked through, not the index of all open dates.
OF_TASK = f"""CASE WHEN {STATUS} IN ('not_started', 'in_progress')
        AND (SELECT min(due) FROM task_dates WHERE task = tasks.id AND NOT done) < :as_of THEN 'overdue'
    ELSE {STATUS} END"""
OF_DATE = f"""CASE WHEN dates.done AND {STATUS} <> 'cancelled' THEN 'done'
    WHEN {STATUS} IN ('not_started', 'in_progress') AND dates.due < :as_of THEN 'overdue'
    ELSE {STATUS} END"""

BY_DOCUMENT = f"""SELECT tasks.document, coalesce(documents.title, documents.name), NULL, {OF_TASK} AS category, count(*)
    FROM tasks JOIN documents ON documents.id = tasks.document LEFT JOIN tracking ON tracking.id = tasks.id
    WHERE tasks.standing = 'current' GROUP BY tasks.document, category ORDER BY tasks.document"""
BY_UNIT = f"""SELECT organizations.id, organizations.name,
        CASE WHEN organizations.collective THEN organizations.place END, {OF_TASK} AS category, count(*)
    FROM tasks LEFT JOIN tracking ON tracking.id = tasks.id {OWNERS.format(task="tasks.id")}
    WHERE tasks.standing = 'current' GROUP BY organizations.id, category
    ORDER BY organizations.id IS NULL, organizations.collective, sum(count(*)) OVER (PARTITION BY organizations.id) DESC,
        organizations.id"""
BY_MONTH = f"""SELECT NULL, substr(dates.due, 1, 7) AS month, NULL, {OF_DATE} AS category, count(*)
    FROM task_dates AS dates LEFT JOIN tracking ON tracking.id = dates.task
    GROUP BY month, category ORDER BY month"""
ALL = f"""SELECT {OF_TASK} AS category, count(*) FROM tasks LEFT JOIN tracking ON tracking.id = tasks.id
    WHERE tasks.standing = 'current' GROUP BY category"""


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
    day = {"as_of": as_of.isoformat()}
    with told_plainly(ledger.path):
        documents, units, months = (
            _figures(ledger.db.execute(query, day).fetchall()) for query in (BY_DOCUMENT, BY_UNIT, BY_MONTH)
        )
        (of_all,) = _figures((None, None, None, *row) for row in ledger.db.execute(ALL, day).fetchall()) or (
            Figures(None, None, None, dict.fromkeys(CATEGORIES, 0)),
        )
    return Report(as_of, documents, units, months, of_all)


def _figures(rows: Iterable[tuple[int | None, str | None, str | None, Category, int]]) -> tuple[Figures, ...]:
    found: dict[tuple[int | None, str | None, str | None], dict[Category, int]] = {}
    for row_id, name, place, category, count in rows:
        found.setdefault((row_id, name, place), dict.fromkeys(CATEGORIES, 0))[category] = count
    return tuple(Figures(*key, counts) for key, counts in found.items())
