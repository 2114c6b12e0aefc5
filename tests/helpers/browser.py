"""The page as people have it: the program as a process of its own, and Chromium in front of it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Playwright, ViewportSize, expect

from extractor.ledger import Ledger
from extractor.ledger.people import PERSON_ROLES
from extractor.web.accounts import Accounts, add_account
from extractor.web.server import listen, server_of
from extractor.web.settings import Settings
from tests.web_client import NAMES, PASSWORD

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
in_chromium = pytest.mark.skipif(
    CHROMIUM is None and not os.environ.get("TAIZHANG_ALL_TESTS"), reason="no Chromium on this machine"
)
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SECONDS = 30
PATIENCE = 20_000
"""Milliseconds that a story waits for anything: machines that test are busy."""
expect.set_options(timeout=PATIENCE)
SIZE: ViewportSize = {"width": 1366, "height": 768}
ENLARGED: ViewportSize = {"width": 683, "height": 384}
"""What is left of the window when the page is enlarged to twice its size."""

UNLABELLED = """() => [...document.querySelectorAll("input:not([type=hidden]), select, textarea, progress, meter")]
  .filter((one) => !one.hidden && !one.closest("[hidden]") && !one.labels?.length
    && !one.getAttribute("aria-label") && !one.getAttribute("aria-labelledby"))
  .map((one) => one.outerHTML.slice(0, 120))"""
NAMELESS = """() => [...document.querySelectorAll("button, a[href], summary, img, [role=button]")]
  .filter((one) => one.checkVisibility() && !(one.alt ?? (one.getAttribute("aria-label") || one.textContent.trim()
    || one.querySelector("img[alt]")?.alt)) && !(one.tagName === "IMG" && one.hasAttribute("alt")))
  .map((one) => one.outerHTML.slice(0, 120))"""
DOUBLED_IDS = """() => {
  const ids = [...document.querySelectorAll("[id]")].map((one) => one.id);
  return ids.filter((id, at) => ids.indexOf(id) !== at);
}"""
POINTING_NOWHERE = """() => [...document.querySelectorAll("[for], [aria-labelledby], [list], [form]")]
  .flatMap((one) => ["for", "aria-labelledby", "list", "form"].map((name) => one.getAttribute(name)))
  .filter((id) => id && !document.getElementById(id))"""
WIDTH_TOO_MUCH = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
FOCUS = """() => {
  const PARTED = new Set(["date", "month"]); // their parts show the focus, the whole need not
  const one = document.activeElement;
  const shown = one.matches("input.visually-hidden") ? one.closest("label") : one;
  const style = getComputedStyle(shown);
  return {
    what: one.outerHTML.slice(0, 120),
    outlined: one === document.body || PARTED.has(one.type) || (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1),
  };
}"""


@contextmanager
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """A browser for some tests."""
    assert CHROMIUM, "TAIZHANG_ALL_TESTS asks for Chromium"
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
    try:
        yield browser
    finally:
        browser.close()


def office_ledger(path: Path) -> Ledger:
    """A ledger with accounts: one person of each role, see `NAMES`."""
    ledger = Ledger.create(path, actor="准备")
    book = Accounts(Settings(path).accounts)
    for role in PERSON_ROLES:
        add_account(ledger, book, NAMES[role], role, PASSWORD)
    return ledger


@contextmanager
def serving(ledger: Path) -> Iterator[str]:
    """What `taizhang serve` runs, in a thread; gives its address."""
    listening = listen("127.0.0.1", 0)
    port = int(listening.getsockname()[1])
    ready = threading.Event()
    server = server_of(Settings(ledger, port=port), ready.set)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        assert ready.wait(SECONDS)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(SECONDS)


@contextmanager
def serving_process(ledger: Path) -> Iterator[str]:
    """`taizhang serve` as it is started by hand, on a free port; gives the address it tells."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    command = [
        sys.executable,
        "-m",
        "extractor",
        "serve",
        "--no-open",
        "--port",
        str(port),
        "--ledger",
        str(ledger),
    ]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, encoding="utf-8")
    try:
        assert process.stderr is not None
        first = next(line for line in process.stderr if "http://" in line)
        assert f"http://127.0.0.1:{port}/" in first, first
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.communicate(timeout=SECONDS)


@dataclass
class Watched:
    """A window of the browser at which somebody sits; what ought never to happen on any page is noted in `troubles`.

    `refusals` are the statuses that the story asks for: the browser tells of them as errors.
    """

    context: BrowserContext
    address: str
    refusals: tuple[int, ...] = ()
    troubles: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page: Page = self.context.new_page()
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.troubles.append(f"script: {error}"))
        self.page.on("request", self._request)
        self.page.on("response", self._response)

    def _console(self, message: Any) -> None:
        told_by_status = message.text.startswith(
            "Failed to load resource: the server responded with a status of"
        )
        if message.type in ("error", "warning") and not told_by_status:
            self.troubles.append(f"console: {message.text}")

    def _request(self, request: Any) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob") and f"{parts.scheme}://{parts.netloc}" != self.address:
            self.troubles.append(f"leaves the origin: {request.url}")

    def _response(self, response: Any) -> None:
        if response.status >= 400 and response.status not in self.refusals:
            self.troubles.append(f"{response.status}: {response.url}")

    def open(self, path: str) -> Page:
        """Go to a page of ours."""
        self.page.goto(self.address + path)
        return self.page

    def sign_in(self, role: str) -> Page:
        """Type name and password."""
        page = self.open("/login")
        page.get_by_label("姓名").fill(NAMES[role])
        page.get_by_label("密码").fill(PASSWORD)
        self.follow(page.get_by_role("button", name="登录"))
        assert "/login" not in page.url
        return page

    def follow(self, link: Locator) -> None:
        """Click on what leads to another page, and wait until that one is whole and its scripts listen."""
        with self.page.expect_navigation(wait_until="load"):
            link.click()

    def shortcomings(self) -> list[str]:
        """What the page lacks for those who use it by keyboard, by ear or enlarged."""
        page = self.page
        language = page.locator("html").get_attribute("lang")
        found = [] if language == "zh-CN" else [f"language: {language}"]
        found += [f"no label: {one}" for one in page.evaluate(UNLABELLED)]
        found += [f"no name: {one}" for one in page.evaluate(NAMELESS)]
        found += [f"id twice: {one}" for one in page.evaluate(DOUBLED_IDS)]
        found += [f"no such id: {one}" for one in page.evaluate(POINTING_NOWHERE)]
        for what, selector in (("h1", "h1"), ("main", "main"), ("title", "head > title")):
            count = page.locator(selector).count()
            found += [f"{count} {what}"] if count != 1 else []
        for size in (ENLARGED, SIZE):
            page.set_viewport_size(size)
            wide = page.evaluate(WIDTH_TOO_MUCH)
            found += [f"{wide} px too wide at {size['width']}"] if wide > 0 else []
        return found

    def unseen_focus(self, steps: int) -> list[str]:
        """What gets the focus within so many presses of Tab without showing it."""
        found = []
        for _ in range(steps):
            self.page.keyboard.press("Tab")
            focus = self.page.evaluate(FOCUS)
            if not focus["outlined"]:
                found.append(focus["what"])
        return found


@contextmanager
def watched(browser: Browser, address: str, *, refusals: tuple[int, ...] = ()) -> Iterator[Watched]:
    """A window of its own, with cookies of its own; at the end nothing must have been noted."""
    context = browser.new_context(viewport=SIZE, locale="zh-CN", accept_downloads=True)
    context.set_default_timeout(PATIENCE)
    try:
        window = Watched(context, address, refusals)
        yield window
        assert window.troubles == []
    finally:
        context.close()
