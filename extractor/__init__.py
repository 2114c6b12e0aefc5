"""Taizhang 台账: reads Chinese government circulars into tasks in which every value can be traced to the printed text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from extractor.version import __version__

if TYPE_CHECKING:
    from extractor.model import Document, Item, Source, Span
    from extractor.pipeline import extract, extract_text, find_fields

__all__ = ["Document", "Item", "Source", "Span", "__version__", "extract", "extract_text", "find_fields"]

_HOMES = {"Document": "model", "Item": "model", "Source": "model", "Span": "model"}


def __getattr__(name: str) -> Any:
    """Load the pipeline, and spaCy with it, only when something of it is asked for."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"extractor.{_HOMES.get(name, 'pipeline')}"), name)
