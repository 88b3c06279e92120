"""The parts of a workspace are made on demand, dropped when they are unused, and lose nothing."""

from datetime import UTC, datetime
from itertools import pairwise
from types import SimpleNamespace
from typing import cast

import pytest
from msgspec.structs import replace

from bot.settings import Secret
from bot.slack.protocol.installation import Installation, InstalledWorkspace
from bot.slack.workspace_app import (
    ASK_AGAIN_SECONDS,
    IDLE_SECONDS,
    LONGEST_WAIT_SECONDS,
    OpenWorkspaces,
    WorkspaceApp,
)
from bot.store import StoreUnavailable
from domain.kernel.elements import PersonId
from tests.fake_clock import FakeMonotonicClock

MOST = 3


class Parts:
    """Stands for the parts of a workspace."""

    def __init__(self, found: InstalledWorkspace) -> None:
        self.tenant, self.token = found.tenant, found.token
        self.stop_reason = ""
        self.holds_unsaved = False
        self.started, self.ended, self.scheduled, self.requested = 0, 0, 0, 0
        self.unavailable = False
        self.worker = SimpleNamespace(end=self._end)
        self.channel_reads = SimpleNamespace(request_all=self._request)

    def start(self) -> None:
        self.started += 1

    def schedule_missed(self) -> None:
        if self.unavailable:
            raise StoreUnavailable("locked")
        self.scheduled += 1

    def _end(self) -> None:
        self.ended += 1

    def _request(self) -> None:
        self.requested += 1


class Site:
    """Installed workspaces, and those that are open."""

    def __init__(self) -> None:
        self.clock = FakeMonotonicClock()
        self.installed: dict[str, InstalledWorkspace] = {}
        self.asked: list[str] = []
        self.made: list[Parts] = []
        self.working: set[str] = set()
        self.open = OpenWorkspaces(
            self,
            self._compose,
            is_working=lambda tenant: tenant in self.working,
            most=MOST,
            clock=self.clock,
        )

    def install(self, team: str, token: str = "xoxb-1") -> InstalledWorkspace:
        installation = Installation(team=team, url="", bot_user=PersonId("U1"), bot_name="bot")
        self.installed[team] = InstalledWorkspace(
            installation=installation, token=Secret(token), installed_at=datetime(2027, 3, 1, tzinfo=UTC)
        )
        return self.installed[team]

    def find(self, enterprise: str, team: str) -> InstalledWorkspace | None:
        del enterprise
        self.asked.append(team)
        return self.installed.get(team)

    def tenants(self) -> list[str]:
        return sorted(self.installed)

    def parts(self, team: str) -> Parts | None:
        return cast("Parts | None", self.open.of_tenant(team))

    def opened(self, team: str) -> Parts:
        found = self.parts(team)
        assert found is not None
        return found

    @property
    def names(self) -> list[str]:
        return [one.tenant for one in self.open.sending()]

    def _compose(self, found: InstalledWorkspace) -> WorkspaceApp:
        self.made.append(Parts(found))
        return cast("WorkspaceApp", self.made[-1])


@pytest.fixture
def site() -> Site:
    site = Site()
    for number in range(1, 10):
        site.install(f"T{number}")
    return site


def test_a_workspace_is_opened_once_and_looked_up_once(site: Site) -> None:
    assert site.names == []
    first = site.opened("T1")
    assert site.opened("T1") is first
    assert first.started == 1
    assert site.asked == ["T1"]
    assert site.open.of_installation(site.installed["T1"]) is cast("WorkspaceApp", first)


def test_after_a_refusal_that_was_a_mistake_sending_goes_on_after_a_wait(site: Site) -> None:
    first = site.opened("T1")
    first.stop_reason = "invalid_auth"
    assert site.parts("T1") is None
    site.clock.advance(ASK_AGAIN_SECONDS - 1)
    assert site.parts("T1") is None
    site.clock.advance(1)
    again = site.opened("T1")
    assert again is not first
    assert (first.ended, again.started) == (1, 1)

    again.stop_reason = "invalid_auth"
    assert site.parts("T1") is None
    site.clock.advance(2 * ASK_AGAIN_SECONDS - 1)
    assert site.parts("T1") is None, "the second wait is twice as long"
    site.clock.advance(1)
    assert site.opened("T1").started == 1


def test_those_unused_for_the_longest_time_are_closed_and_opened_again_when_needed(site: Site) -> None:
    parts = {team: site.opened(team) for team in ("T1", "T2", "T3", "T4", "T5")}
    site.opened("T1")  # used again
    site.open.close_unused()
    assert len(site.names) == 5, "they were used a moment ago"
    site.clock.advance(IDLE_SECONDS)
    site.open.close_unused()
    assert site.names == ["T4", "T5", "T1"]
    assert [part.ended for part in parts.values()] == [0, 1, 1, 0, 0]
    assert site.opened("T2") is not parts["T2"]


def test_a_workspace_that_works_or_has_something_unsaved_stays_open(site: Site) -> None:
    for team in ("T1", "T2", "T3", "T4", "T5"):
        site.opened(team)
    site.working.add("T1")
    site.opened("T2").holds_unsaved = True
    site.clock.advance(IDLE_SECONDS)
    site.open.close_unused()
    assert {"T1", "T2"} < set(site.names)
    assert len(site.names) == MOST


@pytest.mark.parametrize("state", ["revoked", "uninstalled"])
def test_queued_work_of_an_ended_installation_waits_without_statements(site: Site, state: str) -> None:
    site.installed["T1"] = replace(site.install("T1"), state=state)
    for _ in range(5):
        assert site.parts("T1") is None
    assert site.parts("T0UNKNOWN") is None
    assert site.asked == ["T1", "T0UNKNOWN"]
    assert site.made == []
    site.install("T1", "xoxb-2")
    site.clock.advance(ASK_AGAIN_SECONDS)
    assert site.opened("T1").started == 1


def test_an_ended_workspace_is_looked_up_ever_more_rarely_and_wakes_at_once(site: Site) -> None:
    site.installed["T1"] = replace(site.install("T1"), state="uninstalled")
    looked_up = list[float]()
    began = site.clock()
    while (passed := site.clock() - began) < 86_400:
        before = len(site.asked)
        assert site.parts("T1") is None
        looked_up += [passed] * (len(site.asked) - before)
        site.clock.advance(10.0)
    waits = [later - earlier for earlier, later in pairwise(looked_up)]
    assert waits[:8] == [30.0, 60.0, 120.0, 240.0, 480.0, 960.0, 1920.0, 3600.0]
    assert set(waits[8:]) == {LONGEST_WAIT_SECONDS}
    assert len(looked_up) <= 32, "a day had 2,880 look-ups of each ended workspace"

    site.install("T1", "xoxb-2")
    assert site.parts("T1") is None
    site.open.installation_changed("T1")
    assert site.opened("T1").started == 1

    site.installed["T1"] = replace(site.installed["T1"], state="uninstalled")
    site.open.installation_changed("T1")
    assert site.parts("T1") is None
    site.install("T1", "xoxb-3")
    site.clock.advance(ASK_AGAIN_SECONDS)
    assert site.opened("T1").started == 1, "the waits began again"


def test_a_request_from_a_workspace_that_has_returned_wakes_its_queued_work(site: Site) -> None:
    site.installed["T1"] = replace(site.install("T1"), state="uninstalled")
    for _ in range(5):
        assert site.parts("T1") is None
        site.clock.advance(2 * ASK_AGAIN_SECONDS)
    answering = site.open.of_installation(site.install("T1", "xoxb-2"))
    assert site.open.of_tenant("T1") is answering is not None


def test_a_silenced_workspace_is_opened_again_with_another_token_and_no_other_is_touched(site: Site) -> None:
    silenced, other = site.opened("T1"), site.opened("T2")
    silenced.stop_reason = "token_revoked"
    assert site.parts("T1") is None
    assert site.names == ["T2"]
    assert site.open.of_installation(site.installed["T1"]) is cast("WorkspaceApp", silenced), "still answers"
    again = site.open.of_installation(site.install("T1", "xoxb-2"))
    assert again is not cast("WorkspaceApp", silenced)
    assert silenced.ended == 1
    assert (site.opened("T1").started, other.ended) == (1, 0)


def test_what_was_missed_is_scheduled_once_also_for_a_workspace_opened_again(site: Site) -> None:
    first = site.opened("T1")
    first.unavailable = True
    with pytest.raises(StoreUnavailable):
        site.open.schedule_missed()
    first.unavailable = False
    for _ in range(3):
        site.open.schedule_missed()
    assert first.scheduled == 1
    for team in ("T2", "T3", "T4"):
        site.opened(team)
    site.clock.advance(IDLE_SECONDS)
    site.open.close_unused()
    again = site.opened("T1")
    site.open.schedule_missed()
    assert (again is not first, again.scheduled) == (True, 0)


def test_after_a_lost_connection_channels_are_read_again_also_of_workspaces_opened_later(site: Site) -> None:
    first = site.opened("T1")
    site.open.schedule_missed()
    site.open.schedule_again()
    assert first.requested == 1
    later = site.opened("T2")
    site.open.schedule_missed()
    assert (first.scheduled, later.scheduled) == (1, 1)


def test_a_changed_installation_is_read_again_at_once(site: Site) -> None:
    first = site.opened("T1")
    site.installed["T1"] = replace(site.installed["T1"], state="uninstalled")
    site.open.installation_changed("T1")
    assert first.ended == 1
    assert site.parts("T1") is None
    site.install("T1")
    assert site.parts("T1") is None, "it is looked up again later"

    site.open.installation_changed("T1")

    assert site.opened("T1") is not first
