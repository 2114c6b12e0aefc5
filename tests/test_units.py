"""Who is answerable, in what role; each sentence with what is hard about it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.fields.context import FieldContext
from extractor.fields.lexicons import LexiconError
from extractor.fields.unit_names import UnitLexicon
from extractor.fields.units import find_units
from extractor.text.cleaning import clean

L, R, C = "lead", "responsible", "cooperating"

BRACKETS = [
    ("（牵头单位：市教育局；责任单位：市财政局、市人社局）", {L: "市教育局", R: "市财政局 市人社局"}),
    (
        "（牵头单位:市教育局 配合单位:市财政局）",
        {L: "市教育局", C: "市财政局"},
    ),  # half-width colon, space for ；
    ("（市教育局牵头，市财政局、市人社局配合）", {L: "市教育局", C: "市财政局 市人社局"}),
    (
        "（市教育局牵头，各县（市、区）政府参与）",
        {L: "市教育局", C: "各县（市、区）政府"},
    ),  # brackets in a name
    ("（市教育局、市财政局按职责分工负责）", {R: "市教育局 市财政局"}),
    ("（市教育局会同市财政局负责）", {L: "市教育局", C: "市财政局"}),
    ("（市教育局、市财政局牵头负责）", {L: "市教育局 市财政局"}),  # both lead
    ("（市教育局、市财政局等有关部门负责）", {R: "市教育局 市财政局"}),  # the tail names nobody
    ("（各有关部门按照职责分工负责）", {R: "各有关部门"}),  # but alone it is a unit
    ("（各地区、各有关部门负责）", {R: "各地区 各有关部门"}),
    (
        "（牵头单位：市教育局；责任单位：市财政局",
        {L: "市教育局", R: "市财政局"},
    ),  # the bracket is never closed
    (
        "（市文化和旅游局、市住房和城乡建设局和市财政局负责）",
        {R: "市文化和旅游局 市住房和城乡建设局 市财政局"},
    ),
    (
        "（责任单位：市气象局市水利局、火车站）",
        {R: "市气象局 市水利局 火车站"},
    ),  # a lost 、; no ending of a unit
    (
        "（责任领导：张三；责任单位：市教育局；完成时限：6月底前）",
        {R: "市教育局"},
    ),  # people and times are none
    ("（县教育局负责组织，各镇负责实施）", {R: "县教育局 各镇"}),  # 负责 with what they do
    ("（责任股室：计财股；配合股室：督导室）", {R: "计财股", C: "督导室"}),  # offices inside a bureau
    ("推进改革。（市委改革办、市司法局）", {R: "市委改革办 市司法局"}),  # nothing but names
    ("（市教育局负责，年底前完成）", {R: "市教育局"}),  # what stands before 完成 is a time
    ("（市教育局负责，立即整改落实）", {R: "市教育局"}),  # or a manner
    ("（市教育局牵头，“十四五”期间持续推进，各县区配合）", {L: "市教育局", C: "各县区"}),
    ("（市教育局牵头；完成时限：年底前）", {L: "市教育局"}),  # a label, and a clause before it without one
    (
        "（责任单位：市教育局牵头，市财政局、市人社局配合）",
        {L: "市教育局", C: "市财政局 市人社局"},
    ),  # the verbs share out what one label opens
    ("（责任单位：市教育局，各县（市、区）政府配合）", {R: "市教育局", C: "各县（市、区）政府"}),
    # nothing but one name, behind what it is to do
    ("组织期末统考（区教研室）；", {R: "区教研室"}),
    ("召开全县工作会议（县委办公室）。", {R: "县委办公室"}),
    ("开展专项督导（督导室）", {R: "督导室"}),
    ("实现明厨亮灶全覆盖。（安全科、后勤服务中心）", {R: "安全科 后勤服务中心"}),  # 全科 inside 安全科
    # and where it says something else: who is meant, a second name, where to send, a place
    ("推进新区建设（新区管委会以下简称管委会）。", {}),
    ("建设区域医疗中心（县医院）。", {}),
    ("建设“教师发展中心”（县教师进修学校）。", {}),
    ("材料报送至综合窗口（县政务服务局）。", {}),
    ("报名地点：市民之家三楼（市人社局）。", {}),
    ("修复灌溉渠系（青岩镇、白沙乡）。", {}),
    ("优化街道（社区）。", {}),
    # brackets inside brackets, and a remark that is no part of the name
    (
        "（各县〈市、区〉，市示范区管委会〈下同〉，各有关部门按职责分工负责）",
        {R: "各县〈市、区〉 市示范区管委会 各有关部门"},
    ),
    ("（县人防办牵头，县住建局（县人防办）配合）", {L: "县人防办", C: "县住建局（县人防办）"}),
    ("（县120急救中心、县12345热线办公室负责）", {R: "县120急救中心 县12345热线办公室"}),  # digits of a name
    ("开展治理（含城中村）。", {}),
    ("本办法（由市教育局负责解释）施行。", {}),
]

LINES = [
    ("牵头单位：市教育局\n配合单位：市财政局、市人社局", {L: "市教育局", C: "市财政局 市人社局"}),
    ("责任单位：市教育局牵头，市财政局、市人社局配合\n责任人：张三", {L: "市教育局", C: "市财政局 市人社局"}),
    ("完善制度。责任单位：市教育局。", {R: "市教育局"}),
    ("工作目标：建成3所学校。责任单位：市教育局", {R: "市教育局"}),
    ("主办单位：市妇联；协办单位：团市委", {L: "市妇联", C: "团市委"}),
    ("责任处室：规划处；配合处室：机关党委、人事处", {R: "规划处", C: "机关党委 人事处"}),
    ("责任站所：水利站、农技站", {R: "水利站 农技站"}),
    ("抓好落实（见附表）牵头单位：市教育局", {L: "市教育局"}),  # the label stands right behind a bracket
]

SUBJECTS = [
    ("各镇、街道（园区）办事处、各相关单位要落实制度。", {R: "各镇 街道（园区）办事处 各相关单位"}),
    ("各地区各部门要加强领导。", {R: "各地区 各部门"}),
    ("各级各有关部门要加强领导。", {R: "各级各有关部门"}),
    ("区应急办每季度组织成员单位召开一次会议。", {R: "区应急办"}),  # who is gathered is none
    ("安监、环保、煤炭等行业部门应开展演练。", {R: "安监 环保 煤炭"}),
    ("市公安局、市司法局等单位要健全机制。", {R: "市公安局 市司法局"}),
    ("县财政局按规定拨付资金，拨付情况报县政府备案。", {R: "县财政局"}),
    ("汛期前各地组建抢险队伍。", {R: "各地"}),  # a time before the subject
    ("汛期县气象局要每日会商。", {R: "县气象局"}),  # a season before it
    ("平时各镇要加强演练。", {R: "各镇"}),
    (
        "各高校、科研院所和智库以及其他承担任务的单位要制定办法。",
        {R: "各高校 科研院所 智库 其他承担任务的单位"},
    ),
    ("市教育局会同市财政局制定办法。", {L: "市教育局", C: "市财政局"}),
    ("市教育局要牵头制定办法，市财政局配合。", {L: "市教育局", C: "市财政局"}),
    ("由市教育局牵头制定办法。", {L: "市教育局"}),
    ("应当由教育行政部门办成公办园。", {R: "教育行政部门"}),
    ("请各成员单位于5月底前报送情况。", {R: "各成员单位"}),
    ("会同有关部门开展检查。", {C: "有关部门"}),
    ("与市大数据局联合开发平台。", {C: "市大数据局"}),
    ("不断加强与公安、消防等有关部门的协作。", {C: "公安 消防"}),
    ("各省（自治区、直辖市）治理情况，要及时报送。", {R: "各省（自治区、直辖市）"}),
    ("村（居）民委员会对特困老人每周至少探访一次。", {R: "村（居）民委员会"}),
    ("对超期未办结的，由市政府督查室跟踪督办。", {R: "市政府督查室"}),
    ("县委组织部要加强培训。", {R: "县委组织部"}),  # not 县委 + 组织
    # who is to act is asked or named by 由: then the verb may be any
    ("对工作滞后的镇，由县水利局勘误其方案。", {R: "县水利局"}),
    ("所需设备请县卫健局垫资购置。", {R: "县卫健局"}),
    ("研判意见由市气象局会同市水文中心盖印。", {L: "市气象局", C: "市水文中心"}),
    ("一律由县中医院接诊。", {R: "县中医院"}),
    ("名册由县残联审定后，交县民政局发放。", {R: "县残联 县民政局"}),
    ("由县政府办公室盖印。", {R: "县政府办公室"}),  # not 县政府 + 办公室
    ("由市公安局交警支队换发证件。", {R: "市公安局交警支队"}),
    ("由乡镇卫生院接种。", {R: "乡镇卫生院"}),
    ("责任由县纪委监委追究。", {R: "县纪委监委"}),
    ("拒不改正的，由派出所依法处理。", {R: "派出所"}),  # a kind of body that has authority
    ("县农业局是主管部门，县财政局为责任单位。", {R: "县农业局 县财政局"}),
    ("县数据局是牵头单位。", {L: "县数据局"}),
    ("各管线单位3日内现场踏勘。", {R: "各管线单位"}),  # a limit opens the predicate
    ("县防指自5月1日起每日报送。", {R: "县防指"}),
    ("市防办每3小时发布一次雨情。", {R: "市防办"}),
    ("各村（社区）“两委”要落实巡查。", {R: "各村（社区）“两委”"}),
    ("市教育局会同市财政局拟定办法。（责任单位：市教育局）", {L: "市教育局", R: "市教育局", C: "市财政局"}),
    ("市应急管理局要督促矿山企业落实责任。", {R: "市应急管理局"}),
    # the second half of a pair names nobody by itself
    ("各级党委和政府要加强领导。", {R: "各级党委和政府"}),
    ("各街道党工委、办事处要落实责任。", {R: "各街道党工委、办事处"}),
    ("县委、县政府每季度听取汇报。", {R: "县委 县政府"}),  # here both do
    ("市教育局牵头，市财政局、市人社局等部门密切协作。", {L: "市教育局", C: "市财政局 市人社局"}),
    ("对工作不力的，由县安委会约谈。", {R: "县安委会"}),  # 会 belongs to the name
    ("县纪委会同县委组织部核查。", {L: "县纪委", C: "县委组织部"}),  # and here to the verb
    ("市局法规科会同市住建局开展检查。", {L: "市局法规科", C: "市住建局"}),
    ("市局将组织交叉检查。", {R: "市局"}),  # the bureau that writes
    ("人事科、计财股做好保障。", {R: "人事科 计财股"}),
    ("街道城管办组织第三方机构每月测评。", {R: "街道城管办"}),  # 组织 is the verb
    ("综合行政执法队对沿街商户每月巡查一遍。", {R: "综合行政执法队"}),  # the recurrence obliges
    ("沿江乡镇每日开展巡查。", {R: "沿江乡镇"}),
    ("生产经营单位发生事故后，应当立即报告。", {R: "生产经营单位"}),  # a case before the duty
    # bodies of the office that writes
    ("局党委理论学习中心组每月学习一次。", {R: "局党委理论学习中心组"}),
    ("局安委办对整改情况定期调度。", {R: "局安委办"}),
    ("重点时段的保障由局应急办统一调度。", {R: "局应急办"}),
    ("局机关各股室、局属各单位要按月报送进展。", {R: "局机关各股室 局属各单位"}),
    ("人事科会同区委编办完成招聘。", {L: "人事科", C: "区委编办"}),
    ("监督股每月通报一次。", {R: "监督股"}),  # here 监督 is no verb
    ("局医政股每半年分析一次纠纷情况。", {R: "局医政股"}),  # what recurs is done, though 情况 ends the clause
    # the name stands by itself before what it is to do
    ("县公安局、县司法局：负责依法打击。", {R: "县公安局 县司法局"}),
    ("（四）市城管局。负责平台建设。", {R: "市城管局"}),
    ("5.县应急局：牵头组织检查。", {L: "县应急局"}),
    ("县气象局：配合做好预警。", {C: "县气象局"}),
    ("县委宣传部：指导媒体做好宣传。", {R: "县委宣传部"}),
    # known by the ending, whatever place or trade stands before
    ("青岩派出所负责维护秩序。", {R: "青岩派出所"}),
    ("石桥供电所5月20日前完成检修。", {R: "石桥供电所"}),
    ("医共体管理委员会坚持会商制度。", {R: "医共体管理委员会"}),
    ("领导小组办公室负责日常协调。", {R: "领导小组办公室"}),
    ("县卫生监督所对重点企业开展检查。", {R: "县卫生监督所"}),
    ("县120急救指挥中心严格落实值守制度。", {R: "县120急救指挥中心"}),
    ("县政务服务局牵头设立窗口。", {L: "县政务服务局"}),  # not 县政
    ("县人防局（县国动办）负责人防工程普查。", {R: "县人防局（县国动办）"}),  # not 负责人
    ("青岩镇、白沙乡要完成搬迁。", {R: "青岩镇 白沙乡"}),
    ("电信、移动、联通青禾分公司负责通信保障。", {R: "电信 移动 联通青禾分公司"}),
    ("新闻媒体要加大宣传力度。", {R: "新闻媒体"}),
    # where a name ends
    ("各村组建应急小分队。", {R: "各村"}),
    ("各村组建立台账。", {R: "各村组"}),
    ("派出所、农业服务中心组成3个巡查组。", {R: "派出所 农业服务中心"}),
    ("线索由乡镇纪委初核后移交县纪委监委机关。", {R: "乡镇纪委"}),
    ("成立由市消安委办公室牵头的工作专班。", {L: "市消安委办公室"}),  # not 市消安委 too
    ("各主要责任单位要对照目标抓好落实。", {R: "各主要责任单位"}),  # 要 inside 主要
    ("气象部门发布预警时，镇政府启动响应。", {R: "镇政府"}),  # the first is but a condition
    # whoever the text obliges
    ("被检查单位应当书面报告。", {R: "被检查单位"}),
    ("采购人应当确认评审报告。", {R: "采购人"}),
    ("两家医共体牵头医院要派驻医师。", {R: "两家医共体牵头医院"}),
    ("各镇街每逢双月组织一次议事会。", {R: "各镇街"}),
    ("各牵头单位要将牵头项目的计划报县发改局。", {R: "各牵头单位"}),  # what is led is a project
    ("驻村第一书记和工作队要理清思路。", {R: "工作队"}),  # a person and a body
    ("配备校车的学校要组织演练。", {R: "配备校车的学校"}),
]

DECOYS = [
    "督促各地、市有关部门做好演练。",
    "指导企业完善制度。",
    "鼓励行业协会制定标准。",
    "修订后的预案报市政府办公室备案。",
    "认真落实省教育厅有关要求。",
    "在市委领导下，深入推进改革。",
    "依托市大数据中心建设平台。",
    "经市政府同意后印发执行。",
    "我市工作荣获国务院办公厅表扬。",
    "对各县区工作情况进行通报。",
    "组长由分管副市长担任，成员由市教育局、市财政局等部门负责同志组成。",
    "去年11月市应急局组织人员安装了软件。",
    "“各县区要加强领导”写入文件。",
    "贯彻《市教育局要求做好工作的通知》。",
    "简化综合保税区设立程序。",
    "各级干部要加强学习。",
    "各乡镇党委、政府主要负责人要带队检查。",  # a person
    "学科建设要加强，控股股东要配合。",  # 科 and 股 that end no office
    "落实不到位的单位要通报批评。",  # is what is done to them
    # 由 and a body that answers for nothing here
    "由县政府分管领导约谈。",
    "组长由县水利局副局长担任。",
    "管理权限由市水利局下放至县水利局。",
    "该平台由市大数据局于2019年建成投用。",
    "原由市质监局承担的检定职能一并划入。",
    "申请人由县民政局出具证明的，免收费用。",
    "县卫生局、县教育局联合下发的文件继续有效。",
    "市财政局拨付的资金专账核算。",
    # a heading, a list of works, a label before the colon
    "县人民医院：门诊楼改造。",
    "工作目标：完善制度。",
    "（二）学校。负责人由县教育局任命。",
    # look like a body of the office, or end like one
    "局部地区发生强降雨，要注意防范。",
    "局长要带队检查。",
    "委托第三方机构开展评估。",
    "走访派出所了解情况。",
    "年内新建便民服务中心完成装修。",
    "街道养老服务中心建成率达到60%。",
    "县第二医院年底前主体工程封顶。",
    "其中区第六幼儿园8月底前投入使用。",
    # the verb stands before the noun
    "适时组织第三方机构开展评估。",
    "统筹协调相关责任单位开展检查。",
    "组织镇村干部和企业负责人开展培训。",
    "商县财政局同意后实施。",
    # people and their posts
    "由镇党委书记任政委，镇长任指挥长。",
    "由县人武部政委任副组长。",
    # what may be done, and a class that one is to work with
    "连锁企业在同一县内经营，可实行“一照多址”。",
    "推进用药目录与县级医院衔接。",
    "特色小镇要突出产业。",
    "移动支付应用推广。",
    "本办法由市教育局负责解释。",
]


def units_of(text: str, **context: object) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for unit in find_units(clean(text).text, FieldContext(**context)).mentions:  # type: ignore[arg-type]
        found.setdefault(unit.role, []).append(unit.quote)
    return {role: " ".join(names) for role, names in found.items()}


@pytest.mark.parametrize(("text", "expected"), BRACKETS + LINES + SUBJECTS)
def test_units(text: str, expected: dict[str, str]) -> None:
    assert units_of(text) == expected


@pytest.mark.parametrize("text", DECOYS)
def test_who_is_merely_mentioned_is_no_unit(text: str) -> None:
    assert units_of(text) == {}


FIRST_LEADS = [
    ("（市教育局、市财政局负责）", {L: "市教育局", R: "市财政局"}),
    ("（市教育局负责）", {R: "市教育局"}),  # a list of one
    ("（各地区、市财政局负责）", {R: "各地区 市财政局"}),  # opens with a collective
    ("（市教育局、市财政局牵头负责）", {L: "市教育局 市财政局"}),
]


@pytest.mark.parametrize(("text", "expected"), FIRST_LEADS)
def test_once_declared_the_first_named_leads(text: str, expected: dict[str, str]) -> None:
    assert units_of(text, first_named_leads=True) == expected


@pytest.mark.parametrize(
    "words", ["列第一位者为牵头单位，下同", "排在第一位的部门为牵头部门，下同", "排名第一的单位牵头，下同"]
)
def test_the_declaration_itself(words: str) -> None:
    found = find_units(f"（市教育局、市财政局负责，{words}）", FieldContext())
    assert found.first_named_leads
    assert [(u.quote, u.role) for u in found.mentions] == [("市教育局", L), ("市财政局", R)]


def test_a_users_own_units(tmp_path: Path) -> None:
    path = tmp_path / "单位.txt"
    path.write_text("# 本地叫法\n小江南\n", "utf-8")
    text = "小江南要统筹推进。"
    assert not find_units(text, FieldContext()).mentions
    found = find_units(text, FieldContext(), UnitLexicon.load(path))
    assert [unit.quote for unit in found.mentions] == ["小江南"]


@pytest.mark.parametrize(
    ("data", "says"), [(b"# x\n", "没有单位名称"), ("局".encode("utf-16"), "UTF-8"), (None, "无法读取")]
)
def test_a_lexicon_that_cannot_be_read_is_named(tmp_path: Path, data: bytes | None, says: str) -> None:
    path = tmp_path / "单位.txt"
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(LexiconError, match=says):
        UnitLexicon.load(path)


PIECES = [
    "市教育局",
    "各县区",
    "、",
    "和",
    "等",
    "要",
    "（",
    "）",
    "〈",
    "〉",
    "青岩镇",
    "牵头",
    "负责",
    "，",
    "。",
    "会同",
    "由",
    "请",
    "与",
    "落实",
    "\n",
    "单位：",
    "的",
]


@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_whatever_comes_quotes_stand_in_the_text(text: str) -> None:
    mentions = find_units(text, FieldContext()).mentions
    assert all(unit.span.of(text) == unit.quote and unit.quote for unit in mentions)
    assert len({(unit.quote, unit.role) for unit in mentions}) == len(mentions)
