"""An installation through the consent page, as an app and a person's browser do it."""

# slack_sdk leaves many of its types open.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

import http.client
from collections.abc import Callable
from typing import cast
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.oauth import AuthorizeUrlGenerator
from slack_sdk.web import SlackResponse

from bot.sandbox.api import Json, Sandbox

BACK = "http://127.0.0.1:3000/slack/oauth_redirect"


def asked(there: Sandbox, **other: str) -> str:
    """Return the address that an app sends people to, made by Slack's own helper."""
    generator = AuthorizeUrlGenerator(
        client_id=other.get("client_id", there.tokens.client_id),
        redirect_uri=other.get("redirect_uri", BACK),
        scopes=other.get("scope", "chat:write,commands").split(","),
        authorization_url=f"{there.url.removesuffix('/api/')}/oauth/v2/authorize",
    )
    return generator.generate("a-state", team=other.get("team"))


def visited(address: str, answer: str | None = None, *, cookie: str = "", **chosen: str) -> tuple[int, str]:
    """Open the page, or answer it; return the status with the page or the address it leads to."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.netloc, timeout=30)
    body = urlencode({"answer": answer, **chosen}) if answer else None
    headers = {"Cookie": cookie} if cookie else {}
    connection.request("POST" if answer else "GET", f"{parts.path}?{parts.query}", body=body, headers=headers)
    response = connection.getresponse()
    page = response.read().decode()
    connection.close()
    return response.status, response.headers.get("Location") or page


def code_of(there: Sandbox, **chosen: str) -> str:
    """Return the code for a permission that was given, by default in the first workspace without the app."""
    status, address = visited(asked(there), "allow", **chosen)
    assert status == http.client.FOUND, address
    query = parse_qs(urlsplit(address).query)
    assert (address.split("?")[0], query["state"]) == (BACK, ["a-state"])
    return query["code"][0]


def called(there: Sandbox, method: str, **arguments: str) -> Json:
    """Call a method as the app itself, with its ID and secret, and without a token."""
    secrets = {"client_id": there.tokens.client_id, "client_secret": there.tokens.client_secret}
    return told(WebClient(base_url=there.url).api_call(method, data={**secrets, **arguments}))


def told(answer: SlackResponse) -> Json:
    """Return the JSON of an answer."""
    return cast("Json", answer.data)


def granted(there: Sandbox, **chosen: str) -> Json:
    """Install the app through the consent page; return the answer to the code."""
    return called(there, "oauth.v2.access", code=code_of(there, **chosen))


def refreshed(there: Sandbox, refresh_token: str) -> Json:
    """Exchange a refresh token for a new pair."""
    return called(there, "oauth.v2.access", grant_type="refresh_token", refresh_token=refresh_token)


def client_of(there: Sandbox, token: object) -> WebClient:
    """Return a client with a token."""
    return WebClient(token=str(token), base_url=there.url)


def refused(call: Callable[[], object]) -> str:
    """Return the error code with which Slack refuses a call."""
    with pytest.raises(SlackApiError) as caught:
        call()
    return str(caught.value.response["error"])
