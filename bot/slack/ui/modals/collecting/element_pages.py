"""Pages of elements, and the forms that describe, link and remove them."""

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Any

import msgspec
from msgspec.structs import replace

from bot.slack.protocol import slack_limits
from bot.slack.protocol.block_builders import (
    Block,
    View,
    actions,
    button_row,
    confirm,
    divider,
    modal,
    section,
)
from bot.slack.protocol.escaping import clip, escape, escape_name, one_line
from bot.slack.protocol.targets import ALL, Action, SelectionTarget, StaleButton, Target
from bot.slack.screens.page_data import PageData
from bot.slack.ui.forms.form import (
    Entry,
    Form,
    FormCommand,
    FormContext,
    FormEnding,
    Saved,
    WriteEffect,
)
from bot.slack.ui.forms.form_fields import ChoiceField, Divider, FormPart, Option, Paragraph
from bot.slack.ui.forms.row_pages import element_of_key, items_of_page, page_after, rows_of, rows_that_fit
from bot.slack.ui.modals.collecting.element_form import (
    FIELD_SPECS,
    add_element_button,
    detail_fields,
    element_options,
)
from bot.slack.ui.modals.page_declaration import Page, list_page, page_buttons
from bot.slack.ui.model_buttons import ModelButtons
from bot.slack.ui.texts.common_texts import element_name, first_lines, first_names, item_name, list_heading
from domain.commands import AddAsset, AnswerLinks, Command, CompleteRegister, DescribeElements, RemoveElement
from domain.element_links import LinkReason
from domain.kernel.elements import (
    PLURAL,
    REGISTERS,
    SINGULAR,
    Component,
    ElementId,
    ExternalDependency,
    Kind,
    redirected,
    references,
)
from domain.kernel.text_formatting import count_phrase, join_list
from domain.kernel.threat import elements_at, places_of
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
    removed = [user for user in users if redirected(user.element, id, None) is None]
    kept = [user for user in users if user not in removed]
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
        *(Option(value=f"{other.value}/{len(users)}", text=f"Move to {other.text}") for other in others),
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
    named = [f"• {item_name(item)} ({item.id})" for item in items]
    return [f"*{what}:*", *first_lines(named, _NAMED, " and {} more")] if items else []


def _threats(register: ThreatRegister, removed: set[ElementId]) -> list[str]:
    """Return the threats at elements that are removed: they stay, and name the removed element."""
    named = [
        f"{escape_name(threat.title)} ({threat.id})"
        for threat in register.threats
        if removed.intersection(places_of(threat), *(elements_at(place) for place in threat.places))
    ]
    if not named:
        return []
    listed = join_list(first_lines(named, _NAMED, "{} more"))
    return [f"*Threats there stay open; withdraw or move them:* {listed}"]


def _remove(entry: Entry) -> FormCommand:
    how, _, shown = entry.text("how").partition("/")
    together = how == _TOGETHER
    return entry.command(
        RemoveElement,
        "element",
        replacement=None if together else how,
        together=together,
        dependents=shown,
    )


REMOVE = Form(
    name="remove_used",
    writes=WriteEffect.ONCE,
    command_type=RemoveElement,
    title=lambda opening: f"Remove {opening.target.element}",
    submit="Remove",
    parts=_parts,
    build_command=_remove,
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
    rows = rows_that_fit(
        ([Divider(), *detail_fields(register, item)] for item in items), most_blocks=_PAGE_BLOCKS
    )
    rest = len(items) - len(rows)
    following = f" {rest} more follow on the next page." if rest else ""
    return [
        Paragraph(text=f"Enter the known details of each element. All fields are optional.{following}"),
        *(part for row in rows for part in row),
    ]


def elements_to_describe(
    register: ThreatRegister, target: Target, keys: Sequence[str] = ()
) -> tuple[RegisterItem, ...]:
    """Return the elements from which a page starts; `target.element` is the last one seen.

    A page shown before keeps its elements.
    """
    if target.kind is None or target.kind not in DETAILED_KINDS:
        raise StaleButton
    return items_of_page(register.items(target.kind), target.element, keys)


def _describe(entry: Entry) -> Command:
    rows = rows_of(entry.values)
    for row in rows.values():
        row |= {word: row[word] or "" for word in _WORDS & {*row}}
    details = [{"element": element, **row} for element, row in rows.items()]
    return entry.command(DescribeElements, details=details)


def _next_details(saved: Saved) -> Target | None:
    following = page_after(saved.target, saved.values)
    return following if following and elements_to_describe(saved.register(), following) else None


DETAILS_OF_MANY = Form(
    name="details",
    command_type=DescribeElements,
    ending=FormEnding.TEXT,
    row=element_of_key,
    title="Details",
    close="Later",
    parts=_rows,
    build_command=_describe,
    next_form=_next_details,
)

_WORDS = frozenset({"owner", "sort", "protocol"})
_PAGE_BLOCKS = 90


def _links(opening: FormContext) -> Sequence[FormPart]:
    register = opening.required_register
    rows = [
        *((each.dependency, each.component, each.reason, None) for each in register.link_proposals),
        *((each.dependency, each.component, None, each.same) for each in register.links),
    ]
    if not rows:
        return [Paragraph(text="No external dependency resembles a component of the flows.")]
    parts: list[FormPart] = [Paragraph(text=_INTRODUCTION)]
    for dependency, component, reason, same in rows[:_MOST]:
        parts += _link(register, dependency, component, reason, same=same)
    return parts


def _link(
    register: ThreatRegister,
    dependency: ElementId,
    component: ElementId,
    reason: LinkReason | None,
    *,
    same: bool | None,
) -> list[FormPart]:
    """Return the question whether both are the same, and below it the answers that differ."""
    name, other = (f"“{clip(one_line(register.name_of(id)), _NAME)}”" for id in (dependency, component))
    alike = register.name_of(dependency) == register.name_of(component)
    second = "a component" if alike else f"{other} is a component"
    question = f"{name} is an external dependency{' and' if alike else ', and'} {second} of the flows."
    field = ChoiceField(
        key=f"link/{dependency}/{component}",
        label=clip(f"{question} Are they the same?", slack_limits.LABEL),
        hint=clip(_link_hint(register, dependency, component, reason), slack_limits.HINT),
        options=_OPTIONS,
        initial={True: "same", False: "apart", None: None}[same],
        radio=True,
        blank="Decide later",
    )
    lines = [
        f"• {escape(it.subject)}  {escape(name)} ({dependency}): *{escape(it.of_dependency)}* · "
        f"{escape(other)} ({component}): *{escape(it.of_component)}*"
        for it in register.differing.get((dependency, component), ())[:_MOST_DIFFERING]
    ]
    return [field, Paragraph(text="\n".join(["Differences:", *lines]))] if lines else [field]


def _link_hint(
    register: ThreatRegister, dependency: ElementId, component: ElementId, reason: LinkReason | None
) -> str:
    ids = f"{dependency} and {component}"
    if reason is not LinkReason.TECHNOLOGY:
        return ids
    items = (register.item(id) for id in (dependency, component))
    keys = [
        item.element.technology
        for item in items
        if item is not None and isinstance(item.element, ExternalDependency | Component)
    ]
    return f"{ids}. Technologies: {', '.join(dict.fromkeys(map(register.catalog.technology_name, keys)))}"


def _answer_links(entry: Entry) -> FormCommand:
    replies: list[object] = []
    for key in entry.values.by_key:
        dependency, _, component = element_of_key(key).partition("/")
        if component and (reply := entry.text(key)):
            replies.append({"dependency": dependency, "component": component, "same": reply == "same"})
    return entry.command(AnswerLinks, replies=replies)


LINKS = Form(
    name="links",
    command_type=AnswerLinks,
    ending=FormEnding.TEXT_WITHOUT_PAGE,
    row=element_of_key,
    title="Link dependencies",
    close="Later",
    parts=_links,
    build_command=_answer_links,
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


def lists_page(showing: PageData) -> View:
    """Return every list with its count, to open or to add to."""
    register, make = showing.register, ModelButtons(showing.target.stream, back="lists")
    blocks: list[Block] = []
    for kind in Kind:
        look = make.shows(
            "Browse",
            Target(name="register", kind=kind),
            suffix=f"look-{kind}",
            spoken=f"Browse {PLURAL[kind]}",
        )
        head = f"*{list_heading(kind)}*  {len(register.items(kind))}{_complete(register, kind)}"
        blocks += [section(head), actions(*_adding(make, register, kind), look)]
    return modal("Lists", blocks, target=showing.target)


def _complete(register: ThreatRegister, kind: Kind) -> str:
    return " · ✓ complete" if register.lists[kind].complete else ""


LISTS = Page(name="lists", show=lists_page)


def register_page(showing: PageData) -> View:
    """Return one list with the details of each element, or the element that the target names."""
    target, register = showing.target, showing.register
    kind, make = target.kind, ModelButtons(target.stream, back="register")
    if kind is None:
        raise StaleButton
    alone = [item for item in register.items(kind) if item.id == target.element]
    if alone:
        every = make.turns(f"All {PLURAL[kind]}", Target(name="register", kind=kind), suffix="all")
        buttons = actions(*_changing(make, register, alone[0]), every)
        return modal(list_heading(kind), [section(_described(register, alone[0])), buttons], target=target)
    shown = list_page(register.items(kind), target, _ON_A_PAGE)
    head = f"*{count_phrase(shown.of, SINGULAR[kind])}*{_complete(register, kind)}{_ORDER.get(kind, '')}"
    blocks = [
        section(head),
        *button_row(*_adding(make, register, kind), *_marking(make, register, kind)),
    ]
    for item in shown.items:
        # After a move the same page is shown again: the target carries its number.
        buttons = [*_moving(make, register, item, target.page), *_changing(make, register, item)]
        blocks += [divider(), section(_described(register, item)), *button_row(*buttons)]
    return modal(list_heading(kind), [*blocks, *page_buttons(shown, target)], target=target)


REGISTER = Page(name="register", show=register_page)


def _adding(make: ModelButtons, register: ThreatRegister, kind: Kind) -> list[Block]:
    if not register.allows(AddAsset):
        return []
    one_by_one = add_element_button(make, register, kind)
    if kind is not Kind.DATA_FLOW:
        return [one_by_one]
    return [one_by_one, make.opens("Add several", Target(name="flows", kind=kind), suffix="lines")]


def _marking(make: ModelButtons, register: ThreatRegister, kind: Kind) -> list[Block]:
    if not register.allows(CompleteRegister):
        return []
    buttons: list[Block] = []
    if kind in REGISTERS:
        complete = register.lists[kind].complete
        action = Action.REOPEN_REGISTER if complete else Action.COMPLETE_REGISTER
        label = "Mark incomplete" if complete else "Mark complete"
        buttons.append(make.does(label, Target(name=action, kind=kind)))
    if kind is Kind.COMPONENT and register.items(kind):
        selection = "" if register.unplaced else ALL
        placing = SelectionTarget(name="place", selection=selection, kind=kind)
        buttons.append(make.opens("Place components", placing))
    if kind in DETAILED_KINDS and len(register.items(kind)) > 1:
        buttons.append(make.opens("Describe all", Target(name="details", kind=kind)))
    return buttons


def _described(register: ThreatRegister, item: RegisterItem) -> str:
    """Return an element as lines: its name, its description, and what else is known about it."""
    description = escape(item.element.description, _DESCRIPTION) if item.element.description else ""
    known = [*_attributes(register, item), *_linked(register, item), *_assumed(register, item)]
    if item.crossing is not None and item.crossing.crosses:
        passed = ", ".join(element_name(register, id) for id in item.crossing.boundaries[:_NAMES])
        known.append(f"Crosses {passed}" if passed else "Crosses trust levels")
    return "\n".join(filter(None, (f"*{item_name(item)}* · {item.id}", description, " · ".join(known))))


def _attributes(register: ThreatRegister, item: RegisterItem) -> Iterator[str]:
    hidden = {"name", "description"}
    if not item.element.name:  # flows without a name are labeled by these elements
        hidden |= {"source", "target", "assets", "assets_back", "two_way"}
    for spec in FIELD_SPECS[item.kind]:
        value: Any = getattr(item.element, spec.key, None)
        if spec.key in hidden or not value:
            continue
        if spec.flag:
            yield spec.flag
            continue
        if spec.technology:
            text = escape(register.catalog.technology_name(value))
        elif isinstance(spec.of, Kind):
            ids = msgspec.convert(value if isinstance(value, tuple) else (value,), tuple[ElementId, ...])
            text = first_names([element_name(register, id) for id in ids], _NAMES)
        elif isinstance(value, StrEnum):
            text = value.value.replace("_", " ")
        else:
            text = escape(one_line(str(value)))
        yield f"{spec.label.rstrip('?…')}: {text}"


def _linked(register: ThreatRegister, item: RegisterItem) -> Iterator[str]:
    for link in register.links:
        if link.same and item.id in (link.dependency, link.component):
            other = link.component if item.id == link.dependency else link.dependency
            yield f"The same thing as {element_name(register, other)} ({other})"


def _assumed(register: ThreatRegister, item: RegisterItem) -> Iterator[str]:
    reasons = [one.assumed.reason for one in register.assumed if one.element == item.id]
    if reasons:
        yield f"Assumed: {escape('; '.join(dict.fromkeys(reasons)))}"


def _moving(make: ModelButtons, register: ThreatRegister, item: RegisterItem, page: int) -> list[Block]:
    """Return the buttons that swap a trust level with its neighbors; the least trusted is on top."""
    if item.kind is not Kind.TRUST_LEVEL or not register.allows(RemoveElement):
        return []
    levels = register.items(item.kind)
    return [
        make.does(
            label,
            Target(name=action, kind=item.kind, element=item.id, page=page),
            spoken=f"Move {item.id} {label.split()[1].lower()}",
        )
        for action, label, end in (
            (Action.MOVE_UP, "▲ Up", levels[0]),
            (Action.MOVE_DOWN, "▼ Down", levels[-1]),
        )
        if item.id != end.id
    ]


def _changing(make: ModelButtons, register: ThreatRegister, item: RegisterItem) -> list[Block]:
    if not register.allows(RemoveElement):
        return []
    about, spoken = Target(name="element", kind=item.kind, element=item.id), f"Remove {item.id}"
    changing = [make.opens("Revise", about, spoken=f"Revise {item.id}")]
    if len(register.items(item.kind)) > 1:
        merging = replace(about, name="merge_elements")
        changing.append(make.opens("Merge…", merging, spoken=f"Merge {item.id}"))
    if dependents(register, item.id):
        return [*changing, make.opens("Remove…", replace(about, name="remove_used"), spoken=spoken)]
    asked = confirm(
        f"{spoken}?",
        f"“{one_line(item.name)[:_ASKED]}” is removed from the model. Undo restores it.",
        yes="Remove",
        danger=True,
    )
    # After a removal the same page is shown again: the target carries its subject.
    removal = replace(about, name=Action.REMOVE)
    return [*changing, make.does("Remove", removal, spoken=spoken, confirm=asked)]


_ORDER = {Kind.TRUST_LEVEL: ", least trusted first"}
_ON_A_PAGE = 20
_DESCRIPTION = 300
_NAMES = 6
_ASKED = 200
