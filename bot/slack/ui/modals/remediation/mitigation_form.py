"""Form of a mitigation: to plan or revise it."""

from collections.abc import Iterable, Sequence

from bot.slack.protocol.escaping import clip_before, escape_name
from bot.slack.protocol.slack_limits import OPTION
from bot.slack.protocol.targets import StaleButton, Target
from bot.slack.ui.forms.common_fields import URGENT_FIELD, long_text
from bot.slack.ui.forms.form import Entry, Form, FormCommand, FormContext, FormEnding, WriteEffect
from bot.slack.ui.forms.form_fields import (
    MAX_OPTIONS,
    CheckboxField,
    ChoiceField,
    DateField,
    FormPart,
    Option,
    Paragraph,
    PersonField,
    SubmittedValues,
    TextField,
)
from bot.slack.ui.modals.remediation.response_forms import (
    OWNER_AND_DATE_NEEDED,
    replaced_response,
    threat_ids,
    threat_line,
    threat_lines,
    threats_of_target,
    threats_phrase,
)
from bot.slack.ui.texts.common_texts import first_lines, first_names
from domain.built_in_catalog import BUILT_IN
from domain.commands import LinkMitigation, PlanMitigation, PlanSuggestedMitigations, ReviseMitigation
from domain.kernel.elements import PersonId
from domain.kernel.length_limits import LINK, NAME
from domain.kernel.mitigation import MitigationState
from domain.kernel.threat import ControlClass, ResponseKind, Threat
from domain.register import ThreatRegister
from domain.rejections import NoSuchMitigation
from domain.remediation.status import TrackedMitigation
from domain.remediation.suggestions import (
    CLASS_OF,
    ControlSuggestion,
    MitigationSuggestion,
    control_class_of,
    planned_controls,
)


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
        old = mitigation_of_target(register, target).mitigation
        return [
            Paragraph(text=f"*{escape_name(old.title)}* · {old.id}"),
            _title(old.title, label="Mitigation", required=True),
            _control(old.control),
            *_details(old.ticket, old.description),
        ]
    threats = threats_of_target(register, target)
    return _planning(opening, threats[0]) if len(threats) == 1 else _planning_several(opening, threats)


def _planning(opening: FormContext, threat: Threat) -> list[FormPart]:
    register = opening.required_register
    suggested = register.suggestions[threat.id]
    offered = [control for control in suggested.controls if control.rule][:_OFFERED]
    due = suggested.due(opening.today)
    reason = due_date_reason(suggested) if due else OWNER_AND_DATE_NEEDED
    existing = _existing(register, [threat])
    several = _each_owner(opening, suggested.owners)
    return [
        Paragraph(text=_against(register, threat)),
        *(
            [
                ChoiceField(
                    key="usual",
                    label="Common controls",
                    options=tuple(
                        Option(value=one.title, text=one.text, means=_only_at(one)) for one in offered
                    ),
                    radio=True,
                    blank="None of these",
                )
            ]
            if offered
            else []
        ),
        *existing,
        _title(
            "",
            label="Custom mitigation" if offered else "Mitigation",
            required=not (offered or existing),
        ),
        _control(None if offered else suggested.controls[0].control, own=bool(offered)),
        PersonField(
            key="owner",
            label="Owner",
            hint="Implements the mitigation.",
            initial=None if several else suggested.owner or opening.person,
        ),
        *several,
        DateField(
            key="due",
            label="Due",
            hint=f"At 17:00 in the owner's time zone. {reason}",
            initial=due,
            suggested=True,
        ),
        *_details(),
        URGENT_FIELD,
    ]


def _each_owner(opening: FormContext, owners: Sequence[PersonId]) -> list[FormPart]:
    """Return the checkbox that gives each place to the owner of its component, if these are several."""
    if len(owners) < 2:
        return []
    names = first_names([opening.naming(owner) for owner in owners], _SHOWN)
    text = f"The owner of each component: {names}"
    return [CheckboxField(key="suggested", label="Without an owner", text=text, initial=True)]


def _planning_several(opening: FormContext, threats: Sequence[Threat]) -> list[FormPart]:
    """Return the form for several threats: the suggested control for each, or one mitigation for all."""
    register = opening.required_register
    planned = planned_controls((threat, register.suggestions[threat.id].controls) for threat in threats)
    lines = [
        f"• *{escape_name(control.text, NAME)}*: {first_names([one.id for one in group], _SHOWN_IDS)}"
        f"{_owners(opening, group)}"
        for control, group in planned
    ]
    shared = list(dict.fromkeys(control.text for control, _ in planned))[: _OFFERED - 1]
    dates = "Leave empty for the due date of the policy, counted from the closing of the round."
    return [
        Paragraph(text=threat_lines(register, threats)),
        Paragraph(
            text="\n".join(["*Suggested controls*", *first_lines(lines, _SHOWN_CONTROLS, "• and {} more")])
        ),
        ChoiceField(
            key="usual",
            label="Mitigation",
            options=(
                Option(value=EACH, text="Use the suggested control of each threat"),
                *(Option(value=text, text=_with_its_place("For all: ", text)) for text in shared),
            ),
            initial=EACH,
            radio=True,
            suggested=True,
            required=True,
        ),
        *_existing(register, threats),
        _title("", label="Custom mitigation for all", required=False),
        PersonField(
            key="owner",
            label="Owner",
            hint="Leave empty for the owner of each component; where there is none, you.",
        ),
        DateField(key="due", label="Due", hint=dates),
        URGENT_FIELD,
    ]


def _owners(opening: FormContext, threats: Iterable[Threat]) -> str:
    """Return ` · Chi, Dee`: the owners of the components concerned; empty without one."""
    suggestions = opening.required_register.suggestions
    owners = dict.fromkeys(owner for threat in threats for owner in suggestions[threat.id].owners)
    names = [escape_name(opening.naming(owner)) for owner in owners]
    return f" · {first_names(names, _SHOWN)}" if names else ""


def _with_its_place(before: str, title: str) -> str:
    """Return a title as an option; of a long one, the threat or place that it ends with stays readable."""
    text, colon, end = title.partition(": ")
    if not colon or len(before) + len(title) <= OPTION or len(end) > OPTION // 2:
        return f"{before}{title}"
    return before + clip_before(text, colon + end, OPTION - len(before))


def _only_at(control: ControlSuggestion) -> str:
    return f"Missing at {control.at}" if control.at else ""


def due_date_reason(suggested: MitigationSuggestion) -> str:
    """Return why a due date is suggested, in a sentence."""
    band = f"{suggested.band} threats" if suggested.band else "threats without a score"
    since = "the closing of the round" if suggested.scored_on else "today"
    return f"Policy for {band}: {suggested.days} days from {since}."


def _existing(register: ThreatRegister, threats: Sequence[Threat]) -> list[FormPart]:
    """Return the menu of planned mitigations that could serve these threats as well."""
    wanted = {threat.id for threat in threats}
    offered = [
        one.mitigation
        for one in register.mitigations
        if one.mitigation.state is not MitigationState.DROPPED and not one.orphan and wanted - {*one.threats}
    ]
    if not offered:
        return []
    options = tuple(
        Option(value=one.id, text=_with_its_place(f"{one.id} ", one.title)) for one in offered[:MAX_OPTIONS]
    )
    return [ChoiceField(key="existing", label="Planned mitigation", options=options, blank="None of these")]


def _control(initial: ControlClass | None, *, own: bool = False) -> ChoiceField:
    return ChoiceField(
        key="control",
        label="Purpose of the control",
        hint="For a custom mitigation; common controls already have one." if own else "",
        options=tuple(Option(value=one.value, text=one.capitalize()) for one in ControlClass),
        initial=initial.value if initial else None,
    )


def _against(register: ThreatRegister, threat: Threat) -> str:
    classes = ", ".join(f"{CLASS_OF[one]} (against {one.label.lower()})" for one in threat.stride)
    known = [mitigation.mitigation for mitigation in register.mitigations if threat.id in mitigation.threats]
    planned = [f"• {one.id} {escape_name(one.title)}: {one.state}" for one in known]
    head = threat_line(register, threat) + replaced_response(register, [threat], ResponseKind.MITIGATE)
    look_for = [f"Look for: {classes}"] if classes else []
    return "\n".join([head, *look_for, *first_lines(planned, _SHOWN)])


def _details(ticket: str = "", description: str = "") -> list[FormPart]:
    return [
        TextField(
            key="ticket", label="Ticket", placeholder="PAY-123 or https://…", limit=LINK, initial=ticket
        ),
        long_text("description", "Description", description),
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


def _make_mitigation(entry: Entry) -> FormCommand:
    own, usual, existing = (entry.text(key) for key in ("title", "usual", "existing"))
    if is_mitigation(entry.target):
        return entry.command(ReviseMitigation, "mitigation")
    threats = threat_ids(entry.target)
    if existing and not own:
        return entry.command(LinkMitigation, mitigation=existing, threats=threats)
    if usual == EACH and not own:
        return entry.command(PlanSuggestedMitigations, threats=threats)
    usual = "" if usual == EACH else usual
    return entry.command(
        PlanMitigation,
        threat=threats[0],
        also=threats[1:],
        suggested=len(threats) > 1 or bool(entry.values.by_key.get("suggested")),
        title=own or usual,
        control=entry.text("control") or control_class_of(BUILT_IN, usual),
        # If a title was both chosen and typed, keep both.
        description=entry.text("description") or (usual if own else ""),
    )


def _no_title(values: SubmittedValues) -> dict[str, str]:
    chosen = values.text("title") or values.text("usual") or values.text("existing")
    if chosen or not {"usual", "existing"} & {*values.by_key}:
        return {}
    return {"title": "The mitigation is missing. Choose a common control or enter one."}


def _chosen_as_title(values: SubmittedValues) -> SubmittedValues:
    """Return the values with the chosen common mitigation as the title, which it is after saving."""
    if values.text("title") or values.text("usual") == EACH:
        return values
    return SubmittedValues({**values.by_key, "title": values.text("usual")})


MITIGATION = Form(
    name="mitigation",
    writes=lambda target: WriteEffect.REVISES if is_mitigation(target) else WriteEffect.ADDS,
    command_type=lambda target: ReviseMitigation if is_mitigation(target) else PlanMitigation,
    single_element=True,
    ending=FormEnding.TEXT_WITHOUT_PAGE,
    title=lambda opening: (
        f"Revise {opening.target.element}"
        if is_mitigation(opening.target)
        else f"Mitigate {threats_phrase(opening.target)}"
        if "," in opening.target.element
        else "Plan a mitigation"
    ),
    submit=lambda opening: "Save" if is_mitigation(opening.target) else "Plan",
    parts=_mitigation,
    build_command=_make_mitigation,
    validate=_no_title,
    as_revision=_chosen_as_title,
)


EACH = "each"
"""The choice of the suggested control for each threat."""
_OFFERED = 9
_SHOWN_CONTROLS = 20
_SHOWN_IDS = 12
_SHOWN = 5
