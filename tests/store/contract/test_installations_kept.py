"""What the installations of the app answer, across workspaces."""

from datetime import timedelta

from msgspec.structs import replace

from bot.store import Store
from bot.store.repositories.installations import InstallationRecord
from tests.store.saying import NOON, started
from tests.store.saying import say as record

LATER = NOON + timedelta(hours=1)

ACME = InstallationRecord(
    app="A1",
    team="T1",
    bot_user="U1",
    bot_id="B1",
    bot_name="threatmodel",
    url="https://acme.slack.com/",
    scopes="chat:write,commands",
    token=b"\x00sealed",
    refresh_token=b"sealed again",
    key_id="k1",
    token_at=NOON,
    expires_at=LATER,
    installed_at=NOON,
)
GRID = replace(ACME, enterprise="E1", team="", token=b"org", bot_user="W1")
"""An organization in which the app is installed as a whole."""


def workspace(team: str) -> InstallationRecord:
    """A workspace of the organization, without a token of its own."""
    return InstallationRecord(app="A1", enterprise="E1", team=team, token_at=NOON, installed_at=NOON)


def test_an_installation_is_found_as_it_was_recorded(store: Store) -> None:
    store.installations.save(ACME)
    store.installations.save(replace(ACME, team="T2", expires_at=None))

    assert store.installations.find(ACME.name) == ACME
    assert store.installations.find("A1//T9") is None
    assert store.installations.of_tenant("T2") == [replace(ACME, team="T2", expires_at=None)]
    assert [one.team for one in store.installations.all()] == ["T1", "T2"]


def test_a_second_installation_takes_the_place_of_the_first(store: Store) -> None:
    store.installations.save(ACME)
    assert store.installations.change_state(ACME, "uninstalled")
    again = replace(ACME, token=b"new", bot_name="", url="", bot_id="", installed_at=LATER)

    store.installations.save(again)

    kept = replace(again, bot_name="threatmodel", url=ACME.url, bot_id="B1")
    assert store.installations.all() == [kept], "details that Slack did not give again are kept"
    assert kept.state == "installed"


def test_a_workspace_that_joined_an_organization_is_one_installation(store: Store) -> None:
    store.installations.save(ACME)
    store.installations.save(replace(ACME, app="A2"))
    joined = replace(ACME, enterprise="E1", installed_at=LATER)

    store.installations.save(joined)

    assert store.installations.of_tenant("T1") == [joined, replace(ACME, app="A2")]


def test_workspaces_of_an_organization_follow_its_installation(store: Store) -> None:
    assert store.installations.add_missing(workspace("T5"))
    assert not store.installations.add_missing(replace(workspace("T5"), state="revoked"))
    assert store.installations.installed() == [], "the organization is not installed"
    store.installations.save(GRID)
    store.installations.add_missing(workspace("T4"))
    store.installations.save(ACME)

    assert store.installations.installed() == ["T1", "T4", "T5"]
    assert [one.team for one in store.installations.workspaces_of("E1")] == ["T4", "T5"]
    assert store.installations.of_tenant("E1") == [GRID]
    store.installations.change_state(GRID, "uninstalled")
    assert store.installations.installed() == ["T1"]
    store.installations.change_state(ACME, "revoked")
    assert store.installations.installed() == []


def test_a_change_of_what_another_process_has_changed_is_refused(store: Store) -> None:
    store.installations.save(ACME)
    renewed = replace(ACME, token=b"t2", refresh_token=b"r2", key_id="k2", token_at=LATER, expires_at=None)
    described = replace(ACME, bot_id="B2", bot_name="tm", url="https://x.slack.com/")
    assert store.installations.replace_tokens(ACME, renewed)

    assert not store.installations.replace_tokens(ACME, replace(ACME, token=b"late"))
    assert not store.installations.change_state(ACME, "revoked")
    assert not store.installations.describe(ACME, described)
    assert store.installations.find(ACME.name) == renewed
    assert store.installations.describe(renewed, described)
    assert store.installations.find(ACME.name) == replace(
        renewed, bot_id="B2", bot_name="tm", url="https://x.slack.com/"
    )


def test_a_token_that_does_not_expire_is_compared_too(store: Store) -> None:
    lasting = replace(ACME, refresh_token=b"", expires_at=None)
    store.installations.save(lasting)
    assert store.installations.replace_tokens(lasting, replace(lasting, token=b"t2"))

    assert not store.installations.replace_tokens(lasting, replace(lasting, token=b"t3"))
    assert not store.installations.change_state(lasting, "revoked")


def test_a_state_is_not_changed_after_a_new_installation(store: Store) -> None:
    store.installations.save(ACME)
    store.installations.save(replace(ACME, installed_at=LATER))

    assert not store.installations.change_state(ACME, "uninstalled")
    assert store.installations.installed() == ["T1"]


def test_installations_are_counted_by_key(store: Store) -> None:
    old = replace(ACME, team="T2", key_id="k0")
    for one in (ACME, old, workspace("T5")):
        store.installations.save(one)

    assert store.installations.keys() == {"k0": 1, "k1": 1}


def test_a_value_is_used_once_until_it_expires(store: Store) -> None:
    assert store.installations.use_once("n", until=LATER, now=NOON)
    assert not store.installations.use_once("n", until=LATER, now=LATER)
    assert store.installations.use_once("m", until=LATER, now=NOON)
    after = LATER + timedelta(seconds=1)
    assert store.installations.use_once("n", until=after, now=after), "it is no longer remembered"


def test_a_removed_workspace_has_no_installation(store: Store) -> None:
    for team in ("T1", "T2"):
        store.installations.save(replace(ACME, team=team))
    record(store, started())

    store.remove_workspace("T1")

    assert store.installations.installed() == ["T2"]
