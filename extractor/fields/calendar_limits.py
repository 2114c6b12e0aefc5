"""Limits that a calendar can tell: 2021年8月底前, 到2025年, 一季度, 4月1日至6月30日, “十四五”末, 本周五前."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import NamedTuple

from extractor.fields.bare_times import BRACKET, WORK, goes_on, leads_work, reaches, tells, tells_a_sum
from extractor.fields.durations import DASH, FIGURE, WITHIN
from extractor.fields.lexicons import any_of, rows
from extractor.fields.limits import NO_LIMIT, NOT_BEFORE, Limit, Passage
from extractor.fields.moments import (
    DAY_NUMBER,
    HOUR,
    MONTH_NUMBER,
    OPENING,
    Moment,
    last_day,
    moment_pattern,
    number,
    read_moment,
)

_PLAN_ENDS = {row[0]: int(row[2]) for row in rows("plan_periods.tsv")}

_BEFORE = rf"\s?(?:以前|之前|前夕|前{NOT_BEFORE}(?!{FIGURE}\s?(?:个月|季度|年)))"
_UNTIL = r"\s?(?:为止|止|截止)"
_BY = (
    r"(?:不得?[迟晚]于|最迟不?(?:超过|晚于|于|在|到)?|最晚(?:于|在|到)?"
    r"|截至|截止(?:时间|日期|期限)?(?:为|到|至|是|于)?|至|到)"
)

_TIME = re.compile(
    rf"(?P<by>{_BY}\s?)?{moment_pattern('')}{HOUR}"
    rf"(?:(?P<before>{_BEFORE})|(?P<until>{_UNTIL})|\s?(?P<inside>{WITHIN}))?"
)
_CHINESE_MONTH = r"(?:十[一二]?|[一二三四五六七八九])"
_RUN = re.compile(
    rf"{OPENING}(?:{moment_pattern('1')}|(?<![\d.])(?P<only_year>(?:19|20)\d\d)"
    rf"|(?<![\d.〔])(?:(?P<run_year>20\d\d)\s?年)?(?P<only_month>{MONTH_NUMBER})"
    rf"|(?<![一二三四五六七八九十百千第])(?P<chinese_month>{_CHINESE_MONTH})(?={DASH}{_CHINESE_MONTH}月))"
    rf"{HOUR}(?:起|开始)?{DASH}"
    rf"(?:{moment_pattern('2')}|(?P<only_day>{FIGURE})[日号]"
    rf"|(?P<dotted_only>{MONTH_NUMBER}\.{DAY_NUMBER}(?![\d.%])))"
    rf"{HOUR}(?:{_BEFORE}|{_UNTIL}|\s?期间)?"
)
_DOTTED_BEFORE = re.compile(rf"(?<![\d.])(?P<month>{MONTH_NUMBER})[./](?P<day>{DAY_NUMBER})\s?日?前(?!后)")
_NO_MONTH = re.compile(
    rf"(?<![\d月个一二三四五六七八九十每本下当次旬])(?:月[底末]{_BEFORE}|月内"
    rf"|(?<=[于在，。；：\n（请]){FIGURE}[日号]{_BEFORE})"
)
_WEEK = re.compile(
    rf"(?P<week>[本下])(?:周|星期)(?P<day>[一二三四五六日天末])?{HOUR}(?:{_BEFORE}|\s?(?:{WITHIN}|底))"
)
_PLAN = re.compile(
    rf"(?P<by>{_BY})?[“\"]?(?<![一二三四五六七八九])(?P<plan>{any_of(tuple(_PLAN_ENDS))})[”\"]?(?:规划)?"
    r"(?:期?末期?前?|收官前?(?!之?[年战])|期内|(?:期间|时期|规划期)内?(?:结束|末)前?|(?P<during>期间|时期))"
)

_LABEL = re.compile(
    r"(?:时限|期限|时间(?:节点|要求|安排)?|截止日期?|日期|节点|限期)(?:为|是)?\s?[：:]?\s?[于在]?$"
)
_NEVER_AFTER = re.compile(r"(?:有效期限?[为至到自从]?|比|较|距今?|每[年月季周旬日度半学期]{1,3}的?)$")
_HOLDS_UNTIL = re.compile(
    rf"有效期限?[为是]?\s?{FIGURE}年(?:（[^（）]*）)?，?(?:[自从][^，。；\n]{{0,16}})?$"
)
"""有效期5年，至2030年2月底: how long it holds."""
_BEGINS = re.compile(r"\s?(?:日|之日)?(?:起|开始|以来|以后|之后|后(?![半勤])|至今|来(?=[，、]))")
_PAST_DEED = re.compile(
    r"\s?(?:印发|发布|公布|下发|出台|召开|批准|通过|成立|建立|建成|修订|施行|生效|制定|发生)的"
)
_JOINT = re.compile(r"\s?[、和及与或]\s?")
_ALREADY = re.compile(r"，?[^。；\n]{0,24}?(?:已|累计|共有|共建|共计|共完成|同比|达到?了)")
_PLAN_NAME = re.compile(r"\s?的?[^，。；）\n]{0,12}(?:规划|行动|计划|方案|意见|纲要|工程的)")
_NOT_A_TIME = ("以来", "岁", "级")


class CalendarLimits(NamedTuple):
    """The limits of a passage that a calendar can tell."""

    passage: Passage

    def single(self) -> Iterator[Limit]:
        """One year, quarter, month or day.

        Rules `year-…`, `quarter-…`, `month-…`, `date-…`: `…-before` 8月底前, `…-by` 到2025年, `…-end` 年内,
        `…-bare` 一季度，召开….
        """
        year_of_list: tuple[int, int] | None = None
        before: dict[str, Limit] = {}
        joined: tuple[int, int] | None = None
        for found in _TIME.finditer(self.passage.text):
            moment, (start, end) = read_moment(found, ""), found.span()
            year = None
            if joined and not moment.has_year and _JOINT.fullmatch(self.passage.text, joined[0], start):
                moment = replace(moment, year=joined[1])
            joined = (end, moment.year) if moment.year is not None else None
            if year_of_list and self.passage.same_sentence(year_of_list[0], start):
                year = year_of_list[1]
                if found["near"] == "当年":
                    moment = replace(moment, shift=None)
            due = self.passage.resolve(moment, year)
            is_no_day = due is None and self.passage.year is not None and moment.month_shift is None
            if moment.is_past or is_no_day:
                continue
            limit = Limit(start, end, due, _rule(found, moment))
            if self._is_limit(found, moment, due) or self._goes_on(moment, limit, before.get(_kind(limit))):
                before[_kind(limit)] = limit
                if moment.year is not None and due:
                    year_of_list = (end, due.year)
                yield limit

    def _is_limit(self, found: re.Match[str], moment: Moment, due: date | None) -> bool:
        passage, (start, end) = self.passage, found.span()
        right = passage.right(end)
        if _NEVER_AFTER.search(passage.left(start)) or _HOLDS_UNTIL.search(
            passage.text[max(0, start - 32) : start]
        ):
            return False
        if found["before"] or found["until"]:
            return not passage.is_over(moment, due, is_said=True)
        if _BEGINS.match(right) or _PAST_DEED.match(right):
            return False
        is_said = bool(found["inside"]) or (moment.year is not None and self._opens_list(end))
        if passage.is_over(moment, due, is_said):
            return False
        if found["by"] and found["by"].startswith("截"):
            return not _ALREADY.match(right)
        if found["by"] or found["inside"] or _LABEL.search(passage.text[max(0, start - 12) : start]):
            return True
        if moment.has_end and (moment.year or moment.month or found["near"] or found["bare_within"]):
            return not tells(passage, due, right[:24]) and not right.startswith("的")
        if found["bare_end"] and reaches(passage, due, start, end):
            return True
        return self._opens_list(end) or leads_work(passage, moment, due, start, end)

    def _goes_on(self, moment: Moment, limit: Limit, before: Limit | None) -> bool:
        """Whether it carries on with the last limit of its kind `before` it: 6月开工，10月封顶."""
        if before is None:
            return False
        right = self.passage.right(limit.end)
        if _BEGINS.match(right) or _PAST_DEED.match(right) or self.passage.is_over(moment, limit.due):
            return False
        in_one = self.passage.same_sentence(before.end, limit.start)
        return in_one and goes_on(self.passage, limit.due, limit.start, limit.end)

    def _opens_list(self, end: int) -> bool:
        """Whether a list of times goes on whose last is a limit: 6月20日、12月20日前."""
        for _ in range(6):
            joint = _JOINT.match(self.passage.text, end)
            following = _TIME.match(self.passage.text, joint.end()) if joint else None
            if not following:
                return False
            end = following.end()
            if following["before"] or WORK.match(self.passage.right(end)):
                return True
        return False

    def runs(self) -> Iterator[Limit]:
        """Stretches whose last day is the limit. Rule `span`: 2020年4月1日—5月31日."""
        for found in _RUN.finditer(self.passage.text):
            ends = _ends_of_run(found)
            if ends is None:
                continue
            first, last = ends
            due = self._last_day(first, last)
            is_limit = due is not None and self._is_run(found, first, last, due)
            yield Limit(*found.span(), due, "span" if is_limit else NO_LIMIT)

    def _last_day(self, first: Moment, last: Moment) -> date | None:
        if last.has_year or last.month_shift is not None:
            return self.passage.resolve(last)
        begin = self.passage.resolve(first)
        year = begin.year if begin else None
        if begin and first.month and (last.month or 12) < first.month:
            year = begin.year + 1
        return self.passage.resolve(last, year)

    def _is_run(self, found: re.Match[str], first: Moment, last: Moment, due: date) -> bool:
        passage, (start, end) = self.passage, found.span()
        left, right = passage.left(start), passage.right(end)
        if passage.is_over(replace(last, year=last.year or first.year), due) or _NEVER_AFTER.search(left):
            return False
        if _PLAN_NAME.match(right) or right.startswith(_NOT_A_TIME):
            return False
        if first.is_year and last.is_year:
            return found.group().endswith(("期间", "止")) or leads_work(passage, last, due, start, end)
        return bool(BRACKET.search(left)) or not tells(passage, due, right)

    def unnamed(self) -> Iterator[Limit]:
        """Days of no printed month.

        Rules: `month-unnamed` 月底前, 20日前; `week-day` 本周五前; `date-before` 9.30前.
        """
        passage = self.passage
        for found in _NO_MONTH.finditer(passage.text):
            yield Limit(*found.span(), None, "month-unnamed")
        for found in _WEEK.finditer(passage.text):
            yield Limit(*found.span(), self._day_of_week(found), "week-day")
        for found in _DOTTED_BEFORE.finditer(passage.text):
            if due := last_day(passage.year, int(found["month"]), int(found["day"])):
                yield Limit(*found.span(), due, "date-before")

    def _day_of_week(self, found: re.Match[str]) -> date | None:
        if self.passage.issued_on is None:
            return None
        day = "一二三四五六日".find((found["day"] or "日").replace("天", "日").replace("末", "日"))
        monday = self.passage.issued_on - timedelta(days=self.passage.issued_on.weekday())
        return monday + timedelta(days=day + (7 if found["week"] == "下" else 0))

    def plan_periods(self) -> Iterator[Limit]:
        """The end of a five-year plan. Rule `plan-period`: “十四五”末, “十四五”期间，新建…."""
        for found in _PLAN.finditer(self.passage.text):
            due = date(_PLAN_ENDS[found["plan"]], 12, 31)
            plan = Moment(year=due.year)
            if self.passage.is_over(plan, due):
                continue
            is_said = found["by"] or not found["during"]
            is_ending = self.passage.year is not None and self.passage.year >= due.year
            if not is_said and is_ending and tells_a_sum(self.passage.right(found.end())):
                continue
            if is_said or leads_work(self.passage, plan, due, *found.span()):
                yield Limit(*found.span(), due, "plan-period")


def _ends_of_run(found: re.Match[str]) -> tuple[Moment, Moment] | None:
    """The two ends of a stretch, each with what it prints; None where they do not make one."""
    if found["only_year"]:
        first = Moment(year=int(found["only_year"]))
    elif found["only_month"]:
        first = Moment(year=number(found["run_year"]), month=int(found["only_month"]))
    elif found["chinese_month"]:
        first = Moment(month=number(found["chinese_month"]))
    else:
        first = read_moment(found, "1")
    if found["only_month"] and not found["month2"]:
        return None
    if found["only_day"]:
        last = replace(first, day=number(found["only_day"]))
        return (first, last) if first.month else None
    if found["dotted_only"]:
        month, day = map(int, found["dotted_only"].split("."))
        return (first, Moment(month=month, day=day)) if first.month else None
    last = read_moment(found, "2")
    if found["only_year"] and not (last.year and last.is_year):
        return None
    if found["only_month"] and last.has_year:
        return None
    return None if first.is_past or last.is_past else (first, last)


def _kind(limit: Limit) -> str:
    """What a limit of the calendar names: a year, a quarter, a month or a date."""
    return limit.rule.split("-")[0]


def _rule(found: re.Match[str], moment: Moment) -> str:
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
