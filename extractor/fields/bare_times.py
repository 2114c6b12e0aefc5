"""Whether a time that says no limit itself (2025年, 一季度) limits work, or names, tells or compares."""

from __future__ import annotations

import re
from datetime import date

from extractor.fields.counts import BOUND_BEFORE
from extractor.fields.durations import FIGURE
from extractor.fields.lexicons import any_of, any_pattern_of, words
from extractor.fields.limits import Passage
from extractor.fields.moments import Moment

# ---------------------------------------- what stands before it

BRACKET = re.compile(r"[（(](?:完成)?(?:时间|时限)?[：:]?\s?$")
_AIM = re.compile(
    r"(?:力争|确保|争取|计划|拟|拟?定于|预计|务必|务求|力促|限于?|展望|原则上|延长|延续|执行|推迟)[于在用至到]?\s?$"
)
_NAMES_A_THING = re.compile(rf"{any_of(words('bare_time_decoys.tsv'))}\s?$")
_NUMBERING = r"(?:[（(]?[一二三四五六七八九十\d]{1,3}[）)、.．]|[一二三四五六七八九十]{1,3}是|——)"
_OPENING = re.compile(
    rf"(?:^|[\s　])(?:{_NUMBERING}|其中|并|同时|分别|各地|各单位|要|应|须)*[于在从自拟、]?\s?$"
)
_LIST_BEFORE = re.compile(r"[年月日底中末季度旬]、\s?$")
_PHASE = re.compile(
    r"(?:阶段|步骤?|环节|时间|时限|安排|部署|实施|推进|验收|整治|整改|排查|总结|提升|巩固|启动|动员)$"
)

# ---------------------------------------- what follows it

_MANNER = rf"{any_pattern_of('manners.tsv')}*"
_VERB = any_of(words("work_verbs.tsv"))
_IS_EXAMINED = r"(?:通过|接受)(?=[^，。；：\n的]{0,16}(?:[评会复]审|验收|评估|认证|审[查核计]|考[核评]|检查|抽查|督[察查导]|巡[察视]))"
"""2026年通过评审, where 通过培训 is how something is done."""
WORK = re.compile(
    rf"\s?[）)]?，?\s?(?:{_MANNER}(?:(?:(?<=将)|把)[^，。；：\n的]{{1,12}}?)?(?:{_VERB}|{BOUND_BEFORE}\s?{FIGURE}|向[^，。；：\n的]{{2,12}}?报告|{_IS_EXAMINED}))"
    r"(?!的|[^，。；：！？\n]{0,6}(?:的|情况|工作要点)(?:[，。；]|$))"
)
_BODY = r"(?:局|委|办|部|厅|政府|部门|单位|企业|项目|工程)"
_SUBJECT = (
    r"(?:全[市省县区州盟旗镇乡校系统国]{1,2}|各[^，。；：\n]{1,12}?|我[国市省县区]"
    rf"|[^，。；：\n]{{1,14}}?{_BODY}"
    r"|主体(?:工程)?|[一二三]期(?:工程|项目)?|首批|全线"
    r"|[在向为从](?![^，。；：\n]{0,30}[下中时后]，)[^，。；：\n的]{1,20}?)"
)
"""Who or where, between a bare time and the verb: 全市, 各镇, 工程, 在住宅小区."""
_SUBJECT_WORKS = re.compile(
    rf"，?{_SUBJECT}[^，。；：\n]{{0,12}}?(?:要(?![求点素件])|将|应(?!急)|须|力争|确保|计划|{_VERB})"
)
_REACHES = re.compile(
    r"[^，。；：！？\n的]{0,36}?(?:达到?|提[高升][到至]|[降减][低少]?[到至]|下降|控制在|突破|不[低少高]于|超过|保持)"
)
_REACHES_A_NUMBER = re.compile(rf"{_REACHES.pattern}[^，。；：！？\n]{{0,6}}?\d")
"""全年接待游客突破800万人次: where the year itself is not printed."""
_THEN_WORK = re.compile(r"\s?，(?!是|为(?!了)|在[^，。\n]{0,30}(?:领导|指导|关心|支持|帮助)下|我们|随着)")
_THEN_NO_WORK = re.compile(
    r"\s?(?:是|为|的|度|以来|[^，。；\n]{0,12}基础上|我[国市省县区].{0,12}(?:面临|进入))"
)
_IS_A_PHASE = re.compile(r"\s?为[^，。；\n]{0,12}阶段(?=[，。；\n]|$)")
_HEADS = re.compile(r"\s?：")
"""二月：1.召开…; 2025年：…: the time that heads a stretch of a calendar of work."""
_OF_SOMETHING = re.compile(r"[^，。；\n]{0,16}的(?!\s?\d)")
_NAMED_BY_TIME = re.compile(r"[^，。；\n]{0,6}(?:情况|工作|计划|任务|要点|方案|预算|指标)")
_TELLS = re.compile(r"(?<![对将])已(?![^，。]{0,8}的)|以来|曾|同比|过去|荣获|(?<![为除罢])了(?![解望结然])")
_TELLS_A_SUM = re.compile(r"累计|共计|共(?![同享建治管])|总计")


def leads_work(passage: Passage, moment: Moment, due: date | None, start: int, end: int) -> bool:
    """Whether a time that says no limit itself stands where it limits the work after it.

    It does in 一季度，召开动员会, in 总结阶段（11月） and behind 力争; it does not in 落实2022年工作要点.
    """
    left, right = passage.left(start), passage.right(end)
    if bracket := BRACKET.search(left):
        return right.startswith("）") and _dates_a_phase(moment, left[: bracket.start()])
    if moment.month is not None and _IS_A_PHASE.match(right):
        return True
    if _THEN_NO_WORK.match(right):
        return False
    if _AIM.search(left):
        return True
    if _NAMES_A_THING.search(left) or tells(passage, due, right):
        return False
    if _OPENING.search(left):
        if (moment.year or moment.month) and _HEADS.match(right):
            return True
        reaches = _REACHES if moment.year else _REACHES_A_NUMBER if moment.has_year else None
        return any(rule and rule.match(right) for rule in (reaches, _THEN_WORK, WORK, _SUBJECT_WORKS))
    if left.endswith(("、", "和")) and not _LIST_BEFORE.search(left):
        return False
    return bool(WORK.match(right)) and not _OF_SOMETHING.match(right)


def reaches(passage: Passage, due: date | None, start: int, end: int) -> bool:
    """Whether a time stands before what is reached by then: 毕业生年底去向落实率不低于90%."""
    left, right = passage.left(start), passage.right(end)
    return bool(_REACHES.match(right)) and not (_NAMES_A_THING.search(left) or tells(passage, due, right))


def goes_on(passage: Passage, due: date | None, start: int, end: int) -> bool:
    """Whether a time that opens its clause goes on with a list of limits: 6月开工，10月主体封顶."""
    left, right = passage.left(start), passage.right(end)
    names = _THEN_NO_WORK.match(right) or _OF_SOMETHING.match(right) or _NAMED_BY_TIME.match(right)
    opens = not left.strip() or left.endswith("、")
    return bool(right and opens) and not (names or tells(passage, due, right))


def tells(passage: Passage, due: date | None, words_after: str) -> bool:
    """Whether the words after a time tell what was (全市已建成, 累计完成), not what shall be."""
    if _TELLS.search(words_after):
        return True
    is_over = due is None or (passage.issued_on is not None and due < passage.issued_on)
    return is_over and tells_a_sum(words_after)


def tells_a_sum(words_after: str) -> bool:
    """Whether the words after a time that is over, or nearly, sum up what was done in it: 累计完成."""
    return bool(_TELLS_A_SUM.search(words_after))


def _dates_a_phase(moment: Moment, name: str) -> bool:
    """Whether a time in brackets dates the phase or task it follows, and is not part of a name."""
    return not name.endswith("》") and (moment.month is not None or bool(_PHASE.search(name)))
