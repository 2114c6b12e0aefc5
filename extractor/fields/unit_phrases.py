"""Units that phrases of duty name: 由A牵头, 应由B …, 会同C, 与D联合, 需E配合, 请F …."""

from __future__ import annotations

import re
from collections.abc import Iterator

from extractor.fields.unit_passage import Found, Passage
from extractor.fields.unit_subjects import GENERIC, LOCAL, Subjects
from extractor.model import Role, Span

NO_DUTY_BEHIND = "(?!同志|人|组成|的|任务|编制单位|解释)"
BY = re.compile(
    r"(?P<bound>应当?|须|必须|要|分别|应|统一|主要)?(?<![缘理事自交])由(?!于|此|来)(?P<list>[^，。；：由的\n]{2,80}?)(?P<manner>(?:按|按照|根据|依据)[^，。；]{0,10}?)?(?:共同|联合|分别|具体|统一|主要)*"
    rf"(?P<verb>牵头负责|负责牵头|牵头|负责{NO_DUTY_BEHIND}|主办|承担(?!的)|组织实施(?!的)|会同)"
)
BY_DUTY = re.compile(
    r"(?P<bound>应当?|须|必须|要|分别)?(?<![缘理事自原经])(?<!成员|主任|组长|会长)(?:由(?!于|此|来)|(?<=[，；]交)(?=[省市县区镇乡州盟旗]))"
)
"""An agent who is bound (应由 …), or any other body of a place or of authority (逾期不改的由派出所依法处理)."""
TOLD = re.compile(r"[于在](?:19|20)\d{2}年(?:\d{1,2}月)?(?:\d{1,2}日)?(?![前内底末\d]|[^，。]{0,4}[前内])")
"""What follows an agent where the clause tells what was: 由市大数据局于2019年建成."""
WITH = re.compile(r"(?<!与)(?:会同|联合(?!办公|惩戒|执法|发文))(?=[\u4e00-\u9fff])")
BESIDE = re.compile(
    r"(?<![参])与(?:相邻的|周边的|毗邻的|邻近的|兄弟)?(?P<list>[\u4e00-\u9fff、（）]{2,60}?)等[\u4e00-\u9fff]{0,8}?(?:部门|单位|机构|城市|地区|省市|县区|市县|企业|高校|院校)(?:间|之间)?的?[\u4e00-\u9fff]{0,6}?(?:对接|协调|合作|沟通|协作|联动|配合|衔接|共享|会商)"
)
JOINTLY = re.compile(
    r"(?<![参])与(?P<list>[\u4e00-\u9fff、（）]{3,60}?)(?:联合|共同|一道|一起|协同)(?=[\u4e00-\u9fff]{2})"
)
WITH_NAMED = re.compile(
    r"与(?P<list>[\u4e00-\u9fff、（）]{3,60}?)(?:间|之间)?的?(?:工作|业务|信息|数据|密切|日常|常态化?)?(?:对接|协调|合作|沟通|协作|联动|衔接|共享|会商)"
)
"""Named bodies one is to act together with; 与有关部门沟通 names nobody."""
NEEDS = re.compile(r"需要?(?P<list>[\u4e00-\u9fff、（）]{2,40}?)(?:予以|给予|支持|协同|大力)?配合")
ASKS = re.compile(r"(?<![申邀提聘报])请(?!求|示|假|各位|注意)")

NO_DUTY = ("担任", "组成", "负责解释", "解释")
ORGAN = re.compile(r"(?!单位|项目|课题|所在).{1,12}(?:机关|部门|委员会|局|所|院|支队|大队)")


class Phrases:
    """Finds phrases of duty in one passage."""

    def __init__(self, passage: Passage, subjects: Subjects) -> None:
        self.passage = passage
        self.subjects = subjects

    def read(self) -> Iterator[Found]:
        """All units so named, beside what has been read already."""
        for read in (self._agents, self._bound_agents, self._partners, self._summed_partners, self._asked):
            yield from read()

    def _matches(self, *patterns: re.Pattern[str]) -> Iterator[re.Match[str]]:
        for pattern in patterns:
            for match in pattern.finditer(self.passage.masked):
                if not self.passage.is_taken(match.start()):
                    yield match

    def _agents(self) -> Iterator[Found]:
        """由A、B牵头, 由A会同B, 由A负责."""
        for match in self._matches(BY):
            verb = match.group("verb")
            role: Role = "lead" if "牵头" in verb or verb in ("主办", "会同") else "responsible"
            for name in self.passage.names_only(_list_of(match)):
                yield Found(name, role, "by-unit")

    def _bound_agents(self) -> Iterator[Found]:
        """应由A办理; 由市政府督查室跟踪督办; 名单由县残联审定."""
        for match in self._matches(BY_DUTY):
            names, end = self.subjects.names_at(match.end(), asked=True)
            answers = match.group("bound") or (names and self._is_authority(names[0]))
            clause = self.passage.clause_from(end)
            is_condition = clause.endswith("的") and self.passage.masked.startswith("，", end + len(clause))
            if answers and not (is_condition or clause.startswith(NO_DUTY) or TOLD.match(clause)):
                yield from (Found(name, self.subjects.role_of_subject(end), "by-unit") for name in names)

    def _is_authority(self, name: Span) -> bool:
        """Whether the name is of a body of a place, or of a kind that has authority (派出所, 公安机关)."""
        said = name.of(self.passage.masked)
        return bool(LOCAL.match(said) or (ORGAN.fullmatch(said) and not GENERIC.match(said)))

    def _partners(self) -> Iterator[Found]:
        """会同A, 与A联合, 加强与A的会商, 需A配合."""
        for match in self._matches(WITH):
            names, _ = self.subjects.names_at(match.end(), asked=True)
            yield from (Found(name, "cooperating", "together-with") for name in names)
        for match in self._matches(JOINTLY, WITH_NAMED):
            partners = self.passage.names_only(_list_of(match))
            if all(self.subjects.is_one_body(partner) for partner in partners):
                yield from (Found(partner, "cooperating", "together-with") for partner in partners)
        for match in self._matches(NEEDS):
            for name in self.passage.names_only(_list_of(match)):
                yield Found(name, "cooperating", "needs-support")

    def _summed_partners(self) -> Iterator[Found]:
        """与安监、交通等部门的对接, 与苏州、无锡等城市的合作: names of any kind, for the sum says what they are."""
        for match in self._matches(BESIDE):
            for name in self.passage.members(_list_of(match)):
                if not self.passage.lexicon.no_subject.match(name.of(self.passage.masked)):
                    yield Found(name, "cooperating", "together-with")

    def _asked(self) -> Iterator[Found]:
        """请A于月底前报送."""
        for match in self._matches(ASKS):
            names, end = self.subjects.names_at(match.end(), asked=True)
            yield from (Found(name, self.subjects.role_of_subject(end), "asked") for name in names)


def _list_of(match: re.Match[str]) -> Span:
    return Span(match.start("list"), match.end("list"))
