"""Channels with many people, and recordings of the bot's calls."""

import threading
from collections.abc import Generator
from contextlib import contextmanager

from bot.sandbox.api import Exchange, Sandbox, SlackAccount
from tests.slack.slack_team import SlackTeam


def join_new_person(team: SlackTeam, number: int) -> str:
    """Add a new person to the channel; return their handle."""
    handle = f"person{number}"
    person = SlackAccount(id=f"U0CROWD{number:03}", handle=handle, name=f"Person {number}", colour="#2b7a78")
    team.sandbox.workspace.change_person(person)
    team.sandbox.workspace.join(team.sandbox.workspace.channel("#house").id, person.id)
    return handle


@contextmanager
def recorded_calls(sandbox: Sandbox) -> Generator[list[Exchange]]:
    """Record the bot's calls, in order; the list is complete when the block has ended."""
    seen: dict[int, Exchange] = {}
    calls: list[Exchange] = []
    ended = threading.Event()

    def watch() -> None:
        # The workspace itself remembers only the last ones.
        while not ended.wait(0.2):
            seen.update({one.number: one for one in sandbox.exchanges if one.kind == "call"})

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield calls
    finally:
        ended.set()
        thread.join()
        calls.extend(one for _, one in sorted(seen.items()))


def message_writes(calls: list[Exchange], channel: str) -> list[Exchange]:
    """Return the posts and updates in a channel."""
    named = ("chat.update", "chat.postMessage")
    return [call for call in calls if call.title in named and call.request.get("channel") == channel]
