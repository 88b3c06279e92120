"""Epoch of the database in the metadata of messages.

After a restore to an earlier moment, names of slots and keys of reminders are given again. With another
epoch, a message that was posted after that moment is not taken for the one that is looked for.
"""

from typing import cast

from bot.slack.protocol.requests import Json

_FIELD = "epoch"


def with_epoch(metadata: Json, epoch: str) -> Json:
    """Return metadata of a message with the epoch; unchanged in a database that was never restored."""
    if not epoch:
        return metadata
    return {**metadata, "event_payload": {**metadata["event_payload"], _FIELD: epoch}}


def epoch_of_message(message: Json) -> str:
    """Return the epoch in the metadata of a message; empty without one."""
    metadata = message.get("metadata")
    payload = cast("Json", metadata).get("event_payload") if isinstance(metadata, dict) else None
    epoch = cast("Json", payload).get(_FIELD, "") if isinstance(payload, dict) else ""
    return epoch if isinstance(epoch, str) else ""
