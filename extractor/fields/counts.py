"""How many times, and whether at least or at most: 召开一次, 不少于3次, 2次以上, 1—2次, 一调度."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from extractor.fields.durations import FIGURE, FIGURES, read_counts
from extractor.fields.lexicons import any_of, rows, words
from extractor.model import Bound
from extractor.text.numerals import parse_numeral

JOINT = r"[、和及与]"
ACTIVITY = any_of(words("activities.tsv"))

_AFTER_COUNT = {row[0] for row in rows("bounds.tsv") if row[2] == "after"}
_BOUND_AFTER = any_of(tuple(word for word in words("bounds.tsv") if word in _AFTER_COUNT))
BOUND_BEFORE = any_of(tuple(word for word in words("bounds.tsv") if word not in _AFTER_COUNT))
"""至少, 不超过: what bounds the count after it."""
AT_MOST = any_of(tuple(word for word in words("bounds.tsv", "max") if word not in _AFTER_COUNT))
"""不超过, 至多: what bounds it from above."""
_BOUNDS: dict[str, Bound] = {row[0]: "max" if row[1] == "max" else "min" for row in rows("bounds.tsv")}

_OCCURRENCE = r"(?:[条篇趟]?次(?!性|元(?![旦宵])|数(?![据字]))|轮次?(?![换流值])|批(?![次准复示评改量发转零])|期(?![间限末内货满]|工程|项目)|场(?![所景地馆合])|遍(?![布及])|回(?!头)|节(?=[\u4e00-\u9fff]{0,4}课)|(?<!一)节(?=[，。；、）]|$))"
COUNT = rf"(?<![第\d一二三四五六七八九十百两])(?P<count>{FIGURES})\s?个?{_OCCURRENCE}(?:\s?(?P<after>{_BOUND_AFTER}))?"
"""2次, 1—2次以上."""

_NOT_DONE = "个次切直致样体律定般批些遇度变本位名条号日月季年周天旬前至到和上下早晚轮期场遍回人班岗"
SHORT_COUNT = (
    rf"(?P<few>[一二三两双1-3])(?:{ACTIVITY}|届(?![中全次任终])"
    rf"|(?![{_NOT_DONE}]|分钟|小时)[\u4e00-\u9fff]{{1,3}}?(?=[、，。；“”‘’（）]|制度|机制|$))"
)
"""一调度, 两报, 一主题, 一届: how many, and what is done, in a few characters up to a stop."""

_DISTRIBUTED = r"每(?=[个名位家户人所项处条座])"
_GAP = rf"(?:[^，。；：！？\n每]|{_DISTRIBUTED}){{0,40}}?"
COUNT_HERE = re.compile(COUNT)
SHORT_COUNT_HERE = re.compile(SHORT_COUNT)
_COUNT_IN_CLAUSE = re.compile(rf"(?P<gap>(?:，(?={BOUND_BEFORE}))?{_GAP}){COUNT}")

_COUNTED_THING = r"(?:\d|[两一二三四五六七八九十][个名家项类级种条处批支人])"
_BOUND_OF_COUNT = re.compile(rf"(?P<bound>{BOUND_BEFORE})(?!.*{_COUNTED_THING})")
_BOUND_ALONE = re.compile(
    rf"\s?(?:应当?|要|须|必须|原则上)?(?P<bound>{BOUND_BEFORE})(?![^，。；：\n]{{0,12}}?{FIGURE})"
)
_BOUND_JUST_BEFORE = re.compile(rf"(?P<bound>{BOUND_BEFORE})\s?(?:应|要|须|在|按|按照)?\s?$")

_PARTS_OF_CYCLE = re.compile(
    r"(?P<parts>[早中晚]{2,3}|[春夏秋冬]{2,4}|前后|寒暑|上下(?=半年))(?:[两三四]季|半年|假)?各\D{0,8}$"
)
_PLACES_OF_CYCLE = re.compile(r"[\d月日号旬底末前后季度半年春夏秋冬早中晚上下汛期假]各\D{0,8}$")


class Count(NamedTuple):
    """How many times within a cycle, and where its words end."""

    end: int
    times: int
    bound: Bound


def count_after(text: str, start: int, outer: Bound | None) -> Count | None:
    """The count that follows a period in its clause: 组织各成员单位召开两次."""
    if short := SHORT_COUNT_HERE.match(text, start):
        return Count(short.end(), few(short["few"]), outer or "exact")
    found = _COUNT_IN_CLAUSE.match(text, start)
    numbers = read_counts(found["count"]) if found else []
    if not found or not numbers:
        return None
    bound = bound_of(found["gap"], found["after"], numbers) or outer or "exact"
    return Count(found.end(), numbers[0] * _places(found["gap"]), bound)


def few(figure: str) -> int:
    """The count of 一调度, 双随机: 一 is one, 双 two."""
    return 2 if figure == "双" else parse_numeral(figure) or 1


def bound_of(gap: str, after: str | None, numbers: Sequence[int]) -> Bound | None:
    """The bound that the words before (`gap`) and after a count set; a range is a lower bound."""
    if inner := _BOUND_OF_COUNT.search(gap):
        return _BOUNDS[inner["bound"]]
    if after:
        return _BOUNDS[after]
    return "min" if len(numbers) == 2 else None


def bound_before(text: str, start: int) -> Bound | None:
    """The bound that stands before 每: 至少每季度."""
    found = _BOUND_JUST_BEFORE.search(text[max(0, start - 8) : start])
    return _BOUNDS[found["bound"]] if found else None


def bound_alone(text: str, end: int) -> Bound | None:
    """The bound that follows a period without a count."""
    found = _BOUND_ALONE.match(text, end)
    return _BOUNDS[found["bound"]] if found else None


def _places(gap: str) -> int:
    """How many places of the cycle 各 hands the count to: 春、秋两季各 and 早晚各 are two, nothing is one."""
    if parts := _PARTS_OF_CYCLE.search(gap):
        return len(parts["parts"])
    if _PLACES_OF_CYCLE.search(gap):
        return 1 + len(re.findall(JOINT, gap[: gap.rindex("各")]))
    return 1
