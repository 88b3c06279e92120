"""The Web API over HTTP, and response URLs."""

import asyncio
import json
import math
import threading
import time
from collections import deque
from collections.abc import Sequence
from typing import NamedTuple, cast

from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.sandbox.api_methods import (
    ApiMethod,
    MethodContext,
    chat_methods,
    conversation_methods,
    file_methods,
    oauth_methods,
    view_methods,
)
from bot.sandbox.api_methods.call_arguments import ApiArguments
from bot.sandbox.api_methods.chat_methods import apply_response
from bot.sandbox.payload_delivery.delivery_record import REDACTED, Exchange, Exchanges
from bot.sandbox.payload_delivery.socket_mode_server import DroppedResponse
from bot.sandbox.slack_json import ApiError, Json
from bot.sandbox.workspace.fault_injection import KINDS, FaultInjector, InjectedFault
from bot.sandbox.workspace.workspace_clock import WorkspaceClock
from bot.sandbox.workspace.workspace_state import UnknownConversation, UnknownPerson

POSTS_BURST = 5
POST_SECONDS = 1.0
WINDOW_SECONDS = 60.0


class RateLimits:
    """Counters of calls per method and posts per channel, with the seconds a caller must wait."""

    def __init__(self, clock: WorkspaceClock, *, enabled: bool) -> None:
        self.enabled = enabled
        self._clock = clock
        self._calls: dict[str, deque[float]] = {}
        self._posts: dict[str, tuple[float, float]] = {}

    def seconds_to_wait(self, method: str, *, per_minute: int, channel: str | None) -> int:
        """Count one call; return the whole seconds to wait if it exceeds the limit, else 0."""
        if not self.enabled:
            return 0
        wait = self._method(method, per_minute)
        if not wait and method == "chat.postMessage" and channel:
            wait = self._post(channel)
        return math.ceil(wait)

    def _method(self, method: str, per_minute: int) -> float:
        now = self._clock.now()
        calls = self._calls.setdefault(method, deque())
        while calls and now - calls[0] >= WINDOW_SECONDS:
            calls.popleft()
        if len(calls) >= per_minute:
            return WINDOW_SECONDS - (now - calls[0])
        calls.append(now)
        return 0.0

    def _post(self, channel: str) -> float:
        # One message a second, with a bucket that allows short bursts as Slack does.
        now = self._clock.now()
        tokens, at = self._posts.get(channel, (float(POSTS_BURST), now))
        tokens = min(float(POSTS_BURST), tokens + (now - at) / POST_SECONDS)
        if tokens < 1:
            self._posts[channel] = (tokens, now)
            return (1 - tokens) * POST_SECONDS
        self._posts[channel] = (tokens - 1, now)
        return 0.0


TAKES_TEAM = frozenset({"conversations.list", "users.list"})
"""Methods that need `team_id` with the token of an organization."""


def select_workspace(name: str, arguments: ApiArguments, members: Sequence[MethodContext]) -> MethodContext:
    """Return the workspace that a call concerns; raises ApiError."""
    team = arguments.text("team_id") or (arguments.text("team") if name == "team.info" else None)
    if team is not None:
        named = next((member for member in members if member.workspace.team.id == team), None)
        if named is None:
            raise ApiError("team_access_not_granted")
        return named
    if name in TAKES_TEAM:
        raise ApiError("missing_argument")
    return next((member for member in members if _knows(member, arguments)), members[0])


_NAMED = {
    "channel": ("channel", "channel_id", "channels"),
    "trigger": ("trigger_id",),
    "view": ("view_id",),
    "file": ("file",),
    "canvas": ("canvas_id",),
    "person": ("user", "users", "user_id"),
}
"""What a call may name, and the arguments that do, the first of which decides."""


def _knows(parts: MethodContext, arguments: ApiArguments) -> bool:
    """Return whether a workspace has the object that a call names."""
    named = ((kind, arguments.text(name)) for kind, names in _NAMED.items() for name in names)
    kind, wanted = next(((kind, text) for kind, text in named if text is not None), ("", ""))
    try:
        match kind:
            case "channel" if not wanted.startswith(("U", "W")):
                parts.workspace.channel(wanted.split(",")[0])
            case "channel" | "person":
                parts.workspace.person(wanted.split(",")[0])
            case "trigger":
                return parts.triggers.knows(wanted)
            case "view":
                parts.views.find(view_id=wanted)
            case "file":
                parts.workspace.files.file(wanted)
            case "canvas":
                parts.workspace.canvases.canvas(wanted)
            case _:
                return False
    except (UnknownConversation, UnknownPerson, ApiError):
        return False
    return True


METHODS: dict[str, ApiMethod] = {
    **chat_methods.METHODS,
    **conversation_methods.METHODS,
    **file_methods.METHODS,
    **oauth_methods.METHODS,
    **view_methods.METHODS,
}


MAX_CALLS = 20_000
"""Maximum calls remembered, because a workspace may run for weeks."""


HELD_SECONDS = 0.005
"""Polling interval of held calls, in seconds."""


class ApiCall(NamedTuple):
    """One Web API call of the bot, without tokens."""

    method: str
    arguments: Json
    answer: Json
    team: str = ""
    """The ID of the workspace; empty for a call without a token of one."""


class WebApi:
    """The Web API of the sandbox."""

    def __init__(
        self,
        everywhere: Sequence[MethodContext],
        *,
        faults: FaultInjector,
        exchanges: Exchanges,
        rate_limits: bool,
    ) -> None:
        """`everywhere` are the workspaces; the first answers calls that concern none of them."""
        self._everywhere = {parts.workspace.team.id: parts for parts in everywhere}
        self._first = everywhere[0]
        self._faults = faults
        self._exchanges = exchanges
        self._limits = {
            team: RateLimits(parts.workspace.clock, enabled=rate_limits)
            for team, parts in self._everywhere.items()
        }
        self._calls: list[ApiCall] = []
        # The effects of a call are visible before its response, so it must be listed by then.
        self._answering = threading.Lock()

    @property
    def calls(self) -> list[ApiCall]:
        """The bot's completed calls, newest last."""
        with self._answering:
            return list(self._calls)

    def routes(self) -> list[Route]:
        """Return the routes of the Web API."""
        return [
            Route("/api/{method}", self._call, methods=["GET", "POST"]),
            Route("/respond/{name:path}", self._respond, methods=["POST"]),
        ]

    async def _call(self, request: Request) -> Response:
        name = str(request.path_params["method"])
        body = await request.body()
        began = time.perf_counter()
        if self._faults.latency:
            await asyncio.sleep(self._faults.latency)
        while self._faults.holds(name):
            await asyncio.sleep(HELD_SECONDS)
        trouble = self._faults.next_trouble(name, body.decode(errors="replace"))
        if trouble is not None and trouble.kind != "answer_lost":
            with self._answering:
                self._note(began, ApiCall(name, {}, _failed(trouble.kind)))
            return _troubled(trouble)
        lost = "answer_lost" if trouble is not None else None
        with self._answering:
            call = self._carried_out(name, request, body)
            answer = call.answer
            self._note(began, call._replace(answer=_without_secrets(answer)), lost)
        if answer.get("error") == "ratelimited":
            return JSONResponse(
                {"ok": False, "error": "ratelimited"},
                status_code=429,
                headers={"Retry-After": str(answer["retry_after"])},
            )
        if trouble is not None:
            return DroppedResponse()
        if answer["ok"] and name == "apps.connections.open":
            answer["url"] = f"ws://{request.headers['host']}{answer['url']}"
        return JSONResponse(answer, headers=self._scopes(call.team))

    def _scopes(self, team: str) -> dict[str, str]:
        """Return the header in which Slack lists the scopes of the token."""
        granted = self._everywhere.get(team, self._first).workspace.app.scopes
        return {} if granted is None else {"x-oauth-scopes": ",".join(sorted(granted))}

    def _carried_out(self, name: str, request: Request, body: bytes) -> ApiCall:
        arguments, authorization = ApiArguments({}), request.headers.get("authorization", "")
        team = ""
        try:
            arguments = ApiArguments.read(
                query=request.url.query, content_type=request.headers.get("content-type", ""), body=body
            ).with_basic(authorization)
            method = METHODS.get(name)
            if method is None:
                raise ApiError("unknown_method", req_method=name)
            parts = self._first
            if method.needs_token:
                token = arguments.text("token") or authorization.removeprefix("Bearer ")
                parts = self._authenticated(name, method, token, arguments)
                team = parts.workspace.team.id
            answer = {"ok": True, **self._answer(name, method, parts, arguments)}
        except ApiError as refused:
            answer = _refusal(refused)
        return ApiCall(name, _shown(arguments), answer, team)

    def _answer(self, name: str, method: ApiMethod, parts: MethodContext, arguments: ApiArguments) -> Json:
        wait = self._limits[parts.workspace.team.id].seconds_to_wait(
            name, per_minute=method.per_minute, channel=arguments.text("channel")
        )
        if wait:
            raise ApiError("ratelimited", retry_after=wait)
        app = parts.workspace.app
        if method.scopes and not any(app.may(scope) for scope in method.scopes):
            provided = ",".join(sorted(app.scopes or ()))
            raise ApiError("missing_scope", needed=",".join(method.scopes), provided=provided)
        refusal = parts.workspace.behavior.canvas_refusals.get(name)
        if refusal is not None:
            raise refusal.error()
        return method.answer(parts, arguments)

    def _authenticated(
        self, name: str, method: ApiMethod, token: str, arguments: ApiArguments
    ) -> MethodContext:
        """Return the workspace for which a token is valid, with the token."""
        if not token:
            raise ApiError("not_authed")
        installations = self._first.installations
        is_app_token = token == installations.app.tokens.app
        if not is_app_token and installations.tokens.lookup(token) is None:
            raise ApiError("invalid_auth")
        if is_app_token != method.needs_app_token:
            raise ApiError("not_allowed_token_type")
        if is_app_token:
            return self._first
        _, valid = installations.check(token)
        members = [self._everywhere[one.team.id] for one in valid]
        wide = valid[0].app.is_org_wide
        return replace(select_workspace(name, arguments, members) if wide else members[0], token=token)

    async def _respond(self, request: Request) -> Response:
        began = time.perf_counter()
        try:
            sent = await _sent(request)
        except json.JSONDecodeError:
            sent = None
        name = str(request.path_params["name"])
        issuing = (one for one in self._everywhere.values() if one.response_urls.knows(name))
        parts = next(issuing, self._first)
        with self._answering:
            response, answer = self._responded(parts, name, sent)
            self._note(began, ApiCall("response_url", sent or {}, answer, parts.workspace.team.id))
        return response

    def _responded(self, parts: MethodContext, name: str, sent: Json | None) -> tuple[Response, Json]:
        if sent is None:
            return PlainTextResponse("invalid_payload", status_code=400), _failed("invalid_payload")
        try:
            target = parts.response_urls.use(name, parts.workspace.behavior.response_url_uses)
        except ApiError as refused:
            return PlainTextResponse(refused.code, status_code=404), _failed(refused.code)
        try:
            apply_response(parts, target, sent)
        except ApiError as refused:
            return JSONResponse(_refusal(refused)), _refusal(refused)
        return PlainTextResponse("ok"), {"ok": True}

    def _note(self, began: float, call: ApiCall, lost: str | None = None) -> None:
        self._calls.append(call)
        del self._calls[:-MAX_CALLS]
        ok = bool(call.answer["ok"]) and lost is None
        self._exchanges.add(
            Exchange(
                kind="response_url" if call.method == "response_url" else "call",
                title=call.method,
                at=self._first.workspace.clock.now(),
                ms=(time.perf_counter() - began) * 1000,
                ok=ok,
                outcome="ok" if ok else lost or str(call.answer.get("error")),
                request=call.arguments,
                answer=call.answer,
            )
        )
        for parts in self._everywhere.values():
            parts.workspace.notify_changed()


async def _sent(request: Request) -> Json:
    read: object = json.loads(await request.body())
    if not isinstance(read, dict):
        raise json.JSONDecodeError("not an object", "", 0)
    return cast("Json", read)


def _failed(error: str) -> Json:
    return {"ok": False, "error": error}


def _troubled(trouble: InjectedFault) -> Response:
    if trouble.kind == "ratelimited":
        return JSONResponse(
            {"ok": False, "error": "ratelimited"},
            status_code=429,
            headers={"Retry-After": str(trouble.retry_after)},
        )
    if trouble.kind == "server_error":
        return PlainTextResponse("upstream connect error", status_code=503)
    if trouble.kind in KINDS:
        return DroppedResponse()
    return JSONResponse(_failed(trouble.kind))


def _refusal(refused: ApiError) -> Json:
    answer: Json = {"ok": False, "error": refused.code, **refused.more}
    if refused.messages:
        answer["response_metadata"] = {"messages": list(refused.messages)}
    return answer


def _shown(arguments: ApiArguments) -> Json:
    shown: Json = {}
    for name, value in arguments.values.items():
        if name in _SECRETS:
            shown[name] = REDACTED
        elif name in ("blocks", "view", "metadata", "files", "document_content", "changes") and isinstance(
            value, str
        ):
            try:
                shown[name] = json.loads(value)
            except json.JSONDecodeError:
                shown[name] = value
        else:
            shown[name] = value
    return shown


def _without_secrets(answer: Json) -> Json:
    shown = {key: REDACTED if key in _SECRETS else value for key, value in answer.items()}
    return {**shown, "url": REDACTED} if "ticket" in str(answer.get("url", "")) else shown


_SECRETS = {"token", "access_token", "refresh_token", "client_secret", "code"}
