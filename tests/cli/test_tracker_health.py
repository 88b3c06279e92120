"""Connected trackers in the terminal: listed without secrets, and tried by the doctor."""

import json
from pathlib import Path

import pytest
from msgspec.structs import replace

from bot.cli.operations.doctor import examine
from bot.cli.operations.tracker_health import check_trackers, tracker_findings
from bot.commands.command_handler import SettingsHandler
from bot.settings import Secret, Settings, read_settings
from bot.store import CommandKey, open_store
from bot.store.repositories.tracker_connections import TrackerConnection
from bot.token_cipher import TokenCipher, key_id
from bot.trackers.connection_secrets import encrypt_secrets, new_secrets
from bot.trackers.tracker import Project, TrackerBusy, TrackerRefused, TrackerUnreachable
from domain.kernel.elements import PersonId
from domain.kernel.tracked_issue import ConnectedTracker, TrackerId, TrackerKind
from domain.workspace_trackers import ConnectTracker
from tests.cli.conftest import RunCli
from tests.slack.installing import FIRST_KEY, NOON, SECOND_KEY
from tests.trackers.answering_tracker import BOT, AnsweringTracker

CIPHER = TokenCipher([Secret(FIRST_KEY)])
TOKEN = "ghp_made-up-token"
SHOP = ConnectedTracker(
    id=TrackerId("TR-1"), kind=TrackerKind.GITHUB, url="https://github.com", project="acme/shop"
)


def connection(**about: object) -> TrackerConnection:
    secrets = encrypt_secrets(CIPHER, new_secrets(Secret(TOKEN)), tenant="T1", owner="TR-1", now=NOON)
    held = TrackerConnection(tracker=SHOP.id, secrets=secrets, key_id=CIPHER.newest, saved_at=NOON)
    return replace(held, **about)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A database with one connected tracker."""
    url = f"sqlite:///{tmp_path}/threatmodel.db"
    store = open_store(url)
    command = ConnectTracker(by=PersonId("U1"), at=NOON, kind=SHOP.kind, url=SHOP.url, project=SHOP.project)
    SettingsHandler(store).choose(command, tenant="T1", key=CommandKey("k"))
    store.unit("T1").tracker_connections.save(connection())
    store.close()
    return read_settings({"DATABASE_URL": url, "THREATMODEL_TOKEN_KEYS": FIRST_KEY})


def test_each_token_is_tried(settings: Settings) -> None:
    tracker = AnsweringTracker()

    well = "the token is accepted, its account is threat-bot; not read yet"
    store = open_store(settings.database_url)
    assert tracker_findings(store, settings, tracker.open) == [
        (True, f"THREATMODEL_TOKEN_KEYS: key 1 ({CIPHER.newest}) encrypts new tokens, and is used by 1"),
        (True, f"tracker TR-1 of T1 (GitHub Issues, acme/shop): {well}"),
    ]
    store.close()
    assert tracker.opened is not None
    assert tracker.opened[1].token == Secret(TOKEN)


def test_what_is_wrong_is_said_with_its_mend() -> None:
    private = Project(name="shop", public=False, account=BOT)
    cases = {
        "is public. Make the project private": replace(private, public=True),
        "(GitHub Issues, acme/shop): It may not create issues.": replace(
            private, problems=("It may not create issues.",)
        ),
        "cannot be used: HTTP 401 Replace its token": TrackerRefused("HTTP 401", unauthorized=True),
        "does not answer: HTTP 502 This says nothing about its token.": TrackerUnreachable("HTTP 502"),
        "does not answer: HTTP 429 This says nothing about its token.": TrackerBusy("HTTP 429", wait=9),
    }
    for words, answer in cases.items():
        tracker = AnsweringTracker()
        tracker.answer = answer
        ((well, text),) = check_trackers([("T1", connection(), SHOP)], CIPHER, tracker.open)
        assert (well, words in text) == (False, True), text
    held = {
        "is stopped: The token is not accepted.": connection(
            stopped=True, error="The token is not accepted."
        ),
        f"lacks the key {key_id(Secret(SECOND_KEY))}": connection(key_id=key_id(Secret(SECOND_KEY))),
    }
    for words, one in held.items():
        ((well, text),) = check_trackers([("T1", one, SHOP)], CIPHER, AnsweringTracker().open)
        assert (well, words in text) == (False, True), text


def test_the_doctor_names_the_missing_setting(settings: Settings) -> None:
    texts = [one.text for one in examine({"DATABASE_URL": settings.database_url}) if not one.well]
    assert [text for text in texts if text.startswith("THREATMODEL_TOKEN_KEYS is missing. The tokens of 1")]


def test_connections_are_listed_without_secrets(settings: Settings, run_cli: RunCli) -> None:
    assert settings.database_file is not None
    (listed,) = json.loads(run_cli("trackers", "--json").stdout)
    assert (listed["workspace"], listed["tracker"], listed["project"]) == ("T1", "TR-1", "acme/shop")
    assert (listed["default"], listed["stopped"]) == (True, False)
    assert not {"secrets", "token", "key_id"} & listed.keys()
    shown = run_cli("trackers").stdout
    assert "acme/shop" in shown
    assert "not read yet" in shown
