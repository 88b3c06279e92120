"""Composition root: constructs and connects the parts of each process."""

import gc
import shlex
import sys
from base64 import urlsafe_b64encode
from collections.abc import Callable, Generator, Mapping
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import click
from msgspec.structs import replace

from bot.operator_error import OperatorError
from bot.serving_lock import hold_serving_lock
from bot.settings import DatabaseUrl, Delivery, Secret, Settings, read_settings
from bot.store import Store, StreamId, open_database, utc_now
from bot.store.records import StreamState, tenant_of
from bot.version import installing
from domain.kernel.elements import ChannelId, ModelKey, PersonId

if TYPE_CHECKING:
    import socket

    from bot.commands.command_handler import CommandHandler
    from bot.mcp_server.agent_service import AgentService, Count
    from bot.sandbox.api import Sandbox
    from bot.slack.queries.model_overviews import RegisterCache
    from bot.slack.slack_bot import SlackBot
    from bot.slack.transport.http_server import Door

PAGE_PORT = 8765


@contextmanager
def open_configured_store(environment: Mapping[str, str], *, create: bool = False) -> Generator[Store]:
    """Open the configured store for one command; raises OperatorError if it cannot be read."""
    settings = read_settings(environment)
    if not create:
        check_database_exists(settings)
    store = open_database(settings.database_url, key=settings.key.reveal(), heads=settings.heads_file)
    try:
        yield store
    finally:
        store.close()


def check_database_exists(settings: Settings) -> None:
    """Raise OperatorError if the configured database is a file that does not exist."""
    path = settings.database_file
    if path is not None and not path.exists():
        raise OperatorError(
            f"DATABASE_URL: the database {path} does not exist. Create it with `threatmodel serve` or "
            f"`threatmodel demo house`, or choose another file."
        )


def mark_as_announced(store: Store) -> Callable[[StreamId, int], None]:
    """Return a function that marks a model's events up to a version as announced in its thread."""

    def note(stream: StreamId, version: int) -> None:
        messages = store.unit(tenant_of(stream)).thread_messages
        messages.record_announced(stream, StreamState(version=version, erasures=0))

    return note


def load_demo(store: Store, story: str, *, workspace: str, channel: str) -> ModelKey:
    """Store an example model; idempotent."""
    from bot.commands.command_handler import CommandHandler
    from bot.demo import load_story

    return load_story(CommandHandler(store), story, workspace=workspace, channel=ChannelId(channel))


def serve(settings: Settings) -> None:
    """Run the bot until SIGTERM; raises OperatorError if Slack or a port cannot be used, StoreUnavailable."""
    from bot.server_process import listening_socket, running_server, stop_requests, wait_for_stop
    from bot.slack.transport.http_server import MAX_WAITING_ASIDE, Door

    # Listening for the signal comes first: also a start that is broken off ends in order.
    with stop_requests() as asked, ExitStack() as parts:

        def listen(host: str, port: int | None, setting: str) -> "socket.socket | None":
            return (
                None if port is None else parts.enter_context(listening_socket(host, port, setting=setting))
            )

        parts.enter_context(hold_serving_lock(settings.database_file))
        # The ports come before the bot: one that is taken is found before anything is begun.
        public = listen(settings.host, settings.public_port, "PORT")
        operators = listen(settings.metrics_host, settings.metrics_port, "METRICS_PORT")
        if settings.mcp_port is not None:
            _check_mcp_installed("MCP_PORT")
        agents = listen(settings.mcp_host, settings.mcp_port, "MCP_PORT")
        bot = parts.enter_context(_running_bot(settings))
        doors: dict[str, Door] = {}
        if operators is not None:
            doors["readiness and metrics"] = Door(bot.operators, operators, waiting=MAX_WAITING_ASIDE)
        if agents is not None:
            doors["agents"] = parts.enter_context(_agents_door(bot, agents, settings))
        if public is not None:
            doors["listening"] = Door(bot.public, public)
        server = parts.enter_context(running_server(*doors.values())) if doors else None
        for name, door in doors.items():
            click.echo(f"{name} at {door.address}")
        # Loaded code and data stay: the garbage collector need not scan them while a user waits.
        gc.collect()
        gc.freeze()
        wait_for_stop(asked, server)


def serve_agent(environment: Mapping[str, str], *, workspace: str | None) -> None:
    """Serve an agent on standard input and output until it closes them; raises OperatorError."""
    _check_mcp_installed("The command")
    from bot.commands.command_handler import CommandHandler
    from bot.mcp_server.agent_service import not_counted
    from bot.mcp_server.callers import operator_of
    from bot.mcp_server.protocol_server import serve_stdio
    from bot.slack.queries.model_overviews import RegisterCache
    from bot.struct_types import prepare_struct_types

    with open_configured_store(environment) as store:
        operator = operator_of(_only_workspace(store, workspace))
        service = _agent_service(store, CommandHandler(store), RegisterCache(), utc_now, not_counted)
        prepare_struct_types()
        serve_stdio(service, operator)


def _only_workspace(store: Store, workspace: str | None) -> str:
    """Return the workspace with that ID, or the only one; raises OperatorError."""
    known = sorted({stream.tenant for stream in store.streams()})
    if workspace is None and len(known) > 1:
        raise OperatorError(
            f"The database has several workspaces ({', '.join(known)}). Choose one with --workspace."
        )
    if not known:
        raise OperatorError(
            "There is no threat model. Start one in Slack with /threatmodel start, or load an example with "
            "threatmodel demo house."
        )
    if workspace is not None and workspace not in known:
        raise OperatorError(f"There is no model in a workspace {workspace!r}. Check --workspace.")
    return workspace or known[0]


def _agent_service(
    store: Store,
    command_handler: "CommandHandler",
    registers: "RegisterCache",
    clock: Callable[[], datetime],
    count: "Count",
) -> "AgentService":
    from bot.mcp_server.agent_service import AgentService
    from bot.mcp_server.callers import ModelLibrary
    from bot.mcp_server.proposals import DraftInbox

    library = ModelLibrary(store, command_handler, registers, now=clock)
    return AgentService(store, library, DraftInbox(store), count=count)


@contextmanager
def _agents_door(bot: "SlackBot", place: "socket.socket", settings: Settings) -> "Generator[Door]":
    """Yield the door of agents, on a socket; calls can be answered until the block ends."""
    from bot.mcp_server.callers import TokenAuthenticator
    from bot.mcp_server.streamable_http import PATH, THREADS, AgentSite
    from bot.slack.transport.http_server import MAX_WAITING_ASIDE, Door

    process = bot.process
    shared = process.parts
    tokens = TokenAuthenticator(shared.store, is_installed=process.is_installed, now=shared.clock)
    count = shared.metrics.agent_call
    site = AgentSite(
        _agent_service(shared.store, shared.command_handler, shared.registers, shared.clock, count),
        tokens.authenticate,
        count=count,
        proxies=settings.proxies,
        public_url=settings.public_url,
    )
    with closing(site):
        yield Door(site, place, path=PATH, threads=THREADS, waiting=MAX_WAITING_ASIDE)


def _check_mcp_installed(what: str) -> None:
    """Raise OperatorError unless the SDK is there."""
    from bot.mcp_server.sdk_check import MISSING_SDK, is_sdk_installed

    if not is_sdk_installed():
        raise OperatorError(f"{what} {MISSING_SDK}")


def run_sandbox(
    environment: Mapping[str, str],
    *,
    port: int | None,
    delivery: Delivery,
    data: Path,
    answers: Path | None,
    house: bool,
    shop: bool,
    install: bool,
) -> None:
    """Run a workspace in the browser with the bot until SIGTERM; raises OperatorError, StoreUnavailable.

    With `install`, there are two workspaces, and people install the app in each.
    """
    try:
        from bot.sandbox import api as sandbox

        sandbox.check_installed()
    except ModuleNotFoundError as missing:
        raise OperatorError(
            f"The sandbox needs {missing.name}. Run deploy/try, or install it. {installing('sandbox')}"
        ) from None
    from bot.manifest import build_manifest
    from bot.server_process import free_port

    try:
        behavior = None if answers is None else sandbox.read_answers(answers)
    except sandbox.ProbeFileUnusable as unfit:
        raise OperatorError(f"--as: {unfit}.") from None
    kept = ("LOG_LEVEL", "LOG_FORMAT", "MCP_HOST", "MCP_PORT", "TRACKER_HOSTS")
    chosen_settings = {name: environment.get(name, "") for name in kept}
    settings = read_settings(chosen_settings)
    public_url = "https://sandbox.invalid"
    described = build_manifest(
        delivery,
        public_url if delivery == "http" else None,
        install_url=public_url if install else None,
    )
    chosen = port if port is not None else free_port(PAGE_PORT)
    database = (data / "models.db").absolute()
    _make(data)
    settings = replace(settings, database_url=DatabaseUrl(f"sqlite:///{database}"))
    with hold_serving_lock(database, setting="--data"):
        # Opened once beforehand, so that a fault is a line here and not a traceback from a thread.
        store = open_database(settings.database_url, key=settings.key.reveal())
        if not sandbox.has_saved_workspace(data):
            # The workspace starts empty: it has no card of an earlier one.
            store.unit(sandbox.TEAM_ID).cards.forget()
        if house or shop:
            _create_sandbox_models(store, house=house, shop=shop)
        store.close()

        def on_ready(workspace: "Sandbox") -> Callable[[], None]:
            stop = _start_bot_in_sandbox(settings, workspace, install=install)
            click.echo(f"The workspace is open: {workspace.page_url}")
            if answers is not None:
                click.echo(f"It behaves as recorded in {answers}; otherwise by default.")
            if install:
                click.echo("The app is not installed yet: add it to Slack in the list of apps on the left.")
            click.echo(f"Its data is in {data}. Delete that directory to start from scratch.")
            click.echo(f"From another terminal: DATABASE_URL={settings.database_url} {_command_line()} list")
            return stop

        try:
            sandbox.serve(
                described,
                delivery,
                chosen,
                data=data,
                behavior=behavior,
                further=(sandbox.SECOND_TEAM,) if install else (),
                installed=not install,
                on_ready=on_ready,
            )
        except sandbox.StorageUnusable as unfit:
            raise OperatorError(f"--data: {unfit}") from None
        except OSError as error:
            raise OperatorError(
                f"--port: {chosen} is not available ({error.strerror}). Choose another port."
            ) from None


def _make(data: Path) -> None:
    try:
        data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OperatorError(
            f"--data: {data} cannot be created ({error.strerror}). Choose another directory."
        ) from None


def _command_line() -> str:
    """Return the command line that starts this program from a shell without an activated environment."""
    beside = Path(sys.executable).parent / "threatmodel"
    return shlex.quote(str(beside)) if beside.exists() else f"{shlex.quote(sys.executable)} -m bot"


def _create_sandbox_models(store: Store, *, house: bool, shop: bool) -> None:
    from bot.commands.command_handler import CommandHandler
    from bot.demo import load_house, load_story
    from bot.sandbox.api import ANA, BEN, CHI, DEE, GENERAL, HOUSE, TEAM_ID

    command_handler = CommandHandler(store)
    people = [PersonId(person.id) for person in (ANA, BEN, CHI, DEE)]
    if house:
        load_house(command_handler, workspace=TEAM_ID, channel=ChannelId(HOUSE.id), people=people)
    if shop:
        load_story(
            command_handler, "web-shop", workspace=TEAM_ID, channel=ChannelId(GENERAL.id), people=people
        )


def _start_bot_in_sandbox(settings: Settings, workspace: "Sandbox", *, install: bool) -> Callable[[], None]:
    """Start the bot in a sandbox as if it were Slack; return a function that stops it."""
    from bot.server_process import listening_socket, running_server
    from bot.slack.protocol.app_ids import EVENTS_PATH, INSTALL_PATH, REDIRECT_PATH
    from bot.slack.transport.http_server import Door

    by_socket = workspace.delivery == "socket"
    settings = replace(
        settings,
        api_url=workspace.url,
        app_token=Secret(workspace.app_token if by_socket else ""),
        signing_secret=Secret(workspace.signing_secret),
        token_keys=settings.token_keys or (_sandbox_token_key(workspace.tokens.client_secret),),
    )
    if install:
        settings = replace(
            settings,
            client_id=workspace.tokens.client_id,
            client_secret=Secret(workspace.tokens.client_secret),
        )
    else:
        settings = replace(
            settings, bot_token=Secret(workspace.bot_token if workspace.workspace.app.installed else "")
        )
    with ExitStack() as parts:
        bot = parts.enter_context(_running_bot(settings, clock=workspace.clock.moment))
        if settings.mcp_port is not None:
            _check_mcp_installed("MCP_PORT")
            agents = parts.enter_context(
                listening_socket(settings.mcp_host, settings.mcp_port, setting="MCP_PORT")
            )
            door = parts.enter_context(_agents_door(bot, agents, settings))
            parts.enter_context(running_server(door))
            click.echo(f"agents at {door.address}")
        if install or not by_socket:
            place = parts.enter_context(listening_socket("127.0.0.1", 0))
            server = parts.enter_context(running_server(Door(bot.public, place)))
            if not by_socket:
                workspace.deliver_to(server.address + EVENTS_PATH)
            if install:
                workspace.install_at(server.address + INSTALL_PATH, server.address + REDIRECT_PATH)
        return parts.pop_all().close


def _sandbox_token_key(client_secret: str) -> Secret:
    """Return the key of the tokens in a sandbox, which is the same at each start on the same data."""
    return Secret(urlsafe_b64encode(sha256(f"tokens of {client_secret}".encode()).digest()).decode())


@contextmanager
def _running_bot(settings: Settings, *, clock: Callable[[], datetime] = utc_now) -> "Generator[SlackBot]":
    """Run the bot until the block ends; raises OperatorError if Slack rejects its token."""
    from bot.commands.command_handler import CommandHandler
    from bot.slack.protocol.installation import CannotStart
    from bot.slack.slack_bot import SlackBot
    from domain.decide.size_limits import SizeLimits

    with ExitStack() as parts:
        store = open_database(settings.database_url, key=settings.key.reveal(), heads=settings.heads_file)
        parts.callback(store.close)
        parts.enter_context(store.serving())
        store.keyed(b"")  # a key that cannot be had is a fault of the start, not of the first answer
        limits = SizeLimits(models=settings.max_models, elements=settings.max_elements)
        command_handler = CommandHandler(store, limits=limits)
        bot = SlackBot(settings, command_handler, store, clock)
        parts.callback(bot.stop)
        try:
            bot.start()
        except CannotStart as refused:
            raise OperatorError(str(refused)) from None
        yield bot
