"""Composition of the parts that serve the installations of many workspaces."""

from collections.abc import Callable, Iterable
from datetime import datetime

import msgspec

from bot.settings import Settings
from bot.slack.directory.app_installations.install_states import InstallStates
from bot.slack.directory.app_installations.installation_events import InstallationEvents
from bot.slack.directory.app_installations.installation_work import InstallationWork
from bot.slack.directory.app_installations.stored_installations import StoredInstallations
from bot.slack.directory.app_installations.token_encryption import TokenCipher
from bot.store import Store
from bot.store.work_queue import Touch


class InstallationService(msgspec.Struct, frozen=True, kw_only=True):
    """The directory of installed workspaces, the work on it, and the ways by which it changes."""

    directory: StoredInstallations
    work: InstallationWork
    events: InstallationEvents
    states: InstallStates


def compose_installations(
    settings: Settings,
    store: Store,
    *,
    now: Callable[[], datetime],
    touch: Callable[[Iterable[Touch]], None],
    check: Callable[[], None],
) -> InstallationService:
    """Return the parts for the installations of a store.

    `touch` makes work due, durably when it returns; `check` raises Overtaken if the claim of the work that
    runs on this thread was taken over.
    """
    cipher = TokenCipher(settings.token_keys)
    work = InstallationWork(
        settings, store.installations, store.work, cipher, now=now, touch=touch, check=check
    )
    return InstallationService(
        directory=StoredInstallations(store.installations, cipher, now=now),
        work=work,
        events=InstallationEvents(work, now=now),
        states=InstallStates(cipher, store.installations, now=now),
    )
