"""The word lists of the registry: data files in `lexicon/`, which people without Python can extend."""

from __future__ import annotations

import re
from functools import cache

from extractor.word_lists import Rows, rows_of

SHORT_FORMS_PARTED_BY = "、"
NONE = "-"


def rows(name: str) -> Rows:
    """The rows of `lexicon/NAME`."""
    return rows_of("extractor.registry", f"lexicon/{name}")


@cache
def any_pattern_of(name: str) -> re.Pattern[str]:
    """A pattern that finds any of the regular expressions in a lexicon's first column."""
    return re.compile("|".join(f"(?:{row[0]})" for row in rows(name)))


def listed(column: str) -> tuple[str, ...]:
    """The words of a column that holds several, none where it holds only a dash."""
    return () if column == NONE else tuple(column.split(SHORT_FORMS_PARTED_BY))
