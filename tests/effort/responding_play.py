"""The team responds to every scored threat: most are mitigated, some risks accepted, some avoided."""

from collections.abc import Sequence
from datetime import timedelta

from bot.slack.ui.forms.form_fields import field_key
from tests.effort.counted_person import CountedPerson, option_values
from tests.effort.judging_play import move_on
from tests.effort.played_system import PlayedSystem

_EVERY = 10
"""Of so many threats one is accepted, one avoided, and one gets a mitigation in the team's own words.

Of fewer, as in a review, all get the suggested control.
"""


def begin_remediation(play: PlayedSystem) -> None:
    """Move on to remediation."""
    play.counts.phase = "steps"
    move_on(play, "begin_remediation")


def respond_to_all(play: PlayedSystem) -> None:
    """Give every threat a response, its owner and its date: several threats at once, in the plan."""
    play.counts.phase = "respond"
    statuses = play.register.statuses
    order = [one.threat.id for one in play.register.ranked if statuses[one.threat.id].state.unanswered]
    accepted = order[_EVERY // 2 :: _EVERY]
    avoided = order[_EVERY - 1 :: _EVERY]
    ben, chi = play.people[1], play.people[2]
    ben.command("plan")
    _accept(play, ben, accepted, approver=chi)
    _avoid(play, ben, avoided)
    _mitigate_together(play, ben, order[2::_EVERY] if len(order) >= _EVERY else ())
    _mitigate_the_rest(play, ben)
    ben.close()
    _approve(play, chi, accepted)
    left = [id for id, one in play.register.statuses.items() if one.state.unanswered]
    assert not left, f"{left} have no response"


def _choose(play: PlayedSystem, person: CountedPerson, threats: Sequence[str], response: str) -> None:
    """Choose threats and their response in the plan; without threats, all that are left."""
    person.press_first(person.wait_for("plan"), "respond_several")
    view = person.wait_for("respond_several")
    if threats:
        tick(person, "threats", threats)
    else:
        person.press_first(view, "respond_several")
        person.wait_for("respond_several", other_than=view.private_metadata)
    if response != "mitigate":
        person.fill({"response": response})
    person.submit()


def tick(person: CountedPerson, key: str, values: Sequence[str]) -> None:
    """Tick boxes of a field that is spread over several groups; each box is a press."""
    for control in list(person.fields()):
        wanted = [value for value in option_values(control) if value in values]
        if field_key(control.block_id) == key and wanted:
            person.enter(control, wanted)
            for _ in wanted[1:]:
                person.counts.press()


def _day(play: PlayedSystem, days: int) -> str:
    return (play.team.now() + timedelta(days=days)).date().isoformat()


def _wait_until_answered(play: PlayedSystem, threats: Sequence[str]) -> None:
    def answered() -> bool:
        statuses = {str(id): one for id, one in play.register.statuses.items()}
        return all(statuses[threat].response or statuses[threat].proposal for threat in threats)

    play.team.wait(answered)


def _accept(
    play: PlayedSystem, person: CountedPerson, threats: Sequence[str], *, approver: CountedPerson
) -> None:
    if threats:
        _choose(play, person, threats, "accept")
        person.wait_for("accept")
        reason = "Little damage, and it goes away with the next release."
        person.fill({"reason": reason, "expires": _day(play, 60), "approver": approver.id})
        person.submit()
        _wait_until_answered(play, threats)


def _avoid(play: PlayedSystem, person: CountedPerson, threats: Sequence[str]) -> None:
    if threats:
        _choose(play, person, threats, "avoid")
        person.wait_for("respond")
        person.fill({"reason": "The function is switched off.", "due": _day(play, 30)})
        person.submit()
        _wait_until_answered(play, threats)


def _mitigate_together(play: PlayedSystem, person: CountedPerson, threats: Sequence[str]) -> None:
    """Plan one mitigation for several threats, in the team's own words."""
    if threats:
        _choose(play, person, threats, "mitigate")
        person.wait_for("mitigation")
        person.fill({"title": "Put the missing controls in place with the next release"})
        person.submit()
        _wait_until_answered(play, threats)


def _mitigate_the_rest(play: PlayedSystem, person: CountedPerson) -> None:
    """Plan the suggested control for every threat that is left."""
    left = [
        str(id) for id, one in play.register.statuses.items() if one.response is None and not one.proposal
    ]
    if len(left) == 1:
        _mitigate(person, left[0])
        _wait_until_answered(play, left)
    elif left:
        _choose(play, person, (), "mitigate")
        person.wait_for("mitigation")
        person.submit()
        _wait_until_answered(play, left)


def _mitigate(person: CountedPerson, threat: str) -> None:
    """Plan the first control that its rule names for one threat, from its page."""
    person.press_first(person.wait_for("plan"), "response", e=threat)
    person.press_first(person.wait_for("response"), "mitigation")
    person.wait_for("mitigation")
    usual = person.field("usual")
    if usual is not None:
        person.enter(usual, option_values(usual)[0])
    else:
        person.fill({"title": "Put the missing control in place"})
    person.submit()


def _approve(play: PlayedSystem, person: CountedPerson, threats: Sequence[str]) -> None:
    """Have another person approve the accepted risks."""
    if not threats:
        return
    person.command("plan")
    view = person.wait_for("plan")
    if person.press_first(view, "approve_several"):
        person.wait_for("approve_several")
        offered = [
            value
            for control in person.fields()
            for value in option_values(control)
            if value.partition("/")[0] in threats
        ]
        tick(person, "proposals", offered)
        person.submit()
    else:
        assert person.press_first(view, "response", e=threats[0])
        person.press_first(person.wait_for("response"), "approve")
    play.team.wait(lambda: not any(status.proposal for status in play.register.statuses.values()))
    person.close()
