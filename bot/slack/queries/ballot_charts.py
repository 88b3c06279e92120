"""Charts of a closed round: one for each threat, with its ballots counted."""

from typing import Final

import msgspec

from bot.picture.ballots_chart import count_ballots, describe_ballots, draw_ballots
from bot.slack.protocol.escaping import clip, one_line, plain_line
from bot.slack.ui.messages.round_result_message import RoundResult

ALT_TEXT: Final = 1_000
"""Maximum length of Slack's alt text, in characters."""
TITLE: Final = 100
MAX_CHARTS: Final = 8
"""Maximum number of charts of a round, which follow one another in its thread."""


class BallotChart(msgspec.Struct, frozen=True, kw_only=True):
    """Chart of one threat: SVG, title and alt text."""

    threat: str
    title: str
    svg: str
    alt_text: str


def ballot_charts(revealed: RoundResult) -> tuple[BallotChart, ...]:
    """Return a chart for each scored threat; of many, those of contested and of the worst ones."""
    drawn: list[BallotChart] = []
    scored = [one for one in revealed.results if one.score is not None]
    contested = [one for one in scored if one.score and one.score.tally.contested]
    chosen = {one.threat.id for one in [*contested, *scored][:MAX_CHARTS]}
    for one in scored:
        if one.score is None or one.threat.id not in chosen:
            continue
        place = f"rank {one.rank} of {one.of}" if one.rank else ""
        counted = count_ballots(one.threat, one.score, place)
        drawn.append(
            BallotChart(
                threat=one.threat.id,
                title=plain_line(f"{one.threat.id} · {one.threat.title}", TITLE),
                svg=draw_ballots(counted),
                alt_text=clip(one_line(describe_ballots(counted)), ALT_TEXT),
            )
        )
    return tuple(drawn)
