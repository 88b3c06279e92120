"""Messages that hand work over to a person."""

from collections.abc import Iterator, Mapping, Sequence
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
    button_row,
    context,
    json_size,
    message,
    paragraphs,
    section,
    text_message,
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
from bot.slack.ui.model_buttons import ModelButtons
from bot.slack.ui.texts.common_texts import person_name
from bot.slack.ui.texts.remediation_texts import place_suffix, response_reason
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
from domain.kernel.text_formatting import Naming, count_phrase
from domain.kernel.threat import Response, ThreatId
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
    return text_message(words, *buttons)


def _content(handover: Handover, naming: Naming) -> tuple[str, list[Block]]:
    """Return the text, with its main point in the first line, and the buttons."""
    event, register, who = handover.event, handover.register, person_name(naming, handover.event.by)
    make, model = ModelButtons(handover.stream), f"{escape_name(register.name)} ({register.key})"
    match event:
        case MitigationPlanned():
            return _mitigation_content(handover, event.mitigation.id, f"{who} assigned you the mitigation ")
        case MitigationReassigned():
            return _mitigation_content(handover, event.mitigation, f"{who} assigned you the mitigation ")
        case VerificationRefused():
            return _refused(handover, event, who)
        case AcceptanceProposed():
            return _approver(handover, event.proposal, event.by, naming)
        case ApprovalReassigned():
            if handover.proposal is not None:
                return _approver(handover, handover.proposal, event.by, naming)
            risk = _threat(register, event.threat)
            return f"{who} requests your approval: accept the risk of {risk}", []
        case AcceptanceApproved(acceptance=accepted):
            about = _threat(register, accepted.threat)
            words = f"{who} approved your proposal: the risk of {about} is accepted{_until(accepted)}."
            return words, [make.shows("Open", "response", accepted.threat)]
        case AcceptanceDeclined():
            words = f"{who} declined to accept the risk of {_threat(register, event.threat)}."
            return words + _because(event.reason), [make.shows("Open", "response", event.threat)]
        case ClosingProposed():
            critical = count_phrase(len(event.proposal.critical), "open critical threat")
            words = (
                f"{who} asks you to confirm closing *{escape_name(register.name)}* ({register.key}) with "
                f"{critical}."
            )
            answers = closing_answer_buttons(handover.stream, event.proposal)
            return words, [*answers, make.shows("Open", "closing")]
        case ClosingDeclined():
            words = f"{who} declined to close *{escape_name(register.name)}* ({register.key})."
            return words + _because(event.reason), [make.shows("Open", "plan")]
        case PersonAsked():
            answering = SelectionTarget(name="questions", selection=ASKED_OF_READER)
            some = count_phrase(handover.count, "question")
            words = (
                f"{who} assigned you {some} about {model}. “Don't know” is a valid answer and leaves the "
                "question open."
            )
            return words, [make.opens("Answer", answering)]
    assert_never(event)


def _because(reason: str, before: str = " ") -> str:
    return f"{before}Reason: “{escape(reason, _REASON)}”" if reason else ""


def _refused(handover: Handover, event: VerificationRefused, who: str) -> tuple[str, list[Block]]:
    because = _because(event.reason, "\n")
    if _tracked(handover.register, event.mitigation) is None:
        return f"{who} rejected {event.mitigation} in verification.{because}", []
    head = f"{who} rejected your mitigation "
    return _mitigation_content(handover, event.mitigation, head, f" in verification.{because}")


def _mitigation_content(
    handover: Handover, id: MitigationId, head: str, tail: str = ""
) -> tuple[str, list[Block]]:
    """Return a sentence about a mitigation, with its threats, and the buttons of its owner."""
    register, stream = handover.register, handover.stream
    tracked = _tracked(register, id)
    if tracked is None:
        return f"{head}{id} in {escape_name(register.name)} ({register.key}).", []
    planned, more = tracked.mitigation, len(tracked.threats) - 1
    due = f", due {short_day(planned.due)}" if planned.due else ""
    others = f", and {count_phrase(more, 'other threat')}" if more > 0 else ""
    words = (
        f"{head}*{escape_name(planned.title)}* ({id}){place_suffix(tracked)}{tail or f'{due}.'}\n"
        f"Threat: {_threat(register, tracked.threat)}{others}."
    )
    opened = ModelButtons(stream).shows("Open", "response", planned.id)
    return words, [*mitigation_buttons(stream, planned), opened]


def _approver(
    handover: Handover, proposal: Response, by: PersonId, naming: Naming
) -> tuple[str, list[Block]]:
    stream, about = handover.stream, _threat(handover.register, proposal.threat)
    proposed = "" if proposal.by == by else f"{person_name(naming, proposal.by)} proposes this: "
    words = (
        f"{person_name(naming, by)} requests your approval: accept the risk of {about}{_until(proposal)}\n"
        f"{proposed}{response_reason(proposal)}"
    )
    return words, [
        *approval_buttons(stream, proposal),
        reassign_button(stream, proposal),
        ModelButtons(stream).shows("Open", "response", proposal.threat),
    ]


def _tracked(register: ThreatRegister, id: MitigationId) -> TrackedMitigation | None:
    return next((tracked for tracked in register.mitigations if tracked.mitigation.id == id), None)


def _threat(register: ThreatRegister, id: ThreatId) -> str:
    return f"{_titled(register, id, '*')} in {escape_name(register.name)} ({register.key})"


def _titled(register: ThreatRegister, id: ThreatId, mark: str = "", *, beside: str = "") -> str:
    """Return a threat with its severity; only its ID if the title `beside` contains its own."""
    threat = next((one for one in register.threats if one.id == id), None)
    short = f"{id}{band_suffix(register, id)}"
    if threat is None or (beside and threat.title in beside):
        return short
    return f"{mark}{escape_name(threat.title)}{mark} ({short})"


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
    pending = [item for item in items if not item.outcome]
    title, _, reason = _head(first, len(handovers), naming).partition("\n")
    lines = [
        f"• ~{item.subject}~ ✓ {escape(item.outcome, _OUTCOME)}"
        if item.outcome
        else f"• {item.subject}{item.details}"
        for item in items
    ]
    if not pending:
        outcomes = {item.outcome for item in items}
        alike = outcomes.pop() if len(outcomes) == 1 else ""
        settled = f"~{title}~\n✓ {escape(alike, _OUTCOME) if alike else 'Nothing remains open.'}"
        return _fitted(settled, [] if alike else lines, [])
    words = " ".join([title, *_left(pending, len(items))])
    make, approve = ModelButtons(first.stream), None
    if isinstance(first.event, AcceptanceProposed | ApprovalReassigned):
        approve = make.opens(
            "Approve several risks…", "approve_several", suffix="approve-several", primary=True
        )
    buttons = button_row(approve, make.shows("Open plan", "plan"))
    return _fitted(f"{words}\n{reason}" if reason else words, lines, buttons)


def _head(handover: Handover, count: int, naming: Naming) -> str:
    """Return what was given by whom; a reason is a second line."""
    event, register = handover.event, handover.register
    who = person_name(naming, event.by)
    where = f"in *{escape_name(register.name)}* ({register.key})"
    if isinstance(event, MitigationPlanned | MitigationReassigned):
        return f"{who} assigned you {count_phrase(count, 'mitigation')} {where}."
    if isinstance(event, ApprovalReassigned):
        return f"{who} requests your approval: accept the risk of {count_phrase(count, 'threat')} {where}."
    if isinstance(event, AcceptanceApproved):
        return f"{who} approved your proposals to accept {count_phrase(count, 'risk')} {where}."
    if isinstance(event, AcceptanceProposed):
        risks = f"accept the risk of {count_phrase(count, 'threat')} {where}{_until(event.proposal)}"
        return f"{who} requests your approval: {risks}.\n{response_reason(event.proposal)}"
    raise TypeError(type(event))


def _item(ranks: _Ranks, handover: Handover) -> _Item:
    event, register, outcome = handover.event, handover.register, handover.outcome
    if isinstance(event, MitigationPlanned):
        return _mitigation(ranks, register, event.mitigation.id, outcome)
    if isinstance(event, MitigationReassigned):
        return _mitigation(ranks, register, event.mitigation, outcome)
    if isinstance(event, ApprovalReassigned):
        return _risk(ranks, register, event.threat, outcome)
    if isinstance(event, AcceptanceProposed):
        return _risk(ranks, register, event.proposal.threat, outcome)
    if isinstance(event, AcceptanceApproved):
        details = f" ·{_until(event.acceptance)}"
        return _risk(ranks, register, event.acceptance.threat, outcome, details=details)
    raise TypeError(type(event))


def _mitigation(ranks: _Ranks, register: ThreatRegister, id: MitigationId, outcome: str) -> _Item:
    tracked = _tracked(register, id)
    if tracked is None:
        return _Item(id=id, subject=id, outcome=outcome, rank=len(ranks))
    title, due = tracked.mitigation.title, tracked.mitigation.due
    worst = min(tracked.threats, key=lambda threat: _rank(ranks, threat), default=tracked.threat)
    others = len(tracked.threats) - 1
    more = f", and {count_phrase(others, 'other threat')}" if others > 0 else ""
    return _Item(
        id=id,
        subject=f"*{escape_name(title)}* ({id})",
        details=place_suffix(tracked)
        + (f" · due {short_day(due)}" if due else "")
        + f" · {_titled(register, worst, beside=title)}{more}",
        outcome=outcome,
        due=due,
        rank=_rank(ranks, worst),
    )


def _risk(ranks: _Ranks, register: ThreatRegister, id: ThreatId, outcome: str, *, details: str = "") -> _Item:
    subject = _titled(register, id, "*")
    return _Item(id=id, subject=subject, details=details, outcome=outcome, rank=_rank(ranks, id))


def _rank(ranks: _Ranks, threat: ThreatId) -> int:
    return ranks.get(threat, len(ranks))


def _urgency(one: _Item) -> tuple[bool, date, int, tuple[int, ...]]:
    """Sort key: pending before settled, then by due date, then the highest risk first."""
    return bool(one.outcome), one.due or date.max, one.rank, id_order(one.id)


def _left(pending: Sequence[_Item], count: int) -> Iterator[str]:
    """Yield how many items are left of several, and a sentence about the first due date."""
    if len(pending) < count:
        yield "1 is left." if len(pending) == 1 else f"{len(pending)} are left."
    first = pending[0].due  # they are in order
    if first is None:
        return
    alike = all(item.due == first for item in pending)
    which = "It is" if len(pending) == 1 else "All are" if alike else "The first is"
    yield f"{which} due {short_day(first)}."


def _until(proposal: Response) -> str:
    return f" until {short_day(proposal.expires)}" if proposal.expires else ""


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
