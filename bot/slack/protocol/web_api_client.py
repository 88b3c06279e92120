"""Client of Slack's Web API; refused calls raise their error code."""

import json
import re
from collections.abc import Callable, Mapping
from http.client import HTTPException
from typing import Any
from urllib.request import Request, urlopen

import msgspec
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler
from slack_sdk.web import WebClient

from bot.slack.protocol.requests import Json

CALL_SECONDS = 10

EXPIRED_TRIGGER = "expired_trigger_id"
"""Error code of a form that is opened more than three seconds after the click."""


class ApiRefused(Exception):
    """Error: Slack refused a call. `code` is its error code, `retry_after` the seconds to wait.

    `detail` is its explanation, or names the invalid blocks; never text of users.
    """

    def __init__(self, code: str, *, retry_after: float = 0.0, detail: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.retry_after = retry_after
        self.detail = detail


class ApiUnreachable(Exception):
    """Error: no valid response from Slack; whether the call had an effect is unknown."""

    @property
    def code(self) -> str:
        """Kind of failure."""
        return str(self)

    @property
    def nothing_done(self) -> bool:
        """Whether Slack answered that it could not process the call, so that nothing was done."""
        return self.code in ("HTTP 500", "HTTP 502", "HTTP 503")


class SlackApi:
    """Client of Slack's Web API; a patient one waits when it is rate-limited.

    A call whose answer was lost is never repeated: Slack may have done what was asked. `before` is told of
    each call, and may refuse it by raising; `limited` for how many seconds Slack wants none of a method.
    `token` is asked before each call, because the token of an installation may be rotated. With the token of
    a whole organization, `team` is the workspace that calls are about.
    """

    def __init__(
        self,
        *,
        token: str | Callable[[], str],
        base_url: str,
        team: str = "",
        patient: bool = True,
        before: Callable[[str], None] = lambda _: None,
        limited: Callable[[str, float], None] = lambda _method, _seconds: None,
    ) -> None:
        handlers = [RateLimitErrorRetryHandler(max_retry_count=3)] if patient else []
        self.base_url = base_url
        self._before = before
        self._limited = limited
        self._token = token
        self._team = team
        self._client = WebClient(base_url=base_url, timeout=CALL_SECONDS, retry_handlers=[*handlers])

    @property
    def token(self) -> str:
        """Current token; do not log, print or store it."""
        return self._token if isinstance(self._token, str) else self._token()

    def call(self, method: str, **arguments: object) -> Json:
        """Call a method without arguments that are None; raises ApiRefused and ApiUnreachable."""
        answer: Any = self._answer(method, arguments)
        return answer.data

    def call_for_header(self, method: str, *, header: str) -> tuple[Json, str | None]:
        """Call a method; return its response and a header; raises ApiRefused and ApiUnreachable."""
        answer: Any = self._answer(method, {})
        headers: Json = {str(name).lower(): value for name, value in answer.headers.items()}
        found = headers.get(header)
        return answer.data, None if found is None else ",".join([found] if isinstance(found, str) else found)

    def _answer(self, method: str, arguments: Mapping[str, object]) -> object:
        sent = {
            name: value if isinstance(value, str) else json.dumps(value)
            for name, value in arguments.items()
            if value is not None
        }
        if self._team and method in _OF_A_WORKSPACE:
            sent.setdefault("team_id", self._team)
        self._before(method)
        token = self.token
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        try:
            return self._client.api_call(method, data=sent, headers=headers)  # pyright: ignore[reportUnknownMemberType]  (the SDK's loose dicts)
        except SlackApiError as error:
            refused = classify_error(error)
            if isinstance(refused, ApiRefused) and refused.retry_after:
                self._limited(method, refused.retry_after)
            raise refused from error
        except (OSError, HTTPException, SlackClientError) as error:
            raise ApiUnreachable(type(error).__name__) from error

    def upload(self, *, name: str, content: bytes, alt_text: str) -> str:
        """Upload a file, which is invisible until it is shared; return its ID.

        Only images may have an `alt_text`: Slack accepts other files with one and never shares them.
        Raises Refused and Unreachable.
        """
        told = self.call(
            "files.getUploadURLExternal", filename=name, length=str(len(content)), alt_txt=alt_text or None
        )
        post_content(str(told["upload_url"]), content)
        return str(told["file_id"])


def post_content(url: str, content: bytes, *, content_type: str = "application/octet-stream") -> None:
    """Post content to a URL from Slack; raises ApiUnreachable."""
    request = Request(url, data=content, headers={"Content-Type": content_type})  # noqa: S310  (Slack's own word)
    try:
        with urlopen(request, timeout=CALL_SECONDS) as answer:  # noqa: S310  (Slack's own word)
            answer.read()
    except (OSError, HTTPException) as error:
        raise ApiUnreachable(type(error).__name__) from error


_OF_A_WORKSPACE = {"users.list"}
"""Methods that refuse the token of an organization without a workspace."""

_BROKEN = {"fatal_error", "internal_error", "request_timeout", "service_unavailable"}
"""Errors within Slack, possibly after the call took effect."""


class _Metadata(msgspec.Struct):
    messages: list[str] = []


class _Said(msgspec.Struct):
    error: str
    detail: str = ""
    response_metadata: _Metadata = msgspec.field(default_factory=_Metadata)


def classify_error(error: SlackApiError) -> ApiRefused | ApiUnreachable:
    """Return whether Slack refused a call of the SDK, or did not process it."""
    response: Any = error.response
    try:
        said = msgspec.convert(getattr(response, "data", response), _Said)
    except msgspec.ValidationError:
        return ApiUnreachable(f"HTTP {getattr(response, 'status_code', '?')}")
    status = getattr(response, "status_code", 200)
    if status >= 500 or not _CODE.fullmatch(said.error):
        # Not JSON then, such as the page of a proxy; the SDK passes the body in place of Slack's error code.
        return ApiUnreachable(f"HTTP {status}")
    if said.error in _BROKEN:
        return ApiUnreachable(said.error)
    headers: Any = getattr(response, "headers", {})
    wait = headers.get("Retry-After") or headers.get("retry-after") or 0
    why = [said.detail] if said.detail else []
    detail = "; ".join(one[:200] for one in (*why, *said.response_metadata.messages))
    code = EXPIRED_TRIGGER if said.error == "invalid_arguments" and _EXPIRED.search(detail) else said.error
    return ApiRefused(code, retry_after=float(wait), detail=detail)


_CODE = re.compile(r"[\w.:-]{1,200}")

_EXPIRED = re.compile(r"trigger_id`?\W+(?:has |is )?expired|expired_trigger")
"""Slack's explanations of expired triggers, in calls whose error code names only the arguments."""
