"""Other documents that a circular refers to: 《…》 with the number behind it, bare 国办发〔2020〕7号, and in what relation.

What the circular itself is called, and what it encloses, is no reference; nor are forms, papers and books in 《》.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal, cast

from extractor.model import Relation, Span
from extractor.outline.frame import DECREE
from extractor.outline.lexicon import rows
from extractor.outline.lines import DOC_NUMBER, NAMED, SUFFIX_NOTE, folded
from extractor.outline.outline import Outline

Meaning = Relation | Literal["encloses"]
Place = Literal["before", "touching", "behind", "later"]
"""Where a word stands that says how a document is meant: see lexicon/citation_words.tsv."""

NOT_PROSE = {
    "attachment",
    "chrome",
    "contents",
    "date",
    "doc_number",
    "letterhead",
    "metadata",
    "related_links",
    "signature",
}
"""Reasons of stretches that list titles and numbers without saying anything of them."""
MAX_TITLE = 160
CONTEXT = 60
"""How many characters before and behind a document are looked at for words that say how it is meant."""

ANY_NUMBER = re.compile(rf"(?:{DOC_NUMBER.pattern})|(?:{DECREE.pattern}（?第 ?\d{{1,4}} ?号）?)")
OFFICE_CODE = re.compile(r"[\u4e00-\u9fff]+")
BRACKET = re.compile(r" ?（(?P<inside>[^（）\n]*(?:（[^（）\n]*）[^（）\n]*)*)）")
SHORT_NAME = re.compile(r"[统简]称为?：?[《“](?P<name>[^《》“”\n]{1,40})[》”]")
NAMES_SHORTLY = re.compile(r"[统简]称为?：?$")
OWN_ENCLOSURE = r".*(?:印发|下发|发布|公布|颁布)"
JOINT = re.compile(r" ?(?:(?:[、和及与或]|以及|或者)[^，。；：！？、\n]{0,16})?")
"""Between two documents of one list: 《甲》《乙》, 《甲》和省政府《乙》."""
CLAUSE_END = re.compile(r"[，。；：！？\n]")
SENTENCE_END = re.compile(r"[。；！？\n]")
SPACE_BESIDE_HAN = re.compile(r"(?<=[^\x00-\x7f])\s+|\s+(?=[^\x00-\x7f])")


@dataclass(frozen=True, slots=True)
class Reference:
    """A document referred to in clean text: the whole of it, its title and short name, and where its number stands."""

    span: Span
    title: str | None = None
    number: Span | None = None
    short_name: str | None = None
    meaning: Meaning = "mentions"

    @property
    def relation(self) -> Relation:
        """What the circular is to it."""
        return "mentions" if self.meaning == "encloses" else self.meaning


def find_citations(text: str, outline: Outline) -> list[Reference]:
    """The documents that a clean text refers to, in its order.

    A short name that the text has introduced (以下简称《办法》) gets the title and number it stands for.
    """
    found = _related(text, _references(text, outline))
    own = _own_names(text, outline)
    introduced = {folded(one.short_name): one for one in reversed(found) if one.short_name}
    kept: list[Reference] = []
    for one in found:
        full = introduced.get(folded(one.title or ""), one)
        meant = replace(one, title=full.title, number=one.number or full.number)
        is_own = "encloses" in (one.meaning, full.meaning) or _is_own(text, meant, own)
        if not is_own and _is_document(text, meant):
            kept.append(meant)
    return kept


# ---------------------------------------- finding them


def _references(text: str, outline: Outline) -> list[Reference]:
    """Everything in 《》 and every number outside it, in the order of the text."""
    prose = _blanked(text, [span for span, reason in outline.left_out if reason in NOT_PROSE])
    titled = [_titled(prose, found) for found in NAMED.finditer(prose) if _may_be_title(prose, found)]
    rest = _blanked(prose, [one.span for one in titled])
    numbers = [_without_words_before(rest, found) for found in ANY_NUMBER.finditer(rest)]
    coded = [Reference(span, number=span) for span in numbers if OFFICE_CODE.match(rest, span.start)]
    return sorted([*titled, *coded], key=lambda one: one.span)


def _blanked(text: str, spans: Iterable[Span]) -> str:
    """`text` with line breaks for the characters of `spans`, all others at their places."""
    pieces, at = list[str](), 0
    for span in sorted(spans):
        if span.end > at:
            pieces += [text[at : span.start], "\n" * (span.end - max(at, span.start))]
            at = span.end
    return "".join([*pieces, text[at:]])


def _may_be_title(text: str, found: re.Match[str]) -> bool:
    """Whether 《》 are near enough for a title, which may run over two lines, and not just introduce its short name."""
    before = text[max(0, found.start() - 6) : found.start()]
    return len(found[1]) <= MAX_TITLE and found[1].count("\n") <= 1 and not NAMES_SHORTLY.search(before)


def _titled(text: str, found: re.Match[str]) -> Reference:
    """A title with the number that stands behind it, in a bracket or without, and the short name given there."""
    title = SPACE_BESIDE_HAN.sub("", " ".join(found[1].split()))
    start, end = found.span()
    number, short_name = None, None
    if bracket := BRACKET.match(text, end):
        inside = bracket.span("inside")
        if printed := ANY_NUMBER.search(text, *inside):
            number, end = _without_words_before(text, printed), bracket.end()
        if introduced := SHORT_NAME.search(text, *inside):
            short_name = introduced["name"]
    elif (printed := ANY_NUMBER.match(text, end)) and _without_words_before(text, printed).start == end:
        number, end = Span(*printed.span()), printed.end()
    return Reference(Span(start, end), title, number, short_name)


def _without_words_before(text: str, found: re.Match[str]) -> Span:
    """The number alone: its code begins behind the last word that is none, 国办发 in 根据国办发 and 和国办发."""
    code = OFFICE_CODE.match(found.group())
    words = _words_before_number().findall(code.group()) if code else []
    start = found.start() + sum(map(len, words))
    follows_another = text[max(0, start - 1) : start] in ("号", "》", "）", "\n")
    return Span(start + (follows_another and text[start] in "和及与"), found.end())


@cache
def _words_before_number() -> re.Pattern[str]:
    """Everything up to a word that stands before a number and is in no code of an office."""
    words = [row[0] for row in rows("citation_words.tsv") if row[2] == "before"]
    return re.compile(rf".*?(?:{'|'.join(words)}|文件|通知|[号的了以等按据见由在对])")


# ---------------------------------------- how they are meant


def _related(text: str, found: list[Reference]) -> list[Reference]:
    """The references with what is meant by them: by the words before, else by those behind, shared within a list."""
    related: list[Reference] = []
    for one in found:
        last = related[-1] if related else None
        said = _said_before(text, one, last.span.end if last else 0)
        if said is None and last and _in_one_list(text, last, one):
            said = last.meaning
        related.append(replace(one, meaning=said or "mentions"))
    for i, one in reversed(list(enumerate(related))):
        if one.meaning == "mentions":
            following = related[i + 1] if i + 1 < len(related) else None
            said = _said_behind(text, one)
            if said is None and following and _in_one_list(text, one, following):
                said = following.meaning
            related[i] = replace(one, meaning=said or "mentions")
    return related


def _said_before(text: str, one: Reference, since: int) -> Meaning | None:
    """What the last word that tells says in the clause before a reference, behind the reference before it."""
    clause = CLAUSE_END.split(text[max(since, one.span.start - CONTEXT) : one.span.start])[-1]
    if touching := _words("touching").search(clause):
        return _meaning(touching["word"], "touching")
    words = [found["word"] for found in _words("before").finditer(clause)]
    return _meaning(words[-1], "before") if words else None


def _said_behind(text: str, one: Reference) -> Meaning | None:
    """What the words behind a reference say: 《…》的贯彻落实, 《…》自本办法施行之日起废止."""
    sentence = SENTENCE_END.split(text[one.span.end : one.span.end + CONTEXT], maxsplit=1)[0]
    if behind := _words("behind").match(sentence):
        return _meaning(behind["word"], "behind")
    later = _words("later").match(sentence)
    return _meaning(later["word"], "later") if later else None


def _in_one_list(text: str, one: Reference, following: Reference) -> bool:
    """Whether what is said of one of two references is said of both."""
    between = text[one.span.end : following.span.start]
    return bool(JOINT.fullmatch(between)) and not _words("before").search(between)


@cache
def _words(place: Place) -> re.Pattern[str]:
    """A pattern for the words that tell something from that place."""
    words = sorted((row[0] for row in rows("citation_words.tsv") if row[2] == place), key=len, reverse=True)
    shapes = {"before": "{}", "touching": "{}$", "behind": "的?{}", "later": "[^《》]*?{}"}
    return re.compile(shapes[place].format(f"(?P<word>{'|'.join(words)})"))


@cache
def _meanings() -> dict[tuple[str, str], Meaning]:
    return {(word, place): cast(Meaning, relation) for word, relation, place in rows("citation_words.tsv")}


def _meaning(word: str, place: Place) -> Meaning:
    return _meanings()[word, place]


# ---------------------------------------- what is none


def _own_names(text: str, outline: Outline) -> list[str]:
    """What the circular and its parts are called, and its number, as `folded` has them."""
    facts = outline.facts
    printed = ["".join(span.of(text) for span in spans) for spans in (facts.title, *outline.parts)]
    printed += [span.of(text) for span in facts.doc_number]
    told = [facts.told.get("title", ""), facts.told.get("doc_number", "")]
    return [name for name in map(folded, [*printed, *told]) if name]


def _is_own(text: str, one: Reference, own: list[str]) -> bool:
    """Whether it is the circular itself, or what its title says that it encloses."""
    if one.title is None:
        return one.number is not None and folded(one.number.of(text)) in own
    name = re.escape(folded(one.title))
    return any(re.fullmatch(rf"{name}|{OWN_ENCLOSURE}{name}的?.{{0,8}}", title) for title in own)


def _is_document(text: str, one: Reference) -> bool:
    """Whether it has a number, or a title that is no form's, paper's or book's, nor a mere 《方案》 of nothing named."""
    if one.number or one.title is None:
        return True
    kinds = _not_documents()
    bare = SUFFIX_NOTE.sub("", one.title)
    before = text[max(0, one.span.start - 8) : one.span.start]
    return not (kinds["genre"].fullmatch(bare) or kinds["end"].search(bare) or kinds["before"].search(before))


@cache
def _not_documents() -> dict[str, re.Pattern[str]]:
    """What tells things in 《》 that are no documents: a bare noun, how they end, and what stands before them."""
    nouns = "|".join(noun for noun, _ in rows("genres.tsv"))
    kinds = {"genre": f"(?:实施|工作|行动|若干|指导|总体|专项)*(?:{nouns})"}
    for place in ("end", "before"):
        words = "|".join(pattern for pattern, where in rows("not_documents.tsv") if where == place)
        kinds[place] = f"(?:{words})$"
    return {place: re.compile(pattern) for place, pattern in kinds.items()}
