"""Words about responses and mitigations: status, progress, due date."""

from collections import Counter
from datetime import date

from bot.slack.protocol.block_builders import Block, section
from bot.slack.protocol.escaping import escape, escape_name, one_line
from bot.slack.ui.texts.common_texts import first_names, person_name
from bot.slack.ui.texts.score_texts import band_suffix
from domain.commands import ChooseResponse
from domain.kernel.due_dates import short_day
from domain.kernel.mitigation import MitigationState
from domain.kernel.text_formatting import Naming, count_phrase
from domain.kernel.threat import Response, Threat, ThreatId
from domain.register import ThreatRegister
from domain.remediation.status import PlaceState, PlaceStatus, ThreatState, ThreatStatus, TrackedMitigation


def threat_status_text(status: ThreatStatus, naming: Naming) -> str:
    """Return the status of a threat in a line: response, owner, due date."""
    response = status.response
    match status.state:
        case ThreatState.OPEN:
            words = "○ Open: no response"
        case ThreatState.PROPOSED:
            words = "○ Not approved in time" if status.too_late else "○ Waiting for approval"
        case ThreatState.EXPIRED:
            until = f" until {short_day(status.until)}" if status.until else ""
            words = f"⚠ Open again: it was accepted{until}"
        case ThreatState.ACCEPTED:
            until = f" until {short_day(status.until)}" if status.until else ""
            words = f"● Accepted{until}"
            if response and response.approver:
                words += f", approved by {person_name(naming, response.approver)}"
        case ThreatState.TRANSFERRED:
            to = f" to {escape(one_line(response.transferred_to), _TO)}" if response else ""
            words = f"● Transferred{to}{_owner_and_day(response, naming)}"
        case ThreatState.AVOIDED:
            words = f"● Avoided{_owner_and_day(response, naming)}"
        case ThreatState.RESPONDED | ThreatState.IN_PROGRESS | ThreatState.MITIGATED:
            words = _mitigated(status, naming)
    proposal = status.proposal
    if proposal is None or proposal.expires is None:
        return words
    who = person_name(naming, proposal.by)
    proposes = "proposed" if status.too_late else "proposes"
    return f"{words} · {who} {proposes} to accept it until {short_day(proposal.expires)}"


def response_reason(response: Response) -> str:
    """Return the reason for a response, quoted; empty if none was given."""
    return f"“{escape(response.reason, _REASON)}”" if response.reason else ""


def mitigation_text(tracked: TrackedMitigation, naming: Naming) -> str:
    """Return a mitigation in a line: title, state, owner, due date."""
    one = tracked.mitigation
    return f"*{escape_name(one.title)}* · {one.id}{place_suffix(tracked)} · {progress_text(tracked, naming)}"


def place_suffix(tracked: TrackedMitigation) -> str:
    """Return ` · Front door, Back door`: where a mitigation belongs; empty if its title says it."""
    return f" · {escape_name(tracked.at, _AT)}" if tracked.at else ""


def progress_text(tracked: TrackedMitigation, naming: Naming) -> str:
    """Return the state of a mitigation, its owner and due date."""
    one = tracked.mitigation
    words = [_PROGRESS[one.state]]
    if one.state is MitigationState.VERIFIED and one.verified_by:
        words = [f"✓ verified by {person_name(naming, one.verified_by)}"]
    if tracked.places_done:
        words = [f"◐ implemented at {tracked.places_done}"]
    if one.state is not MitigationState.DROPPED:
        words.append(owner_text(tracked, naming))
    if one.due and one.state.to_do:
        words.append(due_text(tracked))
    return " · ".join(words)


def owner_text(tracked: TrackedMitigation, naming: Naming, threat: ThreatId | None = None) -> str:
    """Return the owners of what is left of a mitigation, also for one threat, marked if they have left."""
    names = [
        f"⚠ {person_name(naming, owner)} (left)" if owner in tracked.gone else person_name(naming, owner)
        for owner in (tracked.owners_for(threat) if threat else tracked.owners)
    ]
    return first_names(names, _OWNERS) if names else "no owner"


_OWNERS = 4


def due_text(tracked: TrackedMitigation) -> str:
    """Return `due 6 March 2026`, marked if overdue; `no due date` without one. Without markup of its own."""
    due = tracked.mitigation.due
    if due is None:
        return "no due date"
    return f"⚠ overdue since {short_day(due)}" if tracked.overdue else f"due {short_day(due)}"


def _mitigated(status: ThreatStatus, naming: Naming) -> str:
    live = [one for one in status.mitigations if one.mitigation.state is not MitigationState.DROPPED]
    if not live:
        return "○ To be mitigated: no mitigation planned"
    if status.state is ThreatState.MITIGATED:
        return "● Mitigated: all mitigations verified"
    verified = sum(one.mitigation.state is MitigationState.VERIFIED for one in live)
    waiting = [one for one in live if one.mitigation.state.to_do]
    if not waiting:
        return "◐ Implemented, to be verified"
    waiting.sort(key=lambda one: (one.mitigation.due is None, one.mitigation.due or date.max))
    first = waiting[0]
    who = owner_text(first, naming, status.threat)
    part = f" ({first.places_done} implemented)" if first.places_done else ""
    mark = "○ To be mitigated" if status.state is ThreatState.RESPONDED else "◐ Being mitigated"
    done = f", {verified} of {len(live)} verified" if verified else ""
    return f"{mark}{done}{part}: {who}, {due_text(first)}"


def _owner_and_day(response: Response | None, naming: Naming) -> str:
    if response is None:
        return ""
    due = f", by {short_day(response.due)}" if response.due else ", no due date"
    return f": {person_name(naming, response.owner)}{due}"


_PROGRESS = {
    MitigationState.PLANNED: "○ planned",
    MitigationState.STARTED: "◐ started",
    MitigationState.IMPLEMENTED: "◐ implemented, to be verified",
    MitigationState.VERIFIED: "✓ verified",
    MitigationState.DROPPED: "✗ dropped",
}
_TO = 75
_AT = 120
_REASON = 600


def has_plan(register: ThreatRegister) -> bool:
    """Return whether the plan page has any content."""
    return bool(register.mitigations) or (bool(register.threats) and register.allows(ChooseResponse))


def response_counts(register: ThreatRegister) -> str:
    """Return the threats by status: `6 threats: 2 mitigated, 1 accepted`; empty without a response."""
    states = Counter(status.state.label for status in register.statuses.values())
    if not states or set(states) == {ThreatState.OPEN.label}:
        return ""
    states_text = ", ".join(f"{count} {state}" for state, count in states.most_common())
    return f"{count_phrase(len(register.threats), 'threat')}: {states_text}"


def open_mitigation_count(register: ThreatRegister) -> str:
    """Return the number of open mitigations; empty if there are none."""
    left = sum(one.mitigation.state.to_do and not one.orphan for one in register.mitigations)
    if not left:
        return ""
    return "1 mitigation is still open." if left == 1 else f"{left} mitigations are still open."


def past_plan_rows(register: ThreatRegister, naming: Naming) -> list[Block]:
    """Return the worst threats of a past model with their status; empty without a response."""
    return [_worst(register, naming)] if response_counts(register) else []


def _worst(register: ThreatRegister, naming: Naming) -> Block:
    lines: list[str] = []
    for ranked_threat in register.ranked[:_MAX_LINES]:
        threat = ranked_threat.threat
        lines += [
            f"*{escape_name(threat.title, _TITLE)}* · {threat.id}{band_suffix(register, threat.id)}",
            f"\N{EM SPACE}{threat_status_text(register.statuses[threat.id], naming)}",
        ]
    if len(register.ranked) > _MAX_LINES:
        lines.append(f"and {len(register.ranked) - _MAX_LINES} more")
    return section("\n".join(lines))


_MAX_LINES = 8
_TITLE = 80


def places_text(register: ThreatRegister, threat: Threat) -> str:
    """Return the place of a threat, or the first ones of several, with their states; empty without one."""
    places = [place for place in register.places.get(threat.id, ()) if place.place]
    if not places:
        return ""
    if len(places) == 1:
        return _named(places[0])
    shown = "; ".join(map(_named, places[:_SHOWN]))
    more = f" and {len(places) - _SHOWN} more" if len(places) > _SHOWN else ""
    counts = [f"*{count_phrase(len(places), 'place')}*", *_verified(places)]
    return f"{', '.join(counts)}: {shown}{more}"


def _named(one: PlaceStatus) -> str:
    state = f" ({one.state.label})" if one.state is not PlaceState.OPEN else ""
    return f"{' '.join(one.elements)} {escape_name(one.name, _NAME)}{state}"


def _verified(places: list[PlaceStatus]) -> list[str]:
    """Return how many places are verified, if some are and others are not."""
    count = sum(place.state is PlaceState.VERIFIED for place in places)
    return [f"{count} verified"] if 0 < count < len(places) else []


_SHOWN = 3
_NAME = 80
