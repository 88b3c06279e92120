"""Changes of a model as a whole and of its people."""

from collections.abc import Iterator

from domain.changes.authorship import ChangeAuthors
from domain.changes.change import (
    Change,
    ChangeDetail,
    ChangeGroup,
    ChangeType,
    changed_detail,
    changed_fields,
    mention,
)
from domain.dread.scoring import Band
from domain.events import ScopeRevised
from domain.kernel.elements import PersonId
from domain.kernel.event_subjects import (
    CHANNEL,
    CLOSING,
    FACILITATOR,
    LABELS,
    PARTICIPANTS,
    PHASE,
    POLICY,
    SCOPE,
    SHARING,
    TERMS,
    TRACKER,
    Subject,
)
from domain.kernel.inherited_settings import RemediationPolicy
from domain.kernel.tracked_issue import ModelTracker
from domain.kernel.voting_round import VotingTerms
from domain.register import ThreatRegister
from domain.wording.steering import band_policy_text


def steering_changes(
    before: ThreatRegister, after: ThreatRegister, authors: ChangeAuthors
) -> Iterator[Change]:
    """Yield the changes of phase, scope, terms, tracker, facilitator and participants."""
    for subject, name, how, details in (
        (PHASE, "Phase", "moved", changed_detail("", before.phase, after.phase)),
        (CLOSING, "Closing", "proposed", _closing(before, after)),
        (SCOPE, "Scope", "revised", _scope(before, after)),
        (LABELS, "Labels", "changed", changed_detail("", ", ".join(before.labels), ", ".join(after.labels))),
        (TERMS, "Voting defaults", "changed", _terms(before.terms, after.terms)),
        (POLICY, "Remediation policy", "changed", _policy(before.policy, after.policy)),
        (TRACKER, "Tracker", "chosen", _tracker(before.tracker, after.tracker)),
        (SHARING, "Sharing with other organizations", "changed", _sharing(before, after)),
        (CHANNEL, "Channel", "changed", changed_detail("", before.channel, after.channel)),
    ):
        yield from _once(ChangeGroup.SCOPE, subject, name, how, details, authors)
    steering = changed_detail("", mention(before.facilitator), mention(after.facilitator))
    people = (before.facilitator, after.facilitator)
    yield from _once(ChangeGroup.PEOPLE, FACILITATOR, "Facilitator", "changed", steering, authors, people)
    taking_part = changed_detail("", _everybody(before), _everybody(after))
    people = (*before.participants, *after.participants)
    yield from _once(
        ChangeGroup.PEOPLE, PARTICIPANTS, "Participants", "changed", taking_part, authors, people
    )


def _once(
    group: ChangeGroup,
    subject: Subject,
    name: str,
    how: str,
    details: tuple[ChangeDetail, ...],
    authors: ChangeAuthors,
    people: tuple[PersonId, ...] = (),
) -> Iterator[Change]:
    if details:
        yield Change(
            group=group,
            type=ChangeType.CHANGED,
            name=name,
            how=how,
            details=details,
            **authors.of(subject),
            people=tuple(dict.fromkeys(people)),
        )


def _closing(before: ThreatRegister, after: ThreatRegister) -> tuple[ChangeDetail, ...]:
    def text(register: ThreatRegister) -> str:
        return f"proposed by {mention(register.closing.by)}" if register.closing else ""

    return changed_detail("", text(before), text(after)) if after.phase == before.phase else ()


def _scope(before: ThreatRegister, after: ThreatRegister) -> tuple[ChangeDetail, ...]:
    return changed_fields(
        before, after, **{name: name.replace("_", " ") for name in ScopeRevised.__annotations__}
    )


def _terms(before: VotingTerms, after: VotingTerms) -> tuple[ChangeDetail, ...]:
    return (
        *changed_detail("quorum", before.quorum or "default", after.quorum or "default"),
        *changed_detail("Discoverability", before.discoverability.label, after.discoverability.label),
        *changed_detail("reminders", before.reminders.label, after.reminders.label),
    )


def _policy(before: RemediationPolicy, after: RemediationPolicy) -> tuple[ChangeDetail, ...]:
    return tuple(
        detail
        for band in reversed(Band)
        for detail in changed_detail(
            band, band_policy_text(before.of(band)), band_policy_text(after.of(band))
        )
    )


def _tracker(before: ModelTracker, after: ModelTracker) -> tuple[ChangeDetail, ...]:
    def text(chosen: ModelTracker) -> str:
        return (chosen.tracker or "none") if chosen.own else "default"

    def shared(chosen: ModelTracker) -> str:
        return "described in issues" if chosen.shares_threats else "not in issues"

    return (
        *changed_detail("", text(before), text(after)),
        *changed_detail("threats", shared(before), shared(after)),
    )


def _sharing(before: ThreatRegister, after: ThreatRegister) -> tuple[ChangeDetail, ...]:
    def text(register: ThreatRegister) -> str:
        return "allowed" if register.sharing_allowed else "not allowed"

    return changed_detail("", text(before), text(after))


def _everybody(register: ThreatRegister) -> str:
    return ", ".join(mention(participant) for participant in register.participants) or "all channel members"
