"""The word lists of the registry: data files in `lexicon/`, which people without Python can extend."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

SHORT_FORMS_PARTED_BY = "、"
NONE = "-"


@cache
def rows(name: str) -> tuple[tuple[str, ...], ...]:
    """The rows of `lexicon/NAME`, split at tabs; lines that open with # explain the columns."""
    text = (files("extractor.registry") / "lexicon" / name).read_text("utf-8")
    return tuple(
        tuple(line.split("\t")) for line in text.splitlines() if line.strip() and not line.startswith("#")
    )


@cache
def any_pattern_of(name: str) -> re.Pattern[str]:
    """A pattern that finds any of the regular expressions in a lexicon's first column."""
    return re.compile("|".join(f"(?:{row[0]})" for row in rows(name)))


def listed(column: str) -> tuple[str, ...]:
    """The words of a column that holds several, none where it holds only a dash."""
    return () if column == NONE else tuple(column.split(SHORT_FORMS_PARTED_BY))
