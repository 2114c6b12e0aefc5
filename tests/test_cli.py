"""The command from end to end: what is printed, what is written, and with which code it ends."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from openpyxl import load_workbook

from extractor.cli import cli
from extractor.cli_chinese import agreed, day
from extractor.ledger import Failed, Ledger
from extractor.version import __version__
from tests.helpers.documents import sample

CIRCULAR = """东山县应急管理局关于做好2023年安全工作的通知
东应急〔2023〕3号

各乡镇人民政府，县各有关部门：

现将有关事项通知如下。

一、开展隐患排查。各乡镇要在6月底前完成隐患排查。（牵头单位：县应急管理局；责任单位：县教育局）

二、开展应急演练。县应急管理局每半年至少组织1次演练，12月底前报送总结。

东山县应急管理局
2023年2月20日
"""
COMMANDS = (
    *("ingest", "extract", "tasks", "trace", "export", "import", "evaluate", "search"),
    *("verify", "log", "undo", "coverage", "annotations", "backup", "restore"),
)
CHINESE = re.compile("[\u4e00-\u9fff]")


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TAIZHANG_LEDGER", raising=False)
    monkeypatch.delenv("TAIZHANG_DEBUG", raising=False)


@pytest.fixture
def circular() -> Path:
    path = Path("通知.txt")
    path.write_text(CIRCULAR, "utf-8")
    return path


@pytest.fixture
def ledger(circular) -> Path:
    run("ingest", circular)
    return Path("outputs/ledger.db")


def run(*args: object) -> Result:
    return CliRunner().invoke(cli, [str(arg) for arg in args], prog_name="taizhang")


def one_line(text: str) -> str:
    """The only line of `text`, which is Chinese and no traceback."""
    (line,) = text.strip().split("\n")
    assert CHINESE.search(line)
    assert "Traceback" not in line
    return line


class TestHelp:
    @pytest.mark.parametrize("command", ["", *COMMANDS])
    def test_it_is_chinese_with_an_example(self, command):
        result = run(*([command] if command else []), "--help")
        assert result.exit_code == 0
        assert result.output.startswith(f"用法：taizhang {command}".rstrip())
        assert f"示例：\n  taizhang {command}".rstrip() in result.output
        assert not re.search(r"Usage|Options|Commands|Show|Arguments|default|required", result.output)

    def test_all_commands_are_told(self):
        output = run("--help").output
        assert all(f"\n  {command} " in output for command in COMMANDS)

    def test_without_anything(self):
        result = run()
        assert result.exit_code == 2
        assert result.output.startswith("用法：taizhang")

    def test_version(self):
        assert run("--version").output == f"taizhang {__version__}\n"

    def test_lines_fit_a_terminal(self):
        from rich.cells import cell_len

        for command in COMMANDS:
            assert max(map(cell_len, run(command, "--help").output.split("\n"))) <= 80

    def test_no_line_begins_or_ends_with_a_mark_that_belongs_to_the_next(self):
        for command in ("", *COMMANDS):
            lines = [line.strip() for line in run(*filter(None, [command]), "--help").output.split("\n")]
            assert [line for line in lines if line.endswith(tuple("（“《"))] == []
            assert [line for line in lines if line.startswith(tuple("，。、；：！？）”》"))] == []

    def test_every_example_can_be_copied(self):
        """On one line, with options that the command has."""
        from rich.cells import cell_len

        def commands(group: click.Group, *above: str) -> Iterator[tuple[tuple[str, ...], click.Command]]:
            for name, command in group.commands.items():
                yield (*above, name), command
                if isinstance(command, click.Group):
                    yield from commands(command, *above, name)

        for names, command in commands(cli):
            text = run(*names, "--help").output
            examples = (command.epilog or "").split("\n")
            assert all(f"\n  {example}\n" in text for example in examples), names
            assert all(cell_len(example) <= 78 for example in examples), names
            options = {one for param in command.params for one in (*param.opts, *param.secondary_opts)}
            own = [example for example in examples if example.split()[1 : len(names) + 1] == list(names)]
            if not isinstance(command, click.Group):  # whose examples are also of its commands
                assert all(set(re.findall(r" (--[a-z-]+)", example)) <= options for example in own)

    def test_it_comes_at_once(self):
        """Without loading what takes long."""
        heavy = "spacy openpyxl sqlite_utils rich opencc extractor.pipeline extractor.ledger"
        code = (
            "import sys; from extractor.cli import cli; cli(['--help'], standalone_mode=False); "
            f"sys.exit(' '.join(name for name in {heavy.split()!r} if name in sys.modules) or 0)"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, encoding="utf-8")
        assert (done.returncode, done.stderr) == (0, "")

    def test_it_is_utf8_whatever_the_system_says(self):
        env = {
            **os.environ,
            "LANG": "C",
            "LC_ALL": "C",
            "PYTHONUTF8": "0",
            "PYTHONCOERCECLOCALE": "0",
            "PYTHONIOENCODING": "ascii",
        }
        done = subprocess.run(
            [sys.executable, "-m", "extractor", "--help"],
            capture_output=True,
            env=env,
            cwd=Path(__file__).parents[1],
        )
        assert done.stdout.decode("utf-8").startswith("用法：taizhang")


class TestQuestions:
    """What click would ask and answer in English."""

    @pytest.mark.parametrize(
        ("typed", "answer"),
        [
            *((word, True) for word in ("是", "y", "Y", "ＹＥＳ", " 是 ")),
            *((word, False) for word in ("否", "n", "No", "")),
        ],
    )
    def test_yes_and_no_in_either_language(self, typed, answer):
        assert self.asked(typed) == (answer, "")

    def test_asked_again_until_it_is_an_answer(self):
        assert self.asked("也许\n嗯\n是") == (True, "请回答“是”或“否”。\n" * 2)

    def asked(self, typed: str) -> tuple[bool, str]:
        """The answer, and what was said beside the question."""
        found: list[bool] = []
        command = click.Command("ask", callback=lambda: found.append(agreed("记入台账吗？")))
        result = CliRunner().invoke(command, [], input=f"{typed}\n")
        assert result.exit_code == 0, result.output
        return found[0], re.sub(r"记入台账吗？（是/否）：.*?\n?(?=请|记|$)", "", result.stderr)

    @pytest.mark.parametrize(
        ("typed", "password", "said"),
        [
            ("马马马\n马马马\n", "马马马", ""),
            (" a b \n a b \n", " a b ", ""),
            ("一\n二\n三\n三\n", "三", "两次输入的密码不一样，请重新输入。\n"),
        ],
    )
    def test_a_password_that_is_piped_in(self, typed, password, said):
        code = "import sys; from extractor.cli_chinese import new_password; print(ascii(new_password()))"
        done = self.piped(code, typed)
        assert (done.stdout, done.stderr) == (f"{password!a}\n", said)

    def test_a_password_that_does_not_come(self):
        done = self.piped("from extractor.cli_chinese import UserError, new_password\nnew_password()", "一\n")
        assert done.stderr.strip().endswith("没有读到密码：密码要给出两遍，一遍一行。")

    def piped(self, code: str, typed: str) -> subprocess.CompletedProcess[str]:
        """In a process of its own, whose warnings would be seen."""
        env = {**os.environ, "PYTHONUTF8": "1", "PYTHONPATH": str(Path(__file__).parents[1])}
        command = [sys.executable, "-c", code]
        return subprocess.run(command, input=typed, capture_output=True, text=True, encoding="utf-8", env=env)


class TestWrongUsage:
    @pytest.mark.parametrize(
        ("args", "expected"),
        [
            ("ingst", "没有命令“ingst”，是不是“ingest”"),
            ("ingest", "缺少参数“文件或文件夹”"),
            ("extract", "缺少参数“文件”"),
            ("extract a.txt b.txt", "多余的参数“b.txt”"),
            ("extract a.txt --formt json", "没有选项“--formt”，是不是“--format”"),
            ("extract a.txt --format xml", "选项“--format”的值不对：“xml”不在可选范围内，可选：json、table"),
            ("extract a.txt --format", "选项“--format”后面要跟一个值"),
            ("extract a.txt --lexicon 无.txt", "选项“--lexicon”的值不对：找不到文件“无.txt”，或没有读取权限"),
            (
                "tasks --due-before 昨天",
                "选项“--due-before”的值不对：“昨天”不是日期，请写成 2021-08-31 的样子",
            ),
            (
                "tasks --due-after 2023-02-30",
                "选项“--due-after”的值不对：“2023-02-30”不是日期，请写成 2021-08-31 的样子",
            ),
            ("tasks --role 督办", "选项“--role”的值不对：“督办”不在可选范围内"),
            ("trace 一", "参数“序号”的值不对：“一”不是序号"),
            ("trace 99999999999999999999", "不是序号"),
            (
                "export 表.pdf",
                "参数“文件”的值不对：“表.pdf”的类型不支持，文件名请以 .xlsx、.csv、.docx、",
            ),
            ("evaluate . --misses=3", "选项“--misses”后面不能跟值"),
            ("tasks --document", "taizhang tasks --help"),  # the page on which it stands
            ("tasks --role 主办", "可选：牵头、责任、配合。"),  # each value once, in Chinese
            ("tasks --due-before 0203-06-30", "“0203-06-30”不是日期"),  # a slip, not a year
            ("log --until 9999-12-31", "“9999-12-31”不是日期"),
            ("log 一", "参数“序号”的值不对"),
            ("undo 一", "“一”不是编号，编号是 taizhang log 所列“第88号”中的数字"),
        ],
    )
    def test_one_line_and_code_2(self, args, expected):
        result = run(*args.split())
        assert result.exit_code == 2
        assert expected in one_line(result.output)
        assert "--help" in result.output

    @pytest.mark.parametrize(
        "args",
        [
            ["ingest", ""],  # not the folder one is in
            ["import", "回收.xlsx", " "],
            ["backup", ""],
            ["trace", "1", "--html", ""],
            ["tasks", "--ledger", ""],
            ["tasks", "--document", ""],  # not all documents
            ["export", "表.csv", "--unit", ""],
            ["tasks", "--text", " "],
            ["due", "--unit", ""],
            ["units", "--text", ""],
            ["documents", ""],
            ["coverage", ""],
            ["search", " "],
            ["confirm", "1", "--as", " "],
        ],
    )
    def test_nothing_is_not_taken_for_everything(self, ledger, args):
        before = ledger.read_bytes()
        result = run(*args)
        assert result.exit_code == 2
        assert re.search("不能是空的|缺少参数", one_line(result.output))
        assert (ledger.read_bytes(), list(Path().glob("*.csv"))) == (before, [])

    @pytest.mark.parametrize("text", ["2021-08-31", "2021/8/31", "2021.8.31", "2021年8月31日", " 20210831 "])
    def test_dates_as_people_write_them(self, text):
        assert day(None, None, text).isoformat() == "2021-08-31"


class TestIngest:
    def test_what_was_found_is_told(self, circular):
        result = run("ingest", circular)
        assert result.exit_code == 0, result.output
        head, _, row, total = result.output.strip().split("\n")
        assert head.split() == ["文件", "任务", "单位", "时限", "频次", "提醒", "结果"]
        assert row.split()[:2] == ["通知.txt", "2"]
        assert row.split()[-1] == "已记入"
        assert total == "新建台账 outputs/ledger.db：共 1 份文件，2 项任务。"

    def test_a_ledger_is_made_only_where_something_was_read(self, circular):
        result = run("--ledger", "打错了.db", "ingest", "没有.pdf")
        assert (result.exit_code, result.output) == (1, "未读入“没有.pdf”：文件不存在，请检查路径。\n")
        assert not Path("打错了.db").exists()
        Path("空.txt").write_bytes(b"")
        result = run("--ledger", "新/台账.db", "ingest", "没有.pdf", "空.txt", circular)
        assert result.exit_code == 1
        assert "新建台账 新/台账.db：共 1 份文件，2 项任务。" in result.stdout
        lines = result.stderr.strip().split("\n")  # those before the ledger was there, too
        assert [line.split("：")[0] for line in lines] == ["未读入“没有.pdf”", "未读入“空.txt”"]
        assert "新建" not in run("--ledger", "新/台账.db", "ingest", circular).output

    def test_a_file_that_may_not_be_read_does_not_hold_up_the_others(self, circular, monkeypatch):
        may, read = os.access, Path.read_bytes

        def locked(path: Path) -> bytes:
            if path.name == "不可读.txt":
                raise PermissionError(13, "Permission denied", str(path))
            return read(path)

        monkeypatch.setattr(
            os, "access", lambda path, *more: Path(path).name != "不可读.txt" and may(path, *more)
        )
        monkeypatch.setattr(Path, "read_bytes", locked)
        Path("不可读.txt").write_text(CIRCULAR, "utf-8")
        result = run("ingest", "不可读.txt", circular)
        assert result.exit_code == 1
        assert one_line(result.stderr).startswith("未读入“不可读.txt”：没有读取权限")
        assert "共 1 份文件，2 项任务。" in result.stdout
        result = run("extract", "不可读.txt")
        assert (result.exit_code, one_line(result.output)[:13]) == (1, "无法读取“不可读.txt”")

    def test_a_name_in_the_encoding_of_another_system(self, circular):
        """As a folder has them that was packed on Windows and unpacked on Linux."""
        name = os.fsdecode("来文/关于值守的报告.txt".encode("gb18030"))
        Path(name).parent.mkdir()
        circular.rename(name)
        result = run("ingest", Path(name).parent)
        assert result.exit_code == 0, result.output
        assert "关于值守的报告.txt" in result.stdout
        with Ledger.open("outputs/ledger.db") as book:
            assert [entry.name for entry in book.documents()] == ["关于值守的报告.txt"]

    def test_an_old_version_has_no_tasks_of_its_own(self, circular, ledger):
        Path("修订.txt").write_text(CIRCULAR.replace("6月底前", "7月底前"), "utf-8")
        run("ingest", "修订.txt")
        row = run("ingest", circular).output.split("\n")[2].split()
        assert (row[1], row[-1]) == ("—", "已在台账中（旧版本），未改动")

    def test_a_second_time(self, circular, ledger):
        before = hashlib.sha256(ledger.read_bytes()).hexdigest()
        result = run("ingest", circular)
        assert result.exit_code == 0
        assert "已在台账中，未改动" in result.output
        assert hashlib.sha256(ledger.read_bytes()).hexdigest() == before

    def test_what_failed_is_named_and_the_others_are_done(self, circular):
        Path("空.txt").write_bytes(b"")
        result = run("ingest", "没有.txt", "空.txt", circular)
        assert result.exit_code == 1
        lines = result.stderr.strip().split("\n")
        assert [line.split("：")[0] for line in lines] == ["未读入“没有.txt”", "未读入“空.txt”"]
        assert "共 1 份文件，2 项任务" in result.stdout

    def test_a_folder(self, circular):
        Path("来文/市里").mkdir(parents=True)
        circular.rename("来文/市里/通知.txt")
        result = run("ingest", "来文")
        assert (result.exit_code, "共 1 份文件" in result.output) == (0, True)

    def test_where_the_ledger_is(self, circular, monkeypatch):
        monkeypatch.setenv("TAIZHANG_LEDGER", "环境.db")
        run("ingest", circular)
        run("ingest", circular, "--ledger", "选项 文件夹/台账.db")
        run("--ledger", "在前.db", "ingest", circular)
        assert all(Path(name).exists() for name in ("环境.db", "选项 文件夹/台账.db", "在前.db"))
        assert not Path("outputs").exists()

    def test_a_lexicon_of_ones_own(self, circular):
        Path("名录.txt").write_text("县教育局\n", "utf-8")
        assert run("ingest", circular, "--lexicon", "名录.txt").exit_code == 0


class TestWhatTheToolHasWritten:
    """Taken for circulars, its own files would bring every task a second time."""

    TABLE = "这是本工具发出的表，请用 taizhang import 收回"
    OTHER = "这是本工具导出的文件，不是来文，请改选公文原件"

    @pytest.mark.parametrize(
        ("write", "reason"),
        [
            ("export 表.xlsx", TABLE),
            ("export 表.csv", TABLE),
            ("export 国标.csv --encoding gb18030", TABLE),
            ("export 只看.xlsx --no-return", OTHER),
            ("export 方案.docx", OTHER),
            ("export 对照.html", OTHER),
            ("trace 1 --html 对照.htm", OTHER),
            ("export 日历.ics", OTHER),
            ("report --to 进展.xlsx", OTHER),
            ("report --to 进展.html", OTHER),
        ],
    )
    def test_it_is_refused(self, ledger, write, reason):
        before = run("tasks").output
        (name,) = re.findall(r"\S+\.[a-z]+", write)
        assert run(*write.split()).exit_code == 0
        result = run("ingest", name)
        assert (result.exit_code, one_line(result.stderr)) == (1, f"未读入“{name}”：{reason}。")
        assert run("tasks").output == before

    def test_also_on_the_page(self, ledger):
        from extractor.web.reading import read_in

        run("export", "表.xlsx")
        run("export", "对照.html")
        for name, reason in (("表.xlsx", "这是本工具发出的表"), ("对照.html", self.OTHER)):
            (outcome,) = read_in(ledger, "张三", Path(name), name)
            assert isinstance(outcome.result, Failed)
            assert outcome.result.reason.startswith(reason)
            assert "taizhang" not in outcome.result.reason  # nobody types commands there

    def test_also_in_folders_and_archives(self, ledger):
        run("export", "分发.zip", "--split-by", "unit")
        run("export", "回收", "--split-by", "unit")
        result = run("ingest", "分发.zip", "回收")
        lines = result.stderr.strip().split("\n")
        assert len(lines) == 2 * len(list(Path("回收").iterdir())) > 2
        assert all(line.endswith(f"：{self.TABLE}。") for line in lines)

    def test_a_table_of_another_office_is_a_table_like_any(self, ledger):
        """What the city handed out with the same tool, the county takes in."""
        run("export", "任务表.xlsx")
        result = run("--ledger", "县台账.db", "ingest", "任务表.xlsx")
        assert (result.exit_code, "已记入" in result.stdout) == (0, True)
        assert "共 0 项" not in result.stdout

    def test_a_table_saved_by_another_program_is_known_by_its_ids(self, ledger):
        """Sorted, with a title above, the columns for the office deleted, as the unit's own program writes it."""
        run("export", "表.xlsx")
        book = load_workbook("表.xlsx")
        sheet = book.worksheets[0]
        sheet.delete_cols(4, 5)
        sheet.insert_rows(1)
        sheet["A1"] = "县教育局填报"
        book.save("交回.xlsx")
        assert self.TABLE in run("ingest", "交回.xlsx").stderr
        (sheet := load_workbook("交回.xlsx").worksheets[0]).delete_cols(1, 30)
        sheet.parent.save("清空.xlsx")
        assert self.TABLE not in run("ingest", "清空.xlsx").stderr

    def test_a_plan_that_was_worked_on_is_a_document(self, ledger):
        """A draft goes out under a number of its own; what saves it puts its own name in."""
        from docx import Document

        run("export", "方案.docx")
        document = Document("方案.docx")
        (part,) = (
            part for part in document.part.package.iter_parts() if part.partname == "/docProps/app.xml"
        )
        part._blob = part.blob.replace(b">Taizhang<", b">WPS Office<")
        document.paragraphs[0].insert_paragraph_before("东山县人民政府办公室文件")
        document.save("印发.docx")
        assert run("ingest", "印发.docx").exit_code == 0

    def test_a_circular_with_a_table_of_tasks_is_read(self, ledger):
        """Only all of the titles together are ours."""
        Path("分工.csv").write_text(
            "序号,任务,工作内容,牵头单位,责任单位,完成时限\n1,排查,开展隐患排查,县应急局,县教育局,6月底前\n"
            "2,演练,开展应急演练,县应急局,县教育局,9月底前\n3,总结,报送工作总结,县应急局,县教育局,12月底前\n",
            "utf-8",
        )
        assert "已记入" in run("ingest", "分工.csv").stdout


class TestExtract:
    def test_json(self, circular):
        result = run("extract", circular)
        data = json.loads(result.stdout)
        assert data["document"]["doc_number"] == "东应急〔2023〕3号"
        assert "\n  " in result.stdout
        assert "开展隐患排查" in result.stdout
        assert not Path("outputs").exists()

    def test_table(self, circular):
        result = run("extract", circular, "--format", "table")
        assert result.exit_code == 0
        assert "2023-06-30（6月底前）" in result.stdout
        assert not Path("outputs").exists()

    def test_a_file_just_above_the_limit_is_not_as_large_as_the_limit(self):
        from extractor.intake.files import MAX_BYTES, MAX_TEXT_BYTES

        for size, limit in ((MAX_BYTES, "64 MB"), (MAX_TEXT_BYTES, "3 MB")):
            with Path("大.txt").open("wb") as file:
                file.write("字".encode())
                file.truncate(size + 1) if size == MAX_BYTES else file.write(b"a" * size)
            line = one_line(run("extract", "大.txt").output)
            assert re.search(rf"太大（(\d+) MB），上限为 {limit}", line)
            assert f"（{limit}）" not in line

    @pytest.mark.parametrize("name", ["没有.txt", "."])
    def test_what_cannot_be_read(self, name):
        result = run("extract", name)
        assert result.exit_code == 1
        assert one_line(result.output).startswith(f"无法读取“{name}”：")


class TestTasks:
    @pytest.mark.parametrize(
        ("filters", "numbers"),
        [
            ([], ["1", "2"]),
            (["--unit", "教育局"], ["1"]),
            (["--unit", "应急", "--role", "牵头"], ["1"]),
            (["--role", "lead"], ["1"]),
            (["--due-before", "2023-06-30"], ["1"]),
            (["--due-after", "2023-07-01"], ["2"]),
            (["--text", "演练"], ["2"]),
            (["--document", "东应急"], ["1", "2"]),
        ],
    )
    def test_filters(self, ledger, filters, numbers):
        result = run("tasks", *filters)
        assert result.exit_code == 0, result.output
        assert re.findall(r"^ *(\d+) ", result.output, re.MULTILINE) == numbers

    def test_none(self, ledger):
        result = run("tasks", "--unit", "气象局")
        assert (result.exit_code, result.output) == (0, "没有符合条件的任务。\n")


class TestTrace:
    def test_the_passage_with_its_values_in_brackets(self, ledger):
        result = run("trace", 2)
        assert result.exit_code == 0, result.output
        assert "【县应急管理局】｛每半年至少组织1次｝演练，〖12月底前〗报送总结。" in result.output
        assert "《关于做好2023年安全工作的通知》 东应急〔2023〕3号  通知.txt  第10行 二" in result.output
        assert "2023-12-31（12月底前）" in result.output

    def test_what_a_group_hands_down_is_shown_where_it_stands(self):
        with Ledger.create("台账.db") as book:
            book.add(sample())
        result = run("trace", 1, "--ledger", "台账.db")
        assert (
            "承自上级标题（第4行）：\n一、抓好隐患排查（【县应急局】牵头，【县公安局】、【县教育局】配合）"
            in result.output
        )

    def test_a_page(self, ledger):
        result = run("trace", 2, "--html", "页/对照.html")
        assert one_line(result.output) == "已写出“页/对照.html”：用浏览器打开即可。"
        assert 'data-open="t2"' in Path("页/对照.html").read_text("utf-8")

    @pytest.mark.parametrize("name", ["通知.txt", "台账.db", "页"])
    def test_only_a_page_is_written(self, circular, ledger, name):
        before = circular.read_bytes()
        result = run("trace", 1, "--html", name)
        assert result.exit_code == 2
        assert f"“{name}”的类型不支持，文件名请以 .html、.htm 结尾" in one_line(result.output)
        assert (circular.read_bytes(), Path("页").exists()) == (before, False)

    def test_control_characters_do_not_reach_the_terminal(self):
        Path("坏.txt").write_text(CIRCULAR.replace("隐患排查。", "隐患\x1b]0;x\x07排查。"), "utf-8")
        run("ingest", "坏.txt")
        for args in (["tasks"], ["trace", "1"]):
            assert not re.search("[\x00-\x09\x0b-\x1f\x7f]", run(*args).output)

    def test_colours_on_a_terminal(self, ledger, monkeypatch):
        from rich.console import Console

        from extractor.export.terminal import tasks as terminal

        out = io.StringIO()
        monkeypatch.setattr(
            terminal,
            "console",
            lambda: Console(file=out, force_terminal=True, color_system="256", width=120, _environ={}),
        )
        assert run("trace", 2).exit_code == 0
        assert "\x1b[" in out.getvalue()
        assert "【" not in out.getvalue()


class TestExport:
    def test_all_forms(self, ledger):
        for name in ("表.xlsx", "表.csv", "表.json", "表.html"):
            result = run("export", name)
            assert one_line(result.output) == f"已写出“{name}”：2 项任务。"
        assert load_workbook("表.xlsx").active.max_row == 3
        with Path("表.csv").open(encoding="utf-8-sig", newline="") as file:
            assert len(list(csv.reader(file))) == 3
        assert len(json.loads(Path("表.json").read_text("utf-8"))["tasks"]) == 2

    @pytest.mark.parametrize("name", ["gb18030", "GBK", "ｇｂｋ", "gb2312"])
    def test_an_encoding_by_any_of_its_names(self, ledger, name):
        assert run("export", "表.csv", "--encoding", name).exit_code == 0
        assert Path("表.csv").read_text("gb18030").startswith("序号,任务")

    @pytest.mark.parametrize(
        ("args", "reason"),
        [
            ("表.xlsx --encoding gbk", "--encoding 是 csv 的编码，只用于 .csv 文件"),
            ("分发.zip --split-by unit --encoding gbk", "--encoding 是 csv 的编码，只用于 .csv 文件"),
            ("表.xlsx --workdays", "--workdays 顺延的是日历上的日期，只用于 .ics 文件"),
        ],
    )
    def test_an_option_that_would_do_nothing(self, ledger, args, reason):
        result = run("export", *args.split())
        assert (result.exit_code, reason in one_line(result.output)) == (2, True)
        assert not Path(args.split()[0]).exists()

    def test_filters(self, ledger):
        assert "1 项任务" in run("export", "表.csv", "--unit", "教育局").output


class TestEvaluate:
    def test_figures(self):
        Path("甲.txt").write_text("一、抓好落实。各单位要落实。\n", "utf-8")
        gold = {
            "document": {
                "title": None,
                "issuer": None,
                "doc_number": None,
                "issued_on": None,
                "kind": "notice",
                "year": None,
            },
            "parts": [],
            "items": [
                {
                    "id": "1",
                    "parent": None,
                    "number": "一",
                    "heading": "抓好落实",
                    "kind": "task",
                    "start": "一、抓好落实",
                    "end": "要落实。",
                    "units": [],
                    "deadlines": [],
                    "frequencies": [],
                }
            ],
        }
        Path("甲.json").write_text(json.dumps(gold), "utf-8")
        result = run("evaluate", ".", "--misses")
        assert result.exit_code == 0, result.output
        assert result.output.split()[:7] == ["文件", "条目", "任务", "单位", "时限", "频次", "文件信息"]
        assert json.loads(run("evaluate", ".", "--json").output)["documents"]["甲"]["outline"]["gold"] == 1

    @pytest.mark.parametrize(
        ("files", "expected"),
        [
            ({}, "没有标准答案"),
            ({"甲.json": "{"}, "标准答案“甲.json”无法读取或格式不对"),
            ({"甲.json": '{"document": {}, "items": []}'}, "无法读取“甲.txt”"),
        ],
    )
    def test_what_is_wrong_with_the_folder(self, files, expected):
        for name, content in files.items():
            Path(name).write_text(content, "utf-8")
        result = run("evaluate", ".")
        assert result.exit_code == 1
        assert expected in one_line(result.output)

    def test_a_folder_that_is_none(self, circular):
        for name, expected in (("没有", "找不到文件夹“没有”"), (circular, "“通知.txt”不是文件夹")):
            result = run("evaluate", name)
            assert (result.exit_code, expected in one_line(result.output)) == (1, True)


class TestWhatCanGoWrong:
    @pytest.mark.parametrize("args", [["tasks"], ["trace", "1"], ["export", "表.xlsx"]])
    def test_reading_without_a_ledger_makes_none(self, args):
        result = run(*args)
        assert result.exit_code == 1
        assert (
            one_line(result.output)
            == "还没有台账“outputs/ledger.db”：请先用 taizhang ingest 读入文件，或用 --ledger 指明位置。"
        )
        assert list(Path().iterdir()) == []

    @pytest.mark.parametrize(
        "args", [["tasks"], ["trace", "1"], ["export", "表.xlsx"], ["ingest", "通知.txt"]]
    )
    def test_a_file_that_is_no_ledger_is_left_alone(self, circular, args):
        other = Path("别人的.db")
        db = sqlite3.connect(other)
        db.execute("CREATE TABLE t (x)")
        db.close()
        before = other.read_bytes()
        result = run(*args, "--ledger", other)
        assert result.exit_code == 1
        assert "“别人的.db”不是本工具的台账，未作任何改动" in one_line(result.output)
        assert other.read_bytes() == before

    @pytest.mark.parametrize(
        "args", [["tasks"], ["export", "表.csv"], ["due"], ["search", "演练"], ["coverage"], ["log"]]
    )
    def test_an_unknown_document(self, ledger, args):
        option = [] if args == ["coverage"] else ["--document"]
        result = run(*args, *option, "无此文件")
        assert (result.exit_code, "没有文件“无此文件”" in one_line(result.output)) == (1, True)
        assert not Path("表.csv").exists()

    def test_a_name_that_fits_many_documents(self, circular):
        for number in range(12):
            Path(f"通知{number}.txt").write_text(CIRCULAR.replace("〕3号", f"〕{number + 10}号"), "utf-8")
        run("ingest", "--separate", *Path().glob("通知*.txt"))
        line = one_line(run("coverage", "安全工作").output)
        assert "等 13 份" in line
        assert line.count("通知") == 8  # not all of a year's circulars on one line

    def test_a_folder_in_place_of_a_ledger(self):
        Path("台账").mkdir()
        assert (
            one_line(run("tasks", "--ledger", "台账").output)
            == "无法使用台账“台账”：这是一个文件夹，不是文件。"
        )

    def test_a_name_that_would_command_the_terminal(self, ledger):
        result = run("units", "rename", 1, "东山县\x1b]0;x\x07局\n二处")
        assert result.exit_code == 0
        assert not re.search("[\x00-\x08\x0b-\x1f]", one_line(result.output))

    def test_what_was_read_before_a_break_is_told(self, circular, monkeypatch):
        from extractor.ledger import Ledger as Book

        add = Book.add

        def broken_off_at_the_second(book: Ledger, *args: object, **more: object) -> object:
            if book.documents():
                raise KeyboardInterrupt
            return add(book, *args, **more)

        monkeypatch.setattr(Book, "add", broken_off_at_the_second)
        Path("另一份.txt").write_text("一、县教育局要抓好落实。", "utf-8")
        result = run("ingest", "通知.txt", "另一份.txt")
        assert result.exit_code == 130
        assert "通知.txt" in result.output
        assert "共 1 份文件，2 项任务。" in result.output
        assert result.output.rstrip().endswith("已中断。")

    def test_a_day_that_is_none_is_told_with_what_to_do(self, ledger):
        result = run("correct", 1, "--due", "2023-02-30", "--reason", "改期")
        assert result.exit_code == 1
        assert "“2023-02-30”不是日历上的日子：请核对月份和日期。" in one_line(result.output)

    def test_every_line_ends_with_a_stop(self, circular):
        Path("坏.pdf").write_bytes(b"\xff\xfe\x80\x81")
        for args in (["extract", circular], ["ingest", circular]):
            line = one_line(run(*args, "--lexicon", "坏.pdf").output)
            assert line == "坏.pdf：词表不是 UTF-8 或 GBK 编码的文本，请另存后再试。"

    @pytest.mark.parametrize(
        ("args", "expected"),
        [
            (["tasks", "--unit"], "“东山局”中有不是 UTF-8 编码的字：请重新输入"),
            (["search"], "“东山局”中有不是 UTF-8 编码的字"),
            (["tasks", "--role"], "“东山局”不在可选范围内"),
            (["tasks", "--ledger"], "还没有台账“东山局”"),
        ],
    )
    def test_characters_of_another_encoding(self, ledger, args, expected):
        """As pasted from a terminal in GBK: Python has no characters for them, a person should see theirs."""
        result = run(*args, "东山局".encode("gb18030").decode("utf-8", "surrogateescape"))
        assert result.exit_code != 0
        assert expected in one_line(result.output)

    def test_a_system_without_chinese_characters(self, ledger):
        env = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONPATH": str(Path(__file__).parents[1])}
        command = [sys.executable, "-m", "extractor", "tasks", "--unit", "教育局"]
        done = subprocess.run(command, capture_output=True, env=env)
        assert done.returncode == 1
        assert one_line(done.stderr.decode("utf-8")).startswith("系统的字符编码（ascii）不能用于汉字：请")

    def test_an_unknown_task(self, ledger):
        result = run("trace", 77)
        assert (result.exit_code, "没有序号为 77 的任务" in one_line(result.output)) == (1, True)

    def test_a_ledger_in_use(self, circular, ledger, monkeypatch):
        monkeypatch.setattr("extractor.ledger.ledger.BUSY_SECONDS", 0.05)
        other = sqlite3.connect(ledger)
        other.execute("BEGIN EXCLUSIVE")
        assert run("tasks").exit_code == 0  # who reads does not wait
        Path("另一份.txt").write_text("一、县教育局要抓好落实。", "utf-8")
        result = run("ingest", "另一份.txt")
        assert result.exit_code == 1
        assert "正被其他程序占用" in one_line(result.output)
        other.close()

    def test_where_nothing_can_be_written(self, ledger):
        Path("是文件").write_text("", "utf-8")
        Path("是文件夹.csv").mkdir()
        for name, reason in (("是文件/表.csv", "已有同名的文件"), ("是文件夹.csv", "这是一个文件夹")):
            result = run("export", name)
            assert result.exit_code == 1
            assert reason in one_line(result.output)
        result = run("ingest", "通知.txt", "--ledger", "是文件/台账.db")
        assert result.exit_code == 1
        one_line(result.output)

    def test_a_full_disk(self, ledger, monkeypatch):
        def full(*args: object, **more: object) -> None:
            raise OSError(28, "No space left on device", "表.csv")

        monkeypatch.setattr("extractor.export.csv.write_csv", full)
        result = run("export", "表.csv")
        assert (result.exit_code, one_line(result.output)) == (1, "无法使用“表.csv”：磁盘已满。")

    def test_a_mistake_of_ours(self, ledger, monkeypatch):
        monkeypatch.setattr("extractor.export.csv.write_csv", lambda *args: {}["没有"])
        result = run("export", "表.csv")
        assert result.exit_code == 1
        assert one_line(result.output).startswith("程序内部出错（KeyError：")

    def test_a_reader_that_stops_reading(self, ledger):
        run_head = f'"{sys.executable}" -m extractor trace 1 --ledger "{ledger.absolute()}" | head -n 1'
        done = subprocess.run(run_head, shell=True, capture_output=True, cwd=Path(__file__).parents[1])
        assert done.stderr == b""
