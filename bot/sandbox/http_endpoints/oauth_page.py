"""OAuth consent page."""

from html import escape
from urllib.parse import urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.sandbox.api_methods import MethodContext
from bot.sandbox.workspace.seed_data import ANA

_HERE = ("127.0.0.1", "localhost", "::1")


class OAuthPage:
    """Consent page that redirects the user back to the app."""

    def __init__(self, parts: MethodContext) -> None:
        self._parts = parts

    def routes(self) -> list[Route]:
        """Return the routes of the page."""
        return [
            Route("/oauth/v2/authorize", self._ask, methods=["GET"]),
            Route("/oauth/v2/authorize", self._answer, methods=["POST"]),
        ]

    async def _ask(self, request: Request) -> Response:
        fault = self._fault(request)
        if fault:
            return _page(f"<h1>This link is invalid</h1><p>{escape(fault)}</p>", status=400)
        app = self._parts.workspace.app
        scopes = [one for one in request.query_params.get("scope", "").split(",") if one]
        listed = "".join(f"<li><code>{escape(one)}</code></li>" for one in scopes)
        return _page(
            f"<h1>{escape(app.name)} requests access to {escape(self._parts.workspace.team.name)}</h1>"
            f"<p>Requested scopes:</p><ul>{listed}</ul>"
            '<form method="post"><button name="answer" value="allow">Allow</button> '
            '<button name="answer" value="cancel">Cancel</button></form>'
        )

    async def _answer(self, request: Request) -> Response:
        fault = self._fault(request)
        if fault:
            return _page(f"<p>{escape(fault)}</p>", status=400)
        back = self._back_to(request)
        parameters = {"state": request.query_params.get("state", "")}
        if b"answer=allow" in await request.body():
            parameters["code"] = self._parts.grants.issue(ANA.id, back)
        else:
            parameters["error"] = "access_denied"
        return RedirectResponse(
            f"{back}{'&' if '?' in back else '?'}{urlencode(parameters)}", status_code=302
        )

    def _fault(self, request: Request) -> str | None:
        app = self._parts.workspace.app
        asked = {one for one in request.query_params.get("scope", "").split(",") if one}
        if request.query_params.get("client_id") != app.tokens.client_id:
            return "invalid_client_id: the link names a different app."
        if not asked:
            return "no_scopes: the link requests no scopes."
        if app.scopes is not None and asked - app.scopes:
            return f"invalid_scope: the manifest lacks {', '.join(sorted(asked - app.scopes))}."
        if not self._may_return(self._back_to(request)):
            return "bad_redirect_uri: the redirect URI is not one of the app's redirect URLs."
        return None

    def _back_to(self, request: Request) -> str:
        allowed = self._parts.workspace.app.redirect_urls
        return request.query_params.get("redirect_uri") or (allowed[0] if allowed else "")

    def _may_return(self, address: str) -> bool:
        allowed = self._parts.workspace.app.redirect_urls
        if allowed:
            return any(address == one or address.startswith(one.rstrip("/") + "/") for one in allowed)
        parts = urlsplit(address)
        return parts.scheme in ("http", "https") and parts.hostname in _HERE


def _page(body: str, *, status: int = 200) -> Response:
    style = "body{font:16px system-ui;max-width:36rem;margin:4rem auto;padding:0 1rem}button{font:inherit}"
    page = f"<!DOCTYPE html><title>Permission</title><style>{style}</style>{body}"
    # No framing: prevents clickjacking.
    return HTMLResponse(page, status_code=status, headers={"X-Frame-Options": "DENY"})
