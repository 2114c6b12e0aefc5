"""Cell values as a spreadsheet shows them: the number formats (ECMA-376 part 1, 18.8.31) that Chinese tables use.

Formats that depend on the system's language are shown as a Chinese system shows them.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from itertools import pairwise

CHINESE_BUILT_IN = {
    27: "yyyy年m月",
    28: "m月d日",
    29: "m月d日",
    30: "m-d-yy",
    31: "yyyy年m月d日",
    32: "h时mm分",
    33: "h时mm分ss秒",
    34: "上午/下午h时mm分",
    35: "上午/下午h时mm分ss秒",
    36: "yyyy年m月",
    50: "yyyy年m月",
    51: "m月d日",
    52: "yyyy年m月",
    53: "m月d日",
    54: "m月d日",
    55: "上午/下午h时mm分",
    56: "上午/下午h时mm分ss秒",
    57: "yyyy年m月",
    58: "m月d日",
}
"""Formats that files name by number only, as zh-CN defines them (ECMA-376 part 1, 18.8.30)."""

SYSTEM_FORMATS = (
    (re.compile(r"\[\$-F800\].*"), "yyyy年m月d日"),
    (re.compile(r"\[\$-F400\].*"), "h:mm:ss"),
    (re.compile(r"mm?[-/]dd?[-/]yy(?:yy)?"), "yyyy/m/d"),
    (re.compile(r"mm?[-/]dd?[-/]yy(?:yy)? h:mm"), "yyyy/m/d h:mm"),
)
"""Formats that stand for "as the system shows it": long date, long time, short date (which LibreOffice writes as m/d/yy),
short date and time."""

TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|(?P<bracket>\[[^\]]*\])|_(?P<blank>.)|\*.|'
    r"(?P<noon>AM/PM|A/P|上午/下午)|(?P<field>[ymdhse]+|a{3,4})(?:\.0+)?|(?P<text>.)",
    re.IGNORECASE | re.DOTALL,
)
DATE_FIELD = re.compile(r"[ymdhse]|a{3,4}", re.IGNORECASE)
NOT_FIELDS = re.compile(r'"[^"]*"|\\.|\[(?!h+\]|m+\]|s+\])[^\]]*\]|_.|\*.|General|E[+-]', re.IGNORECASE)
PLACEHOLDERS = re.compile(r"General|[#0?][#0?,]*(?:\.[#0?]*)?", re.IGNORECASE)
AS_GENERAL = re.compile(r"E[+-]|\?/|@")
"""Scientific notation, fractions and text: shown as `General` shows numbers."""
WEEKDAYS = "一二三四五六日"
DIGITS = "〇一二三四五六七八九"
CHINESE_NUMERALS = "[dbnum1]"
MAX_SPELLED = 10_000
"""Whole numbers below this are spelled in Chinese; nobody numbers tasks beyond."""

Value = str | bool | int | float | date | datetime | time | timedelta | None


def is_date_format(number_format: str) -> bool:
    """Whether `number_format` shows a number as a day or a time."""
    return bool(DATE_FIELD.search(NOT_FIELDS.sub("", number_format.split(";")[0])))


def shown(value: Value, number_format: str) -> str:
    """`value` as a cell with `number_format` shows it; values in unusual formats as `General` shows them."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, (int, float)):
        return _number(value, number_format)
    if isinstance(value, timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    return _moment(value, number_format)


def _moment(value: date | datetime | time, number_format: str) -> str:
    if not is_date_format(number_format):
        number_format = "h:mm:ss" if isinstance(value, time) else "yyyy/m/d"
    if isinstance(value, time):
        value = datetime.combine(date(1900, 1, 1), value)
    elif not isinstance(value, datetime):
        value = datetime.combine(value, time())
    section = number_format.split(";")[0]
    section = next((plain for system, plain in SYSTEM_FORMATS if system.fullmatch(section)), section)
    chinese = CHINESE_NUMERALS in section.lower()
    twelve_hours = any(token["noon"] for token in TOKEN.finditer(section))
    fields = _fields(section)
    return "".join(_part(token, field, value, chinese, twelve_hours) for token, field in fields).strip()


def _fields(section: str) -> list[tuple[re.Match[str], str]]:
    """The tokens of a date format with their fields in small letters; an `m` that means minutes becomes `n`."""
    tokens = [(token, (token["field"] or "").lower()) for token in TOKEN.finditer(section)]
    at = [i for i, (_, field) in enumerate(tokens) if field]
    for before, here in pairwise([None, *at]):
        if here is not None and tokens[here][1] in ("m", "mm"):
            after = next((tokens[i][1] for i in at if i > here), "")
            if (before is not None and tokens[before][1].startswith("h")) or after.startswith("s"):
                tokens[here] = (tokens[here][0], tokens[here][1].replace("m", "n"))
    return tokens


def _part(token: re.Match[str], field: str, value: datetime, chinese: bool, twelve_hours: bool) -> str:
    if not field:
        return _literal(token, value)
    if field.startswith("a"):
        return ("星期" if len(field) == 4 else "") + WEEKDAYS[value.weekday()]
    if field[0] in "ye":
        year = f"{value.year:04}" if len(field) > 2 or field[0] == "e" else f"{value.year % 100:02}"
        return "".join(DIGITS[int(digit)] for digit in year) if chinese else year
    if field in ("mmm", "mmmm"):
        return (calendar.month_abbr if field == "mmm" else calendar.month_name)[value.month]
    if field in ("ddd", "dddd"):
        return (calendar.day_abbr if field == "ddd" else calendar.day_name)[value.weekday()]
    hour = (value.hour % 12 or 12) if twelve_hours else value.hour
    number = {"m": value.month, "d": value.day, "h": hour, "n": value.minute, "s": value.second}[field[0]]
    return spelled(number) if chinese else f"{number:0{min(len(field), 2)}}"


def _literal(token: re.Match[str], value: datetime) -> str:
    if token["noon"]:
        before, after = token["noon"].split("/")
        return before if value.hour < 12 else after
    if token["bracket"] or token.group().startswith("*"):
        return ""
    if token["blank"]:
        return " "
    return token["quoted"] or token["escaped"] or token["text"] or ""


def _number(value: float, number_format: str) -> str:
    sections = number_format.split(";")
    by_sign = 1 if value < 0 and len(sections) > 1 else 2 if value == 0 and len(sections) > 2 else 0
    section = sections[by_sign]
    if AS_GENERAL.search(section):
        return _general(value)
    magnitude = abs(value) if by_sign == 1 else value
    if CHINESE_NUMERALS in section.lower() and float(value).is_integer() and 0 <= value < MAX_SPELLED:
        digits = spelled(int(value))
    else:
        digits = _digits(magnitude, section)
    return _around(digits, section)


def _general(value: float) -> str:
    return f"{value:.15g}" if abs(value) < 1e15 else str(value)


def _digits(value: float, section: str) -> str:
    plain = NOT_FIELDS.sub(lambda match: match.group() if match.group().lower() == "general" else "", section)
    placeholders = PLACEHOLDERS.search(plain)
    if not placeholders or placeholders.group().lower() == "general":
        return _general(value)
    whole, _, decimals = placeholders.group().partition(".")
    if "%" in plain:
        value *= 100
    if whole.endswith(","):
        value /= 1000 ** (len(whole) - len(whole.rstrip(",")))
    text = f"{value:{',' if ',' in whole.rstrip(',') else ''}.{len(decimals)}f}"
    optional = len(decimals) - len(decimals.rstrip("#"))
    for _ in range(optional):
        text = text.removesuffix("0")
    return text.removesuffix(".").zfill(whole.count("0"))


def _around(digits: str, section: str) -> str:
    """`digits` with the words and signs that the format puts around them (0"次", 0%, ¥#,##0)."""
    pieces: list[str] = []
    placed = False
    for token in TOKEN.finditer(PLACEHOLDERS.sub("\x00", section)):
        if token.group() == "\x00":
            pieces.append("" if placed else digits)
            placed = True
        elif token["bracket"] and (currency := re.match(r"\[\$([^-\]]+)", token["bracket"])):
            pieces.append(currency[1])
        elif token["quoted"] or token["escaped"] or (token["text"] and token["text"] not in "@?#"):
            pieces.append(token["quoted"] or token["escaped"] or token["text"])
    return "".join(pieces).strip() if placed else digits


def spelled(number: int) -> str:
    """A whole number below 10,000 in Chinese: 〇, 十二, 一百〇五."""
    if number < 10:
        return DIGITS[number]
    text = _with_places([int(digit) for digit in str(number)])
    return text.removeprefix("一") if 10 <= number < 20 else text


def _with_places(digits: Sequence[int]) -> str:
    places = ["", "十", "百", "千"][: len(digits)][::-1]
    text = "".join(DIGITS[d] + place if d else "〇" for d, place in zip(digits, places, strict=True))
    return re.sub("〇+", "〇", text).rstrip("〇")
