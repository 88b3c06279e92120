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
        """Pass everything on, with a way to hang up."""
        # ASGI has no word for this; uvicorn's `send` belongs to the object that holds the connection.
        transport = getattr(getattr(send, "__self__", None), "transport", None)
        if transport is not None:
            scope[_KEY] = transport.abort
        await self.app(scope, receive, send)


def drop_connection(scope: Scope) -> None:
    """Break off the connection that a request or websocket came by."""
    cast("Callable[[], None]", scope[_KEY])()


class DroppedResponse(Response):
    """An answer that never comes: the connection ends instead."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hang up."""
        del receive, send
        drop_connection(scope)
        # The server must see that the connection is closed, or it answers with an error of its own.
        await asyncio.sleep(0.01)
