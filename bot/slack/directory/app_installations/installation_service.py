"""Installations of many workspaces: the events about them, and the composition of what serves them."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final

import msgspec
import structlog

from bot.delivery.work_dispatcher import WorkDispatcher
from bot.delivery.worker import Worker
from bot.settings import Settings
from bot.slack.directory.app_installations.installation_work import TENANT, InstallationWork
from bot.slack.directory.app_installations.slack_oauth import InstallStates
from bot.slack.directory.app_installations.stored_installations import StoredInstallations
from bot.slack.protocol.requests import Json
from bot.store import Store, StoreError
from bot.store.work_queue import Touch
from bot.token_cipher import TokenCipher

ENDS: Final = frozenset({"app_uninstalled", "tokens_revoked"})
ACCESS: Final = frozenset({"team_access_granted", "team_access_revoked"})
"""Events of an app that is installed in a whole organization."""


class _Tokens(msgspec.Struct):
    bot: list[str] = []


class _Event(msgspec.Struct):
    type: str
    tokens: _Tokens | None = None


class _Authorization(msgspec.Struct):
    enterprise_id: str | None = None
    team_id: str | None = None
    is_enterprise_install: bool | None = None


class _Body(msgspec.Struct):
    event: _Event
    event_time: int
    team_id: str | None = None
    enterprise_id: str | None = None
    authorizations: list[_Authorization] | None = None


class InstallationEvents(msgspec.Struct, frozen=True, eq=False):
    """Reports of uninstalls, revocations and access; raises StoreUnavailable where one cannot be recorded."""

    work: InstallationWork
    now: Callable[[], datetime]

    def record(self, body: Json) -> bool:
        """Record an event durably if it is about installations; return whether it is.

        Call it for verified events only, before they are acknowledged.
        """
        try:
            told = msgspec.convert(body, _Body)
        except msgspec.ValidationError:
            return False
        if told.event.type in ENDS:
            if told.event.tokens is None or told.event.tokens.bot:  # the bot uses no tokens of people
                for tenant in _meant(told):
                    self.work.report_end(tenant, told.event.type, self._moment(told))
            return True
        if told.event.type in ACCESS:
            for enterprise in {organization for organization in _organizations(told) if organization}:
                self.work.report_access(enterprise)
            return True
        return False

    def _moment(self, told: _Body) -> int:
        """Return the time of an event; one of a clock that is ahead is now."""
        return min(told.event_time, int(self.now().timestamp()))


def _meant(told: _Body) -> set[str]:
    """Return the workspaces or organizations whose installations may have ended."""
    granted = {
        one.enterprise_id if one.is_enterprise_install else one.team_id for one in told.authorizations or ()
    }
    return {one for one in granted if one} or {one for one in (told.team_id or told.enterprise_id,) if one}


def _organizations(told: _Body) -> set[str | None]:
    return {told.enterprise_id, *(authorization.enterprise_id for authorization in told.authorizations or ())}


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
