"""The field rules in a spaCy pipeline of somebody else's."""

from __future__ import annotations

from datetime import date

import spacy
from spacy.tokens import Span as SpacySpan

from extractor.fields.context import FieldContext
from extractor.model import Deadline, Span, UnitMention


def test_components_are_found_by_name_and_write_span_groups() -> None:
    nlp = spacy.blank("zh")
    for name in ("taizhang_units", "taizhang_frequencies", "taizhang_deadlines"):
        nlp.add_pipe(name)
    doc = nlp.make_doc("市应急局每季度检查1次，年底前完成整改；各县区每月5日前报送。")
    doc._.taizhang_context = FieldContext(2023)
    for _, component in nlp.pipeline:
        doc = component(doc)
    assert [(s.text, s._.role, s.label_) for s in doc.spans["taizhang_units"]] == [
        ("市应急局", "responsible", "responsible"),
        ("各县区", "responsible", "responsible"),
    ]
    assert [(s.text, s._.period, s._.times) for s in doc.spans["taizhang_frequencies"]] == [
        ("每季度检查1次", "P3M", 1),
        ("每月5日前", "P1M", 1),
    ]
    assert [(s.text, s._.due) for s in doc.spans["taizhang_deadlines"]] == [("年底前", date(2023, 12, 31))]
    assert all(s._.rule for group in doc.spans.values() for s in group)


def test_two_values_of_one_stretch_are_told_apart_by_their_labels() -> None:
    doc = spacy.blank("zh").make_doc("年底前")
    limit, unit = (SpacySpan(doc, 0, 3, label=label) for label in ("DEADLINE", "responsible"))
    limit._.taizhang_value = Deadline("年底前", Span(0, 3), None, None, None, "year-before")
    unit._.taizhang_value = UnitMention("年底前", Span(0, 3), "responsible", "bracket-duty")
    assert (limit._.rule, unit._.rule) == ("year-before", "bracket-duty")
