"""Form of a mitigation: to plan or revise it."""

from collections.abc import Sequence
from datetime import datetime

from bot.slack.protocol.escaping import escape_name
from bot.slack.protocol.interactions import StaleButton
from bot.slack.protocol.targets import Target
from bot.slack.ui.forms.form import Form, FormCommand, FormContext
from bot.slack.ui.forms.form_fields import (
    ChoiceField,
    DateField,
    FormPart,
    Option,
    Paragraph,
    PersonField,
    TextField,
)
from bot.slack.ui.forms.form_traits import FormEnding
from bot.slack.ui.forms.submitted_values import SubmittedValues
from bot.slack.ui.forms.urgent_field import URGENT_FIELD, is_marked_urgent
from bot.slack.ui.forms.write_effects import WriteEffect
from bot.slack.ui.modals.remediation.response_forms import (
    OWNER_AND_DATE_NEEDED,
    replaced_response,
    threat_line,
    threat_of_target,
)
from domain.commands import PlanMitigation, ReviseMitigation
from domain.kernel.elements import PersonId
from domain.kernel.length_limits import LINK, NAME, TEXT
from domain.kernel.mitigation import Mitigation, MitigationId
from domain.kernel.response import ResponseKind
from domain.kernel.stride import ControlClass
from domain.kernel.threat import Threat, ThreatId
from domain.register import ThreatRegister
from domain.rejections import NoSuchMitigation
from domain.remediation.control_suggestions import CLASS_OF, control_class_of, suggest_controls
from domain.remediation.status import TrackedMitigation


def is_mitigation(target: Target) -> bool:
    """Return whether a form or page was opened for a mitigation rather than its threat."""
    return target.element.startswith("MI-")


def mitigation_of_target(register: ThreatRegister, target: Target) -> TrackedMitigation:
    """Return the mitigation of a form; raises StaleButton if it does not exist."""
    progress = next((one for one in register.mitigations if one.mitigation.id == target.element), None)
    if progress is None:
        raise StaleButton(NoSuchMitigation(target.element).sentence)
    return progress


def _mitigation(opening: FormContext) -> Sequence[FormPart]:
    register, target = opening.required_register, opening.target
    if is_mitigation(target):
        return _revising(mitigation_of_target(register, target).mitigation)
    return _planning(register, threat_of_target(register, target), opening.person)


def _planning(register: ThreatRegister, threat: Threat, asker: PersonId) -> list[FormPart]:
    offered = [one for one in suggest_controls(threat) if one.text][:_OFFERED]
    return [
        Paragraph(text=_against(register, threat)),
        *([_usual(tuple(Option(value=one.text, text=one.text) for one in offered))] if offered else []),
        _title("", label="Custom mitigation" if offered else "Mitigation", required=not offered),
        _control(suggest_controls(threat)[0].control if not offered else None, own=bool(offered)),
        PersonField(key="owner", label="Owner", hint="Implements the mitigation.", initial=asker),
        DateField(
            key="due", label="Due", hint=(f"At 17:00 in the owner's time zone. {OWNER_AND_DATE_NEEDED}")
        ),
        _ticket(""),
        _description(""),
        URGENT_FIELD,
    ]


def _usual(options: tuple[Option, ...]) -> ChoiceField:
    return ChoiceField(key="usual", label="Common controls", options=options, radio=True)


def _control(initial: ControlClass | None, *, own: bool = False) -> ChoiceField:
    return ChoiceField(
        key="control",
        label="Control class",
        hint="For a custom mitigation; common controls already have one." if own else "",
        options=tuple(Option(value=one.value, text=one.capitalize()) for one in ControlClass),
        initial=initial.value if initial else None,
    )


def _against(register: ThreatRegister, threat: Threat) -> str:
    classes = ", ".join(f"{CLASS_OF[one]} (against {one.label.lower()})" for one in threat.stride)
    known = [one.mitigation for one in register.mitigations if one.threat == threat.id]
    planned = [f"• {one.id} {escape_name(one.title)}: {one.state}" for one in known[:_SHOWN]]
    more = [f"and {len(known) - _SHOWN} more"] if len(known) > _SHOWN else []
    head = threat_line(register, threat) + replaced_response(register, threat.id, ResponseKind.MITIGATE)
    look_for = [f"Control classes: {classes}"] if classes else []
    return "\n".join([head, *look_for, *planned, *more])


def _revising(old: Mitigation) -> list[FormPart]:
    return [
        Paragraph(text=f"*{escape_name(old.title)}* · {old.id}"),
        _title(old.title, label="Mitigation", required=True),
        _control(old.control),
        _ticket(old.ticket),
        _description(old.description),
    ]


def _title(initial: str, *, label: str, required: bool) -> TextField:
    return TextField(
        key="title",
        label=label,
        placeholder="Validate the state parameter of the OIDC callback",
        limit=NAME,
        required=required,
        initial=initial,
    )


def _ticket(initial: str) -> TextField:
    return TextField(
        key="ticket", label="Ticket", placeholder="PAY-123 or https://…", limit=LINK, initial=initial
    )


def _description(initial: str) -> TextField:
    return TextField(key="description", label="Description", limit=TEXT, lines=True, initial=initial)


def _make_mitigation(values: SubmittedValues, target: Target, by: PersonId, at: datetime) -> FormCommand:
    own, usual = values.text("title"), values.text("usual")
    control = _chosen_class(values.text("control"))
    if is_mitigation(target):
        return ReviseMitigation(
            by=by,
            at=at,
            mitigation=MitigationId(target.element),
            title=own,
            control=control,
            description=values.text("description"),
            ticket=values.text("ticket"),
        )
    return PlanMitigation(
        by=by,
        at=at,
        threat=ThreatId(target.element),
        title=own or usual,
        control=control or control_class_of(usual),
        # If a title was both chosen and typed, keep both.
        description=values.text("description") or (usual if own else ""),
        ticket=values.text("ticket"),
        owner=values.person("owner"),
        due=values.day("due"),
        urgent=is_marked_urgent(values),
    )


def _no_title(values: SubmittedValues) -> dict[str, str]:
    if values.text("title") or "usual" not in values.by_key or values.text("usual"):
        return {}
    return {"title": "The mitigation is missing. Choose a common control or enter one."}


def _chosen_class(value: str) -> ControlClass | None:
    try:
        return ControlClass(value) if value else None
    except ValueError as error:
        raise StaleButton from error


def _chosen_as_title(values: SubmittedValues) -> SubmittedValues:
    """Return the values with the chosen common mitigation as the title, which it is after saving."""
    if values.text("title"):
        return values
    return SubmittedValues({**values.by_key, "title": values.text("usual")})


MITIGATION = Form(
    name="mitigation",
    writes=lambda target: WriteEffect.REVISES if is_mitigation(target) else WriteEffect.ADDS,
    command_type=lambda target: ReviseMitigation if is_mitigation(target) else PlanMitigation,
    single_element=True,
    ending=FormEnding.TEXT_WITHOUT_PAGE,
    title=lambda opening: (
        f"Revise {opening.target.element}" if is_mitigation(opening.target) else "Plan a mitigation"
    ),
    submit=lambda opening: "Save" if is_mitigation(opening.target) else "Plan",
    parts=_mitigation,
    build_command=_make_mitigation,
    validate=_no_title,
    as_revision=_chosen_as_title,
)


_OFFERED = 10
_SHOWN = 5
