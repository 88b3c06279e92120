"""Execution of an answer's follow-ups: modals, private messages, look-ups."""

import time
from collections.abc import Callable
from contextlib import suppress
from http.client import HTTPException

import msgspec
import structlog
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler
from slack_sdk.webhook import WebhookClient

from bot.metrics import Metrics
from bot.slack.directory.directory_lookup import DirectoryLookup
from bot.slack.handlers.draft_reader import DraftReader, settle_reading
from bot.slack.handlers.file_reader import FileReader
from bot.slack.handlers.handler_responses import (
    CheckPending,
    DeleteMessage,
    DirectMessage,
    EphemeralMessage,
    FollowUp,
    OpenView,
    PublishHome,
    PushView,
    ReadChannel,
    ReadDraft,
    ReadFile,
    Reply,
    ThreadMessage,
    UnfurlLinks,
    UpdateView,
    private_message,
)
from bot.slack.handlers.pending_request_checks import PendingRequestChecks
from bot.slack.protocol.block_builders import Message
from bot.slack.protocol.web_api_client import (
    CALL_SECONDS,
    EXPIRED_TRIGGER,
    ApiRefused,
    ApiUnreachable,
    SlackApi,
)
from bot.slack.queries.services import Services
from bot.slack.ui.messages.notices import invite_first, refusal
from domain.kernel.elements import PersonId

ACK_HEAD_START = 0.4
"""Seconds after which Slack has certainly read an answer."""

TOO_LATE = "The form took longer to open than the three seconds that Slack allows. Try again."

NO_ANSWER = "Slack did not confirm that the form opened. If you do not see it, try again."

# Without exchanged_trigger_id: a repeated delivery gets it if the form is already open.
_EXPIRED = {EXPIRED_TRIGGER, "invalid_trigger_id", "trigger_expired"}
_UNREACHED = "unreached"
_CLOSED = {"not_found", "view_not_found", "hash_conflict", "view_expired", _UNREACHED}

log = structlog.get_logger()


class FollowUps(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Executes follow-ups in order; Slack's errors are shown to the person or logged, never raised."""

    services: Services
    api: SlackApi
    lookup: DirectoryLookup
    pending_checks: PendingRequestChecks
    open_home: Callable[[PersonId, str | None], None]
    files: FileReader
    drafts: DraftReader
    metrics: Metrics

    def carry_out(self, after: FollowUp) -> None:
        """Execute one follow-up."""
        name = type(after).__name__
        try:
            self._do(after)
        except ApiRefused as refused:
            self.metrics.call(name, refused.code)
            log.warning("Slack refused the call", call=name, code=refused.code, detail=refused.detail)
            self._otherwise(after, refused.code)
        except ApiUnreachable as fault:
            self.metrics.call(name, fault.code)
            log.warning("Slack could not be reached", call=name, fault=fault.code)
            self._otherwise(after, _UNREACHED)
        else:
            self.metrics.call(name, "ok")

    def _do(self, after: FollowUp) -> None:
        match after:
            case OpenView():
                self._open(after)
            case ReadFile():
                self.carry_out(self.files.read(after, self._open(after.opened)))
            case ReadDraft():
                self._read_draft(after)
            case PushView():
                self.api.call("views.push", trigger_id=after.trigger_id, view=after.view)
            case UpdateView():
                self.api.call("views.update", view_id=after.view_id, view=after.view, hash=after.hash or None)
            case Reply():
                self._reply(after)
            case EphemeralMessage():
                self._say("chat.postEphemeral", after.message, after.channel, after.thread, user=after.person)
            case DirectMessage():
                direct = self.api.call("conversations.open", users=after.person)["channel"]["id"]
                self._say("chat.postMessage", after.message, direct, after.thread)
            case ThreadMessage():
                self._say("chat.postMessage", after.message, after.channel, after.thread)
            case DeleteMessage():
                self.api.call("chat.delete", channel=after.channel, ts=after.ts)
            case UnfurlLinks():
                unfurls = {url: {"blocks": blocks} for url, blocks in after.previews.items()}
                self.api.call("chat.unfurl", channel=after.channel, ts=after.ts, unfurls=unfurls)
            case ReadChannel() if after.only:
                self.lookup.confirm(after.channel, after.only)
            case ReadChannel():
                self.lookup.read_channel(after.channel)
                known = self.services.directory.channel(after.channel)
                if after.origin and known is not None and not known.bot_inside:
                    invite = self.services.installation.invite
                    self.carry_out(private_message(after.origin, refusal(invite_first(invite))))
            case PublishHome():
                with suppress(ApiRefused, ApiUnreachable):  # the tab is shown in any case
                    # An administrator may be in no channel of a model, so no other look-up has found them.
                    self.lookup.read_if_unknown(after.person)
                self.open_home(after.person, after.version)
            case CheckPending():
                # An outcome that overtakes the ack would be overwritten by its “one moment”.
                time.sleep(ACK_HEAD_START)
                self.pending_checks.check(after.key, self.carry_out)

    def _otherwise(self, after: FollowUp, code: str) -> None:
        match after:
            case OpenView() if code in _EXPIRED or code == _UNREACHED:
                notice = refusal(TOO_LATE if code in _EXPIRED else NO_ANSWER, again=after.reopen)
                self.carry_out(private_message(after.origin, notice))
            case ReadFile():
                self._otherwise(after.opened, code)
            case ReadDraft() if after.opened is not None:
                self._otherwise(after.opened, code)
                settle_reading(self.services.unit.pending, after.key)
            case PushView() if code == "push_limit_reached" or code in _EXPIRED:
                self.carry_out(UpdateView(view_id=after.over, view=after.view))
            case UpdateView() if code in _CLOSED and after.fallback is not None:
                self.carry_out(after.fallback)
            case Reply() | EphemeralMessage() | CheckPending() if after.fallback is not None:
                self.carry_out(after.fallback)
            case _:  # every other failure is logged and counted above; no one waits for it
                pass

    def _read_draft(self, after: ReadDraft) -> None:
        """Show the waiting modal, and then the draft in it."""
        view_id = after.view_id
        if after.opened is not None:
            view_id = self._open(after.opened)
        elif after.view is not None:
            self.api.call("views.update", view_id=view_id, view=after.view)
        elif view_id:
            time.sleep(ACK_HEAD_START)  # an update that overtakes the ack would be overwritten by it
        for one in self.drafts.read(after, view_id):
            self.carry_out(one)
        settle_reading(self.services.unit.pending, after.key)

    def _say(self, method: str, message: Message, channel: str, thread: str, **more: str) -> None:
        """Send a message to a channel or a thread in it."""
        self.api.call(
            method,
            channel=channel,
            thread_ts=thread or None,
            text=message.text,
            blocks=message.blocks,
            **more,
        )

    def _open(self, after: OpenView) -> str:
        """Open a modal, and return its ID."""
        opened = self.api.call("views.open", trigger_id=after.trigger_id, view=after.view)
        return str(opened["view"]["id"])

    def _reply(self, reply: Reply) -> None:
        if not reply.response_url:
            raise ApiRefused("no_response_url")
        handlers = [RateLimitErrorRetryHandler(max_retry_count=1)]
        hook = WebhookClient(reply.response_url, timeout=CALL_SECONDS, retry_handlers=[*handlers])
        try:
            answer = hook.send(
                text=reply.message.text,
                blocks=reply.message.blocks,
                response_type="ephemeral",
                replace_original=reply.replaces,
            )
        except (OSError, HTTPException) as fault:
            raise ApiUnreachable(type(fault).__name__) from fault
        if answer.status_code != 200:
            raise ApiRefused(answer.body[:80] or f"HTTP {answer.status_code}")
