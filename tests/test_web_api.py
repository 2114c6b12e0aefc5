"""The API: what it gives is what its description says, whatever it is sent; and it is the ledger's data."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
import warnings

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable

from extractor.ledger import Ledger
from extractor.ledger.audit import verify
from extractor.web.accounts import Accounts, add_account, issue_token
from tests.helpers.documents import sample
from tests.web_client import HOST, NAMES, served

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import schemathesis
    from schemathesis.generation import GenerationMode

CIRCULAR = "临澜市教育局关于做好安全工作的通知\n一、开展检查。县教育局要在6月底前完成检查。\n"


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    with served(tmp_path_factory.mktemp("api"), accounts=True) as office:
        yield office


def token_of(office, role: str) -> dict[str, str]:
    with office.ledger() as ledger:
        return {"Authorization": f"Bearer {issue_token(ledger, office.accounts, NAMES[role])}"}


@pytest.fixture(scope="module")
def staff(office):
    return token_of(office, "staff")


@pytest.fixture(scope="module")
def coordinator(office):
    return token_of(office, "coordinator")


OPERATIONS = (
    "GET /session",
    "GET /documents",
    "POST /documents",
    "GET /documents/{document_id}",
    "GET /documents/{document_id}/items",
    "GET /documents/{document_id}/annotations",
    "GET /tasks",
    "GET /tasks/{task_id}",
    "POST /tasks/{task_id}/record",
    "GET /due",
    "GET /search",
    "GET /units",
    "GET /events",
    "GET /verify",
)


@pytest.fixture(scope="module")
def described(tmp_path_factory):
    """The description, of an app to which anything may be done."""
    with served(tmp_path_factory.mktemp("described"), accounts=True) as office:
        schema = schemathesis.openapi.from_dict(office.app.openapi())
        schema.app = office.app
        schema.config.update(headers=token_of(office, "admin"), base_url=HOST)
        yield schema


def test_all_operations_are_tried(described):
    found = {
        f"{one.ok().method.upper()} {one.ok().path.removeprefix('/api/v1')}"
        for one in described.get_all_operations()
    }
    assert found == set(OPERATIONS)


@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize("operation", OPERATIONS)
def test_answers_are_as_described(described, operation, mode):
    method, path = operation.split(" ")
    described_operation = described[f"/api/v1{path}"][method]

    @settings(
        max_examples=15,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(described_operation.as_strategy(generation_mode=mode))
    def tried(case):
        case.call_and_validate()

    try:
        tried()
    except Unsatisfiable:
        assert mode is GenerationMode.NEGATIVE  # nothing in the request could be wrong


class TestWhatItGives:
    def test_a_document_and_its_outline(self, office, staff):
        client = office.visitor().client
        document = client.get("/api/v1/documents/1", headers=staff).json()
        items = client.get("/api/v1/documents/1/items", headers=staff).json()["items"]
        text = sample().source.text
        assert (document["title"], document["doc_number"]) == ("关于做好安全工作的通知", "东应急〔2023〕3号")
        assert [item["id"] for item in items] == ["1", "1.1", "1.2", "2"]
        for item in items:
            for found in (item, *item["units"], *item["deadlines"], *item["frequencies"]):
                start, end = found["span"]
                assert text[start:end] == found["quote"]

    def test_tasks_by_page_and_filter(self, office, staff):
        client = office.visitor().client

        def ask(**query):
            found = client.get("/api/v1/tasks", params=query, headers=staff).json()
            return found["total"], [task["id"] for task in found["tasks"]]

        assert ask() == (2, [1, 2])
        assert ask(limit=1, offset=1) == (2, [2])
        assert ask(due_before="2023-08-31", due_after="2023-08-31") == (1, [1])
        assert ask(unit="公安", role="lead") == (0, [])
        assert ask(text="值班", document="1") == (1, [2])

    def test_a_task_has_the_row_that_tables_show(self, office, staff):
        task = office.visitor().client.get("/api/v1/tasks/1", headers=staff).json()
        assert task["row"]["牵头单位"] == "县应急局"
        assert task["row"]["完成时限"] == "2023-08-31（8月底前）"
        assert task["organizations"]["县应急局"]["name"] == "东山县应急管理局"

    def test_evidence_has_the_names_it_has_in_files(self, office, staff):
        answer = office.visitor().client.get("/api/v1/documents/1/annotations", headers=staff)
        assert answer.headers["content-type"].startswith("application/ld+json")
        page = answer.json()
        assert page["type"] == "AnnotationPage"
        assert {one["target"]["source"] for one in page["items"]} == {f"urn:sha256:{sample().source.sha256}"}

    def test_search_marks_what_was_found(self, office, staff):
        found = office.visitor().client.get("/api/v1/search", params={"q": "演练"}, headers=staff).json()
        assert found["complete"] == len(found["hits"]) == 2
        assert all(any(s["found"] and s["text"] == "演练" for s in hit["passage"]) for hit in found["hits"])

    @pytest.mark.parametrize(
        ("as_of", "states"),
        [("2023-08-31", {"overdue", "today", "coming"}), ("2023-01-01", set()), ("9999-12-31", {"overdue"})],
    )
    def test_what_is_due(self, office, staff, as_of, states):
        query = {"as_of": as_of, "within": 31}
        found = office.visitor().client.get("/api/v1/due", params=query, headers=staff).json()["due"]
        assert {row["state"] for row in found} == states

    def test_the_log_and_its_filters(self, office):
        browser = office.signed_in("auditor")

        def ask(**query):
            found = browser.get("/api/v1/events", params=query).json()["events"]
            return [(event["action"], event["subject"]) for event in found]

        assert ask(document=1)[0] == ("ingest", "document:1")
        assert len(ask(actor="准备", action="add_person")) == 4
        assert ask(since="2999-01-01") == ask(until="0001-01-01") == []
        assert ask(limit=1) == ask()[-1:]

    def test_verification_names_what_was_altered(self, tmp_path):
        with served(tmp_path) as alone:
            client = alone.visitor().client
            whole = client.get("/api/v1/verify").json()
            with sqlite3.connect(alone.settings.ledger) as db:
                db.execute("UPDATE units SET role = 'responsible' WHERE role = 'lead'")
            altered = client.get("/api/v1/verify").json()
        assert (whole["holds"], whole["findings"]) == (True, [])
        assert altered["holds"] is False
        assert altered["findings"][0]["document"] == 1

    def test_a_head_that_was_noted_is_looked_for(self, tmp_path):
        with served(tmp_path) as alone:
            client = alone.visitor().client
            head = client.get("/api/v1/verify").json()["head"]
            noted = f"{head['sequence']}:{head['hash'][:16]}"
            assert client.get("/api/v1/verify", params={"head": noted}).json()["holds"]
            other = client.get("/api/v1/verify", params={"head": "1:ffffffffffffffff"}).json()
            assert other["findings"][0]["problem"] == "missing"
            for no_head in ("什么", "1:3fa94c0e"):
                assert client.get("/api/v1/verify", params={"head": no_head}).status_code == 422

    def test_page_and_programs_verify_one_at_a_time(self, tmp_path, monkeypatch):
        """And the page tells of what a program had verified."""
        began, end = threading.Event(), threading.Event()

        def slow(ledger, *, head):
            began.set()
            end.wait()
            return verify(ledger, head=head)

        monkeypatch.setattr("extractor.web.verifying.verify", slow)
        monkeypatch.setattr("extractor.web.verifying.PATIENCE", 0.0)
        with served(tmp_path) as alone:
            visitor = alone.visitor()
            visitor.get("/audit/verify")
            visitor.post("/audit/verify", data={"head": ""})
            began.wait()
            assert visitor.client.get("/api/v1/verify").status_code == 503
            end.set()
            while alone.app.state.verifying.latest.going_on:
                time.sleep(0.01)
            before = alone.app.state.verifying.latest
            assert visitor.client.get("/api/v1/verify").json()["holds"]
            assert alone.app.state.verifying.latest.began > before.began


class TestWhatItTakes:
    def test_a_circular_and_the_same_again(self, office, staff):
        client = office.visitor().client
        sent = [
            client.post(
                "/api/v1/documents", params={"name": "a/通知.txt"}, content=CIRCULAR.encode(), headers=staff
            )
            for _ in range(2)
        ]
        (first,), (again,) = (answer.json()["documents"] for answer in sent)
        assert (first["result"], again["result"]) == ("added", "known")
        assert first["document"]["name"] == "通知.txt"
        assert first["document"]["id"] == again["document"]["id"]
        with office.ledger() as ledger:
            query = "SELECT actor FROM events WHERE subject = ?"
            ((actor,),) = ledger.db.execute(query, [f"document:{first['document']['id']}"]).fetchall()
        assert actor == NAMES["staff"]

    @pytest.mark.parametrize(("data", "reason"), [(b"", "空的"), (b"\x00\x01\x02junk\xff", "不认识")])
    def test_what_cannot_be_read_says_why(self, office, staff, data, reason):
        (found,) = (
            office.visitor().client.post("/api/v1/documents", content=data, headers=staff).json()["documents"]
        )
        assert found["result"] == "failed"
        assert reason in found["reason"]
        assert found["document"] is None

    def test_progress_is_recorded_in_the_name_of_the_token(self, office, coordinator):
        client = office.visitor().client
        report = {"status": "in_progress", "percent": 40, "progress": "已排查12家", "reason": "电话了解"}
        task = client.post("/api/v1/tasks/2/record", json=report, headers=coordinator).json()
        assert (task["tracking"]["percent"], task["status"]) == (40, "in_progress")
        with office.ledger() as ledger:
            row = ledger.db.execute(
                "SELECT actor, reason FROM events ORDER BY sequence DESC LIMIT 1"
            ).fetchone()
        assert row == (NAMES["coordinator"], "电话了解")

    @pytest.mark.parametrize(
        ("report", "status"),
        [
            ({"status": "overdue"}, 422),
            ({"percent": 101}, 422),
            ({"state": "done"}, 422),
            ({"status": "not_started", "percent": 50}, 409),
            ([], 422),
        ],
    )
    def test_a_report_that_cannot_be(self, office, coordinator, report, status):
        answer = office.visitor().client.post("/api/v1/tasks/1/record", json=report, headers=coordinator)
        assert answer.status_code == status
        assert str(office.settings.ledger) not in answer.json()["detail"]


class TestWhoAsks:
    @pytest.mark.parametrize("header", ["Bearer x", "Bearer ", "Bearer", "Basic YTpi", "bearer taizhang_x"])
    def test_without_a_token_that_stands_nobody_gets_in(self, office, header):
        answer = office.visitor().client.get("/api/v1/tasks", headers={"Authorization": header})
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")

    def test_a_name_that_is_added_again_is_another_person(self, tmp_path):
        """The ledger may be an earlier copy, which does not know of those who were added since; their secrets are elsewhere."""
        accounts = Accounts(tmp_path / "accounts.db")
        with Ledger.create(tmp_path / "later.db") as ledger:
            add_account(ledger, accounts, "小王", "admin", "correct horse")
            token, session = (
                issue_token(ledger, accounts, "小王"),
                accounts.sign_in("小王", "correct horse", ""),
            )
        assert accounts.whose_token(token) == accounts.who_is_signed_in(session) == "小王"
        with Ledger.create(tmp_path / "earlier.db") as ledger:
            assert add_account(ledger, accounts, "小王", "staff", "battery staple").tokens == 0
        assert accounts.whose_token(token) is accounts.who_is_signed_in(session) is None
        assert not accounts.sign_in("小王", "correct horse", "")

    def test_a_token_opens_no_page(self, office, coordinator):
        assert office.visitor().client.get("/intake", headers=coordinator).status_code == 303

    def test_a_browser_must_bring_its_token_for_changes(self, office):
        browser = office.signed_in("coordinator")
        report = {"percent": 10, "status": "in_progress"}
        assert browser.post("/api/v1/tasks/1/record", json=report, token="").status_code == 403
        token = browser.get("/api/v1/session").json()["csrf_token"]
        assert browser.post("/api/v1/tasks/1/record", json=report, token=token).status_code == 200

    def test_who_one_is(self, office, staff):
        session = office.visitor().client.get("/api/v1/session", headers=staff).json()
        assert session == {
            "name": "小收",
            "role": "staff",
            "rights": ["correct", "read", "take_in"],
            "csrf_token": None,
        }


def test_the_description_needs_no_other_site(office):
    page = office.signed_in("staff").get("/api/v1/docs").text
    for path, methods in office.app.openapi()["paths"].items():
        for operation in methods.values():
            assert path in page
            assert operation["summary"] in page
    assert "https://" not in page


def test_the_description_is_chinese_throughout(office):
    description = office.app.openapi()
    told = json.dumps(
        [operation for methods in description["paths"].values() for operation in methods.values()]
    )
    assert "Successful Response" not in told
    for methods in description["paths"].values():
        for operation in methods.values():
            for parameter in operation.get("parameters", ()):
                assert parameter.get("description"), (operation["summary"], parameter["name"])
