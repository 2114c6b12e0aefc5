"""Outlines: what is an item, at what level, of what kind; each text with what is hard about it."""

from __future__ import annotations

import pytest

from extractor.model import Document
from extractor.pipeline import extract_text

HEAD = "临澜市人民政府办公室关于做好防汛工作的通知\n各县（市、区）人民政府：\n现将有关事项通知如下：\n"
TAIL = "\n临澜市人民政府办公室\n2023年4月10日\n"


def read(body: str, head: str = HEAD, tail: str = TAIL) -> Document:
    return extract_text(head + body + tail, name="通知.txt")


def shape(document: Document) -> list[tuple[str, str | None, str]]:
    """Ids, numbers and kinds, in order."""
    return [(item.id, item.number, item.kind) for item in document.items]


OUTLINES = [
    # plain levels after GB/T 9704
    (
        "一、加强值守\n（一）落实制度。各地要落实值班制度。\n1.领导带班。领导要带班。\n2.人员在岗。人员要在岗。\n（二）畅通信息。要畅通信息。\n二、抓好排查\n各地要抓好排查。",
        [("1", "一", "group"), ("1.1", "（一）", "group"), ("1.1.1", "1", "task"), ("1.1.2", "2", "task"), ("1.2", "（二）", "task"), ("2", "二", "task")],
    ),
    # numbering that runs on across sections
    (
        "一、体系\n（一）甲。要做甲事。\n（二）乙。要做乙事。\n二、机制\n（三）丙。要做丙事。",
        [("1", "一", "group"), ("1.1", "（一）", "task"), ("1.2", "（二）", "task"), ("2", "二", "group"), ("2.1", "（三）", "task")],
    ),
    # a level is skipped: 1. directly under 一、
    ("一、任务\n1.甲事。要做甲事。\n2.乙事。要做乙事。\n二、要求\n要落实。", [("1", "一", "group"), ("1.1", "1", "task"), ("1.2", "2", "task"), ("2", "二", "task")]),
    # lost numbers, and one that lost its left bracket
    ("一、任务\n()修订预案。要修订预案。\n()开展演练。要开展演练。\n二)不对\n", [("1", "一", "group"), ("1.1", "()", "task"), ("1.2", "()", "task"), ("1.3", "二)", "task")]),
    # of a number nothing but the 、 behind it is left
    ("一、任务\n1、甲事。要做甲事。\n、乙事。要做乙事。\n3、丙事。要做丙事。", [("1", "一", "group"), ("1.1", "1", "task"), ("1.2", None, "task"), ("1.3", "3", "task")]),
    # a closing request behind the only paragraph of the last item
    ("一、任务\n1.甲事。要做甲事。\n2.各村要巡查。\n各村、各单位请于5月1日前把方案报镇政府。", [("1", "一", "group"), ("1.1", "1", "task"), ("1.2", "2", "task"), ("2", None, "task")]),
    # what follows the names of a leading group is no heading
    (
        "一、保障\n（一）加强领导。成立领导小组。\n组 长：周某 街道书记\n成 员：孙某 城管办主任\n各社区党委书记\n领导小组下设办公室，负责日常工作。\n（二）落实经费。要落实经费。",
        [("1", "一", "group"), ("1.1", "（一）", "task"), ("1.2", "（二）", "task")],
    ),
    # what rectification aims at is a goal
    ("一、整改目标\n到2023年底，问题全部销号。\n二、整改措施\n要整改。", [("1", "一", "goal"), ("2", "二", "task")]),
    # full-width stop behind the figure, a number in words inside
    ("１．编制方案。要编制方案。\n２．组织实施。要组织实施119宣传。", [("1", "１", "task"), ("2", "２", "task")]),
    # children that run inside the text
    ("一、排查隐患。一是全面排查学校食堂；二是重点排查工地宿舍；三是建立排查台账。", [("1", "一", "group"), ("1.1", "一是", "task"), ("1.2", "二是", "task"), ("1.3", "三是", "task")]),
    # 首先/其次, 第一/第二
    ("一、排查。首先，要排查学校食堂卫生；其次，要排查工地宿舍用电。", [("1", "一", "group"), ("1.1", "首先", "task"), ("1.2", "其次", "task")]),
    # circled and bracketed figures inside a sentence
    ("一、排查。①排查学校食堂卫生状况；②排查工地宿舍用电情况。", [("1", "一", "group"), ("1.1", "①", "task"), ("1.2", "②", "task")]),
    # figures that number nothing: a hot line, a ratio, a list of years
    ("一、宣传\n119、120等热线要畅通。\n2.5万户要走访。", [("1", "一", "task")]),
    # paragraphs with titles of their own under a heading without numbers below it
    ("一、保障\n加强领导。各地要成立专班。\n落实经费。各地要保障经费。", [("1", "一", "group"), ("1.1", None, "task"), ("1.2", None, "task")]),
    # a section whose own paragraphs are its task
    ("一、保障\n各地要成立专班，明确分工。\n各部门要按照职责密切配合，形成合力。", [("1", "一", "task")]),
    # goals and background are told by headings
    (
        "一、指导思想\n以防为主。\n二、工作目标\n到2025年，建成体系。\n三、重点任务\n要做好。\n四、夯实基层基础\n要夯实。",
        [("1", "一", "context"), ("2", "二", "goal"), ("3", "三", "task"), ("4", "四", "task")],
    ),
    # principles in dashes
    ("一、基本原则\n——坚持预防为主。关口前移。\n——坚持属地管理。分级负责。\n二、任务\n要做好。", [("1", "一", "group"), ("1.1", None, "context"), ("1.2", None, "context"), ("2", "二", "task")]),
    # 一是…二是… that tell of a situation are no items
    ("一、面临形势\n一是风险隐患仍然较多。二是基层力量依然薄弱。\n二、任务\n要做好。", [("1", "一", "context"), ("2", "二", "task")]),
    # a closing paragraph behind items of one paragraph each: a sentence that directs is an item
    ("一、甲。要做甲事。\n二、乙。要做乙事。\n各地要于5月底前报送情况。请认真贯彻执行。", [("1", "一", "task"), ("2", "二", "task"), ("3", None, "task")]),
    # an attachment list is no outline
    ("一、甲。要做甲事。\n二、乙。要做乙事。\n附件：1.任务清单\n2.联络员名单", [("1", "一", "task"), ("2", "二", "task")]),
    # decimal numbers, the first level with a space in place of its mark
    ("1 任务\n1.1 甲事\n要做甲事。\n1.1.1 甲一\n要做甲一。\n2 组织保障\n2.1 乙事\n要做乙事。", [("1", "1", "group"), ("1.1", "1.1", "group"), ("1.1.1", "1.1.1", "task"), ("2", "2", "group"), ("2.1", "2.1", "task")]),
    # phases, and a year right behind a number
    ("一、步骤\n第一阶段：动员（3月）。要动员。\n第二阶段：整治（4月）。要整治。\n二、任务\n1.2021年底前完成甲事。\n2.要做乙事。", [("1", "一", "group"), ("1.1", "第一阶段", "task"), ("1.2", "第二阶段", "task"), ("2", "二", "group"), ("2.1", "1", "task"), ("2.2", "2", "task")]),
    # a box beside the running text
    ("第一节 防控\n一、甲。要做甲事。\n专栏1 重点工程\n1.堤防工程。建堤防。\n2.水库工程。建水库。\n二、乙。要做乙事。", [("1", "第一节", "group"), ("1.1", "一", "task"), ("1.2", "专栏1", "group"), ("1.2.1", "1", "task"), ("1.2.2", "2", "task"), ("1.3", "二", "task")]),
    # headings without a number
    ("工作目标\n建成覆盖全市的体系，实现隐患动态清零，保障人民群众生命财产安全不受损失。\n重点任务\n1.甲事。要做甲事。\n2.乙事。要做乙事。", [("1", None, "goal"), ("2", None, "group"), ("2.1", "1", "task"), ("2.2", "2", "task")]),
    # line breaks that were lost: labels in mid line count on
    ("一、加强领导。要加强领导。二、落实责任。要落实责任。三、严格考核。要严格考核。", [("1", "一", "task"), ("2", "二", "task"), ("3", "三", "task")]),
    # the mark behind a number is lost, but the line is a heading
    ("一 任务\n1.甲事。要做甲事。\n2.乙事。要做乙事。\n二 保障\n要保障经费。", [("1", "一", "group"), ("1.1", "1", "task"), ("1.2", "2", "task"), ("2", "二", "task")]),
    # paragraphs that open with who does what they say
    ("一、职责\n县农业农村局：负责组织协调。\n县公安局、县司法局：负责依法打击。\n二、要求\n要落实。", [("1", "一", "group"), ("1.1", None, "task"), ("1.2", None, "task"), ("2", "二", "task")]),
    # but lines of units belong to the task above them
    ("一、任务\n整治堤防险段。\n牵头单位：县水利局\n责任单位：各乡镇人民政府\n二、要求\n要落实。", [("1", "一", "task"), ("2", "二", "task")]),
    # a plan by months, what is to be done in each counted inside its paragraph
    ("一、安排\n三月：1.召开动员会议；2.制定实施方案。\n四至五月：组织自查自纠。\n二、要求\n要落实。", [("1", "一", "group"), ("1.1", None, "group"), ("1.1.1", "1", "task"), ("1.1.2", "2", "task"), ("1.2", None, "task"), ("2", "二", "task")]),
    # circled numbers over several lines; who answers for them stands behind the last
    ("1．反馈问题：标识缺失。\n整改措施：①完成方案编制；\n②更换全部标识牌；③每月开展巡查。\n责任单位：县水利局\n2．反馈问题：粪污直排。\n整改措施：要搬迁。", [("1", "1", "group"), ("1.1", "①", "task"), ("1.2", "②", "task"), ("1.3", "③", "task"), ("2", "2", "task")]),
    # closing paragraphs that say when to report and who will check
    (
        "一、任务\n（一）甲事。要做甲事。\n（二）乙事。要做乙事。\n各牵头单位于每月5日前将进展报送市安委办。\n每年12月10日前报送工作总结。\n市政府督查室将对落实情况按季度进行督查。",
        [("1", "一", "group"), ("1.1", "（一）", "task"), ("1.2", "（二）", "task"), ("2", None, "task"), ("3", None, "task"), ("4", None, "task")],
    ),
    # minutes: what a meeting thought is background, what it decided is work
    ("一、会议认为\n市住建局要高度重视此项工作。\n二、议定事项\n（一）关于资金。由市财政局负责，8月底前拨付。\n（二）关于管线。由市住建局牵头，供电公司配合。", [("1", "一", "context"), ("2", "二", "group"), ("2.1", "（一）", "task"), ("2.2", "（二）", "task")]),
    # no outline at all: each sentence that obliges somebody
    ("近期降雨偏多。各地要加强巡查。各部门要做好值守。", [("1", None, "task"), ("2", None, "task")]),
]  # fmt: skip


@pytest.mark.parametrize(("body", "expected"), OUTLINES)
def test_outline(body: str, expected: list[tuple[str, str | None, str]]) -> None:
    assert shape(read(body)) == expected


def test_chapters_and_articles_of_a_regulation_are_context() -> None:
    body = "第一章 总则\n第一条 为了规范管理，制定本办法。\n第二条 市财政局负责资金管理。\n第二章 附则\n第三条 本办法自2023年5月1日起施行。"
    document = read(body, head="临澜市专项资金管理办法\n", tail="")
    assert document.kind == "regulation"
    assert shape(document) == [
        ("1", "第一章", "group"),
        ("1.1", "第一条", "context"),
        ("1.2", "第二条", "context"),
        ("2", "第二章", "group"),
        ("2.1", "第三条", "context"),
    ]


def test_several_plans_in_one_notice_are_parts() -> None:
    document = extract_text(
        "各县区：\n现将《2023年甲工作要点》《2023年乙工作方案》印发给你们。\n临澜市应急管理局 临澜市水利局\n2023年2月1日\n"
        "2023年甲工作要点\n一、任务\n要做甲事。\n2023年乙工作方案\n1.要做乙事。\n2.要做丙事。\n"
    )
    assert [part.title for part in document.parts] == ["2023年甲工作要点", "2023年乙工作方案"]
    assert [item.id for item in document.items] == ["p1.1", "p2.1", "p2.2"]
    assert document.issuer == "临澜市应急管理局 临澜市水利局"


FACTS = [
    # title over two lines, number, signature
    (
        "临澜市人民政府关于\n加强消防工作的意见\n临政发〔2022〕5号\n各县区：\n一、任务\n要做好。\n临澜市人民政府\n2022年3月1日",
        (
            "临澜市人民政府关于加强消防工作的意见",
            "临澜市人民政府",
            "临政发〔2022〕5号",
            "2022-03-01",
            "opinion",
            2022,
        ),
    ),
    # what a notice encloses gives the kind; its year the year of the tasks
    (
        "关于印发《2023年消防工作要点》的通知\n各县区：\n现印发给你们。\n临澜市安委办\n2022年12月30日\n2023年消防工作要点\n一、任务\n要做好。",
        ("关于印发《2023年消防工作要点》的通知", "临澜市安委办", None, "2022-12-30", "work_points", 2023),
    ),
    # a plan of several years counts from its year of issue; a date in Chinese figures
    (
        "临澜市消防三年行动方案（2021—2023年）\n一、任务\n要做好。\n临澜市消防救援支队\n二〇二一年五月六日",
        ("临澜市消防三年行动方案（2021—2023年）", "临澜市消防救援支队", None, "2021-05-06", "plan", 2021),
    ),
    # a title whose middle line ends in a genre; the page's block as a table without colons
    (
        "发文机关\t临澜市人民政府办公室\t成文日期\t2019年01月12日\n临澜市人民政府办公室关于印发\n临澜市消防三年行动计划\n（2019—2021年）的通知\n各县区：\n现印发给你们。\n临澜市消防三年行动计划（2019—2021年）\n一、任务\n要做好。",
        (
            "临澜市人民政府办公室关于印发临澜市消防三年行动计划（2019—2021年）的通知",
            "临澜市人民政府办公室",
            None,
            "2019-01-12",
            "plan",
            2019,
        ),
    ),
    # a regulation issued by decree
    (
        "临澜市人民政府令\n第46号\n《临澜市避难场所管理办法》已经市政府同意，现予公布。\n市长　陈某\n2020年9月18日\n临澜市避难场所管理办法\n第一条　为了规范管理，制定本办法。",
        (
            "临澜市避难场所管理办法",
            "临澜市人民政府",
            "临澜市人民政府令第46号",
            "2020-09-18",
            "regulation",
            2020,
        ),
    ),
    # signed with the short name; the title prints the whole one
    (
        "青禾县柳坪镇人民政府\n关于加强消防工作的通知\n各村：\n一、任务\n要做好。\n柳坪镇人民政府\n2022年3月1日",
        (
            "青禾县柳坪镇人民政府关于加强消防工作的通知",
            "青禾县柳坪镇人民政府",
            None,
            "2022-03-01",
            "notice",
            2022,
        ),
    ),
    # page data whose labels nothing parts from their values, and in the cells of a table
    (
        "索引号 00001 主题分类 综合政务\n发文机构临澜市人民政府办公室发文字号临政办〔2020〕1号\n发布日期2020年1月23日有效性有效\n成文日期2020年1月17日\n关于做好春运工作的通知\n各县区：\n一、任务\n要做好。",
        ("关于做好春运工作的通知", "临澜市人民政府办公室", "临政办〔2020〕1号", "2020-01-17", "notice", 2020),
    ),
    (
        "文章属性\n∙【制定机关】临澜市人民政府办公室\n∙【公布日期】2020.01.17\n∙【字 号】临政办〔2020〕1号\n正文\n关于印发春运工作\n方案的通知\n各县区：\n一、任务\n要做好。",
        (
            "关于印发春运工作方案的通知",
            "临澜市人民政府办公室",
            "临政办〔2020〕1号",
            "2020-01-17",
            "plan",
            2020,
        ),
    ),
    (
        "发布机构 | 县政府网站 | 生成日期 | 2020-10-22 |\n文号 | 临政办〔2020〕7号 |\n关于做好春运工作的通知\n各县区：\n一、任务\n要做好。",
        ("关于做好春运工作的通知", None, "临政办〔2020〕7号", "2020-10-22", "notice", 2020),
    ),
    # a title in 《》, its number printed before it and once more alone
    (
        "临政办〔2016〕26号《临澜市人民政府办公室关于印发〈临澜市2016年政务公开工作要点〉的通知》\n《临澜市人民政府办公室关于印发〈临澜市2016年政务公开工作要点〉的通知》\n临政办〔2016〕26号\n各区县：\n现印发给你们。\n临澜市人民政府办公室\n2016年5月28日\n一、任务\n要做好。",
        (
            "临澜市人民政府办公室关于印发〈临澜市2016年政务公开工作要点〉的通知",
            "临澜市人民政府办公室",
            "临政办〔2016〕26号",
            "2016-05-28",
            "work_points",
            2016,
        ),
    ),
    # a title that comes again behind its number, on one line with it
    (
        "临政发〔2023〕2号\n临澜市人民政府关于印发《2023年重点工作分工方案》的通知\n临政发〔2023〕2号临澜市人民政府关于印发2023年重点工作分工方案的通知\n各区县：\n一、任务\n要做好。",
        (
            "临澜市人民政府关于印发《2023年重点工作分工方案》的通知",
            "临澜市人民政府",
            "临政发〔2023〕2号",
            None,
            "plan",
            2023,
        ),
    ),
    # the name and the path of a site over the title, neither an organisation's line of it
    (
        "无障碍阅读 | 关怀版\n青禾县人民政府门户网站\n首页 - 政务公开 - 任务分解\n青禾县人民政府办公室关于印发重点工作分解方案的通知\n各乡镇：\n一、任务\n要做好。",
        (
            "青禾县人民政府办公室关于印发重点工作分解方案的通知",
            "青禾县人民政府办公室",
            None,
            None,
            "plan",
            None,
        ),
    ),
    # date and number in brackets under the title, as collections print them
    (
        "关于推进医改的意见\n（2009年9月16日 临发〔2009〕11号）\n为完善服务体系，提出如下意见。\n一、任务\n要做好。",
        ("关于推进医改的意见", None, "临发〔2009〕11号", "2009-09-16", "opinion", 2009),
    ),
    # a title whose last word is spread over its line
    (
        "临澜市减灾委员会办公室关于印发\n《2022年临澜市防灾减灾工作要点》的\n通    知\n各区县：\n现印发给你们。\n临澜市减灾委员会办公室\n2022年3月8日\n2022年临澜市防灾减灾工作要点\n一、任务\n要做好。",
        (
            "临澜市减灾委员会办公室关于印发《2022年临澜市防灾减灾工作要点》的通    知",
            "临澜市减灾委员会办公室",
            None,
            "2022-03-08",
            "work_points",
            2022,
        ),
    ),
    # no title but those of what is attached; the word 附件 over them is none of it
    (
        "各区县：\n现将《2024年森林防火工作方案》《2024年消防工作计划》印发给你们。\n附件：1.2024年森林防火工作方案\n2.2024年消防工作计划\n临澜市应急管理局\n2024年1月26日\n附件1\n2024年森林防火工作方案\n一、任务\n要做好。\n附件2\n2024年消防工作计划\n一、任务\n要做好。",
        ("2024年森林防火工作方案", "临澜市应急管理局", None, "2024-01-26", "plan", 2024),
    ),
    # no title left: what it says it encloses; no date: the year of its number
    (
        "临政发〔2021〕9号\n各乡镇：\n《青禾县应急管理“十四五”规划》已经县政府同意，现印发给你们。\n一、任务\n要做好。",
        ("青禾县应急管理“十四五”规划", None, "临政发〔2021〕9号", None, "plan", 2021),
    ),
    # data only in the page's own block; a number that is merely referred to is not the circular's
    (
        "索引号：0001 主题分类：消防\n发文机关：临澜市人民政府 成文日期：2020年7月8日\n发文字号：临政函〔2020〕9号\n关于消防规划的批复\n市消防救援支队：\n你队《请示》（临消〔2020〕1号）收悉。\n一、原则同意。",
        ("关于消防规划的批复", "临澜市人民政府", "临政函〔2020〕9号", "2020-07-08", "reply", 2020),
    ),
]


@pytest.mark.parametrize(("text", "expected"), FACTS)
def test_facts(text: str, expected: tuple[object, ...]) -> None:
    d = extract_text(text)
    issued = d.issued_on.isoformat() if d.issued_on else None
    assert (d.title, d.issuer, d.doc_number, issued, d.kind, d.year) == expected


def test_a_contents_list_is_left_out_and_site_chrome_too() -> None:
    document = read(
        "目 录\n一、任务\n二、要求\n三、保障\n一、任务\n要做好甲事。\n二、要求\n要做好乙事。\n三、保障\n要做好丙事。\n",
        head="当前位置：首页 > 政务公开\n【字号：大 中 小】 打印\n临澜市2023年工作要点\n",
        tail="扫一扫在手机打开当前页\n上一篇：无",
    )
    assert [item.number for item in document.items] == ["一", "二", "三"]
    reasons = {out.reason: out.quote for out in document.left_out if out.reason in ("chrome", "contents")}
    assert set(reasons) == {"chrome", "contents"}


@pytest.mark.parametrize(
    "line", ["QQ " * 40 + "县。", "QQ空间" * 60 + "县。", "扫码" * 60 + "。", "高度重视" * 20_000]
)
def test_words_of_chrome_over_and_over_are_read_to_their_end(line: str) -> None:
    """In time that grows with the line alone: else this would take longer than anybody waits."""
    assert [item.number for item in read(f"{line}\n一、任务\n要做好。").items][-1] == "一"


def test_numbers_that_do_not_count_are_warned_of() -> None:
    document = read(
        "一、甲\n要做甲。\n一、乙\n要做乙。\n四、丙\n要做丙。\n五、丁\n（）要做丁。\n（）要做戊。"
    )
    assert [w.code for w in document.warnings] == [
        "number_doubled",
        "number_out_of_order",
        "number_lost",
        "number_lost",
    ]


@pytest.mark.parametrize(
    ("body", "group_units", "task_units"),
    [
        # in one paragraph: the bracket behind the last child answers for all
        (
            "一、排查。一是排查学校食堂卫生；二是排查工地宿舍用电。（牵头单位：市教育局）",
            ["市教育局"],
            [["市教育局"], ["市教育局"]],
        ),
        # every child has its own
        (
            "一、排查。一是排查学校食堂卫生（市教育局负责）；二是排查工地宿舍用电（市住建局负责）。",
            [],
            [["市教育局"], ["市住建局"]],
        ),
        # on a line of its own behind the last child
        (
            "一、排查\n1.学校。排查食堂。\n2.工地。排查宿舍。\n牵头单位：市教育局",
            ["市教育局"],
            [["市教育局"], ["市教育局"]],
        ),
    ],
)
def test_units_of_a_group_are_handed_down(
    body: str, group_units: list[str], task_units: list[list[str]]
) -> None:
    group, *tasks = read(body).items
    assert [unit.quote for unit in group.fields.units] == group_units
    assert [[unit.quote for unit in task.fields.units] for task in tasks] == task_units
    assert all(unit.inherited for task in tasks for unit in task.fields.units) == bool(group_units)


def test_a_line_that_says_attachment_alone_opens_a_part_and_hides_nothing() -> None:
    document = read(
        "一、做好值守。各地要做好值守。\n二、开展排查。各地5月底前要完成排查。",
        tail=TAIL
        + "附件\n临澜市防汛重点任务分工\n一、水库除险加固。牵头单位：市水利局\n二、堤防达标。牵头单位：市水利局",
    )
    assert [(item.id, item.number, item.kind) for item in document.items] == [
        ("p1.1", "一", "task"),
        ("p1.2", "二", "task"),
        ("p2.1", "一", "task"),
        ("p2.2", "二", "task"),
    ]
