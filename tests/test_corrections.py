"""People put right what was read: what they give holds, what was read stays beside it, and every character stays in its place."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from extractor import typed
from extractor.cli import cli
from extractor.export.rows import table_of
from extractor.ledger import Ledger, NoSuchTaskError, history, tasks
from extractor.ledger.audit import verify
from extractor.ledger.corrections import (
    CorrectionError,
    confirm,
    correct,
    doubts,
    is_confirmed,
    merge,
    printed_in,
    split,
    take_in,
)
from extractor.ledger.events import event_of, kept_row
from extractor.ledger.records import BY_HAND, CORRECTED, Task
from extractor.ledger.tracking import Evidence, attachments, occurrences, record, tick
from extractor.model import Deadline, Fields, Source, Span, UnitMention, Warning
from extractor.pipeline import extract_text, read_document

CIRCULAR = """青禾县人民政府办公室关于做好2023年安全工作的通知
青政办发〔2023〕3号

各乡镇人民政府，县各有关部门：

现将有关事项通知如下。

一、开展隐患排查。县教育局6月底前完成学校排查。县公安局每季度检查1次道路。（牵头单位：县应急管理局）

二、开展应急演练。县应急管理局每半年至少组织1次演练，12月底前报送总结。县广播电视台做好宣传。

三、总体要求
坚持人民至上。各单位要按月报送情况。

四、开展培训
（一）组织培训。县司法局年底前组织1次培训。
（二）汇总情况。由县司法局汇总。

青禾县人民政府办公室
2023年2月20日
"""
WHY = "与县应急管理局电话核实"


def written(text: str = CIRCULAR) -> Ledger:
    ledger = Ledger.in_memory()
    ledger.add(extract_text(text, name="通知.txt"))
    return ledger


@pytest.fixture
def ledger():
    with written() as book:
        yield book


def text_of(ledger: Ledger) -> str:
    return ledger.document(1).source.text


def at(ledger: Ledger, words: str) -> int:
    return text_of(ledger).index(words)


def span_of(ledger: Ledger, words: str) -> Span:
    return Span(at(ledger, words), at(ledger, words) + len(words))


def units(task: Task) -> list[tuple[str, str]]:
    return [(unit.quote, unit.role) for unit in task.item.fields.units]


def rests_on_its_characters(ledger: Ledger, task: Task) -> bool:
    text = text_of(ledger)
    values = [v for v in task.item.fields if v.rule != BY_HAND]
    by_hand = [v for v in task.item.fields if v.rule == BY_HAND]
    return (
        task.item.span.of(text) == task.item.quote
        and all(v.span.of(text) == v.quote for v in values)
        and all(v.span == task.item.span for v in by_hand)
    )


class TestCorrect:
    def test_what_was_typed_rests_on_the_characters_that_say_the_same(self, ledger):
        named = [*ledger.task(1).item.fields.units, typed.unit("道 路", "cooperating")]
        task = correct(ledger, 1, units=named, reason=WHY)
        found = task.item.fields.units[-1]
        assert (found.quote, found.role, found.rule) == ("道路", "cooperating", CORRECTED)
        assert found.span == span_of(ledger, "道路")
        assert found.measure == task.item.fields.frequencies[0].measure  # that of the sentence it stands in

    def test_what_is_not_printed_rests_on_the_correction(self, ledger):
        due = typed.deadline("2023-05-31")
        task = correct(ledger, 2, deadlines=[due], reason=WHY)
        (found,) = task.item.fields.deadlines
        assert (found.due, found.quote, found.rule) == (date(2023, 5, 31), "2023-05-31", BY_HAND)
        assert found.span == task.item.span

    def test_what_was_read_stays_beside_it(self, ledger):
        before = ledger.task(1)
        task = correct(ledger, 1, units=[], heading="排查隐患", reason=WHY)
        assert task.extracted == before.item.fields
        assert (task.item.fields.units, task.item.heading) == ((), "排查隐患")
        assert task.corrected == {"units", "heading"}
        assert task.item.fields.deadlines == before.item.fields.deadlines
        assert ledger.document(1).items[0].fields == before.extracted

    def test_an_event_with_the_reason_is_written(self, ledger):
        correct(ledger, 1, frequencies=[], heading=None, reason=f" {WHY} ")
        event = event_of(next(ledger.db.query("SELECT * FROM events ORDER BY sequence DESC LIMIT 1")))
        assert (event.action, event.subject, event.reason) == ("correct", "task:1", WHY)
        assert len(event.after["corrections"]) == 2

    def test_a_role_is_changed_where_the_name_stands(self, ledger):
        before = ledger.task(1).item.fields.units
        task = correct(ledger, 1, units=[replace(before[0], role="cooperating"), *before[1:]], reason=WHY)
        changed = task.item.fields.units[0]
        assert changed == replace(before[0], role="cooperating", rule=CORRECTED)
        assert task.item.fields.units[1:] == before[1:]

    def test_a_value_that_is_not_printed_where_it_says_is_refused(self, ledger):
        unit = UnitMention("县教育局", Span(0, 4), "lead", "subject")
        with pytest.raises(ValueError, match="县教育局"):
            correct(ledger, 1, units=[unit], reason=WHY)
        assert ledger.task(1).corrected == frozenset()

    def test_it_is_found_by_what_was_corrected(self, ledger):
        correct(
            ledger,
            2,
            units=[typed.unit("县数据局", "lead")],
            deadlines=[typed.deadline("2024-01-31")],
            reason=WHY,
        )
        assert [task.id for task in ledger.tasks(unit="数据局", role="lead")] == [2]
        assert [task.id for task in ledger.tasks(unit="广播电视台")] == []
        assert [task.id for task in ledger.tasks(due_after=date(2024, 1, 1))] == [2]
        assert ledger.task(2).organizations["县数据局"].name == "青禾县数据局"

    def test_taken_back_it_is_as_it_was_read(self, ledger):
        before = ledger.task(1)
        correct(ledger, 1, units=[], deadlines=[], heading="甲", reason=WHY)
        task = correct(ledger, 1, as_read=["units", "heading"], reason="弄错了")
        assert task.item.fields == replace(before.item.fields, deadlines=())
        assert task.corrected == {"deadlines"}
        assert correct(ledger, 1, as_read=["deadlines"], reason="弄错了") == before

    def test_what_was_read_given_once_more_is_no_correction(self, ledger):
        before = ledger.task(1)
        assert correct(ledger, 1, units=before.item.fields.units, kind="task", reason=WHY) == before
        assert ledger.db.execute("SELECT count(*) FROM events").fetchone() == (1,)

    def test_reading_the_same_bytes_again_keeps_it(self, ledger):
        task = correct(ledger, 1, units=[typed.unit("县数据局", "lead")], reason=WHY)
        ledger.add(extract_text(CIRCULAR, name="通知.txt"))
        assert ledger.task(1) == task

    @pytest.mark.parametrize("kind", ["goal", "context"])
    def test_a_task_that_is_none_is_no_row_until_it_is_one_again(self, ledger, kind):
        before = ledger.task(2)
        task = correct(ledger, 2, kind=kind, reason="是目标")
        assert (task.standing, task.item.kind) == ("withdrawn", kind)
        assert 2 not in ledger.task_ids()
        with pytest.raises(CorrectionError, match="--kind 任务"):
            correct(ledger, 2, units=[], reason=WHY)
        assert correct(ledger, 2, kind="task", reason="还是任务") == before
        assert 2 in ledger.task_ids()

    @pytest.mark.parametrize(
        ("change", "told"),
        [
            (lambda book: correct(book, 1, units=[], reason="  "), "理由"),
            (lambda book: split(book, 1, [at(book, "县公安局")], reason=""), "理由"),
            (lambda book: merge(book, [1, 2], reason=""), "理由"),
            (lambda book: take_in(book, 1, span_of(book, "坚持人民至上。"), reason=""), "理由"),
        ],
    )
    def test_a_reason_must_be_given(self, ledger, change, told):
        with pytest.raises(CorrectionError, match=told):
            change(ledger)

    def test_an_unknown_task(self, ledger):
        with pytest.raises(NoSuchTaskError, match="99"):
            correct(ledger, 99, units=[], reason=WHY)
        with pytest.raises(NoSuchTaskError, match="99"):
            merge(ledger, [1, 99], reason=WHY)


class TestTyped:
    @pytest.mark.parametrize(
        ("words", "due", "event"),
        [
            ("2023-06-30", date(2023, 6, 30), None),
            ("2023年6月30日", date(2023, 6, 30), None),  # a day alone is no deadline in a circular
            ("6月底前", date(2023, 6, 30), None),  # the year is the one the tasks are for
            ("一季度", date(2023, 3, 31), None),  # a deadline only with work to do by it
            ("汛期前", None, "汛期"),
        ],
    )
    def test_deadlines(self, words, due, event):
        found = typed.deadline(words, year=2023)
        assert (found.due, found.event, found.quote) == (due, event, words)

    @pytest.mark.parametrize(
        ("words", "period", "times", "vague"),
        [
            ("每季度1次", "P3M", 1, None),
            ("每半年至少2次", "P6M", 2, None),
            ("每月5日前", "P1M", 1, None),
            ("常态化", None, None, "continuous"),  # nothing without work that goes on
        ],
    )
    def test_frequencies(self, words, period, times, vague):
        found = typed.frequency(words)
        assert (found.period, found.times, found.vague, found.quote) == (period, times, vague, words)

    @pytest.mark.parametrize("words", ["", "6月底钱", "2023-02-30", "尽快"])
    def test_what_is_no_deadline(self, words):
        with pytest.raises(typed.NotUnderstoodError):
            typed.deadline(words, year=2023)

    @pytest.mark.parametrize(
        "words", ["0001-01-01", "0203-06-30", "1948-12-31", "2201/1/1", "9999年12月31日"]
    )
    def test_years_that_cannot_be_meant(self, words):
        with pytest.raises(
            typed.NotUnderstoodError, match=r"^“.+”的年份不对：请写 1949 年到 2200 年之间的日期$"
        ):
            typed.deadline(words)

    @pytest.mark.parametrize("day", [date(1949, 1, 1), date(2200, 12, 31)])
    def test_the_first_and_the_last_day_that_can(self, day):
        assert typed.deadline(day.isoformat()).due == day

    @pytest.mark.parametrize("words", ["", "两次", "6月底前"])
    def test_what_is_no_frequency(self, words):
        with pytest.raises(typed.NotUnderstoodError):
            typed.frequency(words)

    def test_a_unit_has_a_name(self):
        with pytest.raises(typed.NotUnderstoodError):
            typed.unit(" ", "lead")

    def test_an_event_is_found_where_it_is_printed(self):
        with written(CIRCULAR.replace("12月底前", "汛期前")) as ledger:
            due = replace(typed.deadline("汛 期前"), event="汛期")
            (found,) = correct(ledger, 2, deadlines=[due], reason=WHY).item.fields.deadlines
            assert (found.quote, found.event_span) == ("汛期前", span_of(ledger, "汛期"))


class TestDoubts:
    def test_they_are_gone_once_a_person_has_looked(self, ledger):
        correct(ledger, 1, units=[], deadlines=[typed.deadline("2023-05-31")], reason=WHY)
        assert doubts(ledger.task(1)) == ["no_unit", "by_hand"]
        confirm(ledger, 1)
        assert is_confirmed(ledger.task(1))
        assert doubts(ledger.task(1)) == []

    def test_who_corrects_after_that_has_looked_too(self, ledger):
        confirm(ledger, 1)
        assert is_confirmed(correct(ledger, 1, units=[], reason=WHY))

    def test_an_unconfirmed_task_stays_unconfirmed(self, ledger):
        assert not is_confirmed(correct(ledger, 1, units=[], reason=WHY))

    @pytest.mark.parametrize(
        ("words", "doubt"),
        [
            ("抓好落实，6月底前完成", "no_unit"),
            ("县教育局抓好落实，月底前完成", "no_day"),
        ],
    )
    def test_of_what_was_read(self, words, doubt):
        with written(f"关于做好2023年工作的通知\n一、{words}。\n二、县教育局做好检查。\n") as ledger:
            assert doubts(ledger.task(1)) == [doubt]
            assert doubts(ledger.task(2)) == []

    def test_of_what_was_recognised_badly(self):
        smudge = Span(CIRCULAR.index("组织1次"), CIRCULAR.index("报送总结"))
        sure = read_document(Source("扫描.txt", CIRCULAR, b"", confidence=((smudge, 0.4),)))
        with Ledger.in_memory() as ledger:
            ledger.add(sure)
            assert [task.id for task in ledger.tasks() if "low_confidence" in doubts(task)] == [2]

    def test_of_what_is_inherited(self):
        text = "关于做好2023年工作的通知\n一、抓好隐患排查（县应急局牵头）\n（一）开展演练。每季度演练1次。\n（二）县教育局加强检查。\n"
        with written(text) as ledger:
            assert [doubts(task) for task in ledger.tasks()] == [["inherited"], []]

    def test_of_a_lost_number(self, ledger):
        document = extract_text(CIRCULAR.replace("一、开展隐患", "一、 开展隐患"), name="a.txt")
        lost = replace(document, warnings=(Warning("number_lost", document.tasks[1].span, "二"),))
        with Ledger.in_memory() as book:
            book.add(lost)
            assert "number_lost" in doubts(book.task(2))


class TestSplit:
    def test_each_piece_has_its_own_values_and_those_of_the_whole(self, ledger):
        whole = ledger.task(1)
        first, second = split(ledger, 1, [at(ledger, "县公安局")], reason="两家单位分别负责")
        assert units(first) == [("县教育局", "responsible"), ("县应急管理局", "lead")]
        assert units(second) == [("县公安局", "responsible"), ("县应急管理局", "lead")]
        assert [d.quote for d in first.item.fields.deadlines] == ["6月底前"]
        assert [f.quote for f in second.item.fields.frequencies] == ["每季度检查1次"]
        assert (first.item.fields.frequencies, second.item.fields.deadlines) == ((), ())
        assert (first.item.heading, second.item.heading) == (whole.item.heading, None)
        assert (second.item.number, second.document.id) == ("一", 1)
        assert second.place.column == at(ledger, "县公安局") - at(ledger, "一、开展隐患") + 1

    def test_the_task_itself_is_no_row_any_more(self, ledger):
        pieces = split(ledger, 1, [at(ledger, "县公安局")], reason=WHY)
        assert ledger.task(1).standing == "split"
        assert kept_row(ledger.db, "tasks", 1)["successor"] == pieces[0].id
        assert [task.id for task in ledger.tasks(unit="县公安局")] == [pieces[1].id]
        with pytest.raises(CorrectionError, match=f"任务 {pieces[0].id}"):
            correct(ledger, 1, units=[], reason=WHY)

    def test_what_was_reported_holds_for_each(self, ledger):
        with ledger.change("record", "task:1") as change:
            change.put(
                "tracking",
                1,
                status="in_progress",
                percent=40,
                progress="过半",
                completed_on=None,
                remarks="",
            )
        assert [t.tracking.percent for t in split(ledger, 1, [at(ledger, "县公安局")], reason=WHY)] == [
            40,
            40,
        ]

    def test_evidence_and_times_that_were_done_are_not_lost(self, ledger):
        ledger.actor = "张三"
        record(ledger, [1], evidence=[Evidence("照片.jpg", b"x")])
        tick(ledger, 1, date(2023, 3, 31), done_on=date(2023, 3, 30), note="已查")
        ledger.actor = "李四"
        first, second = split(ledger, 1, [at(ledger, "县公安局")], reason=WHY)
        for piece in (first, second):
            (kept,) = attachments(ledger, piece.id)
            assert (kept.name, kept.by) == ("照片.jpg", "张三")  # who brought it, not who split the task
        assert occurrences(ledger, first.id) == []  # only the second recurs
        done = [one for one in occurrences(ledger, second.id) if one.done_on]
        assert [(one.due, one.done_on, one.note) for one in done] == [
            (date(2023, 3, 31), date(2023, 3, 30), "已查")
        ]
        assert verify(ledger).holds
        history.undo(ledger, history.log(ledger, limit=1)[0].sequence)
        assert verify(ledger).holds

    def test_of_two_times_on_one_day_each_goes_with_its_own(self, ledger):
        twice = [typed.frequency("每季度1次"), *ledger.task(1).item.fields.frequencies]
        correct(ledger, 1, frequencies=twice, reason=WHY)  # the day's first time is of the one that was typed
        tick(ledger, 1, date(2023, 6, 30), nth=1, note="检查道路")
        _, second = split(ledger, 1, [at(ledger, "县公安局")], reason=WHY)
        done = {one.note: one.words for one in occurrences(ledger, second.id) if one.done_on}
        assert done == {"检查道路": "每季度检查1次"}

    def test_what_people_corrected_is_split_too(self, ledger):
        given = [
            *ledger.task(1).item.fields.units,
            typed.unit("学校", "cooperating"),
            typed.unit("县数据局", "lead"),
        ]
        correct(ledger, 1, units=given, reason=WHY)
        first, second = split(ledger, 1, [at(ledger, "县公安局")], reason=WHY)
        assert ("学校", "cooperating") in units(first)
        assert ("学校", "cooperating") not in units(second)
        assert ("县数据局", "lead") in units(first)
        assert ("县数据局", "lead") in units(second)
        assert rests_on_its_characters(ledger, first)
        assert rests_on_its_characters(ledger, second)

    @pytest.mark.parametrize(
        "where", [[], ["一、开展隐患"], ["二、开展"], ["县公安局", "县教育局"], ["县公安局"] * 2]
    )
    def test_where_it_cannot_be_cut(self, ledger, where):
        with pytest.raises(CorrectionError):
            split(ledger, 1, [at(ledger, words) for words in where], reason=WHY)
        assert ledger.task(1).standing == "current"

    @settings(max_examples=40, deadline=None)
    @given(
        cuts=st.sets(st.integers(0, len(CIRCULAR) - 1), min_size=1, max_size=5),
        number=st.sampled_from([1, 2]),
    )
    def test_pieces_tile_the_task_and_merged_are_what_it_was(self, cuts, number):
        with written() as ledger:
            whole = ledger.task(number)
            try:
                pieces = split(ledger, number, sorted(cuts), reason=WHY)
            except CorrectionError:
                assert ledger.task(number) == whole
                return
            assert "".join(piece.item.quote for piece in pieces) == whole.item.quote
            assert all(rests_on_its_characters(ledger, task) for task in ledger.tasks())
            one = merge(ledger, [piece.id for piece in reversed(pieces)], reason=WHY)
            assert rests_on_its_characters(ledger, one)
            assert (one.item.span, one.item.quote) == (whole.item.span, whole.item.quote)
            assert set(one.item.fields) == set(whole.item.fields)
            assert one.item.fields.measures == whole.item.fields.measures
            assert one.item.heading == whole.item.heading


class TestOrder:
    """Tasks keep their numbers, and stand in the order of the text."""

    def numbers(self, ledger: Ledger, **filters: Any) -> list[int]:
        return [task.id for task in ledger.tasks(**filters)]

    def test_pieces_stand_where_the_task_stood(self, ledger):
        before = self.numbers(ledger)
        pieces = split(ledger, 1, [at(ledger, "县公安局")], reason=WHY)
        split(ledger, pieces[0].id, [at(ledger, "县教育局")], reason=WHY)
        (last,) = [pieces[1].id]
        assert self.numbers(ledger) == [last + 1, last + 2, last, *before[1:]]
        assert self.numbers(ledger, order="number") == sorted(self.numbers(ledger))
        assert self.numbers(ledger, limit=2, offset=1) == [last + 2, last]
        assert [row[0] for row in table_of(ledger.tasks()).rows] == [
            str(number) for number in self.numbers(ledger)
        ]

    def test_what_was_taken_in_stands_between(self, ledger):
        words = "各单位要按月报送情况。"
        taken = take_in(ledger, 1, span_of(ledger, words), reason=WHY)
        places = [task.item.span.start for task in ledger.tasks()]
        assert places == sorted(places)
        assert taken.id not in (self.numbers(ledger)[0], self.numbers(ledger)[-1])

    def test_of_several_documents_each_is_whole_and_read_from_its_beginning(self, ledger):
        ledger.add(extract_text(CIRCULAR.replace("2023", "2024").replace("安全", "防汛"), name="明年.txt"))
        split(ledger, 1, [at(ledger, "县公安局")], reason=WHY)
        for descending in (False, True):
            tasks = ledger.tasks(order="document", descending=descending)
            documents = [task.document.id for task in tasks]
            assert documents == sorted(documents, reverse=descending)
            for document in (1, 2):
                places = [task.item.span.start for task in tasks if task.document.id == document]
                assert places == sorted(places)

    @settings(deadline=None, max_examples=15)
    @given(st.data())
    def test_however_the_text_is_cut(self, data):
        with written() as ledger:
            for _ in range(3):
                task = data.draw(st.sampled_from(ledger.tasks()))
                cut = data.draw(st.integers(task.item.span.start, task.item.span.end))
                with suppress(CorrectionError):  # a piece without words
                    split(ledger, task.id, [cut], reason=WHY)
            places = [task.item.span.start for task in ledger.tasks()]
            assert places == sorted(places)

    def test_a_page_is_found_without_sorting_all_tasks(self, ledger):
        query, values = tasks.query({"limit": 100}, ledger.documents_named)
        plan = [step for *_, step in ledger.db.execute(f"EXPLAIN QUERY PLAN {query}", values).fetchall()]
        assert "SCAN tasks USING INDEX tasks_document" in plan
        assert "USE TEMP B-TREE FOR ORDER BY" not in plan  # a part of it only: the tasks of one document


class TestMerge:
    def test_the_first_has_the_text_and_the_values_of_all(self, ledger):
        first, second = ledger.numbered([1, 2])
        task = merge(ledger, [2, 1], reason="是一件事")
        assert task.id == 1
        assert task.item.quote == text_of(ledger)[first.item.span.start : second.item.span.end]
        assert {u for t in (first, second) for u in units(t)} == set(units(task))
        assert len(task.item.fields.deadlines) == 2
        assert rests_on_its_characters(ledger, task)
        measures = {m.id: m.span for m in task.item.fields.measures}
        assert all(measures[v.measure].covers(v.span) for v in task.item.fields if v.measure is not None)

    def test_the_others_are_no_rows_any_more(self, ledger):
        merge(ledger, [1, 2], reason=WHY)
        assert ledger.task(2).standing == "merged"
        assert [task.id for task in ledger.tasks(unit="县广播电视台")] == [1]
        with pytest.raises(CorrectionError, match="任务 1"):
            confirm(ledger, 2)

    def test_what_was_reported_of_another_is_not_lost(self, ledger):
        with ledger.change("record", "task:2") as change:
            change.put(
                "tracking", 2, status="done", percent=100, progress="完成", completed_on=None, remarks=""
            )
        assert merge(ledger, [1, 2], reason=WHY).tracking.status == "done"

    @pytest.mark.parametrize("numbers", [[], [1], [1, 1], [1, 3]])
    def test_only_neighbours(self, ledger, numbers):
        with pytest.raises(CorrectionError):
            merge(ledger, numbers, reason=WHY)

    def test_only_in_one_document(self, ledger):
        ledger.add(extract_text("关于做好检查工作的通知\n一、县教育局做好检查。\n", name="另.txt"))
        with pytest.raises(CorrectionError, match="不在同一份文件"):
            merge(ledger, [1, ledger.task_ids()[-1]], reason=WHY)

    def test_evidence_and_times_that_were_done_are_not_lost(self, ledger):
        first, second = split(ledger, 2, [at(ledger, "12月底前")], reason=WHY)
        record(ledger, [second.id], evidence=[Evidence("总结.docx", b"y"), Evidence("照片.jpg", b"x")])
        record(ledger, [first.id], evidence=[Evidence("照片.jpg", b"x")])
        tick(ledger, first.id, date(2023, 6, 30), done_on=date(2023, 6, 1))
        one = merge(ledger, [first.id, second.id], reason=WHY)
        assert sorted(file.name for file in attachments(ledger, one.id)) == ["总结.docx", "照片.jpg"]
        assert [each.due for each in occurrences(ledger, one.id) if each.done_on] == [date(2023, 6, 30)]
        assert verify(ledger).holds

    def test_the_recurring_work_of_each_stays_done(self, ledger):
        first, second = split(ledger, 1, [at(ledger, "县公安局")], reason=WHY)
        tick(ledger, second.id, date(2023, 3, 31))
        correct(ledger, first.id, frequencies=[typed.frequency("每季度1次")], reason=WHY)
        tick(ledger, first.id, date(2023, 6, 30))
        one = merge(ledger, [first.id, second.id], reason=WHY)
        done = {(each.due.isoformat(), each.words) for each in occurrences(ledger, one.id) if each.done_on}
        assert done == {("2023-03-31", "每季度检查1次"), ("2023-06-30", "每季度1次")}


class TestTakeIn:
    def test_a_sentence_that_was_in_no_task(self, ledger):
        fields = Fields(units=(UnitMention("各单位", span_of(ledger, "各单位"), "responsible", "subject"),))
        words = "各单位要按月报送情况。"
        task = take_in(ledger, 1, span_of(ledger, words), reason="是任务", fields=fields)
        assert (task.item.quote, task.item.kind, task.standing) == (words, "task", "current")
        assert units(task) == [("各单位", "responsible")]
        assert task.id in ledger.task_ids(unit="各单位")
        assert (task.item.number, task.item.heading) == ("三", None)  # the sentence stands in this item

    def test_a_whole_item_has_the_values_that_were_read(self, ledger):
        item = next(item for item in ledger.document(1).items if item.number == "三")
        task = take_in(ledger, 1, item.span, reason=WHY)
        assert (task.item.id, task.item.fields, task.item.kind) == (item.id, item.fields, "task")
        assert (task.item.heading, item.kind) == ("总体要求", "context")

    def test_text_outside_all_items(self, ledger):
        words = "现将有关事项通知如下。"
        task = take_in(ledger, 1, Span(at(ledger, words) - 2, at(ledger, words) + len(words) + 2), reason=WHY)
        assert (task.item.quote, task.item.number, task.place.line) == (words, None, 6)
        assert doubts(task) == ["no_unit"]

    def test_a_task_that_was_judged_to_be_none_comes_back_with_its_number(self, ledger):
        before = ledger.task(2)
        correct(ledger, 2, kind="context", reason=WHY)
        assert take_in(ledger, 1, before.item.span, reason="是任务") == before

    def test_a_withdrawn_task_does_not_come_back_over_another(self, ledger):
        correct(ledger, 2, kind="context", reason=WHY)
        other = take_in(ledger, 1, span_of(ledger, "县广播电视台做好宣传。"), reason=WHY)
        with pytest.raises(CorrectionError, match=f"任务 {other.id}"):
            correct(ledger, 2, kind="task", reason=WHY)

    @pytest.mark.parametrize(("words", "told"), [("12月底前", "任务 2"), ("\n\n", "空的")])
    def test_what_cannot_be_taken_in(self, ledger, words, told):
        with pytest.raises(CorrectionError, match=told):
            take_in(ledger, 1, span_of(ledger, words), reason=WHY)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("县教育局", "县教育局"),
        ("县 教育局", "县教育局"),
        ("6月底前", "6月底前"),
        ("县水利局", None),
        ("", None),
    ],
)
def test_where_words_are_printed(ledger, words, expected):
    found = printed_in(ledger.task(1).item, words)
    assert (found.of(text_of(ledger)) if found else None) == expected


def test_a_correction_is_kept_in_the_file(tmp_path: Path):
    path = tmp_path / "ledger.db"
    with Ledger.create(path) as ledger:
        ledger.add(extract_text(CIRCULAR, name="通知.txt"))
        due = Deadline("2023-05-31", Span(0, 0), date(2023, 5, 31), None, None, "typed")
        before = correct(ledger, 1, deadlines=[due], reason=WHY)
    with Ledger.open(path) as ledger:
        assert ledger.task(1) == before


class TestCommands:
    @pytest.fixture(autouse=True)
    def in_a_folder_of_its_own(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        monkeypatch.delenv("TAIZHANG_LEDGER", raising=False)
        Path("通知.txt").write_text(CIRCULAR, "utf-8")
        assert self.run("ingest", "通知.txt").exit_code == 0

    @staticmethod
    def run(*args: object) -> Result:
        return CliRunner().invoke(cli, [str(arg) for arg in args], prog_name="taizhang")

    @pytest.fixture
    def revised(self):
        new = CIRCULAR.replace("12月底前", "11月底前").replace("（二）汇总情况。由县司法局汇总。\n", "")
        Path("通知（修订）.txt").write_text(new, "utf-8")
        return self.run("ingest", "通知（修订）.txt")

    def test_correct(self):
        args = (
            "--unit",
            "县教育局:牵头",
            "--unit",
            "县数据局",
            "--no-unit",
            "县公安局",
            "--due",
            "8月底前",
            "--frequency",
            "无",
        )
        result = self.run("correct", 1, *args, "--reason", WHY, "--as", "张三")
        assert result.exit_code == 0, result.output
        assert result.output.startswith("任务 1 已更正：开展隐患排查")
        assert re.search("牵头单位 +县应急管理局 +县教育局、县应急管理局", result.output)
        assert re.search("责任单位 +县教育局、县公安局 +县数据局", result.output)
        assert re.search("频次 +县公安局：每季度1次 +无", result.output)
        with Ledger.open("outputs/ledger.db") as ledger:
            task = ledger.task(1)
            assert [d.due for d in task.item.fields.deadlines] == [date(2023, 8, 31)]
            assert ledger.db.execute(
                "SELECT actor, reason FROM events WHERE action = 'correct'"
            ).fetchall() == [("张三", WHY)]
        assert (
            "恢复"
            not in self.run("correct", 1, "--as-read", "单位", "--as-read", "时限", "--reason", "x").output
        )
        assert "县教育局、县公安局" in self.run("tasks").output

    @pytest.mark.parametrize(
        ("args", "told"),
        [
            (("correct", 1, "--unit", "县教育局:主办", "--reason", "x"), "角色是牵头、责任或配合"),
            (
                ("correct", 1, "--no-unit", "县水利局", "--reason", "x"),
                "现有单位是 县教育局、县公安局、县应急管理局",
            ),
            (("correct", 1, "--due", "尽快", "--reason", "x"), "看不懂时限“尽快”"),
            (("correct", 1, "--due", "0001-01-01", "--reason", "x"), "请写 1949 年到 2200 年之间的日期"),
            (("correct", 1, "--frequency", "两次", "--reason", "x"), "看不懂频次“两次”"),
            (("correct", 1, "--kind", "口号", "--reason", "x"), "任务、目标、背景"),
            (("correct", 1, "--reason", "x"), "没有写明要更正什么"),
            (("correct", 1, "--heading", "甲", "--reason", " "), "没有写明理由"),
            (("correct", 1, "--heading", "甲"), "缺少选项“--reason”"),
            (("correct", 9, "--heading", "甲", "--reason", "x"), "没有序号为 9 的任务"),
            (("split", 1, "--at", "县水利局", "--reason", "x"), "原文中没有“县水利局”"),
            (("split", 1, "--at", "排查", "--reason", "x"), "有 2 处"),
            (("merge", 1, 3, "--reason", "x"), "任务 2 在要合并的任务之间"),
            (("take-in", 9, "要按月", "--reason", "x"), "没有文件“9”"),
            (("take-in", 1, "各单位要按周", "--reason", "x"), "原文中没有"),
            (("diff", 1), "没有上一版本"),
            (("diff", 1, 9), "没有文件“9”"),
            (("documents", "无此文件"), "没有文件“无此文件”"),
        ],
    )
    def test_what_is_wrong_is_told_in_one_line(self, args, told):
        result = self.run(*args)
        assert result.exit_code in (1, 2)
        assert told in result.output
        assert result.output.count("\n") == 1

    def test_a_task_that_is_none(self):
        assert (
            self.run("correct", 2, "--kind", "背景", "--reason", "x").output
            == "任务 2 改为背景，不再列为任务。\n"
        )
        assert "演练" not in self.run("tasks").output
        assert "任务 2 重新列为任务" in self.run("correct", 2, "--kind", "任务", "--reason", "x").output

    def test_split_merge_and_take_in(self):
        split_up = self.run("split", 1, "--at", "县公安局 每季度", "--reason", WHY).output
        assert "任务 1 已拆成 2 项" in split_up
        assert "已合并为任务 5" in self.run("merge", 5, 6, "--reason", WHY).output
        taken = self.run("take-in", "安全工作的通知", "各单位要按月报送情况。", "--reason", WHY).output
        assert "已补记为任务 7" in taken
        assert "每月" in taken  # its values are read
        assert "2、3 核对无误" in self.run("confirm", 2, 3).output

    def test_a_new_version_is_told(self, revised):
        assert "新版本，取代第 1 号文件：任务沿用 2，改动 1，去掉 1" in revised.output
        assert "台账 outputs/ledger.db：共 2 份文件，3 项任务。" in revised.output

    def test_kept_separate(self):
        Path("副本.txt").write_text(CIRCULAR + "\n", "utf-8")
        assert "共 2 份文件，8 项任务" in self.run("ingest", "副本.txt", "--separate").output

    def test_an_older_version_is_told(self):
        Path("旧.txt").write_text(CIRCULAR.replace("2月20日", "1月20日"), "utf-8")
        assert "旧版本，只作存档：现行的是第 1 号文件" in self.run("ingest", "旧.txt").output

    def test_diff(self, revised):
        for args in (["2"], ["1", "2"], ["青政办发〔2023〕3号"]):
            output = self.run("diff", *args).output
            assert "去掉  任务 4  （二） 汇总情况" in output
            assert "改动  任务 2  二 开展应急演练" in output
            assert "[-12-]{+11+}月底前报送总结" in output
            assert "时限：2023-12-31（12月底前） → 2023-11-30（11月底前）" in output
            assert "新增 0 条，去掉 1 条，改动 1 条，其余 4 条没有变化。" in output
        assert "条目没有变化" in self.run("diff", 1, 1).output
        data = json.loads(self.run("diff", 2, "--json").output)
        assert (data["old"]["id"], data["new"]["id"], data["same"]) == (1, 2, 4)

    def test_documents(self, revised):
        listed = self.run("documents").output
        assert re.search(r"1 +通知.txt .* 青政办发〔2023〕3号 +2023-02-20 +0 +已有新版本", listed)
        assert re.search(r"2 +通知（修订）.txt .* 3 +现行", listed)
        Path("转发.txt").write_text(
            "临澜县教育局关于做好学校安全工作的通知\n临教〔2023〕7号\n\n各学校：\n\n"
            "为贯彻落实《青禾县人民政府办公室关于做好2023年安全工作的通知》（青政办发〔2023〕3号），现通知如下。\n\n"
            "一、开展排查。各学校6月底前完成排查。\n",
            "utf-8",
        )
        self.run("ingest", "转发.txt")
        assert "（台账第 2 号）" in self.run("documents", 3).output
        shown = self.run("documents", 1).output
        assert re.search("版本：\n  2  .*现行\n  1  .*已有新版本\n", shown)
        assert re.search("被引用：\n  贯彻落实  3  临澜县教育局关于", shown)

    @pytest.mark.parametrize(
        "command", ["correct", "confirm", "split", "merge", "take-in", "diff", "documents"]
    )
    def test_help_is_chinese(self, command):
        output = self.run(command, "--help").output
        assert f"示例：\n  taizhang {command}" in output
        assert not re.search(r"Usage|Options|required|default", output)
