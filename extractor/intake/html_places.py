"""Where the text of a page stands: the element that draws it, as its path from the root."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from dataclasses import dataclass

from extractor.model import Place, Span


@dataclass(frozen=True, slots=True)
class ElementPlaces:
    """Names the element of each run of text.

    `starts` are the offsets at which runs begin, `owners` their elements; of each element `parents` has the element above
    it (-1 for the root), `steps` its step in the path, `lines` the line of the file on which its start tag ends (0: none).
    """

    starts: array[int]
    owners: array[int]
    parents: array[int]
    steps: tuple[str, ...]
    lines: array[int]

    def locate(self, span: Span) -> Place:
        """The element that draws the first character of `span`, and the line of the file where that element opens."""
        if not self.starts:
            return Place()
        owner = self.owners[max(bisect_right(self.starts, span.start) - 1, 0)]
        return Place(line=self.lines[owner] or None, element=self.path(owner))

    def path(self, element: int) -> str:
        """The path of an element: `/html/body/div[2]/p[3]`; `#document` stands where a frame's page begins."""
        steps = []
        while element >= 0:
            steps.append(self.steps[element])
            element = self.parents[element]
        return "/" + "/".join(reversed(steps))
