"""A new version of a circular: what is still in it goes on with its number and all that people did, the rest is told."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractor import typed
from extractor.ledger import Added, AlreadyThere, Ledger, Outdated, Revised
from extractor.ledger.corrections import CorrectionError, confirm, correct, doubts, merge, split, take_in
from extractor.ledger.matching import pairs
from extractor.ledger.records import BY_HAND, CORRECTED, Tracking
from extractor.ledger.revisions import Called, same_circular, versions
from extractor.ledger.titles import compared_forms
from extractor.model import Item, Span
from extractor.pipeline import extract_text
from tests.test_corrections import CIRCULAR, WHY, units


def read(text: str, name: str = "通知.txt"):
    return extract_text(text, name=name)


@pytest.fixture
def ledger():
    with Ledger.in_memory() as book:
        book.add(read(CIRCULAR))
        assert book.task_ids() == [1, 2, 3, 4]
        yield book


def revise(ledger: Ledger, *changes: tuple[str, str]) -> Revised:
    text = CIRCULAR
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    revised = ledger.add(read(text + " "))
    assert isinstance(revised, Revised)
    document = ledger.document(revised.entry.id)
    for task in ledger.tasks():
        assert task.document.id == revised.entry.id
        assert task.item.span.of(document.source.text) == task.item.quote
        assert all(v.span.of(document.source.text) == v.quote for v in task.item.fields if v.rule != BY_HAND)
    return revised


def place(text: str, words: str) -> int:
    return text.index(words)


def report(ledger: Ledger, task: int) -> None:
    with ledger.change("record", f"task:{task}") as change:
        change.put(
            "tracking", task, status="in_progress", percent=40, progress="过半", completed_on=None, remarks=""
        )


CALLED_SOMEHOW = st.builds(
    Called,
    st.sampled_from(
        [
            None,
            "关于做好安全工作的通知",
            "《关于做好 安全工作的通知》",
            "青禾县关于做好安全工作的通知",
            "名单",
        ]
    ),
    st.sampled_from([None, "青禾县", "临澜市"]),
    st.sampled_from([None, "青政发〔2023〕3号", "青政发[2023] 第3号", "青政发〔2023〕4号"]),
    st.sampled_from([None, 2022, 2023]),
)


class TestWhatIsAVersion:
    CALLED = Called("关于做好2023年安全工作的通知", "青禾县人民政府", "青政发〔2023〕3号", 2023)

    @pytest.mark.parametrize(
        ("other", "expected"),
        [
            ({}, True),
            ({"doc_number": "青政发[2023] 第3号"}, True),  # the same number in other brackets
            ({"doc_number": "青政发〔2023〕4号"}, False),  # another number, though the title is the same
            ({"doc_number": None}, True),
            ({"doc_number": None, "title": "《关于做好 2023年安全工作的通知》"}, True),
            ({"doc_number": None, "title": "青禾县人民政府关于做好2023年安全工作的通知"}, True),
            ({"doc_number": None, "title": "关于做好2024年安全工作的通知"}, False),
            ({"doc_number": None, "issuer": None}, True),
            ({"doc_number": None, "issuer": "临澜市人民政府"}, False),
            ({"doc_number": None, "year": 2022}, False),  # the same notice goes out each year
            ({"doc_number": None, "title": None}, False),
            ({"title": None}, True),
            ({"title": "关于做好2023年安全工作的通知（修订）"}, True),
            ({"title": "危险化学品企业名单"}, False),  # an annex that prints the number of its circular
        ],
    )
    def test_by_number_and_title(self, other, expected):
        assert same_circular(self.CALLED, replace(self.CALLED, **other)) is expected
        assert same_circular(replace(self.CALLED, **other), self.CALLED) is expected

    @given(CALLED_SOMEHOW, CALLED_SOMEHOW)
    def test_only_those_of_the_same_number_or_title_are_looked_at(self, one, other):
        """The ledger asks for these alone: none that is a version may be among the rest."""
        (number, title), forms = (compared_forms(c.doc_number, c.title, c.issuer) for c in (one, other))
        if same_circular(one, other):
            assert (number and number == forms[0]) or (title and title == forms[1])

    def test_short_titles_are_those_of_many(self):
        called = Called("工作通知", None, None, None)
        assert not same_circular(called, called)

    def test_the_same_bytes_are_none(self, ledger):
        assert isinstance(ledger.add(read(CIRCULAR)), AlreadyThere)

    def test_kept_separate_on_request(self, ledger):
        added = ledger.add(read(CIRCULAR + " "), separate=True)
        assert isinstance(added, Added)
        assert len(ledger.task_ids()) == 8

    def test_the_old_one_is_superseded(self, ledger):
        revised = revise(ledger)
        assert (revised.entry.id, revised.earlier.id) == (2, 1)
        assert [(e.id, e.superseded, e.tasks) for e in ledger.documents()] == [(1, True, 0), (2, False, 4)]
        assert [entry.id for entry in versions(ledger, 1)] == [2, 1]

    def test_an_older_one_that_comes_late_is_kept_behind(self, ledger):
        first = CIRCULAR.replace("2023年2月20日", "2023年1月5日")
        second = CIRCULAR.replace("2023年2月20日", "2023年2月1日")
        outdated = [ledger.add(read(text)) for text in (first, second)]
        assert all(isinstance(one, Outdated) and one.entry.superseded for one in outdated)
        assert [entry.id for entry in versions(ledger, 2)] == [1, 3, 2]
        assert ledger.task_ids() == [1, 2, 3, 4]
        assert {task.document.id for task in ledger.tasks()} == {1}


class TestTasks:
    def test_what_stayed_changed_came_and_went(self, ledger):
        revised = revise(
            ledger,
            ("12月底前报送总结", "11月底前报送总结"),
            ("（二）汇总情况。由县司法局汇总。", "（二）宣传法律。县融媒体中心每月播出1期节目。"),
        )
        assert (revised.kept, revised.changed, revised.dropped) == ((1, 3), (2,), (4,))
        assert [ledger.task(number).item.heading for number in revised.added] == ["宣传法律"]
        assert ledger.task(4).standing == "dropped"
        assert [d.due for d in ledger.task(2).item.fields.deadlines] == [date(2023, 11, 30)]
        assert ledger.task_ids(due_after=date(2023, 12, 1), due_before=date(2023, 12, 31)) == [3]

    def test_numbers_that_shifted(self, ledger):
        revised = revise(
            ledger,
            ("一、开展隐患", "一、健全机制。县委编办6月底前印发方案。\n\n二、开展隐患"),
            ("二、开展应急", "三、开展应急"),
            ("三、总体", "四、总体"),
            ("四、开展培训", "五、开展培训"),
        )
        assert (revised.kept, len(revised.added), revised.dropped) == ((1, 2, 3, 4), 1, ())
        assert ledger.task(1).item.number == "二"

    def test_a_unit_above_that_changed_is_a_change_below(self):
        text = "关于做好2023年安全工作的通知\n青政发〔2023〕3号\n一、抓好排查（县应急局牵头）\n（一）开展演练。每季度演练1次。\n（二）县教育局加强检查。\n"
        with Ledger.in_memory() as book:
            book.add(read(text))
            revised = book.add(read(text.replace("县应急局牵头", "县消防大队牵头")))
            assert (revised.kept, revised.changed) == ((2,), (1,))
            assert units(book.task(1)) == [("县消防大队", "lead")]

    def test_progress_goes_on(self, ledger):
        report(ledger, 2)
        revise(ledger, ("12月底前", "11月底前"))
        assert ledger.task(2).tracking == Tracking("in_progress", 40, "过半", None, "")

    def test_dates_of_events_of_the_document_go_on(self, ledger):
        with ledger.change("event", "document:1") as change:
            change.put("occasions", name="汛期", happens_on="2023-05-01", document=1, task=None)
        revise(ledger)
        assert ledger.db.execute("SELECT document FROM occasions").fetchall() == [(2,)]

    def test_it_is_one_event(self, ledger):
        revise(ledger)
        events = ledger.db.execute("SELECT action, subject FROM events ORDER BY sequence").fetchall()
        assert events == [("ingest", "document:1"), ("revise", "document:2")]

    def test_another_format_of_the_same_circular_changes_no_task(self, ledger):
        revised = ledger.add(read(CIRCULAR.replace("\n\n", "\n").replace("，", ",  "), name="通知.html"))
        assert (revised.kept, revised.changed, revised.added, revised.dropped) == ((1, 2, 3, 4), (), (), ())


class TestCorrections:
    def test_they_rest_on_the_same_characters(self, ledger):
        given = [
            *ledger.task(2).item.fields.units,
            typed.unit("总结", "cooperating"),
            typed.unit("县数据局", "lead"),
        ]
        correct(ledger, 2, units=given, heading="演练", reason=WHY)
        revise(ledger, ("二、开展应急演练。", "二、开展应急演练活动。"), ("一、开展", "一、全面开展"))
        task = ledger.task(2)
        found = {unit.quote: unit for unit in task.item.fields.units}
        text = ledger.document(2).source.text
        assert task.item.heading == "演练"
        assert (found["总结"].rule, found["总结"].span.start) == (CORRECTED, place(text, "总结"))
        assert (found["县数据局"].rule, found["县数据局"].span) == (BY_HAND, task.item.span)
        assert task.organizations["县数据局"].name == "青禾县数据局"

    def test_where_the_characters_are_gone_they_rest_on_the_correction(self, ledger):
        given = [replace(unit, role="lead") for unit in ledger.task(2).item.fields.units]
        correct(ledger, 2, units=given, reason=WHY)
        revise(ledger, ("县广播电视台做好宣传", "县融媒体中心做好宣传"))
        rules = {unit.quote: unit.rule for unit in ledger.task(2).item.fields.units}
        assert rules == {"县应急管理局": CORRECTED, "县广播电视台": BY_HAND}

    def test_what_was_only_read_beside_them_goes_with_the_text(self, ledger):
        given = [*ledger.task(2).item.fields.units, typed.unit("县数据局", "lead")]
        correct(ledger, 2, units=given, reason=WHY)
        revise(ledger, ("县广播电视台做好宣传", "县融媒体中心做好宣传"))
        assert units(ledger.task(2)) == [("县应急管理局", "responsible"), ("县数据局", "lead")]
        assert "basis_changed" in doubts(ledger.task(2))

    def test_one_whose_basis_changed_is_in_doubt(self, ledger):
        correct(ledger, 2, deadlines=[typed.deadline("2023-10-31")], heading="演练", reason=WHY)
        revise(ledger, ("12月底前", "11月底前"))
        task = ledger.task(2)
        assert task.basis_changed == {"deadlines"}
        assert [d.due for d in task.item.fields.deadlines] == [date(2023, 10, 31)]
        assert "basis_changed" in doubts(task)
        confirm(ledger, 2)
        assert doubts(ledger.task(2)) == []
        assert ledger.task(2).basis_changed == frozenset()

    def test_one_whose_basis_is_the_same_is_not(self, ledger):
        correct(ledger, 2, deadlines=[typed.deadline("2023-10-31")], reason=WHY)
        revise(ledger, ("县广播电视台", "县融媒体中心"))
        assert ledger.task(2).basis_changed == frozenset()

    def test_what_was_confirmed_is_in_doubt_where_it_changed(self, ledger):
        confirm(ledger, 1)
        confirm(ledger, 2)
        revise(ledger, ("12月底前", "11月底前"))
        assert doubts(ledger.task(1)) == []
        assert doubts(ledger.task(2)) == ["changed_since_confirmed"]

    def test_what_was_judged_to_be_no_task_stays_none(self, ledger):
        correct(ledger, 2, kind="context", reason=WHY)
        revised = revise(ledger, ("12月底前", "11月底前"))
        assert (revised.added, revised.dropped) == ((), ())
        assert (ledger.task(2).standing, ledger.task(2).document.id) == ("withdrawn", 2)


class TestSplitMergedTakenIn:
    @pytest.fixture
    def pieces(self, ledger):
        return [task.id for task in split(ledger, 1, [place(CIRCULAR, "县公安局")], reason=WHY)]

    def test_a_split_is_kept_where_all_its_text_is(self, ledger, pieces):
        revised = revise(ledger, ("12月底前", "11月底前"))
        assert set(pieces) <= set(revised.kept)
        assert revised.added == ()
        assert (ledger.task(1).standing, ledger.task(1).document.id) == ("split", 2)
        assert units(ledger.task(pieces[1])) == [("县公安局", "responsible"), ("县应急管理局", "lead")]

    def test_a_split_of_what_changed_is_undone_so_that_no_text_is_lost(self, ledger, pieces):
        revised = revise(ledger, ("县公安局每季度", "县交警大队每月"))
        assert set(revised.dropped) == set(pieces)
        assert (ledger.task(1).standing, ledger.task(1).item.quote.count("县交警大队")) == ("current", 1)

    def test_merged_tasks_stay_one_where_they_are_neighbours(self, ledger):
        merge(ledger, [1, 2], reason=WHY)
        revised = revise(ledger, ("12月底前", "11月底前"))
        assert (revised.changed, revised.added) == ((1,), ())
        assert (ledger.task(2).standing, ledger.task(2).document.id) == ("merged", 2)
        assert ledger.task(1).item.quote.count("11月底前") == 1

    def test_merged_tasks_are_two_again_where_another_stands_between(self, ledger):
        merge(ledger, [1, 2], reason=WHY)
        revised = revise(
            ledger,
            ("二、开展应急", "二、健全机制。县委编办6月底前印发方案。\n\n三、开展应急"),
            ("三、总体", "四、总体"),
        )
        assert (ledger.task(1).standing, ledger.task(2).standing) == ("current", "current")
        assert len(revised.added) == 1
        assert "县广播电视台" not in [name for name, _ in units(ledger.task(1))]
        assert ("县广播电视台", "responsible") in units(ledger.task(2))

    def test_what_was_taken_in_is_found_again(self, ledger):
        words = "各单位要按月报送情况。"
        at = place(CIRCULAR, words)
        task = take_in(ledger, 1, Span(at, at + len(words)), reason=WHY)
        assert task.id in revise(ledger, ("一、开展", "一、全面开展")).kept
        assert ledger.task(task.id).item.quote == words

    def test_what_was_taken_in_and_is_gone_is_told(self, ledger):
        words = "各单位要按月报送情况。"
        at = place(CIRCULAR, words)
        task = take_in(ledger, 1, Span(at, at + len(words)), reason=WHY)
        assert revise(ledger, (words, "各单位要加强信息沟通。")).dropped == (task.id,)

    def test_a_merged_task_says_what_the_new_version_says(self, ledger):
        merge(ledger, [1, 2], reason=WHY)
        revise(ledger, ("12月底前", "11月底前"), ("县广播电视台", "县融媒体中心"))
        task = ledger.task(1)
        assert [d.due for d in task.item.fields.deadlines] == [date(2023, 6, 30), date(2023, 11, 30)]
        assert ("县融媒体中心", "responsible") in units(task)
        assert all(value.rule not in (BY_HAND, CORRECTED) for value in task.item.fields)

    @settings(max_examples=30, deadline=None)
    @given(
        cuts=st.sets(st.integers(place(CIRCULAR, "一、"), place(CIRCULAR, "三、")), max_size=3),
        together=st.booleans(),
        away=st.sets(
            st.sampled_from(["县教育局", "县公安局", "每季度", "12月底前", "县广播电视台做好宣传。"])
        ),
    )
    def test_no_text_of_a_task_is_lost_and_none_is_in_two(self, cuts, together, away):
        with Ledger.in_memory() as ledger:
            ledger.add(read(CIRCULAR))
            for number in (1, 2):
                with contextlib.suppress(CorrectionError):  # where it cannot be cut there
                    span = ledger.task(number).item.span
                    split(ledger, number, sorted(at for at in cuts if span.start < at < span.end), reason=WHY)
            if together:
                rows = sorted(ledger.tasks(), key=lambda task: task.item.span)
                merge(ledger, [task.id for task in rows[1:3]], reason=WHY)
            text = CIRCULAR
            for words in away:
                text = text.replace(words, "")
            new = read(text + " ")
            ledger.add(new)
            spans = sorted(task.item.span for task in ledger.tasks())
            assert all(one.end <= other.start for one, other in pairwise(spans))
            for item in new.tasks:
                places = range(item.span.start, item.span.end)
                left = [text[at] for at in places if not any(s.start <= at < s.end for s in spans)]
                assert not "".join(left).strip()


class TestMatching:
    @staticmethod
    def items(*texts: str) -> list[Item]:
        found = []
        for at, text in enumerate(texts):
            number, _, rest = text.partition("、")
            heading = rest.partition("。")[0] if "。" in rest else None
            found.append(Item(str(at), None, 0, number, heading, "task", "", Span(0, len(text)), text))
        return found

    @pytest.mark.parametrize(
        ("old", "new", "expected"),
        [
            (["一、开展演练"], ["一、开展演练"], [(0, 0)]),
            (
                ["一、开展演练", "二、做好培训"],
                ["一、做好培训", "二、开展演练"],
                [(0, 1), (1, 0)],
            ),  # numbers say less
            (
                ["一、抓好落实", "二、抓好落实"],
                ["一、加强督查", "二、抓好落实"],
                [(1, 1)],
            ),  # the same words twice
            (
                ["一、演练。甲乙丙丁"],
                ["一、演练。子丑寅卯"],
                [(0, 0)],
            ),  # rewritten, under its number and heading
            (["一、演练。甲乙丙丁"], ["二、培训。子丑寅卯"], []),
            (["一、县教育局6月底前完成检查"], ["三、县教育局8月底前完成检查"], [(0, 0)]),
            (
                ["一、县教育局6月底前完成检查", "二、县公安局6月底前完成检查"],
                ["一、县公安局7月底前完成检查", "二、县教育局7月底前完成检查"],
                [(0, 1), (1, 0)],  # the most alike first
            ),
            ([], ["一、开展演练"], []),
        ],
    )
    def test_pairs(self, old, new, expected):
        assert [(p.old, p.new) for p in pairs(self.items(*old), self.items(*new))] == expected

    @given(st.permutations(range(6)))
    def test_a_text_with_itself_in_any_order(self, order):
        names = ["检查学校", "培训干部", "公布名单", "修缮桥梁", "清理河道", "评议作风"]
        old = self.items(*(f"{n}、{name}" for n, name in enumerate(names)))
        new = [old[n] for n in order]
        assert [(p.old, order[p.new]) for p in pairs(old, new)] == [(n, n) for n in range(6)]


def test_every_circular_goes_on_whole_in_a_copy_of_itself(documents):
    for document in documents.values():
        copy = replace(document, source=replace(document.source, data=b"copy", sha256="0" * 64))
        if not (document.doc_number or document.title):
            continue
        with Ledger.in_memory() as ledger:
            ledger.add(document)
            numbers = ledger.task_ids()
            revised = ledger.add(copy)
            if isinstance(revised, Revised):
                assert (list(revised.kept), revised.changed, revised.added, revised.dropped) == (
                    numbers,
                    (),
                    (),
                    (),
                )
