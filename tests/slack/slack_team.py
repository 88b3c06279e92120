"""Workspace with a running bot and four people, and their actions."""

import sqlite3
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Literal, cast
from uuid import uuid4

from msgspec.structs import replace

from bot.commands.command_handler import CommandHandler
from bot.delivery.work_kinds import Waits
from bot.manifest import build_manifest
from bot.sandbox.api import TEAM_ID, Delivery, Sandbox, SandboxPerson, VisibleMessage, VisibleView
from bot.settings import DatabaseUrl, Secret, Settings
from bot.slack.directory.channel_reads import CHANNEL_READ
from bot.slack.directory.member_directory import Directory, Membership
from bot.slack.slack_bot import SlackBot
from bot.slack.slots.work_scheduler import Pace
from bot.slack.transport.http_server import HttpServer
from bot.slack.ui.forms.form_fields import field_key
from bot.slack.workspace_app import WorkspaceApp
from bot.store import CommandKey, SqliteStore, StreamId, UnitOfWork, open_database
from bot.store.reminder_store import ReminderStore
from bot.store.work_queue import MODEL
from bot.trackers.open_tracker import TrackerOpener
from domain.kernel.elements import ChannelId, PersonId
from domain.model import ThreatModel
from tests.emptied_database import KEY
from tests.queue_rows import are_waiting, claims_of, is_busy
from tests.running_database import open_running, url_of
from tests.slack.direct_calls import called_directly
from tests.waiting import patient_sandbox

QUICK = Pace(
    card=Waits(quiet=0.02, longest=0.2),
    summary=Waits(quiet=900, longest=900),  # tests of summaries have their own pace
    home=Waits(quiet=0.02, longest=0.2),
    channel_interval=0.05,
    update=0.0,
    retry_seconds=0.1,
    file_poll_seconds=0.5,
    issues=Waits(quiet=0.02, longest=0.2),
    tracker=Waits(quiet=0.02, longest=0.2),
    quiet_hours=False,  # tests of working hours have their own pace and clock
)

Transport = Literal["socket", "http"]

DIRECT = "channel=D"
"""What the call contains that posts a direct message: a fault for it must not hit a message of a channel."""


class SlackTeam:
    """Workspace with a running bot and its store."""

    def __init__(
        self,
        sandbox: Sandbox,
        bot: SlackBot,
        store: SqliteStore,
        command_handler: CommandHandler,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.now = clock
        self.sandbox = sandbox
        self.bot = bot
        self.store = store
        self.command_handler = command_handler

    def person(self, who: str) -> SandboxPerson:
        return self.sandbox.person(who)

    def wait(self, until: Callable[[], object], seconds: float = 60) -> None:
        self.sandbox.wait_until(until, seconds)

    def wait_for_channels(self) -> None:
        """Wait until the channels show what was said so far, except summaries, which wait for a pause."""
        kinds, work = (MODEL, "results", "sitting", "result"), self.store.work
        self.wait(lambda: not are_waiting(work, TEAM_ID, tuple(kinds)) and not claims_of(work, TEAM_ID))

    def key(self) -> CommandKey:
        """A key for a command that comes past Slack."""
        return CommandKey(f"test:{uuid4()}")

    @property
    def unit(self) -> UnitOfWork:
        return self.store.unit(TEAM_ID)

    @property
    def reminders(self) -> ReminderStore:
        return self.unit.reminders

    # The model

    @property
    def streams(self) -> list[StreamId]:
        return [stream.stream for stream in self.store.streams()]

    def model(self, number: int = 0) -> ThreatModel:
        return self.command_handler.model(self.streams[number])

    def names(self) -> set[str]:
        return {element.name for element in self.model().elements.values()}

    # What people see

    def cards(self, where: str = "#house", reader: str = "ben") -> list[VisibleMessage]:
        """Return the bot's messages in a channel, without ephemeral ones."""
        return [one for one in self.person(reader).sees(where) if not one.ephemeral and one.message.blocks]

    def card(self, *words: str, where: str = "#house") -> VisibleMessage:
        """Wait for the card with all of these words, and return it."""

        def status() -> list[VisibleMessage]:
            return [one for one in self.cards(where) if not one.thread]  # without what a thread shows, too

        self.wait(lambda: status() and all(word in status()[-1].plain for word in words))
        card = status()[-1]
        # Slack shows it a moment before the bot has noted down where it is.
        remembered = self.unit.cards
        self.wait(lambda: card.ts in {one.ts for one in remembered.all()})
        return card

    def private_messages(self, who: str, where: str = "#house") -> list[str]:
        """Return the bot's ephemeral messages to a person in a channel."""
        return [message.plain for message in self.person(who).sees(where) if message.ephemeral]

    def private_message(self, who: str, words: str, where: str = "#house") -> str:
        """Wait for an ephemeral message with these words, and return it."""
        self.wait(lambda: any(words in message for message in self.private_messages(who, where)))
        return next(message for message in reversed(self.private_messages(who, where)) if words in message)

    def modal(self, who: str, title: str) -> VisibleView:
        """Wait for a person's modal of that title, and return it."""
        self.wait(lambda: (seen := self.person(who).modal) is not None and seen.title == title)
        seen = self.person(who).modal
        assert seen is not None
        return seen

    # What people do

    def command(self, who: str, line: str, where: str = "#house") -> Delivery:
        """Type a slash command."""
        return self.person(who).command(where, line)

    def start(self, who: str = "ana", name: str = "The House", where: str = "#house") -> VisibleView:
        """Start a model; the lists of elements are open then, above the form for its data flows."""
        self.person(who).click(self.begin(who, name, where), "Add elements one by one")
        return self.modal(who, "Add elements")

    def begin(self, who: str = "ana", name: str = "The House", where: str = "#house") -> VisibleView:
        """Start a model; the form for its data flows is open then."""
        self.read_channel(where)
        self.command(who, "/threatmodel start", where)
        self.modal(who, "New threat model")
        self.person(who).fill("Name", name)
        self.submit(who)
        return self.modal(who, "Add data flows")

    def read_channel(self, where: str = "#house") -> None:
        """Have the bot read a channel's members, as it does shortly after an invitation."""
        channel = ChannelId(self.sandbox.workspace.channel(where).id)
        with called_directly(self.sandbox, self.only.lookup):
            self.only.lookup.read_channel(channel)

    @property
    def only(self) -> WorkspaceApp:
        """Return the parts of the bot in its workspace."""
        only = self.bot.only
        assert only is not None
        return only

    def knows(self, person: PersonId, channel: ChannelId) -> bool:
        """Return whether the bot's directory has a person as a member of a channel who may act there."""
        return self.only.services.directory.status(channel, person) is Membership.MEMBER

    def look_only_when_asked(self) -> None:
        """End the regular looks at Slack, and wait for all that are under way."""
        process = self.bot.process  # the bot ends them only when it stops
        process.rounds.stop(20)
        threads = process.deferred_work._threads  # pyright: ignore[reportPrivateUsage]  what is under way is nobody else's matter
        self.wait(lambda: threads.count == 0)
        work = self.store.work
        self.wait(lambda: not is_busy(work, TEAM_ID, self.now()) and not claims_of(work, TEAM_ID))

    def silence(self) -> None:
        """Have the bot send nothing any more."""
        self.only.stop_sending("for this test")
        self.wait_for_silence()

    def wait_for_silence(self) -> None:
        """Wait until a bot whose permission was withdrawn has ended what it was about to send."""
        self.wait(lambda: "install the app again" in self.bot.readiness_problem())
        process = self.bot.process
        threads = process.deferred_work._threads  # pyright: ignore[reportPrivateUsage]  what is under way is nobody else's matter
        # In this order: the poll under way may claim some more before it ends.
        self.wait(lambda: not process.dispatcher.is_working(TEAM_ID) and not threads.count)
        self.wait(lambda: not claims_of(self.store.work, TEAM_ID))

    def pass_queue_time(self, seconds: float) -> None:
        """Let time pass for the queue alone: how long a busy machine took meanwhile makes no difference."""
        work, ahead = self.store.work, (self.store.work._machine or time.time)() + seconds - time.time()  # pyright: ignore[reportPrivateUsage]  no other test moves it
        work._machine = lambda: time.time() + ahead  # pyright: ignore[reportPrivateUsage]  the same

    def settle(self) -> None:
        """Wait until the bot has nothing to deliver, now or after a quiet time."""
        kinds = {MODEL, *(kind.name for kind in self.only.kinds)}
        kinds.discard(CHANNEL_READ)  # waits for the better part of an hour, and delivers nothing
        work = self.store.work
        # In this order: what waits no longer may have been claimed in between.
        self.wait(lambda: not are_waiting(work, TEAM_ID, tuple(kinds)) and not claims_of(work, TEAM_ID))

    def bot_is_in(self, channel: str) -> bool:
        """Return whether the bot's directory lists it in a channel, by ID."""
        known = Directory(self.unit).channel(ChannelId(channel))
        return known is not None and known.bot_inside

    def deactivate(self, who: str) -> None:
        """Deactivate an account, and wait until the bot has processed the event."""
        self.sandbox.deactivate(who)
        known, person = Directory(self.unit), PersonId(self.person(who).id)
        self.wait(lambda: known.account(person) is Membership.DEACTIVATED)

    def explain_conditions(self, who: str, reason: str) -> None:
        """Fill in a reason for each unmet condition of a person's form."""
        form = self.person(who).modal
        assert form is not None
        asked = [block["block_id"] for block in form.blocks if block["type"] == "input"]
        for condition in asked:
            if condition.startswith("reason_"):
                self.person(who).fill(condition, reason)

    def submit(self, who: str) -> Delivery:
        delivery = self.person(who).submit()
        assert delivery is not None, self.person(who).modal
        return delivery


def errors_by_key(seen: VisibleView) -> dict[str, str]:
    """Return the error messages of a form by field key."""
    return {field_key(block_id): sentence for block_id, sentence in seen.errors.items()}


@contextmanager
def run_bot(
    path: Path,
    *,
    transport: Transport = "socket",
    sandbox: Sandbox | None = None,
    pace: Pace = QUICK,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    holidays: frozenset[date] = frozenset(),
    url: DatabaseUrl | None = None,
    public_url: str = "",
    token_keys: tuple[Secret, ...] = (),
    open_tracker: TrackerOpener | None = None,
) -> Generator[SlackTeam]:
    """Run a bot on a database file, or that of a URL, in a workspace, a fresh one unless one is given."""
    workspace = sandbox or patient_sandbox(
        manifest=build_manifest("socket", public_url=public_url), delivery=transport
    )
    store = open_running(path) if url is None else cast("SqliteStore", open_database(url, key=KEY))
    command_handler = CommandHandler(store)
    settings = replace(
        settings_for(workspace, path, transport, url=url),
        holidays=holidays,
        public_url=public_url,
        token_keys=token_keys,
    )
    bot = SlackBot(settings, command_handler, store, clock, pace=pace, open_tracker=open_tracker)
    pages = None
    try:
        bot.start()
        if transport == "http":
            pages = HttpServer.start(bot.public, host="127.0.0.1", port=0)
            workspace.deliver_to(f"{pages.address}/slack/events")
        else:
            workspace.wait_for_connection()
        yield SlackTeam(workspace, bot, store, command_handler, clock)
    finally:
        bot.stop()
        if pages is not None:
            pages.stop()
        store.close()
        if sandbox is None:
            workspace.stop()


def settings_for(
    sandbox: Sandbox, path: Path, transport: Transport = "socket", *, url: DatabaseUrl | None = None
) -> Settings:
    """Return the settings of a bot for a workspace."""
    return Settings(
        bot_token=Secret(sandbox.bot_token),
        app_token=Secret(sandbox.app_token if transport == "socket" else ""),
        signing_secret=Secret(sandbox.signing_secret),
        api_url=sandbox.url,
        database_url=url_of(path) if url is None else url,
        host="127.0.0.1",
        port=None,
        log_level="info",
        log_format="text",
    )


def run_at_the_same_time(*acts: Callable[[], object]) -> None:
    """Run several actions at the same time."""
    condition = threading.Barrier(len(acts))
    faults: list[BaseException] = []

    def run(act: Callable[[], object]) -> None:
        condition.wait()
        try:
            act()
        except BaseException as fault:  # noqa: BLE001  (raised again below)
            faults.append(fault)

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
        assert not thread.is_alive()
    if faults:
        raise faults[0]


def home(team: SlackTeam, who: str) -> str:
    """Return what a person's Home tab shows; nothing if there is none."""
    seen = team.person(who).home()
    return seen.plain if seen else ""


@contextmanager
def locked(team: SlackTeam) -> Generator[None]:
    """Hold the database file, as another process might, for longer than an answer can wait."""
    holder = sqlite3.connect(team.store.database.path, isolation_level=None)
    try:
        holder.execute("BEGIN IMMEDIATE")
        yield
    finally:
        holder.execute("ROLLBACK")
        holder.close()
