"""With token rotation, tokens expire after twelve hours, and each is renewed once by its refresh token."""

# slack_sdk leaves many of its types open.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from slack_sdk.oauth.installation_store import Bot
from slack_sdk.oauth.token_rotation import TokenRotator
from slack_sdk.web import WebClient

from bot.sandbox.api import Json, Sandbox
from bot.sandbox.workspace.installed_places import REPLACED_SECONDS, TOKEN_SECONDS
from tests.sandbox.consent import called, client_of, granted, refreshed, refused, told
from tests.sandbox.small_bot import MANIFEST
from tests.waiting import patient_sandbox

ROTATING: Json = {**MANIFEST, "settings": {**MANIFEST["settings"], "token_rotation_enabled": True}}


@pytest.fixture
def rotating() -> Iterator[Sandbox]:
    """A workspace whose app uses token rotation, and is not installed yet."""
    with patient_sandbox(manifest=ROTATING, installed=False) as started:
        yield started


def test_an_installation_gets_a_token_that_expires_and_one_that_refreshes_it(rotating: Sandbox) -> None:
    pair = granted(rotating)
    assert str(pair["access_token"]).startswith("xoxe.xoxb-1-")
    assert str(pair["refresh_token"]).startswith("xoxe-1-")
    assert pair["expires_in"] == TOKEN_SECONDS == 43_200
    rotating.clock.move(3_600)
    assert abs(told(client_of(rotating, pair["access_token"]).auth_test())["expires_in"] - 39_600) <= 60


def test_a_token_expires_by_the_clock_of_the_sandbox(rotating: Sandbox) -> None:
    client = client_of(rotating, granted(rotating)["access_token"])
    rotating.clock.move(TOKEN_SECONDS - 60)
    assert client.auth_test()["ok"]
    rotating.clock.move(61)
    assert refused(client.auth_test) == "token_expired"


def test_a_refresh_token_is_valid_once_also_after_the_token_expired(rotating: Sandbox) -> None:
    first = granted(rotating)
    rotating.clock.move(TOKEN_SECONDS * 3)
    second = refreshed(rotating, first["refresh_token"])
    assert client_of(rotating, second["access_token"]).auth_test()["ok"]
    assert second["access_token"] != first["access_token"]
    assert second["refresh_token"] != first["refresh_token"]
    assert "authed_user" not in second
    assert refused(lambda: refreshed(rotating, first["refresh_token"])) == "invalid_refresh_token"
    assert refused(lambda: refreshed(rotating, "")) == "invalid_refresh_token"


def test_a_replaced_token_is_accepted_for_a_moment(rotating: Sandbox) -> None:
    first = granted(rotating)
    refreshed(rotating, first["refresh_token"])
    old = client_of(rotating, first["access_token"])
    assert old.auth_test()["ok"]
    rotating.clock.move(REPLACED_SECONDS + 1)
    assert refused(old.auth_test) == "token_revoked"


def test_the_rotation_of_slack_itself_understands_it(rotating: Sandbox) -> None:
    pair = granted(rotating)
    tokens = rotating.tokens
    rotator = TokenRotator(
        client_id=tokens.client_id,
        client_secret=tokens.client_secret,
        client=WebClient(base_url=rotating.url),
    )
    bot = Bot(
        app_id="A0THREATM",
        bot_token=pair["access_token"],
        bot_id="B0THREATM",
        bot_user_id="U0THREATM",
        bot_refresh_token=pair["refresh_token"],
        bot_token_expires_at=1,
        installed_at=1.0,
    )
    renewed = rotator.perform_bot_token_rotation(bot=bot)
    assert renewed is not None
    assert client_of(rotating, renewed.bot_token).auth_test()["ok"]


def test_a_refresh_needs_the_secret_of_the_app(rotating: Sandbox) -> None:
    pair = granted(rotating)["refresh_token"]
    guessed = {"client_secret": "guessed", "grant_type": "refresh_token", "refresh_token": pair}
    assert refused(lambda: called(rotating, "oauth.v2.access", **guessed)) == "bad_client_secret"
    assert refreshed(rotating, pair)["ok"]


def test_an_app_without_rotation_keeps_one_token_that_does_not_expire(quiet: Sandbox) -> None:
    alone = granted(quiet)
    assert not {"expires_in", "refresh_token"} & alone.keys()
    quiet.clock.move(TOKEN_SECONDS * 100)
    assert "expires_in" not in told(client_of(quiet, alone["access_token"]).auth_test())
    assert granted(quiet)["access_token"] == alone["access_token"] == quiet.bot_token


def test_a_token_that_does_not_expire_is_exchanged_once(rotating: Sandbox) -> None:
    rotating.workspace.app = replace(rotating.workspace.app, is_rotating=False)
    old = str(granted(rotating)["access_token"])
    assert refused(lambda: called(rotating, "oauth.v2.exchange", token=old)) == "token_rotation_not_enabled"
    rotating.workspace.app = replace(rotating.workspace.app, is_rotating=True)
    pair = called(rotating, "oauth.v2.exchange", token=old)
    assert refused(lambda: called(rotating, "oauth.v2.exchange", token=old)) == "token_already_exchanged"
    new = str(pair["access_token"])
    assert refused(lambda: called(rotating, "oauth.v2.exchange", token=new)) == "invalid_token"
    assert client_of(rotating, old).auth_test()["ok"]
    refreshed(rotating, pair["refresh_token"])
    rotating.clock.move(REPLACED_SECONDS + 1)
    assert refused(client_of(rotating, old).auth_test) == "token_revoked"


def test_an_uninstalled_app_cannot_refresh(rotating: Sandbox) -> None:
    pair = granted(rotating)
    rotating.uninstall()
    assert refused(lambda: refreshed(rotating, pair["refresh_token"])) == "invalid_refresh_token"
    assert refused(client_of(rotating, pair["access_token"]).auth_test) == "account_inactive"


def test_tokens_expire_and_refresh_across_a_restart(tmp_path: Path) -> None:
    with patient_sandbox(manifest=ROTATING, installed=False, data=tmp_path) as first:
        pair = granted(first)
    with patient_sandbox(manifest=ROTATING, installed=False, data=tmp_path) as again:
        assert client_of(again, pair["access_token"]).auth_test()["ok"]
        newer = refreshed(again, pair["refresh_token"])
    with patient_sandbox(manifest=ROTATING, installed=False, data=tmp_path) as later:
        later.clock.move(REPLACED_SECONDS + 1)
        assert refused(client_of(later, pair["access_token"]).auth_test) == "token_revoked"
        assert client_of(later, newer["access_token"]).auth_test()["ok"]


def test_no_token_is_in_the_record(rotating: Sandbox) -> None:
    first = granted(rotating)
    second = refreshed(rotating, first["refresh_token"])
    record = repr((rotating.api_calls, rotating.exchanges))
    secrets = [pair[name] for pair in (first, second) for name in ("access_token", "refresh_token")]
    assert not [secret for secret in secrets if secret in record]
