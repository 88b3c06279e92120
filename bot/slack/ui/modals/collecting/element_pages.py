"""Pages of elements, and the forms that describe, link and remove them."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec
from msgspec.structs import replace

from bot.slack.protocol import slack_limits
from bot.slack.protocol.block_builders import Block, View, actions, button, confirm, divider, modal, section
from bot.slack.protocol.escaping import clip, escape, escape_name, one_line
from bot.slack.protocol.targets import ALL, Action, ButtonKind, SelectionTarget, StaleButton, Target
from bot.slack.screens.page_data import PageData
from bot.slack.ui.forms.field_blocks import PAGE_CHARACTERS, parts_size
from bot.slack.ui.forms.form import Form, FormCommand, FormContext, FormEnding, LazyRegister, WriteEffect
from bot.slack.ui.forms.form_fields import ChoiceField, Divider, FormPart, Option, Paragraph, SubmittedValues
from bot.slack.ui.modals.collecting.element_form import (
    FIELD_SPECS,
    add_element_button,
    detail_fields,
    element_options,
)
from bot.slack.ui.modals.page_declaration import Page, list_page, page_buttons
from bot.slack.ui.texts.common_texts import element_name, item_name, list_heading
from domain.commands import AddAsset, AnswerLinks, Command, CompleteRegister, DescribeElements, RemoveElement
from domain.element_links import DifferingAnswer, LinkReason
from domain.kernel.elements import (
    PLURAL,
    REGISTERS,
    SINGULAR,
    Component,
    ElementId,
    ExternalDependency,
    Kind,
    PersonId,
    redirected,
    references,
)
from domain.kernel.text_formatting import count_phrase, join_list
from domain.kernel.threat import elements_at, places_of
from domain.model import id_order
from domain.register import RegisterItem, ThreatRegister


def dependents(register: ThreatRegister, id: ElementId) -> list[RegisterItem]:
    """Return the elements that refer to another one."""
    items = (item for listed in register.lists.values() for item in listed.items)
    return [item for item in items if id in references(item.element)]


def _parts(opening: FormContext) -> Sequence[FormPart]:
    register, id = opening.required_register, ElementId(opening.target.element)
    item = register.item(id)
    if item is None or item.removed:
        raise StaleButton("This element is not in this model.")
    users = dependents(register, id)
    removed = [one for one in users if redirected(one.element, id, None) is None]
    kept = [one for one in users if one not in removed]
    lines = [
        f"*{item_name(item)}* · {id} is used by {count_phrase(len(users), 'element')}.",
        *_named("Removed with it, unless another element takes its place", removed),
        *_named("Kept, without the reference", kept),
        *_threats(register, {id, *(one.id for one in removed)}),
    ]
    together = f"Remove it with {count_phrase(len(removed), 'data flow')}" if removed else "Remove it"
    others = element_options(register, item.kind, but=id)
    options = [
        Option(value=f"{_TOGETHER}/{len(users)}", text=together),
        *(Option(value=f"{one.value}/{len(users)}", text=f"Move to {one.text}") for one in others),
    ]
    return [
        Paragraph(text="\n".join(lines)),
        ChoiceField(
            key="how",
            label="What happens to the references?",
            hint="Undo restores everything.",
            required=True,
            options=tuple(options),
        ),
    ]


def _named(what: str, items: Sequence[RegisterItem]) -> list[str]:
    if not items:
        return []
    more = f" and {len(items) - _NAMED} more" if len(items) > _NAMED else ""
    return [
        f"*{what}:*",
        *(f"• {item_name(one)} ({one.id})" for one in items[:_NAMED]),
        *([more] if more else []),
    ]


def _threats(register: ThreatRegister, removed: set[ElementId]) -> list[str]:
    """Return the threats at elements that are removed: they stay, and name the removed element."""
    affected = [
        one
        for one in register.threats
        if removed.intersection(places_of(one), *(elements_at(place) for place in one.places))
    ]
    if not affected:
        return []
    named = [f"{escape_name(one.title)} ({one.id})" for one in affected[:_NAMED]]
    more = [f"{len(affected) - _NAMED} more"] if len(affected) > _NAMED else []
    return [f"*Threats there stay open; withdraw or move them:* {join_list([*named, *more])}"]


def _make(values: SubmittedValues, target: Target, by: PersonId, at: datetime) -> FormCommand:
    how, _, shown = values.text("how").partition("/")
    if not shown.isdecimal():
        raise StaleButton
    return RemoveElement(
        by=by,
        at=at,
        element=ElementId(target.element),
        replacement=None if how == _TOGETHER else ElementId(how),
        together=how == _TOGETHER,
        dependents=int(shown),
    )


REMOVE = Form(
    name="remove_used",
    writes=WriteEffect.ONCE,
    command_type=RemoveElement,
    title=lambda opening: f"Remove {opening.target.element}",
    submit="Remove",
    parts=_parts,
    build_command=_make,
)

_TOGETHER = "together"
_NAMED = 8


DETAILED_KINDS = (Kind.EXTERNAL_DEPENDENCY, Kind.ENTRY_POINT, Kind.ASSET)
"""Kinds of element whose details can be entered together."""


def _rows(opening: FormContext) -> Sequence[FormPart]:
    register = opening.required_register
    items = elements_to_describe(register, opening.target, opening.keys)
    if not items:
        return [Paragraph(text="There are no elements to describe.")]
    shown: list[list[FormPart]] = []
    blocks = size = 0
    for item in items:
        row: list[FormPart] = [Divider(), *detail_fields(register, item)]
        size += parts_size(row)
        blocks += len(row)
        if shown and (blocks > _PAGE_BLOCKS or size > PAGE_CHARACTERS):  # every row repeats the options
            break
        shown.append(row)
    rest = len(items) - len(shown)
    following = f" {rest} more follow on the next page." if rest else ""
    return [
        Paragraph(text=f"Enter the known details of each element. All fields are optional.{following}"),
        *(part for row in shown for part in row),
    ]


def elements_to_describe(
    register: ThreatRegister, target: Target, keys: Sequence[str] = ()
) -> tuple[RegisterItem, ...]:
    """Return the elements from which a page starts; `target.element` is the last one seen.

    A page shown before keeps its elements.
    """
    if target.kind is None or target.kind not in DETAILED_KINDS:
        raise StaleButton
    items = register.items(target.kind)
    if keys:
        shown = {key.partition("/")[2] for key in keys}
        return tuple(item for item in items if item.id in shown)
    seen = _order(target.element) if target.element else ()
    return tuple(item for item in items if id_order(item.id) > seen)


def _order(element: str) -> tuple[int, ...]:
    try:
        return id_order(ElementId(element))
    except ValueError as error:
        raise StaleButton from error


def _details_make(values: SubmittedValues, target: Target, by: PersonId, at: datetime) -> Command:
    del target
    rows: dict[str, dict[str, object]] = {}
    for key, value in values.by_key.items():
        attribute, _, element = key.partition("/")
        row = rows.setdefault(element, {"element": element})
        row[attribute] = (value or "") if attribute in _WORDS else value
    return msgspec.convert({"details": list(rows.values()), "by": by, "at": at}, DescribeElements)


def _after(values: SubmittedValues, target: Target, register: LazyRegister) -> Target | None:
    elements = [key.partition("/")[2] for key in values.by_key]
    if not elements:
        return None
    following = replace(target, element=max(elements, key=_order))
    return following if elements_to_describe(register(), following) else None


DETAILS_OF_MANY = Form(
    name="details",
    writes=WriteEffect.REVISES,
    command_type=DescribeElements,
    ending=FormEnding.TEXT,
    row=lambda key: key.partition("/")[2],
    title="Details",
    submit="Save",
    close="Later",
    parts=_rows,
    build_command=_details_make,
    next_form=_after,
)

_WORDS = frozenset({"owner", "sort", "protocol"})
_PAGE_BLOCKS = 90


def _links_parts(opening: FormContext) -> Sequence[FormPart]:
    register = opening.required_register
    rows = [
        *((one.dependency, one.component, one.reason) for one in register.link_proposals),
        *((one.dependency, one.component, None) for one in register.links),
    ]
    if not rows:
        return [Paragraph(text="No external dependency resembles a component of the flows.")]
    return [Paragraph(text=_INTRODUCTION), *_links_rows(register, rows)]


def _links_rows(
    register: ThreatRegister, rows: Iterable[tuple[ElementId, ElementId, LinkReason | None]]
) -> list[FormPart]:
    answers = {(one.dependency, one.component): one.same for one in register.links}
    parts: list[FormPart] = []
    for dependency, component, reason in list(rows)[:_MOST]:
        known = answers.get((dependency, component))
        differing = register.differing.get((dependency, component), ())
        parts.append(
            ChoiceField(
                key=f"link/{dependency}/{component}",
                label=clip(_question(register, dependency, component), slack_limits.LABEL),
                hint=clip(_reason(register, dependency, component, reason), slack_limits.HINT),
                options=_OPTIONS,
                initial={True: "same", False: "apart", None: None}[known],
                radio=True,
            )
        )
        if differing:
            parts.append(Paragraph(text=_side_by_side(register, dependency, component, differing)))
    return parts


def _question(register: ThreatRegister, dependency: ElementId, component: ElementId) -> str:
    one, other = (_quoted(register, id) for id in (dependency, component))
    if register.name_of(dependency) == register.name_of(component):
        return f"{one} is an external dependency and a component of the flows. Are they the same?"
    return f"{one} is an external dependency, and {other} is a component of the flows. Are they the same?"


def _reason(
    register: ThreatRegister, dependency: ElementId, component: ElementId, reason: LinkReason | None
) -> str:
    ids = f"{dependency} and {component}"
    if reason is not LinkReason.TECHNOLOGY:
        return ids
    items = (register.item(id) for id in (dependency, component))
    keys = [
        one.element.technology
        for one in items
        if one is not None and isinstance(one.element, ExternalDependency | Component)
    ]
    return f"{ids}. Technologies: {', '.join(dict.fromkeys(map(register.catalog.technology_name, keys)))}"


def _side_by_side(
    register: ThreatRegister,
    dependency: ElementId,
    component: ElementId,
    differing: Sequence[DifferingAnswer],
) -> str:
    """Return the answers that differ as mrkdwn, one line for each."""
    one, other = (escape(_quoted(register, id)) for id in (dependency, component))
    lines = [
        f"• {escape(it.subject)}  {one} ({dependency}): *{escape(it.of_dependency)}* · "
        f"{other} ({component}): *{escape(it.of_component)}*"
        for it in differing[:_MOST_DIFFERING]
    ]
    return "\n".join(["Differences:", *lines])


def _quoted(register: ThreatRegister, id: ElementId) -> str:
    return f"“{clip(one_line(register.name_of(id)), _NAME)}”"


def _links_make(values: SubmittedValues, target: Target, by: PersonId, at: datetime) -> FormCommand:
    del target
    replies = [
        {"dependency": key.split("/")[1], "component": key.split("/")[2], "same": values.text(key) == "same"}
        for key in values.by_key
        if key.count("/") == _SLASHES and values.text(key)
    ]
    return msgspec.convert({"replies": replies, "by": by, "at": at}, AnswerLinks)


LINKS = Form(
    name="links",
    writes=WriteEffect.REVISES,
    command_type=AnswerLinks,
    ending=FormEnding.TEXT_WITHOUT_PAGE,
    row=lambda key: key.partition("/")[2],
    title="Link dependencies",
    submit="Save",
    close="Later",
    parts=_links_parts,
    build_command=_links_make,
)

_OPTIONS = (
    Option(
        value="same",
        text="Yes, link them",
        means=("A third party operates it: an external entity in the flows"),
    ),
    Option(
        value="apart", text="No, keep both", means=("For example, your own component that uses the service")
    ),
)
_INTRODUCTION = (
    "An external dependency often is a component of the flows. Both keep their IDs, answers and "
    "findings. If they are the same, questions about hardening the component are skipped, and data that "
    "flows to it counts as shared with the dependency. Leave open what you do not know."
)
_MOST = 30
_MOST_DIFFERING = 8
_NAME = 80
_SLASHES = 2


def lists_page(showing: PageData) -> View:
    """Return every list with its count, to open or to add to."""
    stream, register = showing.target.stream, showing.register
    blocks: list[Block] = []
    for kind in Kind:
        complete = " · ✓ complete" if register.lists[kind].complete else ""
        blocks.append(section(f"*{list_heading(kind)}*  {len(register.items(kind))}{complete}"))
        target = Target(name="register", stream=stream, kind=kind)
        look = button(
            "Browse",
            ButtonKind.SHOW,
            target,
            suffix=f"look-{kind}",
            spoken=f"Browse {PLURAL[kind]}",
        )
        blocks.append(actions(*_adding(stream, register, kind, back="lists"), look))
    return modal("Lists", blocks, target=showing.target)


LISTS = Page(name="lists", show=lists_page)


def register_page(showing: PageData) -> View:
    """Return one list with the details of each element, or the element that the target names."""
    target, register = showing.target, showing.register
    kind = target.kind
    if kind is None:
        raise StaleButton
    alone = [item for item in register.items(kind) if item.id == target.element]
    if alone:
        return _one_alone(target, register, alone[0])
    shown = list_page(register.items(kind), target, _ON_A_PAGE)
    complete = " · ✓ complete" if register.lists[kind].complete else ""
    blocks = [section(f"*{count_phrase(shown.of, SINGULAR[kind])}*{complete}{_ORDER.get(kind, '')}")]
    adding = _adding(target.stream, register, kind, back="register")
    top = [*adding, *_marking(target.stream, register, kind)]
    if top:
        blocks.append(actions(*top))
    for item in shown.items:
        blocks += [divider(), section(_described(register, item))]
        if register.allows(RemoveElement):
            blocks.append(actions(*_moving(target, register, item), *_changing(target, register, item)))
    return modal(list_heading(kind), [*blocks, *page_buttons(shown, target)], target=target)


REGISTER = Page(name="register", show=register_page)


def _one_alone(target: Target, register: ThreatRegister, item: RegisterItem) -> View:
    blocks = [section(_described(register, item))]
    everything = Target(name="register", stream=target.stream, kind=item.kind)
    buttons = _changing(target, register, item) if register.allows(RemoveElement) else []
    more = button(f"All {PLURAL[item.kind]}", ButtonKind.TURN, everything, suffix="all")
    return modal(list_heading(item.kind), [*blocks, actions(*buttons, more)], target=target)


def _adding(stream: str, register: ThreatRegister, kind: Kind, *, back: str) -> list[Block]:
    if not register.allows(AddAsset):
        return []
    one_by_one = add_element_button(stream, register, kind, back=back)
    if kind is not Kind.DATA_FLOW:
        return [one_by_one]
    lines = Target(name="flows", stream=stream, kind=kind, back=back)
    return [one_by_one, button("Add several", ButtonKind.OPEN, lines, suffix="lines")]


def _marking(stream: str, register: ThreatRegister, kind: Kind) -> list[Block]:
    if not register.allows(CompleteRegister):
        return []
    buttons: list[Block] = []
    if kind in REGISTERS:
        action, label = (
            (Action.REOPEN_REGISTER, "Mark incomplete")
            if register.lists[kind].complete
            else (Action.COMPLETE_REGISTER, "Mark complete")
        )
        buttons.append(button(label, ButtonKind.DO, Target(name=action, stream=stream, kind=kind)))
    if kind is Kind.COMPONENT and register.items(kind):
        selection = "" if register.unplaced else ALL
        placing = SelectionTarget(
            name="place", stream=stream, selection=selection, kind=kind, back="register"
        )
        buttons.append(button("Place components", ButtonKind.OPEN, placing))
    if kind in DETAILED_KINDS and len(register.items(kind)) > 1:
        details = Target(name="details", stream=stream, kind=kind, back="register")
        buttons.append(button("Describe all", ButtonKind.OPEN, details))
    return buttons


def _described(register: ThreatRegister, item: RegisterItem) -> str:
    lines = [f"*{item_name(item)}* · {item.id}"]
    if item.element.description:
        lines.append(escape(item.element.description, _DESCRIPTION))
    known = " · ".join(_attributes(register, item))
    if known:
        lines.append(known)
    return "\n".join(lines)


def _attributes(register: ThreatRegister, item: RegisterItem) -> Iterator[str]:
    # Flows without a name are labeled by these elements.
    told_by_name = () if item.element.name else ("source", "target", "assets", "assets_back", "two_way")
    for spec in FIELD_SPECS[item.kind]:
        value: Any = getattr(item.element, spec.key, None)
        if spec.key in ("name", "description") or not value or spec.key in told_by_name:
            continue
        if spec.technology:
            yield f"{spec.label}: {escape(register.catalog.technology_name(value))}"
        elif spec.flag:
            yield spec.flag
        else:
            yield f"{spec.label.rstrip('?…')}: {_value(register, value, spec.of)}"
    yield from _linked(register, item)
    yield from _assumed(register, item)
    if item.crossing is not None and item.crossing.crosses:
        passed = ", ".join(element_name(register, one) for one in item.crossing.boundaries[:_NAMES])
        yield f"Crosses {passed}" if passed else "Crosses trust levels"


def _linked(register: ThreatRegister, item: RegisterItem) -> Iterator[str]:
    for one in register.links:
        if one.same and item.id in (one.dependency, one.component):
            other = one.component if item.id == one.dependency else one.dependency
            yield f"The same thing as {element_name(register, other)} ({other})"


def _assumed(register: ThreatRegister, item: RegisterItem) -> Iterator[str]:
    reasons = [one.assumed.reason for one in register.assumed if one.element == item.id]
    if reasons:
        yield f"Assumed: {escape('; '.join(dict.fromkeys(reasons)))}"


def _value(register: ThreatRegister, value: Any, of: type[StrEnum] | Kind | None) -> str:
    if isinstance(of, Kind):
        ids = msgspec.convert(value if isinstance(value, tuple) else (value,), tuple[ElementId, ...])
        more = f" and {len(ids) - _NAMES} more" if len(ids) > _NAMES else ""
        return ", ".join(element_name(register, one) for one in ids[:_NAMES]) + more
    if isinstance(value, StrEnum):
        return value.value.replace("_", " ")
    return escape(one_line(str(value)))


def _moving(target: Target, register: ThreatRegister, item: RegisterItem) -> list[Block]:
    """Return the buttons that swap a trust level with its neighbors; the least trusted is on top."""
    if item.kind is not Kind.TRUST_LEVEL:
        return []
    levels = register.items(item.kind)
    buttons: list[Block] = []
    for action, label, end in (
        (Action.MOVE_UP, "▲ Up", levels[0]),
        (Action.MOVE_DOWN, "▼ Down", levels[-1]),
    ):
        if item.id != end.id:
            # The same page is shown again: the target carries its number.
            moved = Target(
                name=action, stream=target.stream, kind=item.kind, element=item.id, page=target.page
            )
            spoken = f"Move {item.id} {label.split()[1].lower()}"
            buttons.append(button(label, ButtonKind.DO, moved, spoken=spoken))
    return buttons


def _changing(target: Target, register: ThreatRegister, item: RegisterItem) -> list[Block]:
    about = Target(name="element", stream=target.stream, kind=item.kind, element=item.id, back="register")
    revise = button("Revise", ButtonKind.OPEN, about, spoken=f"Revise {item.id}")
    if dependents(register, item.id):
        used = replace(about, name="remove_used")
        return [revise, button("Remove…", ButtonKind.OPEN, used, spoken=f"Remove {item.id}")]
    # After a removal the same page is shown again: the target carries its subject.
    removal = Target(name=Action.REMOVE, stream=target.stream, kind=item.kind, element=item.id)
    asked = confirm(
        f"Remove {item.id}?",
        f"“{one_line(item.name)[:_ASKED]}” is removed from the model. Undo restores it.",
        yes="Remove",
        danger=True,
    )
    return [revise, button("Remove", ButtonKind.DO, removal, spoken=f"Remove {item.id}", confirm=asked)]


_ORDER = {Kind.TRUST_LEVEL: ", least trusted first"}
_ON_A_PAGE = 20
_DESCRIPTION = 300
_NAMES = 6
_ASKED = 200
