"""A small stand-in for Slack's side of OAuth: codes, expiring tokens, refresh tokens that are used once."""

import json
import threading
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

from typing_extensions import override

CLIENT_ID = "1234567890.1234567890"
CLIENT_SECRET = "0123456789abcdef0123456789abcdef"


class OAuthStandIn:
    """Slack's answers to `oauth.v2.access`, `auth.test`, `auth.revoke` and `auth.teams.list`."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.rotates = False
        self.life = 43_200
        """Seconds for which a token is valid."""
        self.lock = threading.Lock()
        self.codes: dict[str, dict[str, Any]] = {}
        self.tokens: dict[str, dict[str, Any]] = {}
        self.refreshers: dict[str, dict[str, Any]] = {}
        self.teams: dict[str, list[str]] = {}
        self.refreshed: list[str] = []
        self.calls: list[str] = []
        self.sent: list[tuple[str, dict[str, str]]] = []
        """The token and the arguments of each call."""
        self.failing: dict[str, str] = {}
        """Error codes by method; "silent" answers nothing that can be read."""

    def permit(self, code: str, team: str = "T1", *, enterprise: str = "", whole: bool = False) -> None:
        """Let a person permit the app; the code can be exchanged once."""
        named = {"id": team, "name": f"Name of {team}"}
        self.codes[code] = {
            "app_id": "A1",
            "bot_user_id": f"B{enterprise if whole else team}",
            "scope": "chat:write,commands",
            "team": None if whole else named,
            "enterprise": {"id": enterprise, "name": f"Name of {enterprise}"} if enterprise else None,
            "is_enterprise_install": whole,
        }

    def revoke(self, team: str) -> None:
        """End all tokens of a workspace or organization."""
        with self.lock:
            for token, about in [*self.tokens.items()]:
                if team in (_id(about["team"]), _id(about["enterprise"])):
                    del self.tokens[token]

    def answer(self, method: str, fields: dict[str, str], token: str) -> dict[str, Any]:
        """Answer a call."""
        with self.lock:
            self.calls.append(method)
            self.sent.append((token, fields))
            if code := self.failing.get(method):
                return {"ok": False, "error": code}
            if method == "oauth.v2.access":
                return self._access(fields)
            about = self.tokens.get(token)
            if about is None:
                return {"ok": False, "error": "token_revoked"}
            team = _id(about["team"]) or _id(about["enterprise"])
            if method == "auth.revoke":
                del self.tokens[token]
                return {"ok": True, "revoked": True}
            if method == "auth.test":
                return {
                    "ok": True, "url": f"https://{team.lower()}.slack.com/", "user": "threatmodel",
                    "user_id": about["bot_user_id"], "bot_id": f"BOT{team}", "team_id": team,
                }  # fmt: skip
            if method == "auth.teams.list":
                return {"ok": True, "teams": [{"id": one} for one in self.teams.get(team, [])]}
            return {"ok": False, "error": "channel_not_found"}

    def _access(self, fields: dict[str, str]) -> dict[str, Any]:
        if fields.get("client_id") != CLIENT_ID or fields.get("client_secret") != CLIENT_SECRET:
            return {"ok": False, "error": "bad_client_secret"}
        if fields.get("grant_type") == "refresh_token":
            about = self.refreshers.pop(fields["refresh_token"], None)
            if about is None:
                return {"ok": False, "error": "invalid_refresh_token"}
            self.refreshed.append(_id(about["team"]))
        else:
            about = self.codes.pop(fields.get("code", ""), None)
            if about is None:
                return {"ok": False, "error": "invalid_code"}
        number = len(self.tokens) + len(self.refreshed) + 1
        token = f"{'xoxe.' if self.rotates else ''}xoxb-{number}"
        self.tokens[token] = about
        answer = {"ok": True, "access_token": token, "token_type": "bot", **about}
        if self.rotates:
            self.refreshers[f"xoxe-1-{number}"] = about
            answer |= {"refresh_token": f"xoxe-1-{number}", "expires_in": self.life}
        return answer


@contextmanager
def slack_of_oauth() -> Generator[OAuthStandIn]:
    """Run the stand-in on a port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            fields = {name: values[-1] for name, values in parse_qs(body.decode()).items()}
            token = self.headers.get("authorization", "").removeprefix("Bearer ")
            method = self.path.rpartition("/")[2]
            answer = stand_in.answer(method, fields, token)
            status, text = (
                (500, b"broken") if answer.get("error") == "silent" else (200, json.dumps(answer).encode())
            )
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        @override
        def log_message(self, format: str, *args: object) -> None:
            del format, args

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    stand_in = OAuthStandIn(f"http://127.0.0.1:{server.server_address[1]}/api/")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield stand_in
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _id(place: dict[str, str] | None) -> str:
    return place["id"] if place else ""
