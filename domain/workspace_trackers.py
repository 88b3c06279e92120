"""Trackers that are connected to a workspace, and whose accounts in them belong to whom."""

from datetime import datetime
from typing import assert_never

import msgspec
from msgspec.structs import replace

from domain.kernel.elements import SYSTEM, PersonId
from domain.kernel.tracked_issue import ConnectedTracker, TrackerId, TrackerKind
from domain.rejections import Rejected

MAX_TRACKERS = 20
"""The highest number of trackers connected to one workspace at a time."""

MAX_LABELS = 10
"""The highest number of labels that new issues get."""

_TEXT = 500
"""Characters in an address, a project, a label, or the name of an account."""


class TrackerAccount(msgspec.Struct, gc=False, frozen=True, kw_only=True):
    """The account of a person in a tracker: its ID, and the name that the tracker shows.

    It was `found` by the person's email address unless a person chose it.
    """

    tracker: TrackerId
    person: PersonId
    account: str
    name: str
    found: bool = False


class WorkspaceTrackers(msgspec.Struct, frozen=True, kw_only=True):
    """The trackers connected to a workspace.

    `default` is the one of all models without a choice of their own. `last` is the number of the last tracker
    ever connected: IDs are not used again. `accounts` say who is who in the connected trackers, and
    `without_account` who said that they have none.
    """

    trackers: tuple[ConnectedTracker, ...] = ()
    default: TrackerId | None = None
    last: int = 0
    accounts: tuple[TrackerAccount, ...] = ()
    without_account: frozenset[tuple[TrackerId, PersonId]] = frozenset()

    def find(self, id: TrackerId) -> ConnectedTracker | None:
        """Return a connected tracker."""
        return next((one for one in self.trackers if one.id == id), None)

    def person_of(self, tracker: TrackerId, account: str) -> PersonId | None:
        """Return the person to whom an account belongs, as far as it was said."""
        return next(
            (one.person for one in self.accounts if (one.tracker, one.account) == (tracker, account)), None
        )

    def account_of(self, tracker: TrackerId, person: PersonId) -> TrackerAccount | None:
        """Return the account of a person in a tracker, as far as it was said."""
        return next((one for one in self.accounts if (one.tracker, one.person) == (tracker, person)), None)

    @property
    def next_id(self) -> TrackerId:
        """Return the ID of the tracker that is connected next."""
        return TrackerId(f"TR-{self.last + 1}")


class ConnectTracker(msgspec.Struct, frozen=True, kw_only=True, tag="ConnectTracker", tag_field="type"):
    """Connect a project of a tracker; the caller has checked the author, the address and the token.

    The token is stored elsewhere, never in a command or an event.
    """

    by: PersonId
    at: datetime
    kind: TrackerKind
    url: str
    project: str
    labels: tuple[str, ...] = ()


class ReviseTracker(msgspec.Struct, frozen=True, kw_only=True, tag="ReviseTracker", tag_field="type"):
    """Choose the labels of new issues in a connected tracker.

    `shown` are the labels that the author saw; None if that is not known.
    """

    by: PersonId
    at: datetime
    tracker: TrackerId
    labels: tuple[str, ...] = ()
    shown: tuple[str, ...] | None = None


class DisconnectTracker(msgspec.Struct, frozen=True, kw_only=True, tag="DisconnectTracker", tag_field="type"):
    """Disconnect a tracker: its issues stay, and are no longer kept up to date."""

    by: PersonId
    at: datetime
    tracker: TrackerId


class ChooseDefaultTracker(
    msgspec.Struct, frozen=True, kw_only=True, tag="ChooseDefaultTracker", tag_field="type"
):
    """Choose the tracker of all models without a choice of their own, or none."""

    by: PersonId
    at: datetime
    tracker: TrackerId | None = None


class ChooseTrackerAccount(
    msgspec.Struct, frozen=True, kw_only=True, tag="ChooseTrackerAccount", tag_field="type"
):
    """Say which account in a tracker belongs to a person; without an account, none does.

    By the system, nothing changes if the person has an account or said that they have none, or if the account
    belongs to someone else.
    """

    by: PersonId
    at: datetime
    tracker: TrackerId
    person: PersonId
    account: str = ""
    name: str = ""


WorkspaceTrackerCommand = (
    ConnectTracker | ReviseTracker | DisconnectTracker | ChooseDefaultTracker | ChooseTrackerAccount
)
"""The commands about the trackers of a workspace; the caller checks who may give them."""


class TrackerConnected(
    msgspec.Struct, gc=False, frozen=True, kw_only=True, tag="TrackerConnected", tag_field="type"
):
    """A project of a tracker was connected, or its labels were changed."""

    by: PersonId
    at: datetime
    tracker: ConnectedTracker


class TrackerDisconnected(
    msgspec.Struct, gc=False, frozen=True, kw_only=True, tag="TrackerDisconnected", tag_field="type"
):
    """A tracker was disconnected; its ID is not used again."""

    by: PersonId
    at: datetime
    tracker: TrackerId


class DefaultTrackerChosen(
    msgspec.Struct, gc=False, frozen=True, kw_only=True, tag="DefaultTrackerChosen", tag_field="type"
):
    """The tracker of all models without a choice of their own was chosen; None turned it off."""

    by: PersonId
    at: datetime
    tracker: TrackerId | None


class TrackerAccountChosen(
    msgspec.Struct, gc=False, frozen=True, kw_only=True, tag="TrackerAccountChosen", tag_field="type"
):
    """An account in a tracker belongs to a person; without an account, none does any longer."""

    by: PersonId
    at: datetime
    tracker: TrackerId
    person: PersonId
    account: str
    name: str


WorkspaceTrackerEvent = TrackerConnected | TrackerDisconnected | DefaultTrackerChosen | TrackerAccountChosen
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
        case ChooseTrackerAccount():
            return _choose_account(command, before)
    assert_never(command)


def evolve_trackers(before: WorkspaceTrackers, event: WorkspaceTrackerEvent) -> WorkspaceTrackers:
    """Return the trackers after one more event."""
    match event:
        case TrackerConnected(tracker=connected):
            others = tuple(one for one in before.trackers if one.id != connected.id)
            number = int(connected.id.removeprefix("TR-"))
            return replace(before, trackers=(*others, connected), last=max(before.last, number))
        case TrackerDisconnected():
            return replace(
                before,
                trackers=tuple(one for one in before.trackers if one.id != event.tracker),
                accounts=tuple(one for one in before.accounts if one.tracker != event.tracker),
                without_account=frozenset(one for one in before.without_account if one[0] != event.tracker),
                default=None if before.default == event.tracker else before.default,
            )
        case DefaultTrackerChosen():
            return replace(before, default=event.tracker)
        case TrackerAccountChosen():
            said = {(event.tracker, event.person)}
            return replace(
                before,
                accounts=(*_other_accounts(event, before), *_account(event)),
                without_account=before.without_account - said
                if event.account
                else before.without_account | said,
            )
    assert_never(event)


def _connect(command: ConnectTracker, before: WorkspaceTrackers) -> tuple[WorkspaceTrackerEvent, ...]:
    if len(before.trackers) >= MAX_TRACKERS:
        raise Rejected(f"There are {MAX_TRACKERS} trackers already. Disconnect one first.", field="url")
    url, project = command.url.strip().rstrip("/"), " ".join(command.project.split())
    if not url or len(url) > _TEXT:
        raise Rejected("Enter the address of the tracker, such as https://example.org.", field="url")
    if not project or len(project) > _TEXT:
        raise Rejected("Enter the project as the tracker names it.", field="project")
    wanted = (command.kind, url.casefold(), project.casefold())
    for one in before.trackers:
        if (one.kind, one.url.casefold(), one.project.casefold()) == wanted:
            raise Rejected(f"This project is already connected as {one.id}.", field="project")
    connected = ConnectedTracker(
        id=before.next_id, kind=command.kind, url=url, project=project, labels=_labels(command.labels)
    )
    events: list[WorkspaceTrackerEvent] = [TrackerConnected(by=command.by, at=command.at, tracker=connected)]
    if not before.trackers:
        events.append(DefaultTrackerChosen(by=command.by, at=command.at, tracker=connected.id))
    return tuple(events)


def _disconnect(command: DisconnectTracker, before: WorkspaceTrackers) -> tuple[WorkspaceTrackerEvent, ...]:
    if before.find(command.tracker) is None:
        return ()
    events: list[WorkspaceTrackerEvent] = []
    if before.default == command.tracker:
        events.append(DefaultTrackerChosen(by=command.by, at=command.at, tracker=None))
    events.append(TrackerDisconnected(by=command.by, at=command.at, tracker=command.tracker))
    return tuple(events)


def _choose_account(
    command: ChooseTrackerAccount, before: WorkspaceTrackers
) -> tuple[WorkspaceTrackerEvent, ...]:
    _require(command.tracker, before)
    account, name = command.account.strip(), " ".join(command.name.split())
    if len(account) > _TEXT or len(name) > _TEXT:
        raise Rejected("This account has a name that is too long.", field="account")
    known = before.account_of(command.tracker, command.person)
    has_none = (command.tracker, command.person) in before.without_account
    if command.by == SYSTEM and (known or has_none or before.person_of(command.tracker, account)):
        return ()
    if known is None and has_none and not account:
        return ()
    if known is not None and not known.found and (known.account, known.name) == (account, name):
        return ()
    return (
        TrackerAccountChosen(
            by=command.by,
            at=command.at,
            tracker=command.tracker,
            person=command.person,
            account=account,
            name=name if account else "",
        ),
    )


def _require(id: TrackerId, before: WorkspaceTrackers) -> ConnectedTracker:
    found = before.find(id)
    if found is None:
        raise Rejected(f"{id} is not connected. It may have been disconnected.", field="tracker")
    return found


def _labels(labels: tuple[str, ...]) -> tuple[str, ...]:
    kept = tuple(dict.fromkeys(text for one in labels if (text := " ".join(one.split()))))
    if len(kept) > MAX_LABELS or any(len(one) > _TEXT for one in kept):
        raise Rejected(f"Enter at most {MAX_LABELS} labels.", field="labels")
    return kept


def _other_accounts(event: TrackerAccountChosen, before: WorkspaceTrackers) -> tuple[TrackerAccount, ...]:
    """Return the accounts of other people: a person has one account, and an account belongs to one person."""
    return tuple(
        one
        for one in before.accounts
        if one.tracker != event.tracker or (one.person != event.person and one.account != event.account)
    )


def _account(event: TrackerAccountChosen) -> tuple[TrackerAccount, ...]:
    if not event.account:
        return ()
    return (
        TrackerAccount(
            tracker=event.tracker,
            person=event.person,
            account=event.account,
            name=event.name,
            found=event.by == SYSTEM,
        ),
    )
