"""The log tells who changed what when, and what it tells can be taken back."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from extractor.cli import cli
from extractor.export import wording
from extractor.export.history import differences, named, told
from extractor.ledger import Ledger, schema
from extractor.ledger.audit import verify
from extractor.ledger.corrections import confirm, correct, merge, split, take_in
from extractor.ledger.history import BELONGED_TO, HistoryError, log, tasks_in, undo, unit_names
from extractor.ledger.tracking import Evidence, drop_attachment, record, tick, untick
from extractor.ledger.undo import last_event, take_back
from extractor.ledger.units import merge as merge_units
from extractor.ledger.units import rename, units
from extractor.ledger.units import split as split_unit
from extractor.ledger.waiting import forget_day, set_day
from extractor.model import Deadline, Span, UnitMention
from tests.helpers.documents import document, item, quoted, sample

OTHER = "一、青禾县教育局、县教委每月检查食堂。\n二、汛期前20日报送方案。\n三、各镇要做好值守。"


def second() -> object:
    lines = OTHER.split("\n")
    return document(
        OTHER,
        [
            item(
                OTHER,
                lines[0],
                units=[("青禾县教育局", "lead"), ("县教委", "cooperating")],
                frequencies=[{"quote": "每月", "period": "P1M", "times": 1, "bound": "exact"}],
            ),
            item(
                OTHER,
                lines[1],
                id="2",
                number="二",
                deadlines=[{"quote": "汛期前20日", "event": "汛期", "offset": "-P20D"}],
            ),
            item(OTHER, lines[2], id="3", number="三", kind="goal"),
        ],
        name="食堂.txt",
        title="青禾县关于食堂检查工作的通知",
        issuer="青禾县人民政府",
        doc_number="青政〔2023〕1号",
    )


@pytest.fixture
def ledger(tmp_path):
    with Ledger.create(tmp_path / "台账.db", actor="张三") as ledger:
        ledger.add(sample())
        ledger.add(second())
        yield ledger


def test_what_rows_of_others_belong_to():
    with Ledger.in_memory() as ledger:
        parents = {
            row[2] for table in schema.KEPT for row in ledger.db.execute(f"PRAGMA foreign_key_list({table})")
        }
    assert parents & set(schema.KEPT) == set(BELONGED_TO)


def test_taking_much_back_does_not_go_through_the_ledger_for_each(ledger):
    """To what was recorded of a task nothing else belongs: with the right to write held, others wait for every look."""
    first = last_event(ledger) + 1
    tasks = ledger.task_ids()
    record(ledger, tasks, status="done", evidence=[Evidence("照片.jpg", b"photo")])
    asked: list[str] = []
    with ledger.db.tracer(lambda query, parameters: asked.append(query)):
        taken = take_back(ledger, first, last_event(ledger))
    assert taken.tasks == tuple(tasks)
    assert not [query for query in asked if "foreign_key_check" in query]
    assert verify(ledger).holds


def state(ledger: Ledger) -> dict[str, list[dict]]:
    """All rows that are kept or derived, but for names of units, which stay."""
    tables = [*(table for table in schema.KEPT if table not in ("names", "organizations")), *schema.DERIVED]
    return {
        table: sorted(
            map(repr, ledger.db.query(f"SELECT {'rowid, *' if table == 'search' else '*'} FROM {table}"))
        )
        for table in tables
    }


def actions(ledger: Ledger, **filters) -> list[str]:
    return [event.action for event in log(ledger, **filters)]


# ---------------------------------------- what is asked


class TestLog:
    def test_a_task_has_all_that_concerns_it(self, ledger):
        record(ledger, [1, 3], status="in_progress")
        correct(ledger, 3, heading="查食堂", reason="更清楚")
        tick(ledger, 3, date(2023, 3, 31))
        set_day(ledger, "汛期", date(2023, 5, 1))
        rename(ledger, 1, "县应急管理局")
        assert actions(ledger, task=3) == ["ingest", "record", "correct", "tick"]
        assert actions(ledger, task=4) == ["ingest", "event"]  # its deadline hangs on the event
        assert actions(ledger, task=1) == ["ingest", "record", "rename_unit"]  # its unit

    def test_units_that_a_name_once_meant_concern_it(self, ledger):
        ids = [unit.organization.id for unit in units(ledger, "教")]
        rename(ledger, ids[-1], "青禾县教育体育局")
        merge_units(ledger, ids[0], ids[1:])
        before = [a for a in actions(ledger, task=3) if a.endswith(("unit", "units"))]
        assert before == ["rename_unit", "merge_units"]

    def test_what_concerns_a_task_is_known_from_events_that_are_not_asked_for(self, ledger):
        rename(ledger, 1, "县应急管理局")  # a unit of the task, as the event that read it in told
        assert actions(ledger, task=1, action="rename_unit") == ["rename_unit"]
        assert actions(ledger, task=1, actor="无人") == []

    def test_merged_tasks_have_the_merger_in_both_logs(self, ledger):
        merge(ledger, [1, 2], reason="一件事")
        assert actions(ledger, task=2)[-1] == actions(ledger, task=1)[-1] == "merge"

    def test_a_document(self, ledger):
        record(ledger, [1, 3], status="in_progress")
        take_in(ledger, 2, quoted(OTHER, "三、各镇要做好值守。"), reason="漏了")
        assert actions(ledger, document=2) == ["ingest", "record", "take_in"]
        assert actions(ledger, document=1) == ["ingest", "record"]

    def test_who_what_when_how_many(self, ledger):
        ledger.actor = "李四"
        record(ledger, [1], status="in_progress")
        record(ledger, [2], status="done")
        now = datetime.now(UTC)
        assert actions(ledger, actor="李四") == ["record", "record"]
        assert actions(ledger, action="ingest") == ["ingest", "ingest"]
        assert actions(ledger, limit=1) == ["record"]
        assert actions(ledger, task=1, limit=1) == ["record"]
        assert actions(ledger, since=now - timedelta(minutes=5), until=now) == ["ingest"] * 2 + ["record"] * 2
        assert actions(ledger, until=now - timedelta(minutes=5)) == []
        assert actions(ledger, since=now + timedelta(minutes=5)) == []


# ---------------------------------------- what is said


def said(ledger: Ledger) -> list[str]:
    (event,) = log(ledger, limit=1)
    return told(event, unit_names(ledger))


class TestWords:
    def test_progress(self, ledger):
        record(ledger, [1], status="in_progress", percent=50, progress="已 开展")
        assert said(ledger) == [
            "任务 1 状态：未开始 → 进行中",
            "任务 1 进度：空 → 50%",
            "任务 1 进展情况：空 → 已开展",
        ]

    def test_corrections(self, ledger):
        text = ledger.document(1).source.text
        police = UnitMention("县公安局", quoted(text, "县公安局"), "lead", "test.unit")
        day = Deadline("年底前", Span(0, 0), date(2023, 12, 31), None, None, "test.deadline")
        correct(ledger, 1, units=[police], deadlines=[day], frequencies=[], heading=None, reason="原件有误")
        assert said(ledger) == [
            "任务 1 任务名称：开展演练 → 空",
            "任务 1 单位：牵头 县应急局、配合 县公安局、配合 县教育局、责任 各企业、责任 行业部门 → 牵头 县公安局",
            "任务 1 完成时限：2023-08-31（8月底前） → 2023-12-31（年底前）",
            "任务 1 频次：每季度至少1次（每季度至少开展1次）、每半年1次（每半年开展1次） → 空",
        ]
        correct(ledger, 1, kind="context", reason="不是任务")
        assert said(ledger) == ["任务 1 状态：在列 → 不作为任务", "任务 1 类别：任务 → 背景"]

    def test_units(self, ledger):
        keep, gone = (unit.organization for unit in units(ledger, "教")[:2])
        merge_units(ledger, keep.id, [gone.id])
        assert f"单位 {gone.id} 名录：{gone.name} → 空" in said(ledger)
        assert any(line.endswith(f"指：{gone.name} → {keep.name}") for line in said(ledger))
        rename(ledger, keep.id, "青禾县教育体育局")
        assert said(ledger) == [f"单位 {keep.id} 名称：{keep.name} → 青禾县教育体育局"]

    def test_the_rest(self, ledger):
        tick(ledger, 3, date(2023, 3, 31), done_on=date(2023, 3, 30), note="已查")
        assert said(ledger) == ["任务 3 完成登记：空 → 2023-03-31 应完成的，2023-03-30 完成，已查"]
        untick(ledger, 3, date(2023, 3, 31))
        assert said(ledger) == ["任务 3 完成登记：2023-03-31 应完成的，2023-03-30 完成，已查 → 空"]
        set_day(ledger, "汛期", date(2023, 5, 1))
        assert said(ledger) == ["事件“汛期” 日期：空 → 2023-05-01"]
        set_day(ledger, "汛期", date(2023, 5, 2), task=1)
        assert said(ledger) == ["事件“汛期” 日期：空 → 2023-05-02（仅任务 1）"]
        set_day(ledger, "汛期", date(2023, 5, 2), document=2)
        assert said(ledger) == ["事件“汛期” 日期：空 → 2023-05-02（仅文件 2）"]
        record(ledger, [1], evidence=[Evidence("照片.jpg", b"x" * 2048)])
        assert said(ledger) == ["任务 1 附件：空 → 照片.jpg（2 KB）"]
        confirm(ledger, 2)
        assert said(ledger) == ["任务 2 核对：空 → 无误"]

    def test_much_is_counted(self, ledger):
        (first, _) = log(ledger)
        lines = told(first, unit_names(ledger))
        assert lines == ["新增：文件 1 条（序号 1）、单位名称 5 条、单位 5 条、任务 2 条（序号 1、2）"]
        assert told(first, unit_names(ledger), task=2)[0] == "任务 2 台账：空 → 读入（在列）"

    def test_all_that_is_kept_has_words(self, tmp_path):
        """Every action, subject and column that a full ledger's log tells."""
        from tests.helpers.ledgers import full_ledger

        with Ledger.open(full_ledger(tmp_path / "full.db")) as full:
            names = unit_names(full)
            for event in log(full):
                assert not re.search("[a-z]{3}", named(event.subject))
                for difference in differences(event, names):
                    assert not re.search("[a-z_]{3}", f"{difference.about}{difference.field}")


# ---------------------------------------- taking back


def changed(ledger: Ledger, what: str) -> None:
    """One change of that kind."""
    text = ledger.document(1).source.text
    ids = [unit.organization.id for unit in units(ledger)]
    if what == "record":
        record(ledger, [1], status="done", evidence=[Evidence("照片.jpg", b"x")])
    elif what == "record again":
        record(ledger, [1], status="done")
        record(ledger, [1], status="in_progress", percent=10)
    elif what == "correct":
        new = UnitMention("县水务局", Span(0, 0), "lead", "test.unit")  # a name nobody had before
        correct(ledger, 1, units=[new], reason="原件有误")
    elif what == "withdraw":
        correct(ledger, 1, kind="goal", reason="不是任务")
    elif what == "confirm":
        confirm(ledger, 1)
    elif what == "split":
        split(ledger, 1, [text.index("行业部门")], reason="两件事")
    elif what == "merge":
        merge(ledger, [1, 2], reason="一件事")
    elif what == "take in":
        take_in(ledger, 2, quoted(OTHER, "三、各镇要做好值守。"), reason="漏了")
    elif what == "tick":
        tick(ledger, 3, date(2023, 3, 31))
    elif what == "untick":
        tick(ledger, 3, date(2023, 3, 31))
        untick(ledger, 3, date(2023, 3, 31))
    elif what == "event":
        set_day(ledger, "汛期", date(2023, 5, 1))
    elif what == "forget event":
        set_day(ledger, "汛期", date(2023, 5, 1))
        forget_day(ledger, "汛期")
    elif what == "drop attachment":
        record(ledger, [1], evidence=[Evidence("照片.jpg", b"x")])
        drop_attachment(ledger, 1, "照片.jpg")
    elif what == "merge units":
        same = [unit.organization.id for unit in units(ledger) if not unit.organization.collective]
        merge_units(ledger, same[0], same[1:3])
    elif what == "rename unit":
        rename(ledger, ids[0], "另一个名称")
    elif what == "split unit":
        same = [unit.organization.id for unit in units(ledger) if not unit.organization.collective]
        merge_units(ledger, same[0], same[1:2])
        (merged,) = [unit for unit in units(ledger) if unit.organization.id == same[0]]
        split_unit(ledger, same[0], [merged.names[-1].name], to="新单位")


CHANGES = ["record", "record again", "correct", "withdraw", "confirm", "split", "merge", "take in", "tick", "untick", "event", "forget event", "drop attachment", "merge units", "rename unit", "split unit"]  # fmt: skip


class TestUndo:
    @pytest.mark.parametrize("what", CHANGES)
    def test_everything_is_as_before_and_can_be_done_again(self, ledger, what):
        changed(ledger, what)
        (last,) = log(ledger, limit=1)
        after = state(ledger)
        undone = undo(ledger, last.sequence)
        assert (undone.action, undone.subject, undone.reason) == (
            "undo",
            last.subject,
            f"撤销第{last.sequence}号",
        )
        assert verify(ledger).findings == ()
        for table, rows in last.before.items():
            if table not in ("names", "organizations"):
                for number, row in rows.items():
                    found = list(ledger.db.query(f"SELECT * FROM {table} WHERE id = ?", [int(number)]))
                    assert [r | {"id": int(number)} for r in [row] if r] == found
        redone = undo(ledger, undone.sequence, reason="还是要")
        assert redone.reason == f"撤销第{undone.sequence}号：还是要"
        assert state(ledger) == after
        assert verify(ledger).findings == ()

    @pytest.mark.parametrize(
        ("what", "then", "why"),
        [
            ("record", "record again", "第 4 号|第 5 号"),
            ("correct", "withdraw", None),  # another field of the same task: nothing against it
            ("split", "record", None),
            ("withdraw", "take in", None),
            ("event", "forget event", "第 4 号以它为基础又作了改动"),
        ],
    )
    def test_what_was_changed_again_stays(self, ledger, what, then, why):
        changed(ledger, what)
        (event,) = log(ledger, limit=1)
        before = state(ledger)
        if what == "split":
            record(ledger, [5], status="done")  # one of its pieces
            before = state(ledger)
            with pytest.raises(HistoryError, match="第 4 号以它为基础"):
                undo(ledger, event.sequence)
            assert state(ledger) == before
            return
        changed(ledger, then)
        before = state(ledger)
        if why is None:
            undo(ledger, event.sequence)
        else:
            with pytest.raises(HistoryError, match=why):
                undo(ledger, event.sequence)
            assert state(ledger) == before
        assert verify(ledger).findings == ()

    def test_what_cannot_be_taken_back(self, ledger):
        with pytest.raises(HistoryError, match="读入的文件不能撤销"):
            undo(ledger, 1)
        with pytest.raises(HistoryError, match="没有第 99 号"):
            undo(ledger, 99)

    def test_numbers_are_not_given_twice(self, ledger):
        changed(ledger, "split")
        (event,) = log(ledger, limit=1)
        pieces = tasks_in(event) - {1}
        undo(ledger, event.sequence)
        changed(ledger, "split")
        (event,) = log(ledger, limit=1)
        assert not pieces & tasks_in(event)


class Used(RuleBasedStateMachine):
    """A ledger used in any order, with changes taken back at any time: it always holds, and refusals change nothing."""

    @initialize()
    def begin(self):
        self.ledger = Ledger.in_memory()
        self.ledger.add(sample())
        self.ledger.add(second())

    def teardown(self):
        if hasattr(self, "ledger"):
            self.ledger.close()

    @rule(what=st.sampled_from(CHANGES))
    def change(self, what):
        from extractor.ledger import LedgerError

        with self.ledger.transaction():
            try:
                with self.ledger.transaction():
                    changed(self.ledger, what)
            except (LedgerError, ValueError, IndexError):
                pass  # not possible as things stand

    @rule(back=st.integers(0, 6))
    def take_back(self, back):
        (last,) = log(self.ledger, limit=1)
        before = state(self.ledger)
        try:
            undo(self.ledger, max(last.sequence - back, 1))
        except HistoryError:
            assert state(self.ledger) == before

    @invariant()
    def it_holds(self):
        if hasattr(self, "ledger"):
            assert verify(self.ledger).findings == ()


def test_a_merging_taken_back_after_later_ones():
    """Two names of one unit in one task: when they part again, the task has both units again."""
    with Ledger.in_memory() as ledger:
        ledger.add(sample())
        ledger.add(second())
        changed(ledger, "split unit")  # merges two and splits one of them
        changed(ledger, "merge units")
        (last,) = log(ledger, limit=1)
        undo(ledger, last.sequence - 2)
        assert verify(ledger).findings == ()


TestUsed = Used.TestCase
TestUsed.settings = settings(
    max_examples=8, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
)


# ---------------------------------------- the commands


class TestTheCommands:
    @pytest.fixture
    def path(self, ledger) -> Path:
        record(ledger, [1], status="in_progress", reason="月报")
        ledger.actor = "李四"
        set_day(ledger, "汛期", date(2023, 5, 1))
        return ledger.path

    def run(self, *args: object) -> Result:
        return CliRunner().invoke(cli, [str(arg) for arg in args], prog_name="taizhang")

    def test_the_log_of_a_task(self, path):
        output = self.run("log", 1, "--ledger", path).output
        assert "张三  登记进展 任务 1\n    任务 1 状态：未开始 → 进行中\n    理由：月报\n" in output
        assert "汛期" not in output

    def test_times_are_those_of_this_machine(self, path, monkeypatch):
        import time

        monkeypatch.setenv("TZ", "Asia/Shanghai")
        time.tzset()
        try:
            with Ledger.open(path) as ledger:
                (event,) = log(ledger, limit=1)
            beijing = (event.at + timedelta(hours=8)).strftime("%Y-%m-%d %H:%M:%S")
            assert f"第4号  {beijing}  李四" in self.run("log", "--ledger", path).output
        finally:
            monkeypatch.undo()
            time.tzset()

    @pytest.mark.parametrize(
        ("args", "numbers"),
        [
            ([], [1, 2, 3, 4]),
            (["--limit", "2"], [3, 4]),
            (["--actor", "李四"], [4]),
            (["--action", "登记进展"], [3]),
            (["--document", "食堂"], [2, 4]),
            (["--until", "2020-01-01"], []),
            (["--since", "2020-01-01"], [1, 2, 3, 4]),
        ],
    )
    def test_filters(self, path, args, numbers):
        output = self.run("log", *args, "--ledger", path).output
        assert [int(n) for n in re.findall("^第([0-9]+)号", output, re.MULTILINE)] == numbers
        assert ("较早的未列出" in output) == (args == ["--limit", "2"])
        assert ("没有符合条件的记录" in output) == (not numbers)

    def test_for_programs(self, path):
        (event,) = json.loads(self.run("log", "--limit", 1, "--json", "--ledger", path).stdout)
        assert (event["action"], event["actor"], event["sequence"]) == ("event", "李四", 4)
        assert event["at"].endswith("+00:00")

    def test_undo(self, path):
        result = self.run("undo", 3, "--as", "王五", "--ledger", path)
        assert result.exit_code == 0
        assert result.output == "已撤销第 3 号的改动，记为第 5 号：\n  任务 1 状态：进行中 → 未开始\n"
        assert "王五  撤销改动 任务 1" in self.run("log", 1, "--ledger", path).output
        again = self.run("undo", 3, "--ledger", path)
        assert again.exit_code == 1
        assert again.output == "第 3 号不能撤销：第 5 号以它为基础又作了改动，请先撤销第 5 号。\n"

    def test_every_action_has_words(self):
        """What the modules of the ledger write into the log."""
        source = Path(__file__).parent.parent / "extractor" / "ledger"
        written = {
            action
            for module in source.glob("*.py")
            for action in re.findall(r'\.change\(\s*"(\w+)"', module.read_text("utf-8"))
        }
        assert written <= wording.ACTIONS.keys()
        assert len(written) > 15
