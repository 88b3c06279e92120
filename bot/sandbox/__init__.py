"""A stand-in Slack workspace, to try the bot in and to test it with."""

from bot.sandbox.connection import OnReady, SandboxConnection
from bot.sandbox.kit import Json
from bot.sandbox.sandbox import Sandbox, Transport

__all__ = ["OnReady", "Sandbox", "SandboxConnection", "Transport", "serve"]


def serve(
    manifest: Json | None, delivery: Transport = "socket", port: int = 8765, *, on_ready: OnReady
) -> None:
    """Serve the workspace with its page on loopback until SIGTERM or SIGINT; port 0 takes a free one.

    Raises OSError if the port is taken, ModuleNotFoundError without the extra `sandbox`.
    """
    # The page's library takes a second to import, which tests without a page need not wait for.
    from bot.sandbox.page.serving import serve_page

    serve_page(Sandbox(manifest=manifest, delivery=delivery), port, on_ready)
