"""Examples, created by ordinary commands; one module for each."""

from collections.abc import Callable, Sequence

from bot.commands.command_handler import CommandHandler
from bot.demo.house_story import house_story, scored_house_story
from bot.demo.shop_votes import scored_shop_story
from bot.demo.story_runner import PEOPLE, Step, run_story
from domain.kernel.elements import ChannelId, ModelKey, PersonId

__all__ = ["PEOPLE", "STORIES", "house_story", "load_house", "load_story", "scored_house_story"]

STORIES: dict[str, Callable[[ChannelId, Sequence[PersonId]], list[Step]]] = {
    "house": scored_house_story,
    "web-shop": scored_shop_story,
}
"""The examples by the names that the command line takes."""


def load_story(
    command_handler: CommandHandler,
    story: str,
    *,
    workspace: str,
    channel: ChannelId,
    people: Sequence[PersonId] = PEOPLE,
) -> ModelKey:
    """Create an example in a channel, unless it was created there before; return the model's key."""
    steps = STORIES[story](channel, people)
    return run_story(command_handler, steps, workspace=workspace, key=f"demo/{story}/{channel}")


def load_house(
    command_handler: CommandHandler,
    *,
    workspace: str,
    channel: ChannelId,
    people: Sequence[PersonId] = PEOPLE,
) -> ModelKey:
    """Create the House after collection, for a team to continue with; return the model's key."""
    return run_story(
        command_handler, house_story(channel, people), workspace=workspace, key=f"demo/house/{channel}"
    )
