"""Reminders of what the issue of a mitigation asks: to its owner, in working hours, until it is answered."""

from msgspec.structs import replace

from domain.kernel.elements import PersonId
from domain.reminders import Occasion, Reachability
from domain.replay import replay
from tests.domain.issue_story import DONE, LINKED, MONTHS_LATER, OPEN, PLANNED, dismiss, link, see
from tests.domain.remediation_story import implement
from tests.domain.reminder_models import due_nudges, sent_until, utc_time
from tests.examples import ANA, CHI, decide_all

COMPLETED = decide_all(see(DONE, minute=30), after=LINKED)
"""At 9:30 on Monday 2 March 2026, the issue of the mitigation that CHI owns was closed as completed."""


def of_issues(nudges: list[str]) -> list[str]:
    return [one for one in nudges if Occasion.ISSUE_CHANGED in one]


def test_the_owner_is_asked_in_the_next_working_hour() -> None:
    model = replay(COMPLETED)
    assert of_issues(due_nudges(model, utc_time("2026-03-02T09:29"))) == []
    assert of_issues(due_nudges(model, utc_time("2026-03-02T09:31"))) == ["UCHI issue-changed MI-1"]
    due_later = replay(decide_all(see(replace(OPEN, due=MONTHS_LATER), minute=30), after=LINKED))
    assert of_issues(due_nudges(due_later, utc_time("2026-03-02T09:31"))) == ["UCHI issue-changed MI-1"]


def test_the_reminders_are_repeated_beside_those_of_the_due_date() -> None:
    sent = [
        (f"{when:%d %b}", one.occasion)
        for when, one in sent_until(replay(COMPLETED), utc_time("2026-03-10T12:00"))
        if one.to == CHI
    ]
    assert sent == [
        ("02 Mar", Occasion.ISSUE_CHANGED),
        ("05 Mar", Occasion.DUE_SOON),
        ("05 Mar", Occasion.ISSUE_CHANGED),
        ("06 Mar", Occasion.DUE_TODAY),
        ("09 Mar", Occasion.ISSUE_CHANGED),
        ("09 Mar", Occasion.OVERDUE),
    ]


def test_an_answer_ends_them() -> None:
    for answered in (
        decide_all(implement(minute=31), after=COMPLETED),
        decide_all(dismiss(31), after=COMPLETED),
    ):
        assert of_issues(due_nudges(replay(answered), utc_time("2026-03-02T09:40"))) == []


def test_without_a_reachable_owner_the_facilitator_is_asked() -> None:
    def people(person: PersonId) -> Reachability:
        return Reachability(gone=person == CHI)

    sent = sent_until(replay(COMPLETED), utc_time("2026-03-02T12:00"), people=people)
    assert [one.to for _, one in sent if one.occasion is Occasion.ISSUE_CHANGED] == [ANA]


def test_an_existing_issue_that_is_already_closed_asks_when_it_is_linked() -> None:
    linked = decide_all(link(DONE, typed=True, minute=30), after=PLANNED)
    assert of_issues(due_nudges(replay(linked), utc_time("2026-03-02T09:31"))) == ["UCHI issue-changed MI-1"]
