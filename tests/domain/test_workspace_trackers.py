"""The trackers of a workspace: connected, the default one of its models, and who is who in them."""

from typing import Any

import pytest

from domain.commands import ApplyWorkspaceSettings
from domain.kernel.elements import SYSTEM, PersonId
from domain.kernel.tracked_issue import ConnectedTracker, TrackerId, TrackerKind
from domain.rejections import Rejected
from domain.remediation.issue_proposals import tracker_in_force
from domain.replay import replay
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


def test_only_the_same_project_gets_an_id_again() -> None:
    gone = DisconnectTracker(**SAID, tracker=TR1)
    cases: dict[str, tuple[ConnectTracker, TrackerId]] = {
        "the same project": (connect(), TR1),
        "typed otherwise": (connect(" Shop", url=f"{REDMINE.upper()}/"), TR1),
        "with labels": (connect(labels=("security",)), TR1),
        "another project": (connect("wiki"), TR2),
        "another address": (connect(url="https://redmine.example.com"), TR2),
        "another kind of tracker": (connect(kind=TrackerKind.GITLAB), TR2),
    }
    for case, (command, expected) in cases.items():
        settings, _ = after(connect(), gone, command)
        assert [one.id for one in settings.trackers.trackers] == [expected], case
    wiki, _ = after(connect(), gone, connect("wiki"), connect(), connect("docs"))
    assert [one.id for one in wiki.trackers.trackers] == [TR2, TR1, TrackerId("TR-3")]


def test_of_two_ids_that_a_project_had_it_gets_the_last_one() -> None:
    gone = [TrackerDisconnected(**SAID, tracker=one) for one in (TR1, TR2)]
    shops = [
        ConnectedTracker(id=one, kind=TrackerKind.REDMINE, url=REDMINE, project="shop") for one in (TR1, TR2)
    ]
    events: list[WorkspaceEvent] = [
        TrackerConnected(**SAID, tracker=shops[0]),
        gone[0],
        TrackerConnected(**SAID, tracker=shops[1]),
        gone[1],
    ]
    assert settings_after(events).trackers.id_of(TrackerKind.REDMINE, REDMINE, "shop") == TR2


def test_a_default_tracker_is_the_default_again_unless_another_choice_was_made() -> None:
    wiki, gone = connect("wiki"), DisconnectTracker(**SAID, tracker=TR1)
    cases: dict[str, tuple[tuple[WorkspaceTrackerCommand, ...], TrackerId | None]] = {
        "it is connected again": ((connect(),), TR1),
        "another one was chosen": ((ChooseDefaultTracker(**SAID, tracker=TR2), connect()), TR2),
        "a choice was taken back": (
            (ChooseDefaultTracker(**SAID, tracker=TR2), ChooseDefaultTracker(**SAID), connect()),
            None,
        ),
        "another one was connected": ((connect("docs"),), None),
    }
    for case, (commands, expected) in cases.items():
        settings, _ = after(connect(), wiki, gone, *commands)
        assert settings.inherited.tracker == expected, case
    none, _ = after(connect(), wiki, ChooseDefaultTracker(**SAID), gone, connect())
    assert none.inherited.tracker is None


def test_a_disconnected_tracker_is_no_longer_the_default_and_knows_no_accounts() -> None:
    settings, events = after(connect(), account(ANA), DisconnectTracker(**SAID, tracker=TR1))
    assert events[-2:] == [
        DefaultTrackerChosen(**SAID, tracker=None),
        TrackerDisconnected(**SAID, tracker=TR1, was_default=True),
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
