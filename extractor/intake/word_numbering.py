"""The numbers that Word puts in front of paragraphs: nowhere in their text, counted from numbering.xml and styles.xml.

After ISO/IEC 29500-1:2016, 17.9. What is counted belongs to the abstract definition: lists (`w:num`) that share one go on
counting where the other stopped, unless a `startOverride` starts them anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from extractor.intake.word_number_formats import WITHOUT_NUMBER, write_number
from extractor.intake.word_styles import Styles
from extractor.intake.word_symbols import printed
from extractor.intake.word_xml import W, as_number, number, switch, value

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

LEVELS = 9
"""A list has levels 0 to 8 (17.9.6)."""

PLACEHOLDER = re.compile(r"%([1-9])")
CLOSED = re.compile(r"[、，。．.,:：；;)）〕】》」\]①-⒛㈠-㈩㉑-㉟]$")
"""A number that ends in such a mark needs no gap behind it; a bullet, 第一条 or 1.1 does."""
LETTER_BULLETS = {"o": "○"}
"""Word's hollow bullet is a letter set in Courier New."""
ZERO_PADDED = re.compile(r"(0+)1,")


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a list: where it starts, how its number is written, and when it starts anew."""

    start: int = 0
    number_format: str = "decimal"
    width: int = 0
    """Digits at least, as in the custom format `001, 002, 003, ...`."""
    text: str = ""
    suffix: str = "tab"
    all_decimal: bool = False
    restarts_after: int | None = None
    """`w:lvlRestart`: the deepest level, counted from 1, after which this one starts anew; 0 never."""
    style: str | None = None
    hidden: bool = False
    font: str | None = None

    def written(self, count: int) -> str:
        """`count` in this level's own format."""
        return write_number(count, self.number_format).rjust(self.width, "0" if self.width else " ")


@dataclass(frozen=True, slots=True)
class List:
    """A list as paragraphs refer to it (`w:num`): its levels, whose counts it shares, where it starts anew itself."""

    counts: str
    levels: Mapping[int, Level]
    overrides: Mapping[int, int] = field(default_factory=dict)

    def start(self, depth: int) -> int:
        """The first number of a level."""
        return self.overrides.get(depth, self.levels[depth].start if depth in self.levels else 0)


@dataclass(frozen=True, slots=True)
class Number:
    """A number as printed, and whether Word leaves a gap (tab or space) behind it."""

    text: str
    gap: bool

    def before(self, text: str) -> str:
        """The number and `text` behind it, with one space for a gap that the number's own mark does not make needless."""
        if not self.gap or not self.text or not text:
            return self.text + text
        needless = CLOSED.search(self.text) and not (text[0].isascii() and text[0].isalnum())
        return self.text + ("" if needless else " ") + text


class Numbering:
    """Counts the numbered paragraphs of one document in reading order."""

    def __init__(self, root: Element | None, styles: Styles) -> None:
        """`root` is the root of numbering.xml, None where the document has none."""
        self._styles = styles
        self._lists = {} if root is None else _lists(root, styles)
        self._places: dict[str | None, tuple[int, int | None]] = {}
        self._counts: dict[str, dict[int, int]] = {}
        self._started: set[tuple[int, int]] = set()

    def number(self, paragraph: Element) -> Number | None:
        """The number of the next paragraph in reading order, None where it has none. Counts it."""
        list_id, depth = self._place(paragraph)
        numbered = self._lists.get(list_id)
        if numbered is None or depth not in numbered.levels:
            return None
        counts = self._count(list_id, numbered, depth)
        level = numbered.levels[depth]
        return None if level.hidden else Number(_text(numbered, depth, counts), level.suffix != "nothing")

    def _place(self, paragraph: Element) -> tuple[int, int]:
        """List and level of a paragraph: its own, and for what it does not say itself its style's."""
        own = paragraph.find(f"{W}pPr/{W}numPr")
        list_id, depth = number(own, "numId"), number(own, "ilvl")
        if list_id is None or (depth is None and list_id):
            by_style = self._place_by_style(self._styles.of_paragraph(paragraph))
            list_id = by_style[0] if list_id is None else list_id
            depth = by_style[1] if depth is None else depth
        return list_id or 0, depth or 0

    def _place_by_style(self, style_id: str | None) -> tuple[int, int | None]:
        if style_id not in self._places:
            self._places[style_id] = self._read_place(style_id)
        return self._places[style_id]

    def _read_place(self, style_id: str | None) -> tuple[int, int | None]:
        """List and level that a paragraph style gives; a level names the style it belongs to (`w:pStyle`, 17.9.23)."""
        lineage = list(self._styles.lineage("paragraph", style_id))
        numberings = [style.find(f"{W}pPr/{W}numPr") for style in lineage]
        list_id = next((found for each in numberings if (found := number(each, "numId")) is not None), 0)
        numbered = self._lists.get(list_id)
        if numbered is None:
            return 0, None
        linked: dict[str | None, int] = {
            level.style: depth for depth, level in numbered.levels.items() if level.style
        }
        for style, numbering in zip(lineage, numberings, strict=True):
            depth = linked.get(style.get(f"{W}styleId"))
            depth = number(numbering, "ilvl") if depth is None else depth
            if depth is not None:
                return list_id, depth
        return list_id, None

    def _count(self, list_id: int, numbered: List, depth: int) -> dict[int, int]:
        counts = self._counts.setdefault(numbered.counts, {})
        anew = depth in numbered.overrides and (list_id, depth) not in self._started
        self._started.add((list_id, depth))
        counts[depth] = numbered.start(depth) if anew or depth not in counts else counts[depth] + 1
        for deeper in range(depth + 1, LEVELS):
            level = numbered.levels.get(deeper)
            limit = deeper if level is None or level.restarts_after is None else level.restarts_after
            if depth < limit:
                counts.pop(deeper, None)
        for above in range(depth):
            counts.setdefault(above, numbered.start(above))
        return counts


def _text(numbered: List, depth: int, counts: Mapping[int, int]) -> str:
    """The level's text with the count of each level that it names in that level's own format."""
    level = numbered.levels[depth]

    def count(match: re.Match[str]) -> str:
        named = int(match.group(1)) - 1
        of = numbered.levels.get(named)
        if of is None or named not in counts:
            return ""
        if level.all_decimal and of.number_format not in WITHOUT_NUMBER:
            return str(counts[named])
        return of.written(counts[named])

    return PLACEHOLDER.sub(count, _symbols(level))


def _symbols(level: Level) -> str:
    """The level's text with the characters of symbol fonts as they look."""
    if level.number_format == "bullet" and level.text in LETTER_BULLETS:
        return LETTER_BULLETS[level.text]
    return printed(level.text, level.font, unknown="•")


def _lists(root: Element, styles: Styles) -> dict[int, List]:
    abstracts = {
        abstract.get(f"{W}abstractNumId"): abstract for abstract in root.iterchildren(f"{W}abstractNum")
    }
    nums = {
        list_id: num
        for num in root.iterchildren(f"{W}num")
        if (list_id := as_number(num.get(f"{W}numId"))) is not None
    }
    found = {}
    for list_id, num in nums.items():
        abstract = abstracts.get(value(num, "abstractNumId"))
        linked = _through_style(abstract, nums, abstracts, styles)
        if list_id and linked is not None:
            found[list_id] = _list(num, linked)
    return found


def _through_style(
    abstract: Element | None,
    nums: Mapping[int, Element],
    abstracts: Mapping[str | None, Element],
    styles: Styles,
) -> Element | None:
    """The definition itself, or the one that its numbering style stands for (`w:numStyleLink`, 17.9.21)."""
    style_id = value(abstract, "numStyleLink")
    if abstract is None or style_id is None:
        return abstract
    for style in styles.lineage("numbering", style_id):
        num = nums.get(number(style.find(f"{W}pPr/{W}numPr"), "numId") or 0)
        linked = abstracts.get(value(num, "abstractNumId"))
        if linked is not None:
            return linked
    return next((each for each in abstracts.values() if value(each, "styleLink") == style_id), abstract)


def _list(num: Element, abstract: Element) -> List:
    levels = dict(_levels(abstract.iterchildren(f"{W}lvl")))
    starts = {}
    for override in num.iterchildren(f"{W}lvlOverride"):
        depth = as_number(override.get(f"{W}ilvl"))
        if depth is None:
            continue
        levels.update(_levels(override.iterchildren(f"{W}lvl")))
        start = number(override, "startOverride")
        if start is not None:
            starts[depth] = start
    return List(abstract.get(f"{W}abstractNumId") or "", levels, starts)


def _levels(elements: Iterable[Element]) -> Iterable[tuple[int, Level]]:
    for element in elements:
        depth = as_number(element.get(f"{W}ilvl"))
        if depth is not None and 0 <= depth < LEVELS:
            yield depth, _level(element)


def _level(element: Element) -> Level:
    properties = element.find(f"{W}rPr")
    fonts = None if properties is None else properties.find(f"{W}rFonts")
    formats = list(
        element.iter(f"{W}numFmt")
    )  # a custom format stands beside the ordinary one to fall back on
    padded = next(
        (found for each in formats if (found := ZERO_PADDED.match(each.get(f"{W}format") or ""))), None
    )
    return Level(
        start=number(element, "start") or 0,
        number_format=(formats[-1].get(f"{W}val") if formats else None) or "decimal",
        width=len(padded.group(1)) + 1 if padded else 0,
        text=value(element, "lvlText") or "",
        suffix=value(element, "suff") or "tab",
        all_decimal=switch(element, "isLgl") or False,
        restarts_after=number(element, "lvlRestart"),
        style=value(element, "pStyle"),
        hidden=switch(properties, "vanish") or False,
        font=None if fonts is None else fonts.get(f"{W}ascii") or fonts.get(f"{W}hAnsi"),
    )
