"""The characters of a web page: a byte order mark, then what the page declares, overruled by what the bytes are."""

from __future__ import annotations

import codecs
import re

from extractor.intake.plain_text import BYTE_ORDER_MARKS, plausibility

HEAD = 4096
"""Bytes in which a declaration is looked for: the standard says 1,024, old templates put scripts before it."""
DECLARATION = re.compile(
    rb"<meta[^>]{0,300}?charset\s*=\s*[\"']?\s*([\w.:-]+)|<\?xml[^>]{0,100}encoding\s*=\s*[\"']([\w.:-]+)",
    re.I,
)
WIDER = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb_2312-80": "gb18030",
    "x-gbk": "gb18030",
    "big5": "big5hkscs",
}
"""What a declaration means: everyone who writes gb2312 uses characters of the larger sets (WHATWG Encoding, 4.2)."""
CONTENT = ("gb18030", "big5hkscs")
MAX_FAULTS = 0.01
"""Share of undecodable among the non-ASCII characters of a page that is still read: one broken include, a cut-off end."""


def decode_page(data: bytes, declared: str | None = None) -> tuple[str, str] | None:
    """The text of a page and its encoding; None where no encoding makes sense of it.

    Args:
        data: the page's bytes.
        declared: the charset that the message around the page gives (MHTML); it goes before the page's own.
    """
    for mark, encoding in BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return _text(data, encoding), encoding
    if b"\x00" in data[:HEAD]:
        encoding = "utf-16-le" if data[1:2] == b"\x00" else "utf-16-be"
        return _text(data, encoding), encoding
    if _faults(text := _text(data, "utf-8"), data) <= MAX_FAULTS:
        return text, "utf-8"
    readings = [(_text(data, encoding), encoding) for encoding in _candidates(data, declared)]
    sensible = [reading for reading in readings if _faults(reading[0], data) <= MAX_FAULTS]
    return max(sensible, key=lambda reading: plausibility(reading[0]), default=None)


def _candidates(data: bytes, declared: str | None) -> list[str]:
    """Encodings to try, what is declared first: it wins where another makes no more sense."""
    match = DECLARATION.search(data[:HEAD])
    own = (match.group(1) or match.group(2)).decode("ascii") if match else None
    named = [_known(name) for name in (declared, own) if name]
    return list(dict.fromkeys([name for name in named if name] + list(CONTENT)))


def _known(name: str) -> str | None:
    """The codec of a declared name; None where there is none, or where it is no codec of text."""
    name = WIDER.get(name.lower(), name.lower())
    try:
        b"".decode(name)
        return codecs.lookup(name).name
    except (LookupError, UnicodeError):
        return None


def _text(data: bytes, encoding: str) -> str:
    return data.decode(encoding, "replace").replace("\r\n", "\n").replace("\r", "\n")


def _faults(text: str, data: bytes) -> float:
    """The share of characters that did not decode among those that are not ASCII."""
    if data.isascii():
        return 0.0
    wrong = text.count("\ufffd") - min(text[-3:].count("\ufffd"), 1)
    return wrong / max(sum(1 for char in text if char > "\x7f"), 1)
