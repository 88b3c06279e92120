"""Events about responses and mitigations."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from domain import events
from domain.kernel import event_subjects as of
from domain.kernel.due_dates import short_day
from domain.kernel.elements import PersonId
from domain.kernel.event_subjects import Subject
from domain.kernel.mitigation import MitigationLink
from domain.kernel.threat import ResponseKind, elements_at
from domain.model import ThreatModel
from domain.wording.event_row import Row, about, mitigation_phrase, reason_suffix, row, threat_phrase


def _response(event: events.ResponseChosen, before: ThreatModel) -> str:
    response, threat = event.response, threat_phrase(before, event.response.threat)
    match response.kind:
        case ResponseKind.ACCEPT:
            what = f"accepted {threat}{_until(response.expires)}, proposed by @{response.by}"
        case ResponseKind.TRANSFER:
            what = f"chose to transfer {threat} to {response.transferred_to}"
        case ResponseKind.MITIGATE | ResponseKind.AVOID:
            what = f"chose to {response.kind} {threat}"
    owned, due = _owned(response.owner, response.by), _due(response.due)
    return f"{what}{owned}{due}{reason_suffix(response.reason)}"


def _people_of_response(event: events.ResponseChosen) -> tuple[PersonId | None, ...]:
    response = event.response
    return (response.owner, response.by) if response.kind is ResponseKind.ACCEPT else (response.owner,)


def _proposed(event: events.AcceptanceProposed, before: ThreatModel) -> str:
    proposal = event.proposal
    until = f"proposed to accept {threat_phrase(before, proposal.threat)}{_until(proposal.expires)}"
    asked = f", and asked @{proposal.asked} to approve" if proposal.asked else ""
    return f"{until}{_owned(proposal.owner, proposal.by)}{reason_suffix(proposal.reason)}{asked}"


def _approver_changed(event: events.ApprovalReassigned, before: ThreatModel) -> str:
    threat, known = threat_phrase(before, event.threat), before.proposals.get(event.threat)
    if event.approver is None:
        return f"removed the approver for accepting {threat}"
    if event.approver == event.by and event.undoes is None:
        return f"took over the approval for accepting {threat}"
    instead = " instead" if known and known.asked else ""
    return f"asked @{event.approver}{instead} to approve accepting {threat}"


def _approved(event: events.AcceptanceApproved, before: ThreatModel) -> str:
    accepted = event.acceptance
    what = f"approved accepting {threat_phrase(before, accepted.threat)}{_until(accepted.expires)}"
    return f"{what}, proposed by @{accepted.by}"


def _planned(event: events.MitigationPlanned, _before: ThreatModel) -> str:
    planned = event.mitigation
    what = f"planned the mitigation “{planned.title}” ({planned.id}) for {', '.join(planned.threats)}"
    others = "".join(
        f", at {' and '.join(elements_at(one.place))} by @{one.owner}" for one in planned.place_owners
    )
    owned = f"{_owned(planned.owner, event.by)}{others}"
    return f"{what}{owned}{_due(planned.due)}"


def _owner_changed(event: events.MitigationReassigned, before: ThreatModel) -> str:
    what = mitigation_phrase(before, event.mitigation)
    return f"took over {what}" if event.owner == event.by else f"assigned {what} to @{event.owner}"


def _rescheduled(event: events.MitigationRescheduled, before: ThreatModel) -> str:
    return f"set the due date of {mitigation_phrase(before, event.mitigation)} to {short_day(event.due)}"


def _implemented(event: events.MitigationImplemented, before: ThreatModel) -> str:
    shown = f". Evidence: {event.evidence}" if event.evidence else ""
    what = f"marked {mitigation_phrase(before, event.mitigation)} as implemented"
    return f"{what}{_for_links(event.links)}{shown}"


def _verified(event: events.MitigationVerified, before: ThreatModel) -> str:
    return f"verified {mitigation_phrase(before, event.mitigation)}{_for_links(event.links)}"


def _refused(event: events.VerificationRefused, before: ThreatModel) -> str:
    what = f"did not verify {mitigation_phrase(before, event.mitigation)}{_for_links(event.links)}"
    return f"{what}{reason_suffix(event.reason)}"


def _for_links(links: Sequence[MitigationLink]) -> str:
    """Return for which threats and places something was verified; empty for all of them."""
    named = [
        f"{link.threat} at {' and '.join(elements_at(link.place))}" if link.place else link.threat
        for link in links
    ]
    return f" for {', '.join(named)}" if named else ""


def _owned(owner: PersonId | None, by: PersonId) -> str:
    return f", owned by @{owner}" if owner is not None and owner != by else ""


def _due(day: date | None) -> str:
    return f", due on {short_day(day)}" if day else ""


def _until(day: date | None) -> str:
    return f" until {short_day(day)}" if day else ""


_decided = about(of.response, "threat")
_mitigation = about(of.mitigation, "mitigation")
_whole_mitigation = about(of.mitigation, "mitigation.id")


def _mitigated(threats: Iterable[str]) -> Iterator[Subject]:
    for threat in threats:
        yield of.thing(threat)
        yield of.response(threat)


def _links(mitigation: str, threats: Iterable[str]) -> Iterator[Subject]:
    return (of.mitigated(mitigation, threat) for threat in threats)


REMEDIATION_EVENTS: tuple[Row, ...] = (
    row(
        events.ResponseChosen,
        _response,
        about(of.response, "response.threat"),
        builds_on=about(of.thing, "response.threat"),
        decides=True,
        people=_people_of_response,
    ),
    row(events.ResponseCleared, "removed the response to {threat}", _decided, decides=True),
    row(
        events.AcceptanceProposed,
        _proposed,
        about(of.response, "proposal.threat"),
        builds_on=about(of.thing, "proposal.threat"),
        decides=True,
        people=lambda event: (event.proposal.owner, event.proposal.asked),
    ),
    row(events.ApprovalReassigned, _approver_changed, _decided, people=lambda event: (event.approver,)),
    row(events.AcceptanceWithdrawn, "withdrew the proposal to accept {threat}", _decided, decides=True),
    row(
        events.AcceptanceApproved,
        _approved,
        about(of.response, "acceptance.threat"),
        decides=True,
        people=lambda event: (event.acceptance.by,),
    ),
    row(events.AcceptanceDeclined, "declined accepting {threat}{reason}", _decided, decides=True),
    row(
        events.MitigationPlanned,
        _planned,
        _whole_mitigation,
        # A plan continues from the decision to mitigate.
        builds_on=lambda event: _mitigated(event.mitigation.threats),
        people=lambda event: event.mitigation.owners,
    ),
    row(events.MitigationRevised, "revised {new_mitigation}", _whole_mitigation),
    row(events.MitigationRestored, "restored {new_mitigation}", _whole_mitigation),
    row(
        events.MitigationLinked,
        "added {mitigation} to {threats}",
        _mitigation,
        # Another change of the mitigation does not keep a link from being undone.
        touches=lambda event: _links(event.mitigation, event.threats),
        builds_on=lambda event: (of.thing(event.mitigation), *_mitigated(event.threats)),
    ),
    row(
        events.MitigationUnlinked,
        "removed {mitigation} from {threats}",
        _mitigation,
        touches=lambda event: (of.thing(event.mitigation), *_links(event.mitigation, event.threats)),
        decides=True,
    ),
    row(events.MitigationReassigned, _owner_changed, _mitigation, people=lambda event: (event.owner,)),
    row(events.MitigationRescheduled, _rescheduled, _mitigation),
    row(events.MitigationStarted, "started {mitigation}", _mitigation),
    row(events.MitigationImplemented, _implemented, _mitigation),
    row(
        events.MitigationVerified,
        _verified,
        _mitigation,
        touches=lambda event: (
            of.thing(event.mitigation),
            *_links(event.mitigation, (link.threat for link in event.links)),
        ),
        decides=True,
    ),
    row(events.VerificationRefused, _refused, _mitigation, decides=True),
    row(events.MitigationDropped, "dropped {mitigation}{reason}", _mitigation, decides=True),
    row(events.MitigationResumed, "resumed {mitigation}", _mitigation),
    row(events.MitigationRemoved, "removed {mitigation}", _mitigation),
)
