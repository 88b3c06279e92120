"""Form to choose several threats of the plan, which then get the same response."""

from collections.abc import Sequence

from bot.slack.protocol.block_builders import button
from bot.slack.protocol.interactions import ButtonKind, StaleButton
from bot.slack.protocol.targets import (
    ALL,
    ReminderTarget,
    SelectionTarget,
    Target,
    ThreatResponseTarget,
)
from bot.slack.ui.forms.form import Form, FormContext, LazyRegister
from bot.slack.ui.forms.form_fields import (
    ButtonRow,
    CheckboxesField,
    ChoiceField,
    FormPart,
    Option,
    Paragraph,
)
from bot.slack.ui.forms.form_traits import FormSubmission
from bot.slack.ui.forms.submitted_values import SubmittedValues
from bot.slack.ui.forms.write_effects import WriteEffect
from bot.slack.ui.modals.remediation.response_forms import RESPONSE_MEANINGS
from bot.slack.ui.texts.score_texts import threat_option
from domain.commands import ChooseResponse
from domain.kernel.response import ResponseKind
from domain.kernel.text_formatting import count_phrase
from domain.kernel.threat import Threat
from domain.register import ThreatRegister

MAX_CHOSEN = 100
"""Threats that are offered at once: ten groups of ten checkboxes."""


def unanswered_threats(register: ThreatRegister) -> list[Threat]:
    """Return the threats without a response and without a proposal that can be approved, the worst first."""
    statuses = register.statuses
    return [one.threat for one in register.ranked if statuses[one.threat.id].needs_response]


def _choosing(opening: FormContext) -> Sequence[FormPart]:
    register = opening.required_register
    threats = unanswered_threats(register)
    if not threats:
        raise StaleButton("Every threat has a response.")
    offered = threats[:MAX_CHOSEN]
    every = SelectionTarget.of(opening.target).selection == ALL
    other = SelectionTarget(
        name="respond_several", stream=opening.target.stream, back="plan", selection="" if every else ALL
    )
    label = "Select none" if every else f"Select all {len(offered)}"
    return [
        Paragraph(text=f"*{count_phrase(len(threats), 'threat')}* without a response, highest risk first."),
        ButtonRow(buttons=(button(label, ButtonKind.TURN, other, suffix="select"),)),
        CheckboxesField(
            key="threats",
            label="Threats",
            required=True,
            options=tuple(
                Option(value=one.id, text=threat_option(register, one.id, one.title)) for one in offered
            ),
            initial=tuple(one.id for one in offered) if every else (),
        ),
        ChoiceField(
            key="response",
            label="Response",
            required=True,
            radio=True,
            options=tuple(
                Option(value=kind, text=kind.capitalize(), means=RESPONSE_MEANINGS[kind])
                for kind in ResponseKind
            ),
            initial=ResponseKind.MITIGATE,
        ),
    ]


def _nothing_chosen(values: SubmittedValues) -> dict[str, str]:
    return {} if values.many("threats") else {"threats": "Select at least one threat."}


def _then_respond(values: SubmittedValues, target: Target, register: LazyRegister) -> Target | None:
    """Return the form of the chosen response, about the chosen threats."""
    del register
    try:
        kind = ResponseKind(values.text("response"))
    except ValueError as unknown:
        raise StaleButton from unknown
    stream, threats = target.stream, ",".join(values.many("threats"))
    match kind:
        case ResponseKind.MITIGATE:
            return Target(name="mitigation", stream=stream, element=threats, back=target.back)
        case ResponseKind.ACCEPT:
            return ReminderTarget(name="accept", stream=stream, element=threats, back=target.back)
        case ResponseKind.TRANSFER | ResponseKind.AVOID:
            return ThreatResponseTarget(
                name="respond", stream=stream, element=threats, response=kind, back=target.back
            )


RESPOND_SEVERAL = Form(
    name="respond_several",
    target=SelectionTarget,
    writes=WriteEffect.READS,
    command_type=ChooseResponse,
    submission=FormSubmission.PAGE,
    title=lambda _: "Respond to several",
    submit="Continue",
    parts=_choosing,
    set_by_buttons=("threats",),
    validate=_nothing_chosen,
    next_form=_then_respond,
)
