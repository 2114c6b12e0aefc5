"""What intake says when it cannot read a file."""


class UnreadableFile(Exception):  # noqa: N818 (what it says reads better so)
    """A file that cannot be read; the message says in one line of Chinese why and what to do, without the file's name."""
