"""Page of closing and the retrospective, with their forms."""

from collections.abc import Sequence
from itertools import groupby

from bot.slack.protocol.block_builders import (
    Block,
    Message,
    View,
    actions,
    button_row,
    confirm,
    divider,
    message,
    modal,
    section,
)
from bot.slack.protocol.escaping import escape, escape_name
from bot.slack.protocol.targets import Action, ProposalTarget, Target
from bot.slack.screens.page_data import PageData
from bot.slack.ui.forms.common_fields import long_text
from bot.slack.ui.forms.form import Form, FormContext, WriteEffect
from bot.slack.ui.forms.form_fields import FormPart, Paragraph
from bot.slack.ui.modals.page_declaration import Page, list_page, page_buttons
from bot.slack.ui.model_buttons import ModelButtons
from bot.slack.ui.texts.common_texts import first_lines, person_name
from domain.commands import AnswerRetrospective, ConfirmClosing, DeclineClosing
from domain.kernel.closing import ClosingProposal, ConditionOverride, RetrospectiveQuestion
from domain.kernel.text_formatting import Naming, count_phrase
from domain.phase_conditions import TITLES
from domain.register import ThreatRegister
from domain.rejections import NoClosingProposed


def _declining(opening: FormContext) -> Sequence[FormPart]:
    register = opening.required_register
    if register.closing is None:
        raise NoClosingProposed
    return [
        Paragraph(text=f"*{escape_name(register.name)}* ({register.key}) stays open."),
        long_text("reason", "Reason", required=True),
    ]


DECLINE_CLOSING = Form(
    name="decline_closing",
    writes=WriteEffect.ONCE,
    command_type=DeclineClosing,
    title="Decline closing",
    submit="Decline",
    parts=_declining,
)


def _questions(opening: FormContext) -> Sequence[FormPart]:
    register = opening.required_register
    mine = next((each for each in register.retrospectives if each.by == opening.person), None)
    answered = {answer.question: answer.text for answer in mine.answers} if mine else {}
    return [
        Paragraph(
            text=(
                f"*{escape_name(register.name)}* is closed. All answers are optional. The other "
                "participants see your answers with your name."
            )
        ),
        *(
            long_text(question.value, question.text, answered.get(question, ""))
            for question in RetrospectiveQuestion
        ),
    ]


RETROSPECTIVE = Form(
    name="retrospective",
    writes=WriteEffect.OWN,
    command_type=AnswerRetrospective,
    title="Answer retrospective",
    submit="Submit",
    parts=_questions,
    build_command=lambda entry: entry.command(
        AnswerRetrospective,
        answers=[
            {"question": question, "text": entry.text(question.value)} for question in RetrospectiveQuestion
        ],
    ),
    next_form=lambda saved: Target(name="retrospectives", stream=saved.target.stream),
    close="Skip",
)


def retrospectives_page(showing: PageData) -> View:
    """Return each question with all answers, and a button to answer or revise."""
    target, register = showing.target, showing.register
    answered = [
        (question, each.by, answer.text)
        for question in RetrospectiveQuestion
        for each in register.retrospectives
        for answer in each.answers
        if answer.question is question
    ]
    shown = list_page(answered, target, _ON_A_PAGE)
    people = len(register.retrospectives)
    count = count_phrase(people, "person has", "people have") if people else "No one has"
    blocks: list[Block] = [section(f"{count} answered.")]
    if register.allows(AnswerRetrospective):
        mine = any(each.by == showing.reader for each in register.retrospectives)
        label = "Change my answers" if mine else "Answer"
        make, spoken = ModelButtons(target.stream), "Answer the five questions"
        blocks += button_row(make.turns(label, "retrospective", spoken=spoken))
    for question, group in groupby(shown.items, key=lambda each: each[0]):
        blocks += [divider(), section(f"*{question.text}*")]
        blocks += [
            section(f"{person_name(showing.naming, by)}: “{escape(text, _TEXT)}”") for _, by, text in group
        ]
    return modal("Retrospective", [*blocks, *page_buttons(shown, target)], target=target, close="Done")


RETROSPECTIVES = Page(name="retrospectives", show=retrospectives_page)


_ON_A_PAGE = 25
_TEXT = 2_500


def closing_page(showing: PageData) -> View:
    """Return the proposal to close, with the actions permitted to its reader."""
    register, proposal = showing.register, showing.register.closing
    if proposal is not None:
        texts = _proposal_texts(register, proposal, showing.naming, _WHOLE)
        rows = [section(condition_line(override, _WHOLE)) for override in proposal.overrides]
        blocks = [*map(section, texts), *rows, *_answers(showing, proposal)]
    elif register.phase == "closed":
        blocks = [section(f"✓ *{escape_name(register.name)}* ({register.key}) is closed.")]
    else:
        blocks = [section(escape(NoClosingProposed().sentence))]
    return modal("Close the model?", blocks, target=showing.target, close="Done")


CLOSING = Page(name="closing", show=closing_page)


def closing_proposal_message(stream: str, register: ThreatRegister, naming: Naming) -> Message | None:
    """Return the proposal to close the model, for its channel; None after it was answered."""
    proposal = register.closing
    if proposal is None:
        return None
    words, critical = _proposal_texts(register, proposal, naming, _REASON)
    return message(
        words.replace("*", ""),
        [
            section(f"{words}\n{critical}"),
            *condition_rows(proposal.overrides),
            section(_HOW),
            actions(ModelButtons(stream).shows("View proposal", "closing")),
        ],
    )


def closing_answer_buttons(stream: str, proposal: ClosingProposal, *, back: str = "") -> list[Block]:
    """Return the two answers to a proposal to close."""
    asked = confirm(
        "Close with open critical threats?",
        "The model is closed in your name although critical threats are open. It can be reopened.",
        yes="Close",
    )
    make = ModelButtons(stream, back)
    confirming = ProposalTarget(name=Action.CONFIRM_CLOSING, proposed=proposal.at)
    return [
        make.does("Confirm closing", confirming, suffix="confirm", primary=True, confirm=asked),
        make.opens("Decline…", "decline_closing", suffix="decline-closing", spoken="Decline closing"),
    ]


def condition_rows(overrides: tuple[ConditionOverride, ...]) -> list[Block]:
    """Return each condition left open, with its reason; shortened where there are many."""
    limit = min(_REASON, _OF_ALL_GATES // max(1, len(overrides)))
    return [section(condition_line(override, limit)) for override in overrides]


def condition_line(one: ConditionOverride, limit: int) -> str:
    """Return one condition that is or was open, with the reason for continuing."""
    because = f"\nReason: {escape(one.reason, limit)}" if one.reason else ""
    return f"○ {escape(one.text or TITLES.get(one.condition, one.condition), limit)}{because}"


def _proposal_texts(
    register: ThreatRegister, proposal: ClosingProposal, naming: Naming, limit: int
) -> tuple[str, str]:
    """Return who proposes to close and why, and the critical threats that would remain open."""
    who = person_name(naming, proposal.by)
    asked = f" {person_name(naming, proposal.asked)} is asked to confirm it." if proposal.asked else ""
    because = f"\nReason: {escape(proposal.reason, limit)}" if proposal.reason else ""
    titles = {threat.id: threat.title for threat in register.threats}
    named = [f"• {escape_name(titles[id])} ({id})" if id in titles else f"• {id}" for id in proposal.critical]
    head = count_phrase(len(proposal.critical), "critical or unscored threat")
    return (
        f"*{who}* proposes to close *{escape_name(register.name)}* ({register.key}).{asked}{because}",
        "\n".join([f"{head} would remain open:", *first_lines(named, _MAX_LINES)]),
    )


def _answers(showing: PageData, proposal: ClosingProposal) -> list[Block]:
    if not showing.register.allows(ConfirmClosing):
        return []
    stream = showing.target.stream
    if showing.reader != proposal.by:
        return [section(_HOW), actions(*closing_answer_buttons(stream, proposal, back="closing"))]
    whom = person_name(showing.naming, proposal.asked) if proposal.asked else "another participant"
    alone = (
        f"Waiting for {whom} to confirm it; you cannot confirm your own proposal. If no one else can, "
        "invite a colleague to the channel, respond to these threats, or archive the model instead."
    )
    withdraw = ModelButtons(stream).does(
        "Withdraw proposal", Action.WITHDRAW_CLOSING, suffix="withdraw-closing"
    )
    return [section(alone), actions(withdraw)]


_HOW = "Any participant except the proposer can confirm or decline it. Until then the model stays open."
_WHOLE = 2_700
"""Maximum characters of a reason on the page, whose sections hold it beside its condition."""
_REASON = 500
_OF_ALL_GATES = 4_500
"""Maximum characters of the texts, and of the reasons, of all conditions together; a message holds both."""
_MAX_LINES = 10
