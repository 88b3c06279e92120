"""Public interface of the sandbox: a local Slack workspace, for trials and tests."""

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from bot.sandbox.block_kit.element_state import (
    InteractiveElement,
    interactive_elements,
    options,
    state_values,
    value_key,
    with_value,
)
from bot.sandbox.block_kit.validation import message_errors, message_is_too_long, view_errors
from bot.sandbox.open_views import ViewStacks
from bot.sandbox.payload_delivery.delivery_record import MAX_EXCHANGES, Delivery, Exchange
from bot.sandbox.sandbox_server import OnReady, Sandbox, Transport
from bot.sandbox.slack_json import ApiError, Json, json_objects, nested_objects
from bot.sandbox.users.block_text import blocks_text, visible_buttons
from bot.sandbox.users.mrkdwn import mrkdwn_to_html
from bot.sandbox.users.sandbox_workspace import SandboxWorkspace
from bot.sandbox.users.user_actions import NotOnScreen, SandboxPerson, VisibleMessage, VisibleView
from bot.sandbox.workspace.behavior_from_probe import (
    POINTS,
    SOME_ENTERPRISE,
    SOME_SECONDS,
    ProbeFileUnusable,
    read_answers,
)
from bot.sandbox.workspace.fault_injection import InjectedFault
from bot.sandbox.workspace.installed_app import APP_ID, BOT_USER_ID, InstalledApp, Tokens
from bot.sandbox.workspace.record_storage import FILE, RecordStorage, StorageUnusable
from bot.sandbox.workspace.seed_data import (
    ANA,
    BEN,
    CHI,
    DEE,
    GENERAL,
    HOUSE,
    PARTNER_TEAM_ID,
    PEOPLE,
    SECOND_TEAM,
    SISTER_TEAM_ID,
    TEAM_ID,
    SlackAccount,
    Team,
)
from bot.sandbox.workspace.uploaded_files import Canvas
from bot.sandbox.workspace.workspace_behavior import Behavior, FieldOverrides, LengthCounting, SlackRefusal
from bot.sandbox.workspace.workspace_clock import WorkspaceClock
from bot.sandbox.workspace.workspace_state import Workspace

__all__ = [
    "ANA",
    "APP_ID",
    "BEN",
    "BOT_USER_ID",
    "CHI",
    "DEE",
    "GENERAL",
    "HOUSE",
    "MAX_EXCHANGES",
    "PARTNER_TEAM_ID",
    "PEOPLE",
    "POINTS",
    "SECOND_TEAM",
    "SISTER_TEAM_ID",
    "SOME_ENTERPRISE",
    "SOME_SECONDS",
    "TEAM_ID",
    "ApiError",
    "Behavior",
    "Canvas",
    "Delivery",
    "Exchange",
    "FieldOverrides",
    "InjectedFault",
    "InteractiveElement",
    "Json",
    "LengthCounting",
    "NotOnScreen",
    "ProbeFileUnusable",
    "RecordStorage",
    "Sandbox",
    "SandboxPerson",
    "SandboxWorkspace",
    "SlackAccount",
    "SlackRefusal",
    "StorageUnusable",
    "Transport",
    "VisibleMessage",
    "VisibleView",
    "WorkspaceClock",
    "blocks_text",
    "check_installed",
    "has_saved_workspace",
    "interactive_elements",
    "json_objects",
    "message_errors",
    "message_is_too_long",
    "mrkdwn_to_html",
    "nested_objects",
    "new_view_stacks",
    "options",
    "read_answers",
    "serve",
    "state_values",
    "value_key",
    "view_errors",
    "visible_buttons",
    "with_value",
]


def check_installed() -> None:
    """Raise ModuleNotFoundError with the name of a missing library of the extra `sandbox`."""
    # Imported here and in `serve` only: it takes a second, which tests without a page do not need.
    import_module("bot.sandbox.page.page_server")


def new_view_stacks() -> ViewStacks:
    """Return the views of a workspace in which no one has opened any yet."""
    return ViewStacks(Workspace(InstalledApp(name="threatmodel", tokens=Tokens.fresh())))


def has_saved_workspace(data: Path) -> bool:
    """Return whether a directory holds a saved workspace."""
    return (data / FILE).exists()


def serve(
    manifest: Json | None,
    delivery: Transport = "socket",
    port: int = 8765,
    *,
    data: Path | None = None,
    behavior: Behavior | None = None,
    further: Sequence[Team] = (),
    installed: bool = True,
    on_ready: OnReady,
) -> None:
    """Serve the workspace with its page on loopback until SIGTERM or SIGINT; port 0 selects a free one.

    With a data directory, the workspace resumes its saved state. `further` workspaces begin without the app,
    and a new first one begins with it unless `installed` is false. Raises OSError if the port is taken,
    StorageUnusable if the directory cannot be used, ModuleNotFoundError without the extra `sandbox`.
    """
    from bot.sandbox.page.page_server import serve_page

    sandbox = Sandbox(
        manifest=manifest,
        delivery=delivery,
        data=data,
        behavior=behavior,
        further=further,
        installed=installed,
    )
    serve_page(sandbox, port, on_ready)
