"""What intake says when it cannot read a file."""


class UnreadableFile(Exception):  # noqa: N818 (what it says reads better so)
    """A file that cannot be read; the message says in one line of Chinese why and what to do, without the file's name."""


class NotInstalled(UnreadableFile):
    """A file for which something must be installed on this machine first.

    The message is for whoever can do that. `lacking` (what is missing) and `instead` (what helps without it) are for pages, whose
    readers cannot: parts of a sentence in Chinese.
    """

    def __init__(self, lacking: str, install: str, instead: str) -> None:
        super().__init__(f"{lacking}：{install}，或{instead}")
        self.lacking = lacking
        self.instead = instead
