"""The status of threats and mitigations, computed from responses and time."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

import msgspec

from domain.kernel.due_dates import Zones, day_after, due_moment
from domain.kernel.elements import ElementId, PersonId
from domain.kernel.mitigation import Mitigation, MitigationLink, MitigationState
from domain.kernel.persistent_maps import values_of
from domain.kernel.threat import AcceptedRatings, PlaceId, Response, ResponseKind, ThreatId, elements_at
from domain.kernel.tracked_issue import TrackedIssue
from domain.model import ThreatModel, id_order
from domain.model.mitigation_links import (
    awaited_owners,
    mitigation_links,
    mitigation_place,
    name_of_place,
    places_done,
    served_threats,
    unimplemented_links,
    unverified_links,
    with_current_state,
)
from domain.remediation.issue_proposals import IssueProposal, can_request_issue, issue_proposal
from domain.remediation.reviewers import verifiers

REVIEW_AFTER = timedelta(days=90)
"""The time after closing at which a model is due for review."""


class ThreatState(StrEnum):
    """The states of a threat in remediation."""

    OPEN = "open"
    """It has no response."""
    PROPOSED = "proposed"
    """Its acceptance is proposed, and it has no other response."""
    RESPONDED = "responded"
    """It is to be mitigated, and no mitigation has been started."""
    IN_PROGRESS = "in_progress"
    """Some of its mitigations are started, not all are verified."""
    MITIGATED = "mitigated"
    """All of its mitigations are verified at all of its places."""
    ACCEPTED = "accepted"
    """Its risk is accepted until a future day."""
    EXPIRED = "expired"
    """Its acceptance has expired: it is open again."""
    TRANSFERRED = "transferred"
    """Its risk was transferred."""
    AVOIDED = "avoided"
    """The activity it concerns was given up."""

    @property
    def label(self) -> str:
        """Return the state in words."""
        return _STATES[self]

    @property
    def unanswered(self) -> bool:
        """Return whether a response is still missing."""
        return self in (ThreatState.OPEN, ThreatState.PROPOSED, ThreatState.EXPIRED)

    @property
    def over(self) -> bool:
        """Return whether nothing is left to do; a planned mitigation does not count as done."""
        return self in _OVER


_STATES = {
    ThreatState.OPEN: "open",
    ThreatState.PROPOSED: "waiting for approval",
    ThreatState.RESPONDED: "to be mitigated",
    ThreatState.IN_PROGRESS: "in remediation",
    ThreatState.MITIGATED: "mitigated",
    ThreatState.ACCEPTED: "accepted",
    ThreatState.EXPIRED: "open again",
    ThreatState.TRANSFERRED: "transferred",
    ThreatState.AVOIDED: "avoided",
}
_AT_WORK = (MitigationState.STARTED, MitigationState.IMPLEMENTED)
_OVER = (ThreatState.MITIGATED, ThreatState.ACCEPTED, ThreatState.TRANSFERRED, ThreatState.AVOIDED)


class TrackedMitigation(msgspec.Struct, frozen=True, kw_only=True):
    """A mitigation with its status; `threat` is the first of the `threats` that it serves now.

    It is an `orphan` if all of them were withdrawn: it is kept, to be reviewed. `links` are the threats
    and places that it serves, `unimplemented` and `unverified` those for which it still has to be
    implemented or verified. `at` names the places, while it is implemented at some only the others, unless
    its title does.
    `verifiers` may be asked to verify it, in this order. `issue` is its issue in a tracker, and `proposal`
    what that asks a person; `can_request_issue` if it gets none unless a person requests one.
    `owners` own the places that are left of it; `gone` are those of them who have left the channel or have
    no account any longer, as far as is known.
    """

    mitigation: Mitigation
    threat: ThreatId
    threats: tuple[ThreatId, ...] = ()
    links: tuple[MitigationLink, ...] = ()
    unimplemented: tuple[MitigationLink, ...] = ()
    unverified: tuple[MitigationLink, ...] = ()
    at: str = ""
    due_at: datetime | None = None
    overdue: bool = False
    orphan: bool = False
    verifiers: tuple[PersonId, ...] = ()
    issue: TrackedIssue | None = None
    proposal: IssueProposal | None = None
    can_request_issue: bool = False
    owners: tuple[PersonId, ...] = ()
    gone: tuple[PersonId, ...] = ()

    @property
    def places_done(self) -> str:
        """Return `2 of 4 places` while it is implemented at some of its places; else empty."""
        return places_done(self.links, self.unimplemented)

    def owners_for(self, threat: ThreatId) -> tuple[PersonId, ...]:
        """Return the owners of what is left of it for one threat; all of its owners if nothing is."""
        left = [one.place for one in self.unimplemented if one.threat == threat]
        found = dict.fromkeys(map(self.mitigation.owner_at, left))
        return tuple(one for one in found if one is not None) if left else self.owners

    def state_for(self, threat: ThreatId) -> MitigationState:
        """Return its state for one threat: verified, if it is for all places of the threat."""
        state = self.mitigation.state
        served = any(link.threat == threat for link in self.links)
        left = any(one.threat == threat for one in self.unverified)
        # Where work continues for another threat, it still holds for this one.
        return MitigationState.VERIFIED if state in _AT_WORK and served and not left else state


class ThreatStatus(msgspec.Struct, frozen=True, kw_only=True):
    """The status of a threat; `proposal` is an acceptance that is not approved yet.

    `verified_places` are those at which each of its mitigations is verified; there are none without one.

    `too_late` if the proposal has expired and can no longer be approved. `expires_at` is
    the moment at which an acceptance ends or has ended.
    """

    threat: ThreatId
    state: ThreatState
    response: Response | None = None
    proposal: Response | None = None
    too_late: bool = False
    mitigations: tuple[TrackedMitigation, ...] = ()
    expires_at: datetime | None = None
    verified_places: frozenset[PlaceId] = frozenset()

    @property
    def can_have_more_places(self) -> bool:
        """Return whether places may be added: the risk is neither accepted nor proposed to be."""
        return self.proposal is None and (
            self.response is None or self.response.kind is ResponseKind.MITIGATE
        )

    @property
    def waits_for_approval(self) -> bool:
        """Return whether it has no response, and a proposal that can be approved."""
        return self.state.unanswered and self.proposal is not None and not self.too_late

    @property
    def needs_response(self) -> bool:
        """Return whether it has neither a response nor a proposal that can be approved."""
        return self.state.unanswered and not self.waits_for_approval

    @property
    def until(self) -> date | None:
        """Return the day until which its risk is or was accepted."""
        return self.response.expires if self.response else None

    @property
    def live_mitigations(self) -> tuple[Mitigation, ...]:
        """Return its mitigations that were not dropped."""
        every = (mitigation.mitigation for mitigation in self.mitigations)
        return tuple(one for one in every if one.state is not MitigationState.DROPPED)

    @property
    def overdue(self) -> bool:
        """Return whether one of its mitigations is overdue."""
        return any(mitigation.overdue for mitigation in self.mitigations)

    @property
    def has_owner_and_date(self) -> bool:
        """Return whether owner and date of the response are set."""
        match self.state:
            case ThreatState.OPEN | ThreatState.PROPOSED | ThreatState.EXPIRED:
                return False
            case ThreatState.ACCEPTED:
                return True
            case ThreatState.RESPONDED | ThreatState.IN_PROGRESS | ThreatState.MITIGATED:
                live = self.live_mitigations
                return bool(live) and all(one.owner and one.due for one in live)
            case ThreatState.TRANSFERRED | ThreatState.AVOIDED:
                return self.response is not None and self.response.due is not None


def statuses(model: ThreatModel, now: datetime | None, zones: Zones) -> dict[ThreatId, ThreatStatus]:
    """Return the status of each threat, ordered by id; without a time nothing is overdue or expired."""
    responses = _responses(model)
    mitigations: defaultdict[ThreatId, list[TrackedMitigation]] = defaultdict(list)
    for mitigation in tracked_mitigations(model, now, zones):
        for threat in mitigation.threats:
            mitigations[threat].append(mitigation)
    return {
        threat: _standing(
            threat,
            responses.get(threat),
            model.proposals.get(threat),
            tuple(mitigations[threat]),
            now,
            zones,
        )
        for threat in sorted(model.threats, key=id_order)
    }


def in_force(model: ThreatModel, status: Iterable[ThreatStatus]) -> Iterator[AcceptedRatings]:
    """Return the acceptances in force, each for its current threat after merges."""
    for one in status:
        if one.state is ThreatState.ACCEPTED and one.response is not None:
            rated = model.accepted.get(one.response.threat)
            if rated is not None:
                yield AcceptedRatings(threat=one.threat, assets=rated.assets)


def tracked_mitigations(
    model: ThreatModel, now: datetime | None, zones: Zones
) -> tuple[TrackedMitigation, ...]:
    """Return all mitigations, including dropped ones and orphans, ordered by id."""
    return tuple(
        _tracked(model, value, now, zones)
        for value in sorted(values_of(model.mitigations), key=lambda one: id_order(one.id))
    )


def review_due(model: ThreatModel) -> datetime | None:
    """Return when a closed model is due for review; None while it is not closed."""
    if model.step != "closed" or model.closed_at is None:
        return None
    if model.review_on is None:
        return model.closed_at + REVIEW_AFTER
    # At the time of closing, as with the default: for a day alone, the zone would have to be known.
    return datetime.combine(model.review_on, model.closed_at.timetz())


def next_change(model: ThreatModel, now: datetime | None, zones: Zones) -> datetime | None:
    """Return the next moment at which time alone changes a status, or None."""
    return min((change for change in _changes(model, zones) if now is None or change > now), default=None)


def answerable_until(proposal: Response | None) -> datetime | None:
    """Return the moment from which a proposal can no longer be approved in any time zone."""
    if proposal is None or proposal.expires is None:
        return None
    return datetime.combine(day_after(proposal.expires), time(), tzinfo=UTC)


def _changes(model: ThreatModel, zones: Zones) -> Iterator[datetime]:
    for mitigation in tracked_mitigations(model, None, zones):
        if mitigation.due_at is not None and mitigation.mitigation.state.to_do:
            yield mitigation.due_at
    for status in statuses(model, None, zones).values():
        if status.expires_at is not None:
            yield status.expires_at
        if (over := answerable_until(status.proposal)) is not None:
            yield over
    again = review_due(model)
    if again is not None:
        yield again


def _tracked(
    model: ThreatModel, mitigation: Mitigation, now: datetime | None, zones: Zones
) -> TrackedMitigation:
    served = served_threats(model, mitigation)
    issue = model.issues.get(mitigation.id)
    mitigation = with_current_state(model, mitigation)
    owner = mitigation.owner or model.facilitator  # the facilitator assigns mitigations without an owner
    due_at = None if mitigation.due is None else due_moment(mitigation.due, zones(owner))
    return TrackedMitigation(
        mitigation=mitigation,
        threat=served[0] if served else model.home_of(mitigation.threat),
        threats=served,
        links=mitigation_links(model, mitigation),
        unimplemented=unimplemented_links(model, mitigation),
        unverified=unverified_links(model, mitigation),
        at=mitigation_place(model, mitigation),
        owners=awaited_owners(model, mitigation),
        due_at=due_at,
        overdue=mitigation.state.to_do and _is_over(due_at, now),
        orphan=not served,
        verifiers=verifiers_in(model, mitigation),
        issue=issue if issue and issue.linked else None,
        proposal=issue_proposal(model, mitigation),
        can_request_issue=can_request_issue(model, mitigation),
    )


def verifiers_in(model: ThreatModel, mitigation: Mitigation) -> tuple[PersonId, ...]:
    """Return who may be asked to verify a mitigation, in the order in which they are asked.

    The facilitator comes first, then the owner of the threat's response, then the named participants;
    the owner and the implementer of the mitigation are left out.
    """
    responses = [model.responses.get(threat) for threat in served_threats(model, mitigation)]
    suggested_threats = (
        model.facilitator,
        *(person for one in responses if one is not None for person in (one.owner, one.by)),
        *sorted(model.participants),
    )
    taking_part = (
        suggested_threat for suggested_threat in suggested_threats if model.participates(suggested_threat)
    )
    return verifiers(mitigation, taking_part)


def _standing(
    threat: ThreatId,
    response: Response | None,
    proposal: Response | None,
    mitigations: tuple[TrackedMitigation, ...],
    now: datetime | None,
    zones: Zones,
) -> ThreatStatus:
    expires_at = None
    if response is not None and response.expires is not None:
        expires_at = due_moment(response.expires, zones(response.owner))
    status = ThreatStatus(
        threat=threat,
        state=ThreatState.PROPOSED if proposal else ThreatState.OPEN,
        response=response,
        proposal=proposal,
        too_late=_is_over(answerable_until(proposal), now),
        mitigations=mitigations,
        expires_at=expires_at,
    )
    if response is None:
        return status
    match response.kind:
        case ResponseKind.ACCEPT:
            state = ThreatState.EXPIRED if _is_over(expires_at, now) else ThreatState.ACCEPTED
        case ResponseKind.TRANSFER:
            state = ThreatState.TRANSFERRED
        case ResponseKind.AVOID:
            state = ThreatState.AVOIDED
        case ResponseKind.MITIGATE:
            state = _state_of(mitigation.state_for(threat) for mitigation in mitigations)
            status = msgspec.structs.replace(status, verified_places=_verified_places(threat, mitigations))
    return msgspec.structs.replace(status, state=state)


def _verified_places(threat: ThreatId, mitigations: tuple[TrackedMitigation, ...]) -> frozenset[PlaceId]:
    live = [one for one in mitigations if one.mitigation.state is not MitigationState.DROPPED]
    served = {link.place for one in live for link in one.links if link.threat == threat}
    left = {link.place for one in live for link in one.unverified if link.threat == threat}
    return frozenset(served - left)


def _state_of(every: Iterable[MitigationState]) -> ThreatState:
    states = {one for one in every if one is not MitigationState.DROPPED}
    if states <= {MitigationState.PLANNED}:
        return ThreatState.RESPONDED
    return ThreatState.MITIGATED if states == {MitigationState.VERIFIED} else ThreatState.IN_PROGRESS


def _responses(model: ThreatModel) -> dict[ThreatId, Response]:
    """Return the response to each threat: its own, or the last one to a threat merged into it."""
    earliest_first = sorted(
        values_of(model.responses),
        key=lambda value: (value.threat in model.threats, value.at, id_order(value.threat)),
    )
    return {model.home_of(one.threat): one for one in earliest_first}


def _is_over(moment: datetime | None, now: datetime | None) -> bool:
    return moment is not None and now is not None and moment <= now


class PlaceState(StrEnum):
    """The states of a place of a threat."""

    OPEN = "open"
    """Its mitigations are not verified there."""
    VERIFIED = "verified"
    """Its mitigations are verified there."""
    SILENT = "silent"
    """The rule no longer holds there, because answers have changed, and nothing was verified."""
    REMOVED = "removed"
    """Its element was removed from the model."""

    @property
    def label(self) -> str:
        """Return the state in words; empty while the place is open."""
        return _LABELS[self]


class PlaceStatus(msgspec.Struct, frozen=True, kw_only=True):
    """A place of a threat with its name, its elements and its state."""

    place: PlaceId
    name: str
    elements: tuple[ElementId, ...]
    state: PlaceState


def place_statuses(
    model: ThreatModel, statuses: dict[ThreatId, ThreatStatus], yielded: Iterable[str]
) -> dict[ThreatId, tuple[PlaceStatus, ...]]:
    """Return the places of each threat; `yielded` are the confirmed ones that the rules still yield."""
    holds = frozenset(yielded)
    return {
        threat.id: tuple(_status(model, place, statuses.get(threat.id), holds) for place in threat.places)
        for threat in sorted(values_of(model.threats), key=lambda value: id_order(value.id))
    }


def _status(
    model: ThreatModel, place: PlaceId, status: ThreatStatus | None, holds: frozenset[str]
) -> PlaceStatus:
    about = elements_at(place)
    if any(one in model.removed for one in about):
        state = PlaceState.REMOVED
    elif status is not None and place in status.verified_places:
        state = PlaceState.VERIFIED
    else:
        state = PlaceState.SILENT if "@" in place and place not in holds else PlaceState.OPEN
    return PlaceStatus(place=place, name=name_of_place(model, place), elements=about, state=state)


_LABELS = {
    PlaceState.OPEN: "",
    PlaceState.VERIFIED: "verified",
    PlaceState.SILENT: "no longer found",
    PlaceState.REMOVED: "removed",
}
