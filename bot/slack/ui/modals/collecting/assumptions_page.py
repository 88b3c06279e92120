"""The page of what is taken for true."""

from bot.slack.protocol.block_builders import Block, View, actions, button, confirm, divider, modal, section
from bot.slack.protocol.escaping import clip, escape, one_line
from bot.slack.protocol.interactions import Deed, FormName, Page, Target, Trigger
from bot.slack.screens.page_data import Showing
from bot.slack.ui.modals.paging import leaf, turning
from bot.slack.ui.words.common_words import person
from domain.commands import RecordAssumption
from domain.elements import Assumption
from domain.phrasing import counted


def assumptions_page(showing: Showing) -> View:
    """Every assumption and who holds it, each to be revised or withdrawn."""
    target, register = showing.target, showing.register
    changing = register.allows(RecordAssumption)
    shown = leaf(register.assumptions, target, _ON_A_PAGE)
    blocks = [
        section(f"*{counted(shown.of, 'assumption')}*: what we take for true without having checked it.")
    ]
    if changing:
        adding = Target(what=FormName.ASSUMPTION, stream=target.stream, back=Page.ASSUMPTIONS)
        blocks.append(actions(button("Add", Trigger.OPEN, adding, spoken="Add assumption")))
    for one in shown.items:
        held = f"{one.id} · held by {person(showing.naming, one.held_by)}"
        blocks += [divider(), section(f"“{escape(one.text, _TEXT)}”\n{held}")]
        if changing:
            blocks.append(_changing(target, one))
    return modal("Assumptions", [*blocks, *turning(shown, target)], callback=Page.ASSUMPTIONS, target=target)


def _changing(target: Target, one: Assumption) -> Block:
    revising = Target(what=FormName.ASSUMPTION, stream=target.stream, element=one.id, back=Page.ASSUMPTIONS)
    withdrawal = Target(what=Deed.WITHDRAW_ASSUMPTION, stream=target.stream, element=one.id)
    asked = confirm(
        f"Withdraw {one.id}?",
        f"“{clip(one_line(one.text), _ASKED)}” does not hold any more?",
        yes="Withdraw",
        danger=True,
    )
    return actions(
        button("Revise", Trigger.OPEN, revising, spoken=f"Revise {one.id}"),
        button("Withdraw", Trigger.DO, withdrawal, spoken=f"Withdraw {one.id}", confirm=asked),
    )


_ON_A_PAGE = 20
_TEXT = 600
_ASKED = 200
