"""Reminders about approvals and verifications, which need a second person."""

from msgspec.structs import replace

from bot.slack.screens.mitigation_outcomes import NO_LONGER_PLANNED
from bot.slack.screens.proposal_outcomes import approval_outcome, approver_sentence, threat_to_approve
from bot.slack.screens.reminder import Reminder, ReminderSources
from domain.commands import ApproveAcceptance
from domain.events import Erased
from domain.kernel.due_dates import short_day
from domain.kernel.elements import PersonId
from domain.kernel.mitigation import MitigationId, MitigationState
from domain.kernel.response import Response
from domain.kernel.threat import ThreatId
from domain.lifecycle import ALLOWED
from domain.model import review_key
from domain.remediation.reviewers import approver_of, done_by
from domain.remediation.status import TrackedMitigation
from domain.reminders import Occasion
from domain.reminders.pending_reviews import PendingReview, cannot_answer, overdue_reviews, review_mark
from domain.reminders.reminder_policy import POLICIES


def approval_reminder(blank: Reminder, seen: ReminderSources) -> Reminder:
    """Return the current reminder about a proposed acceptance, or its outcome."""
    threat = ThreatId(blank.about.subject)
    ranked, since = seen.ranked(threat), seen.model.since.get(review_key(threat))
    if ranked is None or since is None:
        return replace(blank, over="The threat is not there any more.")
    told = replace(blank, threat=ranked.threat, tally=seen.tally(threat), since=since)
    proposal = seen.model.proposals.get(threat)
    if proposal is None or not blank.about.mark.startswith(review_mark(since)):
        return replace(told, over=_answer(blank, seen, threat))
    too_late, over = seen.register.statuses[threat].too_late, ""
    if seen.model.step not in ALLOWED[ApproveAcceptance]:
        over = "It cannot be decided on just now."
    elif too_late and blank.occasion is not Occasion.APPROVAL_ESCALATED:
        over = "Nobody answered before that day was over."
    elif blank.occasion is Occasion.APPROVER_GONE:
        over = _who_is_here(proposal, seen, blank.about.to)
    return replace(
        told,
        proposal=proposal,
        by=seen.naming(proposal.by),
        asked=seen.naming(proposal.asked) if proposal.asked else "",
        is_over=too_late,
        over=over,
    )


def _who_is_here(proposal: Response, seen: ReminderSources, to: PersonId) -> str:
    """Return a sentence about the approver of a proposal; empty while they cannot answer."""
    expected = approver_of(proposal, seen.model.facilitator)
    if expected is not None and cannot_answer(seen.model, seen.people, expected):
        return ""
    return approver_sentence(replace(proposal, asked=expected), seen.naming, to)


def verification_reminder(blank: Reminder, seen: ReminderSources) -> Reminder:
    """Return the current reminder about a mitigation to verify, or its outcome."""
    tracked = seen.tracked(blank.about.subject)
    if tracked is None:
        return replace(blank, over=NO_LONGER_PLANNED)
    one, ranked = tracked.mitigation, seen.ranked(tracked.threat)
    return replace(
        blank,
        mitigation=one,
        threat=ranked.threat if ranked else None,
        tally=seen.tally(tracked.threat),
        owner=seen.naming(one.owner) if one.owner else "",
        by=seen.naming(one.implemented_by) if one.implemented_by else "",
        since=seen.model.since.get(review_key(one.id)),
        over=_verified(blank, tracked, seen),
    )


def waiting_lines(seen: ReminderSources) -> tuple[str, ...]:
    """Return a line for each item that has waited long for a second person, oldest first."""
    model, today = seen.model, seen.people(seen.model.facilitator).day_of(seen.now)
    waits = overdue_reviews(model, POLICIES[model.terms.nudges], today, seen.people)
    return tuple(_line(one, seen) for one in waits)


def band_words(seen: ReminderSources, threat: ThreatId) -> str:
    """Return ` · Critical`, or nothing without a score."""
    tally = seen.tally(threat)
    return f" · {tally.band.capitalize()}" if tally else ""


def _answer(blank: Reminder, seen: ReminderSources, threat: ThreatId) -> str:
    """Return the outcome of a reminder's proposal, or the new approver."""
    events = seen.events()
    versions = (
        version
        for version, event in enumerate(events, start=1)
        if threat_to_approve(event) == threat
        and not isinstance(event, Erased)
        and blank.about.mark.startswith(review_mark(event.at))
    )
    last = max(versions, default=None)
    if last is None:  # it was erased
        return "It is not proposed any more."
    waits = seen.model.proposals.get(threat)
    return approval_outcome(events, last, waits, naming=seen.naming, to=blank.about.to)


def _verified(blank: Reminder, tracked: TrackedMitigation, seen: ReminderSources) -> str:
    one, since = tracked.mitigation, seen.model.since.get(review_key(tracked.mitigation.id))
    match one.state:
        case MitigationState.VERIFIED:
            if one.verified_by is None:
                return "It is verified."
            return (
                f"{'You' if one.verified_by == blank.about.to else seen.naming(one.verified_by)} verified it."
            )
        case MitigationState.DROPPED:
            return "It was dropped."
        case MitigationState.PLANNED | MitigationState.STARTED if one.reason:
            return f"It does not hold, so the work on it goes on. Because: “{one.reason}”"
        case MitigationState.PLANNED | MitigationState.STARTED:
            return "It is not in place yet."
        case MitigationState.IMPLEMENTED:
            pass
    if tracked.orphan:
        return "The threat is not there any more."
    if since is None or not blank.about.mark.startswith(review_mark(since)):
        return "It was put in place anew."
    if blank.about.to in done_by(one):
        return "It is yours now, so somebody else has to look whether it holds."
    return ""


def _line(wait: PendingReview, seen: ReminderSources) -> str:
    since = f"since {short_day(seen.people(seen.model.facilitator).day_of(wait.since))}"
    mitigation = seen.model.mitigations.get(MitigationId(wait.subject))
    if mitigation is not None:
        others = " or ".join(seen.naming(person) for person in done_by(mitigation))
        bad = band_words(seen, seen.model.home_of(mitigation.threat))
        what = f"to be verified by somebody other than {others}"
        return f"{mitigation.title} ({mitigation.id}) · {since} · {what}{bad}"
    proposal = seen.model.proposals[ThreatId(wait.subject)]
    title = seen.model.threats[proposal.threat].title
    asked = f"{seen.naming(proposal.asked)} was asked" if proposal.asked else "anybody else may agree"
    what = f"{seen.naming(proposal.by)} proposes to accept it, {asked}"
    return f"{title} ({proposal.threat}) · {since} · {what}{band_words(seen, proposal.threat)}"
