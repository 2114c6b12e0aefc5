"""Progress in figures: what is counted, on the terminal, in the workbook and on the page."""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner
from openpyxl import load_workbook

from extractor.cli import cli
from extractor.export.figures import sections
from extractor.export.report_html import page
from extractor.ledger import Ledger
from extractor.ledger.report import CATEGORIES, Figures, Report, report
from extractor.ledger.tracking import record, tick
from tests.helpers.tracking import TODAY, plan, year


@pytest.fixture
def ledger():
    with Ledger.in_memory() as ledger:
        year(ledger)
        yield ledger


def told(figures: Figures) -> tuple[str | None, dict[str, int]]:
    return figures.name, {category: count for category, count in figures.counts.items() if count}


class TestFigures:
    def test_each_task_is_counted_once_in_its_document(self, ledger):
        record(ledger, [1], status="done", today=TODAY)
        record(ledger, [3], status="cancelled")
        found = report(ledger, date(2023, 6, 21))
        assert [told(one) for one in found.documents] == [
            ("排查.txt", {"done": 1}),
            ("食堂.txt", {"overdue": 1}),
            ("防汛.txt", {"cancelled": 1}),
            ("总结.txt", {"overdue": 1}),
        ]
        assert told(found.all)[1] == {"done": 1, "overdue": 2, "cancelled": 1}
        assert found.all.rate == 1 / 3  # what was cancelled is not asked for

    def test_with_each_unit_that_must_deliver_it(self, ledger):
        record(ledger, [1], percent=50)
        found = report(ledger, date(2023, 3, 31))  # on its last day nothing is overdue
        assert [told(one) for one in found.units] == [
            ("东山县应急管理局", {"in_progress": 1, "not_started": 1}),
            ("东山县教育局", {"not_started": 1}),
            ("各乡镇", {"not_started": 1}),
            (None, {"not_started": 1}),
        ]
        assert found.units[2].place == "东山县"

    def test_dates_by_the_month_in_which_they_are_due(self, ledger):
        tick(ledger, 2, date(2023, 3, 31), today=TODAY)
        record(ledger, [4], status="suspended")
        found = report(ledger, date(2023, 10, 1))
        assert [told(one) for one in found.months] == [
            ("2023-03", {"done": 1}),
            ("2023-06", {"overdue": 2, "suspended": 1}),
            ("2023-09", {"overdue": 1}),
            ("2023-12", {"not_started": 1}),
        ]

    def test_nothing(self):
        with Ledger.in_memory() as ledger:
            found = report(ledger, TODAY)
        assert (found.documents, found.units, found.months, found.all.total, found.all.rate) == (
            (),
            (),
            (),
            0,
            None,
        )

    def test_what_adds_up_adds_up(self, ledger):
        for each in sections(report(ledger, TODAY)):
            if each.total:
                columns = zip(*(row.parts for row in each.rows), strict=True)
                assert tuple(map(sum, columns)) == each.total.parts
                assert sum(each.total.parts) == each.total.total


def many(count: int, months: int = 60) -> Report:
    counts = dict.fromkeys(CATEGORIES, 1)
    return Report(
        date(2023, 6, 1),
        tuple(Figures(n, f"文件{n}", None, counts) for n in range(count)),
        tuple(Figures(n, f"单位{n}", None, counts) for n in range(count)),
        tuple(Figures(None, f"{2020 + n // 12}-{n % 12 + 1:02}", None, counts) for n in range(months)),
        Figures(None, None, None, counts),
    )


class TestWhatIsCharted:
    def test_of_many_the_latest_documents_the_busiest_units_the_months_of_the_year(self):
        documents, units, months = sections(many(100))
        assert [row.name for row in documents.charted_rows] == [f"文件{n}" for n in range(80, 100)]
        assert [row.name for row in units.charted_rows] == [f"单位{n}" for n in range(20)]
        assert [row.name for row in months.charted_rows] == [f"2023-{n:02}" for n in range(1, 13)]
        assert units.chart_title == "各单位任务进展（任务最多的 20 家）"

    def test_of_few_all(self):
        documents, _, months = sections(many(3, months=12))
        assert (documents.chart_title, len(documents.charted_rows)) == ("各文件任务进展", 3)
        assert len(months.charted_rows) == 12  # none of the year that is asked for: the last ones


class Elements(HTMLParser):
    """The elements of a page with their attributes, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text.append(data)


class TestPage:
    def test_it_needs_nothing_and_runs_nothing(self, ledger):
        text = page(report(ledger, TODAY))
        elements = Elements(text)
        assert not {"script", "link", "img", "iframe"} & {tag for tag, _ in elements.found}
        assert not [name for _, attrs in elements.found for name in attrs if name in ("style", "src", "href")]
        style = re.search(r"<style>(.*)</style>", text, re.DOTALL).group(1)
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        assert f"default-src 'none'; style-src 'sha256-{digest}'" in text

    def test_a_title_is_text(self):
        with Ledger.in_memory() as ledger:
            ledger.add(plan("一、抓好落实。", "<script>alert(1)</script>.txt"))
            text = page(report(ledger, TODAY))
        assert "<script>" not in text
        assert "&lt;script&gt;alert(1)&lt;/script&gt;.txt" in text

    def test_bars_are_as_long_as_their_figures(self, ledger):
        record(ledger, [1], status="done", today=TODAY)
        elements = Elements(page(report(ledger, date(2023, 7, 1))))
        labels = [
            attrs["aria-label"] for tag, attrs in elements.found if tag == "svg" and "aria-label" in attrs
        ]
        assert labels[:4] == ["已完成 1", "逾期 1", "未开始 1", "逾期 1"]
        bars = [attrs for tag, attrs in elements.found if tag == "rect" and "x" in attrs]
        assert [(bar["class"], bar["width"]) for bar in bars[4:6]] == [
            ("done", "500.0"),
            ("overdue", "500.0"),
        ]

    def test_an_empty_ledger(self):
        with Ledger.in_memory() as ledger:
            assert page(report(ledger, TODAY)).count("没有数据。") == 3


class TestCommand:
    @pytest.fixture(autouse=True)
    def at_the_terminal(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("TAIZHANG_LEDGER", "台账.db")
        with Ledger.create("台账.db") as ledger:
            year(ledger)
            ledger.add(plan("一、抓好落实。", "=1+1.txt"))
            record(ledger, [1], status="done", today=TODAY)

    def said(self, *args: str) -> str:
        result = CliRunner().invoke(cli, ["report", "--as-of", "2023-07-01", *args], prog_name="taizhang")
        assert result.exit_code == 0, result.output
        return result.output

    def test_on_the_terminal(self):
        text = self.said()
        assert re.search(r"文件 +总数 +已完成 +进行中 +未开始 +逾期 +暂缓 +取消 +完成率", text)
        assert re.search(r"合计 +5 +1 +2 +2 +20%", text)
        assert re.search(r"各乡镇（东山县） +1 +1 +0%", text)
        assert re.search(r"2023-06 +3 +1 +2 +33%", text)
        assert text.endswith("截至 2023-07-01：共 5 项任务，已完成 1 项，逾期 2 项，完成率 20%。\n")

    def test_the_workbook(self):
        assert self.said("--to", "进展.xlsx") == "已写出“进展.xlsx”：5 项任务的进展。\n"
        book = load_workbook("进展.xlsx")
        assert book.sheetnames == ["按文件", "按单位", "按月"]
        sheet = book["按文件"]
        rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=4)]
        assert rows[0] == ["文件", "总数", "已完成", "进行中", "未开始", "逾期", "暂缓", "取消", "完成率"]
        assert rows[1][:3] == ["排查.txt", 1, 1]
        assert rows[6] == ["合计", 5, 1, 0, 2, 2, 0, 0, 0.2]
        # what begins like a formula stays text
        assert (sheet["A9"].value, sheet["A9"].data_type) == ("=1+1.txt", "s")

    def test_each_sheet_has_a_chart_of_its_rows(self):
        self.said("--to", "进展.xlsx")
        for sheet in load_workbook("进展.xlsx").worksheets:
            (chart,) = sheet._charts
            last = max(cell.row for cell in sheet["A"] if cell.value and cell.value != "合计")
            assert [series.val.numRef.f for series in chart.series] == [
                f"'{sheet.title}'!${column}$5:${column}${last}" for column in "CDEFGH"
            ]
            assert {series.cat.numRef.f for series in chart.series} == {f"'{sheet.title}'!$A$5:$A${last}"}
            assert [series.tx.strRef.f for series in chart.series] == [
                f"'{sheet.title}'!${column}$4" for column in "CDEFGH"
            ]
            assert chart.grouping == "stacked"

    def test_the_page(self):
        assert self.said("--to", "页/进展.html") == "已写出“页/进展.html”：5 项任务的进展。\n"
        assert "截至 2023-07-01：共 5 项任务" in Path("页/进展.html").read_text("utf-8")

    def test_an_empty_ledger(self):
        Ledger.create("空.db").close()
        assert self.said("--ledger", "空.db") == "台账中没有任务。\n"
        self.said("--ledger", "空.db", "--to", "空.xlsx")
        assert load_workbook("空.xlsx").sheetnames == ["按文件", "按单位", "按月"]

    def test_another_form(self):
        result = CliRunner().invoke(cli, ["report", "--to", "进展.pdf"], prog_name="taizhang")
        assert (result.exit_code, "请以 .xlsx、.html 结尾" in result.output) == (2, True)
