"""Work on installations: checked, renewed, ended, and extended to the workspaces of an organization."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final

import msgspec
import structlog
from msgspec.structs import replace

from bot.delivery.work_kinds import NO_WAIT, Done, Failure, Kind
from bot.settings import Secret, Settings
from bot.slack.directory.app_installations.slack_oauth import GrantedTokens
from bot.slack.directory.app_installations.stored_installations import (
    bot_token,
    part_of,
    record_part,
    refresh_token,
    with_tokens,
)
from bot.slack.directory.app_installations.token_renewal import TokenRenewal
from bot.slack.protocol.installation import make_slack_api
from bot.slack.protocol.web_api_client import ApiRefused, ApiUnreachable, SlackApi
from bot.store import StoreError
from bot.store.repositories.installations import InstallationRecord, Installations, InstallationState
from bot.store.work_queue import Claim, Item, Touch, WorkQueue
from bot.token_cipher import TokenCipher, TokenUnreadable


class _Team(msgspec.Struct):
    id: str


class _Metadata(msgspec.Struct):
    next_cursor: str = ""


class _Page(msgspec.Struct):
    teams: list[_Team] = []
    response_metadata: _Metadata | None = None


def read_permitted_workspaces(api: SlackApi) -> set[str]:
    """Return the IDs of all workspaces that the token of an organization covers.

    Raises ApiRefused and ApiUnreachable.
    """
    permitted: set[str] = set()
    cursor = ""
    while True:
        answer = api.call("auth.teams.list", limit=100, cursor=cursor or None)
        try:
            page = msgspec.convert(answer, _Page)
        except msgspec.ValidationError as fault:
            raise ApiUnreachable(f"unexpected answer of auth.teams.list: {fault}") from None
        permitted |= {team.id for team in page.teams}
        cursor = page.response_metadata.next_cursor if page.response_metadata else ""
        if not cursor:
            return permitted


TENANT: Final = "installations"
"""The reserved workspace of the work queue; IDs of Slack are in capital letters."""

REFRESH: Final = "token-refresh"
CHECK: Final = "installation-check"
WORKSPACES: Final = "organization-workspaces"
ENCRYPTION: Final = "token-encryption"
DETAILS: Final = "installation-details"

ENDED: Final = frozenset({"account_inactive", "invalid_auth", "not_authed", "token_revoked"})
"""Slack's codes for a token that is never accepted again."""

_REFRESH_REFUSED: Final = "refresh_refused"
_CALL_REFUSED: Final = "call_refused"

log = structlog.get_logger()


class InstallationWork:
    """Work on the installations of all workspaces; `touch` makes it due, `check` fences a call to Slack.

    `check` raises Overtaken if another process has taken over the claim of the running work.
    """

    tenant = TENANT

    def __init__(
        self,
        settings: Settings,
        installations: Installations,
        queue: WorkQueue,
        cipher: TokenCipher,
        *,
        now: Callable[[], datetime],
        touch: Callable[[Iterable[Touch]], None],
        check: Callable[[], None],
    ) -> None:
        self._settings = settings
        self._installations = installations
        self._queue = queue
        self._cipher = cipher
        self._now = now
        self._touch = touch
        self._listeners: list[Callable[[str], None]] = []
        self.renewal = TokenRenewal(
            settings,
            installations,
            cipher,
            now=now,
            check=check,
            refused=lambda record: self._check_installation(record.tenant, _REFRESH_REFUSED),
        )

    def on_changed(self, *listeners: Callable[[str], None]) -> None:
        """Call listeners with the ID of each workspace in which the app is installed now, or no longer."""
        self._listeners.extend(listeners)

    def kinds(self) -> list[Kind]:
        """Return the kinds of work."""
        runs = {
            REFRESH: self.renewal.renew,
            CHECK: self._confirm_end,
            WORKSPACES: self._read_workspaces,
            ENCRYPTION: self._encrypt_again,
            DETAILS: self._read_details,
        }
        return [Kind(name=name, waits=NO_WAIT, run=run, lost=lambda _: None) for name, run in runs.items()]

    def start(self) -> None:
        """Make the work due that has no row: after a key was added, or the database was copied."""
        there = {row.item for row in self._queue.rows(TENANT, REFRESH, ENCRYPTION)}
        touches: list[Touch] = []
        for one in self._installations.all():
            if one.expires_at and one.state == "installed" and Item(TENANT, REFRESH, one.name) not in there:
                touches.append(_touch(REFRESH, one))
            if (
                one.key_id not in ("", self._cipher.newest)
                and Item(TENANT, ENCRYPTION, one.name) not in there
            ):
                touches.append(_touch(ENCRYPTION, one))
        if touches:
            self._touch(touches)

    def install(self, granted: GrantedTokens) -> None:
        """Record a new installation durably, and make the work due that follows it."""
        now = self._now()
        record = self.renewal.with_granted(
            InstallationRecord(
                app=granted.app,
                enterprise=granted.enterprise,
                team=granted.team,
                bot_user=granted.bot_user,
                scopes=granted.scopes,
                token_at=now,
                installed_at=now,
            ),
            granted,
        )
        self._installations.save(record)
        touches = [_touch(DETAILS, record)]
        if record.expires_at is not None:
            touches.append(_touch(REFRESH, record))
        if not record.team:
            touches.append(_touch(WORKSPACES, record))
        self._touch(touches)
        self._changed(record)

    def report_end(self, tenant: str, event: str, event_time: int) -> None:
        """Check an uninstall or a revocation that Slack has reported for a workspace or organization.

        `event_time` is in seconds since 1970. One before the present installation is ignored: Slack sends
        an event again where the first attempt failed, also after the app was installed again.
        """
        touches: list[Touch] = []
        for one in self._installations.of_tenant(tenant):
            whole = [one] if one.key_id else self._installations.of_tenant(one.enterprise)
            for held in whole:
                if held.state == "installed" and not _is_before(event_time, held):
                    touches.append(_touch(CHECK, held, suffix=f"@{event_time}/{event}"))
                    if not held.team:
                        touches.append(_touch(WORKSPACES, held))
        if touches:
            self._touch(touches)

    def report_refused(self, tenant: str) -> None:
        """Check the installation of a workspace for which Slack refused a call."""
        parts = [one.enterprise for one in self._installations.of_tenant(tenant) if not one.key_id]
        for part in parts or [tenant]:
            self._check_installation(part, _CALL_REFUSED)

    def report_access(self, enterprise: str) -> None:
        """Read the workspaces of an organization again, after its administrators have changed them."""
        whole = [one for one in self._installations.of_tenant(enterprise) if not one.team]
        if whole:
            self._touch([_touch(WORKSPACES, one) for one in whole])

    def _check_installation(self, tenant: str, reason: str) -> None:
        """Check the present installations of a workspace or organization, each once for a reason."""
        for one in self._installations.of_tenant(tenant):
            self.report_end(tenant, reason, int(one.installed_at.timestamp()))

    @staticmethod
    def failed(fault: Exception) -> Failure:
        """Return the meaning of an exception; none ends the work on other installations."""
        match fault:
            case ApiRefused():
                counted = fault.code != "ratelimited"
                return Failure(reason=fault.code, wait=fault.retry_after, counted=counted, paced=not counted)
            case ApiUnreachable():
                return Failure(reason=fault.code, counted=False)
            case StoreError():
                return Failure(reason=type(fault).__name__, counted=False)
            case TokenUnreadable():
                return Failure(reason=str(fault))
            case _:  # unforeseen
                return Failure(reason=type(fault).__name__, trace=True)

    # Uninstalls and revocations

    def _confirm_end(self, claim: Claim) -> Done | Failure:
        """Ask Slack whether an installation has ended, before its state changes."""
        name, _, rest = claim.item.subject.partition("@")
        event_time, _, event = rest.partition("/")
        record = self._installations.find(name)
        if record is None or record.state != "installed" or _is_before(int(event_time), record):
            return Done()
        try:
            self._api(record).call("auth.test")
        except ApiRefused as refused:
            lost = refused.code == "token_expired" and event == _REFRESH_REFUSED
            if refused.code not in ENDED and not lost:
                raise
            state: InstallationState = "uninstalled" if event == "app_uninstalled" else "revoked"
            if self._installations.change_state(record, state):
                log.warning("the app is no longer installed", workspace=record.tenant, why=event)
                self._changed(record)
            return Done()
        log.info("the app is still installed", workspace=record.tenant, reported=event)
        if event == _CALL_REFUSED:
            self._changed(record)  # the refused call did not concern the token: sending continues
        return Done()

    # Organizations

    def _read_workspaces(self, claim: Claim) -> Done | Failure:
        """Record the workspaces for which an organization has permitted the app."""
        whole = self._installations.find(claim.item.subject)
        if whole is None or whole.state != "installed":
            return Done()
        # Read before the call: a workspace that is added meanwhile is not missing in Slack's answer.
        known = self._installations.workspaces_of(whole.enterprise)
        permitted = read_permitted_workspaces(self._api(whole))
        now = self._now()
        for team in permitted:
            record_part(self._installations, part_of(whole, team, now=now))
        for one in known:
            if one.app != whole.app or one.key_id:
                continue
            state: InstallationState = "installed" if one.team in permitted else "uninstalled"
            if one.state != state and self._installations.change_state(one, state):
                self._changed(one)
        for team in permitted.difference(one.team for one in known):
            self._changed(part_of(whole, team, now=now))
        return Done()

    # Keys and details

    def _encrypt_again(self, claim: Claim) -> Done | Failure:
        """Encrypt the tokens of an installation with the newest key."""
        record = self._installations.find(claim.item.subject)
        if record is None or record.key_id in ("", self._cipher.newest):
            return Done()
        tokens = bot_token(self._cipher, record), refresh_token(self._cipher, record)
        renewed = with_tokens(self._cipher, record, *tokens, now=self._now())
        return Done() if self._installations.replace_tokens(record, renewed) else Done(again_after=0.0)

    def _read_details(self, claim: Claim) -> Done | Failure:
        """Record the details that Slack's OAuth does not give: the bot's name and ID, and the URL."""
        record = self._installations.find(claim.item.subject)
        if record is None or record.state != "installed":
            return Done()
        told = self._api(record).call("auth.test")
        described = replace(
            record,
            bot_id=str(told.get("bot_id") or ""),
            bot_name=str(told.get("user") or ""),
            url=str(told.get("url") or ""),
        )
        details = (record.bot_id, record.bot_name, record.url)
        if details == (described.bot_id, described.bot_name, described.url):
            return Done()
        if not self._installations.describe(record, described):
            return Done(again_after=0.0)
        self._changed(record)
        return Done()

    def _api(self, record: InstallationRecord) -> SlackApi:
        token: Secret = bot_token(self._cipher, record)
        return make_slack_api(self._settings, token=token.reveal, patient=False)

    def _changed(self, record: InstallationRecord) -> None:
        """Report a workspace, or every workspace of an organization that is changed as a whole."""
        parts = self._installations.workspaces_of(record.enterprise) if not record.team else []
        for tenant in [part.tenant for part in parts if not part.key_id] or [record.tenant]:
            for listener in self._listeners:
                listener(tenant)


def _touch(kind: str, record: InstallationRecord, *, suffix: str = "") -> Touch:
    return Touch(item=Item(TENANT, kind, record.name + suffix), lane=record.name)


def _is_before(event_time: int, record: InstallationRecord) -> bool:
    """Return whether an event is older than an installation; event times are whole seconds."""
    return event_time < int(record.installed_at.timestamp())
