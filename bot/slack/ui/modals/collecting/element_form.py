"""Forms of new elements: all details of one, or names alone."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from bot.slack.protocol import slack_limits
from bot.slack.protocol.block_builders import Block
from bot.slack.protocol.escaping import clip, one_line
from bot.slack.protocol.targets import StaleButton, Target
from bot.slack.ui.forms.common_fields import add_another_checkbox, form_for_another
from bot.slack.ui.forms.form import Entry, Form, FormContext, FormEnding, WriteEffect, adds_or_revises
from bot.slack.ui.forms.form_fields import (
    CheckboxField,
    ChoiceField,
    FormPart,
    MultiSelectField,
    Option,
    Paragraph,
    PersonField,
    TextField,
)
from bot.slack.ui.forms.typed_lines import typed_names
from bot.slack.ui.model_buttons import ModelButtons
from domain.built_in_catalog import BUILT_IN
from domain.catalog.technology_names import nearest_technologies
from domain.commands import AddAsset, Command, ElementDetails, NameElements
from domain.element_kinds import ADD_COMMANDS, NAMES_IN, REVISE_COMMANDS
from domain.kernel.elements import (
    PLURAL,
    SINGULAR,
    Asset,
    Component,
    ComponentKind,
    DataFlow,
    DataKind,
    Element,
    ElementId,
    EntryPoint,
    Exposure,
    ExternalDependency,
    Kind,
    Outage,
    PersonId,
    Rating,
    TrustBoundary,
    TrustLevel,
)
from domain.kernel.length_limits import NAME, TEXT, WORD
from domain.register import RegisterItem, ThreatRegister
from domain.technologies.technology import Category, Technology


def add_element_button(
    make: ModelButtons, register: ThreatRegister, kind: Kind, *, names_kind: bool = False
) -> Block:
    """Return the button for a new element; it names its kind beside buttons for other kinds."""
    spoken = f"Add {SINGULAR[kind]}"
    label = spoken if names_kind else "Add"
    return make.opens(label, adding_target(register, kind), suffix=f"add-{kind}", spoken=spoken)


def adding_target(register: ThreatRegister, kind: Kind) -> Target:
    """Return the form for a new element; flows are typed as lines until there are two components."""
    as_lines = kind is Kind.DATA_FLOW and len(register.items(Kind.COMPONENT)) < _ENDS
    return Target(name="flows" if as_lines else "element", kind=kind)


_ENDS = 2
"""Data flows are typed as lines until there are two components to choose from."""


NO_TECHNOLOGY: Final = "none"
"""Value of the option that something has no technology."""

_GROUPS: Final = {
    ComponentKind.DATA_STORE: "Data stores",
    ComponentKind.PROCESS: "Processes",
    ComponentKind.EXTERNAL_ENTITY: "External services and clients",
}


def technology_options(known: str) -> tuple[Option, ...]:
    """Return every technology by the kind of element, then every category for one that is not listed."""
    listed = tuple(
        _option(technology, group)
        for kind, group in _GROUPS.items()
        for technology in _technologies()
        if technology.kind is kind
    )
    return (*_unknown(known), *listed, *_categories())


def _technologies() -> list[Technology]:
    return sorted(BUILT_IN.technologies, key=lambda technology: technology.name.casefold())


def nearby_technologies(known: str) -> tuple[Option, ...]:
    """Return the technologies of the same category as one, then every category: few enough for many rows."""
    category = BUILT_IN.category_of(known)
    near = (
        _option(technology, category.name)
        for technology in _technologies()
        if category and technology.category == category.key
    )
    return (*_unknown(known), *near, *_categories())


def closest_technologies(typed: str, name: str) -> tuple[Option, ...]:
    """Return options for a technology that the catalog lacks: the closest ones, none, then every category."""
    near = nearest_technologies(BUILT_IN, typed, name)
    closest = (_option(entry, "Closest") for key in near if (entry := BUILT_IN.technology_of(key)))
    none = Option(value=NO_TECHNOLOGY, text="None, such as a person", group="No technology")
    return (*closest, none, *(category for category in _categories() if category.value not in near))


def usual_protocol_hint(register: ThreatRegister, element: Element | None) -> str:
    """Return the usual protocol of what a flow or an entry point leads to, as the hint of a field."""
    match element:
        case DataFlow(target=id) | EntryPoint(component=id):
            item = register.item(id) if id else None
            component = item.element if item else None
        case Asset() | Component() | ExternalDependency() | TrustBoundary() | TrustLevel() | None:
            return ""
    entry = register.catalog.technology_of(component.technology) if isinstance(component, Component) else None
    return f"Default for {entry.name}: {entry.protocol}" if entry and entry.protocol else ""


def _categories() -> tuple[Option, ...]:
    kinds = tuple(_GROUPS)
    return tuple(
        _option(category, f"Not listed: {_GROUPS[category.kind].lower()}")
        for category in sorted(BUILT_IN.categories, key=lambda category: kinds.index(category.kind))
    )


def _unknown(known: str) -> tuple[Option, ...]:
    """Return the option for a technology that this release's catalog lacks, so that it stays chosen."""
    if not known or BUILT_IN.category_of(known):
        return ()
    return (Option(value=known, text=BUILT_IN.technology_name(known), group="Not in the catalog"),)


def _option(one: Technology | Category, group: str) -> Option:
    return Option(value=one.key, text=one.name, group=group)


def name_elements_command(kind: Kind, text: str, *, by: PersonId, at: datetime) -> NameElements:
    """Return the command that adds elements of a kind by the names in a text, one per line."""
    names = {NAMES_IN[kind]: list(typed_names(text))}
    return msgspec.convert({**names, "by": by, "at": at}, NameElements)


def _named_kind(target: Target) -> Kind:
    if target.kind is None or target.kind not in NAMES_IN:
        raise StaleButton
    return target.kind


def _title(verb: str, words: str) -> str:
    """Return a title; “Revise external dependency” is longer than Slack's titles."""
    title = f"{verb} {words}"
    return title if len(title) <= slack_limits.MODAL_TITLE else f"{verb} {words.split()[-1]}"


def _names_parts(opening: FormContext) -> Sequence[FormPart]:
    _named_kind(opening.target)
    return [TextField(key="names", label="Names", hint="One per line.", lines=True, required=True)]


ADD_NAMES = Form(
    name="add_names",
    writes=WriteEffect.ADDS,
    command_type=NameElements,
    ending=FormEnding.TEXT,
    title=lambda opening: _title("Add", PLURAL[_named_kind(opening.target)]),
    parts=_names_parts,
    build_command=lambda entry: name_elements_command(
        _named_kind(entry.target), entry.text("names"), by=entry.by, at=entry.at
    ),
)


class _Spec(msgspec.Struct, frozen=True, kw_only=True):
    """One attribute of a kind of element as a field; `of` are its options, by enum or by kind.

    A `kept_only` field is shown only if it has a value from an earlier release. A `flag` is a checkbox with
    this text; a `technology` offers the catalog, a `person` the workspace.
    """

    key: str
    label: str
    hint: str = ""
    of: type[StrEnum] | Kind | None = None
    many: bool = False
    limit: int = WORD
    required: bool = False
    adding_only: bool = False
    kept_only: bool = False
    flag: str = ""
    technology: bool = False
    person: bool = False


_NAME = _Spec(key="name", label="Name", limit=NAME, required=True)
_DESCRIPTION = _Spec(key="description", label="Description", limit=TEXT)
_TECHNOLOGY = _Spec(key="technology", label="Technology", technology=True)

FIELD_SPECS: dict[Kind, tuple[_Spec, ...]] = {
    Kind.EXTERNAL_DEPENDENCY: (
        _NAME,
        _DESCRIPTION,
        _Spec(key="owner", label="Operator", hint="A company or team, for example."),
        _Spec(key="sort", label="Type", hint="An identity provider or payment service, for example."),
        _TECHNOLOGY,
        _Spec(key="outage", label="Impact of an outage", of=Outage),
    ),
    Kind.ENTRY_POINT: (
        _NAME,
        _DESCRIPTION,
        _Spec(key="parent", label="Parent entry point", of=Kind.ENTRY_POINT, adding_only=True),
        _Spec(key="exposure", label="Exposure", of=Exposure),
        _Spec(key="protocol", label="Protocol", hint="For example HTTPS."),
        _Spec(key="component", label="Target component", of=Kind.COMPONENT),
        _Spec(key="lowest_trust_level", label="Minimum trust level", of=Kind.TRUST_LEVEL),
    ),
    Kind.ASSET: (
        _NAME,
        _DESCRIPTION,
        _Spec(key="data", label="Type", of=DataKind),
        _Spec(key="sort", label="Custom type", kept_only=True),
        _Spec(key="confidentiality", label="Confidentiality impact", hint="If it is disclosed.", of=Rating),
        _Spec(
            key="integrity",
            label="Integrity impact",
            hint="If it is changed without authorization.",
            of=Rating,
        ),
        _Spec(
            key="availability", label="Availability impact", hint="If it is lost or unavailable.", of=Rating
        ),
        _Spec(key="stored_in", label="Stored in", of=Kind.COMPONENT, many=True),
        _Spec(key="readers", label="Read access", of=Kind.TRUST_LEVEL, many=True),
        _Spec(key="writers", label="Write access", of=Kind.TRUST_LEVEL, many=True),
    ),
    Kind.TRUST_LEVEL: (
        _NAME,
        _DESCRIPTION,
        _Spec(
            key="above",
            label="Ranked directly above",
            hint="Leave empty to make it the most trusted level.",
            of=Kind.TRUST_LEVEL,
            adding_only=True,
        ),
    ),
    Kind.DATA_FLOW: (
        _Spec(key="source", label="Source", of=Kind.COMPONENT, required=True),
        _Spec(key="target", label="Target", of=Kind.COMPONENT, required=True),
        _Spec(key="assets", label="Data", of=Kind.ASSET, many=True),
        _Spec(key="two_way", label="Direction", flag="Two-way: data also flows back"),
        _Spec(key="assets_back", label="Returned data", of=Kind.ASSET, many=True),
        _Spec(key="entry_point", label="Entry point", of=Kind.ENTRY_POINT),
        _Spec(
            key="name", label="Name", hint="Leave empty to name it after its source and target.", limit=NAME
        ),
        _Spec(key="protocol", label="Protocol", hint="For example HTTPS or AMQP."),
        _DESCRIPTION,
    ),
    Kind.COMPONENT: (
        _NAME,
        _DESCRIPTION,
        _Spec(key="sort", label="Type", of=ComponentKind),
        _TECHNOLOGY,
        _Spec(key="trust_level", label="Trust level", of=Kind.TRUST_LEVEL),
        _Spec(key="boundary", label="Innermost boundary", of=Kind.TRUST_BOUNDARY),
        _Spec(key="owner", label="Owner", hint="Suggested as the owner of its mitigations.", person=True),
    ),
    Kind.TRUST_BOUNDARY: (
        _NAME,
        _DESCRIPTION,
        _Spec(key="parent", label="Parent boundary", of=Kind.TRUST_BOUNDARY),
    ),
}


def element_options(register: ThreatRegister, kind: Kind, *, but: str = "") -> tuple[Option, ...]:
    """Return the live elements of a kind as options."""
    return tuple(
        Option(
            value=item.id, text=f"{one_line(item.name)} ({item.id})" if len(item.name) < _FITS else item.name
        )
        for item in register.items(kind)
        if item.id != but
    )


def enum_label(word: StrEnum) -> str:
    """Return the display name of an enum value."""
    return _LABELS.get(word, word.value.replace("_", " ").capitalize())


_GUESSED = "Leave empty to guess it from the name."
_FITS = 60
_LOWEST = Option(value="lowest", text="None: the least trusted level")
_LABELS: dict[StrEnum, str] = {
    Outage.NOTHING: "None: the system works normally",
    Outage.DEGRADED: "The system is degraded",
    Outage.STOPS: "The system stops",
    Exposure.INTERNET: "Public internet",
    Exposure.PARTNER: "Partners",
    Exposure.INTERNAL: "Internal users",
    Exposure.LOCAL: "Local access only",
    DataKind.PERSONAL: "Personal data",
    DataKind.CREDENTIAL: "Credential: password, key or token",
    DataKind.LOG: "Log",
    DataKind.OTHER: "Other",
    ComponentKind.EXTERNAL_ENTITY: "External entity: a user or external system",
    ComponentKind.PROCESS: "Process: code that runs",
    ComponentKind.DATA_STORE: "Data store: persistent data",
}


def _element_kind(target: Target) -> Kind:
    if target.kind is None:
        raise StaleButton
    return target.kind


def _element_parts(opening: FormContext) -> Sequence[FormPart]:
    kind, register = _element_kind(opening.target), opening.required_register
    element = None
    if opening.target.element:
        item = register.item(ElementId(opening.target.element))
        if item is None or item.removed or item.kind is not kind:
            raise StaleButton("This element is not in this model.")
        element = item.element
    if kind is Kind.DATA_FLOW and len(register.items(Kind.COMPONENT)) < _ENDS:
        lines = Target(name="flows", back=opening.target.back)
        return (
            Paragraph(
                text="A data flow needs two components, and the model has fewer. A line adds all three.",
                pressed=ModelButtons(opening.target.stream).turns("Add data flows", lines, suffix="lines"),
            ),
        )
    fields: list[FormPart] = [
        _field(spec, register, element) for spec in FIELD_SPECS[kind] if _belongs(spec, element)
    ]
    if element is None:
        fields.append(add_another_checkbox(opening.target, SINGULAR[kind]))
    return fields


def _belongs(spec: _Spec, element: Element | None) -> bool:
    if spec.kept_only:
        return bool(getattr(element, spec.key, None))
    return not (element and spec.adding_only)


def _field(spec: _Spec, register: ThreatRegister, element: Element | None) -> FormPart:
    known: Any = getattr(element, spec.key, None)
    key, label, hint = spec.key, spec.label, spec.hint
    if spec.technology:
        hint = "" if element else _GUESSED
        options = technology_options(known or "")
        return ChoiceField(key=key, label=label, hint=hint, options=options, initial=known or None)
    if spec.person:
        return PersonField(key=key, label=label, hint=hint, initial=known or None)
    if spec.flag:
        return CheckboxField(key=key, label=label, text=spec.flag, initial=bool(known))
    if spec.of is None:
        hint = (key == "protocol" and usual_protocol_hint(register, element)) or hint
        return TextField(
            key=key,
            label=label,
            hint=hint,
            required=spec.required,
            limit=spec.limit,
            lines=spec.limit == TEXT,
            initial=known or "",
        )
    if isinstance(spec.of, Kind):
        options = element_options(register, spec.of, but=element.id if element else "")
        if key == "above":
            options = (_LOWEST, *options) if options else ()
    else:
        options = tuple(Option(value=word.value, text=enum_label(word)) for word in spec.of)
    if spec.many:
        return MultiSelectField(key=key, label=label, hint=hint, options=options, initial=known or ())
    return ChoiceField(
        key=key, label=label, hint=hint, required=spec.required, options=options, initial=known
    )


def detail_fields(register: ThreatRegister, item: RegisterItem) -> list[FormPart]:
    """Return the details of an element as fields of a row: without what its name and its texts say."""
    fields = [
        _field(spec, register, item.element)
        for spec in FIELD_SPECS[item.kind]
        if spec.key in DETAILS and _belongs(spec, item.element)
    ]
    name = clip(one_line(item.name), _ROW_NAME)
    return [
        replace(
            field, key=f"{field.key}/{item.id}", label=f"{name}: {field.label[:1].lower()}{field.label[1:]}"
        )
        for field in fields
        if isinstance(field, TextField | ChoiceField | MultiSelectField)
    ]


DETAILS = frozenset(ElementDetails.__struct_fields__) - {"element"}
"""Attributes that the form for many elements has."""
_ROW_NAME = 50


def _element_make(entry: Entry) -> Command:
    kind, target = _element_kind(entry.target), entry.target
    wanted = REVISE_COMMANDS[kind] if target.element else ADD_COMMANDS[kind]
    attributes: dict[str, object] = {
        key: value for key, value in entry.values.by_key.items() if key in wanted.__struct_fields__
    }
    if "two_way" in attributes:
        attributes["two_way"] = bool(attributes["two_way"])
    if target.element:
        # A new element without a technology gets a guess; one that is revised gets what the form says.
        cleared = {"technology"} & {*attributes} | ({"owner"} if kind is Kind.COMPONENT else set())
        attributes |= {key: attributes.get(key) or "" for key in cleared}
    if attributes.get("above") == _LOWEST.value:
        attributes |= {"above": None, "lowest": True}
    return entry.command(wanted, "element" if target.element else "", **attributes)


ELEMENT = Form(
    name="element",
    writes=adds_or_revises,
    command_type=AddAsset,
    single_element=True,
    title=lambda opening: _title(
        "Revise" if opening.target.element else "Add", SINGULAR[_element_kind(opening.target)]
    ),
    parts=_element_parts,
    build_command=_element_make,
    next_form=form_for_another,
)
