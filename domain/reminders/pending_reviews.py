"""Reminders of pending reviews: acceptances to approve and mitigations to verify."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import msgspec

from domain.analysis.spot_checks import PendingCheck, team
from domain.commands import ApproveAcceptance, VerifyMitigation
from domain.kernel.elements import PersonId
from domain.kernel.mitigation import Mitigation, MitigationId, MitigationState
from domain.kernel.persistent_maps import values_of
from domain.kernel.threat import Response, ThreatId
from domain.lifecycle import ALLOWED
from domain.model import ThreatModel, id_order, review_key
from domain.model.imports import waits_since_import
from domain.model.mitigation_links import served_threats, with_current_state
from domain.remediation.reviewers import approver_of
from domain.remediation.status import answerable_until, verifiers_in
from domain.reminder_deliveries import THREAD
from domain.reminders.reachability import People
from domain.reminders.reminder import Occasion, PlannedReminder, PlanningContext, ReminderPolicy


class PendingReview(msgspec.Struct, frozen=True, kw_only=True):
    """A review pending `since` a moment, for the `expected` reviewer (None: anyone)."""

    subject: ThreatId | MitigationId
    since: datetime
    expected: PersonId | None


def approvals(context: PlanningContext) -> Iterator[PlannedReminder]:
    """Yield reminders of acceptances to approve: to the approver, and finally to the facilitator."""
    for one in proposals_waiting(context.model):
        wait = _proposed(context.model, one)
        if wait.expected is not None and cannot_answer(context.model, context.people, wait.expected):
            yield _planned(context.facilitator, Occasion.APPROVER_GONE, wait, context.now, "+gone")
            continue
        if wait.expected is not None:
            yield from _of_approver(context, wait, wait.expected, one)
        yield from _escalated(context, wait, one.expires)


def verifications(context: PlanningContext) -> Iterator[PlannedReminder]:
    """Yield reminders of mitigations to verify: to the verifier, in their next working hour.

    Later reminders about several mitigations fall on the same days.
    """
    for one in mitigations_waiting(context.model):
        wait = _implemented(context.model, one, context.people)
        if wait.expected is None or waits_since_import(context.model, one.id):
            continue  # the digest in the thread asks for it, not those whom only a file names
        reach = context.people(wait.expected)
        yield _planned(wait.expected, Occasion.VERIFICATION_WAITS, wait, wait.since, "+0")
        days = context.policy.days_in_common(reach.day_of(wait.since))
        for number, day in enumerate(days, start=1):
            occasion, occurs = Occasion.VERIFICATION_WAITS, reach.opening(day)
            yield _planned(wait.expected, occasion, wait, occurs, f"/{day}", number=number)


def overdue_reviews(
    model: ThreatModel, policy: ReminderPolicy, day: date, people: People
) -> tuple[PendingReview, ...]:
    """Return the reviews pending for so long that the thread is notified, the longest first.

    Reviews without a reachable reviewer are announced there as soon as a reminder would have been due.
    """
    waits = (
        *(_proposed(model, one) for one in proposals_waiting(model)),
        *(_implemented(model, one, people) for one in mitigations_waiting(model)),
    )
    zone = people(model.facilitator)
    found: list[PendingReview] = []
    for wait in waits:
        reminded = wait.expected is not None and not people(wait.expected).gone
        days = policy.escalates_after if reminded else policy.every
        if zone.day_of(wait.since) + timedelta(days=days) < day:
            found.append(wait)
    return tuple(sorted(found, key=lambda one: (one.since, one.subject[:2], id_order(one.subject))))


def proposals_waiting(model: ThreatModel) -> list[Response]:
    """Return the acceptances that can be approved now, ordered by threat id."""
    if model.step not in ALLOWED[ApproveAcceptance]:
        return []
    found = [value for value in values_of(model.proposals) if value.threat in model.threats]
    return sorted(found, key=lambda one: id_order(one.threat))


def cannot_answer(model: ThreatModel, people: People, person: PersonId) -> bool:
    """Return whether an approver's account is gone, or they are not a participant."""
    return people(person).gone or not model.participates(person)


def reminded_of_check(model: ThreatModel, people: People, one: PendingCheck) -> PersonId | None:
    """Return who is reminded of a spot check: the person asked, or someone else if they left."""
    others = (one.asked, *sorted(team(model)))
    return next((person for person in others if person != one.by and not people(person).gone), None)


def mitigations_waiting(model: ThreatModel) -> list[Mitigation]:
    """Return the implemented, unverified mitigations of current threats, ordered by id."""
    if model.step not in ALLOWED[VerifyMitigation]:
        return []
    found = [
        one
        for one in values_of(model.mitigations)
        if with_current_state(model, one).state is MitigationState.IMPLEMENTED and served_threats(model, one)
    ]
    return sorted(found, key=lambda one: id_order(one.id))


def review_mark(since: datetime) -> str:
    """Return the prefix of the marks of reminders about a review pending since a moment."""
    return f"{since:%Y-%m-%dT%H:%MZ}"


def _proposed(model: ThreatModel, one: Response) -> PendingReview:
    expected = approver_of(one, model.facilitator)
    return PendingReview(subject=one.threat, since=model.since[review_key(one.threat)], expected=expected)


def _implemented(model: ThreatModel, one: Mitigation, people: People) -> PendingReview:
    expected = next((person for person in verifiers_in(model, one) if not people(person).gone), None)
    return PendingReview(subject=one.id, since=model.since[review_key(one.id)], expected=expected)


def _of_approver(
    context: PlanningContext, wait: PendingReview, to: PersonId, proposal: Response
) -> Iterator[PlannedReminder]:
    """Yield the reminders of an approver, until the proposed acceptance expires."""
    reach = context.people(to)
    began = reach.day_of(wait.since)
    for number, ahead in enumerate(context.policy.after, start=1):
        day = began + timedelta(days=ahead)
        if proposal.expires is None or day <= proposal.expires:
            occasion, occurs = Occasion.APPROVAL_WAITS, reach.opening(day)
            one = _planned(to, occasion, wait, occurs, f"{ahead:+}", number=number)
            yield msgspec.structs.replace(one, until=answerable_until(proposal))


def _escalated(
    context: PlanningContext, wait: PendingReview, expires: date | None
) -> Iterator[PlannedReminder]:
    """Yield the escalation to the facilitator, at the latest when the proposal has expired."""
    to = context.facilitator
    reach = context.reach(to)
    day = reach.day_of(wait.since) + timedelta(days=context.policy.escalates_after)
    too_late = expires is not None and expires < day
    if expires is not None and too_late:
        day = expires + timedelta(days=1)
    if to != THREAD and (too_late or to != wait.expected):
        yield _planned(to, Occasion.APPROVAL_ESCALATED, wait, reach.opening(day), "+last")


def _planned(
    to: PersonId, occasion: Occasion, wait: PendingReview, occurs: datetime, mark: str, *, number: int = 0
) -> PlannedReminder:
    return PlannedReminder(
        to=to,
        occasion=occasion,
        subject=wait.subject,
        occurs=occurs,
        mark=f"{review_mark(wait.since)}{mark}",
        number=number,
    )
