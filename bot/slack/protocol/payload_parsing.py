"""Parsing of Slack's payloads, once, at the edge."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any, NamedTuple, TypeVar
from urllib.parse import urlsplit

import msgspec
import structlog
from msgspec.structs import replace

from bot.slack.protocol.requests import (
    BlockAction,
    Json,
    Request,
    RequestKind,
    ShortcutRequest,
    SlackEvent,
    SlashCommand,
    ViewSubmission,
)
from domain.kernel.elements import ChannelId, PersonId


class UnreadablePayload(ValueError):
    """Error: malformed payload."""


def replace_lone_surrogates(body: Json) -> Json:
    """Return the payload with “�” for each lone surrogate; raises UnreadablePayload."""
    try:
        msgspec.json.encode(body)
    except UnicodeEncodeError:
        return msgspec.json.decode(_HALF.sub("�", json.dumps(body, ensure_ascii=False)), type=Json)
    except RecursionError as fault:
        raise UnreadablePayload("nested too deeply") from fault
    return body


def parse_slash_command(body: Json) -> SlashCommand:
    """Parse the form fields of a slash command."""
    fields = _convert(body, _SlashBody)
    return SlashCommand(
        person=fields.user_id,
        teams=(fields.team_id,),
        trigger_id=fields.trigger_id,
        response_url=fields.response_url,
        channel=fields.channel_id,
        text=fields.text,
        thread=fields.thread_ts,
        channel_name=fields.channel_name,
    )


def parse_block_action(body: Json) -> BlockAction:
    """Parse a `block_actions` payload; of several actions the first counts."""
    fields = _convert(body, _ClickBody)
    if not fields.actions:
        raise UnreadablePayload("block_actions without an action")
    action = fields.actions[0]
    return BlockAction(
        person=fields.user.id,
        teams=_teams(fields.user, fields.team, fields.view),
        trigger_id=fields.trigger_id,
        response_url=fields.response_url or "",
        action_id=action.action_id,
        block_id=action.block_id,
        action_ts=action.action_ts,
        value=_value(action),
        values=_values(action),
        channel=fields.container.channel_id or (fields.channel.id if fields.channel else None),
        message_ts=fields.container.message_ts or "",
        # Not every server repeats the thread of the message in the container.
        thread_ts=fields.container.thread_ts or (fields.message and fields.message.thread_ts) or "",
        ephemeral=bool(fields.container.is_ephemeral),
        view=fields.view,
        channel_name=_name_of(fields.channel),
    )


def parse_view_submission(body: Json) -> ViewSubmission:
    """Parse a `view_submission` payload."""
    fields = _convert(body, _SubmissionBody)
    view = _convert(fields.view, _View)
    return ViewSubmission(
        person=fields.user.id,
        teams=_teams(fields.user, fields.team, fields.view),
        trigger_id=fields.trigger_id,
        callback_id=view.callback_id or "",
        view_id=view.id,
        view_hash=view.hash or "",
        view=fields.view,
    )


def parse_shortcut(body: Json) -> ShortcutRequest:
    """Parse a `shortcut` or `message_action` payload."""
    fields = _convert(body, _ShortcutBody)
    return ShortcutRequest(
        person=fields.user.id,
        teams=_teams(fields.user, fields.team),
        trigger_id=fields.trigger_id,
        response_url=fields.response_url or "",
        callback_id=fields.callback_id,
        channel=fields.channel.id if fields.channel else None,
        message=fields.message_ts,
        thread=fields.message.thread_ts or "",
        text=fields.message.text or "",
        files=tuple(file.id for file in fields.message.files or ()),
        channel_name=_name_of(fields.channel),
    )


def parse_event(body: Json) -> SlackEvent:
    """Parse an `event_callback` payload."""
    fields = _convert(body, _EventBody)
    kind = str(fields.event.get("type", ""))
    if kind == "message":  # subscribed to by the kind of conversation
        kind = f"message.{fields.event.get('channel_type', '')}"
    return SlackEvent(type=kind, event=fields.event, teams=_sent_for(fields))


class InstallationOrigin(NamedTuple):
    """Organization and workspace of an installation; either may be empty."""

    enterprise: str
    team: str


def payload_origins(body: Mapping[str, object]) -> list[InstallationOrigin]:
    """Return where the app may be installed that a payload is for; raises UnreadablePayload.

    In a shared channel, the outer workspace of an event or of a form may be another company's: it counts only
    if no other is named.
    """
    fields = _convert(body, _OriginBody)
    enterprise = (fields.enterprise.id if fields.enterprise else None) or fields.enterprise_id or ""
    if fields.authorizations:
        return [
            InstallationOrigin(one.enterprise_id or "", one.team_id or fields.context_team_id or "")
            for one in fields.authorizations
        ]
    if fields.context_team_id:
        return [InstallationOrigin(fields.context_enterprise_id or "", fields.context_team_id)]
    installed = fields.view.app_installed_team_id if fields.view else None
    return [
        InstallationOrigin(
            enterprise, installed or (fields.team.id if fields.team else None) or fields.team_id or ""
        )
    ]


_HALF = re.compile("[\ud800-\udfff]")


_Person = Annotated[PersonId, msgspec.Meta(pattern="^[A-Z0-9]{1,64}\\Z")]
_Place = Annotated[ChannelId, msgspec.Meta(pattern="^[A-Z0-9]{1,64}\\Z")]
# Requests are told apart by these: without one, two people's would be the same.
_Moment = Annotated[str, msgspec.Meta(pattern=r"^(\d{1,12}\.\d{1,12})?\Z")]
_Once = Annotated[str, msgspec.Meta(min_length=1, max_length=255)]


class _SlashBody(msgspec.Struct):
    user_id: _Person
    channel_id: _Place
    trigger_id: _Once
    team_id: str = ""
    channel_name: str = ""
    text: str = ""
    thread_ts: _Moment = ""
    response_url: str = ""


class _User(msgspec.Struct):
    id: _Person
    team_id: str | None = None


class _Team(msgspec.Struct):
    id: str | None = None


class _Channel(msgspec.Struct):
    id: _Place
    name: str | None = ""


class _Container(msgspec.Struct, frozen=True):
    message_ts: str | None = None
    thread_ts: str | None = None
    channel_id: _Place | None = None
    is_ephemeral: bool | None = None


class _File(msgspec.Struct, frozen=True):
    id: _Place


class _Message(msgspec.Struct, frozen=True):
    text: str | None = ""
    files: list[_File] | None = None
    thread_ts: _Moment | None = ""


class _Option(msgspec.Struct):
    value: str = ""


class _Action(msgspec.Struct):
    action_ts: _Once
    action_id: str = ""
    block_id: str = ""
    value: str | None = None
    selected_option: _Option | None = None
    selected_options: list[_Option] | None = None


class _View(msgspec.Struct):
    id: _Once
    hash: str | None = None
    callback_id: str | None = None
    blocks: list[Json] = []


class _ClickBody(msgspec.Struct):
    user: _User
    actions: list[_Action]
    trigger_id: _Once
    team: _Team | None = None
    response_url: str | None = None
    container: _Container = _Container()
    message: _Message | None = None
    channel: _Channel | None = None
    view: Json | None = None


class _SubmissionBody(msgspec.Struct):
    user: _User
    view: Json
    team: _Team | None = None
    trigger_id: str = ""


class _ShortcutBody(msgspec.Struct):
    user: _User
    callback_id: str
    trigger_id: _Once
    team: _Team | None = None
    response_url: str | None = None
    channel: _Channel | None = None
    message_ts: _Moment = ""
    message: _Message = _Message()


class _Authorization(msgspec.Struct):
    team_id: str | None = None
    enterprise_id: str | None = None
    is_enterprise_install: bool | None = None


class _EventBody(msgspec.Struct):
    event: Json
    team_id: str | None = ""
    context_team_id: str | None = None
    authorizations: list[_Authorization] | None = None


class _OriginView(msgspec.Struct):
    app_installed_team_id: str | None = None


class _OriginBody(msgspec.Struct):
    team_id: str | None = None
    enterprise_id: str | None = None
    context_team_id: str | None = None
    context_enterprise_id: str | None = None
    authorizations: list[_Authorization] | None = None
    team: _Team | None = None
    enterprise: _Team | None = None
    view: _OriginView | None = None


_Body = TypeVar("_Body")


def _convert(body: Mapping[str, Any], wanted: type[_Body]) -> _Body:
    try:
        return msgspec.convert(body, wanted)
    except msgspec.ValidationError as fault:
        raise UnreadablePayload(str(fault)) from fault


def _teams(user: _User, team: _Team | None, view: Json | None = None) -> tuple[str, ...]:
    """Return the person's own workspace, and the workspace of the app's installation.

    For a modal opened from a shared channel, only the inner `team` is the right workspace.
    """
    installed = (view or {}).get("app_installed_team_id")
    return (user.team_id or "", str(installed or "") or (team.id if team else None) or "")


def _name_of(channel: _Channel | None) -> str:
    return (channel.name if channel else None) or ""


def _sent_for(fields: _EventBody) -> tuple[str, ...]:
    """Return the workspaces for which an event was sent.

    In a shared channel the outer one may be another company's: it counts only if no other is named.
    """
    granted = (_granted_to(authorization) for authorization in fields.authorizations or ())
    return tuple(one for one in (fields.context_team_id, *granted) if one) or (fields.team_id or "",)


def _granted_to(one: _Authorization) -> str | None:
    return one.enterprise_id if one.is_enterprise_install and not one.team_id else one.team_id


def _value(action: _Action) -> str:
    if action.selected_option is not None:
        return action.selected_option.value
    return action.value or ""


def _values(action: _Action) -> tuple[str, ...]:
    chosen = [action.selected_option] if action.selected_option else action.selected_options or []
    return tuple(one.value for one in chosen)


PARSERS: Mapping[RequestKind, Callable[[Json], Request]] = {
    "slash": parse_slash_command,
    "click": parse_block_action,
    "submission": parse_view_submission,
    "shortcut": parse_shortcut,
}

log = structlog.get_logger()


class RequestReader:
    """Reader of payloads for one app; the app's ID is unknown if Slack did not report it.

    `api_url` is the URL of the Web API: replies go only to its host or to Slack's.
    """

    def __init__(self, *, app: str, api_url: str) -> None:
        self._app = app
        api = urlsplit(api_url)
        self._reply_to = {
            ("https", "hooks.slack.com"),
            ("https", f"hooks.{api.netloc}"),
            (api.scheme, api.netloc),
        }

    def read(self, kind: RequestKind, body: Json) -> tuple[Request, Json]:
        """Return the parsed request, and the payload as it can be stored; raises UnreadablePayload."""
        body = replace_lone_surrogates(body)
        self.check_app(body)
        request = PARSERS[kind](body)
        if request.response_url and not self._is_slacks(request.response_url):
            log.warning("reply address not Slack's", kind=kind)
            request = replace(request, response_url="")
        return request, body

    def check_app(self, body: Json) -> None:
        """Raise UnreadablePayload for a payload of another app."""
        meant_for = body.get("api_app_id")
        if self._app and meant_for and meant_for != self._app:
            raise UnreadablePayload("meant for another app")

    def _is_slacks(self, url: str) -> bool:
        try:
            parts = urlsplit(url)
        except ValueError:
            return False
        # The whole authority counts: a name before an @ or another port leads elsewhere.
        return (parts.scheme, parts.netloc) in self._reply_to
