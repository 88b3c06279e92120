"""Installations stay valid: tokens are renewed once, ends are confirmed, keys are replaced."""

import re
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from bot.settings import Secret
from bot.slack.directory.app_installations.installation_work import REFRESH, TENANT
from bot.slack.directory.app_installations.stored_installations import bot_token
from bot.store import StoreUnavailable, open_store
from bot.store.work_queue import Claim, Item
from bot.token_cipher import TokenCipher, TokenUnreadable
from tests.depth import deep_only
from tests.fresh_database import copy_fresh_file, fresh_store, unavailable
from tests.queue_rows import subjects_of
from tests.slack.installing import FIRST_KEY, NOON, SECOND_KEY, Clock, InstallingReplica
from tests.slack.oauth_stand_in import OAuthStandIn
from tests.store.contract.adapters import ADAPTERS


@pytest.fixture
def replica(slack: OAuthStandIn) -> InstallingReplica:
    return InstallingReplica(slack)


def installed(
    replica: InstallingReplica, slack: OAuthStandIn, team: str = "T1", *, enterprise: str = ""
) -> None:
    slack.permit("code", team, enterprise=enterprise)
    assert replica.install("code").status == 200
    replica.run_due()


def run_unclaimed(replica: InstallingReplica, kind: str = REFRESH) -> object:
    """Run work on the only installation that has a row to renew its token, without a claim."""
    (subject,) = subjects_of(replica.store.work, TENANT, REFRESH)
    run = next(one.run for one in replica.work.kinds() if one.name == kind)
    return run(Claim(item=Item(TENANT, kind, subject), lane="", token="made up", touched=1, tries=1))


def event(replica: InstallingReplica, kind: str, *, team: str = "T1", **more: object) -> bool:
    """Bring an event of Slack, at the replica's time unless told otherwise."""
    body = {
        "type": "event_callback",
        "team_id": team,
        "event_time": int(replica.clock().timestamp()),
        "authorizations": [{"team_id": team, "enterprise_id": None, "is_enterprise_install": False}],
        "event": {"type": kind, **({"tokens": {"bot": ["BT1"], "oauth": []}} if "revoked" in kind else {})},
    }
    return replica.events.record({**body, **more})


# Tokens that expire


def test_tokens_are_renewed_at_half_of_their_life(replica: InstallingReplica, slack: OAuthStandIn) -> None:
    slack.rotates = True
    installed(replica, slack)
    replica.clock.advance(hours=5, minutes=59)
    assert (replica.run_due(), replica.token("T1")) == ([], "xoxe.xoxb-1")
    replica.clock.advance(minutes=1)

    assert replica.run_due() == [REFRESH]

    assert replica.token("T1") == "xoxe.xoxb-3"
    assert replica.checks == 1, "the claim is checked before the only use of a refresh token"
    replica.clock.advance(hours=6)
    assert (replica.run_due(), slack.refreshed) == ([REFRESH], ["T1", "T1"])


def test_tokens_that_do_not_expire_are_left_alone(replica: InstallingReplica, slack: OAuthStandIn) -> None:
    installed(replica, slack)
    replica.clock.advance(days=400)
    assert (replica.run_due(), slack.refreshed) == ([], [])


@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgres", marks=deep_only)])
def test_ten_replicas_renew_a_token_once(slack: OAuthStandIn, tmp_path: Path, database: str) -> None:
    adapter = ADAPTERS[database](tmp_path)
    stores = [adapter.store(), *(adapter.again() for _ in range(9))]
    clock = Clock()
    replicas = [InstallingReplica(slack, store, clock=clock) for store in stores]
    slack.rotates = True
    installed(replicas[0], slack)
    clock.advance(hours=7)
    ready = threading.Barrier(10)

    def work(replica: InstallingReplica) -> None:
        ready.wait()
        replica.run_due()

    threads = [threading.Thread(target=work, args=(one,)) for one in replicas]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert slack.refreshed == ["T1"]
    assert {one.token("T1") for one in replicas} == {"xoxe.xoxb-3"}
    for store in stores:
        store.close()


def test_without_a_claim_each_replica_would_use_the_refresh_token(
    replica: InstallingReplica, slack: OAuthStandIn
) -> None:
    """The control of the test above: the claim is what makes it one, not luck."""
    slack.rotates = True
    installed(replica, slack)
    replica.clock.advance(hours=7)
    (record,) = replica.store.installations.all()
    run_unclaimed(replica)
    replica.store.installations.save(record)  # as a second replica has read it before
    run_unclaimed(replica)
    assert (slack.refreshed, slack.calls.count("oauth.v2.access")) == (["T1"], 3)


def test_tokens_that_could_not_be_recorded_are_recorded_later(slack: OAuthStandIn) -> None:
    store = fresh_store()
    replica = InstallingReplica(slack, store)
    slack.rotates = True
    installed(replica, slack)
    replica.clock.advance(hours=6)
    with unavailable(store), pytest.raises(StoreUnavailable):
        run_unclaimed(replica)
    assert replica.token("T1") == "xoxe.xoxb-1"

    replica.work.renewal.save_unsaved()

    assert (replica.token("T1"), slack.refreshed) == ("xoxe.xoxb-3", ["T1"])


def test_tokens_that_are_encrypted_again_meanwhile_are_not_lost(slack: OAuthStandIn) -> None:
    replica = InstallingReplica(slack)
    newer = InstallingReplica(slack, replica.store, clock=replica.clock, keys=(SECOND_KEY, FIRST_KEY))
    slack.rotates = True
    installed(replica, slack)
    replica.clock.advance(hours=6)
    replica.before_calls = lambda: run_unclaimed(newer, "token-encryption")

    assert replica.run_due() == [REFRESH]
    assert newer.token("T1") == "xoxe.xoxb-3"


def test_a_refused_renewal_does_not_end_a_token_that_still_works(
    replica: InstallingReplica, slack: OAuthStandIn
) -> None:
    slack.rotates = True
    installed(replica, slack)
    slack.refreshers.clear()
    replica.clock.advance(hours=6)

    assert replica.run_due() == [f"{REFRESH}: invalid_refresh_token", "installation-check"]

    assert replica.token("T1") == "xoxe.xoxb-1"
    slack.failing["auth.test"] = "token_expired"
    replica.clock.advance(hours=7)
    run_unclaimed(replica)
    assert replica.run_due() == ["installation-check"]
    assert replica.token("T1") is None


# Ends


@pytest.mark.parametrize(
    ("kind", "state"), [("app_uninstalled", "uninstalled"), ("tokens_revoked", "revoked")]
)
def test_an_end_that_slack_confirms_silences_that_workspace_alone(
    replica: InstallingReplica, slack: OAuthStandIn, kind: str, state: str
) -> None:
    installed(replica, slack, "T1")
    installed(replica, slack, "T2")
    slack.revoke("T1")

    assert event(replica, kind)
    assert replica.run_due() == ["installation-check"]

    found = replica.directory.find("", "T1")
    assert found is not None
    assert found.state == state
    assert (replica.directory.tenants(), replica.token("T2")) == (["T2"], "xoxb-2")
    assert replica.changed[-1] == "T1"


def test_an_end_that_slack_does_not_confirm_changes_nothing(
    replica: InstallingReplica, slack: OAuthStandIn
) -> None:
    installed(replica, slack)
    assert event(replica, "app_uninstalled")
    assert replica.run_due() == ["installation-check"]
    assert replica.token("T1") == "xoxb-1"


def test_an_end_is_asked_about_until_slack_answers(replica: InstallingReplica, slack: OAuthStandIn) -> None:
    installed(replica, slack)
    slack.failing["auth.test"] = "silent"
    event(replica, "app_uninstalled")
    assert replica.run_due() == ["installation-check: HTTP 500"]
    assert replica.token("T1") == "xoxb-1"


@pytest.mark.parametrize("code", ["ratelimited", "token_expired", "team_access_not_granted"])
def test_another_refusal_does_not_end_an_installation(
    replica: InstallingReplica, slack: OAuthStandIn, code: str
) -> None:
    installed(replica, slack)
    slack.failing["auth.test"] = code
    event(replica, "tokens_revoked")
    assert replica.run_due() == [f"installation-check: {code}"]
    assert replica.token("T1") == "xoxb-1"


def test_an_end_of_an_earlier_installation_is_ignored(
    replica: InstallingReplica, slack: OAuthStandIn
) -> None:
    """Slack sends an event again for an hour, also after the app was installed again."""
    installed(replica, slack)
    ended = int(replica.clock().timestamp()) + 30
    replica.clock.advance(seconds=60)
    slack.revoke("T1")
    installed(replica, slack)
    slack.failing["auth.test"] = "token_revoked"  # even if Slack said so

    assert event(replica, "app_uninstalled", event_time=ended)

    assert replica.run_due() == []
    assert replica.token("T1") == "xoxb-1"


def test_an_end_that_is_checked_after_a_new_installation_is_ignored(
    replica: InstallingReplica, slack: OAuthStandIn
) -> None:
    installed(replica, slack)
    replica.clock.advance(seconds=5)
    event(replica, "app_uninstalled")
    replica.clock.advance(seconds=5)
    slack.permit("again", "T1")
    replica.install("again")
    slack.failing["auth.test"] = "token_revoked"
    replica.run_due()
    assert replica.token("T1") == "xoxb-2"


def test_tokens_of_people_are_none_of_the_bot(replica: InstallingReplica, slack: OAuthStandIn) -> None:
    installed(replica, slack)
    people = {"type": "tokens_revoked", "tokens": {"oauth": ["U1"]}}
    assert event(replica, "tokens_revoked", event=people)
    assert replica.run_due() == []


def test_other_events_are_left_to_the_workspace(replica: InstallingReplica) -> None:
    assert not event(replica, "app_home_opened")
    assert not replica.events.record({"type": "event_callback", "event": 3})


def test_an_end_is_durable_before_it_is_acknowledged(slack: OAuthStandIn) -> None:
    store = fresh_store()
    replica = InstallingReplica(slack, store)
    installed(replica, slack)
    with unavailable(store), pytest.raises(StoreUnavailable):
        event(replica, "app_uninstalled")


def test_a_refused_call_is_checked_like_an_event(replica: InstallingReplica, slack: OAuthStandIn) -> None:
    installed(replica, slack)
    replica.work.report_refused("T1")
    replica.work.report_refused("T1")
    assert replica.run_due() == ["installation-check"]
    slack.revoke("T1")
    replica.work.report_refused("T1")
    replica.run_due()
    assert replica.token("T1") is None


def test_a_workspace_works_again_after_it_is_installed_again(
    replica: InstallingReplica, slack: OAuthStandIn
) -> None:
    installed(replica, slack)
    slack.revoke("T1")
    event(replica, "app_uninstalled")
    replica.run_due()
    replica.clock.advance(days=1)

    installed(replica, slack)

    assert (replica.token("T1"), replica.directory.tenants()) == ("xoxb-1", ["T1"])


# Organizations


@pytest.fixture
def grid(replica: InstallingReplica, slack: OAuthStandIn) -> InstallingReplica:
    """A replica with an organization of two permitted workspaces."""
    slack.teams["E1"] = ["T1", "T2"]
    slack.permit("code", enterprise="E1", whole=True)
    page = replica.install("code")
    assert "an administrator of the organization adds it" in page.body.decode()
    return replica


def test_an_organization_brings_its_permitted_workspaces(grid: InstallingReplica) -> None:
    assert grid.directory.tenants() == []
    assert sorted(grid.run_due()) == ["installation-details", "organization-workspaces"]
    assert grid.directory.tenants() == ["T1", "T2"]
    found = grid.directory.find("E1", "T2")
    assert found is not None
    assert (found.tenant, found.token.reveal(), found.org_wide) == ("T2", "xoxb-1", True)
    assert (found.bot_user, found.installation.enterprise) == ("BE1", "E1")


def test_a_workspace_is_known_from_its_first_request(grid: InstallingReplica) -> None:
    assert grid.token("T7", enterprise="E1") == "xoxb-1"
    assert grid.directory.tenants() == ["T7"]
    assert grid.token("T8", enterprise="E2") is None


def test_a_request_without_a_workspace_is_for_the_only_one(
    grid: InstallingReplica, slack: OAuthStandIn
) -> None:
    slack.teams["E1"] = ["T1"]
    grid.run_due()
    found = grid.directory.find("E1", "")
    assert found is not None
    assert found.tenant == "T1"
    slack.teams["E1"] = ["T1", "T2"]
    grid.events.record(_access("team_access_granted"))
    grid.run_due()
    assert grid.directory.find("E1", "") is None


def _access(kind: str) -> dict[str, object]:
    return {"event_time": 1, "enterprise_id": "E1", "event": {"type": kind, "team_ids": ["T2"]}}


def test_a_workspace_follows_what_its_organization_permits(
    grid: InstallingReplica, slack: OAuthStandIn
) -> None:
    grid.run_due()
    slack.teams["E1"] = ["T1"]
    assert grid.events.record(_access("team_access_revoked"))
    grid.run_due()
    assert (grid.directory.tenants(), grid.token("T2", enterprise="E1")) == (["T1"], None)

    slack.teams["E1"] = ["T1", "T2"]
    grid.events.record(_access("team_access_granted"))
    grid.run_due()

    assert grid.token("T2", enterprise="E1") == "xoxb-1"
    assert grid.changed[-2:] == ["T2", "T2"]


def test_an_organization_that_removes_the_app_silences_its_workspaces(
    grid: InstallingReplica, slack: OAuthStandIn
) -> None:
    grid.run_due()
    installed(grid, slack, "T9")
    slack.revoke("E1")
    whole = [{"team_id": None, "enterprise_id": "E1", "is_enterprise_install": True}]
    event(grid, "app_uninstalled", authorizations=whole)
    grid.run_due()
    assert grid.directory.tenants() == ["T9"]
    assert set(grid.changed[-2:]) == {"T1", "T2"}


def test_an_event_of_one_of_its_workspaces_concerns_the_organization(
    grid: InstallingReplica, slack: OAuthStandIn
) -> None:
    grid.run_due()
    slack.teams["E1"] = ["T1"]
    event(grid, "app_uninstalled", team="T2")
    assert sorted(grid.run_due()) == ["installation-check", "organization-workspaces"]
    assert grid.directory.tenants() == ["T1"], "Slack still accepts the token, and names one workspace"
    slack.revoke("E1")
    event(grid, "tokens_revoked", team="T1")
    grid.run_due()
    assert grid.directory.tenants() == []


def test_an_installation_of_its_own_precedes_that_of_the_organization(
    grid: InstallingReplica, slack: OAuthStandIn
) -> None:
    installed(grid, slack, "T1", enterprise="E1")
    assert grid.token("T1", enterprise="E1") == "xoxb-2"
    slack.revoke("T1")
    event(grid, "app_uninstalled")
    grid.run_due()
    assert grid.token("T1", enterprise="E1") == "xoxb-1", "the organization's token is used then"
    assert "T1" in grid.directory.tenants()


# Keys


def test_tokens_are_encrypted_with_the_newest_key_while_the_bot_runs(
    replica: InstallingReplica, slack: OAuthStandIn
) -> None:
    slack.rotates = True
    installed(replica, slack)
    both = InstallingReplica(slack, replica.store, clock=replica.clock, keys=(SECOND_KEY, FIRST_KEY))
    assert both.token("T1") == "xoxe.xoxb-1"
    both.work.start()
    both.work.start()
    assert both.run_due() == ["token-encryption"]

    new = InstallingReplica(slack, replica.store, clock=replica.clock, keys=(SECOND_KEY,))

    assert new.token("T1") == "xoxe.xoxb-1"
    new.clock.advance(hours=6)
    assert new.run_due() == [REFRESH], "the refresh token can be read, too"


def test_a_missing_key_is_named_with_its_fix(replica: InstallingReplica, slack: OAuthStandIn) -> None:
    installed(replica, slack)
    other = InstallingReplica(slack, replica.store, keys=(SECOND_KEY,))
    (record,) = other.store.installations.all()

    assert other.directory.find("", "T1") is None
    with pytest.raises(TokenUnreadable, match=rf"THREATMODEL_TOKEN_KEYS lacks the key {record.key_id}"):
        bot_token(TokenCipher([Secret(SECOND_KEY)]), record)


def test_a_row_that_was_copied_to_another_workspace_is_refused(
    replica: InstallingReplica, slack: OAuthStandIn
) -> None:
    installed(replica, slack)
    (record,) = replica.store.installations.all()
    replica.store.installations.save(replace(record, team="T2"))

    assert replica.directory.find("", "T2") is None
    with pytest.raises(TokenUnreadable, match="for another owner"):
        bot_token(TokenCipher([Secret(FIRST_KEY)]), replace(record, team="T2"))


def test_a_refresh_token_is_not_accepted_as_the_token_of_the_bot(
    replica: InstallingReplica, slack: OAuthStandIn
) -> None:
    slack.rotates = True
    installed(replica, slack)
    (record,) = replica.store.installations.all()
    with pytest.raises(TokenUnreadable, match="or another purpose"):
        bot_token(TokenCipher([Secret(FIRST_KEY)]), replace(record, token=record.refresh_token))


def test_a_damaged_token_is_refused(replica: InstallingReplica, slack: OAuthStandIn) -> None:
    installed(replica, slack)
    (record,) = replica.store.installations.all()
    with pytest.raises(TokenUnreadable, match="is damaged"):
        bot_token(TokenCipher([Secret(FIRST_KEY)]), replace(record, token=record.token[:-2]))


def test_no_file_of_the_database_contains_a_token(slack: OAuthStandIn, tmp_path: Path) -> None:
    copy_fresh_file(tmp_path / "kept.db")
    store = open_store(f"sqlite:///{tmp_path}/kept.db")
    replica = InstallingReplica(slack, store)
    slack.rotates = True
    installed(replica, slack)
    replica.clock.advance(hours=6)
    assert replica.run_due() == [REFRESH]
    assert replica.token("T1") == "xoxe.xoxb-3"
    files = [path.read_bytes() for path in tmp_path.iterdir()]
    assert any(b"T1" in file for file in files)
    assert not any(re.search(rb"xox|0123456789abcdef", file) for file in files)
    store.close()


def test_a_restored_database_gets_the_rows_of_work_that_it_lacks(
    replica: InstallingReplica, slack: OAuthStandIn
) -> None:
    slack.rotates = True
    slack.permit("code")
    replica.install("code")
    (record,) = replica.store.installations.all()
    restored = InstallingReplica(slack, fresh_store(), clock=replica.clock)
    restored.store.installations.save(record)

    restored.work.start()

    restored.clock.moment = NOON + timedelta(hours=6)
    assert restored.run_due() == [REFRESH]
