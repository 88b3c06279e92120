"""Trackers that are connected to a workspace."""

from typing import assert_never

import msgspec
from msgspec.structs import replace

from domain.kernel.tracked_issue import ConnectedTracker, TrackerId, TrackerKind
from domain.rejections import Rejected
from domain.tracker_accounts import (
    ChooseTrackerAccount,
    ReleaseTrackerAccount,
    TrackerAccountChosen,
    TrackerAccountCommand,
    TrackerAccountEvent,
    TrackerAccountReleased,
    TrackerAccounts,
    WorkspaceCommand,
    WorkspaceEventBase,
    decide_on_accounts,
    evolve_accounts,
    without_tracker,
)

MAX_TRACKERS = 20
"""The highest number of trackers connected to one workspace at a time."""

MAX_LABELS = 10
"""The highest number of labels that new issues get."""

_TEXT = 500
"""Characters in an address, a project or a label."""


class WorkspaceTrackers(msgspec.Struct, frozen=True, kw_only=True):
    """The trackers connected to a workspace.

    `default` is the one of all models without a choice of their own. `last` is the number of the last tracker
    ever connected. `accounts` say who is who in the connected trackers.

    A `former` tracker was disconnected. It has its ID again when the same project is connected again, so that
    the issues linked there are followed again; no other project gets the ID. `former_default` is the one that
    was the default when it was disconnected, until another choice is made.
    """

    trackers: tuple[ConnectedTracker, ...] = ()
    default: TrackerId | None = None
    last: int = 0
    accounts: TrackerAccounts = TrackerAccounts()
    former: tuple[ConnectedTracker, ...] = ()
    former_default: TrackerId | None = None

    def find(self, id: TrackerId) -> ConnectedTracker | None:
        """Return a connected tracker."""
        return next((tracker for tracker in self.trackers if tracker.id == id), None)

    @property
    def next_id(self) -> TrackerId:
        """Return the ID of the next project that is connected for the first time."""
        return TrackerId(f"TR-{self.last + 1}")

    def id_of(self, kind: TrackerKind, url: str, project: str) -> TrackerId:
        """Return the ID that a project has when it is connected: the last one that it had, or a new one."""
        wanted = _same_project(kind, url, project)
        earlier = [one.id for one in self.former if _same_project(one.kind, one.url, one.project) == wanted]
        return earlier[-1] if earlier else self.next_id


class ConnectTracker(WorkspaceCommand, frozen=True, kw_only=True, tag="ConnectTracker"):
    """Connect a project of a tracker; the caller has checked the author, the address and the token.

    The token is stored elsewhere, never in a command or an event.
    """

    kind: TrackerKind
    url: str
    project: str
    labels: tuple[str, ...] = ()


class ReviseTracker(WorkspaceCommand, frozen=True, kw_only=True, tag="ReviseTracker"):
    """Choose the labels of new issues in a connected tracker.

    `shown` are the labels that the author saw; None if that is not known.
    """

    tracker: TrackerId
    labels: tuple[str, ...] = ()
    shown: tuple[str, ...] | None = None


class DisconnectTracker(WorkspaceCommand, frozen=True, kw_only=True, tag="DisconnectTracker"):
    """Disconnect a tracker: its issues stay, and are no longer kept up to date."""

    tracker: TrackerId


class ChooseDefaultTracker(WorkspaceCommand, frozen=True, kw_only=True, tag="ChooseDefaultTracker"):
    """Choose the tracker of all models without a choice of their own, or none."""

    tracker: TrackerId | None = None


WorkspaceTrackerCommand = (
    ConnectTracker | ReviseTracker | DisconnectTracker | ChooseDefaultTracker | TrackerAccountCommand
)
"""The commands about the trackers of a workspace; the caller checks who may give them."""


class TrackerConnected(WorkspaceEventBase, frozen=True, kw_only=True, tag="TrackerConnected"):
    """A project of a tracker was connected, or its labels were changed."""

    tracker: ConnectedTracker


class TrackerDisconnected(
    WorkspaceEventBase, frozen=True, kw_only=True, omit_defaults=True, tag="TrackerDisconnected"
):
    """A tracker was disconnected; only the same project gets its ID again.

    `was_default` says that it was the tracker of all models without a choice of their own.
    """

    tracker: TrackerId
    was_default: bool = False


class DefaultTrackerChosen(WorkspaceEventBase, frozen=True, kw_only=True, tag="DefaultTrackerChosen"):
    """The tracker of all models without a choice of their own was chosen; None turned it off."""

    tracker: TrackerId | None


WorkspaceTrackerEvent = TrackerConnected | TrackerDisconnected | DefaultTrackerChosen | TrackerAccountEvent
"""The events about the trackers of a workspace."""


def decide_on_trackers(
    command: WorkspaceTrackerCommand, before: WorkspaceTrackers
) -> tuple[WorkspaceTrackerEvent, ...]:
    """Return the events that follow from a command, none if it changes nothing; raises Rejected."""
    match command:
        case ConnectTracker():
            return _connect(command, before)
        case ReviseTracker():
            known, labels = _require(command.tracker, before), _labels(command.labels)
            if labels == known.labels:
                return ()
            if command.shown != known.labels:
                now = ", ".join(known.labels) or "no labels"
                raise Rejected(
                    f"The labels are now: {now}. They may have changed meanwhile: open the form again.",
                    field="labels",
                )
            return (TrackerConnected(by=command.by, at=command.at, tracker=replace(known, labels=labels)),)
        case DisconnectTracker():
            return _disconnect(command, before)
        case ChooseDefaultTracker():
            if command.tracker == before.default:
                return ()
            if command.tracker is not None:
                _require(command.tracker, before)
            return (DefaultTrackerChosen(by=command.by, at=command.at, tracker=command.tracker),)
        case ChooseTrackerAccount() | ReleaseTrackerAccount():
            _require(command.tracker, before)
            return decide_on_accounts(command, before.accounts)
    assert_never(command)


def evolve_trackers(before: WorkspaceTrackers, event: WorkspaceTrackerEvent) -> WorkspaceTrackers:
    """Return the trackers after one more event."""
    match event:
        case TrackerConnected(tracker=connected):
            others = tuple(tracker for tracker in before.trackers if tracker.id != connected.id)
            number = int(connected.id.removeprefix("TR-"))
            return replace(
                before,
                trackers=(*others, connected),
                last=max(before.last, number),
                former=tuple(one for one in before.former if one.id != connected.id),
            )
        case TrackerDisconnected():
            disconnected = tuple(tracker for tracker in before.trackers if tracker.id == event.tracker)
            return replace(
                before,
                trackers=tuple(tracker for tracker in before.trackers if tracker.id != event.tracker),
                former=(*before.former, *disconnected),
                former_default=event.tracker if event.was_default else before.former_default,
                accounts=without_tracker(before.accounts, event.tracker),
                default=None if before.default == event.tracker else before.default,
            )
        case DefaultTrackerChosen():
            return replace(before, default=event.tracker, former_default=None)
        case TrackerAccountChosen() | TrackerAccountReleased():
            return replace(before, accounts=evolve_accounts(before.accounts, event))
    assert_never(event)


def _connect(command: ConnectTracker, before: WorkspaceTrackers) -> tuple[WorkspaceTrackerEvent, ...]:
    if len(before.trackers) >= MAX_TRACKERS:
        raise Rejected(f"There are {MAX_TRACKERS} trackers already. Disconnect one first.", field="url")
    url, project = command.url.strip().rstrip("/"), " ".join(command.project.split())
    if not url or len(url) > _TEXT:
        raise Rejected("Enter the address of the tracker, such as https://example.org.", field="url")
    if not project or len(project) > _TEXT:
        raise Rejected("Enter the project as the tracker names it.", field="project")
    wanted = _same_project(command.kind, url, project)
    for tracker in before.trackers:
        if _same_project(tracker.kind, tracker.url, tracker.project) == wanted:
            raise Rejected(f"This project is already connected as {tracker.id}.", field="project")
    connected = ConnectedTracker(
        id=before.id_of(command.kind, url, project),
        kind=command.kind,
        url=url,
        project=project,
        labels=_labels(command.labels),
    )
    events: list[WorkspaceTrackerEvent] = [TrackerConnected(by=command.by, at=command.at, tracker=connected)]
    is_default_again = before.default is None and before.former_default == connected.id
    if not before.trackers or is_default_again:
        events.append(DefaultTrackerChosen(by=command.by, at=command.at, tracker=connected.id))
    return tuple(events)


def _disconnect(command: DisconnectTracker, before: WorkspaceTrackers) -> tuple[WorkspaceTrackerEvent, ...]:
    if before.find(command.tracker) is None:
        return ()
    disconnected = TrackerDisconnected(
        by=command.by,
        at=command.at,
        tracker=command.tracker,
        was_default=before.default == command.tracker,
    )
    if not disconnected.was_default:
        return (disconnected,)
    return (DefaultTrackerChosen(by=command.by, at=command.at, tracker=None), disconnected)


def _same_project(kind: TrackerKind, url: str, project: str) -> tuple[TrackerKind, str, str]:
    """Return what is equal for the same project, however it was typed."""
    return kind, url.casefold(), project.casefold()


def _require(id: TrackerId, before: WorkspaceTrackers) -> ConnectedTracker:
    found = before.find(id)
    if found is None:
        raise Rejected(f"{id} is not connected. It may have been disconnected.", field="tracker")
    return found


def _labels(labels: tuple[str, ...]) -> tuple[str, ...]:
    kept = tuple(dict.fromkeys(text for label in labels if (text := " ".join(label.split()))))
    if len(kept) > MAX_LABELS or any(len(one) > _TEXT for one in kept):
        raise Rejected(f"Enter at most {MAX_LABELS} labels.", field="labels")
    return kept
