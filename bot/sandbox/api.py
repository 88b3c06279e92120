"""The sandbox's only door: a stand-in Slack workspace, to try the bot in and to test it with."""

from importlib import import_module
from pathlib import Path

from bot.sandbox.api_objects.basic_objects import person_shape
from bot.sandbox.block_kit.element_state import controls, state_values, value_key
from bot.sandbox.block_kit.validation import message_faults, message_is_too_long, view_faults
from bot.sandbox.clients.block_text import buttons, plain
from bot.sandbox.clients.mrkdwn import to_html
from bot.sandbox.clients.person import NothingSuch, SandboxPerson, SeenMessage, SeenView
from bot.sandbox.connection_settings import OnReady, SandboxConnection
from bot.sandbox.open_views.view_stacks import ViewRefused
from bot.sandbox.payload_delivery.delivery_record import Delivery
from bot.sandbox.sandbox_server import Sandbox, Transport
from bot.sandbox.slack_json import Json, every_object, objects
from bot.sandbox.workspace.behavior import Behavior, Counting, OtherFields, Refusal
from bot.sandbox.workspace.canvases import Canvas
from bot.sandbox.workspace.exchanges import MOST as MOST_EXCHANGES
from bot.sandbox.workspace.exchanges import Exchange
from bot.sandbox.workspace.fault_injection import Trouble
from bot.sandbox.workspace.installed_app import APP_ID, BOT_USER_ID
from bot.sandbox.workspace.probe_file import AnswersUnfit, read_answers
from bot.sandbox.workspace.probed_behavior import POINTS, SOME_ENTERPRISE, SOME_SECONDS
from bot.sandbox.workspace.record_storage import FILE, DataUnfit, KeptInFile
from bot.sandbox.workspace.seed_data import (
    ANA,
    BEN,
    CHI,
    DEE,
    GENERAL,
    HOUSE,
    PARTNER_TEAM_ID,
    SISTER_TEAM_ID,
    TEAM_ID,
    Person,
)
from bot.sandbox.workspace.workspace_clock import Clock

__all__ = [
    "ANA",
    "APP_ID",
    "BEN",
    "BOT_USER_ID",
    "CHI",
    "DEE",
    "GENERAL",
    "HOUSE",
    "MOST_EXCHANGES",
    "PARTNER_TEAM_ID",
    "POINTS",
    "SISTER_TEAM_ID",
    "SOME_ENTERPRISE",
    "SOME_SECONDS",
    "TEAM_ID",
    "AnswersUnfit",
    "Behavior",
    "Canvas",
    "Clock",
    "Counting",
    "DataUnfit",
    "Delivery",
    "Exchange",
    "Json",
    "KeptInFile",
    "NothingSuch",
    "OtherFields",
    "Person",
    "Refusal",
    "Sandbox",
    "SandboxConnection",
    "SandboxPerson",
    "SeenMessage",
    "SeenView",
    "Transport",
    "Trouble",
    "ViewRefused",
    "buttons",
    "check_installed",
    "controls",
    "every_object",
    "is_kept_in",
    "message_faults",
    "message_is_too_long",
    "objects",
    "person_shape",
    "plain",
    "read_answers",
    "serve",
    "state_values",
    "to_html",
    "value_key",
    "view_faults",
]


def check_installed() -> None:
    """Raise ModuleNotFoundError, naming it, for a library of the extra `sandbox` that is not installed."""
    # Imported here and in `serve` only: it takes a second, which tests without a page need not wait for.
    import_module("bot.sandbox.page.page_server")


def is_kept_in(data: Path) -> bool:
    """Say whether a directory holds a workspace that would go on."""
    return (data / FILE).exists()


def serve(
    manifest: Json | None,
    delivery: Transport = "socket",
    port: int = 8765,
    *,
    data: Path | None = None,
    behavior: Behavior | None = None,
    on_ready: OnReady,
) -> None:
    """Serve the workspace with its page on loopback until SIGTERM or SIGINT; port 0 takes a free one.

    With a directory for its data it goes on where it was left. Raises OSError if the port is taken, DataUnfit
    if the directory cannot be used, ModuleNotFoundError without the extra `sandbox`.
    """
    from bot.sandbox.page.page_server import serve_page

    serve_page(Sandbox(manifest=manifest, delivery=delivery, data=data, behavior=behavior), port, on_ready)
