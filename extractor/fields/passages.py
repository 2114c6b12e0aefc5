"""Where the sentences, clauses, titles and quotations of a clean text are: what all field rules stand on."""

from __future__ import annotations

import re
from collections.abc import Iterator

from extractor.model import Span

SENTENCE = re.compile(r"[^。！？\n]*[。！？]?[”’）》]*")
TITLE = re.compile(r"《[^《》\n]*(?:《[^《》\n]*》[^《》\n]*)*》")
QUOTATION = re.compile(r"“[^“”\n]{1,60}”")


def sentences(text: str) -> Iterator[Span]:
    """The sentences of `text`, stops included, without the white space around them."""
    for match in SENTENCE.finditer(text):
        stripped = match.group().strip()
        if stripped:
            start = match.start() + match.group().index(stripped[0])
            yield Span(start, start + len(stripped))


def titles(text: str) -> list[Span]:
    """The titles of documents: 《…》, nested ones inside their outermost."""
    return [Span(*match.span()) for match in TITLE.finditer(text)]


def quotations(text: str) -> list[Span]:
    """What stands in “…”: names of campaigns, slogans, wording of other documents."""
    return [Span(*match.span()) for match in QUOTATION.finditer(text)]
