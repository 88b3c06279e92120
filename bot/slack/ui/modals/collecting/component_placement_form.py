"""Form that places components, and asks what technologies and protocols are that the catalog lacks."""

import re
from collections.abc import Sequence
from datetime import datetime
from itertools import accumulate
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from bot.slack.protocol.escaping import clip, escape, one_line
from bot.slack.protocol.targets import ALL, TYPED, SelectionTarget, StaleButton, Target
from bot.slack.ui.forms.field_blocks import PAGE_CHARACTERS, parts_size
from bot.slack.ui.forms.form import Form, FormContext, FormEnding, LazyRegister, WriteEffect
from bot.slack.ui.forms.form_fields import (
    ChoiceField,
    Divider,
    FormPart,
    Option,
    Paragraph,
    SubmittedValues,
    TextField,
)
from bot.slack.ui.forms.typed_lines import typed_names
from bot.slack.ui.modals.collecting.element_form import (
    NO_TECHNOLOGY,
    ask_first_words,
    closest_technologies,
    element_options,
    enum_label,
    nearby_technologies,
)
from bot.slack.ui.modals.collecting.trust_level_guesses import LevelGuesser, stem
from domain.built_in_catalog import BUILT_IN
from domain.catalog.protocol_names import nearest_protocols, protocol_typed
from domain.commands import Command, DrawFlows, PlaceComponents
from domain.commands.bulk_entry import USUAL_TRUST_LEVELS
from domain.kernel.component_vocabulary import is_store_name
from domain.kernel.elements import Component, ComponentKind, DataFlow, ElementId, Kind, PersonId
from domain.kernel.length_limits import NAME
from domain.kernel.text_formatting import count_phrase
from domain.model import id_order
from domain.model.element_labels import same_name
from domain.register import RegisterItem, ThreatRegister


class Guess(msgspec.Struct, frozen=True, kw_only=True):
    """The probable kind and trust level of a component; `because` is the reason for a guessed level."""

    sort: ComponentKind
    trust_level: ElementId | None
    because: str = ""


class Guesser:
    """Guesses about components, computed once from a register."""

    def __init__(self, register: ThreatRegister) -> None:
        flows = [item.element for item in register.items(Kind.DATA_FLOW)]
        drawn = [flow for flow in flows if isinstance(flow, DataFlow)]
        self._sources = {flow.source for flow in drawn}
        self._behind_doors = {flow.target for flow in drawn if flow.entry_point}
        self._dependencies = {stem(item.name) for item in register.items(Kind.EXTERNAL_DEPENDENCY)}
        self._levels = LevelGuesser(register)

    def guess(self, item: RegisterItem) -> Guess:
        """Return a component with guesses for its missing attributes."""
        component = item.element
        known = component if isinstance(component, Component) else None
        called_so = self._levels.level_named(item.name)
        sort = (known.sort if known else None) or self._sort(item, is_a_level=called_so is not None)
        if known and known.trust_level:
            return Guess(sort=sort, trust_level=known.trust_level)
        guess = self._levels.guess(item, sort)
        if guess is None:
            return Guess(sort=sort, trust_level=None)
        return Guess(sort=sort, trust_level=guess.level, because=guess.because)

    def _sort(self, item: RegisterItem, *, is_a_level: bool) -> ComponentKind:
        # Someone else operates it, but data that passes through it can be read and stored there.
        if _PASSES_ON.search(item.name):
            return ComponentKind.PROCESS
        if stem(item.name) in self._dependencies:
            return ComponentKind.EXTERNAL_ENTITY
        component = item.element
        known = BUILT_IN.technology_of(component.technology) if isinstance(component, Component) else None
        if known is not None:
            return known.kind
        if _KEEPS.search(item.name) or is_store_name(item.name):
            return ComponentKind.DATA_STORE
        # A component named like a trust level is a person, not a system; what has a technology is a system.
        is_built = isinstance(component, Component) and bool(component.technology)
        is_source = item.id in self._sources and item.id not in self._behind_doors
        if is_a_level or (is_source and not is_built):
            return ComponentKind.EXTERNAL_ENTITY
        return ComponentKind.PROCESS


_KEEPS = re.compile(
    r"\b(db|data ?base|(data ?)?store|storage|logs?|log ?book|bucket|cache|archive|repository|disk)\b"
    r"|(db|store|log)\b",
    re.IGNORECASE,
)
_PASSES_ON = re.compile(r"\b(cdn|content delivery|(reverse )?proxy|waf|load ?balancer)\b", re.IGNORECASE)


TRUST_LEVELS = "trust_levels"
"""The key of the field."""


class StatedLevels(NamedTuple):
    """The trust levels that were named, and whether the suggestion was left as it is."""

    named: tuple[str, ...] = ()
    usual: bool = False


def trust_level_lines() -> TextField:
    """Return the field."""
    return TextField(
        key=TRUST_LEVELS,
        label="Trust levels",
        hint=(
            "Groups of users and systems by privilege, the least trusted first. These are suggestions: "
            "change, add or remove lines."
        ),
        lines=True,
        initial="\n".join(USUAL_TRUST_LEVELS),
        suggested=True,
    )


def stated_levels(values: SubmittedValues) -> StatedLevels:
    """Return what the field says."""
    names = typed_names(values.text(TRUST_LEVELS))
    return StatedLevels(usual=True) if names == USUAL_TRUST_LEVELS else StatedLevels(named=names)


def _place(opening: FormContext) -> Sequence[FormPart]:
    register, target = opening.required_register, opening.target
    if unlisted := _unlisted_fields(register, target, opening.keys):
        return [Paragraph(text=_UNLISTED), *unlisted]
    components = components_to_place(register, target, opening.keys)
    if not components:
        return [Paragraph(text="There are no components to place. Add data flows first.")]
    guesser, levels = Guesser(register), element_options(register, Kind.TRUST_LEVEL)
    if not levels:
        return [Paragraph(text=_LEVELS_FIRST), trust_level_lines()]
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
            text=_INTRODUCTION
            + ((f"\nExisting boundaries: {there}") if there else "")
            + (f"\n{rest} more follow on the next page." if rest else "")
        ),
        *(part for row in shown for part in row),
    ]


def unlisted_components(register: ThreatRegister) -> frozenset[ElementId]:
    """Return the components with a technology that the catalog lacks."""
    return frozenset(
        item.id
        for item in register.items(Kind.COMPONENT)
        if isinstance(item.element, Component) and _is_unlisted(item.element.technology)
    )


def unlisted_protocols(register: ThreatRegister) -> tuple[DataFlow, ...]:
    """Return the first flow with each protocol that the catalog lacks."""
    found: dict[str, DataFlow] = {}
    for item in register.items(Kind.DATA_FLOW):
        flow = item.element
        if (
            isinstance(flow, DataFlow)
            and flow.protocol
            and not protocol_typed(register.catalog, flow.protocol)
        ):
            found.setdefault(same_name(flow.protocol), flow)
    return tuple(found.values())


def _is_unlisted(technology: str) -> bool:
    return bool(technology) and BUILT_IN.technology_of(technology) is None


def _unlisted_fields(register: ThreatRegister, target: Target, keys: Sequence[str]) -> list[FormPart]:
    """Return the questions what words mean, on the first page after lines were typed."""
    if not keys and SelectionTarget.of(target).selection != TYPED:
        return []
    seen = _question_order(target.element) if target.element else ()
    unlisted = unlisted_components(register)
    fields = [
        *(_protocol_field(register, flow) for flow in unlisted_protocols(register)),
        *(_category_field(item) for item in register.items(Kind.COMPONENT) if item.id in unlisted),
    ]
    asked = [one for one in fields if (one.key in keys if keys else _question_order(one.key) > seen)]
    sizes = accumulate(parts_size([one]) for one in asked)
    return [one for one, size in zip(asked, sizes, strict=True) if size <= PAGE_CHARACTERS]


def _question_order(key: str) -> tuple[bool, tuple[int, ...]]:
    attribute, _, element = key.partition("/")
    return attribute != _PROTOCOL, _order(element)


def _protocol_field(register: ThreatRegister, asked: DataFlow) -> ChoiceField:
    wanted = same_name(asked.protocol)
    flows = [
        item
        for item in register.items(Kind.DATA_FLOW)
        if isinstance(item.element, DataFlow) and same_name(item.element.protocol) == wanted
    ]
    near = nearest_protocols(register.catalog, asked.protocol)
    others = sorted(
        (one.name for one in register.catalog.protocols if one.name not in near), key=str.casefold
    )
    first = clip(one_line(register.name_of(asked.id)), _LABEL)
    more = f" and {count_phrase(len(flows) - 1, 'other flow')}" if len(flows) > 1 else ""
    return ChoiceField(
        key=f"{_PROTOCOL}/{asked.id}",
        label=f"What is “{clip(one_line(asked.protocol), _LABEL)}”?",
        hint=f"Typed for {first}{more}. Leave it open to keep it as a protocol of that name.",
        options=(
            *(Option(value=one, text=one, group="Closest") for one in near),
            Option(value=_OF_THE_NAME, text="Part of the name of the data", group="Not a protocol"),
            *(Option(value=one, text=one, group="Protocols") for one in others),
        ),
    )


def _category_field(item: RegisterItem) -> ChoiceField:
    technology = item.element.technology if isinstance(item.element, Component) else ""
    return ChoiceField(
        key=f"{_CATEGORY}/{item.id}",
        label=f"What is “{clip(one_line(technology), _LABEL)}”?",
        hint=f"Technology of {clip(one_line(item.name), _LABEL)}. Leave it open to keep the name alone.",
        options=closest_technologies(technology, item.name),
    )


def components_to_place(
    register: ThreatRegister, target: Target, keys: Sequence[str] = ()
) -> tuple[RegisterItem, ...]:
    """Return the components from which a page of PLACE starts; `target.element` is the last one seen.

    A page shown before keeps its components, including those placed since.
    """
    if shown := {key.partition("/")[2] for key in keys} - {""}:
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
            hint=ask_first_words(technology) or "Choose the closest match.",
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
    if TRUST_LEVELS in values.by_key:
        levels = stated_levels(values)
        return DrawFlows(by=by, at=at, flows=(), trust_levels=levels.named, usual_levels=levels.usual)
    placed: dict[str, dict[str, object]] = {}
    protocols: list[dict[str, object]] = []
    technologies: list[dict[str, object]] = []
    for key, value in values.by_key.items():
        attribute, _, element = key.partition("/")
        if attribute == _PROTOCOL and value:
            protocols.append({"flow": element, "protocol": "" if value == _OF_THE_NAME else value})
        elif attribute == _CATEGORY and value:
            technologies.append({"component": element, "technology": "" if value == NO_TECHNOLOGY else value})
        elif attribute not in (_PROTOCOL, _CATEGORY):
            row = placed.setdefault(element, {"component": element})
            row[attribute] = value or "" if attribute == "technology" else value
    made = {"placements": list(placed.values()), "protocols": protocols, "technologies": technologies}
    return msgspec.convert({**made, "by": by, "at": at}, PlaceComponents)


def _is_meaning(key: str) -> bool:
    return key.partition("/")[0] in (_PROTOCOL, _CATEGORY)


def _no_levels(values: SubmittedValues) -> dict[str, str]:
    missing = TRUST_LEVELS in values.by_key and not typed_names(values.text(TRUST_LEVELS))
    return {TRUST_LEVELS: "Enter at least one trust level, one per line."} if missing else {}


def _after_place(values: SubmittedValues, target: Target, register: LazyRegister) -> Target | None:
    if TRUST_LEVELS in values.by_key:
        return target if components_to_place(register(), target) else None
    if questions := [key for key in values.by_key if _is_meaning(key)]:
        following = replace(SelectionTarget.of(target), element=max(questions, key=_question_order))
        if _unlisted_fields(register(), following, ()):
            return following
        return replace(following, selection="", element="") if register().unplaced else None
    components = [key.partition("/")[2] for key in values.by_key]
    if not components:
        return None
    following = replace(target, element=max(components, key=_order))
    return following if components_to_place(register(), following) else None


def _title(opening: FormContext) -> str:
    register = opening.required_register
    return "Unknown names" if _unlisted_fields(register, opening.target, opening.keys) else "Place components"


PLACE = Form(
    name="place",
    target=SelectionTarget,
    writes=WriteEffect.REVISES,
    command_type=PlaceComponents,
    ending=FormEnding.TEXT,
    row=lambda key: key.partition("/")[2],
    title=_title,
    submit="Save",
    close="Later",
    parts=_place,
    build_command=_make_place,
    validate=_no_levels,
    next_form=_after_place,
)

_INTRODUCTION = (
    "Types and some trust levels are suggested. Check them, and choose the trust levels that are missing: "
    "saving records the suggestions too. A trust boundary surrounds components, such as a VPC or a network "
    "segment; enter a new name to create one."
)
_UNLISTED = (
    "The catalog does not have these technologies and protocols. Choose what they are, so that the right "
    "questions are asked. Their names are kept. The components follow."
)
_LEVELS_FIRST = (
    "A component is as far trusted as its level. The model has no trust level yet: enter them first. The "
    "components follow."
)
_PROTOCOL, _CATEGORY, _OF_THE_NAME = "protocol", "category", "part of the name"
_NAMES_SHOWN = 400
_MAX_ROWS = 18
_LABEL = 60
