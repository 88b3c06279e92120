"""Checks of each payload's structure before it is used; Bolt itself does not check it."""

from typing import Annotated

import msgspec

from bot.slack.protocol.payload_parsing import UnreadablePayload
from bot.slack.protocol.requests import Json


def check_envelope(body: object) -> None:
    """Raise Unreadable for a malformed payload."""
    try:
        envelope = msgspec.convert(body, _Envelope)
    except msgspec.ValidationError as fault:
        raise UnreadablePayload(str(fault)) from fault
    needed = {"block_actions": envelope.actions, "view_submission": envelope.view}
    if needed.get(envelope.type or "", ()) is None:
        raise UnreadablePayload(f"{envelope.type} without what it is about")


class _Event(msgspec.Struct):
    type: str


class _Action(msgspec.Struct):
    action_id: str


class _View(msgspec.Struct):
    type: str
    callback_id: str | None = None
    private_metadata: str | None = None


_Some = msgspec.Meta(min_length=1)


class _Envelope(msgspec.Struct):
    type: str | None = None
    command: str | None = None
    callback_id: str | None = None
    event: _Event | msgspec.UnsetType = msgspec.UNSET
    view: _View | None = None
    actions: Annotated[list[_Action], _Some] | None = None
    authorizations: list[Json] | None = None
    response_urls: list[Json] | None = None
