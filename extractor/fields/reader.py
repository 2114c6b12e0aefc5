"""All fields of a passage, read by the spaCy pipeline of our three components."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import spacy
from spacy.language import Language

from extractor.fields.components import DEADLINES, FREQUENCIES, UNITS
from extractor.fields.context import FieldContext
from extractor.fields.measures import with_measures
from extractor.model import Fields


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

    def read(self, text: str) -> Fields:
        """The fields of a clean passage, with spans in it."""
        doc = self.nlp.make_doc(text)
        doc._.taizhang_context = self.context
        for _, component in self.nlp.pipeline:
            doc = component(doc)
        if doc._.taizhang_first_named_leads:
            self.context = replace(self.context, first_named_leads=True)
        fields = Fields(*(tuple(_values(doc.spans[group])) for group in (UNITS, DEADLINES, FREQUENCIES)))
        whole = [span._.taizhang_value.span for span in doc.spans[UNITS] if span._.taizhang_whole]
        return with_measures(text, fields, whole)


def _values(spans: Iterable[Any]) -> Iterable[Any]:
    return (span._.taizhang_value for span in spans)
