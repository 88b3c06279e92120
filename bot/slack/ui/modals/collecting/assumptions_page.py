"""Page of assumptions and its forms."""

from collections.abc import Sequence
from itertools import groupby

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
from bot.slack.protocol.escaping import clip, escape, one_line
from bot.slack.protocol.targets import Action, StaleButton
from bot.slack.screens.page_data import PageData
from bot.slack.ui.forms.common_fields import add_another_checkbox, form_for_another
from bot.slack.ui.forms.form import Entry, Form, FormCommand, FormContext, WriteEffect, adds_or_revises
from bot.slack.ui.forms.form_fields import (
    CheckboxesField,
    FormPart,
    Option,
    Paragraph,
    PersonField,
    TextField,
)
from bot.slack.ui.modals.page_declaration import Page, list_page, page_buttons
from bot.slack.ui.model_buttons import ModelButtons
from bot.slack.ui.texts.common_texts import person_name
from domain.built_in_catalog import BUILT_IN
from domain.commands import (
    AdoptCatalog,
    ConfirmAssumptions,
    RecordAssumption,
    ReviseAssumption,
)
from domain.kernel.length_limits import TEXT
from domain.kernel.text_formatting import count_phrase
from domain.register import AssumedItem, ThreatRegister


def _assumption(opening: FormContext) -> Sequence[FormPart]:
    target = opening.target
    old = next((each for each in opening.required_register.assumptions if each.id == target.element), None)
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
            key="held_by", label="Owner", initial=old.held_by if old else opening.person, required=True
        ),
        *([] if old else [add_another_checkbox(target, "assumption")]),
    ]


ASSUMPTION = Form(
    name="assumption",
    writes=adds_or_revises,
    command_type=RecordAssumption,
    single_element=True,
    title=lambda opening: "Revise assumption" if opening.target.element else "Add assumption",
    parts=_assumption,
    build_command=lambda entry: (
        entry.command(ReviseAssumption, "assumption")
        if entry.target.element
        else entry.command(RecordAssumption)
    ),
    next_form=form_for_another,
)


NOTHING_ASSUMED = "There are no assumptions to confirm."


def assumptions_to_confirm(register: ThreatRegister) -> tuple[AssumedItem, ...]:
    """Return what is assumed in place of an answer, or suggested as one."""
    return tuple(item for item in register.assumed if item.suggested or item.skips)


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
    options: list[Option] = []
    for item in some:
        id = f" ({item.element})"  # it stays readable behind the longest name
        text = f"{clip(one_line(item.name), slack_limits.OPTION - len(id))}{id}"
        options.append(Option(value=f"{item.element}/{item.assumed.fact}", text=text))
    known = BUILT_IN.facts.get(fact)
    return CheckboxesField(
        key=f"assumed/{some[0].element}/{fact}",
        label=f"{known.question} {assumed.answer.label.capitalize()}" if known else fact,
        hint=f"{reason}. {assumed.url}" if first else "",
        options=tuple(options),
        initial=tuple(option.value for option in options),
        suggested=True,
    )


def _confirm(entry: Entry) -> FormCommand:
    ticked = [about.partition("/") for key in entry.values.by_key for about in entry.values.many(key)]
    facts = [{"element": element, "fact": fact} for element, _, fact in ticked]
    return entry.command(ConfirmAssumptions, facts=facts)


CONFIRM_ASSUMPTIONS = Form(
    name="confirm_assumptions",
    writes=WriteEffect.ADDS,
    command_type=ConfirmAssumptions,
    nothing_open=lambda register: "" if assumptions_to_confirm(register) else NOTHING_ASSUMED,
    title="Confirm assumptions",
    submit="Confirm",
    close="Later",
    parts=_parts,
    build_command=_confirm,
)

_TICKS = 10
_FIELDS = 60


def assumptions_page(showing: PageData) -> View:
    """Return every assumption and its holder, each to be revised or withdrawn."""
    target, register = showing.target, showing.register
    make, changing = ModelButtons(target.stream, back="assumptions"), register.allows(RecordAssumption)
    shown = list_page(register.assumptions, target, _ON_A_PAGE)
    blocks = [section(f"*{count_phrase(shown.of, 'assumption')}*: accepted as true without verification.")]
    if changing:
        blocks.append(actions(make.opens("Add", "assumption", spoken="Add assumption")))
    blocks += _of_technologies(make, register)
    for each in shown.items:
        held = f"{each.id} · owner: {person_name(showing.naming, each.held_by)}"
        blocks += [divider(), section(f"“{escape(each.text, _TEXT)}”\n{held}")]
        if changing:
            asked = confirm(
                f"Withdraw {each.id}?",
                f"“{clip(one_line(each.text), _ASKED)}” is no longer assumed. Undo restores it.",
                yes="Withdraw",
                danger=True,
            )
            spoken = f"Withdraw {each.id}"
            blocks.append(
                actions(
                    make.opens("Revise", "assumption", each.id, spoken=f"Revise {each.id}"),
                    make.does("Withdraw", Action.WITHDRAW_ASSUMPTION, each.id, spoken=spoken, confirm=asked),
                )
            )
    return modal("Assumptions", [*blocks, *page_buttons(shown, target)], target=target)


ASSUMPTIONS = Page(name="assumptions", show=assumptions_page)


def _of_technologies(make: ModelButtons, register: ThreatRegister) -> list[Block]:
    """Return what follows from technologies and protocols: how much there is to confirm, or to update."""
    if not register.assumed and not register.outdated:
        return []
    waiting, buttons = len(assumptions_to_confirm(register)), list[Block]()
    lines = [f"*From technologies and protocols*: {len(register.assumed)} assumed, {waiting} to confirm"]
    if waiting and register.allows(ConfirmAssumptions):
        buttons.append(make.opens("Confirm…", "confirm_assumptions", spoken="Confirm assumptions"))
    if register.outdated:
        number = count_phrase(len(register.outdated), "element")
        lines.append(f"The current catalog implies other assumptions for {number}.")
        if register.allows(AdoptCatalog):
            buttons.append(make.does("Update assumptions", Action.ADOPT_CATALOG))
    return [divider(), section("\n".join(lines)), *button_row(*buttons)]


_ON_A_PAGE = 20
_TEXT = 600
_ASKED = 200
