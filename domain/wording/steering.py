"""Wording of events about a model as a whole."""

from typing import assert_never

from domain import events
from domain.dread.scoring import Band
from domain.kernel.due_dates import short_day
from domain.kernel.gate_overrides import GateOverride
from domain.kernel.remediation_policy import BandPolicy, RemediationPolicy
from domain.kernel.text_formatting import count_phrase
from domain.lifecycle import phase_of
from domain.model import ThreatModel
from domain.wording.event_phrases import reason_suffix


def policy_changes(old: RemediationPolicy, new: RemediationPolicy) -> str:
    """Return what a new policy says of the bands in which it differs, with people by id."""
    changed = (one for one in reversed(Band) if old.of(one) != new.of(one))
    return "; ".join(f"{one}: {band_policy_text(new.of(one))}" for one in changed)


def band_policy_text(policy: BandPolicy) -> str:
    """Return the policy for a band in words, with people by id."""
    due = f"due after {policy.due_days} days" if policy.due_days is not None else "no suggested due date"
    named = " or ".join(f"@{one}" for one in policy.approvers)
    approved = f", approved by {named}" if named else ""
    return f"{due}, accepted for at most {policy.accepted_days} days{approved}"


def describe_steering(event: events.SteeringEvent, before: ThreatModel) -> str:
    """Return what the author did, to follow the author's name; `before` is the model before the event."""
    match event:
        case events.ThreatModelStarted():
            other = "" if event.facilitator == event.by else f" with @{event.facilitator} as facilitator"
            origin = f" from {event.template}" if event.template else ""
            return f"started “{event.name}” ({event.key}){origin}{other}"
        case events.ThreatModelImported():
            if event.sealed:
                return "restored the threat model from a file that this installation exported and sealed"
            return "imported the threat model from a file; statements before this entry are not verified"
        case events.ScopeRevised():
            return f"revised the scope of “{event.name}”"
        case events.ParticipantsChosen():
            people = ", ".join(f"@{person}" for person in event.participants)
            return f"set the participants: {people or 'all channel members'}"
        case events.LabelsChosen():
            labels = ", ".join(f"“{label}”" for label in event.labels)
            return f"set the labels: {labels}" if labels else "removed the labels"
        case events.TermsChosen():
            terms = event.terms
            quorum = f"quorum {terms.quorum}" if terms.quorum else "default quorum"
            chosen = f"set the voting defaults: {quorum}, Discoverability {terms.discoverability.label}"
            changed = terms.reminders is not before.terms.reminders
            return f"{chosen}; owners are reminded {terms.reminders.label}" if changed else chosen
        case events.PolicyChosen():
            changed = policy_changes(before.policy, event.policy)
            return f"chose the remediation policy: {changed}" if changed else "chose the remediation policy"
        case events.WorkspaceSettingsApplied():
            return _applied(event, before)
        case events.FacilitatorChanged():
            if event.facilitator == event.by:
                return "took over as facilitator"
            return f"made @{event.facilitator} the facilitator"
        case events.SharingAllowed():
            return "allowed sharing the model with other organizations"
        case events.SharingForbidden():
            return "disallowed sharing the model with other organizations"
        case events.ChannelFollowed():
            return "moved with the channel, which has a new ID in Slack"
        case events.PhaseMoved():
            past = _past(event.overrides)
            return f"moved to {phase_of(event.step)}{past}{reason_suffix(event.reason)}"
        case events.ThreatModelClosed():
            how = f", proposed by @{event.proposed_by}" if event.proposed_by else ""
            review = f", with a review on {short_day(event.review_on)}" if event.review_on else ""
            past = _past(event.overrides)
            return f"closed the threat model{how}{review}{past}{reason_suffix(event.reason)}"
        case events.ClosingProposed(proposal=said):
            critical = count_phrase(len(said.critical), "open critical threat")
            whom = f" and asked @{said.asked} to confirm it" if said.asked else ""
            words = f"proposed to close the threat model with {critical}{whom}"
            return f"{words}{_past(said.overrides)}{reason_suffix(said.reason)}"
        case events.ClosingDeclined():
            return f"declined to close the threat model{reason_suffix(event.reason)}"
        case events.ClosingWithdrawn():
            return "withdrew the proposal to close the threat model"
        case events.ThreatModelReopened():
            return f"reopened the threat model{reason_suffix(event.reason)}"
        case events.ThreatModelArchived():
            return f"archived the threat model{reason_suffix(event.reason)}"
    assert_never(event)


def _applied(event: events.WorkspaceSettingsApplied, before: ThreatModel) -> str:
    """Return what the workspace's settings change in a model that has some of its own."""
    settings = event.settings
    changed = policy_changes(before.policy, settings.policy.with_own(before.policy, before.own_bands))
    told = [changed] if changed else []
    if not before.own_reminders and settings.reminders is not before.terms.reminders:
        told.append(f"owners are reminded {settings.reminders.label}")
    if settings.review_days != before.inherited.review_days:
        told.append(f"reviews are proposed {settings.review_days} days after closing")
    if not before.tracker.own and settings.tracker != before.inherited.tracker:
        where = f"get issues in the tracker {settings.tracker}" if settings.tracker else "get no more issues"
        told.append(f"mitigations {where}")
    words = f"applied the workspace settings of @{event.chosen_by}"
    return f"{words}: {'; '.join(told)}" if told else f"{words}, which change nothing in this model"


def _past(overrides: tuple[GateOverride, ...]) -> str:
    """Return the gates passed, each with its reason; older events lack the gates' texts."""
    if not overrides:
        return ""
    told = [f"{one.text or one.gate.replace('_', ' ')}{reason_suffix(one.reason)}" for one in overrides]
    return f", with {count_phrase(len(told), 'unmet condition')} ({'; '.join(told)})"
