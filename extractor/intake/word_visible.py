"""From what a Word document stores to what it shows: one tree of visible paragraphs, tables and runs.

What stays is what Word prints with all changes accepted (ISO/IEC 29500-1, 17.13.5), fields by their results (17.16), one
of the two forms in which a drawing is kept (Part 3, 7.6), the base text of ruby, and none of the wrappers around content.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from extractor.intake.word_xml import W

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"

DELETED = (f"{W}del", f"{W}moveFrom")
MARKS_OF_CHANGE = (f"{W}rPr", f"{W}trPr")
"""Inside these a `w:del` is no deleted content but says that the paragraph's mark or the row is deleted."""
NEVER_SHOWN = tuple(
    W + name
    for name in (
        *("rt", "rubyPr", "sdtPr", "sdtEndPr", "customXmlPr", "smartTagPr", "fldData"),
        *("pPrChange", "rPrChange", "sectPrChange", "tblPrChange", "trPrChange", "tcPrChange"),
    )
)
WRAPPERS = tuple(
    W + name
    for name in (
        *("ins", "moveTo", "sdt", "sdtContent", "customXml", "smartTag"),
        *("hyperlink", "fldSimple", "dir", "bdo", "ruby", "rubyBase"),
    )
)

OVERSTRIKE = re.compile(
    r"\beq\b.*\\o\s*\\a[cdlr]\s*\(\s*(?P<first>.*?)\s*[,，;；]\s*(?P<last>[^,，;；()]*?)\s*\)\s*$",
    re.I | re.S,
)
"""An EQ field that prints characters over each other: `eq \\o\\ac(○,21)`, Word's 带圈字符, and the older form of ruby."""
MAX_INSTRUCTION = 300
"""Characters of an EQ field that prints over each other: real ones have some fifty."""
CIRCLES = "○〇◯Ο"
CIRCLED = "".join(
    chr(ord(first) + i) for first, count in (("①", 20), ("㉑", 15), ("㊱", 15)) for i in range(count)
)


def keep_visible(root: Element) -> None:
    """Reduce the tree under `root` to what is seen; hidden text stays, for that depends on styles."""
    _choose_alternatives(root)
    _drop(element for element in root.iter(*DELETED) if _parent(element).tag not in MARKS_OF_CHANGE)
    _drop(root.iter(*NEVER_SHOWN))
    _unwrap(root)
    _show_field_results(root)


def _choose_alternatives(root: Element) -> None:
    """The form for newer programs where it has text or no other has; the fallback repeats it."""
    for alternatives in list(root.iter(f"{MC}AlternateContent")):
        branches = [*alternatives.iterchildren(f"{MC}Choice"), *alternatives.iterchildren(f"{MC}Fallback")]
        chosen = next((each for each in branches if next(each.iter(f"{W}t"), None) is not None), None)
        if chosen is None and branches:
            chosen = branches[-1]
        _replace(alternatives, [] if chosen is None else list(chosen))


def _unwrap(root: Element) -> None:
    for wrapper in list(root.iter(*WRAPPERS)):
        _replace(wrapper, list(wrapper))


def _drop(elements: Iterator[Element]) -> None:
    for element in list(elements):
        _replace(element, [])


def _replace(element: Element, by: list[Element]) -> None:
    parent = element.getparent()
    if parent is not None:
        at = parent.index(element)
        parent[at : at + 1] = by


def _parent(element: Element) -> Element:
    parent = element.getparent()
    return element if parent is None else parent


class _Field:
    """A field that is open: the pieces of its instruction, and whether its result has begun."""

    def __init__(self, begin: Element) -> None:
        self.begin = begin
        self.instruction: list[Element] = []
        self.shows_result = False


FIELD_PARTS = tuple(
    W + name for name in ("fldChar", "instrText", "delInstrText", "t", "sym", "tab", "br", "cr")
)


def _show_field_results(root: Element) -> None:
    """Remove the instructions of fields, with whatever stands in them; a field that is never closed is left alone."""
    open_fields: list[_Field] = []
    for part in list(root.iter(*FIELD_PARTS)):
        kind = part.get(f"{W}fldCharType") if part.tag == f"{W}fldChar" else None
        if kind == "begin":
            open_fields.append(_Field(part))
        elif kind == "separate" and open_fields:
            open_fields[-1].shows_result = True
        elif kind == "end" and open_fields:
            _close(open_fields.pop(), open_fields)
        elif kind is None:
            asking = next((field for field in reversed(open_fields) if not field.shows_result), None)
            if asking is not None:
                asking.instruction.append(part)
    _drop(root.iter(f"{W}instrText", f"{W}delInstrText"))


def _close(field: _Field, around: list[_Field]) -> None:
    instruction = "".join(part.text or "" for part in field.instruction)
    _drop(iter(field.instruction))
    shown = "" if field.shows_result else _overstruck(instruction)
    if shown:
        text = field.begin.makeelement(f"{W}t", {})
        text.text = shown
        _replace(field.begin, [text])
        asking = next((outer for outer in reversed(around) if not outer.shows_result), None)
        if asking is not None:
            asking.instruction.append(text)


def _overstruck(instruction: str) -> str:
    """What an overstriking EQ field prints, read as one character: ㉑; for ruby the text under it."""
    match = OVERSTRIKE.search(instruction) if len(instruction) <= MAX_INSTRUCTION else None
    if match is None:
        return ""
    last = match["last"]
    if match["first"] in CIRCLES and last.isdecimal() and 1 <= int(last) <= len(CIRCLED):
        return CIRCLED[int(last) - 1]
    return last
