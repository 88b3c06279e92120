"""Connections closed without a response."""

import asyncio
from collections.abc import Callable
from typing import cast

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

_KEY = "sandbox.hang_up"


class DropConnections:
    """Middleware that lets responses drop the connection; requires uvicorn."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Forward everything, with a function that closes the connection."""
        # ASGI has no message for this; uvicorn's `send` is bound to the object that holds the connection.
        transport = getattr(getattr(send, "__self__", None), "transport", None)
        if transport is not None:
            scope[_KEY] = transport.abort
        await self.app(scope, receive, send)


def drop_connection(scope: Scope) -> None:
    """Close the connection of a request or websocket without a response."""
    cast("Callable[[], None]", scope[_KEY])()


class DroppedResponse(Response):
    """A response that closes the connection instead of answering."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Close the connection."""
        del receive, send
        drop_connection(scope)
        # The server must see that the connection is closed, or it sends an error response itself.
        await asyncio.sleep(0.01)
