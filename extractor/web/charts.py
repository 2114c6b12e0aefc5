"""Where the parts of a chart lie; how they look says the template."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from extractor.ledger.report import CATEGORIES, Category, Figures

WIDTH = 1000
"""The width of a chart in its own units."""
COLUMNS_HEIGHT = 160
WIDEST_COLUMN = 44
STEPS = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class Part:
    """The part of a bar that stands for one category: where it begins, how long it is, how many it stands for."""

    category: Category
    start: float
    length: float
    count: int


@dataclass(frozen=True, slots=True)
class Column:
    """An upright bar: its left edge and width, its parts from the top down."""

    figures: Figures
    left: float
    width: float
    parts: tuple[Part, ...]

    @property
    def middle(self) -> float:
        """Where its label is centred."""
        return self.left + self.width / 2

    @property
    def top(self) -> float:
        """Where it begins."""
        return min((part.start for part in self.parts), default=COLUMNS_HEIGHT)


@dataclass(frozen=True, slots=True)
class ColumnChart:
    """Upright bars side by side, and lines across at round numbers: each with its height."""

    columns: tuple[Column, ...]
    lines: tuple[tuple[int, float], ...]


def bar(figures: Figures, longest: int) -> list[Part]:
    """The parts of a lying bar, of which one of `longest` takes the whole width."""
    return list(_parts(figures, WIDTH / max(longest, 1)))


def column_chart(rows: Sequence[Figures]) -> ColumnChart:
    """The chart of these rows."""
    highest = max((row.total for row in rows), default=0)
    step = _step(highest)
    top = -(-highest // step) * step or 1
    scale, room = COLUMNS_HEIGHT / top, WIDTH / max(len(rows), 1)
    width = min(room * 0.7, WIDEST_COLUMN)
    columns = tuple(
        Column(row, round(at * room + (room - width) / 2, 1), round(width, 1), tuple(_standing(row, scale)))
        for at, row in enumerate(rows)
    )
    lines = tuple((count, round(COLUMNS_HEIGHT - count * scale, 1)) for count in range(0, top + 1, step))
    return ColumnChart(columns, lines)


def _standing(figures: Figures, scale: float) -> Iterator[Part]:
    for part in _parts(figures, scale):
        yield Part(
            part.category, round(COLUMNS_HEIGHT - part.start - part.length, 1), part.length, part.count
        )


def _parts(figures: Figures, scale: float) -> Iterator[Part]:
    at = 0
    for category in CATEGORIES:
        if count := figures.counts[category]:
            yield Part(category, round(at * scale, 1), round(count * scale, 1), count)
            at += count


def _step(highest: int) -> int:
    """A round number of which some four make the whole."""
    power = 1
    while True:
        for step in STEPS:
            if step * power * 4 >= highest:
                return step * power
        power *= 10
