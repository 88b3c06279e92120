"""Short card, used if Slack rejects the full one as too long."""

from bot.slack.protocol.block_builders import Message, actions, button, context, header, message, section
from bot.slack.protocol.escaping import clip, escape, escape_name, one_line
from bot.slack.protocol.interactions import ButtonKind
from bot.slack.protocol.targets import Target
from bot.slack.ui.modals.next_step_buttons import next_step_button
from bot.slack.ui.texts.common_texts import imported_line
from domain.kernel.person_names import Naming
from domain.register import ThreatRegister


def short_card(stream: str, register: ThreatRegister, naming: Naming) -> Message:
    """Return a short card: name, next step, and the two main buttons."""
    title = f"{clip(one_line(register.name), _NAME) or 'Threat model'} · {register.key}"
    next_words = escape(one_line(register.next.text), _NEXT)
    more = button("More…", ButtonKind.SHOW, Target(name="more", stream=stream))
    pressed = next_step_button(stream, register)
    return message(
        f"{escape_name(register.name, _NAME)} ({register.key}). Next: {next_words}.",
        [
            header(title),
            section(f"*Next: {next_words}*"),
            actions(*(one for one in (pressed, more) if one)),
            *([context(imported)] if (imported := imported_line(register, naming)) else []),
            context("Slack temporarily shows a shortened card. No data is lost."),
        ],
    )


_NAME = 100
_NEXT = 300
