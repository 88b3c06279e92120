"""Preparation of a database that was restored to an earlier moment."""

from collections.abc import Mapping

from bot.serving_lock import hold_serving_lock
from bot.settings import read_settings
from bot.store import Head, StoreUnavailable, open_database
from bot.wiring import check_database_exists


def mark_database_restored(environment: Mapping[str, str]) -> tuple[int, list[Head]]:
    """Mark the configured database as restored; return how many slots will be compared, and the lost ends.

    Raises OperatorError if it does not exist, StoreUnavailable if a bot serves it.
    """
    settings = read_settings(environment)
    check_database_exists(settings)
    with hold_serving_lock(settings.database_file, timeout=0.0):
        store = open_database(settings.database_url, key=settings.key.reveal(), heads=settings.heads_file)
        try:
            try:
                lost = store.note_heads()
            except StoreUnavailable:
                lost = []  # their file is damaged; it is written again
            return store.mark_restored(), lost
        finally:
            store.close()
