"""Plain text in whatever encoding it was saved, decided by its bytes."""

from __future__ import annotations

import codecs
import re

BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
CONTROL = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")
HAN = re.compile("[\u4e00-\u9fff]")
COMMON = frozenset(
    "的一是在和不有了为工作人民政府市县区国家发展管理单位安全各部门通知要点實施關於應會對後與業務機關辦"
)
"""Characters that any Chinese circular is full of: a wrong decoding turns them into rare ones."""
MAX_CONTROL_SHARE = 0.001


def decode(data: bytes) -> tuple[str, str] | None:
    """The text of `data`, line ends as one line feed, and its encoding; None where it is no text.

    A byte order mark decides; then UTF-8, which nothing else imitates; then, of UTF-16 and the national encodings that
    decode without an error, the one that yields the most common characters.
    """
    for mark, encoding in BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return _decoded(data, encoding)
    if b"\x00" not in data and (found := _decoded(data, "utf-8")):
        return found
    candidates = ("gb18030", "big5hkscs") if b"\x00" not in data else ("utf-16-le", "utf-16-be")
    found_all = [found for encoding in candidates if (found := _decoded(data, encoding))]
    best = max(found_all, key=lambda found: plausibility(found[0]), default=None)
    return best if best and plausibility(best[0]) > 0 else None


def _decoded(data: bytes, encoding: str) -> tuple[str, str] | None:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return None
    if len(CONTROL.findall(text)) > MAX_CONTROL_SHARE * len(text):
        return None
    return text.replace("\r\n", "\n").replace("\r", "\n"), encoding


def plausibility(text: str) -> float:
    """The share of the text's Chinese characters that are everyday ones of official prose."""
    han = HAN.findall(text[:20000])
    return sum(char in COMMON for char in han) / len(han) if han else 0.0
