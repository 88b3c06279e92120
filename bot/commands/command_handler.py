"""Command handlers of models and of settings: load, decide, append; retry on version conflict."""

import hashlib
import secrets
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import TypeAlias, cast, get_args

import msgspec
from msgspec.structs import replace

from bot.store import (
    Appended,
    CommandKey,
    EventStore,
    Recorded,
    StreamId,
    Summary,
    VersionConflict,
    key_of,
    model_stream,
    person_stream,
    tenant_of,
    workspace_stream,
)
from bot.store.models import Models
from bot.store.records import StreamState, summary_of
from domain.commands import (
    ApplyWorkspaceSettings,
    BeginRemediation,
    Command,
    ReopenThreatModel,
    StartThreatModel,
)
from domain.decide import decide
from domain.decide.size_limits import SizeLimits, check_elements, check_models
from domain.decide.templates import structure_of
from domain.events import Event, RecordedEvent
from domain.history import as_of
from domain.kernel.elements import SYSTEM, ChannelId, ModelKey, PersonId
from domain.model import ThreatModel
from domain.replay import EMPTY, replay
from domain.working_hours import ChooseWorkingHours, WorkingHours, choose_hours, hours_after
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

DigestedCommand: TypeAlias = (
    Command | ChooseWorkingHours | ChooseWorkspaceSettings | ChooseDigest | WorkspaceTrackerCommand
)
"""The commands that have a digest."""


def command_digest(command: DigestedCommand) -> bytes:
    """Return the content of a command as 32 bytes; its time makes no difference."""
    return hashlib.sha256(msgspec.json.encode(replace(command, at=_EPOCH), order="deterministic")).digest()


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


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


Subscriber = Callable[[StreamId], None]

InitialEvents = Callable[[ModelKey], Sequence[Event]]
"""Return the first events of a model, given its key."""

CommandBuilder = Callable[[ThreatModel], Command]
"""Return the command for the current model; raise if it no longer applies."""

MAX_ATTEMPTS = 3
"""Version conflicts before the next attempt holds the write lock."""

TURN_SECONDS = 0.4
"""Seconds that a command waits for other commands on the same model before it runs anyway.

Waiting for the database file comes on top, and Slack waits at most 3 s for both."""


class NoSuchModel(LookupError):
    """Error: the model does not exist. The message is a sentence for users."""

    def __init__(self, stream: StreamId) -> None:
        super().__init__(f"There is no threat model {key_of(stream)}.")
        self.stream = stream


class CommandResult(msgspec.Struct, frozen=True, kw_only=True):
    """Result of a command: its events, their last version, and the model.

    `repeated` means that the command was executed before; the model is then the current one.
    """

    stream: StreamId
    model: ThreatModel
    version: int
    events: tuple[RecordedEvent, ...]
    repeated: bool = False


class CommandHandler:
    """Command handler, the only writer of models; thread-safe."""

    def __init__(
        self,
        store: EventStore,
        *,
        limits: SizeLimits | None = None,
    ) -> None:
        """`limits` are those of each workspace; without them there are none."""
        self._store = store
        self._limits = limits
        self.settings = SettingsHandler(store)
        """The settings of workspaces, which models inherit."""
        self._models = Models(store)
        self._subscribers: list[Subscriber] = []
        self._turns = [threading.Lock() for _ in range(64)]

    def execute(
        self, command: Command, *, stream: StreamId, key: CommandKey, meaning: CommandBuilder | None = None
    ) -> CommandResult:
        """Execute a command once, however often it arrives.

        `meaning`, if given, builds the command to decide from the version that is appended to; `command` then
        only identifies the request when it is repeated. Exceptions of `meaning` propagate, and nothing is
        recorded.

        Raises Rejected if the model does not allow it (nothing is recorded, the key stays free),
        NoSuchModel, KeyUsedForAnother if the key was used for another command, StoreUnavailable.
        """
        request = command_digest(command)
        # Threads would only overtake each other; the expected version keeps order without a turn too.
        turn = self._turns[hash(stream) % len(self._turns)]
        # The next command on the model is decided while this one waits for the disk.
        with self._store.durable_at_end():
            taken = turn.acquire(timeout=TURN_SECONDS)
            try:
                done = self._execute_with_retries(meaning or command, stream, key, request)
                self._cache(done)
            finally:
                if taken:
                    turn.release()
        return self._publish(done)

    def start(self, command: StartThreatModel, *, tenant: str, key: CommandKey) -> CommandResult:
        """Start a model under the workspace's next free key; idempotent. Raises as `execute` does.

        NoSuchModel is raised if the template does not exist.
        """

        def begin(model_key: ModelKey) -> Sequence[Event]:
            structure = structure_of(self.model(model_stream(tenant, template))) if template else None
            return decide(replace(command, key=model_key, structure=structure), EMPTY)

        template = command.template

        return self.import_model(begin, tenant=tenant, key=key, request=command_digest(command))

    def import_model(
        self, tell: InitialEvents, *, tenant: str, key: CommandKey, request: bytes
    ) -> CommandResult:
        """Start a model from imported events, once, like `start`; with nothing stored if `tell` raises.

        It inherits the settings of the workspace that are in force. `request` is a 32-byte digest of the
        request.
        """
        begun: dict[ModelKey, tuple[tuple[Event, ...], ThreatModel]] = {}

        def make(model_key: ModelKey) -> tuple[Sequence[Event], Summary]:
            if self._limits is not None:
                check_models(len(self._store.streams(tenant)), self._limits)
            events = tuple(tell(model_key))
            model = self._within_limits(EMPTY, replay(events))
            # Read under the lock: a later change of the settings finds the model and applies to it.
            inherited = inheriting(self.settings.current(tenant), at=events[-1].at)
            if inherited is not None:
                applied = decide(inherited, model)
                events, model = (*events, *applied), replay(applied, model)
            begun[model_key] = events, model
            return events, summary_of(model)

        appended = self._store.begin(tenant, make, key=key, request=request)
        if appended.repeated:
            return self._earlier_result(appended)
        events, model = begun[key_of(appended.stream)]
        started = CommandResult(stream=appended.stream, model=model, version=appended.version, events=events)
        self._cache(started)
        return self._publish(started)

    def choose_hours(self, command: ChooseWorkingHours, *, tenant: str, key: CommandKey) -> WorkingHours:
        """Store a person's working hours once; raises Rejected, StoreUnavailable."""
        stream, request = person_stream(tenant, command.by), command_digest(command)
        with self._store.exclusively(tenant):
            if not self._store.answered(tenant, key, request):
                state = self._store.state(stream)
                chosen = choose_hours(command, self.working_hours(tenant, command.by))
                self._store.append(
                    tenant,
                    stream,
                    chosen,
                    expected=state.version if state else 0,
                    key=key,
                    request=request,
                    summary=None,
                )
            return self.working_hours(tenant, command.by)

    def working_hours(self, tenant: str, person: PersonId) -> WorkingHours:
        """Return a person's working hours; those of the workspace until they choose."""
        usual = self.settings.current(tenant).hours
        return hours_after(self._store.hours(person_stream(tenant, person)), usual)

    def apply_settings(self, stream: StreamId, *, at: datetime) -> None:
        """Apply the current settings of the workspace to a model that inherits them, once for each change.

        Raises NoSuchModel, StoreUnavailable.
        """
        command = inheriting(self.settings.current(tenant_of(stream)), at=at)
        if command is not None and command.version > self.model(stream).inherited_version:
            key = CommandKey(f"settings/{command.version}/{key_of(stream)}")
            self.execute(command, stream=stream, key=key)

    def model(self, stream: StreamId) -> ThreatModel:
        """Return the model as it is now; raises NoSuchModel."""
        model = self._models.load(stream)
        if not model.step:  # never started, or erased
            raise NoSuchModel(stream)
        return model

    def state(self, stream: StreamId) -> StreamState | None:
        """Return the version of a model, and how often something in it was erased; None if there is none."""
        return self._models.state(stream)

    def reading_once(self) -> AbstractContextManager[None]:
        """Return a block in which this thread asks the store once which version a model has.

        What others record meanwhile may be missed in it; its own commands are seen, and are decided again
        where others were faster.
        """
        return self._models.reading_once()

    def model_at(self, stream: StreamId, at: datetime) -> ThreatModel:
        """Return the model at a moment, of version 0 before its start; raises NoSuchModel."""
        if self._store.state(stream) is None:
            raise NoSuchModel(stream)
        return as_of(self._store.events(stream), at)

    def events(self, stream: StreamId) -> list[Recorded]:
        """Return all events of a model, in order; raises NoSuchModel."""
        recorded = list(self._store.read(stream))
        if not recorded:
            raise NoSuchModel(stream)
        return recorded

    def subscribe(self, subscriber: Subscriber) -> None:
        """Register a callback for changed models; it must return quickly and never raise."""
        self._subscribers.append(subscriber)

    def _execute_with_retries(
        self, decision: Command | CommandBuilder, stream: StreamId, key: CommandKey, request: bytes
    ) -> CommandResult:
        for _ in range(MAX_ATTEMPTS):
            try:
                return self._attempt(decision, stream, key, request)
            except VersionConflict:
                self._models.forget_state(stream)
        # A command is not retried for ever.
        with self._store.exclusively(tenant_of(stream)):
            return self._attempt(decision, stream, key, request)

    def _attempt(
        self, decision: Command | CommandBuilder, stream: StreamId, key: CommandKey, request: bytes
    ) -> CommandResult:
        tenant = tenant_of(stream)
        model = self.model(stream)
        try:
            command = _with_chance(decision(model) if callable(decision) else decision)
            events = decide(command, model, lambda: self._load_events(model, stream))
            after = self._within_limits(model, replay(events, model))
        except Exception:
            # A repeated command is refused because of its own effect: then the first result holds. What is
            # not refused is found to be a repetition when it is appended.
            if earlier := self._store.answered(tenant, key, request):
                return self._earlier_result(earlier)
            raise
        appended = self._store.append(
            tenant,
            stream,
            events,
            expected=model.version,
            key=key,
            request=request,
            summary=summary_of(after),
        )
        if appended.repeated:
            return self._earlier_result(appended)
        return CommandResult(stream=stream, model=after, version=appended.version, events=events)

    def _within_limits(self, before: ThreatModel, after: ThreatModel) -> ThreatModel:
        """Return a changed model; raises TooManyElements."""
        if self._limits is not None:
            check_elements(before, after, self._limits)
        return after

    def _earlier_result(self, earlier: Appended) -> CommandResult:
        events = self._store.events(earlier.stream, earlier.first - 1, earlier.version)
        return CommandResult(
            stream=earlier.stream,
            model=self.model(earlier.stream),
            version=earlier.version,
            events=tuple(events),
            repeated=True,
        )

    def _cache(self, done: CommandResult) -> None:
        if not done.repeated:
            self._models.save(done.stream, done.model)

    def _publish(self, done: CommandResult) -> CommandResult:
        if not done.repeated:
            for subscriber in self._subscribers if done.events else ():
                subscriber(done.stream)
        return done

    def _load_events(self, model: ThreatModel, stream: StreamId) -> list[RecordedEvent]:
        return list(self._store.events(stream, until=model.version))


def _with_chance(command: Command) -> Command:
    """Return a command with a random number, if it needs one; a repeated request keeps its first result."""
    if isinstance(command, BeginRemediation | ReopenThreatModel):
        return replace(command, draw=secrets.randbelow(_DRAWS))
    return command


_DRAWS = 2**31


def import_key(content: str, channel: ChannelId, by: PersonId) -> tuple[CommandKey, bytes]:
    """Return the key and the request of an import: a file, by its SHA-256, once in a channel by a person."""
    decision = f"{content}/{channel}/{by}"
    return CommandKey(f"import/{decision}"), hashlib.sha256(decision.encode()).digest()


def inheriting(settings: WorkspaceSettings, *, at: datetime) -> ApplyWorkspaceSettings | None:
    """Return the command that applies the settings to a model; None if none were ever chosen to inherit."""
    if not settings.inherited_version:
        return None
    return ApplyWorkspaceSettings(
        by=SYSTEM,
        at=at,
        version=settings.inherited_version,
        settings=settings.inherited,
        chosen_by=settings.inherited_by,
    )
