"""The field rules as spaCy components: `taizhang_units`, `taizhang_deadlines`, `taizhang_frequencies`.

Each writes a span group of its own name to `doc.spans`. A span's label is its role, DEADLINE or FREQUENCY; its values are
extension attributes: `rule`, and `role`; `due`, `event`, `offset`; or `period`, `times`, `bound`, `vague`. What the rules
need to know of the document, its year and date of issue, is read from `doc._.taizhang_context`.

    nlp = spacy.blank("zh")
    nlp.add_pipe("taizhang_frequencies")
    nlp.add_pipe("taizhang_deadlines")
    doc = nlp("6月底前完成整改。")
    [(span.text, span._.due) for span in doc.spans["taizhang_deadlines"]]
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc
from spacy.tokens import Span as SpacySpan

from extractor.fields.context import FieldContext
from extractor.fields.deadlines import find_deadlines
from extractor.fields.frequencies import find_frequencies
from extractor.fields.unit_names import UnitLexicon
from extractor.fields.units import find_units
from extractor.model import Value

UNITS, DEADLINES, FREQUENCIES = "taizhang_units", "taizhang_deadlines", "taizhang_frequencies"
ATTRIBUTES = ("role", "due", "event", "offset", "period", "times", "bound", "vague", "recurs_on", "rule")

Doc.set_extension("taizhang_context", default=FieldContext(), force=True)
Doc.set_extension("taizhang_first_named_leads", default=False, force=True)


def _text(doc: Doc) -> str:
    """The text of `doc`: spaCy joins it from its tokens at each asking, here it is done once for all components."""
    text = doc.user_data.get("taizhang_text")
    if text is None:
        text = doc.user_data["taizhang_text"] = doc.text
    return str(text)


def _key(span: Any, what: str) -> tuple[str, str, int, int]:
    """Where a span's value is kept: its label is part of it, for a span may be a unit in two roles."""
    return what, span.label_, span.start_char, span.end_char


def _kept(what: str) -> dict[str, Callable[..., Any]]:
    return {
        "getter": lambda span: span.doc.user_data.get(_key(span, what)),
        "setter": lambda span, value: span.doc.user_data.__setitem__(_key(span, what), value),
    }


SpacySpan.set_extension("taizhang_value", **_kept("taizhang_value"), force=True)
SpacySpan.set_extension("taizhang_whole", **_kept("taizhang_whole"), force=True)


def _read(attribute: str) -> Callable[[Any], Any]:
    return lambda span: getattr(span._.taizhang_value, attribute, None)


for attribute in ATTRIBUTES:
    SpacySpan.set_extension(attribute, getter=_read(attribute), force=True)

Component = Callable[[Doc], Doc]


@Language.factory(UNITS, default_config={"lexicon": None})
def make_units(nlp: Language, name: str, lexicon: str | None) -> Component:
    """Units with their roles; `lexicon` is the path of a file with unit names of the user's own."""
    units = UnitLexicon.load(Path(lexicon) if lexicon else None)

    def component(doc: Doc) -> Doc:
        found = find_units(_text(doc), doc._.taizhang_context, units)
        doc._.taizhang_first_named_leads = found.first_named_leads
        spans = _write(doc, UNITS, found.mentions)
        for span in spans:
            span._.taizhang_whole = span._.taizhang_value.span in found.whole
        return doc

    return component


@Language.factory(FREQUENCIES)
def make_frequencies(nlp: Language, name: str) -> Component:
    """How often work recurs."""

    def component(doc: Doc) -> Doc:
        _write(doc, FREQUENCIES, find_frequencies(_text(doc), doc._.taizhang_context))
        return doc

    return component


@Language.factory(DEADLINES)
def make_deadlines(nlp: Language, name: str) -> Component:
    """When work is due. Put it behind the frequencies: a due day that recurs is one of them and no deadline."""

    def component(doc: Doc) -> Doc:
        recurring = [span._.taizhang_value for span in doc.spans.get(FREQUENCIES, [])]
        _write(doc, DEADLINES, find_deadlines(_text(doc), doc._.taizhang_context, recurring))
        return doc

    return component


def _write(doc: Doc, group: str, values: Sequence[Value]) -> list[Any]:
    """Put `values` into the span group, each with its value behind its attributes."""
    spans: list[Any] = []
    for value in values:
        label = getattr(value, "role", None) or ("DEADLINE" if group == DEADLINES else "FREQUENCY")
        span: Any = doc.char_span(value.span.start, value.span.end, label=label, alignment_mode="expand")
        span._.taizhang_value = value
        spans.append(span)
    doc.spans[group] = spans
    return spans
