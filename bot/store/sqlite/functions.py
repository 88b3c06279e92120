"""Functions for statements that PostgreSQL understands as well; its migrations define the same ones."""

import secrets
import sqlite3
import time


def define_functions(connection: sqlite3.Connection) -> None:
    """Define the functions in a connection."""
    connection.create_function("machine_time", 0, time.time)
    connection.create_function("random_hex", 0, lambda: secrets.token_hex(12))
    connection.create_function("mentions", 2, _mentions, deterministic=True)


def _mentions(text: str, model: str) -> bool:
    """Return whether a text contains the key of a model: `TM-1` is not contained in `TM-12`."""
    at = text.find(model)
    while at >= 0:
        following = text[at + len(model) : at + len(model) + 1]
        if following and following not in "0123456789":
            return True
        at = text.find(model, at + 1)
    return False
