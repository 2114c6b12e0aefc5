"""核查: what auditors see is what is in the ledger, all of it, and nothing they do changes it."""

from __future__ import annotations

import re
import sqlite3
import threading
import time
from contextlib import closing
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest

from extractor.coverage import coverage
from extractor.ledger import Ledger
from extractor.ledger.audit import verify
from extractor.ledger.corrections import correct, take_in
from extractor.model import LeftOut, Span
from extractor.pipeline import extract
from extractor.web import verifying
from tests.conftest import CORPUS
from tests.helpers.documents import document, item
from tests.web_client import served

BRACKETS, POINTS, SAMPLE, OLD, NEW = "01-work-points-brackets.pdf", "02-work-points-subjects.txt", 1, 4, 5
PDF, TEXT = 2, 3
FIRST = "一、县教育局要在6月底前检查食堂。\n二、县公安局每月巡查。\n三、各乡镇要报送总结。"
SECOND = "一、县教育局要在7月底前检查食堂。\n二、县公安局每月巡查。\n三、县应急局要设立值班室，做好值守。"
ROW = re.compile(r"<tr[^>]*>(.*?)</tr>", re.DOTALL)
CELL = re.compile(r"<t[dh][^>]*>(.*?)</t[dh]>", re.DOTALL)
PIECE = re.compile(r'<span class="m [^"]*" data-start="(\d+)"[^>]*>(.*?)</span>', re.DOTALL)


def circular(text: str, name: str, day: str):
    quotes = text.split("\n")
    units = [next(u for u in ("县教育局", "县公安局", "各乡镇", "县应急局") if u in q) for q in quotes]
    items = [
        item(text, quote, id=str(n), number=quote[0], units=[(unit, "lead")])
        for n, (quote, unit) in enumerate(zip(quotes, units, strict=True), 1)
    ]
    return document(text, items, name=name, doc_number="青安〔2024〕5号", title=f"青禾县检查通知（{day}）")


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    with served(tmp_path_factory.mktemp("audit"), accounts=True) as office:
        with office.ledger() as ledger:
            ledger.actor = "老统"
            ledger.add(extract(CORPUS / "formats" / BRACKETS))
            ledger.add(extract(CORPUS / POINTS))
            ledger.add(circular(FIRST, "初稿.txt", "一"))
            ledger.add(circular(SECOND, "定稿.txt", "一"))
            with ledger.change("record", "task:1", reason="五月月报") as change:
                change.put(
                    "tracking",
                    1,
                    status="in_progress",
                    percent=40,
                    progress="已部署",
                    completed_on=None,
                    remarks="",
                )
        yield office


@pytest.fixture(scope="module")
def auditor(office):
    return office.signed_in("auditor")


def words(html: str) -> str:
    return unescape(" ".join(re.sub(r"<[^>]+>", " ", html).split()))


def rows(page: str) -> list[list[str]]:
    """The cells of the body rows, in words."""
    body = page.partition("<tbody>")[2].partition("</tbody>")[0]
    return [[words(cell) for cell in CELL.findall(row)] for row in ROW.findall(body)]


def test_nothing_an_auditor_opens_changes_the_ledger(office, auditor):
    def state():
        with closing(sqlite3.connect(office.settings.ledger)) as db:
            return list(db.iterdump())

    before = state()
    for path in (
        "",
        "/coverage",
        "/coverage/2",
        "/versions",
        "/versions/5",
        "/log",
        "/log/1",
        "/verify",
        "/find?task=1",
    ):
        assert auditor.get(f"/audit{path}").status_code in (200, 303)
    assert auditor.post("/audit/verify", data={"head": ""}).status_code == 303
    assert auditor.post("/audit/copy").status_code == 200
    assert state() == before


# ---------------------------------------- from a row to its words


def test_the_number_of_a_row_leads_to_its_evidence(auditor):
    assert auditor.get("/audit/find?task=3").headers["location"] == "/tasks/3"
    assert auditor.get("/audit/find?task=999999").status_code == 404
    assert auditor.get("/audit/find?task=0").status_code == 422


@pytest.mark.parametrize("number", [SAMPLE, PDF, TEXT])
def test_every_sentence_leads_to_exactly_its_characters(office, auditor, number):
    with office.ledger() as ledger:
        text = ledger.document(number).source.text
    page = auditor.get(f"/audit/coverage/{number}").text
    links = [unescape(link) for link in re.findall(rf'href="(/review/{number}\?at=[^"]+)"', page)]
    links = [link for link in links if "view=page" not in link]
    assert len(links) > 5
    for link in links:
        start, end = map(int, re.search(r"at=(\d+)-(\d+)", link).groups())
        shown = auditor.get(link).text
        marked = "".join(unescape(piece) for at, piece in PIECE.findall(shown) if start <= int(at) < end)
        assert "".join(marked.split()) == "".join(text[start:end].split()), link


# ---------------------------------------- sentence by sentence


@pytest.mark.parametrize("number", [SAMPLE, PDF, TEXT, NEW])
def test_the_sentences_together_are_the_whole_text(office, auditor, number):
    with office.ledger() as ledger:
        text = ledger.document(number).source.text
    shown = "".join(cells[1] for cells in rows(auditor.get(f"/audit/coverage/{number}").text))
    assert "".join(shown.split()) == "".join(text.split())


def test_the_filters_show_what_they_count(auditor):
    page = auditor.get(f"/audit/coverage/{TEXT}").text
    nav = page.partition('<nav class="standings"')[2].partition("</nav>")[0]
    found = re.findall(r'href="([^"]+)"[^>]*>(\S+) <b>(\d+)</b>', nav)
    assert [title for _, title, _ in found] == ["全部", "可疑", "标题", "任务", "目标", "背景", "未采用"]
    counts = {title: int(count) for _, title, count in found}
    assert counts["全部"] == sum(counts[title] for title in ("标题", "任务", "目标", "背景", "未采用"))
    assert counts["可疑"] == 1
    for path, title, count in found:
        assert (title, len(rows(auditor.get(unescape(path)).text))) == (title, int(count))


def test_a_suspicious_sentence_says_why(auditor):
    ((_, quote, standing, why, place),) = rows(auditor.get(f"/audit/coverage/{TEXT}?show=suspicious").text)
    assert quote.startswith("2022年,全县安全生产工作要坚持人民至上")
    assert (standing, place) == ("未采用", "第8行")
    assert why == "引言 可疑 有“要、应、须、不得”等要求、有时限"


def test_a_long_document_comes_in_pages(office, tmp_path):
    text = "\n".join(f"{n}、县教育局要办好第{n}件事。" for n in range(1, 402))
    items = [item(text, line, id=str(n), number=str(n)) for n, line in enumerate(text.split("\n"), 1)]
    with served(tmp_path) as alone:
        with alone.ledger() as ledger:
            ledger.add(document(text, items, name="长.txt", doc_number=None, title="长通知"))
        visitor = alone.visitor()
        first, second = (rows(visitor.get(f"/audit/coverage/2?page={page}").text) for page in (1, 2))
        assert (len(first), len(second)) == (300, 101)
        assert "".join(cells[1] for cells in first + second) == text.replace("\n", "")


def test_corrections_hold_in_what_is_shown(tmp_path):
    """A task that was withdrawn is one no more, text that was taken in is in a task, and neither is suspicious."""
    text = "为做好工作，各乡镇要每月报送情况。\n一、县教育局要检查食堂。\n二、县公安局要巡查。"
    read = document(text, [item(text, line, id=line[0], number=line[0]) for line in text.split("\n")[1:]])
    preamble = text.split("\n")[0]
    read = replace(read, left_out=(LeftOut(Span(0, len(preamble)), preamble, "preamble"),))
    assert coverage(read)[0].is_suspicious
    with served(tmp_path) as alone:
        with alone.ledger() as ledger:
            number = ledger.add(read).entry.id
            ids = ledger.task_numbers(number)
            correct(ledger, ids["一"], kind="context", reason="不需要办理")
            taken = take_in(ledger, number, Span(0, len(preamble)), reason="漏了")
        shown = rows(alone.visitor().get(f"/audit/coverage/{number}").text)
        assert [cells[2] for cells in shown] == [f"任务 {taken.id}", "背景", f"任务 {ids['二']}"]
        assert shown[0][3] == "人工补记为任务"


def test_an_older_version_is_shown_as_it_was_read(auditor):
    page = auditor.get(f"/audit/coverage/{OLD}").text
    assert "已有新版" in words(page) and f'href="/audit/versions/{OLD}"' in page
    assert len(rows(page)) == 3


# ---------------------------------------- versions


def test_the_words_that_changed_stand_side_by_side(auditor):
    assert [cells[0] for cells in rows(auditor.get("/audit/versions").text)] == ["青禾县检查通知（一）"]
    page = auditor.get(f"/audit/versions/{NEW}").text
    shown = rows(page)
    assert [cells[0] for cells in shown] == ["有改动", "删去", "新增"]
    assert re.findall(r"<del>(.*?)</del>", page) == ["6"]
    assert re.findall(r"<ins>(.*?)</ins>", page) == ["7"]
    assert "各乡镇要报送总结" in shown[1][1] and shown[1][2] == "没有这一项"
    assert "县应急局要设立值班室" in shown[2][2] and shown[2][1] == "没有这一项"
    everything = rows(auditor.get(f"/audit/versions/{NEW}?everything=true").text)
    assert [cells[0] for cells in everything] == ["有改动", "相同", "删去", "新增"]


@pytest.mark.parametrize(
    "address", [f"{OLD}", f"{NEW}?old={OLD}", f"{OLD}?new={OLD}&old={NEW}", f"{NEW}?old=77&new=88"]
)
def test_whichever_version_is_asked_for_the_newer_stands_on_the_right(auditor, address):
    page = words(auditor.get(f"/audit/versions/{address}").text)
    assert page.index("旧版 初稿.txt") < page.index("新版 定稿.txt")


def test_a_document_of_one_version(auditor):
    assert "这份文件只有一个版本" in words(auditor.get(f"/audit/versions/{PDF}").text)
    assert auditor.get("/audit/versions/77").status_code == 404


# ---------------------------------------- the log


@pytest.mark.parametrize(
    ("filters", "actions"),
    [
        ("text=五月月报", {"登记进展"}),
        ("text=已部署", {"登记进展"}),  # what stands in a value after
        ("action=revise", {"读入新版本"}),
        ("kind=person", {"增加人员", "人员变动"}),
        ("task=1", {"登记进展", "读入文件"}),
        (f"document={OLD}", {"读入文件", "读入新版本"}),
        ("actor=老统&action=record", {"登记进展"}),
        ("actor=老", set()),
        ("since=2999-01-01", set()),
        ("until=1999-01-01", set()),
        ("since=0001-01-01&until=9999-12-31&action=record", {"登记进展"}),
    ],
)
def test_the_log_is_filtered(auditor, filters, actions):
    answer = auditor.get(f"/audit/log?{filters}")
    assert (answer.status_code, {cells[3] for cells in rows(answer.text)}) == (200, actions)


@pytest.mark.parametrize(
    ("filters", "said"),
    [
        ("task=99999", "台账中没有任务 99999"),
        ("document=99999", "台账中没有文件 99999"),
        ("task=十", "任务序号“十”不是编号"),
        (f"task={10**30}", "不是编号"),
        ("since=昨天", "日期“昨天”不对"),
    ],
)
def test_a_filter_that_cannot_be_is_told_beside_the_form(auditor, filters, said):
    answer = auditor.get(f"/audit/log?{filters}")
    assert (answer.status_code, said in words(answer.text)) == (422, True)


def test_the_log_comes_in_pages_the_last_event_first(tmp_path):
    with served(tmp_path) as alone:
        with alone.ledger() as ledger:
            for percent in range(1, 61):
                with ledger.change("record", "task:1") as change:
                    change.put(
                        "tracking",
                        1,
                        status="in_progress",
                        percent=percent,
                        progress="",
                        completed_on=None,
                        remarks="",
                    )
        visitor = alone.visitor()
        for filters in ("", "task=1&"):  # asked of the database, and gone through one by one
            pages = [rows(visitor.get(f"/audit/log?{filters}page={page}").text) for page in (1, 2)]
            assert [len(page) for page in pages] == [50, 11]
            assert [int(cells[0]) for page in pages for cells in page] == list(range(61, 0, -1))


def test_an_event_has_each_value_before_and_after(office, auditor):
    with office.ledger() as ledger:
        ((sequence,),) = ledger.db.execute("SELECT sequence FROM events WHERE action = 'record'").fetchall()
    page = auditor.get(f"/audit/log/{sequence}").text
    assert ["任务 1", "进展情况", "空", "已部署"] in rows(page)
    assert {"五月月报", "老统"} <= set(words(page).split())
    assert auditor.get("/audit/log/9999").status_code == 404


def test_an_event_that_was_altered_says_so(tmp_path):
    with served(tmp_path) as alone:
        with closing(sqlite3.connect(alone.settings.ledger)) as plain:
            plain.execute("UPDATE events SET actor = '别人' WHERE sequence = 1")
            plain.commit()
        assert "记录被改动过" in alone.visitor().get("/audit/log/1").text


# ---------------------------------------- verifying


def verified(visitor, head: str = "") -> str:
    """The page once verifying has ended."""
    visitor.get("/audit/verify")
    visitor.post("/audit/verify", data={"head": head})
    for _ in range(600):
        page = visitor.get("/audit/verify").text
        if "正在核验，已用" not in page:
            return page
        time.sleep(0.05)
    raise AssertionError("verifying does not end")


def test_a_whole_ledger_is_told_with_what_to_note_down(tmp_path):
    with served(tmp_path) as alone:
        visitor = alone.visitor()
        assert "还没有核验过" in words(visitor.get("/audit").text)
        page = verified(visitor)
        with alone.ledger() as ledger:
            head = verify(ledger).head
        noted = re.search(r'class="head-to-note">([^<]+)<', page).group(1)
        assert noted == f"{head.sequence}:{head.hash[:16]}"
        assert "完好" in page and page.count("相符</span>") == 7
        assert "仍在日志中" in verified(visitor, noted)
        assert "日志中没有所给的链头" in verified(visitor, "1:ffffffffffffffff")
        assert "不是链头" in verified(visitor, "什么")


@pytest.mark.parametrize(
    ("statement", "said", "way"),
    [
        ("UPDATE deadlines SET due = '2099-12-31'", "与读入时不符", 'href="/review/1"'),
        ("UPDATE documents SET data = x'00'", "原件与读入时不符", 'href="/documents/1/original"'),
        ("UPDATE events SET reason = '别的' WHERE sequence = 1", "第1号", 'href="/audit/log/1"'),
        ("UPDATE tasks SET standing = 'withdrawn' WHERE id = 2", "任务 2", 'href="/tasks/2"'),
    ],
)
def test_what_was_tampered_with_is_told_with_the_way_there(tmp_path, statement, said, way):
    with served(tmp_path) as alone:
        with closing(sqlite3.connect(alone.settings.ledger)) as plain:
            plain.execute(statement)
            plain.commit()
        page = verified(alone.visitor())
        findings = page.partition('<ol class="findings">')[2]
        assert said in words(findings) and way in findings
        assert "处不符" in words(alone.visitor().get("/audit").text)


def test_what_keeps_verifying_from_ending_is_told_without_the_path(tmp_path):
    with served(tmp_path) as alone:
        visitor = alone.visitor()
        visitor.get("/audit/verify")
        alone.app.state.verifying._path = tmp_path / "没有" / "别的.db"
        page = words(verified(visitor))
        assert "还没有台账“别的.db”" in page and str(tmp_path) not in page


# ---------------------------------------- taking along


def test_the_copy_is_a_whole_ledger_without_passwords(office, auditor, tmp_path):
    answer = auditor.post("/audit/copy")
    assert answer.headers["content-disposition"].startswith("attachment; filename*=UTF-8''ledger-")
    copy = tmp_path / "copy.db"
    copy.write_bytes(answer.content)
    with Ledger.open(copy) as ledger:
        assert verify(ledger).holds
        assert ledger.count_tasks() > 20
    assert b"$argon2" not in answer.content
    assert not list(Path(office.settings.ledger).parent.glob("*副本*"))


def test_original_and_annotations_are_at_hand(auditor):
    page = auditor.get(f"/audit/coverage/{PDF}").text
    assert f'href="/documents/{PDF}/original" download' in page
    path = re.search(r'href="(/api/v1/documents/\d+/annotations)" download="([^"]+)"', page)
    answer = auditor.get(path.group(1))
    assert answer.json()["type"] == "AnnotationPage"


@pytest.mark.parametrize("role", ["staff", "coordinator"])
def test_who_works_with_the_ledger_does_not_audit_it(office, role):
    visitor = office.signed_in(role)
    assert [visitor.get(f"/audit{path}").status_code for path in ("", "/log", "/coverage/1", "/verify")] == [
        403
    ] * 4
    assert visitor.post("/audit/copy").status_code == 403


def test_a_long_verification_goes_on_while_pages_answer_and_only_once(tmp_path, monkeypatch):
    ended, begun = threading.Event(), []

    def slowly(ledger, *, head):
        begun.append(head)
        assert ended.wait(30)
        return verify(ledger, head=head)

    monkeypatch.setattr(verifying, "verify", slowly)
    monkeypatch.setattr(verifying, "PATIENCE", 0.05)
    with served(tmp_path) as alone:
        visitor = alone.visitor()
        visitor.get("/audit/verify")
        for _ in range(2):
            assert visitor.post("/audit/verify", data={"head": ""}).status_code == 303
            page = visitor.get("/audit/verify").text
            assert "正在核验，已用" in page and 'http-equiv="refresh"' in page
        assert "正在核验" in words(visitor.get("/audit").text)
        ended.set()
        for _ in range(600):
            page = visitor.get("/audit/verify").text
            if "正在核验，已用" not in page:
                break
            time.sleep(0.05)
        assert "完好" in page and 'http-equiv="refresh"' not in page
        assert begun == [None]
