"""How fast circulars are read, as ratios in one run: run with `python -m benchmarks.extraction`.

Ratios hold when the machine's speed drifts; seconds do not. Printed are the characters a second of the whole path over
the sample circulars, the share of each stage, and what starting the command costs over starting Python.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from benchmarks.timing import seconds
from extractor.fields.context import FieldContext
from extractor.fields.reader import FieldReader
from extractor.outline.outline import read_outline
from extractor.pipeline import extract_text
from extractor.text.cleaning import clean

CORPUS = Path(__file__).parent.parent / "corpus"


def main() -> None:
    texts = [path.read_text("utf-8") for path in sorted(CORPUS.glob("*.txt"))]
    cleaned = [clean(text).text for text in texts]
    reader = FieldReader(FieldContext(2023))
    whole = seconds(lambda: [extract_text(text) for text in texts])
    stages = {
        "text": seconds(lambda: [clean(text) for text in texts]),
        "outline": seconds(lambda: [read_outline(text) for text in cleaned]),
        "fields": seconds(lambda: [reader.read(text) for text in cleaned]),
    }
    print(f"{sum(map(len, texts)) / whole:,.0f} characters a second")
    for name, took in stages.items():
        print(f"{name:8} {took / whole:.2f} of the whole")
    python = seconds(lambda: subprocess.run([sys.executable, "-c", "pass"], check=True))
    command = seconds(
        lambda: subprocess.run([sys.executable, "-m", "extractor", "--help"], check=True, capture_output=True)
    )
    print(f"--help   {command / python:.1f} times a bare start of Python")


if __name__ == "__main__":
    main()
