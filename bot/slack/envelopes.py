"""What every payload must look like before anybody works with it: Bolt itself trusts it blindly."""

from typing import Annotated

import msgspec

from bot.slack.payloads import Unreadable
from bot.slack.requests import Json


def check_envelope(body: object) -> None:
    """Raise Unreadable for a payload that is not built as Slack's are."""
    try:
        msgspec.convert(body, _Envelope)
    except msgspec.ValidationError as fault:
        raise Unreadable(str(fault)) from fault


class _Event(msgspec.Struct):
    type: str


class _Action(msgspec.Struct):
    action_id: str


class _View(msgspec.Struct):
    type: str
    callback_id: str = ""
    private_metadata: str = ""


_Some = msgspec.Meta(min_length=1)


class _Envelope(msgspec.Struct):
    type: str = ""
    command: str = ""
    callback_id: str = ""
    event: _Event | msgspec.UnsetType = msgspec.UNSET
    view: _View | msgspec.UnsetType = msgspec.UNSET
    actions: Annotated[list[_Action], _Some] | msgspec.UnsetType = msgspec.UNSET
    authorizations: Annotated[list[Json], _Some] | None = None
    response_urls: list[Json] | None = None
