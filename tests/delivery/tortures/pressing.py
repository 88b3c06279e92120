"""Presses a button of every copy of a card, so that those that are not the card delete themselves."""

import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from bot.sandbox.api import Sandbox, VisibleMessage
from bot.slack.slots.workspace_deliveries import WorkspaceDeliveries
from tests.delivery.tortures.team import Team
from tests.slack.slack_team import SlackTeam, run_bot

SETTLED_SECONDS = 10.0


def press_cards(
    slack: Sandbox, database: Path, team: Team, clock: Callable[[], datetime], *, blind: bool = False
) -> None:
    """Start a bot on the database file, and press the first button of everything that looks like a card."""
    recognize = WorkspaceDeliveries.is_orphan
    if blind:
        setattr(WorkspaceDeliveries, "is_orphan", _finds_none)  # noqa: B010  (the fault that is planted)
    try:
        with run_bot(database, sandbox=slack, clock=clock) as there:
            for channel in team.channels.values():
                there.read_channel(channel)
                for card in cards_in(slack, channel):
                    _press(there, card)
            ends = time.monotonic() + SETTLED_SECONDS
            while any(len(cards_in(slack, one)) > 1 for one in team.channels.values()):
                if time.monotonic() > ends:
                    break
                time.sleep(0.1)
    finally:
        WorkspaceDeliveries.is_orphan = recognize


def cards_in(slack: Sandbox, channel: str) -> list[VisibleMessage]:
    """Return the messages in a channel itself that everyone sees, the oldest first."""
    return [one for one in slack.person("ana").sees(channel) if one.thread is None and not one.ephemeral]


def _press(there: SlackTeam, card: VisibleMessage) -> None:
    ana = there.person("ana")
    assert ana.click(card, action_id=card.buttons[0].action_id).acked
    if ana.modal is not None:
        ana.close(all_of_them=True)


def _finds_none(*_: object) -> bool:
    return False
