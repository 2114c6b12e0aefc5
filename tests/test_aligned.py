"""Clean text remembers its source, whatever is done to it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.model import Span
from extractor.text.aligned import AlignedText, Edit, Removal

ALPHABET = "市应急局。\n（）a1 "


@st.composite
def edited(draw: st.DrawFn) -> tuple[str, AlignedText]:
    """A source and what some rounds of random edits made of it."""
    source = draw(st.text(ALPHABET, max_size=30))
    aligned = AlignedText.of(source)
    for _ in range(draw(st.integers(0, 4))):
        aligned = aligned.edit(draw(edits_of(aligned.text)))
    return source, aligned


@st.composite
def edits_of(draw: st.DrawFn, text: str) -> list[Edit]:
    points = sorted(draw(st.lists(st.integers(0, len(text)), max_size=6)))
    pairs = zip(points[::2], points[1::2], strict=False)
    return [
        Edit(
            a, b, draw(st.text(ALPHABET, max_size=3)), draw(st.sampled_from(["", "why"])), draw(st.booleans())
        )
        for a, b in pairs
    ]


@given(st.text(max_size=40))
def test_identity(source: str) -> None:
    aligned = AlignedText.of(source)
    assert aligned.text == source
    assert all(aligned.source_span(Span(i, i + 1)) == Span(i, i + 1) for i in range(len(source)))
    assert aligned.edit([]).text == source


@given(edited())
def test_every_character_knows_a_range_of_the_source_and_order_is_kept(made: tuple[str, AlignedText]) -> None:
    source, aligned = made
    assert len(aligned.text) == len(aligned.starts) == len(aligned.ends)
    assert all(0 <= a <= b <= len(source) for a, b in zip(aligned.starts, aligned.ends, strict=True))
    assert aligned.starts == sorted(aligned.starts)


@given(edited(), st.data())
def test_spans_map_to_printed_text_that_grows_with_them(
    made: tuple[str, AlignedText], data: st.DataObject
) -> None:
    source, aligned = made
    a, b = sorted(
        (data.draw(st.integers(0, len(aligned.text))), data.draw(st.integers(0, len(aligned.text))))
    )
    inner = aligned.source_span(Span(a, b))
    assert inner.of(source) == source[inner.start : inner.end]
    whole = aligned.source_span(Span(0, len(aligned.text)))
    if a < b:
        assert whole.start <= inner.start <= inner.end


@given(edited(), st.data())
def test_edits_compose(made: tuple[str, AlignedText], data: st.DataObject) -> None:
    """Two rounds of edits map back as the second round's map followed by the first's."""
    _, first = made
    edits = data.draw(edits_of(first.text))
    composed = first.edit(edits)
    alone = AlignedText.of(first.text).edit(edits)
    assert composed.text == alone.text
    for i in range(len(alone.text)):
        step = alone.source_span(Span(i, i + 1))
        if step.start < step.end:
            assert composed.starts[i] == first.source_span(step).start


@pytest.mark.parametrize(
    ("edits", "text", "back"),
    [
        ([Edit(1, 3, "乙丙")], "甲乙丙丁", [(0, 1), (1, 2), (2, 3), (3, 4)]),  # same length: one for one
        ([Edit(1, 3, "。")], "甲。丁", [(0, 1), (1, 3), (3, 4)]),  # two characters read as one
        ([Edit(1, 3)], "甲丁", [(0, 1), (3, 4)]),  # taken out
        ([Edit(1, 3, attach=True)], "甲丁", [(0, 3), (3, 4)]),  # taken out, but the character before shows it
        (
            [Edit(2, 2, "x")],
            "甲bx丙丁"[:1] + "bx" + "c丁",
            [(0, 1), (1, 2), (2, 2), (2, 3), (3, 4)],
        ),  # put in
    ],
)
def test_kinds_of_edit(edits: list[Edit], text: str, back: list[tuple[int, int]]) -> None:
    aligned = AlignedText.of("甲bc丁").edit(edits)
    assert aligned.text == text
    assert [(aligned.starts[i], aligned.ends[i]) for i in range(len(text))] == back


def test_what_is_taken_out_with_a_reason_is_recorded_in_source_offsets() -> None:
    aligned = AlignedText.of("甲乙丙丁").edit([Edit(0, 1)]).edit([Edit(1, 2, reason="page_mark")])
    assert aligned.removals == (Removal(Span(2, 3), "page_mark"),)


@pytest.mark.parametrize(
    "edits", [[Edit(2, 1)], [Edit(0, 9)], [Edit(2, 3), Edit(1, 2)], [Edit(0, 2), Edit(1, 3)]]
)
def test_edits_that_overlap_or_reach_outside_are_refused(edits: list[Edit]) -> None:
    with pytest.raises(ValueError, match="out of order"):
        AlignedText.of("甲乙丙丁").edit(edits)
