"""Facilitator and participants of a model, and the buttons that change them."""

from bot.slack.protocol.block_builders import Block, button, confirm
from bot.slack.protocol.escaping import clip, one_line
from bot.slack.protocol.interactions import Action, ButtonKind
from bot.slack.protocol.targets import Target
from bot.slack.screens.page_data import PageData
from bot.slack.ui.texts.common_texts import person_name
from domain.commands import ChooseLabels, ChooseParticipants, HandOver, ReviseScope, TakeOver
from domain.kernel.text_formatting import count_phrase


def people_text(showing: PageData) -> str:
    """Return the facilitator, and the number of participants."""
    register = showing.register
    facilitator = f"{person_name(showing.naming, register.facilitator)} is the facilitator"
    if not register.participants:
        return f"{facilitator}; all members of the channel participate"
    return f"{facilitator}; {count_phrase(len(register.participants), 'person', 'people')} participate"


def steering_buttons(showing: PageData) -> list[Block]:
    """Return the buttons that change the model as a whole."""
    stream, register = showing.target.stream, showing.register
    buttons: list[Block] = []
    for command, form, label in (
        (ReviseScope, "scope", "Name and scope"),
        (ChooseLabels, "labels", "Labels"),
        (ChooseParticipants, "participants", "Participants"),
        (HandOver, "hand_over", "Reassign facilitator"),
    ):
        if register.allows(command):
            target = Target(name=form, stream=stream, back=showing.target.name)
            buttons.append(button(label, ButtonKind.OPEN, target))
    buttons.append(button("Tracker", ButtonKind.SHOW, Target(name="trackers", stream=stream)))
    if register.allows(TakeOver) and showing.reader != register.facilitator:
        buttons.append(_take_over(showing))
    return buttons


def _take_over(showing: PageData) -> Block:
    facilitator = clip(one_line(showing.naming(showing.register.facilitator)), _NAME)
    return button(
        "Take over",
        ButtonKind.DO,
        Target(name=Action.TAKE_OVER, stream=showing.target.stream),
        confirm=confirm(
            "Take over as facilitator?",
            f"You replace {facilitator} as the facilitator. The change is posted in the thread.",
            yes="Take over",
        ),
    )


_NAME = 60
