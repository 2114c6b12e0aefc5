"""核对, 文件 and a task's page: every action changes what it must, says who did it, and shows no more than the text."""

from __future__ import annotations

import html
import re
from datetime import date
from html.parser import HTMLParser
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from extractor.export import page_pictures
from extractor.export.page_pictures import PagePictureError, PageSize, has_pages, page_picture, page_sizes
from extractor.ledger.corrections import confirm, correct, doubts, is_confirmed, look, split
from extractor.ledger.records import BY_HAND, StoredPlaces, Tracking
from extractor.ledger.reviewing import tasks_in_order
from extractor.ledger.tracking import Evidence, attachments, occurrences, record
from extractor.model import Box, Place, Source, Span
from extractor.pipeline import extract, extract_text
from extractor.web.marked import MarkedSource, in_address
from tests.helpers.documents import CORPUS, document, item, sample
from tests.web_client import NAMES, Served, served

CIRCULAR = """青禾县人民政府办公室关于做好2023年安全工作的通知
青政办发〔2023〕3号

各乡镇人民政府，县各有关部门：

现将有关事项通知如下。

一、开展隐患排查。县教育局6月底前完成学校排查。县公安局每季度检查1次道路。

二、开展应急演练。县应急管理局每半年至少组织1次演练，12月底前报送总结。

三、总体要求
坚持人民至上。各单位要按月报送情况。

青禾县人民政府办公室
2023年2月20日
"""
SAMPLE, WRITTEN = 1, 2
"""The documents: the sample and the circular above."""
DRILL, WATCH, HAZARDS, EXERCISE = 1, 2, 3, 4
"""Their tasks."""
WHY = "与发文单位核实"


@pytest.fixture
def office(tmp_path):
    with served(tmp_path, accounts=True) as office:
        with office.ledger() as ledger:
            ledger.add(extract_text(CIRCULAR, name="通知.txt"))
        yield office


@pytest.fixture
def staff(office):
    return office.signed_in("staff")


def task_of(office: Served, number: int) -> Any:
    with office.ledger() as ledger:
        return ledger.task(number)


def last_event(office: Served) -> tuple[str, str, str]:
    with office.ledger() as ledger:
        return ledger.db.execute(
            "SELECT actor, action, reason FROM events ORDER BY sequence DESC LIMIT 1"
        ).fetchone()


def events(office: Served) -> int:
    with office.ledger() as ledger:
        return ledger.db.execute("SELECT count(*) FROM events").fetchone()[0]


def at(words: str, text: str = CIRCULAR) -> int:
    return text.index(words)


def act(visitor, task: int, what: str, **data: Any) -> Any:
    """Send a form of the task as the page has it, filled in with `data`."""
    page = visitor.get(f"/review/{SAMPLE if task <= WATCH else WRITTEN}?task={task}").text
    seen = re.search(r'name="seen" value="([^"]*)"', page).group(1)
    return visitor.post(f"/review/tasks/{task}/{what}", data={"seen": seen, **data})


def lines(task: Any, **other: Any) -> dict[str, Any]:
    """The form of a correction as it is filled in at first, with other columns where given."""
    fields = task.item.fields
    form: dict[str, Any] = {
        "unit_was": [str(n) for n in range(len(fields.units))],
        "unit": [unit.quote for unit in fields.units],
        "role": [unit.role for unit in fields.units],
        "deadline_was": [str(n) for n in range(len(fields.deadlines))],
        "deadline": [one.quote for one in fields.deadlines],
        "frequency_was": [str(n) for n in range(len(fields.frequencies))],
        "frequency": [one.quote for one in fields.frequencies],
        "heading": task.item.heading or "",
        "reason": WHY,
    }
    return form | other


class Shown(HTMLParser):
    """The text of the page's source as a browser counts it, and the marks on it."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = []
        self.marks: list[tuple[dict[str, str | None], str]] = []
        self.scripts = 0
        self._in_line = self._in_mark = False
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        about = dict(attrs)
        if tag == "p" and "data-line" in about:
            self.lines.append("")
            self._in_line = True
        elif tag == "span" and "data-start" in about:
            self.marks.append((about, ""))
            self._in_mark = True
        self.scripts += tag == "script"

    def handle_endtag(self, tag):
        self._in_line &= tag != "p"
        self._in_mark &= tag != "span"

    def handle_data(self, data):
        if self._in_line:
            self.lines[-1] += data
        if self._in_mark:
            about, text = self.marks[-1]
            self.marks[-1] = about, text + data


# ---------------------------------------- the page


def test_the_source_is_shown_to_the_letter_and_each_mark_lies_on_its_characters(staff):
    text = sample().source.text
    shown = Shown(staff.get(f"/review/{SAMPLE}").text)
    assert "\n".join(shown.lines) == text
    for about, words in shown.marks:
        start = int(about["data-start"])
        assert text[start : start + len(words)] == words
    by_kind = {about["class"].split()[1]: words for about, words in shown.marks}
    assert by_kind["deadline"] == "演练前20日"
    assert ("县公安局", None) in [(words, about.get("data-task")) for about, words in shown.marks]
    assert ("8月底前", "1") in [(words, about.get("data-task")) for about, words in shown.marks]


def test_text_never_becomes_script(staff):
    page = staff.get(f"/review/{SAMPLE}?rest=1").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(&#x27;值守&#x27;)&lt;/script&gt;" in page
    assert "<script>alert" not in staff.get(f"/tasks/{WATCH}").text


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="甲乙\n\r\t<&>\"'\x00𠀀 =", max_size=40))
def test_a_browser_counts_as_many_characters_as_the_program(text):
    source = MarkedSource(document(text), [])
    lines = [line for chunk in source.chunks() for line in chunk]
    shown = Shown("".join(f'<p data-line="{line.number}">{line.markup}</p>' for line in lines))
    assert "\n".join(shown.lines) == text.replace("\x00", "\ufffd")
    assert [line.start for line in lines] == [0, *(n + 1 for n, char in enumerate(text) if char == "\n")]


def test_tasks_stand_in_the_order_of_the_text_with_what_is_doubtful(office, staff):
    page = staff.get(f"/review/{SAMPLE}").text
    cards = re.findall(r'<li class="card[^"]*" id="t(\d+)".*?data-state="(\w+)"', page)
    assert cards == [("1", "doubtful"), ("2", "doubtful")]
    assert "有的值承自上级标题" in page and "<b>0</b> / 2 已核对" in page
    with office.ledger() as ledger:
        confirm(ledger, DRILL)
    assert "<b>1</b> / 2 已核对" in staff.get(f"/review/{SAMPLE}").text


def test_the_task_around_given_characters_is_opened(staff):
    start = sample().source.text.index("8月底前")
    page = staff.get(f"/review/{SAMPLE}?at={start}-{start + 4}").text
    assert re.search(r'<li class="card open" id="t1"', page) and f'data-at="{start}-{start + 4}"' in page


def test_nonsense_in_the_address_does_no_harm(staff):
    for query in ("at=x", "take=9-2", "take=99999-999999", "task=77", "done=9999", "at=1-2-3"):
        assert staff.get(f"/review/{SAMPLE}?{query}").status_code == 200
    assert staff.get("/review/99").status_code == 404
    assert staff.get("/review/tasks/99/editor").status_code == 404


def test_the_menu_leads_to_the_first_document_that_is_not_checked(office, staff):
    assert staff.get("/review").headers["location"] == f"/review/{SAMPLE}"
    with office.ledger() as ledger:
        for task in (DRILL, WATCH):
            confirm(ledger, task)
    assert staff.get("/review").headers["location"] == f"/review/{WRITTEN}"
    with office.ledger() as ledger:
        for task in ledger.tasks(document=WRITTEN):
            confirm(ledger, task.id)
    assert staff.get("/review").headers["location"] == "/documents"


def test_who_may_only_read_sees_no_forms(office):
    page = office.signed_in("auditor").get(f"/review/{SAMPLE}?task=1&rest=1&take=0-5").text
    assert "开展演练" in page and "打印" in page
    assert "只能查看" in page
    assert "/confirm" not in page and "take-in" not in page and "列为任务</a>" not in page


# ---------------------------------------- actions


def test_confirming_goes_on_to_the_next_task_and_can_be_undone(office, staff):
    answer = act(staff, HAZARDS, "confirm")
    assert answer.headers["location"].startswith(f"/review/{WRITTEN}?task={EXERCISE}&done=")
    assert is_confirmed(task_of(office, HAZARDS))
    assert last_event(office) == (NAMES["staff"], "confirm", "")
    page = staff.get(answer.headers["location"]).text
    assert f"任务 {HAZARDS} 已确认无误" in page
    sequence = re.search(r'name="sequence" value="(\d+)"', page).group(1)
    assert staff.post(f"/review/{WRITTEN}/undo", data={"sequence": sequence}).status_code == 303
    assert not is_confirmed(task_of(office, HAZARDS))
    assert last_event(office)[:2] == (NAMES["staff"], "undo")


def test_a_script_gets_the_card_alone(office, staff):
    answer = act(staff, HAZARDS, "confirm", part="1")
    assert answer.status_code == 200 and 'data-state="confirmed"' in answer.text
    assert f"任务 {HAZARDS} 已确认无误" in answer.text and "<html" not in answer.text
    assert 'action="/review/tasks/3/confirm"' in staff.get(f"/review/tasks/{HAZARDS}/editor").text


def test_a_unit_and_its_role_are_corrected_and_what_was_read_stays_beside(office, staff):
    task = task_of(office, HAZARDS)
    names, roles = [u.quote for u in task.item.fields.units], [u.role for u in task.item.fields.units]
    form = lines(task, unit=["县教体局", *names[1:]], role=[roles[0], "lead", *roles[2:]])
    assert act(staff, HAZARDS, "correct", **form).status_code == 303
    now = task_of(office, HAZARDS)
    assert [(u.quote, u.role) for u in now.item.fields.units][:2] == [
        ("县教体局", roles[0]),
        (names[1], "lead"),
    ]
    assert now.item.fields.units[0].rule == BY_HAND
    assert [u.quote for u in now.extracted.units] == names
    assert now.corrected == {"units"}
    assert last_event(office) == (NAMES["staff"], "correct", WHY)
    page = staff.get(f"/tasks/{HAZARDS}").text
    assert "县教体局" in page and "县教育局" in page and "更正为" in page


@pytest.mark.parametrize(
    ("field", "typed", "holds"),
    [
        ("deadline", "7月底前", "2023-07-31"),  # not printed: rests on the correction alone
        ("deadline", "2023-09-30", "2023-09-30"),
        ("deadline", "汛期前", None),  # waits for its event
        ("frequency", "每月1次", "P1M"),
        ("frequency", "每半年至少2次", "P6M"),
    ],
)
def test_typed_times_are_read_as_circulars_are(office, staff, field, typed, holds):
    task = task_of(office, HAZARDS)
    form = lines(task)
    form[f"{field}_was"], form[field] = [*form[f"{field}_was"], ""], [*form[field], typed]
    assert act(staff, HAZARDS, "correct", **form).status_code == 303
    fields = task_of(office, HAZARDS).item.fields
    if field == "deadline":
        due = fields.deadlines[-1].due
        assert (due.isoformat() if due else None) == holds
    else:
        assert fields.frequencies[-1].period == holds


def test_a_line_that_is_emptied_goes_and_the_heading_changes(office, staff):
    task = task_of(office, HAZARDS)
    form = lines(task, deadline=[""] * len(task.item.fields.deadlines), heading="排查隐患")
    assert act(staff, HAZARDS, "correct", **form).status_code == 303
    now = task_of(office, HAZARDS)
    assert now.item.fields.deadlines == () and now.item.heading == "排查隐患"
    assert now.item.fields.units == task.item.fields.units


def test_a_field_goes_back_to_what_was_read(office, staff):
    with office.ledger() as ledger:
        correct(ledger, HAZARDS, reason=WHY, deadlines=())
    task = task_of(office, HAZARDS)
    assert act(staff, HAZARDS, "correct", **lines(task, as_read=["deadlines"])).status_code == 303
    now = task_of(office, HAZARDS)
    assert now.item.fields.deadlines == now.extracted.deadlines and not now.corrected


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, "没有改动"),
        ({"deadline": ["看心情"], "heading": "排查"}, "看不懂时限“看心情”"),
        ({"frequency": ["天天向上"]}, "看不懂频次“天天向上”"),
        ({"heading": "排查", "reason": " "}, "请写明理由"),
        ({"role": ["boss", "responsible"]}, "请选定角色"),
    ],
)
def test_what_cannot_be_followed_is_told_in_the_form_and_changes_nothing(office, staff, change, said):
    before = events(office)
    answer = act(staff, HAZARDS, "correct", **lines(task_of(office, HAZARDS), **change))
    assert answer.status_code == 422 and said in answer.text
    assert re.search(r'<details class="act" data-act="correct" open>', answer.text)
    for words in change.get("deadline", []) + change.get("frequency", []):
        assert f'value="{words}"' in answer.text
    assert events(office) == before


def test_a_task_that_was_changed_meanwhile_is_not_overwritten(office, staff):
    seen = look(task_of(office, HAZARDS))
    form = lines(task_of(office, HAZARDS), heading="另一个名称")
    with office.ledger() as ledger:
        correct(ledger, HAZARDS, reason=WHY, units=())
    answer = staff.post(f"/review/tasks/{HAZARDS}/correct", data={"seen": seen, **form})
    assert answer.status_code == 422 and "在此期间已有变化" in answer.text
    assert task_of(office, HAZARDS).item.heading != "另一个名称"


def test_columns_of_unequal_length_are_refused(staff):
    answer = act(staff, HAZARDS, "correct", unit=["甲"], unit_was=[], role=["lead"], reason=WHY)
    assert answer.status_code == 422 and "表单不完整" in answer.text


def test_a_task_is_split_at_a_sentence_and_merged_again(office, staff):
    cut = at("县公安局每季度")
    page = staff.get(f"/review/{WRITTEN}?task={HAZARDS}").text
    assert f'name="at" value="{cut}"' in page
    answer = act(staff, HAZARDS, "split", at=[str(cut)], reason="两项工作")
    first, second = 5, 6
    assert answer.headers["location"].startswith(f"/review/{WRITTEN}?task={first}&done=")
    assert last_event(office) == (NAMES["staff"], "split", "两项工作")
    assert task_of(office, second).item.quote.startswith("县公安局每季度检查1次道路")
    assert [f.period for f in task_of(office, second).item.fields.frequencies] == ["P3M"]
    assert task_of(office, HAZARDS).standing == "split"
    page = staff.get(f"/tasks/{HAZARDS}").text
    assert f'<a href="/tasks/{first}">' in page and "登记进展" not in page

    answer = act(staff, first, "merge", other=str(second), reason="同一项工作")
    assert answer.status_code == 303
    assert task_of(office, first).item.quote == CIRCULAR[at("一、开展") : at("二、开展")].strip()
    assert task_of(office, second).standing == "merged"


def test_a_task_is_split_at_words_that_are_typed(office, staff):
    assert act(staff, EXERCISE, "split", words="12月 底前", reason="两项工作").status_code == 303
    assert task_of(office, 6).item.quote.startswith("12月底前报送总结")
    answer = act(staff, HAZARDS, "split", words="没有这些字", reason="两项工作")
    assert answer.status_code == 422 and "任务中没有“没有这些字”" in answer.text
    assert 'value="没有这些字"' in answer.text
    answer = act(staff, HAZARDS, "split", reason="两项工作")
    assert answer.status_code == 422 and "从哪里拆开" in answer.text


def test_a_task_is_withdrawn_and_taken_in_again(office, staff):
    answer = act(staff, HAZARDS, "withdraw", kind="context", reason="只是背景")
    assert answer.headers["location"].startswith(f"/review/{WRITTEN}?task={EXERCISE}&")
    assert task_of(office, HAZARDS).standing == "withdrawn"
    page = staff.get(answer.headers["location"]).text
    assert f"任务 {HAZARDS} 已从任务中去掉" in page and f"原任务 {HAZARDS}" in page
    span = in_address(task_of(office, HAZARDS).item.span)
    form = staff.get(f"/review/{WRITTEN}?take={span}").text
    assert f'name="take" value="{span}"' in form and "县教育局" in form
    answer = staff.post(f"/review/{WRITTEN}/take-in", data={"take": span, "reason": "核实后仍要办理"})
    assert answer.headers["location"].startswith(f"/review/{WRITTEN}?task={HAZARDS}&")
    assert task_of(office, HAZARDS).standing == "current"


def test_what_was_left_out_becomes_a_task_with_what_is_read_there(office, staff):
    words = "各单位要按月报送情况。"
    span = f"{at(words)}-{at(words) + len(words)}"
    page = staff.get(f"/review/{WRITTEN}?take={span}&rest=1").text
    assert "各单位" in page[page.index("<blockquote>") : page.index("</form>", page.index("<blockquote>"))]
    answer = staff.post(f"/review/{WRITTEN}/take-in", data={"take": span, "reason": "要报送"})
    taken = task_of(office, 5)
    assert answer.headers["location"].startswith(f"/review/{WRITTEN}?task=5&done=")
    assert taken.item.quote == words and [f.period for f in taken.item.fields.frequencies] == ["P1M"]
    assert last_event(office) == (NAMES["staff"], "take_in", "要报送")
    page = staff.get(answer.headers["location"]).text
    assert "已列为任务 5" in page and 'data-task="5"' in page
    sequence = re.search(r'name="sequence" value="(\d+)"', page).group(1)
    assert staff.post(f"/review/{WRITTEN}/undo", data={"sequence": sequence}).status_code == 303
    with office.ledger() as ledger:
        assert [task.id for task in tasks_in_order(ledger, WRITTEN)] == [HAZARDS, EXERCISE]


@pytest.mark.parametrize(
    ("words", "reason", "said"),
    [
        ("各单位要按月报送情况。", " ", "没有写明理由"),
        ("县教育局6月底前", "要办理", "已在任务 3 中"),
    ],
)
def test_text_that_cannot_be_taken_in_is_told(office, staff, words, reason, said):
    span = f"{at(words)}-{at(words) + len(words)}"
    answer = staff.post(f"/review/{WRITTEN}/take-in", data={"take": span, "reason": reason})
    assert answer.status_code == 422 and said in answer.text and f'name="take" value="{span}"' in answer.text


def test_only_what_was_done_here_is_undone_here(office, staff):
    with office.ledger() as ledger:
        record(ledger, [HAZARDS], progress="已布置")
        split(ledger, EXERCISE, [at("12月底前")], reason=WHY)
        of_written = ledger.db.execute("SELECT max(sequence) FROM events").fetchone()[0]
    for document_id, sequence in (
        (WRITTEN, 1),
        (WRITTEN, of_written - 1),
        (SAMPLE, of_written),
        (WRITTEN, 999),
    ):
        answer = staff.post(f"/review/{document_id}/undo", data={"sequence": str(sequence)})
        assert answer.status_code == 409
    assert task_of(office, HAZARDS).tracking.progress == "已布置"


def test_the_view_and_what_is_shown_stay_from_form_to_form(staff):
    answer = act(staff, HAZARDS, "confirm", rest="1", view="text")
    assert "rest=1" in answer.headers["location"] and "view=text" in answer.headers["location"]


@pytest.mark.parametrize(
    ("field", "words", "meaning"),
    [
        ("deadline", "6月底前", {"read_as": "2023-06-30"}),
        ("deadline", "汛期前", {"read_as": "随“汛期”的日期推算"}),
        ("frequency", "每半年至少1次", {"read_as": "每半年至少1次"}),
        ("frequency", "定期", {"read_as": "未写明次数"}),
    ],
)
def test_what_is_typed_is_told_before_it_is_saved(staff, field, words, meaning):
    answer = staff.get(f"/review/{WRITTEN}/reading", params={"field": field, "words": words})
    assert answer.json() == meaning


def test_what_is_not_understood_is_told_before_it_is_saved(staff):
    answer = staff.get(f"/review/{WRITTEN}/reading", params={"field": "deadline", "words": "看心情"})
    assert "看不懂" in answer.json()["problem"]


def test_an_older_version_is_shown_as_it_was_read_and_leads_to_the_new(office, staff):
    newer = CIRCULAR.replace("6月底前", "7月底前").replace("2月20日", "3月20日")
    with office.ledger() as ledger:
        ledger.add(extract_text(newer, name="通知（修订）.txt"))
    page = staff.get(f"/review/{WRITTEN}").text
    assert "这份文件已有新版" in page and '<a href="/review/3">' in page and "/confirm" not in page
    assert "6月底前" in page
    assert f'id="t{HAZARDS}"' in staff.get("/review/3").text
    page = staff.get("/documents").text
    assert "已有新版" in page and f"新版，取代 {WRITTEN}" in page


# ---------------------------------------- pages of the original


def pdf() -> Any:
    return extract(CORPUS / "formats" / "01-work-points-brackets.pdf")


def test_a_pdf_is_shown_page_by_page_with_its_boxes(office, staff):
    with office.ledger() as ledger:
        entry = ledger.add(pdf()).entry
    page = staff.get(f"/review/{entry.id}").text
    sizes = page_sizes(pdf().source.data, "application/pdf")
    assert page.count('loading="lazy"') == len(sizes) > 1
    assert f'/documents/{entry.id}/pages/1.png" width="595" height="842"' in page
    paths = re.findall(r'<path class="m unit" data-about="(\d+)-(\d+)" data-task="\d+" d="(M[^"]+)"/>', page)
    text = pdf().source.text
    assert "市政务服务局" in {text[int(start) : int(end)] for start, end, _ in paths}
    assert 'id="text"' in staff.get(f"/review/{entry.id}?view=text").text
    picture = staff.get(f"/documents/{entry.id}/pages/1.png")
    assert picture.headers["content-type"] == "image/png"
    assert Image.open(BytesIO(picture.content)).size == (1240, 1754)
    for number in (0, len(sizes) + 1, 10**12):
        assert staff.get(f"/documents/{entry.id}/pages/{number}.png").status_code in (404, 422)
    assert staff.get(f"/documents/{SAMPLE}/pages/1.png").status_code == 404  # plain text has none


def test_boxes_of_parts_and_wholes_are_those_of_what_was_read():
    text = "甲办理。乙办理。"
    whole, inner = Span(0, 8), Span(4, 5)
    known = {
        whole: Place(page=1, boxes=(Box(1, 0, 0, 80, 10),)),
        inner: Place(page=1, boxes=(Box(1, 40, 0, 50, 10),)),
    }
    source = Source("x.pdf", text, media="application/pdf", locator=StoredPlaces(known))
    task = item(text, text, units=[("乙", "lead")])
    later = item(text, "乙办理。", id="2", units=[("乙", "lead")])
    sizes = [PageSize(100, 100)]
    drawn = {
        quote: [(one.kinds, one.about, one.path) for one in MarkedSource(read, []).pages(sizes)[0].marks]
        for quote, read in (("whole", _read(source, task)), ("part", _read(source, later)))
    }
    unit = ("unit", "4-5", "M40.0 0.0h10.0v10.0h-10.0z")
    assert drawn["whole"] == [("task", "0-8", "M0.0 0.0h80.0v10.0h-80.0z"), unit]
    # of a part that was not read as such: the boxes of what lies in it
    assert drawn["part"] == [("task", "4-8", "M40.0 0.0h10.0v10.0h-10.0z"), unit]


def _read(source: Source, task: Any) -> Any:
    from dataclasses import replace

    return replace(document(source.text, [task], parts=()), source=source)


def image(size: tuple[int, int], form: str, **more: Any) -> bytes:
    data = BytesIO()
    Image.new("RGB", size, "white").save(data, form, **more)
    return data.getvalue()


def test_images_are_upright_and_no_larger_than_need_be():
    exif = Image.Exif()
    exif[0x0112] = 6  # lies on its side
    jpeg = image((3000, 2000), "JPEG", exif=exif)
    assert page_sizes(jpeg, "image/jpeg") == [PageSize(2000, 3000)]
    assert Image.open(BytesIO(page_picture(jpeg, "image/jpeg", 1))).size == (1240, 1860)
    pages = [Image.new("1", (600, 800)) for _ in range(3)]
    data = BytesIO()
    pages[0].save(data, "TIFF", save_all=True, append_images=pages[1:])
    assert page_sizes(data.getvalue(), "image/tiff") == [PageSize(600, 800)] * 3
    assert Image.open(BytesIO(page_picture(data.getvalue(), "image/tiff", 3))).size == (600, 800)
    with pytest.raises(PagePictureError, match="没有第 4 页"):
        page_picture(data.getvalue(), "image/tiff", 4)


@pytest.mark.parametrize("media", ["application/pdf", "image/png", "image/tiff"])
def test_what_cannot_be_drawn_is_told(media):
    for call in (
        lambda: page_sizes(b"no such thing", media),
        lambda: page_picture(b"no such thing", media, 1),
    ):
        with pytest.raises(PagePictureError, match="请下载原件查看"):
            call()


def test_a_page_that_takes_too_long_is_given_up(monkeypatch):
    monkeypatch.setattr(page_pictures, "SECONDS", -1.0)
    with pytest.raises(PagePictureError, match="图形过于复杂"):
        page_picture(pdf().source.data, "application/pdf", 1)


def test_an_image_of_too_many_pixels_is_not_opened_up(monkeypatch):
    monkeypatch.setattr(page_pictures, "MOST_PIXELS", 100)
    with pytest.raises(PagePictureError, match="尺寸过大"):
        page_picture(image((20, 20), "PNG"), "image/png", 1)


def test_only_page_formats_have_pages():
    assert [
        has_pages(media) for media in ("application/pdf", "image/bmp", "text/plain", "application/ofd")
    ] == [
        True,
        True,
        False,
        False,
    ]


# ---------------------------------------- a task's own page


def test_every_value_is_shown_in_its_sentence_with_place_and_rule(staff):
    page = staff.get(f"/tasks/{HAZARDS}").text
    assert '<mark class="deadline">6月底前</mark>完成学校排查。' in page
    assert "第8行第14字" in page
    assert f'href="/review/{WRITTEN}?task={HAZARDS}&amp;at={at("6月底前")}-{at("6月底前") + 4}"' in page
    assert "句子的主语" in page


def test_progress_is_recorded_by_who_may(office):
    coordinator = office.signed_in("coordinator")
    coordinator.get(f"/tasks/{HAZARDS}")
    form = {
        "status": "in_progress",
        "percent": "60%",
        "progress": "已完成布置\r\n正在排查",
        "remarks": "",
        "completed_on": "",
    }
    assert coordinator.post(f"/tasks/{HAZARDS}/progress", data=form).status_code == 303
    tracking = task_of(office, HAZARDS).tracking
    assert (tracking.status, tracking.percent, tracking.progress) == (
        "in_progress",
        60,
        "已完成布置\n正在排查",
    )
    assert last_event(office)[:2] == (NAMES["coordinator"], "record")
    page = coordinator.get(f"/tasks/{HAZARDS}").text
    assert "进展已登记" in page and "已完成布置\n正在排查</textarea>" in page
    before = events(office)
    coordinator.post(f"/tasks/{HAZARDS}/progress", data=form)
    assert events(office) == before
    assert "登记进展" not in office.signed_in("staff").get(f"/tasks/{HAZARDS}").text


class TestAnOldPage:
    """What the form still shows of a field is no report of it: only what the person changed in it is."""

    @staticmethod
    def form_of(page: str, **changes: str) -> dict[str, str]:
        """What the browser sends of a page on which nothing but `changes` was typed."""
        form = page[page.index('class="progress-form"') :].partition("</form>")[0]
        fields = dict(re.findall(r'name="(\w+)"[^>]*? value="([^"]*)"', form))
        fields |= {
            name: html.unescape(text)
            for name, text in re.findall(r'<textarea name="(\w+)"[^>]*>(.*?)</textarea>', form, re.S)
        }
        fields["status"] = re.search(r'<option value="(\w+)" selected', form)[1]
        return fields | changes

    @pytest.fixture
    def coordinator(self, office):
        return office.signed_in("coordinator")

    @staticmethod
    def recorded(office, **report) -> None:
        with office.ledger() as ledger:
            record(ledger, [HAZARDS], **report)

    def test_a_remark_leaves_what_a_colleague_reported_meanwhile(self, office, coordinator):
        form = self.form_of(coordinator.get(f"/tasks/{HAZARDS}").text, remarks="只加一句")
        self.recorded(office, status="done", progress="已办结\n已验收", completed_on=date(2023, 5, 1))
        assert coordinator.post(f"/tasks/{HAZARDS}/progress", data=form).status_code == 303
        assert task_of(office, HAZARDS).tracking == Tracking(
            "done", 100, "已办结\n已验收", date(2023, 5, 1), "只加一句"
        )

    def test_both_have_changed_the_same(self, office, coordinator):
        form = self.form_of(
            coordinator.get(f"/tasks/{HAZARDS}").text, progress="我的<话>", remarks="我的备注"
        )
        self.recorded(office, status="in_progress", progress="他的话")
        before = events(office)
        answer = coordinator.post(f"/tasks/{HAZARDS}/progress", data=form)
        assert (answer.status_code, events(office)) == (409, before)
        assert "进展情况已由他人登记为“他的话”，您填的是“我的&lt;话&gt;”" in answer.text
        again = self.form_of(answer.text)  # with what stands now where the person had typed nothing
        assert (again["status"], again["progress"], again["remarks"]) == (
            "in_progress",
            "我的<话>",
            "我的备注",
        )
        assert coordinator.post(f"/tasks/{HAZARDS}/progress", data=again).status_code == 303
        assert task_of(office, HAZARDS).tracking == Tracking(
            "in_progress", None, "我的<话>", None, "我的备注"
        )

    def test_both_have_said_the_same(self, office, coordinator):
        form = self.form_of(coordinator.get(f"/tasks/{HAZARDS}").text, status="in_progress", percent="60")
        self.recorded(office, status="in_progress", percent=60)
        assert coordinator.post(f"/tasks/{HAZARDS}/progress", data=form).status_code == 303

    def test_percentage_and_day_can_be_taken_back(self, office, coordinator):
        self.recorded(office, status="done", completed_on=date(2023, 5, 1))
        form = self.form_of(coordinator.get(f"/tasks/{HAZARDS}").text, percent="", completed_on="")
        assert coordinator.post(f"/tasks/{HAZARDS}/progress", data=form).status_code == 303
        assert task_of(office, HAZARDS).tracking == Tracking("done")

    def test_a_page_sent_as_it_was_changes_nothing(self, office, coordinator):
        self.recorded(office, status="in_progress", progress="\n一行\r二行 ", remarks="一行\n二行")
        before = events(office)
        form = self.form_of(coordinator.get(f"/tasks/{HAZARDS}").text)
        form |= {name: form[name].replace("\n", "\r\n") for name in ("progress", "remarks")}
        assert coordinator.post(f"/tasks/{HAZARDS}/progress", data=form).status_code == 303
        assert events(office) == before


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"completed_on": "0023-06-01", "status": "done"}, "不是日期"),
        ({"percent": "多半"}, "0 到 100 的整数"),
        ({"percent": "101"}, "0 到 100 的整数"),
        ({"status": "overdue"}, "请选定状态"),
        ({"completed_on": "昨天"}, "不是日期"),
        ({"completed_on": "2023-06-01"}, "只有已完成的任务才有完成日期"),
    ],
)
def test_a_report_that_cannot_be_is_told_in_the_form(office, change, said):
    coordinator = office.signed_in("coordinator")
    form = {
        "status": "not_started",
        "percent": "",
        "progress": "说明",
        "remarks": "",
        "completed_on": "",
    } | change
    answer = coordinator.post(f"/tasks/{HAZARDS}/progress", data=form)
    assert answer.status_code == 422 and said in answer.text and "说明</textarea>" in answer.text
    assert task_of(office, HAZARDS).tracking.progress == ""


def test_occurrences_are_ticked_off_and_back(office):
    coordinator = office.signed_in("coordinator")
    with office.ledger() as ledger:
        first, second, *_ = occurrences(ledger, HAZARDS)
    keys = [f"{one.due}/{one.nth}" for one in (first, second)]
    form = {"shown": keys, "done": [keys[0]], "done_on": "2023-03-30", "note": "台账齐全"}
    assert coordinator.post(f"/tasks/{HAZARDS}/occurrences", data=form).status_code == 303
    with office.ledger() as ledger:
        done = occurrences(ledger, HAZARDS)[:2]
    assert [(one.done_on, one.note) for one in done] == [(date(2023, 3, 30), "台账齐全"), (None, "")]
    page = coordinator.get(f"/tasks/{HAZARDS}").text
    assert "2023-03-30 办结" in page and f'value="{keys[0]}" checked' in page
    assert f'name="was_done" value="{keys[0]}"' in page
    other = {"shown": keys, "done": [keys[1], "2099-01-01/0"]}
    coordinator.post(
        f"/tasks/{HAZARDS}/occurrences", data=other
    )  # from a page before the first was ticked off
    with office.ledger() as ledger:
        assert all(one.done_on for one in occurrences(ledger, HAZARDS)[:2])
    coordinator.post(f"/tasks/{HAZARDS}/occurrences", data=other | {"was_done": [keys[0]]})
    with office.ledger() as ledger:
        done = [one.done_on is not None for one in occurrences(ledger, HAZARDS)[:2]]
    assert done == [False, True]
    answer = coordinator.post(
        f"/tasks/{HAZARDS}/occurrences", data={"shown": keys, "done": keys, "done_on": "2999-01-01"}
    )
    assert answer.status_code == 422 and "还没有到" in answer.text


def test_files_are_attached_saved_and_taken_off_with_a_reason(office):
    coordinator = office.signed_in("coordinator")
    coordinator.get(f"/tasks/{HAZARDS}")
    data = b"<script>alert(1)</script>"
    path = f"/tasks/{HAZARDS}/attachments"
    answer = coordinator.post(f"{path}?name=../../验收<b>.html", content=data)
    assert answer.status_code == 303
    with office.ledger() as ledger:
        (found,) = attachments(ledger, HAZARDS)
    assert (found.name, found.by) == ("验收<b>.html", NAMES["coordinator"])
    page = coordinator.get(f"/tasks/{HAZARDS}").text
    assert "验收&lt;b&gt;.html" in page
    saved = coordinator.get(f"{path}/{found.id}")
    assert saved.content == data and saved.headers["content-disposition"].startswith("attachment")
    assert saved.headers["content-type"] == "application/octet-stream"
    assert coordinator.post(f"{path}/{found.id}/drop", data={"reason": " "}).status_code == 422
    assert coordinator.post(f"{path}/{found.id}/drop", data={"reason": "传错了"}).status_code == 303
    assert last_event(office) == (NAMES["coordinator"], "drop_attachment", "传错了")
    assert office.signed_in("staff").get(f"{path}/99").status_code == 409
    assert coordinator.post(path, content=b"").status_code == 422


def test_what_became_of_a_task_is_told_in_chinese(office, staff):
    with office.ledger() as ledger:
        ledger.actor = "老统"
        record(ledger, [HAZARDS], status="in_progress", evidence=[Evidence("照片.png", b"x")])
    act(staff, HAZARDS, "correct", **lines(task_of(office, HAZARDS), heading="<b>排查</b>"))
    told = staff.get(f"/tasks/{HAZARDS}/history").text
    assert told.index("更正任务") < told.index("登记进展") < told.index("读入文件")
    assert "老统" in told and "任务 3 状态：未开始 → 进行中" in told.replace("空", "未开始")
    assert WHY in told and "&lt;b&gt;排查&lt;/b&gt;" in told
    assert "更正任务" in staff.get(f"/tasks/{HAZARDS}?history=1").text


def test_a_circular_that_is_carried_out_is_linked(office, staff):
    text = CIRCULAR.replace(
        "现将有关事项", "为贯彻落实《临澜市安全生产工作要点》（临政办发〔2023〕1号）精神，现将有关事项"
    ).replace("3号", "9号")
    with office.ledger() as ledger:
        added = ledger.add(extract_text(text, name="贯彻.txt")).entry
        (task, *_) = ledger.task_ids(document=added.id)
    assert "不在台账中" in staff.get(f"/tasks/{task}").text
    with office.ledger() as ledger:
        higher = ledger.add(
            document(
                "要点",
                name="要点.txt",
                title="临澜市安全生产工作要点",
                doc_number="临政办发〔2023〕1号",
                issuer="临澜市人民政府办公室",
            )
        ).entry
    assert f'<a href="/review/{higher.id}">临澜市安全生产工作要点</a>' in staff.get(f"/tasks/{task}").text


def test_there_is_no_page_for_a_task_that_is_not_there(staff):
    assert staff.get("/tasks/99").status_code == 404


# ---------------------------------------- the documents


def test_documents_are_listed_found_and_counted(office, staff):
    page = staff.get("/documents").text
    assert page.index("青政办发〔2023〕3号") < page.index("东应急〔2023〕3号")  # the last first
    assert "0/2" in page and 'href="/documents/1/original" download' in page
    with office.ledger() as ledger:
        for task in (DRILL, WATCH):
            confirm(ledger, task)
    assert "东山县" in staff.get("/documents?state=checked").text
    assert "东山县" not in staff.get("/documents?state=to_check").text
    found = staff.get("/documents?text=青政办发〔2023〕").text
    assert "青禾县" in found and "东山县" not in found
    assert "没有符合条件的文件" in staff.get("/documents?text=没有这份").text
    assert "逐句" not in page and "逐句" in office.signed_in("auditor").get("/documents").text


def test_many_documents_come_page_by_page(office, staff, monkeypatch):
    monkeypatch.setattr("extractor.web.pages.documents.ON_A_PAGE", 1)
    assert "第 1 / 2 页" in staff.get("/documents").text
    last = staff.get("/documents?page=9").text
    assert "东山县" in last and "第 2 / 2 页" in last


def test_an_empty_ledger_leads_to_where_files_come_in(tmp_path):
    from extractor.ledger import Ledger
    from extractor.web.app import create_app
    from extractor.web.settings import Settings
    from tests.web_client import Visitor

    Ledger.create(tmp_path / "leer.db").close()
    visitor = Visitor(create_app(Settings(tmp_path / "leer.db")))
    page = visitor.get("/documents").text
    assert "还没有文件" in page and 'href="/intake"' in page
    assert visitor.get("/review").headers["location"] == "/documents"


def test_a_document_without_tasks_says_so(office, staff):
    with office.ledger() as ledger:
        entry = ledger.add(document("只有一句话。", name="空.txt")).entry
    assert "没有读出任务" in staff.get(f"/review/{entry.id}").text
    assert doubts(task_of(office, DRILL))


def test_characters_that_are_asked_for_are_pieces_of_their_own(staff):
    """A sentence of a paragraph that was left out as a whole can be pointed out alone."""
    words = "现将有关事项"
    page = staff.get(f"/review/{WRITTEN}?at={at(words)}-{at(words) + len(words)}").text
    pieces = [text for about, text in Shown(page).marks if int(about["data-start"]) == at(words)]
    assert pieces == [words]
