"""Names and small readings of WordprocessingML (ISO/IEC 29500-1:2016, clause 17) that the Word modules share."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

W_NAMESPACE = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
W = f"{{{W_NAMESPACE}}}"
FALSE = frozenset({"0", "false", "off"})


def value(parent: Element | None, name: str) -> str | None:
    """The `w:val` of the child `w:name` of `parent`, None where there is none."""
    child = None if parent is None else parent.find(W + name)
    return None if child is None else child.get(f"{W}val")


def number(parent: Element | None, name: str) -> int | None:
    """The same as a whole number; None where it is not one."""
    return as_number(value(parent, name))


def as_number(text: str | None) -> int | None:
    """`text` as a whole number, None where it is not one or has more digits than any count in a document."""
    return int(text) if text and len(text) < 10 and text.lstrip("-").isdecimal() and text.isascii() else None


def switch(parent: Element | None, name: str) -> bool | None:
    """Whether the child `w:name` switches its property on or off (17.17.4); None where it is absent."""
    child = None if parent is None else parent.find(W + name)
    return None if child is None else child.get(f"{W}val", "true") not in FALSE
