"""Attacks on the page, a table of each kind: none succeeds."""

from __future__ import annotations

import os
import re
import sqlite3
import stat

import pytest

from extractor.ledger import Ledger
from extractor.ledger.people import PersonError, change_person, people
from extractor.web import accounts
from extractor.web.accounts import (
    IDLE_SECONDS,
    LOCKED_SECONDS,
    LONGEST_SESSION_SECONDS,
    TRIES,
    TRIES_PER_ADDRESS,
    TRIES_PER_NAME,
    LockedOutError,
    give_password,
    issue_token,
    revoke_tokens,
    set_active,
)
from extractor.web.settings import Settings
from tests.web_client import HOST, NAMES, PASSWORD, served

COOKIE = "taizhang"


class Clock:
    """A clock that is put forward by hand."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def alone(tmp_path):
    with served(tmp_path) as served_alone:
        yield served_alone


@pytest.fixture
def office(tmp_path, clock):
    with served(tmp_path, accounts=True, clock=clock) as office:
        yield office


def documents(served_ledger) -> int:
    with served_ledger.ledger() as ledger:
        return len(ledger.documents())


class TestHeaders:
    @pytest.mark.parametrize(
        "path", ["/", "/intake", "/nothing", "/login", "/api/v1/tasks", "/api/v1/tasks/99"]
    )
    def test_every_answer_has_them(self, alone, path):
        headers = alone.visitor().get(path).headers
        assert headers["content-security-policy"].startswith(
            "default-src 'none'; script-src 'self'; style-src 'self';"
        )
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert headers["cache-control"] == "no-store"

    def test_also_those_of_our_own_mistakes(self, alone, monkeypatch):
        monkeypatch.setattr(Ledger, "documents", lambda self: 1 / 0)
        answer = alone.visitor().get("/intake")
        assert answer.status_code == 500
        assert "程序内部出错" in answer.text
        assert "ZeroDivision" not in answer.text
        assert "content-security-policy" in answer.headers

    def test_pages_hold_no_script_or_style_of_their_own(self, alone):
        for path in ("/intake", "/account", "/people", "/api/v1/docs", "/nothing"):
            page = alone.visitor().get(path).text
            assert not re.search(
                r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|javascript:|https?://(?!127\.0\.0\.1)", page
            )

    def test_static_files_may_be_kept_but_are_asked_for_each_time(self, alone):
        answer = alone.visitor().get("/static/style.css")
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-cache")
        assert answer.headers["etag"]


class TestHost:
    """A foreign DNS name that points at this machine must not reach the page (DNS rebinding)."""

    @pytest.mark.parametrize(
        ("host", "status"),
        [
            ("127.0.0.1:8321", 200),
            ("localhost:8321", 200),
            ("[::1]:8321", 200),
            ("evil.example", 400),
            ("evil.example:8321", 400),
            ("127.0.0.1.evil.example", 400),
            ("localhost.evil.example", 400),
            ("evil.example@127.0.0.1.evil", 400),
            ("192.168.1.7:8321", 400),
            ("", 400),
            ("[", 400),
        ],
    )
    def test_only_names_of_this_machine(self, alone, host, status):
        assert alone.visitor().get("/intake", headers={"Host": host}).status_code == status

    @pytest.mark.parametrize(
        ("listening", "asked", "answered"),
        [
            ("0.0.0.0", "10.1.2.3", True),
            ("0.0.0.0", "evil.example", False),
            ("::", "fd00::7", True),
            ("taizhang.office", "taizhang.office", True),
            ("taizhang.office", "TAIZHANG.office.", True),
            ("taizhang.office", "10.1.2.3", False),
            ("10.1.2.3", "10.1.2.3", True),
            ("10.1.2.3", "10.1.2.4", False),
        ],
    )
    def test_where_others_can_reach_it(self, tmp_path, listening, asked, answered):
        assert Settings(tmp_path / "l.db", listening).answers_to(asked) is answered


class TestOtherSites:
    """A page of another site makes the browser send something: cookies go along, the token does not."""

    @pytest.mark.parametrize(
        "headers",
        [
            {"Origin": "http://evil.example"},
            {"Origin": "null"},
            {"Origin": "http://127.0.0.1:9999"},
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site", "Origin": HOST},
        ],
    )
    def test_it_is_refused_even_with_the_token(self, alone, headers):
        visitor = alone.visitor()
        visitor.get("/intake")
        assert visitor.post("/intake?name=a.txt", content=b"x", headers=headers).status_code == 403
        assert documents(alone) == 1

    @pytest.mark.parametrize("token", ["", "0" * 64, "令牌"])
    def test_without_the_token_nothing_is_changed(self, alone, office, token):
        for visitor in (alone.visitor(), office.signed_in("admin")):
            visitor.get("/intake")
            answer = visitor.post("/intake?name=a.txt", content=b"x", token=token.encode())
            assert answer.status_code == 403
        assert documents(alone) == documents(office) == 1

    def test_the_token_of_another_visitor_is_none(self, office):
        staff, admin = office.signed_in("staff"), office.signed_in("admin")
        assert admin.post("/people/tokens", data={"name": "小收"}, token=staff.token).status_code == 403
        assert admin.post("/people/tokens", data={"name": "小收"}).status_code == 303

    def test_a_form_brings_it_as_a_field(self, office):
        admin = office.signed_in("admin")
        fields = {"csrf_token": admin.token, "name": "小收"}
        assert admin.post("/people/tokens", data=fields, token="").status_code == 303

    def test_signing_in_takes_it_too(self, office):
        answer = office.visitor().post(
            "/login", data={"name": NAMES["admin"], "password": PASSWORD}, token=""
        )
        assert answer.status_code == 403

    def test_the_page_asks_other_sites_for_nothing(self, alone):
        assert (
            "access-control-allow-origin"
            not in alone.visitor().get("/api/v1/tasks", headers={"Origin": "http://evil.example"}).headers
        )


class TestSessions:
    def test_a_planted_secret_is_not_taken_over(self, office):
        victim = office.visitor()
        planted = "p" * 43
        victim.client.cookies.set(COOKIE, planted)
        victim.sign_in(NAMES["admin"])
        attacker = office.visitor()
        attacker.client.cookies.set(COOKIE, planted)
        assert attacker.get("/account").status_code == 303
        assert planted not in {
            cookie.value for cookie in victim.client.cookies.jar if cookie.value != planted
        }
        assert victim.get("/account").status_code == 200

    def test_the_cookie_is_kept_from_scripts_and_other_sites(self, office):
        visitor = office.visitor()
        cookie = visitor.sign_in(NAMES["admin"]).headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie

    def test_with_https_it_goes_nowhere_else(self, tmp_path):
        with served(tmp_path, https=True) as secure:
            cookie = secure.visitor().get("/intake").headers["set-cookie"]
        assert cookie.startswith("__Host-taizhang=")
        assert "Secure" in cookie

    @pytest.mark.parametrize(
        ("steps", "step", "status"),
        [
            (1, IDLE_SECONDS - 1, 200),
            (1, IDLE_SECONDS + 1, 303),
            # used all the time, it still ends
            (LONGEST_SESSION_SECONDS // 1200 - 1, 1200, 200),
            (LONGEST_SESSION_SECONDS // 1200 + 1, 1200, 303),
        ],
    )
    def test_it_ends(self, office, clock, steps, step, status):
        visitor = office.signed_in("staff")
        for _ in range(steps):
            clock.now += step
            answer = visitor.get("/account")
        assert answer.status_code == status

    def test_signing_out_ends_it_for_good(self, office):
        visitor = office.signed_in("staff")
        secret = visitor.client.cookies[COOKIE]
        visitor.post("/logout")
        visitor.client.cookies.set(COOKIE, secret)
        assert visitor.get("/account").status_code == 303

    def test_a_new_password_ends_the_sessions(self, office):
        visitor = office.signed_in("staff")
        with office.ledger() as ledger:
            give_password(ledger, office.accounts, NAMES["staff"], "quite another one")
        assert visitor.get("/account").status_code == 303
        assert visitor.sign_in(NAMES["staff"]).status_code == 403
        assert visitor.sign_in(NAMES["staff"], "quite another one").status_code == 303

    @pytest.mark.parametrize(
        ("path", "fields", "visits", "answer"),
        [
            # by whoever manages accounts: the old password, or a token, may be in the wrong hands
            ("/people/password", {"name": NAMES["staff"], "password": "quite another one"}, "admin", 401),
            ("/people/active", {"name": NAMES["staff"], "active": "false"}, "admin", 401),
            # by the person: programs go on, unless they are to end as well
            ("/account/password", {"new": "quite another one", "again": "quite another one"}, "staff", 200),
            (
                "/account/password",
                {"new": "quite another one", "again": "quite another one", "end_tokens": "true"},
                "staff",
                401,
            ),
            # a new password that was not set leaves all as it was
            ("/people/password", {"name": NAMES["staff"], "password": "short"}, "admin", 200),
            ("/account/password", {"new": "one of them", "again": "another one", "end_tokens": "true"}, "staff", 200),
        ],
    )  # fmt: skip
    def test_tokens_after_a_new_password(self, office, path, fields, visits, answer):
        with office.ledger() as ledger:
            token = issue_token(ledger, office.accounts, NAMES["staff"])
        office.signed_in(visits).post(path, data={"old": PASSWORD, **fields})
        headers = {"Authorization": f"Bearer {token}"}
        assert office.visitor().get("/api/v1/session", headers=headers).status_code == answer
        with office.ledger() as ledger:
            assert [person.tokens for person in people(ledger)] == [answer == 200, 0, 0, 0]

    def test_it_is_said_what_a_new_password_ends(self, office):
        assert "令牌" not in office.signed_in("staff").get("/account").text
        with office.ledger() as ledger:
            issue_token(ledger, office.accounts, NAMES["staff"])
        assert "同时作废发给程序的 1 个令牌" in office.signed_in("staff").get("/account").text
        assert office.signed_in("admin").get("/people").text.count("1 个程序令牌也将作废") == 2

    def test_who_is_shut_out_is_out_at_once(self, office):
        visitor = office.signed_in("staff")
        with office.ledger() as ledger:
            token = issue_token(ledger, office.accounts, NAMES["staff"])
            set_active(ledger, office.accounts, NAMES["staff"], active=False)
        assert visitor.get("/account").status_code == 303
        assert (
            office.visitor().get("/api/v1/session", headers={"Authorization": f"Bearer {token}"}).status_code
            == 401
        )
        assert visitor.sign_in(NAMES["staff"]).status_code == 303  # the page behind it is shut
        assert visitor.get("/account").status_code == 303

    @pytest.mark.parametrize(
        ("next", "leads_to"),
        [
            ("/tasks?unit=x", "/tasks?unit=x"),
            ("//evil.example", "/"),
            ("/\\evil.example", "/"),
            ("https://evil.example", "/"),
            ("/a\r\nSet-Cookie: x=y", "/"),
            ("javascript:alert(1)", "/"),
        ],
    )
    def test_signing_in_leads_nowhere_else(self, office, next, leads_to):
        visitor = office.visitor()
        visitor.get("/login")
        fields = {"name": NAMES["staff"], "password": PASSWORD, "next": next}
        assert visitor.post("/login", data=fields).headers["location"] == leads_to


class TestLockOut:
    def test_after_five_tries_even_the_right_password_is_refused_for_a_while(self, office, clock):
        visitor = office.visitor()
        tries = [visitor.sign_in(NAMES["staff"], "wrong") for _ in range(TRIES)]
        assert {answer.status_code for answer in tries} == {403}
        assert visitor.sign_in(NAMES["staff"]).status_code == 429
        assert office.visitor().sign_in(NAMES["admin"]).status_code == 303  # others are not locked out
        clock.now += LOCKED_SECONDS + 1
        assert visitor.sign_in(NAMES["staff"]).status_code == 303

    def test_an_unknown_name_is_told_the_same(self, office):
        visitor = office.visitor()

        def told(name):
            return re.sub(r'value="[^"]*"|content="[0-9a-f]{64}"', "", visitor.sign_in(name, "wrong").text)

        for _ in range(TRIES + 1):
            assert told("没有此人") == told(NAMES["staff"])

    def test_an_unknown_name_is_compared_with_a_hash_as_a_known_one_is(self, office, monkeypatch):
        compared = []
        monkeypatch.setattr(accounts, "_matches", lambda hashed, password: compared.append(hashed))
        for name in ("没有此人", NAMES["staff"]):
            office.visitor().sign_in(name, "wrong")
        assert [hashed.startswith("$argon2id$") for hashed in compared] == [True, True]

    def test_an_address_that_tries_many_names_is_locked_out(self, office):
        visitor = office.visitor()
        for number in range(TRIES_PER_ADDRESS):
            visitor.sign_in(f"某人{number}", "wrong")
        assert visitor.sign_in(NAMES["admin"]).status_code == 429

    def test_success_begins_the_count_anew(self, office):
        for _ in range(2):
            for _ in range(TRIES - 1):
                office.visitor().sign_in(NAMES["staff"], "wrong")
            assert office.visitor().sign_in(NAMES["staff"]).status_code == 303

    def test_the_old_password_cannot_be_guessed_on_the_account_page(self, office):
        visitor = office.signed_in("staff")
        fields = {"old": "wrong", "new": "a new password", "again": "a new password"}
        said = [visitor.post("/account/password", data=fields).text for _ in range(TRIES + 1)]
        assert "现在的密码不对" in said[0]
        assert "失败次数过多" in said[-1]


class TestLockingOthersOut:
    """Whoever tries wrong passwords on purpose must not keep the person out who has that name."""

    NAME = NAMES["staff"]

    def wrong(self, office, times, address="10.0.0.66", mark=""):
        """What comes of so many wrong tries."""
        found = []
        for _ in range(times):
            try:
                found.append(office.accounts.password_is_right(self.NAME, "wrong", address, mark))
            except LockedOutError:
                found.append(None)
        return found

    def may_try(self, office, address, mark=""):
        try:
            return office.accounts.password_is_right(self.NAME, PASSWORD, address, mark)
        except LockedOutError:
            return False

    def test_tries_from_one_address_lock_that_address_alone(self, office):
        assert self.wrong(office, 2 * TRIES) == [False] * TRIES + [None] * TRIES
        assert not self.may_try(office, "10.0.0.66")
        assert self.may_try(office, "10.0.0.7")

    def test_from_all_addresses_together_there_are_only_so_many(self, office):
        tries = [self.wrong(office, TRIES, f"10.0.1.{n}") for n in range(TRIES_PER_NAME // TRIES + 1)]
        assert [found.count(False) for found in tries] == [TRIES] * (TRIES_PER_NAME // TRIES) + [0]
        assert not self.may_try(office, "10.0.0.7")

    @pytest.mark.parametrize("address", ["10.0.0.7", "10.0.0.66"])
    def test_the_browser_in_which_they_work_is_always_let_in(self, office, address):
        """Even where all have the same address, as behind a proxy."""
        mark = office.accounts.new_mark(self.NAME)
        for number in range(2 * TRIES_PER_ADDRESS):
            self.wrong(office, TRIES, f"10.0.0.{number + 50}")
        assert self.may_try(office, address, mark)
        assert not self.may_try(office, address)

    def test_signing_in_gives_the_browser_its_mark_and_others_have_none_of_it(self, office):
        at_work, elsewhere = office.signed_in("staff"), office.visitor()
        at_work.post("/logout")
        for _ in range(TRIES):
            elsewhere.sign_in(self.NAME, "wrong")
        assert elsewhere.sign_in(self.NAME).status_code == 429
        assert at_work.sign_in(self.NAME).status_code == 303

    def test_a_marked_browser_has_no_more_tries_than_others(self, office):
        mark = office.accounts.new_mark(self.NAME)
        assert self.wrong(office, TRIES + 1, mark=mark) == [False] * TRIES + [None]
        assert not self.may_try(office, "10.0.0.7", mark)

    @pytest.mark.parametrize("forged", ["", ".", "x", "x.y", "1." + "0" * 64, "é.ü", "x" * 3000])
    def test_a_mark_cannot_be_made_up(self, office, forged):
        self.wrong(office, TRIES)
        assert not self.may_try(office, "10.0.0.66", forged)

    def test_the_mark_of_another_person_and_of_an_old_password_is_none(self, office):
        marks = [office.accounts.new_mark(NAMES["admin"]), office.accounts.new_mark(self.NAME)]
        with office.ledger() as ledger:
            give_password(ledger, office.accounts, self.NAME, PASSWORD)
        self.wrong(office, TRIES)
        assert [self.may_try(office, "10.0.0.66", mark) for mark in marks] == [False, False]

    def test_a_mark_is_no_way_in(self, office):
        mark = office.accounts.new_mark(self.NAME)
        assert office.accounts.sign_in(self.NAME, "wrong", "10.0.0.7", mark) is None
        assert office.accounts.who_is_signed_in(mark) is None

    def test_a_new_password_lets_a_locked_person_in_at_once(self, office):
        self.wrong(office, TRIES)
        with office.ledger() as ledger:
            give_password(ledger, office.accounts, self.NAME, PASSWORD)
        assert self.may_try(office, "10.0.0.66")


class TestSecrets:
    def test_the_ledger_holds_no_secret_and_every_change_as_an_event(self, office):
        with office.ledger() as ledger:
            token = issue_token(ledger, office.accounts, NAMES["staff"])
            revoke_tokens(ledger, office.accounts, NAMES["staff"])
            dump = "\n".join(ledger.db.conn.iterdump())
            actions = [action for (action,) in ledger.db.execute("SELECT action FROM events").fetchall()]
        assert token not in dump
        assert "argon2" not in dump
        assert actions.count("add_person") == 4
        assert actions.count("change_person") == 4 + 2  # four passwords; a token given and taken

    def test_the_file_of_secrets_is_for_its_owner_and_holds_only_digests(self, office):
        visitor = office.signed_in("staff")
        with office.ledger() as ledger:
            token = issue_token(ledger, office.accounts, NAMES["staff"])
        path = office.settings.accounts
        if os.name == "posix":
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
        with sqlite3.connect(path) as db:
            dump = "\n".join(db.iterdump())
        assert "$argon2id$" in dump
        for secret in (PASSWORD, token, visitor.client.cookies[COOKIE]):
            assert secret not in dump

    def test_somebody_must_remain_who_manages_accounts(self, office):
        with office.ledger() as ledger:
            with pytest.raises(PersonError, match="唯一的管理员"):
                set_active(ledger, office.accounts, NAMES["admin"], active=False)
            with pytest.raises(PersonError, match="唯一的管理员"):
                change_person(ledger, NAMES["admin"], role="staff")
            assert [p.active for p in people(ledger) if p.role == "admin"] == [True]

    def test_a_role_put_into_the_ledger_of_another_machine_gives_no_way_in(self, office, tmp_path):
        """A copy of the ledger without the file of secrets is served to its own machine alone."""
        office.settings.accounts.rename(tmp_path / "gone")
        assert office.visitor().get("/account").status_code == 200
        object.__setattr__(office.settings, "host", "0.0.0.0")
        assert office.visitor().get("/account").status_code == 503


class TestUploads:
    def test_what_says_it_is_too_large_is_refused_before_it_is_read(self, tmp_path):
        with served(tmp_path, max_upload=1000) as small:
            visitor = small.visitor()
            visitor.get("/intake")
            read = []

            def body():
                read.append(1)
                yield b"x"

            answer = visitor.post("/intake?name=a.txt", content=body(), headers={"Content-Length": "1001"})
            assert answer.status_code == 413
            assert "上限" in answer.text

    def test_what_turns_out_to_be_too_large_is_refused_too(self, tmp_path):
        with served(tmp_path, max_upload=1000) as small:
            visitor = small.visitor()
            visitor.get("/intake")
            assert visitor.post("/intake?name=a.txt", content=iter([b"x" * 600] * 2)).status_code == 413
            assert documents(small) == 1

    def test_a_form_is_not_a_way_to_send_much(self, tmp_path):
        with served(tmp_path, max_form=1000) as small:
            visitor = small.visitor()
            answer = visitor.post("/login", data={"name": "x" * 2000})
            assert answer.status_code == 413

    def test_who_may_not_send_is_refused_before_the_body_is_taken(self, office):
        auditor = office.signed_in("auditor")
        assert auditor.post("/intake?name=a.txt", content=b"x" * 2_000_000).status_code == 403

    @pytest.mark.parametrize(
        ("name", "label"),
        [
            ("../../etc/passwd", "passwd"),
            ("..\\..\\Windows\\win.ini", "win.ini"),
            ("C:\\来文\\通知.txt", "通知.txt"),
            ("来文/2023/通知.txt", "通知.txt"),
            ("通知\r\nX-Evil: 1.txt", "通知X-Evil: 1.txt"),
            ("a\x00b.txt", "a b.txt"),
            ("\u202egnp.exe", "gnp.exe"),
            ("..", "未命名文件"),
            ("", "未命名文件"),
            ("文" * 300 + ".docx", "文" * 114 + "….docx"),
            ("<script>alert(1)</script>.txt", "script>.txt"),
            ("=cmd|'/c calc'!A1.txt", "c calc'!A1.txt"),
        ],
    )
    def test_a_name_is_only_a_label(self, alone, name, label):
        visitor = alone.visitor()
        visitor.get("/intake")
        answer = visitor.post(
            "/intake", params={"name": name}, content="一、开展检查。县教育局6月底前完成。".encode()
        )
        assert answer.status_code == 200
        with alone.ledger() as ledger:
            assert ledger.documents()[-1].name == label
        assert {path.name for path in alone.settings.ledger.parent.iterdir()} <= {
            "ledger.db",
            "ledger.db-wal",
            "ledger.db-shm",
        }

    def test_script_in_a_document_stays_text(self, alone):
        visitor = alone.visitor()
        visitor.get("/intake")
        text = "<script>alert(1)</script>关于<img src=x onerror=alert(2)>安全的通知\n一、检查。县教育局6月底前完成。"
        result = visitor.post("/intake?name=%3Cb%3Ex.txt", content=text.encode()).text
        page = visitor.get("/intake").text
        for shown in (result, page):
            assert "<script>alert" not in shown
            assert "<img src=x" not in shown
        assert "&lt;" in page

    def test_an_original_is_saved_never_shown(self, alone):
        visitor = alone.visitor()
        visitor.get("/intake")
        page = b"<!DOCTYPE html><html><body><script>alert(1)</script><p>x</p></body></html>"
        visitor.post("/intake?name=%E9%80%9A%E7%9F%A5%22%0A.html", content=page)
        with alone.ledger() as ledger:
            number = ledger.documents()[-1].id
        answer = visitor.get(f"/documents/{number}/original")
        assert answer.content == page
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["content-disposition"].startswith("attachment; filename*=UTF-8''%E9%80%9A")
        assert answer.headers["content-security-policy"] == "sandbox; default-src 'none'"


class TestPaths:
    @pytest.mark.parametrize(
        "path",
        [
            "/static/../app.py",
            "/static/..%2fapp.py",
            "/static/%2e%2e/%2e%2e/cli.py",
            "/static/..%5capp.py",
            "/static//etc/passwd",
            "/static/",
            "/documents/0/original",
            "/documents/-1/original",
            "/documents/999/original",
            "/documents/99999999999999999999/original",
            "/documents/1;drop/original",
            "/documents/../people",
        ],
    )
    def test_there_is_nothing_there(self, alone, path):
        answer = alone.visitor().client.get(path)
        assert answer.status_code in (404, 422) or answer.url.path == "/people"
        assert "def " not in answer.text
        assert "root:" not in answer.text
