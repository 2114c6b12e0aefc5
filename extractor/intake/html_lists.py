"""The numbers that a browser draws before the items of a list, which stand nowhere in the page's text."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from extractor.intake.html_style import declarations

if TYPE_CHECKING:
    from lxml.etree import _Element

OWN_NUMBER = re.compile(
    r"\s*(?:第?[\d一二三四五六七八九十百]{1,4}[、.．)）条章节]|[（(][\d一二三四五六七八九十]{1,3}[)）]|[①-⒛])"
)
HAN_DIGITS = "〇一二三四五六七八九"
ROMAN = (
    (1000, "m"),
    (900, "cm"),
    (500, "d"),
    (400, "cd"),
    (100, "c"),
    (90, "xc"),
    (50, "l"),
    (40, "xl"),
    (10, "x"),
    (9, "ix"),
    (5, "v"),
    (4, "iv"),
    (1, "i"),
)
MAX_ROMAN = 3999


def _decimal(number: int) -> str:
    return f"{number}. "


def _leading_zero(number: int) -> str:
    return f"{number:02}. "


def _alphabetic(number: int) -> str:
    letters = ""
    while number > 0:
        number, letter = divmod(number - 1, 26)
        letters = chr(ord("a") + letter) + letters
    return f"{letters}. "


def _roman(number: int) -> str:
    figures = ""
    for value, figure in ROMAN:
        figures += figure * (number // value)
        number %= value
    return f"{figures}. "


def _han_digits(number: int) -> str:
    return "".join(HAN_DIGITS[int(digit)] for digit in str(number)) + "、"


def _han_number(number: int) -> str:
    """十二、: counts to 99, beyond it digit by digit."""
    if number > 99:
        return _han_digits(number)
    tens, ones = divmod(number, 10)
    return (
        (HAN_DIGITS[tens] if tens > 1 else "")
        + ("十" if tens else "")
        + (HAN_DIGITS[ones] if ones or not tens else "")
        + "、"
    )


STYLES: dict[str, Callable[[int], str]] = {
    "1": _decimal,
    "decimal": _decimal,
    "decimal-leading-zero": _leading_zero,
    "a": _alphabetic,
    "lower-alpha": _alphabetic,
    "lower-latin": _alphabetic,
    "A": lambda number: _alphabetic(number).upper(),
    "upper-alpha": lambda number: _alphabetic(number).upper(),
    "upper-latin": lambda number: _alphabetic(number).upper(),
    "i": _roman,
    "lower-roman": _roman,
    "I": lambda number: _roman(number).upper(),
    "upper-roman": lambda number: _roman(number).upper(),
    "cjk-decimal": _han_digits,
    "cjk-ideographic": _han_number,
    "simp-chinese-informal": _han_number,
    "trad-chinese-informal": _han_number,
}
"""The counter styles of `type` (HTML Standard) and `list-style-type` (CSS Counter Styles 3), with their suffixes."""
UNNUMBERED = ("none", "disc", "circle", "square", "disclosure-open", "disclosure-closed")


@dataclass
class Numbering:
    """The count of one ordered list."""

    style: str
    number: int
    step: int
    silent: bool

    @classmethod
    def of(cls, ordered: _Element) -> Numbering:
        """The numbering of an `ol`. A list whose items print a number of their own draws none: its style sheet says so."""
        items = [item for item in ordered if item.tag == "li"]
        backwards = ordered.get("reversed") is not None
        start = _integer(ordered.get("start"), len(items) if backwards else 1)
        silent = bool(items) and all(OWN_NUMBER.match(_opening(item)) for item in items)
        return cls(_style(ordered) or "decimal", start, -1 if backwards else 1, silent)

    def marker(self, item: _Element) -> str:
        """What is drawn before `item`, and count on; empty where nothing is."""
        number = _integer(item.get("value"), self.number)
        self.number = number + self.step
        style = _style(item) or self.style
        if self.silent or style in UNNUMBERED:
            return ""
        drawn_otherwise = number < 1 or ((style.endswith("roman") or style in "iI") and number > MAX_ROMAN)
        return (_decimal if drawn_otherwise else STYLES.get(style, _decimal))(number)


def _style(node: _Element) -> str | None:
    words = declarations(node)
    named = f"{words.get('list-style-type', '')} {words.get('list-style', '')}".split()
    known = next((word for word in named if word in STYLES or word in UNNUMBERED), None)
    return known or node.get("type")


def _integer(value: str | None, otherwise: int) -> int:
    return int(value) if value and re.fullmatch(r"\s*-?\d{1,9}\s*", value) else otherwise


def _opening(item: _Element) -> str:
    return next((piece for piece in map(str, item.itertext()) if piece.strip()), "")
