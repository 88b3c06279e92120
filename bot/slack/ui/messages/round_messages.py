"""Invitation to a round, and its result."""

from collections import Counter
from collections.abc import Iterator, Sequence

import msgspec

from bot.slack.protocol import slack_limits
from bot.slack.protocol.block_builders import (
    Block,
    Message,
    button_row,
    confirm,
    context,
    divider,
    header,
    json_size,
    message,
    section,
)
from bot.slack.protocol.escaping import escape, escape_name, local_time, one_line
from bot.slack.protocol.targets import Action, OpenRoundTarget, RatingTarget, Target, WordTarget
from bot.slack.ui.model_buttons import ModelButtons
from bot.slack.ui.texts.common_texts import person_name
from bot.slack.ui.texts.score_texts import medians_line, score_line, score_remarks, vote_reasons
from domain.dread.metrics import BallotLength
from domain.dread.scoring import Band
from domain.kernel.elements import PersonId
from domain.kernel.text_formatting import Naming, count_phrase
from domain.kernel.threat import Threat, ThreatId
from domain.kernel.voting_round import Round, RoundEndCause, RoundId, RoundKind
from domain.voting.extreme_numbers import Extreme
from domain.voting.scores import Score, SealedResult
from domain.voting.turnout import voting_effort
from domain.wording.voting import sealed_text, secrecy_notice


class ThreatResult(msgspec.Struct, frozen=True, kw_only=True):
    """Result for one threat: its score, or the reason why no number is shown."""

    threat: Threat
    score: Score | None
    rank: int | None
    of: int
    sealed: SealedResult | None = None


class RoundResult(msgspec.Struct, frozen=True, kw_only=True):
    """A closed round: `voted` of `invited` took part.

    `revoted` are the threats with a second vote that counts; `again` is that vote while it is open.
    """

    stream: str
    model: str
    key: str
    round: Round
    by: PersonId
    voted: int
    invited: int
    results: Sequence[ThreatResult]
    again: RoundId | None = None
    revoted: tuple[ThreatId, ...] = ()


def round_result_message(revealed: RoundResult, naming: Naming) -> Message:
    """Return the result of a round as text, complete without its chart."""
    title = "Result of the second vote" if revealed.round.revote_of else "Voting result"
    blocks = [
        header(f"{title} · {revealed.key}"),
        context(_ended(revealed, naming)),
        *([] if revealed.results else [section("No threat remains in this round.")]),
    ]
    make = ModelButtons(revealed.stream)
    opened: list[Block] = []
    if revealed.again:
        opened.append(make.runs("Vote again", "vote", primary=True))
        opened.append(take_medians_button(make, revealed.again))
    elif any(result.sealed for result in revealed.results):
        residual = revealed.round.kind is RoundKind.RESIDUAL
        kind = RoundKind.RESIDUAL if residual else RoundKind.INITIAL
        opened.append(make.opens("Open new round", OpenRoundTarget(name="open_round", round_kind=kind)))
    foot = button_row(*opened, make.shows("Threats", "threats"))
    for row in _rows(revealed):
        if json_size([*blocks, *row, *foot]) > slack_limits.MESSAGE_CHARACTERS:
            blocks.append(context("The message limit of Slack is reached. The rest is under *Threats*."))
            break
        blocks += row
    return message(_text(revealed), [*blocks, *foot])


def take_medians_button(make: ModelButtons, round: RoundId) -> Block:
    """Return the button by which the facilitator ends a second vote."""
    asked = confirm(
        "Take the medians?",
        "The second vote ends. Its ballots are not counted, and the medians of the first vote stand.",
        yes="Take the medians",
    )
    return make.does("Take the medians", Action.TAKE_MEDIANS, round, suffix=f"medians-{round}", confirm=asked)


def _rows(revealed: RoundResult) -> Iterator[list[Block]]:
    """Yield the blocks of each threat; of many threats the first ones, which the channel shows, too."""
    results = revealed.results
    if len(results) <= _DETAILED:
        for result in results:
            yield [divider(), section(_result(result, revoted=result.threat.id in revealed.revoted))]
        return
    yield [section("\n".join(map(_line, results[:_LINES])))]
    more = f"{len(results) - _LINES} more are in the charts in the thread and under *Threats*"
    yield [context(f"{more}, with the numbers, ranges and reasons of each threat.")]


def _line(one: ThreatResult) -> str:
    name = f"{escape_name(one.threat.title)} · {one.threat.id}"
    if one.score is None:
        return f"*Sealed* · {name}"
    tally = one.score.tally
    contested = f" · ⚠ {', '.join(metric.label for metric in tally.contested)}" if tally.contested else ""
    return f"*{tally.band.capitalize()}* {tally.mean:.1f} · {name}{contested}"


def _text(revealed: RoundResult) -> str:
    scored = [
        f"{escape_name(result.threat.title, _SHORT)} {result.score.tally.band}"
        for result in revealed.results
        if result.score
    ]
    if len(scored) > _DETAILED:
        bands = Counter(result.score.tally.band for result in revealed.results if result.score)
        scored = [f"{bands[band]} {band}" for band in reversed(tuple(Band)) if bands[band]]
    summary = "; ".join(scored) or "the numbers stay sealed"
    return f"Voting result for {escape_name(revealed.model)} ({revealed.key}): {summary}."


def _ended(revealed: RoundResult, naming: Naming) -> str:
    ending = revealed.round.ending
    cause = ending.cause if ending else RoundEndCause.DEADLINE
    turnout = f"{revealed.voted} of {revealed.invited} voted"
    match cause:
        case RoundEndCause.ALL_VOTED:
            all_voted = revealed.voted == revealed.invited
            why = "all voters have voted" if all_voted else "all remaining voters have voted"
        case RoundEndCause.DEADLINE:
            why = "the deadline has passed"
        case RoundEndCause.FACILITATOR:
            why = f"{person_name(naming, revealed.by)} closed it"
        case RoundEndCause.SETTLED:
            reason = escape(one_line(ending.reason), _REASON) if ending else ""
            why = f"{person_name(naming, revealed.by)} closed it without a quorum, because: {reason}"
        case RoundEndCause.MEDIANS:
            why = f"{person_name(naming, revealed.by)} took the medians of the first vote"
        case RoundEndCause.NO_THREATS:
            why = "none of its threats remain"
        case RoundEndCause.NO_VOTERS:
            why = "no voters remain"
    return f"Round {revealed.round.id} of *{escape_name(revealed.model)}* has ended: {why}. {turnout}."


def _result(one: ThreatResult, *, revoted: bool) -> str:
    head = f"*{escape_name(one.threat.title)}* · {one.threat.id}"
    if one.score is None:
        return f"{head}\n{sealed_text(one.sealed) if one.sealed else 'No result.'}"
    tally = one.score.tally
    place = f" · rank {one.rank} of {one.of}" if one.rank else ""
    # The turnout above counts the second vote; these are the ballots of the first one.
    ballots = (
        ""
        if one.score.voted_again or one.score.followed_up
        else f" · {count_phrase(tally.ballots, 'ballot')}"
    )
    lines = [
        head,
        f"{score_line(tally)}{ballots}{place}",
        medians_line(tally),
        *score_remarks(one.score, revoted=revoted),
        *vote_reasons(one.score, most=_REASONS, rest=" under *Threats*"),
    ]
    return "\n".join(lines)


_SHORT = 60
_REASON = 220
_REASONS = 6
_DETAILED = 8
_LINES = 5


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
    model, id = f"*{escape_name(invited.model)}* ({invited.key})", invited.round.id
    until, make = local_time(invited.round.deadline), ModelButtons(invited.stream)
    buttons = [
        make.opens(
            f"Explain {extreme.metric.label}, {extreme.threat}",
            explain_target(invited.stream, extreme),
            suffix=f"explain-{extreme.threat}-{extreme.metric}",
        )
        for extreme in invited.extremes[:_MAX_LINES]
    ]
    notice: list[Block] = []
    if invited.round.ending is not None:
        text = f"The voting round {id} in {model} has ended. The result is in the thread of its card."
        text += f" {_far_text(len(buttons))}" if buttons else ""
    elif invited.leaving:
        text, buttons = f"You are no longer a voter in the round in {model}.", []
    else:
        label, text = "Vote", f"{_tasks(invited)} in {model}, until {until}."
        if invited.owed:
            notice.append(context(secrecy_notice(invited.panel)))
        else:
            label = "Change ballots"
            text = f"✓ You have voted in {model}. You can change your ballots until {until}."
        vote = WordTarget(name="vote", argument=id)
        buttons.insert(0, make.runs(label, vote, primary=bool(invited.owed)))
    return message(text.replace("*", ""), [section(text), *button_row(*buttons), *notice])


def _far_text(count: int) -> str:
    numbers = "One of your numbers was" if count == 1 else "Some of your numbers were"
    return f"{numbers} far from the others. You can give a reason; it is shown without your name."


def _tasks(invited: Invitation) -> str:
    threats = count_phrase(invited.threats, "threat")
    if invited.owed < invited.threats:
        return f"*{invited.owed} of {threats} still need your ballot*"
    if invited.round.revote_of is not None:
        return _second_vote(invited)
    asks = invited.round.asks
    quick = sum(ask.length is BallotLength.QUICK for ask in asks)
    minutes = count_phrase(voting_effort(full=len(asks) - quick, quick=quick).minutes, "minute")
    return f"*Vote on {threats}* (about {minutes}, saved page by page)"


def _second_vote(invited: Invitation) -> str:
    again = count_phrase(invited.contested, "threat")
    if not invited.follow_ups:
        return f"*The votes on {again} diverged: vote again on the contested metrics*"
    asked = f"*Vote on the remaining metrics of {count_phrase(invited.follow_ups, 'threat')}*"
    return f"{asked}, *and again on the contested metrics of {again}*" if invited.contested else asked


def explain_target(stream: str, one: Extreme) -> Target:
    """Return the target of the form that explains an extreme number."""
    return RatingTarget(
        name="explain", stream=stream, element=one.threat, rating=f"{RoundId(one.round)}/{one.metric}"
    )


_MAX_LINES = 5
