"""Bolt app: passes every request to the dispatcher and every event to its handler."""

from collections.abc import Callable

import structlog
from slack_bolt import Ack, App
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.request import BoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.web import WebClient

from bot.settings import Settings
from bot.slack.handlers.dispatch_table import EVENT_HANDLERS, BoltListener, bind
from bot.slack.handlers.dispatcher import Dispatcher
from bot.slack.handlers.events.workspace_changes import EventContext
from bot.slack.handlers.handler_responses import HandlerResponse
from bot.slack.protocol.installation import Installation
from bot.slack.protocol.payload_parsing import UnreadablePayload, parse_event, replace_lone_surrogates
from bot.slack.protocol.request_reader import RequestReader
from bot.slack.protocol.requests import Json, RequestKind
from bot.slack.transport.envelope_checks import check_envelope
from bot.store import StoreUnavailable

log = structlog.get_logger()

NOT_FROM_SLACK = "Not a valid Slack request."

Later = Callable[[HandlerResponse], None]
"""Run the follow-ups of a response after its ack was sent."""


def make_bolt_app(
    settings: Settings,
    installation: Installation,
    *,
    request_reader: RequestReader,
    dispatcher: Dispatcher,
    watch: EventContext,
    later: Later,
) -> App:
    """Return a Bolt app for all handlers of the dispatch table; it makes no Slack calls itself."""
    known = AuthorizeResult(
        enterprise_id=None,
        team_id=installation.team,
        bot_user_id=installation.bot_user,
        bot_id=installation.bot_id,
        bot_token=settings.bot_token.reveal(),
    )
    app = _App(
        name="threatmodel",
        client=WebClient(base_url=settings.api_url),  # each request gets the token from below
        signing_secret=settings.signing_secret.reveal(),
        authorize=lambda: known,  # what auth.test said at the start: no call before an ack
        process_before_response=True,
    )
    bind(
        app,
        listener_for=lambda kind: _answering(kind, dispatcher, later),
        event_listener=lambda: _hearing(installation, request_reader, watch, later),
    )
    return app


class _App(App):
    """Bolt app that rejects malformed payloads, and ignores events without a handler."""

    def dispatch(self, req: BoltRequest) -> BoltResponse:
        """Answer a payload."""
        try:
            check_envelope(req.body)
        except UnreadablePayload as fault:
            log.warning("payload rejected", fault=str(fault))
            return BoltResponse(status=400, body=NOT_FROM_SLACK)
        answer = super().dispatch(req)
        # To Slack a 404 is a failure, for which it tries again and at last stops sending.
        return BoltResponse(status=200) if answer.status == 404 else answer


def _answering(kind: RequestKind, dispatcher: Dispatcher, later: Later) -> BoltListener:
    def answer(body: Json, ack: Ack) -> None:
        answer = dispatcher.answer(kind, body)
        later(answer)
        ack(**answer.ack)

    return answer


def _hearing(
    installation: Installation, request_reader: RequestReader, watch: EventContext, later: Later
) -> BoltListener:
    def hear(body: Json) -> BoltResponse | None:
        try:
            request_reader.check_app(body)
            happening = parse_event(replace_lone_surrogates(body))
        except UnreadablePayload as fault:
            log.warning("event not understood", fault=str(fault))
            return None
        if not installation.is_meant_by(happening.teams):
            return None
        listener = EVENT_HANDLERS.get(happening.type)
        if listener is None:
            return None  # such as a message of a kind of conversation that is not subscribed to
        try:
            after = listener(watch, happening)
        except UnreadablePayload as fault:
            log.warning("event not understood", kind=happening.type, fault=str(fault))
            return None
        except StoreUnavailable as fault:
            log.error("event could not be recorded", kind=happening.type, fault=str(fault))
            return BoltResponse(status=503)  # Slack brings it again
        later(HandlerResponse(after=after))
        return None

    return hear
