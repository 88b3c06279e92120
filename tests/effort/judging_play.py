"""The team confirms the suggested threats that are worth keeping, and dismisses the others."""

from collections.abc import Sequence

from bot.sandbox.api import VisibleView
from bot.slack.protocol.targets import Target
from bot.slack.ui.forms.form_fields import field_key
from bot.slack.ui.modals.analysis.suggested_threats_page import suggested_threat_ids
from tests.effort.counted_person import CountedPerson, option_values, target_of
from tests.effort.played_system import PlayedSystem

_MOST_DECISIONS = 400
_REASON = "A control that is in place answers it, or it was a slip of the answers."


def begin_analysis(play: PlayedSystem) -> None:
    """Move on to analysis; where a condition is unmet, the facilitator gives a reason."""
    play.counts.phase = "steps"
    move_on(play, "begin_analysis")


def move_on(play: PlayedSystem, move: str) -> None:
    """Change the phase of the model."""
    ana, before = play.facilitator, play.model.step
    play.open_more(ana)
    view = ana.wait_for("more")
    if not ana.press_first(view, move):
        assert ana.press_first(view, "move", d=move)
    play.team.wait(
        lambda: play.model.step != before or (ana.view is not None and ana.view.callback_id == "move")
    )
    if play.model.step == before:
        for control in list(ana.fields()):
            if not control.block.get("optional", False):
                ana.enter(control, "We know the system well; the rest follows.")
        ana.submit()
    play.team.wait(lambda: play.model.step != before)
    ana.close()


def judge_suggested_threats(play: PlayedSystem) -> None:
    """Decide every suggested threat, the places of one rule together."""
    play.counts.phase = "judge"
    ben = play.people[1]
    ben.command("findings")
    for _ in range(_MOST_DECISIONS):
        view = ben.wait_for("seen")
        if not play.register.suggested_threats:
            ben.close()
            return
        _decide_some(play, ben, view)
        _wait_for_change(play, ben, view)
    raise AssertionError("the suggested threats do not end")


def _wait_for_change(play: PlayedSystem, person: CountedPerson, before: VisibleView) -> None:
    """Wait until the page offers other suggested threats than before."""
    offered = _offered(person, before)

    def changed() -> bool:
        view = person.view
        return view is not None and view.callback_id == "seen" and _offered(person, view) != offered

    play.team.wait(changed)


def _offered(person: CountedPerson, view: VisibleView) -> list[str]:
    return [str(target_of(control)["e"]) for control in person.buttons(view, "confirm")]


def _decide_some(play: PlayedSystem, person: CountedPerson, view: VisibleView) -> None:
    """Decide the first group that can be decided as a whole or place by place."""
    suggested_threats = {
        suggested_threat.id: suggested_threat for suggested_threat in play.register.suggested_threats
    }
    for control in person.buttons(view, "confirm"):
        encoded = str(target_of(control)["e"])
        ids = suggested_threat_ids(Target(element=encoded))
        kept = [id for id in ids if play.review.keeps(play, suggested_threats[id])]
        if len(kept) == len(ids):
            person.press(view, control)
            return
        if not kept:
            person.press(view, person.buttons(view, "dismiss", e=encoded)[0])
            person.wait_for("dismiss")
            person.fill({"reason": _REASON})
            person.submit()
            return
        if choosing := person.buttons(view, "group", e=encoded):
            person.press(view, choosing[0])
            _choose_places(person, kept)
            return
    raise AssertionError("no suggested threat is offered")


def _choose_places(person: CountedPerson, kept: Sequence[str]) -> None:
    """Confirm the ticked places of a group as one threat, and dismiss the others."""
    person.wait_for("group")
    for control in list(person.fields()):
        if field_key(control.block_id) == "places":
            ticked = [value for value in option_values(control) if value in kept]
            if ticked:
                person.enter(control, ticked)
    person.fill({"others": "dismiss", "reason": _REASON})
    person.submit()
