"""Messages that hand work over to a person."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from typing import assert_never

import msgspec

from bot.slack.protocol import slack_limits
from bot.slack.protocol.block_builders import (
    Block,
    Message,
    actions,
    button,
    context,
    json_size,
    message,
    paragraphs,
    section,
)
from bot.slack.protocol.escaping import escape, escape_name
from bot.slack.protocol.targets import ButtonKind, SelectionTarget, Target
from bot.slack.screens.handover_details import Handover
from bot.slack.ui.modals.analysis.question_forms import ASKED_OF_READER
from bot.slack.ui.modals.remediation.response_page import (
    approval_buttons,
    mitigation_buttons,
    reassign_button,
)
from bot.slack.ui.modals.steering.closing_page import closing_answer_buttons
from bot.slack.ui.texts.common_texts import person_name
from bot.slack.ui.texts.remediation_texts import response_reason
from bot.slack.ui.texts.score_texts import band_suffix
from domain.events import (
    AcceptanceApproved,
    AcceptanceDeclined,
    AcceptanceProposed,
    ApprovalReassigned,
    ClosingDeclined,
    ClosingProposed,
    MitigationPlanned,
    MitigationReassigned,
    PersonAsked,
    VerificationRefused,
)
from domain.kernel.due_dates import short_day
from domain.kernel.elements import PersonId
from domain.kernel.mitigation import MitigationId
from domain.kernel.person_names import Naming
from domain.kernel.response import Response
from domain.kernel.text_formatting import count_phrase
from domain.kernel.threat import ThreatId
from domain.kernel.tracked_issue import TrackerId
from domain.model import id_order
from domain.register import ThreatRegister
from domain.remediation.status import TrackedMitigation


def handover_message(handover: Handover, naming: Naming) -> Message:
    """Return the message about an assignment or question; without buttons once it is settled."""
    words, buttons = _content(handover, naming)
    if handover.outcome:
        first = words.partition("\n")[0]
        done = escape(handover.outcome, _REASON)
        return message(f"{first} {done}", [section(f"~{first}~\n✓ {done}")])
    return message(words, [section(words), actions(*buttons)])


def _content(handover: Handover, naming: Naming) -> tuple[str, list[Block]]:
    """Return the text, with its main point in the first line, and the buttons."""
    event, register, who = handover.event, handover.register, person_name(naming, handover.event.by)
    match event:
        case MitigationPlanned():
            return _owner(handover, event.mitigation.id, who)
        case MitigationReassigned():
            return _owner(handover, event.mitigation, who)
        case VerificationRefused():
            return _refused(handover, event, who)
        case AcceptanceProposed():
            return _approver(handover, event.proposal, event.by, naming)
        case ApprovalReassigned():
            if handover.proposal is None:
                return (
                    f"{who} requests your approval: accept the risk of {_threat(register, event.threat)}"
                ), []
            return _approver(handover, handover.proposal, event.by, naming)
        case AcceptanceApproved(acceptance=said):
            until = f" until {short_day(said.expires)}" if said.expires else ""
            about = _threat(register, said.threat)
            words = f"{who} approved your proposal: the risk of {about} is accepted{until}."
            return words, [_open(handover, said.threat)]
        case AcceptanceDeclined():
            because = f" Reason: “{escape(event.reason, _REASON)}”" if event.reason else ""
            words = f"{who} declined to accept the risk of {_threat(register, event.threat)}.{because}"
            return words, [_open(handover, event.threat)]
        case ClosingProposed():
            looking = button("Open", ButtonKind.SHOW, Target(name="closing", stream=handover.stream))
            words = (
                f"{who} asks you to confirm closing *{escape_name(register.name)}* ({register.key}) with "
                f"{count_phrase(len(event.proposal.critical), 'open critical threat')}."
            )
            return words, [*closing_answer_buttons(handover.stream, event.proposal), looking]
        case ClosingDeclined():
            because = f" Reason: “{escape(event.reason, _REASON)}”" if event.reason else ""
            words = f"{who} declined to close *{escape_name(register.name)}* ({register.key}).{because}"
            return words, [button("Open", ButtonKind.SHOW, Target(name="plan", stream=handover.stream))]
        case PersonAsked():
            model = f"{escape_name(register.name)} ({register.key})"
            some = count_phrase(handover.count, "question")
            answering = SelectionTarget(name="questions", stream=handover.stream, selection=ASKED_OF_READER)
            words = f"{who} assigned you {some} about {model}. “Don't know” is a valid answer."
            return words, [button("Answer", ButtonKind.OPEN, answering)]
    assert_never(event)


def _refused(handover: Handover, event: VerificationRefused, who: str) -> tuple[str, list[Block]]:
    because = (f"\nReason: “{escape(event.reason, _REASON)}”") if event.reason else ""
    tracked = _tracked(handover, event.mitigation)
    if tracked is None:
        return f"{who} rejected {event.mitigation} in verification.{because}", []
    planned = tracked.mitigation
    mitigation = f"*{escape_name(planned.title)}* ({planned.id})"
    words = f"{who} rejected your mitigation {mitigation} in verification.{because}"
    against = f"\nThreat: {_threat(handover.register, tracked.threat)}{_more_threats(tracked)}."
    return words + against, [*mitigation_buttons(handover.stream, planned), _open(handover, planned.id)]


def _owner(handover: Handover, id: MitigationId, who: str) -> tuple[str, list[Block]]:
    tracked = _tracked(handover, id)
    if tracked is None:
        name = escape_name(handover.register.name)
        return f"{who} assigned you the mitigation {id} in {name} ({handover.register.key}).", []
    planned = tracked.mitigation
    due = f", due {short_day(planned.due)}" if planned.due else ""
    words = (
        f"{who} assigned you the mitigation *{escape_name(planned.title)}* ({id}){due}.\n"
        f"Threat: {_threat(handover.register, tracked.threat)}{_more_threats(tracked)}."
    )
    return words, [*mitigation_buttons(handover.stream, planned), _open(handover, id)]


def _approver(
    handover: Handover, proposal: Response, by: PersonId, naming: Naming
) -> tuple[str, list[Block]]:
    until = f" until {short_day(proposal.expires)}" if proposal.expires else ""
    about = _threat(handover.register, proposal.threat)
    proposed = "" if proposal.by == by else f"{person_name(naming, proposal.by)} proposes this: "
    words = (
        f"{person_name(naming, by)} requests your approval: accept the risk of {about}{until}\n"
        f"{proposed}{response_reason(proposal)}"
    )
    another = reassign_button(handover.stream, proposal)
    return words, [*approval_buttons(handover.stream, proposal), another, _open(handover, proposal.threat)]


def _tracked(handover: Handover, id: MitigationId) -> TrackedMitigation | None:
    return next((each for each in handover.register.mitigations if each.mitigation.id == id), None)


def _more_threats(tracked: TrackedMitigation) -> str:
    more = len(tracked.threats) - 1
    return f", and {count_phrase(more, 'other threat')}" if more > 0 else ""


def _threat(register: ThreatRegister, id: ThreatId) -> str:
    threat = next((handover for handover in register.threats if handover.id == id), None)
    title = f"*{escape_name(threat.title)}* ({id}{band_suffix(register, id)})" if threat else id
    return f"{title} in {escape_name(register.name)} ({register.key})"


def _open(handover: Handover, about: str) -> Block:
    return button("Open", ButtonKind.SHOW, Target(name="response", stream=handover.stream, element=about))


_REASON = 600


_Ranks = Mapping[ThreatId, int]


class _Item(msgspec.Struct, frozen=True, kw_only=True):
    """One handover as a line: its subject, then its details while it is pending, otherwise its outcome."""

    id: MitigationId | ThreatId
    subject: str
    details: str = ""
    outcome: str
    due: date | None = None
    rank: int


def joined_handover_message(handovers: Sequence[Handover], naming: Naming) -> Message:
    """Return the message about what one command gave to a person; without buttons once all is settled.

    The most urgent items come first. Raises TypeError for several handovers that are not joined.
    """
    first = handovers[0]
    if len(handovers) == 1:
        return handover_message(first, naming)
    ranks = {one.threat.id: place for place, one in enumerate(first.register.ranked)}
    items = sorted(map(partial(_item, ranks), handovers), key=_urgency)
    pending = [one for one in items if not one.outcome]
    title, _, reason = _head(first, len(handovers), naming).partition("\n")
    lines = [_line(one) for one in items]
    if pending:
        words = " ".join([title, *_remaining(len(pending), len(items)), *_due(pending)])
        return _fitted(f"{words}\n{reason}" if reason else words, lines, [actions(*_buttons(first))])
    outcomes = {one.outcome for one in items}
    alike = outcomes.pop() if len(outcomes) == 1 else ""
    settled = f"~{title}~\n✓ {escape(alike, _OUTCOME) if alike else 'Nothing remains open.'}"
    return _fitted(settled, [] if alike else lines, [])


def _head(handover: Handover, count: int, naming: Naming) -> str:
    """Return what was given by whom; a reason is a second line."""
    event, register = handover.event, handover.register
    who = person_name(naming, event.by)
    where = f"in *{escape_name(register.name)}* ({register.key})"
    match event:
        case MitigationPlanned():
            return f"{who} assigned you {count_phrase(count, 'mitigation')} {where}."
        case AcceptanceProposed(proposal=said):
            risks = f"accept the risk of {count_phrase(count, 'threat')} {where}{_until(said)}"
            return f"{who} requests your approval: {risks}.\n{response_reason(said)}"
        case AcceptanceApproved():
            return f"{who} approved your proposals to accept {count_phrase(count, 'risk')} {where}."
        case _:
            raise TypeError(type(event))


def _item(ranks: _Ranks, handover: Handover) -> _Item:
    event, register, outcome = handover.event, handover.register, handover.outcome
    match event:
        case MitigationPlanned():
            return _mitigation(ranks, register, event.mitigation.id, outcome)
        case AcceptanceProposed(proposal=said):
            return _risk(ranks, register, said.threat, outcome)
        case AcceptanceApproved(acceptance=said):
            return _risk(ranks, register, said.threat, outcome, details=f" ·{_until(said)}")
        case _:
            raise TypeError(type(event))


def _mitigation(ranks: _Ranks, register: ThreatRegister, id: MitigationId, outcome: str) -> _Item:
    tracked = next((one for one in register.mitigations if one.mitigation.id == id), None)
    if tracked is None:
        return _Item(id=id, subject=id, outcome=outcome, rank=len(ranks))
    title, due = tracked.mitigation.title, tracked.mitigation.due
    worst = min(tracked.threats, key=lambda one: _rank(ranks, one), default=tracked.threat)
    others = len(tracked.threats) - 1
    more = f", and {count_phrase(others, 'other threat')}" if others > 0 else ""
    against = f" · {_joined_handover_threat(register, worst, beside=title)}{more}"
    return _Item(
        id=id,
        subject=f"*{escape_name(title)}* ({id})",
        details=(f" · due {short_day(due)}" if due else "") + against,
        outcome=outcome,
        due=due,
        rank=_rank(ranks, worst),
    )


def _risk(ranks: _Ranks, register: ThreatRegister, id: ThreatId, outcome: str, *, details: str = "") -> _Item:
    subject = _joined_handover_threat(register, id, mark="*")
    return _Item(id=id, subject=subject, details=details, outcome=outcome, rank=_rank(ranks, id))


def _joined_handover_threat(
    register: ThreatRegister, id: ThreatId, *, mark: str = "", beside: str = ""
) -> str:
    """Return a threat with its severity; only its ID if the title `beside` contains its own."""
    threat = next((one for one in register.threats if one.id == id), None)
    if threat is None or threat.title in beside:
        return f"{id}{band_suffix(register, id)}"
    return f"{mark}{escape_name(threat.title)}{mark} ({id}{band_suffix(register, id)})"


def _rank(ranks: _Ranks, threat: ThreatId) -> int:
    return ranks.get(threat, len(ranks))


def _urgency(one: _Item) -> tuple[bool, date, int, tuple[int, ...]]:
    """Sort key: pending before settled, then by due date, then the highest risk first."""
    return bool(one.outcome), one.due or date.max, one.rank, id_order(one.id)


def _line(one: _Item) -> str:
    if one.outcome:
        return f"• ~{one.subject}~ ✓ {escape(one.outcome, _OUTCOME)}"
    return f"• {one.subject}{one.details}"


def _remaining(pending: int, count: int) -> list[str]:
    if pending == count:
        return []
    return ["1 is left."] if pending == 1 else [f"{pending} are left."]


def _due(pending: Sequence[_Item]) -> list[str]:
    """Return a sentence about the first due date, if there is one."""
    first = pending[0].due  # they are in order
    if first is None:
        return []
    if len(pending) == 1:
        return [f"It is due {short_day(first)}."]
    alike = all(one.due == first for one in pending)
    return [f"All are due {short_day(first)}." if alike else f"The first is due {short_day(first)}."]


def _buttons(handover: Handover) -> list[Block]:
    stream = handover.stream
    approving = Target(name="approve_several", stream=stream)
    approve = button(
        "Approve several risks…", ButtonKind.OPEN, approving, suffix="approve-several", style="primary"
    )
    plan = button("Open plan", ButtonKind.SHOW, Target(name="plan", stream=stream))
    return [*([approve] if isinstance(handover.event, AcceptanceProposed) else []), plan]


def _until(said: Response) -> str:
    return f" until {short_day(said.expires)}" if said.expires else ""


def _fitted(head: str, lines: Sequence[str], buttons: Sequence[Block]) -> Message:
    """Return a message with as many of the lines as fit, and the number of the others."""
    for count in range(min(len(lines), _MOST_LINES), 0, -1):
        more = [f"and {len(lines) - count} more"] if count < len(lines) else []
        shown = [*lines[:count], *more]
        blocks = [*paragraphs(head, shown), *buttons]
        if json_size(blocks) <= slack_limits.MESSAGE_CHARACTERS:
            return message("\n".join([head, *shown]), blocks)
    return message(head, [*paragraphs(head, ()), *buttons])


_MOST_LINES = 20
_OUTCOME = 200


def with_account_question(content: Message, stream: str, tracker: TrackerId) -> Message:
    """Return a message with the question which account in a tracker is the reader's."""
    asked = Target(name="tracker_account", stream=stream, element=tracker)
    pressed = button("My account", ButtonKind.OPEN, asked, spoken=f"Choose my account in {tracker}")
    blocks = [*content.blocks, context(_ABOUT.format(tracker=tracker)), actions(pressed)]
    return message(content.text, blocks)


_ABOUT = "The issue in *{tracker}* is assigned to you once your account there is known."
