"""A saved page gives the circular as a person reads it in the browser, and says which of its text is the site's own."""

from __future__ import annotations

import re
from email.encoders import encode_base64, encode_quopri
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractor.intake.errors import UnreadableFile
from extractor.intake.html import looks_like_html, read_html
from extractor.intake.mhtml import looks_like_mhtml, read_mhtml
from extractor.model import Source, Span

TITLE = "云溪市人民政府办公室关于印发2023年防汛工作要点的通知"
CIRCULAR = (
    TITLE,
    "云政办发〔2023〕8号",
    "各县（市、区）人民政府，市政府各部门：",
    "《2023年防汛工作要点》已经市政府同意，现印发给你们，请认真组织实施。",
    "一、完善责任体系",
    "（一）落实责任人。3月底前公布防汛责任人名单。（市水利局牵头，市应急管理局配合）",
    "（二）修订应急预案。汛期前完成，每年至少组织1次演练。（市应急管理局、市住房城乡建设局负责）",
    "二、强化监测预警",
    "（三）每周会商1次，遇强降雨加密会商频次。（市气象局、市水文局负责）",
    "云溪市人民政府办公室",
    "2023年2月20日",
    "（此件公开发布）",
)
BODY = CIRCULAR[1:]


def page(body: str, head: str = "", charset: str = "utf-8") -> bytes:
    """A whole page around `body`, in the encoding it declares."""
    declaration = f'<meta http-equiv="Content-Type" content="text/html; charset={charset}">'
    text = f"<!DOCTYPE html>\n<html><head>{declaration}{head}</head><body>{body}</body></html>"
    return text.encode({"gb2312": "gb18030"}.get(charset, charset))


def paragraphs(lines: tuple[str, ...]) -> str:
    return "\n".join(f"<p>{line}</p>" for line in lines)


def drawn(body: str) -> list[str]:
    """The lines of a page whose body is `body`."""
    return read_html(page(body), "a.html").text.split("\n")


def document_text(source: Source) -> list[str]:
    """The lines that are left when the margins are taken out, white space at their edges apart."""
    kept, at = [], 0
    for margin in source.margins:
        kept.append(source.text[at : margin.span.start])
        at = margin.span.end
    kept.append(source.text[at:])
    return [line.strip() for line in "".join(kept).split("\n") if line.strip()]


def quoted(source: Source, quote: str) -> Span:
    start = source.text.index(quote)
    return Span(start, start + len(quote))


class TestLines:
    @pytest.mark.parametrize(
        ("body", "lines"),
        [
            # inline tags inside a word leave no trace
            ("<p>市<b>应急</b><i>管理</i>局<font>负责</font></p>", ["市应急管理局负责"]),
            # a line break of the file inside Chinese words is no space, one between Latin words is
            ("<p>市应急\n  管理局 every\n week</p>", ["市应急管理局 every week"]),
            # white space collapses, across tags too; ideographic and non-breaking spaces are characters
            ("<p>  甲 \t <b> 乙</b>　丙&nbsp;&nbsp;丁 </p>", ["甲 乙　丙\xa0\xa0丁"]),
            # <br> breaks a title, an empty paragraph leaves no line
            (
                "<h1>关于印发<br/>工作要点的通知</h1><p>&nbsp;</p><p><br></p><p>正文</p>",
                ["关于印发", "工作要点的通知", "正文"],
            ),
            # blocks in blocks, and text beside blocks
            ("<div>甲<div><div>乙</div></div>丙<section><p>丁</p></section></div>", ["甲", "乙", "丙", "丁"]),
            # entities, named, decimal, hexadecimal
            (
                "<p>&ldquo;十四五&rdquo;&#65288;规划&#x3009; A&amp;B &lt;1&gt;</p>",
                ["“十四五”（规划〉 A&B <1>"],
            ),
            # what is not drawn
            (
                "<p>甲<script>x='乙'</script><style>p{}</style><!-- 丙 --></p><noscript>丁</noscript><template>戊</template>",
                ["甲"],
            ),
            # what is hidden
            (
                '<p>甲</p><p hidden>乙</p><p style="DISPLAY : none">丙</p><p style="visibility:hidden">丁</p>'
                '<i class="icon-print" aria-hidden="true">print</i><span class="sr-only">戊</span><input type="hidden" value="己">',
                ["甲"],
            ),
            # a deleted revision of Word
            ("<p>3月底<del>5月底</del>前完成</p>", ["3月底前完成"]),
            # preformatted text keeps its lines and spaces
            ("<pre>甲  乙\n  丙</pre>", ["甲  乙", "  丙"]),
            ('<div style="white-space: pre-wrap">甲  乙\n丙</div>', ["甲  乙", "丙"]),
            ('<div style="white-space:pre-line">甲   乙\n  丙</div>', ["甲 乙", "丙"]),
            # style attributes make blocks of spans and spans of blocks
            (
                '<span style="display:block">甲</span><span style="float:right">乙</span><div style="display:inline">丙</div>丁',
                ["甲", "乙", "丙丁"],
            ),
            # tags that were never closed, and an end tag too many
            ("<div><p>甲<p>乙<font>丙</div></div><p>丁", ["甲", "乙丙", "丁"]),
        ],
    )
    def test_are_drawn_as_a_browser_does(self, body, lines):
        assert drawn(body) == lines

    def test_behind_the_end_of_the_page_are_read_too(self):
        # an included header file brings an </html> of its own
        data = "<html><body><div>页眉</div></body></html>\n<html><body><p>正文</p></body></html>".encode()
        assert read_html(data, "a.html").text == "页眉\n正文"

    def test_of_many_unclosed_font_tags_are_all_read(self):
        # each nests in the one before: deeper than the parser's usual 256 levels
        assert len(drawn("<p><font>各部门" * 400)) == 400


class TestListNumbers:
    @pytest.mark.parametrize(
        ("body", "lines"),
        [
            ("<ol><li>甲<li><p>乙</p></ol>", ["1. 甲", "2. 乙"]),
            (
                '<ol start="3" type="a"><li>甲</li><li value="28">乙</li><li>丙</li></ol>',
                ["c. 甲", "ab. 乙", "ac. 丙"],
            ),
            (
                "<ol type=I><li>甲</li><li>乙<ol type=i><li>丙</li></ol></li></ol>",
                ["I. 甲", "II. 乙", "i. 丙"],
            ),
            (
                '<ol style="list-style-type: cjk-ideographic" start=9><li>甲<li>乙<li>丙</ol>',
                ["九、甲", "十、乙", "十一、丙"],
            ),
            ("<ol reversed><li>甲<li>乙</ol>", ["2. 甲", "1. 乙"]),
            ('<ol style="list-style:none"><li>甲</ol><ul><li>乙</ul>', ["甲", "乙"]),
            # the items print numbers of their own: the site's style sheet has taken the list's away
            ("<ol><li>一、甲</li><li>二、乙</li></ol>", ["一、甲", "二、乙"]),
            # an item without text shows no line
            ("<ol><li></li><li>乙</li></ol>", ["2. 乙"]),
        ],
    )
    def test_stand_in_the_text(self, body, lines):
        assert drawn(body) == lines

    def test_are_located_at_their_item(self):
        source = read_html(page("<ol><li><p>甲</p></li><li><p>乙</p></li></ol>"), "a.html")
        assert source.locate(quoted(source, "2.")).element == "/html/body/ol/li[2]"


class TestTables:
    def test_of_tasks_keep_rows_columns_and_merged_cells(self):
        body = """<table><caption>责任分工表</caption>
          <thead><tr><th>序号</th><th>工作任务</th><th>责任<br>单位</th></tr></thead>
          <tr><td rowspan="2">1</td><td><p>公布责任人名单</p><p>并上网</p></td><td>市水利局</td></tr>
          <tr><td>修订预案</td><td></td></tr>
          <tr><td colspan="3">二、监测预警</td></tr></table>"""
        source = read_html(page(body), "a.html")
        assert source.text.split("\n") == [
            "责任分工表",
            "序号\t工作任务\t责任 单位",
            "1\t公布责任人名单 并上网\t市水利局",
            "修订预案\t",
            "二、监测预警",
        ]
        (table,) = source.tables
        assert [(c.span.of(source.text), c.row, c.column, c.rows, c.columns) for c in table.cells] == [
            ("序号", 0, 0, 1, 1),
            ("工作任务", 0, 1, 1, 1),
            ("责任 单位", 0, 2, 1, 1),
            ("1", 1, 0, 2, 1),
            ("公布责任人名单 并上网", 1, 1, 1, 1),
            ("市水利局", 1, 2, 1, 1),
            ("修订预案", 2, 1, 1, 1),
            ("", 2, 2, 1, 1),
            ("二、监测预警", 3, 0, 1, 3),
        ]
        assert table.span.of(source.text) == source.text[len("责任分工表\n") :]
        assert source.locate(quoted(source, "市水利局")).element == "/html/body/table/tr[1]/td[3]"

    def test_with_long_cells_are_tables_still(self):
        long = "<p>加强河道巡查，发现险情立即处置并报告。</p>" * 3
        body = "<table>" + f"<tr><td>1</td><td>{long}</td><td>市水利局</td></tr>" * 3 + "</table>"
        assert len(read_html(page(body), "a.html").tables) == 1

    @pytest.mark.parametrize(
        ("body", "lines"),
        [
            # one column
            ("<table><tr><td>甲</td></tr><tr><td>乙</td></tr></table>", ["甲", "乙"]),
            # the page's columns: a menu beside the circular
            (f"<table><tr><td>栏目</td><td>{paragraphs(BODY)}</td></tr></table>", ["栏目", *BODY]),
            (
                f"<table><tr><td>甲</td><td>乙</td></tr><tr><td>丙</td><td>{paragraphs(BODY)}</td></tr></table>",
                ["甲", "乙", "丙", *BODY],
            ),
            # said by the page itself
            ('<table role="presentation"><tr><td>甲</td><td>乙</td></tr></table>', ["甲", "乙"]),
        ],
    )
    def test_that_only_hold_the_page_in_place_are_none(self, body, lines):
        source = read_html(page(body), "a.html")
        assert source.tables == ()
        assert source.text.split("\n") == lines

    def test_inside_layout_tables_are_found(self):
        source = read_html(
            page(
                "<table><tr><td>左</td><td><table><tr><td>甲</td><td>乙</td></tr></table></td></tr></table>"
            ),
            "",
        )
        assert source.text == "左\n甲\t乙"
        assert [table.span.of(source.text) for table in source.tables] == ["甲\t乙"]


UCAP = (
    page(
        f"""<div class="header"><a href="/">首页</a> <a href="/a">新闻</a> <a href="/b">政务公开</a> <a href="/l">登录</a></div>
        <div class="BreadcrumbNav">当前位置：<a href="/">首页</a> &gt; <a href="/b">政务公开</a> &gt; 正文</div>
        <table><tr><td>
          <table class="bd1"><tbody><tr><td><b>索 引 号：</b></td><td>000123/2023-0008</td><td><b>主题分类：</b></td><td>水利</td></tr>
          <tr><td><b>发文机关：</b></td><td>云溪市人民政府办公室</td><td><b>成文日期：</b></td><td>2023年02月20日</td></tr>
          <tr><td><b>标　　题：</b></td><td colspan="3">{TITLE}</td></tr>
          <tr><td><b>发文字号：</b></td><td>云政办发〔2023〕8号</td><td><b>发布日期：</b></td><td>2023年02月22日</td></tr></tbody></table>
        </td></tr></table>
        <table><tr><td><table><tr><td id="UCAP-CONTENT">{paragraphs(CIRCULAR)}</td></tr></table>
          <div id="qr_container">扫一扫在手机打开当前页</div></td>
          <td><div>相关稿件</div><ul><li><a href="/1">我市召开防汛工作会议，部署防汛工作。</a></li><li><a href="/2">图解</a></li></ul></td></tr></table>
        <div class="footer">主办单位：云溪市人民政府办公室 网站标识码：1234560001</div>""",
        f"<title>{TITLE}_云溪市人民政府网</title>",
    ),
    ["索 引 号：\t000123/2023-0008\t主题分类：\t水利", "发文机关：\t云溪市人民政府办公室\t成文日期：\t2023年02月20日",
     f"标　　题：\t{TITLE}", "发文字号：\t云政办发〔2023〕8号\t发布日期：\t2023年02月22日", *CIRCULAR],
)  # fmt: skip
TRS = (
    page(
        f"""<div class="top"><div class="top-nav"><ul><li><a href="/">网站首页</a></li><li><a href="/x">走进云溪</a></li>
        <li><a href="/y">信息公开</a></li></ul></div></div>
        <div class="dqwz">您当前的位置：<a>首页</a>&gt;<a>政策文件</a></div>
        <div class="xxgk-info"><ul><li><span>索引号：</span>YX01-2023</li><li><span>文　号：</span>云政办发〔2023〕8号</li>
        <li><span>发布机构：</span>云溪市人民政府办公室</li><li><span>成文日期：</span>2023-02-20</li></ul></div>
        <div class="xl_title"><h2>{TITLE}</h2></div>
        <div class="xl_laiyuan">发布时间：2023-02-22 10:30 来源：市政府办公室
          <span class="font-size">字号：[<a href="#">大</a> <a href="#">中</a> <a href="#">小</a>]</span>
          <a href="javascript:window.print()">打印</a></div>
        <div class="view TRS_UEDITOR trs_paper_default"><div class="TRS_Editor">{paragraphs(BODY)}</div></div>
        <div class="fj">附件：<ul><li><a href="./P0202302.docx">1.责任分工表</a></li></ul></div>
        <div class="xgjd"><h3>相关解读</h3><a href="/j.html">《2023年防汛工作要点》政策解读</a></div>
        <div class="prevnext"><p>上一篇：<a href="/p">关于开展消防安全检查的通知</a></p><p>下一篇：没有了</p></div>
        <div class="bdsharebuttonbox">分享到：<a>微信</a><a>微博</a></div>
        <div class="foot"><p>云溪市人民政府办公室主办，云溪市大数据中心承办</p><p>京ICP备00000000号</p></div>""",
        f'<meta name="ArticleTitle" content="{TITLE}"><meta name="PubDate" content="2023-02-22 10:30">'
        '<meta name="ContentSource" content="云溪市人民政府办公室"><title>云溪市人民政府</title>',
    ),
    ["索引号：YX01-2023", "文　号：云政办发〔2023〕8号", "发布机构：云溪市人民政府办公室", "成文日期：2023-02-20", TITLE,
     "发布时间：2023-02-22 10:30 来源：市政府办公室", *BODY, "附件：", "1.责任分工表"],
)  # fmt: skip
OLD_TABLES = (
    page(
        f"""<table width=980><tr><td><img src=top.jpg></td></tr><tr><td bgcolor=#cc0000>
          <a href=/><font color=white>首 页</font></a> | <a href=/2>机构设置</a> | <a href=/3>法规文件</a> | <a href=/4>办事指南</a></td></tr></table>
        <table width=980><tr><td width=200 valign=top><table><tr><td>栏目导航</td></tr><tr><td><a href=/a>通知公告</a></td></tr>
          <tr><td><a href=/b>工作动态</a></td></tr><tr><td><a href=/c>政策法规</a></td></tr></table></td>
        <td valign=top><table width=760><tr><td align=center><font size=5><b>{TITLE}</b></font></td></tr>
          <tr><td align=center>云政办发〔2023〕8号</td></tr>
          <tr><td><font size=3>{"<br>　　".join(BODY[1:])}</font></td></tr>
          <tr><td align=right>【<a href=#>打印</a>】【<a href=#>关闭</a>】</td></tr></table></td></tr></table>
        <table width=980><tr><td align=center>版权所有：云溪市人民政府 地址：云溪市中心大道1号 邮编：000000</td></tr></table>""",
        f"<title>{TITLE}</title>",
        "gb2312",
    ),
    list(CIRCULAR),
)
DIV_SOUP = (
    page(
        f"""<div><div><a href="/">网站首页</a><a href="/1">区情概况</a><a href="/2">政务公开</a><a href="/3">互动交流</a></div></div>
        <div><div><div><div>{TITLE}</div><div>2023-02-22</div></div>
          <div>{"".join(f"<div><span>{line}</span></div>" for line in BODY[:-3])}</div>
          <div>{BODY[-3]}</div><div>{BODY[-2]}</div><div>{BODY[-1]}</div></div>
          <div><div>热点推荐</div><div><a href="/n1">全市防汛工作电视电话会议召开，市长出席</a></div><div><a href="/n2">新闻二</a></div></div></div>
        <div><div>Copyright 云溪市人民政府</div></div>""",
        f"<title>{TITLE}</title>",
    ),
    [TITLE, "2023-02-22", *BODY],
)
WORD = (
    page(
        """<div class=WordSection1>"""
        + f"""<p class=MsoNormal align=center><b><span lang=EN-US style='font-size:22.0pt'>{TITLE[:9]}</span></b><span
style='font-size:22.0pt'>{TITLE[9:]}</span></p>"""
        + "".join(
            f"<p class=MsoNormal style='text-indent:32.0pt'><span style='font-family:仿宋'>{line[:5]}</span><span\n"
            f"lang=EN-US style='font-family:仿宋'>{line[5:8]}<o:p></o:p></span><font face=宋体>{line[8:20]}\n{line[20:]}</font></p>"
            for line in BODY[:3]
        )
        + """<p class=MsoListParagraph style='mso-list:l0 level1 lfo1'><![if !supportLists]><span><span
style='mso-list:Ignore'>一、<span style='font:7.0pt "Times New Roman"'>&nbsp; </span></span></span><![endif]><span>完善责任体系</span></p>"""
        + "</div><br clear=all style='page-break-before:always'><div class=WordSection2>"
        + paragraphs(BODY[4:])
        + "</div>",
        "<!--[if gte mso 9]><xml><w:WordDocument/></xml><![endif]--><style>p.MsoNormal{}</style>",
    ),
    [TITLE, *BODY[:3], "一、\xa0 完善责任体系", *BODY[4:]],
)
FAMILIES = {"UCAP": UCAP, "TRS": TRS, "old tables, GB2312": OLD_TABLES, "div soup": DIV_SOUP, "Word": WORD}


class TestMainText:
    @pytest.mark.parametrize("family", FAMILIES)
    def test_is_what_is_left_without_the_margins(self, family):
        data, lines = FAMILIES[family]
        assert document_text(read_html(data, "a.html")) == lines

    @pytest.mark.parametrize(
        ("chrome", "reason"),
        [
            ("首页 新闻 政务公开 登录", "chrome"),
            ("扫一扫在手机打开当前页", "chrome"),
            ("图解", "related_links"),
        ],
    )
    def test_has_margins_with_their_reasons(self, chrome, reason):
        source = read_html(UCAP[0], "a.html")
        where = quoted(source, chrome)
        assert [m.reason for m in source.margins if m.span.covers(where)] == [reason]

    def test_keeps_what_stray_end_tags_throw_out_of_its_element(self):
        body = f"""<ul class="menu"><li><a href="1">首页</a><li><a href="2">公开</a><li><a href="3">服务</a></ul>
          <div class="wrap"><div class="TRS_Editor">{paragraphs(CIRCULAR[:6])}</div></div></div>{paragraphs(CIRCULAR[6:])}</div>
          <div class="bottom"><a href="1">网站声明</a> <a href="2">联系我们</a> <a href="3">地图</a></div>"""
        assert document_text(read_html(page(body), "a.html")) == list(CIRCULAR)

    def test_may_be_in_several_elements_of_one_name(self):
        # the notice in one editor, what it encloses in the next
        body = "".join(
            f'<div class="TRS_Editor">{paragraphs(lines)}</div>' for lines in (CIRCULAR[:4], CIRCULAR[4:])
        )
        assert document_text(
            read_html(page(body + '<div class="links"><a href="a">省政府</a></div>'), "a.html")
        ) == list(CIRCULAR)

    def test_printed_again_for_telephones_counts_once(self):
        body = f'<div class="pc"><div class="TRS_Editor">{paragraphs(CIRCULAR)}</div></div>'
        assert document_text(read_html(page(body + body.replace("pc", "wap")), "a.html")) == list(CIRCULAR)

    def test_keeps_links_to_laws_and_attachments_and_drops_related_links(self):
        body = f"""<div id="zoom">{paragraphs(CIRCULAR[:4])}<p>按照<a href="1">《防洪法》</a>、<a href="2">《条例》</a>要求，落实责任。</p>
          <p><a href="3">《云溪市防汛办法》</a></p>{paragraphs(CIRCULAR[4:])}<p>附件：<a href="/f?id=1">责任分工表</a></p>
          <p>相关链接：</p><p><a href="4">一图读懂</a></p></div>"""
        source = read_html(page(body), "a.html")
        assert [(m.span.of(source.text), m.reason) for m in source.margins] == [
            ("相关链接：\n一图读懂", "related_links")
        ]

    def test_of_a_page_without_a_site_is_the_whole_page(self):
        for body in (paragraphs(CIRCULAR), "<pre>" + "\n".join(CIRCULAR) + "</pre>", "<br>".join(CIRCULAR)):
            source = read_html(page(body), "a.html")
            assert (source.margins, source.text.split("\n")) == ((), list(CIRCULAR))

    def test_named_for_chrome_by_mistake_is_kept(self):
        assert document_text(
            read_html(page(f'<div class="print share">{paragraphs(CIRCULAR)}</div>'), "a.html")
        ) == list(CIRCULAR)

    def test_task_table_stays_and_the_menu_table_goes(self):
        rows = "".join(
            f"<tr><td>{i}</td><td>完成河道清淤，确保行洪畅通。</td><td>市水利局</td></tr>"
            for i in range(1, 9)
        )
        menu = '<table><tr><td><a href="1">首页</a></td><td><a href="2">公开</a></td><td><a href="3">服务</a></td></tr></table>'
        source = read_html(
            page(
                f"{menu}<div><h2>责任分工表</h2><table><tr><th>序号</th><th>工作任务</th><th>责任单位</th></tr>{rows}</table></div>"
            ),
            "",
        )
        assert [len(table.cells) for table in source.tables] == [27]
        assert document_text(source)[0] == "责任分工表"


class TestPageData:
    @pytest.mark.parametrize(
        ("family", "expected"),
        [
            # the block of 索引号 …, in cells
            (
                "UCAP",
                {
                    "title": TITLE,
                    "issuer": "云溪市人民政府办公室",
                    "doc_number": "云政办发〔2023〕8号",
                    "issued_on": "2023-02-20",
                },
            ),
            # the block in list items goes before the meta elements: PubDate is the day the page was put up
            (
                "TRS",
                {
                    "title": TITLE,
                    "issuer": "云溪市人民政府办公室",
                    "doc_number": "云政办发〔2023〕8号",
                    "issued_on": "2023-02-20",
                },
            ),
            # nothing but a title, the same as is printed
            ("old tables, GB2312", {"title": TITLE}),
            ("Word", {}),
        ],
    )
    def test_becomes_metadata(self, family, expected):
        assert read_html(FAMILIES[family][0], "a.html").metadata == expected

    def test_of_the_national_guideline_is_read_from_meta_elements(self):
        head = f"""<meta name="ArticleTitle" content="{TITLE}"/><meta name="PubDate" content="2023-02-22 09:00">
          <META NAME="ContentSource" CONTENT="云溪市应急管理局"><meta name="SiteName" content="云溪市人民政府">"""
        source = read_html(page(paragraphs(BODY), head), "a.html")
        assert source.metadata == {"title": TITLE, "issuer": "云溪市应急管理局", "issued_on": "2023-02-22"}

    def test_in_a_definition_list_stays_in_the_text(self):
        block = "<dl><dt>索引号</dt><dd>YX-1</dd><dt>成文日期</dt><dd>2023年2月20日</dd><dt>文件名称</dt><dd>防汛工作要点</dd></dl>"
        body = f'<div class="nav"><a href="/">首页</a></div>{block}<article>{paragraphs(CIRCULAR)}</article>'
        source = read_html(page(body), "a.html")
        assert source.metadata == {"issued_on": "2023-02-20", "title": "防汛工作要点"}
        assert document_text(source)[:6] == [
            "索引号",
            "YX-1",
            "成文日期",
            "2023年2月20日",
            "文件名称",
            "防汛工作要点",
        ]

    @pytest.mark.parametrize("value", ["无", "—", "", "2023年2月30日", "详见正文"])
    def test_that_is_none_gives_nothing(self, value):
        body = f"<p>索引号：{value}</p><p>发文字号：{value}</p><p>成文日期：{value}</p>{paragraphs(CIRCULAR)}"
        assert read_html(page(body), "a.html").metadata == {}


class TestEncoding:
    @pytest.mark.parametrize(
        ("declared", "real", "found"),
        [
            ("utf-8", "utf-8", "utf-8"),
            ("gb2312", "gb18030", "gb18030"),
            ("GBK", "gb18030", "gb18030"),
            ("big5", "big5", "big5hkscs"),
            # declarations that lie
            ("gb2312", "utf-8", "utf-8"),
            ("utf-8", "gb18030", "gb18030"),
            ("iso-8859-1", "gb18030", "gb18030"),
            ("no-such-charset", "utf-8", "utf-8"),
            ("big5", "gb18030", "gb18030"),
            # byte order marks
            ("gb2312", "utf-8-sig", "utf-8-sig"),
            ("gb2312", "utf-16", "utf-16"),
        ],
    )
    def test_is_what_the_bytes_are(self, declared, real, found):
        text = (
            "區人民政府關於印發工作要點的通知，各單位應於年底前完成。"
            if "big5" in (real,)
            else TITLE + "，年底前完成。"
        )
        data = page(f"<p>{text}</p>").decode().replace("utf-8", declared).encode(real)
        source = read_html(data, "a.html")
        assert (source.text, source.encoding) == (text, found)

    def test_may_be_undeclared(self):
        assert read_html(f"<p>{TITLE}</p>".encode("gb18030"), "a.html").text == TITLE

    def test_of_rare_characters_in_gb2312_pages_is_gb18030(self):
        assert (
            "张喆、朱镕、㙍"
            in read_html(page("<p>的人民政府通知：张喆、朱镕、㙍</p>", charset="gb2312"), "a.html").text
        )

    def test_forgives_a_single_broken_character(self):
        data = page(paragraphs(CIRCULAR), charset="gb2312").replace("汛".encode("gb18030"), b"\xff\xff", 1)
        assert read_html(data, "a.html").encoding == "gb18030"


class TestPlaces:
    @pytest.mark.parametrize("family", FAMILIES)
    def test_lead_to_the_element_that_draws_the_text(self, family):
        from lxml.html import document_fromstring

        data = FAMILIES[family][0]
        source = read_html(data, "a.html")
        tree = document_fromstring(data.decode("gb18030" if "GB2312" in family else "utf-8"))
        for match in re.finditer(r"[^\s，。]{3,6}", source.text):
            place = source.locate(Span(*match.span()))
            (element,) = tree.xpath(place.element.replace("o:p", "*[name()='o:p']"))
            assert match.group()[0] in element.text_content()
            assert place.line

    def test_name_the_line_of_the_file(self):
        source = read_html("<html>\n<body>\n<p>甲</p>\n<p>\n乙</p></body></html>".encode(), "a.html")
        assert [source.locate(quoted(source, quote)).line for quote in "甲乙"] == [3, 4]


FRAGMENTS = st.recursive(
    st.sampled_from(
        [
            "防汛",
            " ",
            "\n",
            "&nbsp;",
            "<br>",
            "，。",
            "附件",
            "索引号：1",
            "打印",
            "<",
            "&#x0;",
            "\u200b",
            "</div>",
            "<td>",
        ]
    ),
    lambda inner: st.builds(
        lambda tag, parts: f"<{tag}>{''.join(parts)}</{tag.split()[0]}>",
        st.sampled_from(
            [
                "p",
                "div",
                "b",
                "a href=x",
                "table",
                "tr",
                "td rowspan=2",
                "td colspan=0",
                "ol",
                "li",
                "pre",
                "h1",
                "nav",
                "select",
            ]
        ),
        st.lists(inner, max_size=4),
    ),
    max_leaves=25,
)


class TestAnyPage:
    @settings(max_examples=150, deadline=None)
    @given(
        st.lists(FRAGMENTS, min_size=1, max_size=6).map("".join), st.integers(-5, 300), st.integers(-5, 300)
    )
    def test_keeps_its_promises(self, body, start, end):
        try:
            source = read_html(page(body), "a.html")
        except UnreadableFile:
            return
        text = source.text
        assert "\n\n" not in text and text == text.strip("\n")
        source.locate(Span(start, end))
        ends = [margin.span.end for margin in source.margins]
        assert all(
            earlier <= margin.span.start for earlier, margin in zip(ends, source.margins[1:], strict=False)
        )
        assert all(margin.span.of(text).strip() for margin in source.margins)
        for table in source.tables:
            assert all(table.span.covers(cell.span) for cell in table.cells)
            assert not any(char in "".join(cell.span.of(text) for cell in table.cells) for char in "\t\n")
            assert not any(a.span.overlaps(b.span) for a in table.cells for b in table.cells if a is not b)


def part(
    content_type: str, payload: bytes, location: str, encoder=encode_quopri, **params: str
) -> MIMENonMultipart:
    main, sub = content_type.split("/")
    message = MIMENonMultipart(main, sub, **params)
    message.set_payload(payload)
    encoder(message)
    message["Content-Location"] = location
    return message


def single_file(*parts: MIMENonMultipart, **params: str) -> bytes:
    message = MIMEMultipart("related", **params)
    message["From"] = "<Saved by Blink>"
    for each in parts:
        message.attach(each)
    return message.as_bytes()


PICTURE = part("image/png", b"\x89PNG\r\n\x1a\n" * 20, "http://yunxi.example/top.png", encode_base64)


class TestMhtml:
    @pytest.mark.parametrize("encoder", [encode_quopri, encode_base64])
    def test_is_read_as_its_page_is(self, encoder):
        data = single_file(part("text/html", UCAP[0], "http://yunxi.example/1.html", encoder), PICTURE)
        source = read_mhtml(data, "a.mhtml")
        assert (source.text, source.margins) == (
            read_html(UCAP[0], "a.html").text,
            read_html(UCAP[0], "a.html").margins,
        )
        assert (source.data, source.media, source.encoding) == (data, "multipart/related", "utf-8")
        # the line of the page is no line of the file
        assert source.locate(quoted(source, "各县")).line is None

    def test_takes_the_page_that_start_names(self):
        other, root = (
            part("text/html", page("<p>别处</p>"), "b.html"),
            part("text/html", page("<p>正文</p>"), "a.html"),
        )
        root["Content-ID"] = "<root@x>"
        assert read_mhtml(single_file(other, root, start="<root@x>"), "a.mhtml").text == "正文"

    def test_believes_the_charset_of_the_part(self):
        data = f"<html><body><p>{TITLE}</p></body></html>".encode("gb18030")
        assert read_mhtml(single_file(part("text/html", data, "a", charset="gb2312")), "a.mht").text == TITLE

    @pytest.mark.parametrize(
        "src", ["cid:frame-1@mhtml.blink", "/inner/text.html", "http://yunxi.example/inner/text.html"]
    )
    def test_reads_frames_in_their_place(self, src):
        outer = page(f'<p>{TITLE}</p><iframe src="{src}"></iframe><p>（此件公开发布）</p>')
        inner = part("text/html", page(paragraphs(BODY[:-1])), "http://yunxi.example/inner/text.html")
        inner["Content-ID"] = "<frame-1@mhtml.blink>"
        source = read_mhtml(
            single_file(part("text/html", outer, "http://yunxi.example/a.html"), inner), "a.mhtml"
        )
        assert document_text(source) == list(CIRCULAR)
        assert source.locate(quoted(source, "各县")).element == "/html/body/iframe/#document/html/body/p[2]"

    def test_with_a_frame_that_shows_itself_ends(self):
        looped = page('<p>正文</p><iframe src="a.html"></iframe><iframe src="b.html"></iframe>')
        other = part("text/html", page('<p>框架</p><iframe src="b.html"></iframe>'), "http://x/b.html")
        assert (
            read_mhtml(single_file(part("text/html", looped, "http://x/a.html"), other), "").text
            == "正文\n框架"
        )

    def test_cut_off_is_refused(self):
        data = single_file(part("text/html", UCAP[0], "a"), PICTURE)
        for end in (len(data) // 3, len(data) * 2 // 3, len(data) - 5):
            with pytest.raises(UnreadableFile, match="截断"):
                read_mhtml(data[:end], "a.mhtml")

    def test_without_a_page_is_refused(self):
        with pytest.raises(UnreadableFile, match="没有网页"):
            read_mhtml(single_file(PICTURE), "a.mhtml")


class TestRecognition:
    @pytest.mark.parametrize(
        "data",
        [
            b"<!DOCTYPE html><html>",
            b'\xef\xbb\xbf\r\n<!-- saved from url=(0014)about:internet -->\r\n<HTML xmlns:v="urn:x">',
            b'<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0//EN">',
            "<html><p>甲".encode("utf-16"),
            b"  <p>fragment",
            b"<div class=x>",
        ],
    )
    def test_of_pages(self, data):
        assert looks_like_html(data) and not looks_like_mhtml(data)

    @pytest.mark.parametrize(
        "data",
        [
            b"",
            "关于<html>的通知".encode(),
            b'<?xml version="1.0"?><ofd:OFD>',
            b"<svg>",
            b"%PDF-1.7 <html>",
            b"PK\x03\x04",
            b"{\\rtf1",
            b"<\xff\xfe",
            b"<pdf>",
        ],
    )
    def test_of_what_is_none(self, data):
        assert not looks_like_html(data) and not looks_like_mhtml(data)

    def test_of_single_files(self):
        data = single_file(part("text/html", UCAP[0], "a"), PICTURE)
        by_explorer = "From: <由 Internet Explorer 8 保存>\r\n".encode("gb18030") + (
            b'Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n\ttype="text/html";\r\n\tboundary="b"\r\n\r\n'
        )
        assert looks_like_mhtml(data) and looks_like_mhtml(by_explorer) and not looks_like_html(data)
        assert not looks_like_mhtml(
            b"Subject: x\nContent-Type: text/plain\n\nMIME-Version: 1.0\nContent-Type: multipart/related"
        )


class TestHostilePages:
    @pytest.mark.parametrize(
        ("data", "message"),
        [
            pytest.param(
                b"<html><body>" + b"<div>" * 2_000_000 + b"</body></html>",
                "嵌套过深",
                id="10 MB of nested elements",
            ),
            pytest.param(
                b"<p " + b" ".join(b"a%d=1" % i for i in range(200_000)) + b">", "属性过多", id="attributes"
            ),
            pytest.param(b"<p>a</p>" * 200_000, "元素或属性过多", id="elements"),
            pytest.param(page(paragraphs(CIRCULAR))[:-40], "截断", id="cut off in the text"),
            pytest.param(page('<p class="' + "x" * 400)[:300], "截断", id="cut off in a tag"),
            pytest.param(b"<html><body><!-- " + b"x" * 400, "截断", id="cut off in a comment"),
            pytest.param(
                page("<script>write()</script><iframe src=x></iframe>"), "没有文字", id="drawn by a script"
            ),
            pytest.param(b"", "没有文字", id="empty"),
            pytest.param(bytes(range(128, 256)) * 50, "编码", id="noise"),
        ],
    )
    def test_are_refused_in_one_line(self, data, message):
        with pytest.raises(UnreadableFile, match=message) as refusal:
            read_html(data, "a.html")
        assert "\n" not in str(refusal.value)

    def test_entity_bombs_stay_small(self):
        entities = "".join(f"<!ENTITY a{i} '&a{i - 1};&a{i - 1};'>" for i in range(1, 60))
        data = f"<!DOCTYPE html [<!ENTITY a0 'x'>{entities}]><html><body><p>&a59;</p></body></html>".encode()
        assert len(read_html(data, "a.html").text) < 100

    @pytest.mark.parametrize(
        "body",
        [
            pytest.param(
                "<table>" + "<tr><td colspan=1000 rowspan=65000>甲<td>乙" * 10_000, id="spans over spans"
            ),
            pytest.param("<p>" + "QQ空间微博分享到" * 20 + "x</p>", id="words of chrome over and over"),
            pytest.param("<p>" + " " * 3_000_000 + "甲</p>", id="white space"),
            pytest.param(
                '<div class="nav">各区，要。</div>' * 10_000 + "<div id=zoom>各区，要。</div>" * 10_000,
                id="names",
            ),
        ],
    )
    def test_are_read_however_much_they_ask_for(self, body):
        """In time that grows with their size alone: were it their square, this would take hours."""
        assert read_html(page(body), "a.html").text.strip()

    def test_deeply_nested_messages_are_refused(self):
        nested = "".join(
            f"--b{i}\nContent-Type: multipart/related; boundary=b{i + 1}\n\n" for i in range(5000)
        )
        data = f"MIME-Version: 1.0\nContent-Type: multipart/related; boundary=b0\n\n{nested}".encode()
        with pytest.raises(UnreadableFile, match="已损坏"):
            read_mhtml(data, "a.mhtml")
