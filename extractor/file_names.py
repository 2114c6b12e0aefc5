"""Names of files as people read them, also those whose bytes the system has no characters for."""

from __future__ import annotations

import re

UNDECODED = re.compile("[\udc80-\udcff]")
"""What Python makes of such bytes (PEP 383)."""
STRETCH = re.compile("[^\\s“”、，。：；/]{0,255}[\udc80-\udcff][^\\s“”、，。：；/]{0,255}")
"""A name with such bytes, or a part of a path, in a sentence: its other characters may be as wrongly decoded."""


def readable(text: str) -> str:
    """`text` with the characters that those bytes stand for: in UTF-8, else in GB18030, as Chinese systems write names."""
    if not UNDECODED.search(text):
        return text
    return STRETCH.sub(lambda match: _decoded(match.group().encode("utf-8", "surrogateescape")), text)


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("gb18030", "replace")
