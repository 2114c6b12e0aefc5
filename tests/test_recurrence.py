"""How often work recurs, as rules and days; durations; working days."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, time, timedelta

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given
from hypothesis import strategies as st

from extractor.ledger.durations import shifted
from extractor.ledger.recurrence import MOST, Recurrence, days, recurrence, spacing
from extractor.ledger.workdays import is_workday, latest_moved_to, workday_from, years_without_holidays

ISSUED, YEAR_END = date(2023, 2, 20), date(2023, 12, 31)


def due(
    period: str | None,
    times: int | None = 1,
    bound: str | None = "exact",
    recurs_on: str | None = None,
    first: date = ISSUED,
    last: date = YEAR_END,
) -> list[str] | None:
    found = recurrence(period, times, bound, recurs_on)
    if found is None:
        return None
    return [f"{day:%m-%d}" if day.year == 2023 else day.isoformat() for day in days(found, first, last)]


MONTH_ENDS = [
    "02-28",
    "03-31",
    "04-30",
    "05-31",
    "06-30",
    "07-31",
    "08-31",
    "09-30",
    "10-31",
    "11-30",
    "12-31",
]
QUARTERS = ["03-31", "06-30", "09-30", "12-31"]
HALVES = ["06-30", "12-31"]


class TestDaysOfAFrequency:
    @pytest.mark.parametrize(
        ("frequency", "expected"),
        [
            (("P1Y",), ["12-31"]),
            (("P6M",), HALVES),
            (("P3M",), QUARTERS),
            (("P1M",), MONTH_ENDS),
            (("P2M",), MONTH_ENDS[::2]),  # 双月: even months
            (("P4M",), ["04-30", "08-31", "12-31"]),
            (("P5M",), ["05-31", "10-31"]),  # cycles that do not fit a year count from its beginning
            (("P1Y", 2), HALVES),
            (("P1Y", 4, "min"), QUARTERS),
            (("P6M", 2), QUARTERS),
            (("P3M", 3), MONTH_ENDS),
            (("P1Y", 5), ["12-31"] * 5),  # five times do not part a year evenly
            (("P3M", 2), sorted(QUARTERS * 2)),
            (("P1Y", 2, "max"), None),  # a ceiling makes nothing due
            ((None, None, None), None),
            (("PT24H",), None),
            (("P0M",), None),
            (("P1Y6M",), None),
            (("常年",), None),
            # the days are printed
            (("P1M", 1, "exact", "BYMONTHDAY=5"), [f"{month:02}-05" for month in range(3, 13)]),
            (("P1M", 2, "exact", "BYMONTHDAY=5"), [f"{m:02}-05" for m in range(3, 13) for _ in "ab"]),
            (("P1M", 1, "exact", "BYMONTHDAY=31"), MONTH_ENDS),
            (("P1M", 1, "exact", "BYMONTHDAY=30"), ["02-28", *(f"{m:02}-30" for m in range(3, 13))]),
            (("P1Y", 1, "exact", "BYMONTH=11;BYMONTHDAY=-1"), ["11-30"]),
            (("P1Y", 1, "exact", "BYMONTH=1;BYMONTHDAY=15"), []),  # before the circular was issued
            (("P3M", 1, "exact", "BYMONTH=3,6,9,12;BYMONTHDAY=25"), ["03-25", "06-25", "09-25", "12-25"]),
            (("P3M", 1, "exact", "BYMONTH=1,4,7,10;BYMONTHDAY=10"), ["04-10", "07-10", "10-10"]),
            (("P3M", 1, "exact", "BYMONTHDAY=25"), ["03-25", "06-25", "09-25", "12-25"]),
            (("P6M", 1, "exact", "BYMONTH=6;BYMONTHDAY=20 BYMONTH=12;BYMONTHDAY=10"), ["06-20", "12-10"]),
            # one day is named, more times are wanted: the rest with the last
            (("P1Y", 3, "min", "BYMONTH=6;BYMONTHDAY=20 BYMONTH=12;BYMONTHDAY=10"), ["06-20", "12-10", "12-10"]),
            # some time after the end: also where that is after the last day
            (("P3M", 1, "exact", "+P10D"), ["04-10", "07-10", "10-10", "2024-01-10"]),
            # what is not understood does not take the days away
            (("P3M", 1, "exact", "BYMONTHDAY=77"), QUARTERS),
            (("P3M", 1, "exact", "月底"), QUARTERS),
        ],
    )  # fmt: skip
    def test_days(self, frequency, expected):
        assert due(*frequency) == expected

    @pytest.mark.parametrize(
        ("frequency", "begin", "count"),
        [
            (("P1M", 2), ["02-28", "03-15", "03-31"], 21),  # halves of the month
            (("P15D",), ["02-28", "03-15", "03-31"], 21),
            (("P1M", 3), ["02-20", "02-28", "03-10", "03-20", "03-31"], 32),
            (("P10D",), ["02-20", "02-28", "03-10", "03-20", "03-31"], 32),  # 每旬
            (("P1Y", 24), ["02-28", "03-15", "03-31"], 21),
            (("P1M", 4), ["02-28"] * 4 + ["03-31"] * 4, 44),  # weeks do not part a month
            (("P1W",), ["02-26", "03-05"], 45),  # Sundays
            (("P1W", 3), ["02-26"] * 3 + ["03-05"] * 3, 135),
            (("P7D",), ["02-26", "03-05"], 45),
            (("P2W",), ["03-05", "03-19"], 22),  # the week of issue is the first of two
            (("P2W", 2), ["02-26", "03-05"], 45),
            (("P1W", 7), ["02-20", "02-21"], 315),
            (("P1D",), ["02-20", "02-21"], 315),  # the day of issue too
            (("P2D",), ["02-21", "02-23"], 157),
            (("P1W", 1, "exact", "BYDAY=FR"), ["02-24", "03-03"], 45),
            (("P1W", 2, "exact", "BYDAY=MO,TH"), ["02-20", "02-23", "02-27"], 90),
            (("P2W", 1, "exact", "BYDAY=FR"), ["03-03", "03-17"], 22),
            (("P1M", 1, "exact", "BYMONTHDAY=10,-1"), ["02-28", "03-10", "03-31"], 21),
            (("P1M", 1, "exact", "BYMONTHDAY=29,30"), ["02-28", "03-29", "03-30"], 21),
            (("P1M", 1, "exact", "BYDAY=-1FR"), ["02-24", "03-31", "04-28"], 11),
            (("P1M", 1, "exact", "BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1"), ["02-28", "03-31", "04-28"], 11),
            (("P1M", 1, "exact", "BYDAY=MO,TU,WE,TH,FR;BYSETPOS=3"), ["03-03", "04-05"], 10),
            (("P1M", 2, "exact", "+P3D"), ["03-03", "03-03", "04-03"], 22),
        ],
    )  # fmt: skip
    def test_many_days(self, frequency, begin, count):
        found = due(*frequency)
        assert (found[: len(begin)], len(found)) == (begin, count)

    @pytest.mark.parametrize(
        ("frequency", "last", "expected"),
        [
            (("P2Y",), date(2023, 12, 31), []),  # the first two years are not over
            (("P2Y",), date(2027, 12, 31), ["2024-12-31", "2026-12-31"]),
            (("P3Y", 3), date(2024, 12, 31), ["12-31", "2024-12-31"]),
            (("P2Y", 1, "exact", "BYMONTH=6;BYMONTHDAY=-1"), date(2026, 12, 31), ["2024-06-30", "2026-06-30"]),
            (("P18M",), date(2025, 12, 31), ["2024-06-30", "2025-12-31"]),
            (("P999Y",), date(2999, 12, 31), []),
        ],
    )  # fmt: skip
    def test_several_years(self, frequency, last, expected):
        assert due(*frequency, last=last) == expected

    def test_the_29th_of_february(self):
        assert due("P1M", recurs_on="BYMONTHDAY=29", last=date(2024, 2, 29))[-1] == "2024-02-29"

    def test_no_more_than_can_be_looked_at(self):
        # four times each day of a year: once a day
        assert Counter(days(recurrence("P1D", 4, "min", None), date(2023, 1, 1), YEAR_END)) == Counter(
            date(2023, 1, 1) + timedelta(days=n) for n in range(365)
        )
        assert len(days(recurrence("P1D", 1, None, None), date(2021, 1, 1), date(2025, 12, 31))) == MOST

    def test_rules_are_those_of_rfc_5545(self):
        assert recurrence("P3M", 1, "exact", None).rules == ("FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=-1",)
        assert recurrence("P1Y", 1, "exact", None).rules == ("FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=-1",)
        assert recurrence("P1W", 1, "exact", "BYDAY=FR").rules == ("FREQ=WEEKLY;BYDAY=FR",)


PERIODS = st.builds("P{}{}".format, st.integers(1, 24), st.sampled_from("YMWD"))
BY_PARTS = st.one_of(
    st.none(),
    st.builds("BYMONTHDAY={}".format, st.integers(1, 31)),
    st.builds("BYMONTH={};BYMONTHDAY={}".format, st.integers(1, 12), st.integers(-28, -1)),
    st.builds("BYDAY={}".format, st.sampled_from(["MO", "FR", "-1FR", "MO,WE"])),
    st.builds("+P{}D".format, st.integers(1, 60)),
)
RECURRENCES = st.builds(recurrence, PERIODS, st.integers(1, 12), st.sampled_from(["min", "exact"]), BY_PARTS)
DAYS = st.dates(date(2015, 1, 1), date(2030, 12, 31))


class TestAnyFrequency:
    @given(RECURRENCES, DAYS, st.integers(0, 1500))
    def test_days_lie_in_the_window_in_order(self, found: Recurrence, first, length):
        last = first + timedelta(days=length)
        due = days(found, first, last)
        assert list(due) == sorted(due)
        assert len(due) <= MOST
        latest = last if found.delay is None else shifted(last, found.delay)
        assert all(first <= day <= latest for day in due)

    @given(RECURRENCES, DAYS, st.integers(0, 700), st.integers(0, 700))
    def test_a_longer_window_only_adds_days_behind(self, found: Recurrence, first, length, more):
        short = days(found, first, first + timedelta(days=length))
        long = days(found, first, first + timedelta(days=length + more))
        assert set(short) <= set(long)

    @given(RECURRENCES, DAYS, st.integers(1, 1500))
    def test_a_single_rule_gives_the_same_days_from_the_first_on(self, found: Recurrence, first, length):
        due = sorted(set(days(found, first, first + timedelta(days=length))))
        if due and found.delay is None and len(found.rules) == 1:
            until = datetime.combine(due[-1], time())
            given = rrulestr(found.rules[0], dtstart=datetime.combine(due[0], time())).between(
                datetime.combine(due[0], time()), until, inc=True
            )
            assert [moment.date() for moment in given] == due

    @given(st.integers(1, 12), st.integers(2016, 2029))
    def test_a_year_has_as_many_as_it_says(self, times, year):
        found = days(recurrence("P1Y", times, "min", None), date(year, 1, 1), date(year, 12, 31))
        assert len(found) == times
        assert found[-1] == date(year, 12, 31)


@pytest.mark.parametrize(
    ("day", "duration", "expected"),
    [
        ("2026-05-01", "-P0D", "2026-04-30"),  # 汛期前: before its first day
        ("2026-05-01", "P0D", "2026-05-01"),
        ("2026-05-01", "-P20D", "2026-04-11"),
        ("2026-05-01", "P30D", "2026-05-31"),
        ("2026-01-31", "P1M", "2026-02-28"),  # the month's last where it has no such day
        ("2024-02-29", "P1Y", "2025-02-28"),
        ("2026-05-01", "P2W", "2026-05-15"),
        ("2026-05-01", "PT12H", "2026-05-01"),
        ("2026-05-01", "PT24H", "2026-05-02"),
        ("2026-05-01", "-PT12H", "2026-04-30"),
        ("2026-05-01", "PT30M", "2026-05-01"),
        ("2026-05-01", "P1Y2M3D", "2027-07-04"),
        ("2026-05-01", "P9999Y", None),
        ("2026-05-01", "P", None),
        ("2026-05-01", "一个月", None),
    ],
)
def test_days_from_a_day(day, duration, expected):
    found = shifted(date.fromisoformat(day), duration)
    assert (found and found.isoformat()) == expected


def test_how_far_dates_are_apart():
    assert spacing([date(2023, 3, 31), date(2023, 1, 1), date(2023, 1, 31)]) == 30
    assert spacing([date(2023, 3, 31)] * 3) is None


class TestWorkdays:
    @pytest.mark.parametrize(
        ("day", "works"),
        [
            (date(2023, 6, 22), False),  # 端午
            (date(2023, 6, 23), False),
            (date(2023, 6, 25), True),  # a Sunday on which offices work for it
            (date(2023, 6, 26), True),
            (date(2040, 6, 25), True),  # not set yet: a Monday
            (date(2040, 6, 24), False),
        ],
    )
    def test_the_days_on_which_offices_work(self, day, works):
        assert is_workday(day) == works

    def test_the_next_working_day(self):
        assert workday_from(date(2023, 6, 22)) == date(2023, 6, 25)
        assert workday_from(date(2023, 9, 30)) == date(2023, 10, 7)  # 国庆, then a Saturday at work

    def test_years_whose_holidays_are_not_known(self):
        assert years_without_holidays([2023, 2041, 2040, 2041]) == [2040, 2041]

    @given(st.dates(date(2020, 1, 1), date(2030, 12, 31)))
    def test_moving_keeps_the_order(self, day):
        assert day <= workday_from(day) <= workday_from(day + timedelta(days=1))
        assert is_workday(workday_from(day))

    @given(st.dates(date(2020, 1, 1), date(2030, 12, 31)))
    def test_what_is_moved_to_a_day_or_before_it(self, last):
        until = latest_moved_to(last)
        assert workday_from(until) <= last < workday_from(until + timedelta(days=1))
