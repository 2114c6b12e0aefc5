"""A table that comes back filled in, read into plain rows: the way back from `rows`, whatever was done to the sheet meanwhile.

Rows may have been sorted, filtered, deleted or added, columns moved, titles put above, the whole saved by another program or
as csv. The header tells the columns, each row tells by its id which it is.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from extractor.export import wording
from extractor.export.csv import looks_like_formula
from extractor.export.grids import Grid, GridCell, grids_of
from extractor.export.handing_out import FREE
from extractor.export.return_words import TITLES as TITLES_TO_FILL_IN
from extractor.export.rows import (
    COLUMNS,
    COMPLETED_ON,
    FILLED_IN,
    IDENTIFYING,
    OPENING,
    OWN_ROLE,
    PROGRESS,
    REMARKS,
    ROW_ID,
    STATUS,
)
from extractor.intake import UnreadableFile
from extractor.intake.files import MAX_BYTES
from extractor.ledger.handouts import row_id_of
from extractor.ledger.returns import DayOfSomeYear, ReturnedRow, ReturnedTable, Said, Unreadable
from extractor.typed import FIRST_YEAR

TITLES = (*COLUMNS, OWN_ROLE, ROW_ID)
FIXED = tuple(title for title in COLUMNS if title not in FREE and title not in IDENTIFYING)
FEWEST_TITLES = 3
"""A row with fewer titles of columns is no header."""

TOO_LARGE = "文件太大，请交回发出的那份表"
NO_IDS = "没有找到行标识，看不出各行是哪项任务：请在本工具发出的表上填写后交回"
NO_HEADER = "没有找到表头（序号、任务、进展情况、状态……）：请恢复表头后再试"
NOTHING_TO_READ = "表头中没有可以收回的栏：请恢复进展情况、状态、完成日期、备注中的至少一栏"
TWO_COLUMNS = "表头中有两栏“{}”，看不出以哪一栏为准：请删去其中一栏后再试"

STATUSES = {
    **{words: status for status, words in wording.STATUSES.items()},
    **wording.STATUS_SPELLINGS,
}
PERCENT = re.compile(r"([-+−]?\d+(?:\.\d+)?)\s*[%％]\s*(?:[，,、；;。:：\n]\s*|$)")
"""A percentage that stands for itself at the beginning: not that of 60%的企业已完成整改."""
NUMBER = re.compile(r"[-+−]?\d+(?:\.\d+)?")
WHOLE = re.compile(r"\d{1,4}")
HIGHEST_PERCENT = 100
ERRORS = frozenset(("#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!"))
"""What a formula shows that could not be worked out."""
FULL_DAY = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号]?(?:\s*0{1,2}:00(?::00)?)?"
)
COMPACT_DAY = re.compile(r"(\d{4})(\d\d)(\d\d)")
A_LEAP_YEAR = 2024
DAY_OF_SOME_YEAR = re.compile(r"(\d{1,2})\s*月\s*(\d{1,2})\s*[日号]")


def read_returned(path: Path) -> ReturnedTable:
    """The rows of the table at `path`; see `returned_table`.

    Raises:
        UnreadableFile: if it is no such table.
        OSError: if it cannot be read.
    """
    if path.stat().st_size > MAX_BYTES:
        raise UnreadableFile(TOO_LARGE)
    return returned_table(path.read_bytes(), path.name)


def returned_table(data: bytes, name: str) -> ReturnedTable:
    """The rows of the table that the file `data` holds.

    Args:
        data: its bytes.
        name: what it is called.

    Raises:
        UnreadableFile: if it is no table that was handed out, whole or in part.
    """
    sheets = [(grid, ids) for grid in grids_of(data) if (ids := _ids_in(grid))]
    if not sheets:
        raise UnreadableFile(NO_IDS)
    rows = tuple(row for grid, ids in sheets for row in _Sheet(grid, ids, several=len(sheets) > 1).rows())
    return ReturnedTable(name, hashlib.sha256(data).hexdigest(), rows)


def _ids_in(grid: Grid) -> dict[int, list[str]]:
    """The ids of each row that has one, or several."""
    found: dict[int, list[str]] = {}
    for (row, _), cell in sorted(grid.cells.items()):
        if row_id_of(cell.text):
            found.setdefault(row, []).append(cell.text)
    return found


@dataclass(frozen=True, slots=True)
class _Sheet:
    """One sheet with what was found in it."""

    grid: Grid
    ids: Mapping[int, list[str]]
    several: bool

    def rows(self) -> Iterator[ReturnedRow]:
        """The rows below the header, and those above it that carry an id."""
        header, columns = self._header()
        texts = self._texts(columns)
        for at in sorted({row for row, _ in self.grid.cells}):
            row = {title: texts.get((at, column), GridCell("")) for title, column in columns.items()}
            repeated = row[next(iter(columns))].text and all(_title(row[t].text) == t for t in columns)
            if at == header or repeated or (at < header and at not in self.ids):
                continue
            if at in self.ids or any(row[t].text for t in row if t in (*IDENTIFYING, *FILLED_IN)):
                yield self._row(at, row)

    def _header(self) -> tuple[int, dict[str, int]]:
        """The row with the most titles, and the column of each."""
        found: dict[int, list[tuple[str, int]]] = {}
        for (row, column), cell in sorted(self.grid.cells.items()):
            if title := _title(cell.text):
                found.setdefault(row, []).append((title, column))
        header = max(found, key=lambda row: (len(found[row]), -row), default=0)
        titles = found.get(header, [])
        if len(titles) < FEWEST_TITLES:
            raise UnreadableFile(NO_HEADER)
        columns: dict[str, int] = {}
        for title, column in titles:
            if title in columns:
                raise UnreadableFile(TWO_COLUMNS.format(title))
            columns[title] = column
        if not set(columns) & set(FILLED_IN):
            raise UnreadableFile(NOTHING_TO_READ)
        return header, columns

    def _texts(self, columns: Mapping[str, int]) -> dict[tuple[int, int], GridCell]:
        """The cells; what is filled in once for several rows, in a merged cell, stands in each of them."""
        cells = dict(self.grid.cells)
        to_fill_in = {columns[title] for title in FILLED_IN if title in columns}
        rows = sorted(self.ids)
        done: dict[int, int] = {}
        # Areas do not overlap in a sheet that a program wrote; in one that was made to, each cell is gone through once.
        for area in sorted(self.grid.merged, key=lambda area: area.top):
            if area.left in to_fill_in and (cell := cells.get((area.top, area.left))):
                first = max(area.top, done.get(area.left, 0) + 1)
                covered = rows[bisect_left(rows, first) : bisect_right(rows, area.bottom)]
                cells |= {(row, area.left): cell for row in covered}
                done[area.left] = max(area.bottom, first - 1)
        return cells

    def _row(self, at: int, row: Mapping[str, GridCell]) -> ReturnedRow:
        ids = {found.text: found for text in self.ids.get(at, ()) if (found := row_id_of(text))}
        (row_id,) = ids.values() if len(ids) == 1 else (None,)
        damaged = "、".join(ids) if len(ids) > 1 else row[ROW_ID].text if not ids and ROW_ID in row else ""
        said, unreadable = _said(row)
        texts = {title: _text(cell.text) for title, cell in row.items()}
        sheet = f"工作表“{self.grid.name}”" if self.several else ""
        return ReturnedRow(
            place=f"{sheet}第{at}行",
            title=wording.shortened(_first_of(texts), OPENING),
            row_id=row_id,
            damaged_id=damaged,
            said=said,
            cells={field: row[title].text for field, title in TITLES_TO_FILL_IN.items() if title in row},
            unreadable=tuple(unreadable),
            identity={title: texts[title] for title in IDENTIFYING if title in texts},
            others={title: texts[title] for title in FIXED if title in texts},
        )


def _title(text: str) -> str | None:
    """The column that a cell of the header names, also with something added in brackets (进展情况（截至6月底）)."""
    condensed = "".join(unicodedata.normalize("NFKC", text).split())
    for title in TITLES:
        if condensed.partition("(")[0] == unicodedata.normalize("NFKC", title).partition("(")[0]:
            return title
    return None


def _first_of(texts: Mapping[str, str]) -> str:
    return next((wording.tidy(texts[t]) for t in (*IDENTIFYING, *FILLED_IN) if texts.get(t)), "")


def _said(row: Mapping[str, GridCell]) -> tuple[Said, list[Unreadable]]:
    """What the cells that are to be filled in say, and what in them cannot be understood."""
    said: Said = {}
    unreadable = [
        Unreadable(field, "unreckoned", title)
        for field, title in TITLES_TO_FILL_IN.items()
        if (cell := row.get(title)) and (cell.unreckoned or cell.text.strip().upper() in ERRORS)
    ]
    if (cell := row.get(STATUS)) and (word := "".join(cell.text.split())):
        if word in STATUSES:
            said["status"] = STATUSES[word]  # type: ignore[typeddict-item]
        else:
            unreadable.append(Unreadable("status", "unreadable_status", cell.text))
    if (cell := row.get(PROGRESS)) is not None:
        understood = percent_and_words(_text(cell.text))
        said["percent"], said["progress"] = understood or (None, _text(cell.text))
        if understood is None:
            unreadable.append(Unreadable("progress", "unreadable_percent", cell.text))
    if (cell := row.get(COMPLETED_ON)) is not None:
        said["completed_on"] = day = cell.day or day_in(cell.text)
        if cell.text.strip() and (day is None or (isinstance(day, date) and not _possible(day))):
            unreadable.append(Unreadable("completed_on", "unreadable_day", cell.text))
    if (cell := row.get(REMARKS)) is not None:
        said["remarks"] = _text(cell.text)
    return said, unreadable


def percent_and_words(text: str) -> tuple[int | None, str] | None:
    """60 and 已完成招标 for 60%，已完成招标; None where a number stands in the place of a percentage and is none.

    A bare number is a percentage that was written without its sign. It may also be one that has lost its format: 0.6 is then 60
    percent, and 1 is all of it or one in a hundred, which only those know who wrote it.
    """
    match = PERCENT.match(text)
    bare = NUMBER.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if not match and not bare:
        return None, text
    number = match[1] if match else text.strip()
    if not WHOLE.fullmatch(number) or int(number) > HIGHEST_PERCENT:
        return None
    if bare and int(number) == 1:
        return None
    return int(number), text[match.end() :].strip() if match else ""


def day_in(text: str) -> date | DayOfSomeYear | None:
    """The day that a cell names in one of the ways in which people write days, also one without a year."""
    plain = unicodedata.normalize("NFKC", text).strip()
    with suppress(ValueError):
        if match := FULL_DAY.fullmatch(plain) or COMPACT_DAY.fullmatch(plain):
            return date(*map(int, match.groups()))
        if match := DAY_OF_SOME_YEAR.fullmatch(plain):
            month, day = map(int, match.groups())
            date(A_LEAP_YEAR, month, day)
            return DayOfSomeYear(month, day)
    return None


def _possible(day: date) -> bool:
    """Whether work can have been completed then: 1923 and 0023 are slips of the fingers for 2023, 1900 is a lost format."""
    return day.year >= FIRST_YEAR


def _text(text: str) -> str:
    """The text of a cell as it is kept: its lines, without what cannot be seen and without the guard against formulas."""
    guarded = text.startswith("'") and looks_like_formula(text[1:])
    lines: Iterable[str] = (wording.INVISIBLE.sub("", line).strip() for line in text[guarded:].split("\n"))
    return "\n".join(lines).strip()
