"""Word lists of the outline: data files beside this module, one row a word, columns explained in their first line."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def rows(name: str) -> tuple[tuple[str, ...], ...]:
    """The rows of the data file `name`, split at tabs, comments left out."""
    lines = (files(__name__) / name).read_text("utf-8").splitlines()
    return tuple(tuple(line.split("\t")) for line in lines if line.strip() and not line.startswith("#"))
