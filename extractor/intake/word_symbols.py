"""Characters of symbol fonts, which have no meaning without their font: Wingdings `l` is printed as ●.

Word keeps them in the private use area (U+F020–U+F0FF), in `w:sym`, in list bullets and in text set in a symbol font.
After the Unicode Consortium's mapping of Wingdings (L2/11-344) and Adobe's of Symbol; those that offices use as bullets,
ticks, boxes, arrows and circled numbers.
"""

from __future__ import annotations

import re

PRIVATE = re.compile("[\uf020-\uf0ff]")

UNKNOWN = "\ufffd"
"""Stands for a symbol that we cannot name, so that it is not lost silently."""

SYMBOL = {
    0x2A: "∗",
    0x2B: "+",
    0x2D: "−",
    0xA3: "≤",
    0xA5: "∞",
    0xA8: "♦",
    0xAE: "→",
    0xB0: "°",
    0xB1: "±",
    0xB3: "≥",
}
SYMBOL |= {0xB4: "×", 0xB7: "•", 0xB8: "÷", 0xB9: "≠", 0xBB: "≈", 0xD6: "√", 0xD7: "⋅", 0xDE: "⇒", 0xE5: "∑"}

WINGDINGS = {
    0x46: "☞",
    0x6C: "●",
    0x6D: "❍",
    0x6E: "■",
    0x6F: "□",
    0x70: "□",
    0x71: "❑",
    0x72: "❒",
    0x73: "⬧",
}
WINGDINGS |= {
    0x74: "⧫",
    0x75: "◆",
    0x76: "❖",
    0x77: "⬥",
    0x78: "☒",
    0x9E: "·",
    0x9F: "•",
    0xA1: "○",
    0xA4: "◉",
}
WINGDINGS |= {
    0xA7: "▪",
    0xA8: "◻",
    0xAB: "★",
    0xD8: "➢",
    0xDF: "←",
    0xE0: "→",
    0xE1: "↑",
    0xE2: "↓",
    0xE8: "➔",
}
WINGDINGS |= {0xF0: "⇨", 0xFB: "✗", 0xFC: "✓", 0xFD: "☒", 0xFE: "☑"}
WINGDINGS |= {0x81 + i: chr(ord("①") + i) for i in range(10)} | {
    0x8C + i: chr(ord("❶") + i) for i in range(10)
}

WINGDINGS_2 = {
    0x4F: "✗",
    0x50: "✓",
    0x51: "☒",
    0x52: "☑",
    0x53: "☒",
    0x54: "☒",
    0x97: "●",
    0x98: "•",
    0xA2: "■",
}
WINGDINGS_2 |= {0xA3: "□", 0xA0: "▪"} | {0x6A + i: chr(ord("①") + i) for i in range(10)}

BY_FONT: dict[str, dict[int, str]] = {
    "Symbol": SYMBOL,
    "Wingdings": WINGDINGS,
    "Wingdings 2": WINGDINGS_2,
    "Wingdings 3": {},
    "Webdings": {},
}
UNNAMED = WINGDINGS | {code: char for code, char in SYMBOL.items() if code not in WINGDINGS}
"""Where no symbol font is named: Wingdings is what Chinese Word and WPS put their bullets in."""


def printed(text: str, font: str | None, unknown: str = UNKNOWN) -> str:
    """`text` as its font prints it: characters of the private use area as the symbols they look like."""
    return PRIVATE.sub(lambda match: symbol(ord(match.group()), font, unknown), text)


def symbol(code: int, font: str | None, unknown: str = UNKNOWN) -> str:
    """The character that looks like number `code` of a symbol font, with or without Word's offset of F000 hexadecimal."""
    return BY_FONT.get(font or "", UNNAMED).get(code & 0xFF if code >= 0xF000 else code, unknown)
