"""Confirmations after a command: the result, and the next step."""

from datetime import datetime

from bot.commands.command_handler import CommandResult
from bot.slack.protocol.block_builders import Block, View, actions, modal, section
from bot.slack.protocol.date_markup import local_time
from bot.slack.protocol.escaping import clip, ended, escape
from bot.slack.protocol.interactions import NOTICE
from bot.slack.protocol.targets import Target
from bot.slack.ui.modals.next_step_buttons import next_step_button
from domain.events import Erased
from domain.kernel.elements import PersonId
from domain.kernel.person_names import Naming, with_names
from domain.register import ThreatRegister
from domain.wording import mentioned_people, summarize_answer

_MAX_LENGTH = 300


def confirmation_sentence(done: CommandResult, naming: Naming) -> str:
    """Return one sentence about the result of a command, for its author."""
    recorded = [event for event in done.events if not isinstance(event, Erased)]
    if not recorded:
        return "No change: everything is saved already."
    text = summarize_answer(recorded, done.model)
    if len(recorded) > 1 and recorded[0].undoes is not None:
        # Several events are summarized by counts: otherwise an undo would read as a new answer.
        text = f"undid your last change: {text}"
    text = with_names(text, {person for event in recorded for person in mentioned_people(event)}, naming)
    return f"You {ended(clip(text, _MAX_LENGTH))}"


def waiting_modal(sentence: str, target: Target) -> View:
    """Return the modal that is shown while a pending request is checked."""
    return modal("One moment", [section(escape(sentence))], callback=NOTICE, target=target)


def saved_modal(
    sentence: str,
    target: Target,
    register: ThreatRegister,
    naming: Naming,
    reader: PersonId,
    *,
    changed: bool = True,
) -> View:
    """Return the modal after a form: the result, the next step, and a button if the reader may do it."""
    waits = register.next.waits_for
    others = reader in register.next.not_for or (waits is not None and waits != reader)
    whom = f" Waiting for {escape(naming(waits))}." if waits is not None and waits != reader else ""
    blocks: list[Block] = [
        section(f"{'✓' if changed else '⚠'} {escape(sentence)}"),
        section(f"*Next:* {escape(register.next.text)}.{whom}"),
    ]
    pressed = None if others else next_step_button(target.stream, register, in_place=True)
    if pressed:
        blocks.append(actions(pressed))
    return modal(
        "Saved" if changed else "Nothing changed", blocks, callback=NOTICE, target=target, close="Done"
    )


def snoozed_modal(sentence: str, target: Target, until: datetime | None) -> View:
    """Return the modal after a reminder was snoozed, with the end of the snooze."""
    blocks = [section(f"✓ {escape(sentence)}")]
    if until is not None:
        blocks.append(section(f"It returns {local_time(until)}."))
    return modal("Snoozed", blocks, callback=NOTICE, target=target, close="Done")
