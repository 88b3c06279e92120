"""Page of closing and the retrospective, with their forms."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby

from bot.slack.protocol.block_builders import (
    Block,
    Message,
    View,
    actions,
    button,
    confirm,
    divider,
    message,
    modal,
    section,
)
from bot.slack.protocol.escaping import escape, escape_name
from bot.slack.protocol.targets import Action, ButtonKind, ProposalTarget, Target
from bot.slack.screens.page_data import PageData
from bot.slack.ui.forms.common_fields import command_of_fields
from bot.slack.ui.forms.form import Form, FormCommand, FormContext, LazyRegister, WriteEffect
from bot.slack.ui.forms.form_fields import FormPart, Paragraph, SubmittedValues, TextField
from bot.slack.ui.modals.page_declaration import Page, list_page, page_buttons
from bot.slack.ui.texts.common_texts import person_name
from domain.commands import AnswerRetrospective, ConfirmClosing, DeclineClosing
from domain.gates import TITLES
from domain.kernel.elements import PersonId
from domain.kernel.gate_overrides import ClosingProposal, GateOverride
from domain.kernel.length_limits import TEXT
from domain.kernel.person_names import Naming
from domain.kernel.retrospective import RetrospectiveAnswer, RetrospectiveQuestion
from domain.kernel.text_formatting import count_phrase
from domain.register import ThreatRegister
from domain.rejections import NoClosingProposed


def _declining(opening: FormContext) -> Sequence[FormPart]:
    register = opening.required_register
    if register.closing is None:
        raise NoClosingProposed
    return [
        Paragraph(text=f"*{escape_name(register.name)}* ({register.key}) stays open."),
        TextField(
            key="reason",
            label="Reason",
            limit=TEXT,
            lines=True,
            required=True,
        ),
    ]


DECLINE_CLOSING = Form(
    name="decline_closing",
    writes=WriteEffect.ONCE,
    command_type=DeclineClosing,
    title="Decline closing",
    submit="Decline",
    parts=_declining,
    build_command=command_of_fields(DeclineClosing),
)


def _questions(opening: FormContext) -> Sequence[FormPart]:
    register = opening.required_register
    mine = next((one for one in register.retrospectives if one.by == opening.person), None)
    answered = {one.question: one.text for one in mine.answers} if mine else {}
    return [
        Paragraph(
            text=(
                f"*{escape_name(register.name)}* is closed. All answers are optional. The other "
                "participants see your answers with your name."
            )
        ),
        *(
            TextField(
                key=question.value,
                label=question.text,
                limit=TEXT,
                lines=True,
                initial=answered.get(question, ""),
            )
            for question in RetrospectiveQuestion
        ),
    ]


def _answer(values: SubmittedValues, target: Target, by: PersonId, at: datetime) -> FormCommand:
    del target
    answers = tuple(
        RetrospectiveAnswer(question=question, text=values.text(question.value))
        for question in RetrospectiveQuestion
    )
    return AnswerRetrospective(by=by, at=at, answers=answers)


def _all_answers(values: SubmittedValues, target: Target, register: LazyRegister) -> Target | None:
    del values, register
    return Target(name="retrospectives", stream=target.stream)


RETROSPECTIVE = Form(
    name="retrospective",
    writes=WriteEffect.OWN,
    command_type=AnswerRetrospective,
    title="Answer retrospective",
    submit="Submit",
    parts=_questions,
    build_command=_answer,
    next_form=_all_answers,
    close="Skip",
)


def retrospectives_page(showing: PageData) -> View:
    """Return each question with all answers, and a button to answer or revise."""
    target, register = showing.target, showing.register
    answered = [
        (question, one.by, answer.text)
        for question in RetrospectiveQuestion
        for one in register.retrospectives
        for answer in one.answers
        if answer.question is question
    ]
    shown = list_page(answered, target, _ON_A_PAGE)
    people = len(register.retrospectives)
    count = count_phrase(people, "person has", "people have") if people else "No one has"
    blocks: list[Block] = [section(f"{count} answered.")]
    if register.allows(AnswerRetrospective):
        mine = any(one.by == showing.reader for one in register.retrospectives)
        answering = Target(name="retrospective", stream=target.stream)
        label = "Change my answers" if mine else "Answer"
        blocks.append(actions(button(label, ButtonKind.TURN, answering, spoken="Answer the five questions")))
    for question, group in groupby(shown.items, key=lambda one: one[0]):
        blocks += [divider(), section(f"*{question.text}*")]
        blocks += [
            section(f"{person_name(showing.naming, by)}: “{escape(text, _TEXT)}”") for _, by, text in group
        ]
    return modal(
        "Retrospective",
        [*blocks, *page_buttons(shown, target)],
        target=target,
        close="Done",
    )


RETROSPECTIVES = Page(name="retrospectives", show=retrospectives_page)


_ON_A_PAGE = 25
_TEXT = 2_500


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
