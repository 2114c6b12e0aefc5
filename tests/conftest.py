"""What several test modules share."""

from __future__ import annotations

from pathlib import Path

import pytest

from extractor.model import Document
from extractor.pipeline import extract

ROOT = Path(__file__).parent.parent
CORPUS = ROOT / "corpus"
REAL = ROOT.parent / "shared" / "gold" / "dev"
"""Real circulars with gold that stand beside a development checkout; their texts are not ours to ship."""

CIRCULARS = sorted(CORPUS.glob("*.txt")) + (sorted(REAL.glob("*.txt")) if REAL.is_dir() else [])


@pytest.fixture(scope="session")
def documents() -> dict[str, Document]:
    """Every sample circular, and every real one at hand, as read."""
    return {path.stem: extract(path) for path in CIRCULARS}


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Files made for a test are named after their argument: their bytes hold the time, and workers must agree on names."""
    return argname if isinstance(val, bytes) else None
