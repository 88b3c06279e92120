"""The trackers of a workspace: connected, the default one of its models, and who is who in them."""

from typing import Any

import pytest

from domain.commands import ApplyWorkspaceSettings
from domain.kernel.elements import SYSTEM, PersonId
from domain.kernel.tracked_issue import ConnectedTracker, TrackerId, TrackerKind
from domain.model import replay
from domain.rejections import Rejected
from domain.remediation.issue_proposals import tracker_in_force
from domain.tracker_accounts import ChooseTrackerAccount
from domain.workspace_settings import (
    ChooseWorkspaceSettings,
    WorkspaceEvent,
    WorkspaceSettings,
    choose_settings,
    settings_after,
)
from domain.workspace_trackers import (
    MAX_LABELS,
    MAX_TRACKERS,
    ChooseDefaultTracker,
    ConnectTracker,
    DefaultTrackerChosen,
    DisconnectTracker,
    ReviseTracker,
    TrackerConnected,
    TrackerDisconnected,
    WorkspaceTrackerCommand,
    decide_on_trackers,
)
from tests.examples import ANA, at, decide_all, started

TR1, TR2 = TrackerId("TR-1"), TrackerId("TR-2")
SAID: dict[str, Any] = {"by": ANA, "at": at(1)}
REDMINE = "https://redmine.example.org"


def connect(project: str = "shop", **fields: Any) -> ConnectTracker:
    said: dict[str, Any] = {**SAID, "kind": TrackerKind.REDMINE, "url": REDMINE, "project": project}
    return ConnectTracker(**{**said, **fields})


def account(person: PersonId, account: str = "7", name: str = "Ana Fox") -> ChooseTrackerAccount:
    return ChooseTrackerAccount(**SAID, tracker=TR1, person=person, account=account, name=name)


def after(*commands: WorkspaceTrackerCommand) -> tuple[WorkspaceSettings, list[WorkspaceEvent]]:
    events: list[WorkspaceEvent] = []
    for command in commands:
        events.extend(decide_on_trackers(command, settings_after(events).trackers))
    return settings_after(events), events


def test_the_first_tracker_is_the_default_one() -> None:
    settings, events = after(connect(labels=(" security ", "security", "")))
    shop = ConnectedTracker(
        id=TR1, kind=TrackerKind.REDMINE, url=REDMINE, project="shop", labels=("security",)
    )
    assert events == [TrackerConnected(**SAID, tracker=shop), DefaultTrackerChosen(**SAID, tracker=TR1)]
    assert settings.trackers.find(TR1) == shop
    assert (settings.inherited.tracker, settings.inherited_version) == (TR1, 2)
    more, _ = after(connect(), connect("wiki"))
    assert ([one.id for one in more.trackers.trackers], more.inherited.tracker) == ([TR1, TR2], TR1)


def test_an_id_is_never_used_again() -> None:
    settings, _ = after(connect(), DisconnectTracker(**SAID, tracker=TR1), connect())
    assert [one.id for one in settings.trackers.trackers] == [TR2]


def test_a_disconnected_tracker_is_no_longer_the_default_and_knows_no_accounts() -> None:
    settings, events = after(connect(), account(ANA), DisconnectTracker(**SAID, tracker=TR1))
    assert events[-2:] == [
        DefaultTrackerChosen(**SAID, tracker=None),
        TrackerDisconnected(**SAID, tracker=TR1),
    ]
    assert (settings.inherited.tracker, settings.trackers.accounts.known) == (None, ())
    again = (connect(), DisconnectTracker(**SAID, tracker=TR1), DisconnectTracker(**SAID, tracker=TR1))
    assert len(after(*again)[1]) == 4, "disconnecting it again changes nothing"


def test_labels_and_the_default_can_be_changed() -> None:
    settings, _ = after(
        connect(),
        connect("wiki"),
        ReviseTracker(**SAID, tracker=TR2, labels=("security",), shown=()),
        ChooseDefaultTracker(**SAID, tracker=TR2),
    )
    (_, wiki) = settings.trackers.trackers
    assert (wiki.id, wiki.labels, settings.inherited.tracker) == (TR2, ("security",), TR2)
    none, _ = after(connect(), ChooseDefaultTracker(**SAID))
    assert none.inherited.tracker is None


@pytest.mark.parametrize(
    ("commands", "sentence"),
    [
        ((connect(), connect(url=f"{REDMINE}/")), "already connected as TR-1"),
        ((connect(url=" "),), "Enter the address"),
        ((connect(" "),), "Enter the project"),
        ((connect(labels=tuple(map(str, range(MAX_LABELS + 1)))),), "at most 10 labels"),
        (tuple(connect(f"p{number}") for number in range(MAX_TRACKERS + 1)), "20 trackers already"),
        ((ChooseDefaultTracker(**SAID, tracker=TR1),), "TR-1 is not connected"),
        ((account(ANA),), "TR-1 is not connected"),
        ((ReviseTracker(**SAID, tracker=TR1),), "TR-1 is not connected"),
        (
            (connect(labels=("web",)), ReviseTracker(**SAID, tracker=TR1, labels=("app",), shown=())),
            "The labels are now: web",
        ),
    ],
)
def test_what_cannot_be_is_refused(commands: tuple[WorkspaceTrackerCommand, ...], sentence: str) -> None:
    with pytest.raises(Rejected, match=sentence):
        after(*commands)


def test_other_settings_leave_the_trackers_alone_and_models_inherit_the_default() -> None:
    settings, events = after(connect())
    chosen = choose_settings(ChooseWorkspaceSettings(**SAID, review_days=30), settings)
    changed = settings_after([*events, *chosen])
    assert (changed.inherited.tracker, changed.inherited.review_days) == (TR1, 30)
    applied = ApplyWorkspaceSettings(
        by=SYSTEM, at=at(3), version=changed.inherited_version, settings=changed.inherited, chosen_by=ANA
    )
    assert tracker_in_force(replay(decide_all(applied, after=[started()]))) == TR1
