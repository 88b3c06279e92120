"""The team votes: rounds until every threat has its score."""

import random

from bot.sandbox.api import InteractiveElement
from bot.slack.ui.forms.form_fields import field_key
from tests.effort.counted_person import CountedPerson, asks_for_number, option_values
from tests.effort.played_system import PlayedSystem

_SEED = 5
_MOST_ROUNDS = 60
_MOST_PAGES = 300
_NOISE = 1.0
_MISREAD = 0.03


def vote_on_all(play: PlayedSystem) -> int:
    """Open rounds and vote until every threat is scored; return how many rounds were opened by hand."""
    rounds = 0
    for _ in range(_MOST_ROUNDS):
        if going_on := play.model.open_rounds():
            play.counts.follow_up = any(one.revote_of is not None for one in going_on)
            _vote(play)
            continue
        play.counts.phase = "open rounds"
        if not play.register.to_score:
            return rounds
        _open_round(play)
        rounds += 1
    raise AssertionError("the votes do not end")


def _open_round(play: PlayedSystem) -> None:
    ana = play.facilitator
    play.open_more(ana)
    ana.press_first(ana.wait_for("more"), "open_round")
    ana.wait_for("open_round")
    ana.submit()
    play.team.wait(lambda: play.model.open_rounds())
    ana.close()


def _vote(play: PlayedSystem) -> None:
    """Have everyone vote who owes a ballot; close the round if it does not close by itself."""
    play.counts.phase = "vote"
    going_on = {round.id for round in play.model.open_rounds()}
    for person in play.people:
        if person.id in {voter for round in play.model.open_rounds() for voter in round.voters}:
            _cast_ballots(person)
    play.team.wait(lambda: going_on - {round.id for round in play.model.open_rounds()})


def _cast_ballots(person: CountedPerson) -> None:
    """Fill in ballot pages, of whatever form, until a page comes that asks for no number."""
    person.command("vote")
    person.wait_for_other()
    shown: list[str] = []
    for _ in range(_MOST_PAGES):
        _wait_for_other_fields(person, shown)
        asked = [one for one in _controls(person) if asks_for_number(one) and not _optional(one.block)]
        if not asked:
            person.close()
            return
        shown = _fields(person)
        for control in asked:
            key = field_key(control.block_id)
            number = str(_number(person.who, key, key.partition("/")[2]))
            person.enter(control, number if number in option_values(control) else option_values(control)[0])
        person.submit(ballot=True)
    raise AssertionError("the ballots do not end")


def _wait_for_other_fields(person: CountedPerson, shown: list[str]) -> None:
    """Wait for a page with other fields: the pages of a ballot have the same target."""
    person.team.wait(lambda: person.view is None or _fields(person) != shown)


def _controls(person: CountedPerson) -> list[InteractiveElement]:
    return list(person.fields()) if person.view is not None else []


def _fields(person: CountedPerson) -> list[str]:
    return [control.block_id for control in _controls(person)]


def _optional(block: dict[str, object]) -> bool:
    return bool(block.get("optional", False))


def _number(who: str, key: str, threat: str) -> int:
    """Return a vote: near what the threat deserves, now and then misread."""
    truth = random.Random(f"{_SEED}/{threat}/{key}").uniform(3, 9)
    chance = random.Random(f"{_SEED}/{who}/{threat}/{key}")
    if chance.random() < _MISREAD:
        return chance.randint(1, 10)
    return min(10, max(1, round(chance.gauss(truth, _NOISE))))
