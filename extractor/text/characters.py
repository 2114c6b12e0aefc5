"""One character for one: the forms in which the same character is printed, folded to one form.

Digits and letters become half-width, punctuation full-width, radicals and compatibility ideographs the characters they
look like. Marks that are characters of their own (①, ㎡, ‰) stay.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from extractor.word_lists import rows_of

HAN = "\u3400-\u9fff\uf900-\ufaff"
"""Chinese characters, as the inside of a character class."""
TONED = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜńňǹḿ"
"""Letters that only readings in pinyin have."""

INVISIBLE = re.compile(
    "[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u0000-\u0008\u000e-\u001f\u007f]+"
)
"""Zero-width characters, soft hyphens, direction marks, control characters: printed as nothing."""

HALF_WIDTH_MARKS = {"(": "（", ")": "）", ",": "，", ";": "；", ":": "：", "!": "！", "?": "？"}
CORNER_QUOTES = {"「": "“", "」": "”", "『": "‘", "』": "’", "﹁": "“", "﹂": "”", "＂": '"', "＇": "'"}
WHITE = (
    "\t\v\f\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
)
BRACKETS = {
    "﹙": "（",
    "﹚": "）",
    "⦅": "（",
    "⦆": "）",
    "〘": "〔",
    "〙": "〕",
    "［": "[",
    "］": "]",
    "﹝": "〔",
    "﹞": "〕",
}


@cache
def folding() -> dict[int, str]:
    """The translation table: code point → the one character it is read as."""
    table = {ord(char): " " for char in WHITE}
    for code in range(0xFF01, 0xFF5F):
        table[code] = unicodedata.normalize("NFKC", chr(code))
    for ranges in (range(0x2F00, 0x2FD6), range(0xF900, 0xFAFF), range(0xFF61, 0xFF66)):
        for code in ranges:
            folded = unicodedata.normalize("NFKC", chr(code))
            if len(folded) == 1:
                table[code] = folded
    table |= _radicals()
    for marks in (CORNER_QUOTES, BRACKETS):
        table |= {ord(char): folded for char, folded in marks.items()}
    for half, full in HALF_WIDTH_MARKS.items():
        table[ord(half)] = table[ord(full)] = full
    table[ord("｡")] = "。"
    table[ord("．")] = "."
    table[ord("～")] = "～"
    table[ord("－")] = "－"
    return table


def _radicals() -> dict[int, str]:
    """The radicals supplement (U+2E80–2EFF), which NFKC leaves alone; see the data file."""
    return {ord(radical): ideograph for radical, ideograph in rows_of("extractor.text", "data/radicals.tsv")}
