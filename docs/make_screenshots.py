"""Makes the pictures of the READMEs: each page at 1366×768, with the amounts of data that offices have.

    python -m docs.make_screenshots [NAME…]

The sample circulars are moved to this year, read in, checked, handed out and tracked as an office would by now. What chance
decides is always the same; dates are those of the day.
"""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
import tempfile
import zipfile
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from random import Random

from docx import Document
from openpyxl import load_workbook
from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from extractor.export.split import write_by_unit
from extractor.ledger import Ledger
from extractor.ledger.corrections import confirm, correct, doubts, is_confirmed
from extractor.ledger.records import BY_HAND, Task
from extractor.ledger.tracking import record
from extractor.ledger.waiting import set_day
from extractor.model import Span, UnitMention
from extractor.pipeline import extract
from extractor.web.accounts import Accounts, add_account
from extractor.web.settings import Settings
from tests.helpers.browser import SIZE, chromium, serving_process

DOCS = Path(__file__).parent
CORPUS = DOCS.parent / "corpus"
PASSWORD = "a password for pictures"
PEOPLE = {"staff": "陈静", "coordinator": "李国强", "auditor": "赵敏", "admin": "周文"}
MOVED = (
    "02-work-points-subjects",
    "03-three-plans",
    "05-traditional-scrape",
    "06-lost-numbers",
    "08-opinion-first-leads",
    "09-plan-hard-wrapped",
    "10-notice-events",
    "04-five-year-plan",
)
PRINTED = "01-work-points-brackets"
SAID = (
    "已制定工作方案，正在组织实施。",
    "已会同有关单位开展两轮检查，发现问题12个，已整改10个，其余2个限期整改。",
    "前期调研已完成，形成初步意见，拟于下月提请研究。",
    "已完成年度目标任务的六成，资金按进度拨付。",
    "按月调度，进展顺利。",
)
COLOURS = 256
LARGEST = 200_000
"""Bytes of a picture."""


def moved(text: str, years: int) -> str:
    """The circular as it would read so many years later."""
    return re.sub(r"20[12]\d", lambda year: str(int(year[0]) + years), text)


def fill(path: Path, folder: Path) -> None:
    """Make the ledger of an office in the middle of its year."""
    chance = Random(7)
    book = Accounts(Settings(path).accounts)
    with Ledger.create(path, actor=PEOPLE["admin"]) as ledger:
        for role, name in PEOPLE.items():
            add_account(ledger, book, name, role, PASSWORD)  # type: ignore[arg-type]
        ledger.actor = PEOPLE["staff"]
        ledger.add(extract(_printed_this_year(folder)))
        for name in MOVED:
            ledger.add(extract(_this_year(name, folder)))
        _revise(ledger, folder)
        tasks = ledger.tasks()
        for task in chance.sample(tasks, len(tasks) * 2 // 3):
            confirm(ledger, task.id)
        _correct(ledger, tasks)
        ledger.actor = PEOPLE["coordinator"]
        for task in tasks:
            _track(ledger, task, chance)
        set_day(ledger, "汛期", date(date.today().year, 5, 1))
        write_by_unit(ledger, folder / "分发.zip", unit="教育")


def _this_year(name: str, folder: Path) -> Path:
    text = (CORPUS / f"{name}.txt").read_text("utf-8")
    year = extract(CORPUS / f"{name}.txt").year or date.today().year
    document = folder / f"{name}.txt"
    document.write_text(moved(text, date.today().year - year), "utf-8")
    title = re.sub(r"\s|/", "", extract(document).title or name)
    return document.rename(folder / f"{title}.txt")


def _printed_this_year(folder: Path) -> Path:
    """A Word file of this year as the PDF that its issuer puts on the web."""
    sample = CORPUS / "formats" / f"{PRINTED}.docx"
    document = extract(sample)
    years = date.today().year - (document.year or date.today().year)
    word = Document(str(sample))
    for run in (run for paragraph in word.paragraphs for run in paragraph.runs):
        if moved(run.text, years) != run.text:
            run.text = moved(run.text, years)
    file = folder / f"{moved(document.title or PRINTED, years)}.docx"
    word.save(str(file))
    command = ["soffice", "--headless", "--convert-to", "pdf", "--outdir", str(folder), str(file)]
    subprocess.run(command, check=True, capture_output=True)
    return file.with_suffix(".pdf")


def _revise(ledger: Ledger, folder: Path) -> None:
    """A second version of a circular, with a few words changed."""
    entry = ledger.documents()[1]
    text = ledger.document(entry.id).source.text
    for old, new in (
        ("3月底前", "5月底前"),
        ("每季度专题研究", "每两个月专题研究"),
        ("县委编办要", "县委编办、县司法局要"),
    ):
        assert old in text
        text = text.replace(old, new, 1)
    file = folder / f"{Path(entry.name).stem}（修订）.txt"
    file.write_text(text, "utf-8")
    ledger.add(extract(file))


def _correct(ledger: Ledger, tasks: list[Task]) -> None:
    wrong = [task for task in tasks if task.item.fields.units][3:40:9]
    for task in wrong:
        unit = UnitMention("县政府办公室", Span(0, 0), "lead", BY_HAND)
        units = (unit, *task.item.fields.units)
        correct(ledger, task.id, reason="与发文单位核实", units=units)


def _track(ledger: Ledger, task: Task, chance: Random) -> None:
    """What a unit may have reported of a task by now."""
    today, due = date.today(), task.first_open
    luck = chance.random() * (0.9 if due and due < today else 1.4)
    if luck < 0.55:
        done = min(due or today, today) - timedelta(days=chance.randrange(3, 40))
        record(ledger, [task.id], status="done", completed_on=done, progress="已按要求完成并报送总结。")
    elif luck < 0.8:
        percent = chance.randrange(10, 95, 5)
        record(ledger, [task.id], status="in_progress", percent=percent, progress=chance.choice(SAID))
    elif luck > 1.36:
        record(ledger, [task.id], status="suspended", progress="待上级明确口径后再行推进。")


def filled_in(folder: Path) -> Path:
    """One of the tables that were handed out, as the unit gives it back: two rows reported, one with a mistake."""
    with zipfile.ZipFile(folder / "分发.zip") as archive:
        tables = {name: archive.read(name) for name in archive.namelist() if name.endswith(".xlsx")}
    name, data = max(tables.items(), key=lambda one: len(one[1]))
    book = load_workbook(BytesIO(data))
    sheet = book.worksheets[0]
    rows = enumerate(sheet.iter_rows(max_row=10, values_only=True), 1)
    head, titles = next((at, row) for at, row in rows if "序号" in row)
    reports = (
        ("已完成", "已完成排查，建立台账。"),
        ("进行中", "80%，余两所学校未整改"),
        ("逾期", "正在办理"),
    )
    for at, (status, progress) in enumerate(reports, head + 1):
        sheet.cell(at, titles.index("状态") + 1, status)
        sheet.cell(at, titles.index("进展情况") + 1, progress)
    file = folder / Path(name).name
    book.save(file)
    return file


class Photographer:
    """Opens pages as one person after the other and takes their pictures."""

    def __init__(self, browser: Browser, address: str, folder: Path, path: Path, wanted: set[str]) -> None:
        self.browser, self.address, self.folder, self.path, self.wanted = (
            browser,
            address,
            folder,
            path,
            wanted,
        )

    def take(self, name: str, role: str, path: str, act: Callable[[Page], None] | None = None) -> None:
        """The picture `page-NAME.png` of the page at `path` as somebody of that role sees it, after `act`."""
        if self.wanted and name not in self.wanted:
            return
        context = self.browser.new_context(viewport=SIZE, locale="zh-CN")
        page = context.new_page()
        if role:
            page.goto(f"{self.address}/login")
            page.get_by_label("姓名").fill(PEOPLE[role])
            page.get_by_label("密码").fill(PASSWORD)
            page.get_by_role("button", name="登录").click()
        page.goto(self.address + path)
        if act:
            act(page)
        page.mouse.move(SIZE["width"] - 1, SIZE["height"] - 1)
        page.wait_for_load_state("networkidle")
        save(page.screenshot(), DOCS / f"page-{name}.png")
        context.close()


def save(png: bytes, file: Path) -> None:
    """Write a picture in few colours, which pages have."""
    picture = Image.open(BytesIO(png)).convert("RGB")
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(file, optimize=True)
    size = file.stat().st_size
    print(f"{file.name} {size // 1024} KB")
    assert size < LARGEST, file


def read_in(folder: Path) -> Callable[[Page], None]:
    """Four files: one with things to look at, one that is there already, a new one, and one that is broken."""
    broken = folder / "扫描件（损坏）.pdf"
    broken.write_bytes(b"%PDF-1.4\n")
    known = next(folder.glob("*优化营商环境*.pdf"))
    files = [
        CORPUS / "formats" / "12-task-table.xlsx",
        CORPUS / "formats" / "10-notice-events.docx",
        known,
        broken,
    ]

    def act(page: Page) -> None:
        page.locator("#files").set_input_files(files)
        expect(page.locator("#tally")).to_contain_text("未读入", timeout=60_000)

    return act


def correcting(page: Page) -> None:
    """The form for corrections is open, and something is typed."""
    card = page.locator(".card[data-state=doubtful]").first
    card.locator(".card-name").click()
    page.locator(".card.open summary", has_text="更正").click()
    page.locator(".card.open input[name=deadline]").first.fill("10月底前")


def chosen(page: Page) -> None:
    """Two rows are ticked."""
    for at in (1, 2):
        page.locator("table.grid tbody input[type=checkbox]").nth(at).check()


def returned(file: Path) -> Callable[[Page], None]:
    """A returned table is shown before it is applied."""

    def act(page: Page) -> None:
        page.locator("#files").set_input_files(file)
        expect(page.locator("#plans .plan")).to_be_visible()

    return act


def tampered(path: Path) -> Callable[[Page], None]:
    """Somebody has changed a deadline with another program; verifying finds it."""

    def act(page: Page) -> None:
        with closing(sqlite3.connect(path)) as plain:
            ((row, due),) = plain.execute(
                "SELECT rowid, due FROM deadlines WHERE due IS NOT NULL LIMIT 1"
            ).fetchall()
            plain.execute("UPDATE deadlines SET due = '2099-12-31' WHERE rowid = ?", [row])
            plain.commit()
            page.get_by_role("button", name="核验").click()
            expect(page.locator("#result-title")).to_be_visible(timeout=60_000)
            plain.execute("UPDATE deadlines SET due = ? WHERE rowid = ?", [due, row])
            plain.commit()

    return act


def all_pictures(camera: Photographer) -> None:
    """Every page, those where nothing is found and those that report trouble among them."""
    with Ledger.open(camera.path) as ledger:
        old = next(entry for entry in ledger.documents() if entry.superseded)
        recurring = next(
            t for t in ledger.tasks() if t.item.fields.frequencies and len(t.item.fields.units) > 2
        )
        doubts_in = Counter(t.document.id for t in ledger.tasks() if doubts(t) and not is_confirmed(t))
        ((doubtful, _),) = doubts_in.most_common(1)
        leading = Counter(
            o.name
            for t in ledger.tasks()
            for u in t.item.fields.units
            if u.role == "lead"
            for o in (t.organizations[u.quote],)
        )
        ((busiest, _),) = leading.most_common(1)
        paged = next(t for t in ledger.tasks(document="1") if len(t.item.fields.deadlines) > 1)
    camera.take("sign-in", "", "/login")
    camera.take("tasks", "coordinator", "/tasks", chosen)
    camera.take("tasks-filtered", "coordinator", f"/tasks?unit={busiest}&role=lead&order=due")
    camera.take("tasks-none", "coordinator", "/tasks?unit=县气象局&status=done&due_after=2031-01-01")
    camera.take("task", "coordinator", f"/tasks/{recurring.id}")
    camera.take("review", "staff", f"/review/1?task={paged.id}")
    camera.take("review-correct", "staff", f"/review/{doubtful}", correcting)
    camera.take("documents", "staff", "/documents")
    camera.take("due", "coordinator", "/due")
    camera.take("due-month", "coordinator", "/due/month")
    camera.take("due-events", "coordinator", "/due/events")
    camera.take("progress", "coordinator", "/progress")
    camera.take("handouts", "coordinator", "/handouts", returned(filled_in(camera.folder)))
    camera.take("units", "coordinator", "/units")
    camera.take("audit", "auditor", "/audit")
    camera.take("audit-coverage", "auditor", f"/audit/coverage/{doubtful}")
    camera.take("audit-evidence", "auditor", f"/review/1?task={paged.id}&at={_at(paged)}")
    camera.take("audit-versions", "auditor", f"/audit/versions/{old.id}?everything=true")
    camera.take("audit-log", "auditor", "/audit/log?kind=task")
    camera.take("audit-verify", "auditor", "/audit/verify", tampered(camera.path))
    camera.take("people", "admin", "/people")
    camera.take("refused", "staff", "/people")
    camera.take("api", "coordinator", "/api/v1/docs")
    camera.take("intake", "staff", "/intake", read_in(camera.folder))


def _at(task: Task) -> str:
    span = task.item.fields.deadlines[-1].span
    return f"{span.start}-{span.end}"


def main(wanted: set[str]) -> None:
    """Make all pictures, or those that are wanted."""
    # The browser's own language, in which it shows days; Debian has the words in chromium-l10n.
    os.environ["LANGUAGE"] = "zh_CN"
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        path = folder / "青禾县台账.db"
        fill(path, folder)
        with serving_process(path) as address, chromium(playwright) as browser:
            all_pictures(Photographer(browser, address, folder, path, wanted))


if __name__ == "__main__":
    main(set(sys.argv[1:]))
