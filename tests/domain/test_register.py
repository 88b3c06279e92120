"""The one read model as a whole: lists, what is next, gates."""

from collections.abc import Sequence

from domain.commands import AddAsset, BeginAnalysis, CloseThreatModel, RemoveElement, ReportThreat
from domain.events import RecordedEvent
from domain.kernel.answer import Answer
from domain.kernel.elements import Kind
from domain.kernel.stride import Stride
from domain.next_step.next_step_choice import NextStepKind
from domain.register import register
from domain.replay import replay
from tests.domain.placed_components import HOME, answer_open_questions, element_id, placed_model, reply
from tests.examples import ANA, answer_screening, at, decide_all, house, started


def test_what_is_next_follows_the_work() -> None:
    def following(events: Sequence[RecordedEvent]) -> NextStepKind:
        return register(replay(events)).next.act

    assert following([started()]) is NextStepKind.DRAW
    assert (
        following(decide_all(AddAsset(by=ANA, at=at(1), name="Key"), after=[started()])) is NextStepKind.DRAW
    )
    assert following(placed_model()) is NextStepKind.PLACE
    assert following(placed_model(*HOME)) is NextStepKind.ANSWER
    answered = answer_open_questions(placed_model(*HOME))
    ready = register(replay(answered)).next
    assert (ready.act, ready.waits_for) == (NextStepKind.BEGIN_ANALYSIS, ANA)


def test_threats_that_wait_for_votes_and_what_no_one_knows_lead_on_to_analysis() -> None:
    reported = decide_all(
        ReportThreat(by=ANA, at=at(9), title="Glue", stride=(Stride.DENIAL_OF_SERVICE,)),
        after=placed_model(*HOME),
    )
    waiting = register(replay(reported)).next
    assert (waiting.act, waiting.waits_for) == (NextStepKind.BEGIN_ANALYSIS, ANA)
    assert waiting.text == "Begin analysis: 1 threat to score"
    one_open = answer_open_questions(placed_model(*HOME), but="anonymous_by_design")
    nobody_knows = decide_all(
        reply("EP-1", "anonymous_by_design", Answer.UNKNOWN),
        reply("EP-1", "caller_authenticated", Answer.UNKNOWN),
        after=one_open,
    )
    assert register(replay(nobody_knows)).questions
    assert register(replay(nobody_knows)).next.act is NextStepKind.BEGIN_ANALYSIS


def test_the_house_has_its_five_registers() -> None:
    found = register(replay(house()))
    assert {kind: len(found.items(kind)) for kind in Kind} == {
        Kind.EXTERNAL_DEPENDENCY: 3,
        Kind.ENTRY_POINT: 3,
        Kind.ASSET: 4,
        Kind.TRUST_LEVEL: 4,
        Kind.DATA_FLOW: 5,
        Kind.COMPONENT: 5,
        Kind.TRUST_BOUNDARY: 1,
    }
    assert [item.name for item in found.items(Kind.TRUST_LEVEL)] == [
        "Passers-by",
        "Visitors",
        "Guests",
        "Residents",
    ]
    assert found.lists[Kind.EXTERNAL_DEPENDENCY].complete
    assert [one.text for one in found.assumptions] == ["The windows are nailed shut"]


def test_what_was_removed_is_still_shown_as_removed() -> None:
    events = decide_all(
        AddAsset(by=ANA, at=at(1), name="Key"),
        RemoveElement(by=ANA, at=at(2), element=element_id("AS-1")),
        after=[started()],
    )
    found = register(replay(events))
    assert found.items(Kind.ASSET) == ()
    assert [(item.id, item.name, item.removed) for item in found.removed] == [("AS-1", "Key", True)]
    assert found.item(element_id("AS-1")) is not None


def test_gates_say_what_keeps_a_model_from_closing() -> None:
    found = {gate.id: gate for gate in register(replay(house())).gates}
    assert found["collected"].met
    assert not found["no_unknowns"].met
    assert not found["candidates_decided"].met


def test_an_empty_model_is_empty_and_allows_what_its_step_allows() -> None:
    empty = register(replay([started()]))
    assert empty.empty
    assert empty.allows(AddAsset)
    assert empty.allows(BeginAnalysis)
    closed = decide_all(CloseThreatModel(by=ANA, at=at(1), reason="done"), after=[started()])
    assert not register(replay(closed)).allows(AddAsset)
    assert not register(replay(house())).empty


def test_one_of_something_is_not_called_many() -> None:
    screened = decide_all(answer_screening(), after=placed_model(*HOME))
    one_open = answer_open_questions(screened, but="anonymous_by_design")
    assert register(replay(one_open)).next.text == "Answer 1 open question"
    assert register(replay(screened)).next.text == "Answer 5 open questions"
