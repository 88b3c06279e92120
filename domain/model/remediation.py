"""Event handlers of the model: responses, mitigations and their issues, reminders and the retrospective."""

from typing import Any

from msgspec.structs import replace

from domain.events import (
    AcceptanceApproved,
    AcceptanceDeclined,
    AcceptanceProposed,
    AcceptanceWithdrawn,
    ApprovalReassigned,
    IssueLinked,
    IssueProposalDismissed,
    IssueRequested,
    IssueSeen,
    IssueUnlinked,
    MitigationDropped,
    MitigationImplemented,
    MitigationLinked,
    MitigationPlanned,
    MitigationReassigned,
    MitigationRemoved,
    MitigationRescheduled,
    MitigationRestored,
    MitigationResumed,
    MitigationRevised,
    MitigationStarted,
    MitigationUnlinked,
    MitigationVerified,
    ReminderSnoozed,
    ResponseChosen,
    ResponseCleared,
    RetrospectiveAnswered,
    TrackerChosen,
    VerificationRefused,
)
from domain.kernel.closing import Retrospective
from domain.kernel.elements import Asset, PersonId
from domain.kernel.length_limits import TEXT
from domain.kernel.mitigation import Mitigation, MitigationId, MitigationLink, MitigationState, Verification
from domain.kernel.threat import AcceptedRatings, Ratings, Response, ThreatId
from domain.kernel.tracked_issue import IssueAnswers, IssueState, SeenIssue, TrackedIssue
from domain.model.mitigation_links import (
    mitigation_links,
    unimplemented_links,
    unverified_links,
    with_verifications,
)
from domain.model.phase_steps import with_threats
from domain.model.threat_model import ThreatModel, changed, counter, handlers_by_event, issue_key, review_key


def _response_chosen(model: ThreatModel, event: ResponseChosen, version: int) -> ThreatModel:
    return _responded(model, event.response, version)


def _acceptance_approved(model: ThreatModel, event: AcceptanceApproved, version: int) -> ThreatModel:
    accepted = model.accepted.insert(event.acceptance.threat, _rated_now(model, event.acceptance.threat))
    return replace(_responded(model, event.acceptance, version), accepted=accepted)


def _rated_now(model: ThreatModel, threat: ThreatId) -> AcceptedRatings:
    ratings = {
        asset.id: Ratings(
            confidentiality=asset.confidentiality, integrity=asset.integrity, availability=asset.availability
        )
        for asset in model.of_type(Asset)
    }
    return AcceptedRatings(threat=threat, assets=ratings)


def _responded(model: ThreatModel, response: Response, version: int) -> ThreatModel:
    return with_threats(
        model,
        version=version,
        responses=model.responses.insert(response.threat, response),
        proposals=model.proposals.discard(response.threat),
    )


def _response_cleared(model: ThreatModel, event: ResponseCleared, version: int) -> ThreatModel:
    return with_threats(model, version=version, responses=model.responses.discard(event.threat))


def _acceptance_proposed(model: ThreatModel, event: AcceptanceProposed, version: int) -> ThreatModel:
    proposal = event.proposal
    return replace(
        model,
        version=version,
        proposals=model.proposals.insert(proposal.threat, proposal),
        # Not the time of the first proposal: undoing a decision restarts the waiting period.
        since=model.since.insert(review_key(proposal.threat), event.at),
    )


def _approval_reassigned(model: ThreatModel, event: ApprovalReassigned, version: int) -> ThreatModel:
    known = model.proposals.get(event.threat)
    if known is None:  # the proposal was erased
        return replace(model, version=version)
    return replace(
        model,
        version=version,
        proposals=model.proposals.insert(event.threat, replace(known, asked=event.approver)),
        since=model.since.insert(review_key(event.threat), event.at),
    )


def _acceptance_not_approved(
    model: ThreatModel, event: AcceptanceWithdrawn | AcceptanceDeclined, version: int
) -> ThreatModel:
    return replace(model, version=version, proposals=model.proposals.discard(event.threat))


def _mitigation_stated(
    model: ThreatModel, event: MitigationPlanned | MitigationRevised | MitigationRestored, version: int
) -> ThreatModel:
    before, since = model.mitigations.get(event.mitigation.id), model.since
    stated = _with_owners(with_verifications(model, event.mitigation), before, event)
    stem, number = counter(stated.id)
    if before is None or (before.owner, before.due) != (stated.owner, stated.due):
        since = since.insert(stated.id, event.at)
    implemented = MitigationState.IMPLEMENTED
    if stated.state is implemented and (before is None or before.state is not implemented):
        since = since.insert(review_key(stated.id), event.at)
    return replace(
        model,
        version=version,
        mitigations=model.mitigations.insert(stated.id, stated),
        since=since,
        numbers=model.numbers.insert(stem, max(number, model.numbers.get(stem, 0))),
    )


def _with_owners(
    stated: Mitigation,
    before: Mitigation | None,
    event: MitigationPlanned | MitigationRevised | MitigationRestored,
) -> Mitigation:
    """Return a mitigation with everyone who ever owned or implemented it, also if an older release stored it.

    A restored one has the owners of its earlier state: what is undone was never so.
    """
    present = [one for one in (*stated.owners, stated.implemented_by) if one is not None]
    restored = isinstance(event, MitigationRestored) and (stated.owned_by or not present)
    earlier = () if before is None or restored else before.owned_by
    owned_by = tuple(dict.fromkeys((*earlier, *stated.owned_by, *present)))
    return stated if owned_by == stated.owned_by else replace(stated, owned_by=owned_by)


def _mitigation_reassigned(model: ThreatModel, event: MitigationReassigned, version: int) -> ThreatModel:
    owned_by = _owners(model, event.mitigation, event.owner)
    known, former = model.mitigations.get(event.mitigation), event.instead_of
    others = () if known is None or former is None else known.place_owners
    whole = known is None or former in (None, known.owner)
    owner = event.owner if whole else known.owner
    place_owners = tuple(replace(one, owner=event.owner) if one.owner == former else one for one in others)
    return _since(
        changed(
            model,
            "mitigations",
            event.mitigation,
            version,
            owner=owner,
            place_owners=tuple(one for one in place_owners if one.owner != owner),
            owned_by=owned_by,
        ),
        event,
    )


def _owners(model: ThreatModel, id: MitigationId, person: PersonId) -> tuple[PersonId, ...]:
    """Return who ever owned or implemented a mitigation, and one person more."""
    known = model.mitigations.get(id)
    return tuple(dict.fromkeys((*(known.owned_by if known else ()), person)))


def _mitigation_rescheduled(model: ThreatModel, event: MitigationRescheduled, version: int) -> ThreatModel:
    answers = _answers(model, event.mitigation, due=version)
    return _since(
        changed(model, "mitigations", event.mitigation, version, due=event.due, issue_answers=answers), event
    )


def _answers(model: ThreatModel, id: MitigationId, **versions: int) -> IssueAnswers:
    """Return the answers to what an issue proposed, if this one was answered; without an issue, none."""
    known = model.mitigations.get(id)
    if known is None or id not in model.issues:
        return IssueAnswers()
    return replace(known.issue_answers, **versions)


def _mitigation_started(model: ThreatModel, event: MitigationStarted, version: int) -> ThreatModel:
    return changed(model, "mitigations", event.mitigation, version, state=MitigationState.STARTED, reason="")


def _mitigation_implemented(model: ThreatModel, event: MitigationImplemented, version: int) -> ThreatModel:
    known = model.mitigations.get(event.mitigation)
    if known is None:
        return replace(model, version=version)
    done = (*known.implemented_for, *event.links)
    left = event.links and unimplemented_links(model, replace(known, implemented_for=done))
    implemented = changed(
        model,
        "mitigations",
        event.mitigation,
        version,
        state=MitigationState.STARTED if left else MitigationState.IMPLEMENTED,
        evidence=_joined_evidence(known, event.evidence),
        implemented_for=done if left else (),
        implemented_by=event.by,
        owned_by=_owners(model, event.mitigation, event.by),
        issue_answers=_answers(model, event.mitigation, state=version),
        reason="",
    )
    if left:
        return implemented
    return replace(implemented, since=model.since.insert(review_key(event.mitigation), event.at))


def _joined_evidence(known: Mitigation, new: str) -> str:
    """Return the evidence of all places: that of earlier ones comes first, unless all of it is too long."""
    lines = dict.fromkeys(one for one in (known.evidence, new) if one)
    joined = "\n".join(lines) if known.implemented_for else new
    return joined if len(joined) <= TEXT else new


def _mitigation_verified(model: ThreatModel, event: MitigationVerified, version: int) -> ThreatModel:
    known = model.mitigations.get(event.mitigation)
    if known is None:
        return replace(model, version=version)
    links = event.links or unverified_links(model, known) or (MitigationLink(threat=known.threat),)
    verified = (*known.verifications, *(Verification(link=link, by=event.by) for link in links))
    left = unverified_links(model, replace(known, verifications=verified))
    return changed(
        model,
        "mitigations",
        event.mitigation,
        version,
        state=MitigationState.IMPLEMENTED if left else MitigationState.VERIFIED,
        verified_by=event.by,
        verifications=verified,
    )


def _verification_refused(model: ThreatModel, event: VerificationRefused, version: int) -> ThreatModel:
    known = model.mitigations.get(event.mitigation)
    kept = () if known is None or not event.links else known.verifications
    links = () if known is None or not event.links else mitigation_links(model, known)
    return changed(
        model,
        "mitigations",
        event.mitigation,
        version,
        state=MitigationState.STARTED,
        reason=event.reason,
        verified_by=None,
        implemented_for=tuple(link for link in links if link not in event.links),
        verifications=tuple(one for one in kept if one.link not in event.links),
        issue_answers=_answers(model, event.mitigation, state=version),
    )


def _mitigation_linked(model: ThreatModel, event: MitigationLinked, version: int) -> ThreatModel:
    known = model.mitigations.get(event.mitigation)
    if known is None:
        return replace(model, version=version)
    added = (threat for threat in event.threats if threat not in known.threats)
    linked = changed(model, "mitigations", known.id, version, also=(*known.also, *added))
    if known.state is not MitigationState.VERIFIED:
        return linked
    return replace(linked, since=model.since.insert(review_key(known.id), event.at))


def _mitigation_unlinked(model: ThreatModel, event: MitigationUnlinked, version: int) -> ThreatModel:
    known = model.mitigations.get(event.mitigation)
    if known is None:
        return replace(model, version=version)
    first, *others = [threat for threat in known.threats if threat not in event.threats] or [known.threat]
    verified = tuple(one for one in known.verifications if one.link.threat not in event.threats)
    done = tuple(link for link in known.implemented_for if link.threat not in event.threats)
    left = replace(known, threat=first, also=tuple(others), implemented_for=done, verifications=verified)
    if left.state is MitigationState.IMPLEMENTED and verified and not unverified_links(model, left):
        left = replace(left, state=MitigationState.VERIFIED)
    return replace(model, version=version, mitigations=model.mitigations.insert(known.id, left))


def _mitigation_dropped(model: ThreatModel, event: MitigationDropped, version: int) -> ThreatModel:
    return changed(
        model,
        "mitigations",
        event.mitigation,
        version,
        state=MitigationState.DROPPED,
        reason=event.reason,
        issue_answers=_answers(model, event.mitigation, state=version),
    )


def _mitigation_resumed(model: ThreatModel, event: MitigationResumed, version: int) -> ThreatModel:
    resumed = changed(
        model,
        "mitigations",
        event.mitigation,
        version,
        state=MitigationState.PLANNED,
        reason="",
        implemented_for=(),
        verifications=(),
        issue_answers=_answers(model, event.mitigation, state=version),
    )
    return _since(resumed, event)


def _mitigation_removed(model: ThreatModel, event: MitigationRemoved, version: int) -> ThreatModel:
    id = event.mitigation
    return replace(
        model, version=version, mitigations=model.mitigations.discard(id), issues=model.issues.discard(id)
    )


def _since(
    model: ThreatModel, event: MitigationReassigned | MitigationRescheduled | MitigationResumed
) -> ThreatModel:
    return replace(model, since=model.since.insert(event.mitigation, event.at))


def _reminder_snoozed(model: ThreatModel, event: ReminderSnoozed, version: int) -> ThreatModel:
    snoozed, key, until = model.snoozed, event.key, event.until
    kept = snoozed.discard(key) if until is None else snoozed.insert(key, until)
    return replace(model, version=version, snoozed=kept)


def _retrospective_answered(model: ThreatModel, event: RetrospectiveAnswered, version: int) -> ThreatModel:
    known, by = model.retrospectives, event.by
    said = Retrospective(by=by, answers=event.answers)
    answered = known.insert(by, said) if event.answers else known.discard(by)
    return replace(model, version=version, retrospectives=answered)


REMEDIATION_EVOLVERS = handlers_by_event(
    _response_chosen,
    _response_cleared,
    _acceptance_proposed,
    _approval_reassigned,
    _acceptance_not_approved,
    _acceptance_approved,
    _mitigation_stated,
    _mitigation_linked,
    _mitigation_unlinked,
    _mitigation_reassigned,
    _mitigation_rescheduled,
    _mitigation_started,
    _mitigation_implemented,
    _mitigation_verified,
    _verification_refused,
    _mitigation_dropped,
    _mitigation_resumed,
    _mitigation_removed,
    _reminder_snoozed,
    _retrospective_answered,
)


def _tracker_chosen(model: ThreatModel, event: TrackerChosen, version: int) -> ThreatModel:
    return replace(model, version=version, tracker=event.tracker)


def _issue_linked(model: ThreatModel, event: IssueLinked, version: int) -> ThreatModel:
    known, model = model.issues.get(event.mitigation), _assigned(model, event.mitigation, event.seen)
    if known is not None and (known.issue, known.seen) == (event.issue, event.seen):
        # What people answered about it before still counts.
        return changed(
            model, "issues", event.mitigation, version, linked=True, requested=False, typed=event.typed
        )
    is_open = event.seen is None or event.seen.state is IssueState.OPEN
    is_dated = event.seen is not None and event.seen.due is not None
    linked = TrackedIssue(
        issue=event.issue,
        typed=event.typed,
        seen=event.seen,
        state_changed=0 if is_open else version,
        due_changed=version if is_dated else 0,
    )
    return replace(
        model,
        version=version,
        issues=model.issues.insert(event.mitigation, linked),
        since=model.since.insert(issue_key(event.mitigation), event.at),
    )


def _issue_unlinked(model: ThreatModel, event: IssueUnlinked, version: int) -> ThreatModel:
    if event.again:
        return replace(model, version=version, issues=model.issues.discard(event.mitigation))
    return changed(model, "issues", event.mitigation, version, linked=False, requested=False)


def _issue_requested(model: ThreatModel, event: IssueRequested, version: int) -> ThreatModel:
    return changed(model, "issues", event.mitigation, version, linked=False, requested=True)


def _issue_seen(model: ThreatModel, event: IssueSeen, version: int) -> ThreatModel:
    known, model = model.issues.get(event.mitigation), _assigned(model, event.mitigation, event.seen)
    if known is None:  # the event that linked it was erased
        return replace(model, version=version)
    changes: dict[str, Any] = {"seen": event.seen}
    before = known.seen
    if event.seen.state is not known.state:
        changes["state_changed"] = version
    if before is None or event.seen.due != before.due:
        changes["due_changed"] = version
    seen = changed(model, "issues", event.mitigation, version, **changes)
    if len(changes) == 1:
        return seen
    return replace(seen, since=model.since.insert(issue_key(event.mitigation), event.at))


def _proposal_dismissed(model: ThreatModel, event: IssueProposalDismissed, version: int) -> ThreatModel:
    answers = IssueAnswers(state=version, due=version)
    return changed(model, "mitigations", event.mitigation, version, issue_answers=answers)


def _assigned(model: ThreatModel, id: MitigationId, seen: SeenIssue | None) -> ThreatModel:
    """Return the model after an issue was seen: its assignee may no longer verify the mitigation."""
    known, person = model.mitigations.get(id), seen.person if seen is not None else None
    if known is None or person is None or person in known.owned_by:
        return model
    assigned = replace(known, owned_by=(*known.owned_by, person))
    return replace(model, mitigations=model.mitigations.insert(id, assigned))


TRACKER_EVOLVERS = handlers_by_event(
    _tracker_chosen, _issue_linked, _issue_unlinked, _issue_requested, _issue_seen, _proposal_dismissed
)
