"""Text of files and of people on its way to a terminal."""

from __future__ import annotations

from extractor.file_names import readable

CONTROL = {code: "\ufffd" for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\n\t"}
"""Control characters must not reach a terminal, which would obey them."""


def safe(text: str) -> str:
    """`text` without control characters, and with what the system could not decode made readable."""
    return readable(text).translate(CONTROL)
