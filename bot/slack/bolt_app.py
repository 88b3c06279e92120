"""Bolt's side: brings every request to the front and every event to its listener."""

from collections.abc import Callable

import structlog
from slack_bolt import Ack, App
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web import WebClient

from bot.settings import Settings
from bot.slack.answers import Answer
from bot.slack.bindings import HAPPENINGS, bind
from bot.slack.front import Front
from bot.slack.installation import Installation
from bot.slack.listeners.noticing import Watch
from bot.slack.payloads import Unreadable, read_happening, with_whole_characters
from bot.slack.requests import Json, RequestKind

log = structlog.get_logger()

Later = Callable[[Answer], None]
"""Takes over what follows an answer once its ack has left."""


def bolt_app(
    settings: Settings, installation: Installation, *, front: Front, watch: Watch, later: Later
) -> App:
    """A Bolt app that answers everything of the table of bindings, and asks Slack nothing by itself."""
    known = AuthorizeResult(
        enterprise_id=None,
        team_id=installation.team,
        bot_user_id=installation.bot_user,
        bot_id=installation.bot_id,
        bot_token=settings.bot_token.reveal(),
    )
    app = App(
        name="threatmodel",
        client=WebClient(base_url=settings.api_url),  # each request gets the token from below
        signing_secret=settings.signing_secret.reveal(),
        authorize=lambda: known,  # what auth.test said at the start: no call before an ack
        process_before_response=True,
    )
    bind(
        app,
        answering_to=lambda kind: _answering(kind, front, later),
        hearing=lambda: _hearing(installation, watch, later),
    )
    return app


def _answering(kind: RequestKind, front: Front, later: Later) -> Callable[..., None]:
    def answer(body: Json, ack: Ack) -> None:
        answer = front.answer(kind, body)
        later(answer)
        ack(**answer.ack)

    return answer


def _hearing(installation: Installation, watch: Watch, later: Later) -> Callable[..., None]:
    def hear(body: Json) -> None:
        try:
            happening = read_happening(with_whole_characters(body))
        except Unreadable as fault:
            log.warning("event not understood", fault=str(fault))
            return
        if happening.team in ("", installation.team):
            later(Answer(after=HAPPENINGS[happening.type](watch, happening)))

    return hear
