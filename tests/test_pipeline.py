"""The whole way through, on every circular at hand: what is promised of each value holds for all of them."""

from __future__ import annotations

from datetime import date

import pytest

import extractor
from extractor.model import Document, Source, Span
from extractor.pipeline import extract_text, find_fields, read_document
from tests.conftest import CIRCULARS


@pytest.mark.parametrize("name", [path.stem for path in CIRCULARS])
def test_every_value_stands_in_the_source(documents: dict[str, Document], name: str) -> None:
    document = documents[name]
    text = document.source.text
    for item in document.items:
        assert item.span.of(text) == item.quote
        for value in (*item.fields, *item.fields.measures):
            assert value.span.of(text) == value.quote
        for deadline in item.fields.deadlines:
            assert deadline.event_span is None or deadline.event_span.of(text) == deadline.event
    for out in document.left_out:
        assert out.span.of(text) == out.quote
    for warning in document.warnings:
        assert warning.span is None or warning.span.of(text)


@pytest.mark.parametrize("name", [path.stem for path in CIRCULARS])
def test_kept_and_left_out_cover_the_whole_text(documents: dict[str, Document], name: str) -> None:
    document = documents[name]
    covered = sorted([item.span for item in document.items] + [out.span for out in document.left_out])
    at = 0
    for span in covered:
        assert span.start <= at, document.source.text[at : span.start]
        at = max(at, span.end)
    assert at == len(document.source.text)
    blank = [out.quote for out in document.left_out if out.reason == "blank"]
    assert not "".join(blank).strip()


@pytest.mark.parametrize("name", [path.stem for path in CIRCULARS])
def test_children_lie_in_their_parents_in_order(documents: dict[str, Document], name: str) -> None:
    items = {item.id: item for item in documents[name].items}
    assert len(items) == len(documents[name].items)
    for item in items.values():
        if item.parent:
            assert items[item.parent].kind == "group"
            assert items[item.parent].span.covers(item.span)
    starts = [item.span.start for item in documents[name].items]
    assert starts == sorted(starts)


@pytest.mark.parametrize("name", [path.stem for path in CIRCULARS])
def test_values_name_measures_that_hold_them(documents: dict[str, Document], name: str) -> None:
    for item in documents[name].items:
        measures = {measure.id: measure for measure in item.fields.measures}
        for value in item.fields:
            assert value.measure is None or measures[value.measure].span.covers(value.span)


def test_json_round_trip(documents: dict[str, Document]) -> None:
    for document in documents.values():
        assert Document.from_json(document.to_json()) == Document(
            **{**document.__dict__, "source": extractor.Source(document.source.name, document.source.text, b"", document.source.encoding, document.source.media, document.source.sha256)}
        )  # fmt: skip


def test_values_of_one_measure_stay_together() -> None:
    document = extract_text(
        "2023年演练工作要点\n一、开展演练。各企业至少每季度开展1次演练。应急、住建等行业部门应每半年开展1次演练。各乡镇要在演练前20日报送方案。"
    )
    (item,) = document.items
    together: dict[int, list[str]] = {}
    for value in sorted(item.fields, key=lambda v: v.span):
        together.setdefault(value.measure or 0, []).append(value.quote)
    assert list(together.values()) == [
        ["各企业", "每季度开展1次"],
        ["应急", "住建", "每半年开展1次"],
        ["各乡镇", "演练前20日"],
    ]


def test_the_public_face_reads_one_sentence() -> None:
    fields = extractor.find_fields(
        "请市農業農村局於每年12月20日前將情況報送；區(qū)應急局年底前完成。",
        year=2023,
        issued_on=date(2023, 2, 9),
    )
    assert [(u.quote, u.role) for u in fields.units] == [
        ("市農業農村局", "responsible"),
        ("區(qū)應急局", "responsible"),
    ]
    assert [(f.quote, f.period) for f in fields.frequencies] == [("每年12月20日前", "P1Y")]
    assert [(d.quote, d.due) for d in fields.deadlines] == [("年底前", date(2023, 12, 31))]


def test_the_declaration_holds_for_what_follows_it() -> None:
    document = extract_text(
        "关于加强工作的意见\n一、甲\n（一）做甲事。（市教育局、市财政局负责）\n（二）做乙事。（市教育局、市财政局负责。列第一位者为牵头单位，下同）\n（三）做丙事。（市水利局、市财政局负责）"
    )
    assert [item.fields.units[0].role for item in document.tasks] == ["responsible", "lead", "lead"]


@pytest.mark.parametrize("text", ["", " ", "\n\n", "。", "一、", "（", "《", "各", "附件", "2023年1月1日"])
def test_next_to_nothing_is_read_without_complaint(text: str) -> None:
    document = extract_text(text)
    assert document.tasks == () and find_fields(text).units == ()


def test_what_recognition_is_unsure_of_becomes_a_warning_where_it_stands() -> None:
    text = "关于做好汛期工作的通知\n一、加强值守。各乡镇要落实值班制度。\n二、抓好排查。各乡镇要每月排查1次。"
    second = Span(text.index("二、"), len(text))
    source = Source(
        "扫描.png", text, b"x", confidence=((Span(0, 11), 0.99), (second, 0.41), (Span(5, 5), 0.0))
    )
    document = read_document(source)
    assert [(w.code, w.span, w.detail) for w in document.warnings] == [
        ("low_confidence", second, "41%"),
        ("page_unread", None, ""),
    ]
    assert document.tasks[1].span == second


def test_what_the_file_says_of_itself_fills_what_its_text_does_not_say() -> None:
    told = {"issuer": "临澜市水利局", "issued_on": "2023-05-06", "doc_number": "临水〔2023〕7号"}
    document = read_document(
        Source("a.html", "关于做好防汛工作的通知\n一、年底前要完成排查。", b"x", metadata=told)
    )
    assert (document.issuer, document.doc_number, document.issued_on) == (
        "临澜市水利局",
        "临水〔2023〕7号",
        date(2023, 5, 6),
    )
    assert document.tasks[0].fields.deadlines[0].due == date(2023, 12, 31)
