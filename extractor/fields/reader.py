"""All fields of a passage, read by the spaCy pipeline of our three components."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import spacy
from spacy.language import Language
from spacy.tokens import Doc

from extractor.fields.components import DEADLINES, FREQUENCIES, UNITS
from extractor.fields.context import FieldContext
from extractor.fields.deadlines import find_deadlines
from extractor.fields.frequencies import find_frequencies
from extractor.fields.measures import with_measures
from extractor.fields.unit_names import UnitLexicon
from extractor.model import Deadline, Fields, Role, Span, UnitMention

ROLE_IN_CELL = re.compile(r"（(?:总)?(?:牵头|负责|配合|主办|协办)(?:单位|部门)?）$")


@lru_cache(maxsize=8)
def pipeline_with(lexicon: Path | None = None) -> Language:
    """The pipeline of our components over a blank Chinese one, which cuts by character."""
    nlp = spacy.blank("zh")
    nlp.add_pipe(UNITS, config={"lexicon": str(lexicon) if lexicon else None})
    nlp.add_pipe(FREQUENCIES)
    nlp.add_pipe(DEADLINES)
    return nlp


class FieldReader:
    """Reads the passages of one document in order: what one declares (列第一位者为牵头单位，下同) holds for those after it."""

    def __init__(self, context: FieldContext, lexicon: Path | None = None) -> None:
        self.context = context
        self.nlp = pipeline_with(lexicon)
        self.units = UnitLexicon.load(lexicon)

    def read(self, text: str) -> Fields:
        """The fields of a clean passage, with spans in it."""
        # One token a character, as the blank Chinese tokenizer cuts, but in linear time whatever the length.
        doc = Doc(self.nlp.vocab, words=list(text), spaces=[False] * len(text))
        doc._.taizhang_context = self.context
        for _, component in self.nlp.pipeline:
            doc = component(doc)
        if doc._.taizhang_first_named_leads:
            self.context = replace(self.context, first_named_leads=True)
        fields = Fields(*(tuple(_values(doc.spans[group])) for group in (UNITS, DEADLINES, FREQUENCIES)))
        whole = [span._.taizhang_value.span for span in doc.spans[UNITS] if span._.taizhang_whole]
        return with_measures(text, fields, whole)

    def read_cell(self, column: str, text: str) -> Fields:
        """The fields of a cell of a task table, by what its column holds; see outline/lexicon/columns.tsv."""
        if column in ("lead", "responsible", "cooperating"):
            return Fields(units=tuple(self._units_of_cell(text, column)))  # type: ignore[arg-type]
        if column == "deadline":
            return Fields(deadlines=tuple(self._deadlines_of_cell(text)))
        if column in ("task", "content", "frequency"):
            return self.read(text)
        return Fields()

    def _units_of_cell(self, text: str, role: Role) -> Iterator[UnitMention]:
        for span in self.units.members(text, Span(0, len(text))):
            remark = ROLE_IN_CELL.search(span.of(text))
            named = Span(span.start, span.start + remark.start()) if remark else span
            own: Role = "lead" if remark and "牵头" in remark.group() else role
            yield UnitMention(named.of(text), named, own, "table-column")

    def _deadlines_of_cell(self, text: str) -> Iterator[Deadline]:
        """What a cell under 完成时限 names is a limit even without 前: 6月, 2023年12月31日."""
        found = find_deadlines(text, self.context, find_frequencies(text, self.context))
        if not found:
            found = find_deadlines(f"{text.rstrip()}前", self.context)
        for deadline in found:
            span = Span(deadline.span.start, min(deadline.span.end, len(text.rstrip())))
            yield replace(deadline, span=span, quote=span.of(text))


def _values(spans: Iterable[Any]) -> Iterable[Any]:
    return (span._.taizhang_value for span in spans)
