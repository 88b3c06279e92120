"""Composition of the parts that serve the installations of many workspaces."""

from collections.abc import Callable, Iterable
from datetime import datetime

import msgspec
import structlog

from bot.delivery.work_dispatcher import WorkDispatcher
from bot.delivery.worker import Worker
from bot.settings import Settings
from bot.slack.directory.app_installations.install_states import InstallStates
from bot.slack.directory.app_installations.installation_events import InstallationEvents
from bot.slack.directory.app_installations.installation_work import TENANT, InstallationWork
from bot.slack.directory.app_installations.stored_installations import StoredInstallations
from bot.store import Store, StoreError
from bot.store.work_queue import Touch
from bot.token_cipher import TokenCipher

log = structlog.get_logger()


class InstallationService(msgspec.Struct, frozen=True, kw_only=True):
    """The directory of installed workspaces, the work on them, and the ways by which they change."""

    directory: StoredInstallations
    work: InstallationWork
    events: InstallationEvents
    states: InstallStates

    def report_refused(self, tenant: str) -> None:
        """Check the installation of a workspace for which Slack refused a call for good."""
        try:
            self.work.report_refused(tenant)
        except StoreError as fault:
            log.warning("an installation is checked later", workspace=tenant, fault=type(fault).__name__)


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
        states=InstallStates(cipher, now=now),
    )


def serve_installations(
    settings: Settings, store: Store, dispatcher: WorkDispatcher, *, now: Callable[[], datetime]
) -> InstallationService:
    """Return the parts for the installations of a store, whose work a dispatcher runs like a workspace's."""
    worker = Worker(dispatcher, TENANT, failed=InstallationWork.failed, ended=lambda _: None)
    service = compose_installations(
        settings,
        store,
        now=now,
        touch=lambda touches: worker.touch(*touches, durable=True),
        check=worker.check,
    )
    worker.start(service.work.kinds())
    return service
