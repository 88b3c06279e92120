"""Lines about controls: controls of one topic are asked about together."""

from collections.abc import Iterable

import msgspec

from domain.analysis.control_questions import ControlQuestion
from domain.catalog import Catalog
from domain.kernel.elements import ElementId


class ControlLine(msgspec.Struct, frozen=True, kw_only=True):
    """Controls that are asked about in one line, at least one; with one, its fact is the ID."""

    id: str
    text: str
    controls: tuple[ControlQuestion, ...]

    @property
    def elements(self) -> tuple[ElementId, ...]:
        """Return the elements at which any of its controls is open."""
        return tuple(dict.fromkeys(element for one in self.controls for element in one.elements))


def control_lines(catalog: Catalog, controls: Iterable[ControlQuestion]) -> tuple[ControlLine, ...]:
    """Return a line for each topic with several open controls, and for each other control.

    A line has the place of its most urgent control.
    """
    topic_of = {fact: topic for topic in catalog.control_topics for fact in topic.facts}
    together: dict[str, list[ControlQuestion]] = {}
    for one in controls:
        topic = topic_of.get(one.fact)
        together.setdefault(topic.id if topic else one.fact, []).append(one)
    questions = {topic.id: topic.question for topic in catalog.control_topics}
    return tuple(
        ControlLine(id=id, text=questions[id], controls=tuple(several))
        if len(several) > 1
        else ControlLine(id=several[0].fact, text=several[0].text, controls=tuple(several))
        for id, several in together.items()
    )
