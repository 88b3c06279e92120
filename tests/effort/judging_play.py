"""The team judges the candidates: it confirms those that are worth keeping, and dismisses the others."""

from bot.sandbox.api import VisibleView
from tests.effort.counted_person import CountedPerson, target_of
from tests.effort.played_system import PlayedSystem

_MOST_DECISIONS = 400
_REASON = "A control that is in place answers it, or it was a slip of the answers."


def begin_analysis(play: PlayedSystem) -> None:
    """Move on to analysis; where a gate is open, the facilitator gives a reason."""
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


def judge_candidates(play: PlayedSystem) -> None:
    """Decide every candidate, those of one element together where the verdict is the same."""
    play.counts.phase = "judge"
    ben = play.people[1]
    ben.command("candidates")
    for _ in range(_MOST_DECISIONS):
        view = ben.wait_for("seen")
        if not play.register.candidates:
            ben.close()
            return
        _decide_some(play, ben, view)
        _wait_for_change(play, ben, view)
    raise AssertionError("the candidates do not end")


def _wait_for_change(play: PlayedSystem, person: CountedPerson, before: VisibleView) -> None:
    """Wait until the page offers other candidates than before."""
    offered = _offered(person, before)

    def changed() -> bool:
        view = person.view
        return view is not None and view.callback_id == "seen" and _offered(person, view) != offered

    play.team.wait(changed)


def _offered(person: CountedPerson, view: VisibleView) -> list[str]:
    return [str(target_of(control)["e"]) for control in person.buttons(view, "confirm")]


def _decide_some(play: PlayedSystem, person: CountedPerson, view: VisibleView) -> None:
    """Decide the first group, or the first candidate of a group in which the verdicts differ."""
    candidates = {one.id: one for one in play.register.candidates}
    for control in person.buttons(view, "confirm"):
        ids = str(target_of(control)["e"])
        verdicts = {play.review.keeps(play, candidates[one]) for one in ids.split(",")}
        if verdicts == {True}:
            person.press(view, control)
            return
        if verdicts == {False}:
            person.press(view, person.buttons(view, "dismiss", e=ids)[0])
            person.wait_for("dismiss")
            person.fill({"reason": _REASON})
            person.submit()
            return
    raise AssertionError("no candidate is offered")
