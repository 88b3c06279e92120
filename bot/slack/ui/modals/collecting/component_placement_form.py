"""Form that places components, and asks what technologies and protocols are that the catalog lacks."""

import re
from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from bot.slack.protocol.escaping import clip, escape, one_line
from bot.slack.protocol.targets import ALL, TYPED, SelectionTarget, Target
from bot.slack.ui.forms.field_blocks import parts_size
from bot.slack.ui.forms.form import Entry, Form, FormContext, FormEnding, Saved
from bot.slack.ui.forms.form_fields import (
    ChoiceField,
    Divider,
    FormPart,
    Option,
    Paragraph,
    SubmittedValues,
    TextField,
)
from bot.slack.ui.forms.row_pages import (
    PAGE_CHARACTERS,
    element_of_key,
    items_of_page,
    order_of_id,
    page_after,
    rows_of,
    rows_that_fit,
)
from bot.slack.ui.forms.typed_lines import typed_names
from bot.slack.ui.modals.collecting.element_form import (
    NO_TECHNOLOGY,
    closest_technologies,
    element_options,
    enum_label,
    nearby_technologies,
)
from bot.slack.ui.modals.collecting.trust_level_guesses import LevelGuesser, stem
from domain.built_in_catalog import BUILT_IN
from domain.catalog.protocol_names import nearest_protocols, protocol_typed
from domain.commands import Command, DrawFlows, FlowByNames, PlaceComponents
from domain.commands.bulk_entry import USUAL_TRUST_LEVELS
from domain.kernel.component_vocabulary import is_store_name
from domain.kernel.elements import Component, ComponentKind, DataFlow, ElementId, Kind
from domain.kernel.length_limits import NAME
from domain.kernel.text_formatting import count_phrase
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
        drawn = [
            flow for item in register.items(Kind.DATA_FLOW) if isinstance(flow := item.element, DataFlow)
        ]
        self._sources = {flow.source for flow in drawn}
        self._behind_doors = {flow.target for flow in drawn if flow.entry_point}
        self._dependencies = {stem(item.name) for item in register.items(Kind.EXTERNAL_DEPENDENCY)}
        self._levels = LevelGuesser(register)

    def guess(self, item: RegisterItem) -> Guess:
        """Return a component with guesses for its missing attributes."""
        known = item.element if isinstance(item.element, Component) else None
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
        technology = item.element.technology if isinstance(item.element, Component) else ""
        known = BUILT_IN.technology_of(technology)
        if known is not None:
            return known.kind
        if _KEEPS.search(item.name) or is_store_name(item.name):
            return ComponentKind.DATA_STORE
        # A component named like a trust level is a person, not a system; what has a technology is a system.
        is_source = item.id in self._sources and item.id not in self._behind_doors
        if is_a_level or (is_source and not technology):
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
    rows = rows_that_fit(
        (_row(item, guesser, levels, boundaries, opening) for item in components),
        most_blocks=_PAGE_PARTS,
    )
    rest = len(components) - len(rows)
    there = escape(", ".join(map(one_line, boundaries.values())), _NAMES_SHOWN, empty="")
    lines = [
        _INTRODUCTION,
        f"Existing boundaries: {there}" if there else "",
        f"{rest} more follow on the next page." if rest else "",
    ]
    return [Paragraph(text="\n".join(filter(None, lines))), *(part for row in rows for part in row)]


def unlisted_components(register: ThreatRegister) -> frozenset[ElementId]:
    """Return the components with a technology that the catalog lacks."""
    return frozenset(
        item.id
        for item in register.items(Kind.COMPONENT)
        if isinstance(item.element, Component)
        and item.element.technology
        and BUILT_IN.technology_of(item.element.technology) is None
    )


def unlisted_protocols(register: ThreatRegister) -> tuple[DataFlow, ...]:
    """Return the first flow with each protocol that the catalog lacks."""
    found: dict[str, DataFlow] = {}
    for item in register.items(Kind.DATA_FLOW):
        protocol = item.element.protocol if isinstance(item.element, DataFlow) else ""
        if isinstance(item.element, DataFlow) and protocol and not protocol_typed(register.catalog, protocol):
            found.setdefault(same_name(protocol), item.element)
    return tuple(found.values())


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
    asked = [field for field in fields if (field.key in keys if keys else _question_order(field.key) > seen)]
    sizes = accumulate(parts_size([one]) for one in asked)
    return [one for one, size in zip(asked, sizes, strict=True) if size <= PAGE_CHARACTERS]


def _question_order(key: str) -> tuple[bool, tuple[int, ...]]:
    attribute, _, element = key.partition("/")
    return attribute != _PROTOCOL, order_of_id(element)


def _protocol_field(register: ThreatRegister, asked: DataFlow) -> ChoiceField:
    wanted = same_name(asked.protocol)
    flows = [
        item
        for item in register.items(Kind.DATA_FLOW)
        if isinstance(item.element, DataFlow) and same_name(item.element.protocol) == wanted
    ]
    near = nearest_protocols(register.catalog, asked.protocol)
    others = sorted(
        (one for one in register.catalog.protocols if one.name not in near),
        key=lambda one: (one.local, one.name.casefold()),
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
            *(
                Option(
                    value=other.name,
                    text=other.name,
                    group="Within one machine or browser" if other.local else "Protocols",
                )
                for other in others
            ),
        ),
        blank="Keep the name",
    )


def _category_field(item: RegisterItem) -> ChoiceField:
    technology = item.element.technology if isinstance(item.element, Component) else ""
    return ChoiceField(
        key=f"{_CATEGORY}/{item.id}",
        label=f"What is “{clip(one_line(technology), _LABEL)}”?",
        hint=f"Technology of {clip(one_line(item.name), _LABEL)}. Leave it open to keep the name alone.",
        options=closest_technologies(technology, item.name),
        blank="Keep the name",
    )


def components_to_place(
    register: ThreatRegister, target: Target, keys: Sequence[str] = ()
) -> tuple[RegisterItem, ...]:
    """Return the components from which a page of PLACE starts; `target.element` is the last one seen.

    A page shown before keeps its components, including those placed since.
    """
    components = register.items(Kind.COMPONENT)
    everything = SelectionTarget.of(target).selection == ALL or not (register.unplaced or target.element)
    if not (everything or any(map(element_of_key, keys))):
        components = tuple(item for item in components if item.id in register.unplaced)
    return items_of_page(components, target.element, keys)


def _row(
    item: RegisterItem,
    guesser: Guesser,
    levels: tuple[Option, ...],
    boundaries: dict[ElementId, str],
    opening: FormContext,
) -> list[FormPart]:
    """Return the row of a component; its technology only if that is not known, or all are placed again."""
    guess, label = guesser.guess(item), clip(one_line(item.name), _LABEL)
    known = item.element if isinstance(item.element, Component) else None
    technology = known.technology if known else ""
    chosen = opening.typed.text(f"trust_level/{item.id}") if opening.typed else ""
    every = SelectionTarget.of(opening.target).selection == ALL
    asked = every or f"technology/{item.id}" in opening.keys or BUILT_IN.technology_of(technology) is None
    fields: list[FormPart] = [
        Divider(),
        ChoiceField(
            key=f"sort/{item.id}",
            label=f"{label}: type",
            options=tuple(Option(value=word.value, text=enum_label(word)) for word in ComponentKind),
            initial=guess.sort.value,
            suggested=not (known and known.sort),
        ),
        ChoiceField(
            key=f"trust_level/{item.id}",
            label=f"{label}: trust level",
            hint=guess.because if chosen in ("", guess.trust_level) else "",
            options=levels,
            initial=guess.trust_level,
            suggested=not (known and known.trust_level),
        ),
        TextField(
            key=f"boundary/{item.id}",
            label=f"{label}: boundary",
            limit=NAME,
            initial=boundaries.get(known.boundary, "") if known and known.boundary else "",
        ),
    ]
    if asked:
        field = ChoiceField(
            key=f"technology/{item.id}",
            label=f"{label}: technology",
            options=nearby_technologies(technology),
            initial=technology or None,
        )
        fields.insert(_TECHNOLOGY_PLACE, field)
    return fields


def levels_command(entry: Entry, flows: Sequence[FlowByNames] = ()) -> DrawFlows:
    """Return the command that adds flows, and the trust levels that the field states."""
    levels = stated_levels(entry.values)
    return entry.command(DrawFlows, flows=tuple(flows), trust_levels=levels.named, usual_levels=levels.usual)


def _make_place(entry: Entry) -> Command:
    if TRUST_LEVELS in entry.values.by_key:
        return levels_command(entry)
    placements: list[object] = []
    protocols: list[object] = []
    technologies: list[object] = []
    for element, row in rows_of(entry.values).items():
        if protocol := row.pop(_PROTOCOL, None):
            protocols.append({"flow": element, "protocol": "" if protocol == _OF_THE_NAME else protocol})
        if technology := row.pop(_CATEGORY, None):
            stated = "" if technology == NO_TECHNOLOGY else technology
            technologies.append({"component": element, "technology": stated})
        if row:
            row |= {key: row[key] or "" for key in {"technology"} & {*row}}
            placements.append({"component": element, **row})
    return entry.command(
        PlaceComponents, placements=placements, protocols=protocols, technologies=technologies
    )


def _no_levels(values: SubmittedValues) -> dict[str, str]:
    missing = TRUST_LEVELS in values.by_key and not typed_names(values.text(TRUST_LEVELS))
    return {TRUST_LEVELS: "Enter at least one trust level, one per line."} if missing else {}


def _after_place(saved: Saved) -> Target | None:
    target, keys = saved.target, tuple(saved.values.by_key)
    if TRUST_LEVELS in keys:
        return target if components_to_place(saved.register(), target) else None
    if questions := [key for key in keys if key.partition("/")[0] in (_PROTOCOL, _CATEGORY)]:
        following = replace(SelectionTarget.of(target), element=max(questions, key=_question_order))
        if _unlisted_fields(saved.register(), following, ()):
            return following
        return replace(following, selection="", element="") if saved.register().unplaced else None
    following = page_after(target, saved.values)
    return following if following and components_to_place(saved.register(), following) else None


PLACE = Form(
    name="place",
    target=SelectionTarget,
    command_type=PlaceComponents,
    ending=FormEnding.TEXT,
    row=element_of_key,
    title=lambda opening: (
        "Unknown names"
        if _unlisted_fields(opening.required_register, opening.target, opening.keys)
        else "Place components"
    ),
    close="Later",
    parts=_place,
    build_command=_make_place,
    validate=_no_levels,
    next_form=_after_place,
)

_INTRODUCTION = (
    "Types and some trust levels are suggested. Check them, and choose the trust levels that are missing and "
    "the closest technologies: "
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
_PAGE_PARTS = 50
"""Parts of ten rows: a divider and four fields each."""
_LABEL = 60
_TECHNOLOGY_PLACE = 2
"""After the divider and the type."""
