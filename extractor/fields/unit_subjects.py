"""Units that are the grammatical subject of a sentence that obliges: 各乡镇要…, 区应急办每季度组织…, 市财政局拨付….

No parser takes part: a list of names at the beginning of a clause is a subject if a word of duty, a recurrence, a verb of
work or (for names that show what they are) a phrase follows it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from extractor.fields.lexicons import any_of, rows, words
from extractor.fields.unit_names import COLLECTIVE_HEAD, NUMBERED, PAIR_JOINT
from extractor.fields.unit_passage import Found, Passage
from extractor.model import Role, Span

PLACE = r"(?!小区)[\u4e00-\u9fff]{0,4}[省市县区州盟旗镇乡村](?![场长容]|政(?!府|务|协|法|研))"
OWN_OFFICE = r"[局厅委](?![部面限长势级员托派任内外里])|机关(?=党|纪|工会|团|各)"
"""How the bodies of the office that writes are named: 局办公室, 厅机关党委, 委属各单位."""
ANCHOR = re.compile(rf"{PLACE}|{OWN_OFFICE}|{COLLECTIVE_HEAD}|国务院|国家|全国|中国|人民|街道|团[省市县区]")
NO_PREDICATE = re.compile(
    r"负责(?:同志|人(?![防才口工社民事力员居大])|的)|牵头的|参与(?:率|度|者|单位)|参加单位|配合单位|管理(?:办法|制度|规定|体系)|[\u4e00-\u9fff]{2}率"
    r"|(?!确保|推动|力争|实现|保[持障证]|促进|提[高升])[\u4e00-\u9fff]{2,8}[数率量额](?:下降|上升|增长|达到|突破|压降|稳定|提高)"
)
DUTY_ALONE = re.compile(r"负责|牵头|配合|参与|参加|协助|承担|落实")
"""Verbs that say enough by themselves (市财政局配合); any other alone makes a heading: 学校医院整治."""
OFFICE = re.compile(r"[\u4e00-\u9fff]{2,3}(?:室|部|办|组|处|科|局|委|中心)")
"""How a name reads on over what looked like a verb: 市政府 | 督查室, 县委 | 组织部."""
BETWEEN_NAMES = re.compile(rf"(?!{PAIR_JOINT})(?:、|以及|及其|[和与及暨]| |，(?=各|[省市县区]))")
BETWEEN_COLLECTIVES = re.compile(BETWEEN_NAMES.pattern + "|(?=各)")
LOCAL = re.compile(rf"各|基层|属地|当地|{PLACE}|{OWN_OFFICE}")
MODAL = (
    r"(?:都|均|也|还|更|既|又|首先|一律|原则上|继续|可以|可根据实际)?(?:要(?!求|素|点|害|闻|件|塞|领|么|义|是)|应当|应(?!急|用|对|付|邀|届|变|税|缴|收|激|力|聘|征|诉|该)|"
    r"必须|须(?!知)|务必|不得|不准|严禁|需要|需(?!求)|应该|有义务|负总责|负主体责任|负有?[^，。]{0,8}责任|将(?!来|军)|请(?=于|在|将|按|结合|及时|认真))"
)
PHRASE = r"(?:在|于|对|以|把|将|作为|为(?!了)|围绕|与|同|至少|通过|收到|接到|承担|自(?=收到|接到|[^，。]{1,16}(?:之日|起)))"
RECURS = (
    r"(?:至少|原则上)?每(?:逢|(?:[\d一二两三四五六]{0,3}个?)?"
    r"(?:年|半年|季|双?月|半个?月|双?周|日|天|晚|旬|学期|学年|小时))"
)
WHEN = re.compile(
    r"(?:\d{4}年|\d{1,2}月|今年|明年|本年度|年底|年内|全年|月底|[上下]半年|第?[一二三四]季度|汛前|汛期|入汛|节前)[^，。；]{0,12}?(?:前|底|末|内|期间|要|应|完成|组织|开展)"
    r"|[\d一二两三四五六七八九十]{1,3}个?(?:工作日|自然日|日|天|小时|分钟|周|月)(?:之|以)?内"
)
BECOMES = re.compile(
    r"[^，。；\n]{1,14}?[前底末内](?:主体|全部|基本|正式|建成|如期|全面|建设|项目|工程|[一二三]期|并){0,4}"
    r"(?:投入使用|投入运营|投用|投运|竣工|完工|开工|封顶|通车|交付使用|启用|开业|开园|开诊|达产|投产)(?=[，。；、\n]|$)"
)
"""What becomes of a thing that is built: 县第二医院年底前投入使用."""
ON_STATE = re.compile(
    rf"[^，]{{0,4}}?(?:会同|报送|上报|报告|汇总|反馈|通报|公布|公示|听取|督查|检查|核查|抽查|统计|填报|调度|跟踪|研判|分析)|[^，]*{RECURS}"
)
"""Verbs whose object is how things stand (汇总各地情况); behind others 情况 is what the clause names: 市教育局落实情况."""
PERMITTED = re.compile(r"，(?:[均也都亦])?可(?:以|自主|自行|按|在|凭|实行|申请|享受)")
CLAUSE_OPENING = re.compile(r"(?:^|(?<=[。；！？\n：，]))[ ]?")
SEASON = re.compile(rf"(?:{'|'.join(row[0] for row in rows('seasons.tsv'))})(?=[各市县区省镇乡])")
LEAD_IN = re.compile(
    r"(?:(?:（[一二三四五六七八九十\d]{1,3}）|[一二三四五六七八九十]{1,3}、|\d{1,2}[.、]|[①-⑳]|[一二三四五六七八九十]是)[ ]?)?"
    r"(?:(?:同时|此外|另外|其中|今后|特别是|尤其是|原则上|对此|为此|并|且|以上工作|上述工作|每(?:年|半年|季度|季|月|周)|今年|明年|全年|年内|近期|下一步|目前|当前|期间|一旦)，?)?"
    rf"(?:{SEASON.pattern})?"
    r"(?:[^，。；：、的]{1,16}?(?:之前|前|之后|后|时|期间|阶段|之日起|以内|内|中)(?=[各市县区省相有事责牵]))?"
)
HEADED_DUTY = re.compile(
    r"(?:^|(?<=\n))[ ]?(?:（[一二三四五六七八九十\d]{1,3}）|[一二三四五六七八九十]{1,3}、|\d{1,2}[.、])?[ ]?"
    r"(?P<list>[^：。，；\n]{2,80})(?P<stop>[：。])"
    r"(?P<duty>(?=负责(?!人|同志)|承担|牵头(?!单位|部门)|配合(?!单位|部门)|协助|参与|履行|按照?(?:各自)?职责))?"
)
IS_IN_CHARGE = (
    r"(?:是|为)(?!了)[^，。；]{0,24}?(?:责任主体|实施主体|第一责任|责任单位|主管部门|牵头单位|牵头部门)"
)
"""What says that somebody answers for the work: 各县区人民政府是责任主体."""
NO_AGENT = re.compile(
    r"[^，。；]{0,6}?(?:领导|同志|负责人|人员|干部|书记|主任|政委|代表|[省市县区镇乡局厅处科所村]长)"
    r"|[的之等、和及与或以原任]|组成|担任|直属|所属|下属|下放|[调改划搬迁转变升降增减到至向]"
)
"""What follows a name that does not act itself: its people, what is its own, what becomes of it."""
ACTS = re.compile(rf"(?!{NO_AGENT.pattern})[\u4e00-\u9fff]{{2}}")
RELATIVE = re.compile(
    r"(?:联合|共同|统一|分别|现行|所|已|新)?(?!认真|积极|及时|尽快|严格|切实)[\u4e00-\u9fff]{2}的(?!话)"
)
"""A name and a verb that only say what a thing is: 市财政局拨付的资金."""
SUB_OFFICE = re.compile(r"[\u4e00-\u9fff]{0,4}(?:支队|大队|中队|分局|派出所|监察室|研究室)|员会|监委|办")
DONE = re.compile(r"(?<![为除达])了(?!解|结|然)|已经?(?=[\u4e00-\u9fff])|曾")
HELPS = re.compile(
    r"(?:予以|积极|主动|密切|全力|做好|给予|共同|大力)?(?:协同)?(?:配合|协助|参与|支持|协作|协同)(?:[，。；]|$)"
    r"|(?:要|应当?)?(?:积极|主动|密切|全力)?(?:配合|协助)(?:(?:做好|开展|完成|落实|推进|抓好)|(?=[\u4e00-\u9fff]{2,20}(?:局|委|办|部门|单位|政府|公司|中心)))"
)
"""A predicate that makes its subject help another."""
GENERIC = re.compile(
    r"各|[省市县区乡镇村]级(?!机关)|[省市县区乡镇]?(?:直?各|有关|相关|其他)|周边|相邻|上级|下级"
)
ELLIPSIS = re.compile(
    r"(?P<list>[\u4e00-\u9fff（）]{2,14}(?:、[\u4e00-\u9fff（）]{2,14}){0,24})等[\u4e00-\u9fff]{0,10}?(?:部门|单位|机构|企业|组织|主体|运营商)(?:和(?:有关)?单位)?"
)
TRADES = re.compile(r"(?P<list>[\u4e00-\u9fff]{2,7}(?:、[\u4e00-\u9fff]{2,7}){1,16}(?:主管)?部门)")
"""发展改革、财政、审计部门: the last name carries the ending for all."""
TAKES_LEAD = re.compile(
    r"牵头(?!单位|部门|人|项目|事项|任务|责任|的|职责|作用|抓总(?:[、和的]|职责|作用|责任))|^[是为][^，。；]{0,12}牵头(?:单位|部门)"
)
TOGETHER = re.compile(r"^[^，]*会同|，会同")
OBLIGED_LATER = re.compile(r"(?:，|后|均|都|也)(?:要|应当?|必须|须)|负总?责|要|应当|每[日天周旬月季年半]")
OWN_AFFAIRS = re.compile(
    r"[^，]{2,60}?(?:(?:，|后)(?:要|应当?|必须|须)|，[^，]{0,16}?(?:书面)?(?:报送|报告|反馈|报(?=国务院|[省市县]政府|[省市县]委|送)))"
)
"""各省治理情况，要及时报送: what is theirs stands before the duty."""
TIME_FIRST = re.compile(r"今年|明年|年内|全年|近期|年底前|[上下]半年|第?[一二三四]季度")
IN_CASE = re.compile(
    r"(?:发生|发现|出现|接到|收到)[^，。；]{1,20}，[^，。；]{0,6}?(?<![重主需紧概])(?:要(?!求|素|点)|应当?|必须|须)"
)
"""生产经营单位发生事故后，应当…: a case stands between the name and the duty."""
BESIDE_SUBJECT = re.compile(r"[与同](?P<list>[^，。；的]{2,70}?)(?:之间)?，?(?<![主重需])(?=要|应)")
SUMMED_UP = re.compile(r"(.+?)等[^和及]*?(?:机构|部门|单位)(?:[和及](?P<last>.+))?$")
NAME_WINDOW = re.compile(rf"(?:[^，。；：！？、\n（）＊\s]|{PAIR_JOINT}|（[^（）。；：\n]{{1,16}}）)*")
NEXT_WORD = re.compile(r"组(?:织|成|建(?![立设]))|办[法理好结公事学证案]|部[署分]|委[员托]|科[学技]|局[面势]")
"""A word that opens with a character that also ends names."""
PEOPLE = re.compile(
    r"[^，。；：、的\n]{0,12}?(?:书记|主任|干部|人员|负责人|负责同志|代表|教师|医生|网格员|[镇乡村局所站校院]长)"
    r"(?:以及|[和与及、])"
)
"""People who are to act beside a body: 驻村干部和工作队要…."""
NAME_BRACKET = re.compile(r"（[^（）。；：\n]{1,16}）")
NO_NAME_INSIDE = re.compile(
    rf"(?!{NUMBERED})\d|(?<!主)要|[须把是了每由向从给到至]|被(?![\u4e00-\u9fff]{{2,4}}(?:单位|部门|机关|企业|机构)$)|搬迁|下放|及时|设在|负责(?!单位|部门)"
    r"|牵头(?!单位|部门|责任|医院|机构|企业|学校|高校|校|处室|科室)|必须|应当|定期|适时|会同|统筹协调|后(?=[移报交由经送提])|书记(?!处)|[镇乡村局]长[和与及任兼]|(?:人员|干部|主任)[和与及任兼]"
    r"|(?<=[局办处科队会府院委])组织(?![部处科室局员委]|人事)"
)
NAME_WITH_DE = re.compile(
    r"(?:其他|有关|配备|承担|具备|设有|建有|举办|开办)[\u4e00-\u9fff]{2,12}的(?:单位|部门|机构|企业|学校|医院)"
)
COLLECTIVE = re.compile(r"各|[省市县区]?(?:各|有关|相关)|其他|所有|本")
MAX_WINDOW = 34
MAX_NAMES = 80
"""A longer list is no subject: the longest of a circular's brackets hold some forty names."""
CLASS_ENDINGS = ("部门", "单位", "企业", "机构")
TRADES_FOLLOW = re.compile(MODAL + "|按照?职责|根据职责")

Names = tuple[list[Span], int]
"""The names of a list and where it ends."""


@cache
def _predicate() -> re.Pattern[str]:
    return re.compile(any_of(words("predicates.tsv")))


@cache
def _verb() -> re.Pattern[str]:
    return re.compile(any_of(words("predicates.tsv") + words("work_verbs.tsv")))


@cache
def _strong_follow() -> re.Pattern[str]:
    return re.compile(f"{MODAL}|{RECURS}|{IS_IN_CHARGE}")


class Subjects:
    """Finds lists of names that something is required of, in one passage."""

    def __init__(self, passage: Passage) -> None:
        self.passage = passage
        self.masked = passage.masked
        self.lexicon = passage.lexicon
        self._lists: dict[tuple[int, bool, bool, bool], Names | None] = {}
        self._endings: dict[int, list[tuple[int, int]]] = {}
        self._depth = 0

    def read(self) -> Iterator[Found]:
        """The subjects of clauses, with their roles."""
        yield from self._headed_duties()
        at = 0
        for opening in CLAUSE_OPENING.finditer(self.masked):
            start = opening.end()
            if start < at or start >= len(self.masked) or self.passage.is_taken(start):
                continue
            lead_in = LEAD_IN.match(self.masked, start)
            behind = lead_in.end() if lead_in else start
            begins = (
                behind if SEASON.match(self.masked, start) else start,
                behind,
                self._behind_people(start),
            )
            for begin in dict.fromkeys(begins):
                names, end = self.names_at(begin)
                if names and (found := list(self._judged(names, end))):
                    yield from found
                    at = end
                    break

    def _headed_duties(self) -> Iterator[Found]:
        """市公安局：负责…; （四）市财政局。承担…: the name stands by itself before what it is to do."""
        for match in HEADED_DUTY.finditer(self.masked):
            clause = self.passage.clause_from(match.end())
            verb = match.group("stop") == "：" and _predicate().match(clause)
            if (match.group("duty") is None and not verb) or self.passage.is_taken(match.start("list")):
                continue
            names = self.passage.members(Span(match.start("list"), match.end("list")))
            if not self._head_duties(names):
                continue
            role: Role = "cooperating" if HELPS.match(clause) else self.role_of_subject(match.end())
            yield from (Found(name, role, "subject") for name in names)

    def _head_duties(self, names: list[Span]) -> bool:
        """Whether all are names, and the first shows whose: 县财政局, 各镇; not 学校 or 综合组."""
        said = [name.of(self.masked) for name in names]
        if not said or self.lexicon.no_subject.match(said[0]):
            return False
        known = LOCAL.match(said[0]) or COLLECTIVE.match(said[0]) or self.lexicon.short.fullmatch(said[0])
        is_known = bool(known) or self.lexicon.is_body(said[0])
        return is_known and all(self.lexicon.is_name(name) and reads_as_name(name) for name in said)

    def _behind_people(self, start: int) -> int:
        """Where a subject goes on behind the people it begins with (镇村干部和各站所要…); `start` where there are none."""
        people = PEOPLE.match(self.masked, start)
        no_subject = self.lexicon.no_subject.match(self.masked, start) or _verb().match(self.masked, start)
        return people.end() if people and not no_subject else start

    def _judged(self, names: list[Span], end: int) -> Iterator[Found]:
        """The role of a subject by what follows it; nothing where the clause only tells what was done."""
        clause, sentence = self.passage.clause_from(end), self.passage.sentence_from(end)
        if not re.match(MODAL, sentence) and DONE.search(clause):
            return
        if clause.endswith(("时", "后")) and self.names_at(end + len(clause) + 1)[0]:
            return
        beside = BESIDE_SUBJECT.match(self.masked, end)
        if beside:
            yield from self._beside(Span(beside.start("list"), beside.end("list")))
        role: Role = "cooperating" if HELPS.match(clause) else self.role_of_subject(end)
        yield from (Found(name, role, "subject") for name in names)

    def _beside(self, span: Span) -> Iterator[Found]:
        """A与B、C等指挥机构和D之间: B, C and D; what 等 sums up names nobody, but what is joined to it by 和 does."""
        summed = SUMMED_UP.match(span.of(self.passage.text))
        if summed is None:
            partners = self.passage.names_only(span)
        else:
            partners = self.passage.members(Span(span.start, span.start + summed.end(1)))
            partners += [Span(span.start + summed.start("last"), span.end)] if summed.group("last") else []
        yield from (Found(partner, "cooperating", "subject-beside") for partner in partners)

    def role_of_subject(self, end: int) -> Role:
        """Lead where its own clause says that it takes the lead (牵头), or its sentence that others act with it (会同)."""
        leads = TAKES_LEAD.search(self.passage.clause_from(end)) or TOGETHER.search(
            self.passage.sentence_from(end)
        )
        return "lead" if leads else "responsible"

    def names_at(self, start: int, asked: bool = False) -> Names:
        """The list of names that stands at `start`, if something follows that a subject is followed by.

        Who is `asked` (请…, 由…, 会同…) is one whatever phrase follows, and if known by its place, whatever verb.
        """
        if asked:
            return (
                self._list_at(start, first=True, asked=True)
                or self._trades_at(start, asked=True)
                or self._list_at(start, first=True, asked=True, whatever=True)
                or ([], start)
            )
        return (
            self._trades_at(start, asked=False)
            or self._list_at(start, first=True, asked=False)
            or ([], start)
        )

    def _list_at(self, start: int, first: bool, asked: bool, whatever: bool = False) -> Names | None:
        key = (start, first, asked, whatever)
        if key not in self._lists and self._depth < MAX_NAMES:
            self._depth += 1
            self._lists[key] = self._read_list(*key)
            self._depth -= 1
        return self._lists.get(key)

    def _read_list(self, start: int, first: bool, asked: bool, whatever: bool) -> Names | None:
        known = self.lexicon.short.match(self.masked, start)
        if self.masked.startswith("（", start) or (
            self.lexicon.no_subject.match(self.masked, start) and not known
        ):
            return None
        ends = self._name_ends(start, first or whatever)
        read = {
            end: found for end in ends if (found := self._list_from(Span(start, end), first, asked, whatever))
        }
        if not read:
            return self._of_own_affairs(Span(start, ends[-1])) if ends else None
        nearest = min(read)
        if BETWEEN_COLLECTIVES.match(self.masked, nearest) or self.masked.startswith("等", nearest):
            return read[nearest]
        if whatever:
            longer = [end for end in ends if self._reads_on(Span(start, nearest), end)]
            if any(NO_AGENT.match(self.masked, end) for end in longer):
                return None
            if longer:
                return read.get(max(longer))
        return read[
            max((end for end in read if OFFICE.fullmatch(self.masked, nearest, end)), default=nearest)
        ]

    def _reads_on(self, name: Span, end: int) -> bool:
        """Whether a name that could end where `name` does goes on to `end`: 县政府 | 办公室, 乡镇 | 卫生院."""
        if self.lexicon.is_class(name.of(self.masked)):
            return end > name.end and not _verb().match(self.masked, name.end, end)
        return any(office.fullmatch(self.masked, name.end, end) for office in (OFFICE, SUB_OFFICE))

    def _of_own_affairs(self, name: Span) -> Names | None:
        """各省治理情况，要及时报送: no predicate behind the name, but a duty behind what is theirs."""
        sentence = self.passage.sentence_from(name.end)
        said = name.of(self.masked)
        collective = COLLECTIVE.match(said) and not sentence.startswith(("，", "（"))
        obliged = collective and OWN_AFFAIRS.match(sentence)
        in_case = said.endswith(CLASS_ENDINGS) and IN_CASE.match(sentence)
        return ([name], name.end) if obliged or in_case else None

    def _list_from(self, name: Span, first: bool, asked: bool, whatever: bool) -> Names | None:
        """The list that opens with `name`, if what follows is a joint and more names, or a predicate."""
        end = name.end
        between = BETWEEN_COLLECTIVES if name.of(self.masked).startswith("各") else BETWEEN_NAMES
        joint = between.match(self.masked, end)
        if joint and (rest := self._list_at(joint.end(), False, asked, whatever)):
            return [name, *rest[0]], rest[1]
        if self.masked.startswith("等", end):
            generic = self.lexicon.generic_tail.match(self.masked, end + 1)
            after = generic.end() if generic else end + 1
            return ([name], after) if self._is_followed(after, collective=True, anchored=True) else None
        if asked and self.masked.startswith(("，", "。", "；"), end) and self._is_anchored(name):
            return [name], end
        if whatever:
            acts = (not first or self._is_anchored(name)) and ACTS.match(self.masked, end)
            return ([name], end) if acts and not RELATIVE.match(self.masked, end) else None
        collective = asked or COLLECTIVE.match(name.of(self.masked)) is not None
        anchored = asked or not first or self._is_anchored(name)
        return ([name], end) if self._is_followed(end, collective, anchored) else None

    def _name_ends(self, start: int, first: bool) -> list[int]:
        """Where a name that begins at `start` may end, the nearest first."""
        window = NAME_WINDOW.match(self.masked, start)
        limit = min(window.end() if window else start, start + MAX_WINDOW)
        found = [span for i in range(start, limit) for span in self._endings_at(i) if span[1] <= limit]
        # 县安委 is no name inside 县安委会, whose ending begins before the shorter one ends.
        ends = {end for _, end in found if not any(begin < end - 1 and end < until for begin, until in found)}
        known = self.lexicon.short.match(self.masked, start, limit)
        if known:
            ends = {end for end in ends if end >= known.end()}
        ends |= {bracket.end() for end in ends if (bracket := NAME_BRACKET.match(self.masked, end))}
        is_valid = self.lexicon.is_name if first else self.lexicon.is_member
        return [
            end
            for end in sorted(ends)
            if is_valid(self.masked[start:end]) and reads_as_name(self.masked[start:end])
        ]

    def _endings_at(self, start: int) -> list[tuple[int, int]]:
        """The longest endings of names at `start` whose last character does not open the next word: 各村 | 组建 …."""
        if start not in self._endings:
            found = []
            for ending in (self.lexicon.ending, self.lexicon.short):
                match = ending.match(self.masked, start)
                if match and NEXT_WORD.match(self.masked, match.end() - 1):
                    match = ending.match(self.masked, start, match.end() - 1)
                if match:
                    found.append(match.span())
            self._endings[start] = found
        return self._endings[start]

    def _trades_at(self, start: int, asked: bool) -> Names | None:
        """`安监、环保、煤炭等行业部门应…`: short words that stand for the offices of their trade."""
        match = ELLIPSIS.match(self.masked, start) or TRADES.match(self.masked, start)
        if self.masked.startswith("（", start) or not match:
            return None
        if not asked and not TRADES_FOLLOW.match(self.masked, match.end()):
            return None
        members = self.passage.members(Span(match.start("list"), match.end("list")))
        if any(self.lexicon.no_subject.match(member.of(self.masked)) for member in members):
            return None
        return members, match.end()

    def is_one_body(self, name: Span) -> bool:
        """Whether the name is of one body that is known by its place or by a short name, not of a class of bodies."""
        said = name.of(self.masked)
        known = LOCAL.match(said) or self.lexicon.short.fullmatch(said)
        return known is not None and GENERIC.match(said) is None

    def _is_anchored(self, name: Span) -> bool:
        """Whether the name shows that it is one: by its place, 各 or 有关 before it, a known short name or its ending.

        Without 要 or 应 behind it only such a name is a subject: 市财政局拨付 …, but not 简化综合保税区设立 ….
        """
        said = name.of(self.masked)
        if ANCHOR.match(said) or self.lexicon.short.fullmatch(said) or said.endswith(CLASS_ENDINGS):
            return True
        time = TIME_FIRST.match(said)
        verb = _verb().match(said, time.end() if time else 0)
        object_of_verb = verb is not None and self.lexicon.is_name(said[verb.end() :])
        return self.lexicon.is_body(said) and not object_of_verb

    def _is_followed(self, end: int, collective: bool, anchored: bool) -> bool:
        """Whether a predicate begins at `end`: a word of duty, a verb, or (behind names that show it) a phrase."""
        if self.masked.startswith("（", end):
            return False
        if _strong_follow().match(self.masked, end):
            return True
        if anchored and WHEN.match(self.masked, end):
            return BECOMES.match(self.masked, end) is None
        if RELATIVE.match(self.masked, end):
            return False
        clause = self.passage.clause_from(end)
        if _predicate().match(clause) and (not clause.endswith("情况") or ON_STATE.match(clause)):
            names_work = _predicate().fullmatch(clause) and not DUTY_ALONE.fullmatch(clause)
            return anchored and not NO_PREDICATE.match(clause) and not names_work
        sentence = self.passage.sentence_from(end)
        phrase = re.match(PHRASE, sentence)
        if phrase is None or PERMITTED.search(sentence):
            return False
        return collective or anchored or OBLIGED_LATER.search(sentence) is not None


def reads_as_name(said: str) -> bool:
    """Whether nothing inside shows that it is a phrase: 的 (but 其他承担任务的单位), 要, verbs of duty …."""
    if NO_NAME_INSIDE.search(said) or said.count("（") != said.count("）"):
        return False
    return "的" not in said or NAME_WITH_DE.fullmatch(said) is not None
