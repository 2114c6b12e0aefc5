"""The lines of a clean text, and the shapes of line that frame a circular: titles, dates, numbers, signatures."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import cache

from extractor.model import Span
from extractor.outline.labels import Label, label_at
from extractor.outline.lexicon import rows
from extractor.text.numerals import parse_numeral

DATE = re.compile(
    r"([12]\d{3}|[一二][〇○◯零0OＯΟО一二三四五六七八九]{3}) ?年 ?(\d{1,2}|[一二三四五六七八九十]{1,3}) ?月 ?(\d{1,2}|[一二三四五六七八九十]{1,3}) ?日"
    r"|([12]\d{3})[-/.](\d{1,2})[-/.](\d{1,2})"
)
DATE_LINE = re.compile(rf"[（(]?\s*(?:{DATE.pattern})\s*[）)]?(?: ?\d{{1,2}}:\d{{2}}(?::\d{{2}})?)?")
DATED_NOTE = re.compile(
    rf"（(?:{DATE.pattern})[^（）]{{0,40}}(?:通过|发布|公布|印发|施行|修订|批准|签发)[^（）]{{0,60}}）"
)
DOC_NUMBER = re.compile(
    r"[\u4e00-\u9fff]{1,14}(?:（[\u4e00-\u9fff]{1,6}）)? ?[〔\[（【] ?(?:19|20)\d{2} ?[〕\]）】] ?(?:第 ?)?\d{1,4} ?号"
)
BRACKETED_NUMBER = re.compile(rf"（{DOC_NUMBER.pattern}）")
SIGNED_AND_DATED = re.compile(rf"([^。；：，！？《》“”\d]{{2,40}}?) (?:{DATE.pattern})")
"""The office and the date on one line, where letterheads and signatures have little room."""
DATED_NUMBER = re.compile(rf"（(?:{DATE.pattern}) ?(?:{DOC_NUMBER.pattern})）")
"""（2023年3月6日 临政发〔2023〕4号） under a title, as collections print it."""
ORGANISATION = re.compile(
    r"(?:政府|国务院|国家|委员会|办公室|办公厅|指挥部|领导小组|联席会议|管委会|[局委办部厅署院会团行社所站队司]|[大中小]学校?|学校|中心校|幼儿园|督查室|办事处|管理处|中心|公司|集团|银行|法院|检察院|组织部|宣传部|总工会|妇联)(?:（[^（）]{1,12}）)?"
)
MUST = r"(?<![重主需纪概摘纲提首简扼紧])要(?![求点素件闻义领])"
"""要 as a word of duty: not in 主要 or 纲要, not in 要求 or 要点."""
LETTERHEAD = re.compile(r"[^。，；：]{2,60}(?:文件|公报|内部明电|传真电报)")
NAMED = re.compile(r"《([^《》]+(?:《[^《》]*》[^《》]*)*)》")
"""A title in its marks, with those that stand in it."""
SUFFIX_NOTE = re.compile(r"(?:（[^（）]{1,24}）|[ ]*\d{4}[—\-－–~～]\d{4}年?)+$")
ENCLOSES = re.compile(r"关于(?:印发|转发|发布|公布|下发|颁布)")
ENDS_ENCLOSING = re.compile(r"(?:通知|通报|通告|公告|公报|函|决定|令|批复)(?:（[^（）]*）)?$")
"""What 关于印发…方案的 still lacks: the noun of the circular itself."""
MAX_TITLE = 120


@dataclass(frozen=True, slots=True)
class Line:
    """A line with something on it, without the spaces at its edges."""

    span: Span
    text: str

    @property
    def label(self) -> Label | None:
        """The label with which the line opens; its offsets count from the beginning of the text."""
        return label_of(self)


@cache
def label_of(line: Line) -> Label | None:
    """The label with which `line` opens, in offsets of the text the line stands in."""
    found = label_at(line.text, 0, len(line.text))
    if found is None:
        return None
    at = line.span.start
    return Label(
        found.style, found.value, Span(found.number.start + at, found.number.end + at), found.end + at
    )


def lines_of(text: str) -> list[Line]:
    """The lines of `text` that are not empty."""
    found, at = [], 0
    for raw in text.split("\n"):
        line = raw.strip()
        if line:
            start = at + raw.index(line[0])
            found.append(Line(Span(start, start + len(line)), line))
        at += len(raw) + 1
    return found


def read_date(text: str) -> date | None:
    """The first full date in `text`, in Arabic or Chinese figures."""
    for match in DATE.finditer(text):
        year, month, day = (parse_numeral(g) for g in match.groups() if g)
        try:
            return date(year or 0, month or 0, day or 0)
        except ValueError:
            continue
    return None


def genre_of(title: str) -> str | None:
    """The kind of document that a title's last noun names, or None where it is no title."""
    title = title.replace(" ", "")
    bare = SUFFIX_NOTE.sub("", title.rstrip(" |”》〉")).rstrip("》〉”（） ")
    return next((kind for noun, kind in _genres() if bare.endswith(noun)), None)


@cache
def _genres() -> tuple[tuple[str, str], ...]:
    """Genre nouns and kinds, the longest noun first."""
    return tuple(sorted(((r[0], r[1]) for r in rows("genres.tsv")), key=lambda row: -len(row[0])))


def is_title(text: str) -> bool:
    """Whether a line, or some lines joined, can be a title: one noun phrase that ends in the name of a genre."""
    text = within_title_marks(text.rstrip(" |")).replace(" ", "")
    if not 4 <= len(text) <= MAX_TITLE or re.search(r"[。；：！？]|，.*，", text):
        return False
    if ENCLOSES.search(text) and not ENDS_ENCLOSING.search(text):
        return False
    return genre_of(text) is not None and label_at(text, 0, len(text)) is None


def within_title_marks(text: str) -> str:
    """What a pair of 《》 around the whole of `text` encloses; `text` where there is none."""
    return text[1:-1] if text.startswith("《") and text.find("》") == len(text) - 1 else text


def is_organisation(text: str) -> bool:
    """Whether a line names an issuer, or several side by side: short, no stop, each name with an organisation's ending."""
    if len(text) > 80 or re.search(r"[。；：，！？《》“”\d]|网站$", text):
        return False
    return all(re.search(ORGANISATION.pattern + "$", name) for name in text.split())


def folded(text: str) -> str:
    """`text` as it is compared: without spaces, quotation marks and brackets of titles."""
    return re.sub(r"[\s“”\"'‘’《》〈〉]", "", text)
