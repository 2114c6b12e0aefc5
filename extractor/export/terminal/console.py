"""The console, tables on it, and text that is safe to print."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

WIDTH_OF_FILES = 160
"""Characters a line where the output is no terminal."""

CONTROL = {code: "\ufffd" for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\n\t"}
"""Control characters of a file must not reach a terminal, which would obey them."""


def console() -> Console:
    """A console on what `sys.stdout` is now."""
    width = None if sys.stdout.isatty() else WIDTH_OF_FILES
    return Console(file=sys.stdout, width=width, highlight=False, markup=False, emoji=False)


def table(*titles: str, numbers: Iterable[int] = ()) -> Table:
    """An empty table with these columns; those of `numbers` are set to the right."""
    empty = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    right = set(numbers)
    for at, title in enumerate(titles):
        empty.add_column(title, justify="right" if at in right else "left", overflow="fold")
    return empty


def safe(text: str) -> str:
    """`text` without control characters."""
    return text.translate(CONTROL)
