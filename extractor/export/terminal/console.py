"""The console, and tables on it that can be read however narrow it is."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.table import Column, Table
from rich.text import Text

WIDTH_OF_FILES = 160
"""Characters a line where the output is no terminal."""

NARROWEST = 12
"""Narrower than this, six Chinese characters, no column is folded: days and numbers are read whole, texts not in crumbs."""
INDENT = 2
BETWEEN = 3
"""Characters between two columns."""


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


def print_table(out: Console, shown: Table) -> None:
    """Print the table; where it is too wide, without its empty columns, else each row as lines of title and text."""
    for column in shown.columns:
        column.no_wrap = _width(column) <= NARROWEST
    if _room(shown) > out.width:
        filled = [column for column in shown.columns if any(_texts(column))]
        shown.columns = [replace(column, _index=at) for at, column in enumerate(filled)]
    if _room(shown) <= out.width:
        out.print(shown)
    else:
        _print_rows(out, shown)


def _print_rows(out: Console, shown: Table) -> None:
    """Each row under its first two cells, the others that say something behind their titles, as many on a line as fit."""
    columns = [
        [cell if isinstance(cell, Text) else Text(str(cell)) for cell in c.cells] for c in shown.columns
    ]
    titles = [str(column.header) for column in shown.columns]
    for cells in zip(*columns, strict=True):
        name = Text("  ").join(cell for cell in cells[:2] if cell.plain)
        name.stylize("bold")
        if name.plain:
            out.print(name)
        said = [
            Text.assemble(f"{title}：", Text("；").join(cell.split("\n")))
            for title, cell in zip(titles[2:], cells[2:], strict=True)
            if cell.plain
        ]
        for line in _filled(said, out.width - INDENT):
            out.print(Padding(line, (0, 0, 0, INDENT), expand=False))


def _filled(parts: Iterable[Text], room: int) -> Iterator[Text]:
    """Lines of several parts where they fit in `room`; a longer part has a line of its own."""
    line = Text()
    for part in parts:
        longer = Text("  ").join([line, part]) if line else part
        if line and longer.cell_len > room:
            yield line
            line = part
        else:
            line = longer
    if line:
        yield line


def _room(shown: Table) -> int:
    """The fewest characters a line in which every column can be read."""
    needed = (min(_width(column), max(NARROWEST, cell_len(str(column.header)))) for column in shown.columns)
    return sum(needed) + BETWEEN * (len(shown.columns) - 1)


def _width(column: Column) -> int:
    """How wide the column is where nothing is folded."""
    lines = (line for text in (str(column.header), *_texts(column)) for line in text.split("\n"))
    return max(map(cell_len, lines))


def _texts(column: Column) -> list[str]:
    return [str(cell) for cell in column.cells]
