"""How Word writes a whole number in each number format: 一百零一, 甲, 壹, ①, ⑴, ⒈, xiv.

After ISO/IEC 29500-1:2016, 17.18.59 (ST_NumberFormat), with what Word really does where [MS-OI29500] 2.1.540 and
[MS-DOCX] 2.4 say that it differs. Formats that no Chinese office uses are written as decimal.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

MAX_VALUE = 32767
"""Word counts no higher; beyond it a letter format would write a line of thousands of letters."""

FULL_WIDTH_DIGITS = "０１２３４５６７８９"
IDEOGRAPHIC_DIGITS = "〇一二三四五六七八九"
COUNTING_DIGITS = "○一二三四五六七八九"
STEMS = "甲乙丙丁戊己庚辛壬癸"
BRANCHES = "子丑寅卯辰巳午未申酉戌亥"
ROMAN = (
    (1000, "M"),
    (900, "CM"),
    (500, "D"),
    (400, "CD"),
    (100, "C"),
    (90, "XC"),
    (50, "L"),
    (40, "XL"),
    (10, "X"),
    (9, "IX"),
    (5, "V"),
    (4, "IV"),
    (1, "I"),
)


@dataclass(frozen=True, slots=True)
class Numerals:
    """A way of writing numbers by place: its digits from zero, its words for ten, hundred, thousand, ten thousand."""

    digits: str
    units: tuple[str, str, str]
    myriad: str
    ten_without_one: bool = False
    """10–19 are 十, 十一 …, not 一十."""
    never_one: bool = False
    """百, not 一百."""
    writes_zero: bool = True
    """一百零一, not 一百一."""


THOUSAND = Numerals("零一二三四五六七八九", ("十", "百", "千"), "万", ten_without_one=True)
JAPANESE = Numerals("〇一二三四五六七八九", ("十", "百", "千"), "万", never_one=True, writes_zero=False)
LEGAL_SIMPLIFIED = Numerals("零壹贰叁肆伍陆柒捌玖", ("拾", "佰", "仟"), "万")
LEGAL_TRADITIONAL = Numerals("零壹貳參肆伍陸柒捌玖", ("拾", "佰", "仟"), "萬")


def write_number(value: int, number_format: str) -> str:
    """`value` as Word writes it in `number_format` (a value of ST_NumberFormat); "" for none and bullet."""
    if number_format in WITHOUT_NUMBER:
        return ""
    if not 0 <= value <= MAX_VALUE:
        return str(value)
    return FORMATS.get(number_format, str)(value)


def _by_digit(digits: str) -> Callable[[int], str]:
    return lambda value: "".join(digits[int(digit)] for digit in str(value))


def _counting(value: int) -> str:
    """一, 十, 十一, 二十 …; from 100 on digit by digit: 一○○."""
    return _by_digit(COUNTING_DIGITS)(value) if value == 0 or value >= 100 else _placed(THOUSAND)(value)


def _placed(numerals: Numerals) -> Callable[[int], str]:
    def write(value: int) -> str:
        if value == 0:
            return numerals.digits[0]
        high, low = divmod(value, 10000)
        if not high:
            text = _group(low, numerals)
            return text[1:] if numerals.ten_without_one and 10 <= value <= 19 else text
        return write(high) + numerals.myriad + (_group(low, numerals) if low else "")

    return write


def _group(value: int, numerals: Numerals) -> str:
    """A number below 10,000."""
    text, zero = "", False
    for unit, place in (
        (numerals.units[2], 1000),
        (numerals.units[1], 100),
        (numerals.units[0], 10),
        ("", 1),
    ):
        digit = value // place % 10
        if not digit:
            zero = bool(text)
            continue
        text += numerals.digits[0] if zero and numerals.writes_zero else ""
        text += unit if digit == 1 and unit and numerals.never_one else numerals.digits[digit] + unit
        zero = False
    return text


def _one_of(characters: str) -> Callable[[int], str]:
    """The characters of a set in order; beyond the set decimal."""
    return lambda value: characters[value - 1] if 1 <= value <= len(characters) else str(value)


def _run(first: str, count: int) -> Callable[[int], str]:
    return _one_of("".join(chr(ord(first) + i) for i in range(count)))


def _sexagenary(value: int) -> str:
    """甲子, 乙丑 … 癸亥; beyond 60 decimal."""
    return STEMS[(value - 1) % 10] + BRANCHES[(value - 1) % 12] if 1 <= value <= 60 else str(value)


def _letters(value: int) -> str:
    """A … Z, AA, BB … ZZ, AAA."""
    return chr(ord("A") + (value - 1) % 26) * ((value - 1) // 26 + 1) if value else "0"


def _roman(value: int) -> str:
    text = "" if value else "0"
    for worth, letters in ROMAN:
        count, value = divmod(value, worth)
        text += letters * count
    return text


WITHOUT_NUMBER = ("none", "bullet")

FORMATS: dict[str, Callable[[int], str]] = {
    "decimalZero": "{:02d}".format,
    "decimalFullWidth": _by_digit(FULL_WIDTH_DIGITS),
    "decimalFullWidth2": _by_digit(FULL_WIDTH_DIGITS),
    "numberInDash": "- {} -".format,
    "upperLetter": _letters,
    "lowerLetter": lambda value: _letters(value).lower(),
    "upperRoman": _roman,
    "lowerRoman": lambda value: _roman(value).lower(),
    "decimalEnclosedCircle": _run("①", 20),
    "decimalEnclosedCircleChinese": _run("①", 20),
    "decimalEnclosedParen": _run("⑴", 20),
    "decimalEnclosedFullstop": _run("⒈", 20),
    "ideographEnclosedCircle": _run("㈠", 10),
    "ideographTraditional": _one_of(STEMS),
    "ideographZodiac": _one_of(BRANCHES),
    "ideographZodiacTraditional": _sexagenary,
    "ideographDigital": _by_digit(IDEOGRAPHIC_DIGITS),
    "japaneseDigitalTenThousand": _by_digit(IDEOGRAPHIC_DIGITS),
    "taiwaneseDigital": _by_digit(COUNTING_DIGITS),
    "chineseCounting": _counting,
    "taiwaneseCounting": _counting,
    "chineseCountingThousand": _placed(THOUSAND),
    "taiwaneseCountingThousand": _placed(THOUSAND),
    "japaneseCounting": _placed(JAPANESE),
    "chineseLegalSimplified": _placed(LEGAL_SIMPLIFIED),
    "ideographLegalTraditional": _placed(LEGAL_TRADITIONAL),
}
