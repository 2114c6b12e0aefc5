"""The place a document speaks for."""

from __future__ import annotations

import re


def place_of(issuer: str | None, title: str | None) -> str | None:
    """The document's own place: 临澜市 for 临澜市人民政府办公室, 国家 for 国务院办公厅; None where none can be told."""
    for text in (issuer, title):
        if text and text.startswith(("国务院", "中共中央")):
            return "国家"
        found = re.match(r"(?:[\u4e00-\u9fff]{2,8}?[省市县区])+", text or "")
        if found:
            return found.group()
    return None
