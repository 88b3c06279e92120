"""Spot check of an answer: someone who did not give it says how it is known."""

from collections.abc import Sequence

from bot.slack.protocol.escaping import escape, escape_name
from bot.slack.protocol.targets import StaleButton
from bot.slack.ui.forms.common_fields import long_text
from bot.slack.ui.forms.form import Entry, Form, FormCommand, FormContext, FormEnding, WriteEffect
from bot.slack.ui.forms.form_fields import ChoiceField, FormPart, Option, Paragraph, SubmittedValues
from domain.analysis.spot_checks import PendingCheck, checks_for
from domain.commands import CheckAnswer
from domain.kernel.answer_basis import CheckOutcome
from domain.kernel.text_formatting import count_phrase
from domain.register import ThreatRegister


def check_line(register: ThreatRegister, one: PendingCheck) -> str:
    """Return an answer to check in a line of plain text."""
    question = register.catalog.facts[one.fact].question
    return f"{register.name_of(one.element)}: {question} {one.answer.label.capitalize()}"


def _parts(opening: FormContext) -> Sequence[FormPart]:
    register = opening.required_register
    left = checks_for(register.to_check, opening.person)
    if not left:
        return [Paragraph(text=_NOTHING)]
    one, rest = left[0], len(left) - 1
    name = escape_name(register.name_of(one.element))
    question = escape(register.catalog.facts[one.fact].question)
    following = [Paragraph(text=f"{count_phrase(rest, 'more answer')} after this one.")] if rest else []
    return [
        Paragraph(text=f"*{name}* ({one.element})\n{question} *{one.answer.label.capitalize()}*\n{_WHY}"),
        ChoiceField(
            key=f"outcome/{one.element}/{one.fact}/{one.answer.value}",
            label="How do we know?",
            options=_OUTCOMES,
            radio=True,
            required=True,
        ),
        long_text("evidence", "Evidence", hint="A link, or a sentence on how you know. Required to confirm."),
        *following,
    ]


def _key(values: SubmittedValues) -> str:
    """Return the key of the outcome, which holds the element, the fact and the answer; empty without one."""
    return next((key for key in values.by_key if key.startswith("outcome/")), "")


def _check(entry: Entry) -> FormCommand:
    key = _key(entry.values)
    if key.count("/") != _IN_KEY:
        raise StaleButton
    _, element, fact, answer = key.split("/")
    outcome, evidence = entry.text(key), entry.text("evidence")
    return entry.command(
        CheckAnswer, element=element, fact=fact, answer=answer, outcome=outcome, evidence=evidence
    )


def _without_evidence(values: SubmittedValues) -> dict[str, str]:
    confirmed = values.text(_key(values)) == CheckOutcome.CONFIRMED
    if confirmed and not values.text("evidence"):
        return {"evidence": "Enter a link, or a sentence on how you know."}
    return {}


_OUTCOMES = (
    Option(value=CheckOutcome.CONFIRMED.value, text="Confirmed, as the evidence shows"),
    Option(value=CheckOutcome.WRONG.value, text="Wrong: the control is missing"),
    Option(value=CheckOutcome.NOT_KNOWN.value, text="Not known"),
)
_WHY = "If this is wrong, it hides a threat where much is at stake. You did not give this answer."
_NOTHING = "There is nothing for you to check. Someone who gave an answer does not check it."
_IN_KEY = 3

CHECK = Form(
    name="check",
    writes=WriteEffect.ADDS,
    command_type=CheckAnswer,
    ending=FormEnding.TEXT,
    title="Spot check",
    parts=_parts,
    validate=_without_evidence,
    build_command=_check,
    is_empty=lambda values: not _key(values),
)
