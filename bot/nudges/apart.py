"""Keeps what goes wrong with one model or one message from being the end of all the others."""

from collections.abc import Generator
from contextlib import contextmanager

import structlog

from bot.store import StoreUnavailable

log = structlog.get_logger()


@contextmanager
def apart(what: str, *, of: str) -> Generator[None]:
    """A block whose fault is logged and goes no further; raises StoreUnavailable, which is everybody's."""
    try:
        yield
    except StoreUnavailable:
        raise
    except Exception:
        # The edge of one among many: a history that cannot be read, a message that cannot be built.
        log.exception(what, of=of)
