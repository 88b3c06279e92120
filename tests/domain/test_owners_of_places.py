"""One mitigation at the components of several teams has an owner for each place."""

import pytest
from msgspec.structs import replace

from domain.commands import (
    Command,
    ImplementMitigation,
    PlanSuggestedMitigations,
    ReassignAll,
    ReassignMitigation,
    Undo,
    VerifyMitigation,
)
from domain.departures import with_departures
from domain.kernel.elements import PersonId
from domain.kernel.mitigation import PlaceOwner
from domain.kernel.threat import PlaceId
from domain.register import ThreatRegister, register
from domain.rejections import OwnMitigation
from domain.replay import replay
from domain.wording import describe_event
from tests.domain.placed_mitigation import FOUR, LINKS, PLACED
from tests.domain.remediation_story import FRIDAY, MI1
from tests.domain.reminder_models import sent_until, utc_time
from tests.examples import ANA, BEN, CHI, DEE, at, decide_all, given

TOGETHER = PlanSuggestedMitigations(by=ANA, at=at(10), threats=FOUR, due=FRIDAY)
"""Ana presses; the shop is Chi's, billing Dee's, the archive Ben's, and search no one's."""
SHARED = decide_all(TOGETHER, after=PLACED)
DEES, BENS = (
    PlaceOwner(place=PlaceId("CO-2"), owner=DEE),
    PlaceOwner(place=PlaceId("CO-4"), owner=BEN),
)
DONE_BY_DEE = ImplementMitigation(by=DEE, at=at(20), mitigation=MI1, evidence="PR 2", links=(LINKS[1],))


def seen(*commands: Command) -> ThreatRegister:
    return register(replay(decide_all(*commands, after=SHARED)))


def owners(*commands: Command) -> tuple[PersonId | None, tuple[PlaceOwner, ...]]:
    one = seen(*commands).mitigations[0].mitigation
    return one.owner, one.place_owners


def test_threats_at_components_of_several_teams_become_one_mitigation_with_an_owner_for_each_place() -> None:
    assert owners() == (CHI, (DEES, BENS))
    one = seen().mitigations[0]
    assert [one.mitigation.owner_at(link.place) for link in LINKS] == [CHI, DEE, CHI, BEN]
    assert one.owners == (CHI, DEE, BEN)
    assert describe_event(SHARED[-1], replay(SHARED[:-1])).endswith(  # type: ignore[arg-type]
        ", owned by @UCHI, at CO-2 by @UDEE, at CO-4 by @UBEN, due on 6 March 2026"
    )


def test_a_chosen_owner_owns_it_everywhere() -> None:
    chosen = decide_all(replace(TOGETHER, owner=ANA), after=PLACED)
    assert register(replay(chosen)).mitigations[0].owners == (ANA,)


def test_the_owners_of_the_places_that_are_left_are_asked() -> None:
    assert seen().next.waits_for == CHI
    assert seen(DONE_BY_DEE).mitigations[0].owners == (CHI, BEN)
    assert set(seen(DONE_BY_DEE).duties) & {CHI, DEE, BEN} == {CHI, BEN, DEE}, "Dee still owns a component"
    assert not seen(DONE_BY_DEE).duties[DEE].mitigations


@pytest.mark.parametrize(("done", "whom"), [((), {CHI, DEE, BEN}), ((DONE_BY_DEE,), {CHI, BEN})])
def test_they_are_reminded_each(done: tuple[Command, ...], whom: set[PersonId]) -> None:
    model = replay(decide_all(*done, after=SHARED))
    sent = sent_until(model, utc_time("2026-03-06T12:00"))
    assert {reminder.to for _, reminder in sent if reminder.subject == MI1} == whom


def test_none_of_the_owners_verifies_it() -> None:
    whole = ImplementMitigation(by=CHI, at=at(20), mitigation=MI1, evidence="PR 1")
    verify = VerifyMitigation(by=BEN, at=at(30), mitigation=MI1)
    given(*decide_all(whole, after=SHARED)).when(verify).then_refused(
        OwnMitigation, OwnMitigation(MI1).sentence
    )


def test_a_person_who_leaves_is_replaced_where_they_own_it() -> None:
    gone = with_departures(seen(), lambda person: person == DEE)
    assert gone.mitigations[0].gone == (DEE,)
    taken = ReassignAll(by=ANA, at=at(20), of=DEE, person=ANA)
    assert owners(taken) == (CHI, (replace(DEES, owner=ANA), BENS))
    assert owners(replace(taken, of=CHI)) == (ANA, (DEES, BENS))
    assert owners(replace(taken, person=CHI)) == (CHI, (BENS,))
    assert owners(taken, Undo(by=ANA, at=at(21))) == (CHI, (DEES, BENS))


def test_a_new_owner_of_the_whole_owns_every_place() -> None:
    assert owners(ReassignMitigation(by=ANA, at=at(20), mitigation=MI1, owner=CHI)) == (CHI, ())
