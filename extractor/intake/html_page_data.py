"""What a page says of its document: the meta elements of the national guideline, and the block of 索引号 and 发文字号.

《政府网站发展指引》 (国办发〔2017〕47号), annex on page labels: ArticleTitle, PubDate, ContentSource.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from extractor.intake.html_names import folded
from extractor.model import Span
from extractor.text.page_data import labels as page_data_labels

if TYPE_CHECKING:
    from lxml.etree import _Element

META = {"articletitle": "title", "og:title": "title", "contentsource": "issuer", "pubdate": "issued_on"}
SITE_SUFFIX = re.compile(
    r"\s*[_|｜]\s*|\s+[-–—]\s+|\s*[-–—]+\s*(?=[^-–—]*(?:政府|网|委|局|厅|办|部|门户|平台)[^-–—]*$)"
)
KEY = re.compile(r"[\s\u4e00-\u9fff]{2,14}")
LABELLED = re.compile(
    r"\s*([\u4e00-\u9fff](?:[\s\u3000]*[\u4e00-\u9fff]){1,8})\s*[:：]\s*([^\s:：][^:：]*)?(?=\s|$)"
)
DOC_NUMBER = re.compile(r"[\u4e00-\u9fff].{0,20}[〔\[（【(]\s*(?:19|20)\d{2}\s*[〕\]）】)].{0,8}号")
DATE = re.compile(r"((?:19|20)\d{2})\s*[年./-]\s*(\d{1,2})\s*[月./-]\s*(\d{1,2})")
ORGANISATION = re.compile(
    r"[\u4e00-\u9fff].*(?:政府|国务院|委员会|办公室|指挥部|小组|中心|[局委办厅部署院会室所站社])(?:[（(].*[)）])?"
)
FOR_WANT_OF = {"published_on": "issued_on"}
"""What is taken for a datum where the page does not give it itself: its labels stand behind the surer ones."""
DATA = ("title", "issuer", "doc_number", "issued_on")
MIN_TITLE = 6
"""Shorter titles of pages name a site or a column (首页, 信息公开), not a circular."""
BLOCK_GAP = 2
"""Lines between two labels of one block of page data: a value on a line of its own, or two."""
MIN_LABELS = 2


@dataclass(frozen=True, slots=True)
class Head:
    """What the head of a page gives: titles it may have, the surest first, and values under the names of metadata."""

    titles: tuple[str, ...]
    values: dict[str, str]


@dataclass(frozen=True, slots=True)
class Block:
    """Lines of a page that label data of the document: the numbers of the first and the last, its value included."""

    first: int
    last: int


def read_head(root: _Element) -> Head:
    """The meta elements and the title of a page."""
    values: dict[str, str] = {}
    for meta in root.iter("meta"):
        name = META.get((meta.get("name") or meta.get("property") or "").strip().lower())
        content = (meta.get("content") or "").strip()
        if name and content:
            values.setdefault(name, content)
    title = next(("".join(map(str, node.itertext())).strip() for node in root.iter("title")), "")
    given = [values.get("title", ""), SITE_SUFFIX.split(title)[0].strip(), title]
    return Head(tuple(dict.fromkeys(name for name in given if len(folded(name)) >= MIN_TITLE)), values)


def blocks(text: str, lines: Sequence[Span]) -> list[Block]:
    """The blocks of page data among `lines`: neighbouring lines with at least two labels."""
    found: list[Block] = []
    labelled = [(number, keys) for number, span in enumerate(lines) if (keys := labels(span.of(text)))]
    group: list[tuple[int, set[str]]] = []
    for entry in [*labelled, None]:
        if entry and (not group or entry[0] - group[-1][0] <= BLOCK_GAP):
            group.append(entry)
            continue
        if group and len(set().union(*(keys for _, keys in group))) >= MIN_LABELS:
            last = group[-1][0]
            value_below = not _pieces([lines[last].of(text)])[-1][1] and last + 1 < len(lines)
            found.append(Block(group[0][0], last + value_below))
        group = [entry] if entry else []
    return found


def labels(line: str) -> set[str]:
    """The labels of page data on a line: before a colon, or alone in a cell or on the line."""
    if len(line) > 500:
        return set()
    return {key for key, _ in _pieces([line]) if key in page_data_labels()}


def metadata(text: str, lines: Sequence[Span], found: Sequence[Block], head: Head) -> dict[str, str]:
    """What the page says of its document: its block of page data first, then its head."""
    values: dict[str, str] = {}
    ranks = {key: rank for rank, key in enumerate(page_data_labels())}
    pairs = [
        pair
        for block in found
        for pair in _pieces([span.of(text) for span in lines[block.first : block.last + 1]])
    ]
    for key, value in sorted(pairs, key=lambda pair: ranks.get(pair[0], len(ranks))):
        name = FOR_WANT_OF.get(given := page_data_labels().get(key, "-"), given)
        if name in DATA and (normal := _normal(name, value)):
            values.setdefault(name, normal)
    for name, value in head.values.items():
        if normal := _normal(name, value):
            values.setdefault(name, normal)
    printed = folded(text)
    shown = next((title for title in head.titles if folded(title) in printed), None)
    return values if "title" in values or shown is None else values | {"title": shown}


def _pieces(lines: Sequence[str]) -> list[tuple[str, str]]:
    """Labels and what follows each: behind its colon, in the next cell, or on the next line."""
    found: list[tuple[str, str]] = []
    for piece in (piece.strip() for line in lines for piece in line.split("\t")):
        matches = [
            match for match in LABELLED.finditer(piece) if folded(match.group(1)) in page_data_labels()
        ]
        if matches:
            found += [(folded(match.group(1)), match.group(2) or "") for match in matches]
        elif KEY.fullmatch(piece) and folded(piece) in page_data_labels():
            found.append((folded(piece), ""))
        elif found and not found[-1][1]:
            found[-1] = (found[-1][0], piece)
    return found


def _normal(name: str, value: str) -> str | None:
    """A value in its normal form; None where it is none: 无, a dash, the next label, a date that does not exist."""
    if name == "issued_on":
        match = DATE.search(value)
        try:
            return date(*map(int, match.groups())).isoformat() if match else None
        except ValueError:
            return None
    if name == "doc_number":
        number = DOC_NUMBER.search(value)
        return number.group() if number else None
    if name == "issuer":
        return value if ORGANISATION.fullmatch(value) else None
    return value if len(folded(value)) >= MIN_TITLE else None
