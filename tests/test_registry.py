"""What organisation a printed name means. The tables are the specification: (printed, canonical name), by place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.registry import Identity, identify, place_of
from extractor.registry.identity import HERE, _cores, _full_core
from extractor.registry.tables import rows

CITY, COUNTY, DISTRICT, PROVINCE, STATE = "临澜市", "清河县", "榆林市榆阳区", "云岭省", "国家"

# One organisation, however it is printed: short or full, 和 left out, with or without its place, in any characters.
PRINTED_IN_MANY_WAYS = {
    "临澜市发展和改革委员会": [
        "市发改委",
        "市发展改革委",
        "市发展和改革委员会",
        "发改委",
        "发展改革委",
        "临澜市发改委",
        "市發展改革委",
        "市 发改\u3000委",
        "市\u200b发改委",
        "市發(fā)改委",
        "市发改委等",
        "、市发改委。",
        "我市发改委",
        "市发展改革委（粮食局）",
    ],
    "临澜市人民政府": ["市政府", "市人民政府", "临澜市人民政府", "临澜市政府"],
    "临澜市人民政府办公室": ["市政府办", "市政府办公室", "市人民政府办公室", "政府办", "临澜市政府办公室"],
    "临澜市委": ["市委", "中共临澜市委", "中共临澜市委员会", "临澜市委"],
    "临澜市委办公室": ["市委办", "市委办公室", "中共临澜市委办公室"],
    "临澜市委组织部": ["市委组织部", "组织部", "中共临澜市委组织部"],
    "临澜市委政法委员会": ["市委政法委", "市政法委", "政法委"],
    "临澜市委网络安全和信息化委员会办公室": ["市委网信办", "市网信办", "网信办"],
    "临澜市委机构编制委员会办公室": ["市委编办", "市编办", "编办"],
    "临澜市纪委监委": ["市纪委监委", "市纪委监委机关"],
    "临澜市卫生健康委员会": ["市卫健委", "市卫生健康委", "市卫生健康委员会", "卫健委"],
    "临澜市人力资源和社会保障局": ["市人社局", "市人力资源社会保障局", "市人力资源和社会保障局"],
    "临澜市住房和城乡建设局": ["市住建局", "市住房城乡建设局", "住房和城乡建设局"],
    "临澜市工业和信息化局": ["市工信局", "市工业信息化局", "工信局"],
    "临澜市市场监督管理局": ["市市场监管局", "市场监管局", "市场监督管理局", "临澜市市场监管局"],
    "临澜市自然资源和规划局": ["市资规局", "市自规局", "市自然资源规划局"],
    "临澜市应急管理局": ["市应急局", "应急局", "市应急管理局"],
    "临澜市交通运输局": ["市交通局", "市交通运输局", "市交运局"],
    "临澜市文化和旅游局": ["市文旅局", "市文化旅游局"],
    "临澜市文化广电和旅游局": ["市文广旅局", "市文化广电旅游局"],
    "临澜市民族宗教事务局": ["市民宗局", "市民族宗教局"],
    "临澜市退役军人事务局": ["市退役军人局", "退役军人事务局"],
    "临澜市医疗保障局": ["市医保局", "医保局"],
    "临澜市国有资产监督管理委员会": ["市国资委", "国资委"],
    "临澜市大数据管理局": ["市大数据局", "大数据局"],
    "临澜市林业和草原局": ["市林草局", "市林业草原局"],
    "临澜市税务局": ["市税务局", "税务局", "国家税务总局临澜市税务局", "国家税务总局临澜税务局"],
    "临澜市消防救援支队": ["市消防支队", "市消防救援支队"],
    "临澜市公安局交通警察支队": ["市交警支队", "市公安局交警支队", "市公安局交通警察支队"],
    "临澜市市场监督管理局稽查支队": ["市市场监管局稽查支队", "市场监督管理局稽查支队"],
    "临澜市安全生产委员会办公室": ["市安委办", "安委会办公室", "市安全生产委员会办公室"],
    "临澜市防汛抗旱指挥部办公室": ["市防汛办", "市防指办"],
    "共青团临澜市委": ["团市委", "市团委", "共青团市委", "共青团临澜市委", "共青团临澜市委员会", "团委"],
    "临澜市妇女联合会": ["市妇联", "市妇女联合会", "妇联"],
    "临澜市工商业联合会": ["市工商联", "工商联"],
    "临澜市残疾人联合会": ["市残联"],
    "临澜市科学技术协会": ["市科协"],
    "临澜市人大常委会": ["市人大常委会", "市人民代表大会常务委员会", "临澜市人大常委会"],
    "临澜市政协": ["市政协", "中国人民政治协商会议临澜市委员会"],
    "临澜市人民法院": ["市法院", "市人民法院"],
    "临澜市中级人民法院": ["市中院", "市中级人民法院"],
    "中国人民银行临澜市中心支行": [
        "人民银行临澜市中心支行",
        "人行临澜中心支行",
        "人行市中心支行",
        "中国人民银行临澜市中心支行",
    ],
    "临澜市人民银行": ["人行", "市人行", "人民银行"],
    "国家金融监督管理总局临澜市监管分局": ["金融监管分局", "国家金融监督管理总局临澜监管分局"],
    "临澜市供电公司": ["市供电公司", "供电公司", "国网临澜供电公司", "国网临澜市供电公司", "临澜供电公司"],
    "中国移动临澜市分公司": ["移动公司", "市移动公司", "中国移动临澜分公司"],
    "临澜市高新区管理委员会": ["高新区管委会", "市高新区管委会", "临澜高新区管委会", "临澜市高新区管委会"],
    "临澜市军分区": ["军分区", "临澜军分区"],
    "临澜市柳河区教育局": ["柳河区教育局", "临澜市柳河区教育局"],
    "清河县教育局": ["清河县教育局", "临澜市清河县教育局"],
}

# (place of the document, printed, canonical name, place, level)
WHERE_IT_BELONGS = [
    # A level is looked up in the document's own place, and stays a level where that place does not tell.
    (DISTRICT, "区教育局", "榆林市榆阳区教育局", "榆林市榆阳区", "county"),
    (DISTRICT, "市教育局", "榆林市教育局", "榆林市", "city"),
    (DISTRICT, "省教育厅", "省教育厅", None, "province"),
    ("陕西省榆林市", "省教育厅", "陕西省教育厅", "陕西省", "province"),
    (COUNTY, "市教育局", "市教育局", None, "city"),
    (COUNTY, "团市委", "共青团市委", None, "city"),
    (CITY, "县教育局", "县教育局", None, "county"),
    ("邢台市清河县", "市教育局", "邢台市教育局", "邢台市", "city"),
    # The name of a county is given once in the country: it needs no city. That of a district is not.
    ("邢台市清河县", "县教育局", "清河县教育局", "清河县", "county"),
    (COUNTY, "县教育局", "清河县教育局", "清河县", "county"),
    ("聊城市临清市", "市教育局", "临清市教育局", "临清市", "county"),
    (DISTRICT, "榆阳区教育局", "榆林市榆阳区教育局", "榆林市榆阳区", "county"),
    (DISTRICT, "横山区教育局", "榆林市横山区教育局", "榆林市横山区", "county"),
    # A bare name belongs to the document's own place, but a 厅 only to a province.
    (DISTRICT, "教育局", "榆林市榆阳区教育局", "榆林市榆阳区", "county"),
    (CITY, "教育厅", "教育厅", None, "province"),
    (PROVINCE, "教育厅", "云岭省教育厅", "云岭省", "province"),
    (PROVINCE, "省发展改革委", "云岭省发展和改革委员会", "云岭省", "province"),
    (PROVINCE, "省住房城乡建设厅", "云岭省住房和城乡建设厅", "云岭省", "province"),
    (PROVINCE, "团省委", "共青团云岭省委", "云岭省", "province"),
    # Other levels and other words for them.
    ("恩施土家族苗族自治州", "州教育局", "恩施土家族苗族自治州教育局", "恩施土家族苗族自治州", "city"),
    (
        "恩施土家族苗族自治州",
        "恩施州发改委",
        "恩施土家族苗族自治州发展和改革委员会",
        "恩施土家族苗族自治州",
        "city",
    ),
    ("阿克苏地区", "地区教育局", "阿克苏地区教育局", "阿克苏地区", "city"),
    ("准格尔旗", "旗委办", "准格尔旗委办公室", "准格尔旗", "county"),
    ("广西壮族自治区", "自治区发改委", "广西壮族自治区发展和改革委员会", "广西壮族自治区", "province"),
    ("北京市海淀区", "市发改委", "北京市发展和改革委员会", "北京市", "province"),
    ("柳河镇", "镇政府", "柳河镇人民政府", "柳河镇", "town"),
    ("柳河镇张家村", "村委会", "柳河镇张家村村民委员会", "柳河镇张家村", "village"),
    (COUNTY, "青石镇政府", "清河县青石镇人民政府", "清河县青石镇", "town"),
    (COUNTY, "城关街道办事处", "清河县城关街道办事处", "清河县城关街道", "town"),
    (
        "望川县",
        "望川经济开发区管委会",
        "望川县经济开发区管理委员会",
        "望川县经济开发区",
        "county",
    ),
    # Organs of the State have one name; in documents of the State their short forms need no 国家.
    (STATE, "发展改革委", "国家发展和改革委员会", "国家", "state"),
    (STATE, "国家发展改革委", "国家发展和改革委员会", "国家", "state"),
    (CITY, "国家发改委", "国家发展和改革委员会", "国家", "state"),
    (STATE, "药监局", "国家药品监督管理局", "国家", "state"),
    (STATE, "人民银行", "中国人民银行", "国家", "state"),
    (CITY, "税务总局", "国家税务总局", "国家", "state"),
    (CITY, "教育部", "教育部", "国家", "state"),
    (STATE, "青石镇人民政府", "青石镇人民政府", "青石镇", "town"),
    (STATE, "北京市人民政府", "北京市人民政府", "北京市", "province"),
    # A place printed as one who must act.
    (CITY, "柳河区", "临澜市柳河区", "临澜市柳河区", "county"),
    (CITY, "苏州", "苏州市", "苏州市", "city"),
    (CITY, "全市", "临澜市", "临澜市", "city"),
    # Words that only look like a level or a place.
    (CITY, "城市管理局", "临澜市城市管理局", "临澜市", "city"),
    (CITY, "乡村振兴局", "临澜市乡村振兴局", "临澜市", "city"),
    (CITY, "农业农村局", "临澜市农业农村局", "临澜市", "city"),
    (CITY, "区域合作办", "临澜市区域合作办", "临澜市", "city"),
    (CITY, "市民政局", "临澜市民政局", "临澜市", "city"),
    (CITY, "市监委", "临澜市监察委员会", "临澜市", "city"),
    (COUNTY, "县城管局", "清河县城市管理局", "清河县", "county"),
    (COUNTY, "县市场监管局", "清河县市场监督管理局", "清河县", "county"),
    ("荆州市沙市区", "区市场监管局", "荆州市沙市区市场监督管理局", "荆州市沙市区", "county"),
    ("常德市津市市", "市市场监管局", "津市市市场监督管理局", "津市市", "county"),
    ("乐山市市中区", "区教育局", "乐山市市中区教育局", "乐山市市中区", "county"),
    # What no list holds keeps its print; an office is the place's own, a company is what it is called.
    (CITY, "市重大项目办", "临澜市重大项目办", "临澜市", "city"),
    (CITY, "应急指挥中心", "临澜市应急指挥中心", "临澜市", "city"),
    (CITY, "华岳矿业有限公司", "华岳矿业有限公司", None, None),
    # A field of work for its department: resolved only where that has one name everywhere.
    (CITY, "安监", "临澜市安全生产监督管理局", "临澜市", "city"),
    (CITY, "煤炭", "临澜市煤炭", "临澜市", "city"),
    # Without any place.
    (None, "市发改委", "市发展和改革委员会", None, "city"),
    (None, "发改委", "发展和改革委员会", None, None),
    (None, "组织部", "组织部", None, None),
    (None, "柳河区教育局", "柳河区教育局", "柳河区", "county"),
]

# Alike, and not the same: reformed institutions, offices beside bureaus, forms that differ between places.
NEVER_THE_SAME = [
    ("市应急局", "市应急办"),
    ("市应急局", "市安监局"),
    ("市生态环境局", "市环保局"),
    ("市自然资源局", "市自然资源和规划局"),
    ("市自然资源局", "市国土局"),
    ("市水利局", "市水务局"),
    ("市民宗局", "市民宗委"),
    ("市文旅局", "市文广旅局"),
    ("市工信局", "市工信委"),
    ("市卫健委", "市卫计委"),
    ("市农业农村局", "市农业局"),
    ("市市场监管局", "市工商局"),
    ("市行政审批局", "市审批服务局"),
    ("市税务局", "市国税局"),
    ("市消防支队", "市公安消防支队"),
    ("市金融监管局", "金融监管分局"),
    ("市城管局", "市城管执法局"),
    ("市委办", "市政府办"),
    ("市委", "市政府"),
    ("市法院", "市中院"),
    ("市妇联", "县妇联"),
    ("人行临澜市中心支行", "人行临澜市分行"),
]

# (printed, kind, level of those it addresses)
COLLECTIVES = [
    ("各有关部门", "department", None),
    ("相关部门", "department", None),
    ("市直各部门", "department", "city"),
    ("县级民政部门", "department", "county"),
    ("发展改革部门", "department", None),
    ("各县（市、区）", "place", "county"),
    ("各县(市、区)人民政府", "government", "county"),
    ("县（区）人民政府", "government", "county"),
    ("各乡镇人民政府", "government", "town"),
    ("各乡镇（街道）", "place", "town"),
    ("乡镇", "place", "town"),
    ("镇政府", "government", "town"),
    ("各地", "place", None),
    ("各级政府", "government", None),
    ("当地政府", "government", None),
    ("地方各级人民政府", "government", None),
    ("有关企业", "enterprise", None),
    ("规模以上工业企业", "enterprise", None),
    ("中央企业", "enterprise", None),
    ("成员单位", "other", None),
    ("相关单位", "other", None),
    ("各学校", "institution", None),
    ("智库", "other", None),
]

KINDS = [
    ("市委", "party"),
    ("市委编办", "party"),
    ("市纪委监委", "party"),
    ("市直机关工委", "party"),
    ("市政府", "government"),
    ("高新区管委会", "government"),
    ("城关街道办事处", "government"),
    ("市政府办", "department"),
    ("市发改委", "department"),
    ("市国资委", "department"),
    ("市税务局", "department"),
    ("市消防救援支队", "department"),
    ("人行", "department"),
    ("证监会", "department"),
    ("市人大常委会", "congress"),
    ("市政协", "congress"),
    ("市检察院", "court"),
    ("团市委", "mass"),
    ("市红十字会", "mass"),
    ("市委党校", "institution"),
    ("市疾控中心", "institution"),
    ("市第一人民医院", "institution"),
    ("供电公司", "enterprise"),
    ("工商银行临澜分行", "enterprise"),
    ("临澜军分区", "military"),
    ("市人武部", "military"),
    ("柳河区", "place"),
    ("市安委会", "group"),
    ("市营商环境建设工作领导小组办公室", "group"),
    ("市防指", "group"),
    ("煤炭", "other"),
]

PLACES_OF_DOCUMENTS = [
    ("临澜市人民政府办公室", None, "临澜市"),
    ("陕西省人民政府", None, "陕西省"),
    ("中共临澜市委办公室", None, "临澜市"),
    ("榆林市榆阳区人民政府办公室", None, "榆林市榆阳区"),
    ("榆阳区人民政府办公室", "榆林市榆阳区人民政府办公室关于印发工作要点的通知", "榆林市榆阳区"),
    ("临澜市民政局 临澜市财政局", None, "临澜市"),
    ("棲雲區(qū)教育體育局", None, "栖云区"),
    ("国务院办公厅", None, "国家"),
    ("国家发展改革委", None, "国家"),
    ("教育部办公厅", None, "国家"),
    ("国家税务总局临澜市税务局", None, "临澜市"),
    ("望川经济开发区管委会", None, "望川经济开发区"),
    ("恩施土家族苗族自治州人民政府", None, "恩施土家族苗族自治州"),
    ("北京市海淀区人民政府", None, "北京市海淀区"),
    ("清河县青石镇人民政府", None, "清河县青石镇"),
    # The title, where there is no issuer or it names no place.
    (None, "关于印发临澜市“十四五”应急管理规划的通知", "临澜市"),
    ("市应急管理局", "临澜市2021年应急管理工作要点", "临澜市"),
    (None, "国务院关于促进产业发展的若干意见", "国家"),
    # Nothing that names a place.
    (None, "2021年全市安全生产工作要点", None),
    (None, "城市管理工作要点", None),
    ("市应急管理局", None, None),
    (None, None, None),
]


@pytest.mark.parametrize(
    ("printed", "name"),
    [(printed, name) for name, forms in PRINTED_IN_MANY_WAYS.items() for printed in forms],
)
def test_all_prints_of_one_organisation_have_one_name(printed: str, name: str) -> None:
    assert identify(printed, CITY).name == name


@pytest.mark.parametrize(("own", "printed", "name", "place", "level"), WHERE_IT_BELONGS)
def test_a_name_belongs_to_the_place_it_is_printed_for(
    own: str | None, printed: str, name: str, place: str | None, level: str | None
) -> None:
    found = identify(printed, own)
    assert (found.name, found.place, found.level, found.collective) == (name, place, level, False)


@pytest.mark.parametrize(("one", "other"), NEVER_THE_SAME)
def test_different_organisations_stay_apart(one: str, other: str) -> None:
    assert identify(one, CITY).name != identify(other, CITY).name


@pytest.mark.parametrize(("printed", "kind", "level"), COLLECTIVES)
def test_collectives_name_no_single_organisation(printed: str, kind: str, level: str | None) -> None:
    found = identify(printed, CITY)
    assert (found.kind, found.level, found.place, found.collective) == (kind, level, CITY, True)


def test_a_collective_keeps_its_print_with_marks_in_one_form() -> None:
    assert identify("各县(市、区)\n人民政府", CITY).name == "各县（市、区）人民政府"


@pytest.mark.parametrize(("printed", "kind"), KINDS)
def test_kinds(printed: str, kind: str) -> None:
    assert identify(printed, CITY).kind == kind


@pytest.mark.parametrize(("issuer", "title", "place"), PLACES_OF_DOCUMENTS)
def test_the_place_of_a_document(issuer: str | None, title: str | None, place: str | None) -> None:
    assert place_of(issuer, title) == place


@pytest.mark.parametrize("printed", ["", " ", "、", "（）", "市", "县", "等", "团", "〇", "中共", "123", "*"])
def test_what_is_no_name_does_no_harm(printed: str) -> None:
    assert isinstance(identify(printed, CITY), Identity)


def test_every_full_name_in_the_table_is_the_full_form_of_itself() -> None:
    assert {full for full in _cores().values() if _full_core(full) != full} == set()


def test_no_short_form_is_listed_with_two_meanings() -> None:
    forms = [row[0] for row in rows("short_forms.tsv")]
    assert [form for form in forms if forms.count(form) > 1] == []


PRINTED_CORES = sorted(
    {row[0] for row in rows("short_forms.tsv") if HERE not in row[0]} | {"重大项目办", "教育局"}
)
PLACES = [
    CITY,
    COUNTY,
    DISTRICT,
    PROVINCE,
    STATE,
    "安屏市",
    "恩施土家族苗族自治州",
    "柳河镇",
    "北京市海淀区",
    "津市市",
]
PREFIXES = [
    "",
    "省",
    "市",
    "县",
    "区",
    "州",
    "镇",
    "临澜市",
    "柳河区",
    "临澜市柳河区",
    "望川县",
    "高新区",
    "各",
    "中共临澜市",
]


@given(
    st.sampled_from(PREFIXES),
    st.sampled_from(PRINTED_CORES),
    st.sampled_from(["", "（粮食局）", "综合科"]),
    st.sampled_from([*PLACES, None]),
)
def test_a_full_name_means_itself(prefix: str, core: str, more: str, place: str | None) -> None:
    found = identify(prefix + core + more, place)
    assert identify(found.name, place).name == found.name


@given(st.sampled_from(["", "市"]), st.sampled_from(PRINTED_CORES))
def test_different_cities_never_merge(prefix: str, core: str) -> None:
    here, there = identify(prefix + core, "临澜市"), identify(prefix + core, "安屏市")
    assert here.collective or here.level not in ("city", None) or here.name != there.name


@given(
    st.text(max_size=12) | st.text(alphabet="市县区省各委局办团国家人行临澜（）、〇等 *", max_size=12),
    st.sampled_from(PLACES),
)
def test_whatever_is_printed_has_an_identity(printed: str, place: str) -> None:
    assert isinstance(identify(printed, place), Identity)


def test_a_name_seen_before_costs_nothing() -> None:
    assert identify("市发改委", CITY) is identify("市发改委", CITY)
