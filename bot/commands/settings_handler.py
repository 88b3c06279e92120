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
from domain.workspace_trackers import WorkspaceTrackerCommand, decide_on_trackers

WorkspaceCommand = ChooseWorkspaceSettings | ChooseDigest | WorkspaceTrackerCommand

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
        command: WorkspaceCommand,
        *,
        tenant: str,
        key: CommandKey,
        meaning: SettingsBuilder | None = None,
        recorded: Callable[[Sequence[WorkspaceEvent]], None] = lambda _: None,
    ) -> WorkspaceSettings:
        """Store a choice of settings once, and return the settings after it.

        `meaning`, if given, builds the command to decide from the current settings; `command` then only
        identifies the request when it is repeated. `recorded` is called with the events in the same
        transaction if something changed. Raises Rejected, KeyUsedForAnother, StoreUnavailable, and what
        `meaning` raises.
        """
        stream, request = workspace_stream(tenant), command_digest(command)
        with self._store.exclusively(tenant):
            if not self._store.answered(tenant, key, request):
                before = self.current(tenant)
                events = _decide(meaning(before) if meaning else command, before)
                self._store.append(
                    tenant, stream, events, expected=before.version, key=key, request=request, summary=None
                )
                if events:
                    recorded(events)
            # Not remembered: the transaction may still fail.
            return settings_after(self.events(tenant))


def _decide(command: WorkspaceCommand, before: WorkspaceSettings) -> Sequence[WorkspaceEvent]:
    if isinstance(command, ChooseWorkspaceSettings):
        return choose_settings(command, before)
    if isinstance(command, ChooseDigest):
        return choose_digest(command, before)
    return decide_on_trackers(command, before.trackers)
