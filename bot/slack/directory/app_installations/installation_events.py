"""Events about installations themselves: recorded before a workspace is chosen, confirmed afterwards."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

import msgspec

from bot.slack.directory.app_installations.installation_work import InstallationWork
from bot.slack.protocol.requests import Json

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
            for enterprise in {one for one in _organizations(told) if one}:
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
    return {told.enterprise_id, *(one.enterprise_id for one in told.authorizations or ())}
