"""Page of a proposal to close: open items, reasons, and the two answers."""

from bot.slack.protocol.block_builders import (
    Block,
    Message,
    View,
    actions,
    button,
    confirm,
    message,
    modal,
    section,
)
from bot.slack.protocol.escaping import escape, escape_name
from bot.slack.protocol.interactions import Action, ButtonKind
from bot.slack.protocol.targets import ProposalTarget, Target
from bot.slack.screens.page_data import PageData
from bot.slack.ui.modals.page_declaration import Page
from bot.slack.ui.texts.common_texts import person_name
from domain.commands import ConfirmClosing
from domain.gates import TITLES
from domain.kernel.elements import PersonId
from domain.kernel.gate_overrides import ClosingProposal, GateOverride
from domain.kernel.person_names import Naming
from domain.kernel.text_formatting import count_phrase
from domain.register import ThreatRegister
from domain.rejections import NoClosingProposed


def closing_page(showing: PageData) -> View:
    """Return the proposal to close, with the actions permitted to its reader."""
    register, proposal = showing.register, showing.register.closing
    if proposal is None and register.phase == "closed":
        blocks = [section(f"✓ *{escape_name(register.name)}* ({register.key}) is closed.")]
    elif proposal is None:
        blocks = [section(escape(NoClosingProposed().sentence))]
    else:
        blocks = [
            section(_headline(register, proposal, showing.naming)),
            section(_critical(register, proposal)),
            *gate_rows(proposal.overrides),
            *_answers(showing, proposal),
        ]
    return modal("Close the model?", blocks, target=showing.target, close="Done")


CLOSING = Page(name="closing", show=closing_page)


def closing_proposal_message(stream: str, register: ThreatRegister, naming: Naming) -> Message | None:
    """Return the proposal to close the model, for its channel; None after it was answered."""
    proposal = register.closing
    if proposal is None:
        return None
    words = _headline(register, proposal, naming)
    looking = button("View proposal", ButtonKind.SHOW, Target(name="closing", stream=stream))
    return message(
        words.replace("*", ""),
        [
            section(f"{words}\n{_critical(register, proposal)}"),
            *gate_rows(proposal.overrides),
            section(_HOW),
            actions(looking),
        ],
    )


def closing_answer_buttons(stream: str, proposal: ClosingProposal, *, back: str = "") -> list[Block]:
    """Return the two answers to a proposal to close."""
    asked = confirm(
        "Close with open critical threats?",
        "The model is closed in your name although critical threats are open. It can be reopened.",
        yes="Close",
    )
    confirming = ProposalTarget(name=Action.CONFIRM_CLOSING, stream=stream, proposed=proposal.at)
    declining = Target(name="decline_closing", stream=stream, back=back)
    return [
        button(
            "Confirm closing", ButtonKind.DO, confirming, suffix="confirm", style="primary", confirm=asked
        ),
        button("Decline…", ButtonKind.OPEN, declining, suffix="decline-closing", spoken="Decline closing"),
    ]


def gate_rows(overrides: tuple[GateOverride, ...]) -> list[Block]:
    """Return each gate left open, with its reason; shortened where there are many."""
    limit = min(_REASON, _OF_ALL_GATES // max(1, len(overrides)))
    return [section(gate_line(one, limit)) for one in overrides]


def gate_line(one: GateOverride, limit: int) -> str:
    """Return one gate that is or was open, with the reason for continuing."""
    because = (f"\nReason: {escape(one.reason, limit)}") if one.reason else ""
    return f"○ {escape(one.text or TITLES.get(one.gate, one.gate), limit)}{because}"


def _headline(register: ThreatRegister, proposal: ClosingProposal, naming: Naming) -> str:
    who = person_name(naming, proposal.by)
    asked = f" {person_name(naming, proposal.asked)} is asked to confirm it." if proposal.asked else ""
    because = (f"\nReason: {escape(proposal.reason, _REASON)}") if proposal.reason else ""
    return f"*{who}* proposes to close *{escape_name(register.name)}* ({register.key}).{asked}{because}"


def _critical(register: ThreatRegister, proposal: ClosingProposal) -> str:
    titles = {one.id: one.title for one in register.threats}
    shown = [
        f"• {escape_name(titles[one])} ({one})" if one in titles else f"• {one}"
        for one in proposal.critical[:_MAX_LINES]
    ]
    if len(proposal.critical) > _MAX_LINES:
        shown.append(f"and {len(proposal.critical) - _MAX_LINES} more")
    head = count_phrase(len(proposal.critical), "critical or unscored threat")
    listed = "\n".join(shown)
    return f"{head} would remain open:\n{listed}"


def _answers(showing: PageData, proposal: ClosingProposal) -> list[Block]:
    stream = showing.target.stream
    if not showing.register.allows(ConfirmClosing):
        return []
    if showing.reader == proposal.by:
        withdrawing = button(
            "Withdraw proposal",
            ButtonKind.DO,
            Target(name=Action.WITHDRAW_CLOSING, stream=stream),
            suffix="withdraw-closing",
        )
        return [section(_alone(showing.naming, proposal.asked)), actions(withdrawing)]
    return [section(_HOW), actions(*closing_answer_buttons(stream, proposal, back="closing"))]


def _alone(naming: Naming, asked: PersonId | None) -> str:
    whom = person_name(naming, asked) if asked else "another participant"
    return (
        f"Waiting for {whom} to confirm it; you cannot confirm your own proposal. If no one else can, "
        "invite a colleague to the channel, respond to these threats, or archive the model instead."
    )


_HOW = "Any participant except the proposer can confirm or decline it. Until then the model stays open."
_REASON = 500
_OF_ALL_GATES = 4_500
"""Maximum characters of the texts, and of the reasons, of all gates together: a message has to hold both."""
_MAX_LINES = 10
