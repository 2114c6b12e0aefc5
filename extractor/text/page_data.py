"""The labels under which sites of government print the data of a document, like 索引号, 发文字号, 成文日期.

《政府信息公开条例》 and 《政府网站发展指引》 (国办发〔2017〕47号) ask for such data; each site has words and marks of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from extractor.word_lists import rows_of

BULLETS = " \t|∙•·●▪◆■*-"
BRACKETS = "【["
MAX_LINE = 500
MAX_GLUED = 160
PROSE = re.compile("[。；，！？]")
DATED = re.compile(r"[12]\d{3} ?[年./-] ?\d{1,2} ?[月./-] ?\d{1,2} ?日?(?: ?\d{1,2}:\d{2}(?::\d{2})?)?")
NUMBERED = re.compile(r"(?:19|20)\d{2}[〕\]）年./-] ?\d")
"""What dates and numbers of documents have in them, and prose about labels has not."""


@dataclass(frozen=True, slots=True)
class Datum:
    """A label, without the spaces in it, and where on its line the value stands; `start == end` where none stands there."""

    label: str
    start: int
    end: int


@cache
def labels() -> dict[str, str]:
    """The labels and what each is to us, in the order of the data file: of several for one name the surest stands first."""
    return {label: name for label, name, _ in rows_of("extractor.text", "data/page_data.tsv")}


@cache
def labels_of(name: str) -> tuple[str, ...]:
    """The labels under which a page gives `name`, the surest first."""
    return tuple(label for label, known in labels().items() if known == name)


def data_of(line: str) -> list[Datum]:
    """The data on a clean line, left to right; none where it is no line of page data.

    Such a line opens with a label. What parts a label from its value is a colon, the wall of a cell, or brackets around
    it; where the label is known without, also a space or nothing: 发文机构临澜市人民政府办公室发文字号临政办〔2020〕1号.
    """
    if len(line) > MAX_LINE:
        return []
    opening = len(line) - len(line.lstrip(BULLETS))
    parted = list(_parted().finditer(line))
    if parted and parted[0].start() == opening:
        first = parted[0]
        if first["bracket"] or first["mark"] or _without_spaces(first["label"]) in _known_alone():
            return _with_values(line, parted)
    may_be_glued = len(line) <= MAX_GLUED and NUMBERED.search(line) and not PROSE.search(line)
    glued = list(_glued().finditer(line)) if may_be_glued else []
    if glued and glued[0].start() == opening:
        rest = line[glued[0].end() :].strip()
        if len(glued) > 1 or DATED.fullmatch(rest):
            return _with_values(line, glued)
    return []


def _with_values(line: str, found: list[re.Match[str]]) -> list[Datum]:
    data = []
    for match, following in zip(found, [*found[1:], None], strict=True):
        value = line[match.end() : following.start() if following else len(line)]
        start = match.end() + len(value) - len(value.lstrip(BULLETS))
        end = match.end() + len(value.rstrip(BULLETS + BRACKETS))
        data.append(Datum(_without_spaces(match["label"]), start, max(start, end)))
    return data


def _without_spaces(label: str) -> str:
    return label.replace(" ", "")


@cache
def _parted() -> re.Pattern[str]:
    label = rf"(?P<bracket>[【[] ?)?(?P<label>{_any_of(labels())})"
    return re.compile(
        rf"(?:^|(?<=[ \t|∙•·●▪◆■*【[])){label}(?(bracket) ?[】\]]|(?: ?(?P<mark>[：|])|(?=[ \t]|$)))"
    )


@cache
def _glued() -> re.Pattern[str]:
    return re.compile(rf"(?P<label>{_any_of(_known_alone())})")


def _any_of(words: Iterable[str]) -> str:
    """A pattern for any of `words`, as sites space them: 文 号."""
    return "|".join(" ?".join(word) for word in sorted(words, key=lambda word: (-len(word), word)))


@cache
def _known_alone() -> frozenset[str]:
    rows = rows_of("extractor.text", "data/page_data.tsv")
    return frozenset(label for label, _, alone in rows if alone == "+")
