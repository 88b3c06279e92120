"""Bolt app: passes every request to the dispatcher of its workspace, and every event to its handler."""

import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final

import msgspec
import structlog
from slack_bolt import Ack, App
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.request import BoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.web import WebClient

from bot.logs import workspace_context
from bot.metrics import RequestResult
from bot.settings import Settings
from bot.slack.handlers.dispatch_table import EVENT_HANDLERS
from bot.slack.handlers.dispatcher import Dispatcher
from bot.slack.handlers.event_handlers import EventContext
from bot.slack.handlers.handler_responses import HandlerResponse
from bot.slack.protocol.app_ids import COMMAND
from bot.slack.protocol.installation import Installation
from bot.slack.protocol.payload_parsing import (
    RequestReader,
    UnreadablePayload,
    parse_event,
    replace_lone_surrogates,
)
from bot.slack.protocol.requests import Json, RequestKind
from bot.store import StoreUnavailable


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


log = structlog.get_logger()

NOT_FROM_SLACK = "Not a valid Slack request."

NOT_INSTALLED = (
    "The app is not installed in this workspace, or its installation has ended. Ask an administrator of the "
    "workspace to install it again."
)

_WORKSPACE: Final = "threatmodel_workspace"


class WorkspaceRequests(msgspec.Struct, frozen=True, kw_only=True):
    """What answers the requests of one workspace; `later` runs the follow-ups after the ack was sent."""

    installation: Installation
    request_reader: RequestReader
    dispatcher: Dispatcher
    watch: EventContext
    later: Callable[[HandlerResponse], None]


FindWorkspace = Callable[[Json], WorkspaceRequests | None]
"""Returns what answers a payload; None if the app is not installed there. Raises StoreUnavailable."""


TakeEvent = Callable[[Json], bool]
"""Records an event that is for no single workspace; returns whether it is one. Raises StoreUnavailable."""


def make_bolt_app(
    settings: Settings,
    find: FindWorkspace,
    *,
    take: TakeEvent = lambda _: False,
    record: Callable[[RequestResult], None] = lambda _: None,
) -> App:
    """Return a Bolt app for all handlers of the dispatch table; it makes no Slack calls itself.

    `record` counts accepted and refused payloads.
    """
    app = _App(
        find,
        take,
        record,
        name="threatmodel",
        client=WebClient(base_url=settings.api_url),
        signing_secret=settings.signing_secret.reveal(),
        authorize=_authorize,
        process_before_response=True,
    )
    # Bolt tries its listeners one after the other at every request, so there is one for each kind of request.
    bolt: Any = app  # its decorators are typed loosely
    bolt.view(_ANYTHING)(_answering("submission"))
    bolt.action(_ANYTHING)(_answering("click"))
    bolt.command(COMMAND)(_answering("slash"))
    bolt.shortcut(_ANYTHING)(_answering("shortcut"))
    bolt.event(_EVENTS)(_hear)
    return app


_EVENTS = re.compile(f"^(?:{'|'.join(sorted({name.partition('.')[0] for name in EVENT_HANDLERS}))})$")
_ANYTHING = re.compile(".*")


class _App(App):
    """Bolt app that finds the workspace of each payload; it rejects malformed payloads of Slack."""

    def __init__(
        self,
        find: FindWorkspace,
        take: TakeEvent,
        record: Callable[[RequestResult], None],
        **options: object,
    ) -> None:
        super().__init__(**options)  # pyright: ignore[reportArgumentType]  (those of make_bolt_app)
        self._find = find
        self._take = take
        self._record = record

    def dispatch(self, req: BoltRequest) -> BoltResponse:
        """Answer a payload."""
        try:
            check_envelope(req.body)
            if req.body.get("type") == "event_callback" and self._take(req.body):
                self._record("accepted")
                return BoltResponse(status=200)
            found = None if _is_handshake(req.body) else self._find(req.body)
        except UnreadablePayload as fault:
            log.warning("payload rejected", fault=str(fault))
            self._record("body")
            return BoltResponse(status=400, body=NOT_FROM_SLACK)
        except StoreUnavailable as fault:
            log.error("the workspace of a request cannot be found", fault=str(fault))
            self._record("unavailable")
            return BoltResponse(status=503)  # Slack brings an event again; a form stays open
        if found is None and not _is_handshake(req.body):
            self._record("unknown")
            return _refuse_stranger(req.body)
        self._record("accepted")
        if found is None:
            return super().dispatch(req)
        req.context[_WORKSPACE] = found
        with workspace_context(found.installation.team):
            answer = super().dispatch(req)
        # To Slack a 404 is a failure, for which it tries again and at last stops sending.
        return BoltResponse(status=200) if answer.status == 404 else answer


def _is_handshake(body: Mapping[str, object]) -> bool:
    """Return whether Slack checks the address, for no workspace."""
    return body.get("type") == "url_verification" or "ssl_check" in body


def _refuse_stranger(body: Mapping[str, object]) -> BoltResponse:
    """Answer a payload of a workspace in which the app is not installed."""
    kind = "slash" if "command" in body else str(body.get("type", ""))
    log.warning("a request of a workspace without the app", kind=kind)
    if "command" in body:
        answer = msgspec.json.encode({"response_type": "ephemeral", "text": NOT_INSTALLED})
        return BoltResponse(
            status=200, body=answer.decode(), headers={"content-type": ["application/json;charset=utf-8"]}
        )
    # Slack would send an event again. To a person it says that the app does not answer; a form stays open.
    return BoltResponse(status=200 if kind == "event_callback" else 403)


def _authorize(context: dict[str, WorkspaceRequests]) -> AuthorizeResult:
    """Return who the bot is in the workspace of a request: no call before an ack.

    It needs no token: what follows the ack has a client of its own.
    """
    workspace = context[_WORKSPACE]
    return AuthorizeResult(
        enterprise_id=None,
        team_id=workspace.installation.team,
        bot_user_id=workspace.installation.bot_user,
        bot_id=workspace.installation.bot_id,
    )


def _answering(kind: RequestKind) -> Callable[..., None]:
    def answer(body: Json, ack: Ack, context: dict[str, WorkspaceRequests]) -> None:
        workspace = context[_WORKSPACE]
        response = workspace.dispatcher.answer(kind, body)
        workspace.later(response)
        ack(**response.ack)

    return answer


def _hear(body: Json, context: dict[str, WorkspaceRequests]) -> BoltResponse | None:
    workspace = context[_WORKSPACE]
    try:
        workspace.request_reader.check_app(body)
        happening = parse_event(replace_lone_surrogates(body))
    except UnreadablePayload as fault:
        log.warning("event not understood", fault=str(fault))
        return None
    if not workspace.installation.is_meant_by(happening.teams):
        return None
    listener = EVENT_HANDLERS.get(happening.type)
    if listener is None:
        return None  # such as a message of a kind of conversation that is not subscribed to
    try:
        after = listener(workspace.watch, happening)
    except UnreadablePayload as fault:
        log.warning("event not understood", kind=happening.type, fault=str(fault))
        return None
    except StoreUnavailable as fault:
        log.error("event could not be recorded", kind=happening.type, fault=str(fault))
        return BoltResponse(status=503)  # Slack brings it again
    workspace.later(HandlerResponse(after=after))
    return None
