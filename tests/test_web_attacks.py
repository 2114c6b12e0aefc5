"""Attacks on the page and the API, each with what must hold: none succeeds.

Which role may use which route stands in test_web_roles.py; headers, hosts, sessions, locks and names of files in
test_web_security.py.
"""

from __future__ import annotations

import ast
import csv
import io
import re
import socket
import threading
import warnings
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import lxml.html
import openpyxl
import pytest
from fastapi.routing import APIRoute
from hypothesis import HealthCheck, given, settings
from PIL import Image

from extractor.export.page_pictures import PDF, page_picture
from extractor.ledger import Ledger, tracking
from extractor.ledger.errors import LedgerBusyError, MissingLedgerError, NoSuchDocumentError
from extractor.ledger.waiting import set_day
from extractor.web import at_once, connections, security
from extractor.web.accounts import (
    TRIES,
    TRIES_PER_ADDRESS,
    issue_token,
    revoke_tokens,
    set_active,
)
from extractor.web.app import PUBLIC
from extractor.web.errors import on_page
from extractor.web.pending import PendingReturns
from tests.helpers.browser import office_ledger, serving
from tests.helpers.documents import document, item
from tests.web_client import HOST, NAMES, PASSWORD, served

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import schemathesis

HOSTILE = """"'><script>alert(1)</script><img src=x onerror=alert(2)><a href="javascript:alert(3)">{{7*7}}</a></title></textarea>"""
"""Ends attributes, elements and templates wherever it stands."""
HOSTILE_NAME = '"><img src=x onerror=alert(2)>'
FORMULAS = ("=HYPERLINK(1)", "+cmd|' /C calc'!A0", "-2+3", "@SUM(1)", "\t=1", "＝1+1")


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    with served(tmp_path_factory.mktemp("attacked"), accounts=True) as office:
        yield office


@pytest.fixture(scope="module")
def admin(office):
    return office.signed_in("admin")


def token_of(office, role: str) -> dict[str, str]:
    with office.ledger() as ledger:
        return {"Authorization": f"Bearer {issue_token(ledger, office.accounts, NAMES[role])}"}


def count_events(office) -> int:
    with office.ledger() as ledger:
        return int(ledger.db.execute("SELECT count(*) FROM events").fetchone()[0])


def routes(office, *methods: str) -> Iterator[tuple[str, str]]:
    """Each guarded route with the number 1 wherever it takes one."""
    for route in office.app.routes:
        if isinstance(route, APIRoute) and route.path not in PUBLIC:
            for method in route.methods & set(methods):
                yield method, re.sub(r"\{[^}]+\}", "1", route.path)


# ---------------------------------------- what a circular or a person says never becomes part of a page


def hostile_document(words: str):
    """A circular in which every value has these words."""
    text = f"{words}关于检查的通知\n一、{words}\n（一）{words}开展检查，{words}局每季度检查1次，6月底前{words}完成。\n{words}页脚\n"
    task = text.split("\n")[2]
    group = item(text, f"一、{words}", id="1", number="一", kind="group", heading=words)
    leaf = item(
        text,
        task,
        id="1.1",
        parent="1",
        number="（一）",
        heading=f"{words}开展检查",
        units=[(f"{words}局", "lead")],
        deadlines=[
            {"quote": "6月底前", "due": date(2023, 6, 30)},
            {"quote": f"{words}完成", "event": f"{words}完成", "offset": "P0D"},
        ],
        frequencies=[{"quote": "每季度检查1次", "period": "P3M", "times": 1, "bound": "exact"}],
    )
    about = {"title": f"{words}关于检查的通知", "issuer": words, "doc_number": words}
    return document(text, [group, leaf], name=f"{words}.txt", **about)


@pytest.fixture(scope="module")
def poisoned(tmp_path_factory):
    """A ledger in which whatever people may write says `HOSTILE`, and an administrator's browser."""
    with served(tmp_path_factory.mktemp("poisoned"), accounts=True) as office:
        admin = office.signed_in("admin")
        admin.get("/people")
        admin.post("/people", data={"name": HOSTILE_NAME, "role": "staff", "password": PASSWORD})
        with office.ledger() as ledger:
            ledger.actor = HOSTILE
            entry = ledger.add(hostile_document(HOSTILE)).entry
            task = max(ledger.task_numbers(entry.id).values())
            tracking.record(
                ledger, [task], status="in_progress", progress=HOSTILE, remarks=HOSTILE, reason=HOSTILE
            )
            set_day(ledger, f"{HOSTILE}完成", date(2023, 5, 1))
        admin.post(f"/tasks/{task}/attachments", params={"name": f"{HOSTILE}.html"}, content=HOSTILE.encode())
        sheet = admin.post("/handouts/table", data={"task": [task]}).content
        admin.post("/handouts/by-unit", data={"task": [task]})
        book = openpyxl.load_workbook(io.BytesIO(sheet))
        for row in book.worksheets[0].iter_rows():
            for cell in row:
                if cell.value == HOSTILE:
                    cell.value = f"{HOSTILE}改"
        changed = io.BytesIO()
        book.save(changed)
        admin.post("/handouts/returned", params={"name": f"{HOSTILE}.xlsx"}, content=changed.getvalue())
        admin.post("/audit/verify", data={"head": "1:3fa94c0e12ab34cd"})
        yield office, admin, task


def check_harmless(page: str, where: str) -> None:
    """See that the page has no script, handler, style or address but ours."""
    for element in lxml.html.document_fromstring(page).iter():
        if not isinstance(element.tag, str):
            continue
        about = (where, lxml.html.tostring(element)[:200])
        assert element.tag not in ("iframe", "object", "embed", "base", "style"), about
        assert not [name for name in element.attrib if name.startswith("on") or name == "style"], about
        if element.tag in ("script", "img", "link"):
            assert (element.get("src") or element.get("href")).startswith(("/static/", "/documents/")), about
        for name in ("href", "src", "action", "formaction"):
            assert urlsplit(element.get(name, "")).scheme in ("", "http"), about


def test_hostile_words_stay_words_on_every_page(poisoned):
    """All that can be reached by following addresses, from each page in the menu."""
    _, admin, task = poisoned
    waiting = [
        "/",
        "/intake",
        "/people",
        "/account",
        "/api/v1/docs",
        "/login",
        f"/review/2?task={task}&rest=1",
    ]
    waiting += [
        f"/tasks?text={HOSTILE.replace('#', '')}",
        f"/tasks/{task}?history=1",
        f"/review/tasks/{task}/editor",
    ]
    waiting += [f"/{page}?text={HOSTILE}" for page in ("units", "documents", "audit/log")]
    seen, says = set(waiting), set()
    while waiting:
        path = waiting.pop(0)
        answer = admin.get(path)
        assert answer.status_code < 500, path
        if answer.headers.get("content-type", "").startswith("text/html"):
            check_harmless(answer.text, path)
            if "alert(2)" in lxml.html.document_fromstring(answer.text).text_content():
                says.add(urlsplit(path).path)
        found = re.findall(r'(?:href|data-path)="(/[^"#]*)', answer.text)
        found.append(answer.headers.get("location", "/"))
        for address in found:
            own = urljoin(path, address.replace("&amp;", "&")).partition("#")[0]
            shape = re.sub(r"=[^&]*", "=", own)
            if shape not in seen and len(seen) < 400 and "/static/" not in own:
                seen.add(shape)
                waiting.append(own)
    said_somewhere = (
        "/tasks",
        f"/tasks/{task}",
        "/review/2",
        "/documents",
        "/units",
        "/due",
        "/due/events",
        "/due/month",
    )
    assert says >= {
        *said_somewhere,
        "/progress",
        "/handouts",
        "/intake",
        "/people",
        "/audit",
        "/audit/log",
        "/audit/coverage/2",
    }


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("/units/1/rename", {"name": HOSTILE * 3}),
        ("/due/events", {"name": HOSTILE, "happens_on": "x"}),
        ("/people", {"name": HOSTILE, "role": "staff", "password": "x"}),
        ("/login", {"name": HOSTILE, "password": "x", "next": HOSTILE}),
        ("/tasks/1/progress", {"status": "in_progress", "completed_on": HOSTILE[:10], "progress": HOSTILE}),
        ("/review/tasks/1/split", {"words": HOSTILE, "reason": HOSTILE}),
        (
            "/review/tasks/1/correct",
            {"deadline_was": "", "deadline": HOSTILE, "heading": HOSTILE, "reason": HOSTILE},
        ),
        ("/tasks/status", {"task": "1", "status": HOSTILE[:20]}),
        ("/tasks/undo", {"changed": HOSTILE[:40]}),
    ],
)
def test_hostile_words_stay_words_in_forms_that_are_shown_again(poisoned, path, data):
    _, admin, _ = poisoned
    answer = admin.post(path, data=data)
    assert answer.status_code in (403, 409, 422)
    check_harmless(answer.text, path)


def test_hostile_words_stay_words_in_files_that_are_written(poisoned):
    _, admin, _ = poisoned
    for path in ("/tasks/export?form=html", "/progress/report?form=html"):
        written = lxml.html.document_fromstring(admin.get(path).text)
        assert "alert(2)" in written.text_content()
        assert not written.xpath(
            "//img[@src='x']|//*[@onerror]|//a[starts-with(@href,'javascript')]|//script[.='alert(1)']"
        )


def test_nothing_in_a_cell_becomes_a_formula(tmp_path):
    with served(tmp_path) as alone:
        with alone.ledger() as ledger:
            for number, formula in enumerate(FORMULAS):
                text = f"{formula}局检查第{number}项，6月底前完成。"
                leaf = item(text, text, heading=formula.strip(), units=[(f"{formula}局", "lead")])
                ledger.add(
                    document(text, [leaf], name=f"{number}.txt", title=formula, doc_number=str(number))
                )
            tasks = ledger.task_ids()
            for task, formula in zip(tasks[-len(FORMULAS) :], FORMULAS, strict=True):
                tracking.record(ledger, [task], progress=formula, remarks=formula)
        visitor = alone.visitor()
        visitor.get("/tasks")
        sheets = [visitor.get(f"/{path}?form=xlsx").content for path in ("tasks/export", "progress/report")]
        sheets.append(visitor.post("/handouts/table", data={"task": tasks}).content)
        for sheet in sheets:
            cells = [
                c for s in openpyxl.load_workbook(io.BytesIO(sheet)) for row in s.iter_rows() for c in row
            ]
            assert any("HYPERLINK" in str(cell.value) for cell in cells)
            assert not [
                cell.value for cell in cells if cell.data_type == "f" and "SUM(" not in cell.value[:5]
            ]
        table = visitor.get("/tasks/export?form=csv").content.decode("utf-8-sig")
        begins = {cell[:1] for row in csv.reader(io.StringIO(table)) for cell in row}
        assert "'" in begins
        assert not begins & set("=+-@\t\r＝")


# ---------------------------------------- who asks


def test_no_change_without_the_token_of_the_page(office, admin):
    """Every route that changes something, asked for as a form of another site would."""
    before = count_events(office)
    for method, path in routes(office, "POST"):
        for body in (
            {"data": {"csrf_token": "x" * 64}},
            {"content": b"{}", "headers": {"Content-Type": "text/plain"}},
        ):
            assert (path, admin.post(path, token="", **body).status_code) == (path, 403)
        assert method == "POST"
        with_token_in_address = admin.post(f"{path}?csrf_token={admin.token}", token="")
        assert (path, with_token_in_address.status_code) == (path, 403)
    assert count_events(office) == before


def test_looking_changes_nothing(office, admin):
    """Every route that answers GET, with and without a method that the server could be talked into."""
    before = count_events(office)
    for _, path in routes(office, "GET"):
        for headers in ({}, {"X-HTTP-Method-Override": "POST"}):
            admin.get(f"{path}?_method=POST&name=x&form=csv", headers=headers)
    assert count_events(office) == before
    assert {
        method for route in office.app.routes if isinstance(route, APIRoute) for method in route.methods
    } == {
        "GET",
        "POST",
    }


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://["},
        {"Origin": "http://[::1"},
        {"Origin": "://"},
        {"Origin": f"{HOST}.evil.example"},
        {"Origin": "http://127.0.0.1:8321@evil.example"},
        {"Origin": "file://"},
        {"Sec-Fetch-Site": "Same-Origin, cross-site"},
    ],
)
def test_an_origin_that_is_not_ours_is_refused_however_it_is_spelled(admin, headers):
    assert admin.post("/people/tokens", data={"name": NAMES["staff"]}, headers=headers).status_code == 403


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1#x",
        "127.0.0.1/..",
        "127.0.0.1?",
        "a@127.0.0.1",
        "127.0.0.1:x",
        "127.0.0.1:999999",
        "[::1",
        "[::1]x",
    ],
)
def test_a_host_with_something_behind_it_is_none(admin, host):
    assert admin.client.get("/login", headers={"Host": host}).status_code == 400


def test_another_site_is_told_nothing(office, admin):
    headers = {"Origin": "http://evil.example", "Access-Control-Request-Method": "POST"}
    answer = admin.client.options("/api/v1/tasks/1/record", headers=headers)
    assert answer.status_code == 405
    assert not [name for name in answer.headers if name.startswith("access-control")]


def test_what_the_next_page_says_cannot_be_forged(office):
    visitor = office.visitor()
    visitor.client.cookies.set("taizhang_said", "0" * 64 + ".5oKo5bey5Lit5aWW")
    assert "您已中奖" not in visitor.get("/login").text


class TestTokens:
    def test_it_gives_the_rights_of_its_person_whoever_is_signed_in(self, office, admin):
        staff = token_of(office, "staff")
        assert admin.get("/api/v1/events", headers=staff).status_code == 403
        assert admin.get("/api/v1/session", headers=staff).json()["name"] == NAMES["staff"]

    @pytest.mark.parametrize("where", ["?token={}", "?access_token={}", "?Authorization=Bearer+{}"])
    def test_it_is_not_taken_from_an_address(self, office, where):
        token = token_of(office, "staff")["Authorization"].removeprefix("Bearer ")
        assert office.visitor().client.get("/api/v1/tasks" + where.format(token)).status_code == 401

    def test_it_ends_with_the_access_of_its_person_and_holds_their_role_of_now(self, office, admin):
        token, client = token_of(office, "auditor"), office.visitor().client

        def statuses():
            return [client.get(f"/api/v1/{path}", headers=token).status_code for path in ("events", "tasks")]

        seen = [statuses()]
        for role in ("staff", "auditor"):
            admin.post("/people/role", data={"name": NAMES["auditor"], "role": role})
            seen.append(statuses())
        with office.ledger() as ledger:
            set_active(ledger, office.accounts, NAMES["auditor"], active=False)
            seen.append(statuses())
            set_active(ledger, office.accounts, NAMES["auditor"], active=True)
            seen.append(statuses())  # let in again, they need another one
        assert seen == [[200, 200], [403, 200], [200, 200], [401, 401], [401, 401]]

    def test_one_that_was_taken_back_is_none(self, office):
        token = token_of(office, "coordinator")
        with office.ledger() as ledger:
            revoke_tokens(ledger, office.accounts, NAMES["coordinator"])
        assert office.visitor().client.get("/api/v1/tasks", headers=token).status_code == 401


class TestGuessing:
    def test_spelling_the_name_otherwise_gives_no_more_tries(self, tmp_path):
        with served(tmp_path, accounts=True) as office:
            visitor = office.visitor()
            spellings = [f" {NAMES['staff']}", f"{NAMES['staff']}\u3000", f"\n{NAMES['staff']}\t"]
            for at in range(TRIES):
                visitor.sign_in(spellings[at % len(spellings)], "wrong")
            assert visitor.sign_in(NAMES["staff"]).status_code == 429

    @pytest.mark.parametrize("name", ["{}\x00", "{}\u200b", "{}%", "小_", "' OR 1=1 --", "{}\ufeff"])
    def test_a_name_that_looks_the_same_is_nobody(self, tmp_path, name):
        with served(tmp_path, accounts=True) as office:
            assert office.visitor().sign_in(name.format(NAMES["staff"])).status_code == 403

    def test_claiming_other_addresses_gives_no_more_tries(self, tmp_path):
        with served(tmp_path, accounts=True) as office:
            visitor = office.visitor()
            visitor.get("/login")
            for at in range(TRIES_PER_ADDRESS + 1):
                claimed = dict.fromkeys(("X-Forwarded-For", "X-Real-IP", "Client-IP"), f"10.0.0.{at}")
                fields = {"name": f"某人{at}", "password": "wrong"}
                answer = visitor.post(
                    "/login", data=fields, headers={**claimed, "Forwarded": f"for=10.0.0.{at}"}
                )
        assert answer.status_code == 429

    def test_many_tries_at_once_are_counted_one_by_one(self, tmp_path):
        """Were they counted when they have failed, all would be let through."""
        with served(tmp_path, accounts=True) as office:
            visitors = [office.visitor() for _ in range(3 * TRIES)]
            for visitor in visitors:
                visitor.get("/login")
            found: list[int] = []
            threads = [
                threading.Thread(
                    target=lambda v=v: found.append(
                        v.post("/login", data={"name": NAMES["staff"], "password": "x"}).status_code
                    )
                )
                for v in visitors
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        assert found.count(403) == TRIES
        assert found.count(429) == 2 * TRIES


# ---------------------------------------- what is asked for

LONG, LONGER = "9" * 30, "9" * 5000
"""More than SQLite holds; more digits than Python makes a number of."""


@pytest.mark.parametrize(
    "path",
    [
        *(f"{path}{number}" for number in (LONG, LONGER) for path in ("/tasks/", "/review/", "/audit/log/", "/handouts/")),
        *(f"/documents/{number}/pages/{number}.png" for number in (LONG, LONGER)),
        *(f"/{page}?{name}={zeros}{number}" for number in (LONG, LONGER) for zeros in ("", "0" * 19 + "1")
          for page, name in (("tasks", "organization"), ("tasks", "page"), ("handouts", "organization"), ("due", "organization"))),
        *(f"/audit/log?{name}={LONG}" for name in ("task", "document", "page")),
        "/tasks?due_before=0001-01-01&due_after=9999-12-31",
        "/audit/log?since=0001-01-01&until=9999-12-31",
        "/due/month?month=0001-01",
        "/due/month?month=9999-12&day=9999-12-31",
        "/review/1?at=999999999999-999999999999&take=5-3&done=9223372036854775807",
        f"/review/1?at={LONGER}-1",
        f"/review/1/reading?field=frequency&words=每{'9' * 190}年1次",
        f"/review/1/reading?field=deadline&words=印发后{'9' * 190}日内",
        "/tasks?order=-due;DROP TABLE tasks&columns=due.constructor.__proto__&status=' OR 1=1",
        '/api/v1/search?q=" OR NEAR(* ^',
        "/api/v1/tasks?text=%00%ED%A0%80%FF",
        "/tasks/export?form=../../../etc/passwd",
        "/progress/report?form=..%2fx",
        "/static/%00",
        "/%ed%a0%80",
        f"/tasks?{'columns=a.b&' * 5000}",
    ],
)  # fmt: skip
def test_an_address_that_nobody_would_write_breaks_nothing(admin, path):
    answer = admin.get(path)
    assert answer.status_code < 500
    assert "content-security-policy" in answer.headers
    assert "Traceback" not in answer.text


LONE_HALF = {"utf-7": b"+2AA-", "raw_unicode_escape": b"\\ud800", "unicode_escape": b"\\ud800"}
"""Half a character, which Python's codecs make of these."""


@pytest.mark.parametrize(
    "charset", [*LONE_HALF, "idna", "punycode", "zlib_codec", "utf-16", "undefined", "no-such"]
)
@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/people", "name"),
        ("/login", "name"),
        ("/tasks/1/progress", "progress"),
        ("/review/tasks/1/correct", "heading"),
    ],
)
def test_a_form_in_an_encoding_that_nobody_uses_breaks_nothing(office, admin, path, name, charset):
    before = count_events(office)
    fields = {name: LONE_HALF.get(charset, b"\\ud800"), "status": b"x", "role": b"boss"}
    parts = (
        b'--X\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (field.encode(), value)
        for field, value in fields.items()
    )
    headers = {"Content-Type": f"multipart/form-data; boundary=X; charset={charset}"}
    answer = admin.post(path, content=b"".join(parts) + b"--X--\r\n", headers=headers)
    assert 400 <= answer.status_code < 500
    assert count_events(office) == before


@pytest.mark.parametrize(
    "body",
    [
        b'{"\\ud800": 1}',
        b'{"progress": "\\ud800"}',
        b'{"percent": 1e999}',
        b'{"percent": NaN}',
        b'{"percent": %s}' % LONGER.encode(),
        b'{"a":' * 50_000,
        b"[" * 100_000,
        b"\xff\xfe",
        b"null",
        b"",
        b'{"__proto__": {"status": "done"}}',
        b'{"completed_on": "0000-00-00"}',
        b'{"id": 2, "task": 2, "actor": "x"}',
    ],
)
def test_json_that_nobody_would_send_changes_nothing(office, body):
    token, before = token_of(office, "coordinator"), count_events(office)
    for media in ("application/json", "text/plain", "application/x-www-form-urlencoded"):
        headers = {**token, "Content-Type": media}
        answer = office.visitor().client.post("/api/v1/tasks/1/record", content=body, headers=headers)
        assert answer.status_code in (400, 422)
        assert answer.json()["detail"]
    assert count_events(office) == before


# ---------------------------------------- what is sent in


def repacked(sheet: bytes, change) -> bytes:
    """The workbook with what `change` makes of its first sheet."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(sheet)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, change(data) if name == "xl/worksheets/sheet1.xml" else data)
    return out.getvalue()


ENTITY = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda xml: ENTITY + xml.replace(b"<t>", b"<t>&e;", 1), id="a file of the server as an entity"),
        pytest.param(lambda xml: xml.replace(b"</sheetData>", b" " * (200 << 20) + b"</sheetData>"), id="a zip bomb"),
        pytest.param(
            lambda xml: xml.replace(b"</sheetData>", b'<row><c t="inlineStr"><is><t>x</t></is></c></row>' * 600_000 + b"</sheetData>"),
            id="rows without end",
        ),
    ],
)  # fmt: skip
def test_a_hostile_workbook_is_refused(admin, change):
    sheet = admin.post("/handouts/table", data={"task": [1, 2]}).content
    bad = repacked(sheet, change)
    for path, status in (("/handouts/returned", 422), ("/intake", 200)):
        answer = admin.post(path, params={"name": "a.xlsx"}, content=bad)
        assert answer.status_code == status
        assert "root:" not in answer.text
        assert "恶意" in answer.text or "太大" in answer.text


def test_a_picture_that_is_small_packed_and_huge_unpacked_is_refused(admin):
    packed = io.BytesIO()
    Image.new("1", (30_000, 30_000)).save(packed, "PNG")
    assert len(packed.getvalue()) < 1 << 20
    assert "未读入" in admin.post("/intake?name=a.png", content=packed.getvalue()).text


@pytest.mark.parametrize(("width", "height"), [(1e6, 1e6), (10, 1e7), (1e7, 10), (0.001, 0.001)])
def test_a_page_of_any_size_becomes_a_picture_of_bounded_size(width, height):
    page = f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {width} {height}] >>"
    parts = ["<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>", page]
    body = "".join(f"{number} 0 obj {part} endobj\n" for number, part in enumerate(parts, 1))
    pdf = f"%PDF-1.4\n{body}trailer << /Root 1 0 R /Size 4 >>\n%%EOF".encode()
    with Image.open(io.BytesIO(page_picture(pdf, PDF, 1))) as picture:
        assert picture.width * picture.height <= 1240 * 4960


def test_names_inside_an_archive_are_labels_too(tmp_path):
    names = ["../../etc/x.txt", "..\\..\\y.txt", "/abs.txt", "a\u202etxt.exe\r\nX: z.txt", "CON.txt"]
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        for at, name in enumerate(names):
            packed.writestr(name, f"一、检查。县教育局6月底前完成第{at}项。")
    with served(tmp_path) as alone:
        visitor = alone.visitor()
        visitor.get("/intake")
        visitor.post("/intake?name=%E5%8C%85.zip", content=archive.getvalue())
        with alone.ledger() as ledger:
            entries = ledger.documents()[1:]
        headers = [visitor.get(f"/documents/{e.id}/original").headers["content-disposition"] for e in entries]
        there = {path.name for path in tmp_path.iterdir()}
    assert len(entries) == len(names)
    for entry, header in zip(entries, headers, strict=True):
        assert entry.name.startswith("包.zip/")
        assert ".." not in entry.name
        assert entry.name.isprintable()
        assert re.fullmatch(r"attachment; filename\*=UTF-8''[\w.%~-]+", header)
        assert "%2F" not in header
        assert "%5C" not in header
    assert there <= {"ledger.db", "ledger.db-wal", "ledger.db-shm"}


def test_a_file_that_proves_something_is_saved_never_shown(poisoned):
    _, admin, task = poisoned
    answer = admin.get(f"/tasks/{task}/attachments/1")
    assert answer.content == HOSTILE.encode()
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert answer.headers["content-security-policy"].startswith("sandbox")


@pytest.mark.parametrize(
    ("media", "body"),
    [
        ("application/x-www-form-urlencoded", b"a=1&" * 200_000),
        ("application/x-www-form-urlencoded", b"&" * 1_000_000),
        (
            "multipart/form-data; boundary=X",
            b'--X\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n' * 15_000,
        ),
        ("multipart/form-data; boundary=X", b"--X\r\n" + b"A: b\r\n" * 150_000),
        ("multipart/form-data", b"x"),
    ],
)
def test_a_form_of_very_many_fields_is_refused_or_ignored(office, media, body):
    visitor = office.visitor()
    visitor.get("/login")
    answer = visitor.post("/login", content=body, headers={"Content-Type": media})
    assert 400 <= answer.status_code < 500


# ---------------------------------------- how much one can take up


class TestTakingUp:
    def test_one_person_cannot_occupy_the_server(self, tmp_path, monkeypatch):
        with served(tmp_path, accounts=True) as office:
            monkeypatch.setattr(at_once, "AT_ONCE", 3)
            monkeypatch.setattr(at_once, "AT_ONCE_WITH", {"export": 1})
            staff, admin = office.signed_in("staff"), office.signed_in("admin")
            go_on, begun = threading.Event(), threading.Semaphore(0)
            documents = Ledger.documents

            def held_up(ledger):
                begun.release()
                go_on.wait(60)
                return documents(ledger)

            monkeypatch.setattr(Ledger, "documents", held_up)
            found: list[int] = []
            threads = [
                threading.Thread(
                    target=lambda: found.append(staff.client.get("/api/v1/documents").status_code)
                )
                for _ in range(3)
            ]
            for thread in threads:
                thread.start()
            for _ in threads:
                assert begun.acquire(timeout=60)
            refused = staff.client.get("/account"), staff.client.get("/api/v1/session")
            others = admin.client.get("/account")
            go_on.set()
            for thread in threads:
                thread.join()
            after = staff.client.get("/account")
        assert [answer.status_code for answer in refused] == [429, 429]
        assert "太多" in refused[1].json()["detail"]
        assert refused[0].headers["retry-after"]
        assert (others.status_code, found, after.status_code) == (200, [200, 200, 200], 200)

    def test_the_ledger_is_verified_once_at_a_time(self, office, admin):
        verifying = office.app.state.verifying
        assert verifying._begun("小李", "")
        assert admin.get("/api/v1/verify").status_code == 503
        verifying.latest = None
        assert admin.get("/api/v1/verify").json()["holds"] is True

    def test_tables_that_wait_do_not_fill_the_memory(self, monkeypatch):
        class Table:
            def __init__(self, sha256: str) -> None:
                self.sha256, self.rows = sha256, range(600)

        class Plan:
            def __init__(self, sha256: str) -> None:
                self.table = Table(sha256)

        monkeypatch.setattr("extractor.web.pending.MOST_ROWS", 1000)
        now = iter(range(100))
        kept = PendingReturns(clock=lambda: float(next(now)))
        names = [kept.keep("甲", Plan(sha256)).name for sha256 in "abc"]
        assert [each.name for each in kept.of("甲")] == names[-1:]

    @pytest.mark.parametrize(
        "sent",
        [
            b"",
            b"GET /login HT",
            b"GET /login HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
            b"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\n\r\na",
        ],
        ids=["nothing", "half a head", "nothing more", "half a body"],
    )
    def test_a_connection_on_which_nothing_comes_is_given_up(self, tmp_path, monkeypatch, sent):
        """A few hundred of them would otherwise keep everyone out, without a password."""
        monkeypatch.setattr(connections, "HEAD_SECONDS", 0.2)
        monkeypatch.setattr(security, "BODY_SECONDS", 0.2)
        office_ledger(tmp_path / "l.db").close()
        with (
            serving(tmp_path / "l.db") as address,
            socket.create_connection(("127.0.0.1", urlsplit(address).port)) as one,
        ):
            one.settimeout(60)
            one.sendall(sent)
            try:
                while one.recv(65536):
                    pass
            except ConnectionError:
                pass  # reset: given up as well

    def test_no_machine_can_hold_all_connections(self, tmp_path, monkeypatch):
        monkeypatch.setattr(connections, "OF_ONE_ADDRESS", 2)
        monkeypatch.setattr(connections, "is_loopback", lambda address: False)
        office_ledger(tmp_path / "l.db").close()
        with serving(tmp_path / "l.db") as address:
            port = urlsplit(address).port
            held = [socket.create_connection(("127.0.0.1", port)) for _ in range(3)]
            try:
                held[2].settimeout(60)
                with pytest.raises(ConnectionError):
                    while True:
                        held[2].sendall(b"GET /login HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
                        if not held[2].recv(65536):
                            raise ConnectionError
            finally:
                for each in held:
                    each.close()


# ---------------------------------------- what is told

ADVICE = re.compile(r"taizhang [a-z]|(?<![\w-])--[a-z]")
LEDGER = Path("/srv/office/ledger.db")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (NoSuchDocumentError(LEDGER, "甲"), "台账“ledger.db”中没有文件“甲”：请在“文件”页查看已读入的文件。"),
        (MissingLedgerError(LEDGER), "还没有台账“ledger.db”：请联系维护台账的人。"),
        (LedgerBusyError(LEDGER), "台账“ledger.db”正被其他程序占用：请关闭该程序或稍后再试。"),
        (LedgerBusyError(Path("/srv/office/ledger.db.accounts.db")), "台账“ledger.db.accounts.db”正被其他程序占用：请关闭该程序或稍后再试。"),
        ("备份“/tmp/taizhang-x/copy.db”没有写好，已删除：请用 taizhang verify 核查台账和磁盘。", "备份“copy.db”没有写好，已删除：请到“核验”页核查台账和磁盘。"),
        (r"无法使用台账“D:\台账\a.db”：磁盘已满。", "无法使用台账“a.db”：磁盘已满。"),
        ("任务 3 没有附件“9”：请用 taizhang attachment 3 查看附件。", "任务 3 没有附件“9”：请在任务页查看附件。"),
        # What somebody typed is theirs, whatever it looks like.
        ("没有登记过事件“用 taizhang tasks --x”的日期：请用 taizhang event 查看。", "没有登记过事件“用 taizhang tasks --x”的日期：请在“到期”页的事件中查看。"),
        ("已有单位“市场/监管局”（序号 3）：要合为一个，请用 taizhang units merge 3 4。", "已有单位“市场/监管局”（序号 3）：要合为一个，请在“单位”页合并。"),
        # Advice that has no words for pages is dropped.
        ("读不了“甲”：请用 taizhang mend --all 修复，再试一次。", "读不了“甲”。"),
    ],
)  # fmt: skip
def test_pages_advise_what_can_be_done_on_pages(error, said):
    assert on_page(error, LEDGER) == said


def messages() -> list[str]:
    """Every message of the ledger that names a command, with something in the place of each value."""
    found = []
    for file in sorted(Path(tracking.__file__).parent.glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.JoinedStr):
                parts = (str(p.value) if isinstance(p, ast.Constant) else "7" for p in node.values)
                found.append("".join(parts))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and "请" in node.value:
                found.append(node.value.replace("{id}", "7"))
    return [said for said in found if ADVICE.search(said) and not said.startswith(("”", " "))]


def test_no_message_of_the_ledger_sends_readers_of_pages_to_a_command_line():
    found = messages()
    assert len(found) > 20
    for said in found:
        told = on_page(said, LEDGER)
        assert not ADVICE.search(told), told
        assert told.count("请") == said.count("请"), told  # the advice is another one, not none


def test_no_page_tells_where_files_lie(office, admin):
    """Pages of those who are signed in, and errors; on the machine itself the way to the ledger is told."""
    folder = str(office.settings.ledger.parent)
    for path in (
        "/tasks",
        "/tasks/99",
        "/handouts/99",
        "/units",
        "/documents/99/original",
        "/nothing",
        "/api/v1/tasks/99",
    ):
        assert folder not in admin.get(path).text
    for path, data in (
        ("/people/role", {"name": "没有此人", "role": "staff"}),
        ("/review/tasks/99/confirm", {}),
        ("/tasks/1/attachments/9/drop", {"reason": "x"}),
        ("/tasks/99/progress", {"status": "done"}),
        ("/units/99/rename", {"name": "x"}),
        ("/units/merge", {"unit": ["98", "99"]}),
        ("/tasks/status", {"task": "99", "status": "done"}),
        ("/due/tick", {"task": "1", "due": "2020-01-01", "nth": "7"}),
        ("/due/events/forget", {"name": "x", "happens_on": "2023-01-01"}),
    ):
        answer = admin.post(path, data=data)
        assert answer.status_code in (404, 409, 422)
        assert folder not in answer.text
        assert not re.search(r"用 taizhang [a-z]", answer.text), path


@pytest.mark.parametrize(
    "path", ["/docs", "/redoc", "/openapi.json", "/debug", "/.git/config", "/ledger.db", "/metrics"]
)
def test_there_are_no_doors_that_frameworks_leave_open(admin, path):
    assert admin.get(path).status_code == 404


# ---------------------------------------- the API, in every role


@pytest.fixture(scope="module")
def described(office):
    schema = schemathesis.openapi.from_dict(office.app.openapi())
    schema.app = office.app
    schema.config.update(base_url=HOST)
    return schema


@pytest.mark.parametrize("role", ["staff", "coordinator", "auditor"])
def test_every_operation_answers_every_role_as_described(office, described, role):
    headers = token_of(office, role)
    for result in described.get_all_operations():
        operation = result.ok()

        @settings(
            max_examples=4,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(operation.as_strategy())
        def tried(case):
            answer = case.call_and_validate(headers=headers)
            assert answer.status_code < 500

        tried()
