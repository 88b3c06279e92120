"""The doctor of a bot for many workspaces: its credentials, keys and tokens."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from bot.cli.operations.doctor import examine
from bot.cli.operations.installation_health import check_allowed, check_installations
from bot.settings import Secret, read_settings
from bot.slack.directory.app_installations.stored_installations import with_tokens
from bot.slack.protocol.app_ids import SCOPES
from bot.store import open_store
from bot.store.repositories.installations import InstallationRecord
from bot.token_cipher import TokenCipher, key_id
from tests.slack.installing import FIRST_KEY, NOON, SECOND_KEY
from tests.slack.oauth_stand_in import CLIENT_ID, CLIENT_SECRET, OAuthStandIn, slack_of_oauth

OLD, NEW = Secret(FIRST_KEY), Secret(SECOND_KEY)


@pytest.fixture
def slack() -> Iterator[OAuthStandIn]:
    with slack_of_oauth() as stand_in:
        yield stand_in


def record(team: str, *keys: Secret, **about: object) -> InstallationRecord:
    plain = InstallationRecord(app="A1", team=team, scopes=",".join(SCOPES), token_at=NOON, installed_at=NOON)
    return replace(with_tokens(TokenCipher(keys), plain, Secret("xoxb-1"), Secret(""), now=NOON), **about)


def wrong(*records: InstallationRecord, keys: tuple[Secret, ...] = (NEW,)) -> list[str]:
    return [text for well, text in check_installations(records, TokenCipher(keys), NOON) if not well]


def environment(slack: OAuthStandIn, folder: Path) -> dict[str, str]:
    return {
        "SLACK_API_URL": slack.url,
        "SLACK_CLIENT_ID": CLIENT_ID,
        "SLACK_CLIENT_SECRET": CLIENT_SECRET,
        "SLACK_SIGNING_SECRET": "0" * 32,
        "THREATMODEL_TOKEN_KEYS": f"{SECOND_KEY},{FIRST_KEY}",
        "DATABASE_URL": f"sqlite:///{folder}/threatmodel.db",
        "PORT": "0",
    }


def test_the_credentials_are_tried_without_an_installation(slack: OAuthStandIn, tmp_path: Path) -> None:
    findings = examine(environment(slack, tmp_path))
    assert [finding.text for finding in findings if not finding.well] == []
    assert "Slack: it accepts SLACK_CLIENT_ID and SLACK_CLIENT_SECRET" in [one.text for one in findings]

    findings = examine({**environment(slack, tmp_path), "SLACK_CLIENT_SECRET": "f" * 32})
    (text,) = [finding.text for finding in findings if not finding.well]
    assert text.startswith("Slack rejected SLACK_CLIENT_ID or SLACK_CLIENT_SECRET (bad_client_secret)")


def test_the_keys_that_are_still_needed_are_named(slack: OAuthStandIn, tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/threatmodel.db")
    store.installations.save(record("T1", OLD))
    store.close()
    texts = [one.text for one in examine(environment(slack, tmp_path))]
    assert f"THREATMODEL_TOKEN_KEYS: key 1 ({key_id(NEW)}) encrypts new tokens, and is used by 0" in texts
    needed = f"THREATMODEL_TOKEN_KEYS: key 2 ({key_id(OLD)}) is still needed by 1; `serve` encrypts"
    assert [one for one in texts if one.startswith(needed)]
    found = check_installations([record("T1", NEW)], TokenCipher((NEW, OLD)), NOON)
    unused = f"THREATMODEL_TOKEN_KEYS: key 2 ({key_id(OLD)}) is used by no token. Remove an earlier key;"
    assert [text for _, text in found if text.startswith(unused)]


def test_installations_that_would_be_refused_today_are_named(slack: OAuthStandIn, tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/threatmodel.db")
    store.installations.save(record("T1", NEW))
    store.close()
    allowed = {**environment(slack, tmp_path), "ALLOWED_WORKSPACES": "E1"}
    (text,) = [one.text for one in examine(allowed) if not one.well]
    assert text.startswith("ALLOWED_WORKSPACES no longer allows T1,")
    allowed["ALLOWED_WORKSPACES"] = "E1,T1"
    assert [one.text for one in examine(allowed) if not one.well] == []
    others = (record("T2", NEW, enterprise="E1"), record("T3", NEW, state="uninstalled"))
    assert list(check_allowed(read_settings(allowed), others)) == []


def test_tokens_that_cannot_be_read_are_named(slack: OAuthStandIn) -> None:
    assert wrong(record("T1", NEW)) == []
    (text,) = wrong(record("T1", OLD))
    assert text.startswith(f"THREATMODEL_TOKEN_KEYS lacks the key {key_id(OLD)}")
    (text,) = wrong(replace(record("T1", NEW), team="T2"))
    assert "was encrypted for another owner" in text
    assert wrong(record("T1", OLD, state="uninstalled")) == [], "nothing depends on it"


def test_tokens_that_were_not_renewed_are_named() -> None:
    expires = NOON + timedelta(hours=12)
    due = record("T1", NEW, expires_at=expires, token_at=NOON - timedelta(hours=12))
    assert wrong(due) == [], "it has an hour"
    (text,) = wrong(replace(due, token_at=NOON - timedelta(hours=15)))
    assert text.startswith("tokens of T1 were not renewed in time. ")


def test_missing_scopes_are_named() -> None:
    many = [record(f"T{number}", NEW, scopes="commands") for number in range(7)]
    (text,) = wrong(*many)
    assert text.startswith("T0, T1, T2, T3, T4 and 2 more did not permit all scopes of this release.")
