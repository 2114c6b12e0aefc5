"""All fields of a passage, read by the spaCy pipeline of our three components."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import spacy

from extractor.fields.components import DEADLINES, FREQUENCIES, UNITS
from extractor.fields.context import FieldContext
from extractor.fields.measures import with_measures
from extractor.model import Fields


class FieldReader:
    """Reads the passages of one document in order: what one declares (列第一位者为牵头单位，下同) holds for those after it."""

    def __init__(self, context: FieldContext, lexicon: Path | None = None) -> None:
        self.context = context
        self.nlp = spacy.blank("zh")
        self.nlp.add_pipe(UNITS, config={"lexicon": str(lexicon) if lexicon else None})
        self.nlp.add_pipe(FREQUENCIES)
        self.nlp.add_pipe(DEADLINES)

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
