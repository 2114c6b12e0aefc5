"""What needs a script is of no use before the script is there: until then it cannot be pressed, or it works without."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.helpers.browser import chromium, in_chromium, serving, watched
from tests.helpers.coordinating import coordinated

PAGES = (
    ("/intake", "/review", "/review/1?task=1&rest=1", "/review/2?rest=1", "/documents", "/account"),
    ("/tasks", "/tasks?changed=1-2", "/tasks/1", "/tasks/3?history=1", "/due", "/due/month", "/due/events"),
    ("/progress", "/handouts", "/units", "/units?open=1", "/people", "/api/v1/docs", "/nothing"),
    ("/audit", "/audit/coverage", "/audit/coverage/1", "/audit/versions", "/audit/log", "/audit/verify"),
)
VOID = {"input", "meta", "link", "img", "br", "hr", "path", "rect", "line"}


class Controls(HTMLParser):
    """The controls of a page that can be used and do nothing by themselves; `noscript` is what is said to those without scripts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.idle: list[str] = []
        self.noscript = False
        self.sending_files = False
        self._open: list[tuple[str, dict[str, str | None]]] = []
        self._selects: list[str] = []
        self._sends = False
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        named = dict(attrs)
        usable = not any("hidden" in of or "disabled" in of for of in (named, *(of for _, of in self._open)))
        if tag == "button" and usable:
            if named.get("type") == "button":
                self.idle.append(f"{tag} {named}")
            self._sends = True
        if tag == "select" and usable:
            self._selects.append(f"{tag} {named}")
        if tag == "form":
            self._selects, self._sends = [], False
        self.noscript |= tag == "noscript"
        self.sending_files |= named.get("type") == "file"
        if tag not in VOID:
            self._open.append((tag, named))

    def handle_endtag(self, tag):
        if tag == "form" and not self._sends:
            self.idle += self._selects
        while self._open and self._open.pop()[0] != tag:
            pass


@pytest.fixture(scope="module")
def admin(tmp_path_factory):
    with coordinated(tmp_path_factory.mktemp("office"), accounts=True) as office:
        yield office.signed_in("admin")


@pytest.mark.parametrize("path", [path for some in PAGES for path in some])
def test_nothing_can_be_pressed_that_does_nothing(admin, path):
    page = Controls(admin.get(path).text)
    assert page.idle == []
    assert page.noscript or not page.sending_files  # files go by script: whoever has none is told


def test_what_would_do_nothing_is_found():
    page = """<form><select name=a></select></form><form><select name=b></select><button>x</button></form>
        <button type=button>1</button><button type=button disabled>2</button><div hidden><button type=button>3</button></div>"""
    assert [one.split()[0] for one in Controls(page).idle] == ["select", "button"]


@in_chromium
def test_it_wakes_when_the_script_is_there(tmp_path):
    """All of the page for checking waits for its script, also what comes later: the form of another task, a card anew."""
    with coordinated(tmp_path) as office:
        path = office.settings.ledger
    asleep = "main :is(button, select):disabled[data-scripted]"
    with sync_playwright() as playwright, chromium(playwright) as browser, serving(path) as address:
        with watched(browser, address) as window:
            window.context.route(
                "**/static/review.js*", lambda route: route.fulfill(body="", content_type="text/javascript")
            )
            page = window.open("/review/2?task=3&rest=1")
            expect(page.get_by_role("button", name="下一处存疑")).to_be_disabled()
            expect(page.get_by_label("换一份文件")).to_be_disabled()
            assert page.locator(asleep).count() > 4
        with watched(browser, address) as window:
            page = window.open("/review/2?task=3&rest=1")
            expect(page.locator(asleep)).to_have_count(0)
            page.keyboard.press("j")
            expect(page.locator(".card.open .editor")).to_be_visible()
            expect(page.locator(asleep)).to_have_count(0)
            page.keyboard.press("Enter")
            expect(page.locator("#done")).to_contain_text("撤销")
            page.keyboard.press("u")
            expect(page.locator("#done")).not_to_contain_text("撤销")
            expect(page.locator(asleep)).to_have_count(0)
            page.get_by_label("换一份文件").select_option(index=0)
            page.wait_for_url("**/review/1*")
