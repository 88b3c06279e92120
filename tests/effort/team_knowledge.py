"""What a team knows of its system: the truth, with some answers missing and a few ticks in the wrong box."""

import random
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import msgspec
from msgspec.structs import replace

from domain.analysis.control_questions import presupposed_answers
from domain.facts.screening_topics import ScreeningTopic
from domain.kernel.answer import Answer
from domain.kernel.elements import DataFlow, ElementId
from domain.model import ThreatModel
from domain.model.element_labels import name_of
from tests.effort.described_systems import DescribedSystem

UNKNOWN_SHARE = 0.20
WRONG_SHARE = 0.03
_FOLDER = Path(__file__).parent
_BACK = " (back)"
_ANSWERS = {"yes": Answer.YES, "no": Answer.NO, "not_applicable": Answer.NOT_APPLICABLE}
_OPPOSITE = {Answer.YES: Answer.NO, Answer.NO: Answer.YES, Answer.NOT_APPLICABLE: Answer.NOT_APPLICABLE}


class StatedAnswers(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Answers to the questions about one fact, by place; `rest` is the answer for the others."""

    yes: tuple[str, ...] = ()
    no: tuple[str, ...] = ()
    not_applicable: tuple[str, ...] = ()
    rest: str = ""

    def answer(self, place: str) -> Answer | None:
        """Return the answer at a place, if it is stated."""
        for word, answer in _ANSWERS.items():
            if place in getattr(self, word):
                return answer
        return _ANSWERS.get(self.rest)


Stated = Mapping[str, StatedAnswers]


@cache
def stated_answers(name: str) -> Stated:
    """Return the answers in the file of this system, by fact."""
    raw = (_FOLDER / f"{name}_answers.toml").read_bytes()
    return msgspec.toml.decode(raw, type=dict[str, StatedAnswers])


class TeamKnowledge:
    """Answers that the members of a team give, each question with its own fixed chance to go wrong."""

    def __init__(
        self,
        system: DescribedSystem,
        stated: Stated,
        seed: int,
        *,
        unknown_share: float = UNKNOWN_SHARE,
        wrong_share: float = WRONG_SHARE,
    ) -> None:
        self._system = system
        self._stated = stated
        self._seed = seed
        self._unknown_share = unknown_share
        self._wrong_share = wrong_share
        self.wrong: set[tuple[ElementId, str]] = set()
        self.unstated: set[tuple[str, str]] = set()

    def truth(self, model: ThreatModel, element: ElementId, fact: str) -> Answer | None:
        """Return the true answer; None where the description leaves it open."""
        stated = self._stated.get(fact)
        if stated is None:
            return None
        place = place_of(self._system, model, element)
        named = place in (*stated.yes, *stated.no, *stated.not_applicable)
        return stated.answer(place if named else without_direction(place))

    def answer(self, model: ThreatModel, element: ElementId, fact: str) -> Answer:
        """Return the answer that is given: the true one, “don't know”, or rarely the wrong one."""
        place = place_of(self._system, model, element)
        true = self.truth(model, element, fact)
        if true is None:
            self.unstated.add((fact, place))
            return Answer.UNKNOWN
        chance = random.Random(f"{self._seed}/{fact}/{place}").random()
        if chance < self._unknown_share:
            return Answer.UNKNOWN
        if chance < self._unknown_share + self._wrong_share and _OPPOSITE[true] is not true:
            self.wrong.add((element, fact))
            return _OPPOSITE[true]
        return true

    def exists(self, topic: ScreeningTopic) -> Answer:
        """Return the answer to a line of the screening: whether a feature exists anywhere in the system."""
        stated = [self._stated.get(fact) for fact in topic.facts]
        if self._chance(topic.id) < self._unknown_share:
            return Answer.UNKNOWN
        if any(one is not None and (one.yes or one.rest == "yes") for one in stated):
            return Answer.YES
        silent = any(one is None or one == StatedAnswers() for one in stated)
        return Answer.UNKNOWN if silent else Answer.NO

    def has_it(self, model: ThreatModel, element: ElementId, fact: str) -> bool:
        """Return whether an element is chosen where a feature exists that the team knows to exist."""
        return self.truth(model, element, fact) is Answer.YES

    def lacks_it_elsewhere(self, model: ThreatModel, elements: Sequence[ElementId], fact: str) -> bool:
        """Return whether the team says that the elements that are not chosen do not have a feature."""
        return True

    def control(
        self, model: ThreatModel, fact: str, elements: Sequence[ElementId]
    ) -> Mapping[ElementId, Answer]:
        """Return what is said of a control, by element; those that are left open are not in it.

        One decision has one chance to go wrong: nobody knows, or one element is said to lack the control that
        has it, or overlooked. Elements of which the description says nothing do not need the control.
        """
        truths = {element: self.truth(model, element, fact) for element in elements}
        chance = self._chance(fact)
        if not any(truths.values()):
            self.unstated.add((fact, "the whole system"))
            return dict.fromkeys(elements, Answer.UNKNOWN)
        if chance < self._unknown_share:
            return dict.fromkeys(elements, Answer.UNKNOWN)
        missing = {
            one for one in elements if truths[one] is Answer.NO and not self._rules_out(model, one, fact)
        }
        if chance < self._unknown_share + self._wrong_share:
            slip = random.Random(f"{self._seed}/{fact}/slip").choice(sorted(elements))
            missing ^= {slip}
            self.wrong.add((slip, fact))
        if len(elements) == 1 and not missing:
            return {elements[0]: truths[elements[0]] or Answer.UNKNOWN}
        return {one: Answer.NO if one in missing else Answer.YES for one in elements}

    def _rules_out(self, model: ThreatModel, element: ElementId, fact: str) -> bool:
        """Return whether a control is not needed at an element, since what it is for does not exist there."""
        denied = replace(model, facts=model.facts.insert((element, fact), Answer.NO))
        return any(
            self.truth(model, about, asked) not in (answer, None)
            for (about, asked), answer in presupposed_answers(denied, element, fact)
        )

    def _chance(self, about: str) -> float:
        return random.Random(f"{self._seed}/{about}/whole system").random()


class HonestTeam(TeamKnowledge):
    """A team that says of the whole system only what the description says of each element concerned."""

    def __init__(self, system: DescribedSystem, stated: Stated) -> None:
        super().__init__(system, stated, 0, unknown_share=0, wrong_share=0)

    def control(
        self, model: ThreatModel, fact: str, elements: Sequence[ElementId]
    ) -> Mapping[ElementId, Answer]:
        """Return what the description says of a control, by element; what it does not say is left open.

        It is not called missing where what it is for does not exist: no one verifies the server of a flow
        that is not encrypted.
        """
        truths = {element: self.truth(model, element, fact) for element in elements}
        if not any(truths.values()):
            return dict.fromkeys(elements, Answer.UNKNOWN)
        return {
            element: truth
            for element, truth in truths.items()
            if truth is not None and not (truth is Answer.NO and self._rules_out(model, element, fact))
        }

    def lacks_it_elsewhere(self, model: ThreatModel, elements: Sequence[ElementId], fact: str) -> bool:
        """Return whether the description denies a feature at all elements that are not chosen."""
        truths = (self.truth(model, element, fact) for element in elements)
        return all(truth is not None for truth in truths)


def place_of(system: DescribedSystem, model: ThreatModel, element: ElementId) -> str:
    """Return the name that the description gives to an element; of a flow by its ends and what it carries."""
    known = model.elements[element]
    if not isinstance(known, DataFlow):
        return known.name
    ends = name_of(model, known.source), name_of(model, known.target)
    through = name_of(model, known.entry_point) if known.entry_point else ""
    assets = {name_of(model, asset) for asset in known.assets}
    fitting = [
        ((bool(through) and flow.through == through, set(carried) == assets), flow.name + suffix)
        for flow in system.flows
        for from_to, carried, suffix in (
            (flow.ends, flow.carries, ""),
            (flow.ends[::-1] if flow.two_way else None, flow.back, _BACK),
        )
        if from_to == ends
    ]
    return max(fitting, key=lambda one: one[0])[1] if fitting else f"{ends[0]} → {ends[1]}"


def without_direction(place: str) -> str:
    """Return the name of a flow without the mark of its second direction."""
    return place.removesuffix(_BACK)
