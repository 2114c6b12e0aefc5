"""The form in which texts are compared when people search."""

from __future__ import annotations

import unicodedata


def plain(text: str) -> str:
    """One form of each character, no white space, no case."""
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()
