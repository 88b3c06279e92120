"""The House with its elements collected, for tests of later phases."""

from datetime import datetime

from msgspec.structs import replace

from bot.demo import house_story
from bot.store import CommandKey, StreamId
from domain.commands import Command, StartThreatModel
from domain.kernel.elements import ChannelId, PersonId
from domain.replay import EMPTY
from tests.examples import answer_screening
from tests.slack.slack_team import SlackTeam

COLLECTED = 5
"""Steps of the story: started, named, assumed, drawn and placed; no question is answered yet."""


def create_collected_house(
    team: SlackTeam, *, steps: int = COLLECTED, at: datetime | None = None
) -> StreamId:
    """Tell the House as ana, with everybody in #house taking part; its card is there then.

    All of it is said at the story's own times unless another moment is given.
    """
    team.read_channel()
    channel = ChannelId(team.sandbox.workspace.channel("#house").id)
    ana = team.person("ana").id
    begin, *story = house_story(channel)[:steps]
    start = begin(EMPTY)
    assert isinstance(start, StartThreatModel)
    started = replace(start, by=PersonId(ana), participants=(), at=at or start.at)
    done = team.command_handler.start(started, tenant="T0SANDBOX", key=CommandKey("told/start"))
    for number, next_command in enumerate(story):
        said: Command = next_command(done.model)
        command: Command = replace(said, by=PersonId(ana), at=at or said.at)
        done = team.command_handler.execute(command, stream=done.stream, key=CommandKey(f"told/{number}"))
    team.card("The House · TM-1")
    team.wait_for_channels()  # what was told at once may be shown in two updates
    return done.stream


def answer_the_screening(team: SlackTeam, stream: StreamId) -> None:
    """Answer every topic with *don't know* as ana, so that questions are counted."""
    said = answer_screening(PersonId(team.person("ana").id))
    team.command_handler.execute(said, stream=stream, key=CommandKey("told/screening"))
