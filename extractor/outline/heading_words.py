"""What the words of a heading say of the kind of what stands under it."""

from __future__ import annotations

import re
from functools import cache

from extractor.model import ItemKind
from extractor.outline.lexicon import rows


@cache
def _names_work() -> re.Pattern[str]:
    """How a heading begins that names work."""
    verbs = "|".join(word for word, how in rows("work_verbs.tsv") if how == "verb")
    adverbs = "|".join(word for word, how in rows("work_verbs.tsv") if how == "adverb")
    return re.compile(f"(?:{adverbs})?(?:{verbs})")


@cache
def _headings() -> tuple[tuple[re.Pattern[str], ItemKind, str], ...]:
    return tuple((re.compile(pattern), kind, scope) for pattern, kind, scope in rows("headings.tsv"))  # type: ignore[misc]


@cache
def heading_kind(heading: str) -> tuple[ItemKind, str] | None:
    """The kind that a heading gives to what stands under it, with its scope; None where the words say nothing."""
    bare = re.sub(r"[\s。：“”]|（[^（）]*）$", "", heading)
    names_work = _names_work().match(bare)
    for pattern, kind, scope in _headings():
        if pattern.fullmatch(bare) and not (names_work and pattern.pattern.startswith(".{")):
            return kind, scope
    return None
