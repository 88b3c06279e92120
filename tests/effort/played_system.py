"""A described system that is being played: the bot, the four people, what they know and what was counted."""

from functools import cached_property

import msgspec

from domain.kernel.elements import Kind
from domain.model import ThreatModel
from domain.register import ThreatRegister, register
from tests.effort.counted_person import CountedPerson, EffortCounts
from tests.effort.described_systems import DescribedSystem
from tests.effort.suggested_threat_review import SuggestedThreatReview
from tests.effort.team_knowledge import TeamKnowledge, place_of
from tests.slack.slack_team import SlackTeam

PEOPLE = ("ana", "ben", "chi", "dee")


class QuestionCounter(msgspec.Struct, frozen=True, kw_only=True):
    """The counter of questions at a moment: those that are open, and all, answered ones included."""

    open: int
    all: int


class PlayedSystem:
    """What the phases of a play share."""

    def __init__(
        self,
        team: SlackTeam,
        system: DescribedSystem,
        knowledge: TeamKnowledge,
        review: SuggestedThreatReview,
    ) -> None:
        self.team = team
        self.system = system
        self.knowledge = knowledge
        self.review = review
        self.counts = EffortCounts()
        self.closings = 0
        self.counter: list[QuestionCounter] = []
        self._computed: tuple[ThreatModel, ThreatRegister] | None = None

    @cached_property
    def people(self) -> tuple[CountedPerson, ...]:
        """The team; the first is the facilitator."""
        return tuple(CountedPerson(self.team, who, self.counts) for who in PEOPLE)

    @property
    def facilitator(self) -> CountedPerson:
        """The person who started the model."""
        return self.people[0]

    @property
    def model(self) -> ThreatModel:
        """The model as it is now."""
        return self.team.model()

    @property
    def register(self) -> ThreatRegister:
        """The computed register as it is now."""
        model = self.model
        if self._computed is None or self._computed[0] is not model:
            self._computed = model, register(model)
        return self._computed[1]

    def element_id(self, kind: Kind, name: str) -> str:
        """Return the ID of the element of that kind and name; empty if there is none."""
        return next((one.id for one in self.model.of_kind(kind) if one.name == name), "")

    def place(self, element: str) -> str:
        """Return the name that the description gives to an element of the model."""
        elements = self.model.elements
        known = next((one for one in elements if one == element), None)
        return place_of(self.system, self.model, known) if known is not None else ""

    def open_more(self, person: CountedPerson) -> None:
        """Open the page with everything that is not needed daily."""
        person.command("status")
        card = self.team.card()
        person.press_first(card, "more")
        person.wait_for("more")
