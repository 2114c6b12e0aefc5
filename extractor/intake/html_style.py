"""What of a page is drawn, and whether as a block of its own: the elements' defaults and their style attributes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.etree import _Element

NEVER_DRAWN = frozenset(
    (
        *(
            "script",
            "style",
            "noscript",
            "template",
            "title",
            "meta",
            "link",
            "base",
            "object",
            "applet",
            "embed",
        ),
        *(
            "audio",
            "video",
            "canvas",
            "svg",
            "math",
            "map",
            "datalist",
            "noframes",
            "noembed",
            "param",
            "source",
        ),
        *("track", "colgroup", "col", "xml", "del"),
    )
)
"""Elements whose content a browser does not draw as text. `del` is a deleted revision; `xml` an island of Word's."""
BLOCKS = frozenset(
    (
        *(
            "html",
            "body",
            "address",
            "article",
            "aside",
            "blockquote",
            "center",
            "dd",
            "details",
            "dialog",
            "dir",
        ),
        *(
            "div",
            "dl",
            "dt",
            "fieldset",
            "figcaption",
            "figure",
            "footer",
            "form",
            "frame",
            "frameset",
            "h1",
            "h2",
        ),
        *(
            "h3",
            "h4",
            "h5",
            "h6",
            "header",
            "hgroup",
            "hr",
            "iframe",
            "legend",
            "li",
            "listing",
            "main",
            "marquee",
        ),
        *(
            "menu",
            "nav",
            "ol",
            "optgroup",
            "option",
            "p",
            "plaintext",
            "pre",
            "search",
            "section",
            "summary",
            "ul",
        ),
        *("xmp", "table", "caption", "thead", "tbody", "tfoot", "tr", "td", "th"),
    )
)
"""Elements that begin on a line of their own (HTML Standard, 15.3). Table parts are met here in layout tables only."""
PRESERVED = {"pre": "pre", "listing": "pre", "xmp": "pre", "plaintext": "pre", "textarea": "pre-wrap"}
SCREEN_READER_ONLY = frozenset(("sr-only", "visually-hidden"))
ICON = re.compile(r"(?:^|[\s_-])(?:icons?|iconfont|fa|glyphicon|material-icons)(?:$|[\s_-])", re.I)
MATTERS = re.compile(r"display|visibility|float|position|white-space|list-style|opacity", re.I)
DECLARATION = re.compile(r"([\w-]+)\s*:\s*([^;]*)")
OUT_OF_LINE = ("left", "right", "absolute", "fixed")


def declarations(node: _Element) -> dict[str, str]:
    """The declarations of an element's style attribute that decide what is drawn, in lower case."""
    style = node.get("style")
    if not style or not MATTERS.search(style):
        return {}
    return {
        name.lower(): value.replace("!important", "").strip().lower()
        for name, value in DECLARATION.findall(style)
    }


def is_hidden(node: _Element) -> bool:
    """Whether an element and what is in it is not drawn."""
    attributes = node.attrib
    if not attributes:
        return False
    if "hidden" in attributes or (node.tag == "dialog" and "open" not in attributes):
        return True
    if node.tag == "input" and attributes.get("type", "text").lower() not in (
        "text",
        "button",
        "submit",
        "reset",
        "search",
    ):
        return True
    words = attributes.get("class", "")
    if attributes.get("aria-hidden") == "true" and ICON.search(words):
        return True
    style = declarations(node)
    return (
        style.get("display") == "none"
        or style.get("visibility") in ("hidden", "collapse")
        or style.get("opacity") in ("0", "0.0", "0%")
        or not SCREEN_READER_ONLY.isdisjoint(words.split())
    )


def is_block(node: _Element) -> bool:
    """Whether an element begins and ends a line."""
    style = declarations(node)
    if style.get("float") in OUT_OF_LINE or style.get("position") in OUT_OF_LINE:
        return True
    display = style.get("display", "")
    if display:
        return not display.startswith("inline") and display != "contents"
    return node.tag in BLOCKS


def white_space(node: _Element, inherited: str) -> str:
    """How white space inside an element is drawn: the value of CSS `white-space`."""
    return declarations(node).get("white-space") or PRESERVED.get(str(node.tag), inherited)
