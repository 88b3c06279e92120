"""The Web API over HTTP, and response URLs."""

import asyncio
import json
import threading
import time
from typing import NamedTuple, cast

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.sandbox.api_methods import (
    ApiMethod,
    MethodContext,
    canvas_methods,
    chat_methods,
    conversation_methods,
    directory_methods,
    file_methods,
    oauth_methods,
    view_methods,
)
from bot.sandbox.api_methods.call_arguments import ApiArguments, ApiError
from bot.sandbox.http_endpoints.command_responses import apply_response
from bot.sandbox.http_endpoints.rate_limits import RateLimits
from bot.sandbox.payload_delivery.dropped_connections import DroppedResponse
from bot.sandbox.slack_json import Json
from bot.sandbox.workspace.exchanges import REDACTED, Exchange, Exchanges
from bot.sandbox.workspace.fault_injection import KINDS, FaultInjector, InjectedFault
from bot.sandbox.workspace.trigger_ids import ResponseUrlRefused

METHODS: dict[str, ApiMethod] = {
    **canvas_methods.METHODS,
    **chat_methods.METHODS,
    **conversation_methods.METHODS,
    **directory_methods.METHODS,
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


class WebApi:
    """The Web API of the sandbox."""

    def __init__(
        self, parts: MethodContext, *, faults: FaultInjector, exchanges: Exchanges, rate_limits: bool
    ) -> None:
        self._parts = parts
        self._faults = faults
        self._exchanges = exchanges
        self._limits = RateLimits(parts.workspace.clock, enabled=rate_limits)
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
        return JSONResponse(answer, headers=self._scopes())

    def _scopes(self) -> dict[str, str]:
        """Return the header in which Slack lists the scopes of the token."""
        granted = self._parts.workspace.app.scopes
        return {} if granted is None else {"x-oauth-scopes": ",".join(sorted(granted))}

    def _carried_out(self, name: str, request: Request, body: bytes) -> ApiCall:
        arguments, authorization = ApiArguments({}), request.headers.get("authorization", "")
        try:
            arguments = ApiArguments.read(
                query=request.url.query, content_type=request.headers.get("content-type", ""), body=body
            ).with_basic(authorization)
            answer = {"ok": True, **self._answer(name, arguments, authorization)}
        except ApiError as refused:
            answer = _refusal(refused)
        return ApiCall(name, _shown(arguments), answer)

    def _answer(self, name: str, arguments: ApiArguments, authorization: str) -> Json:
        method = METHODS.get(name)
        if method is None:
            raise ApiError("unknown_method", req_method=name)
        if method.needs_token:
            self._authenticate(method, arguments.text("token") or authorization.removeprefix("Bearer "))
        wait = self._limits.seconds_to_wait(
            name, per_minute=method.per_minute, channel=arguments.text("channel")
        )
        if wait:
            raise ApiError("ratelimited", retry_after=wait)
        app = self._parts.workspace.app
        if method.scopes and not any(app.may(scope) for scope in method.scopes):
            provided = ",".join(sorted(app.scopes or ()))
            raise ApiError("missing_scope", needed=",".join(method.scopes), provided=provided)
        refusal = self._parts.workspace.behavior.canvas_refusals.get(name)
        if refusal is not None:
            raise ApiError.worded(refusal)
        return method.answer(self._parts, arguments)

    def _authenticate(self, method: ApiMethod, token: str) -> None:
        app = self._parts.workspace.app
        tokens = app.tokens
        if not token:
            raise ApiError("not_authed")
        if token not in (tokens.bot, tokens.app):
            raise ApiError("invalid_auth")
        if token != (tokens.app if method.needs_app_token else tokens.bot):
            raise ApiError("not_allowed_token_type")
        if token == tokens.bot and app.refusing is not None:
            raise ApiError(app.refusing)

    async def _respond(self, request: Request) -> Response:
        began = time.perf_counter()
        try:
            sent = await _sent(request)
        except json.JSONDecodeError:
            sent = None
        with self._answering:
            response, answer = self._responded(str(request.path_params["name"]), sent)
            self._note(began, ApiCall("response_url", sent or {}, answer))
        return response

    def _responded(self, name: str, sent: Json | None) -> tuple[Response, Json]:
        if sent is None:
            return PlainTextResponse("invalid_payload", status_code=400), _failed("invalid_payload")
        try:
            apply_response(self._parts, self._parts.response_urls.use(name), sent)
        except ResponseUrlRefused as refused:
            return PlainTextResponse(str(refused), status_code=404), _failed(str(refused))
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
                at=self._parts.workspace.clock.now(),
                ms=(time.perf_counter() - began) * 1000,
                ok=ok,
                outcome="ok" if ok else lost or str(call.answer.get("error")),
                request=call.arguments,
                answer=call.answer,
            )
        )
        self._parts.workspace.notify_changed()


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


_SECRETS = {"token", "access_token", "client_secret", "code"}
