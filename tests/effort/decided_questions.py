"""Questions that the team was shown and decided."""

import re
from typing import TypeAlias

from domain.facts import FACTS
from domain.kernel.elements import ElementId
from tests.effort.played_system import PlayedSystem

_SPLIT = re.compile(r"[/+]")

Asked: TypeAlias = tuple[ElementId, str]


class DecidedQuestions:
    """Questions that the team was shown undecided and that it decided, each counted once a showing."""

    def __init__(self) -> None:
        self.shown: list[Asked] = []
        self.rules: dict[Asked, tuple[str, ...]] = {}
        self.for_all_alike = 0

    def show(self, play: PlayedSystem, asked: Asked) -> None:
        """Note a question that is shown, and the rules that ask it."""
        self.shown.append(asked)
        open_now = play.register.questions
        rules = next((one.rules for one in open_now if (one.element, one.fact) == asked), ())
        self.rules[asked] = (*self.rules.get(asked, ()), *rules)


def asked_in(play: PlayedSystem, about: str) -> Asked | None:
    """Return the question that the key of a field is about: an element of the model and a fact."""
    parts = _SPLIT.split(about)
    elements = [one for one in play.model.elements if one in parts]
    facts = [part for part in parts if part in FACTS]
    return (elements[0], facts[0]) if elements and facts else None
