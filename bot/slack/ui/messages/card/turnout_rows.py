"""Card rows about open rounds: turnout without any votes."""

from collections.abc import Sequence
from datetime import datetime

from bot.slack.protocol.block_builders import Block, actions, button, confirm, context, section
from bot.slack.protocol.date_markup import local_time
from bot.slack.protocol.interactions import Action, ButtonKind, Target
from bot.slack.ui.words.common_words import person_name
from domain.kernel.elements import PersonId
from domain.kernel.person_names import Naming
from domain.kernel.text_formatting import count_phrase
from domain.register import ThreatRegister
from domain.voting.turnout import Turnout
from domain.wording.secrecy_notices import attribution_words


def turnout_rows(stream: str, register: ThreatRegister, naming: Naming) -> list[Block]:
    """Return each open round with its turnout and its buttons.

    If a round is the next step, its row says so, because a card has little room. Of many rounds, those that
    need an action come first, then those that end first.
    """
    rows: list[Block] = []
    pressing = sorted(register.rounds, key=lambda one: _pressing(one, register))[:_ROUNDS]
    for one in register.rounds:
        if one in pressing:
            ahead = "Next: " if register.next.round == one.round else ""
            rows += [section(_words(one, naming, ahead=ahead)), actions(*_buttons(stream, one))]
    left = [one for one in register.rounds if one not in pressing]
    if left:
        threats = count_phrase(sum(len(one.asks) for one in left), "threat")
        more = f"and {count_phrase(len(left), 'more round')} on {threats}. *Vote* leads through all of them."
        rows.append(context(more))
    return rows


def _pressing(one: Turnout, register: ThreatRegister) -> tuple[bool, bool, bool, datetime]:
    return register.next.round != one.round, not one.to_settle, not one.quorum_met, one.deadline


def turnout_words(one: Turnout) -> str:
    """Return how many of those invited have voted: `4 of 6 voted`."""
    return f"{one.cast} of {len(one.voters)} voted"


def _words(one: Turnout, naming: Naming, *, ahead: str) -> str:
    threats, until = count_phrase(len(one.asks), "threat"), local_time(one.deadline)
    if one.to_settle:
        what, time = f"settle the round about {threats}", f"its time was over {until}, and too few voted"
    else:
        again = " again on what is contested of" if one.revote_of is not None else " on"
        what, time = f"vote{again} {threats}", f"until {until}" + (", extended" if one.extended else "")
    what = f"{ahead}{what}" if ahead else what.capitalize()
    lines = [f"*{what}* ({one.round}) · *{turnout_words(one)}* · {time}"]
    if one.waits_for:
        lines.append(f"Waits for {_names(one.waits_for, naming)}")
    elif one.missing:
        lines.append(f"Waits for {count_phrase(one.missing, 'voter')}")
    if attribution_words(one.panel):
        lines.append(attribution_words(one.panel))
    return "\n".join(lines)


def _buttons(stream: str, one: Turnout) -> list[Block]:
    buttons: list[Block] = []
    if one.to_settle:
        settle = Target(name="settle_round", stream=stream, deed=one.round)
        extend = Target(name=Action.EXTEND_ROUND, stream=stream, element=one.round)
        buttons.append(button("Extend", ButtonKind.DO, extend, suffix=f"extend-{one.round}"))
        buttons.append(button("Settle…", ButtonKind.OPEN, settle, suffix=f"settle-{one.round}"))
    else:
        vote = Target(name="vote", stream=stream, deed=one.round)
        buttons.append(
            button(
                "Vote",
                ButtonKind.WORD,
                vote,
                suffix=f"vote-{one.round}",
                spoken=f"Vote, round {one.round}",
                style="primary",
            )
        )
    if one.quorum_met and not one.to_settle:
        close = Target(name=Action.CLOSE_ROUND, stream=stream, element=one.round)
        asked = confirm(
            "Close the round?",
            f"{turnout_words(one)}. The result is shown to everybody, and nobody can vote any more.",
            yes="Close",
        )
        buttons.append(
            button("Close the round", ButtonKind.DO, close, suffix=f"close-{one.round}", confirm=asked)
        )
    return buttons


def _names(people: Sequence[PersonId], naming: Naming) -> str:
    named = [person_name(naming, one) for one in people[:_MOST]]
    more = [f"{len(people) - _MOST} more"] if len(people) > _MOST else []
    return ", ".join([*named, *more])


_MOST = 8
_ROUNDS = 4
