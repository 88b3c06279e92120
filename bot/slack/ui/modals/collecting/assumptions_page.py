"""Page of assumptions and its forms."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby

import msgspec

from bot.slack.protocol import slack_limits
from bot.slack.protocol.block_builders import Block, View, actions, button, confirm, divider, modal, section
from bot.slack.protocol.escaping import clip, escape, one_line
from bot.slack.protocol.targets import Action, ButtonKind, StaleButton, Target
from bot.slack.screens.page_data import PageData
from bot.slack.ui.forms.common_fields import add_another_checkbox, form_for_another
from bot.slack.ui.forms.form import Form, FormCommand, FormContext, WriteEffect, adds_or_revises
from bot.slack.ui.forms.form_fields import (
    CheckboxesField,
    FormPart,
    Option,
    Paragraph,
    PersonField,
    SubmittedValues,
    TextField,
)
from bot.slack.ui.modals.page_declaration import Page, list_page, page_buttons
from bot.slack.ui.texts.common_texts import person_name
from domain.built_in_catalog import BUILT_IN
from domain.commands import (
    AdoptCatalog,
    Command,
    ConfirmAssumptions,
    RecordAssumption,
    ReviseAssumption,
)
from domain.kernel.elements import Assumption, AssumptionId, PersonId
from domain.kernel.length_limits import TEXT
from domain.kernel.text_formatting import count_phrase
from domain.register import AssumedItem, ThreatRegister


def _assumption(opening: FormContext) -> Sequence[FormPart]:
    target = opening.target
    old = next((one for one in opening.required_register.assumptions if one.id == target.element), None)
    if target.element and old is None:
        raise StaleButton("This assumption is not in this model.")
    return [
        TextField(
            key="text",
            label="Assumption",
            placeholder="The VPN requires multi-factor authentication.",
            limit=TEXT,
            lines=True,
            required=True,
            initial=old.text if old else "",
        ),
        PersonField(
            key="held_by",
            label="Owner",
            initial=old.held_by if old else opening.person,
            required=True,
        ),
        *([] if old else [add_another_checkbox(target, "assumption")]),
    ]


def _make_assumption(values: SubmittedValues, target: Target, by: PersonId, at: datetime) -> Command:
    text, held_by = values.text("text"), values.person("held_by")
    if target.element:
        return ReviseAssumption(
            by=by, at=at, assumption=AssumptionId(target.element), text=text, held_by=held_by
        )
    return RecordAssumption(by=by, at=at, text=text, held_by=held_by)


ASSUMPTION = Form(
    name="assumption",
    writes=adds_or_revises,
    command_type=RecordAssumption,
    single_element=True,
    title=lambda opening: "Revise assumption" if opening.target.element else "Add assumption",
    submit="Save",
    parts=_assumption,
    build_command=_make_assumption,
    next_form=form_for_another,
)


NOTHING_ASSUMED = "There are no assumptions to confirm."


def assumptions_to_confirm(register: ThreatRegister) -> tuple[AssumedItem, ...]:
    """Return what is assumed in place of an answer, or suggested as one."""
    return tuple(one for one in register.assumed if one.suggested or one.skips)


def _parts(opening: FormContext) -> Sequence[FormPart]:
    items = sorted(assumptions_to_confirm(opening.required_register), key=_alike)
    if not items:
        return [Paragraph(text=NOTHING_ASSUMED)]
    parts: list[FormPart] = [
        Paragraph(
            text=(
                "These answers are assumed from technologies and protocols. Deselect wrong ones; they "
                "remain open questions. *Confirm* records the others as your answers."
            )
        )
    ]
    fields = [
        _field(fact, reason, alike[start : start + _TICKS], first=not start)
        for (fact, reason), group in groupby(items, key=_alike)
        for alike in (list(group),)
        for start in range(0, len(alike), _TICKS)
    ]
    parts += fields[:_FIELDS]
    if len(fields) > _FIELDS:
        parts.append(Paragraph(text="Open this form again for the remaining assumptions."))
    return parts


def _alike(one: AssumedItem) -> tuple[str, str]:
    return one.assumed.fact, one.assumed.reason


def _field(fact: str, reason: str, some: Sequence[AssumedItem], *, first: bool) -> CheckboxesField:
    assumed = some[0].assumed
    options = tuple(Option(value=f"{one.element}/{one.assumed.fact}", text=_named(one)) for one in some)
    return CheckboxesField(
        key=f"assumed/{some[0].element}/{fact}",
        label=f"{BUILT_IN.facts[fact].question} {assumed.answer.label.capitalize()}"
        if fact in BUILT_IN.facts
        else fact,
        hint=f"{reason}. {assumed.url}" if first else "",
        options=options,
        initial=tuple(one.value for one in options),
        suggested=True,
    )


def _named(one: AssumedItem) -> str:
    """Return the name and the ID, which stays readable behind the longest name."""
    id = f" ({one.element})"
    return f"{clip(one_line(one.name), slack_limits.OPTION - len(id))}{id}"


def _make(values: SubmittedValues, target: Target, by: PersonId, at: datetime) -> FormCommand:
    del target
    ticked = [one.partition("/") for key in values.by_key for one in values.many(key)]
    facts = [{"element": element, "fact": fact} for element, _, fact in ticked]
    return msgspec.convert({"facts": facts, "by": by, "at": at}, ConfirmAssumptions)


CONFIRM_ASSUMPTIONS = Form(
    name="confirm_assumptions",
    writes=WriteEffect.ADDS,
    command_type=ConfirmAssumptions,
    nothing_open=lambda register: "" if assumptions_to_confirm(register) else NOTHING_ASSUMED,
    title="Confirm assumptions",
    submit="Confirm",
    close="Later",
    parts=_parts,
    build_command=_make,
)

_TICKS = 10
_FIELDS = 60


def assumptions_page(showing: PageData) -> View:
    """Return every assumption and its holder, each to be revised or withdrawn."""
    target, register = showing.target, showing.register
    changing = register.allows(RecordAssumption)
    shown = list_page(register.assumptions, target, _ON_A_PAGE)
    blocks = [section(f"*{count_phrase(shown.of, 'assumption')}*: accepted as true without verification.")]
    if changing:
        adding = Target(name="assumption", stream=target.stream, back="assumptions")
        blocks.append(actions(button("Add", ButtonKind.OPEN, adding, spoken="Add assumption")))
    blocks += _of_technologies(target, register)
    for one in shown.items:
        held = f"{one.id} · owner: {person_name(showing.naming, one.held_by)}"
        blocks += [divider(), section(f"“{escape(one.text, _TEXT)}”\n{held}")]
        if changing:
            blocks.append(_changing(target, one))
    return modal("Assumptions", [*blocks, *page_buttons(shown, target)], target=target)


ASSUMPTIONS = Page(name="assumptions", show=assumptions_page)


def _of_technologies(target: Target, register: ThreatRegister) -> list[Block]:
    """Return what follows from technologies and protocols: how much there is to confirm, or to update."""
    waiting, buttons = len(assumptions_to_confirm(register)), list[Block]()
    lines = [f"*From technologies and protocols*: {len(register.assumed)} assumed, {waiting} to confirm"]
    if waiting and register.allows(ConfirmAssumptions):
        form = Target(name="confirm_assumptions", stream=target.stream, back="assumptions")
        buttons.append(button("Confirm…", ButtonKind.OPEN, form, spoken="Confirm assumptions"))
    if register.outdated:
        number = count_phrase(len(register.outdated), "element")
        lines.append(f"The current catalog implies other assumptions for {number}.")
        if register.allows(AdoptCatalog):
            adopting = Target(name=Action.ADOPT_CATALOG, stream=target.stream)
            buttons.append(button("Update assumptions", ButtonKind.DO, adopting))
    if not register.assumed and not register.outdated:
        return []
    return [divider(), section("\n".join(lines)), *([actions(*buttons)] if buttons else [])]


def _changing(target: Target, one: Assumption) -> Block:
    revising = Target(name="assumption", stream=target.stream, element=one.id, back="assumptions")
    withdrawal = Target(name=Action.WITHDRAW_ASSUMPTION, stream=target.stream, element=one.id)
    asked = confirm(
        f"Withdraw {one.id}?",
        f"“{clip(one_line(one.text), _ASKED)}” is no longer assumed. Undo restores it.",
        yes="Withdraw",
        danger=True,
    )
    return actions(
        button("Revise", ButtonKind.OPEN, revising, spoken=f"Revise {one.id}"),
        button("Withdraw", ButtonKind.DO, withdrawal, spoken=f"Withdraw {one.id}", confirm=asked),
    )


_ON_A_PAGE = 20
_TEXT = 600
_ASKED = 200
