"""Days reckoned with signed ISO 8601 durations, as deadlines and frequencies carry them."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

from dateutil.relativedelta import relativedelta

DURATION = re.compile(
    r"(?P<sign>[+-]?)P(?=\d|T\d)(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?)?"
)
A_DAY = timedelta(days=1)


def shifted(day: date, duration: str) -> date | None:
    """The last day allowed of what must be done within `duration` of `day`; None where it is no duration.

    Hours count from the beginning of the day: PT12H ends on the same day, PT24H on the next, -PT12H on the one before.
    -P0D is "before the event" (汛期前) and ends the day before it, unlike a date: 8月15日前 has the 15th as its last day by
    the office's own reading, but what must be ready before the flood season is ready before its first day.
    """
    found = DURATION.fullmatch(duration)
    if not found:
        return None
    lengths = {name: int(value or 0) for name, value in found.groupdict().items() if name != "sign"}
    back = found["sign"] == "-"
    try:
        if back and not any(lengths.values()):
            return day - A_DAY
        length = relativedelta(**lengths)  # type: ignore[arg-type]
        at = datetime.combine(day, time())
        return (at - length if back else at + length).date()
    except (OverflowError, ValueError):
        return None
