"""Reminders of what waits for a second person: risks to be approved, mitigations to be verified."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import msgspec

from domain.commands import ApproveAcceptance, VerifyMitigation
from domain.kernel.elements import PersonId
from domain.kernel.mitigation import Mitigation, MitigationId, MitigationState
from domain.kernel.persistent_maps import values_of
from domain.kernel.response import Response
from domain.kernel.threat import ThreatId
from domain.lifecycle import ALLOWED
from domain.model import ThreatModel, id_order, review_key
from domain.nudge_deliveries import THREAD
from domain.remediation.reviewers import approver_of
from domain.remediation.status import answerable_until, verifiers_in
from domain.reminders.nudge import Occasion
from domain.reminders.planning_context import PlannedNudge, PlanningContext
from domain.reminders.reachability import People
from domain.reminders.reminder_policy import ReminderPolicy


class PendingReview(msgspec.Struct, frozen=True, kw_only=True):
    """Something that waits `since` a moment for whoever is `expected` to look at it (None: for anybody)."""

    subject: ThreatId | MitigationId
    since: datetime
    expected: PersonId | None


def approvals(context: PlanningContext) -> Iterator[PlannedNudge]:
    """Risks that somebody is asked to bear: the approver hears of each, and at last the facilitator."""
    for one in proposals_waiting(context.model):
        wait = _proposed(context.model, one)
        if wait.expected is not None and cannot_answer(context.model, context.people, wait.expected):
            yield _planned(context.facilitator, Occasion.APPROVER_GONE, wait, context.now, "+gone")
            continue
        if wait.expected is not None:
            yield from _of_approver(context, wait, wait.expected, one)
        yield from _escalated(context, wait, one.expires)


def verifications(context: PlanningContext) -> Iterator[PlannedNudge]:
    """Mitigations that are in place: the person who may verify one is told in their next working hour.

    Afterwards they are reminded of all of them on the same days.
    """
    for one in mitigations_waiting(context.model):
        wait = _implemented(context.model, one, context.people)
        if wait.expected is None:
            continue  # the digest asks the readers of the thread
        reach = context.people(wait.expected)
        yield _planned(wait.expected, Occasion.VERIFICATION_WAITS, wait, wait.since, "+0")
        days = context.policy.days_in_common(reach.day_of(wait.since))
        for number, day in enumerate(days, start=1):
            occasion, occurs = Occasion.VERIFICATION_WAITS, reach.opening(day)
            yield _planned(wait.expected, occasion, wait, occurs, f"/{day}", number=number)


def overdue_reviews(
    model: ThreatModel, policy: ReminderPolicy, day: date, people: People
) -> tuple[PendingReview, ...]:
    """What has waited for so long on a day that the thread is told of it, the longest first.

    What waits for nobody who could be reminded is told of there as soon as somebody would have been.
    """
    waits = (
        *(_proposed(model, one) for one in proposals_waiting(model)),
        *(_implemented(model, one, people) for one in mitigations_waiting(model)),
    )
    zone = people(model.facilitator)
    found: list[PendingReview] = []
    for one in waits:
        reminded = one.expected is not None and not people(one.expected).gone
        days = policy.escalates_after if reminded else policy.every
        if zone.day_of(one.since) + timedelta(days=days) < day:
            found.append(one)
    return tuple(sorted(found, key=lambda one: (one.since, one.subject[:2], id_order(one.subject))))


def proposals_waiting(model: ThreatModel) -> list[Response]:
    """The proposals to accept a threat that somebody may answer now, by the ids of the threats."""
    if model.step not in ALLOWED[ApproveAcceptance]:
        return []
    found = [one for one in values_of(model.proposals) if one.threat in model.threats]
    return sorted(found, key=lambda one: id_order(one.threat))


def cannot_answer(model: ThreatModel, people: People, person: PersonId) -> bool:
    """Whether somebody is not here any more who was asked to approve something, or does not take part."""
    return people(person).gone or not model.participates(person)


def mitigations_waiting(model: ThreatModel) -> list[Mitigation]:
    """The mitigations that are in place and not verified, of threats that are still there, by their ids."""
    if model.step not in ALLOWED[VerifyMitigation]:
        return []
    found = [
        one
        for one in values_of(model.mitigations)
        if one.state is MitigationState.IMPLEMENTED and model.home_of(one.threat) in model.threats
    ]
    return sorted(found, key=lambda one: id_order(one.id))


def review_mark(since: datetime) -> str:
    """How the marks of nudges begin that are about what waits since a moment."""
    return f"{since:%Y-%m-%dT%H:%MZ}"


def _proposed(model: ThreatModel, one: Response) -> PendingReview:
    expected = approver_of(one, model.facilitator)
    return PendingReview(subject=one.threat, since=model.since[review_key(one.threat)], expected=expected)


def _implemented(model: ThreatModel, one: Mitigation, people: People) -> PendingReview:
    expected = next((person for person in verifiers_in(model, one) if not people(person).gone), None)
    return PendingReview(subject=one.id, since=model.since[review_key(one.id)], expected=expected)


def _of_approver(
    context: PlanningContext, wait: PendingReview, to: PersonId, proposal: Response
) -> Iterator[PlannedNudge]:
    """The reminders of somebody who may still agree: after the last day of an acceptance nobody can."""
    reach = context.people(to)
    began = reach.day_of(wait.since)
    for number, ahead in enumerate(context.policy.after, start=1):
        day = began + timedelta(days=ahead)
        if proposal.expires is None or day <= proposal.expires:
            occasion, occurs = Occasion.APPROVAL_WAITS, reach.opening(day)
            one = _planned(to, occasion, wait, occurs, f"{ahead:+}", number=number)
            yield msgspec.structs.replace(one, until=answerable_until(proposal))


def _escalated(context: PlanningContext, wait: PendingReview, expires: date | None) -> Iterator[PlannedNudge]:
    """The word to the facilitator that nobody has answered, at the latest once nobody can any more."""
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
) -> PlannedNudge:
    return PlannedNudge(
        to=to,
        occasion=occasion,
        subject=wait.subject,
        occurs=occurs,
        mark=f"{review_mark(wait.since)}{mark}",
        number=number,
    )
