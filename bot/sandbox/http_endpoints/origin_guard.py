"""Middleware that refuses foreign hosts and origins."""

from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})

NO_SUCH_HOST = "Unknown host name. Open the workspace at the address that was printed at startup.\n"
OTHER_ORIGIN = "Requests from pages of other origins are refused.\n"

_HEADERS = (
    ("x-frame-options", "DENY"),
    ("content-security-policy", "frame-ancestors 'none'"),
    ("x-content-type-options", "nosniff"),
    ("cross-origin-resource-policy", "same-origin"),
)


class OriginGuard:
    """Middleware that refuses foreign hosts and origins, and forbids framing.

    A name that a website has pointed to this address (DNS rebinding) appears in `Host`; a page of another
    website that connects or posts here is named in `Origin`. Programs send no origin. `names` are the
    workspace's additional host names besides those of this machine.
    """

    def __init__(self, app: ASGIApp, names: Iterable[str] = ()) -> None:
        self._app = app
        self._names = LOOPBACK | {one.lower() for one in names}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Forward permitted requests, and refuse the others."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(Headers(scope=scope))
        if refusal is None:
            await self._app(scope, receive, _unframed(send))
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008, "reason": refusal.strip()})
        else:
            await PlainTextResponse(refusal, status_code=403)(scope, receive, _unframed(send))

    def _refusal(self, headers: Headers) -> str | None:
        hosts, origins = headers.getlist("host"), headers.getlist("origin")
        if len(hosts) != 1 or _name(f"//{hosts[0]}") not in self._names:
            return NO_SUCH_HOST
        # The same host with another port is another server of this machine, which has no access here.
        own = (f"http://{hosts[0]}".lower(), f"https://{hosts[0]}".lower())
        return OTHER_ORIGIN if any(one.lower() not in own for one in origins) else None


def _name(address: str) -> str:
    try:
        return (urlsplit(address).hostname or "").rstrip(".")
    except ValueError:
        return ""


def _unframed(send: Send) -> Send:
    async def with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS:
                headers.setdefault(name, value)
        await send(message)

    return with_headers
