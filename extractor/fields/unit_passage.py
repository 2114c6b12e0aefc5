"""A passage as the unit rules read it: with other people's words masked, and what has been read already marked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from extractor.fields.passages import TITLE
from extractor.fields.unit_names import UnitLexicon
from extractor.model import Role, Span

QUOTED = re.compile(rf"{TITLE.pattern}|“[^“”\n]{{7,80}}”")
"""Shorter quotations belong to names: 市“双减”办, 村“两委”."""
CLAUSE_REST = re.compile(r"[^，。；\n]{0,120}")
SENTENCE_REST = re.compile(r"[^。；\n]{0,300}")
"""Bounded, so that a text without stops is read in linear time; no clause of official prose is longer."""
LONGEST_BRACKET = 1000
"""Brackets that are never closed are read no further; those of circulars hold some forty names."""
INNER_BRACKETS = str.maketrans("〈〉", "（）")
"""Brackets inside brackets, read as those they are: （各县〈市、区〉政府负责）."""


@dataclass(frozen=True, slots=True)
class Found:
    """A unit as a rule found it; `whole` says that it answers for the whole passage (a bracket at its end)."""

    span: Span
    role: Role
    rule: str
    whole: bool = False


@dataclass
class Passage:
    """Clean text and the same with titles and quotations masked; `taken` are stretches that a rule has read."""

    text: str
    lexicon: UnitLexicon
    masked: str = field(init=False)
    taken: list[Span] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Mask what stands in 《》 and “”: names of documents and wording of others."""
        self.text = self.text.translate(INNER_BRACKETS)
        self.masked = QUOTED.sub(lambda match: "＊" * len(match.group()), self.text)

    def is_taken(self, at: int) -> bool:
        """Whether a rule has read the character at `at`."""
        return any(span.start <= at < span.end for span in self.taken)

    def clause_from(self, start: int) -> str:
        """What is left of the clause from `start` on."""
        return self._rest(CLAUSE_REST, start)

    def sentence_from(self, start: int) -> str:
        """What is left of the sentence from `start` on."""
        return self._rest(SENTENCE_REST, start)

    def _rest(self, pattern: re.Pattern[str], start: int) -> str:
        match = pattern.match(self.masked, start)
        return match.group() if match else ""

    def members(self, span: Span) -> list[Span]:
        """The names in a list that is known to be one."""
        return self.lexicon.members(self.text, span)

    def names_only(self, span: Span) -> list[Span]:
        """The names in a list, if each of its members reads as one by itself; else none."""
        members = self.members(span)
        return members if all(self.lexicon.is_member(member.of(self.masked)) for member in members) else []

    def brackets(self) -> Iterator[Span]:
        """The insides of outermost brackets; one that is never closed ends with its line."""
        at = 0
        while (opening := self.masked.find("（", at)) >= 0:
            depth, index = 0, opening
            limit = min(len(self.masked), opening + LONGEST_BRACKET)
            while index < limit and self.masked[index] != "\n":
                depth += (self.masked[index] == "（") - (self.masked[index] == "）")
                if depth == 0:
                    break
                index += 1
            yield Span(opening + 1, index)
            at = index + 1 if depth == 0 else opening + 1
