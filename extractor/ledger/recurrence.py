"""How often work recurs: a printed frequency as rules of RFC 5545, and the days on which it is due.

Nothing here depends on the day on which it is asked. What the text leaves open is decided in this way:

- Work is due on the last day of its cycle, by the calendar: 每季度 on the last day of March, June, September, December;
  每周 on Sunday, for until then it is done within the week (who wants working days has dates moved to them); 每旬 on the
  10th, the 20th and the month's last day. Cycles of several years or weeks count from the year or week of the first day.
- Several times in a cycle are parted evenly where the calendar parts it evenly (每年2次: June and December; 每月2次: the 15th
  and the last day); else all are due at its end.
- Where the text prints the days (`Frequency.recurs_on`), those are the days. More times than days are due on the last.
- A ceiling (每年不超过2次) and vague words (定期) make nothing due, nor do cycles counted in hours.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import groupby, pairwise

from dateutil.rrule import rrulestr

from extractor.ledger.durations import shifted
from extractor.model import Frequency

MOST = 400
"""How many occurrences of one frequency are told apart: every day of a year, and some."""

PERIOD = re.compile(r"P([1-9]\d{0,2})([YMWD])")
MONTHS_IN_A_YEAR, DAYS_IN_A_WEEK = 12, 7
PARTS_OF_A_MONTH = {1: "-1", 2: "15,-1", 3: "10,20,-1"}
"""The last days of a month, of its halves, of its three 旬."""
DAYS_THAT_PART_A_MONTH = {15: 2, 10: 3}

MONTH_DAY = r"(?:[1-9]|[12]\d|3[01]|-(?:[1-9]|1\d|2[0-8]))"
WEEK_DAY = r"(?:-?[1-5])?(?:MO|TU|WE|TH|FR|SA|SU)"
BY_PARTS = re.compile(
    r"(?:BYMONTH=(?P<months>(?:[1-9]|1[0-2])(?:,(?:[1-9]|1[0-2]))*);)?"
    rf"(?:BYMONTHDAY=(?P<days>{MONTH_DAY}(?:,{MONTH_DAY})*)"
    rf"|(?P<weekdays>BYDAY={WEEK_DAY}(?:,{WEEK_DAY})*(?:;BYSETPOS=-?(?:1?\d|20))?))"
)
SHORTEST_MONTH, LONGEST_MONTH = 28, 31


@dataclass(frozen=True, slots=True)
class Cycle:
    """A stretch of time that comes again and again: so many months, weeks or days."""

    months: int = 0
    weeks: int = 0
    days: int = 0

    def last_month_of_first(self, year: int) -> date | None:
        """The first day of the last month of the first cycle that begins with `year`; None beyond the calendar."""
        years, month = divmod(self.months - 1, MONTHS_IN_A_YEAR)
        return date(year + years, month + 1, 1) if year + years <= date.max.year else None

    def number_of(self, day: date, first: date) -> int:
        """Which cycle `day` lies in, counted from the one of `first`."""
        if self.months:
            return ((day.year - first.year) * MONTHS_IN_A_YEAR + day.month - 1) // self.months
        if self.weeks:
            return (day - monday_of(first)).days // (self.weeks * DAYS_IN_A_WEEK)
        return day.toordinal()


@dataclass(frozen=True, slots=True)
class Recurrence:
    """Work that recurs: `rules` of RFC 5545, which together give the last days, `times` in each `cycle`.

    `delay` is how long after such a day the work is due, as an ISO 8601 duration (每季度结束后10日内), or None.
    """

    rules: tuple[str, ...]
    cycle: Cycle
    times: int
    delay: str | None = None


@lru_cache(maxsize=4096)
def recurrence(
    period: str | None, times: int | None, bound: str | None, recurs_on: str | None
) -> Recurrence | None:
    """The rules of a frequency with these values (see `Frequency`); None where it makes nothing due on a day."""
    cycle = _cycle(period)
    if cycle is None or bound == "max":
        return None
    times = max(times or 1, 1)
    if recurs_on and recurs_on.startswith("+"):
        return Recurrence(_last_days(cycle, 1), cycle, times, recurs_on)
    if recurs_on and (rules := tuple(_printed_days(cycle, recurs_on))):
        return Recurrence(rules, cycle, times)
    part, in_month = _parted(cycle, times)
    alone = part == cycle and in_month == 1
    return Recurrence(_last_days(part, in_month), part, times if alone else 1)


def recurrence_of(frequency: Frequency) -> Recurrence | None:
    """The rules of a frequency; None where it makes nothing due on a day."""
    return recurrence(frequency.period, frequency.times, frequency.bound, frequency.recurs_on)


@lru_cache(maxsize=4096)
def days(recurring: Recurrence, first: date, last: date) -> tuple[date, ...]:
    """The days on which it is due, in order, a day as often as it is due on it.

    The cycles that end, or the days that are printed, from `first` to `last` count; what is due some time after a cycle
    may so be due after `last`. No more than `MOST`: where there would be more, what is due several times a day counts once.
    """
    found: list[date] = []
    once: list[date] = []
    ends = sorted({day for rule in recurring.rules for day in _expanded(rule, recurring.cycle, first, last)})
    by_cycle = groupby(ends, key=lambda day: recurring.cycle.number_of(day, first))
    for _, of_cycle in by_cycle:
        one_each = list(of_cycle)
        more = [one_each[-1]] * (recurring.times - len(one_each))
        once += [day for day in one_each if day >= first]
        found += [day for day in (*one_each, *more) if day >= first]
    chosen = (found if len(found) <= MOST else once)[:MOST]
    if recurring.delay is None:
        return tuple(chosen)
    return tuple(late for day in chosen if (late := shifted(day, recurring.delay)))


def spacing(due: Iterable[date]) -> int | None:
    """The fewest days from one of these days to the next; None where there is only one."""
    listed = sorted(set(due))
    return min(((b - a).days for a, b in pairwise(listed)), default=None)


def monday_of(day: date) -> date:
    """The first day of its week."""
    return day - timedelta(days=day.weekday())


def _cycle(period: str | None) -> Cycle | None:
    found = PERIOD.fullmatch(period or "")
    if not found:
        return None
    count, unit = int(found[1]), found[2]
    if unit == "D" and count % DAYS_IN_A_WEEK == 0:
        return Cycle(weeks=count // DAYS_IN_A_WEEK)
    return {
        "Y": Cycle(months=count * MONTHS_IN_A_YEAR),
        "M": Cycle(months=count),
        "W": Cycle(weeks=count),
        "D": Cycle(days=count),
    }[unit]


def _parted(cycle: Cycle, times: int) -> tuple[Cycle, int]:
    """The cycle in which work is due once if it is due `times` in `cycle`, and how many of it are in a month (1 for all but 旬).

    The cycle as it is where it cannot be parted evenly.
    """
    if cycle.days in DAYS_THAT_PART_A_MONTH:
        return cycle, 1
    for name in ("months", "weeks", "days"):
        length = getattr(cycle, name)
        if length and length % times == 0:
            return Cycle(**{name: length // times}), 1
    if cycle.months and times % cycle.months == 0 and times // cycle.months in PARTS_OF_A_MONTH:
        return Cycle(months=1), times // cycle.months
    if cycle.weeks and cycle.weeks * DAYS_IN_A_WEEK % times == 0:
        return Cycle(days=cycle.weeks * DAYS_IN_A_WEEK // times), 1
    return cycle, 1


def _last_days(cycle: Cycle, in_month: int) -> tuple[str, ...]:
    """The rule by which each cycle has its last day; where a month is parted, each part of it."""
    in_month = DAYS_THAT_PART_A_MONTH.get(cycle.days, in_month)
    if in_month > 1:
        return (f"FREQ=MONTHLY;BYMONTHDAY={PARTS_OF_A_MONTH[in_month]}",)
    if cycle.months and cycle.months % MONTHS_IN_A_YEAR == 0:
        return (
            f"FREQ=YEARLY{_interval(cycle.months // MONTHS_IN_A_YEAR)};BYMONTH={MONTHS_IN_A_YEAR};BYMONTHDAY=-1",
        )
    if cycle.months:
        return (f"FREQ=MONTHLY{_interval(cycle.months)};BYMONTHDAY=-1",)
    if cycle.weeks:
        return (f"FREQ=WEEKLY{_interval(cycle.weeks)};BYDAY=SU",)
    return (f"FREQ=DAILY{_interval(cycle.days)}",)


def _printed_days(cycle: Cycle, recurs_on: str) -> Iterator[str]:
    """The rules of printed days; none where they are not understood or the cycle has no calendar of its own."""
    parts = [BY_PARTS.fullmatch(part) for part in recurs_on.split(" ")]
    for part in parts if all(parts) else ():
        assert part is not None
        if cycle.weeks:
            if part["weekdays"] and not part["months"]:
                yield f"FREQ=WEEKLY{_interval(cycle.weeks)};{part['weekdays']}"
        elif cycle.months % MONTHS_IN_A_YEAR == 0 and cycle.months > MONTHS_IN_A_YEAR:
            # A rule for each month: BYSETPOS would count through the whole year.
            for month in (part["months"] or str(MONTHS_IN_A_YEAR)).split(","):
                for day in _days_of_month(part):
                    yield f"FREQ=YEARLY{_interval(cycle.months // MONTHS_IN_A_YEAR)};BYMONTH={month};{day}"
        elif part["months"] or cycle.days or MONTHS_IN_A_YEAR % cycle.months == 0:
            months = part["months"] or _last_months(cycle)
            for day in _days_of_month(part):
                yield f"FREQ=MONTHLY{f';BYMONTH={months}' if months else ''};{day}"


def _last_months(cycle: Cycle) -> str:
    """The months with which cycles end, where not every month does."""
    if cycle.months <= 1:
        return ""
    return _list(range(cycle.months, MONTHS_IN_A_YEAR + 1, cycle.months))


def _days_of_month(part: re.Match[str]) -> Iterator[str]:
    """The part of a rule that names the day; a day that some months have not got is their last (RFC 7529, SKIP=BACKWARD)."""
    if part["weekdays"]:
        yield part["weekdays"]
        return
    listed = [-1 if day == LONGEST_MONTH else day for day in map(int, part["days"].split(","))]
    if everywhere := [day for day in listed if day <= SHORTEST_MONTH]:
        yield f"BYMONTHDAY={_list(everywhere)}"
    for day in listed:
        if day > SHORTEST_MONTH:
            yield f"BYMONTHDAY={_list(range(SHORTEST_MONTH, day + 1))};BYSETPOS=-1"


def _list(numbers: Iterable[int]) -> str:
    return ",".join(map(str, numbers))


def _interval(count: int) -> str:
    return f";INTERVAL={count}" if count > 1 else ""


def _expanded(rule: str, cycle: Cycle, first: date, last: date) -> list[date]:
    """The days that `rule` gives in the cycles that begin with the year or week of `first`, up to `last`."""
    begin = _begin(rule, cycle, first)
    if begin is None or begin > last:
        return []
    from_day, to_day = (datetime.combine(day, time()) for day in (begin, last))
    return [moment.date() for moment in rrulestr(rule, dtstart=from_day).between(from_day, to_day, inc=True)]


def _begin(rule: str, cycle: Cycle, first: date) -> date | None:
    """The DTSTART of `rule`, from which it counts its INTERVAL: in the last month or week of the first cycle."""
    if "FREQ=WEEKLY" in rule:
        return monday_of(first) + timedelta(weeks=cycle.weeks - 1)
    if "FREQ=DAILY" in rule:
        return first + timedelta(days=cycle.days - 1)
    if "INTERVAL" not in rule:
        return date(first.year, 1, 1)
    month = cycle.last_month_of_first(first.year)
    return month.replace(month=1) if month and "FREQ=YEARLY" in rule else month
