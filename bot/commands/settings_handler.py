"""Settings of workspaces: loaded, decided and appended like a model, each in a stream of its own."""

from collections.abc import Callable, Sequence
from typing import cast, get_args

from bot.commands.command_digests import command_digest
from bot.store import CommandKey, EventStore, workspace_stream
from bot.store.records import StreamState
from domain.workspace_settings import (
    ChooseDigest,
    ChooseWorkspaceSettings,
    WorkspaceEvent,
    WorkspaceSettings,
    choose_digest,
    choose_settings,
    settings_after,
)
from domain.workspace_trackers import (
    WorkspaceTrackerCommand,
    WorkspaceTrackerEvent,
    decide_on_trackers,
)

SettingsBuilder = Callable[[WorkspaceSettings], ChooseWorkspaceSettings]
"""Return the command for the current settings; raise if it no longer applies."""

_EVENTS: tuple[type[WorkspaceEvent], ...] = get_args(WorkspaceEvent)


class SettingsHandler:
    """The only writer of the settings of workspaces; thread-safe."""

    def __init__(self, store: EventStore) -> None:
        self._store = store
        self._known: dict[str, tuple[StreamState, WorkspaceSettings]] = {}

    def current(self, tenant: str) -> WorkspaceSettings:
        """Return the settings of a workspace now; the defaults until an administrator chooses."""
        state = self._store.state(workspace_stream(tenant))
        if state is None:
            return WorkspaceSettings()
        known = self._known.get(tenant)
        if known is None or known[0] != state:
            known = self._known[tenant] = state, settings_after(self.events(tenant, until=state.version))
        return known[1]

    def events(self, tenant: str, *, until: int | None = None) -> list[WorkspaceEvent | None]:
        """Return the events of a workspace's settings, in order; None for an erased one."""
        recorded = (cast("object", one.event) for one in self._store.read(workspace_stream(tenant), 0, until))
        return [event if isinstance(event, _EVENTS) else None for event in recorded]

    def choose(
        self,
        command: ChooseWorkspaceSettings,
        *,
        tenant: str,
        key: CommandKey,
        meaning: SettingsBuilder | None = None,
        recorded: Callable[[], None] = lambda: None,
    ) -> WorkspaceSettings:
        """Store a choice of settings once, and return the settings after it.

        `meaning`, if given, builds the command to decide from the current settings; `command` then only
        identifies the request when it is repeated. `recorded` is called in the same transaction if something
        changed. Raises Rejected, KeyUsedForAnother, StoreUnavailable, and what `meaning` raises.
        """
        stream, request = workspace_stream(tenant), command_digest(command)
        with self._store.exclusively(tenant):
            if not self._store.answered(tenant, key, request):
                before = self.current(tenant)
                events = choose_settings(meaning(before) if meaning else command, before)
                self._store.append(
                    tenant,
                    stream,
                    events,
                    expected=before.version,
                    key=key,
                    request=request,
                    summary=None,
                )
                if events:
                    recorded()
            return self._current_inside(tenant)

    def choose_digest(
        self,
        command: ChooseDigest,
        *,
        tenant: str,
        key: CommandKey,
        recorded: Callable[[], None] = lambda: None,
    ) -> WorkspaceSettings:
        """Store the channel of the digest once, and return the settings after it.

        `recorded` is called in the same transaction if something changed. Raises KeyUsedForAnother,
        StoreUnavailable.
        """
        stream, request = workspace_stream(tenant), command_digest(command)
        with self._store.exclusively(tenant):
            if not self._store.answered(tenant, key, request):
                before = self.current(tenant)
                events = choose_digest(command, before)
                self._store.append(
                    tenant, stream, events, expected=before.version, key=key, request=request, summary=None
                )
                if events:
                    recorded()
            return self._current_inside(tenant)

    def change_trackers(
        self,
        command: WorkspaceTrackerCommand,
        *,
        tenant: str,
        key: CommandKey,
        recorded: Callable[[Sequence[WorkspaceTrackerEvent]], None] = lambda _: None,
    ) -> WorkspaceSettings:
        """Store a change of the connected trackers once, and return the settings after it.

        `recorded` is called with the events in the same transaction if something changed. Raises Rejected,
        KeyUsedForAnother, StoreUnavailable.
        """
        stream, request = workspace_stream(tenant), command_digest(command)
        with self._store.exclusively(tenant):
            if not self._store.answered(tenant, key, request):
                before = self.current(tenant)
                events = decide_on_trackers(command, before.trackers)
                self._store.append(
                    tenant, stream, events, expected=before.version, key=key, request=request, summary=None
                )
                if events:
                    recorded(events)
            return self._current_inside(tenant)

    def _current_inside(self, tenant: str) -> WorkspaceSettings:
        """Return the settings within a transaction that may still fail, without remembering them."""
        return settings_after(self.events(tenant))
