"""One form of print for one name: what characters, blanks and residue a name was printed with says nothing about it."""

from __future__ import annotations

import re

from extractor.text.aligned import AlignedText
from extractor.text.characters import INVISIBLE, TONED, folding
from extractor.text.cleaning import simplified_characters

WHITE = re.compile(r"\s+")
READING = re.compile(rf"（[a-zü{TONED}]{{1,6}}）")
"""`區(qū)`: a reading left behind its character. No organisation has lower-case letters in brackets in its name."""
EDGES = "、，。；：:.,·\"“”'‘’《》〈〉-—*"
SUMMED_UP = EDGES + "等"
"""What may stand behind the last name of a list."""


def plain(printed: str) -> str:
    """`printed` in simplified characters, without blanks, invisible characters, readings and marks at its edges."""
    text = WHITE.sub("", INVISIBLE.sub("", printed).translate(folding()))
    return _simplified(READING.sub("", text)).lstrip(EDGES).rstrip(SUMMED_UP)


def _simplified(text: str) -> str:
    """GB 2312 has no traditional characters, so that most names need no converter, which takes long to load."""
    try:
        text.encode("gb2312")
    except UnicodeEncodeError:
        aligned = AlignedText.of(text)
        return aligned.edit(simplified_characters(aligned)).text
    return text
