"""An app is installed through the consent page: permission, a code, and a token."""

# slack_sdk leaves many of its types open.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

import http.client
from urllib.parse import parse_qs, urlsplit

import pytest
from slack_sdk import WebClient

from bot.sandbox.api import Sandbox
from tests.sandbox.consent import BACK, asked, code_of, refused, visited


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
    assert refused(lambda: exchanged(quiet, code=code)) == "code_already_used"
    elsewhere = code_of(quiet)
    assert refused(lambda: exchanged(quiet, code=elsewhere, redirect_uri=f"{BACK}/x")) == "bad_redirect_uri"
    late = code_of(quiet)
    quiet.clock.move(601)
    assert refused(lambda: exchanged(quiet, code=late)) == "invalid_code"


def test_the_app_must_authenticate(quiet: Sandbox) -> None:
    code = code_of(quiet)
    assert refused(lambda: exchanged(quiet, code=code, client_secret="guessed")) == "bad_client_secret"
    assert refused(lambda: exchanged(quiet, code=code, client_id="1.2")) == "invalid_client_id"


def test_neither_secrets_nor_codes_are_in_the_record(quiet: Sandbox) -> None:
    code = code_of(quiet)
    exchanged(quiet, code=code)
    record = repr((quiet.api_calls, quiet.exchanges))
    assert not [one for one in (code, quiet.bot_token, quiet.tokens.client_secret) if one in record]
