"""The day of its cycle on which recurring work is due, in the forms of `Frequency.recurs_on`: 5日前, 末月25日, 周五."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass, replace

from extractor.fields.durations import DASH, FIGURE, UNIT, read_length
from extractor.fields.moments import CLOCK, number

_MONTHS = {"P1M": 1, "P3M": 3, "P6M": 6, "P1Y": 12}
"""The cycles that begin with a calendar month of their own, and how many months each has."""
_WEEKS = re.compile(r"P\d+W")
_WEEKDAYS = dict(
    zip("一二三四五六日天末", ("MO", "TU", "WE", "TH", "FR", "SA", "SU", "SU", "SU"), strict=True)
)
_DECADE_ENDS = {"上": "10", "中": "20", "下": "-1"}
_LEAP_YEAR = 2024

_LAST = r"(?:最后一?|末)"
_NTH = rf"(?:(?P<last>{_LAST})|(?P<first_of>首)|前?第?(?P<nth>{FIGURE}))?\s?个?"
_TOKEN = re.compile(
    "|".join(
        (
            r"(?P<joint>\s?[、和及与]\s?)",
            r"的|(?:之|以)?前(?=[、和及与])",
            rf"(?P<clock>{CLOCK})",
            r"(?P<year>[次翌当]年)",
            rf"(?P<counted>{_NTH}(?:(?P<working>工作日)|(?:周|星期)(?P<weekday>[一二三四五六日天])))",
            rf"(?P<month_at>首|次|当|(?P<month_last>{_LAST})|第(?P<month_nth>{FIGURE}))\s?个?月",
            rf"(?P<month>{FIGURE})\s?月份?",
            rf"第?(?P<quarter>{FIGURE})\s?个?季度",
            r"(?P<half>[上下])半年",
            r"(?P<decade>[上中下])旬",
            r"(?P<final>最后一|末)[日天]",
            rf"(?:第?(?P<day>{FIGURE})\s?[日号]|前(?P<first>{FIGURE})\s?[日天])",
            r"(?P<end>(?P<of>年|季|月)?度?[底末])",
            rf"(?P<dash>{DASH})",
        )
    )
)
_DAYS_OF_WEEK = re.compile(r"(?:(?:周|星期)?[一二三四五六日天]|周?末|\s?[、和及与]\s?)+")
_DAY_OF_WEEK = re.compile(r"[一二三四五六日天末]")
_OVER = r"(?:的|于|在)?(?:结束|终了|届满)"
_END_OF_CYCLE = re.compile(_OVER)
_AFTER_CYCLE = re.compile(rf"{_OVER}之?后的?(?P<length>{FIGURE}\s?个?{UNIT})")


@dataclass(frozen=True, slots=True)
class _Day:
    """A day of a cycle: the months it is in (every month where there are none), and the BY-part that picks it."""

    months: tuple[int, ...] = ()
    name: str = ""
    value: str = ""

    def named(self, name: str, value: str) -> _Day:
        return replace(self, name=name, value=value)

    def on(self, value: str) -> _Day:
        return self.named("BYMONTHDAY", value)

    @property
    def is_real(self) -> bool:
        """Whether each month has such a day in some year."""
        if not all(1 <= month <= 12 for month in self.months):
            return False
        day = int(self.value) if self.name == "BYMONTHDAY" else 1
        return day != 0 and day <= min((monthrange(_LEAP_YEAR, m)[1] for m in self.months), default=31)


_NO_MONTH = (0,)
_NO_DAY = _Day(_NO_MONTH)
"""What is not understood, or not the same day of every cycle."""


def recurs_on(length: str, due: str, places: str | None) -> str | None:
    """The last day allowed of each occurrence; None where the words tell no day that every cycle has.

    Args:
        length: The printed length of the cycle: 月, 季度, 两周.
        due: What is printed behind it of when work is due: 结束后10日内, 于5日前.
        places: The days of the cycle that are listed in `due`: 10日、20日, 末月25日.
    """
    period = read_length(length) or ""
    if places and _WEEKS.fullmatch(period):
        return _rules(_days_of_week(places))
    cycle = _Cycle(0 if "学" in length else _MONTHS.get(period, 0))
    if places:
        days = [cycle.completed(day) for day in _sharing(list(cycle.days(places)))]
        return _rules([day for day in days if day.is_real]) if all(day.is_real for day in days) else None
    if (after := _AFTER_CYCLE.match(due)) and (delay := read_length(after["length"])):
        return f"+{delay}"
    return _rules([cycle.end]) if cycle.end.is_real and _END_OF_CYCLE.match(due) else None


def _days_of_week(places: str) -> list[_Day]:
    """周一、三、五; none for 周一至周五, which is every day of the stretch and not its last."""
    if not _DAYS_OF_WEEK.fullmatch(places):
        return []
    return [_Day((), "BYDAY", _WEEKDAYS[day]) for day in _DAY_OF_WEEK.findall(places)]


@dataclass(frozen=True, slots=True)
class _Cycle:
    """A period in which something recurs: how many months of the calendar, 0 where it keeps to none (学期, 旬)."""

    months: int

    @property
    def end(self) -> _Day:
        """Its last day."""
        return self.completed(_Day(self.at(self.months)).on("-1"))

    def at(self, place: int) -> tuple[int, ...]:
        """The months of the year that stand at `place` in their cycle: 3, 6, 9, 12 are third in their quarter."""
        if self.months <= 1:
            return ()
        return tuple(range(place, 13, self.months)) if 1 <= place <= self.months else _NO_MONTH

    def days(self, places: str) -> Iterator[_Day]:
        """The days that `places` lists; of a stretch (1日至5日) its last. One that is not understood is no real day."""
        day, at = _Day(), 0
        while at < len(places):
            token = _TOKEN.match(places, at)
            if token is None:
                yield _NO_DAY
                return
            if token["joint"]:
                yield day
                day = _Day()
            elif token["dash"]:
                day = replace(day, name="", value="")
            else:
                day = self._narrowed(day, token)
            at = token.end()
        yield day

    def _narrowed(self, day: _Day, token: re.Match[str]) -> _Day:
        """`day` with what one more word says of it."""
        if token["counted"]:
            return self._counted(day, token)
        if token["month"]:
            return replace(day, months=(number(token["month"]) or 0,))
        if token["month_at"]:
            # 次月 of a cycle is the first of the next one, and so stands where 首月 does.
            last, nth = token["month_last"], number(token["month_nth"])
            return replace(day, months=self.at(self.months if last else nth or 1))
        if token["quarter"]:
            return replace(day, months=(3 * (number(token["quarter"]) or 0),))
        if token["half"]:
            return replace(day, months=(6 if token["half"] == "上" else 12,))
        if token["decade"]:
            return day.on(_DECADE_ENDS[token["decade"]])
        if token["final"]:
            return replace(day.on("-1"), months=day.months or self.at(self.months))
        if token["first"]:
            return replace(day.on(str(number(token["first"]))), months=day.months or self.at(1))
        if token["day"]:
            return day.on(str(number(token["day"])))
        if token["end"]:
            return replace(day.on("-1"), months=day.months or self._ending(token["of"]))
        return day

    def _ending(self, unit: str | None) -> tuple[int, ...]:
        """The months that 年底, 季末 and 月底 end, or the cycle's own last where 末 stands alone."""
        return {"年": (12,), "季": (3, 6, 9, 12), "月": ()}.get(unit or "", self.at(self.months))

    def _counted(self, day: _Day, token: re.Match[str]) -> _Day:
        """A working day or a day of the week, counted from either end of its month: 第3个工作日, 最后一个周五."""
        nth = "-1" if token["last"] else str(number(token["nth"]) or 1)
        if token["working"]:
            found = day.named("BYDAY=MO,TU,WE,TH,FR;BYSETPOS", nth)
        elif token["last"] or token["nth"] or token["first_of"]:
            found = day.named("BYDAY", nth + _WEEKDAYS[token["weekday"]])
        else:
            return _NO_DAY
        return replace(found, months=day.months or self.at(self.months if nth == "-1" else 1))

    def completed(self, day: _Day) -> _Day:
        """`day` with the end of its month where it names a month alone; none where its month is open (每季度25日前)."""
        if day.months:
            return day if day.name else day.on("-1")
        return day if day.name and self.months == 1 else _NO_DAY


def _sharing(days: list[_Day]) -> list[_Day]:
    """Those of one list share what is printed once: the month before (3月10日、20日), the day behind (3月、9月20日)."""
    for i, day in enumerate(days[1:], 1):
        if day.name == "BYMONTHDAY" and not day.months:
            days[i] = replace(day, months=days[i - 1].months)
    for i in range(len(days) - 2, -1, -1):
        if not days[i].name:
            days[i] = days[i].named(days[i + 1].name, days[i + 1].value)
    return days


def _rules(days: list[_Day]) -> str | None:
    """The days as RFC 5545 parts: those of the same months in one list, the same day of several months in one rule."""
    months: dict[tuple[str, str], set[int]] = {}
    for day in days:
        months.setdefault((day.name, day.value), set()).update(day.months)
    values: dict[tuple[tuple[int, ...], str], list[str]] = {}
    for (name, value), those in months.items():
        values.setdefault((tuple(sorted(those)), name), []).append(value)
    return (
        " ".join(
            (f"BYMONTH={','.join(map(str, those))};" if those else "") + f"{name}={','.join(listed)}"
            for (those, name), listed in values.items()
        )
        or None
    )
