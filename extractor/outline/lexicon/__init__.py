"""Word lists of the outline: data files beside this module, one row a word, columns explained in their first line."""

from __future__ import annotations

from extractor.word_lists import Rows, rows_of


def rows(name: str) -> Rows:
    """The rows of the data file `name`."""
    return rows_of(__name__, name)
