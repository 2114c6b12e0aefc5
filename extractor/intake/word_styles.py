"""The styles of a Word document, as far as they decide what is seen: hidden text and numbering (ISO/IEC 29500-1, 17.7)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from extractor.intake.word_xml import W, switch, value

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

HIDING = ("vanish", "specVanish")
"""Hidden text, and the hidden paragraph mark of a style separator."""


class Styles:
    """The styles of one document by their ids."""

    def __init__(self, root: Element | None) -> None:
        """`root` is the root of styles.xml, None where the document has none."""
        styles = [] if root is None else list(root.iterchildren(f"{W}style"))
        self._by_id = {(style.get(f"{W}type"), style.get(f"{W}styleId")): style for style in styles}
        self._default = {
            style.get(f"{W}type"): style.get(f"{W}styleId")
            for style in styles
            if style.get(f"{W}default") in ("1", "true")
        }
        defaults = None if root is None else root.find(f"{W}docDefaults/{W}rPrDefault/{W}rPr")
        self._hidden_by_default = _hides(defaults) or False
        self._hidden: dict[tuple[str, str | None], bool] = {}

    def lineage(self, kind: str, style_id: str | None) -> Iterator[Element]:
        """The style of that kind (paragraph, character, numbering) and those it is based on, nearest first."""
        seen = set()
        while style_id is not None and style_id not in seen:
            seen.add(style_id)
            style = self._by_id.get((kind, style_id))
            if style is None:
                return
            yield style
            style_id = value(style, "basedOn")

    def of_paragraph(self, paragraph: Element) -> str | None:
        """The id of a paragraph's style: its own, else the document's default."""
        return value(paragraph.find(f"{W}pPr"), "pStyle") or self._default.get("paragraph")

    def hides(self, properties: Element | None, paragraph: Element) -> bool:
        """Whether a run of `paragraph` with these properties (`w:rPr`, also that of its mark) is hidden text.

        What the run itself says decides; else the styles of paragraph and run, which cancel each other out (17.7.3).
        """
        direct = _hides(properties)
        if direct is not None:
            return direct
        by_paragraph = self._hidden_by_style("paragraph", self.of_paragraph(paragraph))
        by_run = self._hidden_by_style("character", value(properties, "rStyle"))
        return by_paragraph != by_run or self._hidden_by_default

    def _hidden_by_style(self, kind: str, style_id: str | None) -> bool:
        key = (kind, style_id)
        if key not in self._hidden:
            said = (_hides(style.find(f"{W}rPr")) for style in self.lineage(kind, style_id))
            self._hidden[key] = next((hidden for hidden in said if hidden is not None), False)
        return self._hidden[key]


def _hides(properties: Element | None) -> bool | None:
    said = [switch(properties, name) for name in HIDING]
    return None if said == [None, None] else any(said)
