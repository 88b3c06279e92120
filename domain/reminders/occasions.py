"""The occasions of a model: all reminders, past and future, sent or not."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import chain

from domain.analysis.model_analysis import analyze
from domain.analysis.question_owners import question_owner
from domain.analysis.rule_findings import Question, apply_rules
from domain.analysis.spot_checks import pending_checks
from domain.commands import AnswerQuestions, CheckAnswer
from domain.kernel.answer import Answer
from domain.kernel.closing import OverriddenCondition
from domain.kernel.due_dates import due_moment
from domain.kernel.elements import PersonId
from domain.kernel.latest_results import keep_latest
from domain.kernel.mitigation import Mitigation
from domain.kernel.persistent_maps import values_of
from domain.kernel.threat import Response, ResponseKind
from domain.lifecycle import ALLOWED
from domain.model import ThreatModel, issue_key
from domain.model.mitigation_links import awaited_owners, served_threats
from domain.phase_conditions import overrides_still_open
from domain.remediation.issue_proposals import IssueProposal, issue_proposal
from domain.remediation.status import review_due
from domain.reminder_deliveries import THREAD, DeliveryState
from domain.reminders.pending_reviews import (
    approvals,
    cannot_answer,
    overdue_reviews,
    reminded_of_check,
    verifications,
)
from domain.reminders.reminder import Occasion, PlannedReminder, PlanningContext, ReminderPolicy
from domain.screening.screened_facts import with_screening
from domain.voting.turnout import invited_voters, missing_ballots, names_second_voter, timed_rounds

WEEK = timedelta(days=7)


def occasions(context: PlanningContext) -> list[PlannedReminder]:
    """Yield every occasion of a model, unordered."""
    if not context.model.step or context.model.step == "archived":
        return []
    found = (
        _mitigations,
        approvals,
        verifications,
        _issues,
        _digest,
        _votes,
        _questions,
        _spot_checks,
        _acceptances,
        _overrides,
        _whole_model,
        _not_reached,
    )
    return list(chain.from_iterable(one(context) for one in found))


def escalated(model: ThreatModel, policy: ReminderPolicy, day: date) -> tuple[Mitigation, ...]:
    """Return the mitigations overdue for so long that the thread is notified."""
    days = timedelta(days=policy.escalates_after)
    return tuple(one for one, due in _to_do(model) if due + days < day)


def _to_do(model: ThreatModel) -> Iterator[tuple[Mitigation, date]]:
    """Return unfinished mitigations with a due date, of current threats."""
    for value in values_of(model.mitigations):
        if value.state.to_do and value.due is not None and served_threats(model, value):
            yield value, value.due


def _mitigations(context: PlanningContext) -> Iterator[PlannedReminder]:
    for one, due in _to_do(context.model):
        owners = awaited_owners(context.model, one)
        for owner in owners or (context.facilitator,):
            if owner in owners and context.people(owner).gone:
                yield PlannedReminder(
                    to=context.facilitator,
                    occasion=Occasion.OWNER_GONE,
                    subject=one.id,
                    occurs=context.now,
                    mark=owner,
                )
            else:
                yield from _of_owner(context, one, due, owner)
        if context.facilitator not in (THREAD, *(owners or (context.model.facilitator,))):
            yield from _on_days(
                context,
                one,
                due,
                context.facilitator,
                ((context.policy.escalates_after, Occasion.ESCALATED),),
            )


def _of_owner(
    context: PlanningContext, one: Mitigation, due: date, owner: PersonId
) -> Iterator[PlannedReminder]:
    policy = context.policy
    days = (
        *((-before, Occasion.DUE_SOON) for before in policy.before),
        (0, Occasion.DUE_TODAY),
        *((days, Occasion.OVERDUE) for days in policy.after),
    )
    yield from _on_days(context, one, due, owner, days)


def _on_days(
    context: PlanningContext, one: Mitigation, due: date, to: PersonId, days: tuple[tuple[int, Occasion], ...]
) -> Iterator[PlannedReminder]:
    """Yield the reminders around a due date that fall after the last change of owner or date."""
    reach, since = context.reach(to), context.model.since.get(one.id)
    for number, (ahead, occasion) in enumerate(days, start=1):
        occurs = reach.opening(due + timedelta(days=ahead))
        if since is None or occurs > since:
            yield PlannedReminder(
                to=to,
                occasion=occasion,
                subject=one.id,
                occurs=occurs,
                mark=f"{due}{ahead:+}",
                number=number,
            )


def _issues(context: PlanningContext) -> Iterator[PlannedReminder]:
    """Yield the reminders of what issues ask: to the owner in their next working hour, and later again."""
    for value in values_of(context.model.mitigations):
        since = context.model.since.get(issue_key(value.id))
        proposal = issue_proposal(context.model, value)
        if proposal is None or since is None or not served_threats(context.model, value):
            continue
        owner = value.owner or context.facilitator
        to = context.facilitator if context.people(owner).gone else owner
        reach, mark = context.reach(to), issue_mark(since, proposal)
        days = context.policy.days_in_common(reach.day_of(since))
        moments = ((since, "+0"), *((reach.opening(day), f"/{day}") for day in days))
        for number, (occurs, suffix) in enumerate(moments):
            yield PlannedReminder(
                to=to,
                occasion=Occasion.ISSUE_CHANGED,
                subject=value.id,
                occurs=occurs,
                mark=f"{mark}{suffix}",
                number=number,
            )


def issue_mark(since: datetime, proposal: IssueProposal | None) -> str:
    """Return the prefix of the marks of reminders about what an issue asks since a moment."""
    return f"{since:%Y-%m-%dT%H:%MZ}/{proposal or ''}"


def _digest(context: PlanningContext) -> Iterator[PlannedReminder]:
    """Yield the weekly digest of the last and the next Monday, if anything was overdue or pending."""
    reach = context.reach(THREAD)
    today = reach.day_of(context.now)
    monday = today - timedelta(days=today.weekday())
    for day in (monday, monday + WEEK):
        if escalated(context.model, context.policy, day) or overdue_reviews(
            context.model, context.policy, day, context.people
        ):
            occurs = reach.opening(day)
            yield PlannedReminder(
                to=THREAD, occasion=Occasion.DIGEST, subject="", occurs=occurs, mark=f"{day}"
            )


def _votes(context: PlanningContext) -> Iterator[PlannedReminder]:
    for round in timed_rounds(context.model):
        half, last = (
            round.opened_at + (round.deadline - round.opened_at) / 2,
            round.deadline - context.policy.last_hours,
        )
        ends = (last, Occasion.VOTE_ENDS)
        moments = (ends,) if round.extended else ((half, Occasion.VOTE_OWED), ends)
        for voter in invited_voters(round):
            if context.people(voter).gone or not missing_ballots(context.model, round, voter):
                continue
            for occurs, occasion in moments:
                if occurs > round.opened_at:
                    yield PlannedReminder(
                        to=voter,
                        occasion=occasion,
                        subject=round.id,
                        occurs=occurs,
                        mark=f"{round.deadline:%Y-%m-%dT%H:%MZ}",
                        until=round.deadline,
                        since=round.opened_at,
                    )


def _questions(context: PlanningContext) -> Iterator[PlannedReminder]:
    model = context.model
    if model.step not in ALLOWED[AnswerQuestions]:
        return
    owned = len(model.asked_of) or any(answer is Answer.UNKNOWN for answer in values_of(model.facts))
    questions = _open_questions(model) if owned or model.answers_by else ()
    if questions and model.answers_by is not None:
        reach = context.reach(context.facilitator)
        yield PlannedReminder(
            to=context.facilitator,
            occasion=Occasion.ANSWERS_DUE,
            subject="",
            occurs=reach.opening(model.answers_by),
            mark=f"{model.answers_by}",
        )
    found: dict[tuple[PersonId, date], datetime] = {}
    for question in questions:
        owner = question_owner(model, question.element, question.fact)
        if owner is not None:
            unavailable = cannot_answer(model, context.people, owner.person)
            about = (context.facilitator if unavailable else owner.person, owner.due)
            found[about] = max(owner.since, found.get(about, owner.since))
    for (person, due), since in found.items():
        yield from _asked(context, person, due, since)


@keep_latest(4)  # reminders of a model are planned at several moments
def _open_questions(model: ThreatModel) -> tuple[Question, ...]:
    return apply_rules(with_screening(model)).questions


def _asked(
    context: PlanningContext, person: PersonId, due: date, since: datetime
) -> Iterator[PlannedReminder]:
    """Yield the reminders of open questions of one due day, like those of a mitigation.

    The mark is the day, so that a person gets one reminder of all their questions on it.
    """
    reach, policy = context.reach(person), context.policy
    days = (*(-before for before in policy.before), 0, *policy.after)
    for number, ahead in enumerate(days, start=1):
        day = due + timedelta(days=ahead)
        if (occurs := reach.opening(day)) > since:
            yield PlannedReminder(
                to=person,
                occasion=Occasion.ASKED,
                subject="questions",
                occurs=occurs,
                mark=f"{day}",
                number=number,
            )


def _spot_checks(context: PlanningContext) -> Iterator[PlannedReminder]:
    """Yield the reminders of the people who are asked about answers of others, on the days of reviews."""
    chosen, model = context.model.spot_checks, context.model
    if chosen is None or model.step not in ALLOWED[CheckAnswer]:
        return
    pending = pending_checks(model, analyze(model).found)
    asked = (reminded_of_check(model, context.people, one) for one in pending)
    for person in dict.fromkeys(one or context.facilitator for one in asked):
        reach = context.reach(person)
        days = context.policy.days_in_common(reach.day_of(chosen.at))
        moments = ((chosen.at, "+0"), *((reach.opening(day), f"/{day}") for day in days))
        for number, (occurs, suffix) in enumerate(moments):
            yield PlannedReminder(
                to=person,
                occasion=Occasion.SPOT_CHECK,
                subject="answers",
                occurs=occurs,
                mark=f"{chosen.at:%Y-%m-%dT%H:%MZ}{suffix}",
                number=number,
            )


def _acceptances(context: PlanningContext) -> Iterator[PlannedReminder]:
    for one in _accepted(context.model):
        if one.expires is None:
            continue
        reach = context.reach(context.facilitator)
        over = due_moment(one.expires, context.people(one.owner).zone)
        since = one.approved_at or one.at
        for before in context.policy.before:
            occurs = reach.opening(one.expires - timedelta(days=before))
            if since < occurs < over:
                mark = f"{one.expires}{-before:+}"
                yield _acceptance(context, one, Occasion.ACCEPTANCE_ENDS, occurs, mark, until=over)
        yield _acceptance(context, one, Occasion.ACCEPTANCE_OVER, over, f"{one.expires}")


def _acceptance(
    context: PlanningContext,
    one: Response,
    occasion: Occasion,
    occurs: datetime,
    mark: str,
    *,
    until: datetime | None = None,
) -> PlannedReminder:
    return PlannedReminder(
        to=context.facilitator,
        occasion=occasion,
        subject=one.threat,
        occurs=occurs,
        mark=mark,
        until=until,
    )


def _accepted(model: ThreatModel) -> list[Response]:
    """Return the acceptances in force of current threats."""
    return [
        value
        for value in values_of(model.responses)
        if value.kind is ResponseKind.ACCEPT and value.threat in model.threats
    ]


def _overrides(context: PlanningContext) -> Iterator[PlannedReminder]:
    """Yield the reminders of overridden conditions: while they are open, and when the override ends."""
    reach, every = context.reach(context.facilitator), context.policy.override_every
    for one in overrides_still_open(context.model, context.now):
        times = max(1, (context.now - one.at) // every)
        days = [reach.day_of(one.at + time * every) for time in (times, times + 1)]
        until = one.override.until
        for day in days:
            if until is None or day < until:
                yield _override(context, Occasion.OVERRIDE_OPEN, one, day)
        if until is not None:
            yield _override(context, Occasion.OVERRIDE_OVER, one, until)


def _override(
    context: PlanningContext, occasion: Occasion, one: OverriddenCondition, day: date
) -> PlannedReminder:
    return PlannedReminder(
        to=context.facilitator,
        occasion=occasion,
        subject=one.override.condition,
        occurs=context.reach(context.facilitator).opening(day),
        mark=f"{day}",
    )


def _whole_model(context: PlanningContext) -> Iterator[PlannedReminder]:
    model, every = context.model, context.policy.untouched
    if model.step == "closed":
        if (due := review_due(model)) is not None:
            yield _about_all(context, Occasion.REVIEW, due)
    elif model.touched_at is not None:
        times = max(1, (context.now - model.touched_at) // every)
        for time in (times, times + 1):
            yield _about_all(context, Occasion.UNTOUCHED, model.touched_at + time * every)


def _about_all(context: PlanningContext, occasion: Occasion, occurs: datetime) -> PlannedReminder:
    return PlannedReminder(
        to=context.facilitator, occasion=occasion, subject="", occurs=occurs, mark=f"{occurs:%Y-%m-%d}"
    )


def _not_reached(context: PlanningContext) -> Iterator[PlannedReminder]:
    """Report unreachable people once, to the facilitator, or in the thread if it is the facilitator.

    Reminders about a second vote are left out: they would reveal who has not voted again.
    """
    failed: dict[PersonId, datetime] = {}
    for delivery in context.deliveries.values():
        person_failed = delivery.state is DeliveryState.FAILED and delivery.to != THREAD
        if person_failed and not names_second_voter(context.model, delivery.key):
            failed[delivery.to] = min(delivery.at, failed.get(delivery.to, delivery.at))
    for person, at in failed.items():
        to = THREAD if person == context.facilitator else context.facilitator
        yield PlannedReminder(to=to, occasion=Occasion.NOT_REACHED, subject=person, occurs=at, mark="")
