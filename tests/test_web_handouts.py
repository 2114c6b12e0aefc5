"""分发与回收: tables go out, come back filled in, are shown, and only then applied."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from openpyxl import load_workbook

from extractor.ledger.tracking import record
from extractor.web import pending as pending_module
from extractor.web.pages import handouts
from extractor.web.pending import PendingReturns
from tests.helpers.coordinating import (
    SCRIPT,
    coordinated,
    count_events,
    events_of,
    statuses_of,
    text_of,
)


@pytest.fixture
def office(tmp_path):
    with coordinated(tmp_path, accounts=True) as office:
        yield office


@pytest.fixture
def coordinator(office):
    return office.signed_in("coordinator")


def hand_out(visitor, **form: Any) -> bytes:
    answer = visitor.post("/handouts/table", data={"task": [3, 4], **form})
    assert answer.status_code == 200
    return answer.content


def filled_in(table: bytes, change: Callable[[dict[int, dict[str, Any]]], None]) -> bytes:
    """The workbook after `change` on its cells by task and title."""
    book = load_workbook(io.BytesIO(table))
    sheet = book.worksheets[0]
    rows = list(sheet.iter_rows())
    head = next(at for at, row in enumerate(rows) if row[0].value == "序号")
    titles = {cell.value: cell.column - 1 for cell in rows[head]}
    change(
        {
            int(row[0].value): {title: row[at] for title, at in titles.items()}
            for row in rows[head + 1 :]
            if row[0].value
        }
    )
    saved = io.BytesIO()
    book.save(saved)
    return saved.getvalue()


def say(task: int, **said: str) -> Callable[[dict[int, dict[str, Any]]], None]:
    def change(cells: dict[int, dict[str, Any]]) -> None:
        for title, value in said.items():
            cells[task][title].value = value

    return change


def send_back(visitor, data: bytes, name: str = "水利局.xlsx") -> Any:
    return visitor.post("/handouts/returned", params={"name": name}, content=data)


def waiting(page: str) -> list[str]:
    """The names under which plans wait on a page."""
    return re.findall(r'data-plan="([^"]+)"', page)


class TestOut:
    def test_the_ticked_ones_as_one_table(self, office, coordinator):
        table = hand_out(coordinator)
        cells: dict[int, Any] = {}
        filled_in(table, cells.update)
        assert list(cells) == [3, 4]
        assert [each["actor"] for each in events_of(office, "hand_out")] == ["老统"]
        listed = text_of(coordinator.get("/handouts").text)
        assert "（不分单位） 责任分工表-" in listed
        assert "尚未交回" in listed

    def test_one_table_a_unit(self, office, coordinator):
        answer = coordinator.post("/handouts/by-unit", data={"task": [3, 7]})
        archive = zipfile.ZipFile(io.BytesIO(answer.content))
        assert sorted(archive.namelist()) == ["青禾县水利局.xlsx", "青禾县防汛抗旱指挥部办公室.xlsx"]
        assert "青禾县水利局" in text_of(coordinator.get("/handouts").text)
        assert len(events_of(office, "hand_out")) == 2

    def test_all_that_meet_the_filters(self, coordinator):
        page = coordinator.get("/handouts?document=2&role=lead").text
        assert "2 项任务" in text_of(page)
        form = {"everything": "true", "expected": 2, "filters": "document=2&role=lead"}
        cells: dict[int, Any] = {}
        filled_in(coordinator.post("/handouts/table", data=form).content, cells.update)
        assert list(cells) == [3, 7]

    @pytest.mark.parametrize(
        ("form", "problem"),
        [
            ({}, "没有选中任务"),
            ({"everything": "true", "expected": 3}, "已由 3 项变为 7 项"),
            ({"everything": "true", "expected": 7, "filters": "due_after=x"}, "日期“x”不对"),
        ],
    )
    @pytest.mark.parametrize("path", ["/handouts/table", "/handouts/by-unit"])
    def test_refused(self, office, coordinator, path, form, problem):
        answer = coordinator.post(path, data=form)
        assert answer.status_code == 422
        assert problem in text_of(answer.text)
        assert not events_of(office, "hand_out")

    def test_who_got_what(self, coordinator):
        coordinator.post("/handouts/by-unit", data={"task": [3]})
        said = text_of(coordinator.get("/handouts/1").text)
        assert "清淤疏浚" in said
        assert "未报进展" in said
        assert coordinator.get("/handouts/2").status_code == 404

    def test_pages(self, coordinator, monkeypatch):
        monkeypatch.setattr(handouts, "PAGE", 1)
        hand_out(coordinator)
        hand_out(coordinator, task=[7])
        assert re.findall(r'href="/handouts/(\d+)"', coordinator.get("/handouts?page=2").text) == ["1"]


class TestBack:
    def test_shown_and_not_yet_applied(self, office, coordinator):
        table = hand_out(coordinator)
        events = count_events(office)
        preview = send_back(
            coordinator, filled_in(table, say(3, 状态="进行中", 进展情况="60%，已开工", 备注="缺经费"))
        )
        assert preview.status_code == 200
        said = text_of(preview.text)
        for part in (
            "1 项任务有改动",
            "未开始 → 进行中",
            "（空） → 60%，已开工",
            "（空） → 缺经费",
            "1 行没有新内容",
        ):
            assert part in said
        assert count_events(office) == events
        assert statuses_of(office)[3] == "not_started"
        # It also waits on the page, as after a reload.
        assert waiting(coordinator.get("/handouts").text) == waiting(preview.text)

    def test_applied(self, office, coordinator):
        table = hand_out(coordinator)
        (name,) = waiting(
            send_back(coordinator, filled_in(table, say(3, 状态="进行中", 进展情况="60%，已开工"))).text
        )
        answer = coordinator.post(f"/handouts/returned/{name}/apply", data={"returned_by": " 县水利局 李工 "})
        assert answer.headers["location"] == "/handouts"
        with office.ledger() as ledger:
            assert (ledger.task(3).tracking.percent, ledger.task(3).tracking.progress) == (60, "已开工")
        assert events_of(office, "return") == [
            {"actor": "老统", "subject": "task:3", "reason": "县水利局 李工：水利局.xlsx"}
        ]
        page = coordinator.get("/handouts").text
        assert "1 项任务的进展记入台账" in text_of(page)
        assert not waiting(page)
        assert "县水利局 李工" in text_of(coordinator.get("/handouts/1").text)

    def test_twice_is_once(self, office, coordinator):
        (name,) = waiting(
            send_back(coordinator, filled_in(hand_out(coordinator), say(3, 状态="进行中"))).text
        )
        coordinator.post(f"/handouts/returned/{name}/apply")
        answer = coordinator.post(f"/handouts/returned/{name}/apply")
        assert answer.status_code == 409
        assert "已过期或已办理" in text_of(answer.text)
        assert len(events_of(office, "return")) == 1

    def test_refused_rows_say_why_and_what_was_not_theirs_is_left(self, office, coordinator):
        def change(cells):
            cells[3]["状态"].value = "办妥"
            cells[4]["完成时限"].value = "2030-01-01"

        said = text_of(send_back(coordinator, filled_in(hand_out(coordinator), change)).text)
        assert "0 项任务有改动" in said
        assert "状态“办妥”不在可选范围内" in said
        assert "2030-01-01" in said
        assert "没有要记入台账的改动" in said

    def test_dropped(self, office, coordinator):
        (name,) = waiting(
            send_back(coordinator, filled_in(hand_out(coordinator), say(3, 状态="进行中"))).text
        )
        coordinator.post(f"/handouts/returned/{name}/drop")
        assert not waiting(coordinator.get("/handouts").text)
        assert statuses_of(office)[3] == "not_started"
        assert coordinator.post(f"/handouts/returned/{name}/drop").status_code == 409

    def test_what_changed_between_is_looked_at_again(self, office, coordinator):
        (name,) = waiting(
            send_back(coordinator, filled_in(hand_out(coordinator), say(3, 状态="进行中"))).text
        )
        with office.ledger() as ledger:
            record(ledger, [3], status="suspended")
        answer = coordinator.post(f"/handouts/returned/{name}/apply")
        assert answer.status_code == 409
        assert "已按现在的台账重新核对" in text_of(answer.text)
        assert "表发出后台账已有别的登记" in text_of(answer.text)
        assert waiting(answer.text) == [name]
        assert statuses_of(office)[3] == "suspended"

    def test_a_table_that_was_filled_in_further(self, office, coordinator):
        table = hand_out(coordinator)
        for words in ("已开工", "已封顶"):
            page = send_back(coordinator, filled_in(table, say(3, 进展情况=words))).text
            (name,) = waiting(page)
            coordinator.post(f"/handouts/returned/{name}/apply")
        with office.ledger() as ledger:
            assert ledger.task(3).tracking.progress == "已封顶"

    def test_the_same_file_again_waits_once(self, coordinator):
        table = filled_in(hand_out(coordinator), say(3, 状态="进行中"))
        send_back(coordinator, table)
        (name,) = waiting(send_back(coordinator, table).text)
        assert waiting(coordinator.get("/handouts").text) == [name]

    def test_somebody_elses_does_not_wait_for_me(self, office, coordinator):
        (name,) = waiting(
            send_back(coordinator, filled_in(hand_out(coordinator), say(3, 状态="进行中"))).text
        )
        admin = office.signed_in("admin")
        assert not waiting(admin.get("/handouts").text)
        assert admin.post(f"/handouts/returned/{name}/apply").status_code == 409
        assert statuses_of(office)[3] == "not_started"

    @pytest.mark.parametrize("name", ["../../etc/passwd", "x" * 300, "%00"])
    def test_names_that_are_none(self, office, coordinator, name):
        coordinator.get("/handouts")
        assert coordinator.post(f"/handouts/returned/{name}/apply").status_code in (404, 405, 409)

    @pytest.mark.parametrize(
        ("data", "problem"),
        [
            (b"hello", "没有找到行标识"),
            (b"PK\x03\x04broken", "没有收回"),
            (b"", "没有收回"),
        ],
    )
    def test_files_that_are_no_tables(self, coordinator, data, problem):
        coordinator.get("/handouts")
        answer = send_back(coordinator, data, "../坏/表.xlsx")
        assert answer.status_code == 422
        assert problem in text_of(answer.text)
        assert not waiting(coordinator.get("/handouts").text)

    def test_text_in_a_table_and_its_name_is_text(self, coordinator):
        table = filled_in(
            hand_out(coordinator), say(3, 进展情况=f"{SCRIPT}", 备注="=HYPERLINK(1)", 状态="<b>")
        )
        answer = send_back(coordinator, table, f"{SCRIPT}.xlsx")
        assert SCRIPT not in answer.text
        assert "<b>" not in answer.text

    @pytest.mark.parametrize("role", ["staff", "auditor"])
    @pytest.mark.parametrize(
        "path",
        [
            "/handouts/table",
            "/handouts/by-unit",
            "/handouts/returned",
            "/handouts/returned/x/apply",
            "/handouts/returned/x/drop",
        ],
    )
    def test_only_coordinators(self, office, role, path):
        visitor = office.signed_in(role)
        before = count_events(office)
        assert visitor.post(path, data={"task": [3]}).status_code == 403
        assert count_events(office) == before
        assert "回收</h2>" not in visitor.get("/handouts").text


class TestPending:
    @pytest.fixture
    def plan(self, office, coordinator):
        table = filled_in(hand_out(coordinator), say(3, 状态="进行中"))
        send_back(coordinator, table)
        (kept,) = office.app.state.pending.of("老统")
        return kept.plan

    def test_gone_after_an_hour(self, plan):
        now = [0.0]
        kept = PendingReturns(clock=lambda: now[0])
        pending = kept.keep("甲", plan)
        now[0] = pending_module.KEPT_SECONDS
        assert kept.of("甲") == [pending]
        now[0] += 1
        assert kept.of("甲") == []
        assert kept.take("甲", pending.name) is None

    def test_no_more_than_so_many(self, plan, monkeypatch):
        monkeypatch.setattr(pending_module, "MOST_KEPT", 2)
        kept = PendingReturns()
        names = [kept.keep(owner, plan).name for owner in "甲乙丙"]
        assert kept.take("甲", names[0]) is None
        assert kept.take("丙", names[2]) is not None

    def test_names_cannot_be_guessed(self, plan):
        kept = PendingReturns()
        names = {kept.keep(str(number), plan).name for number in range(50)}
        assert len(names) == 50
        assert all(len(name) >= 20 for name in names)
