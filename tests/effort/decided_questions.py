"""Questions that the team was shown and decided."""

import re
from collections.abc import Iterable
from typing import TypeAlias

from domain.analysis.control_questions import ControlQuestion, rules_of_control
from domain.built_in_catalog import BUILT_IN
from domain.kernel.elements import ElementId
from tests.effort.played_system import PlayedSystem

_SPLIT = re.compile(r"[/+]")

Asked: TypeAlias = tuple[ElementId, str]


class DecidedQuestions:
    """Questions that the team was shown undecided and that it decided, each counted once a showing.

    `lines` are those about the whole system, which count once; `exceptions` counts the elements chosen
    in them. `rules` are the rules that the questions about each element serve.
    """

    def __init__(self) -> None:
        self.shown: list[Asked] = []
        self.lines: list[str] = []
        self.exceptions = 0
        self.rules: dict[Asked, tuple[str, ...]] = {}

    @property
    def count(self) -> int:
        """The number of decisions: one for each element, or one for each line about the whole system."""
        return len(self.shown) + len(self.lines)

    def show_controls(self, line: str, controls: Iterable[ControlQuestion]) -> None:
        """Note a line about controls of the whole system."""
        self.lines.append(line)
        for one in controls:
            rules = rules_of_control(BUILT_IN, one.fact)
            for element in one.elements:
                about = element, one.fact
                self.rules[about] = (*self.rules.get(about, ()), *rules)

    def show(self, play: PlayedSystem, asked: Asked) -> None:
        """Note a question that is shown, and the rules that ask it."""
        self.shown.append(asked)
        open_now = play.register.questions
        rules = next((one.rules for one in open_now if (one.element, one.fact) == asked), ())
        self.rules[asked] = (*self.rules.get(asked, ()), *rules)


def asked_in(play: PlayedSystem, about: str) -> Asked | None:
    """Return the question that the key of a field is about: an element of the model and a fact."""
    parts = _SPLIT.split(about)
    elements = [element for element in play.model.elements if element in parts]
    facts = [part for part in parts if part in BUILT_IN.facts]
    return (elements[0], facts[0]) if elements and facts else None
