"""Requests that a tracker answers first: stored before the ack, and carried out by the work queue.

Each has an outcome in words for the person who made it. Refused connections are kept without their secrets,
so that the form that tries again shows their fields. No method that a request calls before its ack calls a
tracker; `check` does, in the work that follows.
"""

from collections.abc import Callable, Mapping, Sequence, Set
from datetime import datetime
from typing import Final

import msgspec
import structlog
from msgspec.structs import replace

from bot.commands.command_handler import SettingsHandler
from bot.settings import Secret
from bot.store import CommandKey, UnitOfWork
from bot.store.repositories.tracker_connections import (
    TrackerCheck,
    TrackerConnection,
    TrackerConnections,
)
from bot.token_cipher import TokenCipher, TokenUnreadable
from bot.trackers.connection_secrets import (
    ConnectionSecrets,
    decrypt_secrets,
    encrypt_secrets,
    new_secrets,
    secrets_of,
    with_new_webhook_secret,
)
from bot.trackers.open_tracker import TrackerOpener
from bot.trackers.text_defusing import one_line, shortened
from bot.trackers.tracker import Account, Project, TrackerBusy, TrackerFault, TrackerRefused
from bot.trackers.tracker_http import check_url
from domain.kernel.elements import PersonId
from domain.kernel.text_formatting import Naming, join_list
from domain.kernel.tracked_issue import TrackerId
from domain.rejections import Rejected
from domain.tracker_accounts import ChooseTrackerAccount, TrackerAccountCommand
from domain.workspace_settings import WorkspaceEvent
from domain.workspace_trackers import (
    ConnectTracker,
    DefaultTrackerChosen,
    DisconnectTracker,
    TrackerConnected,
    WorkspaceTrackerCommand,
    WorkspaceTrackers,
)

BUSY_TRIES: Final = 5
"""Tries after which a tracker that asks to wait is given up."""

MOST_OUTCOME: Final = 1_000
"""Characters of the outcome of a request."""

NO_KEYS: Final = (
    "Trackers cannot be connected yet: the setting THREATMODEL_TOKEN_KEYS is missing. It holds the keys that "
    "encrypt the tokens of trackers. An operator creates one with `openssl rand -base64 32 | tr '+/' '-_'`, "
    "sets it, and restarts the bot."
)

_NAMED: Final = 5
_REFUSED: Final = "⚠"

_GONE: Final = "The tracker was disconnected in the meantime."

log = structlog.get_logger()


class NoTokenKeys(Rejected):
    """Rejection: without keys, no token is stored."""

    def __init__(self) -> None:
        super().__init__(NO_KEYS)


class TrackerRequests(msgspec.Struct, frozen=True, eq=False):
    """Requests about the trackers of one workspace; every method raises StoreUnavailable.

    Without a `cipher`, no token is stored. Trackers at one of the `hosts` may have a private address.
    `touch` makes the check with an ID due, `changed` is called in the transaction that changes what models
    inherit, `connected` after a tracker was connected or got another token, and `account_changed` after it
    became known whose account in a tracker is. `address_of` returns the email address of a person, empty if
    there is none; it is None if the bot may not read addresses. `fence` raises if another process has taken
    over the running work.
    """

    unit: UnitOfWork
    settings: SettingsHandler
    cipher: TokenCipher | None
    hosts: Set[str]
    open_tracker: TrackerOpener
    now: Callable[[], datetime]
    touch: Callable[[str], None]
    changed: Callable[[], None]
    connected: Callable[[TrackerId], None] = lambda _: None
    account_changed: Callable[[TrackerId], None] = lambda _: None
    address_of: Callable[[PersonId], str] | None = None
    naming: Naming = str
    fence: Callable[[], None] = lambda: None

    @property
    def enabled(self) -> bool:
        """Return whether there are keys, without which no tracker can be connected."""
        return self.cipher is not None

    @property
    def trackers(self) -> WorkspaceTrackers:
        """Return the connected trackers."""
        return self.settings.current(self.unit.tenant).trackers

    def states(self) -> Mapping[TrackerId, TrackerConnection]:
        """Return the connections with the state of their polling, by tracker."""
        return {one.tracker: one for one in self.unit.tracker_connections.all()}

    def checked_for(self, person: PersonId) -> tuple[str, ...]:
        """Return the trackers, in words, that are being checked for a person."""
        return tuple(
            named_tracker(check)
            for check in self.unit.tracker_connections.checks()
            if check.person == person and not check.outcome
        )

    def refused_for(self, person: PersonId) -> tuple[TrackerCheck, ...]:
        """Return the refused connections of a person, the last one of each kind of tracker."""
        return _refused_connections(self.unit.tracker_connections, person)

    def connect(
        self, check: TrackerCheck, token: Secret, login: str = "", *, webhook_secret: str = ""
    ) -> None:
        """Request that a tracker be connected, or with `check.tracker` get another token.

        A `webhook_secret` is one that the tracker has made. Raises NoTokenKeys, and Rejected where the
        request could not succeed.
        """
        cipher = self.cipher
        if cipher is None:
            raise NoTokenKeys
        if check.tracker and self.trackers.find(check.tracker) is None:
            raise Rejected(f"{check.tracker} is not connected. It may have been disconnected.")
        try:
            check_url(check.url, self.hosts)
        except TrackerFault as fault:
            raise Rejected(str(fault), field="url") from fault
        held = replace(new_secrets(token, login), webhook_secret=Secret(webhook_secret))
        secrets = encrypt_secrets(cipher, held, tenant=self.unit.tenant, owner=check.id, now=check.at)
        self._request(replace(check, secrets=secrets, key_id=cipher.newest))

    def choose_account(self, check: TrackerCheck, account: str) -> None:
        """Request that an account be looked up by its address, login or name, and chosen as the person's."""
        self._request(replace(check, account=account))

    def change(self, command: WorkspaceTrackerCommand, key: CommandKey) -> None:
        """Carry out a command that needs no answer of the tracker; raises Rejected.

        The secrets of a disconnected tracker are deleted in the same transaction.
        """
        with self.unit.transaction():
            self._execute(command, key)
            if isinstance(command, DisconnectTracker):
                self.unit.tracker_connections.delete(command.tracker)
        if isinstance(command, TrackerAccountCommand):
            self.account_changed(command.tracker)

    def check(self, id: str, *, tries: int = 1) -> TrackerCheck | None:
        """Call the tracker of a request, carry it out, and return it with its outcome; None if it is gone.

        The result may be from an earlier process that did not tell the person. Raises TrackerBusy as long as
        the tracker asks to wait.
        """
        check = self.unit.tracker_connections.find_check(id)
        if check is None or check.outcome:
            return check
        try:
            outcome = self._choose(check) if check.account else self._connect(check)
        except TrackerBusy:
            if tries < BUSY_TRIES:
                raise
            outcome = _refusal(check, "The tracker is too busy. Try again later.")
        except TrackerRefused as fault:
            outcome = _refused_outcome(check, fault)
        except Rejected as refused:
            outcome = _refusal(check, refused.text_with_names(self.naming))
        except (TrackerFault, TokenUnreadable) as fault:
            outcome = _refusal(check, fault)
        self._settle(id, outcome)
        log.info(
            "a request to a tracker is settled", tracker=check.tracker or check.kind, person=check.person
        )
        return self.unit.tracker_connections.find_check(id)

    def secrets_of(self, held: TrackerConnection) -> ConnectionSecrets:
        """Return the secrets of a connection; raises TokenUnreadable."""
        if self.cipher is None:
            raise TokenUnreadable(NO_KEYS)
        return secrets_of(self.cipher, held, tenant=self.unit.tenant)

    def webhook_secret(self, tracker: TrackerId) -> Secret | None:
        """Return the secret that signs webhooks of a tracker; None if it is not connected."""
        held = self.unit.tracker_connections.find(tracker)
        return self.secrets_of(held).webhook_secret if held is not None else None

    def renew_webhook_secret(self, tracker: TrackerId, key: CommandKey) -> None:
        """Replace the secret of a tracker's webhooks, so that the present one is no longer accepted.

        The same request makes the same secret. Raises Rejected and TokenUnreadable.
        """
        held = self.unit.tracker_connections.find(tracker)
        if held is None or self.cipher is None:
            raise Rejected(_GONE)
        known = self.secrets_of(held)
        renewed = with_new_webhook_secret(known, key)
        if renewed == known:
            return
        secrets = self._encrypted(self.cipher, renewed, tracker)
        if not self.unit.tracker_connections.encrypt_again(held, secrets=secrets, key_id=self.cipher.newest):
            raise Rejected("The token was replaced at the same time. Try again.")
        log.info("the secret of webhooks was replaced", tracker=tracker)

    def _settle(self, id: str, outcome: str) -> None:
        """Record the outcome of a request, which may repeat any words of the tracker."""
        outcome = shortened(one_line(outcome), MOST_OUTCOME)
        self.unit.tracker_connections.settle_check(id, outcome)

    def _request(self, check: TrackerCheck) -> None:
        with self.unit.transaction():
            if self.unit.tracker_connections.save_check(check):
                self.touch(check.id)

    def _connect(self, check: TrackerCheck) -> str:
        """Check a token, and connect the tracker or replace its token; return the outcome."""
        cipher = self.cipher
        if cipher is None:
            raise TokenUnreadable(NO_KEYS)
        given = decrypt_secrets(
            cipher, check.secrets, tenant=self.unit.tenant, owner=check.id, key=check.key_id
        )
        project = self.open_tracker(check, given).project()
        if why := _refusal_of_project(project):
            raise Rejected(why)
        self.fence()
        with self.unit.transaction():
            new_id = self.trackers.next_id
            tracker, is_default = self._connected_as(check)
            self._save(cipher, tracker, given)
            outcome = _connected_outcome(
                tracker, check, project, is_default=is_default, was_connected=tracker != new_id
            )
            self._settle(check.id, outcome)
        self.connected(tracker)
        return outcome

    def _connected_as(self, check: TrackerCheck) -> tuple[TrackerId, bool]:
        """Return the tracker of a request, and whether it was chosen as the default one; raises Rejected."""
        if check.tracker:
            if self.trackers.find(check.tracker) is None:
                raise Rejected(_GONE)
            return check.tracker, False
        command = ConnectTracker(
            by=check.person,
            at=check.at,
            kind=check.kind,
            url=check.url,
            project=check.project,
            labels=check.labels,
        )
        events = self._execute(command, CommandKey(f"tracker:{check.id}"))
        (tracker,) = [event.tracker.id for event in events if isinstance(event, TrackerConnected)]
        return tracker, any(isinstance(event, DefaultTrackerChosen) for event in events)

    def _save(self, cipher: TokenCipher, tracker: TrackerId, given: ConnectionSecrets) -> None:
        """Store the secrets of a tracker; the key of the marks in its issues outlives its token."""
        connections, now = self.unit.tracker_connections, self.now()
        held = connections.find(tracker)
        if held is not None:
            try:
                known = self.secrets_of(held)
                webhook_secret = given.webhook_secret or known.webhook_secret
                given = replace(given, mark_key=known.mark_key, webhook_secret=webhook_secret)
            except TokenUnreadable as fault:
                log.warning("the marks of a tracker are new", tracker=tracker, fault=str(fault))
        if not given.webhook_secret:
            given = replace(given, webhook_secret=new_secrets(given.token).webhook_secret)
        secrets = self._encrypted(cipher, given, tracker)
        connections.save(
            TrackerConnection(
                tracker=tracker,
                secrets=secrets,
                key_id=cipher.newest,
                saved_at=now,
                polled_until=held.polled_until if held else None,
                polled_at=held.polled_at if held else None,
            )
        )

    def _choose(self, check: TrackerCheck) -> str:
        """Look up the account that a person named, and choose it; return the outcome."""
        connected = self.trackers.find(check.tracker)
        held = self.unit.tracker_connections.find(check.tracker)
        if connected is None or held is None:
            raise Rejected(_GONE)
        found = self.open_tracker(check, self.secrets_of(held)).accounts(check.account)
        account = _meant_account(found, check.account)
        if account is None:
            return _refusal(check, _unclear_account(found, check.account))
        confirmed = self._shows_address(account, check.person)
        self.fence()
        command = ChooseTrackerAccount(
            by=check.person,
            at=check.at,
            tracker=check.tracker,
            person=check.person,
            account=account.id,
            name=one_line(account.name),
            confirmed=confirmed,
        )
        with self.unit.transaction():
            self._execute(command, CommandKey(f"tracker:{check.id}"))
            chosen = self.trackers.accounts.of(check.tracker, check.person)
            outcome = _chosen_outcome(check, account, confirmed=chosen is not None and chosen.confirmed)
            self._settle(check.id, outcome)
        self.account_changed(check.tracker)
        return outcome

    def _shows_address(self, account: Account, person: PersonId) -> bool:
        """Return whether an account shows the email address of a person, as far as both can be read."""
        shown = account.email.strip().casefold()
        if not shown or self.address_of is None:
            return False
        return self.address_of(person).strip().casefold() == shown

    def _execute(self, command: WorkspaceTrackerCommand, key: CommandKey) -> Sequence[WorkspaceEvent]:
        """Carry out a command; return its events, none if it was carried out before."""
        found: list[WorkspaceEvent] = []

        def recorded(events: Sequence[WorkspaceEvent]) -> None:
            found.extend(events)
            if any(isinstance(event, DefaultTrackerChosen) for event in events):
                self.changed()

        self.settings.choose(command, tenant=self.unit.tenant, key=key, recorded=recorded)
        return found

    def _encrypted(self, cipher: TokenCipher, secrets: ConnectionSecrets, tracker: TrackerId) -> bytes:
        return encrypt_secrets(cipher, secrets, tenant=self.unit.tenant, owner=tracker, now=self.now())


def named_tracker(check: TrackerCheck) -> str:
    """Return the tracker of a request in words."""
    return f"{check.kind.label}, {check.project}"


def is_refused(check: TrackerCheck) -> bool:
    """Return whether a request has the outcome that nothing was changed."""
    return check.outcome.startswith(_REFUSED)


def _refusal(check: TrackerCheck, why: object) -> str:
    """Return the outcome of a request that changed nothing."""
    return f"{_REFUSED} {named_tracker(check)}: {why}"


def _refusal_of_project(project: Project) -> str:
    """Return why a project cannot be connected; empty if it can."""
    if project.public:
        return (
            f"The {project.noun} is public. People outside of your organization can read its issues, and "
            f"they must not learn of a vulnerability that is not fixed. Connect a private {project.noun}."
        )
    if project.problems:
        return f"The account {project.account.name} is accepted, but cannot be used. " + " ".join(
            project.problems
        )
    return ""


def _connected_outcome(
    tracker: TrackerId, check: TrackerCheck, project: Project, *, is_default: bool, was_connected: bool
) -> str:
    """Return what follows from an accepted token, for the person who entered it.

    A project that `was_connected` before has its ID again.
    """
    account = f"as the account {project.account.name}"
    if check.tracker:
        return f"✓ {tracker} ({named_tracker(check)}) has a new token and is called {account}."
    said = f"✓ {named_tracker(check)} is connected as {tracker}, {account}."
    if was_connected:
        said = f"{said} It was connected before: issues that are linked there can be kept up to date again."
    if is_default:
        return f"{said} Mitigations of all models get an issue there, unless a model has its own choice."
    return f"{said} No model uses it yet: make it the default, or choose it for a model."


def _refused_outcome(check: TrackerCheck, fault: TrackerRefused) -> str:
    """Return what a tracker refused, and what to do."""
    if fault.unauthorized:
        why = f"The token is not accepted. Copy it again, and check that it has not expired. ({fault})"
        return _refusal(check, why)
    return _refusal(check, fault)


def _meant_account(found: Sequence[Account], text: str) -> Account | None:
    """Return the only account that a text can mean."""
    wanted = text.strip().casefold()
    exact = [one for one in found if wanted in (one.id.casefold(), one.name.casefold(), one.email.casefold())]
    if len(exact) == 1:
        return exact[0]
    return found[0] if len(found) == 1 and not exact else None


def _chosen_outcome(check: TrackerCheck, account: Account, *, confirmed: bool) -> str:
    """Return whose account it is now, for that person."""
    chosen = f"✓ {named_tracker(check)}: your account is {account.name}."
    if confirmed:
        return chosen
    return f"{chosen} No email address confirms it, so others see that you stated it."


def _unclear_account(found: Sequence[Account], text: str) -> str:
    """Return why a text names no account."""
    if not found:
        return f"No account matches “{text}”. Enter your login, or the email address of your account there."
    named = join_list([one.name for one in found[:_NAMED]])
    return f"Several accounts match “{text}”: {named}. Enter your login or email address."


def _refused_connections(connections: TrackerConnections, person: PersonId) -> tuple[TrackerCheck, ...]:
    """Return the refused connections of a person, the last one of each kind of tracker."""
    refused = (one for one in connections.checks() if one.person == person and _is_refused_connection(one))
    return tuple({one.kind: one for one in refused}.values())


def finish_check(connections: TrackerConnections, check: TrackerCheck) -> None:
    """Delete a request whose outcome the person knows.

    A refused connection is kept until the person connects a tracker of this kind, or is refused again.
    """
    kept = _is_refused_connection(check)
    if _connects(check):
        for one in connections.checks():
            alike = (one.person, one.kind) == (check.person, check.kind) and _is_refused_connection(one)
            if alike and one.id != check.id:
                connections.delete_check(one.id)
    if not kept:
        connections.delete_check(check.id)


def _is_refused_connection(check: TrackerCheck) -> bool:
    return _connects(check) and is_refused(check)


def _connects(check: TrackerCheck) -> bool:
    """Return whether a request connects a new tracker."""
    return not check.tracker and not check.account
