"""The Chinese words in which people read what was found: kinds, roles, reasons, warnings, days, cycles."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from extractor.model import Deadline, Frequency, Place, Relation, Role, Warning
from extractor.text.characters import HAN, TONED

if TYPE_CHECKING:
    from extractor.ledger.records import Organization

ROLES: dict[Role, str] = {"lead": "牵头", "responsible": "责任", "cooperating": "配合"}

LEVELS = {"state": "国家", "province": "省", "city": "市", "county": "县", "town": "乡", "village": "村"}

UNIT_KINDS = {
    "party": "党委",
    "government": "政府",
    "department": "部门",
    "congress": "人大政协",
    "court": "法院检察院",
    "mass": "群团",
    "institution": "事业单位",
    "enterprise": "企业",
    "military": "军队武警",
    "place": "地方",
    "group": "议事协调机构",
    "other": "其他",
}

DOCUMENT_KINDS = {
    "work_points": "工作要点",
    "plan": "规划（计划、方案）",
    "opinion": "意见",
    "notice": "通知",
    "report": "汇报（总结）",
    "regulation": "条例（办法、规定）",
    "reply": "批复（答复）",
    "other": "其他",
}

ITEM_KINDS = {"group": "标题", "task": "任务", "goal": "目标", "context": "背景"}

STATUSES = {
    "not_started": "未开始",
    "in_progress": "进行中",
    "done": "已完成",
    "overdue": "逾期",
    "suspended": "暂缓",
    "cancelled": "取消",
}
"""What people set, and 逾期, which follows from the day."""

STATUS_SPELLINGS = {
    "未启动": "not_started",
    "推进中": "in_progress",
    "正在推进": "in_progress",
    "正在办理": "in_progress",
    "办理中": "in_progress",
    "在办": "in_progress",
    "正在进行": "in_progress",
    "完成": "done",
    "办结": "done",
    "已办结": "done",
    "暂停": "suspended",
    "已取消": "cancelled",
}
"""What units write for the words above."""

REFUSALS = {
    "damaged_id": "行标识“{text}”不完整或被改动，认不出是哪一行",
    "unknown_handout": "行标识“{text}”不是这个台账发出的：请核对 --ledger 指的台账",
    "misplaced": "行标识是任务 {text} 的，这一行写的却是别的内容，疑似只对部分列排了序：请恢复后再交",
    "twice": "任务 {text} 在表中有几行，内容不一：请只留一行",
    "unreckoned": "“{text}”填的是公式，没有算出结果：请用 Excel 或 WPS 打开，算出后保存再交",
    "unreadable_status": "状态“{text}”不在可选范围内，可选：未开始、进行中、已完成、暂缓、取消",
    "unreadable_percent": "进展情况“{text}”看不懂：百分比请写 0% 到 100% 的整数，如“60%，已完成招标”",
    "unreadable_day": "完成日期“{text}”看不懂，请写成 2026-05-01 的样子",
    "day_without_year": "完成日期“{text}”没有写年份，看不出是哪一年：请写成 2026-05-01 的样子",
    "overdue_reported": "“逾期”由台账按时限算出，不能填报：请填实际状态",
    "not_current": "任务 {text} 在台账中已不再是一项任务（被撤销、合并、拆分或新文件已取代）",
    "conflict": "表发出后台账已有别的登记：{conflict}",
    "other_copy": "同一张表还有一份一并交回，内容不一致：{conflict}；请核对后单独导入应采用的一份",
    "completed_in_future": "完成日期 {day} 还没有到",
    "completed_but_open": "填了完成日期 {day}，状态却是“{status}”",
    "done_below_100": "状态是“{status}”，进展情况却写的是 {percent}%",
    "begun_but_not_started": "状态是“{status}”，进展情况却写的是 {percent}%",
}
"""Why a row that came back was refused."""

FILTERS = {
    "document": "文件",
    "unit": "单位",
    "organization": "单位编号",
    "role": "角色",
    "status": "状态",
    "text": "文字",
    "page": "页",
}
"""By what tasks are chosen."""

DUE_STATES = {"overdue": "逾期", "today": "今日到期", "coming": "即将到期"}
NO_UNIT = "未注明单位"
"""Under what tasks stand whose text names no unit."""
TRACKING_FIELDS = {
    "status": "状态",
    "percent": "进度",
    "progress": "进展情况",
    "completed_on": "完成日期",
    "remarks": "备注",
}

PERSON_ROLES = {"staff": "收文员", "coordinator": "统筹员", "auditor": "核查员", "admin": "管理员"}
PERSON_DUTIES = {
    "staff": "收文、核对",
    "coordinator": "收文、核对、分工、催办、导出",
    "auditor": "查看、核查、导出，不能改动",
    "admin": "各项工作，并管理用户",
}

DOCUMENT_FIELDS = {"title": "标题", "issuer": "发文机关", "doc_number": "发文字号", "issued_on": "成文日期"}

LEFT_OUT = {
    "addressee": "主送机关",
    "attachment": "附件链接",
    "blank": "空白",
    "chrome": "网页栏目和按钮",
    "contact": "联系方式",
    "contents": "目录",
    "closing": "结尾段落",
    "cover": "印发通知的正文",
    "date": "日期",
    "doc_number": "发文字号",
    "footnote": "脚注",
    "invisible": "不可见字符",
    "letterhead": "版头",
    "line_number": "行号",
    "metadata": "网页所附信息",
    "note": "公开属性、抄送等附注",
    "outside_outline": "条目以外的文字",
    "page_footer": "页脚",
    "page_header": "页眉",
    "page_mark": "转载网站的分页标记",
    "page_number": "页码",
    "part_title": "所附文件的标题",
    "pinyin": "转换残留的注音",
    "preamble": "引言",
    "related_links": "相关链接",
    "repeated_header": "续表的表头",
    "signature": "落款",
    "table": "表格（不是任务表）",
    "title": "标题",
    "vertical_text": "竖排的装订文字",
    "watermark": "水印",
}

WARNINGS = {
    "number_lost": "编号缺失，按前后文应为",
    "number_doubled": "编号重复，按前后文应为",
    "number_out_of_order": "编号不连续，按前后文应为",
    "low_confidence": "文字识别把握不大，请对照原件核对：把握",
    "page_unread": "这一处是图片，没有读出文字，请对照原件核对",
    "no_outline": "没有读出条目：请核对文件内容是否完整",
}

STANDINGS = {**ITEM_KINDS, "left_out": "未采用", "blank": "空白"}
"""What became of a sentence of the source."""
CUES = {
    "modal": "有“要、应、须、不得”等要求",
    "deadline": "有时限",
    "frequency": "有频次",
    "unit": "有责任单位",
}
"""Why a sentence looks like a task."""

RELATIONS: dict[Relation, str] = {
    "carries_out": "贯彻落实",
    "based_on": "依据",
    "repeals": "废止",
    "mentions": "提及",
}

ACTIONS = {
    "ingest": "读入文件",
    "revise": "读入新版本",
    "take_up": "升级时记入",
    "restore": "由备份还原",
    "undo": "撤销改动",
    "correct": "更正任务",
    "confirm": "核对无误",
    "split": "拆分任务",
    "merge": "合并任务",
    "take_in": "补记任务",
    "record": "登记进展",
    "drop_attachment": "移除附件",
    "tick": "登记完成一次",
    "untick": "撤销完成一次",
    "event": "登记事件日期",
    "forget_event": "撤销事件日期",
    "hand_out": "发出任务表",
    "return": "收回任务表",
    "merge_units": "合并单位",
    "rename_unit": "单位改名",
    "split_unit": "拆分单位",
    "add_person": "增加人员",
    "change_person": "人员变动",
}
"""What is done in an event of the log."""
SUBJECTS = {
    "document": "文件",
    "task": "任务",
    "unit": "单位",
    "occasion": "事件",
    "handout": "发出的表",
    "person": "人员",
    "ledger": "台账",
}
TASK_STANDINGS = {
    "current": "在列",
    "withdrawn": "不作为任务",
    "merged": "已并入其他任务",
    "split": "已拆分",
    "dropped": "新版本中已没有",
}
DOCUMENT_STANDINGS = {"current": "现行", "superseded": "已有新版本"}
ORIGINS = {"read": "读入", "taken_in": "补记", "split": "拆出"}
TABLES = {
    "documents": "文件",
    "document_evidence": "文件信息的出处",
    "parts": "所附文件",
    "citations": "引用",
    "left_out": "未采用的文字",
    "warnings": "提醒",
    "places": "原文位置",
    "items": "条目",
    "measures": "举措",
    "units": "取值（单位）",
    "deadlines": "取值（时限）",
    "frequencies": "取值（频次）",
    "document_states": "文件",
    "tasks": "任务",
    "organizations": "单位",
    "names": "单位名称",
    "corrections": "更正",
    "reviews": "核对记录",
    "tracking": "进展登记",
    "ticks": "完成登记",
    "occasions": "事件日期",
    "attachments": "附件",
    "blobs": "附件内容",
    "handouts": "发出的表",
    "returns": "收回的表",
    "people": "人员",
    "events": "日志",
    "task_units": "任务的单位（推算）",
    "document_forms": "文件的文号和标题（推算）",
    "task_dates": "任务的日期（推算）",
    "task_texts": "任务的文字（推算）",
    "search": "搜索索引（推算）",
    "sqlite_master": "数据库结构",
    "sqlite_sequence": "编号记录",
    "_sqlite_migrations": "升级记录",
}
"""The tables of the ledger."""
CHECKS = {
    "file": "数据库文件",
    "tables": "数据库结构",
    "events": "日志链",
    "originals": "原件与读入内容",
    "quotes": "取值与原文",
    "state": "现状与日志",
    "derived": "推算内容",
}
"""What is gone through when a ledger is verified."""

CORRECTED_FIELDS = {
    "heading": "任务名称",
    "kind": "类别",
    "units": "单位",
    "deadlines": "完成时限",
    "frequencies": "频次",
}
"""What people can put something else in place of."""

DOUBTS = {
    "changed_since_confirmed": "核对之后又有变化",
    "basis_changed": "更正所依据的原文在新版本中有变化",
    "low_confidence": "文字识别把握不大",
    "number_lost": "编号缺失",
    "number_doubled": "编号重复",
    "number_out_of_order": "编号不连续",
    "no_unit": "没有读出单位",
    "no_day": "时限没有写明是哪一天",
    "by_hand": "有的值在原文中没有相同的文字",
    "inherited": "有的值承自上级标题",
}
"""Why a person should check a task."""

RULES = {
    # what kind an item is
    "has-children": "下有分项",
    "leaf-of-work": "写明要做的工作",
    "directive-sentence": "条目以外对单位提出要求的句子",
    "directs-unit": "对单位提出要求",
    "directs-nobody": "未对单位提出要求",
    "heading-context": "标题表明是背景或原则",
    "heading-goal": "标题表明是目标",
    "heading-task": "标题表明是工作任务",
    "under-context": "上级标题表明是背景或原则",
    "under-goal": "上级标题表明是目标",
    "article-of-regulation": "法规条文",
    "report": "汇报已做的工作",
    "empty": "只有编号，没有文字",
    "definition": "名词解释",
    "retrospect": "回顾已做的工作",
    "guiding-thought": "指导思想",
    "row-of-task-table": "任务表中的一行",
    # units
    "asked": "请某单位办理",
    "bracket-duty": "括号中注明负责",
    "bracket-label": "括号中注明单位",
    "bracket-together": "括号中注明会同",
    "by-unit": "由某单位办理",
    "line-label": "单独一行注明单位",
    "needs-support": "需要某单位支持",
    "subject": "句子的主语",
    "subject-beside": "并列的主语",
    "table-column": "任务表的单位栏",
    "together-with": "会同、配合的单位",
    # deadlines
    "ahead": "提前的时间",
    "event-after": "某事之后的期限",
    "event-ahead": "某事之前的期限",
    "event-before": "某事之前",
    "length": "所需时长",
    "month-unnamed": "未写明月份的日期",
    "plan-period": "规划期",
    "span": "起止时间",
    "week-day": "星期几",
    # frequencies
    "alternate": "隔期一次",
    "annual-activity": "年度性工作",
    "by-period": "按期开展",
    "due-day": "每期的截止日",
    "each-period": "每期若干次",
    "one-in-one": "一期一次",
    "regular-activity": "例行工作",
    "standing-watch": "全天值守",
    "standing-work": "常态化工作",
    "times-in-cycle": "一期若干次",
    "vague-regular": "定期",
    # what people gave
    "corrected": "人工更正，原文中有相同的文字",
    "by-hand": "人工更正，原文中没有相同的文字",
    "taken-in": "人工补记为任务",
    "judged": "人工判定",
}
TIME_RULES = {"date": "日期", "month": "月份", "quarter": "季度", "year": "年份"}
TIME_SHAPES = {"before": "之前", "by": "为止", "end": "之内", "bare": ""}

PERIODS = {
    "P1Y": "每年",
    "P6M": "每半年",
    "P3M": "每季度",
    "P1M": "每月",
    "P1W": "每周",
    "P1D": "每天",
    "P10D": "每旬",
}
PERIOD_UNITS = {"Y": "年", "M": "个月", "W": "周", "D": "天", "H": "小时"}
PERIOD = re.compile(r"P(?:(\d+)([YMWD])|T(\d+)(H))")
BOUNDS = {"min": "至少", "max": "不超过", "exact": ""}
SAYS_MORE = re.compile(r"[前底末]|学[期年]|双月|\d+日|[上下中]旬")
"""What a printed frequency says beyond a number in a period: 每月5日前, 每学期."""


def place(found: Place, *, exactly: bool = False) -> str:
    """Where something stands in the file as a person opens it; `exactly` adds the character in the line."""
    parts = (
        ("工作表“{}”", found.sheet),
        ("第{}页", found.page),
        ("第{}段", found.paragraph),
        ("表{}", found.table),
        ("第{}行", found.row),
        ("第{}格", found.cell),
        ("第{}行", found.line),
        ("第{}字", found.column if exactly else None),
    )
    said = "".join(words.format(value) for words, value in parts if value is not None)
    return said or found.element or ""


def organization(found: Organization) -> str:
    """A unit's name; a collective one with the place whose units it sums up."""
    return in_place(found.name, found.place if found.collective else None)


def in_place(name: str | None, place: str | None) -> str:
    """The name of a unit, with the place whose units it sums up; what stands for it where the text names none."""
    return f"{name}（{place}）" if name and place else name or NO_UNIT


def left_out(reason: str) -> str:
    """Why a stretch of text is in no item."""
    return LEFT_OUT.get(reason, reason)


def warning(found: Warning) -> str:
    """What a person should look at."""
    said = WARNINGS.get(found.code, found.code)
    return f"{said} {found.detail}" if found.detail else said.removesuffix("，按前后文应为")


def deadline(found: Deadline) -> str:
    """The last day with the printed words, or the words alone where they name no day."""
    printed = tidy(found.quote)
    day = found.due.isoformat() if found.due else printed
    return day if day == printed else f"{day}（{printed}）"


def frequency(found: Frequency) -> str:
    """How often, in the same words for the same thing."""
    printed = tidy(found.quote)
    if not found.period:
        return printed
    plain = f"{period(found.period)}{BOUNDS[found.bound or 'exact']}{found.times or 1}次"
    return f"{plain}（{printed}）" if SAYS_MORE.search(printed) else plain


def frequency_with_quote(found: Frequency) -> str:
    """How often, with the printed words where those are others."""
    plain, printed = frequency(found), tidy(found.quote)
    return plain if printed in plain else f"{plain}（{printed}）"


def value(found: Deadline | Frequency) -> str:
    """When or how often."""
    return deadline(found) if isinstance(found, Deadline) else frequency_with_quote(found)


def progress(percent: int | None, words: str) -> str:
    """How far it has come, and what was said of it."""
    return "，".join(filter(None, (f"{percent}%" if percent is not None else "", words)))


def days_left(days: int) -> str:
    """How far a day is away."""
    return f"超 {-days} 天" if days < 0 else f"还有 {days} 天" if days else "今天"


def rate(part: float | None) -> str:
    """A part of the whole as a percentage; – where there is no whole."""
    return "–" if part is None else f"{part:.0%}"


def holidays_unknown(years: Sequence[int]) -> str:
    """That in these years only weekends count as rest days."""
    return f"{'、'.join(map(str, years))}年的放假安排未收录：只按周末推算工作日。"


def size(count: int) -> str:
    """So many bytes, in a unit that suits."""
    if count < 1024:
        return f"{count} 字节"
    return f"{count / 1024:.0f} KB" if count < 1024 * 1024 else f"{count / 1024 / 1024:.1f} MB"


def rule(name: str) -> str:
    """What the rule with that id goes by."""
    moment, _, shape = name.partition("-")
    if moment in TIME_RULES and shape in TIME_SHAPES:
        return f"写明的{TIME_RULES[moment]}{TIME_SHAPES[shape]}"
    return RULES.get(name, name)


def period(iso: str) -> str:
    """每半年 for P6M, 每2年 for P2Y; what is no single unit stays as it is."""
    if iso in PERIODS:
        return PERIODS[iso]
    match = PERIOD.fullmatch(iso)
    if not match:
        return f"每{iso}"
    count, unit = match.group(1) or match.group(3), match.group(2) or match.group(4)
    return f"每{'' if count == '1' else count}{PERIOD_UNITS[unit]}"


HAN_OR_MARK = r"[\u2e80-\u9fff\uf900-\ufaff\u3000-\u303f\uff00-\uffef“”‘’…—]"
GAP_IN_CHINESE = re.compile(rf"(?<={HAN_OR_MARK})\s+|\s+(?={HAN_OR_MARK})")
INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")

READING = re.compile(rf"(?<=[{HAN}])[（(][a-zü]*[{TONED}][a-zü{TONED}]*[）)]")
"""區(qū): the reading that a site's converter of characters left behind one."""


def tidy(text: str) -> str:
    """`text` on one line as people read it: nothing invisible, no readings left behind characters, no gaps in Chinese."""
    return " ".join(GAP_IN_CHINESE.sub("", READING.sub("", INVISIBLE.sub("", text))).split())


def issuers(text: str) -> str:
    """The issuers of a circular, kept as printed with gaps between them, one after the other.

    Where a piece is as short as a character or two, the gaps are those of a name that was spread over its line.
    """
    pieces = text.split()
    return tidy("、".join(pieces) if all(len(piece) > 2 for piece in pieces) else text)


def titled(text: str) -> str:
    """A title in the marks of one."""
    title = tidy(text)
    return title if title.startswith("《") and title.endswith("》") else f"《{title}》"


def shortened(text: str, length: int) -> str:
    """`text`, or its beginning with … where it is longer than `length`."""
    return text if len(text) <= length else text[: length - 1].rstrip("，、；：,;: ") + "…"
