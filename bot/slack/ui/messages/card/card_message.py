"""Card of a model: its status message in the channel."""

from bot.slack.protocol.block_builders import (
    Block,
    Message,
    actions,
    button,
    context,
    divider,
    header,
    link_button,
    message,
    section,
)
from bot.slack.protocol.escaping import clip, escape_name, one_line
from bot.slack.protocol.interactions import ButtonKind
from bot.slack.protocol.targets import Target
from bot.slack.ui.messages.card.closed_rows import closed_rows
from bot.slack.ui.messages.card.plan_rows import plan_rows
from bot.slack.ui.messages.card.turnout_rows import turnout_rows
from bot.slack.ui.modals.collecting.add_button import add_element_button
from bot.slack.ui.modals.next_step_buttons import (
    early_remediation_button,
    next_step_button,
    questions_target,
    residual_vote_button,
)
from bot.slack.ui.texts.common_texts import (
    PHASE_LABELS,
    findings_summary,
    imported_line,
    list_heading,
    person_name,
    phase_steps,
)
from bot.slack.ui.texts.plan_texts import has_plan
from domain.commands import AddAsset, AnswerQuestions
from domain.kernel.due_dates import short_day
from domain.kernel.elements import PLURAL, REGISTERS, Kind
from domain.kernel.person_names import Naming
from domain.kernel.text_formatting import count_phrase
from domain.next_step.next_step_choice import NextStepKind
from domain.register import ThreatRegister


def card_message(stream: str, register: ThreatRegister, naming: Naming) -> Message:
    """Return the card of a model."""
    return message(_summary(register), _blocks(stream, register, naming))


def status_copy(stream: str, register: ThreatRegister, naming: Naming, permalink: str = "") -> Message:
    """Return a copy of the card for one reader, with a link to the card if its permalink is known."""
    blocks = _blocks(stream, register, naming)
    if permalink:
        blocks.append(actions(link_button("Go to the card", permalink)))
    return message(_summary(register), blocks)


def _summary(register: ThreatRegister) -> str:
    phase = PHASE_LABELS.get(register.phase, register.phase).lower()
    step = escape_name(register.next.text, _STEP)
    return f"{escape_name(register.name)} ({register.key}), {phase}. Next: {step}."


def _blocks(stream: str, register: ThreatRegister, naming: Naming) -> list[Block]:
    # The key stays readable behind the longest name.
    title = f"{clip(one_line(register.name), _NAME) or 'Threat model'} · {register.key}"
    return [
        header(title),
        context(phase_steps(register.phase)),
        *_next(stream, register, naming),
        *turnout_rows(stream, register, naming),
        *plan_rows(stream, register, naming),
        divider(),
        *_lists(stream, register),
        divider(),
        *_findings_rows(stream, register),
        context(_small_print(register, naming)),
        *([context(imported)] if (imported := imported_line(register, naming)) else []),
    ]


def _next(stream: str, register: ThreatRegister, naming: Naming) -> list[Block]:
    step = register.next
    if step.round is not None:
        # The round's own row below shows the turnout, and its button.
        return []
    if step.act in (NextStepKind.NOTHING, NextStepKind.LOOK_BACK, NextStepKind.REVIEW):
        return closed_rows(stream, register)
    whom = (
        f"Waiting for *{person_name(naming, step.waits_for)}*"
        if step.waits_for
        else ("Any participant can do this")
    )
    blocks = [section(f"*Next: {escape_name(step.text, _STEP)}*\n{whom}")]
    offered = (
        next_step_button(stream, register),
        early_remediation_button(stream, register),
        residual_vote_button(stream, register),
    )
    buttons = [one for one in offered if one]
    return [*blocks, actions(*buttons)] if buttons else blocks


def _lists(stream: str, register: ThreatRegister) -> list[Block]:
    """Return a row for each list, with a button to open it; before remediation, buttons to add to each."""
    rows = [_list(stream, register, kind) for kind in REGISTERS]
    if register.phase == "remediation" or not register.allows(AddAsset):
        return rows
    adding = [add_element_button(stream, register, kind, names_kind=True) for kind in REGISTERS]
    return [*rows, actions(*adding)]


def _list(stream: str, register: ThreatRegister, kind: Kind) -> Block:
    shown, heading = register.lists[kind], list_heading(kind)
    # No-break spaces: on a phone the mark is wrapped as a whole.
    complete = "  ✓\N{NO-BREAK SPACE}complete" if shown.complete else ""
    opening = button(
        "Open",
        ButtonKind.SHOW,
        Target(name="register", stream=stream, kind=kind),
        suffix=f"list-{kind}",
        spoken=f"Open {PLURAL[kind]}",
    )
    return section(f"*{heading}*  {len(shown.items)}{complete}", accessory=opening)


def _findings_rows(stream: str, register: ThreatRegister) -> list[Block]:
    """Return the number of findings of each kind, with a button to open them."""
    seen = Target(name="seen", stream=stream)
    buttons: list[Block] = []
    if (
        register.questions
        and register.allows(AnswerQuestions)
        and register.next.act is not NextStepKind.ANSWER
    ):
        asking = questions_target(stream, register)
        spoken = f"Answer open questions of {register.key}"
        buttons.append(button("Answer questions", ButtonKind.OPEN, asking, spoken=spoken))
    if has_plan(register):
        buttons.append(button("Plan", ButtonKind.SHOW, Target(name="plan", stream=stream)))
    if register.threats:
        buttons.append(button("Threats", ButtonKind.SHOW, Target(name="threats", stream=stream)))
    if register.candidates or register.warnings:
        spoken = "Findings: suggested threats and warnings"
        buttons.append(button("Findings", ButtonKind.SHOW, seen, spoken=spoken))
    more = Target(name="more", stream=stream)
    buttons.append(button("More…", ButtonKind.SHOW, more, spoken="Lists, history, participants, phases"))
    return [section(findings_summary(register) or "No findings"), actions(*buttons)]


def _small_print(register: ThreatRegister, naming: Naming) -> str:
    words = [f"Facilitator: {person_name(naming, register.facilitator)}"]
    if register.answers_by:
        words.append(f"Answers due {short_day(register.answers_by)}")
    if register.assumptions:
        words.append(count_phrase(len(register.assumptions), "assumption"))
    return " · ".join(words)


_NAME = 120
_STEP = 300
"""Characters of the next step, which may name a threat; JSON has two for each quotation mark."""
