"""Zip archives, the packages that are no archives, the limits of both, and what can be read on this machine."""

from __future__ import annotations

import random
import struct
import subprocess
import sys
import zlib
from collections.abc import Iterable, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.intake import formats
from extractor.intake.archive import MAX_DOCUMENTS, Member, clean_name, is_zip, members, zip_kind
from extractor.intake.errors import UnreadableFile
from extractor.intake.safe_zip import MAX_MEMBERS, SafeZip
from tests.ofd_writer import Ofd, Text, zipped


def raw_zip(
    files: Iterable[tuple[bytes, bytes]], *, flags: int = 0, extra: bytes = b"", method: int = 0
) -> bytes:
    """A zip of stored files, written by hand: `zipfile` cannot write names in GBK, passwords or odd methods."""
    body, directory, count = b"", b"", 0
    for name, content in files:
        common = struct.pack(
            "<HHHHHLLLHH",
            20,
            flags,
            method,
            0,
            33,
            zlib.crc32(content),
            len(content),
            len(content),
            len(name),
            len(extra),
        )
        at = len(body)
        body += b"PK\x03\x04" + common + name + extra + content
        directory += (
            b"PK\x01\x02"
            + struct.pack("<H", 20)
            + common
            + struct.pack("<HHHLL", 0, 0, 0, 0, at)
            + name
            + extra
        )
        count += 1
    end = struct.pack("<HHHHLLH", 0, 0, count, count, len(directory), len(body), 0)
    return body + directory + b"PK\x05\x06" + end


def read(data: bytes) -> list[Member]:
    return list(members(data))


def names(data: bytes) -> list[str]:
    return [member.name for member in members(data)]


def test_members_come_with_their_bytes_in_order() -> None:
    data = zipped({"通知/正文.txt": "正文", "通知/附件.txt": "附件"})
    assert read(data) == [Member("通知/正文.txt", "正文".encode()), Member("通知/附件.txt", "附件".encode())]


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8", "big5"])
def test_names_without_a_label_are_read_in_the_encoding_of_the_whole_archive(encoding: str) -> None:
    expected = (
        ["關於安全工作的通知.doc", "附件1.xls"]
        if encoding == "big5"
        else ["关于安全工作的通知.doc", "附件1.xls"]
    )
    assert names(raw_zip((name.encode(encoding), b"x") for name in expected)) == expected


def test_a_name_that_could_be_anything_is_decided_by_the_others() -> None:
    # 联 in GBK is valid UTF-8 by chance; the second name is not
    expected = ["联通.txt", "市政府通知.txt"]
    assert names(raw_zip((name.encode("gbk"), b"x") for name in expected)) == expected


def test_labelled_names() -> None:
    assert names(raw_zip([("通知.txt".encode(), b"x")], flags=0x800)) == ["通知.txt"]
    written = "通知.txt".encode("gbk")
    unicode_path = b"\x01" + struct.pack("<L", zlib.crc32(written)) + "关于〇的通知.txt".encode()
    extra = struct.pack("<HH", 0x7075, len(unicode_path)) + unicode_path
    assert names(raw_zip([(written, b"x")], extra=extra)) == ["关于〇的通知.txt"]
    stale = struct.pack("<HH", 0x7075, 9) + b"\x01\0\0\0\0" + b"stal"  # of another name: not believed
    assert names(raw_zip([(written, b"x")], extra=stale)) == ["通知.txt"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("../../etc/passwd", "etc/passwd"),
        ("/etc/passwd", "etc/passwd"),
        ("C:\\工作\\通知.doc", "工作/通知.doc"),
        ("a//./b.txt", "a/b.txt"),
        ("通知\u202ecod.exe", "通知cod.exe"),
        ("a\x07\nb.txt", "ab.txt"),
        ("..", "未命名"),
    ],
)
def test_names_lead_nowhere(name: str, expected: str) -> None:
    assert clean_name(name) == expected


@given(st.text(max_size=30))
def test_no_name_ever_leads_out_of_a_folder(name: str) -> None:
    parts = clean_name(name).split("/")
    assert ".." not in parts
    assert all(parts)
    assert clean_name(clean_name(name)) or name


def test_what_systems_leave_behind_is_passed_over() -> None:
    litter = [
        "__MACOSX/._通知.txt",
        ".DS_Store",
        "a/.DS_Store",
        "a/Thumbs.db",
        "desktop.ini",
        "~$通知.docx",
        "空文件夹/",
    ]
    assert names(zipped(dict.fromkeys([*litter, "通知.txt"], "x"))) == ["通知.txt"]


def test_archives_in_archives_are_opened_once() -> None:
    innermost = zipped({"太深.txt": "x"})
    inner = zipped({"附件1.txt": "一", "再压.zip": innermost})
    found = read(zipped({"正文.txt": "正", "附件.zip": inner, "备注.txt": "备"}))
    assert [(m.name, m.error is None) for m in found] == [
        ("正文.txt", True),
        ("附件.zip/附件1.txt", True),
        ("附件.zip/再压.zip", False),
        ("备注.txt", True),
    ]
    assert "解压" in (found[2].error or "")


def test_packages_in_archives_are_documents() -> None:
    ofd = Ofd([[Text(20, 40, "通知")]]).write()
    assert read(zipped({"通知.ofd": ofd})) == [Member("通知.ofd", ofd)]


def test_a_broken_archive_in_an_archive_is_left_to_its_reader() -> None:
    broken = zipped({"a.txt": "x"})[:-10]
    assert read(zipped({"坏.zip": broken})) == [Member("坏.zip", broken)]


def test_an_encrypted_member_is_named_with_its_reason_and_the_others_are_read() -> None:
    [member] = read(raw_zip([(b"a.txt", b"0123456789abcdef")], flags=1))
    assert member.error is not None
    assert "密码" in member.error


@pytest.mark.parametrize("method", [9, 12, 14, 93, 99])
def test_methods_that_cannot_be_unpacked_within_limits(method: int) -> None:
    [member] = read(raw_zip([(b"a.txt", b"0123456789abcdef")], method=method))
    assert "重新压缩" in (member.error or "")


def test_a_damaged_member_does_not_hurt_the_others() -> None:
    data = raw_zip([(b"a.txt", b"AAAA-AAAA"), (b"b.txt", b"BBBB-BBBB")]).replace(b"AAAA-AAAA", b"AAAA-XAAA")
    first, second = read(data)
    assert "损坏" in (first.error or "")
    assert second.data == b"BBBB-BBBB"


def bomb(size: int) -> bytes:
    return zipped({"a.txt": b"\0" * size})


def overlapping() -> bytes:
    """Many names for the same packed megabytes (Fifield's bomb)."""
    kernel = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = kernel.compress(b"\0" * (30 << 20)) + kernel.flush()
    checksum = zlib.crc32(b"\0" * (30 << 20))
    common = struct.pack("<HHHHHLLLHH", 20, 0, 8, 0, 33, checksum, len(packed), 30 << 20, 1, 0)
    body = b"PK\x03\x04" + common + b"a" + packed
    entry = b"PK\x01\x02" + struct.pack("<H", 20) + common + struct.pack("<HHHLL", 0, 0, 0, 0, 0) + b"a"
    return (
        body
        + entry * 20
        + b"PK\x05\x06"
        + struct.pack("<HHHHLLH", 0, 0, 20, 20, len(entry) * 20, len(body), 0)
    )


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "损坏"),
        (b"PK\x03\x04 nothing", "损坏"),
        (zipped({"a.txt": "x" * 1000})[:-30], "损坏"),
        (zipped({}), "没有文件"),
        (zipped({".DS_Store": "x"}), "没有文件"),
        (raw_zip((b"%d" % i, b"x") for i in range(MAX_DOCUMENTS + 1)), "超过"),
        (raw_zip((b"%d" % i, b"") for i in range(MAX_MEMBERS + 1)), "过大"),
        (bomb(300 << 20), "过大"),
        (overlapping(), "过大"),
    ],
)
def test_archives_that_are_refused(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableFile, match=reason) as refusal:
        read(data)
    assert "\n" not in str(refusal.value)


def test_a_member_that_packs_too_well_is_refused_alone() -> None:
    bombed, plain = read(zipped({"a.bmp": b"\0" * (20 << 20), "b.txt": "通知"}))
    assert "过大" in (bombed.error or "")
    assert plain.data == "通知".encode()


def test_nested_archives_share_the_limits() -> None:
    many = zipped({f"{i}.txt": "x" for i in range(MAX_DOCUMENTS // 2)})
    found = read(zipped({"一.zip": many, "二.zip": many, "三.txt": "x"}))
    assert [m.error is None for m in found] == [True] * (MAX_DOCUMENTS // 2) + [False, True]


def test_a_header_that_lies_about_the_size_yields_no_more_than_it_says() -> None:
    data = bytearray(bomb(5 << 20))
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = data.index(signature) + offset
        data[at : at + 4] = struct.pack("<L", 100)
    [member] = read(bytes(data))
    assert "损坏" in (member.error or "")


CONTENT_TYPES = {"[Content_Types].xml": "<Types/>"}


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (CONTENT_TYPES | {"word/document.xml": "x"}, "docx"),
        (CONTENT_TYPES | {"xl/workbook.xml": "x"}, "xlsx"),
        (CONTENT_TYPES | {"ppt/presentation.xml": "x"}, "pptx"),
        ({"OFD.xml": "x", "Doc_0/Document.xml": "x"}, "ofd"),
        ({"ofd.xml": "x"}, "ofd"),
        ({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "x"}, "odt"),
        ({"mimetype": "application/vnd.oasis.opendocument.spreadsheet"}, "ods"),
        ({"mimetype": "application/epub+zip"}, "archive"),
        ({"通知.docx": "x"}, "archive"),
        ({"word/通知.txt": "x"}, "archive"),  # a folder of that name makes no Word file
        ({"a/OFD.xml": "x"}, "archive"),
        ({}, "archive"),
    ],
)
def test_kinds_of_packages(files: Mapping[str, str], expected: str) -> None:
    data = zipped(files)
    assert is_zip(data)
    assert zip_kind(data) == expected


def test_random_damage_never_breaks_more_than_the_file() -> None:
    sample = zipped(
        {
            "通知.txt": "各区人民政府" * 30,
            "附件.zip": zipped({"表.csv": "序号,任务\n"}),
            "图.ofd": Ofd([[]]).write(),
        }
    )
    for seed in range(600):
        chance = random.Random(seed)
        hurt = bytearray(sample)
        for _ in range(chance.choice((1, 3, 30))):
            hurt[chance.randrange(len(hurt))] = chance.randrange(256)
        data = bytes(hurt[: chance.randrange(len(hurt))] if seed % 4 == 0 else hurt)
        try:
            zip_kind(data)
            assert all(isinstance(member, Member) for member in members(data))
        except UnreadableFile:
            continue


@pytest.mark.parametrize(
    "xml",
    [
        '<!DOCTYPE a [<!ENTITY b "' + "b" * 100 + '"><!ENTITY c "&b;&b;&b;&b;">]><a>&c;</a>',
        '<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd"><a/>',
        '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp037"])
def test_document_types_are_refused_in_any_encoding(xml: str, encoding: str) -> None:
    declared = f'<?xml version="1.0" encoding="{encoding}"?>{xml}'
    with pytest.raises(UnreadableFile):
        SafeZip(zipped({"a.xml": declared.encode(encoding)})).read_xml("a.xml")


# --- formats -----------------------------------------------------------------------------------------------------------


def status(name: str) -> formats.FormatStatus:
    return next(each for each in formats.availability() if each.name == name)


def test_what_is_missing_is_said_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formats, "find_libreoffice", lambda: None)
    monkeypatch.setattr(
        formats, "find_spec", lambda module: None if module in ("rapidocr", "lxml") else object()
    )
    assert status("纯文本") == formats.FormatStatus("纯文本", (".txt",), True, "")
    assert status("PDF").readable
    assert status("扫描 PDF 与图片").missing == "需要安装 pip install taizhang[ocr]"
    assert "lxml" in status("OFD").missing
    monkeypatch.setattr(formats, "find_spec", lambda module: object())
    assert status("旧版 Word/WPS .doc .wps").missing == "需要安装 LibreOffice"
    assert not status("RTF").readable


def test_looking_loads_nothing_heavy() -> None:
    heavy = "lxml", "openpyxl", "pdfplumber", "pypdfium2", "rapidocr", "onnxruntime", "cv2", "numpy"
    script = (
        "import sys; from extractor.intake.formats import availability; assert availability(); "
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
