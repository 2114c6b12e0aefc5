"""All evidence of a document as Web Annotations (https://www.w3.org/TR/annotation-model/), for tools of other houses.

Each item, unit, deadline, frequency, citation and datum of the document is an annotation. Its body says what was found, in
Chinese for people and as a small typed object for programs, whose terms are those of `taizhang extract`. Its target is the
file as received, with several selectors of the same characters: by position in the text that we read from the file, half-open
and in code points, as the Recommendation demands; by quotation; and where the file has pages, by the rectangle in which they
stand, in points from the page's top left corner.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from extractor.export import wording
from extractor.export.files import replaced
from extractor.export.json import dumps
from extractor.model import Box, Citation, Deadline, Document, Item, Span, UnitMention, Value, fields_to_json
from extractor.version import __version__

Json = dict[str, Any]

TERMS = "urn:taizhang:terms#"
"""The vocabulary of our typed bodies: every term in them that the Web Annotation vocabulary does not have."""
CONTEXT = ["http://www.w3.org/ns/anno.jsonld", {"@vocab": TERMS}]
COLLECTION = "urn:taizhang:annotations"
GENERATOR = {"id": "urn:taizhang", "type": "Software", "name": f"taizhang {__version__}"}
PDF = "application/pdf"
PDF_FRAGMENTS = "http://tools.ietf.org/rfc/rfc3778"
AROUND = 32
"""How many code points before and behind a quotation tell it from others in the same words."""


def annotation_page(document: Document, *, source_id: str, base: str) -> Json:
    """The evidence of one document as an AnnotationPage.

    Args:
        document: As it was read, or as the ledger or its JSON give it back.
        source_id: The IRI of the file, which the annotations are about; `source_id_of` where it has no address.
        base: What the ids of the annotations begin with, before `source_id`; may be empty where that is absolute.

    Returns:
        JSON-LD. An id is made of item, kind and span, and so the same whenever the same file is read to the same result.
    """
    return {"@context": CONTEXT, **_page(f"{base}{source_id}", [*_annotations(document, source_id, base)])}


def source_id_of(document: Document) -> str:
    """The name of the file as received by its bytes alone: `urn:sha256:…`."""
    return f"urn:sha256:{document.source.sha256}"


def write_annotations(documents: Iterable[Document], path: Path) -> None:
    """Write the evidence of `documents` as one AnnotationCollection, whose only page is in the file."""
    found = [one for document in documents for one in _annotations(document, source_id_of(document), "")]
    page = _page(COLLECTION, found)
    collection = {
        "@context": CONTEXT,
        "id": COLLECTION,
        "type": "AnnotationCollection",
        "label": "公文台账的原文依据",
        "generator": GENERATOR,
        "total": len(found),
        "first": {**page, "partOf": COLLECTION},
        "last": page["id"],
    }
    with replaced(path) as draft:
        draft.write_text(dumps(collection) + "\n", "utf-8")


def _page(name: str, found: list[Json]) -> Json:
    return {"id": f"{name}/page/1", "type": "AnnotationPage", "startIndex": 0, "items": found}


def _annotations(document: Document, source_id: str, base: str) -> Iterator[Json]:
    """The annotations of one document: its data, its items each with its values, and what it cites."""
    whole = _Annotated(document, source_id, f"{base}{source_id}")
    for field, spans in document.evidence.items():
        yield from (whole.datum(field, span) for span in spans)
    for item in document.items:
        yield whole.item(item)
        as_json = fields_to_json(item.fields)
        typed = [*as_json["units"], *as_json["deadlines"], *as_json["frequencies"]]
        yield from (whole.value(item, *pair) for pair in zip(item.fields, typed, strict=True))
    yield from map(whole.citation, document.citations)


@dataclass(frozen=True, slots=True)
class _Annotated:
    """A document, the IRI of its file, and what the ids of its annotations begin with."""

    document: Document
    source_id: str
    name: str

    def datum(self, field: str, span: Span) -> Json:
        """What the circular itself is called, who issued it, when, under what number."""
        value = getattr(self.document, field)
        said = value.isoformat() if isinstance(value, date) else value
        typed = {"type": "Datum", "field": field, "says": said}
        return self._annotation(f"document/{field}", span, "tagging", wording.DOCUMENT_FIELDS[field], typed)

    def item(self, item: Item) -> Json:
        """An item of the outline and what kind it is."""
        own = ("parent", "part", "number", "heading", "kind", "reason")
        typed = {"type": "Item", "item": item.id, **{name: getattr(item, name) for name in own}}
        return self._annotation(
            f"item/{item.id}", item.span, "classifying", wording.ITEM_KINDS[item.kind], typed
        )

    def value(self, item: Item, value: Value, as_json: Json) -> Json:
        """A unit, deadline or frequency of an item; what it inherits stands where it was printed."""
        if isinstance(value, UnitMention):
            kind, words = f"unit/{value.role}", f"{wording.ROLES[value.role]}单位"
        else:
            kind = "deadline" if isinstance(value, Deadline) else "frequency"
            words = wording.value(value)
        # Quote and place are told by the target; a pair of numbers has no order in JSON-LD.
        held = {name: said for name, said in as_json.items() if name not in ("quote", "span", "event_span")}
        typed = {"type": type(value).__name__, "item": item.id, **held}
        return self._annotation(f"item/{item.id}/{kind}", value.span, "tagging", words, typed)

    def citation(self, found: Citation) -> Json:
        """Another document that the text refers to."""
        cited = {"title": found.title, "doc_number": found.doc_number, "relation": found.relation}
        words = wording.RELATIONS[found.relation]
        return self._annotation("citation", found.span, "linking", words, {"type": "Citation", **cited})

    def _annotation(self, kind: str, span: Span, motivation: str, words: str, typed: Json) -> Json:
        said = {"type": "TextualBody", "value": words, "format": "text/plain", "language": "zh"}
        # A text can tag and classify; that it links, only the annotation as a whole can say.
        purpose = motivation if motivation in ("tagging", "classifying") else "describing"
        return {
            "id": f"{self.name}/{kind}/{span.start}-{span.end}",
            "type": "Annotation",
            "motivation": motivation,
            "body": [
                {**said, "purpose": purpose},
                {name: value for name, value in typed.items() if value is not None},
            ],
            "target": {
                "type": "SpecificResource",
                "source": self.source_id,
                "selector": list(self._selectors(span)),
            },
        }

    def _selectors(self, span: Span) -> Iterator[Json]:
        """The same characters by position, by quotation, and by their rectangle on the page where they begin."""
        text = self.document.source.text
        yield {"type": "TextPositionSelector", "start": span.start, "end": span.end}
        yield {
            "type": "TextQuoteSelector",
            "exact": span.of(text),
            "prefix": text[max(0, span.start - AROUND) : span.start],
            "suffix": text[span.end : span.end + AROUND],
        }
        if boxes := self.document.source.locate(span).boxes:
            standard = {"conformsTo": PDF_FRAGMENTS} if self.document.source.media == PDF else {}
            yield {"type": "FragmentSelector", **standard, "value": _rectangle(boxes)}


def _rectangle(boxes: Sequence[Box]) -> str:
    """The page of the first box and the smallest rectangle that holds all boxes on it, as a fragment of a PDF."""
    there = [box for box in boxes if box.page == boxes[0].page]
    left, top = min(box.left for box in there), min(box.top for box in there)
    width, height = max(box.right for box in there) - left, max(box.bottom for box in there) - top
    return f"page={boxes[0].page}&viewrect={left:.2f},{top:.2f},{width:.2f},{height:.2f}"
