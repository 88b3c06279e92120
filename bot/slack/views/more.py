"""The page of everything that is not needed every day."""

from bot.slack.blocks import Block, View, actions, button, confirm, modal, section
from bot.slack.deeds import MOVES
from bot.slack.forms.steering import MOVE_WORDS
from bot.slack.text import clip, name, one_line
from bot.slack.triggers import ALL, Deed, FormName, Page, Target, Trigger
from bot.slack.views.card import steps
from bot.slack.views.showing import Showing
from bot.slack.views.wording import counted, heading, person
from domain.commands import ChooseParticipants, DrawFlows, HandOver, ReviseScope, TakeOver
from domain.elements import Kind
from domain.register import ThreatRegister


def more_page(showing: Showing) -> View:
    """Lists, quick ways, history, people, and the moves between phases."""
    stream, register = showing.target.stream, showing.register
    rows = [
        section(f"*{name(register.name)}* · {register.key}"),
        *_group("*Lists*: look through, revise, remove", _lists(stream, register)),
        *_group("*The quick way*: many at once", _quickly(stream, register)),
        *_group(f"*People*: {_people(showing)}", _steering(showing)),
        *_group(f"*Phase*: {steps(register.phase)}", _moves(stream, register)),
    ]
    return modal("More", rows, callback=Page.MORE, target=showing.target)


def _group(title: str, buttons: list[Block]) -> list[Block]:
    return [section(title), actions(*buttons)] if buttons else []


def _lists(stream: str, register: ThreatRegister) -> list[Block]:
    lists = [
        button(
            f"{heading(kind)} ({len(register.items(kind))})",
            Trigger.SHOW,
            Target(what=Page.REGISTER, stream=stream, kind=kind),
            suffix=kind,
        )
        for kind in Kind
    ]
    pages = (
        (Page.ASSUMPTIONS, f"Assumptions ({len(register.assumptions)})"),
        (Page.SEEN, "What came up"),
        (Page.HISTORY, "History and undo"),
    )
    return [
        *lists,
        *(button(label, Trigger.SHOW, Target(what=page, stream=stream)) for page, label in pages),
    ]


def _quickly(stream: str, register: ThreatRegister) -> list[Block]:
    if not register.allows(DrawFlows):
        return []
    forms = [(FormName.NAMES, "Names", ""), (FormName.FLOWS, "Data flows as lines", "")]
    if register.items(Kind.COMPONENT):
        forms.append((FormName.PLACE, "Place components", "" if register.unplaced else ALL))
    return [
        button(label, Trigger.OPEN, Target(what=form, stream=stream, deed=deed))
        for form, label, deed in forms
    ]


def _people(showing: Showing) -> str:
    register = showing.register
    facilitator = f"{person(showing.naming, register.facilitator)} is the facilitator"
    if not register.participants:
        return f"{facilitator}; everybody in the channel takes part"
    return f"{facilitator}; {counted(len(register.participants), 'person', 'people')} take part"


def _steering(showing: Showing) -> list[Block]:
    stream, register = showing.target.stream, showing.register
    buttons: list[Block] = []
    for command, form, label in (
        (ReviseScope, FormName.SCOPE, "Name and scope"),
        (ChooseParticipants, FormName.PARTICIPANTS, "Participants"),
        (HandOver, FormName.HAND_OVER, "Hand over"),
    ):
        if register.allows(command):
            buttons.append(button(label, Trigger.OPEN, Target(what=form, stream=stream)))
    if register.allows(TakeOver):
        buttons.append(_take_over(showing))
    return buttons


def _take_over(showing: Showing) -> Block:
    facilitator = clip(one_line(showing.naming(showing.register.facilitator)), _NAME)
    return button(
        "Take over",
        Trigger.DO,
        Target(what=Deed.TAKE_OVER, stream=showing.target.stream),
        confirm=confirm(
            "Take over?",
            f"You become the facilitator in place of {facilitator}. Everybody sees it.",
            yes="Take over",
        ),
    )


def _moves(stream: str, register: ThreatRegister) -> list[Block]:
    return [
        button(
            MOVE_WORDS[deed],
            Trigger.OPEN,
            Target(what=FormName.MOVE, stream=stream, deed=deed),
            suffix=deed,
        )
        for deed, command in MOVES.items()
        if register.allows(command)
    ]


_NAME = 60
