"""A stand-in Slack workspace, to try the bot in and to test it with."""

from importlib import import_module
from pathlib import Path

from bot.sandbox.connection import OnReady, SandboxConnection
from bot.sandbox.kit import Json
from bot.sandbox.place.behavior import Behavior
from bot.sandbox.place.keeping import FILE, DataUnfit
from bot.sandbox.place.probed import AnswersUnfit, read_answers
from bot.sandbox.sandbox import Sandbox, Transport

__all__ = [
    "AnswersUnfit",
    "DataUnfit",
    "OnReady",
    "Sandbox",
    "SandboxConnection",
    "Transport",
    "check_installed",
    "is_kept_in",
    "read_answers",
    "serve",
]


def check_installed() -> None:
    """Raise ModuleNotFoundError, naming it, for a library of the extra `sandbox` that is not installed."""
    # Imported here and in `serve` only: it takes a second, which tests without a page need not wait for.
    import_module("bot.sandbox.page.serving")


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
    from bot.sandbox.page.serving import serve_page

    serve_page(Sandbox(manifest=manifest, delivery=delivery, data=data, behavior=behavior), port, on_ready)
