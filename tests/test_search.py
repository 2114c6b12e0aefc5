"""Tasks are found by their words, however those are written, and shown with the words around them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import jieba
import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from extractor.cli import cli
from extractor.ledger import Ledger
from extractor.ledger.corrections import correct
from extractor.ledger.search import jieba_tokenizer, passage_of, search, words
from extractor.ledger.tracking import record
from extractor.model import LeftOut
from tests.helpers.documents import document, item, quoted

TEXT = """一、加强应急管理
（一）县应急局每季度组织1次应急处置演练，8月31日前报送总结。
（二）各企业要开展隐患排查治理，水库、防水工程优先。
（三）各單位要完善應急預案，依ＧＢ/T 9704编号，投入3.5万元。
（四）临澜市青禾县要做好值
班值守。
（五）每季度报送信息。
（六）修訂縣(xiàn)級方案。
"""


@pytest.fixture(scope="module")
def ledger():
    quotes = [
        TEXT[TEXT.index(f"（{n}）") : TEXT.index("。", TEXT.index(f"（{n}）")) + 1] for n in "一二三四五六"
    ]
    units = {0: [("县应急局", "lead")], 1: [("各企业", "responsible")]}
    above = item(TEXT, TEXT.rstrip("\n"), id="1", kind="group", heading="加强应急管理")
    tasks = [
        item(TEXT, quote, id=f"1.{n}", parent="1", number=quote[:3], units=units.get(n, ()))
        for n, quote in enumerate(quotes)
    ]
    pinyin = LeftOut(quoted(TEXT, "(xiàn)"), "(xiàn)", "pinyin")
    other = "一、开展防汛应急演练。"
    with Ledger.in_memory() as ledger:
        ledger.add(document(TEXT, [above, *tasks], left_out=(pinyin,)))
        ledger.add(
            document(
                other,
                [item(other, other, heading="开展防汛应急演练")],
                name="防汛.txt",
                title="关于防汛的通知",
                doc_number="东防〔2023〕1号",
            )
        )
        yield ledger


def found(ledger: Ledger, wanted: str, **more) -> tuple[list[int], list[int]]:
    """The tasks that have all words, and those that have some."""
    hits = search(ledger, wanted, **more).hits
    return [hit.task.id for hit in hits if hit.complete], [hit.task.id for hit in hits if not hit.complete]


@pytest.mark.parametrize(
    ("wanted", "complete"),
    [
        ("隐患", {2}),  # part of 隐患排查
        ("隐患排查", {2}),
        ("应急演练", {1, 7}),  # its words apart: 应急处置演练
        ("应急演练 每季度", {1}),
        ("应急演练　每季度", {1}),  # a full-width blank
        ("每季度", {1, 5}),
        ("每 季度", {1, 5}),
        ("水", {2}),  # one character, inside 水库 and 防水 alike
        ("水 隐患", {2}),
        ("8月31日", {1}),  # not cut as 日前
        ("８月 31 日", {1}),
        ("8月30日", set()),
        ("31", {1}),
        ("1", {1}),  # a number, not a digit of one
        ("GB", {3}),
        ("gb/t 9704", {3}),
        ("3.5", {3}),
        ("应急预案", {3}),  # traditional there, simplified here
        ("應急演練", {1, 7}),  # the other way round
        ("值班值守", {4}),  # a line break inside a word
        ("县级方案", {6}),  # what cleaning left out stands between
        ("xiàn", set()),
        ("青禾", {4}),  # a name that is in no dictionary
        ("禾县", {4}),
        ("应急局", {1}),
        ("各企业", {2}),
        ("加强应急管理 信息", {5}),  # in the heading above and in the text
        ("气象", set()),
    ],
)
def test_what_is_found(ledger, wanted, complete):
    assert set(found(ledger, wanted)[0]) == complete


@pytest.mark.parametrize(
    "wanted",
    ['"', "*", "应急*", "AND", "OR 应急", "NOT", "应急 NOT", "(应急", "heading:应急", "^应急", "应急 + 演练", "-应急", "NEAR(应急)", "{}", ":", "'", ";--", "\\", "。", "   ", "", "\x00", "😀", "%", "_"],
)  # fmt: skip
def test_marks_mean_nothing_to_the_search(ledger, wanted):
    everything = {task.id for task in ledger.tasks()}
    assert set(found(ledger, wanted)[0]) <= everything


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=12))
def test_whatever_is_typed_is_answered(ledger, wanted):
    search(ledger, wanted)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 5), st.data())
def test_a_word_of_a_task_finds_it(ledger, n, data):
    """Whatever jieba makes one word of finds the task it comes from."""
    task = ledger.task(n + 1)
    word = data.draw(st.sampled_from(words(task.item.quote.replace("(xiàn)", "")).split()))
    assert task.id in found(ledger, word)[0]


OVERLAPPING = "应急预案演练年度安全生产生产力发展改革委员会办公室务必完善善后工作计划划分区县级别"


@settings(max_examples=200, deadline=None)
@given(st.text(st.sampled_from(OVERLAPPING) | st.sampled_from("aB1 9.%，①𠀀é")) | st.text())
def test_it_cuts_as_jieba_does(text):
    """Where words overlap, ours goes the way that jieba goes, to the letter."""
    ours, its = jieba_tokenizer(), jieba.Tokenizer()
    its.FREQ, its.total, its.initialized = ours.FREQ, ours.total, True
    assert ours.lcut(text, HMM=False) == its.lcut(text, HMM=False)


class TestOrder:
    def test_who_has_all_words_comes_before_who_has_some(self, ledger):
        complete, partial = found(ledger, "应急演练 每季度")
        assert complete == [1]
        assert partial[0] in (5, 7)
        assert set(partial) <= {2, 3, 4, 5, 6, 7}

    def test_a_word_in_the_own_heading_counts_most(self, ledger):
        assert found(ledger, "演练")[0] == [7, 1]

    def test_the_rest_is_left_away_where_the_first_are_enough(self, ledger):
        assert found(ledger, "应急演练 每季度", limit=1) == ([1], [])
        result = search(ledger, "演练", limit=1)
        assert (len(result.hits), result.complete) == (1, 2)

    def test_one_document(self, ledger):
        assert found(ledger, "演练", document="防汛")[0] == [7]
        assert found(ledger, "演练", document=1)[0] == [1]
        assert found(ledger, "演练", document="没有") == ([], [])


def passage(ledger: Ledger, wanted: str) -> str:
    (first, *_) = search(ledger, wanted).hits
    return "".join(f"【{s.text}】" if s.found else s.text for s in first.passage)


class TestPassage:
    @pytest.mark.parametrize(
        ("wanted", "shown"),
        [
            ("隐患排查", "（二）各企业要开展【隐患排查】治理，水库、防水工程优先。"),
            ("水", "（二）各企业要开展隐患排查治理，【水】库、防【水】工程优先。"),
            (
                "應急演練 每季度",
                "（一）县【应急】局【每季度】组织1次【应急】处置【演练】，8月31日前报送总结。",
            ),
            # as printed: traditional, full width, but without the line break inside a word
            ("应急预案 gb", "（三）各單位要完善【應急預案】，依【ＧＢ】/T 9704编号，投入3.5万元。"),
            ("值班值守", "（四）临澜市青禾县要做好【值班值守】。"),
            ("县级方案", "（六）修訂【縣級方案】。"),
        ],
    )
    def test_what_was_found_is_marked_as_printed(self, ledger, wanted, shown):
        assert passage(ledger, wanted) == shown

    def test_the_headings_where_it_stands_there_alone(self, ledger):
        assert passage(ledger, "加强") == "【加强】应急管理"

    def test_headings_do_not_run_together(self):
        text = "一、应急保障\n（一）宣传引导。各单位抓好落实。"
        group = item(text, text, id="1", number="一", heading="应急保障", kind="group")
        task = item(
            text, "（一）宣传引导。各单位抓好落实。", id="1.1", parent="1", number="(一)", heading="宣传引导"
        )
        with Ledger.in_memory() as ledger:
            ledger.add(document(text, [group, task]))
            assert passage(ledger, "应急") == "【应急】保障 宣传引导"

    def test_a_long_text_is_cut_around_what_was_found(self):
        text = "一、" + "做好各项工作，" * 30 + "开展应急演练，" + "落实各项要求，" * 30
        with Ledger.in_memory() as ledger:
            ledger.add(document(text, [item(text, text)]))
            shown = passage(ledger, "演练")
        assert shown.startswith("…")
        assert shown.endswith("…")
        assert "【演练】" in shown
        assert len(shown) < 70

    @settings(max_examples=80, deadline=None)
    @given(
        st.lists(
            st.sampled_from(["应急", "演练", "，", "\n", " ", "8月", "(a)", "縣", "𠮷", "ﬁ", "½"]),
            max_size=40,
        )
    )
    def test_a_passage_is_part_of_the_text(self, pieces):
        text = "一、" + "".join(pieces)
        with Ledger.in_memory() as ledger:
            ledger.add(document(text, [item(text, text)]))
            shown = passage_of(ledger.task(1), ["应急", "演练", "县"])
        joined = "".join(s.text for s in shown).strip("…")
        assert joined.replace(" ", "") in "".join(text.split())
        marked = [s.text.replace("縣", "县") for s in shown if s.found]
        assert not any(re.sub("应急|演练|县| ", "", text) for text in marked)


class TestStaysUpToDate:
    @pytest.fixture
    def ledger(self, tmp_path):
        text = "一、县教育局检查食堂。"
        with Ledger.create(tmp_path / "a.db") as ledger:
            ledger.add(document(text, [item(text, text, units=[("县教育局", "lead")])]))
            yield ledger

    def test_a_correction(self, ledger):
        correct(ledger, 1, heading="校园餐饮", reason="更清楚")
        assert found(ledger, "校园")[0] == [1]

    def test_what_is_no_task_any_more(self, ledger):
        correct(ledger, 1, kind="context", reason="不是任务")
        assert found(ledger, "食堂")[0] == []

    def test_progress_changes_nothing(self, ledger):
        record(ledger, [1], status="done")
        assert found(ledger, "食堂")[0] == [1]


class TestTheCommand:
    @pytest.fixture
    def path(self, tmp_path) -> Path:
        path = tmp_path / "台账.db"
        with Ledger.create(path) as ledger:
            ledger.add(
                document(
                    "一、开展应急演练。\n二、每季度演练。",
                    [
                        item("一、开展应急演练。\n二、每季度演练。", "一、开展应急演练。"),
                        item("一、开展应急演练。\n二、每季度演练。", "二、每季度演练。", id="2", number="二"),
                    ],
                )
            )
        return path

    def run(self, *args: object) -> Result:
        return CliRunner().invoke(cli, ["search", *map(str, args)], prog_name="taizhang")

    def test_what_is_printed(self, path):
        output = self.run("应急演练", "--ledger", path).output
        assert "开展【应急演练】" in output
        assert "以下 1 项只含其中一部分词语：" in output
        assert "含全部词语的任务 1 项" in output

    def test_nothing(self, path):
        result = self.run("气象", "--ledger", path)
        assert (result.exit_code, result.output) == (0, "没有找到“气象”：可换用其他词语，或减少词语。\n")

    def test_for_programs(self, path):
        data = json.loads(self.run("演练", "每季度", "--json", "--ledger", path).stdout)
        assert [(hit["task"], hit["complete"]) for hit in data["hits"]] == [(2, True), (1, False)]
        assert (
            data["hits"][0]["passage"] == "二、【每季度】【演练】。"
            or "【每季度演练】" in data["hits"][0]["passage"]
        )

    def test_jieba_is_silent_and_leaves_nothing_behind(self, path, tmp_path):
        """Its cache in the common temporary folder could be read from, and written by, anyone."""
        temporary = tmp_path / "tmp"
        temporary.mkdir()
        done = subprocess.run(
            [sys.executable, "-W", "default", "-m", "extractor", "search", "演练", "--ledger", str(path)],
            capture_output=True,
            cwd=Path(__file__).parents[1],
            env={
                "TMPDIR": str(temporary),
                "HOME": str(tmp_path),
                "PYTHONIOENCODING": "utf-8",
                "PYTHONDONTWRITEBYTECODE": "1",
            },
        )
        assert (done.returncode, done.stderr) == (0, b"")
        assert list(temporary.iterdir()) == []
