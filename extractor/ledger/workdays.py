"""Working days as the State Council sets them each year, 调休 included; where it has not yet, weekends are the rest days."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from functools import lru_cache

A_DAY = timedelta(days=1)
SATURDAY = 5


@lru_cache(maxsize=8192)
def is_workday(day: date) -> bool:
    """Whether offices work on that day."""
    # chinese_calendar takes a moment to load, and only who asks for working days needs it.
    import chinese_calendar

    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() < SATURDAY


@lru_cache(maxsize=8192)
def workday_from(day: date) -> date:
    """The day itself, or the next working day where it is a rest day."""
    while not is_workday(day):
        day += A_DAY
    return day


def latest_moved_to(last: date) -> date:
    """The last day that is no later than `last` when it is moved to the next working day."""
    day = last
    while workday_from(day) > last:
        day -= A_DAY
    return day


def years_without_holidays(years: Iterable[int]) -> list[int]:
    """Those of `years` whose holidays are not known here: in them only weekends count."""
    return sorted(year for year in set(years) if not _is_known(year))


@lru_cache(maxsize=128)
def _is_known(year: int) -> bool:
    import chinese_calendar

    try:
        chinese_calendar.is_workday(date(year, 1, 1))
    except NotImplementedError:
        return False
    return True
