"""Word lists: data files of tab-separated rows beside the code that goes by them, which people without Python can extend."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

Rows = tuple[tuple[str, ...], ...]


@cache
def rows_of(package: str, name: str) -> Rows:
    """The rows of the data file `name` in `package`, split at tabs; lines that open with # explain the columns."""
    return parse_rows((files(package) / name).read_text("utf-8"))


def parse_rows(text: str) -> Rows:
    """The rows of a word list's text."""
    lines = text.splitlines()
    return tuple(tuple(line.split("\t")) for line in lines if line.strip() and not line.startswith("#"))
