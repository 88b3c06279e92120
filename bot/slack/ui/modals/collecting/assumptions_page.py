"""Page of assumptions."""

from bot.slack.protocol.block_builders import Block, View, actions, button, confirm, divider, modal, section
from bot.slack.protocol.escaping import clip, escape, one_line
from bot.slack.protocol.interactions import Action, ButtonKind
from bot.slack.protocol.targets import Target
from bot.slack.screens.page_data import PageData
from bot.slack.ui.modals.collecting.technology_assumptions_form import assumptions_to_confirm
from bot.slack.ui.modals.page_declaration import Page
from bot.slack.ui.modals.paging import list_page, page_buttons
from bot.slack.ui.texts.common_texts import person_name
from domain.commands import AdoptCatalog, ConfirmAssumptions, RecordAssumption
from domain.kernel.elements import Assumption
from domain.kernel.text_formatting import count_phrase
from domain.register import ThreatRegister


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
