"""What is known of government sites: names of elements, lines of chrome, labels of page data. See the files in `data/`."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

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


@cache
def rows(name: str) -> tuple[tuple[str, str], ...]:
    """The rows of `data/NAME`; lines that open with # explain the columns."""
    lines = (files("extractor.intake") / "data" / name).read_text("utf-8").splitlines()
    split = (line.split("\t") for line in lines if line.strip() and not line.startswith("#"))
    return tuple((first, second) for first, second in split)


@cache
def _names() -> dict[str, str]:
    return dict(rows("html_names.tsv"))


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


@cache
def page_data_keys() -> dict[str, str]:
    """The labels of page data and what each is to us."""
    return dict(rows("html_page_data.tsv"))
