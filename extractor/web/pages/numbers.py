"""Numbers of the ledger in addresses."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path

LARGEST = 2**63 - 1
"""What SQLite can hold."""

Number = Annotated[int, Path(ge=1, le=LARGEST, description="编号")]
"""The number of a document, a task, a person."""
