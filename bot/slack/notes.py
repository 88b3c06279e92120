"""What is said after something was saved: what it was, and what comes next."""

from bot.slack.blocks import Block, View, actions, button, modal, section
from bot.slack.text import clip, escape
from bot.slack.triggers import FormName, Page, Target, Trigger
from bot.workshop import Done
from domain.events import Erased
from domain.naming import Naming, with_names
from domain.next_action import Act
from domain.register import ThreatRegister
from domain.wording import mentioned, summed_up

_MOST = 300

_FORM_OF = {
    Act.NAME: (FormName.NAMES, "Name what there is"),
    Act.DRAW: (FormName.FLOWS, "Write data flows"),
    Act.PLACE: (FormName.PLACE, "Place components"),
    Act.ANSWER: (FormName.QUESTIONS, "Answer questions"),
}


def told(done: Done, naming: Naming) -> str:
    """What a command led to, in one sentence to the person who gave it."""
    said = [event for event in done.events if not isinstance(event, Erased)]
    if not said:
        return "Nothing had to be changed."
    text = summed_up(said, done.model)
    if len(said) > 1 and said[0].undoes is not None:
        # Of many events only the counts are told: without this an undo would read as a new answer.
        text = f"took back your last answer: {text}"
    text = with_names(text, {person for event in said for person in mentioned(event)}, naming)
    return f"You {clip(text, _MOST)}."


def one_moment(sentence: str, target: Target) -> View:
    """A modal that waits for what was kept to be checked."""
    return modal("One moment", [section(escape(sentence))], callback=Page.NOTICE, target=target)


def saved(sentence: str, target: Target, register: ThreatRegister, naming: Naming) -> View:
    """A modal at the end of a form: what was saved, and a button for what comes next."""
    waits = register.next.waits_for
    whom = f" It waits for {escape(naming(waits))}." if waits else ""
    blocks: list[Block] = [
        section(f"✓ {escape(sentence)}"),
        section(f"*Next:* {escape(register.next.text)}.{whom}"),
    ]
    following = _FORM_OF.get(register.next.act)
    if following:
        form, label = following
        blocks.append(
            actions(button(label, Trigger.TURN, Target(what=form, stream=target.stream), style="primary"))
        )
    return modal("Saved", blocks, callback=Page.NOTICE, target=target, close="Done")
