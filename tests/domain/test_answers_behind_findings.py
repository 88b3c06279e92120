"""The answers that findings rest on: each can be changed and changed back, and what follows is told."""

import random

import pytest
from msgspec.structs import replace

from domain.changes import effects
from domain.commands import AnswerQuestions, ConfirmSuggestedThreats, DismissSuggestedThreats, Reply
from domain.decide import decide
from domain.kernel.answer import Answer
from domain.kernel.answer_basis import BasisKind
from domain.kernel.threat import SuggestedThreatId
from domain.model import ThreatModel, evolve
from domain.register import ThreatRegister, register
from domain.replay import replay
from domain.rules.conditions import Asked
from tests.depth import count
from tests.domain.generated_systems import generated_system
from tests.domain.suggested_threats import BENJI, HOUSE
from tests.domain.test_answer_basis import FACT, FIRST, for_all, stated
from tests.examples import at, decide_all

E01 = SuggestedThreatId(f"E01@{FIRST}")
STATED = (FIRST, FACT)


def answered(model: ThreatModel, replies: dict[Asked, Answer]) -> ThreatModel:
    told = tuple(
        Reply(element=element, fact=fact, answer=answer) for (element, fact), answer in replies.items()
    )
    for event in decide(AnswerQuestions(by=BENJI, at=at(0), replies=told), model):
        model = evolve(model, event)
    return model


def answered_system(seed: int) -> ThreatModel:
    """A generated system in collection whose questions were answered at random until none is left."""
    chance = random.Random(seed)
    model = replace(generated_system(12, seed), step="collection", version=1, facilitator=BENJI)
    while questions := register(model).questions:
        fresh = [(one.element, one.fact) for one in questions if (one.element, one.fact) not in model.facts]
        if not fresh:
            break
        model = answered(model, {one: chance.choice([Answer.YES, Answer.NO]) for one in fresh})
    return model


def findings(seen: ThreatRegister) -> dict[str, str]:
    cells = {
        f"{row.element}/{cell.category}": str(cell.by) for row in seen.coverage.rows for cell in row.cells
    }
    suggested = {one.id: "suggested" for one in seen.suggested_threats}
    return cells | suggested | {one.id: "prevented" for one in seen.prevented}


def seen_as(model: ThreatModel) -> tuple[object, ...]:
    seen = register(model)
    return findings(seen), [(one.element, one.fact) for one in seen.questions]


OTHER = {Answer.YES: Answer.NO, Answer.NO: Answer.YES}


@pytest.mark.parametrize("seed", range(count(3, deep=60)))
def test_an_answer_behind_a_finding_changed_and_changed_back_gives_the_same_model(seed: int) -> None:
    model = answered_system(seed)
    before, first = seen_as(model), register(model)
    every = [one for one in findings(first) if first.answers_behind(one)]
    assert any("/" in one for one in every)
    for finding in random.Random(seed).sample(every, min(count(12, deep=40), len(every))):
        behind = {
            asked: model.facts[asked] for asked in first.answers_behind(finding) if asked in model.facts
        }
        turned = answered(model, {asked: OTHER[answer] for asked, answer in behind.items()})
        assert seen_as(answered(turned, behind)) == before, finding


@pytest.mark.parametrize("seed", range(count(3, deep=60)))
def test_what_is_denied_behind_a_suggested_threat_answered_with_yes_takes_it_away(seed: int) -> None:
    model = answered_system(seed)
    seen = register(model)
    assert seen.suggested_threats
    for one in seen.suggested_threats[: count(15, deep=100)]:
        denied = [asked for asked in seen.answers_behind(one.id) if model.facts[asked] is Answer.NO]
        now = register(answered(model, dict.fromkeys(denied, Answer.YES)))
        assert one.id not in {each.id for each in now.suggested_threats}, one.id


def test_a_threat_is_traced_to_its_answers_whether_suggested_dismissed_confirmed_or_prevented() -> None:
    missing = stated(Answer.NO)
    confirmed = ConfirmSuggestedThreats(by=BENJI, at=at(120), suggested_threats=(E01,))
    dismissed = DismissSuggestedThreats(
        by=BENJI, at=at(120), suggested_threats=(E01,), reason="A guard stands there."
    )
    for commands, finding in (
        ([missing], E01),
        ([missing, dismissed], E01),
        ([missing, confirmed], "TH-1"),
        ([stated()], E01),
    ):
        seen = register(replay(decide_all(*commands, after=HOUSE)))
        assert STATED in seen.answers_behind(finding), finding
    cells = [cell.answers for row in seen.coverage.rows for cell in row.cells]
    assert any(STATED in answers for answers in cells)
    assert register(replay(HOUSE)).answers_behind(E01) == ()


def test_what_follows_from_a_change_is_told_in_sentences() -> None:
    before = register(replay(decide_all(stated(), after=HOUSE)))
    after = register(replay(decide_all(stated(), stated(Answer.NO, minute=110), after=HOUSE)))
    assert effects(before, after)[0] == "1 threat is newly suggested: “Missing authorization” (Front door)."
    assert (
        effects(after, before)[0] == "1 threat is no longer suggested: “Missing authorization” (Front door)."
    )
    assert effects(before, before) == ()


def test_a_confirmed_threat_stays_when_its_answer_is_changed_and_that_is_told() -> None:
    confirmed = ConfirmSuggestedThreats(by=BENJI, at=at(120), suggested_threats=(E01,))
    threat = decide_all(stated(Answer.NO), confirmed, after=HOUSE)
    turned = decide_all(stated(minute=130), after=threat)
    told = effects(register(replay(threat)), register(replay(turned)))
    assert "TH-1 stays, although no rule suggests it at each place now." in told


def test_a_change_does_not_state_again_what_it_leaves_as_it_is() -> None:
    line = decide_all(for_all(), after=HOUSE)
    model = replay(line)
    repeated = AnswerQuestions(by=BENJI, at=at(130), replies=stated().replies, only_changes=True)
    assert decide(repeated, model) == ()
    assert model.bases[STATED].kind is BasisKind.STATED_FOR_ALL
