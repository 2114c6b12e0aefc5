"""Deadlines in clean text: what is a limit, which day it is, and what only looks like one."""

from __future__ import annotations

import time
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.fields.context import FieldContext
from extractor.fields.deadlines import find_deadlines
from extractor.fields.frequencies import find_frequencies
from extractor.model import Deadline

SPRING_2022 = FieldContext(year=2022, issued_on=date(2022, 3, 10))


def read(text: str, context: FieldContext = SPRING_2022) -> list[Deadline]:
    return find_deadlines(text, context, find_frequencies(text, context))


def days(text: str, context: FieldContext = SPRING_2022) -> list[tuple[str, str | None]]:
    return [(d.quote, d.due.isoformat() if d.due else None) for d in read(text, context)]


DATED = [
    # years
    ("到2024年，建成县级物流中心。", [("到2024年", "2024-12-31")]),  # the target year
    ("2026年前淘汰全部老旧锅炉。", [("2026年前", "2026-12-31")]),  # 年前 is the whole year
    ("至2025年末全面建成。", [("至2025年末", "2025-12-31")]),
    ("力争2022年在两个镇开展试点。", [("2022年", "2022-12-31")]),  # a bare year behind 力争
    ("计划2022年新建充电桩500个。", [("2022年", "2022-12-31")]),
    ("2025年，建成覆盖城乡的供水网络。", [("2025年", "2025-12-31")]),  # a bare year that opens a goal
    ("2025年森林覆盖率达到35%以上。", [("2025年", "2025-12-31")]),  # an indicator is its verb's subject
    ("2022年全市改造危桥30座。", [("2022年", "2022-12-31")]),  # subject between year and verb
    ("工程2023年建成投用。", [("2023年", "2023-12-31")]),  # the subject comes first
    ("明年底竣工通车。", [("明年底", "2023-12-31")]),
    ("今年力争完成投资20亿元。", [("今年", "2022-12-31")]),
    ("全年新增绿地50公顷。", [("全年", "2022-12-31")]),
    ("本年度内完成换证。", [("本年度内", "2022-12-31")]),
    ("年内启动二期工程。", [("年内", "2022-12-31")]),
    ("年内至少组织2次演练。", [("年内", "2022-12-31")]),  # a limit, not a recurrence
    ("力争年底实现全覆盖。", [("年底", "2022-12-31")]),
    ("年中前完成评估。", [("年中前", "2022-06-30")]),
    ("今年年中开展一次回头看。", [("今年年中", "2022-06-30")]),
    ("二〇二二年十二月底前建成。", [("二〇二二年十二月底前", "2022-12-31")]),  # Chinese figures
    ("二O二五年底完成改造。", [("二O二五年底", "2025-12-31")]),  # a letter O for the zero
    # months and days
    ("2024年2月底前完成清查。", [("2024年2月底前", "2024-02-29")]),  # leap year
    ("2023年2月底前完成清查。", [("2023年2月底前", "2023-02-28")]),
    ("10月末前完成秋种。", [("10月末前", "2022-10-31")]),
    ("11月底之前报送。", [("11月底之前", "2022-11-30")]),
    ("12月前完成任务。", [("12月前", "2022-12-31")]),
    ("4月内完成。", [("4月内", "2022-04-30")]),  # April, not four months
    ("5月上旬完成播种。", [("5月上旬", "2022-05-10")]),
    ("11月中旬前完成验收。", [("11月中旬前", "2022-11-20")]),
    ("6月中下旬开展督查。", [("6月中下旬", "2022-06-30")]),
    (
        "9月1日新学期开学前完成改造。",
        [("9月1日新学期开学前", "2022-09-01")],
    ),  # the day of the event is printed
    ("九月十五日以前完成整改。", [("九月十五日以前", "2022-09-15")]),
    ("1月20日前上报。", [("1月20日前", "2022-01-20")]),  # before the month of issue: still the tasks' year
    ("明年3月底前全部销号。", [("明年3月底前", "2023-03-31")]),
    ("下月10日前完成。", [("下月10日前", "2022-04-10")]),
    ("请于本月底前报送。", [("本月底前", "2022-03-31")]),
    ("本周五前反馈意见。", [("本周五前", "2022-03-11")]),
    ("请于20日前反馈。", [("20日前", None)]),  # of no month that is printed
    ("月底前完成归档。", [("月底前", None)]),
    ("10月，组织开展技能比武。", [("10月", "2022-10-31")]),  # a bare month that opens a task
    ("5月份开展警示教育。", [("5月份", "2022-05-31")]),
    # quarters and halves
    ("一季度，召开动员部署会。", [("一季度", "2022-03-31")]),
    ("第二季度末完成登记。", [("第二季度末", "2022-06-30")]),
    ("明年一季度完成招标。", [("明年一季度", "2023-03-31")]),
    ("前三季度完成投资的75%。", [("前三季度", "2022-09-30")]),
    ("二、三季度开展抽查。", [("二、三季度", "2022-09-30")]),  # the later of two
    ("上半年完成立项，下半年开工。", [("上半年", "2022-06-30"), ("下半年", "2022-12-31")]),
    ("2023年上半年，建成投用。", [("2023年上半年", "2023-06-30")]),
    ("上半年在住宅小区增设充电桩2000个。", [("上半年", "2022-06-30")]),  # a place between time and verb
    (
        "一季度完成招标，二季度进场施工，三季度主体封顶。",  # the same kind of time goes on opening clauses
        [("一季度", "2022-03-31"), ("二季度", "2022-06-30"), ("三季度", "2022-09-30")],
    ),
    ("4月启动、6月初步设计完成。", [("4月", "2022-04-30"), ("6月", "2022-06-30")]),
    ("年中组织评估，年末进行总评。", [("年中", "2022-06-30"), ("年末", "2022-12-31")]),
    ("年中、年底各开展一次述职。", [("年中", "2022-06-30"), ("年底", "2022-12-31")]),
    # five-year plans
    ("“十四五”末，覆盖率达到45%。", [("“十四五”末", "2025-12-31")]),
    ("“十四五”期间，全市新建水库3座。", [("“十四五”期间", "2025-12-31")]),
    ("到“十五五”末，基本实现现代化。", [("到“十五五”末", "2030-12-31")]),
    ("“十四五”期间综合治理山洪沟11条。", [("“十四五”期间", "2025-12-31")]),
    # words before the date
    ("不晚于10月31日上报。", [("不晚于10月31日", "2022-10-31")]),
    ("最迟于7月1日前完成。", [("最迟于7月1日前", "2022-07-01")]),
    ("报名截至2022年5月1日。", [("截至2022年5月1日", "2022-05-01")]),
    ("完成时限：2022年12月", [("2022年12月", "2022-12-31")]),  # the label makes a bare month a limit
    ("完成时限：年底", [("年底", "2022-12-31")]),
    ("预计2023年6月竣工。", [("2023年6月", "2023-06-30")]),
    # other ways to write a date
    ("2022/9/30前上报。", [("2022/9/30前", "2022-09-30")]),
    ("2022-09-30前上报。", [("2022-09-30前", "2022-09-30")]),
    ("9.30前完成。", [("9.30前", "2022-09-30")]),
    ("2022年6月30前完成。", [("2022年6月30前", "2022-06-30")]),  # 日 left out
    ("2022 年 8 月 底前完成。", [("2022 年 8 月 底前", "2022-08-31")]),  # spaces that cleaning has left
    # clock and weekday
    ("7月15日18时前报送。", [("7月15日18时前", "2022-07-15")]),
    ("7月15日17:30前报送。", [("7月15日17:30前", "2022-07-15")]),
    ("4月15日（星期五）下班前报送。", [("4月15日（星期五）下班前", "2022-04-15")]),
    ("2022年12月31日24时止。", [("2022年12月31日24时止", "2022-12-31")]),
    # stretches
    ("自2022年4月1日至6月30日，开展百日攻坚。", [("2022年4月1日至6月30日", "2022-06-30")]),
    ("4月1日至30日开展集中宣传。", [("4月1日至30日", "2022-04-30")]),  # only the day on the second
    ("2023年4—10月，开展整治。", [("2023年4—10月", "2023-10-31")]),  # 月 only on the second
    ("2022年11月至4月，开展防火巡护。", [("2022年11月至4月", "2023-04-30")]),  # runs into the next year
    ("2022.4—2022.12，实施改造。", [("2022.4—2022.12", "2022-12-31")]),
    ("2022—2025年，全市新建绿道200公里。", [("2022—2025年", "2025-12-31")]),
    ("总结提升阶段（11月—12月）。", [("11月—12月", "2022-12-31")]),
    ("巩固提升阶段（2023年全年）。", [("2023年全年", "2023-12-31")]),
    ("10月为验收阶段。", [("10月", "2022-10-31")]),
    ("即日起至6月30日，开展自查。", [("至6月30日", "2022-06-30")]),  # the start is no date
    ("政策期限延长至2023年12月31日。", [("至2023年12月31日", "2023-12-31")]),
    # several
    (
        "2023年、2025年分别完成任务的50%和100%。",
        [("2023年", "2023-12-31"), ("2025年", "2025-12-31")],
    ),
    ("在今明两年内基本完成整治。", [("今明两年内", "2023-12-31")]),  # and no two years
    ("6月20日、12月20日前分别报送总结。", [("6月20日", "2022-06-20"), ("12月20日前", "2022-12-20")]),
    (
        "2023年3月底前完成试点，6月底前全面推开。",  # the second month belongs to the first one's year
        [("2023年3月底前", "2023-03-31"), ("6月底前", "2023-06-30")],
    ),
    ("总结于7月10日、次年1月10日前报送。", [("7月10日", "2022-07-10"), ("次年1月10日前", "2023-01-10")]),
]


@pytest.mark.parametrize(("text", "expected"), DATED)
def test_dates(text: str, expected: list[tuple[str, str | None]]) -> None:
    assert days(text) == expected


EVENTS = [
    # after an event
    ("自收到通知之日起10个工作日内反馈。", [("收到通知之日起10个工作日内", "收到通知", "P10D")]),
    ("本意见印发之日起3个月内出台细则。", [("本意见印发之日起3个月内", "印发", "P3M")]),  # 本意见 is no event
    ("方案印发一周内完成部署。", [("方案印发一周内", "方案印发", "P1W")]),  # no 后
    (
        "县发改局应当在项目批复后15日内公示。",
        [("项目批复后15日内", "项目批复", "P15D")],
    ),  # 在 opens the event
    ("各镇收到名单后2日内核实。", [("收到名单后2日内", "收到名单", "P2D")]),  # the subject is left out
    ("接报后半小时内核实。", [("接报后半小时内", "接报", "PT30M")]),
    ("文件出台后两周内组织培训。", [("文件出台后两周内", "文件出台", "P2W")]),
    ("决算批准后二十日内公开。", [("决算批准后二十日内", "决算批准", "P20D")]),
    ("任务结束后一年半内完成评估。", [("任务结束后一年半内", "任务结束", "P18M")]),
    ("公示期满后3—5日内发文。", [("公示期满后3—5日内", "公示期满", "P5D")]),  # the later end of a range
    ("险情发生后，应在1小时内上报。", [("1小时内", "险情发生", "PT1H")]),  # the event in the clause before
    (
        "接到举报后24小时内核查，7个工作日内反馈。",  # the second limit shares the event
        [("接到举报后24小时内", "接到举报", "PT24H"), ("7个工作日内", "接到举报", "P7D")],
    ),
    ("应急响应终止后15日内总结。", [("应急响应终止后15日内", "应急响应终止", "P15D")]),  # 响应 is no 应
    ("每次演练结束后7日内总结。", [("演练结束后7日内", "演练结束", "P7D")]),  # 每次 is no event
    # ahead of an event
    ("竣工验收前15日报送资料。", [("竣工验收前15日", "竣工验收", "-P15D")]),
    ("会议召开3天前发出通知。", [("会议召开3天前", "会议召开", "-P3D")]),
    ("提前5个工作日报备。", [("提前5个工作日", None, "-P5D")]),
    # before an event
    ("主汛期前完成清淤。", [("主汛期前", "主汛期", "-P0D")]),  # the longest name: not 汛期
    ("“五一”前开放。", [("“五一”前", "“五一”", "-P0D")]),  # quotes around a feast
    ("“十一”黄金周前完成检查。", [("“十一”黄金周前", "“十一”黄金周", "-P0D")]),
    ("汛前完成清淤。", [("汛前", "汛", "-P0D")]),
    ("元旦、春节前开展检查。", [("元旦、春节前", "元旦、春节", "-P0D")]),
    ("全国两会召开前化解积案。", [("全国两会召开前", "全国两会召开", "-P0D")]),
    ("供暖季开始前完成检修。", [("供暖季开始前", "供暖季开始", "-P0D")]),
    ("台风登陆前转移到位。", [("台风登陆前", "台风登陆", "-P0D")]),
    ("建市60周年前夕完成布展。", [("建市60周年前夕", "建市60周年", "-P0D")]),
    ("项目开工前完成环评。", [("项目开工前", "项目开工", "-P0D")]),
    # the event and its object without 后; the limit after it shares the event
    (
        "接到通知5日内踏勘，20日内完成迁改。",
        [("接到通知5日内", "接到通知", "P5D"), ("20日内", "接到通知", "P20D")],
    ),
    # a case is the event of what is to be done in it
    ("发生人员被困的，30分钟内电话报告。", [("30分钟内", "发生人员被困", "PT30M")]),
    ("涉及未成年人的突发情况，须在2小时内报告。", [("2小时内", "涉及未成年人的突发情况", "PT2H")]),
    ("接报后立即处置并在1小时内反馈。", [("1小时内", "接报", "PT1H")]),
    ("腊月二十三前发放到位。", [("腊月二十三前", "腊月二十三", "-P0D")]),  # a day of the lunar year
    # no event at all
    ("对未配备的，半年内配齐。", [("半年内", None, None)]),  # a state, not an occurrence
    ("3个月内完成整改。", [("3个月内", None, None)]),
    ("用三年左右时间建成体系。", [("三年左右时间", None, None)]),
    ("分两年完成改造。", [("分两年", None, None)]),
    ("经过3至5年努力，形成品牌。", [("3至5年努力", None, None)]),
    ("今后五年，新建学校20所。", [("今后五年", None, None)]),
]


@pytest.mark.parametrize(("text", "expected"), EVENTS)
def test_events_and_lengths(text: str, expected: list[tuple[str, str | None, str | None]]) -> None:
    found = read(text)
    assert [(d.quote, d.event, d.offset) for d in found] == expected
    assert all(d.due is None for d in found)
    assert all(d.event_span is None or d.event_span.of(text) == d.event for d in found)


DECOYS = [
    # names with years in them
    "认真落实2022年工作要点。",
    "2022年度工作计划要细化分解。",
    "总结2021年工作，部署2022年任务。",
    "落实2035年远景目标纲要。",
    "对照2022年市政府工作报告抓好落实。",
    "深入实施“十四五”应急体系规划。",
    "“十四五”时期经济社会发展主要目标。",
    "印发《2021—2025年发展规划》。",
    "按照《关于2025年前碳达峰工作的意见》执行。",
    "推进乡村建设三年行动（2022—2024年）。",
    "推进三年行动计划。",
    "国发〔2021〕30号文件要求。",
    "做好2022年春运工作。",
    "组织“5·12”防灾减灾日宣传。",
    "12月4日国家宪法日集中宣传。",
    "将2022年招聘计划报人社部门。",
    "2022年全市应急管理工作总体要求。",
    "2021年全市安全生产工作要点",
    "开展汛前检查。",  # the name of what is done
    "“十四五”时期是关键期。",
    "“十四五”期间面临的形势更加复杂。",
    # the past
    "截至2021年底，全市已建成公园20个。",
    "2020年以来，我市多措并举。",
    "近三年来，全市投入资金2亿元。",
    "2021年10月，县政府印发了方案。",
    "2021年1月至12月，全市发生事故12起。",
    "“十三五”期间，全市累计完成投资500亿元。",
    "对2000年前建成的小区实施改造。",
    "比2020年下降18%。",
    "在2020年基础上提高5个百分点。",
    # starts, validity, conditions
    "自2022年5月1日起施行，有效期至2027年4月30日。",
    "自印发之日起施行。",
    "2022年5月1日起，全面实施。",
    "3年内不得再次申报。",
    "对12个月内发生2起事故的企业约谈。",
    "隐患未整改到位前不得复工。",
    "合同期满前，经营权不得转让。",
    "收到通知书15日内未改正的，予以公告。",
    "台风登陆前12小时内每2小时会商一次。",
    "将审批时间压缩至3个工作日以内。",
    "在规定期限内完成。",
    # numbers and words that are no times
    "65岁以上老年人免费体检。",
    "3—6岁儿童入园率达到95%。",
    "6月龄以上婴幼儿。",
    "距离水源地500米范围内禁止养殖。",
    "打造15分钟生活圈。",
    "开通24小时服务热线。",
    "坚持24小时值班。",
    "联系电话：2022—8888。",
    "第一时间启动响应，及时报告，立即整改。",
    "春节前后要加强巡查。",
    "做好灾前、灾中、灾后全链条管理。",
    "岗前培训合格后上岗。",
    "今年以来，各地认真落实。",
    "今年是攻坚之年。",
    "完成时限：长期坚持",
    # recurrence
    "每月25日前报送。",
    "每年12月底前总结。",
    "每季度结束后10日内报送。",
    "每年10月1日至次年5月31日为防火期。",
]


@pytest.mark.parametrize("text", DECOYS)
def test_decoys(text: str) -> None:
    assert days(text) == []


def test_without_a_year_nothing_is_resolved() -> None:
    unknown = FieldContext()
    assert days("6月底前完成。", unknown) == [("6月底前", None)]
    assert days("2023年6月底前完成。", unknown) == [("2023年6月底前", "2023-06-30")]


def test_the_year_of_issue_stands_in_for_the_year_of_the_tasks() -> None:
    assert days("年底前完成。", FieldContext(issued_on=date(2019, 5, 1))) == [("年底前", "2019-12-31")]


def test_a_day_that_does_not_exist_is_none() -> None:
    assert days("2月31日前完成。") == []


ALPHABET = st.sampled_from(
    [
        *"年月日底末前后内到至于自在每季度旬周天小时分工作个上下中半今明本一二三十五两1230.—、，。；：（）“”《》\n ",
        "2022年",
        "十四五",
        "期间",
        "印发之日起",
        "汛期",
        "完成",
        "开展",
        "收到",
    ]
)
TEXTS = st.lists(ALPHABET, max_size=40).map("".join)


@given(st.one_of(TEXTS, st.text(max_size=60)))
def test_any_text_gives_ordered_quotes_that_stand_in_it(text: str) -> None:
    for context in (SPRING_2022, FieldContext()):
        found = read(text, context)
        assert all(d.span.of(text) == d.quote and d.quote for d in found)
        assert all(d.event_span is None or d.event_span.of(text) == d.event for d in found)
        assert all(one.span.end <= two.span.start for one, two in pairwise(found))


@given(st.sampled_from(DATED), st.sampled_from(DECOYS), st.booleans())
def test_a_decoy_beside_it_changes_nothing(
    case: tuple[str, list[tuple[str, str | None]]], decoy: str, first: bool
) -> None:
    text, expected = case
    assert days(f"{decoy}\n{text}" if first else f"{text}\n{decoy}") == expected


@pytest.mark.parametrize(
    "piece", ["2022年", "1月、", "事故发生后", "3日内", "《年底前", "“五一”、", "至1", "底"]
)
def test_time_grows_with_the_text_alone(piece: str) -> None:
    def seconds(times: int) -> float:
        start = time.perf_counter()
        read(piece * times)
        return time.perf_counter() - start

    seconds(100)
    assert seconds(8_000) < 60 * max(seconds(1_000), 0.01)
