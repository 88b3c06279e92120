"""What the pictures of a closed round show: its threats, each with its ballots counted."""

from typing import Final

import msgspec

from bot.picture.ballots import in_words
from bot.picture.chart import ballots_chart
from bot.picture.counting import ballots_of
from bot.slack.protocol.escaping import clip, one_line, plain
from bot.slack.ui.messages.round_result_message import Revealed

ALT_TEXT: Final = 1_000
"""Characters that Slack takes beside a file."""
TITLE: Final = 100


class Drawing(msgspec.Struct, frozen=True, kw_only=True):
    """One threat's picture as SVG, with its title and with the same in words."""

    threat: str
    title: str
    svg: str
    words: str


def drawings(revealed: Revealed) -> tuple[Drawing, ...]:
    """A drawing for each threat that has a score."""
    drawn: list[Drawing] = []
    for one in revealed.results:
        if one.score is None:
            continue
        place = f"number {one.rank} of {one.of}" if one.rank else ""
        counted = ballots_of(one.threat, one.score, place)
        drawn.append(
            Drawing(
                threat=one.threat.id,
                title=plain(f"{one.threat.id} · {one.threat.title}", TITLE),
                svg=ballots_chart(counted),
                words=clip(one_line(in_words(counted)), ALT_TEXT),
            )
        )
    return tuple(drawn)
