"""A file becomes a Source: its bytes and its text as printed. What the text means is no business of this package."""

from extractor.intake.errors import UnreadableFile
from extractor.intake.files import files_under, read_source, read_sources

__all__ = ["UnreadableFile", "files_under", "read_source", "read_sources"]
