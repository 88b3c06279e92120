"""Quick entry forms: four boxes, flows as lines, and the placement of components."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from msgspec.structs import replace

from bot.slack.protocol.escaping import clip, escape, one_line
from bot.slack.protocol.interactions import StaleButton
from bot.slack.protocol.targets import ALL, SelectionTarget, Target
from bot.slack.ui.forms.field_blocks import PAGE_CHARACTERS, parts_size
from bot.slack.ui.forms.form import Form, FormContext, LazyRegister
from bot.slack.ui.forms.form_fields import ChoiceField, Divider, FormPart, Option, Paragraph, TextField
from bot.slack.ui.forms.form_traits import FormEnding
from bot.slack.ui.forms.submitted_values import SubmittedValues
from bot.slack.ui.forms.typed_lines import FLOW_SYNTAX, parse_flows, typed_lines, typed_names
from bot.slack.ui.forms.write_effects import WriteEffect
from bot.slack.ui.modals.collecting.component_guesses import Guesser
from bot.slack.ui.modals.collecting.element_form import element_options, enum_label
from bot.slack.ui.modals.collecting.technology_options import ask_first_words, nearby_technologies
from domain.commands import Command, DrawFlows, NameElements, PlaceComponents
from domain.kernel.elements import Component, ComponentKind, ElementId, Kind, PersonId
from domain.kernel.length_limits import NAME
from domain.model import id_order
from domain.register import RegisterItem, ThreatRegister

_BOXES = (
    (
        "external_dependencies",
        Kind.EXTERNAL_DEPENDENCY,
        "External dependencies",
        "Third-party services that the system relies on.",
        "Auth0",
    ),
    (
        "entry_points",
        Kind.ENTRY_POINT,
        "Entry points",
        "Points where data enters or leaves the system.",
        "Public REST API",
    ),
    ("assets", Kind.ASSET, "Assets", "Data and resources worth protecting.", "Customer emails"),
    (
        "trust_levels",
        Kind.TRUST_LEVEL,
        "Trust levels",
        "Groups of users by privilege, least trusted first.",
        "Anonymous users",
    ),
)


def _names(opening: FormContext) -> Sequence[FormPart]:
    return [
        Paragraph(text="Enter one name per line. Details can be added later, and every field is optional."),
        *(
            TextField(
                key=key,
                label=label,
                hint=f"{hint}{_there(opening.required_register, kind)}",
                placeholder=f"For example: {example}",
                lines=True,
            )
            for key, kind, label, hint, example in _BOXES
        ),
    ]


def _there(register: ThreatRegister, kind: Kind) -> str:
    names = [one_line(item.name) for item in register.items(kind)]
    return f" Existing: {clip(', '.join(names), _NAMES_SHOWN)}" if names else ""


def _make_names(values: SubmittedValues, target: Target, by: PersonId, at: datetime) -> Command:
    del target
    boxes = {key: list(typed_names(values.text(key))) for key, *_ in _BOXES}
    return msgspec.convert({**boxes, "by": by, "at": at}, NameElements)


def _after_names(values: SubmittedValues, target: Target, register: LazyRegister) -> Target | None:
    del values
    return None if register().items(Kind.DATA_FLOW) else Target(name="flows", stream=target.stream)


NAMES = Form(
    name="names",
    writes=WriteEffect.ADDS,
    command_type=NameElements,
    ending=FormEnding.TEXT,
    title=lambda _: "Add elements",
    submit="Save and continue",
    close="Later",
    parts=_names,
    build_command=_make_names,
    next_form=_after_names,
)


def _flows(opening: FormContext) -> Sequence[FormPart]:
    register = opening.required_register
    kinds = (Kind.COMPONENT, Kind.ASSET, Kind.ENTRY_POINT)
    there = [f"{label}: {_listed(register, kind)}" for kind, label in zip(kinds, _KNOWN, strict=True)]
    return [
        Paragraph(
            text=(
                "Enter one data flow per line, for example\n"
                "`Browser -&gt; payments-api: card data via Public REST API`\n"
                "`payments-api [Python, in VPC] -&gt; Orders db [PostgreSQL]: orders (TLS)`\n"
                "“&lt;-&gt;” is a flow in both directions; the data returned follows a “|”. New "
                "components, assets and entry points are added to the model."
            )
        ),
        TextField(
            key="flows",
            label="Data flows",
            lines=True,
            required=True,
            placeholder=FLOW_SYNTAX,
            hint=" · ".join(one for one in there if not one.endswith(": ")),
        ),
    ]


def _listed(register: ThreatRegister, kind: Kind) -> str:
    return clip(", ".join(one_line(item.name) for item in register.items(kind)), _NAMES_SHOWN)


def _wrong_flows(values: SubmittedValues) -> dict[str, str]:
    text = values.text("flows")
    _, unread = parse_flows(text)
    if not unread:
        return {}
    lines = len(typed_lines(text))
    read = f"{lines - len(unread)} of {lines} lines are valid. " if lines > 1 else ""
    left = len(unread) - _ERRORS_SHOWN
    more = f" (and {left} more {'line' if left == 1 else 'lines'})" if left > 0 else ""
    return {"flows": read + " ".join(unread[:_ERRORS_SHOWN]) + more}


def _make_flows(values: SubmittedValues, target: Target, by: PersonId, at: datetime) -> Command:
    del target
    flows, _ = parse_flows(values.text("flows"))
    return DrawFlows(by=by, at=at, flows=tuple(flows))


def _after_flows(values: SubmittedValues, target: Target, register: LazyRegister) -> Target | None:
    del values
    return Target(name="place", stream=target.stream) if register().unplaced else None


FLOWS = Form(
    name="flows",
    writes=WriteEffect.ADDS,
    command_type=DrawFlows,
    ending=FormEnding.TEXT,
    title=lambda _: "Add data flows",
    submit="Save and continue",
    close="Later",
    parts=_flows,
    build_command=_make_flows,
    validate=_wrong_flows,
    next_form=_after_flows,
)


def _place(opening: FormContext) -> Sequence[FormPart]:
    register, target = opening.required_register, opening.target
    components = components_to_place(register, target, opening.keys)
    if not components:
        return [Paragraph(text="There are no components to place. Add data flows first.")]
    guesser, levels = Guesser(register), element_options(register, Kind.TRUST_LEVEL)
    boundaries = {item.id: item.name for item in register.items(Kind.TRUST_BOUNDARY)}
    shown: list[list[FormPart]] = []
    size = 0
    for item in components[:_MAX_ROWS]:
        row = _row(item, guesser, levels, boundaries)
        size += parts_size(row)
        if shown and size > PAGE_CHARACTERS:  # every row repeats the trust levels and the technologies
            break
        shown.append(row)
    rest = len(components) - len(shown)
    there = escape(", ".join(one_line(one) for one in boundaries.values()), _NAMES_SHOWN, empty="")
    return [
        Paragraph(
            text=(
                "Types and some trust levels are suggested. Check them, and choose the trust levels that are "
                "missing: saving records the suggestions too. A trust boundary surrounds components, such as "
                "a VPC or a network segment; "
                "enter a new name to create one."
            )
            + ((f"\nExisting boundaries: {there}") if there else "")
            + (f"\n{rest} more follow on the next page." if rest else "")
        ),
        *(part for row in shown for part in row),
    ]


def components_to_place(
    register: ThreatRegister, target: Target, keys: Sequence[str] = ()
) -> tuple[RegisterItem, ...]:
    """Return the components from which a page of PLACE starts; `target.element` is the last one seen.

    A page shown before keeps its components, including those placed since.
    """
    if keys:
        shown = {key.partition("/")[2] for key in keys}
        return tuple(item for item in register.items(Kind.COMPONENT) if item.id in shown)
    everything = SelectionTarget.of(target).selection == ALL or not (register.unplaced or target.element)
    seen = _order(target.element) if target.element else ()
    return tuple(
        item
        for item in register.items(Kind.COMPONENT)
        if (everything or item.id in register.unplaced) and id_order(item.id) > seen
    )


def _order(component: str) -> tuple[int, ...]:
    try:
        return id_order(ElementId(component))
    except ValueError as error:
        raise StaleButton from error


def _row(
    item: RegisterItem, guesser: Guesser, levels: tuple[Option, ...], boundaries: dict[ElementId, str]
) -> list[FormPart]:
    component = item.element
    guess = guesser.guess(item)
    lies_in = component.boundary if isinstance(component, Component) else None
    technology = component.technology if isinstance(component, Component) else ""
    label = one_line(item.name)
    return [
        Divider(),
        ChoiceField(
            key=f"sort/{item.id}",
            label=f"{clip(label, _LABEL)}: type",
            options=tuple(Option(value=word.value, text=enum_label(word)) for word in ComponentKind),
            initial=guess.sort.value,
            suggested=not (isinstance(component, Component) and component.sort),
        ),
        ChoiceField(
            key=f"technology/{item.id}",
            label=f"{clip(label, _LABEL)}: technology",
            hint=ask_first_words(technology) if technology else "Choose the closest match.",
            options=nearby_technologies(technology),
            initial=technology or None,
        ),
        ChoiceField(
            key=f"trust_level/{item.id}",
            label=f"{clip(label, _LABEL)}: trust level",
            hint=guess.because,
            options=levels,
            initial=guess.trust_level,
            suggested=not (isinstance(component, Component) and component.trust_level),
        ),
        TextField(
            key=f"boundary/{item.id}",
            label=f"{clip(label, _LABEL)}: boundary",
            limit=NAME,
            initial=boundaries.get(lies_in, "") if lies_in else "",
        ),
    ]


def _make_place(values: SubmittedValues, target: Target, by: PersonId, at: datetime) -> Command:
    del target
    placed: dict[str, dict[str, object]] = {}
    for key, value in values.by_key.items():
        attribute, _, component = key.partition("/")
        row = placed.setdefault(component, {"component": component})
        row[attribute] = value or "" if attribute == "technology" else value
    return msgspec.convert({"placements": list(placed.values()), "by": by, "at": at}, PlaceComponents)


def _after_place(values: SubmittedValues, target: Target, register: LazyRegister) -> Target | None:
    components = [key.partition("/")[2] for key in values.by_key]
    if not components:
        return None
    following = replace(target, element=max(components, key=_order))
    return following if components_to_place(register(), following) else None


PLACE = Form(
    name="place",
    target=SelectionTarget,
    writes=WriteEffect.REVISES,
    command_type=PlaceComponents,
    ending=FormEnding.TEXT,
    row=lambda key: key.partition("/")[2],
    title=lambda _: "Place components",
    submit="Save",
    close="Later",
    parts=_place,
    build_command=_make_place,
    next_form=_after_place,
)

_KNOWN = ("Components", "Assets", "Entry points")
_NAMES_SHOWN = 400
_ERRORS_SHOWN = 4
_MAX_ROWS = 18
_LABEL = 60
