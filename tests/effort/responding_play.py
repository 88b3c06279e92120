"""The team responds to every scored threat: most are mitigated, some risks accepted, some avoided."""

from datetime import timedelta

from domain.remediation.status import ThreatStatus
from tests.effort.counted_person import CountedPerson, option_values
from tests.effort.judging_play import move_on
from tests.effort.played_system import PlayedSystem

_MOST_STEPS = 300
_EVERY = 10
"""Of so many threats one is accepted and one avoided; the others are mitigated."""


def begin_remediation(play: PlayedSystem) -> None:
    """Move on to remediation."""
    play.counts.phase = "steps"
    move_on(play, "begin_remediation")


def respond_to_all(play: PlayedSystem) -> None:
    """Give every threat a response, its owner and its date."""
    play.counts.phase = "respond"
    order = [one.threat.id for one in play.register.ranked]
    share = -(-len(order) // len(play.people))
    for number, threat in enumerate(order):
        person = play.people[number // share]
        if person.view is None:
            person.command("plan")
        _to_the_threat(person, threat)
        if number % _EVERY == _EVERY // 2:
            _accept(play, person, threat)
        elif number % _EVERY == _EVERY - 1:
            _avoid(play, person, threat)
        else:
            _mitigate(play, person, threat)
        if number % share == share - 1:
            person.close()
    for person in play.people:
        person.close()
    _approve_all(play)


def _to_the_threat(person: CountedPerson, threat: str) -> None:
    """Open the page of a threat from the plan, or from the page of another one."""
    view = person.wait_for("plan", "response")
    if view.callback_id == "response":
        person.press_first(view, "plan")
        view = person.wait_for("plan")
    while not person.press_first(view, "response", e=threat):
        shown = view.private_metadata
        pages = [one for one in person.buttons(view, "plan") if one.element.get("action_id") != "turn"]
        assert pages, f"{threat} is on no page of the plan"
        person.press(view, pages[-1])
        view = person.wait_for("plan", other_than=shown)
    play_view = person.wait_for("response")
    assert threat in play_view.plain


def _status(play: PlayedSystem, threat: str) -> ThreatStatus:
    return next(status for id, status in play.register.statuses.items() if id == threat)


def _day(play: PlayedSystem, days: int) -> str:
    return (play.team.now() + timedelta(days=days)).date().isoformat()


def _mitigate(play: PlayedSystem, person: CountedPerson, threat: str) -> None:
    person.press_first(person.wait_for("response"), "mitigation")
    person.wait_for("mitigation")
    usual = person.field("usual")
    if usual is not None:
        person.enter(usual, option_values(usual)[0])
    else:
        person.fill({"title": "Put the missing control in place"})
    person.fill({"due": _day(play, 30)})
    person.submit()
    play.team.wait(lambda: _status(play, threat).live_mitigations)


def _accept(play: PlayedSystem, person: CountedPerson, threat: str) -> None:
    person.press_first(person.wait_for("response"), "accept")
    person.wait_for("accept")
    other = next(one for one in play.people if one.id != person.id)
    reason = "Little damage, and it goes away with the next release."
    person.fill({"reason": reason, "expires": _day(play, 60), "approver": other.id})
    person.submit()
    play.team.wait(lambda: _status(play, threat).proposal is not None)


def _avoid(play: PlayedSystem, person: CountedPerson, threat: str) -> None:
    person.press_first(person.wait_for("response"), "respond", d="avoid")
    person.wait_for("respond")
    person.fill({"reason": "The function is switched off.", "due": _day(play, 30)})
    person.submit()
    play.team.wait(lambda: not _status(play, threat).state.unanswered)


def _approve_all(play: PlayedSystem) -> None:
    """Have another person approve each accepted risk."""
    for _ in range(_MOST_STEPS):
        waiting = [(id, one) for id, one in play.register.statuses.items() if one.proposal is not None]
        if not waiting:
            return
        threat, status = waiting[0]
        assert status.proposal is not None
        asked = status.proposal.asked
        person = next(one for one in play.people if one.id == asked)
        if person.view is None:
            person.command("plan")
        _to_the_threat(person, threat)
        person.press_first(person.wait_for("response"), "approve")
        play.team.wait(lambda threat=threat: _status(play, threat).proposal is None)
        person.close()
