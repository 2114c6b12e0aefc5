"""What directs work outside the numbered outline: sentences of a covering notice and of closing paragraphs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from extractor.model import Span
from extractor.outline.lines import MUST, NAMED, Line
from extractor.outline.tree import UNIT_LINE, Node

SENTENCE = re.compile(r"[^。！？\n]+[。！？]?[”）]*")
INTRODUCES = re.compile(
    r"《.*》(?:已|业)经.*|(?:为|根据|按照|经)[^，]*，(?!.*(?:要|请))|.*(?:如下|以下意见)[：。]?$|.*现[将予].*印发|.*(?:印发|转发)(?:给|你|，请)"
)
REPORTING = re.compile(
    r"报送|上报|报告|反馈|报(?:[市县区省镇乡州局处]|国务院|我|送|至|备|请|经)|备案|报名|送达|提交"
)
EXHORTATION = re.compile(
    r"(?:认真|切实|抓好|遵照|结合实际)?[^。，]{0,12}(?:贯彻|组织实施|抓好落实|遵照|参照)?(?:执行|落实|实施)[。]?$|务必[^。]{0,12}重视|高度重视[^。]{0,60}(?:落实|执行)[^，。]{0,6}[。]?$"
)
TIME = re.compile(r"\d月|月底|日前|年底|每[年季月周日]|前[，将]|[定适]期|适时|期间")
MODAL = re.compile(
    rf"{MUST}|应当?|须|必须|务必|请[各市县区有省于在将按]|不得|由[^，。]{{2,30}}(?:于|在|按|每|负责|牵头)|将[^，。]{{0,12}}(?:适时|定期|不定期)|书面报|前报[国省市县]"
    r"|[室办局委部会厅]将?每(?:季度?|半?年|半?个?月|周|日|天)"
)
OVERSEES = re.compile(r"[^，。；：]{2,16}[室办局委部会厅处]将[^。]*(?:督查|检查|考核|通报|督导|评估|问责)")
ASKS_ALL = re.compile(r"请各|请[^，。]{2,40}(?:于|在|将)|各[^，。]{1,20}请(?:于|在|将|按)")
SPEAKS_OF_ITSELF = re.compile(
    r"未尽事宜|(?:本|此)(?:意见|通知|方案|规划|办法|计划|规定|要点)自|特此(?:通知|函达|函复|批复)"
)


DUTY = re.compile(
    r"(?:今后，)?(?:请)?(?:各[^，。；：]{1,20}?|[^，。；：]{2,16}[室办局委部会厅处])(?:要|应当?|须|必须|务必|负责|将(?:在|对|会同|适时|定期|不定期|按|组织|把)|对[^，。]{2,24}实行|于[^，。]{2,12}前|[每按][年月季周半])"
)
"""How a sentence begins that says what somebody has to do."""
DUE = re.compile(
    r"(?:请)?(?:于)?(?:(?:每[^，。]{1,12}|\d{1,2}月[^，。]{0,6})前|每[年季月周半][^，。]{0,4}(?:报送|上报|报告))"
)


def directive_sentences(lines: Sequence[Line], alone: bool = False) -> Iterator[Node]:
    """The sentences outside the numbered outline that direct work, each a node without number.

    In a covering notice only those count that open with who must do something, ask for something to be reported or set
    a time, not mere exhortation; where they stand `alone`, behind an outline or without one, every sentence that obliges
    somebody does.
    """
    for line in lines:
        for match in SENTENCE.finditer(line.text):
            words = match.group().strip()
            said = NAMED.sub("《》", words)
            sets_a_time = TIME.search(said) or REPORTING.search(said)
            if not words or (EXHORTATION.search(said) and not sets_a_time):
                continue
            asks = DUTY.match(said) or (MODAL.search(said) and (alone or sets_a_time))
            asks = asks or (DUE.match(said) and REPORTING.search(said))
            if asks and not INTRODUCES.match(words):
                start = line.span.start + match.start() + match.group().index(words[0])
                node = Node(start, start + len(words), "sentence", None, None, None, own_line=False)
                node.paragraphs.append(Span(node.start, node.end))
                yield node


def take_closing(text: str, roots: list[Node]) -> list[Line]:
    """Take from the last item the paragraphs that close the circular.

    In a text whose items are one paragraph each they are those behind the last; elsewhere those that ask everybody to
    report, or speak of the circular itself.
    """
    if not roots:
        return []
    leaf = roots[-1]
    while leaf.children:
        leaf = leaf.children[-1]
    leaves = [node for root in roots for node in root.walk() if not node.children and node is not leaf]
    longer = sum(
        sum(not UNIT_LINE.fullmatch(span.of(text)) for span in node.paragraphs) > 1 for node in leaves
    )
    one_each = not leaf.own_line and leaves and longer <= len(leaves) // 8
    closing: list[Span] = []
    opening = text[leaf.start : leaf.paragraphs[0].start].rstrip() if leaf.paragraphs else ""
    kept = 0 if opening.endswith("。") else 1
    while len(leaf.paragraphs) > kept:
        last = leaf.paragraphs[-1].of(text)
        reports = REPORTING.search(last) and (ASKS_ALL.match(last) or DUTY.match(last) or DUE.match(last))
        speaks_to_all = SPEAKS_OF_ITSELF.match(last) or reports or OVERSEES.match(last)
        if UNIT_LINE.match(last) or not (one_each or speaks_to_all):
            break
        closing.insert(0, leaf.paragraphs.pop())
    if closing:
        leaf.end = leaf.paragraphs[-1].end if leaf.paragraphs else leaf.start + len(opening)
        for above in leaf.ancestors():
            above.end = leaf.end
    return [Line(span, span.of(text)) for span in closing]
