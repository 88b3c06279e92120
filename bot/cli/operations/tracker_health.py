"""Connected trackers and their health: tokens are accepted, and projects are private."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import msgspec
from rich.table import Table

from bot.cli.local_moments import format_moment
from bot.cli.operations.installation_health import key_findings
from bot.cli.output.json_document import fields
from bot.cli.output.text_grid import text_grid
from bot.cli.terminal_text import terminal_text
from bot.commands.command_handler import SettingsHandler
from bot.settings import Settings
from bot.store import Store, StoreError
from bot.store.repositories.tracker_connections import TrackerConnection
from bot.token_cipher import TokenCipher, TokenUnreadable
from bot.trackers.connection_secrets import secrets_of
from bot.trackers.open_tracker import TrackerOpener, tracker_opener
from bot.trackers.tracker import Project, TrackerBusy, TrackerFault, TrackerUnreachable
from bot.trackers.tracker_http import UrllibTransport
from domain.kernel.tracked_issue import ConnectedTracker

MOST_CALLED: Final = 20
"""The highest number of trackers that are called; the others are only read from the database."""

_UNNAMED: Final = "a tracker"


class TrackerOnRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A connected tracker of a workspace, and the state of the connection."""

    workspace: str
    held: TrackerConnection
    project: ConnectedTracker | None
    default: bool


def list_trackers(store: Store) -> list[TrackerOnRecord]:
    """Return the connected trackers of all workspaces."""
    settings = SettingsHandler(store)
    found: list[TrackerOnRecord] = []
    for tenant, held in store.housekeeping.tracker_connections():
        trackers = settings.current(tenant).trackers
        found.append(
            TrackerOnRecord(
                workspace=tenant,
                held=held,
                project=trackers.find(held.tracker),
                default=trackers.default == held.tracker,
            )
        )
    return found


def trackers_json(trackers: Iterable[TrackerOnRecord]) -> list[dict[str, object]]:
    """Return the trackers for programs, without secrets."""
    return [
        {
            "workspace": tracker.workspace,
            "tracker": tracker.held.tracker,
            "kind": tracker.project.kind.label if tracker.project else _UNNAMED,
            "project": tracker.project.project if tracker.project else "",
            "url": tracker.project.url if tracker.project else "",
            "labels": list(tracker.project.labels) if tracker.project else [],
            "default": tracker.default,
            **fields(tracker.held, "saved_at", "polled_at", "failures", "error", "stopped"),
        }
        for tracker in trackers
    ]


def tracker_findings(
    store: Store, settings: Settings, opener: TrackerOpener | None = None
) -> list[tuple[bool, str]]:
    """Return whether the connections to trackers are well, in sentences; each token is tried."""
    try:
        found = store.housekeeping.tracker_connections()
        handler = SettingsHandler(store)
        known = [(tenant, one, handler.current(tenant).trackers.find(one.tracker)) for tenant, one in found]
    except StoreError:
        return []  # reported with the database itself
    if not found:
        return []
    if not settings.token_keys:
        return [(False, _NO_KEYS.format(count=len(found)))]
    cipher = TokenCipher(settings.token_keys)
    if opener is None:
        opener = tracker_opener(UrllibTransport(allowed=settings.tracker_hosts))
    keys = () if settings.many_workspaces else key_findings(cipher, (one.key_id for _, one in found))
    return [*keys, *check_trackers(known, cipher, opener)]


def check_trackers(
    connections: Sequence[tuple[str, TrackerConnection, ConnectedTracker | None]],
    cipher: TokenCipher,
    opener: TrackerOpener,
) -> Iterator[tuple[bool, str]]:
    """Yield the findings about connections, each with its workspace and its tracker."""
    for tenant, held, tracker in connections[:MOST_CALLED]:
        name = f"tracker {held.tracker} of {tenant}"
        if tracker is None:
            yield False, f"{name} has a token, and is not connected. Disconnect and connect it again."
            continue
        name = f"{name} ({tracker.kind.label}, {terminal_text(tracker.project)})"
        if held.stopped:
            yield False, f"{name} is stopped: {terminal_text(held.error)} {_REPLACE}"
            continue
        try:
            project = opener(tracker, secrets_of(cipher, held, tenant=tenant)).project()
        except TokenUnreadable as fault:
            yield False, str(fault)
        except (TrackerUnreachable, TrackerBusy) as fault:
            yield False, f"{name} does not answer: {terminal_text(str(fault))} {_LATER}"
        except TrackerFault as fault:
            yield False, f"{name} cannot be used: {terminal_text(str(fault))} {_REPLACE}"
        else:
            yield from _of_project(name, project, held)
    if len(connections) > MOST_CALLED:
        yield True, f"{len(connections) - MOST_CALLED} more trackers were not called"


def _of_project(name: str, project: Project, held: TrackerConnection) -> Iterable[tuple[bool, str]]:
    if project.public:
        return [(False, f"{name} is public. Make the project private, or disconnect it.")]
    if project.problems:
        return [(False, f"{name}: {terminal_text(' '.join(project.problems))}")]
    read = f"last read {format_moment(held.polled_at)}" if held.polled_at else "not read yet"
    account = terminal_text(project.account.name)
    return [(True, f"{name}: the token is accepted, its account is {account}; {read}")]


_REPLACE: Final = "Replace its token with `/threatmodel tracker` if this does not pass."
_LATER: Final = "This says nothing about its token. Check the network, and run this again later."
_NO_KEYS: Final = (
    "THREATMODEL_TOKEN_KEYS is missing. The tokens of {count} connected trackers cannot be read without it. "
    "Set the keys with which they were encrypted."
)


def trackers_table(trackers: Sequence[TrackerOnRecord]) -> Table:
    """Return the trackers of all workspaces, one a line."""
    return text_grid(
        ("Workspace", "ID", "Kind", "Project", "Address", "Default", "State"),
        (
            (
                *(str(told[name]) for name in ("workspace", "tracker", "kind", "project", "url")),
                *("yes" if one.default else "", _state(one.held)),
            )
            for one, told in zip(trackers, trackers_json(trackers), strict=True)
        ),
    )


def _state(held: TrackerConnection) -> str:
    if held.stopped:
        return f"stopped: {held.error}"
    if held.error:
        return f"failing: {held.error}"
    return f"read {format_moment(held.polled_at)}" if held.polled_at else "not read yet"
