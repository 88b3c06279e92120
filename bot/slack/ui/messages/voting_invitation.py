"""Direct message that invites a voter to a round, kept current until the round ends."""

from collections.abc import Sequence

import msgspec

from bot.slack.protocol.block_builders import Block, Message, actions, button, context, message, section
from bot.slack.protocol.date_markup import local_time
from bot.slack.protocol.escaping import escape_name
from bot.slack.protocol.interactions import ButtonKind
from bot.slack.protocol.targets import RatingTarget, Target, WordTarget
from domain.dread.metrics import BallotLength
from domain.kernel.text_formatting import count_phrase
from domain.kernel.voting_round import Round, RoundId
from domain.voting.extreme_numbers import Extreme
from domain.voting.voting_effort import voting_effort
from domain.wording.secrecy_notices import secrecy_notice


class Invitation(msgspec.Struct, frozen=True, kw_only=True):
    """Invitation of one voter to a round with `panel` voters: `owed` of `threats` ballots are missing.

    In a second vote, `contested` threats are voted on again, and `follow_ups` have metrics that quick ballots
    left out. `extremes` are numbers that the voter is asked to explain, in a second vote those of the first.
    `leaving` means that the round no longer waits for them.
    """

    stream: str
    model: str
    key: str
    round: Round
    threats: int
    owed: int
    panel: int
    contested: int = 0
    follow_ups: int = 0
    extremes: Sequence[Extreme] = ()
    leaving: bool = False


def invitation_message(invited: Invitation) -> Message:
    """Return the invitation of a voter, or the message that nothing is left to do."""
    model = f"*{escape_name(invited.model)}* ({invited.key})"
    if invited.round.ending is not None:
        said = f"The voting round in {model} has ended. The result is in the thread of its card."
        if not invited.extremes:
            return message(_plain(said), [section(said)])
        asked = f"{said} {_far_text(len(invited.extremes))}"
        return message(_plain(asked), [section(asked), actions(*_explain_buttons(invited))])
    if invited.leaving:
        said = f"You are no longer a voter in the round in {model}."
        return message(_plain(said), [section(said)])
    until = local_time(invited.round.deadline)
    if not invited.owed:
        said = f"✓ You have voted in {model}. You can change your ballots until {until}."
        return message(_plain(said), [section(said), _buttons(invited, "Change ballots")])
    said = f"{_tasks(invited)} in {model}, until {until}."
    blocks = [section(said), _buttons(invited, "Vote")]
    return message(_plain(said), [*blocks, context(secrecy_notice(invited.panel))])


def _tasks(invited: Invitation) -> str:
    threats = count_phrase(invited.threats, "threat")
    if invited.owed < invited.threats:
        return f"*{invited.owed} of {threats} still need your ballot*"
    if invited.round.revote_of is not None:
        return _second_vote(invited)
    minutes = count_phrase(_minutes(invited), "minute")
    return f"*Vote on {threats}* (about {minutes}, saved page by page)"


def _second_vote(invited: Invitation) -> str:
    again = count_phrase(invited.contested, "threat")
    others = count_phrase(invited.follow_ups, "threat")
    if not invited.follow_ups:
        return f"*The votes on {again} diverged: vote again on the contested metrics*"
    asked = f"*Vote on the remaining metrics of {others}*"
    if not invited.contested:
        return asked
    return f"{asked}, *and again on the contested metrics of {again}*"


def _buttons(invited: Invitation, label: str) -> Block:
    style = "primary" if invited.owed else None
    vote = WordTarget(name="vote", stream=invited.stream, argument=invited.round.id)
    return actions(button(label, ButtonKind.WORD, vote, style=style), *_explain_buttons(invited))


def _far_text(count: int) -> str:
    numbers = "One of your numbers was" if count == 1 else "Some of your numbers were"
    return f"{numbers} far from the others. You can give a reason; it is shown without your name."


def _minutes(invited: Invitation) -> int:
    asks = invited.round.asks
    quick = sum(one.length is BallotLength.QUICK for one in asks)
    return voting_effort(full=len(asks) - quick, quick=quick).minutes


def _explain_buttons(invited: Invitation) -> list[Block]:
    return [
        button(
            f"Explain {one.metric.label}, {one.threat}",
            ButtonKind.OPEN,
            explain_target(invited.stream, one),
            suffix=f"explain-{one.threat}-{one.metric}",
        )
        for one in invited.extremes[:_MAX_LINES]
    ]


def explain_target(stream: str, one: Extreme) -> Target:
    """Return the target of the form that explains an extreme number."""
    return RatingTarget(
        name="explain", stream=stream, element=one.threat, rating=f"{RoundId(one.round)}/{one.metric}"
    )


def _plain(said: str) -> str:
    return said.replace("*", "")


_MAX_LINES = 5
