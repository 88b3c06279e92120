"""Pages of elements: all lists, and one list with its elements."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Any

import msgspec
from msgspec.structs import replace

from bot.slack.protocol.block_builders import Block, View, actions, button, confirm, divider, modal, section
from bot.slack.protocol.escaping import escape, one_line
from bot.slack.protocol.interactions import Action, ButtonKind, StaleButton
from bot.slack.protocol.targets import ALL, SelectionTarget, Target
from bot.slack.screens.page_data import PageData
from bot.slack.ui.modals.collecting.add_button import add_element_button
from bot.slack.ui.modals.collecting.details_form import DETAILED_KINDS
from bot.slack.ui.modals.collecting.element_form import FIELD_SPECS
from bot.slack.ui.modals.collecting.remove_form import dependents
from bot.slack.ui.modals.page_declaration import Page
from bot.slack.ui.modals.paging import list_page, page_buttons
from bot.slack.ui.texts.common_texts import element_name, item_name, list_heading
from domain.built_in_catalog import BUILT_IN
from domain.commands import AddAsset, CompleteRegister, RemoveElement
from domain.kernel.elements import PLURAL, REGISTERS, SINGULAR, ElementId, Kind
from domain.kernel.text_formatting import count_phrase
from domain.register import RegisterItem, ThreatRegister


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
            yield f"{spec.label}: {escape(BUILT_IN.technology_name(value))}"
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
