"""Search in the words of tasks: FTS5 over what jieba cuts.

What is indexed and what is asked for pass through the same `words`, so that 應急演練, ＧＢ and 8 月 31 日 find what is
printed otherwise. Words are cut by the dictionary alone, without jieba's guesses at unknown ones, which depend on the
sentence: a name that is in no dictionary falls into its characters on both sides, and is found as their sequence.
"""

from __future__ import annotations

import re
import unicodedata
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import chain
from math import log
from typing import TYPE_CHECKING, Any

from extractor.ledger.errors import told_plainly
from extractor.ledger.records import Task, part_of, readable, without
from extractor.text.characters import INVISIBLE

if TYPE_CHECKING:
    import jieba

    from extractor.ledger.ledger import Ledger

WEIGHTS = (4.0, 1.0, 2.0)
"""How much a word counts in the headings, the text, the names of the units (`bm25`)."""

PASSAGE = 60
"""How many characters around what was found are shown."""
BEFORE_FIRST = 12
APART = "\t"
"""What parts headings and names: it stays a gap where those within Chinese are closed."""

HAN = r"\u2e80-\u2fdf\u3005-\u3007\u3400-\u9fff\uf900-\ufaff"
GAP_IN_CHINESE = re.compile(rf"(?<=[{HAN}])[^\S\t]+(?=[{HAN}])")
"""A line break or blank inside a word, but not the tab between two cells."""
WHITE = re.compile(r"\s+")
GAP_AT_COUNT = re.compile(rf"(?<=[{HAN}])[^\S\t]+(?=\d)|(?<=\d)[^\S\t]+(?=[{HAN}])")
AFTER_NUMBER = re.compile(r"(?<=\d)[年月日号时]")
"""What would otherwise be cut together with what follows: 31日前 into 31 and 日前."""
ALL_WORDS, SOME_WORDS = " AND ", " OR "

Conditions = list[tuple[str, list[Any]]]
"""Conditions on rows of the index, each with its values."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Characters of a passage; `found` where they are what was asked for."""

    text: str
    found: bool


@dataclass(frozen=True, slots=True)
class Hit:
    """A task in which words were found: whether it has all of them, and the printed characters around the first."""

    task: Task
    complete: bool
    passage: tuple[Stretch, ...]


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The best hits, those with all words before the others, and how many there are of either.

    Those that have only some of the words are neither given nor counted where the others are enough.
    """

    hits: tuple[Hit, ...]
    complete: int
    partial: int


def search(
    ledger: Ledger, wanted: str, *, document: str | int | None = None, limit: int = 20
) -> SearchResult:
    """The tasks that have the words of `wanted`, the best first; after them, up to `limit`, those that have some of them.

    Args:
        ledger: where to look.
        wanted: words apart by blanks, in any script or width; punctuation does not matter.
        document: a document's number, or part of its name, title or 发文字号, to which the search is restricted.
        limit: how many hits at most.
    """
    question = _Question.of(wanted)
    with told_plainly(ledger.path):
        within = None if document is None else [entry.id for entry in ledger.documents_named(str(document))]
        complete, all_of_them = _ranked(ledger, question.all(), within, limit)
        partial, some_of_them = (
            _ranked(ledger, question.some(), within, limit - len(complete))
            if len(complete) < limit
            else ([], 0)
        )
        tasks = ledger.numbered([*complete, *partial])
    hits = (Hit(task, task.id in complete, passage_of(task, question.marks)) for task in tasks)
    return SearchResult(tuple(hits), all_of_them, some_of_them)


def indexed(task: Task) -> tuple[str, str, str]:
    """The words of a task's headings, of its text, and of the names of its units."""
    return _shared_words(_headings(task)), words(_text(task)), _shared_words(_unit_names(task))


def words(text: str) -> str:
    """The words of `text` in the one form in which they are compared, apart by blanks: long words with the words in them."""
    return " ".join(filter(_says_something, jieba_tokenizer().cut_for_search(_comparable(text), HMM=False)))


@lru_cache(maxsize=4096)
def _shared_words(text: str) -> str:
    # The tasks of a group share its headings and its units.
    return words(text)


def passage_of(task: Task, marks: Iterable[str]) -> tuple[Stretch, ...]:
    """The part of a task in which most of `marks` stand, those marked: of its text, else of its headings, else its units."""
    sought = sorted(set(marks), key=len, reverse=True)
    texts = (_text(task), _headings(task), _unit_names(task))
    found = [_passage(text, sought) for text in texts]
    return max(found, key=lambda each: each[0])[1]


@dataclass(frozen=True, slots=True)
class _Question:
    """What is asked for: sequences of tokens for FTS5, single characters, and what to mark."""

    sequences: tuple[tuple[str, ...], ...]
    characters: tuple[str, ...]
    marks: tuple[str, ...]

    @classmethod
    def of(cls, wanted: str) -> _Question:
        terms = [_comparable(term) for term in WHITE.split(wanted.strip())]
        single = tuple(term for term in terms if len(term) == 1 and re.match(f"[{HAN}]", term))
        sequences = [s for term in terms if term not in single for s in _sequences(term)]
        marks = (*single, *("".join(s) for s in sequences), *(WHITE.sub("", term) for term in terms))
        return cls(tuple(dict.fromkeys(sequences)), single, tuple(filter(_says_something, marks)))

    def all(self) -> Conditions:
        """What a task with all the words meets."""
        single = [("instr(heading || ' ' || body || ' ' || units, ?)", [char]) for char in self.characters]
        return [*_matching(ALL_WORDS, self.sequences), *single]

    def some(self) -> Conditions:
        """What a task with some of the words, but not all, meets; nothing where there is but one word."""
        if len(self.sequences) + len(self.characters) < 2 or not self.sequences:
            return []
        conditions, values = _joined_conditions(self.all())
        others = (f"rowid NOT IN (SELECT rowid FROM search WHERE {conditions})", values)
        return [*_matching(SOME_WORDS, self.sequences), others]


def _matching(operator: str, sequences: Iterable[tuple[str, ...]]) -> Conditions:
    match = operator.join(map(_phrase, sequences))
    return [("search MATCH ?", [match])] if match else []


def _joined_conditions(conditions: Conditions) -> tuple[str, list[object]]:
    return " AND ".join(sql for sql, _ in conditions), [value for _, values in conditions for value in values]


def _sequences(term: str) -> Iterator[tuple[str, ...]]:
    """The words of `term`, each by itself; one of a single character says little, and stays beside its neighbours."""
    run: list[str] = []
    for token in filter(_says_something, jieba_tokenizer().cut(term, HMM=False)):
        if run and len(token) > 1 and len(run[-1]) > 1:
            yield tuple(run)
            run = []
        run.append(token)
    if run:
        yield tuple(run)


def _phrase(sequence: Iterable[str]) -> str:
    """The tokens one after the other; in quotes nothing is an operator of FTS5."""
    return '"' + " ".join(sequence).replace('"', " ") + '"'


def _ranked(
    ledger: Ledger, conditions: Conditions, documents: list[int] | None, limit: int
) -> tuple[list[int], int]:
    """The numbers of the best tasks that meet `conditions`, none where there are none, and how many tasks there are."""
    if not conditions:
        return [], 0
    if documents is not None:
        marks = ", ".join("?" * len(documents))
        conditions = [
            *conditions,
            (f"rowid IN (SELECT id FROM tasks WHERE document IN ({marks}))", documents),
        ]
    where, values = _joined_conditions(conditions)
    order = f"bm25(search, {', '.join(map(str, WEIGHTS))}), rowid" if "MATCH" in where else "rowid"
    (count,) = ledger.db.execute(f"SELECT count(*) FROM search WHERE {where}", values).fetchone()
    best = f"SELECT rowid FROM search WHERE {where} ORDER BY {order} LIMIT ?"
    return [task for (task,) in ledger.db.execute(best, [*values, limit]).fetchall()], int(count)


def _headings(task: Task) -> str:
    return APART.join(filter(None, [*(above.heading for above in task.ancestors), task.item.heading]))


def _text(task: Task) -> str:
    return without(task.item.quote, (part_of(task.item.span, out.span) for out in task.left_out))


def _unit_names(task: Task) -> str:
    printed = (readable(unit, task.left_out).quote for unit in task.item.fields.units)
    resolved = (organization.name for organization in task.organizations.values())
    return APART.join(dict.fromkeys(chain(resolved, printed)))


def _passage(text: str, marks: list[str]) -> tuple[int, tuple[Stretch, ...]]:
    """How many of `marks` stand in the best part of `text`, and that part."""
    shown = WHITE.sub(" ", GAP_IN_CHINESE.sub("", INVISIBLE.sub("", text))).strip()
    spans = _occurrences(shown, marks)
    first = max(spans, key=lambda s: (len(_within(spans, s[0])), -s[0]), default=(0, 0, ""))
    start = max(min(first[0] - BEFORE_FIRST, len(shown) - PASSAGE), 0)
    end = min(start + PASSAGE, len(shown))
    stretches, at = [Stretch("…", False)] if start else [], start
    for begin, stop in _joined((begin, stop) for begin, stop, _ in spans if begin >= start and stop <= end):
        stretches += [Stretch(shown[at:begin], False), Stretch(shown[begin:stop], True)]
        at = stop
    stretches.append(Stretch(shown[at:end] + ("…" if end < len(shown) else ""), False))
    return len(_within(spans, first[0])), tuple(each for each in stretches if each.text)


def _within(spans: list[tuple[int, int, str]], start: int) -> set[str]:
    return {mark for begin, end, mark in spans if start <= begin and end <= start + PASSAGE - BEFORE_FIRST}


def _occurrences(shown: str, marks: list[str]) -> list[tuple[int, int, str]]:
    """Where `marks` stand in `shown`, whatever the form of their characters."""
    forms = [char.translate(_forms()) for char in shown]
    at = [index for index, form in enumerate(forms) for _ in form]
    text = "".join(forms)
    found = (
        (at[match.start()], at[match.end() - 1] + 1, mark)
        for mark in marks
        for match in _spelled(mark).finditer(text)
    )
    return sorted(found)


@lru_cache(maxsize=256)
def _spelled(mark: str) -> re.Pattern[str]:
    """The characters of `mark` with or without blanks between; digits and letters are no part of a longer number or word."""
    letters = r"\s?".join(re.escape(char) for char in mark if not char.isspace())
    before = r"(?<![0-9a-z])" if mark[0].isascii() else ""
    after = r"(?![0-9a-z])" if mark[-1].isascii() else ""
    return re.compile(before + letters + after)


def _joined(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans that touch or overlap, as one."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return joined


def _comparable(text: str) -> str:
    """`text` in simplified, half-width, lower-case characters, without gaps inside Chinese."""
    folded = GAP_IN_CHINESE.sub("", INVISIBLE.sub("", text)).translate(_forms())
    return AFTER_NUMBER.sub(r"\g<0> ", GAP_AT_COUNT.sub("", folded))


def _says_something(token: str) -> bool:
    return token.isalnum() or any(map(str.isalnum, token))


class _Forms(dict[int, str]):
    """The form in which a character is compared, worked out when it is first met."""

    def __init__(self, simplified: Callable[[str], str]) -> None:
        super().__init__()
        self._simplified = simplified

    def __missing__(self, code: int) -> str:
        form = self._simplified(unicodedata.normalize("NFKC", chr(code))).casefold()
        self[code] = form
        return form


@cache
def _forms() -> _Forms:
    from opencc import OpenCC

    return _Forms(OpenCC("t2s").convert)


@cache
def jieba_tokenizer() -> jieba.Tokenizer:
    """Jieba with its own dictionary, silent, and read afresh: its cache in the common temporary folder could be anyone's."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about its own source, which Python says once when it is compiled
        import jieba

    class Tokenizer(jieba.Tokenizer):  # type: ignore[misc]
        """Cuts as jieba does, and looks up each word of the dictionary only once on the way."""

        def get_DAG(self, sentence: str) -> None:  # noqa: N802
            """Nothing: `calc` finds the words itself."""

        def calc(self, sentence: str, _: None, route: dict[int, tuple[float, int]]) -> None:
            """From each character on the likeliest way to the end: its likelihood, and the last character of its first word."""
            frequency, of_all = self.FREQ.get, log(self.total)
            route[len(sentence)] = 0.0, 0
            for at in reversed(range(len(sentence))):
                likeliest = None
                for last in range(at, len(sentence)):
                    count = frequency(sentence[at : last + 1])
                    if count is None:  # nothing in the dictionary begins so
                        break
                    way = log(count) - of_all + route[last + 1][0] if count else None
                    if way is not None and (likeliest is None or way >= likeliest[0]):
                        likeliest = way, last
                route[at] = likeliest or (route[at + 1][0] - of_all, at)

    tokenizer = Tokenizer()
    tokenizer.FREQ, tokenizer.total = tokenizer.gen_pfdict(tokenizer.get_dict_file())
    tokenizer.initialized = True
    return tokenizer
