"""Reader of payloads: checks the text encoding, the app and the response URL."""

from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

import structlog
from msgspec.structs import replace

from bot.slack.protocol.payload_parsing import (
    UnreadablePayload,
    parse_block_action,
    parse_shortcut,
    parse_slash_command,
    parse_view_submission,
    replace_lone_surrogates,
)
from bot.slack.protocol.requests import Json, Request, RequestKind

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
