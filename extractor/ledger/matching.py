"""Which item of one version of a circular is which of another: the same text, else the same place, else the most alike."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from extractor.ledger.names import spoken
from extractor.ledger.plain import plain
from extractor.model import Item

ALIKE = 60.0
"""From which similarity of 100 two texts are versions of one: 99 of 100 items of a circular are less than 50 like any other of it."""
SAME_HEADING = 20.0
"""What an equal heading adds to it."""


@dataclass(frozen=True, slots=True)
class Pair:
    """An item of the old version and the one of the new that it became, by their positions."""

    old: int
    new: int


@dataclass(frozen=True, slots=True)
class Passage:
    """An item as it is compared.

    Its own text without its number and without the text of its children, its heading, its numbers from the top, and how far
    into the text it stands (0 to 1).
    """

    words: str
    heading: str
    path: tuple[str, ...]
    place: float


def pairs(old: Sequence[Item], new: Sequence[Item]) -> list[Pair]:
    """The items that are in both, each in one pair at most, in the order of the old ones; groups only go with groups."""
    before, after = passages(old), passages(new)
    found: list[Pair] = []
    for group in (True, False):
        olds = [at for at, item in enumerate(old) if (item.kind == "group") == group]
        news = [at for at, item in enumerate(new) if (item.kind == "group") == group]
        for rule in (_same_words, _same_place, _alike):
            found += rule(before, olds, after, news)
            taken_old, taken_new = {pair.old for pair in found}, {pair.new for pair in found}
            olds = [at for at in olds if at not in taken_old]
            news = [at for at in news if at not in taken_new]
    return sorted(found, key=lambda pair: pair.old)


def passages(items: Sequence[Item]) -> list[Passage]:
    """The items as they are compared."""
    paths: dict[str, tuple[str, ...]] = {}
    found = []
    for at, item in enumerate(items):
        number = plain(item.number or "").strip("()")
        paths[item.id] = (*paths.get(item.parent or "", (str(item.part),)), number)
        words = words_of(own_text(item, items), item.number)
        found.append(Passage(words, plain(item.heading or ""), paths[item.id], at / max(len(items), 1)))
    return found


def words_of(text: str, number: str | None) -> str:
    """The text of an item without its number, in the form in which texts are compared."""
    return plain(spoken(text)).lstrip("(").removeprefix(plain(number or "").strip("()")).lstrip("().、")


def own_text(item: Item, items: Iterable[Item]) -> str:
    """The text of an item before that of its first child."""
    starts = [other.span.start for other in items if other.parent == item.id] if item.kind == "group" else []
    return item.quote[: min(starts) - item.span.start] if starts else item.quote


def _same_words(
    before: Sequence[Passage], olds: Sequence[int], after: Sequence[Passage], news: Sequence[int]
) -> Iterator[Pair]:
    """Equal texts; where several are equal, those at the same place go together, the others in their order."""
    for key in (lambda passage: (passage.words, passage.path), lambda passage: passage.words):
        waiting = defaultdict(list)
        for at in reversed(news):
            waiting[key(after[at])].append(at)
        left = []
        for at in olds:
            if same := waiting[key(before[at])]:
                new = same.pop()
                news = [other for other in news if other != new]
                yield Pair(at, new)
            else:
                left.append(at)
        olds = left


def _same_place(
    before: Sequence[Passage], olds: Sequence[int], after: Sequence[Passage], news: Sequence[int]
) -> Iterator[Pair]:
    """The same numbers from the top and the same heading."""
    places = {(after[at].path, after[at].heading): at for at in reversed(news) if after[at].heading}
    for at in olds:
        new = places.pop((before[at].path, before[at].heading), None)
        if new is not None:
            yield Pair(at, new)


def _alike(
    before: Sequence[Passage], olds: Sequence[int], after: Sequence[Passage], news: Sequence[int]
) -> Iterator[Pair]:
    """The most alike first, those that stand at the same height of the text first among equals."""
    if not (olds and news):
        return
    from rapidfuzz.fuzz import ratio
    from rapidfuzz.process import cdist

    alike = cdist(
        [before[at].words for at in olds],
        [after[at].words for at in news],
        scorer=ratio,
        score_cutoff=ALIKE - SAME_HEADING,
    )
    scored = []
    for row, column in zip(*alike.nonzero(), strict=True):
        one, other = before[olds[row]], after[news[column]]
        bonus = SAME_HEADING if one.heading and one.heading == other.heading else 0.0
        if alike[row, column] + bonus >= ALIKE:
            scored.append(
                (-(alike[row, column] + bonus), abs(one.place - other.place), olds[row], news[column])
            )
    taken_old, taken_new = set[int](), set[int]()
    for _, _, at, new in sorted(scored):
        if at not in taken_old and new not in taken_new:
            taken_old.add(at)
            taken_new.add(new)
            yield Pair(at, new)
