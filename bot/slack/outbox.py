"""Carries out what follows an answer: views, private words, look-ups."""

from collections.abc import Callable
from typing import Any

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web import WebClient
from slack_sdk.webhook import WebhookClient

from bot.slack.answers import (
    After,
    CheckPending,
    DeleteMessage,
    OpenView,
    PushView,
    ReadChannel,
    Reply,
    TellPerson,
    UpdateView,
)
from bot.slack.blocks import Message
from bot.slack.looking_up import Lookup, fault_of
from bot.slack.metrics import Metrics
from bot.slack.views import refusal

TOO_LATE = "Slack gives a form only three seconds to open, and this took longer. Please try again."

_EXPIRED = {"expired_trigger_id", "exchanged_trigger_id", "invalid_trigger_id", "trigger_expired"}
_CLOSED = {"not_found", "view_not_found", "hash_conflict", "view_expired"}

log = structlog.get_logger()


class Outbox:
    """Does one thing after the other; what Slack refuses is told to the asker or logged, never raised."""

    def __init__(
        self,
        client: WebClient,
        lookup: Lookup,
        *,
        check: Callable[[str], None],
        outside: Callable[[], Message],
        inside: Callable[[ReadChannel], bool],
        metrics: Metrics,
    ) -> None:
        self._client = client
        self._lookup = lookup
        self._check = check
        self._outside = outside
        self._inside = inside
        self._metrics = metrics

    def carry_out(self, after: After) -> None:
        """Do one thing."""
        name = type(after).__name__
        try:
            self._do(after)
        except SlackApiError as refused:
            code = fault_of(refused)
            self._metrics.call(name, code)
            log.warning("Slack refused", call=name, code=code, detail=_detail(refused))
            self._otherwise(after, code)
        except OSError as fault:
            self._metrics.call(name, type(fault).__name__)
            log.warning("Slack not reached", call=name, fault=type(fault).__name__)
        else:
            self._metrics.call(name, "ok")

    def _do(self, after: After) -> None:
        match after:
            case OpenView():
                self._client.views_open(trigger_id=after.trigger_id, view=after.view)
            case PushView():
                self._client.views_push(trigger_id=after.trigger_id, view=after.view)
            case UpdateView():
                self._client.views_update(view_id=after.view_id, view=after.view, hash=after.hash or None)
            case Reply():
                self._reply(after)
            case TellPerson():
                direct = self._client.conversations_open(users=after.person)["channel"]["id"]
                self._client.chat_postMessage(
                    channel=direct, text=after.message.text, blocks=after.message.blocks
                )
            case DeleteMessage():
                self._client.chat_delete(channel=after.channel, ts=after.ts)
            case ReadChannel() if after.only:
                self._lookup.read_people([after.only])
            case ReadChannel():
                self._lookup.read_channel(after.channel)
                if after.response_url and not self._inside(after):
                    self._reply(Reply(response_url=after.response_url, message=self._outside()))
            case CheckPending():
                self._check(after.key)

    def _otherwise(self, after: After, code: str) -> None:
        match after:
            case OpenView() if code in _EXPIRED and after.response_url:
                late = refusal(TOO_LATE, again=after.again)
                self.carry_out(Reply(response_url=after.response_url, message=late))
            case PushView() if code == "push_limit_reached":
                self.carry_out(UpdateView(view_id=after.over, view=after.view))
            case UpdateView() if code in _CLOSED and after.otherwise is not None:
                self.carry_out(after.otherwise)
            case Reply() if after.otherwise is not None:
                self.carry_out(after.otherwise)
            case _:
                pass  # logged and counted above; nobody waits for it

    def _reply(self, reply: Reply) -> None:
        sent: dict[str, Any] = {"text": reply.message.text, "blocks": reply.message.blocks}
        answer = WebhookClient(reply.response_url).send(
            **sent, response_type="ephemeral", replace_original=reply.replaces
        )
        if answer.status_code != 200:
            raise SlackApiError("a reply was refused", {"ok": False, "error": answer.body[:80]})


def _detail(refused: SlackApiError) -> str:
    """Slack's words on which block it did not like: paths and limits, never what people wrote."""
    told: Any = refused.response.get("response_metadata") or {}
    return "; ".join(str(one)[:200] for one in told.get("messages") or ())
