"""Each kind of answer can be taken back: the register is then as it was, and the difference is empty."""

import pytest

from domain.changes import difference
from domain.commands import (
    AllowSharing,
    AskPerson,
    ChooseLabels,
    ChooseParticipants,
    ChooseTerms,
    Command,
    CompleteRegister,
    ConsiderRow,
    ForbidSharing,
    OpenQuestion,
    OrderTrustLevels,
    RecordAssumption,
    RemoveElement,
    ReopenCandidate,
    ReopenRegister,
    ReopenRow,
    ReviseAssumption,
    ReviseThreat,
    Undo,
    WithdrawAssumption,
    WithdrawThreat,
)
from domain.kernel.elements import AssumptionId, ElementId, Kind
from domain.kernel.stride import Stride
from domain.register import register
from domain.replay import replay
from tests.domain.suggested_threats import (
    AMINA,
    BENJI,
    CHIYO,
    FRONT,
    HOUSE,
    TH1,
    THROUGH_THE_FRONT,
    confirm,
    dismiss,
)
from tests.examples import at, decide_all

AU2 = AssumptionId("AU-2")
BELIEVED = RecordAssumption(by=BENJI, at=at(60), text="The lock holds")
LEVELS = tuple(one.id for one in replay(HOUSE).trust_levels())
DOOR = ConsiderRow(by=BENJI, at=at(100), element=FRONT, reason="Seen")


SAID: dict[str, tuple[Command, ...]] = {
    "a register is complete": (CompleteRegister(by=BENJI, at=at(100), register=Kind.ASSET),),
    "a register is open again": (
        CompleteRegister(by=BENJI, at=at(100), register=Kind.ASSET),
        ReopenRegister(by=CHIYO, at=at(101), register=Kind.ASSET),
    ),
    "an order": (OrderTrustLevels(by=BENJI, at=at(100), order=LEVELS[::-1]),),
    "an assumption": (BELIEVED,),
    "an assumption is revised": (
        BELIEVED,
        ReviseAssumption(by=BENJI, at=at(101), assumption=AU2, text="The lock holds a year"),
    ),
    "an assumption is withdrawn": (BELIEVED, WithdrawAssumption(by=BENJI, at=at(101), assumption=AU2)),
    "a component is removed with its flows": (
        RemoveElement(by=BENJI, at=at(100), element=ElementId("CO-2"), together=True),
    ),
    "a component takes the place of another one": (
        RemoveElement(by=BENJI, at=at(100), element=ElementId("CO-2"), replacement=ElementId("CO-3")),
    ),
    "a threat is confirmed": (confirm(THROUGH_THE_FRONT),),
    "a threat is revised": (
        confirm(THROUGH_THE_FRONT),
        ReviseThreat(by=CHIYO, at=at(101), threat=TH1, title="Somebody else", stride=(Stride.SPOOFING,)),
    ),
    "a threat is withdrawn": (
        confirm(THROUGH_THE_FRONT),
        WithdrawThreat(by=CHIYO, at=at(101), threat=TH1),
    ),
    "a candidate is dismissed": (dismiss(THROUGH_THE_FRONT),),
    "a candidate is open again": (
        dismiss(THROUGH_THE_FRONT),
        ReopenCandidate(by=CHIYO, at=at(101), candidate=THROUGH_THE_FRONT),
    ),
    "a row is considered": (DOOR,),
    "a row is open again": (DOOR, ReopenRow(by=CHIYO, at=at(101), element=FRONT)),
    "a person is asked": (
        AskPerson(
            by=BENJI,
            at=at(100),
            person=CHIYO,
            questions=(OpenQuestion(element=FRONT, fact="rate_limited"),),
        ),
    ),
    "sharing is allowed": (AllowSharing(by=AMINA, at=at(100)),),
    "sharing is forbidden": (AllowSharing(by=AMINA, at=at(100)), ForbidSharing(by=AMINA, at=at(101))),
    "participants": (ChooseParticipants(by=AMINA, at=at(100), participants=(BENJI,)),),
    "labels": (ChooseLabels(by=AMINA, at=at(100), labels=("team: garden",)),),
    "terms": (ChooseTerms(by=AMINA, at=at(100), quorum=4),),
}


@pytest.mark.parametrize("what", SAID)
def test_it_is_taken_back(what: str) -> None:
    *earlier, last = SAID[what]
    before = decide_all(*earlier, after=HOUSE)
    answered = decide_all(last, after=before)
    assert len(answered) > len(before)
    undone = decide_all(Undo(by=last.by, at=at(120)), after=answered)
    assert difference(register(replay(before)), register(replay(undone)), undone) == ()
    assert register(replay(before)) != register(replay(answered))
