"""What changed between two versions of a circular: items added and dropped, and in those that stayed the words that changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

from extractor.ledger.matching import own_text, pairs, words_of
from extractor.ledger.names import spoken
from extractor.ledger.plain import plain
from extractor.ledger.records import gist
from extractor.ledger.search import jieba_tokenizer
from extractor.model import Document, Item, fields_to_json

Presence = Literal["both", "old", "new"]
FIELDS = ("kind", "units", "deadlines", "frequencies")
"""What may have changed of an item beside its words."""


@dataclass(frozen=True, slots=True)
class Words:
    """Some words, as printed without white space, and in which of two texts they are."""

    presence: Presence
    text: str


@dataclass(frozen=True, slots=True)
class Changed:
    """An item that is in both documents, not the same: its own text word by word, and the fields that were read otherwise."""

    old: Item
    new: Item
    words: tuple[Words, ...]
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Differences:
    """What is in one of two documents only, what changed, and how many items are the same; numbers alone are no change."""

    added: tuple[Item, ...]
    dropped: tuple[Item, ...]
    changed: tuple[Changed, ...]
    same: int

    def __bool__(self) -> bool:
        return bool(self.added or self.dropped or self.changed)

    def to_json(self) -> dict[str, Any]:
        """Under the names of the JSON of documents; of each value what it says and the characters it rests on."""
        return {
            "added": [_item_json(item) for item in self.added],
            "dropped": [_item_json(item) for item in self.dropped],
            "changed": [
                {
                    "old": _item_json(change.old),
                    "new": _item_json(change.new),
                    "words": [{"in": words.presence, "text": words.text} for words in change.words],
                    "fields": {
                        field: {"old": _value(change.old, field), "new": _value(change.new, field)}
                        for field in change.fields
                    },
                }
                for change in self.changed
            ],
            "same": self.same,
        }


def compare(old: Document, new: Document) -> Differences:
    """What changed from `old` to `new`, in the order of the text."""
    matched = pairs(old.items, new.items)
    changed = [
        change
        for pair in sorted(matched, key=lambda pair: pair.new)
        if (change := _change(old, old.items[pair.old], new, new.items[pair.new]))
    ]
    stayed, known = {pair.old for pair in matched}, {pair.new for pair in matched}
    return Differences(
        added=tuple(item for at, item in enumerate(new.items) if at not in known),
        dropped=tuple(item for at, item in enumerate(old.items) if at not in stayed),
        changed=tuple(changed),
        same=len(matched) - len(changed),
    )


def changed_words(old: str, new: str) -> tuple[Words, ...]:
    """The words of both texts in one row; those of one only where they were, the old before the new."""
    return tuple(_joined(_compared(_words(old), _words(new))))


def _change(old: Document, item: Item, new: Document, became: Item) -> Changed | None:
    before, after = own_text(item, old.items), own_text(became, new.items)
    fields = tuple(field for field in FIELDS if gist(item, field) != gist(became, field))
    if words_of(before, item.number) == words_of(after, became.number) and not fields:
        return None
    return Changed(item, became, changed_words(before, after), fields)


def _words(text: str) -> list[str]:
    # Words that jieba would guess at differ with those around them.
    return list(jieba_tokenizer().cut(spoken(text), HMM=False))


def _compared(old: list[str], new: list[str]) -> Iterator[Words]:
    """What a person sees as the same word is one: half- or full-width, upper or lower case."""
    matcher = SequenceMatcher(
        None, [plain(word) for word in old], [plain(word) for word in new], autojunk=False
    )
    for _, old_start, old_end, new_start, new_end in matcher.get_opcodes():
        gone, come = old[old_start:old_end], new[new_start:new_end]
        if list(map(plain, gone)) == list(map(plain, come)):
            yield Words("both", "".join(come))
        else:
            yield Words("old", "".join(gone))
            yield Words("new", "".join(come))


def _joined(pieces: Iterator[Words]) -> Iterator[Words]:
    yield from (words for words in pieces if words.text)


def _item_json(item: Item) -> dict[str, Any]:
    return {
        "id": item.id,
        "number": item.number,
        "heading": item.heading,
        "kind": item.kind,
        "span": item.span.to_json(),
        "quote": item.quote,
    }


def _value(item: Item, field: str) -> Any:
    return item.kind if field == "kind" else fields_to_json(item.fields)[field]
