"""What is overdue, due and coming: the rows, by unit, and what the command prints."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from extractor.cli import cli
from extractor.ledger import Ledger
from extractor.ledger.corrections import correct, split
from extractor.ledger.due import by_unit, due
from extractor.ledger.tracking import record, tick
from extractor.ledger.waiting import set_day
from extractor.ledger.workdays import workday_from
from tests.helpers.tracking import TODAY, plan, year


@pytest.fixture
def ledger():
    with Ledger.in_memory() as ledger:
        year(ledger)
        yield ledger


def rows(ledger: Ledger, **options: object) -> list[tuple[int, str, str, str | None]]:
    found = due(ledger, options.pop("as_of", TODAY), **options)
    return [(row.task, f"{row.due:%m-%d}", row.state, row.unit) for row in found]


YJJ, JYJ = "东山县应急管理局", "东山县教育局"


class TestRows:
    def test_overdue_due_and_coming_by_day(self, ledger):
        assert rows(ledger) == [
            (2, "03-31", "overdue", YJJ),
            (2, "03-31", "overdue", JYJ),  # both are responsible, and nobody leads
            (4, "06-20", "today", None),  # a day is not over while it lasts
            (1, "06-30", "coming", YJJ),  # who leads, not who cooperates
            (2, "06-30", "coming", YJJ),
            (2, "06-30", "coming", JYJ),
        ]
        assert [row.days for row in due(ledger, TODAY)] == [-81, -81, 0, 10, 10, 10]

    @pytest.mark.parametrize(
        ("options", "tasks"),
        [
            ({"as_of": date.max, "within": 30, "document": 4}, [4]),  # the calendar ends there
            ({"within": 0}, [2, 2, 4]),
            ({"within": 9}, [2, 2, 4]),
            ({"within": 10}, [2, 2, 4, 1, 2, 2]),  # the last day counts
            ({"as_of": date(2023, 3, 31), "within": 0}, [2, 2]),
            ({"as_of": date(2023, 3, 30), "within": 0}, []),
            ({"unit": "教育局"}, [2, 2, 1, 2, 2]),  # any part in it
            ({"unit": "县教育局", "within": 0}, [2, 2]),
            ({"unit": "气象局"}, []),
            ({"organization": 1, "within": 0}, [2, 2]),
            ({"document": "总结"}, [4]),
            ({"document": 4}, [4]),
            ({"document": "无"}, []),
            ({"limit": 2}, [2, 2]),
            ({"limit": 2, "offset": 2}, [4, 1]),
            ({"limit": 0}, []),
        ],
    )
    def test_what_is_asked_for(self, ledger, options, tasks):
        assert [task for task, *_ in rows(ledger, **options)] == tasks

    @pytest.mark.parametrize("status", ["done", "cancelled", "suspended"])
    def test_nobody_is_reminded_of_what_is_not_open(self, ledger, status):
        record(ledger, [1, 2, 4], status=status, today=TODAY)
        assert rows(ledger) == []

    def test_what_is_ticked_off_is_not_due(self, ledger):
        tick(ledger, 2, date(2023, 3, 31), today=TODAY)
        assert [(task, day) for task, day, *_ in rows(ledger, within=9)] == [(4, "06-20")]

    def test_the_day_of_an_event_makes_it_due(self, ledger):
        set_day(ledger, "汛期", date(2023, 6, 1))
        assert (3, "05-31", "overdue", "各乡镇") in rows(ledger)

    def test_what_it_is_called(self, ledger):
        correct(ledger, 1, heading="排查隐患", reason="更准确")
        named = {row.task: (row.heading, row.number, row.opening) for row in due(ledger, TODAY)}
        assert named[1] == ("排查隐患", "一", "一、县应急局牵头，县教育局配合，6月底前完成排查。")
        assert named[2] == (None, "一", "一、县教育局、县应急局每季度检查食堂。")

    def test_a_task_with_characters_of_its_own_begins_with_them(self):
        text = "一、每季度检查食堂，每季度检查校车。"
        with Ledger.in_memory() as ledger:
            frequencies = [
                {"quote": quote, "period": "P3M"} for quote in ("每季度检查食堂", "每季度检查校车")
            ]
            ledger.add(plan(text, frequencies=frequencies))
            split(ledger, 1, [text.index("每季度检查校车")], reason="两件事")
            openings = {row.opening for row in due(ledger, TODAY, 0)}
            assert openings == {"一、每季度检查食堂，", "每季度检查校车。"}


class TestWorkdays:
    def test_a_rest_day_moves_to_the_next_working_day(self, ledger):
        # 30 September 2023 is in the holiday of 国庆, which ends on 6 October; Saturday the 7th is a working day.
        quarter = date(2023, 9, 30)
        assert [(row.due, row.stated) for row in due(ledger, date(2023, 10, 3), workdays=True)][-1] == (
            date(2023, 10, 7),
            quarter,
        )
        states = {
            (day, workdays): next(
                row.state for row in due(ledger, day, workdays=workdays) if row.stated == quarter
            )
            for day in (date(2023, 10, 3), date(2023, 10, 7), date(2023, 10, 8))
            for workdays in (False, True)
        }
        assert [states[day, True] for day, workdays in states if workdays] == ["coming", "today", "overdue"]
        assert {state for (_, workdays), state in states.items() if not workdays} == {"overdue"}

    def test_what_moves_out_of_sight_is_not_there(self, ledger):
        as_of = date(2023, 9, 28)
        assert max(row.stated for row in due(ledger, as_of, 3)) == date(2023, 9, 30)
        assert max(row.stated for row in due(ledger, as_of, 3, workdays=True)) == date(2023, 6, 30)

    @settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
    @given(as_of=st.dates(date(2023, 1, 1), date(2024, 2, 1)), within=st.integers(0, 60))
    def test_it_is_as_if_each_date_had_been_moved(self, ledger, as_of, within):
        every = due(ledger, as_of, 4000)
        moved = [
            (row.task, workday_from(row.stated), row.organization)
            for row in every
            if workday_from(row.stated) <= as_of + timedelta(days=within)
        ]
        found = due(ledger, as_of, within, workdays=True)
        assert [(row.task, row.due, row.organization) for row in found] == moved


class TestByUnit:
    def test_most_overdue_first_then_collectives_then_no_unit(self, ledger):
        set_day(ledger, "汛期", date(2023, 5, 1))
        record(ledger, [2], status="suspended")
        tick(ledger, 2, date(2023, 3, 31), today=TODAY)
        record(ledger, [2], status="in_progress")
        units = by_unit(due(ledger, date(2023, 7, 1), 100))
        assert [
            (unit.name, unit.collective, unit.count("overdue"), unit.count("coming")) for unit in units
        ] == [
            (YJJ, False, 2, 1),
            (JYJ, False, 1, 1),
            ("各乡镇", True, 1, 0),
            (None, False, 1, 0),
        ]

    def test_many_dates_of_one_task_are_one_line(self):
        with Ledger.in_memory() as ledger:
            ledger.add(
                plan(
                    "一、每日巡查。",
                    frequencies=[{"quote": "每日", "period": "P1D", "times": 1, "bound": "exact"}],
                )
            )
            (unit,) = by_unit(due(ledger, date(2023, 3, 1), 5))
            assert [(line.first.due, line.first.state, line.count) for line in unit.lines] == [
                (date(2023, 2, 20), "overdue", 9),
                (date(2023, 3, 1), "today", 1),
                (date(2023, 3, 2), "coming", 5),
            ]


class TestCommand:
    @pytest.fixture(autouse=True)
    def at_the_terminal(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("TAIZHANG_LEDGER", "台账.db")
        with Ledger.create("台账.db") as ledger:
            year(ledger)

    def said(self, *args: str) -> str:
        result = CliRunner().invoke(cli, ["due", *args], prog_name="taizhang")
        assert result.exit_code == 0, result.output
        return result.output

    def test_by_unit(self):
        text = self.said("--as-of", "2023-06-20")
        assert [line for line in text.split("\n") if line.startswith(("东山县", "未注明"))] == [
            f"{YJJ}　逾期 1，即将到期 2",
            f"{JYJ}　逾期 1，即将到期 1",
            "未注明单位　今日到期 1",
        ]
        assert re.search(r"即将到期 +2023-06-30 +还有 10 天 +1 +隐患排查 +6月底前 +未开始 +排查.txt", text)
        assert re.search(r"逾期 +2023-03-31 +超 81 天 +2 +县教育局、县应急局每季度检查食堂 +每季度", text)
        # what two units are responsible for is counted once
        assert text.endswith("截至 2023-06-20，往后 30 天：逾期 1 项，今日到期 1 项，即将到期 2 项。\n")

    def test_nothing(self):
        assert self.said("--as-of", "2023-01-01", "--within", "7天") == (
            "截至 2023-01-01 没有逾期的，之后 7 天内也没有到期的。\n"
        )

    def test_a_long_list_is_cut_unless_one_unit_is_asked_for(self, monkeypatch):
        monkeypatch.setattr("extractor.commands.tracking.LINES_OF_A_UNIT", 1)
        assert "另有 2 行" in self.said("--as-of", "2023-06-20")
        assert "另有" not in self.said("--as-of", "2023-06-20", "--unit", "应急")

    def test_working_days(self):
        text = self.said("--as-of", "2023-10-03", "--within", "10", "--workdays")
        assert re.search(r"即将到期 +2023-10-07 +还有 4 天 .*\n +（原 2023-09-30）", text)

    def test_years_whose_holidays_are_not_known_are_told(self):
        with Ledger.open("台账.db") as ledger:
            about = {"year": 2040, "issued_on": date(2040, 1, 5)}
            frequencies = [{"quote": "每年", "period": "P1Y"}]
            ledger.add(plan("一、每年评估。", "评估.txt", about=about, frequencies=frequencies))
        text = self.said("--as-of", "2040-12-20", "--workdays", "--document", "评估")
        assert "2040年的放假安排未收录：只按周末推算工作日。" in text

    def test_json(self):
        first = json.loads(self.said("--as-of", "2023-06-20", "--json"))[0]
        assert first == {
            "task": 2,
            "name": "县教育局、县应急局每季度检查食堂",
            "document": 2,
            "title": "食堂.txt",
            "organization": 1,
            "unit": YJJ,
            "due": "2023-03-31",
            "stated": "2023-03-31",
            "days": -81,
            "state": "overdue",
            "kind": "occurrence",
            "nth": 0,
            "words": "每季度",
            "status": "not_started",
            "percent": None,
        }
