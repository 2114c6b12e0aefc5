"""The circular's own data: title, issuer, number, date of issue, kind, year, with the clean spans they rest on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import cast

from extractor.model import DocumentKind, Span
from extractor.outline.frame import DECREE, Frame, kind_of_title
from extractor.outline.lines import (
    DATE,
    DATED_NUMBER,
    DOC_NUMBER,
    Line,
    is_organisation,
    read_date,
    within_title_marks,
)
from extractor.text.page_data import data_of, labels_of

ENCLOSED = re.compile(r"《([^《》]{4,80}(?:《[^《》]*》[^《》]*)*)》(?:（[^（）]*）)?(?:已|印发|予以印发|经)")
"""《应急管理规划》已经县政府同意: what a page whose title is lost says of itself."""
CLOCK = re.compile(r"\d:\d")
MAX_ISSUER = 60
NUMBER_YEAR = re.compile(r"[〔\[（【]((?:19|20)\d{2})[〕\]）】]")
TASK_YEAR = re.compile(r"(?:做好|推进|开展|落实|完成|加强|抓好)[^。；]{0,12}?((?:19|20)\d{2}) ?年")
TITLE_YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2})(?: ?年|(?=[^\d—\-－–~～至]))")
DIVISIONS = "省市县区州盟旗"
YEAR_RANGE = re.compile(r"(?:19|20)\d{2} ?年? ?[—\-－–~～至] ?(?:19|20)\d{2}")


@dataclass
class Facts:
    """What the frame says of the circular; spans are in clean text."""

    title: list[Span] = field(default_factory=list)
    issuer: list[Span] = field(default_factory=list)
    doc_number: list[Span] = field(default_factory=list)
    issued_on: date | None = None
    issued_span: Span | None = None
    kind: DocumentKind = "other"
    year: int | None = None
    names_its_kind: bool = True
    told: Mapping[str, str] = field(default_factory=dict)

    def evidence(self) -> dict[str, list[Span]]:
        """The spans that title, issuer, doc_number and issued_on rest on; empty where nothing was found."""
        issued = [self.issued_span] if self.issued_span else []
        return {
            "title": self.title,
            "issuer": self.issuer,
            "doc_number": self.doc_number,
            "issued_on": issued,
        }


def read_facts(text: str, frame: Frame, metadata: Mapping[str, str]) -> Facts:
    """The data of the circular that `frame` frames; what its text does not say is taken from the file's own data."""
    facts = Facts(told=metadata)
    facts.title = _title(text, frame)
    facts.issuer = _issuer(text, frame, facts.title)
    facts.doc_number = _doc_number(text, frame)
    facts.issued_on, facts.issued_span = _issued(text, frame)
    facts.issued_on = facts.issued_on or read_date(metadata.get("issued_on", ""))
    titles = ["".join(span.of(text) for span in facts.title) or metadata.get("title", "")]
    titles += ["".join(line.text for line in p.title) for p in frame.parts if p.title and not p.attached]
    facts.kind = _kind(titles, frame)
    facts.names_its_kind = any(map(kind_of_title, titles))
    number = "".join(span.of(text) for span in facts.doc_number)
    facts.year = _year(titles, facts.issued_on) or _year_of_number(number) or _year_named(frame)
    return facts


def _title(text: str, frame: Frame) -> list[Span]:
    """The lines of the circular's title, or of the first part's, or what the cover text says it encloses.

    《》 around the whole are no part of it.
    """
    spans = [line.span for line in frame.title or next((p.title for p in frame.parts if p.title), [])]
    if not spans:
        return list(_enclosed(frame))[:1]
    spans[-1] = Span(spans[-1].start, spans[-1].start + len(spans[-1].of(text).rstrip(" |")))
    printed = "".join(span.of(text) for span in spans)
    if within_title_marks(printed) != printed:
        spans[0] = Span(spans[0].start + 1, spans[0].end)
        spans[-1] = Span(spans[-1].start, spans[-1].end - 1)
    return spans


def _enclosed(frame: Frame) -> Iterator[Span]:
    for line in (*frame.marked("cover"), *frame.marked("preamble")):
        for match in ENCLOSED.finditer(line.text):
            yield Span(line.span.start + match.start(1), line.span.start + match.end(1))


def _issuer(text: str, frame: Frame, title: list[Span]) -> list[Span]:
    """Who signed; else who stands before 关于 in the title; else whom the page names; else who is printed over it.

    One name is taken from the title where it is printed there with more before it: 青禾县柳坪镇人民政府, signed by 柳坪镇人民政府.
    """
    signed = frame.marked("signature")
    if signed:
        names = [span for line in _first_block(frame, signed) for span in _names(line)]
        return [_fuller(text, names[0], title)] if len(names) == 1 else names
    titled = _issuer_in_title(text, title)
    if titled:
        return titled
    for span in _page_data(frame, "issuer", "source"):
        if is_organisation(span.of(text)):
            return [_fuller(text, span, title)]
    decree = next((line for line in frame.marked("doc_number") if DECREE.match(line.text)), None)
    if decree:
        return [Span(decree.span.start, decree.span.start + decree.text.index("令"))]
    return []


def _issuer_in_title(text: str, title: list[Span]) -> list[Span]:
    """Who stands before 关于 in the title, over as many of its lines as it takes."""
    before: list[Span] = []
    for span in title:
        about = span.of(text).find("关于")
        if about > 0:
            before.append(Span(span.start, span.start + about))
        elif about < 0:
            before.append(span)
        if about >= 0:
            name = "".join(piece.of(text) for piece in before)
            bare = 2 <= len(name) <= MAX_ISSUER and not re.search("[《》。，]", name)
            return before if bare and is_organisation(name) else []
    return []


def _fuller(text: str, name: Span, title: list[Span]) -> Span:
    """The name as the title opens with it, its place before it; `name` itself where the title does not."""
    said = name.of(text)
    place = r"[\u4e00-\u9fff]{2,12}?" + (
        f"(?=[{DIVISIONS}]|自治)" if said.startswith((*DIVISIONS, "自治")) else f"(?<=[{DIVISIONS}])"
    )
    opening = re.match(place + re.escape(said), title[0].of(text)) if title else None
    return Span(title[0].start, title[0].start + opening.end()) if opening else name


def _first_block(frame: Frame, signed: list[Line]) -> list[Line]:
    """The lines of the first signature: those that stand together."""
    order = {line: i for i, line in enumerate(frame.lines)}
    block = [signed[0]]
    for line in signed[1:]:
        if order[line] - order[block[-1]] > 1:
            break
        block.append(line)
    return block


def _names(line: Line) -> Iterator[Span]:
    for match in re.finditer(r"\S+", line.text):
        yield Span(line.span.start + match.start(), line.span.start + match.end())


def _doc_number(text: str, frame: Frame) -> list[Span]:
    """The number printed on a line of its own or beside the title, or given by the page; never one that is referred to."""
    own = frame.marked("doc_number")
    for line in own:
        match = DOC_NUMBER.search(line.text)
        if match:
            return [Span(line.span.start + match.start(), line.span.start + match.end())]
    if own:
        return [line.span for line in own[:2]]
    for span in _page_data(frame, "doc_number"):
        match = DOC_NUMBER.search(span.of(text))
        if match:
            return [Span(span.start + match.start(), span.start + match.end())]
    return []


def _issued(text: str, frame: Frame) -> tuple[date | None, Span | None]:
    """The date under the first signature, with the number, of issue after the page, on a line of its own, of publication."""
    order = {line: i for i, line in enumerate(frame.lines)}
    signatures = {order[line] for line in frame.marked("signature")}
    dates = frame.marked("date")
    for line in dates:
        if order[line] - 1 in signatures:
            return _dated(line)
    for line in frame.marked("doc_number"):
        if DATED_NUMBER.fullmatch(line.text):
            return _dated(line)
    if issued := _dated_by_page(text, frame, "issued_on"):
        return issued
    own = next((line for line in dates if CLOCK.search(line.text) is None), None)
    if own:
        return _dated(own)
    if published := _dated_by_page(text, frame, "published_on"):
        return published
    return _dated(dates[0]) if dates else (None, None)


def _dated_by_page(text: str, frame: Frame, name: str) -> tuple[date, Span] | None:
    """The first day that the page's own data give under the labels of `name`, and where."""
    spans = _page_data(frame, name)
    return next(((day, span) for span in spans if (day := read_date(span.of(text)))), None)


def _dated(line: Line) -> tuple[date | None, Span | None]:
    match = DATE.search(line.text)
    if not match:
        return None, None
    return read_date(line.text), Span(line.span.start + match.start(), line.span.start + match.end())


def _page_data(frame: Frame, *names: str) -> Iterator[Span]:
    """The values that the page's own data give for `names`, from the surest label to the least: beside it or on the next line."""
    given: dict[str, list[Span]] = {}
    for index, line in enumerate(frame.lines):
        if frame.reasons.get(index) != "metadata":
            continue
        data = data_of(line.text)
        for datum in data:
            if datum.start < datum.end:
                value = Span(line.span.start + datum.start, line.span.start + datum.end)
                given.setdefault(datum.label, []).append(value)
        if data and data[-1].start == data[-1].end and index + 1 < len(frame.lines):
            given.setdefault(data[-1].label, []).append(frame.lines[index + 1].span)
    for name in names:
        for label in labels_of(name):
            yield from given.get(label, ())


def _kind(titles: list[str], frame: Frame) -> DocumentKind:
    """The kind of what the circular carries: of its first part where it encloses, else of its own title."""
    enclosed = next(
        (
            "".join(line.text for line in part.title)
            for part in frame.parts
            if part.title and not part.attached
        ),
        None,
    )
    for title in filter(None, (enclosed, *titles)):
        kind = kind_of_title(title)
        if kind:
            return cast(DocumentKind, kind)
    return "notice" if frame.marked("addressee") else "other"


def _year(titles: list[str], issued_on: date | None) -> int | None:
    """The year that a title names, of a summary and a plan the plan's; else, and for a plan of several years, that of issue."""
    for title in titles:
        if YEAR_RANGE.search(title):
            return issued_on.year if issued_on else None
        named = TITLE_YEAR.findall(title)
        if named:
            return max(map(int, named))
    return issued_on.year if issued_on else None


def _year_of_number(number: str) -> int | None:
    """The year in a 发文字号: when the circular was issued, where nothing else says so."""
    match = NUMBER_YEAR.search(number)
    return int(match.group(1)) if match else None


def _year_named(frame: Frame) -> int | None:
    """The first year that what stands before the outline is about: 为做好2014年度防汛工作."""
    lines = (*frame.marked("cover"), *frame.marked("preamble"))
    found = next((match for line in lines if (match := TASK_YEAR.search(line.text))), None)
    return int(found.group(1)) if found else None
