"""Times of the calendar as circulars print them: 2021年8月底, 一季度, 今年, 9.30, 二〇二二年十二月."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date

from extractor.fields.durations import DASH, FIGURE, INSIDE
from extractor.fields.lexicons import any_of, rows, words
from extractor.text.numerals import parse_numeral

_YEAR_SHIFT = {row[0]: int(row[1]) for row in rows("relative_years.tsv") if row[1] != "over"}
_NEAR_YEAR = any_of(tuple(word for word in words("relative_years.tsv") if word in _YEAR_SHIFT))
_PAST_YEAR = any_of(words("relative_years.tsv", "over"))
_MONTH_SHIFT = {row[0]: int(row[1]) for row in rows("relative_months.tsv")}
_DECADE_END = {"上旬": 10, "中旬": 20, "上中旬": 20, "下旬": None, "中下旬": None}

_CHINESE_YEAR = r"[一二][零〇○OＯo九][零〇○OＯo一二三四五六七八九]{2}"
MONTH_NUMBER = r"(?:1[0-2]|0?[1-9])"
DAY_NUMBER = r"(?:3[01]|[12]\d|0?[1-9])"
_MID_YEAR = r"年中(?![国小央等期层学])"
_NO_YEAR_BEFORE = (
    r"(?<![\d每一二三四五六七八九十两几多半近去上前隔周财成青少老童壮往历百千同跨])(?<!(?<![中小大])学)"
)
_HALF_DAY = r"(?:[上下]午|中午|凌晨)"

CLOCK = (
    rf"(?:(?:{_HALF_DAY}|早上?|晚上?)?\s?"
    rf"(?:[012]?\d\s?[：:]\s?[0-5]\d|(?:{FIGURE}|零)\s?[时点](?:整|[0-5]?\d分?|半)?))"
)
"""An hour of a day: 18时, 上午9点半, 17:30."""
_WEEKDAY_NOTE = r"(?:\s?（(?:周|星期)[一二三四五六日天]）)"
HOUR = rf"{_WEEKDAY_NOTE}?(?:\s?{CLOCK}|\s?(?:[上下]午)?下班|\s?{_HALF_DAY})?"
"""What may stand between a day and 前: （星期五）下班, 18时, 上午."""


OPENING = r"(?=[\d〇零○OＯo一二三四五六七八九十今本当全明次翌来后去上往历近同下年岁第前这])"
"""The characters that open a time, looked for first: most places of a text are passed over at once."""


def moment_pattern(n: str) -> str:
    """A pattern for a year, a month, a day or a part of them; the names of its groups end in `n`."""
    year = (
        rf"(?:(?<![\d.])(?P<year{n}>(?:19|20)\d\d|{_CHINESE_YEAR})\s?年(?:度(?=[内末底前]))?"
        rf"|(?P<near{n}>{_NEAR_YEAR}|(?<![上下一\d])年度(?=[内末底]))(?![龄级])|(?P<past{n}>{_PAST_YEAR}))"
    )
    month = (
        rf"(?:(?<![\d.第每])(?P<month{n}>{MONTH_NUMBER}|十[一二]?|[一二三四五六七八九])\s?月"
        r"(?![龄均饼嫂球])份?"
        rf"|(?P<monthly{n}>{any_of(tuple(_MONTH_SHIFT))})份?)"
    )
    in_month = (
        rf"(?:\s?(?P<day{n}>{FIGURE})\s?(?:[日号]|(?={DASH})|(?=前))"
        rf"|\s?(?P<decade{n}>[上中下]旬|上中旬|中下旬)|\s?月?(?P<month_end{n}>[底末]))?"
    )
    quarter = rf"(?<![\d每])(?:第?[一二三四1-4][、和及至到—-])?前?第?(?P<quarter{n}>[一二三四1-4])\s?个?季度(?P<quarter_end{n}>[底末])?"
    half = rf"(?P<half{n}>[上下])半年(?P<half_end{n}>[底末])?"
    within_year = rf"(?:{month}{in_month}|{quarter}|{half})"
    end_of_year = (
        rf"(?:(?P<mid{n}>{_MID_YEAR}|中(?=[、，前完底]|$))|年?(?P<year_end{n}>[底末终])"
        rf"|年?(?P<within{n}>{INSIDE}))"
    )
    broken_end = r"\s(?=年?[底末]前)"
    this_year = (
        rf"(?:{_NO_YEAR_BEFORE}(?:(?P<bare_end{n}>年(?:{broken_end})?[底末终]|岁末)|(?P<bare_within{n}>年{INSIDE}))"
        rf"|(?<![\u4e00-\u9fff])(?P<bare_mid{n}>{_MID_YEAR}))"
    )
    dotted = (
        rf"(?<![\d.])(?P<dotted_year{n}>20\d\d)(?P<sep{n}>[./-])(?P<dotted_month{n}>{MONTH_NUMBER})"
        rf"(?:(?P=sep{n})(?P<dotted_day{n}>{DAY_NUMBER}))?(?![\d.%])"
    )
    in_some_year = rf"(?(dated{n})\s?的?){within_year}"
    year_alone = rf"(?(dated{n})(?:(?:{broken_end})?{end_of_year}|全年)?|(?!))"
    return rf"{OPENING}(?:{dotted}|{this_year}|(?P<dated{n}>{year})?(?:{in_some_year}|{year_alone}))"


_ENDS = ("month_end", "quarter_end", "half_end", "year_end", "within", "bare_within")
_OF_THIS_YEAR = ("bare_end", "bare_within", "bare_mid")


@dataclass(frozen=True, slots=True)
class Moment:
    """A printed time, as far as it is printed.

    `shift` counts years from the document's year, `month_shift` months from its month of issue;
    `has_end` is set where 底, 末 or 内 belongs to it.
    """

    year: int | None = None
    shift: int | None = None
    month: int | None = None
    day: int | None = None
    month_shift: int | None = None
    has_end: bool = False
    is_past: bool = False

    @property
    def is_year(self) -> bool:
        """Whether nothing smaller than a year is printed."""
        return self.month is None and self.month_shift is None

    @property
    def has_year(self) -> bool:
        """Whether a year is printed, as a number or as 明年."""
        return self.year is not None or self.shift is not None


def read_moment(found: re.Match[str], n: str) -> Moment:
    """The moment that the groups ending in `n` of `moment_pattern` have matched."""

    def part(name: str) -> str:
        return found[name + n] or ""

    if part("dotted_year"):
        return Moment(
            year=number(part("dotted_year")),
            month=number(part("dotted_month")),
            day=number(part("dotted_day")),
        )
    moment = Moment(
        year=number(part("year")),
        month=number(part("month")),
        day=number(part("day")),
        month_shift=_MONTH_SHIFT.get(part("monthly")),
        has_end=any(map(part, _ENDS)),
        is_past=bool(part("past")),
    )
    if part("near") or any(map(part, _OF_THIS_YEAR)):
        moment = replace(moment, shift=_YEAR_SHIFT.get(part("near"), 0))
    if quarter := number(part("quarter")):
        return replace(moment, month=quarter * 3)
    if part("half") == "上" or part("mid") or part("bare_mid"):
        return replace(moment, month=6)
    if part("half"):
        return replace(moment, month=12)
    return replace(moment, day=_DECADE_END[part("decade")]) if part("decade") else moment


def number(text: str | None) -> int | None:
    """The number that is printed, None where nothing is."""
    return parse_numeral(text) if text else None


def last_day(year: int | None, month: int | None, day: int | None) -> date | None:
    """The last day of what is given, or None where there is no such day."""
    if year is None or not 1900 <= year <= 2200:
        return None
    month = 12 if month is None else month
    if not 1 <= month <= 12:
        return None
    last = monthrange(year, month)[1]
    day = last if day is None else day
    return date(year, month, day) if 1 <= day <= last else None
