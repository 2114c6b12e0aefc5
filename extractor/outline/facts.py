"""The circular's own data: title, issuer, number, date of issue, kind, year, with the clean spans they rest on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import cast

from extractor.model import DocumentKind, Span
from extractor.outline.frame import DECREE, Frame, kind_of_title
from extractor.outline.lines import DATE, DOC_NUMBER, Line, is_organisation, read_date

ISSUER_KEYS = (
    "发文机关",
    "发文机构",
    "发文单位",
    "制发机关",
    "发布机构",
    "发布单位",
    "发布机关",
    "公开机构",
    "公开部门",
    "责任部门",
    "信息来源",
    "来源",
)
NUMBER_KEYS = ("发文字号", "文号", "文件编号", "发布文号", "规范性文件编号")
DATE_KEYS = (
    "成文日期",
    "成文时间",
    "发文日期",
    "发文时间",
    "印发日期",
    "生成日期",
    "发布日期",
    "发布时间",
    "公开日期",
    "公开时间",
    "公布日期",
    "时间",
    "日期",
)
OTHER_KEYS = (
    "公开形式",
    "更新时间",
    "是否有效",
    "关键字",
    "文件类别",
    "所属机构",
    "服务对象",
    "索引号",
    "信息索引号",
    "主题分类",
    "信息分类",
    "分类",
    "体裁分类",
    "组配分类",
    "公文种类",
    "主题词",
    "关键词",
    "标题",
    "名称",
    "信息名称",
    "有效性",
    "有效期",
    "时效性",
    "效力状态",
    "公开方式",
    "公开范围",
    "生效日期",
    "废止日期",
    "实施日期",
    "统一登记号",
    "登记号",
    "内容概述",
    "浏览次数",
    "字体",
    "字号",
)
ANY_KEY = "|".join(sorted({*ISSUER_KEYS, *NUMBER_KEYS, *DATE_KEYS, *OTHER_KEYS}, key=len, reverse=True))
KEY_VALUE = re.compile(rf"(?:^|(?<=\s))({ANY_KEY})(?:\s*：\s*|\s+)(\S.*?)(?=\s+(?:{ANY_KEY})(?:\s*：|\s)|$)")
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
    facts.title = [line.span for line in frame.title or next((p.title for p in frame.parts if p.title), [])]
    facts.issuer = _issuer(text, frame, facts.title)
    facts.doc_number = _doc_number(frame)
    facts.issued_on, facts.issued_span = _issued(text, frame)
    facts.issued_on = facts.issued_on or read_date(metadata.get("issued_on", ""))
    titles = ["".join(span.of(text) for span in facts.title) or metadata.get("title", "")]
    titles += ["".join(line.text for line in p.title) for p in frame.parts if p.title and not p.attached]
    facts.kind = _kind(titles, frame)
    facts.names_its_kind = any(map(kind_of_title, titles))
    facts.year = _year(titles, facts.issued_on)
    return facts


def _issuer(text: str, frame: Frame, title: list[Span]) -> list[Span]:
    """Who signed; else whom the page names; else who stands before 关于 in the title; else who is printed over it.

    One name is taken from the title where it is printed there with more before it: 青禾县柳坪镇人民政府, signed by 柳坪镇人民政府.
    """
    signed = frame.marked("signature")
    if signed:
        names = [span for line in _first_block(frame, signed) for span in _names(line)]
        return [_fuller(text, names[0], title)] if len(names) == 1 else names
    for key in ISSUER_KEYS:
        span = next(_metadata(frame, key), None)
        if span and is_organisation(span.of(text)):
            return [_fuller(text, span, title)]
    decree = next((line for line in frame.marked("doc_number") if DECREE.match(line.text)), None)
    if decree:
        return [Span(decree.span.start, decree.span.start + decree.text.index("令"))]
    if title:
        head = re.match(r"([^《》。，]{2,40}?)关于", title[0].of(text))
        if head and is_organisation(head.group(1)):
            return [Span(title[0].start, title[0].start + head.end(1))]
    return []


def _fuller(text: str, name: Span, title: list[Span]) -> Span:
    """The name as the title opens with it, its place before it; `name` itself where the title does not."""
    said = name.of(text)
    place = r"[\u4e00-\u9fff]{2,12}?" + (
        f"(?=[{DIVISIONS}])" if said[0] in DIVISIONS else f"(?<=[{DIVISIONS}])"
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


def _doc_number(frame: Frame) -> list[Span]:
    """The number printed on a line of its own or beside the title, or given by the page; never one that is referred to."""
    own = frame.marked("doc_number")
    for line in own:
        match = DOC_NUMBER.search(line.text)
        if match:
            return [Span(line.span.start + match.start(), line.span.start + match.end())]
    if own:
        return [line.span for line in own[:2]]
    for key in NUMBER_KEYS:
        for span in _metadata(frame, key):
            for line in frame.lines:
                if line.span.covers(span):
                    match = DOC_NUMBER.search(
                        line.text, span.start - line.span.start, span.end - line.span.start
                    )
                    if match:
                        return [Span(line.span.start + match.start(), line.span.start + match.end())]
    return []


def _issued(text: str, frame: Frame) -> tuple[date | None, Span | None]:
    """The date under the first signature; else the page's; else any date on a line of its own or under the title."""
    order = {line: i for i, line in enumerate(frame.lines)}
    signatures = {order[line] for line in frame.marked("signature")}
    dates = frame.marked("date")
    for line in dates:
        if order[line] - 1 in signatures:
            return _dated(line)
    for key in DATE_KEYS:
        for span in _metadata(frame, key):
            day = read_date(span.of(text))
            if day:
                return day, span
    return _dated(dates[0]) if dates else (None, None)


def _dated(line: Line) -> tuple[date | None, Span | None]:
    match = DATE.search(line.text)
    if not match:
        return None, None
    return read_date(line.text), Span(line.span.start + match.start(), line.span.start + match.end())


def _metadata(frame: Frame, key: str) -> Iterator[Span]:
    """The values that the page's own block gives under `key`, beside it or on the next line."""
    for index, line in enumerate(frame.lines):
        if frame.reasons.get(index) != "metadata":
            continue
        if line.text == key and index + 1 < len(frame.lines):
            yield frame.lines[index + 1].span
        for match in KEY_VALUE.finditer(line.text):
            if match.group(1) == key:
                yield Span(line.span.start + match.start(2), line.span.start + match.end(2))


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
