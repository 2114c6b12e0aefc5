"""Units that brackets and labelled lines name: （A牵头，B、C配合）, （责任单位：…）, 牵头单位：… on a line of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

from extractor.fields.lexicons import rows
from extractor.fields.unit_names import TOWN
from extractor.fields.unit_passage import Found, Passage
from extractor.fields.unit_subjects import OWN_OFFICE, PLACE
from extractor.model import Role, Span

FIRST_LEADS = re.compile(
    r"(?:列|排|居|位列|排名|名列)?(?:在)?(?:第一|首位|首)(?:位|个|名)?(?:的|者)?(?:部门|单位)?[^，。；（）]{0,6}(?:为|是)?(?:总)?牵头(?:单位|部门)?"
)
ONWARDS = re.compile(r"下同|以下同|后同")
DUTY_VERBS: dict[str, Role] = {
    "牵头": "lead",
    "主办": "lead",
    "负责": "responsible",
    "承办": "responsible",
    "落实": "responsible",
    "实施": "responsible",
    "承担": "responsible",
    "完成": "responsible",
    "配合": "cooperating",
    "参与": "cooperating",
    "参加": "cooperating",
    "协办": "cooperating",
    "协助": "cooperating",
    "协同": "cooperating",
    "支持": "cooperating",
}
DUTY = re.compile(
    r"(?P<list>.+?)(?:(?:按照|按|依据|根据)[^，；。]{0,12}?)?(?:共同|联合|分别|具体|统一|主要|分工|各自|组织|抓好)*"
    rf"(?P<verb>{'|'.join(DUTY_VERBS)})(?:负责|牵头|落实|抓总|实施|配合|工作|参与)*(?:(?<=负责)(?!解释)[\u4e00-\u9fff]{{2,8}})?$"
)
WORK_VERBS = ("落实", "实施", "承担", "完成")
"""Verbs that may also follow a time or a manner: 市教育局负责，春季开学前完成. Before them only a name is a unit."""
ROLES: dict[str | None, Role] = {"lead": "lead", "responsible": "responsible", "cooperating": "cooperating"}
SHORT_LABELS = ("责任", "负责")
TOGETHER = re.compile(r"(?P<lead>.+?)(?:要|应)?(?:牵头)?(?:会同|联合)(?P<with>.+)")
LINE_LABEL = re.compile(r"(?:^|(?<=[。；\n ）]))(?P<label>[\u4e00-\u9fff]{2,10})：")
ANY_LABEL = re.compile(r"(?:^|(?<=[，；。、 （）\n]))(?P<label>[\u4e00-\u9fff（）]{2,12})：")
CLAUSE_STOP = re.compile(r"[，；。](?![^（]*）)|[，；。](?=[^（）]*（)")
LONGEST_CLAUSE = 60
CLAUSE_BEFORE = re.compile(r"[^，；。、\n]+$")
EXPLAINS = re.compile(
    r".*(?:以下|简称|统称)|含(?!山)|包括|不含|除|如(?!东|皋)|即(?!墨)|附|见|详见|指|现|暂|来源|摘自"
)
"""How a bracket begins that only says what is meant."""
PLACE_OF_DELIVERY = re.compile(r"[报寄送交发][送呈]?[至到给往]|地[址点]|联系|电话|邮箱|设在|位于")
LOCAL_BODY = re.compile(rf"{PLACE}|{OWN_OFFICE}")
PARAGRAPH_END = re.compile(r"[ 。；]*(?:\n|$)")
LINE_END = re.compile(r"[。\n]|$")


@cache
def _labels() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple(
        (re.compile(f"(?:.{{0,6}}[级位项])?(?:{pattern})"), role) for pattern, role in rows("role_labels.tsv")
    )


def role_of_label(label: str) -> str | None:
    """The role that a label gives: lead, responsible, cooperating; "none" for a label of something else; None for no label."""
    return next((role for pattern, role in _labels() if pattern.fullmatch(label)), None)


class Duties:
    """Reads the brackets and labelled lines of a passage.

    `first_leads` is whether the first of a list leads; `declared` becomes True where the passage says so for what follows.
    """

    def __init__(self, passage: Passage, first_leads: bool) -> None:
        self.passage = passage
        self.first_leads = first_leads
        self.declared = False

    def read(self) -> Iterator[Found]:
        """All units so named; what was read is marked as taken in the passage."""
        for span in list(self.passage.brackets()):
            found = list(self._bracket(span))
            if found:
                self.passage.taken.append(Span(span.start - 1, span.end + 1))
                yield from found
        yield from self._labelled_lines()

    def _bracket(self, span: Span) -> Iterator[Found]:
        inside = span.of(self.passage.masked)
        declares = FIRST_LEADS.search(inside)
        before = self.first_leads
        if declares:
            self.first_leads = True
            span = Span(span.start, span.start + declares.start())
        if labels := self._labels_in(span):
            # 市教育局牵头；完成时限：年底前 has clauses before its first label.
            yield from self._plain(Span(span.start, labels[0].start()), declared=False, alone=False)
            yield from self._labelled(span, "bracket-label")
        else:
            yield from self._plain(span, declared=declares is not None)
        if declares:
            onwards = ONWARDS.search(inside) is not None
            self.first_leads = before or onwards
            self.declared |= onwards

    def _labels_in(self, span: Span) -> list[re.Match[str]]:
        labels = ANY_LABEL.finditer(self.passage.masked, span.start, span.end)
        return [label for label in labels if role_of_label(label.group("label"))]

    def _labelled(self, span: Span, rule: str) -> Iterator[Found]:
        labels = self._labels_in(span)
        for label, after in zip(labels, [*labels[1:], None], strict=True):
            role = role_of_label(label.group("label"))
            if role in ROLES:
                until = after.start() if after else span.end
                yield from self._shared_out(Span(label.end(), until), ROLES[role], rule)

    def _shared_out(self, span: Span, role: Role, rule: str) -> Iterator[Found]:
        """The units under a label; where it shares the work out itself (责任单位：A牵头，B、C配合), by its verbs."""
        pending: list[Span] = []
        shared = False
        for clause in self._clauses(span):
            duty = DUTY.fullmatch(clause.of(self.passage.masked))
            if duty is None:
                pending.append(clause)
                continue
            if not shared:
                yield from (found for part in pending for found in self._listed(part, role, rule))
                pending = []
            shared = True
            yield from (replace(found, rule=rule) for found in self._of_verb(clause, duty, pending))
            pending = []
        yield from (found for part in pending for found in self._listed(part, role, rule))

    def _plain(self, span: Span, declared: bool, alone: bool = True) -> Iterator[Found]:
        """`A、B负责`, `A牵头，B配合`, `A会同B负责`: clauses that end in a verb of duty; or, `alone`, nothing but names."""
        pending: list[Span] = []
        any_duty = False
        for clause in self._clauses(span):
            duty = DUTY.fullmatch(clause.of(self.passage.masked))
            if duty is None:
                pending.append(clause)
                continue
            any_duty = True
            yield from self._of_verb(clause, duty, pending)
            pending = []
        if alone and not any_duty and pending and (declared or self._closes_paragraph(span)):
            members = [member for part in pending for member in self.passage.members(part)]
            if self._answer_alone(span, members, declared):
                yield from self._with_first_lead(members, "responsible")

    def _of_verb(self, clause: Span, duty: re.Match[str], pending: list[Span]) -> Iterator[Found]:
        """The units before a verb of duty, those of clauses without a verb before it included."""
        together = TOGETHER.fullmatch(duty.group("list"))
        if together:
            at = clause.start
            yield from self._listed(
                Span(at + together.start("lead"), at + together.end("lead")), "lead", "bracket-together"
            )
            partners = Span(at + together.start("with"), at + together.end("with"))
            yield from self._listed(partners, "cooperating", "bracket-together")
            return
        leads = "牵头" in duty.group()[duty.start("verb") :]
        named = Span(clause.start, clause.start + duty.end("list"))
        members = [member for part in (*pending, named) for member in self.passage.members(part)]
        if duty.group("verb") in WORK_VERBS:
            members = [
                member for member in members if self.passage.lexicon.is_member(member.of(self.passage.masked))
            ]
        yield from self._with_first_lead(members, "lead" if leads else DUTY_VERBS[duty.group("verb")])

    def _closes_paragraph(self, span: Span) -> bool:
        """Whether the bracket stands at the end of its paragraph or heading: 推进改革。（市教育局、市财政局）."""
        masked = self.passage.masked
        return PARAGRAPH_END.match(masked, min(span.end + 1, len(masked))) is not None

    def _answer_alone(self, span: Span, members: list[Span], declared: bool) -> bool:
        """Whether a bracket of nothing but names says who answers; towns alone say where: 修复水渠（青岩镇、白沙乡）."""
        lexicon = self.passage.lexicon
        names = [member.of(self.passage.text) for member in members]
        if not names or not all(map(lexicon.is_name, names)) or all(map(TOWN.fullmatch, names)):
            return False
        after_stop = self.passage.masked[max(span.start - 2, 0) : max(span.start - 1, 0)] in ("。", "；", "")
        return declared or after_stop or len(names) > 1 or self._says_who_acts(span)

    def _says_who_acts(self, span: Span) -> bool:
        """Whether a bracket with one name says who does what stands before it: 组织期末统考（区教研室）.

        Behind a name, or where something is sent, it says more of that: 县指挥部（县应急局）, 报送至窗口（县政务服务中心）.
        """
        lexicon, masked = self.passage.lexicon, self.passage.masked
        name = span.of(masked)
        clause = CLAUSE_BEFORE.search(masked[max(span.start - LONGEST_CLAUSE, 0) : span.start - 1])
        if clause is None or EXPLAINS.match(name) or PLACE_OF_DELIVERY.search(clause.group()):
            return False
        if lexicon.ends_as_name(clause.group().rstrip("”")):
            return False
        return bool(
            LOCAL_BODY.match(name) or lexicon.short.fullmatch(name) or lexicon.is_body(name, bare=True)
        )

    def _with_first_lead(self, members: list[Span], role: Role) -> Iterator[Found]:
        collective = members and members[0].of(self.passage.text).startswith(("各", "有关", "相关"))
        leads = self.first_leads and role == "responsible" and len(members) > 1 and not collective
        for index, member in enumerate(members):
            yield Found(member, "lead" if leads and index == 0 else role, "bracket-duty", whole=True)

    def _listed(self, span: Span, role: Role, rule: str) -> Iterator[Found]:
        return (Found(member, role, rule, whole=True) for member in self.passage.members(span))

    def _labelled_lines(self) -> Iterator[Found]:
        at = 0
        masked = self.passage.masked
        for match in LINE_LABEL.finditer(masked):
            label = match.group("label")
            if (
                match.start() < at
                or role_of_label(label) not in ROLES
                or self.passage.is_taken(match.start())
            ):
                continue
            if label in SHORT_LABELS and masked[match.start() - 1 : match.start()] not in ("", "\n", "。"):
                continue
            end = LINE_END.search(masked, match.end())
            at = end.start() if end else len(masked)
            self.passage.taken.append(Span(match.start(), at))
            yield from self._labelled(Span(match.start(), at), "line-label")

    def _clauses(self, span: Span) -> Iterator[Span]:
        at = span.start
        for stop in CLAUSE_STOP.finditer(self.passage.masked, span.start, span.end):
            if stop.start() > at:
                yield Span(at, stop.start())
            at = stop.end()
        if span.end > at:
            yield Span(at, span.end)
