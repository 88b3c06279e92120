"""Events about a model as a whole."""

from msgspec.structs import replace

from domain import events
from domain.dread.scoring import Band
from domain.kernel import event_subjects as of
from domain.kernel.closing import ConditionOverride
from domain.kernel.due_dates import short_day
from domain.kernel.elements import PersonId
from domain.kernel.import_mark import ImportMark
from domain.kernel.inherited_settings import BandPolicy, RemediationPolicy
from domain.kernel.text_formatting import count_phrase
from domain.lifecycle import phase_of
from domain.model import ThreatModel
from domain.wording.event_row import Row, nothing, reason_suffix, row


def policy_changes(old: RemediationPolicy, new: RemediationPolicy) -> str:
    """Return what a new policy says of the bands in which it differs, with people by id."""
    changed = (band for band in reversed(Band) if old.of(band) != new.of(band))
    return "; ".join(f"{one}: {band_policy_text(new.of(one))}" for one in changed)


def band_policy_text(policy: BandPolicy) -> str:
    """Return the policy for a band in words, with people by id."""
    due = f"due after {policy.due_days} days" if policy.due_days is not None else "no suggested due date"
    named = " or ".join(f"@{approver}" for approver in policy.approvers)
    approved = f", approved by {named}" if named else ""
    return f"{due}, accepted for at most {policy.accepted_days} days{approved}"


def _applied(event: events.WorkspaceSettingsApplied, before: ThreatModel) -> str:
    """Return what the workspace's settings change in a model that has some of its own."""
    settings = event.settings
    changed = policy_changes(before.policy, settings.policy.with_own(before.policy, before.own_bands))
    parts = [changed] if changed else []
    if not before.own_reminders and settings.reminders is not before.terms.reminders:
        parts.append(f"owners are reminded {settings.reminders.label}")
    if settings.review_days != before.inherited.review_days:
        parts.append(f"reviews are proposed {settings.review_days} days after closing")
    if not before.tracker.own and settings.tracker != before.inherited.tracker:
        where = f"get issues in the tracker {settings.tracker}" if settings.tracker else "get no more issues"
        parts.append(f"mitigations {where}")
    words = f"applied the workspace settings of @{event.chosen_by}"
    return f"{words}: {'; '.join(parts)}" if parts else f"{words}, which change nothing in this model"


def _past(overrides: tuple[ConditionOverride, ...]) -> str:
    """Return the conditions passed, each with its reason; older events lack the conditions' texts."""
    if not overrides:
        return ""
    parts = [f"{one.text or one.condition.replace('_', ' ')}{reason_suffix(one.reason)}" for one in overrides]
    return f", with {count_phrase(len(parts), 'unmet condition')} ({'; '.join(parts)})"


def _started(event: events.ThreatModelStarted, _before: ThreatModel) -> str:
    other = "" if event.facilitator == event.by else f" with @{event.facilitator} as facilitator"
    origin = f" from {event.template}" if event.template else ""
    return f"started “{event.name}” ({event.key}){origin}{other}"


def _imported(event: events.ThreatModelImported, _before: ThreatModel) -> str:
    if event.sealed:
        return "restored the threat model from a file that this installation exported and sealed"
    return "imported the threat model from a file; statements before this entry are not verified"


def _participants(event: events.ParticipantsChosen, _before: ThreatModel) -> str:
    people = ", ".join(f"@{person}" for person in event.participants)
    return f"set the participants: {people or 'all channel members'}"


def _labels(event: events.LabelsChosen, _before: ThreatModel) -> str:
    labels = ", ".join(f"“{label}”" for label in event.labels)
    return f"set the labels: {labels}" if labels else "removed the labels"


def _terms(event: events.TermsChosen, before: ThreatModel) -> str:
    terms = event.terms
    quorum = f"quorum {terms.quorum}" if terms.quorum else "default quorum"
    chosen = f"set the voting defaults: {quorum}, Discoverability {terms.discoverability.label}"
    changed = terms.reminders is not before.terms.reminders
    return f"{chosen}; owners are reminded {terms.reminders.label}" if changed else chosen


def _policy(event: events.PolicyChosen, before: ThreatModel) -> str:
    changed = policy_changes(before.policy, event.policy)
    return f"chose the remediation policy: {changed}" if changed else "chose the remediation policy"


def _approvers(policy: RemediationPolicy) -> tuple[PersonId, ...]:
    return tuple(dict.fromkeys(person for band in Band for person in policy.of(band).approvers))


def _facilitator(event: events.FacilitatorChanged, _before: ThreatModel) -> str:
    took_over = event.facilitator == event.by
    return "took over as facilitator" if took_over else f"made @{event.facilitator} the facilitator"


def _moved(event: events.PhaseMoved, _before: ThreatModel) -> str:
    return f"moved to {phase_of(event.step)}{_past(event.overrides)}{reason_suffix(event.reason)}"


def _closed(event: events.ThreatModelClosed, _before: ThreatModel) -> str:
    how = f", proposed by @{event.proposed_by}" if event.proposed_by else ""
    review = f", with a review on {short_day(event.review_on)}" if event.review_on else ""
    return f"closed the threat model{how}{review}{_past(event.overrides)}{reason_suffix(event.reason)}"


def _closing_proposed(event: events.ClosingProposed, _before: ThreatModel) -> str:
    proposal = event.proposal
    critical = count_phrase(len(proposal.critical), "open critical threat")
    whom = f" and asked @{proposal.asked} to confirm it" if proposal.asked else ""
    words = f"proposed to close the threat model with {critical}{whom}"
    return f"{words}{_past(proposal.overrides)}{reason_suffix(proposal.reason)}"


def overrides_of(event: events.Event) -> tuple[ConditionOverride, ...]:
    """Return the unmet conditions that an event passes, or proposes to pass."""
    match event:
        case events.PhaseMoved() | events.ThreatModelClosed():
            return event.overrides
        case events.ClosingProposed():
            return event.proposal.overrides
        case _:  # no other event passes conditions
            return ()


def without_overrides(event: events.Event) -> events.Event:
    """Return an event without its conditions and reasons, for a short description."""
    match event:
        case events.PhaseMoved() | events.ThreatModelClosed():
            return replace(event, overrides=(), reason="")
        case events.ClosingProposed():
            return replace(event, proposal=replace(event.proposal, overrides=(), reason=""))
        case _:  # no other event passes conditions
            return event


STEERING_EVENTS: tuple[Row, ...] = (
    row(
        events.ThreatModelStarted,
        _started,
        lambda _: (of.SCOPE, of.PHASE, of.SHARING, of.CHANNEL, of.FACILITATOR, of.PARTICIPANTS),
        touches=nothing,
        decides=True,
        people=lambda event: (event.facilitator,),
    ),
    row(
        events.ThreatModelImported,
        _imported,
        lambda _: (of.PHASE, of.FACILITATOR),
        touches=nothing,
        decides=True,
    ),
    row(events.ScopeRevised, lambda event, _: f"revised the scope of “{event.name}”", of.SCOPE),
    row(
        events.ParticipantsChosen,
        _participants,
        of.PARTICIPANTS,
        people=lambda event: event.participants,
        mentions_author=True,
    ),
    row(events.LabelsChosen, _labels, of.LABELS),
    row(events.TermsChosen, _terms, of.TERMS),
    row(
        events.PolicyChosen,
        _policy,
        of.POLICY,
        decides=True,
        people=lambda event: _approvers(event.policy),
        mentions_author=True,
    ),
    row(
        events.WorkspaceSettingsApplied,
        _applied,
        lambda _: (of.POLICY, of.TERMS),
        # It concerns only what the model inherits, so what people chose for it can still be undone.
        touches=nothing,
        decides=True,
        people=lambda event: dict.fromkeys((event.chosen_by, *_approvers(event.settings.policy))),
        mentions_author=True,
    ),
    row(
        events.FacilitatorChanged,
        _facilitator,
        of.FACILITATOR,
        touches=nothing,
        decides=True,
        people=lambda event: (event.facilitator,),
    ),
    row(
        events.SharingAllowed, "allowed sharing the model with other organizations", of.SHARING, decides=True
    ),
    row(
        events.SharingForbidden,
        "disallowed sharing the model with other organizations",
        of.SHARING,
        decides=True,
    ),
    row(
        events.ChannelFollowed,
        "moved with the channel, which has a new ID in Slack",
        of.CHANNEL,
        touches=nothing,
    ),
    row(events.PhaseMoved, _moved, of.PHASE, touches=nothing, decides=True),
    row(
        events.ThreatModelClosed,
        _closed,
        of.PHASE,
        touches=nothing,
        decides=True,
        people=lambda event: (event.proposed_by,),
    ),
    row(
        events.ClosingProposed,
        _closing_proposed,
        of.CLOSING,
        decides=True,
        people=lambda event: (event.proposal.asked,),
    ),
    row(events.ClosingDeclined, "declined to close the threat model{reason}", of.CLOSING, decides=True),
    row(events.ClosingWithdrawn, "withdrew the proposal to close the threat model", of.CLOSING, decides=True),
    row(
        events.ThreatModelReopened,
        "reopened the threat model{reason}",
        of.PHASE,
        touches=nothing,
        decides=True,
    ),
    row(
        events.ThreatModelArchived,
        "archived the threat model{reason}",
        of.PHASE,
        touches=nothing,
        decides=True,
    ),
)


def import_sentence(mark: ImportMark, importer: str) -> str:
    """Return who imported a model and when, without a full stop; `importer` is the name of that person."""
    return f"Imported by {importer} on {short_day(mark.at.date())}; statements before that are not verified"
