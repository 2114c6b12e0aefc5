"""What a row of the progress report is: the terminal, the workbook and the page take it from here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from extractor.export import wording
from extractor.ledger.report import CATEGORIES, Category, Figures, Report

COUNTS = ("总数", *(wording.STATUSES[category] for category in CATEGORIES))
RATE = "完成率"
TOTAL = "合计"
TITLE = "任务进展情况"
MOST_CHARTED, MONTHS_CHARTED = 20, 12

COLOURS: dict[Category, str] = {
    "done": "3A7D44",
    "in_progress": "4A7EBB",
    "not_started": "BFC5CE",
    "overdue": "C0392B",
    "suspended": "D9A441",
    "cancelled": "8A8F98",
}
"""The colour of each category in charts, apart also in grey print by its lightness."""


@dataclass(frozen=True, slots=True)
class FiguresRow:
    """A line of figures as people read it; `parts` are the counts of the `CATEGORIES` in their order."""

    name: str
    total: int
    parts: tuple[int, ...]
    rate: float | None


@dataclass(frozen=True, slots=True)
class Section:
    """One of the report's tables.

    Attributes:
        title: what it is called.
        subject: what its rows are.
        note: what is counted.
        rows: the rows.
        total: their sum, where they add up.
        charted: which of the rows the chart shows; a chart of hundreds shows nothing.
        chart_title: what the chart is called, with the rows it is of where those are not all.
        along_time: whether the rows follow one another in time.
    """

    title: str
    subject: str
    note: str
    rows: tuple[FiguresRow, ...]
    total: FiguresRow | None
    charted: slice
    chart_title: str
    along_time: bool = False

    @property
    def charted_rows(self) -> tuple[FiguresRow, ...]:
        """The rows of the chart."""
        return self.rows[self.charted]


def sections(report: Report) -> tuple[Section, ...]:
    """The tables of the report."""
    by_document = tuple(_row(wording.tidy(one.name or ""), one) for one in report.documents)
    by_unit = tuple(_row(wording.tidy(wording.in_place(one.name, one.place)), one) for one in report.units)
    by_month = tuple(_row(one.name or "", one) for one in report.months)
    latest, busiest = slice(-MOST_CHARTED, None), slice(MOST_CHARTED)
    of_year = [at for at, row in enumerate(by_month) if row.name.startswith(f"{report.as_of.year}-")]
    months = slice(of_year[0], of_year[-1] + 1) if of_year else slice(-MONTHS_CHARTED, None)
    return (
        Section(
            "按文件",
            "文件",
            "统计任务数，每项任务计一次。",
            by_document,
            _row(TOTAL, report.all),
            latest,
            _of_some("各文件任务进展", by_document[latest], by_document, "最近读入的 {} 份"),
        ),
        Section(
            "按单位",
            "单位",
            "统计任务数：有牵头单位的计入牵头单位，没有的计入责任单位；几家共同牵头或负责的，各计一次。",
            by_unit,
            None,
            busiest,
            _of_some("各单位任务进展", by_unit[busiest], by_unit, "任务最多的 {} 家"),
        ),
        Section(
            "按月",
            "月份",
            "统计当月到期的事项数：每个时限、按频次应办的每一次，各计一项。",
            by_month,
            _sum(by_month),
            months,
            _of_some("各月到期事项", by_month[months], by_month, "其中 {} 个月"),
            along_time=True,
        ),
    )


def _of_some(title: str, shown: Sequence[FiguresRow], every: Sequence[FiguresRow], which: str) -> str:
    return title if len(shown) == len(every) else f"{title}（{which.format(len(shown))}）"


def summary(report: Report) -> str:
    """The report in one sentence."""
    alone = report.all
    return (
        f"截至 {report.as_of}：共 {alone.total} 项任务，已完成 {alone.counts['done']} 项，"
        f"逾期 {alone.counts['overdue']} 项，完成率 {wording.rate(alone.rate)}"
    )


def _row(name: str, figures: Figures) -> FiguresRow:
    parts = tuple(figures.counts[category] for category in CATEGORIES)
    return FiguresRow(name, figures.total, parts, figures.rate)


def _sum(rows: Iterable[FiguresRow]) -> FiguresRow:
    counts = [sum(column) for column in zip(*(row.parts for row in rows), strict=True)] or [0] * len(
        CATEGORIES
    )
    return _row(TOTAL, Figures(None, None, None, dict(zip(CATEGORIES, counts, strict=True))))
