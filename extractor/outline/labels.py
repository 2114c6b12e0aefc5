"""The labels that number an outline: 第一章, 一、, （一）, 1., （1）, ①, 一是 … and what each counts.

Order of rank after GB/T 9704-2012, 7.3.3: 一、 above （一） above 1. above （1）; the others by usage.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from extractor.model import Span
from extractor.text.numerals import parse_numeral

HAN_NUMERAL = "[一二三四五六七八九十百零〇]{1,5}"

STYLES: dict[str, re.Pattern[str]] = {
    "division": re.compile(rf"(?P<number>第({HAN_NUMERAL})部分) ?[：、]? ?"),
    "book": re.compile(rf"(?P<number>第({HAN_NUMERAL}|\d{{1,3}})编) ?"),
    "chapter": re.compile(rf"(?P<number>第({HAN_NUMERAL}|\d{{1,3}})章) ?"),
    "section": re.compile(rf"(?P<number>第({HAN_NUMERAL}|\d{{1,3}})节) ?"),
    "article": re.compile(rf"(?P<number>第({HAN_NUMERAL}|\d{{1,3}})条) ?"),
    "han": re.compile(rf"(?P<number>({HAN_NUMERAL}))(?: ?[、.] ?| (?=[\u4e00-\u9fff“]{{2,24}}$))"),
    "han_paren": re.compile(rf"(?P<number>(?:（ ?)?({HAN_NUMERAL}) ?）|（({HAN_NUMERAL})(?=、))[、.]? ?"),
    "box": re.compile(rf"(?P<number>专栏 ?({HAN_NUMERAL}|\d{{1,2}}))[：、 ]* ?"),
    "lost": re.compile(r"(?P<number>（ ?）)[、.]? ?"),
    "lost_mark": re.compile(r"(?P<number>)、 ?(?=[\u4e00-\u9fff“])"),
    "phase": re.compile(rf"(?P<number>第({HAN_NUMERAL})(?:阶段|步)) ?(?=[：（，。、])[：，。、]? ?"),
    "decimal": re.compile(r"(?P<number>(\d{1,2}(?:\.\d{1,2}){1,3}))(?![\d年月%‰亿万元个])[、.]? ?"),
    "arabic": re.compile(r"(?P<number>(\d{1,3})) ?[.、](?:(?!\d)|(?=(?:19|20)\d{2}年)) ?"),
    "arabic_paren": re.compile(r"(?P<number>（? ?(\d{1,3}) ?）)[、.]? ?"),
    "circled": re.compile(r"(?P<number>([①-⑳㉑-㉟]))[、.]? ?"),
    "parenthesised": re.compile(r"(?P<number>([⑴-⒇]))[、.]? ?"),
    "stopped": re.compile(r"(?P<number>([⒈-⒛])) ?"),
    "letter": re.compile(
        r"(?P<number>（?([A-Za-z])）|([A-Za-z])(?=[.、）])（?)[.、）]? ?(?=[\u4e00-\u9fff])"
    ),
    "dash": re.compile(r"(?P<number>)[—―－-]{1,2} ?(?=[\u4e00-\u9fff“])"),
    "bullet": re.compile(r"(?P<number>)[●○◆◇■□▪•·※★] ?(?=[\u4e00-\u9fff“])"),
    "bare": re.compile(r"(?P<number>(\d{1,2})) ?(?=[\u4e00-\u9fff“])"),
}

RANK = {
    style: rank
    for rank, styles in enumerate(
        (
            ("division", "book"),
            ("chapter",),
            ("section",),
            ("article", "han", "lost_han"),
            ("han_paren", "lost"),
            ("box",),
            ("arabic", "stopped", "bare", "lost_arabic"),
            ("decimal1",),
            ("decimal2",),
            ("decimal3",),
            ("arabic_paren", "phase", "parenthesised"),
            ("circled",),
            ("letter",),
            ("dash", "bullet"),
            ("ordinal",),
        )
    )
    for style in styles
}

UNNUMBERED = ("dash", "bullet")
SAME_COUNT = {
    "lost": "han_paren",
    "lost_han": "han",
    "lost_arabic": "arabic",
    "stopped": "arabic",
    "bare": "arabic",
    "parenthesised": "arabic_paren",
}
"""Styles that count with another one: a lost `()` stands where （一） stood, ⒈ is 1. printed as one character."""
MARKED = {"han": "lost_han", "arabic": "lost_arabic"}
"""Styles that 、 follows, and what a label of theirs is called of which nothing but the 、 is left."""


def level_of(style: str) -> str:
    """The style that labels of `style` count with."""
    return SAME_COUNT.get(style, style)


@dataclass(frozen=True, slots=True)
class Label:
    """A label as found: its style, what it counts (None where lost), its number as printed, where the text begins."""

    style: str
    value: int | None
    number: Span
    end: int

    @property
    def start(self) -> int:
        """Where the label begins."""
        return self.number.start

    @property
    def level(self) -> str:
        """The style it counts with."""
        return level_of(self.style)


def label_at(text: str, start: int, end: int) -> Label | None:
    """The label with which `text[start:end]` opens, or None."""
    for style, pattern in STYLES.items():
        match = pattern.match(text, start, end)
        if match and (style != "bare" or _is_bare_label(text, match.end(), end)):
            inner = next((g for g in match.groups()[1:] if g), None)
            dots = match.group("number").count(".") if style == "decimal" else 0
            return Label(
                f"{style}{dots or ''}", _value(style, inner), Span(*match.span("number")), match.end()
            )
    return None


MEASURE_WORDS = "年月日号时秒个项次家人名条份点处所户亿万元米吨亩部类岁周天届批大件多余以至到级期路种倍成组辆台支座位场轮县市区乡镇村"


def _is_bare_label(text: str, body: int, end: int) -> bool:
    """A number that has lost its mark, as in "1总体目标": a short heading, not a count ("12个部门…")."""
    return (
        end - body <= 20
        and (text[body] not in MEASURE_WORDS or text[body - 1] == " ")
        and not re.search(r"[。；，：]", text[body:end])
    )


def _value(style: str, inner: str | None) -> int | None:
    if inner is None:
        return None
    if style == "decimal":
        return int(inner.rsplit(".", 1)[1])
    if style == "letter":
        return ord(inner.lower()) - ord("a") + 1
    for first in "①⑴⒈":
        if ord(first) <= ord(inner[0]) < ord(first) + 20:
            return ord(inner[0]) - ord(first) + 1
    if "㉑" <= inner <= "㉟":
        return ord(inner) - ord("㉑") + 21
    return parse_numeral(inner)


ORDINAL_FAMILIES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("ordinal", re.compile(r"([一二三四五六七八九十]{1,3})(?:是要|是|要|则)(?![一个否])")),
    ("ordinal", re.compile(r"第([一二三四五六七八九十]{1,2})(?=[，、：])")),
    ("ordinal", re.compile(r"(首先|其次|再次|最后)(?=[，、：\u4e00-\u9fff])")),
    ("arabic_paren", re.compile(r"（(\d{1,2})）")),
    ("circled", re.compile(r"([①-⑳])")),
    ("parenthesised", re.compile(r"([⑴-⒇])")),
    ("arabic", re.compile(r"(\d{1,2})[.、](?=[\u4e00-\u9fff“])")),
    ("arabic_paren", re.compile(r"(?<![（\d])(\d{1,2})）")),
)
SEQUENCE_WORDS = {"首先": 1, "其次": 2, "再次": 3, "最后": 4}
CLAUSE_START = re.compile(r"(?:^|[。；：！？，\n”）]) ?$")
MIN_CHILD_LENGTH = 6


def run_in_labels(text: str, span: Span) -> list[Label]:
    """The labels that number pieces of work inside a running text (一是…；二是…), from the first family that counts 1, 2 ….

    A sequence that starts again at 1 is followed too. One label alone numbers nothing.
    """
    for style, pattern in ORDINAL_FAMILIES:
        found: list[Label] = []
        for match in pattern.finditer(text, span.start, span.end):
            if not CLAUSE_START.search(text[max(span.start, match.start() - 2) : match.start()]):
                continue
            following = (found[-1].value or 0) + 1 if found else 1
            value = SEQUENCE_WORDS.get(match.group(1)) or _value(style, match.group(1))
            if found and match.group(1) == "最后":
                value = following
            if value in (1, following):
                number = match.span(1) if style == "arabic" else match.span()
                found.append(Label(style, value, Span(*number), match.end()))
        found = _without_lonely(found)
        if len(found) >= 2 and all(
            after.start - before.end >= MIN_CHILD_LENGTH for before, after in pairwise(found)
        ):
            return found
    return []


def _without_lonely(labels: list[Label]) -> list[Label]:
    """Leave out each 1 that no 2 follows."""
    return [
        label
        for index, label in enumerate(labels)
        if label.value != 1 or (index + 1 < len(labels) and labels[index + 1].value == 2)
    ]
