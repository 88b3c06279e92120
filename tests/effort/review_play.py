"""The team closes its model, and reviews it later with what has changed in the system."""

from collections import Counter
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import msgspec
from msgspec.structs import replace

from bot.slack.protocol.targets import Action
from domain.kernel.answer_basis import CheckOutcome
from domain.kernel.elements import Kind
from domain.next_step.next_step_choice import NextStepKind
from tests.effort.answering_play import answer_questions, close_all, press_next
from tests.effort.collecting_play import open_list, place, typed_line
from tests.effort.described_systems import (
    DescribedComponent,
    DescribedFlow,
    DescribedSystem,
    ReviewEntry,
)
from tests.effort.judging_play import judge_suggested_threats
from tests.effort.played_system import PlayedSystem
from tests.effort.responding_play import respond_to_all
from tests.effort.suggested_threat_review import (
    ReviewedSuggestedThreat,
    SuggestedThreatReview,
    reviewed_suggested_threats,
)
from tests.effort.team_knowledge import Stated, StatedAnswers, TeamKnowledge
from tests.effort.voting_play import vote_on_all

_MOST_STEPS = 40
_REASON = "It is known, and planned for the next quarter."


class ReviewEffort(msgspec.Struct, frozen=True, kw_only=True):
    """What a review took; ballots are those of the voter who had most of them."""

    changed: int
    pages: int
    forms: dict[str, int]
    presses: int
    ballot_pages: int
    summary: str


class SystemChanges(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What has changed in a described system: new parts, removed flows, and what is true of them."""

    name: str = ""
    components: tuple[DescribedComponent, ...]
    flows: tuple[DescribedFlow, ...]
    removed: tuple[str, ...]
    review: tuple[ReviewEntry, ...]
    suggested_threats: tuple[ReviewedSuggestedThreat, ...] = ()
    answers: dict[str, StatedAnswers]

    def apply(self, system: DescribedSystem) -> DescribedSystem:
        """Return the system after the changes."""
        kept = tuple(one for one in system.flows if one.name not in self.removed)
        return replace(
            system,
            components=(*system.components, *self.components),
            flows=(*kept, *self.flows),
            review=(*system.review, *self.review),
        )

    def answers_after(self, stated: Stated) -> Stated:
        """Return the answers of the system with those at new elements."""
        return {**stated, **{fact: _joined(stated.get(fact), new) for fact, new in self.answers.items()}}


def _joined(old: StatedAnswers | None, new: StatedAnswers) -> StatedAnswers:
    if old is None:
        return new
    return StatedAnswers(
        yes=(*old.yes, *new.yes),
        no=(*old.no, *new.no),
        not_applicable=(*old.not_applicable, *new.not_applicable),
        rest=old.rest,
    )


@cache
def system_changes(name: str) -> SystemChanges:
    """Return the changes in the file of this system."""
    raw = (Path(__file__).parent / f"{name}_review.toml").read_bytes()
    return replace(msgspec.toml.decode(raw, type=SystemChanges), name=name)


def close_model(play: PlayedSystem) -> str:
    """Close the model with a reason for each unmet condition, and return the message to the channel."""
    play.counts.phase = "close"
    ana = play.facilitator
    play.open_more(ana)
    assert ana.press_first(ana.wait_for("more"), "move", d=Action.CLOSE)
    ana.wait_for("move")
    for control in list(ana.fields()):
        if not control.block.get("optional", False):
            ana.enter(control, _REASON)
    ana.submit()
    play.team.wait(lambda: play.model.step == "closed" or play.model.closing is not None)
    ana.close()
    if play.model.step != "closed":
        ben = play.people[1]
        press_next(play, ben)
        ben.press_first(ben.wait_for("closing"), Action.CONFIRM_CLOSING)
        play.team.wait(lambda: play.model.step == "closed")
        ben.close()
    card, closings = play.team.card("Closed"), play.closings + 1
    play.closings = closings

    def messages() -> list[str]:
        seen = play.team.person("dee").thread("#house", card.ts)
        return [one.plain for one in seen if "closed the threat model" in one.plain]

    play.team.wait(lambda: len(messages()) == closings)
    return messages()[-1]


def review(play: PlayedSystem, changes: SystemChanges, knowledge: TeamKnowledge) -> ReviewEffort:
    """Review the closed model: record the changes, and do each next step until it is closed again."""
    before, forms, ballots, presses = play.model, _forms(play), _ballots(play), play.counts.presses.total()
    play.counts.phase = "review"
    _record(play, changes)
    changed = {*before.elements} ^ {*play.model.elements}
    play.system, play.knowledge = changes.apply(play.system), knowledge
    play.review = SuggestedThreatReview(
        play.system, (*reviewed_suggested_threats(changes.name), *changes.suggested_threats)
    )
    place(play, play.facilitator)
    close_all(play)
    for _ in range(_MOST_STEPS):
        act = play.register.next.act
        if act is NextStepKind.CLOSE:
            summary, sent = close_model(play), _forms(play) - forms
            return ReviewEffort(
                changed=len(changed),
                pages=sent.total(),
                forms=dict(sent),
                presses=play.counts.presses.total() - presses,
                ballot_pages=max((_ballots(play) - ballots).values(), default=0),
                summary=summary,
            )
        _STEPS[act](play)
        close_all(play)
    raise AssertionError("the review does not end")


def _record(play: PlayedSystem, changes: SystemChanges) -> None:
    """Reopen the model from its card, remove the flows that are gone, and type the new ones."""
    ana, flows = play.facilitator, list(play.model.of_kind(Kind.DATA_FLOW))
    ana.command("status")
    assert ana.press_first(play.team.card("Closed"), "changes")
    ana.press_first(ana.wait_for("changes"), Action.REOPEN)
    play.team.wait(lambda: bool(ana.view and ana.buttons(ana.view, "flows")))
    ana.close()
    open_list(play, ana, Kind.DATA_FLOW)
    for flow in flows:
        if play.place(flow.id) in changes.removed:
            assert ana.press_first(ana.wait_for("register"), Action.REMOVE, e=flow.id)
    ana.close()
    ana.command("status")
    assert ana.press_first(play.team.card("Changes since"), "changes")
    ana.press_first(ana.wait_for("changes"), "flows")
    ana.wait_for("flows")
    ana.fill({"flows": "\n".join(map(typed_line, changes.flows))})
    ana.submit()


def _forms(play: PlayedSystem) -> Counter[str]:
    return sum(play.counts.forms.values(), Counter[str]())


def _ballots(play: PlayedSystem) -> Counter[str]:
    return play.counts.ballot_pages + play.counts.follow_up_pages


def _check(play: PlayedSystem) -> None:
    """Have the person asked confirm an answer."""
    pending = play.register.to_check
    person = next(one for one in play.people if one.id == pending[0].asked)
    press_next(play, person)
    person.wait_for("check")
    (outcome,) = [one for one in person.fields() if "outcome" in one.block_id]
    person.enter(outcome, CheckOutcome.CONFIRMED.value)
    person.fill({"evidence": "Seen in the repository."})
    person.submit()
    play.team.wait(lambda: play.register.to_check != pending)


_STEPS: Mapping[NextStepKind, Callable[[PlayedSystem], object]] = {
    NextStepKind.ANSWER: answer_questions,
    NextStepKind.DECIDE_SUGGESTED_THREATS: judge_suggested_threats,
    NextStepKind.OPEN_ROUND: vote_on_all,
    NextStepKind.RESPOND: respond_to_all,
    NextStepKind.CHECK: _check,
}
