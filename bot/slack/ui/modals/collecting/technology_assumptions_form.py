"""Form that confirms what is assumed of elements because of their technologies and protocols."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby

import msgspec

from bot.slack.protocol import slack_limits
from bot.slack.protocol.escaping import clip, one_line
from bot.slack.protocol.targets import Target
from bot.slack.ui.forms.form import Form, FormCommand, FormContext
from bot.slack.ui.forms.form_fields import CheckboxesField, FormPart, Option, Paragraph
from bot.slack.ui.forms.submitted_values import SubmittedValues
from bot.slack.ui.forms.write_effects import WriteEffect
from domain.built_in_catalog import BUILT_IN
from domain.commands import ConfirmAssumptions
from domain.kernel.elements import PersonId
from domain.register import AssumedItem, ThreatRegister

NOTHING_ASSUMED = "There are no assumptions to confirm."


def assumptions_to_confirm(register: ThreatRegister) -> tuple[AssumedItem, ...]:
    """Return what is assumed in place of an answer, or suggested as one."""
    return tuple(one for one in register.assumed if one.suggested or one.skips)


def _parts(opening: FormContext) -> Sequence[FormPart]:
    items = sorted(assumptions_to_confirm(opening.required_register), key=_alike)
    if not items:
        return [Paragraph(text=NOTHING_ASSUMED)]
    parts: list[FormPart] = [
        Paragraph(
            text=(
                "These answers are assumed from technologies and protocols. Deselect wrong ones; they "
                "remain open questions. *Confirm* records the others as your answers."
            )
        )
    ]
    fields = [
        _field(fact, reason, alike[start : start + _TICKS], first=not start)
        for (fact, reason), group in groupby(items, key=_alike)
        for alike in (list(group),)
        for start in range(0, len(alike), _TICKS)
    ]
    parts += fields[:_FIELDS]
    if len(fields) > _FIELDS:
        parts.append(Paragraph(text="Open this form again for the remaining assumptions."))
    return parts


def _alike(one: AssumedItem) -> tuple[str, str]:
    return one.assumed.fact, one.assumed.reason


def _field(fact: str, reason: str, some: Sequence[AssumedItem], *, first: bool) -> CheckboxesField:
    assumed = some[0].assumed
    options = tuple(Option(value=f"{one.element}/{one.assumed.fact}", text=_named(one)) for one in some)
    return CheckboxesField(
        key=f"assumed/{some[0].element}/{fact}",
        label=f"{BUILT_IN.facts[fact].question} {assumed.answer.label.capitalize()}"
        if fact in BUILT_IN.facts
        else fact,
        hint=f"{reason}. {assumed.url}" if first else "",
        options=options,
        initial=tuple(one.value for one in options),
        suggested=True,
    )


def _named(one: AssumedItem) -> str:
    """Return the name and the ID, which stays readable behind the longest name."""
    id = f" ({one.element})"
    return f"{clip(one_line(one.name), slack_limits.OPTION - len(id))}{id}"


def _make(values: SubmittedValues, target: Target, by: PersonId, at: datetime) -> FormCommand:
    del target
    ticked = [one.partition("/") for key in values.by_key for one in values.many(key)]
    facts = [{"element": element, "fact": fact} for element, _, fact in ticked]
    return msgspec.convert({"facts": facts, "by": by, "at": at}, ConfirmAssumptions)


CONFIRM_ASSUMPTIONS = Form(
    name="confirm_assumptions",
    writes=WriteEffect.ADDS,
    command_type=ConfirmAssumptions,
    nothing_open=lambda register: "" if assumptions_to_confirm(register) else NOTHING_ASSUMED,
    title=lambda _: "Confirm assumptions",
    submit="Confirm",
    close="Later",
    parts=_parts,
    build_command=_make,
)

_TICKS = 10
_FIELDS = 60
