"""Card rows about open rounds: turnout without any votes."""

from collections.abc import Sequence
from datetime import datetime

from bot.slack.protocol.block_builders import Block, actions, button, confirm, context, section
from bot.slack.protocol.date_markup import local_time
from bot.slack.protocol.interactions import Action, ButtonKind
from bot.slack.protocol.targets import Target, VotingTarget, WordTarget
from bot.slack.ui.texts.common_texts import person_name
from domain.kernel.elements import PersonId
from domain.kernel.person_names import Naming
from domain.kernel.text_formatting import count_phrase
from domain.register import ThreatRegister
from domain.voting.turnout import Turnout
from domain.wording.secrecy_notices import attribution_notice


def turnout_rows(stream: str, register: ThreatRegister, naming: Naming) -> list[Block]:
    """Return each open round with its turnout and its buttons.

    If a round is the next step, its row says so, because a card has little room. Of many rounds, those that
    need an action come first, then those that end first.
    """
    rows: list[Block] = []
    pressing = sorted(register.rounds, key=lambda turnout: _urgency(turnout, register))[:_ROUNDS]
    for turnout in register.rounds:
        if turnout in pressing:
            ahead = "Next: " if register.next.round == turnout.round else ""
            rows += [section(_words(turnout, naming, ahead=ahead)), actions(*_buttons(stream, turnout))]
    left = [turnout for turnout in register.rounds if turnout not in pressing]
    if left:
        threats = count_phrase(sum(len(turnout.asks) for turnout in left), "threat")
        more = f"and {count_phrase(len(left), 'more round')} on {threats}. *Vote* covers all of them."
        rows.append(context(more))
    return rows


def _urgency(turnout: Turnout, register: ThreatRegister) -> tuple[bool, bool, bool, datetime]:
    return (
        register.next.round != turnout.round,
        not turnout.to_settle,
        not turnout.quorum_met,
        turnout.deadline,
    )


def turnout_text(turnout: Turnout) -> str:
    """Return how many of those invited have voted: `4 of 6 voted`."""
    return f"{turnout.cast} of {len(turnout.voters)} voted"


def _progress(turnout: Turnout) -> list[str]:
    """Return the progress of a long round, in which few have cast their last ballot for most of the time."""
    if len(turnout.asks) <= _SHORT_ROUND or turnout.ballots == turnout.ballots_expected:
        return []
    return [f"{turnout.ballots} of {turnout.ballots_expected} ballots"]


def _words(turnout: Turnout, naming: Naming, *, ahead: str) -> str:
    threats, until = count_phrase(len(turnout.asks), "threat"), local_time(turnout.deadline)
    if turnout.to_settle:
        what, time = f"close the round on {threats}", f"ended {until} without a quorum"
    else:
        again = " again" if turnout.revote_of is not None else ""
        what, time = (
            f"vote{again} on {threats}",
            f"until {until}" + (", extended" if turnout.extended else ""),
        )
    what = f"{ahead}{what.capitalize()}"
    progress = [f"*{turnout_text(turnout)}*", *_progress(turnout)]
    lines = [" · ".join([f"*{what}* ({turnout.round})", *progress, time])]
    if turnout.waits_for:
        lines.append(f"Waiting for {_names(turnout.waits_for, naming)}")
    elif turnout.missing:
        lines.append(f"Waiting for {count_phrase(turnout.missing, 'voter')}")
    if attribution_notice(turnout.panel):
        lines.append(attribution_notice(turnout.panel))
    return "\n".join(lines)


def _buttons(stream: str, turnout: Turnout) -> list[Block]:
    buttons: list[Block] = []
    if turnout.to_settle:
        settle = VotingTarget(name="settle_round", stream=stream, voting_round=turnout.round)
        extend = Target(name=Action.EXTEND_ROUND, stream=stream, element=turnout.round)
        buttons.append(button("Extend", ButtonKind.DO, extend, suffix=f"extend-{turnout.round}"))
        buttons.append(button("Close anyway…", ButtonKind.OPEN, settle, suffix=f"settle-{turnout.round}"))
    else:
        vote = WordTarget(name="vote", stream=stream, argument=turnout.round)
        buttons.append(
            button(
                "Vote",
                ButtonKind.WORD,
                vote,
                suffix=f"vote-{turnout.round}",
                spoken=f"Vote, round {turnout.round}",
                style="primary",
            )
        )
    if turnout.quorum_met and not turnout.to_settle:
        close = Target(name=Action.CLOSE_ROUND, stream=stream, element=turnout.round)
        asked = confirm(
            "Close this round?",
            f"{turnout_text(turnout)}. Voting ends, and everyone sees the result.",
            yes="Close",
        )
        buttons.append(
            button("Close round", ButtonKind.DO, close, suffix=f"close-{turnout.round}", confirm=asked)
        )
    return buttons


def _names(people: Sequence[PersonId], naming: Naming) -> str:
    named = [person_name(naming, turnout) for turnout in people[:_MAX_NAMES]]
    more = [f"{len(people) - _MAX_NAMES} more"] if len(people) > _MAX_NAMES else []
    return ", ".join([*named, *more])


_MAX_NAMES = 8
_SHORT_ROUND = 5
_ROUNDS = 4
