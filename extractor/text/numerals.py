"""Numbers as circulars print them: 12, １２, 十二, 二十, 二〇二一, 二O三五, 两, 廿."""

from __future__ import annotations

import unicodedata

DIGITS = {
    char: value
    for value, chars in enumerate(
        ("零〇○◯OＯoΟО", "一壹", "二贰两", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖")
    )
    for char in chars
}
TENS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
SHORT_TENS = {"廿": "二十", "卅": "三十"}


def parse_numeral(text: str) -> int | None:
    """The whole number that `text` prints, or None where it is not one.

    Chinese figures are read by place value (三百二十 = 320) or, without 十百千, digit by digit (二〇二一 = 2021).
    """
    text = unicodedata.normalize("NFKC", text).replace(" ", "")
    if text.isascii() and text.isdigit():
        return int(text)
    for short, plain in SHORT_TENS.items():
        text = text.replace(short, plain)
    if not text or any(char not in DIGITS and char not in TENS and not char.isdigit() for char in text):
        return None
    if not any(char in TENS for char in text):
        return int("".join(str(DIGITS.get(char, char)) for char in text))
    total, digit = 0, None
    for char in text:
        if char in TENS:
            total += (1 if digit is None else digit) * TENS[char]
            digit = None
        else:
            digit = DIGITS[char] if char in DIGITS else int(char)
    return total + (digit or 0)
