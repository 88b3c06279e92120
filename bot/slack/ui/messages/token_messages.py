"""Messages about personal access tokens, which only their owner sees."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

import msgspec

from bot.slack.protocol.app_ids import COMMAND
from bot.slack.protocol.block_builders import (
    Block,
    Message,
    actions,
    button,
    confirm,
    context,
    message,
    section,
    text_message,
)
from bot.slack.protocol.escaping import local_time
from bot.slack.protocol.targets import ButtonKind, WordTarget

WORD: Final = "token"

READ, PROPOSE, REVOKE = "read", "propose", "revoke"
"""Arguments of the word; the ID of a token follows the last one after a slash."""


class ShownToken(msgspec.Struct, frozen=True, kw_only=True):
    """An active token as its owner sees it; `last_used` is None if it was not used yet."""

    id: str
    proposes: bool
    created_at: datetime
    expires_at: datetime
    last_used: datetime | None = None


def token_list(tokens: Iterable[ShownToken], about: WordTarget, *, note: str = "") -> Message:
    """Return a person's active tokens, each with a button to revoke it, and buttons to create one."""
    blocks = [section(f"*Access tokens for agents*\n{note or _ABOUT}")]
    blocks += [_row(token, about) for token in tokens]
    blocks.append(
        actions(
            _press("Create token", PROPOSE, about, spoken="Create a token that reads and proposes"),
            _press("Create read-only token", READ, about),
        )
    )
    blocks.append(context(f"Or type `{COMMAND} {WORD} {PROPOSE}` or `{COMMAND} {WORD} {READ}`."))
    return message("Access tokens for agents", blocks)


def new_token(text: str, token: ShownToken) -> Message:
    """Return a new token with its text, which is shown this once."""
    may = "read models and propose drafts" if token.proposes else "read models"
    return message(
        "Your new access token",
        [
            section(f"*Your new access token*\n```{text}```"),
            section(
                f"Copy it now: it is not shown again. It lets an agent {may} in your channels, until "
                f"{local_time(token.expires_at)}. Keep it out of files that others can read, and revoke it "
                f"with `{COMMAND} {WORD}` if it leaks."
            ),
        ],
    )


def no_agents() -> Message:
    """Return that this bot does not serve agents."""
    return text_message(
        "Agents cannot connect to this bot. Its operator can enable it with the setting `MCP_PORT`."
    )


def _row(one: ShownToken, about: WordTarget) -> Block:
    may = "reads and proposes" if one.proposes else "reads only"
    used = f"last used {local_time(one.last_used)}" if one.last_used else "not used yet"
    return section(
        f"`{one.id}`  {may}, expires {local_time(one.expires_at)}, {used}",
        accessory=_press(
            "Revoke",
            f"{REVOKE}/{one.id}",
            about,
            spoken=f"Revoke the token {one.id}",
            confirmed=confirm(
                "Revoke the token?", "Agents that use it lose access.", yes="Revoke", danger=True
            ),
        ),
    )


def _press(
    text: str, argument: str, about: WordTarget, *, spoken: str = "", confirmed: Block | None = None
) -> Block:
    target = WordTarget(name=WORD, channel=about.channel, argument=argument)
    return button(
        text, ButtonKind.WORD, target, suffix=f"{WORD}-{argument}", spoken=spoken, confirm=confirmed
    )


_ABOUT: Final = (
    "An agent, such as a coding assistant, uses your token to read the models of your channels and to "
    "propose drafts. People accept or reject every proposal in Slack; an agent never changes a model."
)
