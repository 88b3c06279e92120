"""The House with its suggested threats, and decisions on them."""

from domain.commands import AnswerQuestions, ConfirmSuggestedThreats, DismissSuggestedThreats, Reply
from domain.events import RecordedEvent
from domain.kernel.answer import Answer
from domain.kernel.elements import ElementId, Kind, PersonId
from domain.kernel.threat import AnswerAtDecision, PlacementAtDecision, SuggestedThreatId, ThreatId
from domain.register import ThreatRegister, register
from domain.replay import replay
from tests.examples import at, house, id_of_element

AMINA, BENJI, CHIYO = (PersonId(f"U{one}") for one in ("AMINA", "BENJI", "CHIYO"))
HOUSE = house()
MODEL = replay(HOUSE)
FRONT = id_of_element(MODEL, Kind.ENTRY_POINT, "Front door")
THROUGH_THE_FRONT = SuggestedThreatId("S01@DF-1")
VISITORS = SuggestedThreatId("S01@DF-3")
GARAGE = SuggestedThreatId("X02@DF-5")
NOBODY_ASKS = AnswerAtDecision(element=FRONT, fact="caller_authenticated", answer=Answer.NO)
RESIDENT, HOME, GARAGE_ROOM = (
    id_of_element(MODEL, Kind.COMPONENT, name) for name in ("Resident", "House", "Garage")
)
VISITOR_LEVEL, RESIDENT_LEVEL = (
    id_of_element(MODEL, Kind.TRUST_LEVEL, one) for one in ("Visitors", "Residents")
)
LOCKS = id_of_element(MODEL, Kind.TRUST_BOUNDARY, "Locks")
RESIDENT_OUTSIDE = PlacementAtDecision(element=RESIDENT, trust_level=RESIDENT_LEVEL)
HOUSE_IN_LOCKS = PlacementAtDecision(element=HOME, trust_level=RESIDENT_LEVEL, boundaries=(LOCKS,))
TH1, TH2, TH3 = (ThreatId(f"TH-{number}") for number in (1, 2, 3))
NEXT = len(HOUSE) + 1


def register_of(events: list[RecordedEvent]) -> ThreatRegister:
    return register(replay(events))


def open_suggested_threat_ids(events: list[RecordedEvent]) -> set[str]:
    return {suggested_threat.id for suggested_threat in register_of(events).suggested_threats}


def confirm(*ids: SuggestedThreatId, minute: int = 100) -> ConfirmSuggestedThreats:
    return ConfirmSuggestedThreats(by=BENJI, at=at(minute), suggested_threats=ids)


def dismiss(
    *ids: SuggestedThreatId, minute: int = 100, by: PersonId = BENJI, reason: str = "We know them all"
) -> DismissSuggestedThreats:
    return DismissSuggestedThreats(by=by, at=at(minute), suggested_threats=ids, reason=reason)


def answer(answer: Answer, minute: int, element: ElementId = FRONT) -> AnswerQuestions:
    reply = Reply(element=element, fact="caller_authenticated", answer=answer)
    return AnswerQuestions(by=CHIYO, at=at(minute), replies=(reply,))
