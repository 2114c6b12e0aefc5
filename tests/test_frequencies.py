"""Frequencies in clean text: period, count and bound, the vague ones, and what only looks like one."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.fields.context import FieldContext
from extractor.fields.durations import read_counts, read_length
from extractor.fields.frequencies import find_frequencies

CONTEXT = FieldContext(year=2022)
Counted = tuple[str, str | None, int | None, str | None]


def counted(text: str) -> list[Counted]:
    return [(f.quote, f.period, f.times, f.bound) for f in find_frequencies(text, CONTEXT)]


COUNTED: list[tuple[str, list[Counted]]] = [
    # 每 + period + count
    ("每月召开一次例会。", [("每月召开一次", "P1M", 1, "exact")]),
    (
        "每季度组织各成员单位会商一次。",
        [("每季度组织各成员单位会商一次", "P3M", 1, "exact")],
    ),  # object between
    ("每半年对所有码头开展1次检查。", [("每半年对所有码头开展1次", "P6M", 1, "exact")]),
    ("每三年修订一次预案。", [("每三年修订一次", "P3Y", 1, "exact")]),
    ("每两个月开展一轮暗访。", [("每两个月开展一轮", "P2M", 1, "exact")]),
    ("每15天更新一次台账。", [("每15天更新一次", "P15D", 1, "exact")]),
    ("每半个月调度一次。", [("每半个月调度一次", "P15D", 1, "exact")]),
    ("每4小时报告一次水情。", [("每4小时报告一次", "PT4H", 1, "exact")]),
    ("每个季度评估一次。", [("每个季度评估一次", "P3M", 1, "exact")]),  # 每个 + period is no 每个乡镇
    ("每学期开展2场宣讲。", [("每学期开展2场", "P6M", 2, "exact")]),
    ("每隔半年复查一次。", [("每隔半年复查一次", "P6M", 1, "exact")]),
    ("每月编发2期简报。", [("每月编发2期", "P1M", 2, "exact")]),
    ("每年为每名职工体检2次。", [("每年为每名职工体检2次", "P1Y", 2, "exact")]),  # 每名 between
    ("每年举办首次交流会。", [("每年", "P1Y", 1, "exact")]),  # 首次 is no count
    # bounds
    ("每年至少组织2次综合演练。", [("每年至少组织2次", "P1Y", 2, "min")]),
    ("至少每半年开展一次评估。", [("每半年开展一次", "P6M", 1, "min")]),  # 至少 outside the quote
    ("每周巡查不少于3次。", [("每周巡查不少于3次", "P1W", 3, "min")]),
    ("每年开展2次以上培训。", [("每年开展2次以上", "P1Y", 2, "min")]),
    ("每年检查次数控制在2次以内。", [("每年检查次数控制在2次以内", "P1Y", 2, "max")]),  # 次数 is no count
    ("每年不得超过两次。", [("每年不得超过两次", "P1Y", 2, "max")]),
    ("每季度至多一次。", [("每季度至多一次", "P3M", 1, "max")]),
    ("每年组织1—2次演练。", [("每年组织1—2次", "P1Y", 1, "min")]),  # a range is a lower bound
    ("每年两至三次。", [("每年两至三次", "P1Y", 2, "min")]),
    (
        "每季度对至少3家企业检查1次。",
        [("每季度对至少3家企业检查1次", "P3M", 1, "exact")],
    ),  # 至少 of the firms
    ("不少于每季度一次。", [("每季度一次", "P3M", 1, "min")]),
    # without a count
    ("每日通报疫情。", [("每日", "P1D", 1, "exact")]),
    ("每名干部每月走访群众。", [("每月", "P1M", 1, "exact")]),
    ("每晚开展夜查。", [("每晚", "P1D", 1, "exact")]),
    # due days of the cycle
    ("每月5日前报送。", [("每月5日前", "P1M", 1, "exact")]),
    ("每月最后一个工作日报送。", [("每月最后一个工作日", "P1M", 1, "exact")]),
    ("每季度末月25日前汇总。", [("每季度末月25日前", "P3M", 1, "exact")]),
    ("每年年底前考核。", [("每年年底前", "P1Y", 1, "exact")]),
    ("每周一召开调度会。", [("每周一", "P1W", 1, "exact")]),  # Monday
    ("每周一次例会。", [("每周一次", "P1W", 1, "exact")]),  # once a week
    ("每周三督查。", [("每周三", "P1W", 1, "exact")]),  # Wednesday
    ("每日三查。", [("每日三查", "P1D", 3, "exact")]),  # three times
    ("每周一、三、五报送。", [("每周一、三、五", "P1W", 3, "exact")]),
    ("每周五下班前报送。", [("每周五下班前", "P1W", 1, "exact")]),
    ("每年汛期前后各检查一次。", [("每年汛期前后各检查一次", "P1Y", 2, "exact")]),
    ("每天上午9点前报送。", [("每天上午9点前", "P1D", 1, "exact")]),
    ("每天放学前提醒学生注意安全。", [("每天放学前", "P1D", 1, "exact")]),  # what happens every day
    ("每日班前开展安全喊话。", [("每日班前", "P1D", 1, "exact")]),
    ("每日班前会要点名。", [("每日", "P1D", 1, "exact")]),  # 班前会 is a meeting
    ("每天作业前、收工后各检查一次。", [("每天作业前、收工后各检查一次", "P1D", 2, "exact")]),
    (
        "坚持每天放学前1分钟、每周放学前5分钟安全提醒。",  # a minute is no count
        [("每天放学前", "P1D", 1, "exact"), ("每周放学前", "P1W", 1, "exact")],
    ),
    ("每学期开学第一周内上好安全课。", [("每学期开学第一周内", "P6M", 1, "exact")]),
    ("每个季度第1个月的20日前报送。", [("每个季度第1个月的20日前", "P3M", 1, "exact")]),
    ("每年3月底前、9月底前报送。", [("每年3月底前、9月底前", "P1Y", 2, "exact")]),  # 前 behind each
    ("每学期开学前、放假前开展检查。", [("每学期开学前、放假前", "P6M", 2, "exact")]),
    ("每年元旦、春节前走访慰问。", [("每年元旦、春节前", "P1Y", 1, "exact")]),  # one time, two feasts
    ("每天双人巡查，台账日清。", [("每天", "P1D", 1, "exact")]),  # how many go, not how often
    ("每季度结束后10日内报送。", [("每季度结束后10日内", "P3M", 1, "exact")]),
    ("每年汛前组织一次检查。", [("每年汛前组织一次", "P1Y", 1, "exact")]),
    ("每学期开学前开展一次排查。", [("每学期开学前开展一次", "P6M", 1, "exact")]),
    (
        "每月10日、20日、30日前报送。",
        [("每月10日、20日、30日前", "P1M", 3, "exact")],
    ),  # three days are three times
    ("每年3月和9月各开展一次宣传。", [("每年3月和9月各开展一次", "P1Y", 2, "exact")]),
    ("每年春、秋两季各开展一次防疫。", [("每年春、秋两季各开展一次", "P1Y", 2, "exact")]),
    ("每日早晚各巡查一次。", [("每日早晚各巡查一次", "P1D", 2, "exact")]),
    ("每年枯水期、丰水期各监测1次。", [("每年枯水期、丰水期各监测1次", "P1Y", 2, "exact")]),
    ("每年寒暑假各开展一次家访。", [("每年寒暑假各开展一次", "P1Y", 2, "exact")]),
    ("上、下半年各组织一次检查。", [("上、下半年各组织一次", "P6M", 1, "exact")]),
    ("每季度至少听取1次生态环境汇报。", [("每季度至少听取1次", "P3M", 1, "min")]),  # no 次生
    ("每年开展一次第三方评估。", [("每年开展一次", "P1Y", 1, "exact")]),
    ("每周刊播广告不少于3条次。", [("每周刊播广告不少于3条次", "P1W", 3, "min")]),
    ("每月至少公布一批典型案例。", [("每月至少公布一批", "P1M", 1, "min")]),
    # without 每
    ("一年两次集中检查。", [("一年两次", "P1Y", 2, "exact")]),
    ("半年至少召开一次会议。", [("半年至少召开一次", "P6M", 1, "min")]),
    (
        "实行“一周一调度、一月一通报”。",
        [("一周一调度", "P1W", 1, "exact"), ("一月一通报", "P1M", 1, "exact")],
    ),
    ("原则上一年最多一次。", [("一年最多一次", "P1Y", 1, "max")]),
    ("落实一日两巡制度。", [("一日两巡", "P1D", 2, "exact")]),
    (
        "落实“日管控、周排查、月调度”机制。",  # the name of a mechanism that says its cycle
        [("日管控", "P1D", 1, "exact"), ("周排查", "P1W", 1, "exact"), ("月调度", "P1M", 1, "exact")],
    ),
    (
        "实行“周碰头、旬清洁、季拉练、年考评”制度。",  # one known activity vouches for the others of its list
        [
            ("周碰头", "P1W", 1, "exact"),
            ("旬清洁", "P10D", 1, "exact"),
            ("季拉练", "P3M", 1, "exact"),
            ("年考评", "P1Y", 1, "exact"),
        ],
    ),
    ("推行半月一调度。", [("半月一调度", "P15D", 1, "exact")]),
    ("办好两年一届的渔民运动会。", [("两年一届", "P2Y", 1, "exact")]),
    ("启动全镇年度综合评估。", [("年度", "P1Y", 1, "exact")]),  # whose it is stands between
    ("按季度督查项目进度。", [("按季度", "P3M", 1, "exact")]),
    # a cap on a stretch of time is no work to be done by its end
    ("对同一商户一年内检查不超过一次。", [("一年内检查不超过一次", "P1Y", 1, "max")]),
    ("同一工地一个季度内现场检查不得超过2次。", [("一个季度内现场检查不得超过2次", "P3M", 2, "max")]),
    ("坚持一日三查。", [("一日三查", "P1D", 3, "exact")]),
    ("推行“每日一题、每月一考”。", [("每日一题", "P1D", 1, "exact"), ("每月一考", "P1M", 1, "exact")]),
    ("按月通报进展。", [("按月", "P1M", 1, "exact")]),
    ("逐季公布排名。", [("逐季", "P3M", 1, "exact")]),
    ("实行季度通报制度。", [("季度", "P3M", 1, "exact")]),
    ("建立周调度、月通报机制。", [("周调度", "P1W", 1, "exact"), ("月通报", "P1M", 1, "exact")]),
    ("双月召开一次联席会议。", [("双月召开一次", "P2M", 1, "exact")]),
    ("组织开展年度食品安全责任考核。", [("年度", "P1Y", 1, "exact")]),
    ("逢双月10日召开调度会。", [("双月10日", "P2M", 1, "exact")]),
    ("教师听课每周不少于2节。", [("每周不少于2节", "P1W", 2, "min")]),  # lessons are counted, not measured
    ("每周安排1节劳动课。", [("每周安排1节", "P1W", 1, "exact")]),
    ("每年五一节，组织慰问。", [("每年", "P1Y", 1, "exact")]),  # and feasts are neither
    # two measures
    (
        "重点企业每月至少抽查1次，一般企业每季度不超过1次。",
        [("每月至少抽查1次", "P1M", 1, "min"), ("每季度不超过1次", "P3M", 1, "max")],
    ),
]


@pytest.mark.parametrize(("text", "expected"), COUNTED)
def test_counted(text: str, expected: list[Counted]) -> None:
    assert counted(text) == expected


RECURS_ON: list[tuple[str, str | None]] = [
    # a day of each month
    ("每月5日前报送。", "BYMONTHDAY=5"),
    ("每月二十五日前报送。", "BYMONTHDAY=25"),
    ("每月月底前报送。", "BYMONTHDAY=-1"),
    ("每月下旬通报。", "BYMONTHDAY=-1"),
    ("每月前10日内报送。", "BYMONTHDAY=10"),
    ("每月1日至5日报送。", "BYMONTHDAY=5"),  # of a stretch its last day
    ("每月10日、20日、30日前报送。", "BYMONTHDAY=10,20,30"),
    ("每月初盘点。", None),  # no day
    ("每月45日前报送。", None),  # no such day
    # days of named months
    ("每年2月底前报送。", "BYMONTH=2;BYMONTHDAY=-1"),
    ("每年2月30日前报送。", None),
    ("每年底前考核。", "BYMONTH=12;BYMONTHDAY=-1"),
    ("每年6月、12月底前报送。", "BYMONTH=6,12;BYMONTHDAY=-1"),
    ("每年6月、12月20日前报送。", "BYMONTH=6,12;BYMONTHDAY=20"),  # the day is said once for both
    ("每年3月10日、20日前报送。", "BYMONTH=3;BYMONTHDAY=10,20"),  # and here the month
    ("每年6月20日和12月10日前报送。", "BYMONTH=6;BYMONTHDAY=20 BYMONTH=12;BYMONTHDAY=10"),  # no one rule
    ("每月10日前、25日前报送。", "BYMONTHDAY=10,25"),
    ("每年年底前、次年1月15日前报送。", "BYMONTH=12;BYMONTHDAY=-1 BYMONTH=1;BYMONTHDAY=15"),
    ("每年10月至12月开展一次评估。", "BYMONTH=12;BYMONTHDAY=-1"),
    ("每年一季度开展一次评估。", "BYMONTH=3;BYMONTHDAY=-1"),
    ("每年上半年、下半年各开展一次。", "BYMONTH=6,12;BYMONTHDAY=-1"),
    ("每年于次年1月31日前报送。", "BYMONTH=1;BYMONTHDAY=31"),
    ("每年4月、10月的5日前报送。", "BYMONTH=4,10;BYMONTHDAY=5"),
    # months by their place in the cycle
    ("每季度末月25日前汇总。", "BYMONTH=3,6,9,12;BYMONTHDAY=25"),
    ("每季度首月10日前报送。", "BYMONTH=1,4,7,10;BYMONTHDAY=10"),
    ("每个季度第1个月的20日前报送。", "BYMONTH=1,4,7,10;BYMONTHDAY=20"),
    ("每季度的前五个工作日内抽取名单。", "BYMONTH=1,4,7,10;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=5"),
    ("每季度第二个月15日前报送。", "BYMONTH=2,5,8,11;BYMONTHDAY=15"),
    ("每季度次月10日前报送。", "BYMONTH=1,4,7,10;BYMONTHDAY=10"),  # the month after it
    ("每季度末报送。", "BYMONTH=3,6,9,12;BYMONTHDAY=-1"),
    ("每季度25日前报送。", None),  # of which month?
    ("每季度第五个月10日前报送。", None),
    ("每半年末报送。", "BYMONTH=6,12;BYMONTHDAY=-1"),
    ("每学期末考核。", None),  # no cycle of the calendar
    ("每学年9月底前报送。", "BYMONTH=9;BYMONTHDAY=-1"),
    # days of the week, working days
    ("每周五12时前报送。", "BYDAY=FR"),
    ("每周一、三、五报送。", "BYDAY=MO,WE,FR"),
    ("每周一至周五开展巡查。", None),  # every day of them, not the last
    ("每周末报送。", "BYDAY=SU"),
    ("每两周周五前报送。", "BYDAY=FR"),
    ("每月第一个周五召开例会。", "BYDAY=1FR"),
    ("每月最后一个星期五召开例会。", "BYDAY=-1FR"),
    ("每月第二周召开例会。", None),
    ("每月最后一个工作日报送。", "BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1"),
    ("每月前5个工作日内报送。", "BYDAY=MO,TU,WE,TH,FR;BYSETPOS=5"),
    ("每季度首个工作日报送。", "BYMONTH=1,4,7,10;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1"),
    # after the cycle, before its end
    ("每季度结束后10日内报送。", "+P10D"),
    ("每月结束后5个工作日内报送。", "+P5D"),
    ("每学期结束后两周内报送。", "+P2W"),
    ("每季度结束前报送。", "BYMONTH=3,6,9,12;BYMONTHDAY=-1"),
    # a bracket behind it
    ("每半年报送一次（6月、12月底前）。", "BYMONTH=6,12;BYMONTHDAY=-1"),
    ("每半年（6月、12月底前）报送一次。", "BYMONTH=6,12;BYMONTHDAY=-1"),
    ("每半年开展一次检查，其余工作从速（6月底前）。", None),  # of another clause
    # what keeps to no day
    ("每年汛前组织一次检查。", None),
    ("每天上午9点前报送。", None),
    ("每天放学前提醒。", None),
    ("每月召开一次例会。", None),
    ("定期组织会商。", None),
]


@pytest.mark.parametrize(("text", "expected"), RECURS_ON)
def test_recurs_on(text: str, expected: str | None) -> None:
    assert [f.recurs_on for f in find_frequencies(text, CONTEXT)] == [expected]


VAGUE = [
    ("定期组织会商。", [("定期", "regular")]),
    ("不定期抽查与定期检查结合。", [("不定期", "regular"), ("定期", "regular")]),
    ("定期不定期开展抽查。", [("定期不定期", "regular")]),  # one, not two
    ("定期或不定期开展抽查。", [("定期", "regular"), ("不定期", "regular")]),
    ("不定时开展暗访。", [("不定时", "regular")]),
    ("开展经常性谈心谈话。", [("经常性", "regular")]),
    ("适时组织评估。", [("适时", "regular")]),
    ("常态化推进扫黑除恶。", [("常态化推进", "continuous")]),
    ("常态化、制度化开展检查。", [("常态化、制度化开展", "continuous")]),
    ("常态化排查整治隐患。", [("常态化排查", "continuous")]),
    ("保持24小时值班电话畅通。", [("24小时值班", "continuous")]),  # someone answers it day and night
    ("坚持24小时值班制度。", [("24小时值班", "continuous")]),
    ("实行7×24小时专人值守。", [("7×24小时专人值守", "continuous")]),
    ("消控室24小时双人值班。", [("24小时双人值班", "continuous")]),  # two people, not twice in 24 hours
]


@pytest.mark.parametrize(("text", "expected"), VAGUE)
def test_vague(text: str, expected: list[tuple[str, str]]) -> None:
    found = find_frequencies(text, CONTEXT)
    assert [(f.quote, f.vague) for f in found] == expected
    assert all(f.period is f.times is f.bound is None for f in found)


DECOYS = [
    "每个乡镇至少建设1个站点。",
    "每批次抽检比例不低于5%。",
    "每次演练后及时总结。",
    "每位干部联系5户群众。",
    "每千人口拥有床位7张。",
    "每人每月补助300元。",
    "每亩每年补贴100元。",
    "每月每人补助标准提高到800元。",
    "产值每年增长5%以上。",
    "每天处理垃圾500吨。",
    "将每年9月定为质量月。",
    "制定年度演练计划。",
    "纳入年度考核内容。",
    "完成2022年度考核。",
    "组织开展年度检查计划编制。",
    "逐年提高保障标准。",
    "由点到面逐年推进。",
    "年度考核结果作为评优依据。",
    "加强月度考核结果运用。",
    "年检测能力达到1万批次。",
    "月工资、日工资按时发放。",
    "职工月收入、年收入稳步增长。",
    "日产量、月产量保持稳定。",
    "做好日间照料、周边排查。",
    "做好本年度考核，开展上一年度审计。",
    "24小时两班倒。",
    "近一年内检查不超过一次。",  # what has been
    "一年内受到处罚不超过两次的，可以申请。",  # a condition
    "总结十年两届中央委员会的实践。",
    "按年度分解目标任务。",
    "逐步完善制度。",
    "一季度召开一次会议。",
    "年内开展2次演练。",
    "防御五十年一遇洪水。",
    "一年一度的评选。",
    "签订固定期限合同。",
    "在规定期限内完成。",
    "选择合适时机推出。",
    "削减经常性支出。",
    "推动演练常态化、实战化。",
    "实现常态化隐患排查。",
    "建立常态化开展机制。",
    "转入常态化监管。",
    "推进常态化疫情监测预警体系建设。",
    "持续推进，不断完善。",
    "24小时内书面报告。",
    "开通24小时热线。",
    "公布24小时值班电话。",
    "提供7×24小时在线服务。",
    "修订《每月一报工作制度》。",
    "每日常规检查项目。",
    "首次纳入评价体系。",
    "入汛以来，全县每天投入300人巡堤。",
    "给予一次性补贴。",
]


@pytest.mark.parametrize("text", DECOYS)
def test_decoys(text: str) -> None:
    assert find_frequencies(text, CONTEXT) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("半年", "P6M"),
        ("一年半", "P18M"),
        ("两个半月", "P75D"),
        ("20个工作日", "P20D"),
        ("3—5日", "P5D"),
        ("半小时", "PT30M"),
        ("七十二小时", "PT72H"),
        ("两周", "P2W"),
        ("甲", None),
    ],
)
def test_lengths_of_time(text: str, expected: str | None) -> None:
    assert read_length(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("3", [3]), ("两三", [2, 3]), ("十二", [12]), ("1—2", [1, 2]), ("一到两", [1, 2]), ("甲", [])],
)
def test_counts(text: str, expected: list[int]) -> None:
    assert read_counts(text) == expected


ALPHABET = st.sampled_from(
    [
        *"每年月季度旬周日天小时半一两三十123至少不超过次期轮场定期适时常态化开展按逐各前底末，。、；（）“”《》\n ",
        "调度",
        "每季度",
        "24小时",
        "值班",
        "个工作日",
        "通报",
        "组织",
        "不少于",
    ]
)
TEXTS = st.lists(ALPHABET, max_size=40).map("".join)


@given(st.one_of(TEXTS, st.text(max_size=60)))
def test_any_text_gives_ordered_quotes_that_stand_in_it(text: str) -> None:
    found = find_frequencies(text, CONTEXT)
    assert all(f.span.of(text) == f.quote and f.quote for f in found)
    assert all((f.period is None) != (f.vague is None) for f in found)
    assert all(one.span.end <= two.span.start for one, two in pairwise(found))


@given(st.sampled_from(COUNTED), st.sampled_from(DECOYS), st.booleans())
def test_a_decoy_beside_it_changes_nothing(case: tuple[str, list[Counted]], decoy: str, first: bool) -> None:
    text, expected = case
    assert counted(f"{decoy}\n{text}" if first else f"{text}\n{decoy}") == expected


@pytest.mark.parametrize(
    "piece", ["每", "每月开展", "定期", "常态化、", "24小时", "《每月", "十", "每月10日、"]
)
def test_time_grows_with_the_text_alone(piece: str) -> None:
    def seconds(times: int) -> float:
        start = time.perf_counter()
        find_frequencies(piece * times, CONTEXT)
        return time.perf_counter() - start

    seconds(100)
    assert seconds(8_000) < 60 * max(seconds(1_000), 0.01)
