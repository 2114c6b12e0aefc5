"""What is known of government sites: names of elements, lines of chrome, labels of page data. See the files in `data/`."""

from __future__ import annotations

import re
from functools import cache

from extractor.word_lists import Rows, rows_of

WHITE = re.compile(r"[\s\u200b\ufeff]+")
WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
SEPARATORS = re.compile(r"[-_]")
CHROME_TAGS = frozenset(("nav", "footer", "aside", "button", "select", "input", "textarea"))
CHROME_ROLES = frozenset(("navigation", "banner", "contentinfo", "search", "complementary"))
MAX_LINE = 200
"""A line of chrome is short; nothing longer is compared."""


def folded(text: str) -> str:
    """`text` without any white space, as lines and labels are compared."""
    return WHITE.sub("", text)


def rows(name: str) -> Rows:
    """The rows of `data/NAME`."""
    return rows_of("extractor.intake", f"data/{name}")


@cache
def _names() -> dict[str, str]:
    return {row[0]: row[1] for row in rows("html_names.tsv")}


@cache
def holds_main_text(name: str) -> bool:
    """Whether a class or id is one that content systems give to the text of an article."""
    return _names().get(SEPARATORS.sub("", name).lower()) == "main"


@cache
def role_of_name(name: str) -> str | None:
    """`chrome` or `related_links` where a word of a class or id says so: `footer-wrap`, `topNav`, but not `article-header`."""
    words = [SEPARATORS.sub("", name), *WORD.findall(name)]
    roles = [_names().get(word.lower()) for word in words]
    if "document" in roles:
        return None
    return next((role for role in roles if role in ("chrome", "related_links")), None)


@cache
def _lines() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(pattern, re.IGNORECASE), reason) for pattern, reason in rows("html_lines.tsv"))


def reason_of_line(text: str) -> str | None:
    """`chrome` or `related_links` where a whole line is what sites print around a document."""
    if len(text) > MAX_LINE:
        return None
    bare = folded(text)
    return next((reason for pattern, reason in _lines() if pattern.fullmatch(bare)), None)
