"""Form of a threat: to report or revise it."""

from collections.abc import Sequence
from datetime import datetime

from bot.slack.protocol.interactions import StaleButton
from bot.slack.protocol.targets import MessageTarget, Target
from bot.slack.ui.forms.add_another import add_another_checkbox, form_for_another
from bot.slack.ui.forms.form import Form, FormCommand, FormContext, LazyRegister
from bot.slack.ui.forms.form_fields import (
    MAX_OPTIONS,
    CheckboxesField,
    ChoiceField,
    FormPart,
    Option,
    Paragraph,
    TextField,
)
from bot.slack.ui.forms.form_traits import FormSubmission
from bot.slack.ui.forms.submitted_values import SubmittedValues
from bot.slack.ui.forms.write_effects import adds_or_revises
from bot.slack.ui.modals.collecting.element_form import element_options
from domain.commands import ReportThreat, ReviseThreat
from domain.kernel.elements import ElementId, Kind, PersonId
from domain.kernel.length_limits import NAME, TEXT
from domain.kernel.stride import Stride
from domain.kernel.threat import Threat, ThreatId
from domain.register import ThreatRegister

STRIDE_MEANINGS: dict[Stride, str] = {
    Stride.SPOOFING: "An attacker impersonates a user or system.",
    Stride.TAMPERING: "Data or code is changed without authorization.",
    Stride.REPUDIATION: "An action can be denied because it cannot be proven.",
    Stride.INFORMATION_DISCLOSURE: "Data is disclosed to unauthorized parties.",
    Stride.DENIAL_OF_SERVICE: "A service becomes slow or unavailable.",
    Stride.ELEVATION_OF_PRIVILEGE: "A user gains permissions they should not have.",
}
"""Each category in plain words."""


def _threat(opening: FormContext) -> Sequence[FormPart]:
    target, register = opening.target, opening.required_register
    elements = [one for kind in _ORDER for one in element_options(register, kind)]
    old = _old(register, target) if target.element else None
    parts: list[FormPart] = []
    if len(opening.models) > 1:
        parts.append(
            ChoiceField(
                key="model",
                label="Threat model",
                options=opening.models,
                initial=chosen_model(opening),
                required=True,
                rerenders=True,
            )
        )
    if target.from_message:
        parts.append(Paragraph(text="The threat will link to the message."))
    return [
        *parts,
        TextField(
            key="title",
            label="What could go wrong?",
            placeholder="Forged OIDC callback",
            limit=NAME,
            required=True,
            initial=old.title if old else "",
        ),
        CheckboxesField(
            key="stride",
            label="STRIDE categories",
            hint="Select one or more.",
            required=True,
            options=tuple(
                Option(value=one.value, text=one.label, means=STRIDE_MEANINGS[one]) for one in Stride
            ),
            initial=tuple(one.value for one in old.stride) if old else (),
        ),
        ChoiceField(
            key="element",
            label="Affected element",
            hint=_TOO_MANY if len(elements) > MAX_OPTIONS else "",
            options=_with_former(elements, register, old),
            initial=old.element if old else None,
        ),
        TextField(
            key="description",
            label="Description",
            limit=TEXT,
            lines=True,
            initial=old.description if old else "",
        ),
        *([] if old or target.from_message else [add_another_checkbox(target, "threat")]),
    ]


def chosen_model(opening: FormContext) -> str | None:
    """Return the option of the form's model."""
    about = (one.value for one in opening.models if f'"{opening.target.stream}"' in one.value)
    return next(about, None)


def _old(register: ThreatRegister, target: Target) -> Threat:
    known_threat = next((one for one in register.threats if one.id == target.element), None)
    if known_threat is None:
        raise StaleButton("This threat is not in this model.")
    return known_threat


def _with_former(elements: list[Option], register: ThreatRegister, old: Threat | None) -> tuple[Option, ...]:
    """Return the elements that a threat may concern, and those it concerned before, even if removed."""
    before = old.element if old else None
    if not before or any(one.value == before for one in elements):
        return tuple(elements)
    item = register.item(before)
    return (*elements, Option(value=before, text=item.name if item else before))


_ORDER = (
    Kind.COMPONENT,
    Kind.DATA_FLOW,
    Kind.ENTRY_POINT,
    Kind.ASSET,
    Kind.EXTERNAL_DEPENDENCY,
    Kind.TRUST_BOUNDARY,
    Kind.TRUST_LEVEL,
)
"""Flows and the components they connect come first."""
_TOO_MANY = f"The first {MAX_OPTIONS} elements are listed. Name any other in the description."


def _make_threat(values: SubmittedValues, target: Target, by: PersonId, at: datetime) -> FormCommand:
    try:
        stride = tuple(Stride(one) for one in values.many("stride"))
    except ValueError as error:
        raise StaleButton from error
    title, description = values.text("title"), values.text("description")
    element = ElementId(values.text("element")) if values.text("element") else None
    if target.element:
        return ReviseThreat(
            by=by,
            at=at,
            threat=ThreatId(target.element),
            title=title,
            description=description,
            element=element,
            stride=stride,
        )
    return ReportThreat(by=by, at=at, title=title, description=description, element=element, stride=stride)


def _after_threat(values: SubmittedValues, target: Target, register: LazyRegister) -> Target | None:
    return None if target.from_message else form_for_another(values, target, register)


THREAT = Form(
    name="threat",
    target=MessageTarget,
    submission=FormSubmission.CHOSEN_MODEL,
    writes=adds_or_revises,
    command_type=ReportThreat,
    single_element=True,
    set_by_buttons=("model", "element"),
    title=lambda opening: "Revise threat" if opening.target.element else "Report a threat",
    submit=lambda opening: "Save" if opening.target.element else "Report",
    parts=_threat,
    build_command=_make_threat,
    next_form=_after_threat,
)
