"""What the name of a unit looks like, and how a list of names is taken apart.

Names are known by how they end (局, 委员会, 部门 …) and by what stands before collectives (各, 有关 …), from the lexicons;
no word segmentation takes part, for it cuts names it has not seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property, lru_cache
from pathlib import Path

from extractor.fields.lexicons import any_of, any_pattern_of, user_units, words
from extractor.model import Span

COLLECTIVE_HEAD = (
    r"(?:(?:全[省市县区])?各(?!自|项|种|方|环节|领域|界|国)|有关|相关|其他|其它|本(?=部门|单位|地区|级)|所有|沿[江海河湖线边街黄淮](?=[乡镇县市区街村各])|当地|地方|属地|基层|事发地|所在地|"
    r"[省市县区镇乡村]直|[省市县区](?:各|有关|相关)|(?:城区|辖区内?|片区内?|区域内|沿线)(?:各|有关|相关)|国务院(?:各|有关)|中央|驻|[省市县区乡镇]级|[局厅委院]?机关(?=各|有关|相关)|[一二三四两]级|省属|市属|县属|区属|下属|所属|"
    r"[\u4e00-\u9fff]{0,4}(?:行政|主管|职能|监管|责任|牵头|配合|成员|试点|重点|承办)(?=部门|单位|机关|机构|企业|地区))"
)
BRACKET = r"（[^（）。；：\n]{1,16}）"
PAIR_JOINT = (
    r"(?:(?<=党委)|(?<=党组)|(?<=党工委)|(?<=党组）))[、和](?=(?:人民)?政府(?![办研督参部])|管委会|办事处)"
)
"""What joins the halves of one name, of which the second alone names nobody: 各级党委、政府, 街道党工委、办事处."""
CONJUNCTION = re.compile(rf"(?!{PAIR_JOINT})(?:以及|及其|[和与及暨])")
JOINED = re.compile(r"(?:以及|[和及与])(?=各)")
"""What joins one more unit to a tail that sums up: …等有关部门及各地区."""
NUMBERED = r"\d(?=\d*(?:急救|报警|接处警|指挥|热线|政务|便民))"
"""A digit that belongs to a name: 120急救中心, 12345热线办公室."""
WRITTEN_LIKE_A_NAME = re.compile(
    rf"(?:[^\d，。；：]|{NUMBERED})*[\u4e00-\u9fff](?:[^\d，。；：]|{NUMBERED})*"
)
NO_BODY = re.compile(
    r".*(?:[年月][底末终]|年内|月内|期间|季度|半年|全年|上旬|中旬|下旬)[前内底末]?|.{0,8}[汛节期]前|“?十[三四五六]五”?.*"
    r"|(?:.*(?:长期|持续|常态化?|定期|逐步|分批|同步)|每[年季月周日]).{0,6}"
)
"""What stands in a list of names and is a time or a manner: （市教育局牵头，年底前完成）."""
SEPARATORS = re.compile(rf"(?!{PAIR_JOINT})(?:[、，；/／|]|\s+)")
TAIL_WORDS = re.compile(
    r"(?:(?:按照|按|依据|根据)(?:各自)?(?:的)?(?:职责|职能|分工|工作职责|任务分工)[^、]*|(?:共同|联合|分别|具体|统一|主要|分工|各自|牵头|负责|配合|落实|等)+)$"
)
REMARK = re.compile(r"（(?:以?下同|后同|以下[简统]称[^（）]*)）$")
"""What stands in brackets behind a name and says something of the text: 管委会（下同）."""
TOWN = re.compile(
    r"(?![各本该每全])[\u4e00-\u9fff]{2,3}(?:(?<![小城集古市重心色点范贫新乡])镇|(?<![水老家故他返回下城还异入归])乡|街道)"
)
"""A town by its name (青岩镇), not a kind of town (特色小镇, 中心镇)."""
ONE_CHAR_ENDINGS = "局厅委办部队科股"
MAX_NAME = 30


class UnitLexicon:
    """Recognises names of units; `extra` are names of the user's own, which count wherever they stand."""

    def __init__(self, extra: Sequence[str] = ()) -> None:
        self.extra = tuple(extra)

    @classmethod
    @lru_cache(maxsize=8)
    def load(cls, path: Path | None = None) -> UnitLexicon:
        """The built-in lexicon, with the names of the user's file at `path` added."""
        return cls(user_units(path) if path else ())

    @cached_property
    def ending(self) -> re.Pattern[str]:
        """How any name, or a member of a list, may end."""
        return re.compile(any_of(words("unit_suffixes.tsv")))

    @cached_property
    def _name_ending(self) -> re.Pattern[str]:
        names = words("unit_suffixes.tsv", "name") + words("unit_suffixes.tsv", "body")
        return re.compile(any_of(names) + rf"(?:{BRACKET})?$")

    @cached_property
    def _body(self) -> re.Pattern[str]:
        bodies = any_of(words("unit_suffixes.tsv", "body"))
        return re.compile(rf"(?P<whose>[\u4e00-\u9fff]{{0,14}}?){bodies}(?:{BRACKET})?")

    @cached_property
    def _any_ending(self) -> re.Pattern[str]:
        return re.compile(any_of(words("unit_suffixes.tsv")) + rf"(?:{BRACKET})?$")

    @cached_property
    def _collective_endings(self) -> frozenset[str]:
        return frozenset(words("unit_suffixes.tsv", "collective"))

    @cached_property
    def short(self) -> re.Pattern[str]:
        """Names that no ending shows, and the user's own."""
        own = f"|{any_of(self.extra)}" if self.extra else ""
        return re.compile(any_pattern_of("short_units.tsv") + own)

    @cached_property
    def _collective(self) -> re.Pattern[str]:
        return re.compile(COLLECTIVE_HEAD)

    @cached_property
    def _no_ending(self) -> re.Pattern[str]:
        return re.compile(any_of(words("not_units.tsv", "end")) + "$")

    @cached_property
    def _no_name(self) -> frozenset[str]:
        return frozenset(words("not_units.tsv", "whole"))

    @cached_property
    def no_subject(self) -> re.Pattern[str]:
        """How no name begins that stands in running text."""
        return re.compile(any_pattern_of("not_subjects.tsv"))

    @cached_property
    def generic_tail(self) -> re.Pattern[str]:
        """What behind 等 only sums up: 有关部门, 5个单位 …."""
        return re.compile(any_pattern_of("generic_tails.tsv"))

    def is_name(self, words: str) -> bool:
        """Whether `words` by themselves are the name of a unit, single or collective."""
        if not 2 <= len(words) <= MAX_NAME or words in self._no_name or self._no_ending.search(words):
            return False
        if words in self.extra or self.short.fullmatch(words) or TOWN.fullmatch(words):
            return True
        if self._collective.match(words) and self._any_ending.search(words):
            return True
        ending = self._name_ending.search(words)
        return ending is not None and (ending.group() not in ONE_CHAR_ENDINGS or len(words) >= 3)

    def is_body(self, words: str, bare: bool = False) -> bool:
        """Whether `words` show by how they end that they are a name: 柳河派出所, 人事科; `bare`, by the ending alone: 督导室."""
        body = self._body.fullmatch(words)
        return body is not None and (bare or len(body.group("whose")) >= 2)

    def ends_as_name(self, words: str) -> bool:
        """Whether the last of `words` could be the name of a unit."""
        return self._any_ending.search(words) is not None

    def is_class(self, words: str) -> bool:
        """Whether `words` by themselves only name a kind of place: 乡镇, 街道, 属地."""
        return words in self._collective_endings or self._collective.fullmatch(words) is not None

    def is_member(self, words: str) -> bool:
        """Whether `words` can be a name beside others in a list: 自治区, 智库, 市 … too."""
        return self.is_name(words) or (
            words not in self._no_name
            and bool(self._any_ending.search(words))
            and not self._no_ending.search(words)
        )

    def members(self, text: str, span: Span) -> list[Span]:
        """The names in a list that is known to be one, as inside （…负责）: every member counts, whatever its ending.

        Generic tails (…等有关部门), duties (按职责分工) and the words of conjunction are left out; names that hold 和 or 、
        themselves (文化和旅游局, 县（市、区）) stay whole.
        """
        found: list[Span] = []
        after_tail = False
        for piece in self._whole_pieces(text, _without_tail(text, span)):
            words = piece.of(text)
            until = re.search(r"等(?!级)", words)
            if until:
                rest = words[until.end() :]
                generic = self.generic_tail.match(rest)
                joined = JOINED.match(rest, generic.end()) if generic else None
                if joined and not self.generic_tail.fullmatch(rest):
                    found += self._split_joined(
                        text, _trimmed(text, Span(piece.start, piece.start + until.start()))
                    )
                    piece = Span(piece.start + until.end() + joined.end(), piece.end)
                else:
                    piece = Span(piece.start, piece.start + until.start())
                after_tail = not rest or bool(self.generic_tail.fullmatch(rest))
                if not piece.of(text):
                    continue
            elif after_tail and self.generic_tail.fullmatch(words):
                continue
            found += self._split_joined(text, _trimmed(text, piece))
        return [
            span
            for span in found
            if WRITTEN_LIKE_A_NAME.fullmatch(span.of(text))
            and span.end - span.start <= MAX_NAME
            and not NO_BODY.fullmatch(span.of(text))
        ]

    def _whole_pieces(self, text: str, span: Span) -> Iterator[Span]:
        """The stretches between separators; a space parts names only, for a narrow column breaks a name with one."""
        held: Span | None = None
        for piece in _pieces(text, span):
            broken = held and text[held.end : piece.start].isspace() and not self.is_member(held.of(text))
            if held and not broken:
                yield held
            held = Span(held.start, piece.end) if held and broken else piece
        if held:
            yield held

    def _split_joined(self, text: str, span: Span) -> Iterator[Span]:
        """Take apart 各地区各有关部门, A和B, and 市A局市B局 that has lost its 、, where what stands before is a name."""
        words = span.of(text)
        own_place = f"|(?={words[0]})" if words and words[0] in "省市县区州" else ""
        for joint in re.finditer(f"(?<=.)(?:(?=各){own_place})", words):
            left, right = words[: joint.start()], words[joint.start() :]
            collective = left.startswith("各") and right.startswith("各")
            if self.is_name(left) and (collective or (right[0] == words[0] and self.is_name(right))):
                yield Span(span.start, span.start + joint.start())
                yield from self._split_joined(text, Span(span.start + joint.start(), span.end))
                return
        for joint in CONJUNCTION.finditer(words):
            left, right = words[: joint.start()], words[joint.end() :]
            if (
                self.is_name(left)
                and len(right) >= 2
                and not re.match(r"(?:其)?(?:社会)?(?:保障|规划|改革)", right)
            ):
                yield Span(span.start, span.start + joint.start())
                yield from self._split_joined(text, Span(span.start + joint.end(), span.end))
                return
        if words:
            yield span


def _pieces(text: str, span: Span) -> Iterator[Span]:
    """The stretches between separators, those inside brackets left alone."""
    depth, at = 0, span.start
    index = span.start
    while index < span.end:
        char = text[index]
        depth += (char == "（") - (char == "）")
        match = SEPARATORS.match(text, index, span.end) if depth <= 0 else None
        if match:
            yield Span(at, index)
            at = index = match.end()
        else:
            index += 1
    yield Span(at, span.end)


def _trimmed(text: str, span: Span) -> Span:
    words = span.of(text)
    left = len(words) - len(words.lstrip(" 。：由"))
    right = len(words.rstrip(" 。：；"))
    if words.count("）") > words.count("（") and words.rstrip(" 。：；").endswith("）"):
        right -= 1
    remark = REMARK.search(words[:right])
    if remark:
        right = remark.start()
    return Span(span.start + left, max(span.start + left, span.start + right))


def _without_tail(text: str, span: Span) -> Span:
    words = span.of(text).rstrip(" 。；，")
    tail = TAIL_WORDS.search(words)
    while tail:
        words = words[: tail.start()]
        tail = TAIL_WORDS.search(words)
    return Span(span.start, span.start + len(words))
