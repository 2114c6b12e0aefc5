"""A circular is linked to the documents of the ledger that it names, by number or by title, in whatever form they are written."""

from __future__ import annotations

from datetime import date

import pytest

from extractor.ledger import Ledger, NoSuchDocumentError
from extractor.ledger.references import cites as of_document
from extractor.ledger.references import references
from extractor.ledger.titles import forms, plain_number, plain_title
from extractor.model import Citation, Part, Span
from tests.helpers.documents import document

PLAN = "临澜市人民政府关于印发《临澜市安全生产三年行动方案》的通知"


def cites(title: str | None, number: str | None = None, relation: str = "mentions") -> Citation:
    return Citation("", Span(0, 0), title, number, relation)  # type: ignore[arg-type]


def add(ledger: Ledger, name: str, **about) -> int:
    defaults = {
        "title": None,
        "issuer": None,
        "doc_number": None,
        "issued_on": None,
        "parts": (),
        "citations": (),
    }
    return ledger.add(document(f"一、抓好落实。{name}", name=name, **(defaults | about))).entry.id


@pytest.fixture
def ledger():
    with Ledger.in_memory() as book:
        yield book


@pytest.fixture
def plan(ledger) -> int:
    return add(ledger, "方案.docx", title=PLAN, issuer="临澜市人民政府", doc_number="临政发〔2022〕5号")


@pytest.mark.parametrize(
    ("citation", "linked"),
    [
        (cites(None, "临政发〔2022〕5号"), True),
        (cites(None, "临政发[2022] 5号"), True),  # other brackets, a blank
        (cites(None, "临政发（2022）第5号"), True),
        (cites(None, "临政发〔2022〕15号"), False),
        (cites(None, "青政发〔2022〕5号"), False),
        (cites(PLAN), True),
        (cites("关于印发《临澜市安全生产三年行动方案》的通知"), True),  # without its issuer
        (cites("关于印发临澜市安全生产三年行动方案的通知"), True),  # without marks inside marks
        (cites("临澜市安全生产三年行动方案"), True),  # what it encloses
        (cites("临澜市安全生产三年 行动方案"), True),
        (cites("安全生产三年行动方案"), False),  # may be another city's
        (cites("临澜市安全生产三年行动方案", "临政发〔2019〕8号"), False),  # an earlier one of that name
        (cites("行动方案"), False),
        (cites("中华人民共和国安全生产法"), False),
    ],
)
def test_what_is_named(ledger, plan, citation, linked):
    own = add(ledger, "通知.docx", title="关于开展隐患排查的通知", citations=(citation,))
    (found,) = references(ledger, own).cites
    assert (found.document.id if found.document else None) == (plan if linked else None)
    assert [link.document.id for link in references(ledger, plan).cited_by] == ([own] if linked else [])


def test_what_a_document_refers_to_is_looked_up(ledger, plan):
    """Each page of a task tells of it: it may not take longer with each document that is in the ledger."""
    named = (cites(None, "临政发〔2022〕5号"), cites(PLAN), cites("别的通知", "临政发〔2000〕1号"))
    own = add(ledger, "通知.docx", title="关于开展隐患排查的通知", citations=named)
    asked: dict[str, object] = {}
    with ledger.db.tracer(lambda query, parameters: asked.setdefault(query, parameters or [])):
        found = of_document(ledger, own)
    assert [link.document and link.document.id for link in found] == [plan, None]
    assert found == references(ledger, own).cites
    steps = {
        step
        for query, parameters in asked.items()
        for *_, step in ledger.db.execute(f"EXPLAIN QUERY PLAN {query}", parameters)
    }
    through_all = {step for step in steps if step.startswith("SCAN") and step != "SCAN CONSTANT ROW"}
    assert through_all <= {"SCAN document_states USING COVERING INDEX document_states_supersedes"}


def test_by_the_title_of_a_part(ledger):
    parts = (Part("临澜市2023年防汛工作要点", Span(0, 2)), Part("实施方案", Span(2, 4)))
    whole = add(ledger, "要点.docx", title="临澜市防汛指挥部文件汇编", parts=parts)
    named = [cites("临澜市2023年防汛工作要点"), cites("实施方案")]
    own = add(ledger, "通知.docx", title="关于做好防汛值守工作的通知", citations=tuple(named))
    assert [link.document and link.document.id for link in references(ledger, own).cites] == [whole, None]


def test_a_document_named_often_is_one_link_that_says_most(ledger, plan):
    named = (
        cites(None, "临政发〔2022〕5号"),
        cites("临澜市安全生产三年行动方案", relation="carries_out"),
        cites("某某办法"),
    )
    own = add(ledger, "通知.docx", title="关于开展隐患排查的通知", citations=named)
    links = references(ledger, own).cites
    assert [(link.document and link.document.id, link.citation.relation) for link in links] == [
        (plan, "carries_out"),
        (None, "mentions"),
    ]
    assert [link.citation.relation for link in references(ledger, plan).cited_by] == ["carries_out"]


def test_links_are_to_the_current_version_and_from_it(ledger, plan):
    own = add(
        ledger, "通知.docx", title="关于开展隐患排查的通知", citations=(cites(None, "临政发〔2022〕5号"),)
    )
    newer = add(ledger, "方案二.docx", title=PLAN, issuer="临澜市人民政府", doc_number="临政发〔2022〕5号")
    (link,) = references(ledger, own).cites
    assert link.document is not None
    assert link.document.id == newer
    assert [link.document.id for link in references(ledger, plan).cited_by] == [own]
    again = add(
        ledger, "通知二.docx", title="关于开展隐患排查的通知", citations=(cites(None, "临政发〔2022〕5号"),)
    )
    assert [link.document.id for link in references(ledger, newer).cited_by] == [again]


def test_of_several_of_one_name_the_last_before_it(ledger):
    ids = [
        add(
            ledger,
            f"{year}.docx",
            title="临澜市安全生产工作要点汇编",
            doc_number=f"临安〔{year}〕1号",
            issued_on=date(year, 1, 9),
        )
        for year in (2021, 2022, 2024)
    ]
    named = (cites("临澜市安全生产工作要点汇编"),)
    own = add(
        ledger, "通知.docx", title="关于开展隐患排查的通知", issued_on=date(2023, 3, 1), citations=named
    )
    (link,) = references(ledger, own).cites
    assert link.document is not None
    assert link.document.id == ids[1]


def test_an_older_version_of_itself_is_no_reference(ledger, plan):
    newer = add(
        ledger,
        "方案二.docx",
        title=PLAN,
        doc_number="临政发〔2022〕5号",
        citations=(cites(None, "临政发〔2022〕5号"),),
    )
    assert references(ledger, newer).cites[0].document is None
    assert references(ledger, plan).cited_by == ()


def test_an_unknown_document(ledger):
    with pytest.raises(NoSuchDocumentError, match="9"):
        references(ledger, 9)


class TestTitles:
    @pytest.mark.parametrize(
        ("title", "issuer", "expected"),
        [
            ("《临澜市人民政府 关于做好工作的通知》", None, "临澜市人民政府关于做好工作的通知"),
            ("临澜市人民政府关于做好工作的通知", "临澜市人民政府", "关于做好工作的通知"),
            ("临澜市人民政府", "临澜市人民政府", "临澜市人民政府"),
        ],
    )
    def test_plain(self, title, issuer, expected):
        assert plain_title(title, issuer) == expected

    def test_forms(self):
        assert forms("临澜市人民政府关于印发《防汛方案》的通知（试行）") == {
            "临澜市人民政府关于印发防汛方案的通知(试行)",
            "关于印发防汛方案的通知(试行)",
            "防汛方案",
        }

    @pytest.mark.parametrize(
        "number", ["临政发〔2023〕3号", "临政发[2023]3号", "临政发【2023】第 3 号", "临政发（2023）3号"]
    )
    def test_numbers(self, number):
        assert plain_number(number) == plain_number("临政发〔2023〕3号")
