"""Limits that hang on an event or on no named start: 事故结案后一年内, 演练前20日, 汛期前, 三年时间."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple

from extractor.fields.durations import FIGURE, FIGURES, HALF, UNITS, WITHIN, read_length, unit_pattern
from extractor.fields.lexicons import any_of, any_pattern_of, rows, words
from extractor.fields.limits import NO_LIMIT, NOT_BEFORE, Limit, Passage
from extractor.fields.moments import DAY_NUMBER, MONTH_NUMBER, Moment, number
from extractor.model import Span

_LIMIT_UNIT = unit_pattern(set(UNITS) - {"月", "月度", "年度", "双月", "双周", "季", "晚"})
_LENGTH = rf"(?:{HALF}|{FIGURES}\s?(?:个\s?半?月|个?\s?半?{_LIMIT_UNIT})半?)"
_NO_NUMBER_BEFORE = r"(?<![\d.第每零〇一二三四五六七八九十百])(?<!今明)"
_WITHIN = re.compile(rf"{_NO_NUMBER_BEFORE}(?P<length>{_LENGTH})(?:左右)?\s?(?:的?时间)?{WITHIN}")
_AT_LATEST = re.compile(rf"(?:最迟|最晚|最长)(?:时间)?不?得?(?:超过|晚于|迟于)\s?(?P<length>{_LENGTH})")
_AT_LATEST_AFTER = re.compile(
    rf"(?:不得?|不能|不应)(?:超过|晚于|迟于)\s?(?P<event>[\u4e00-\u9fff]{{2,16}}?)之?后的?\s?(?P<length>{_LENGTH})(?!{WITHIN})"
)
"""最迟不得超过险情发生后1小时: the limit needs no 内."""
_NO_LIMIT_BEFORE = re.compile(
    r"(?:压缩|缩短|压减|减少|控制|缩减|近|过去|最近|连续|前|任意|任一|每|满|超过|达到?|不足)[至到在为]?(?:最近|近)?\s?$"
)
_CONDITION = re.compile(
    r"的(?!时间)|(?:仍|均)?(?:不得|不能|未|没有|无|累计|发生|受到|再次|连续|曾|有(?![关效序]))"
)
_PERMITS = re.compile(rf"，?(?:均|仍|都|其)?{any_pattern_of('permissions.tsv')}")
"""5年内可不变更用途, 三年内免征: for how long something is allowed, not by when work is done."""
_MAY = re.compile(r"可以?[自从在于]?$")
"""可在收到通知之日起15日内申请复核: a right, no duty."""
_BENEFIT = re.compile(
    r"[^，。；：！？\n]{0,8}?(?:给予|按)[^，。；：！？\n]{0,24}?(?:补[贴助]|奖[励补]|优惠|减免|减征|贴息|支持|返还|免征|免收)"
)
"""3年内给予补贴: as long as years."""
_UNMET = re.compile(r"[仍尚均]?未[^，。；]{0,12}的(?:，|$)")
"""收到通知书15日内未改正的，…: a condition, not a limit."""

_SHORT_LEAD = r"(?:最?迟|至多|应当?|须|必须|要|力争|原则上|[^，]{0,4}[在于])"
_EVENT_TAIL = re.compile(
    r"(?P<tail>(?:之日|之时|当日|当天|之后|日|时)?起(?:的|后|计算?|算起?)?|之?后的?|以后的?)"
    rf"，?{_SHORT_LEAD}?$"
)
_FROM_EVENT = re.compile(r"自(?P<event>[^，。；：\n自]{2,24})$")
_DIRECT_VERB = any_of(tuple(row[0] for row in rows("event_verbs.tsv") if "direct" in row[1]))
_EVENT_AT_END = re.compile(
    rf"(?P<event>{_DIRECT_VERB}|(?:收到|接到|发现)[\u4e00-\u9fff]{{2,8}}?)(?:后|的|最迟)*(?<![应须要在于])$"
)
_EVENT_CLAUSE = re.compile(
    r"(?:^|[，。；：！？\n])(?P<event>[^，。；：！？\n]{2,30}?)(?:之日起|之?后)"
    r"(?:(?:(?:立即|及时|迅速|马上|第一时间)[^，。；\n]{0,12})?，[^。；！？\n]{0,40}"
    r"|(?:立即|及时|迅速|马上|第一时间)[^，。；\n]{0,12})$"
)
_MISHAP = "事故|事件|险情|灾情|突发情况|疫情|舆情|警情|投诉|举报|信访件|工单|诉求"
_OCCURS = "发生|发现|出现|接到|收到|接报|提出|反映|异议|举报|投诉|触发|受理|变动|变更|空缺"
_CASE = re.compile(
    r"(?:^|[，。；：！？\n])(?:一旦|如|若|凡是?|对于?)*(?P<event>"
    rf"[^，。；：！？\n]{{0,20}}(?:{_MISHAP})(?:（[^（）]{{1,8}}）)?|[^，。；：！？\n]{{0,20}}(?:{_OCCURS})[^，。；：！？\n]{{0,16}}(?=的，)"
    r")的?，[^，。；！？\n]{0,24}$"
)
"""A case that is dealt with in so long: 接到红色预警的，…15分钟内; 涉及儿童伤害的突发情况，2小时内."""

_MARK = re.compile(
    r"自(?![查评然愿主身己治动行我纠检律救建])|(?<![关由属对等低少高多大小终位基鉴用至处便利善])于"
    r"|(?<![存现正所内潜])在(?![建线岗校编册职用途])|(?<!服)从(?![业事严重而快简优])"
)
_MODAL = re.compile(
    r"确保|务必|务求|保证(?![金书人])|力争|争取(?!到)|(?<![重主需紧纪概摘])要(?![求素点件])|应当|(?<![响反效])应(?![急对用答收届付])|必须|须|需(?!求|要求)|请"
)
_LEADS_IN = re.compile(
    r"(?:[ 　、的（“]|其中|每[次场起]|对(?![外口接])|(?:做好|抓好|抓实|搞好|加强|强化|落实)(?=[\u4e00-\u9fff]{2}))+"
)
_RECEIPT = re.compile(r"(?:收到|接到|接报|接警|获悉|得知|知悉|发现|受理|取得|领取)")
_DOCUMENT = "通知|意见|方案|办法|措施|规定|细则|规划|计划|要点|通报|公告|决定|文件|条例|政策|工作|纲要"
_THIS_DOCUMENT = re.compile(rf"[本该此](?:实施|若干|指导|工作|行动)*(?:{_DOCUMENT})(?:正式)?(?=.)")

_BEFORE_VERB = any_of(tuple(row[0] for row in rows("event_verbs.tsv") if "before" in row[1]))
_EVENT_WORD = any_of(words("events.tsv"))
_AHEAD = re.compile(
    r"(?<![目当此日以之先生空史跟面眼提从超如往年月底旬末号名排靠午])之?前的?(?:至少|提前|不少于|最迟)?"
    rf"(?P<length>{_LENGTH}){WITHIN}?"
)
_RECURS = re.compile(r"[^，。；：\n]{0,12}每[\d一二两三四五六]{0,3}个?(?:小时|[日天晚周])")
"""Behind 登陆前12小时内: a time in which work recurs, not one by which it is done."""
_EARLIER = re.compile(
    rf"(?:至少|应|须|要|需|必须|不少于)?提前(?:至少|不少于)?"
    rf"(?P<length>{FIGURES}\s?个?(?:工作日|自然日|日(?!常)|天|小时|周|星期|月))(?!完成|实现|达)"
)
_AGO = re.compile(
    rf"(?<![\d第每月一二三四五六七八九十])(?P<length>{FIGURE}\s?个?(?:工作日|日|天|小时|周|月))[之以]?前(?![后期])"
)
_EVENT_BEFORE_AGO = re.compile(rf"(?P<event>{_BEFORE_VERB}|{_EVENT_WORD}|演练|活动|培训|检查)的?(?:至少)?$")
_EVENT_BEFORE = rf"(?:之前|以前|前夕|前{NOT_BEFORE}(?!提(?![交请出供报升前])))"
_SET_EVENT = (
    rf"(?:(?<![\d.])20\d\d年|今年|明年)?“?{_EVENT_WORD}”?(?:(?:[、和及]|(?<=”))“?{_EVENT_WORD}”?){{0,4}}"
    r"(?:正式|全面)?(?:来临|到来|来到|开始|开幕|召开|举行|结束|放假|假期)?"
)
_EVENT_OPENS = f"(?=[20今明“{re.escape(''.join(sorted({word[0] for word in words('events.tsv')})))}])"
_BEFORE_SET_EVENT = re.compile(rf"{_EVENT_OPENS}(?P<event>{_SET_EVENT}){_EVENT_BEFORE}")
_BEFORE_DEED = re.compile(rf"(?P<event>{_BEFORE_VERB}){_EVENT_BEFORE}")
_DAY = re.compile(
    rf"(?:(?P<year>20\d\d)\s?年)?(?<!\d)(?P<month>{MONTH_NUMBER})\s?月\s?(?P<day>{DAY_NUMBER})\s?[日号]"
)
_DAY_AT_END = re.compile(rf"{_DAY.pattern}\s?$")
_UNDONE = re.compile(r"未|没有|尚|不")
_BEFORE_AND_AFTER = re.compile(r"[、，]?[^，。\n]{0,3}[中后][、，]|、[^，。\n]{0,3}中")
_NO_LIMIT_AFTER = re.compile(
    r"[所的]|，?(?:一律)?(?:不得|严禁|禁止|不予|培训|检查(?:制度|表)|教育培训)|，[^，。；\n]{1,12}(?:不得|严禁|禁止|不予)"
)

_SETS_ABOUT = re.compile(r"(?:开展|组织|做好|抓好|抓实|加强|强化|落实|完成|深化|搞好|实施)$")
_WHENEVER = re.compile(r"(?:逢|每[到至遇次届场]|凡[遇是]?|遇(?!到|难|险))(?:重大|重要|法定)?$")
_EACH_TIME = re.compile(r"每?逢|每[到至遇]|凡?遇(?!到|难|险)")
"""每逢节假日前: before each of them, on no one day."""
_AT_HEAD = re.compile(r"\s*(?:[（(]?[一二三四五六七八九十\d]{1,3}[）)、.．]\s*)?$")
_WORK_NAMED = re.compile(rf"[\u4e00-\u9fff]{{0,4}}?(?:{any_of(words('activities.tsv'))}|准备|整治|慰问)")

_HEADED_WORK = re.compile(
    rf"(?:安全|隐患|风险|应急|防汛|走访|廉政|专项|集中|大)*(?:{any_of(words('activities.tsv'))}|准备|整治|慰问|提醒|教育)"
    r"(?:工作|阶段)?\s*(?:[（(][^（）()]*[）)])?\s*"
)
"""What a heading may name behind 汛前; 汛前完成排查 is a sentence."""

_EFFORT = re.compile(
    rf"(?<![\d.第每一二三四五六七八九十])(?:(?P<spend>利?用|花|再用|分|经过|通过|历时|力争用?|争取用?)\s?)?"
    rf"(?P<length>{_LENGTH})(?P<about>左右)?(?P<time>\s?的?(?:时间|努力))?"
)
_SPENT_TO = re.compile(r"(?!行动|计划|规划|期|度|以上|的?期|来|前|后|一|制|级|龄|内)")
_TIME_WORD = re.compile(r"段|表|点|节点|跨度")
_COMING = re.compile(
    rf"(?:今后|未来|接下来)\s?{FIGURES}\s?个?[年月](?:左右)?(?:内|时间)?(?=，|要|将|全|力争)"
)


class EventLimits(NamedTuple):
    """The limits of a passage that hang on an event, or on a start that the text does not name."""

    passage: Passage

    def within(self) -> Iterator[Limit]:
        """A length of time and 内. Rules `event-after` 事故结案后一年内, 灾害发生12小时内; `length` 3个月内."""
        passage = self.passage
        for found in chain(_WITHIN.finditer(passage.text), _AT_LATEST.finditer(passage.text)):
            start, end = found.span()
            left, offset = passage.left(start), read_length(found["length"])
            if offset is None or _NO_LIMIT_BEFORE.search(left):
                continue
            if self._is_no_limit(found["length"], passage.right(end)):
                continue
            if event := self._event_up_to(start, left):
                begin, name = event
                of_it = name.end == start and passage.right(end).startswith("的")
                if of_it or _MAY.search(passage.left(begin)):
                    continue
                yield Limit(begin, end, None, "event-after", name, offset)
            elif not (_CONDITION.match(passage.right(end)) or _MAY.search(left)):
                earlier = self._event_of_clause_before(start)
                rule = "event-after" if earlier else "length"
                yield Limit(start, end, None, rule, earlier, offset, is_open=earlier is None)

        for found in _AT_LATEST_AFTER.finditer(passage.text):
            if offset := read_length(found["length"]):
                named = Span(*found.span("event"))
                yield Limit(named.start, found.end(), None, "event-after", named, offset)

    @staticmethod
    def _is_no_limit(length: str, right: str) -> bool:
        """Whether the words behind a length of time make it a condition, or how long something holds."""
        is_long = length.endswith(("年", "年度", "半"))
        return bool(_UNMET.match(right) or _PERMITS.match(right) or (is_long and _BENEFIT.match(right)))

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
        words = self.passage.text[base:start]
        found = _EVENT_CLAUSE.search(words) or _CASE.search(words)
        event = self._named_in(found["event"], base + found.start("event")) if found else None
        return event[1] if event else None

    def ahead(self) -> Iterator[Limit]:
        """So long before. Rules `event-ahead` 演练前20日, 会议召开3天前; `ahead` 提前5个工作日."""
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
                yield Limit(*found.span(), None, "ahead", None, f"-{offset}")

    def _ahead_of(self, left: str, found: re.Match[str], name_end: int | None = None) -> Iterator[Limit]:
        offset = read_length(found["length"])
        event = self._named_in(left[:name_end], found.start() - len(left))
        is_window = found.group().endswith("内") and _RECURS.match(self.passage.right(found.end()))
        if offset and event:
            rule = NO_LIMIT if is_window else "event-ahead"
            yield Limit(event[0], found.end(), None, rule, event[1], f"-{offset}")

    def before(self) -> Iterator[Limit]:
        """Any time before. Rule `event-before`: 汛期前, 春节前, 会议召开前."""
        passage = self.passage
        for found in _BEFORE_SET_EVENT.finditer(passage.text):
            event = Span(*found.span("event"))
            left = passage.left(event.start)
            if _WHENEVER.search(left):
                yield Limit(event.start, found.end(), None, NO_LIMIT)
            elif self._is_awaited(left[-3:], found.end()) and not self._names_work(left, found):
                yield self._before(event.start, found.end(), event)
        for found in _BEFORE_DEED.finditer(passage.text):
            left = passage.left(found.end("event"))
            deed = self._named_in(left, found.end("event") - len(left))
            if deed and _EACH_TIME.match(deed[1].of(passage.text)):
                yield Limit(deed[0], found.end(), None, NO_LIMIT)
            elif deed and self._is_awaited(deed[1].of(passage.text), found.end()):
                yield self._before(deed[0], found.end(), deed[1])

    def _before(self, start: int, end: int, event: Span) -> Limit:
        """The limit before `event`: its day, where that is printed with it (9月10日教师节前), else the event."""
        text = self.passage.text
        day = _DAY.match(text, event.start, event.end) or _DAY_AT_END.search(
            text, max(0, event.start - 16), event.start
        )
        due = (
            self.passage.resolve(Moment(number(day["year"]), None, number(day["month"]), number(day["day"])))
            if day
            else None
        )
        if day and due:
            return Limit(min(start, day.start()), end, due, "date-before")
        return Limit(start, end, None, "event-before", event, "-P0D")

    def _is_awaited(self, event: str, end: int) -> bool:
        """Whether the event is to come (未整改到位前 is a condition) and the work is due before it."""
        right = self.passage.right(end)
        return not (_UNDONE.search(event) or _BEFORE_AND_AFTER.match(right) or _NO_LIMIT_AFTER.match(right))

    def _names_work(self, left: str, found: re.Match[str]) -> bool:
        """Whether 汛前 or 节前 is the first word of what is done (开展汛前检查), or of a heading (汛前准备), not when it is done."""
        right = self.passage.right(found.end())
        if len(found["event"]) > 1 or not found.group().endswith("前"):
            return False
        if _SETS_ABOUT.search(left):
            return bool(_WORK_NAMED.match(right))
        return bool(_AT_HEAD.match(left) and _HEADED_WORK.fullmatch(right))

    def efforts(self) -> Iterator[Limit]:
        """Lengths of time whose start is not named. Rule `length`: 三年时间, 用两年左右, 分三年, 今后五年."""
        passage = self.passage
        for found in _EFFORT.finditer(passage.text):
            right = passage.right(found.end())
            if not self._is_effort(found, right) or read_length(found["length"]) is None:
                continue
            if _NO_LIMIT_BEFORE.search(passage.left(found.start())) or _TIME_WORD.match(right):
                continue
            start = found.start() if found["spend"] == "分" else found.start("length")
            yield Limit(start, found.end(), None, "length")
        for found in _COMING.finditer(passage.text):
            yield Limit(*found.span(), None, "length")

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
    led_in = _LEADS_IN.match(stretch, begin)
    return led_in.end() if led_in else begin
