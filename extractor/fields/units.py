"""Which organisations a passage makes answerable, and in what role.

Three places name them: brackets and labelled lines (牵头单位：…), phrases of duty (由A牵头, 会同B, 请C …), and the grammatical
subject of a sentence that obliges. Roles after the annotation guide.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

from extractor.fields.context import FieldContext
from extractor.fields.lexicons import any_of, rows, words
from extractor.fields.unit_names import COLLECTIVE_HEAD, UnitLexicon
from extractor.model import Role, Span, UnitMention

ANCHOR = re.compile(
    rf"[\u4e00-\u9fff]{{0,4}}[省市县区州盟旗镇乡村](?![场长容]|政(?!府))|{COLLECTIVE_HEAD}|国务院|国家|全国|中国|人民|团[省市县区]"
)
NO_PREDICATE = re.compile(
    r"负责(?:同志|人|的)|牵头的|参与(?:率|度|者|单位)|参加单位|配合单位|管理(?:办法|制度|规定|体系)"
)
OFFICE = re.compile(r"[\u4e00-\u9fff]{2,3}(?:室|部|办|组|处|科|局|委|中心)")
"""How a name reads on over what looked like a verb: 市政府 | 督查室, 县委 | 组织部."""
BETWEEN_NAMES = re.compile(r"、|以及|及其|[和与及暨]| |，(?=各|[省市县区])")
BETWEEN_COLLECTIVES = re.compile(BETWEEN_NAMES.pattern + "|(?=各)")
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
    rf"(?P<verb>{'|'.join(DUTY_VERBS)})(?:负责|牵头|落实|抓总|实施|配合|工作|参与)*$"
)
TOGETHER = re.compile(r"(?P<lead>.+?)(?:要|应)?(?:牵头)?(?:会同|联合)(?P<with>.+)")
QUOTED = re.compile(r"《[^《》\n]*(?:《[^《》\n]*》[^《》\n]*)*》|“[^“”\n]{1,80}”")
OPEN_BRACKET = re.compile("（")
LINE_LABEL = re.compile(r"(?:^|(?<=[。；\n ）]))(?P<label>[\u4e00-\u9fff]{2,10})：")
ANY_LABEL = re.compile(r"(?:^|(?<=[，；。、 （\n]))(?P<label>[\u4e00-\u9fff（）]{2,12})：")
MODAL = (
    r"(?:都|均|也|还|更|既|又|首先|一律|原则上|继续|可以|可根据实际)?(?:要(?!求|素|点|害|闻|件|塞|领|么|义|是)|应当|应(?!急|用|对|付|邀|届|变|税|缴|收|激|力|聘|征|诉|该)|"
    r"必须|须(?!知)|务必|不得|不准|严禁|需要|需(?!求)|应该|有义务|负总责|负主体责任|负有?[^，。]{0,8}责任|将(?!来|军))"
)
PHRASE = r"(?:在|于|对|以|把|将|作为|为(?!了)|围绕|与|同|至少|通过|收到|接到|承担|自(?=收到|接到|[^，。]{1,16}之日))"
RECURS = r"(?:至少|原则上)?每(?:[\d一二两三四五六]{0,3}个?)?(?:年|半年|季|月|周|日|天|旬|学期|学年)"
WHEN = re.compile(
    r"(?:\d{4}年|\d{1,2}月|今年|明年|本年度|年底|年内|全年|月底|[上下]半年|第?[一二三四]季度|汛期|入汛|节前)[^，。；]{0,12}?(?:前|底|末|内|期间|要|应|完成|组织|开展)"
)
CLAUSE_OPENING = re.compile(r"(?:^|(?<=[。；！？\n：，]))[ ]?")
LEAD_IN = re.compile(
    r"(?:(?:（[一二三四五六七八九十\d]{1,3}）|[一二三四五六七八九十]{1,3}、|\d{1,2}[.、]|[①-⑳]|[一二三四五六七八九十]是)[ ]?)?"
    r"(?:(?:同时|此外|另外|其中|今后|特别是|尤其是|原则上|对此|为此|并|且|以上工作|上述工作|每(?:年|半年|季度|季|月|周)|今年|明年|全年|年内|近期|下一步|目前|当前|期间|一旦)，?)?"
    r"(?:[^，。；：、的]{1,16}?(?:之前|前|之后|后|时|期间|阶段|之日起|以内|内|中)(?=[各市县区省相有事责牵]))?"
)
CLAUSE_REST = re.compile(r"[^，。；\n]*")
SENTENCE_REST = re.compile(r"[^。；\n]*")
DONE = re.compile(r"(?<![为除达])了(?!解|结|然)|已经?(?=[\u4e00-\u9fff])|曾")
TROUBLE_AFTER_DUTY = "(?!同志|人|组成|的|任务|编制单位|解释)"
BY = re.compile(
    r"(?P<bound>应当?|须|必须|要|分别|应|统一|主要)?(?<![缘理事自交])由(?!于|此|来)(?P<list>[^，。；：由的\n]{2,80}?)(?P<manner>(?:按|按照|根据|依据)[^，。；]{0,10}?)?(?:共同|联合|分别|具体|统一|主要)*"
    rf"(?P<verb>牵头负责|负责牵头|牵头|负责{TROUBLE_AFTER_DUTY}|主办|承担|组织实施|会同)"
)
BY_DUTY = re.compile(r"(?:(?P<bound>应当?|须|必须|要|分别)|(?:^|(?<=[，。；：\n是])))由(?!于|此|来)")
"""An agent who is bound (应由 …), or who opens the clause: of those only bodies of a place (由市政府督查室跟踪督办)."""
LOCAL = re.compile(r"各|基层|属地|当地|[\u4e00-\u9fff]{0,4}[省市县区州盟旗镇乡村](?![场长容]|政(?!府))")
WITH = re.compile(r"(?<!与)(?:会同|联合)(?=[\u4e00-\u9fff])")
BESIDE = re.compile(
    r"(?<![参])与(?:相邻的|周边的|毗邻的|邻近的|兄弟)?(?P<list>[\u4e00-\u9fff、（）]{2,60}?)等[\u4e00-\u9fff]{0,8}?(?:部门|单位|机构|城市|地区|省市|县区|市县|企业|高校|院校)(?:间|之间)?的?[\u4e00-\u9fff]{0,6}?(?:对接|协调|合作|沟通|协作|联动|配合|衔接|共享|会商)"
)
JOINTLY = re.compile(
    r"(?<![参])与(?P<list>[\u4e00-\u9fff、（）]{3,60}?)(?:联合|共同|一道|一起|协同)(?=[\u4e00-\u9fff]{2})"
)
WITH_NAMED = re.compile(
    r"与(?P<list>[\u4e00-\u9fff、（）]{3,60}?)(?:间|之间)?的?[\u4e00-\u9fff]{0,4}?(?:对接|协调|合作|沟通|协作|联动|衔接|共享|会商)"
)
"""Named bodies one is to act together with; 与有关部门沟通 names nobody."""
HELPS = re.compile(
    r"(?:予以|积极|主动|密切|全力|做好|给予|共同|大力)?(?:配合|协助|参与|支持)(?:[，。；]|$)"
    r"|(?:要|应当?)?(?:积极|主动|密切|全力)?(?:配合|协助)(?:(?:做好|开展|完成|落实|推进|抓好)|(?=[\u4e00-\u9fff]{2,20}(?:局|委|办|部门|单位|政府|公司|中心)))"
)
"""A predicate that makes its subject help another."""
GENERIC = re.compile(r"各|[省市县区乡镇]?(?:直?各|有关|相关|其他)|周边|相邻|上级|下级")
ELLIPSIS = re.compile(
    r"(?P<list>[\u4e00-\u9fff（）]{2,14}(?:、[\u4e00-\u9fff（）]{2,14}){0,24})等[\u4e00-\u9fff]{0,10}?(?:部门|单位|机构|企业|组织|主体)(?:和(?:有关)?单位)?"
)
TRADES = re.compile(r"(?P<list>[\u4e00-\u9fff]{2,7}(?:、[\u4e00-\u9fff]{2,7}){1,16}(?:主管)?部门)")
"""发展改革、财政、审计部门: the last name carries the ending for all."""
NEEDS = re.compile(r"需要?(?P<list>[\u4e00-\u9fff、（）]{2,40}?)(?:予以|给予|支持|协同|大力)?配合")
ASKS = re.compile(r"(?<![申邀提聘报])请(?!求|示|假|各位|注意)")


@dataclass(frozen=True, slots=True)
class Found:
    """A unit as a rule found it; `whole` says that it answers for the whole passage (a bracket at its end)."""

    span: Span
    role: Role
    rule: str
    whole: bool = False


@dataclass
class UnitsFound:
    """The units of a passage, and whether it declared that from here on the first named leads."""

    mentions: list[UnitMention] = field(default_factory=list)
    whole: set[Span] = field(default_factory=set)
    first_named_leads: bool = False


def find_units(text: str, context: FieldContext, lexicon: UnitLexicon | None = None) -> UnitsFound:
    """The units that clean `text` makes answerable; the same unit in the same role once."""
    reader = _Reader(text, context, lexicon or UnitLexicon.load())
    result = UnitsFound(first_named_leads=context.first_named_leads)
    seen: set[tuple[str, Role]] = set()
    for found in sorted(reader.read(), key=lambda f: (f.span.start, f.span.end)):
        key = (found.span.of(text), found.role)
        if key not in seen:
            seen.add(key)
            result.mentions.append(UnitMention(found.span.of(text), found.span, found.role, found.rule))
            if found.whole:
                result.whole.add(found.span)
    result.first_named_leads |= reader.declared
    return result


@cache
def _labels() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple(
        (re.compile(f"(?:.{{0,6}}[级位项])?(?:{pattern})"), role) for pattern, role in rows("role_labels.tsv")
    )


def role_of_label(label: str) -> str | None:
    """The role that a label gives: lead, responsible, cooperating; "none" for a label of something else; None for no label."""
    return next((role for pattern, role in _labels() if pattern.fullmatch(label)), None)


@cache
def _predicate() -> re.Pattern[str]:
    return re.compile(any_of(words("predicates.tsv")))


class _Reader:
    """Reads one passage; what stands in titles and quotation marks is masked, for it is other people's words."""

    def __init__(self, text: str, context: FieldContext, lexicon: UnitLexicon) -> None:
        self.text = text
        self.masked = QUOTED.sub(lambda m: "＊" * len(m.group()), text)
        self.lexicon = lexicon
        self.first_leads = context.first_named_leads
        self.declared = False

    def read(self) -> Iterator[Found]:
        duties = list(self._brackets())
        taken: list[Span] = []
        for span in duties:
            found = list(self._duty(span))
            if found:
                taken.append(Span(span.start - 1, span.end + 1))
                yield from found
        for found_line in self._labelled_lines(taken):
            yield from found_line
        yield from self._phrases(taken)
        yield from self._subjects(taken)

    # Brackets and labelled lines -------------------------------------------------------------------------------

    def _brackets(self) -> Iterator[Span]:
        """The insides of outermost brackets; one that is never closed ends with its line."""
        at = 0
        while (opening := self.masked.find("（", at)) >= 0:
            depth, index = 0, opening
            while index < len(self.masked) and self.masked[index] != "\n":
                depth += (self.masked[index] == "（") - (self.masked[index] == "）")
                if depth == 0:
                    break
                index += 1
            yield Span(opening + 1, index)
            at = index + 1 if depth == 0 else opening + 1

    def _duty(self, span: Span) -> Iterator[Found]:
        inside = span.of(self.masked)
        declares = FIRST_LEADS.search(inside)
        if declares:
            onwards = bool(ONWARDS.search(inside))
            self.first_leads, before = True, self.first_leads
            span = Span(span.start, span.start + declares.start())
        if self._labels_in(span):
            yield from self._labelled(span, "bracket-label")
        else:
            yield from self._plain_duty(span, declared=declares is not None)
        if declares:
            self.first_leads = before or onwards
            self.declared |= onwards

    def _labels_in(self, span: Span) -> list[re.Match[str]]:
        return [
            m
            for m in ANY_LABEL.finditer(self.masked, span.start, span.end)
            if role_of_label(m.group("label"))
        ]

    def _labelled(self, span: Span, rule: str) -> Iterator[Found]:
        labels = self._labels_in(span)
        for label, after in zip(labels, [*labels[1:], None], strict=True):
            role = role_of_label(label.group("label"))
            if role is None or role == "none":
                continue
            until = after.start() if after else span.end
            for member in self.lexicon.members(self.text, Span(label.end(), until)):
                yield Found(member, role, rule, whole=True)  # type: ignore[arg-type]

    def _plain_duty(self, span: Span, declared: bool) -> Iterator[Found]:
        """`A、B负责`, `A牵头，B配合`, `A会同B负责`: clauses that end in a verb of duty; or nothing but names."""
        pending: list[Span] = []
        any_found = False
        for clause in _clauses(self.masked, span):
            duty = DUTY.fullmatch(clause.of(self.masked))
            if duty is None:
                pending.append(clause)
                continue
            role = DUTY_VERBS[duty.group("verb")]
            if "牵头" in duty.group()[duty.start("verb") :]:
                role = "lead"
            named = Span(clause.start, clause.start + duty.end("list"))
            together = TOGETHER.fullmatch(duty.group("list"))
            any_found = True
            if together:
                leads = Span(clause.start + together.start("lead"), clause.start + together.end("lead"))
                yield from self._listed(leads, "lead", "bracket-together")
                partners = Span(clause.start + together.start("with"), clause.start + together.end("with"))
                yield from self._listed(partners, "cooperating", "bracket-together")
            else:
                members = [m for part in (*pending, named) for m in self.lexicon.members(self.text, part)]
                yield from self._with_first_lead(members, role)
            pending = []
        closes = not self.masked[span.end + 1 :].strip(" 。；\n") or self.masked[
            span.end + 1 : span.end + 2
        ] in ("\n", "")
        opens_after_stop = self.masked[span.start - 2 : span.start - 1] in ("。", "；", "")
        if not any_found and pending and (declared or (closes and opens_after_stop)):
            members = [m for part in pending for m in self.lexicon.members(self.text, part)]
            if members and all(self.lexicon.is_name(m.of(self.text)) for m in members):
                yield from self._with_first_lead(members, "responsible")

    def _with_first_lead(self, members: list[Span], role: Role) -> Iterator[Found]:
        leads = self.first_leads and role == "responsible" and len(members) > 1
        leads = leads and not members[0].of(self.text).startswith(("各", "有关", "相关"))
        for index, member in enumerate(members):
            yield Found(member, "lead" if leads and index == 0 else role, "bracket-duty", whole=True)

    def _listed(self, span: Span, role: Role, rule: str) -> Iterator[Found]:
        for member in self.lexicon.members(self.text, span):
            yield Found(member, role, rule, whole=True)

    def _labelled_lines(self, taken: list[Span]) -> Iterator[list[Found]]:
        at = 0
        for match in LINE_LABEL.finditer(self.masked):
            role = role_of_label(match.group("label"))
            if match.start() < at or role is None or role == "none" or _within(match.start(), taken):
                continue
            if (
                match.group("label") in ("责任", "负责")
                and match.start()
                and self.masked[match.start() - 1] not in "\n。"
            ):
                continue
            end = re.compile(r"[。\n]|$").search(self.masked, match.end())
            at = end.start() if end else len(self.masked)
            span = Span(match.start(), at)
            taken.append(span)
            yield list(self._labelled(span, "line-label"))

    # Phrases of duty -------------------------------------------------------------------------------------------

    def _phrases(self, taken: list[Span]) -> Iterator[Found]:
        for match in BY.finditer(self.masked):
            if _within(match.start(), taken):
                continue
            members = self._strict(Span(match.start("list"), match.end("list")))
            role: Role = "responsible" if match.group("verb").startswith(("负责", "承担", "组织")) else "lead"
            if "牵头" in match.group("verb"):
                role = "lead"
            yield from (Found(member, role, "by-unit") for member in members)
        for match in BY_DUTY.finditer(self.masked):
            names, end = self._names_at(match.end(), asked=True)
            bound = match.group("bound") or (names and LOCAL.match(names[0].of(self.masked)))
            if (
                names
                and bound
                and not _within(match.start(), taken)
                and self.masked[end : end + 2] not in ("担任", "组成")
            ):
                role = "lead" if self._leads(end) else "responsible"
                yield from (Found(name, role, "by-unit") for name in names)
        for match in WITH.finditer(self.masked):
            names, _ = self._names_at(match.end(), asked=True)
            if not _within(match.start(), taken):
                yield from (Found(name, "cooperating", "together-with") for name in names)
        for match in BESIDE.finditer(self.masked):
            if not _within(match.start(), taken):
                for member in self.lexicon.members(self.text, Span(match.start("list"), match.end("list"))):
                    if not self.lexicon.no_subject.match(member.of(self.masked)):
                        yield Found(member, "cooperating", "together-with")
        for match in (*JOINTLY.finditer(self.masked), *WITH_NAMED.finditer(self.masked)):
            partners = self._strict(Span(match.start("list"), match.end("list")))
            if not _within(match.start(), taken) and all(self._is_named(partner) for partner in partners):
                yield from (Found(partner, "cooperating", "together-with") for partner in partners)
        for match in NEEDS.finditer(self.masked):
            for member in self._strict(Span(match.start("list"), match.end("list"))):
                yield Found(member, "cooperating", "needs-support")
        for match in ASKS.finditer(self.masked):
            names, end = self._names_at(match.end(), asked=True)
            if names and not _within(match.start(), taken):
                role = "lead" if self._leads(end) else "responsible"
                yield from (Found(name, role, "asked") for name in names)

    def _strict(self, span: Span) -> list[Span]:
        """The members of a list, if each is a name by itself."""
        members = self.lexicon.members(self.text, span)
        return members if all(self.lexicon.is_member(m.of(self.masked)) for m in members) else []

    # Grammatical subjects --------------------------------------------------------------------------------------

    def _subjects(self, taken: list[Span]) -> Iterator[Found]:
        at = 0
        for opening in CLAUSE_OPENING.finditer(self.masked):
            start = opening.end()
            if start < at or _within(start, taken) or start >= len(self.masked):
                continue
            for begin in dict.fromkeys((start, LEAD_IN.match(self.masked, start).end())):  # type: ignore[union-attr]
                names, end = self._names_at(begin)
                if names and (found := list(self._judged(names, end))):
                    yield from found
                    at = end
                    break

    def _judged(self, names: list[Span], end: int) -> Iterator[Found]:
        """The role of a subject by what follows it; nothing where the clause only tells what was done."""
        clause, sentence = self._rest(end, CLAUSE_REST), self._rest(end, SENTENCE_REST)
        modal = re.match(MODAL, sentence)
        if not modal and DONE.search(clause):
            return
        if HELPS.match(clause):
            role: Role = "cooperating"
        else:
            role = "lead" if self._leads(end) else "responsible"
        beside = re.match(
            r"[与同](?P<list>[^，。；的]{2,70}?)(?:之间)?，?(?<![主重需])(?=要|应)", self.masked[end:]
        )
        if beside:
            span = Span(end + beside.start("list"), end + beside.end("list"))
            for member in self._beside(span):
                yield Found(member, "cooperating", "subject-beside")
        yield from (Found(name, role, "subject") for name in names)

    def _beside(self, span: Span) -> Iterator[Span]:
        """A与B、C等指挥机构和D之间: B, C and D; what 等 sums up names nobody, but what is joined to it by 和 does."""
        words = span.of(self.text)
        summed = re.match(r"(.+?)等[^和及]*?(?:机构|部门|单位)(?:[和及](?P<last>.+))?$", words)
        if summed is None:
            yield from self._strict(span)
            return
        yield from self.lexicon.members(self.text, Span(span.start, span.start + summed.end(1)))
        if summed.group("last"):
            yield Span(span.start + summed.start("last"), span.end)

    def _leads(self, end: int) -> bool:
        """Whether the subject's own clause says that it takes the lead: 牵头, or acts together with others: 会同."""
        clause = self._rest(end, CLAUSE_REST)
        return bool(re.search(r"牵头(?!单位|部门|人)|会同", clause))

    def _names_at(self, start: int, asked: bool = False) -> tuple[list[Span], int]:
        """The list of names that stands at `start`, if something follows that a subject is followed by; and its end.

        Who is `asked` (请…) is a subject whatever phrase follows.
        """
        return self._ellipsis_at(start) or self._list_at(start, first=True, asked=asked) or ([], start)

    def _list_at(self, start: int, first: bool, asked: bool = False) -> tuple[list[Span], int] | None:
        if self.masked.startswith("（", start):
            return None
        if self.lexicon.no_subject.match(self.masked, start) and not self.lexicon.short.match(
            self.masked, start
        ):
            return None
        ends = self._name_ends(start, first)
        read = {end: found for end in ends if (found := self._list_from(Span(start, end), first, asked))}
        if not read:
            return None
        end = min(read)
        reads_on = BETWEEN_COLLECTIVES.match(self.masked, end) is None and self.masked[end] != "等"
        longer = [other for other in read if reads_on and OFFICE.fullmatch(self.masked, end, other)]
        return read[max(longer, default=end)]

    def _list_from(self, name: Span, first: bool, asked: bool) -> tuple[list[Span], int] | None:
        """The list that opens with `name`, if what follows is a joint and more names, or a predicate."""
        end = name.end
        joint = (BETWEEN_COLLECTIVES if name.of(self.masked).startswith("各") else BETWEEN_NAMES).match(
            self.masked, end
        )
        if joint and (rest := self._list_at(joint.end(), first=False, asked=asked)):
            return [name, *rest[0]], rest[1]
        if self.masked.startswith("等", end):
            generic = self.lexicon.generic_tail.match(self.masked, end + 1)
            after = generic.end() if generic else end + 1
            return ([name], after) if self._is_followed(after, collective=True) else None
        collective = asked or self._is_collective(name)
        anchored = asked or not first or self._is_anchored(name)
        return ([name], end) if self._is_followed(end, collective, anchored) else None

    def _name_ends(self, start: int, first: bool) -> list[int]:
        """Where a name that begins at `start` may end, the nearest first."""
        window = re.compile(r"(?:[^，。；：！？、\n（）＊\s]|（[^（）。；：\n]{1,16}）)*").match(
            self.masked, start
        )
        limit = min(window.end() if window else start, start + 34)
        ends = {
            m.end()
            for i in range(start, limit)
            for m in [self.lexicon.ending.match(self.masked, i, limit)]
            if m
        }
        ends |= {
            m.end()
            for i in range(start, limit)
            for m in [_short_ending(self.lexicon, self.masked, i, limit)]
            if m
        }
        short = self.lexicon.short.match(self.masked, start, limit)
        if short:
            ends = {end for end in ends if end >= short.end()} | {short.end()}
        bracketed = {
            m.end() for e in ends if (m := re.compile(r"（[^（）。；：\n]{1,16}）").match(self.masked, e))
        }
        valid = self.lexicon.is_name if first else self.lexicon.is_member
        names = ((end, self.masked[start:end]) for end in sorted(ends | bracketed))
        return [end for end, words in names if valid(words) and _reads_as_name(words)]

    def _ellipsis_at(self, start: int) -> tuple[list[Span], int] | None:
        """`安监、环保、煤炭等行业部门应…`: short words that stand for the offices of their trade."""
        if self.masked.startswith("（", start):
            return None
        match = ELLIPSIS.match(self.masked, start) or TRADES.match(self.masked, start)
        if not match or not re.match(MODAL + "|按照?职责|根据职责", self.masked[match.end() :]):
            return None
        members = self.lexicon.members(self.text, Span(match.start("list"), match.end("list")))
        if any(self.lexicon.no_subject.match(m.of(self.masked)) for m in members):
            return None
        return members, match.end()

    def _rest(self, start: int, pattern: re.Pattern[str]) -> str:
        """What is left of the clause or sentence from `start` on."""
        match = pattern.match(self.masked, start)
        return match.group() if match else ""

    def _is_collective(self, name: Span) -> bool:
        return bool(re.match(r"各|[省市县区]?(?:各|有关|相关)|其他|所有|本", name.of(self.masked)))

    def _is_named(self, name: Span) -> bool:
        """Whether the name is of one body that is known by its place or by a short name, not of a class of bodies."""
        words = name.of(self.masked)
        known = LOCAL.match(words) or self.lexicon.short.fullmatch(words)
        return known is not None and GENERIC.match(words) is None

    def _is_anchored(self, name: Span) -> bool:
        """Whether the name shows by how it begins that it is one: with its place, with 各 or 有关, or a known short name.

        Without 要 or 应 behind it only such a name is a subject: 市财政局拨付 …, but not 简化综合保税区设立 ….
        """
        words = name.of(self.masked)
        return bool(
            ANCHOR.match(words)
            or self.lexicon.short.fullmatch(words)
            or words.endswith(("部门", "单位", "企业", "机构"))
        )

    def _is_followed(self, end: int, collective: bool, anchored: bool = True) -> bool:
        """Whether a predicate begins at `end`: a word of duty, a verb, or (behind 各… or before a later 要) a phrase."""
        if self.masked.startswith("（", end):
            return False
        if re.compile(f"{MODAL}|{RECURS}").match(self.masked, end):
            return True
        if anchored and WHEN.match(self.masked, end):
            return True
        if _predicate().match(self.masked, end) and not self._rest(end, CLAUSE_REST).endswith("情况"):
            return anchored and not NO_PREDICATE.match(self.masked, end)
        sentence = self._rest(end, SENTENCE_REST)
        obliged = re.search(r"(?:，|后|均|都|也)(?:要|应当?|必须|须)|负总?责|要|应当", sentence)
        if re.match(PHRASE, sentence):
            return collective or anchored or bool(obliged)
        return (
            collective
            and bool(re.search(r"[^，]{2,60}?(?:，|后)(?:要|应当?|必须|须)", sentence))
            and not sentence.startswith("，")
        )


def _short_ending(lexicon: UnitLexicon, text: str, start: int, limit: int) -> re.Match[str] | None:
    """A short name in the middle: 临江市妇联 ends where 市妇联 does."""
    return lexicon.short.match(text, start, limit)


def _reads_as_name(words: str) -> bool:
    """Whether nothing inside shows that it is a phrase: 的 (but 其他承担任务的单位), 要, verbs of duty …."""
    if re.search(
        r"[要须把被是了每由向从给\d]|及时|负责(?!单位|部门)|牵头(?!单位|部门)|必须|应当|定期", words
    ):
        return False
    if words.count("（") != words.count("）"):
        return False
    return "的" not in words or bool(
        re.fullmatch(r"(?:其他|有关)[\u4e00-\u9fff]{2,12}的(?:单位|部门|机构|企业)", words)
    )


def _clauses(text: str, span: Span) -> Iterator[Span]:
    at = span.start
    for match in re.compile(r"[，；。](?![^（]*）)|[，；。](?=[^（）]*（)").finditer(
        text, span.start, span.end
    ):
        if match.start() > at:
            yield Span(at, match.start())
        at = match.end()
    if span.end > at:
        yield Span(at, span.end)


def _within(at: int, spans: list[Span]) -> bool:
    return any(span.start <= at < span.end for span in spans)
