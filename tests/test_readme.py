"""The READMEs and docs tell the truth: examples print what they show, and what is named or linked exists.

How the Markdown is read here:

- In a `console` block each line after `$ ` is a command. All of them run in this order, in one folder beside a copy of `corpus/`,
  and print what stands below them. A line that is only `…` stands for any lines. What `VARIES` matches (times, hashes) may differ.
- `BEFORE` does by hand what the text says that people do between two commands.
- `python` blocks run, block after block; what they print stands in them as comments.
- `sh` and `bat` blocks do not run (they install or serve); their commands and options must exist.
"""

from __future__ import annotations

import json
import re
import shlex
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import click
import pytest
from click.testing import CliRunner
from markdown_it import MarkdownIt
from openpyxl import load_workbook

from extractor.cli import cli
from extractor.evaluation import evaluate
from extractor.ledger import schema
from extractor.pipeline import extract
from tests.conftest import CORPUS, ROOT

ENGLISH, CHINESE = ROOT / "README.md", ROOT / "README.zh-CN.md"
READMES = (ENGLISH, CHINESE)
DOCS = (*READMES, *sorted((ROOT / "docs").glob("*.md")), CORPUS / "README.md")
AS_A_TOOL = ("As a tool", "用命令办理")
"""The chapters on the commands: what stands there in `code` and is one small word is a command, but for `OTHER_WORDS`."""
OTHER_WORDS = {"text", "span", "measure"}
"""Keys of the JSON that `extract` prints."""

VARIES = (
    (r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "<time>"),
    (r"(?<=\d:)[0-9a-f]{16}\b", "<hash>"),
)
COMMAND = re.compile(r"\$ taizhang (.+)")
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*")


@dataclass(frozen=True)
class Fence:
    """A block of code: its language, and what stands in it."""

    language: str
    text: str


@dataclass(frozen=True)
class Words:
    """A paragraph, heading or cell: the headings above it, its code spans, and where its links and pictures lead."""

    headings: tuple[str, ...]
    level: int
    text: str
    spans: tuple[str, ...]
    targets: tuple[str, ...]


def read(path: Path) -> list[Fence | Words]:
    """The blocks and passages of a Markdown file, in order."""
    found: list[Fence | Words] = []
    headings: list[str] = []
    level = 0
    for token in MarkdownIt("commonmark").enable("table").parse(path.read_text("utf-8")):
        if token.type == "fence":
            found.append(Fence(token.info, token.content))
        elif token.type == "heading_open":
            level = int(token.tag[1])
        elif token.type == "heading_close":
            level = 0
        elif token.type == "inline":
            inside = token.children or []
            if level:
                headings[level - 1 :] = [token.content]
            found.append(
                Words(
                    tuple(headings),
                    level,
                    token.content,
                    tuple(part.content for part in inside if part.type == "code_inline"),
                    tuple(
                        str(part.attrGet("href") or part.attrGet("src"))
                        for part in inside
                        if part.type in ("link_open", "image")
                    ),
                )
            )
    return found


def fences(path: Path, language: str) -> list[str]:
    return [part.text for part in read(path) if isinstance(part, Fence) and part.language == language]


def passages(path: Path) -> Iterator[Words]:
    return (part for part in read(path) if isinstance(part, Words))


# The examples


def examples(path: Path) -> list[tuple[str, list[str]]]:
    """The commands of the console blocks, each with the lines that stand below it."""
    found: list[tuple[str, list[str]]] = []
    for block in fences(path, "console"):
        for line in block.splitlines():
            if match := COMMAND.fullmatch(line):
                found.append((match[1], []))
            else:
                found[-1][1].append(line)
    return found


def report_of_the_finance_bureau() -> None:
    """What 临澜市财政局 fills into the table that went out to it, and where the office puts it."""
    book = load_workbook("分发/临澜市财政局.xlsx")
    sheet = book.worksheets[0]
    column = {cell.value: cell.column for cell in sheet[1]}
    (row,) = (row[0].row for row in sheet.iter_rows(min_row=2) if row[0].value == 5)
    for title, said in {"进展情况": "100%，补贴已拨付", "状态": "已完成", "完成日期": "2023-04-12"}.items():
        sheet.cell(row, column[title]).value = said
    Path("回收").mkdir()
    book.save("回收/临澜市财政局.xlsx")


def revised_notice() -> None:
    """The copy of the notice in which a date has moved."""
    text = Path("corpus/10-notice-events.txt").read_text("utf-8")
    assert text.count("4月底前完成第一轮") == 1
    Path("修订.txt").write_text(text.replace("4月底前完成第一轮", "5月10日前完成第一轮"), "utf-8")


BEFORE: dict[str, Callable[[], None]] = {
    "--ledger 试用.db import 回收/ --dry-run": report_of_the_finance_bureau,
    "--ledger 试用.db ingest 修订.txt": revised_notice,
}


def without_what_varies(line: str) -> str:
    for pattern, name in VARIES:
        line = re.sub(pattern, name, line)
    return line.rstrip()


def as_shown(printed: list[str], shown: list[str]) -> list[str]:
    """The lines that were printed, as `shown` where they differ from it only by what it leaves out as `…`."""
    pattern = "".join(r"(?:.*\n)*?" if line == "…" else re.escape(line) + r"\n" for line in shown)
    return shown if re.fullmatch(pattern, "".join(f"{line}\n" for line in printed)) else printed


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A folder such as a clone is, for what the examples read and write."""
    path = tmp_path_factory.mktemp("clone")
    shutil.copytree(CORPUS, path / "corpus")
    return path


@pytest.fixture(scope="module", autouse=True)
def in_the_folder(folder) -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for variable in ("TAIZHANG_LEDGER", "TAIZHANG_ACTOR", "TAIZHANG_DEBUG"):
            patch.delenv(variable, raising=False)
        yield patch


@pytest.fixture(scope="module")
def printed(in_the_folder) -> list[tuple[str, list[str]]]:
    """What each command of the console examples prints, run one after the other on a machine without the extra for scans."""
    from extractor.intake import formats

    in_the_folder.setattr(formats, "find_spec", lambda name: None if name == "rapidocr" else object())
    said = []
    for command, _ in examples(CHINESE):
        BEFORE.get(command, lambda: None)()
        result = CliRunner().invoke(cli, shlex.split(command), prog_name="taizhang")
        said.append((command, [without_what_varies(line) for line in result.output.splitlines()]))
    return said


class TestExamples:
    def test_console_examples_print_what_they_show(self, printed):
        shown = [
            (command, [without_what_varies(line) for line in lines]) for command, lines in examples(CHINESE)
        ]
        lines_shown = [lines for _, lines in shown]
        assert [
            (command, as_shown(lines, expected))
            for (command, lines), expected in zip(printed, lines_shown, strict=True)
        ] == shown

    def test_each_preparation_is_for_an_example(self):
        assert BEFORE.keys() <= {command for command, _ in examples(CHINESE)}

    @pytest.mark.parametrize("path", READMES, ids=lambda path: path.name)
    def test_python_examples_print_what_they_show(self, path, capsys):
        blocks = fences(path, "python")
        assert blocks
        for block in blocks:
            exec(compile(block, path.name, "exec"), {})
            expected = [line[2:] for line in block.splitlines() if line.startswith("# ")]
            assert capsys.readouterr().out.splitlines() == expected
            assert expected

    def test_the_part_of_json_is_part_of_what_extract_prints(self):
        """White space apart: a span stands on one line there."""
        (part,) = fences(CHINESE, "json")
        result = CliRunner().invoke(cli, ["extract", "corpus/01-work-points-brackets.txt"])
        shown, whole = (re.sub(r"\s", "", text) for text in (part, result.output))
        assert shown in whole

    def test_both_readmes_show_the_same(self):
        for language in ("console", "bat", "python", "json"):
            assert fences(ENGLISH, language) == fences(CHINESE, language), language
        # Comments are in the language of the reader.
        typed = [re.sub(r" *#.*", "", "".join(fences(path, "sh"))) for path in READMES]
        assert typed[0] == typed[1]
        languages = [{part.language for part in read(path) if isinstance(part, Fence)} for path in READMES]
        assert languages[0] == languages[1] == {"console", "bat", "python", "json", "sh"}

    def test_both_readmes_have_the_same_chapters_and_pictures(self):
        outlines = [[words.level for words in passages(path) if words.level] for path in READMES]
        assert outlines[0] == outlines[1]
        pictures = [
            [target for words in passages(path) for target in words.targets if target.endswith(".png")]
            for path in READMES
        ]
        assert pictures[0] == pictures[1]


# What is named


def commands(group: click.Group = cli, *above: str) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """All commands, with those of groups, by the words that call them."""
    for name, command in group.commands.items():
        yield (*above, name), command
        if isinstance(command, click.Group):
            yield from commands(command, *above, name)


ALL = dict(commands())
TOP = set(cli.commands)


def options(command: click.Command) -> set[str]:
    own = {one for param in command.params for one in (*param.opts, *param.secondary_opts)}
    return own | {"--help", *(one for param in cli.params for one in param.opts)}


def called(line: str) -> tuple[tuple[str, ...], list[str]]:
    """The command of a line such as `units merge 3 17`, and the options that the line names."""
    words = [word for word in line.split() if not word.startswith("-")]
    if "--ledger" in line:
        words.remove(line.split("--ledger")[1].split()[0])
    names = tuple(words[:2]) if tuple(words[:2]) in ALL else tuple(words[:1])
    return names, OPTION.findall(line)


def command_lines(path: Path) -> Iterator[str]:
    """What is called as `taizhang …`, in blocks and in running text; and `ingest --separate`, without the name of the program."""
    for part in read(path):
        if isinstance(part, Fence):
            for line in part.text.splitlines() if part.language in ("console", "sh", "bat") else ():
                if match := re.match(r"(?:\$ |\.venv\\Scripts\\)?taizhang ([^#]+)", line):
                    yield match[1]
        else:
            for span in part.spans:
                if span.startswith("taizhang "):
                    yield span.removeprefix("taizhang ")
                elif re.match(r"[a-z-]+ ", span) and span.split()[0] in TOP:
                    yield span


class TestNames:
    @pytest.mark.parametrize("path", DOCS, ids=lambda path: path.name)
    def test_commands_with_their_options_exist(self, path):
        for line in command_lines(path):
            names, wanted = called(line)
            assert not names or names in ALL, line
            assert set(wanted) <= (options(ALL[names]) if names else options(cli)), line

    @pytest.mark.parametrize("path", DOCS, ids=lambda path: path.name)
    def test_options_named_alone_are_of_a_command_that_is_spoken_of(self, path):
        """Of one named in the passage or its heading, where one is; else of any."""
        of_any = set().union(*map(options, ALL.values()))
        for words in passages(path):
            near = f"{words.headings[-1] if words.headings else ''} {' '.join(words.spans)}"
            spoken_of = [ALL[name,] for name in TOP.intersection(re.findall(r"[a-z-]+", near))]
            allowed = set().union(*map(options, spoken_of)) if spoken_of else of_any
            alone = {span.split()[0] for span in words.spans if span.startswith("--")}
            assert alone <= allowed, words.text

    @pytest.mark.parametrize("path", READMES, ids=lambda path: path.name)
    def test_each_command_is_told_of(self, path):
        spans = {span for words in passages(path) for span in words.spans}
        lines = {called(line)[0] for line in command_lines(path)}
        told = {name for name in TOP if name in spans or any(names[:1] == (name,) for names in lines)}
        assert told == TOP

    @pytest.mark.parametrize("path", READMES, ids=lambda path: path.name)
    def test_each_command_of_a_group_is_told_of(self, path):
        text = path.read_text("utf-8")
        below = [names for names in ALL if len(names) == 2]
        assert [names for names in below if " ".join(names) not in text] == []

    @pytest.mark.parametrize("path", READMES, ids=lambda path: path.name)
    def test_words_in_code_of_the_chapter_on_commands_are_commands(self, path):
        chapter = [words for words in passages(path) if set(words.headings) & set(AS_A_TOOL)]
        small = {span for words in chapter for span in words.spans if re.fullmatch(r"[a-z-]+", span)}
        assert {span for span in small if not span.startswith("-")} - OTHER_WORDS <= TOP
        titles = [words.text for words in chapter if words.level == 3]
        # The commands stand before the colon in English and behind it in Chinese.
        lists = [re.split("[:：]", title)[0 if path == ENGLISH else -1] for title in titles]
        named = [one for one in lists if re.fullmatch(r"[a-z-]+([,、] ?[a-z-]+)*", one)]
        assert len(named) > 10
        assert {name for one in named for name in re.findall(r"[a-z-]+", one)} <= TOP

    @pytest.mark.parametrize("path", READMES, ids=lambda path: path.name)
    def test_targets_of_make_exist(self, path):
        text = path.read_text("utf-8")
        targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
        assert {"demo", "test"} <= set(re.findall(r"(?:^|`)make ([a-z]+)", text, re.MULTILINE)) <= targets

    def test_the_demo_is_the_same_without_make_and_runs(self):
        """What Windows is told to type is what `make demo` does."""
        demo = re.findall(r"\$\(BIN\)/taizhang --ledger \S+ (.+)", (ROOT / "Makefile").read_text("utf-8"))
        (block,) = fences(CHINESE, "bat")
        typed = [line.replace("\\", "/") for line in re.findall(r"\\taizhang (.+)", block)]
        assert typed == demo
        for line in typed:
            words = [
                word for part in line.split() for word in (sorted(map(str, Path().glob(part))) or [part])
            ]
            result = CliRunner().invoke(cli, words, prog_name="taizhang")
            assert result.exit_code == 0, result.output
        assert {file.name for file in Path("outputs").iterdir()} >= {"责任分工表.xlsx", "原文对照.html"}

    @pytest.mark.parametrize("path", DOCS, ids=lambda path: path.name)
    def test_variables_of_the_environment_exist(self, path):
        known = set()
        for module in (ROOT / "extractor").rglob("*.py"):
            known |= set(re.findall(r"TAIZHANG_[A-Z]+", module.read_text("utf-8")))
        assert set(re.findall(r"TAIZHANG_[A-Z]+", path.read_text("utf-8"))) <= known


# What is linked


def anchor(heading: str) -> str:
    """The anchor of a heading, as sites that show Markdown make it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


class TestLinks:
    @pytest.mark.parametrize("path", DOCS, ids=lambda path: path.name)
    def test_every_link_and_picture_leads_somewhere(self, path):
        targets = [target for words in passages(path) for target in words.targets]
        anchors = {anchor(words.text) for words in passages(path) if words.level}
        for target in targets:
            if target.startswith("#"):
                assert unquote(target[1:]) in anchors, target
            elif "://" not in target:
                assert (path.parent / target).exists(), target

    def test_every_picture_is_shown(self):
        shown = {target for words in passages(ENGLISH) for target in words.targets}
        assert {f"docs/{picture.name}" for picture in (ROOT / "docs").glob("*.png")} <= shown

    @pytest.mark.parametrize("path", DOCS, ids=lambda path: path.name)
    def test_every_file_of_the_project_that_is_named_is_there(self, path):
        """Named from the root, from the package or from one of its packages."""
        package = ROOT / "extractor"
        roots = (ROOT, path.parent, package, *(folder for folder in package.rglob("*") if folder.is_dir()))
        named = {
            span
            for words in passages(path)
            for span in words.spans
            if re.fullmatch(r"(?:[\w-]+/)*[\w-]+\.(?:py|tsv|toml|md)|(?:[\w-]+/)+(?:[\w.-]+\.json)?", span)
        } - {"outputs/"}
        assert {span for span in named if not any((root / span).exists() for root in roots)} == set()


# The documents in depth


class TestLedgerFile:
    """docs/ledger.md, against the ledger that the console examples have made."""

    DOCUMENT = ROOT / "docs" / "ledger.md"

    @pytest.fixture
    def ledger(self, folder, printed) -> Path:
        return folder / "试用.db"

    def test_the_tables_of_each_class(self, ledger):
        rows = [words for words in passages(self.DOCUMENT) if words.headings[-1] == "Three classes of tables"]
        kept, derived = (
            next(rows[at + 1].spans for at, words in enumerate(rows) if words.text.startswith(f"**{name}**"))
            for name in ("kept", "derived")
        )
        assert kept == schema.KEPT
        assert derived == schema.DERIVED

    def test_every_table_is_named(self, ledger):
        with sqlite3.connect(ledger) as db:
            tables = {
                name
                for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")
            }
        own = {name for name in tables if not name.startswith(("sqlite_", "search_"))}
        spans = {span for words in passages(self.DOCUMENT) for span in words.spans}
        assert own - spans == set()

    def test_the_pragmas(self, ledger):
        with sqlite3.connect(ledger) as db:
            (version,), (application,) = (
                db.execute(f"PRAGMA {name}").fetchone() for name in ("user_version", "application_id")
            )
        assert version == schema.VERSION
        assert f"0x{application:X}" in self.DOCUMENT.read_text("utf-8")

    def test_the_columns_of_an_event(self, ledger):
        with sqlite3.connect(ledger) as db:
            columns = [row[1] for row in db.execute("PRAGMA table_info(events)")]
        cells = [words for words in passages(self.DOCUMENT) if words.headings[-1] == "An event"]
        named = [span for words in cells for span in words.spans]
        assert [name for name in columns if name not in named] == []

    def test_the_question_to_any_sqlite_tool(self, ledger):
        (question,) = fences(self.DOCUMENT, "sql")
        with sqlite3.connect(ledger) as db:
            rows = db.execute(question).fetchall()
        assert len(rows) > 100
        assert all(quote == characters for quote, characters in rows)

    def test_the_program_that_checks_the_chain(self, ledger, tmp_path):
        (program,) = fences(self.DOCUMENT, "python")
        verified = CliRunner().invoke(cli, ["--ledger", str(ledger), "verify"]).output
        (head,) = re.findall(r"\d+:[0-9a-f]{16}", verified)

        def run(path: Path) -> tuple[int, str]:
            done = subprocess.run(
                [sys.executable, "-c", program, str(path)], capture_output=True, text=True, encoding="utf-8"
            )
            return done.returncode, (done.stdout or done.stderr).strip()

        assert run(ledger) == (0, f"{head.split(':')[0]} events hold, head {head}")
        changed = tmp_path / "改过.db"
        shutil.copy(ledger, changed)
        with sqlite3.connect(changed) as db:
            db.execute("UPDATE events SET actor = '他人' WHERE sequence = 3")
        db.close()
        assert run(changed) == (1, "event 3 does not hold")


class TestWordLists:
    """docs/lexicons.md, against the files."""

    def test_every_file_is_described_and_every_file_described_is_there(self):
        described: dict[str, set[str]] = {}
        for words in passages(ROOT / "docs" / "lexicons.md"):
            if folders := re.findall(r"`(extractor/[\w/]+/)`", words.headings[-1]):
                names = {span for span in words.spans if re.fullmatch(r"\w+\.tsv", span)}
                described.setdefault(folders[0], set()).update(names)
        there: dict[str, set[str]] = {}
        for file in (ROOT / "extractor").rglob("*.tsv"):
            there.setdefault(f"{file.parent.relative_to(ROOT).as_posix()}/", set()).add(file.name)
        assert described == there

    def test_the_first_line_says_what_the_columns_are(self):
        files = list((ROOT / "extractor").rglob("*.tsv"))
        assert [file.name for file in files if not file.read_text("utf-8").startswith("#")] == []


class TestSamples:
    """corpus/README.md and what the READMEs say of the samples."""

    def test_every_circular_is_described(self):
        described = [words.text for words in passages(CORPUS / "README.md")]
        assert [path.stem for path in sorted(CORPUS.glob("*.txt")) if path.stem not in described] == []

    def test_every_form_is_described(self):
        """01…docx stands for 01-work-points-brackets.docx."""
        text = (CORPUS / "README.md").read_text("utf-8").split("## In every format")[1]
        forms = {
            re.sub(r"^(\d\d)-[a-z-]*?(-automatic|-scan)?\.", r"\1…\2.", path.name)
            for path in (CORPUS / "formats").iterdir()
        }
        short = {form.replace("….", "…") for form in forms if not form.startswith(("12…", "mail"))}
        assert {form for form in short if form not in text} == set()

    def test_how_many_there_are(self):
        count = len(list(CORPUS.glob("*.txt")))
        assert count == 11
        assert "eleven circulars" in ENGLISH.read_text("utf-8")
        assert "十一份" in CHINESE.read_text("utf-8")
        assert "Eleven circulars" in (CORPUS / "README.md").read_text("utf-8")


def test_the_example_of_the_annotation_guide_is_good_and_read_as_it_says(tmp_path):
    guide = ROOT / "docs" / "annotation-guide.md"
    text, gold = fences(guide, "text")[0], fences(guide, "json")[0]
    (tmp_path / "示例.txt").write_text(text, "utf-8")
    (tmp_path / "示例.json").write_text(gold, "utf-8")
    (one,) = evaluate(tmp_path, extract)
    assert json.loads(gold)["items"]
    assert all(score.f1 == 1.0 for score in one.scores.values())
