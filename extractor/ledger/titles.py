"""How circulars are called: titles and 发文字号 in the forms in which they are compared."""

from __future__ import annotations

import re
from collections.abc import Iterable

from extractor.ledger.plain import plain

QUOTES = re.compile(r"[《》〈〉“”\"'‘’「」]")
BRACKETS = re.compile(r"[〔〕\[\]【】()]")
ENCLOSING = re.compile(
    r".*?(?:印发|转发|下发|发布|公布)(?P<enclosed>.+?)的?(?:通知|公告|通告|函|令)(?:\(.*\))?"
)
"""关于印发《…》的通知: the title of what it encloses."""
LEAST = 4
"""Characters below which a form of a title says too little to go by."""
LEAST_OF_PART = 8
"""A part with a shorter title (实施方案) is not known by it outside its circular."""


def plain_title(title: str, issuer: str | None = None) -> str:
    """The title without the issuer's name before it, white space and marks of a title."""
    bare = QUOTES.sub("", plain(title))
    short = bare.removeprefix(QUOTES.sub("", plain(issuer or "")))
    return short or bare


def plain_number(number: str) -> str:
    """A 发文字号 with its brackets in one form: 临政发〔2023〕3号, 临政发[2023] 第3号."""
    return BRACKETS.sub("|", plain(number)).replace("第", "")


def compared_forms(
    doc_number: str | None, title: str | None, issuer: str | None
) -> tuple[str | None, str | None]:
    """The forms of a document's 发文字号 and title, where it has them."""
    return plain_number(doc_number) if doc_number else None, plain_title(title, issuer) if title else None


def forms(title: str, issuer: str | None = None) -> set[str]:
    """The ways to call a document of that title: whole, from 关于 on, and what it encloses."""
    whole = plain_title(title, issuer)
    found = {whole, QUOTES.sub("", plain(title)), whole[max(whole.find("关于"), 0) :]}
    for form in tuple(found):
        if match := ENCLOSING.fullmatch(form):
            found.add(match["enclosed"])
    return {form for form in found if len(form) >= LEAST}


def names_of(title: str | None, issuer: str | None, parts: Iterable[str]) -> set[str]:
    """The ways to call a document: by its title, and by those of the plans that it encloses, its `parts`."""
    own = forms(title, issuer) if title else set()
    enclosed = {form for part in parts for form in forms(part)}
    return own | {form for form in enclosed if len(form) >= LEAST_OF_PART}
