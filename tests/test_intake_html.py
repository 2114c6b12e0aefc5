"""A saved page gives the circular as a person reads it in the browser, and says which of its text is the site's own."""

from __future__ import annotations

import pytest

from extractor.intake.html import read_html
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
