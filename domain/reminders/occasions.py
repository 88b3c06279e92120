"""Everything that a model gives people to be reminded of, past and to come, sent or not."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import chain

from domain.analysis.rule_findings import Question, analyse
from domain.commands import AnswerQuestions
from domain.kernel.due_dates import due_moment
from domain.kernel.elements import PersonId
from domain.kernel.mitigation import Mitigation
from domain.kernel.persistent_maps import values_of
from domain.kernel.response import Response, ResponseKind
from domain.lifecycle import ALLOWED, phase_of
from domain.model import ThreatModel, asked_key
from domain.nudge_deliveries import THREAD, DeliveryState
from domain.reminders.nudge import Occasion
from domain.reminders.pending_reviews import approvals, long_waits, verifications
from domain.reminders.planning_context import Planned, Seen
from domain.reminders.reminder_policy import Policy
from domain.voting.turnout import invited, lacks, names_second_voter, timed_rounds

WEEK = timedelta(days=7)


def occasions(seen: Seen) -> list[Planned]:
    """Every occasion of a model, in no order."""
    if not seen.model.step or seen.model.step == "archived":
        return []
    found = (
        _mitigations,
        approvals,
        verifications,
        _digest,
        _votes,
        _questions,
        _acceptances,
        _whole_model,
        _not_reached,
    )
    return list(chain.from_iterable(one(seen) for one in found))


def escalated(model: ThreatModel, policy: Policy, day: date) -> tuple[Mitigation, ...]:
    """The mitigations that have been overdue for so long on a day that the thread is told of them."""
    days = timedelta(days=policy.escalates_after)
    return tuple(one for one, due in _to_do(model) if due + days < day)


def _to_do(model: ThreatModel) -> Iterator[tuple[Mitigation, date]]:
    """Mitigations that somebody has still to put in place by a day, against threats that are still there."""
    for one in values_of(model.mitigations):
        if one.state.to_do and one.due is not None and model.home_of(one.threat) in model.threats:
            yield one, one.due


def _mitigations(seen: Seen) -> Iterator[Planned]:
    for one, due in _to_do(seen.model):
        if one.owner is not None and seen.people(one.owner).gone:
            yield Planned(
                to=seen.facilitator,
                occasion=Occasion.OWNER_GONE,
                subject=one.id,
                occurs=seen.now,
                mark=one.owner,
            )
        else:
            yield from _of_owner(seen, one, due)
        if seen.facilitator not in (THREAD, one.owner or seen.model.facilitator):
            yield from _on_days(
                seen, one, due, seen.facilitator, ((seen.policy.escalates_after, Occasion.ESCALATED),)
            )


def _of_owner(seen: Seen, one: Mitigation, due: date) -> Iterator[Planned]:
    policy = seen.policy
    days = (
        *((-before, Occasion.DUE_SOON) for before in policy.before),
        (0, Occasion.DUE_TODAY),
        *((days, Occasion.OVERDUE) for days in policy.after),
    )
    yield from _on_days(seen, one, due, one.owner or seen.facilitator, days)


def _on_days(
    seen: Seen, one: Mitigation, due: date, to: PersonId, days: tuple[tuple[int, Occasion], ...]
) -> Iterator[Planned]:
    """Those of some days around a due date that come after somebody last said whose it is, until when."""
    reach, since = seen.reach(to), seen.model.since.get(one.id)
    for number, (ahead, occasion) in enumerate(days, start=1):
        occurs = reach.opening(due + timedelta(days=ahead))
        if since is None or occurs > since:
            yield Planned(
                to=to,
                occasion=occasion,
                subject=one.id,
                occurs=occurs,
                mark=f"{due}{ahead:+}",
                number=number,
            )


def _digest(seen: Seen) -> Iterator[Planned]:
    """On the last Monday and the next one, where something was overdue, or had waited, for long by then."""
    reach = seen.reach(THREAD)
    today = reach.day_of(seen.now)
    monday = today - timedelta(days=today.weekday())
    for day in (monday, monday + WEEK):
        if escalated(seen.model, seen.policy, day) or long_waits(seen.model, seen.policy, day, seen.people):
            occurs = reach.opening(day)
            yield Planned(to=THREAD, occasion=Occasion.DIGEST, subject="", occurs=occurs, mark=f"{day}")


def _votes(seen: Seen) -> Iterator[Planned]:
    for one in timed_rounds(seen.model):
        half, last = one.opened_at + (one.deadline - one.opened_at) / 2, one.deadline - seen.policy.last_hours
        moments = [(last, Occasion.VOTE_ENDS)] if one.extended else []
        moments = moments or [(half, Occasion.VOTE_OWED), (last, Occasion.VOTE_ENDS)]
        for voter in invited(one):
            if seen.people(voter).gone or not lacks(seen.model, one, voter):
                continue
            for occurs, occasion in moments:
                if occurs > one.opened_at:
                    yield Planned(
                        to=voter,
                        occasion=occasion,
                        subject=one.id,
                        occurs=occurs,
                        mark=f"{one.deadline:%Y-%m-%dT%H:%MZ}",
                        until=one.deadline,
                        since=one.opened_at,
                    )


def _questions(seen: Seen) -> Iterator[Planned]:
    model = seen.model
    if model.step not in ALLOWED[AnswerQuestions] or not (len(model.asked_of) or model.answers_by):
        return
    unanswered = [one for one in analyse(model).questions if not one.said_unknown]
    if unanswered and model.answers_by is not None:
        reach = seen.reach(seen.facilitator)
        yield Planned(
            to=seen.facilitator,
            occasion=Occasion.ANSWERS_DUE,
            subject="",
            occurs=reach.opening(model.answers_by),
            mark=f"{model.answers_by}",
        )
    for person in {one.asked_of for one in unanswered if one.asked_of is not None}:
        yield from _asked(seen, person, [one for one in unanswered if one.asked_of == person])


def _asked(seen: Seen, person: PersonId, questions: list[Question]) -> Iterator[Planned]:
    since = max(
        (
            at
            for one in questions
            if (at := seen.model.since.get(asked_key(one.element, one.fact))) is not None
        ),
        default=None,
    )
    reach, policy = seen.people(person), seen.policy
    if since is None or reach.gone:
        return
    for number in range(policy.most):
        ahead = policy.asked_after + number * policy.every
        day = reach.day_of(since) + timedelta(days=ahead)
        yield Planned(
            to=person,
            occasion=Occasion.ASKED,
            subject="questions",
            occurs=reach.opening(day),
            mark=f"{since:%Y-%m-%d}{ahead:+}",
            number=number + 1,
        )


def _acceptances(seen: Seen) -> Iterator[Planned]:
    for one in _accepted(seen.model):
        if one.expires is None:
            continue
        reach = seen.reach(seen.facilitator)
        over = due_moment(one.expires, seen.people(one.owner).zone)
        since = one.approved_at or one.at
        for before in seen.policy.before:
            occurs = reach.opening(one.expires - timedelta(days=before))
            if since < occurs < over:
                mark = f"{one.expires}{-before:+}"
                yield _acceptance(seen, one, Occasion.ACCEPTANCE_ENDS, occurs, mark, until=over)
        yield _acceptance(seen, one, Occasion.ACCEPTANCE_OVER, over, f"{one.expires}")


def _acceptance(
    seen: Seen,
    one: Response,
    occasion: Occasion,
    occurs: datetime,
    mark: str,
    *,
    until: datetime | None = None,
) -> Planned:
    return Planned(
        to=seen.facilitator,
        occasion=occasion,
        subject=one.threat,
        occurs=occurs,
        mark=mark,
        until=until,
    )


def _accepted(model: ThreatModel) -> list[Response]:
    """The acceptances that stand, of the threats that are there."""
    return [
        one
        for one in values_of(model.responses)
        if one.kind is ResponseKind.ACCEPT and one.threat in model.threats
    ]


def _whole_model(seen: Seen) -> Iterator[Planned]:
    model, every = seen.model, seen.policy.untouched
    if model.step == "closed":
        if model.closed_at is not None:
            yield _about_all(seen, Occasion.REVIEW, model.closed_at + every)
    elif model.touched_at is not None and phase_of(model.step) != "archived":
        times = max(1, (seen.now - model.touched_at) // every)
        for time in (times, times + 1):
            yield _about_all(seen, Occasion.UNTOUCHED, model.touched_at + time * every)


def _about_all(seen: Seen, occasion: Occasion, occurs: datetime) -> Planned:
    return Planned(
        to=seen.facilitator, occasion=occasion, subject="", occurs=occurs, mark=f"{occurs:%Y-%m-%d}"
    )


def _not_reached(seen: Seen) -> Iterator[Planned]:
    """Report people who cannot be reached, once, to the facilitator, or in the thread if it is they.

    Not where it was about a second vote: that would tell who has not voted again.
    """
    failed: dict[PersonId, datetime] = {}
    for one in seen.deliveries.values():
        person_failed = one.state is DeliveryState.FAILED and one.to != THREAD
        if person_failed and not names_second_voter(seen.model, one.key):
            failed[one.to] = min(one.at, failed.get(one.to, one.at))
    for person, at in failed.items():
        to = THREAD if person == seen.facilitator else seen.facilitator
        yield Planned(to=to, occasion=Occasion.NOT_REACHED, subject=person, occurs=at, mark="")
