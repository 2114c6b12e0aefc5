"""The three users at work, end to end: the program as `taizhang serve` runs it, Chromium in front of it, the ledger behind it."""

from __future__ import annotations

import re
import shutil
import sqlite3
from contextlib import ExitStack, closing
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Locator, Page, expect, sync_playwright

from extractor.ledger import Ledger
from extractor.ledger.corrections import is_confirmed
from extractor.ledger.records import StoredPlaces
from extractor.model import Box, Document, Place, Source, Span
from extractor.pipeline import extract
from tests.conftest import CORPUS
from tests.helpers.browser import (
    Watched,
    chromium,
    in_chromium,
    office_ledger,
    serving,
    serving_process,
    watched,
)
from tests.helpers.documents import document, item, sample

pytestmark = in_chromium

BRACKETS = "formats/01-work-points-brackets"
PAGED, PLAIN, HOSTILE = 1, 2, 3
"""The documents of the ledger: a PDF, a text, and one whose text would be a script if it could."""


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright, chromium(playwright) as browser:
        yield browser


@pytest.fixture(scope="module")
def prepared(tmp_path_factory) -> Path:
    """A ledger with accounts and documents, for each story to have a copy of."""
    path = tmp_path_factory.mktemp("prepared") / "台账.db"
    with office_ledger(path) as ledger:
        ledger.add(extract(CORPUS / f"{BRACKETS}.pdf"))
        ledger.add(extract(CORPUS / "02-work-points-subjects.txt"))
        ledger.add(sample())
    return path.parent


class Office:
    """A ledger that is served, and windows on it that close, and are asked for troubles, when the story ends."""

    def __init__(self, browser, ledger: Path, stack: ExitStack, serve=serving) -> None:
        self._browser = browser
        self._stack = stack
        self.path = ledger
        self.address = stack.enter_context(serve(ledger))

    def window(self, role: str, *, refusals: tuple[int, ...] = ()) -> Watched:
        """A window in which somebody of that role is signed in."""
        window = self._stack.enter_context(watched(self._browser, self.address, refusals=refusals))
        window.sign_in(role)
        return window

    def ledger(self) -> Ledger:
        return Ledger.open(self.path)

    def events(self) -> list[tuple[str, str]]:
        with self.ledger() as ledger:
            return ledger.db.execute("SELECT actor, action FROM events ORDER BY sequence").fetchall()


@pytest.fixture
def office(browser, prepared, tmp_path):
    folder = shutil.copytree(prepared, tmp_path / "office")
    with ExitStack() as stack:
        yield Office(browser, folder / "台账.db", stack)


@pytest.fixture
def empty_office(browser, tmp_path):
    path = tmp_path / "台账.db"
    office_ledger(path).close()
    with ExitStack() as stack:
        yield Office(browser, path, stack)


@pytest.fixture
def started_by_hand(browser, tmp_path):
    """An empty office whose program is a process of its own, which reads files in yet another."""
    path = tmp_path / "台账.db"
    office_ledger(path).close()
    with ExitStack() as stack:
        yield Office(browser, path, stack, serving_process)


def focused(page: Page) -> str:
    return page.evaluate("document.activeElement.textContent.trim()")


def press_until(page: Page, key: str, reached, most: int = 40) -> None:
    """Press `key` until `reached` says that one is there."""
    for _ in range(most):
        if reached():
            return
        page.keyboard.press(key)
    raise AssertionError(f"{key} does not lead there; the focus is on {focused(page)!r}")


def width_of(picture: Locator) -> int:
    """The width of a picture that has been loaded, in pixels of its own."""
    expect(picture).to_have_js_property("complete", True)
    return int(picture.evaluate("one => one.naturalWidth"))


# ---------------------------------------- staff


def test_staff_reads_in_a_circular_in_three_formats_and_corrects_a_unit(started_by_hand):
    window = started_by_hand.window("staff")
    page = window.page
    expect(page).to_have_url(re.compile("/intake$"))
    expect(page.get_by_text("台账里还没有文件")).to_be_visible()
    names = [f"{BRACKETS}.{ending}" for ending in ("docx", "pdf", "html")]
    page.locator("#files").set_input_files([CORPUS / name for name in names])
    expect(page.locator("#tally")).to_have_text("记入 3 份，36 项任务", timeout=60_000)
    verdicts = page.locator("#list .verdict .badge")
    # The same circular in another format is taken for its next version: its tasks stay the same twelve.
    assert verdicts.all_text_contents() == ["已记入", "已记入：是新版", "已记入：是新版"]
    expect(page.locator("#list .outcome").nth(2)).to_contain_text("临政办发〔2023〕12号")
    expect(page.locator("#recent tbody tr")).to_have_count(3)

    page.locator("#files").set_input_files(CORPUS / names[0])
    expect(page.locator("#list .verdict .badge").nth(3)).to_have_text("已在台账中，未改动")

    window.follow(page.get_by_role("link", name="核对", exact=True).first)
    page.locator(".card", has_text="推行远程异地评标").locator(".card-name").click()
    card = page.locator(".card.open")
    expect(card.locator(".chip.unit")).to_have_text("责任市公共资源交易中心")
    card.get_by_text("更正", exact=False).first.click()
    card.locator("input[name=unit]").first.fill("市发展改革委")
    card.locator("select[name=role]").first.select_option(label="牵头")
    card.locator("input[name=reason]:visible").fill("与发文单位核实")
    card.get_by_role("button", name="保存更正").click()
    expect(page.locator("#done")).to_contain_text("已更正")
    expect(page.locator(".card.open .chip.unit")).to_have_text("牵头市发展改革委")
    number = int(page.locator(".card.open").get_attribute("data-task") or "")
    with started_by_hand.ledger() as ledger:
        units = [(unit.quote, unit.role) for unit in ledger.task(number).item.fields.units]
        assert (units, ledger.count_tasks()) == ([("市发展改革委", "lead")], 12)
    assert started_by_hand.events()[-1] == ("小收", "correct")


def test_what_cannot_be_read_says_why_and_holds_nothing_up(empty_office, tmp_path):
    window = empty_office.window("staff")
    broken = tmp_path / "残缺的.docx"
    broken.write_bytes(b"PK\x03\x04 no archive")
    window.page.locator("#files").set_input_files([broken, CORPUS / f"{BRACKETS}.html"])
    expect(window.page.locator("#tally")).to_have_text("记入 1 份，12 项任务；1 份未读入", timeout=60_000)
    first = window.page.locator("#list .outcome").first
    expect(first).to_contain_text("残缺的.docx")
    assert len(first.locator("p").last.inner_text()) > 8


@pytest.mark.parametrize(
    ("role", "path", "script", "outcome"),
    [
        ("staff", "/intake", "intake.js", "#list .outcome"),
        ("coordinator", "/handouts", "handouts.js", "#sending .bad"),
        ("coordinator", "/tasks/1", "task.js", "section[aria-labelledby=files-title] a"),
    ],
)
def test_files_chosen_before_the_script_is_there_are_taken(office, role, path, script, outcome):
    window = office.window(role, refusals=(422,))
    page, held = window.page, []
    page.route(f"**/{script}*", lambda route: held.append(route))
    page.goto(office.address + path, wait_until="commit")
    page.locator("input[type=file]").first.set_input_files(CORPUS / "02-work-points-subjects.txt")
    expect(page.locator(outcome)).to_have_count(0)
    held.pop().continue_()
    expect(page.locator(outcome)).to_have_count(1)


def test_a_review_by_keyboard_alone(office):
    page = office.window("staff").page
    page.keyboard.press("Tab")
    assert focused(page) == "跳到正文"
    press_until(page, "Tab", lambda: focused(page) == "文件")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("文件")
    press_until(page, "Tab", lambda: focused(page) == "青禾县2022年安全生产工作要点")
    page.keyboard.press("Enter")
    expect(page.locator(".card.open")).to_have_count(1)
    expect(page.locator(".card.open .editor")).to_be_visible()

    first = int(page.locator(".card.open").get_attribute("data-task") or "")
    page.keyboard.press("Enter")  # right as it is
    expect(page.locator(f"#t{first}")).to_have_attribute("data-state", "confirmed")
    expect(page.locator(f"#t{first + 1}.open .editor")).to_be_visible()
    page.keyboard.press("j")
    expect(page.locator(f"#t{first + 2}.open .editor")).to_be_visible()
    page.keyboard.press("e")
    expect(page.locator(".card.open input[name=unit]").first).to_be_focused()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("县住房城乡建设局")
    reason = page.locator(".card.open input[name=reason]:visible")
    press_until(page, "Tab", lambda: reason.evaluate("one => one === document.activeElement"))
    page.keyboard.type("按惯例由该单位负责")
    page.keyboard.press("Enter")
    expect(page.locator("#done")).to_contain_text(f"任务 {first + 2} 已更正")
    page.keyboard.press("u")
    expect(page.locator("#said")).to_contain_text("撤销")
    with office.ledger() as ledger:
        tasks = ledger.numbered([first, first + 1, first + 2])
        assert [is_confirmed(task) for task in tasks] == [True, False, False]
        assert not tasks[2].corrected
    assert [action for _, action in office.events()[-3:]] == ["confirm", "correct", "undo"]


def test_either_side_of_the_review_shows_the_other(office):
    page = office.window("staff").page
    page.goto(f"{office.address}/review/{PLAIN}")
    expect(page.locator(".card.open .editor")).to_be_visible()
    deadline = page.locator("#text .m.deadline").nth(2)
    words = deadline.inner_text()
    deadline.click()
    expect(page.locator(".card.open .chip.here")).to_contain_text(words)
    chip = page.locator(".card .chip.unit").last
    name = chip.evaluate("one => one.lastChild.textContent")
    chip.click()
    here = page.locator("#text .here")
    expect(here.first).to_be_in_viewport()
    assert "".join(here.all_text_contents()) == name


# ---------------------------------------- coordinators


def test_a_coordinator_filters_hands_out_takes_back_and_exports(office, tmp_path):
    window = office.window("coordinator")
    page = window.open("/tasks")
    page.get_by_role("combobox", name="单位", exact=True).fill("市司法局")
    window.follow(page.get_by_role("button", name="筛选"))
    rows = page.locator("table.grid tbody tr")
    found = rows.count()
    assert 1 <= found < 12
    expect(page).to_have_url(re.compile("unit="))
    for at in range(found):
        expect(rows.nth(at)).to_contain_text("市司法局")
    numbers = [int(row.locator("td.number").inner_text()) for row in rows.all()]

    page.get_by_label("选中本页全部").check()
    expect(page.locator("#chosen")).to_have_text(f"已选 {found} 项")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="一张表").click()
    handed_out = tmp_path / waiting.value.suggested_filename
    waiting.value.save_as(handed_out)
    expect(page.locator("#said")).to_contain_text("已写出")

    filled_in = fill_in(handed_out, numbers[0])
    window.follow(page.get_by_role("link", name="分发与回收"))
    page.locator("#files").set_input_files(filled_in)
    plan = page.locator("#plans .plan")
    expect(plan).to_contain_text("1 项任务有改动")
    expect(plan.locator(".changes tbody")).to_contain_text("已会同市场监管局完成抽查")
    with office.ledger() as ledger:  # shown only; nothing is changed yet
        assert ledger.task(numbers[0]).tracking.status == "not_started"
    plan.get_by_label("由谁交回").fill("市司法局")
    window.follow(plan.get_by_role("button", name="记入台账"))
    expect(page.locator("#said")).to_contain_text("1 项任务的进展记入台账")

    page.goto(f"{office.address}/tasks?unit=市司法局&status=done")
    expect(page.locator(f"#t{numbers[0]} .badge.ok")).to_have_text("已完成")
    page.get_by_text("导出", exact=True).click()
    with page.expect_download() as waiting:
        page.get_by_role("link", name="xlsx").click()
    exported = tmp_path / "exported.xlsx"
    waiting.value.save_as(exported)
    table = [[str(cell.value or "") for cell in row] for row in sheet_of(exported).iter_rows()]
    assert sum("已会同市场监管局完成抽查" in "".join(row) for row in table) == 1
    with office.ledger() as ledger:
        tracking = ledger.task(numbers[0]).tracking
        assert (tracking.status, tracking.progress) == ("done", "已会同市场监管局完成抽查")
    assert ("老统", "return") in office.events()


def sheet_of(path: Path):
    return load_workbook(BytesIO(path.read_bytes())).worksheets[0]


def fill_in(handed_out: Path, task: int) -> Path:
    """What a unit does with the table: the first row of that task says that it is done."""
    book = load_workbook(handed_out)
    sheet = book.worksheets[0]
    head, columns = next(
        (row[0].row, {cell.value: cell.column for cell in row})
        for row in sheet.iter_rows(max_row=10)
        if any(cell.value == "序号" for cell in row)
    )
    row = next(
        at
        for at in range(head + 1, sheet.max_row + 1)
        if str(sheet.cell(at, columns["序号"]).value) == str(task)
    )
    sheet.cell(row, columns["进展情况"], "已会同市场监管局完成抽查")
    sheet.cell(row, columns["状态"], "已完成")
    sheet.cell(row, columns["完成日期"], "2023-06-20")
    path = handed_out.with_name("市司法局交回.xlsx")
    book.save(path)
    return path


def test_a_coordinator_changes_many_and_takes_it_back(office):
    window = office.window("coordinator")
    page = window.open(f"/tasks?document={HOSTILE}")
    page.get_by_label("选中本页全部").check()
    page.locator("#new-status").select_option(label="进行中")
    window.follow(page.locator("#set-status"))
    expect(page.locator("#said")).to_contain_text("2 项任务")
    under_way = page.locator("table.grid td.col-status", has_text="进行中")
    expect(under_way).to_have_count(2)
    window.follow(page.locator("#undo button"))
    expect(page.locator("#said")).to_contain_text("已撤销 2 项任务的改动")
    expect(under_way).to_have_count(0)


# ---------------------------------------- auditors


def test_an_auditor_walks_from_a_row_to_the_box_on_the_page(office):
    window = office.window("auditor")
    page = window.open("/audit")
    with office.ledger() as ledger:
        task = next(task for task in ledger.tasks(document=str(PAGED)) if task.item.fields.deadlines)
    page.get_by_label("任务序号").fill(str(task.id))
    window.follow(page.get_by_role("button", name="查依据"))
    expect(page).to_have_url(f"{office.address}/tasks/{task.id}")
    ground = page.locator(".grounds tr", has_text="时限")
    expect(ground.locator("mark").first).to_have_text(task.item.fields.deadlines[0].quote)
    window.follow(ground.locator(".where a").first)

    box = page.locator("#pages path.deadline.here")
    expect(box).to_have_count(1)
    expect(box).to_be_in_viewport()
    picture = page.locator("figure", has=page.locator("path.here")).locator("img")
    assert width_of(picture) > 500
    inner, outer = box.bounding_box(), picture.bounding_box()
    assert inner and outer and inner["height"] > 5
    assert outer["x"] < inner["x"] and inner["x"] + inner["width"] < outer["x"] + outer["width"]
    expect(page.get_by_text("只能查看：您的角色不能改动。")).to_be_visible()
    assert page.locator("main form[method=post]").count() == 0


def test_an_auditor_sees_that_no_sentence_is_missing(office):
    window = office.window("auditor")
    page = window.open("/audit/coverage")
    window.follow(page.get_by_role("link", name="青禾县2022年安全生产工作要点"))
    expect(page.locator(".standings")).to_contain_text("全部 39")
    shown = page.locator(".sentences .quote").all_text_contents()
    with office.ledger() as ledger:
        text = ledger.document(PLAIN).source.text
    assert "".join("".join(shown).split()) == "".join(text.split())
    window.follow(page.get_by_role("link", name=re.compile("^可疑")))
    line = page.locator(".sentences tbody tr")
    expect(line).to_have_count(1)
    sentence = line.locator(".quote").inner_text()
    window.follow(line.get_by_role("link", name="第8行"))
    here = page.locator("#text .here")
    expect(here.first).to_be_in_viewport()
    assert "".join(here.all_text_contents()).strip() == sentence


def test_an_auditor_is_told_of_a_value_that_was_tampered_with(office):
    window = office.window("auditor")
    page = window.open("/audit/verify")
    page.get_by_role("button", name="开始核验").click()
    expect(page.locator(".note.ok")).to_contain_text("完好", timeout=30_000)
    head = page.locator(".head-to-note").inner_text()
    before = office.events()

    with closing(sqlite3.connect(office.path)) as plain:
        plain.execute("UPDATE deadlines SET due = '2099-12-31' WHERE rowid = 1")
        plain.commit()
    page.get_by_label("以前抄下的链头").fill(head)
    page.get_by_role("button", name="重新核验").click()
    expect(page.locator(".note.bad")).to_contain_text("不符", timeout=30_000)
    finding = page.locator(".findings li").first
    expect(finding).to_contain_text("原件与读入内容")
    expect(finding).to_contain_text("与读入时不符")
    window.follow(finding.get_by_role("link", name="原文"))
    expect(page).to_have_url(re.compile(rf"/review/{PAGED}(\?|$)"))
    assert office.events() == before, "verifying changes nothing"


def test_an_auditor_follows_a_change_through_the_log(office):
    with office.ledger() as ledger, ledger.change("record", "task:1", reason="五月月报") as change:
        change.put(
            "tracking", 1, status="in_progress", percent=40, progress="已部署", completed_on=None, remarks=""
        )
    window = office.window("auditor", refusals=(422,))
    page = window.open("/audit/log")
    page.get_by_label("文字").fill("五月月报")
    window.follow(page.get_by_role("button", name="筛选"))
    line = page.locator("table.log tbody tr")
    expect(line).to_have_count(1)
    expect(line).to_contain_text("登记进展")
    expect(line).to_contain_text("任务 1 状态：未开始 → 进行中")
    window.follow(line.locator("td.number a"))
    expect(page.locator(".before-after tr", has_text="进展情况")).to_contain_text("已部署")
    page.goto(f"{office.address}/audit/log?task=99999")
    expect(page.get_by_role("alert")).to_contain_text("台账中没有任务 99999")


def test_an_auditor_compares_two_versions(office):
    text = (CORPUS / "02-work-points-subjects.txt").read_text("utf-8")
    changed = text.replace("3月底前完成村(社区)安全网格员聘任", "5月底前完成村(社区)安全网格员聘任")
    assert changed != text
    revised = office.path.with_name("修订.txt")
    revised.write_text(changed, "utf-8")
    with office.ledger() as ledger:
        ledger.add(extract(revised))
    window = office.window("auditor")
    page = window.open("/audit/versions")
    window.follow(page.get_by_role("link", name="对照"))
    row = page.locator(".two-versions tbody tr")
    expect(row).to_have_count(1)
    assert row.locator("del").all_text_contents()[0] == "3"
    assert row.locator("ins").all_text_contents()[0] == "5"
    expect(row.locator("td").nth(1)).to_contain_text("2022-03-31")
    expect(row.locator("td").nth(2)).to_contain_text("2022-05-31")


# ---------------------------------------- what nobody may


def test_staff_is_refused_what_only_a_coordinator_may_do(office):
    window = office.window("staff", refusals=(403,))
    page = window.open("/tasks/1")
    assert page.locator("main :is(button, input, select, textarea):enabled:visible").count() == 0
    expect(page.get_by_role("navigation", name="主菜单")).not_to_contain_text("核查")
    window.open("/audit")
    expect(page.locator("h1")).to_have_text("没有权限")
    # The form of the page that was not shown, sent by hand with the visitor's own token.
    token = page.locator("meta[name=csrf-token]").get_attribute("content") or ""
    refused = page.evaluate(
        """async (token) => {
          const body = new URLSearchParams({ csrf_token: token, status: "done", percent: "", completed_on: "", progress: "", remarks: "" });
          const bulk = new URLSearchParams({ csrf_token: token, status: "done", task: "1" });
          const sent = [["/tasks/1/progress", body], ["/tasks/status", bulk], ["/handouts/table", bulk], ["/audit/verify", bulk], ["/people", bulk]];
          return Promise.all(sent.map(async ([path, form]) => (await fetch(path, { method: "POST", body: form })).status));
        }""",
        token,
    )
    assert refused == [403] * 5
    with office.ledger() as ledger:
        assert ledger.task(1).tracking.status == "not_started"
    assert "record" not in [action for _, action in office.events()]


def test_who_is_shut_out_is_out_at_once(office):
    admin, staff = office.window("admin"), office.window("staff", refusals=(403,))
    admin.open("/people")
    admin.page.on("dialog", lambda dialog: dialog.accept())
    admin.follow(admin.page.locator("tr", has_text="小收").get_by_role("button", name="停用"))
    expect(admin.page.locator("#said")).to_contain_text("已停用“小收”")
    staff.open("/intake")
    expect(staff.page).to_have_url(re.compile("/login"))


# ---------------------------------------- every page

PAGES = (
    *("/intake", "/documents", f"/review/{PAGED}", f"/review/{PLAIN}", f"/review/{HOSTILE}?rest=1"),
    *("/tasks", "/tasks/1", "/tasks?unit=没有这个单位", "/due", "/due/month", "/due/events", "/progress"),
    *("/handouts", "/units", "/audit", "/audit/coverage", f"/audit/coverage/{HOSTILE}", "/audit/versions"),
    *(
        f"/audit/versions/{PAGED}",
        "/audit/log",
        "/audit/log/9",
        "/audit/verify",
        "/people",
        "/account",
        "/api/v1/docs",
    ),
)


def test_every_page_is_quiet_labelled_and_stays_at_home(office):
    window = office.window("admin")
    window.page.on("dialog", lambda dialog: window.troubles.append(f"dialog: {dialog.message}"))
    found = {}
    for path in PAGES:
        window.open(path)
        found[path] = [*window.shortcomings(), *window.unseen_focus(12), *window.troubles]
        window.troubles.clear()
    assert {path: troubles for path, troubles in found.items() if troubles} == {}


def test_pages_without_anything_say_so(empty_office):
    window = empty_office.window("admin")
    for path in (
        "/documents",
        "/tasks",
        "/due",
        "/progress",
        "/handouts",
        "/units",
        "/audit/coverage",
        "/audit/versions",
    ):
        page = window.open(path)
        words = page.locator(".empty").first.inner_text()
        assert (path, bool(re.search("还没有|没有", words))) == (path, True)
        assert (path, window.shortcomings()) == (path, [])


# ---------------------------------------- long documents

PAGES_OF_LONG, LINES = 200, 20


def long_document() -> Document:
    """Two hundred pages, on each a task of which we know where it stands."""
    from reportlab.pdfgen.canvas import Canvas

    file = BytesIO()
    canvas = Canvas(file, pagesize=(595, 842))
    text, items, places = "", [], {}
    for number in range(1, PAGES_OF_LONG + 1):
        for line in range(LINES):
            canvas.drawString(80, 742 - 30 * line, f"Page {number}, line {line}, as dense as offices write")
        canvas.showPage()
        quote = f"{number}.县应急局牵头完成第{number}批排查。"
        span = Span(len(text), len(text) + len(quote))
        text += quote + "\n"
        items.append((quote, str(number)))
        places[span] = Place(page=number, boxes=(Box(number, 80, 88, 300, 104),))
    canvas.save()
    whole = document(
        text, [item(text, quote, id=id, number=id, units=[("县应急局", "lead")]) for quote, id in items]
    )
    source = Source("规划.pdf", text, file.getvalue(), media="application/pdf", locator=StoredPlaces(places))
    return replace(whole, source=source)


def test_a_long_document_opens_at_its_task_without_loading_all_pages(empty_office):
    with empty_office.ledger() as ledger:
        ledger.add(long_document())
    window = empty_office.window("staff")
    asked = []
    window.page.on("request", lambda request: asked.append(request.url) if ".png" in request.url else None)
    page = window.open("/review/1?task=180")
    expect(page.locator("path.task.on")).to_be_in_viewport()
    expect(page.locator("#p180 img")).to_be_in_viewport()
    assert width_of(page.locator("#p180 img")) > 0
    assert any(url.endswith("/pages/180.png") for url in asked)
    assert len(asked) <= PAGES_OF_LONG / 10
