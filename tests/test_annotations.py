"""Evidence as Web Annotations: what the Recommendation requires of each, and that every selector finds its characters."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from extractor.export.annotations import (
    AROUND,
    CONTEXT,
    PDF_FRAGMENTS,
    annotation_page,
    source_id_of,
    write_annotations,
)
from extractor.model import Box, Document, Item, Place, Source, Span
from extractor.pipeline import extract, extract_text
from tests.helpers.documents import document, item, sample

CORPUS = Path(__file__).parent.parent / "corpus"
BASE = "https://example.org/evidence/"
ABSOLUTE_IRI = re.compile(r"[a-z][a-z0-9+.-]*:[^\s<>\"{}|\\^`]+")
MOTIVATIONS = {"tagging", "classifying", "linking"}

Json = dict[str, Any]


def page_of(given: Document) -> Json:
    """The page of a document, after a passage through JSON."""
    page: Json = json.loads(json.dumps(annotation_page(given, source_id=source_id_of(given), base=BASE)))
    return page


def selectors(annotation: Json) -> dict[str, Json]:
    return {selector["type"]: selector for selector in annotation["target"]["selector"]}


def check_page(page: Json, *texts: str) -> None:
    """What the Web Annotation Data Model says must be, of a page and of each annotation on it."""
    assert page["type"] == "AnnotationPage" and ABSOLUTE_IRI.fullmatch(page["id"])
    assert isinstance(page["items"], list) and page["startIndex"] == 0
    ids = [annotation["id"] for annotation in page["items"]]
    assert len(ids) == len(set(ids)) and all(map(ABSOLUTE_IRI.fullmatch, ids))
    for annotation in page["items"]:
        assert annotation["type"] == "Annotation"
        assert annotation["motivation"] in MOTIVATIONS
        textual, typed = annotation["body"]
        assert textual["type"] == "TextualBody" and textual["value"] and textual["language"] == "zh"
        assert textual["format"] == "text/plain" and "\n" not in textual["value"]
        assert typed["type"] in {"Datum", "Item", "UnitMention", "Deadline", "Frequency", "Citation"}
        assert not any(isinstance(value, (list, dict)) or value is None for value in typed.values())
        assert annotation["target"]["type"] == "SpecificResource"
        assert re.fullmatch(r"urn:sha256:[0-9a-f]{64}", annotation["target"]["source"])
        found = selectors(annotation)
        start, end = found["TextPositionSelector"]["start"], found["TextPositionSelector"]["end"]
        quote = found["TextQuoteSelector"]
        assert 0 <= start < end
        assert any(
            text[start:end] == quote["exact"]
            and text[max(0, start - AROUND) : start] == quote["prefix"]
            and text[end : end + AROUND] == quote["suffix"]
            for text in texts
        )


@pytest.mark.parametrize("path", sorted(CORPUS.glob("*.txt")), ids=lambda path: path.stem)
def test_every_value_of_the_corpus_is_annotated_once(path: Path) -> None:
    given = extract(path)
    page = page_of(given)
    check_page(page, given.source.text)
    assert page["@context"][0] == "http://www.w3.org/ns/anno.jsonld"
    evidence = sum(len(spans) for spans in given.evidence.values())
    values = sum(len([*one.fields]) for one in given.items)
    assert len(page["items"]) == evidence + len(given.items) + values + len(given.citations)


def test_ids_stay_the_same_where_the_document_is_read_again_or_comes_from_json() -> None:
    path = CORPUS / "10-notice-events.txt"
    given = extract(path)
    assert page_of(given) == page_of(extract(path)) == page_of(Document.from_json(given.to_json()))


def test_bodies_say_what_was_found() -> None:
    bodies = [annotation["body"] for annotation in page_of(sample())["items"]]
    said = [(textual["value"], textual["purpose"], typed["type"]) for textual, typed in bodies]
    assert ("任务", "classifying", "Item") in said
    assert ("牵头单位", "tagging", "UnitMention") in said
    assert any(kind == "Deadline" and value.startswith("20") for value, _, kind in said)
    typed = [typed for _, typed in bodies]
    assert any(one["type"] == "UnitMention" and one["role"] == "lead" for one in typed)
    assert any(one["type"] == "Deadline" and one["due"] for one in typed)
    assert any(one["type"] == "Frequency" and one["period"] == "P3M" for one in typed)


def test_due_days_and_citations_are_told() -> None:
    text = "一、巡查。各镇按照《河湖管护办法》每月5日前报送。\n二、清理。各镇清理河道。\n"
    page = page_of(extract_text(text))
    typed = [annotation["body"][1] for annotation in page["items"]]
    assert [one["recurs_on"] for one in typed if one["type"] == "Frequency"] == ["BYMONTHDAY=5"]
    (cited,) = (one for one in page["items"] if one["body"][1]["type"] == "Citation")
    assert cited["motivation"] == "linking"
    assert cited["body"][1] == {"type": "Citation", "title": "河湖管护办法", "relation": "based_on"}


def test_positions_count_code_points_and_not_utf_16() -> None:
    text = "一、巡查𪚥河。每月巡查一次。"
    start = text.index("每月")
    monthly = {"quote": "每月巡查一次", "period": "P1M", "times": 1, "bound": "exact"}
    given = document(text, [item(text, text, frequencies=[monthly])])
    (found,) = (one for one in page_of(given)["items"] if one["body"][1]["type"] == "Frequency")
    assert selectors(found)["TextPositionSelector"] == {
        "type": "TextPositionSelector",
        "start": start,
        "end": start + 6,
    }


class Pages:
    """A locator that finds everything on two lines of page 2 and one of page 3."""

    def locate(self, span: Span) -> Place:
        boxes = (Box(2, 72, 100, 300, 114), Box(2, 60, 120, 200.5, 134), Box(3, 60, 60, 90, 74))
        return Place(page=2, boxes=boxes)


@pytest.mark.parametrize(
    ("media", "standard"), [("application/pdf", PDF_FRAGMENTS), ("application/ofd", None)]
)
def test_a_page_format_gives_the_rectangle_on_its_first_page(media: str, standard: str | None) -> None:
    text = "一、巡查"
    whole = Item("1", None, 0, "一", "巡查", "task", "leaf-of-work", Span(0, 4), text)
    source = Source("a", text, b"a", media=media, locator=Pages())
    given = Document(source, None, None, None, None, "other", None, items=(whole,))
    fragment = selectors(page_of(given)["items"][0])["FragmentSelector"]
    assert fragment["value"] == "page=2&viewrect=60.00,100.00,240.00,34.00"
    assert fragment.get("conformsTo") == standard


def test_text_without_pages_has_no_rectangle() -> None:
    assert all("FragmentSelector" not in selectors(one) for one in page_of(sample())["items"])


def test_a_pdf_is_pointed_into() -> None:
    given = extract(CORPUS / "formats" / "10-notice-events.pdf")
    page = page_of(given)
    check_page(page, given.source.text)
    values = [selectors(one)["FragmentSelector"]["value"] for one in page["items"]]
    assert all(re.fullmatch(r"page=[1-9]\d*&viewrect=\d+\.\d\d(?:,\d+\.\d\d){3}", value) for value in values)


def test_documents_are_written_as_one_collection(tmp_path: Path) -> None:
    documents = [sample(), extract_text("一、巡查。各镇每月巡查。\n二、清理。各镇清理河道。\n")]
    path = tmp_path / "new" / "依据.jsonld"
    write_annotations(documents, path)
    collection = json.loads(path.read_text("utf-8"))
    assert collection["@context"] == CONTEXT
    assert collection["type"] == "AnnotationCollection" and ABSOLUTE_IRI.fullmatch(collection["id"])
    assert collection["total"] == len(collection["first"]["items"])
    assert collection["first"]["partOf"] == collection["id"]
    assert collection["last"] == collection["first"]["id"]
    check_page(collection["first"], *(one.source.text for one in documents))
    assert [found.name for found in path.parent.iterdir()] == [path.name]  # no draft is left


def test_no_documents_are_an_empty_collection(tmp_path: Path) -> None:
    write_annotations([], tmp_path / "a.jsonld")
    assert json.loads((tmp_path / "a.jsonld").read_text("utf-8"))["total"] == 0
