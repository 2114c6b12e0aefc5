"""How often work recurs: 每季度至少开展1次, 一季一调度, 按月通报, 定期, 24小时值班.

The quote of a frequency runs from 每 to the count, or covers the period alone where no count is printed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from extractor.fields.context import FieldContext
from extractor.fields.counts import (
    ACTIVITY,
    AT_MOST,
    BOUND_BEFORE,
    COUNT,
    COUNT_HERE,
    JOINT,
    SHORT_COUNT,
    SHORT_COUNT_HERE,
    bound_alone,
    bound_before,
    bound_of,
    count_after,
    few,
)
from extractor.fields.due_days import recurs_on
from extractor.fields.durations import (
    DASH,
    FIGURE,
    FIGURES,
    HALF,
    INSIDE,
    UNIT,
    UNITS,
    WITHIN,
    iso_duration,
    read_counts,
    read_length,
    unit_pattern,
)
from extractor.fields.lexicons import any_of, rows, words
from extractor.fields.limits import NOT_BEFORE
from extractor.fields.moments import CLOCK, HOUR
from extractor.fields.passages import titles
from extractor.fields.stretches import Stretches
from extractor.model import Bound, Frequency, Span, Vague

# ---------------------------------------- 每 + period

_DEED = any_of(tuple(word for word in words("activities.tsv") if len(word) > 1))
_DAY_OF_WEEK = r"[一二三四五六日天](?![次轮期场遍回个])"
_WEEKDAY = rf"{_DAY_OF_WEEK}(?!{ACTIVITY})"
_ORDER = rf"(?:首|末|次|当|最后一?|第{FIGURE}|前{FIGURE})"
_PLACE_IN_CYCLE = "|".join(
    (
        rf"第?{FIGURE}\s?个?(?:季度|月份?|周{_WEEKDAY}|星期{_WEEKDAY}|工作日|日(?!均)|号|周|星期|旬|天)",
        rf"{_ORDER}\s?个?(?:月|周{_WEEKDAY}|星期{_WEEKDAY}|周末|周|星期|旬|日|天|季度|工作日|学期)",
        rf"[上中下]旬|[上下]半年|(?:周|星期){_WEEKDAY}",
        r"(?:年|季度|季|月|周|学期|学年|旬)[底末初]|[底末](?!端)|初(?![中级步心始期])|[次翌当]年(?=\d)",
        CLOCK,
    )
)
_BEFORE = rf"(?:以前|之前|前{NOT_BEFORE})"
_SOON_AFTER = rf"之?后的?{FIGURE}\s?个?{UNIT}(?:以|之)?[内前]"
_FIRST_WEEK = rf"(?:的?(?:第一|首)个?(?:周|月|星期)(?:以|之)?{INSIDE})"
_EVENT = any_of(words("events.tsv"))
_EVENTS_OF_CYCLE = (
    rf"(?:(?P<events>{_EVENT}(?:(?:{_BEFORE})?{JOINT}{_EVENT}){{0,4}})(?:{_BEFORE}|{_SOON_AFTER}|{_FIRST_WEEK})"
    rf"|{any_of(words('daily_events.tsv'))}{_BEFORE}(?!会))"
)
_END_OF_CYCLE = rf"(?:结束|终了|届满)(?:{_BEFORE}|{_SOON_AFTER})"


_DAY_OF_MONTH = rf"(?:{FIGURE}\s?[日号]|[上中下]旬|[第前]{FIGURE}|最后一?)"
"""What 的 may stand before between the places of a cycle: 第1个月|的|20日."""
_UP_TO = rf"{HOUR}(?:\s?(?:{_BEFORE}|{WITHIN}|止))?"


def _places_pattern(place: str) -> str:
    return rf"(?P<places>(?:{place})(?:(?:(?:{_BEFORE})?{JOINT}|{DASH}|的(?=\s?{_DAY_OF_MONTH}))?(?:{place})){{0,6}}){_UP_TO}"


_DUE = re.compile(rf"(?:的|于|在)?(?:{_places_pattern(_PLACE_IN_CYCLE)}|{_EVENTS_OF_CYCLE}|{_END_OF_CYCLE})")
_WEEK_DUE = re.compile(_places_pattern(rf"(?:周|星期)?{_WEEKDAY}|末"))
_WEEKDAYS = re.compile(
    rf"(?P<places>[二三四五六](?={_DEED})"
    rf"|(?:周|星期)?{_DAY_OF_WEEK}(?:{JOINT}(?:周|星期)?{_DAY_OF_WEEK}){{1,6}}){_UP_TO}"
)
"""Behind 每周: 三督查 is Wednesday's (三查 is three times, as in 每日三查), and so is each of 一、三、五报送."""
_BRACKETED_DUE = re.compile(rf"（(?P<due>(?:于|在)?{_places_pattern(_PLACE_IN_CYCLE)})）")
_BRACKET_NEAR = 32
"""How far behind a frequency, in characters, a bracket with its day may end."""
_CLAUSE_END = re.compile(r"[，。；：！？\n每]")
_EACH = re.compile(rf"每(?:间?隔|逢)?(?P<length>一?{HALF}|(?:{FIGURES})?\s?个?\s?{UNIT})")
_RUN = re.compile(r"[—－\-–~～至到]")

_HEAD = re.compile(r"每(?![年季月周日天旬半学])")
_PER_HEAD = re.compile(rf"{_HEAD.pattern}[^，。；：！？\n每]{{1,4}}$")
_MONEY = re.compile(r"[^，。；：！？\n]{0,30}?[\d一二三四五六七八九十百千万亿]\s?元")
_AMOUNT = re.compile(
    r"\s?(?:约|近|超|最高|平均|不超过|不低于|不少于|补助|补贴|发放|给予)*\s?"
    rf"(?!{COUNT})\d[\d.,]*\s?"
    r"(?:[%％万亿]|[^\d\s次轮期场遍回月日号季度周旬天，。、—－\-–~～至到以.,%％万亿])"
)
_OUTPUT = re.compile(r"[^，。；：！？\n]{0,16}?\d\s?(?:万|亿)?(?:吨|立方米|千瓦|兆瓦|公斤|升|度电)")
_GROWTH = re.compile(
    r"(?:平均|约|均|同比|以)?(?:递增|递减|增长|下降|提高|降低|减少|增加|上升|[\d.]+\s?[%％])"
)
_TELLS = re.compile(r"以来，(?:(?!要|应当?|须|必须)[^。；！？\n])*$")
"""7月以来，全县每天…: what has been done, where no word of duty stands between."""
_IS_NAMED = re.compile(r"，?(?:为|是|定为|确定为|设为|作为|被)")


def _each(text: str) -> Iterator[Frequency]:
    """每 and a period. Rules `each-period` 每季度至少开展1次; `due-day` 每月25日前, 每周三."""
    for each in _EACH.finditer(text):
        start, end = each.span()
        period = read_length(each["length"])
        if period is None or _is_rate(text, start, end) or _TELLS.search(text[max(0, start - 60) : start]):
            continue
        outer = bound_before(text, start)
        due = _due_after(text, each["length"], end)
        end = due.end() if due else end
        if due and _IS_NAMED.match(text, end):
            continue
        rule, places = ("due-day", _listed(due)) if due else ("each-period", 1)
        if count := count_after(text, end, outer):
            shared = places if text[end : count.end].lstrip().startswith("各") else 1
            found = _frequency(text, start, count.end, period, count.times * shared, count.bound, rule)
        else:
            bound = bound_alone(text, end) or outer or "exact"
            found = _frequency(text, start, end, period, places, bound, rule)
        day = recurs_on(each["length"], due.group(), due["places"]) if due else None
        yield replace(found, recurs_on=day or _in_bracket(text, found.span, each["length"]))


def _due_after(text: str, length: str, end: int) -> re.Match[str] | None:
    """The day of the cycle that follows it: 每月|25日前, 每周|五."""
    weekly = length.endswith(("周", "星期", "礼拜"))
    if weekly and (weekdays := _WEEKDAYS.match(text, end)):
        return weekdays
    if COUNT_HERE.match(text, end) or SHORT_COUNT_HERE.match(text, end):
        return None
    return (_WEEK_DUE.match(text, end) if weekly else None) or _DUE.match(text, end)


def _in_bracket(text: str, frequency: Span, length: str) -> str | None:
    """The day that a bracket in the same clause gives: 每半年报送一次（6月、12月底前）."""
    found = _BRACKETED_DUE.search(text, frequency.start, frequency.end + _BRACKET_NEAR)
    if not found or _CLAUSE_END.search(text, frequency.end, found.start()):
        return None
    return recurs_on(length, found["due"], found["places"])


def _listed(due: re.Match[str]) -> int:
    """How many days of the cycle are listed: 10日、20日、30日前 is three, 10月至12月 is one stretch.

    Events are listed where each has its own 前 (开学前、放假前); 元旦、春节前 is one time.
    """
    if events := due.groupdict().get("events"):
        return 1 + len(re.findall(rf"前{JOINT}", events))
    places = due["places"] or ""
    return 1 if _RUN.search(places) else 1 + len(re.findall(JOINT, places))


def _is_rate(text: str, start: int, end: int) -> bool:
    """Whether a period measures an amount or a growth (每人每月500元, 每年增长6%), not a recurrence."""
    if _GROWTH.match(text, end):
        return True
    if _DUE.match(text, end) or COUNT_HERE.match(text, end) or SHORT_COUNT_HERE.match(text, end):
        return False
    if _AMOUNT.match(text, end) or _OUTPUT.match(text, end):
        return True
    per_head = _PER_HEAD.search(text[max(0, start - 6) : start]) or _HEAD.match(text, end)
    return bool(per_head and _MONEY.match(text, end))


# ---------------------------------------- 一年两次, 一季一调度

_CYCLE_UNIT = unit_pattern(set(UNITS) - {"双月", "双周", "月度", "年度", "学年度", "分钟", "晚"})
_CALENDAR_CYCLE = unit_pattern(("年", "年度", "季度", "月", "周", "星期", "学期", "学年"))
_SHORT_VERB = r"(?:开展|组织|召开|进行|举办|举行|更新|研究|检查|督查|通报|报送|调度|修订|完成|评估|轮训)"
_IN_A_CYCLE = re.compile(
    rf"(?<![每第\d.〇零一二三四五六七八九十百千万两近前后这那下同当月年几])(?<!(?<!则)上)"
    rf"(?P<length>(?:{HALF}|{FIGURE}\s?个?\s?{_CYCLE_UNIT}))"
    rf"(?:(?P<gap>\s?(?:{BOUND_BEFORE})?{_SHORT_VERB}?(?:{BOUND_BEFORE})?){COUNT}|{SHORT_COUNT})"
)
_CAPPED = re.compile(
    r"(?P<length>[半一1两2](?<![每第\d.〇零一二三四五六七八九十百千万两近前这那下同当月年几过].)"
    rf"\s?个?\s?{_CALENDAR_CYCLE})(?:之|以)?内[^，。；：！？\n]{{0,24}}?{AT_MOST}{_SHORT_VERB}?\s?{COUNT}"
    r"(?!\s?的(?:[，。；]|$))"
)
"""一年内检查不超过一次: how often at most. At least so often (一年内至少1次) is work to be done by its end."""
_HALVES_EACH = re.compile(
    rf"上、?下半年(?:分别|各)(?P<gap>\s?(?:{BOUND_BEFORE})?{_SHORT_VERB}?(?:{BOUND_BEFORE})?){COUNT}"
)
_IS_DATE = re.compile(r"\d+\s?[月日季]|[一二三四]季度(?!一|两|二|三|\d|至少|不少于)|\d+\s?季度")


def _in_a_cycle(text: str) -> Iterator[Frequency]:
    """A period counted without 每. Rules `times-in-cycle` 一年两次, 一年内不超过一次; `one-in-one` 一季一调度, 两年一届."""
    for found in _HALVES_EACH.finditer(text):
        if numbers := read_counts(found["count"]):
            bound = (
                bound_of(found["gap"], found["after"], numbers)
                or bound_before(text, found.start())
                or "exact"
            )
            yield _frequency(text, *found.span(), "P6M", numbers[0], bound, "times-in-cycle")
    for found in _CAPPED.finditer(text):
        if numbers := read_counts(found["count"]):
            yield _frequency(
                text, *found.span(), read_length(found["length"]), numbers[0], "max", "times-in-cycle"
            )
    for found in _IN_A_CYCLE.finditer(text):
        period = read_length(found["length"])
        if period is None or _IS_DATE.match(found.group()):
            continue
        start, end = found.span()
        outer = bound_before(text, start)
        if found["few"]:
            yield _frequency(text, start, end, period, few(found["few"]), outer or "exact", "one-in-one")
        elif numbers := read_counts(found["count"]):
            bound = bound_of(found["gap"], found["after"], numbers) or outer or "exact"
            yield _frequency(text, start, end, period, numbers[0], bound, "times-in-cycle")


# ---------------------------------------- 按月, 月度通报, 周调度

_BY_PERIOD = re.compile(
    r"(?:[按逐]|分(?=季度))"
    r"(?P<length>半年度?|学期|年度?(?![级龄限代份均])|季度?(?![节候])|月度?(?![份龄均])|旬|周(?![边围期])|日(?![程期常均计]))"
)
_NOT_RECURRING = re.compile(
    r"计[算征提酬]|连续处罚|顺延|递[增减]|增[加长]|提[高升]|降低|减少|下降|扩大|改善|加[大强]|上升|完善|有序"
    r"|计划|目标|预算|指标|任务"
)
_GOES_FORWARD = re.compile(r"[^，。；：！？\n、]{0,2}?(?:推进|更新|完善)")
"""逐年推进: little by little, until it is done."""
_ACTIVITY_NEAR = re.compile(rf"[^，。；：！？\n、]{{0,8}}?{ACTIVITY}")

_REGULAR_PERIODS = {row[0]: row[1] for row in rows("regular_periods.tsv")}
_REGULAR_PERIOD = any_of(words("regular_periods.tsv"))
_SETTING_UP = "实行|实施|落实|坚持|执行|建立|健全|完善|推行|开展|组织|召开|进行|采取|严格|形成|强化|按照"
_NO_OUTCOME = rf"(?!{_DEED}(?:结果|能力|量|数[据量]|费|额))"
"""月度考核结果, 年检测能力: what comes of an activity, not its recurring."""
_AT_START = rf"(?:^|(?<=[，。；：！？\n、“（和及与并])|(?<={_SETTING_UP}))"
_REGULAR_ACTIVITY = re.compile(
    rf"{_AT_START}(?P<length>{_REGULAR_PERIOD}){_NO_OUTCOME}(?={ACTIVITY}(?!日))", re.MULTILINE
)
_SHORT_ACTIVITY = re.compile(
    rf"{_AT_START}(?P<length>[日周旬月季年]){_NO_OUTCOME}(?:(?P<activity>{ACTIVITY})(?!日))", re.MULTILINE
)
_MECHANISM = r"[日周旬月季年](?![均产收销薪工营租利缴])[\u4e00-\u9fff]{2}"
_MECHANISMS = re.compile(
    rf"{_AT_START}{_MECHANISM}(?:[、和及]{_MECHANISM})+(?=[、，。；：”）的]|等|制度|机制|工作|模式|办法|要求|$)",
    re.MULTILINE,
)
"""日调度、周研判、季拉练: in such a list what is done need be known of one only."""
_ALTERNATE = re.compile(
    rf"(?:双月|双周|隔[月周日天年])(?=[\u4e00-\u9fff])(?![份刊薪])|(?<=逢)[单双]月(?:\s?{FIGURE}[日号](?:{_BEFORE})?)?"
)
_ANNUAL_ACTIVITY = re.compile(
    r"(?:(?:开展|组织|进行|实施|实行|启动)(?:[\u4e00-\u9fff]{1,3}(?<![上下本该一各个的届任]))?"
    r"|(?<=(?:[月季]度|半年)(?:通报|督查|考核|调度|评估|会商|检查|分析)、))"
    r"(?P<at>年度)(?P<gap>[^，。；：！？\n、]{0,20}?)"
    r"(?:考核|考评|评估|评价|评议|检查|督查|巡查|审计|述职|体检|测评|监测|会商|演练|培训|轮训)"
    r"(?!计划|方案|制度|目标|指标|结果|任务|办法|内容|体系|机制|标准|规划)"
)
_PLANNED = re.compile(r"计划|方案|预算|规划|清单|要点")


def _by_period(text: str) -> Iterator[Frequency]:
    """A period behind 按, 逐 or 分. Rule `by-period`: 按月, 逐季.

    逐年 and 按年度 only where an activity follows: mostly they say how things grow.
    """
    for found in _BY_PERIOD.finditer(text):
        length, end = found["length"], found.end()
        if _NOT_RECURRING.match(text, end):
            continue
        if length in ("年", "年度") and (
            _GOES_FORWARD.match(text, end) or not _ACTIVITY_NEAR.match(text, end)
        ):
            continue
        yield _counted(text, found.start(), end, read_length(length), "by-period")


def _regular_activity(text: str) -> Iterator[Frequency]:
    """An activity named by its period.

    Rules: `regular-activity` 月度通报, 周调度; `alternate` 双月座谈会; `annual-activity` 开展年度考核.
    """
    for found in _REGULAR_ACTIVITY.finditer(text):
        period = _REGULAR_PERIODS[found["length"]]
        yield _frequency(text, *found.span(), period, 1, "exact", "regular-activity")
    known = list(_SHORT_ACTIVITY.finditer(text))
    for found in known:
        # One character more is too little to tell an activity (年报, 周会) from a word.
        if len(found["activity"]) > 1 or found.group() in ("日报", "周报", "旬报", "月报"):
            period = iso_duration(1, found["length"])
            yield _frequency(text, *found.span(), period, 1, "exact", "regular-activity")
    for found in _MECHANISMS.finditer(text) if known else ():
        if any(found.start() <= one.start() < found.end() for one in known):
            for start in range(found.start(), found.end(), len("月通报、")):
                period = iso_duration(1, text[start])
                yield _frequency(text, start, start + len("月通报"), period, 1, "exact", "regular-activity")
    for found in _ALTERNATE.finditer(text):
        yield _counted(text, *found.span(), _REGULAR_PERIODS[found.group()[:2]], "alternate")
    for found in _ANNUAL_ACTIVITY.finditer(text):
        if not _PLANNED.search(found["gap"]):
            yield _frequency(text, *found.span("at"), "P1Y", 1, "exact", "annual-activity")


def _counted(text: str, start: int, end: int, period: str | None, rule: str) -> Frequency:
    outer = bound_before(text, start)
    if count := count_after(text, end, outer):
        return _frequency(text, start, count.end, period, count.times, count.bound, rule)
    return _frequency(text, start, end, period, 1, outer or "exact", rule)


# ---------------------------------------- without a period

_WATCH = re.compile(
    r"(?:[7七]\s?[×✕xX*＊]\s?)?(?<![\d.])(?:24|二十四)\s?小时(?!(?:以|之)?内)[^，。；：！？\n]{0,10}?"
    r"(?:值班值守|值守值班|值班|值守)(?!电话(?!(?:是否)?(?:保持)?(?:畅通|有人))|热线|室|号码|表)"
)
_STANDING_WORK = re.compile(
    r"(?<!保持|形成|建立|健全|完善|构建|实现|探索|纳入|转入|进入|转向)"
    rf"常态化(?:[、和]?[\u4e00-\u9fff]{{2}}化){{0,3}}地?(?:{any_of(words('standing_verbs.tsv'))}|{_DEED})"
    rf"(?!(?:{_DEED}|[\u4e00-\u9fff]{{2}})?(?:机制|制度|体系|格局|态势|局面|模式|措施|要求|阶段))"
)
_VAGUE = re.compile(
    rf"(?<![固规指法约制拟商预既特设锁判鉴合假]){any_of(words('vague.tsv'))}"
    r"(?![限刊满间货]|存款|存单|航班|债|末|支出|项目|财[力政]|收入|转移支付)"
)


def _without_period(text: str) -> Iterator[Frequency]:
    """Recurrence without a period.

    Rules: `standing-watch` 24小时值班; `standing-work` 常态化排查; `vague-regular` 定期, 不定期, 适时.
    """
    for found in _WATCH.finditer(text):
        yield _vague(text, *found.span(), "continuous", "standing-watch")
    for found in _STANDING_WORK.finditer(text):
        yield _vague(text, *found.span(), "continuous", "standing-work")
    for found in _VAGUE.finditer(text):
        yield _vague(text, *found.span(), "regular", "vague-regular")


# ---------------------------------------- the whole


def find_frequencies(text: str, context: FieldContext) -> list[Frequency]:
    """The frequencies that a clean text prints.

    Args:
        text: The clean text of an item.
        context: The document's year and date of issue; recurrences do not hang on them.

    Returns:
        The frequencies in the order of the text, none overlapping another.
    """
    # Of two that read the same words the first counts: 24小时双人值班 is a watch, and no two in a day.
    found = [
        *_without_period(text),
        *_each(text),
        *_in_a_cycle(text),
        *_by_period(text),
        *_regular_activity(text),
    ]
    named = Stretches(titles(text))
    kept: list[Frequency] = []
    for frequency in sorted(found, key=lambda f: (f.span.start, -f.span.end)):
        if named.cover(frequency.span) or (kept and frequency.span.overlaps(kept[-1].span)):
            continue
        kept.append(frequency)
    return kept


def _frequency(
    text: str, start: int, end: int, period: str | None, times: int, bound: Bound, rule: str
) -> Frequency:
    return Frequency(text[start:end], Span(start, end), period, times, bound, None, rule)


def _vague(text: str, start: int, end: int, vague: Vague, rule: str) -> Frequency:
    return Frequency(text[start:end], Span(start, end), None, None, None, vague, rule)
