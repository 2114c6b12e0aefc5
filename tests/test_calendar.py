"""The calendar: its days are those of the ledger, and calendar programs take it in."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from dateutil.rrule import rruleset, rrulestr
from icalendar import Calendar, Event

from extractor.cli import cli
from extractor.export.calendar import write_calendar
from extractor.ledger import Ledger
from extractor.ledger.tracking import record, tick
from extractor.ledger.waiting import set_day
from extractor.ledger.workdays import workday_from
from tests.helpers.documents import sample
from tests.helpers.tracking import TODAY, plan, year


def read(path: Path) -> list[Event]:
    return Calendar.from_ical(path.read_bytes()).events


def days_of(event: Event) -> list[date]:
    """All days of an event, its rule expanded."""
    first = event.decoded("dtstart")
    if "rrule" not in event:
        return [first]
    every = rruleset()
    every.rrule(rrulestr(event["rrule"].to_ical().decode(), dtstart=datetime.combine(first, time())))
    for day in event["exdate"].dts if "exdate" in event else ():
        every.exdate(datetime.combine(day.dt, time()))
    return [moment.date() for moment in every]


def task_of(event: Event) -> int:
    return int(str(event["uid"]).split("-")[2])


def in_calendar(path: Path) -> Counter[tuple[int, date]]:
    return Counter((task_of(event), day) for event in read(path) for day in days_of(event))


def in_ledger(ledger: Ledger) -> Counter[tuple[int, date]]:
    rows = ledger.db.execute("SELECT task, due FROM task_dates").fetchall()
    return Counter((task, date.fromisoformat(due)) for task, due in rows)


@pytest.fixture
def ledger():
    with Ledger.in_memory() as ledger:
        year(ledger)
        set_day(ledger, "汛期", date(2023, 5, 1))
        yield ledger


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "日历.ics"


class TestDays:
    def test_of_every_circular_they_are_those_of_the_ledger(self, path, documents):
        with Ledger.in_memory() as ledger:
            for read_in in documents.values():
                ledger.add(read_in)
            write_calendar(ledger, ledger.tasks(), path)
            assert in_calendar(path) == in_ledger(ledger)
            assert sum("rrule" in event for event in read(path)) > 10
            write_calendar(ledger, ledger.tasks(), path, workdays=True)
            moved = Counter((task, workday_from(day)) for task, day in in_ledger(ledger).elements())
            assert in_calendar(path) == moved

    @pytest.mark.parametrize("status", [None, "done", "suspended", "cancelled"])
    @pytest.mark.parametrize(
        "ticked", [[], ["03-31"], ["06-30"], ["12-31"], ["03-31", "09-30"], ["03-31", "06-30", "09-30"]]
    )
    def test_whatever_was_ticked_off(self, ledger, path, status, ticked):
        for day in ticked:
            tick(ledger, 2, date.fromisoformat(f"2023-{day}"), today=date(2024, 1, 1))
        if status:
            record(ledger, [2], status=status)
        write_calendar(ledger, ledger.tasks(), path)
        assert in_calendar(path) == in_ledger(ledger)

    @pytest.mark.parametrize(
        "frequency",
        [
            {"period": "P1M", "times": 3, "recurs_on": "BYMONTHDAY=30"},
            {"period": "P1M", "recurs_on": "BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1"},
            {"period": "P3M", "recurs_on": "+P10D"},
            {"period": "P6M", "recurs_on": "BYMONTH=6;BYMONTHDAY=20 BYMONTH=12;BYMONTHDAY=10"},
            {"period": "P2W", "recurs_on": "BYDAY=FR"},
            {"period": "P5M"},
            {"period": "P1D", "times": 4, "bound": "min"},
            {"period": "P1M", "times": 4},
            {"period": "P1Y"},
        ],
    )
    def test_whatever_the_rule(self, path, frequency):
        with Ledger.in_memory() as ledger:
            ledger.add(plan("一、按期检查。", frequencies=[{"quote": "按期检查", **frequency}]))
            write_calendar(ledger, ledger.tasks(), path)
            assert in_calendar(path) == in_ledger(ledger)

    def test_two_frequencies_of_one_task(self, path):
        with Ledger.in_memory() as ledger:
            ledger.add(sample())
            tick(ledger, 1, date(2023, 6, 30), today=TODAY)
            write_calendar(ledger, ledger.tasks(), path)
            assert in_calendar(path) == in_ledger(ledger)


class TestEvents:
    def events(self, ledger: Ledger, path: Path, **options: bool) -> dict[str, Event]:
        write_calendar(ledger, ledger.tasks(), path, **options)
        return {str(event["uid"]).split("-task-")[1].removesuffix("@taizhang"): event for event in read(path)}

    def test_a_deadline_is_a_day_with_reminders_at_nine(self, ledger, path):
        event = self.events(ledger, path)["1-deadline-0"]
        assert (event.decoded("dtstart"), event.decoded("dtend")) == (date(2023, 6, 30), date(2023, 7, 1))
        assert str(event["summary"]) == "隐患排查（县应急局）"
        assert "时限：6月底前\n牵头单位：县应急局\n配合单位：县教育局\n来源：《排查.txt》" in str(
            event["description"]
        )
        triggers = [alarm.decoded("trigger") for alarm in event.walk("VALARM")]
        nine = timedelta(hours=9)
        assert triggers == [nine - timedelta(days=7), nine - timedelta(days=1)]

    def test_recurring_work_is_one_event_with_a_rule(self, ledger, path):
        event = self.events(ledger, path)["2-series-0"]
        assert event["rrule"] == {
            "FREQ": ["MONTHLY"],
            "INTERVAL": [3],
            "BYMONTHDAY": [-1],
            "UNTIL": [date(2023, 12, 31)],
        }

    def test_what_was_ticked_off_stands_apart_and_reminds_nobody(self, ledger, path):
        tick(ledger, 2, date(2023, 6, 30), today=TODAY)
        events = self.events(ledger, path)
        assert str(events["2-2023-06-30-0"]["summary"]).startswith("（已完成）")
        assert events["2-2023-06-30-0"].walk("VALARM") == []
        assert date(2023, 6, 30) not in days_of(events["2-series-0"])

    def test_what_is_cancelled_is_so_in_the_calendar(self, ledger, path):
        record(ledger, [1], status="cancelled")
        event = self.events(ledger, path)["1-deadline-0"]
        assert (str(event["status"]), str(event["summary"])) == ("CANCELLED", "（取消）隐患排查（县应急局）")

    @pytest.mark.parametrize(("period", "ahead"), [("P1D", []), ("P1W", [1]), ("P1M", [7, 1])])
    def test_no_reminder_before_the_date_before(self, path, period, ahead):
        with Ledger.in_memory() as ledger:
            ledger.add(plan("一、按期检查。", frequencies=[{"quote": "按期检查", "period": period}]))
            (event,) = self.events(ledger, path).values()
            triggers = [alarm.decoded("trigger") for alarm in event.walk("VALARM")]
            assert triggers == [timedelta(hours=9) - timedelta(days=days) for days in ahead]

    def test_what_was_moved_says_from_where(self, ledger, path):
        event = self.events(ledger, path, workdays=True)["2-2023-09-30-0"]
        assert event.decoded("dtstart") == date(2023, 10, 7)
        assert "原定日期：2023-09-30（休息日，顺延）" in str(event["description"])

    def test_taken_in_again_it_replaces_what_was_there(self, ledger, path):
        before = self.events(ledger, path)
        written = path.read_bytes()
        assert self.events(ledger, path).keys() == before.keys()
        assert path.read_bytes() == written  # unchanged while the ledger is
        set_day(ledger, "汛期", date(2023, 5, 11))
        after = self.events(ledger, path)
        assert after["3-deadline-0"]["uid"] == before["3-deadline-0"]["uid"]
        assert after["3-deadline-0"].decoded("dtstart") == date(2023, 5, 10)
        assert after["3-deadline-0"]["sequence"] > before["3-deadline-0"]["sequence"]

    def test_two_ledgers_do_not_share_events(self, path):
        seen: set[str] = set()
        for name in ("甲.txt", "乙.txt"):
            with Ledger.in_memory() as ledger:
                ledger.add(plan("一、6月底前完成。", name, deadlines=[{"quote": "6月底前", "due": TODAY}]))
                write_calendar(ledger, ledger.tasks(), path)
                seen |= {str(event["uid"]) for event in read(path)}
        assert len(seen) == 2


class TestTheFile:
    def test_lines_are_folded_at_75_bytes_and_end_as_they_must(self, ledger, path):
        write_calendar(ledger, ledger.tasks(), path)
        data = path.read_bytes()
        assert data.count(b"\n") == data.count(b"\r\n")
        assert max(map(len, data.split(b"\r\n"))) <= 75
        assert "隐患排查" in data.decode("utf-8")

    def test_what_the_text_says_cannot_become_a_line_of_its_own(self, path):
        sentence = "一、检查；\r\nEND:VEVENT\r\nX-BAD:1,2\\n6月底前完成。"
        with Ledger.in_memory() as ledger:
            ledger.add(plan(sentence, "坏;.txt", deadlines=[{"quote": "6月底前", "due": TODAY}]))
            write_calendar(ledger, ledger.tasks(), path)
        (event,) = read(path)
        assert "X-BAD" not in event
        assert "X-BAD:1,2\\n6月底前完成" in str(event["description"])

    def test_by_the_command(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        with Ledger.create("台账.db") as ledger:
            year(ledger)
        args = ["export", "日历.ics", "--ledger", "台账.db", "--unit", "教育局"]
        result = CliRunner().invoke(cli, [*args, "--workdays"], prog_name="taizhang")
        entries = read(Path("日历.ics"))
        said = f"已写出“日历.ics”：2 项任务，日历上 {len(entries)} 条。\n"  # work that recurs may have many
        assert (result.exit_code, result.output) == (0, said)
        assert {task for task, _ in in_calendar(Path("日历.ics"))} == {1, 2}

    def test_tasks_without_a_date_are_told_from_entries(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        with Ledger.create("台账.db") as ledger:
            ledger.add(plan("一、6月底前完成。", deadlines=[{"quote": "6月底前", "due": TODAY}]))
            ledger.add(plan("一、抓好落实。", "无期.txt"))
        result = CliRunner().invoke(cli, ["export", "日历.ics", "--ledger", "台账.db"], prog_name="taizhang")
        assert result.output == "已写出“日历.ics”：2 项任务，日历上 1 条。\n"
