"""An app is installed through the consent page: permission, a code, and a token."""

# slack_sdk leaves many of its types open.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

import http.client
from collections.abc import Callable
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.oauth import AuthorizeUrlGenerator

from bot.sandbox.api import Sandbox

BACK = "http://127.0.0.1:3000/slack/oauth_redirect"


def asked(there: Sandbox, **other: str) -> str:
    """Return the address that an app sends people to, made by Slack's own helper."""
    generator = AuthorizeUrlGenerator(
        client_id=other.get("client_id", there.tokens.client_id),
        redirect_uri=other.get("redirect_uri", BACK),
        scopes=other.get("scope", "chat:write,commands").split(","),
        authorization_url=f"{there.url.removesuffix('/api/')}/oauth/v2/authorize",
    )
    return generator.generate("a-state")


def visited(address: str, answer: str | None = None) -> tuple[int, str]:
    """Open the page, or answer it; return the status with the page or the address it leads to."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.netloc, timeout=30)
    body = urlencode({"answer": answer}) if answer else None
    connection.request("POST" if answer else "GET", f"{parts.path}?{parts.query}", body=body)
    response = connection.getresponse()
    page = response.read().decode()
    connection.close()
    return response.status, response.headers.get("Location") or page


def code_of(there: Sandbox) -> str:
    """Return the code for a permission that was given."""
    status, address = visited(asked(there), "allow")
    assert status == http.client.FOUND
    told = parse_qs(urlsplit(address).query)
    assert (address.split("?")[0], told["state"]) == (BACK, ["a-state"])
    return told["code"][0]


def exchanged(there: Sandbox, **other: str) -> WebClient:
    """Exchange a code for a token; return a client with it."""
    secrets = {"client_id": there.tokens.client_id, "client_secret": there.tokens.client_secret}
    answer = WebClient(base_url=there.url).oauth_v2_access(**{**secrets, "redirect_uri": BACK, **other})
    return WebClient(token=str(answer["access_token"]), base_url=there.url)


def test_the_consent_page_names_the_app_and_its_scopes(quiet: Sandbox) -> None:
    status, page = visited(asked(quiet))
    assert status == http.client.OK
    assert "small requests access to The House" in page
    assert "<code>chat:write</code></li><li><code>commands</code>" in page


def test_allowing_redirects_with_a_code_for_a_token(quiet: Sandbox) -> None:
    assert exchanged(quiet, code=code_of(quiet)).auth_test()["ok"]


def test_an_uninstalled_app_comes_back_with_a_new_token(quiet: Sandbox) -> None:
    old = quiet.bot_token
    quiet.uninstall()
    client = exchanged(quiet, code=code_of(quiet))
    assert client.auth_test()["ok"]
    assert quiet.bot_token == client.token != old


def test_canceling_redirects_without_a_code(quiet: Sandbox) -> None:
    _, address = visited(asked(quiet), "cancel")
    assert parse_qs(urlsplit(address).query) == {"state": ["a-state"], "error": ["access_denied"]}


@pytest.mark.parametrize(
    ("other", "fault"),
    [
        ({"client_id": "1.2"}, "invalid_client_id"),
        ({"scope": "admin"}, "invalid_scope"),
        ({"redirect_uri": "https://elsewhere.example/"}, "bad_redirect_uri"),
    ],
)
def test_an_invalid_link_requests_no_scopes(quiet: Sandbox, other: dict[str, str], fault: str) -> None:
    for answer in (None, "allow"):
        status, page = visited(asked(quiet, **other), answer)
        assert (status, fault in page) == (http.client.BAD_REQUEST, True)


def test_a_code_is_valid_once_for_ten_minutes_and_one_address(quiet: Sandbox) -> None:
    code = code_of(quiet)
    exchanged(quiet, code=code)
    assert _refused(lambda: exchanged(quiet, code=code)) == "invalid_code"
    elsewhere = code_of(quiet)
    assert _refused(lambda: exchanged(quiet, code=elsewhere, redirect_uri=f"{BACK}/x")) == "bad_redirect_uri"
    late = code_of(quiet)
    quiet.clock.move(601)
    assert _refused(lambda: exchanged(quiet, code=late)) == "invalid_code"


def test_the_app_must_authenticate(quiet: Sandbox) -> None:
    code = code_of(quiet)
    assert _refused(lambda: exchanged(quiet, code=code, client_secret="guessed")) == "bad_client_secret"
    assert _refused(lambda: exchanged(quiet, code=code, client_id="1.2")) == "invalid_client_id"


def test_neither_secrets_nor_codes_are_in_the_record(quiet: Sandbox) -> None:
    code = code_of(quiet)
    exchanged(quiet, code=code)
    record = repr((quiet.api_calls, quiet.exchanges))
    assert not [one for one in (code, quiet.bot_token, quiet.tokens.client_secret) if one in record]


def _refused(call: Callable[[], object]) -> str:
    with pytest.raises(SlackApiError) as caught:
        call()
    return str(caught.value.response["error"])
