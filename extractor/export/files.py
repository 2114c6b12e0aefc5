"""Writing a file so that whoever opens it finds the old one or the new one, never half of one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def replaced(path: Path) -> Iterator[Path]:
    """A path beside `path` to write to; it takes its place when the block ends well, and is gone when not.

    Folders that are missing are made.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_dir():
        raise IsADirectoryError(21, os.strerror(21), str(path))
    draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        yield draft
        draft.replace(path)
    except BaseException as error:
        with suppress(OSError):  # what made the writing fail would be hidden
            draft.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.filename == str(draft):
            raise type(error)(error.errno, error.strerror, str(path)) from error
        raise
