"""People are notified of what others did in their own working hours, unless it is urgent."""

from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from bot.manifest import build_manifest
from bot.store import StreamId
from domain.commands import Undo
from tests.slack.remediation_steps import dm, planned, remedied, say, threat_page
from tests.slack.reminder_steps import at_clock
from tests.slack.running_bot import QUICK, House, house
from tests.slack.voting_steps import clocked, direct, opened, person_id, threatened
from tests.waiting import patient_sandbox

MONDAY = datetime(2027, 1, 11, 9, 30, tzinfo=UTC)
"""Ana works, in Lisbon. In New York, where Ben is, it is 04:30; Chi has gone home, in Tokyo."""
MORNING = datetime(2027, 1, 12, 0, 5, tzinfo=UTC)
"""Chi begins to work."""
QUIET = replace(QUICK, quiet_hours=True, look=0.1)


@pytest.fixture
def there(tmp_path: Path) -> Generator[House]:
    with clocked(tmp_path / "threatmodel.db", pace=QUIET) as running:
        at_clock(running, MONDAY)
        yield running


def test_a_mitigation_given_at_night_is_told_in_the_morning_and_once(there: House) -> None:
    remedied(there)
    planned(there, owner="chi")
    put_off(there)
    assert not direct(there, "chi")
    at_clock(there, MORNING)
    dm(there, "chi", "Ana gave you the mitigation Ask for a badge (MI-1)")
    there.wait(lambda: not waiting(there))
    assert len(direct(there, "chi")) == 1


def test_what_is_marked_urgent_does_not_wait(there: House) -> None:
    remedied(there)
    ana = there.person("ana")
    ana.click(threat_page(there, "ana", label="Respond"), "Plan a mitigation")
    there.modal("ana", "Plan a mitigation")
    ana.fill("What will be done?", "Change the locks")
    ana.choose("Owner", "chi")
    ana.choose("Urgent", "Notify immediately, even outside their working hours")
    there.submit("ana")
    dm(there, "chi", "Ana gave you the mitigation Change the locks (MI-1)")


def test_what_was_taken_back_before_the_morning_is_never_told(there: House) -> None:
    remedied(there)
    planned(there, owner="chi")
    put_off(there)
    say(there, Undo(by=person_id(there, "ana"), at=there.now()))
    planned(there, owner="chi")
    at_clock(there, MORNING)
    dm(there, "chi", "(MI-2)")
    there.wait(lambda: not waiting(there))
    assert len(direct(there, "chi")) == 1


def test_what_waits_for_the_morning_survives_a_restart(tmp_path: Path) -> None:
    with patient_sandbox(manifest=build_manifest("socket")) as sandbox:
        clock = sandbox.clock.moment
        path = tmp_path / "threatmodel.db"
        with house(path, sandbox=sandbox, clock=clock, pace=QUIET) as there:
            at_clock(there, MONDAY)
            remedied(there)
            planned(there, owner="chi")
            put_off(there)
        with house(path, sandbox=sandbox, clock=clock, pace=QUIET) as back:
            assert not direct(back, "chi")
            at_clock(back, MORNING)
            dm(back, "chi", "(MI-1)")
            assert len(direct(back, "chi")) == 1


def test_who_works_now_is_told_now(there: House) -> None:
    remedied(there)
    planned(there, owner="ana", by="ben")
    dm(there, "ana", "Ben gave you the mitigation")


def test_voters_are_invited_when_they_work_or_the_vote_would_be_over_by_then(there: House) -> None:
    threatened(there, "Curtains left open")
    opened(there, "ana", "chi", deadline=MONDAY + timedelta(days=2))
    dm(there, "ana", "Please vote on 1 threat")
    assert not direct(there, "chi"), "both are looked at together"
    at_clock(there, MORNING)
    dm(there, "chi", "Please vote on 1 threat")


def test_a_vote_that_ends_before_the_morning_is_told_at_night(there: House) -> None:
    threatened(there, "Curtains left open")
    opened(there, "ana", "chi", deadline=MONDAY + timedelta(hours=12))
    dm(there, "chi", "Please vote on 1 threat")


def test_why_a_card_is_not_shown_is_told_when_the_facilitator_works_and_once(tmp_path: Path) -> None:
    with patient_sandbox(manifest=build_manifest("socket")) as sandbox:
        clock, path = sandbox.clock.moment, tmp_path / "threatmodel.db"
        with house(path, sandbox=sandbox, clock=clock, pace=QUIET) as there:
            at_clock(there, MONDAY + timedelta(hours=12))
            there.start()
            there.person("ana").close()
            there.card("TM-1")
            sandbox.change_channel("#house", is_archived=True)
            there.wait(lambda: [one.resting for one in there.unit.cards.all()] == ["is_archived"])
        assert not direct(there, "ana"), "it is 21:30 in Lisbon"
        with house(path, sandbox=sandbox, clock=clock, pace=QUIET) as back:
            at_clock(back, MONDAY + timedelta(days=1))
            dm(back, "ana", "I cannot show the card of TM-1")
            at_clock(back, MONDAY + timedelta(days=1, hours=1))
            back.wait(lambda: [one.told for one in back.unit.cards.all()] == ["is_archived"])
            assert len(direct(back, "ana")) == 1


def put_off(there: House) -> None:
    """Wait until the bot has noted that it will tell somebody later."""
    there.wait(lambda: waiting(there))


def waiting(there: House) -> set[StreamId]:
    records = there.unit.deliveries.of_kind("handover")
    return {one.stream for one in records if not one.external_id and not one.attempt and not one.over}
