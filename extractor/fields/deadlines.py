"""When work is due: 2021年8月底前, 一季度, 到2025年, “十四五”末, 事故结案后一年内, 汛期前.

A time that the text prints is a limit where it says so itself (前, 底, 末, 内, 到, 不迟于) or where work
follows it (一季度，召开…; 2025年，基本建成…). Years in names of plans and reports, starts and the past are
none.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import chain
from typing import NamedTuple

from extractor.fields.context import FieldContext
from extractor.fields.frequencies import (
    BOUND_BEFORE,
    DASH,
    FIGURE,
    FIGURES,
    HALF,
    UNITS,
    Stretches,
    read_length,
    unit_pattern,
)
from extractor.fields.lexicons import any_of, rows, words
from extractor.fields.passages import quotations, titles
from extractor.model import Deadline, Frequency, Span
from extractor.text.numerals import parse_numeral

# ---------------------------------------- moments

_YEAR_SHIFT = {row[0]: int(row[1]) for row in rows("relative_years.tsv") if row[1] != "over"}
_NEAR_YEAR = any_of(tuple(word for word in words("relative_years.tsv") if word in _YEAR_SHIFT))
_PAST_YEAR = any_of(words("relative_years.tsv", "over"))
_MONTH_SHIFT = {"本月": 0, "当月": 0, "这个月": 0, "下月": 1, "下个月": 1, "次月": 1}
_PLAN_ENDS = {row[0]: int(row[2]) for row in rows("plan_periods.tsv")}

_CHINESE_YEAR = r"[一二][零〇○OＯo九][零〇○OＯo一二三四五六七八九]{2}"
_MONTH_NUMBER = r"(?:1[0-2]|0?[1-9])"
_DAY_NUMBER = r"(?:3[01]|[12]\d|0?[1-9])"
_INSIDE = r"内(?![部容外涵地陆河科])"
_NO_YEAR_BEFORE = r"(?<![\d每一二三四五六七八九十两几多半近去上前隔周学财成青少中老童壮往历百千同跨])"


def _moment(n: str) -> str:
    """A pattern for a year, a month, a day or a part of them; the names of its groups end in `n`."""
    year = (
        rf"(?:(?<![\d.])(?P<year{n}>(?:19|20)\d\d|{_CHINESE_YEAR})\s?年(?:度(?=[内末底前]))?"
        rf"|(?P<near{n}>{_NEAR_YEAR}|(?<![上下一\d])年度(?=[内末底]))(?![龄级])|(?P<past{n}>{_PAST_YEAR}))"
    )
    month = (
        rf"(?:(?<![\d.第每])(?P<month{n}>{_MONTH_NUMBER}|十[一二]?|[一二三四五六七八九])\s?月"
        r"(?![龄均饼嫂球])份?"
        rf"|(?P<monthly{n}>{any_of(tuple(_MONTH_SHIFT))})份?)"
    )
    in_month = (
        rf"(?:\s?(?P<day{n}>{FIGURE})\s?(?:[日号]|(?={DASH})|(?=前))"
        rf"|\s?(?P<decade{n}>[上中下]旬|上中旬|中下旬)|\s?月?(?P<month_end{n}>[底末]))?"
    )
    quarter = rf"(?<![\d每])(?:第?[一二三四1-4][、和及至到—-])?前?第?(?P<quarter{n}>[一二三四1-4])\s?个?季度(?P<quarter_end{n}>[底末])?"
    half = rf"(?P<half{n}>[上下])半年(?P<half_end{n}>[底末])?"
    within_year = rf"(?:{month}{in_month}|{quarter}|{half})"
    end_of_year = (
        rf"(?:(?P<mid{n}>年中(?![国小央等期层学])|中(?=[、，前完底]|$))|年?(?P<year_end{n}>[底末终])"
        rf"|年?(?P<within{n}>{_INSIDE}))"
    )
    this_year = (
        rf"(?:{_NO_YEAR_BEFORE}"
        rf"(?:(?P<bare_end{n}>年[底末终]|岁末)|(?P<bare_within{n}>年{_INSIDE}))"
        rf"|(?<![\u4e00-\u9fff])(?P<bare_mid{n}>年中(?![国小央等期层学])))"
    )
    dotted = (
        rf"(?<![\d.])(?P<dotted_year{n}>20\d\d)(?P<sep{n}>[./-])(?P<dotted_month{n}>{_MONTH_NUMBER})"
        rf"(?:(?P=sep{n})(?P<dotted_day{n}>{_DAY_NUMBER}))?(?![\d.%])"
    )
    in_some_year = rf"(?(dated{n})\s?的?){within_year}"
    year_alone = rf"(?(dated{n}){end_of_year}?|(?!))"
    opening = r"(?=[\d〇零○OＯo一二三四五六七八九十今本当全明次翌来后去上往历近同下年岁第前这])"
    return rf"{opening}(?:{dotted}|{this_year}|(?P<dated{n}>{year})?(?:{in_some_year}|{year_alone}))"


@dataclass(frozen=True, slots=True)
class _Moment:
    """A printed time, as far as it is printed.

    `shift` counts years from the document's year, `month_shift` months from its month of issue;
    `has_end` is set where 底, 末 or 内 belongs to it.
    """

    year: int | None = None
    shift: int | None = None
    month: int | None = None
    day: int | None = None
    month_shift: int | None = None
    has_end: bool = False
    is_past: bool = False

    @property
    def is_year(self) -> bool:
        """Whether nothing smaller than a year is printed."""
        return self.month is None and self.month_shift is None

    @property
    def has_year(self) -> bool:
        """Whether a year is printed, as a number or as 明年."""
        return self.year is not None or self.shift is not None


_DECADE_END = {"上旬": 10, "中旬": 20, "上中旬": 20, "下旬": None, "中下旬": None}
_ENDS = ("month_end", "quarter_end", "half_end", "year_end", "within", "bare_within")


def _read(found: re.Match[str], n: str) -> _Moment:
    """The moment that the groups ending in `n` have matched."""

    def part(name: str) -> str:
        return found[name + n] or ""

    if part("dotted_year"):
        return _Moment(
            year=_number(part("dotted_year")),
            month=_number(part("dotted_month")),
            day=_number(part("dotted_day")),
        )
    moment = _Moment(
        year=_number(part("year")),
        month=_number(part("month")),
        day=_number(part("day")),
        month_shift=_MONTH_SHIFT.get(part("monthly")),
        has_end=any(part(name) for name in _ENDS),
        is_past=bool(part("past")),
    )
    if part("near") or part("bare_end") or part("bare_within") or part("bare_mid"):
        moment = replace(moment, shift=_YEAR_SHIFT.get(part("near"), 0))
    if quarter := _number(part("quarter")):
        return replace(moment, month=quarter * 3)
    if part("half") == "上" or part("mid") or part("bare_mid"):
        return replace(moment, month=6)
    if part("half"):
        return replace(moment, month=12)
    return replace(moment, day=_DECADE_END[part("decade")]) if part("decade") else moment


def _number(text: str | None) -> int | None:
    return parse_numeral(text) if text else None


def _day(year: int | None, month: int | None, day: int | None) -> date | None:
    """The last day of what is given, or None where there is no such day."""
    if year is None or not 1900 <= year <= 2200:
        return None
    month = 12 if month is None else month
    if not 1 <= month <= 12:
        return None
    last = monthrange(year, month)[1]
    day = last if day is None else day
    return date(year, month, day) if 1 <= day <= last else None


# ---------------------------------------- the shapes of a time

_WEEKDAY_NOTE = r"(?:\s?（(?:周|星期)[一二三四五六日天]）)?"
_CLOCK = (
    r"(?:\s?(?:[上下]午|中午|晚上?|凌晨)?\s?"
    r"(?:[012]?\d\s?[：:]\s?[0-5]\d|(?:[012]?\d|二十四|十[二七八]?)\s?[时点](?:整|[0-5]?\d分?|半)?)"
    r"|\s?(?:[上下]午)?下班|\s?(?:上午|下午|中午|零时|零点))?"
)
_HOUR = _WEEKDAY_NOTE + _CLOCK
_NOT_BEFORE = rf"(?![后期列景沿述瞻端线夕身]|{FIGURE}\s?(?:个月|季度|年))"
_BEFORE = rf"\s?(?:以前|之前|前夕|前{_NOT_BEFORE})"
_BY = (
    r"(?:不得?[迟晚]于|最迟不?(?:超过|晚于|于|在|到)?|最晚(?:于|在|到)?"
    r"|截至|截止(?:时间|日期|期限)?(?:为|到|至|是|于)?|至|到)"
)
_SUFFIX = rf"(?:(?P<before>{_BEFORE})|\s?(?P<until>为止|止|截止)|\s?(?P<inside>以内|之内|{_INSIDE}))"

_TIME = re.compile(rf"(?P<by>{_BY}\s?)?{_moment('')}{_HOUR}{_SUFFIX}?")
_DOTTED_DAY = rf"{_MONTH_NUMBER}\.{_DAY_NUMBER}(?![\d.%])"
_RUN = re.compile(
    rf"(?:{_moment('1')}|(?<![\d.])(?P<only_year>(?:19|20)\d\d)"
    rf"|(?<![\d.〔])(?:(?P<run_year>20\d\d)\s?年)?(?P<only_month>{_MONTH_NUMBER}))"
    rf"{_HOUR}(?:起|开始)?{DASH}"
    rf"(?:{_moment('2')}|(?P<only_day>{FIGURE})[日号]|(?P<dotted_only>{_DOTTED_DAY}))"
    rf"{_HOUR}(?:{_BEFORE}|\s?(?:为止|止|期间))?"
)
_DOTTED_BEFORE = re.compile(rf"(?<![\d.])(?P<month>{_MONTH_NUMBER})[./](?P<day>{_DAY_NUMBER})\s?日?前(?!后)")
_NO_MONTH = re.compile(
    rf"(?<![\d月个一二三四五六七八九十每本下当次旬])(?:月[底末]{_BEFORE}|月内"
    rf"|(?<=[于在，。；：\n（请]){FIGURE}[日号]{_BEFORE})"
)
_WEEK = re.compile(
    rf"(?P<week>[本下])(?:周|星期)(?P<day>[一二三四五六日天末])?{_HOUR}(?:{_BEFORE}|\s?(?:以内|之内|内|底))"
)
_PLAN = re.compile(
    rf"(?P<by>{_BY})?[“\"]?(?<![一二三四五六七八九])(?P<plan>{any_of(tuple(_PLAN_ENDS))})[”\"]?(?:规划)?"
    r"(?:期?末期?前?|收官|期内|(?:期间|时期|规划期)内?(?:结束|末)前?|(?P<during>期间|时期))"
)

# ---------------------------------------- the words around a time

_STOP = re.compile(r"[，。；：！？\n]")
_SENTENCE_END = re.compile(r"[。！？\n]")

_LABEL = re.compile(
    r"(?:时限|期限|时间(?:节点|要求|安排)?|截止日期?|日期|节点|限期)(?:为|是)?\s?[：:]?\s?[于在]?$"
)
_AIM = re.compile(
    r"(?:力争|确保|争取|计划|拟|拟?定于|预计|务必|务求|力促|限于?|原则上|延长|延续|执行|推迟)[于在用至到]?\s?$"
)
_NAMES_A_THING = re.compile(rf"{any_of(words('bare_time_decoys.tsv'))}\s?$")
_NEVER_AFTER = re.compile(r"(?:有效期限?[为至到自从]?|比|较|距今?|每[年月季周旬日度半学期]{1,3}的?)$")
_NUMBERING = r"(?:[（(]?[一二三四五六七八九十\d]{1,3}[）)、.．]|[一二三四五六七八九十]{1,3}是|——)"
_OPENING = re.compile(
    rf"(?:^|[\s　])(?:{_NUMBERING}|其中|并|同时|分别|各地|各单位|要|应|须)*[于在从自拟、]?\s?$"
)
_BRACKET = re.compile(r"[（(](?:完成)?(?:时间|时限)?[：:]?\s?$")
_PHASE = re.compile(
    r"(?:阶段|步骤?|环节|时间|时限|安排|部署|实施|推进|验收|整治|整改|排查|总结|提升|巩固|启动|动员)$"
)

_BEGINS = re.compile(r"\s?(?:日|之日)?(?:起|开始|以来|以后|之后|后(?![半勤])|至今|来(?=[，、]))")
_PAST_DEED = re.compile(
    r"\s?(?:印发|发布|公布|下发|出台|召开|批准|通过|成立|建立|建成|修订|施行|生效|制定|发生)的"
)
_JOINT = re.compile(r"\s?[、和及与或]\s?")
_LIST_BEFORE = re.compile(r"[年月日底末季度旬]、\s?$")

_MANNER = (
    r"(?:要(?![求点素])|将|应(?!急)|须|力争|确保|争取|计划|继续|进一步|积极|切实|全面|全部|基本|初步|率先|分[批步]|同步"
    r"|集中|统一|重点|分别|各|新|再|至少|累计|共|实际|每年)*"
)
_VERB = any_of(words("work_verbs.tsv"))
_WORK = re.compile(
    rf"\s?[）)]?，?\s?(?:{_MANNER}(?:{_VERB}|{BOUND_BEFORE}\s?{FIGURE}))"
    r"(?![^，。；：！？\n]{0,6}(?:的|情况|工作要点)(?:[，。；]|$))"
)
_BODY = r"(?:局|委|办|部|厅|政府|部门|单位|企业|项目|工程)"
_SUBJECT = (
    r"(?:全[市省县区州盟旗镇乡校系统国]{1,2}|各[^，。；：\n]{1,12}?|我[国市省县区]"
    rf"|[^，。；：\n]{{1,14}}?{_BODY})"
)
_SUBJECT_WORKS = re.compile(
    rf"，?{_SUBJECT}[^，。；：\n]{{0,12}}?(?:要|将|应|须|力争|确保|计划|{_VERB})"
)
_REACHES = re.compile(
    r"[^，。；：！？\n的]{0,20}?(?:达到?|提[高升][到至]|[降减][低少]?[到至]|下降|控制在|突破|不[低少高]于|超过|保持)"
)
_THEN_WORK = re.compile(r"\s?，(?!是|为(?!了)|在[^，。\n]{0,30}(?:领导|指导|关心|支持|帮助)下|我们|随着)")
_THEN_NO_WORK = re.compile(
    r"\s?(?:是|为|的|度|以来|[^，。；\n]{0,12}基础上|我[国市省县区].{0,12}(?:面临|进入))"
)
_OF_SOMETHING = re.compile(r"[^，。；\n]{0,16}的")
_TELLS = re.compile(r"(?<![对将])已(?![^，。]{0,8}的)|以来|曾|同比|过去|荣获|(?<![为除罢])了(?![解望结然])")
_TELLS_A_SUM = re.compile(r"累计|共计|共(?![同享建治管])|总计")
_ALREADY = re.compile(r"，?[^。；\n]{0,24}?(?:已|累计|共有|共建|共计|共完成|同比|达到?了)")
_PLAN_NAME = re.compile(r"\s?的?[^，。；）\n]{0,12}(?:规划|行动|计划|方案|意见|纲要|工程的)")
_NOT_A_TIME = ("以来", "岁", "级")

_NO_LIMIT = "no-limit"
"""The rule of what is read as a time and found to be no limit: then nothing inside it is one either."""


class _Found(NamedTuple):
    """A limit before its neighbours are known; `is_open` where it is a length of time without a start."""

    start: int
    end: int
    due: date | None
    rule: str
    event: Span | None = None
    offset: str | None = None
    is_open: bool = False


class _Passage:
    """A text with its context: what stands around a place in it, and which day a moment is."""

    def __init__(self, text: str, context: FieldContext) -> None:
        self.text = text
        self.issued_on = context.issued_on
        self.year = context.year or (context.issued_on.year if context.issued_on else None)

    def left(self, start: int) -> str:
        """What stands before `start` in its clause, up to 60 characters."""
        return _STOP.split(self.text[max(0, start - 60) : start])[-1]

    def right(self, end: int) -> str:
        """What follows `end` in its sentence, up to 40 characters."""
        return re.split(r"[。；！？\n]", self.text[end : end + 40], maxsplit=1)[0]

    def same_sentence(self, start: int, end: int) -> bool:
        """Whether no sentence ends between two places near each other."""
        return end - start <= 120 and not _SENTENCE_END.search(self.text, start, end)

    def resolve(self, moment: _Moment, year: int | None = None) -> date | None:
        """The last day of a moment, `year` being its year where it prints none."""
        if moment.month_shift is not None:
            if self.issued_on is None:
                return None
            months = self.issued_on.year * 12 + self.issued_on.month - 1 + moment.month_shift
            return _day(months // 12, months % 12 + 1, moment.day)
        if moment.year is not None:
            year = moment.year
        elif moment.shift is not None:
            year = self.year + moment.shift if self.year is not None else None
        elif year is None:
            year = self.year
        return _day(year, moment.month, moment.day)

    def is_over(self, moment: _Moment, due: date | None, is_said: bool = False) -> bool:
        """Whether a day with a printed year lies before the document.

        A limit that is said as one (`is_said`) may lie in the year of issue: plans come out late.
        """
        if moment.year is None or due is None:
            return False
        if self.issued_on is None:
            return self.year is not None and due.year < self.year
        return due < self.issued_on and not (is_said and due.year == self.issued_on.year)

    def tells(self, due: date | None, words_after: str) -> bool:
        """Whether the words after a time tell what was, not what shall be."""
        if _TELLS.search(words_after):
            return True
        is_over = due is None or (self.issued_on is not None and due < self.issued_on)
        return is_over and bool(_TELLS_A_SUM.search(words_after))

    def leads_work(self, moment: _Moment, due: date | None, start: int, end: int) -> bool:
        """Whether a time that says no limit itself stands where it limits the work after it."""
        left, right = self.left(start), self.right(end)
        if bracket := _BRACKET.search(left):
            return right.startswith("）") and self._dates_a_phase(moment, left[: bracket.start()])
        if _THEN_NO_WORK.match(right):
            return False
        if _AIM.search(left):
            return True
        if _NAMES_A_THING.search(left) or self.tells(due, right):
            return False
        if _OPENING.search(left):
            reaches = moment.year is not None and _REACHES.match(right)
            return bool(reaches or any(rule.match(right) for rule in (_THEN_WORK, _WORK, _SUBJECT_WORKS)))
        if left.endswith(("、", "和")) and not _LIST_BEFORE.search(left):
            return False
        return bool(_WORK.match(right)) and not _OF_SOMETHING.match(right)

    @staticmethod
    def _dates_a_phase(moment: _Moment, name: str) -> bool:
        """Whether a time in brackets dates the phase or task it follows, and is not part of a name."""
        return not name.endswith("》") and (moment.month is not None or bool(_PHASE.search(name)))


# ---------------------------------------- times


class _Times(NamedTuple):
    """The limits that a calendar can tell."""

    passage: _Passage

    def single(self) -> Iterator[_Found]:
        """2021年8月底前, 到2025年, 一季度."""
        year_of_list: tuple[int, int] | None = None
        for found in _TIME.finditer(self.passage.text):
            moment, (start, end) = _read(found, ""), found.span()
            year = None
            if year_of_list and self.passage.same_sentence(year_of_list[0], start):
                year = year_of_list[1]
            due = self.passage.resolve(moment, year)
            is_no_day = due is None and self.passage.year is not None and moment.month_shift is None
            if moment.is_past or is_no_day or not self._is_limit(found, moment, due):
                continue
            if moment.year is not None and due:
                year_of_list = (end, due.year)
            yield _Found(start, end, due, _rule(found, moment))

    def _is_limit(self, found: re.Match[str], moment: _Moment, due: date | None) -> bool:
        passage, (start, end) = self.passage, found.span()
        right = passage.right(end)
        if _NEVER_AFTER.search(passage.left(start)):
            return False
        if found["before"] or found["until"]:
            return not passage.is_over(moment, due, is_said=True)
        if _BEGINS.match(right) or _PAST_DEED.match(right):
            return False
        if passage.is_over(moment, due, is_said=bool(found["inside"])):
            return False
        if found["by"] and found["by"].startswith("截"):
            return not _ALREADY.match(right)
        if found["by"] or found["inside"] or _LABEL.search(passage.text[max(0, start - 12) : start]):
            return True
        if moment.has_end and (moment.year or moment.month or found["near"] or found["bare_within"]):
            return not passage.tells(due, right[:24]) and not right.startswith("的")
        return self._opens_list(end) or passage.leads_work(moment, due, start, end)

    def _opens_list(self, end: int) -> bool:
        """Whether a list of times goes on whose last is a limit: 6月20日、12月20日前."""
        for _ in range(6):
            joint = _JOINT.match(self.passage.text, end)
            following = _TIME.match(self.passage.text, joint.end()) if joint else None
            if not following:
                return False
            end = following.end()
            if following["before"] or _WORK.match(self.passage.right(end)):
                return True
        return False

    def runs(self) -> Iterator[_Found]:
        """Stretches whose last day is the limit: 2020年4月1日—5月31日."""
        for found in _RUN.finditer(self.passage.text):
            ends = _ends_of_run(found)
            if ends is None:
                continue
            first, last = ends
            due = self._last_day(first, last)
            is_limit = due is not None and self._is_run(found, first, last, due)
            yield _Found(*found.span(), due, "span" if is_limit else _NO_LIMIT)

    def _last_day(self, first: _Moment, last: _Moment) -> date | None:
        if last.has_year or last.month_shift is not None:
            return self.passage.resolve(last)
        begin = self.passage.resolve(first)
        year = begin.year if begin else None
        if begin and first.month and (last.month or 12) < first.month:
            year = begin.year + 1
        return self.passage.resolve(last, year)

    def _is_run(self, found: re.Match[str], first: _Moment, last: _Moment, due: date) -> bool:
        passage, (start, end) = self.passage, found.span()
        left, right = passage.left(start), passage.right(end)
        if passage.is_over(replace(last, year=last.year or first.year), due) or _NEVER_AFTER.search(left):
            return False
        if _PLAN_NAME.match(right) or right.startswith(_NOT_A_TIME):
            return False
        if first.is_year and last.is_year:
            return found.group().endswith(("期间", "止")) or passage.leads_work(last, due, start, end)
        return bool(_BRACKET.search(left)) or not passage.tells(due, right)

    def unnamed(self) -> Iterator[_Found]:
        """月底前 and 20日前 of no printed month, 本周五前, 9.30前."""
        passage = self.passage
        for found in _NO_MONTH.finditer(passage.text):
            yield _Found(*found.span(), None, "month-unnamed")
        for found in _WEEK.finditer(passage.text):
            yield _Found(*found.span(), self._day_of_week(found), "week-day")
        for found in _DOTTED_BEFORE.finditer(passage.text):
            if due := _day(passage.year, int(found["month"]), int(found["day"])):
                yield _Found(*found.span(), due, "date-before")

    def _day_of_week(self, found: re.Match[str]) -> date | None:
        if self.passage.issued_on is None:
            return None
        day = "一二三四五六日".find((found["day"] or "日").replace("天", "日").replace("末", "日"))
        monday = self.passage.issued_on - timedelta(days=self.passage.issued_on.weekday())
        return monday + timedelta(days=day + (7 if found["week"] == "下" else 0))

    def plan_periods(self) -> Iterator[_Found]:
        """The end of a five-year plan: “十四五”末, “十四五”期间."""
        for found in _PLAN.finditer(self.passage.text):
            due = date(_PLAN_ENDS[found["plan"]], 12, 31)
            plan = _Moment(year=due.year)
            if self.passage.is_over(plan, due):
                continue
            is_said = found["by"] or not found["during"]
            if is_said or self.passage.leads_work(plan, due, *found.span()):
                yield _Found(*found.span(), due, "plan-period")


def _ends_of_run(found: re.Match[str]) -> tuple[_Moment, _Moment] | None:
    """The two ends of a stretch, each with what it prints; None where they do not make one."""
    if found["only_year"]:
        first = _Moment(year=int(found["only_year"]))
    elif found["only_month"]:
        first = _Moment(year=_number(found["run_year"]), month=int(found["only_month"]))
    else:
        first = _read(found, "1")
    if found["only_month"] and not found["month2"]:
        return None
    if found["only_day"]:
        last = replace(first, day=_number(found["only_day"]))
        return (first, last) if first.month else None
    if found["dotted_only"]:
        month, day = map(int, found["dotted_only"].split("."))
        return (first, _Moment(month=month, day=day)) if first.month else None
    last = _read(found, "2")
    if found["only_year"] and not (last.year and last.is_year):
        return None
    if found["only_month"] and last.has_year:
        return None
    return None if first.is_past or last.is_past else (first, last)


def _rule(found: re.Match[str], moment: _Moment) -> str:
    """The id of the rule that a single time goes by: what it is, and what makes it a limit."""
    if found["quarter"]:
        kind = "quarter"
    elif moment.day is not None:
        kind = "date"
    else:
        kind = "year" if moment.is_year else "month"
    if found["before"]:
        return f"{kind}-before"
    if found["by"]:
        return f"{kind}-by"
    return f"{kind}-end" if moment.has_end or found["inside"] or found["until"] else f"{kind}-bare"


# ---------------------------------------- lengths of time and events

_LIMIT_UNIT = unit_pattern(set(UNITS) - {"月", "月度", "年度", "双月", "双周", "季", "晚"})
_LENGTH = rf"(?:{HALF}|{FIGURES}\s?(?:个\s?半?月|个?\s?半?{_LIMIT_UNIT})半?)"
_NO_NUMBER_BEFORE = r"(?<![\d.第每零〇一二三四五六七八九十百])"
_WITHIN = re.compile(
    rf"{_NO_NUMBER_BEFORE}(?P<length>{_LENGTH})(?:左右)?\s?(?:的?时间)?(?:以内|之内|{_INSIDE})"
)
_AT_LATEST = re.compile(rf"(?:最迟|最晚|最长)(?:时间)?不?得?(?:超过|晚于|迟于)\s?(?P<length>{_LENGTH})")
_NO_LIMIT_BEFORE = re.compile(
    r"(?:压缩|缩短|压减|减少|控制|缩减|近|过去|最近|连续|前|任意|任一|每|满|超过|达到?|不足)[至到在为]?(?:最近|近)?\s?$"
)
_CONDITION = re.compile(
    r"的(?!时间)|(?:仍|均)?(?:不得|不能|未|没有|无|累计|发生|再次|连续|曾|有(?![关效序]))"
)

_SHORT_LEAD = r"(?:最?迟|至多|应当?|须|必须|要|力争|原则上|[^，]{0,4}[在于])"
_EVENT_TAIL = re.compile(
    r"(?P<tail>(?:之日|之时|当日|当天|之后|日|时)?起(?:的|后|计算?|算起?)?|之?后的?|以后的?)"
    rf"，?{_SHORT_LEAD}?$"
)
_FROM_EVENT = re.compile(r"自(?P<event>[^，。；：\n自]{2,24})$")
_DIRECT_VERB = any_of(tuple(row[0] for row in rows("event_verbs.tsv") if "direct" in row[1]))
_EVENT_AT_END = re.compile(rf"(?P<event>{_DIRECT_VERB})(?:后|的|最迟)*$")
_EVENT_CLAUSE = re.compile(
    r"(?:^|[，。；：！？\n])(?P<event>[^，。；：！？\n]{2,30}?)(?:之日起|之?后)"
    r"(?:(?:立即|及时|迅速|马上|第一时间)[^，。；\n]{0,12})?，[^。；！？\n]{0,40}$"
)

_MARK = re.compile(
    r"自(?![查评然愿主身己治动行我纠检律救建])|(?<![关由属对等低少高多大小终位基鉴用至处便利善])于"
    r"|(?<![存现正所内潜])在(?![建线岗校编册职用途])|(?<!服)从(?![业事严重而快简优])"
)
_MODAL = re.compile(
    r"(?<![重主需紧纪概摘])要(?![求素点件])|应当|应(?![急对用答收届付])|必须|须|需(?!求|要求)|请"
)
_RECEIPT = re.compile(r"(?:收到|接到|接报|接警|获悉|得知|知悉|发现|受理|取得|领取)")
_DOCUMENT = "通知|意见|方案|办法|措施|规定|细则|规划|计划|要点|通报|公告|决定|文件|条例|政策|工作|纲要"
_THIS_DOCUMENT = re.compile(rf"[本该此](?:实施|若干|指导|工作|行动)*(?:{_DOCUMENT})(?:正式)?(?=.)")

_BEFORE_VERB = any_of(tuple(row[0] for row in rows("event_verbs.tsv") if "before" in row[1]))
_EVENT_WORD = any_of(words("events.tsv"))
_AHEAD = re.compile(
    r"(?<![目当此日以之先生空史跟面眼提从超如往年月底旬末号名排靠午])之?前的?(?:至少|提前|不少于|最迟)?"
    rf"(?P<length>{_LENGTH})(?:以内|之内|{_INSIDE})?"
)
_EARLIER = re.compile(
    rf"(?:至少|应|须|要|需|必须|不少于)?提前(?:至少|不少于)?"
    rf"(?P<length>{FIGURES}\s?个?(?:工作日|自然日|日(?!常)|天|小时|周|星期|月))(?!完成|实现|达)"
)
_AGO = re.compile(
    rf"(?<![\d第每月一二三四五六七八九十])(?P<length>{FIGURE}\s?个?(?:工作日|日|天|小时|周|月))[之以]?前(?![后期])"
)
_EVENT_BEFORE_AGO = re.compile(rf"(?P<event>{_BEFORE_VERB}|{_EVENT_WORD}|演练|活动|培训|检查)的?(?:至少)?$")
_EVENT_BEFORE = r"(?:之前|以前|前夕|前(?![后期列景沿往置述瞻端线身]|提(?![交请出供报升前])))"
_SET_EVENT = (
    rf"(?:(?<![\d.])20\d\d年|今年|明年)?“?{_EVENT_WORD}”?(?:[、和及]“?{_EVENT_WORD}”?){{0,4}}"
    r"(?:正式|全面)?(?:来临|到来|来到|开始|开幕|召开|举行|结束|放假|假期)?"
)
_BEFORE_SET_EVENT = re.compile(rf"(?P<event>{_SET_EVENT}){_EVENT_BEFORE}")
_BEFORE_DEED = re.compile(rf"(?P<event>{_BEFORE_VERB}){_EVENT_BEFORE}")
_UNDONE = re.compile(r"未|没有|尚|不")
_BEFORE_AND_AFTER = re.compile(r"[、，]?[^，。\n]{0,3}[中后][、，]|、[^，。\n]{0,3}中")
_NO_LIMIT_AFTER = re.compile(r"[所的]|，?(?:一律)?(?:不得|严禁|禁止|不予|培训|检查(?:制度|表)|教育培训)")

_EFFORT = re.compile(
    rf"(?<![\d.第每一二三四五六七八九十])(?:(?P<spend>利?用|花|再用|分|经过|通过|历时|力争用?|争取用?)\s?)?"
    rf"(?P<length>{_LENGTH})(?P<about>左右)?(?P<time>\s?的?(?:时间|努力))?"
)
_SPENT_TO = re.compile(r"(?!行动|计划|规划|期|度|以上|的?期|来|前|后|一|制|级|龄|内)")
_TIME_WORD = re.compile(r"段|表|点|节点|跨度")
_COMING = re.compile(
    rf"(?:今后|未来|接下来)\s?{FIGURES}\s?个?[年月](?:左右)?(?:内|时间)?(?=，|要|将|全|力争)"
)


class _Events(NamedTuple):
    """The limits that hang on an event, or on a start that the text does not name."""

    passage: _Passage

    def within(self) -> Iterator[_Found]:
        """事故结案后一年内, 印发之日起30日内, 灾害发生12小时内, and 3个月内 of no event."""
        passage = self.passage
        for found in chain(_WITHIN.finditer(passage.text), _AT_LATEST.finditer(passage.text)):
            start, end = found.span()
            left, offset = passage.left(start), read_length(found["length"])
            if offset is None or _NO_LIMIT_BEFORE.search(left):
                continue
            if event := self._event_up_to(start, left):
                begin, name = event
                yield _Found(begin, end, None, "event-after", name, offset)
            elif not _CONDITION.match(passage.right(end)):
                earlier = self._event_of_clause_before(start)
                rule = "event-after" if earlier else "length"
                yield _Found(start, end, None, rule, earlier, offset, is_open=earlier is None)

    def _event_up_to(self, at: int, left: str) -> tuple[int, Span] | None:
        """Where the event begins whose limit starts at `at`, and the event's own characters."""
        if tail := _EVENT_TAIL.search(left):
            stretch = left[: tail.start()]
        elif _FROM_EVENT.search(left):
            stretch = left
        elif direct := _EVENT_AT_END.search(left):
            stretch = left[: direct.end("event")]
        else:
            return None
        return self._named_in(stretch, at - len(left))

    def _named_in(self, stretch: str, base: int) -> tuple[int, Span] | None:
        """The event named at the end of `stretch`, which begins at `base`; 本通知 is no part of its name."""
        begin = _event_start(stretch)
        document = _THIS_DOCUMENT.match(stretch, begin)
        name = document.end() if document else begin
        if not re.search(r"[\u4e00-\u9fff]", stretch[name:]):
            return None
        return base + begin, Span(base + name, base + len(stretch))

    def _event_of_clause_before(self, start: int) -> Span | None:
        """The event of an earlier clause of the sentence: 事故发生后，…1小时内."""
        base = max(0, start - 90)
        found = _EVENT_CLAUSE.search(self.passage.text[base:start])
        event = self._named_in(found["event"], base + found.start("event")) if found else None
        return event[1] if event else None

    def ahead(self) -> Iterator[_Found]:
        """演练前20日, 会议召开3天前, 提前5个工作日."""
        passage = self.passage
        for found in _AHEAD.finditer(passage.text):
            # An event is prepared for by days and months; 前三年 are the first three years.
            if not found["length"].endswith("年"):
                yield from self._ahead_of(passage.left(found.start()), found)
        for found in _AGO.finditer(passage.text):
            left = passage.left(found.start())
            if event := _EVENT_BEFORE_AGO.search(left):
                yield from self._ahead_of(left, found, event.end("event"))
        for found in _EARLIER.finditer(passage.text):
            if offset := read_length(found["length"]):
                yield _Found(*found.span(), None, "ahead", None, f"-{offset}")

    def _ahead_of(self, left: str, found: re.Match[str], name_end: int | None = None) -> Iterator[_Found]:
        offset = read_length(found["length"])
        event = self._named_in(left[:name_end], found.start() - len(left))
        if offset and event:
            yield _Found(event[0], found.end(), None, "event-ahead", event[1], f"-{offset}")

    def before(self) -> Iterator[_Found]:
        """汛期前, 春节前, 会议召开前."""
        passage = self.passage
        for found in _BEFORE_SET_EVENT.finditer(passage.text):
            event = Span(*found.span("event"))
            if self._is_awaited(passage.left(event.start)[-3:], found.end()):
                yield _Found(*found.span(), None, "event-before", event, "-P0D")
        for found in _BEFORE_DEED.finditer(passage.text):
            left = passage.left(found.end("event"))
            deed = self._named_in(left, found.end("event") - len(left))
            if deed and self._is_awaited(deed[1].of(passage.text), found.end()):
                yield _Found(deed[0], found.end(), None, "event-before", deed[1], "-P0D")

    def _is_awaited(self, event: str, end: int) -> bool:
        """Whether the event is to come (未整改到位前 is a condition) and the work is due before it."""
        right = self.passage.right(end)
        return not (_UNDONE.search(event) or _BEFORE_AND_AFTER.match(right) or _NO_LIMIT_AFTER.match(right))

    def efforts(self) -> Iterator[_Found]:
        """三年时间, 用两年左右, 分三年, 今后五年: lengths of time whose start is not named."""
        passage = self.passage
        for found in _EFFORT.finditer(passage.text):
            right = passage.right(found.end())
            if not self._is_effort(found, right) or read_length(found["length"]) is None:
                continue
            if _NO_LIMIT_BEFORE.search(passage.left(found.start())) or _TIME_WORD.match(right):
                continue
            start = found.start() if found["spend"] == "分" else found.start("length")
            yield _Found(start, found.end(), None, "length")
        for found in _COMING.finditer(passage.text):
            yield _Found(*found.span(), None, "length")

    @staticmethod
    def _is_effort(found: re.Match[str], right: str) -> bool:
        """Whether a length of time is to be spent: it says 时间 or 努力, or follows 用, 力争, 分."""
        if found["time"]:
            return True
        if found["spend"] in (None, "经过", "通过", "花", "历时"):
            return False
        return found["length"].endswith(("年", "月", "半")) and bool(_SPENT_TO.match(right))


def _event_start(stretch: str) -> int:
    """Where in the words before 后 the event begins: after 自 or 在, after 要, or at 收到."""
    begin = 0
    for mark in _MARK.finditer(stretch):
        if mark.end() < len(stretch):
            begin = mark.end()
    for modal in _MODAL.finditer(stretch, begin):
        if modal.end() + 1 < len(stretch):
            begin = modal.end()
    receipt = _RECEIPT.search(stretch, begin)
    if receipt and receipt.end() < len(stretch):
        begin = receipt.start()
    while begin < len(stretch) and stretch[begin] in " 　、的（“":
        begin += 1
    return begin


# ---------------------------------------- the whole


def find_deadlines(
    text: str, context: FieldContext, frequencies: Sequence[Frequency] = ()
) -> list[Deadline]:
    """The deadlines that a clean text prints.

    Args:
        text: The clean text of an item.
        context: The document's year, against which relative times are resolved, and its date of issue.
        frequencies: What `find_frequencies` found in the same text: a day inside a recurrence is no deadline.

    Returns:
        The deadlines in the order of the text, none overlapping another.
    """
    passage = _Passage(text, context)
    times, events = _Times(passage), _Events(passage)
    recurring = Stretches([frequency.span for frequency in frequencies])
    named, quoted = Stretches(titles(text)), Stretches(quotations(text))
    kept: list[_Found] = []
    # What is read first wins over what would read a part of it.
    for kind in (
        times.runs(),
        chain(events.within(), events.ahead(), events.before()),
        times.plan_periods(),
        times.single(),
        times.unnamed(),
        events.efforts(),
    ):
        read = Stretches([Span(found.start, found.end) for found in kept])
        for found in kind:
            span = Span(found.start, found.end)
            if named.cover(span) or quoted.cover(span) or read.touch(span):
                continue
            kept.append(found._replace(rule=_NO_LIMIT) if recurring.touch(span) else found)
        kept = _without_overlaps(kept)
    limits = [found for found in kept if found.rule != _NO_LIMIT]
    return [_deadline(text, found) for found in _sharing_events(passage, limits)]


def _without_overlaps(found: list[_Found]) -> list[_Found]:
    """The limits in the order of the text; of two that overlap, the one that begins first, or is longer."""
    kept: list[_Found] = []
    for one in sorted(found, key=lambda f: (f.start, -f.end)):
        if not kept or one.start >= kept[-1].end:
            kept.append(one)
    return kept


def _sharing_events(passage: _Passage, limits: list[_Found]) -> Iterator[_Found]:
    """The limits, those of no event of their own with that of the limit before them in their sentence."""
    last: _Found | None = None
    for limit in limits:
        if last and not passage.same_sentence(last.end, limit.start):
            last = None
        if limit.is_open and last:
            yield limit._replace(event=last.event, rule="event-after")
        else:
            yield limit._replace(offset=None) if limit.is_open else limit
        if limit.rule == "event-after":
            last = limit


def _deadline(text: str, found: _Found) -> Deadline:
    span = Span(found.start, found.end)
    event = found.event.of(text) if found.event else None
    return Deadline(span.of(text), span, found.due, event, found.offset, found.rule, found.event)
