"""The page that shows a document beside what was read out of it: whole, safe, self-contained, and working."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.export.html import page, write_page
from extractor.ledger import Ledger
from extractor.model import LeftOut, Span
from tests.helpers.documents import document, item, sample

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
browser = pytest.mark.skipif(
    CHROMIUM is None and not os.environ.get("TAIZHANG_ALL_TESTS"), reason="no Chromium on this machine"
)


class Page(HTMLParser):
    """What a browser would make of a page, as far as the tests ask."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = []
        self.buttons: list[dict[str, str | None]] = []
        self.pieces: list[tuple[dict[str, str | None], str]] = []
        self.scripts = 0
        self._line = self._piece = False
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        about = dict(attrs)
        if tag == "p" and "data-line" in about:
            self.lines.append("")
            self._line = True
        elif tag == "span" and "data-marks" in about:
            self.pieces.append((about, ""))
            self._piece = True
        elif tag == "button" and "data-mark" in about:
            self.buttons.append(about)
        elif tag == "script":
            self.scripts += 1

    def handle_endtag(self, tag):
        if tag == "p":
            self._line = False
        elif tag == "span":
            self._piece = False

    def handle_data(self, data):
        if self._line:
            self.lines[-1] += data
        if self._piece:
            about, text = self.pieces[-1]
            self.pieces[-1] = (about, text + data)

    def marked(self, mark: str) -> str:
        """The characters that a mark paints."""
        return "".join(text for about, text in self.pieces if mark in (about["data-marks"] or "").split())


@pytest.fixture
def html() -> str:
    return page([(sample(), {"1.1": 1, "1.2": 2})])


def test_the_text_is_there_line_by_line_as_printed(html):
    assert Page(html).lines == sample().source.text.split("\n")


@given(st.text(alphabet=st.sampled_from("一、<>&\"'\n\r\t \x00县局</p><script>"), max_size=40), st.data())
def test_any_text_is_shown_and_nothing_in_it_is_markup(text, data):
    text = text.replace("\r", "").replace("\x00", "")  # intake leaves no such characters
    cuts = st.integers(0, len(text))
    spans = [Span(*sorted(pair)) for pair in data.draw(st.lists(st.tuples(cuts, cuts), max_size=5))]
    left_out = tuple(LeftOut(span, span.of(text), "chrome") for span in spans)
    shown = Page(page([(document(text, left_out=left_out, title=text, name=text), {})]))
    assert shown.lines == text.split("\n")
    assert shown.scripts == 1


def test_markup_in_a_circular_stays_text(html):
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(&#x27;值守&#x27;)&lt;/script&gt;" in html


def test_every_value_can_be_stepped_to_and_paints_its_characters(html):
    shown = Page(html)
    text = sample().source.text
    painted = [(button["data-kind"], shown.marked(button["data-mark"])) for button in shown.buttons]
    for one in sample().items:
        for value in one.fields:
            assert any(quote == value.quote for _, quote in painted)
    assert ("task", sample().items[1].quote) in painted
    assert ("field", "东应急〔2023〕3号") in painted
    assert ("left_out", "打印 关闭") in painted
    assert ("warning", "（二）") in painted
    assert ("other", "二、总体要求坚持人民至上。") in painted
    assert all(quote.replace("\n", "") in text.replace("\n", "") for _, quote in painted)


def test_reasons_and_warnings_are_told(html):
    assert 'title="未采用：网页栏目和按钮"' in html
    assert "提醒：请人工核对" in html
    assert "没有读出条目" in html  # a warning without a place


def test_it_needs_nothing_but_itself(html):
    assert not re.search(r"""(?:src|href)\s*=|url\(|@import|https?://|fetch\(|XMLHttp""", html)
    assert "innerHTML" not in html
    assert re.search(r"default-src 'none'; style-src 'sha256-[^']+'; script-src 'sha256-[^']+'", html)


def test_several_documents_have_a_switch():
    other = document("一、抓好落实。", [item("一、抓好落实。", "一、抓好落实。")], title="乙通知")
    html = page([(sample(), {}), (other, {"1": 9})], opened_at=9)
    assert re.findall(r"<option [^>]*>([^<]*)", html) == ["1. 关于做好安全工作的通知", "2. 乙通知"]
    assert len(re.findall(r'<article class="doc"[^>]* hidden', html)) == 1
    assert 'id="t9"' in html


def test_no_documents():
    assert "没有可显示的文件" in page([])


def test_a_long_document_stays_small_enough(tmp_path):
    paragraph = "（一）开展演练。各企业每季度至少开展1次演练。"
    text = "\n".join(f"{paragraph}{n}" for n in range(1700))
    items = [
        item(text, f"{paragraph}{n}", id=str(n), units=[("各企业", "responsible")]) for n in range(1000, 1700)
    ]
    html = page([(document(text, items), {})])
    assert len(text) > 40_000
    assert len(html) < 12 * len(text)


class TestInABrowser:
    """What Chromium makes of it, scripts, content policy and all."""

    @pytest.fixture
    def file(self, tmp_path) -> Path:
        path = tmp_path / "对照.html"
        other = document(
            "一、县教育局要抓好落实。",
            [item("一、县教育局要抓好落实。", "一、县教育局要抓好落实。", units=[("县教育局", "lead")])],
            title="乙通知",
            name="乙.txt",
        )
        with Ledger.in_memory() as ledger:
            ledger.add(sample())
            ledger.add(other)
            write_page(ledger, [1, 2], path, task=2)
        return path

    def dom(self, file: Path, anchor: str = "") -> str:
        assert CHROMIUM, "TAIZHANG_ALL_TESTS asks for Chromium"
        flags = ["--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=2000", "--dump-dom"]
        done = subprocess.run([CHROMIUM, *flags, file.as_uri() + anchor], capture_output=True, timeout=120)
        return done.stdout.decode("utf-8")

    @browser
    def test_it_opens_at_the_task(self, file):
        dom = self.dom(file)
        assert re.search(r'<button [^>]*id="t2"[^>]*aria-current="true"', dom)
        assert re.search(r"第 \d+ / \d+ 处", dom)
        assert "within" in dom

    @browser
    def test_an_address_opens_another_document(self, file):
        dom = self.dom(file, "#t3")
        assert re.search(r'<button [^>]*id="t3"[^>]*aria-current="true"', dom)
        assert re.search(r'<article class="doc" data-doc="0"[^>]* hidden', dom)
        assert not re.search(r'<article class="doc" data-doc="1"[^>]* hidden', dom)

    @browser
    def test_the_filters_count(self, file):
        dom = self.dom(file)
        counts = dict(re.findall(r'data-kind="(\w+)" aria-pressed="\w+"[^>]*>[^<]*<b>(\d+)</b>', dom))
        assert (counts["task"], counts["deadline"], counts["frequency"], counts["left_out"]) == (
            "2",
            "2",
            "2",
            "1",
        )


def test_every_value_of_every_circular_is_painted(documents):
    for read in documents.values():
        shown = Page(page([(read, {})]))
        text = read.source.text
        assert shown.lines == text.split("\n")
        painted = {(button["data-kind"], shown.marked(button["data-mark"] or "")) for button in shown.buttons}
        for one in read.items:
            for value in one.fields:
                assert any(quote == value.quote.replace("\n", "") for _, quote in painted)
            if one.kind == "task":
                assert ("task", one.quote.replace("\n", "")) in painted
        for left in read.left_out:
            if left.quote.strip():
                assert ("left_out", left.quote.replace("\n", "")) in painted
