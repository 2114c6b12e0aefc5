"""Any file of text, whatever its encoding; anything else is refused in one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from extractor.intake import UnreadableFile, files_under, read_source
from extractor.intake import files as intake_files
from extractor.model import Span

TEXT = "关于做好汛期安全生产工作的通知\n各乡镇人民政府：\n　　现将有关事项通知如下。\n"
TRADITIONAL = "關於做好汛期安全生產工作的通知\n各鄉鎮人民政府：\n現將有關事項通知如下。\n"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (TEXT, "utf-8"),
        (TEXT, "utf-8-sig"),
        (TEXT, "utf-16"),
        (TEXT, "utf-16-le"),  # without a mark: known by its zero bytes
        (TEXT, "gb18030"),
        (TEXT, "gbk"),
        (TRADITIONAL, "big5"),
    ],
)
def test_encodings_are_decided_by_content(tmp_path: Path, text: str, encoding: str) -> None:
    path = tmp_path / "通知.dat"
    path.write_bytes(text.encode(encoding))
    assert read_source(path).text == text


def test_line_ends_become_one_character(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("一、甲\r\n二、乙\r三、丙".encode())
    source = read_source(path)
    assert source.text == "一、甲\n二、乙\n三、丙"
    assert (source.locate(Span(6, 7)).line, source.locate(Span(6, 7)).column) == (2, 3)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "空的"),
        (b"\xef\xbb\xbf", "空的"),
        ("　\n \n".encode(), "空白"),
        (bytes(range(256)) * 20, "不认识的文件格式"),
        (b"\x7fELF\x02\x01\x01" + b"\x00\x01\x02\x03" * 200, "不认识的文件格式"),
    ],
)
def test_what_is_no_text_is_refused_in_one_line(tmp_path: Path, data: bytes, says: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(data)
    with pytest.raises(UnreadableFile, match=says) as refused:
        read_source(path)
    assert "\n" not in str(refused.value)


def test_a_file_far_above_any_circular_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake_files, "MAX_BYTES", 100)
    path = tmp_path / "a.txt"
    path.write_text("字" * 100, "utf-8")
    with pytest.raises(UnreadableFile, match="太大"):
        read_source(path)


def test_missing_files_and_folders_are_named(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="不存在"):
        read_source(tmp_path / "没有.txt")
    with pytest.raises(UnreadableFile, match="文件夹"):
        read_source(tmp_path)


def test_files_of_folders_come_in_order_and_hidden_ones_not(tmp_path: Path) -> None:
    for name in ("乙/2.txt", "乙/1.txt", ".git/x", "甲.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    found = [path.relative_to(tmp_path).as_posix() for path in files_under([tmp_path, tmp_path / "没有"])]
    assert found == ["乙/1.txt", "乙/2.txt", "甲.txt", "没有"]
