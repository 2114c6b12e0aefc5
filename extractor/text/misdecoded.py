"""Chinese that a site's converter of characters has read one byte off.

Such converters work on GBK bytes. Where one byte is lost, the rest is paired wrongly until a byte below 0x80 comes:
of `　（五）加快` is left `?。ㄎ澹┘涌` and of `。總結` `?？偨Y`. The lost byte is 0xA1, of `　` or `。`, so that the bytes can be
paired anew; pairs that are no character are gone, which in numbers (二, 三, 六, 十) is known to happen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from extractor.text.aligned import AlignedText, Edit
from extractor.text.characters import HAN, TONED

RUN = re.compile(
    rf"[?？](?P<run>[^\x00-\x7f\n]{{1,60}})(?P<tail>[A-Z@a-z\[\\\]^_`{{|}}~]?)(?P<lost>[?？][a-zü{TONED}]{{1,6}}[)）])?"
)
"""What was read one byte off, the letter that ends it, and the reading of a character that is lost whole."""
LOST_BYTE = b"\xa1"
CLOSING_LEAD = 0xA9
"""The first byte of ）: with it the text behind a number begins, read one byte off."""
NUMERALS = [*"一二三四五六七八九十", *(f"十{n}" for n in "一二三四五六七八九"), "二十"]
PROSE = re.compile(rf"[{HAN}，、；：“”《》（）。]*")


def runs_as_meant(aligned: AlignedText, *, anywhere: bool) -> Iterator[Edit]:
    """The stretches that were read one byte off, as they were meant: those that open with a number, or those `anywhere`."""
    for match in RUN.finditer(aligned.text):
        run, tail = match["run"], match["tail"]
        left, text = _number_before(run, tail) or ("", "。")
        behind = _behind(run[len(left) :], tail) if left else anywhere and _behind_a_stop(run, tail)
        if not behind:
            continue
        words, used = behind
        end = match.end("lost") if match["lost"] and not tail else match.end("run") + used
        begins = match.start("run") + len(left)
        yield Edit(match.start(), begins, text)
        yield Edit(begins, end, words)


def _number_before(run: str, tail: str) -> tuple[str, str] | None:
    """What is left of `　（二）` at the head of the run, of which a pair may be gone, and the number as it was meant."""
    for left, numeral in _left_of_numbers():
        if run.startswith(left) and _behind(run[len(left) :], tail):
            return left, f"（{numeral}）"
    return None


def _behind(rest: str, tail: str) -> tuple[str, int] | None:
    """What stands behind a number, and how much of `tail` belongs to it; None where the run makes no sense so."""
    data = _bytes(rest)
    if data is None or (data and data[0] != CLOSING_LEAD):
        return None
    words = _paired(data[1:], tail) if data else ("", 0)
    return words if words and PROSE.fullmatch(words[0]) else None


def _behind_a_stop(run: str, tail: str) -> tuple[str, int] | None:
    """What stands behind a 。 that was read one byte off."""
    data = _bytes(run)
    words = _paired(LOST_BYTE + data, tail) if data else None
    if not words or not words[0].startswith("。") or not PROSE.fullmatch(words[0]):
        return None
    return words[0][1:], words[1]


def _paired(data: bytes, tail: str) -> tuple[str, int] | None:
    """The characters of `data`, a last odd byte completed by `tail` or given up."""
    for last, used in ((tail.encode(), len(tail)), (b"", 0)):
        whole = data + last if len(data) % 2 else data
        even = whole if len(whole) % 2 == 0 else whole[:-1]
        try:
            return even.decode("gbk"), used if len(data) % 2 else 0
        except UnicodeDecodeError:
            continue
    return None


def _bytes(run: str) -> bytes | None:
    try:
        return run.encode("gbk")
    except UnicodeEncodeError:
        return None


@cache
def _left_of_numbers() -> tuple[tuple[str, str], ...]:
    """What is left of `　（N` when read one byte off, the longest first, and N."""
    left = [
        ("".join(_characters(f"　（{numeral}".encode("gbk")[1:] + b"\xa3")), numeral) for numeral in NUMERALS
    ]
    return tuple(sorted(left, key=lambda pair: -len(pair[0])))


def _characters(data: bytes) -> Iterator[str]:
    """The characters of `data`, pairs that are none left out."""
    for at in range(0, len(data), 2):
        try:
            yield data[at : at + 2].decode("gbk")
        except UnicodeDecodeError:
            continue
