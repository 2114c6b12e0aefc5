"""What kind each item is, and why: group, task, goal or context (gold/GUIDE.md of the design)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from extractor.model import DocumentKind, ItemKind
from extractor.outline.heading_words import heading_kind
from extractor.outline.lines import MUST
from extractor.outline.tree import Node

DIRECTED = re.compile(
    rf"(?:^|[。；，\n）])(?:请|同意|由)?[^。；，\n]{{0,40}}?(?:各[^。；，\n]{{1,20}}|[\u4e00-\u9fff]{{2,20}}(?:政府|部门|单位|委员会|局|委|办|部|署|厅|院|会|公司|集团|中心|街道|[^书工处]室|乡|镇|村|学校|银行))(?:及|和|、|等)?[^。；，\n]{{0,24}}?(?:{MUST}|应当?|须|必须|不得|负责|牵头|会同|于每?[^。；，\n]{{2,12}}前)"
)
CONSENT = re.compile(r"(?:原则)?(?:同意|批准|通过)|决定|经研究")
AHEAD = re.compile(
    r"下一步|下步|今后|明年|来年|下一阶段|(?:工作)?(?:打算|思路|计划|安排|谋划)(?:和|及|与)?[^，。]{0,6}$|\d{4}年(?:重点)?(?:工作)?(?:任务|重点)$"
)
DEFINITION = re.compile(r"^[^。]{0,60}(?:是指(?![导定挥示派标明引])|系指|指的是)")
RETROSPECT = re.compile(
    r"^(?:近年来|[“”\w]{0,8}时期以来|过去|去年|党的[一二三四五六七八九十]+大以来|今年以来|近[一二三四五两]年来|上年|截至|“?十[一二三]五”?(?:期间|时期))"
)
DONE = re.compile(
    r"(?<![为除达])了(?!解|结|然)|取得[^。]{0,12}(?:成效|成绩|进展)|已(?:经)?(?:建成|完成|形成|达到|初步)|明显(?:提高|提升|增强|改善)|显著(?:提高|提升|增强|改善)"
)
GUIDING = re.compile(
    r"^(?:全面|深入|认真|坚持|高举)?(?:贯彻|学习贯彻|落实)?[^。]{0,12}以(?:习近平|邓小平|马克思|党的|毛泽东)[^。]{0,80}为(?:指导|指引)"
)

REPORTING = ("report",)
RULING = ("regulation",)
ANSWERING = ("reply", "other")


@dataclass(frozen=True, slots=True)
class Judgement:
    """The kind of an item and the id of the rule that gave it."""

    kind: ItemKind
    reason: str


def stands_outside_work(text: str, node: Node) -> Judgement | None:
    """Context or goal, where the node's own heading or one above it says so."""
    own = _heading_of(text, node)
    found = heading_kind(own) if own else None
    if found and found[0] != "task":
        return Judgement(found[0], f"heading-{found[0]}")
    for above in node.ancestors():
        words = _heading_of(text, above)
        found = heading_kind(words) if words else None
        if found and found[0] != "task" and found[1] == "tree":
            return Judgement(found[0], f"under-{found[0]}")
    return None


def judge_leaf(text: str, node: Node, kind: DocumentKind) -> Judgement:
    """The kind of a leaf in a document of `kind`."""
    body = _body_of(text, node)
    if not body and not node.heading:
        return Judgement("context", "empty")
    if kind in RULING:
        return Judgement("context", "article-of-regulation")
    if node.style == "row":
        return Judgement("task", "row-of-task-table")
    outside = stands_outside_work(text, node)
    if outside:
        return outside
    if kind in REPORTING and not _looks_ahead(text, node):
        return Judgement("context", "report")
    if DEFINITION.match(body):
        return Judgement("context", "definition")
    if kind in ANSWERING:
        return (
            Judgement("task", "directs-unit")
            if DIRECTED.search(body) and not CONSENT.match(body)
            else Judgement("context", "directs-nobody")
        )
    if RETROSPECT.match(body) and DONE.search(body) and not DIRECTED.search(body):
        return Judgement("context", "retrospect")
    if GUIDING.match(body) and not DIRECTED.search(body) and _under(text, node, "总体要求"):
        return Judgement("context", "guiding-thought")
    return Judgement("task", "leaf-of-work")


def _looks_ahead(text: str, node: Node) -> bool:
    """Whether it stands under a heading of what is to come: 下一步工作打算."""
    headings = (_heading_of(text, one) or "" for one in (node, *node.ancestors()))
    return any(AHEAD.search(heading) for heading in headings)


def _under(text: str, node: Node, words: str) -> bool:
    return any(words in (_heading_of(text, above) or "") for above in node.ancestors())


def _heading_of(text: str, node: Node) -> str | None:
    return node.heading.of(text) if node.heading else None


def _body_of(text: str, node: Node) -> str:
    if node.own_line and node.heading:
        return text[node.heading.end : node.end].lstrip("。 \n")
    return text[node.number.end if node.number else node.start : node.end].lstrip("、.） ")
