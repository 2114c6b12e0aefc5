"""The word lists of the field rules: data files in `lexicon/`, which people without Python can extend."""

from __future__ import annotations

import re
from pathlib import Path

from extractor.system_errors import os_reason
from extractor.word_lists import Rows, parse_rows, rows_of


def rows(name: str) -> Rows:
    """The rows of `lexicon/NAME`."""
    return rows_of("extractor.fields", f"lexicon/{name}")


def words(name: str, kind: str | None = None) -> tuple[str, ...]:
    """The first column of a lexicon, of the rows whose second column is `kind` where one is given; longest first."""
    found = {row[0] for row in rows(name) if kind is None or row[1] == kind}
    return tuple(sorted(found, key=lambda word: (-len(word), word)))


def any_of(alternatives: tuple[str, ...]) -> str:
    """A pattern that matches any of the words."""
    return "(?:" + "|".join(map(re.escape, alternatives)) + ")"


def any_pattern_of(name: str) -> str:
    """A pattern that matches any of the regular expressions in a lexicon's first column."""
    return "(?:" + "|".join(f"(?:{row[0]})" for row in rows(name)) + ")"


class LexiconError(ValueError):
    """A user's lexicon that cannot be read; the message is one line of Chinese."""


def user_units(path: Path) -> tuple[str, ...]:
    """The unit names of a user's lexicon: one a line, # for comments, anything behind a tab left alone.

    Written in UTF-8, or in GB18030 as plain-text editors of office machines save it.

    Raises:
        LexiconError: if the file is missing, in neither encoding, or names nothing.
    """
    try:
        text = _decoded(path.read_bytes())
    except UnicodeDecodeError:
        raise LexiconError(f"{path}：词表不是 UTF-8 或 GBK 编码的文本，请另存后再试") from None
    except OSError as error:
        raise LexiconError(f"{path}：词表无法读取（{os_reason(error)}），请检查路径") from None
    names = tuple(dict.fromkeys(row[0].strip() for row in parse_rows(text)))
    if not names:
        raise LexiconError(f"{path}：词表里没有单位名称，请每行写一个")
    return names


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("gb18030")
