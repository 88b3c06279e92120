"""Reminders about approvals and verifications, which need a second person."""

from msgspec.structs import replace

from bot.slack.screens.mitigation_outcomes import NO_LONGER_PLANNED
from bot.slack.screens.proposal_outcomes import approval_outcome, approver_sentence, threat_to_approve
from bot.slack.screens.reminder import ReminderDetails, ReminderSources
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


def approval_reminder(initial: ReminderDetails, sources: ReminderSources) -> ReminderDetails:
    """Return the current reminder about a proposed acceptance, or its outcome."""
    threat = ThreatId(initial.about.subject)
    ranked, since = sources.ranked(threat), sources.model.since.get(review_key(threat))
    if ranked is None or since is None:
        return replace(initial, outcome="The threat no longer exists.")
    told = replace(initial, threat=ranked.threat, tally=sources.tally(threat), since=since)
    proposal = sources.model.proposals.get(threat)
    if proposal is None or not initial.about.mark.startswith(review_mark(since)):
        return replace(told, outcome=_proposal_answer(initial, sources, threat))
    too_late, over = sources.register.statuses[threat].too_late, ""
    if sources.model.step not in ALLOWED[ApproveAcceptance]:
        over = "It cannot be decided in the current phase."
    elif too_late and initial.occasion is not Occasion.APPROVAL_ESCALATED:
        over = "The proposal expired without an answer."
    elif initial.occasion is Occasion.APPROVER_GONE:
        over = _available_approver(proposal, sources, initial.about.to)
    return replace(
        told,
        proposal=proposal,
        by=sources.naming(proposal.by),
        asked=sources.naming(proposal.asked) if proposal.asked else "",
        is_over=too_late,
        outcome=over,
    )


def _available_approver(proposal: Response, sources: ReminderSources, to: PersonId) -> str:
    """Return a sentence about the approver of a proposal; empty while they cannot answer."""
    expected = approver_of(proposal, sources.model.facilitator)
    if expected is not None and cannot_answer(sources.model, sources.people, expected):
        return ""
    return approver_sentence(replace(proposal, asked=expected), sources.naming, to)


def verification_reminder(initial: ReminderDetails, sources: ReminderSources) -> ReminderDetails:
    """Return the current reminder about a mitigation to verify, or its outcome."""
    tracked = sources.tracked(initial.about.subject)
    if tracked is None:
        return replace(initial, outcome=NO_LONGER_PLANNED)
    one, ranked = tracked.mitigation, sources.ranked(tracked.threat)
    return replace(
        initial,
        mitigation=one,
        threat=ranked.threat if ranked else None,
        tally=sources.tally(tracked.threat),
        owner=sources.naming(one.owner) if one.owner else "",
        by=sources.naming(one.implemented_by) if one.implemented_by else "",
        since=sources.model.since.get(review_key(one.id)),
        total=len(tracked.links),
        outcome=_verified(initial, tracked, sources),
    )


def waiting_lines(sources: ReminderSources) -> tuple[str, ...]:
    """Return a line for each item that has waited long for a second person, oldest first."""
    model, today = sources.model, sources.people(sources.model.facilitator).day_of(sources.now)
    waits = overdue_reviews(model, POLICIES[model.terms.reminders], today, sources.people)
    return tuple(_line(one, sources) for one in waits)


def band_text(sources: ReminderSources, threat: ThreatId) -> str:
    """Return ` · Critical`, or nothing without a score."""
    tally = sources.tally(threat)
    return f" · {tally.band.capitalize()}" if tally else ""


def _proposal_answer(initial: ReminderDetails, sources: ReminderSources, threat: ThreatId) -> str:
    """Return the outcome of a reminder's proposal, or the new approver."""
    events = sources.events()
    versions = (
        version
        for version, event in enumerate(events, start=1)
        if threat_to_approve(event) == threat
        and not isinstance(event, Erased)
        and initial.about.mark.startswith(review_mark(event.at))
    )
    last = max(versions, default=None)
    if last is None:  # it was erased
        return "The proposal no longer exists."
    waits = sources.model.proposals.get(threat)
    return approval_outcome(events, last, waits, naming=sources.naming, to=initial.about.to)


def _verified(initial: ReminderDetails, tracked: TrackedMitigation, sources: ReminderSources) -> str:
    one, since = tracked.mitigation, sources.model.since.get(review_key(tracked.mitigation.id))
    match one.state:
        case MitigationState.VERIFIED:
            if one.verified_by is None:
                return "Verified."
            by = "You" if one.verified_by == initial.about.to else sources.naming(one.verified_by)
            return f"{by} verified it."
        case MitigationState.DROPPED:
            return "It was dropped."
        case MitigationState.PLANNED | MitigationState.STARTED if one.reason:
            return f"The verification failed; the mitigation is open again. Reason: “{one.reason}”"
        case MitigationState.PLANNED | MitigationState.STARTED:
            return "It is not implemented yet."
        case MitigationState.IMPLEMENTED:
            pass
    if tracked.orphan:
        return "The threat no longer exists."
    if since is None or not initial.about.mark.startswith(review_mark(since)):
        return "It was implemented again."
    if initial.about.to in done_by(one):
        return "It is now yours, so someone else must verify it."
    return ""


def _line(wait: PendingReview, sources: ReminderSources) -> str:
    since = f"since {short_day(sources.people(sources.model.facilitator).day_of(wait.since))}"
    mitigation = sources.model.mitigations.get(MitigationId(wait.subject))
    if mitigation is not None:
        others = " or ".join(sources.naming(person) for person in done_by(mitigation))
        bad = band_text(sources, sources.model.home_of(mitigation.threat))
        what = f"to be verified by someone other than {others}"
        return f"{mitigation.title} ({mitigation.id}) · {since} · {what}{bad}"
    proposal = sources.model.proposals[ThreatId(wait.subject)]
    title = sources.model.threats[proposal.threat].title
    asked = (
        f"approver: {sources.naming(proposal.asked)}"
        if proposal.asked
        else ("any other participant can approve")
    )
    what = f"acceptance proposed by {sources.naming(proposal.by)}, {asked}"
    return f"{title} ({proposal.threat}) · {since} · {what}{band_text(sources, proposal.threat)}"
