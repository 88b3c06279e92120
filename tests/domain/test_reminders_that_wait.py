"""Who is reminded of what waits for a second person: a risk to be approved, a mitigation to be verified."""

from collections.abc import Sequence
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from domain.commands import (
    ApproveAcceptance,
    ChooseParticipants,
    ChooseResponse,
    ChooseTerms,
    Command,
    DeclineAcceptance,
    ProposeAcceptance,
    ReassignApproval,
    ReassignMitigation,
    RefuseVerification,
    ReviseMitigation,
    SnoozeReminder,
    TakeOver,
    Undo,
    VerifyMitigation,
    WithdrawThreat,
)
from domain.events import RecordedEvent
from domain.kernel.elements import PersonId
from domain.kernel.inherited_settings import ReminderFrequency
from domain.kernel.threat import ResponseKind
from domain.reminder_deliveries import THREAD
from domain.reminders import Occasion, Reachability, plan_reminders
from domain.reminders.pending_reviews import overdue_reviews
from domain.reminders.reminder import POLICIES, lateness
from domain.replay import replay
from tests.domain.remediation_story import MI1, TH1, TH2, THREATS, implement, plan
from tests.domain.reminder_models import (
    HERE,
    due_reminders,
    reminders_due,
    same_reach_for_all,
    sent_deliveries,
    sent_until,
    utc_time,
)
from tests.examples import ANA, BEN, CHI, DEE, at, closed, decide_all

WAITS, ESCALATED, GONE = Occasion.APPROVAL_WAITS, Occasion.APPROVAL_ESCALATED, Occasion.APPROVER_GONE
TO_VERIFY, DIGEST = Occasion.VERIFICATION_WAITS, Occasion.DIGEST
SUMMER, MONDAY = date(2026, 5, 30), "2026-04-20T12:00"
PROPOSED = ProposeAcceptance(
    by=BEN, at=at(10), threat=TH1, expires=SUMMER, reason="We move out", approver=CHI
)
"""On Monday 2 March 2026, 9:10 UTC; Ana is the facilitator."""
IN_PLACE: tuple[Command, ...] = (plan(), implement())
"""Chi put it in place on the same day."""


def told_of(
    events: Sequence[RecordedEvent], until: str, *gone: PersonId
) -> list[tuple[str, PersonId, Occasion]]:
    """Each reminder with the moment at which it is sent, by UTC, where somebody is gone."""
    said = sent_until(replay(events), utc_time(until), people=lambda one: Reachability(gone=one in gone))
    return [(f"{when:%a %d %b %H:%M}", one.to, one.occasion) for when, one in said]


def days_of(events: Sequence[RecordedEvent], until: str = MONDAY) -> list[tuple[str, PersonId]]:
    """The days, and to whom."""
    return [(when[4:10], to) for when, to, _ in told_of(events, until)]


def test_an_approver_hears_every_three_days_five_times_then_the_facilitator_then_the_thread() -> None:
    assert told_of(decide_all(PROPOSED, after=THREATS), "2026-04-01T12:00") == [
        ("Thu 05 Mar 09:00", CHI, WAITS),
        ("Mon 09 Mar 09:00", CHI, WAITS),  # planned for Sunday
        ("Wed 11 Mar 09:00", CHI, WAITS),
        ("Mon 16 Mar 09:00", CHI, WAITS),  # planned for Saturday
        ("Tue 17 Mar 09:00", CHI, WAITS),
        ("Fri 20 Mar 09:00", ANA, ESCALATED),
        ("Mon 23 Mar 09:00", THREAD, DIGEST),
        ("Mon 30 Mar 09:00", THREAD, DIGEST),
    ]


LATER = utc_time("2026-03-06T12:00")


@pytest.mark.parametrize(
    ("after", "days"),
    [
        # Changed, or given to somebody else: the time begins anew.
        (replace(PROPOSED, at=LATER, reason="We move out in June"), [("09 Mar", CHI)]),
        (replace(PROPOSED, at=LATER, approver=DEE), [("09 Mar", DEE)]),
        (ReassignApproval(by=CHI, at=LATER, threat=TH1, approver=DEE), [("09 Mar", DEE)]),
        # Answered, decided otherwise, or put away: nobody hears any more.
        (ApproveAcceptance(by=CHI, at=LATER, threat=TH1), []),
        (ApproveAcceptance(by=DEE, at=LATER, threat=TH1), []),
        (DeclineAcceptance(by=CHI, at=LATER, threat=TH1, reason="It is too bad"), []),
        (
            ChooseResponse(by=DEE, at=LATER, threat=TH1, response=ResponseKind.AVOID, reason="We left"),
            [],
        ),
        (Undo(by=BEN, at=LATER), []),
        (WithdrawThreat(by=ANA, at=LATER, threat=TH1), []),
    ],
    ids=lambda one: type(one).__name__ if not isinstance(one, list) else "",
)
def test_changes_meanwhile_restart_or_end_the_reminder(
    after: Command, days: list[tuple[str, PersonId]]
) -> None:
    assert days_of(decide_all(PROPOSED, after, after=THREATS), "2026-03-10T12:00") == days


def test_an_approval_of_a_closed_model_waits_for_no_answer() -> None:
    over = closed(decide_all(PROPOSED, after=THREATS), minute=60)
    assert days_of(over, "2026-03-10T12:00") == []


def test_who_was_asked_first_is_no_longer_reminded_and_the_facilitator_hears_later() -> None:
    reassigned = ReassignApproval(by=ANA, at=LATER, threat=TH1, approver=DEE)
    assert told_of(decide_all(PROPOSED, reassigned, after=THREATS), "2026-03-25T12:00") == [
        ("Mon 09 Mar 09:00", DEE, WAITS),
        ("Thu 12 Mar 09:00", DEE, WAITS),
        ("Mon 16 Mar 09:00", DEE, WAITS),  # planned for Sunday
        ("Wed 18 Mar 09:00", DEE, WAITS),
        ("Mon 23 Mar 09:00", DEE, WAITS),  # planned for Saturday
        ("Tue 24 Mar 09:00", ANA, ESCALATED),
    ]
    gone = told_of(decide_all(PROPOSED, reassigned, after=THREATS), "2026-03-10T12:00", DEE)
    assert [(to, occasion) for _, to, occasion in gone] == [(ANA, GONE)]


def test_who_takes_back_a_decision_gives_the_approver_time_again() -> None:
    declined = DeclineAcceptance(by=CHI, at=at(20), threat=TH1, reason="It is too bad")
    events = decide_all(PROPOSED, declined, Undo(by=CHI, at=LATER), after=THREATS)
    assert days_of(events, "2026-03-10T12:00") == [("09 Mar", CHI)]


def test_without_a_name_the_facilitator_is_asked_and_of_their_own_proposal_the_thread() -> None:
    asked_nobody = replace(PROPOSED, approver=None)
    assert days_of(decide_all(asked_nobody, after=THREATS), "2026-03-23T12:00") == [
        ("05 Mar", ANA),
        ("09 Mar", ANA),
        ("11 Mar", ANA),
        ("16 Mar", ANA),
        ("17 Mar", ANA),
        # It was they who did not answer, so nobody tells them that.
        ("23 Mar", THREAD),
    ]
    assert days_of(decide_all(replace(asked_nobody, by=ANA), after=THREATS), "2026-03-23T12:00") == [
        ("09 Mar", THREAD),
        ("16 Mar", THREAD),
        ("20 Mar", ANA),  # who may ask somebody by name
        ("23 Mar", THREAD),
    ]


def test_an_approver_who_is_gone_is_told_of_once_to_the_facilitator_and_else_in_the_thread() -> None:
    events = decide_all(PROPOSED, after=THREATS)
    assert told_of(events, "2026-03-20T12:00", CHI) == [
        ("Mon 02 Mar 09:30", ANA, GONE),
        ("Mon 09 Mar 09:00", THREAD, DIGEST),
        ("Mon 16 Mar 09:00", THREAD, DIGEST),
    ]
    assert told_of(events, "2026-03-03T12:00", ANA, CHI) == [("Mon 02 Mar 09:30", THREAD, GONE)]
    without = decide_all(ChooseParticipants(by=ANA, at=at(20), participants=(ANA, BEN)), after=events)
    assert told_of(without, "2026-03-03T12:00") == [("Mon 02 Mar 09:30", ANA, GONE)]


def test_once_its_day_is_over_no_one_is_asked_to_agree_and_the_facilitator_hears_at_once() -> None:
    soon = replace(PROPOSED, expires=date(2026, 3, 9))
    assert told_of(decide_all(soon, after=THREATS), "2026-03-20T12:00") == [
        ("Thu 05 Mar 09:00", CHI, WAITS),
        ("Mon 09 Mar 09:00", CHI, WAITS),
        ("Tue 10 Mar 09:00", ANA, ESCALATED),
    ]
    own = replace(soon, approver=ANA)
    assert told_of(decide_all(own, after=THREATS), "2026-03-20T12:00")[-1] == (
        "Tue 10 Mar 09:00",
        ANA,
        ESCALATED,
    )


def test_on_its_last_day_the_facilitator_hears_as_if_it_lasted_longer() -> None:
    for last in (date(2026, 3, 20), SUMMER):
        events = decide_all(replace(PROPOSED, expires=last), after=THREATS)
        assert told_of(events, "2026-03-21T12:00")[-1] == ("Fri 20 Mar 09:00", ANA, ESCALATED)


def test_no_late_reminder_asks_for_an_impossible_answer() -> None:
    on_saturday = decide_all(replace(PROPOSED, expires=date(2026, 3, 14)), after=THREATS)
    assert told_of(on_saturday, "2026-03-16T08:00")[-1] == ("Fri 13 Mar 16:00", CHI, WAITS), "rather early"
    model = replay(on_saturday)
    assert due_reminders(model, utc_time("2026-03-16T09:00")) == [f"{ANA} approval-escalated TH-1"]
    (first,) = reminders_due(model, {}, utc_time("2026-03-05T09:00"), same_reach_for_all(HERE))
    snooze = SnoozeReminder(
        by=CHI, at=utc_time("2026-03-05T09:05"), key=first.key, until=utc_time("2026-03-16T09:00")
    )
    put_off = replay(decide_all(snooze, after=on_saturday))
    assert due_reminders(put_off, utc_time("2026-03-16T09:00")) == [f"{ANA} approval-escalated TH-1"]


def test_the_proposal_to_go_on_says_nothing_of_the_day_on_which_an_acceptance_ends() -> None:
    ends = date(2026, 3, 13)
    accepted = replace(PROPOSED, expires=ends), ApproveAcceptance(by=CHI, at=at(11), threat=TH1)
    again = replace(PROPOSED, at=utc_time("2026-03-11T12:00"), approver=ANA)
    found = told_of(decide_all(*accepted, again, after=THREATS), "2026-03-16T12:00")
    assert [(day, occasion) for day, to, occasion in found if to == ANA] == [
        ("Fri 06 Mar 09:00", Occasion.ACCEPTANCE_ENDS),
        ("Thu 12 Mar 09:00", Occasion.ACCEPTANCE_ENDS),
        # That of Friday evening and that of the same day come together, and neither in place of the other.
        ("Mon 16 Mar 09:00", Occasion.ACCEPTANCE_OVER),
        ("Mon 16 Mar 09:00", WAITS),
    ]


def test_the_facilitator_is_told_when_a_mitigation_is_in_place_and_then_of_all_on_the_same_days() -> None:
    second = replace(plan(minute=40), at=utc_time("2026-03-04T10:00"), title="A chain", owner=DEE)
    done = replace(implement(by=DEE), at=utc_time("2026-03-04T11:00"), mitigation="MI-2")
    events = decide_all(*IN_PLACE, second, done, after=THREATS)
    said = sent_until(replay(events), utc_time("2026-03-24T12:00"))
    assert [(f"{when:%a %d %b}", one.to, one.subject) for when, one in said] == [
        ("Mon 02 Mar", ANA, "MI-1"),  # as soon as it is in place
        ("Wed 04 Mar", ANA, "MI-2"),
        ("Thu 05 Mar", ANA, "MI-1"),
        ("Mon 09 Mar", ANA, "MI-1"),  # planned for Sunday
        ("Mon 09 Mar", ANA, "MI-2"),
        ("Wed 11 Mar", ANA, "MI-1"),
        ("Wed 11 Mar", ANA, "MI-2"),
        ("Mon 16 Mar", ANA, "MI-1"),  # planned for Saturday
        ("Mon 16 Mar", ANA, "MI-2"),
        ("Tue 17 Mar", ANA, "MI-1"),
        ("Tue 17 Mar", ANA, "MI-2"),
        ("Fri 20 Mar", ANA, "MI-2"),
        ("Mon 23 Mar", THREAD, ""),
    ]
    assert {one.occasion for _, one in said} == {TO_VERIFY, DIGEST}


@pytest.mark.parametrize(
    ("after", "hear"),
    [
        ((), [ANA, ANA, ANA]),
        ((VerifyMitigation(by=BEN, at=at(40), mitigation=MI1),), []),
        # Its owner is to put it in place again, by Friday.
        ((RefuseVerification(by=BEN, at=at(40), mitigation=MI1, reason="It fell off"),), [CHI, CHI, CHI]),
        ((WithdrawThreat(by=ANA, at=at(40), threat=TH1),), []),
        # Never the owner or who put it in place: then Ben, who chose the response.
        ((TakeOver(by=CHI, at=at(40)),), [BEN, BEN, BEN]),
        ((ReassignMitigation(by=BEN, at=at(40), mitigation=MI1, owner=ANA),), [BEN, BEN, BEN]),
        ((TakeOver(by=BEN, at=at(40)),), [BEN, BEN, BEN]),
        # Where those are the same people, the readers of the thread.
        (
            (
                TakeOver(by=CHI, at=at(40)),
                ReassignMitigation(by=BEN, at=at(40), mitigation=MI1, owner=BEN),
            ),
            [THREAD],
        ),
    ],
    ids=lambda one: "-".join(type(each).__name__ for each in one if not isinstance(each, str)),
)
def test_who_hears_of_what_is_in_place(after: Sequence[Command], hear: list[PersonId]) -> None:
    found = told_of(decide_all(*IN_PLACE, *after, after=THREATS), "2026-03-10T12:00")
    assert [to for _, to, _ in found] == hear


def test_the_facilitator_of_a_closed_model_hears_of_what_is_in_place() -> None:
    over = closed(decide_all(*IN_PLACE, after=THREATS), minute=40)
    assert [to for _, to, _ in told_of(over, "2026-03-10T12:00")] == [ANA, ANA, ANA]


def test_a_mitigation_implemented_again_waits_again_for_verification() -> None:
    events = decide_all(
        *IN_PLACE,
        RefuseVerification(by=BEN, at=at(40), mitigation=MI1, reason="It fell off"),
        implement(minute=50),
        Undo(by=CHI, at=at(51)),
        replace(implement(), at=utc_time("2026-03-05T08:00")),
        after=THREATS,
    )
    assert days_of(events, "2026-03-10T12:00") == [("05 Mar", ANA), ("09 Mar", ANA)]


def test_a_mitigation_whose_refusal_is_taken_back_waits_again_for_verification() -> None:
    refuse = RefuseVerification(by=BEN, at=at(40), mitigation=MI1, reason="It fell off")
    back = Undo(by=BEN, at=utc_time("2026-03-05T08:00"))
    events = decide_all(*IN_PLACE, refuse, back, after=THREATS)
    assert days_of(events, "2026-03-10T12:00") == [("05 Mar", ANA), ("09 Mar", ANA)]


def test_a_mitigation_that_is_called_otherwise_goes_on_waiting_for_verification() -> None:
    renamed = ReviseMitigation(by=BEN, at=utc_time("2026-03-05T08:00"), mitigation=MI1, title="Two badges")
    until = "2026-03-10T12:00"
    assert days_of(decide_all(*IN_PLACE, renamed, after=THREATS), until) == days_of(
        decide_all(*IN_PLACE, after=THREATS), until
    )


def test_each_approver_who_is_gone_is_told_of() -> None:
    asked = (
        ProposeAcceptance(by=BEN, at=at(10), threat=threat, expires=SUMMER, reason="It is rare", approver=who)
        for threat, who in ((TH1, CHI), (TH2, DEE))
    )
    told = told_of(decide_all(*asked, after=THREATS), "2026-03-03T12:00", CHI, DEE)
    assert [(to, occasion) for _, to, occasion in told] == [(ANA, GONE), (ANA, GONE)]


@pytest.mark.parametrize(
    ("policy", "approving", "verifying"),
    [
        (ReminderFrequency.USUAL, "05 09 11 16 17 | 20 Mar", "02 05 09 11 16 17"),
        # Those of a weekend and the Monday after it are one.
        (ReminderFrequency.OFTEN, "03 04 05 06 09 | 10 Mar", "02 03 04 05 06 09"),
        (ReminderFrequency.SELDOM, "09 16 23 | 30 Mar", "02 16 23 30"),
    ],
)
def test_how_often_is_the_teams_choice(policy: ReminderFrequency, approving: str, verifying: str) -> None:
    terms = ChooseTerms(by=ANA, at=at(40), reminders=policy)
    to_approve = told_of(decide_all(PROPOSED, terms, after=THREATS), MONDAY)
    waits = [day[4:6] for day, to, _ in to_approve if to == CHI]
    last = [day[4:10] for day, _, occasion in to_approve if occasion is ESCALATED]
    assert f"{' '.join(waits)} | {' '.join(last)}" == approving
    to_verify = told_of(decide_all(*IN_PLACE, terms, after=THREATS), MONDAY)
    assert " ".join(day[4:6] for day, to, _ in to_verify if to == ANA) == verifying


@pytest.mark.parametrize("every", list(ReminderFrequency))
@pytest.mark.parametrize("day", [date(2026, 3, 2) + timedelta(days=ahead) for ahead in range(8)])
def test_days_in_common_are_in_common_and_never_too_early(every: ReminderFrequency, day: date) -> None:
    policy = POLICIES[every]
    days = policy.days_in_common(day)
    assert len(days) == policy.most
    assert {one - other for one, other in zip(days[1:], days, strict=False)} == {timedelta(policy.every)}
    assert policy.every <= (days[0] - day).days < 2 * policy.every
    assert (days[-1] - day).days < policy.escalates_after
    assert {*days[1:]} <= {*policy.days_in_common(day + timedelta(days=1))} | {days[1]}


@pytest.mark.parametrize(
    ("zone", "moment"),
    [
        ("Asia/Kathmandu", "2026-03-05T03:15"),
        ("Pacific/Kiritimati", "2026-03-04T19:00"),
        ("Pacific/Pago_Pago", "2026-03-04T20:00"),  # there it was proposed on Sunday
        ("America/New_York", "2026-03-05T14:00"),
        ("Australia/Lord_Howe", "2026-03-04T22:00"),
    ],
)
def test_three_days_are_those_of_the_approver(zone: str, moment: str) -> None:
    model, reach = replay(decide_all(PROPOSED, after=THREATS)), Reachability(zone=ZoneInfo(zone))
    (now,) = reminders_due(model, {}, utc_time(moment), same_reach_for_all(reach))
    assert (now.to, now.occasion, now.due) == (CHI, WAITS, utc_time(moment))
    assert reminders_due(model, {}, utc_time(moment) - timedelta(minutes=1), same_reach_for_all(reach)) == ()


@pytest.mark.parametrize("said", [(PROPOSED,), IN_PLACE], ids=["approval", "verification"])
@pytest.mark.parametrize(
    "zone", ["Asia/Kathmandu", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Europe/Berlin"]
)
def test_each_comes_once_in_time_and_in_order_over_the_change_of_clocks(
    said: Sequence[Command], zone: str
) -> None:
    model = replay(decide_all(*said, after=THREATS))
    told_at = sent_until(model, utc_time("2026-04-07T12:00"), reach=Reachability(zone=ZoneInfo(zone)))
    keys = [one.key for _, one in told_at]
    assert len(set(keys)) == len(keys)
    assert [when for when, _ in told_at] == sorted(when for when, _ in told_at)
    assert all(lateness(one.due, when) == timedelta(0) for when, one in told_at)
    assert sum(one.number > 0 for _, one in told_at) == 5


def test_after_an_outage_the_last_one_comes_late_and_the_others_not_at_all() -> None:
    model = replay(decide_all(PROPOSED, after=THREATS))
    (reminder,) = reminders_due(model, {}, utc_time("2026-03-12T15:00"), same_reach_for_all(HERE))
    assert (reminder.occasion, reminder.number, len(reminder.overtakes)) == (WAITS, 3, 2)
    assert lateness(reminder.due, utc_time("2026-03-12T15:00")) == timedelta(days=1, hours=6)


def test_a_snooze_puts_off_this_one_and_ends_with_the_proposal() -> None:
    events = decide_all(PROPOSED, after=THREATS)
    (first,) = reminders_due(replay(events), {}, utc_time("2026-03-05T09:00"), same_reach_for_all(HERE))
    snooze = SnoozeReminder(
        by=CHI, at=utc_time("2026-03-05T09:05"), key=first.key, until=utc_time("2026-03-06T09:00")
    )
    put_off = decide_all(snooze, after=events)
    known = sent_deliveries(first)
    assert due_reminders(replay(put_off), utc_time("2026-03-05T12:00"), deliveries=known) == []
    assert due_reminders(replay(put_off), utc_time("2026-03-06T09:00"), deliveries=known) == [
        f"{CHI} approval-waits TH-1"
    ]
    answered = decide_all(
        ApproveAcceptance(by=DEE, at=utc_time("2026-03-05T10:00"), threat=TH1), after=put_off
    )
    assert due_reminders(replay(answered), utc_time("2026-03-06T09:00"), deliveries=known) == []


def test_the_keys_say_since_when_it_waits_and_nothing_that_people_wrote() -> None:
    proposed = plan_reminders(
        replay(decide_all(PROPOSED, after=THREATS)), {}, at(11), same_reach_for_all(HERE)
    ).coming
    assert [one.key for one in proposed[:2]] == [
        "TM-1:UCHI:approval-waits:TH-1:2026-03-02T09:10Z+3",
        "TM-1:UCHI:approval-waits:TH-1:2026-03-02T09:10Z+6",
    ]
    in_place = plan_reminders(
        replay(decide_all(*IN_PLACE, after=THREATS)), {}, at(31), same_reach_for_all(HERE)
    ).coming
    assert in_place[0].key == "TM-1:UANA:verification-waits:MI-1:2026-03-02T09:30Z/2026-03-05"


def test_the_digest_lists_what_waited_for_long_the_longest_first() -> None:
    late = replace(PROPOSED, at=utc_time("2026-03-04T09:00"))
    model = replay(decide_all(*IN_PLACE, late, after=THREATS))
    policy = POLICIES[ReminderFrequency.USUAL]

    def listed(day: int) -> list[str]:
        return [
            review.subject
            for review in overdue_reviews(model, policy, date(2026, 3, day), same_reach_for_all(HERE))
        ]

    assert [listed(day) for day in (20, 21, 23)] == [[], [MI1], [MI1, TH1]]
