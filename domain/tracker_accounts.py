"""Accounts in trackers: which one belongs to which person of the workspace.

The first person who states that an account is theirs has it, until an email address or an administrator says
otherwise. A statement that neither confirms is shown as such. Everyone who ever had an account counts as its
owner where mitigations are verified, so that no later statement allows a person to verify their own work.
"""

from datetime import datetime
from typing import assert_never

import msgspec
from msgspec.structs import replace

from domain.kernel.elements import SYSTEM, PersonId
from domain.kernel.length_limits import ACCOUNT
from domain.kernel.tracked_issue import TrackerId
from domain.rejections import Rejected


class WorkspaceCommand(msgspec.Struct, frozen=True, kw_only=True, tag_field="type"):
    """The author and time of a command to a workspace."""

    by: PersonId
    at: datetime


class WorkspaceEventBase(msgspec.Struct, gc=False, frozen=True, kw_only=True, tag_field="type"):
    """The author and time of an event of a workspace."""

    by: PersonId
    at: datetime


class AccountTaken(Rejected):
    """The account belongs to another person, and nothing shows that this person is wrong."""

    def __init__(self, held: "TrackerAccount") -> None:
        name, person = held.name or held.account, held.person
        if held.confirmed:
            sentence = (
                f"“{name}” is the account of @{person}. If that is wrong, ask an administrator of the "
                "workspace settings to correct it."
            )
        else:
            sentence = (
                f"@{person} stated that “{name}” is their account. If it is yours, ask @{person} or an "
                "administrator of the workspace settings to correct it."
            )
        super().__init__(sentence, field="account", people=(person,))


class AccountDenied(Rejected):
    """The account is not that of the person: an email address or an administrator said so."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"“{name}” was found not to be your account. If it is, ask an administrator of the workspace "
            "settings to assign it to you.",
            field="account",
        )


class TrackerAccount(msgspec.Struct, gc=False, frozen=True, kw_only=True):
    """The account of a person in a tracker: its ID, and the name that the tracker shows.

    `by` is who said so. It is `confirmed` by the person's email address or by an administrator.
    """

    tracker: TrackerId
    person: PersonId
    account: str
    name: str
    by: PersonId
    confirmed: bool = False

    @property
    def found(self) -> bool:
        """Return whether the bot found it by the person's email address."""
        return self.by == SYSTEM

    @property
    def corrected(self) -> bool:
        """Return whether an administrator said so."""
        return self.by not in (SYSTEM, self.person)


HeldAccount = tuple[TrackerId, str, PersonId]
"""A tracker, an account in it, and a person who has or had it."""


class TrackerAccounts(msgspec.Struct, frozen=True, kw_only=True):
    """Who is who in the connected trackers; `without` are the people who said that they have no account.

    `ever` says who has or had which account, also in trackers that were disconnected. Of these, `proven` are
    those that an email address confirmed, which no administrator can correct. `denied` are accounts that are
    not those of the people who stated so.
    """

    known: tuple[TrackerAccount, ...] = ()
    without: frozenset[tuple[TrackerId, PersonId]] = frozenset()
    ever: frozenset[HeldAccount] = frozenset()
    proven: frozenset[HeldAccount] = frozenset()
    denied: frozenset[HeldAccount] = frozenset()

    def holder(self, tracker: TrackerId, account: str) -> TrackerAccount | None:
        """Return an account with the person to whom it belongs, as far as it was said."""
        return next((one for one in self.known if (one.tracker, one.account) == (tracker, account)), None)

    def person_of(self, tracker: TrackerId, account: str) -> PersonId | None:
        """Return the person to whom an account belongs, as far as it was said."""
        held = self.holder(tracker, account)
        return held.person if held is not None else None

    def of(self, tracker: TrackerId, person: PersonId) -> TrackerAccount | None:
        """Return the account of a person in a tracker, as far as it was said."""
        return next((one for one in self.known if (one.tracker, one.person) == (tracker, person)), None)

    def has_none(self, tracker: TrackerId, person: PersonId) -> bool:
        """Return whether a person said that they have no account in a tracker."""
        return (tracker, person) in self.without


class ChooseTrackerAccount(WorkspaceCommand, frozen=True, kw_only=True, tag="ChooseTrackerAccount"):
    """Say which account in a tracker belongs to a person; without an account, none does.

    The author is the person, an administrator, or the system, which found the account by the person's email
    address. `confirmed` says that the account shows that address. The caller has checked both.
    """

    tracker: TrackerId
    person: PersonId
    account: str = ""
    name: str = ""
    confirmed: bool = False


class ReleaseTrackerAccount(WorkspaceCommand, frozen=True, kw_only=True, tag="ReleaseTrackerAccount"):
    """Say that an account in a tracker is not that of the person who has it; the author administers."""

    tracker: TrackerId
    person: PersonId
    account: str


class TrackerAccountChosen(
    WorkspaceEventBase, frozen=True, kw_only=True, omit_defaults=True, tag="TrackerAccountChosen"
):
    """An account in a tracker belongs to a person; without an account, none does any longer.

    It is `confirmed` if it shows the email address of the person; by another author, it always is.
    """

    tracker: TrackerId
    person: PersonId
    account: str
    name: str
    confirmed: bool = False


class TrackerAccountReleased(WorkspaceEventBase, frozen=True, kw_only=True, tag="TrackerAccountReleased"):
    """An account in a tracker is not that of a person: an email address or an administrator says so."""

    tracker: TrackerId
    person: PersonId
    account: str


TrackerAccountCommand = ChooseTrackerAccount | ReleaseTrackerAccount
"""The commands about accounts in trackers."""

TrackerAccountEvent = TrackerAccountChosen | TrackerAccountReleased
"""The events about accounts in trackers."""


def decide_on_accounts(
    command: TrackerAccountCommand, before: TrackerAccounts
) -> tuple[TrackerAccountEvent, ...]:
    """Return what follows from a command, none if it changes nothing; raises Rejected.

    The caller checks that the tracker is connected.
    """
    match command:
        case ChooseTrackerAccount():
            return _choose(command, before)
        case ReleaseTrackerAccount():
            held = before.holder(command.tracker, command.account)
            if held is None or held.person != command.person:
                raise Rejected("This account has changed meanwhile. Open the list again.")
            return (_released(command, held),)
    assert_never(command)


def evolve_accounts(before: TrackerAccounts, event: TrackerAccountEvent) -> TrackerAccounts:
    """Return the accounts after one more event: a person has one, and it belongs to one person."""
    match event:
        case TrackerAccountChosen():
            return _chosen(before, event)
        case TrackerAccountReleased():
            others = tuple(one for one in before.known if not _is_of(one, event))
            denied = before.denied | {(event.tracker, event.account, event.person)}
            return replace(before, known=others, ever=_settled(before, event), denied=denied)
    assert_never(event)


def without_tracker(before: TrackerAccounts, tracker: TrackerId) -> TrackerAccounts:
    """Return the accounts after a tracker was disconnected: who had which one stays known."""
    return replace(
        before,
        known=tuple(one for one in before.known if one.tracker != tracker),
        without=frozenset(one for one in before.without if one[0] != tracker),
    )


def _choose(command: ChooseTrackerAccount, before: TrackerAccounts) -> tuple[TrackerAccountEvent, ...]:
    account, name = command.account.strip(), " ".join(command.name.split())
    if len(account) > ACCOUNT or len(name) > ACCOUNT:
        raise Rejected("This account has a name that is too long.", field="account")
    known = before.of(command.tracker, command.person)
    if command.by == SYSTEM and not _may_find(command, account, before):
        return ()
    confirmed = command.confirmed or command.by != command.person
    if not account:
        name, confirmed = "", False
        if known is None and before.has_none(command.tracker, command.person):
            return ()
    elif known is not None and known.account == account:
        if known.confirmed or (known.name == name and not confirmed):
            return ()
    elif not confirmed and (command.tracker, account, command.person) in before.denied:
        raise AccountDenied(name or account)
    held = before.holder(command.tracker, account) if account else None
    events: list[TrackerAccountEvent] = []
    if held is not None and held.person != command.person:
        is_corrected = command.by not in (SYSTEM, command.person)
        if not is_corrected and (held.confirmed or not confirmed):
            raise AccountTaken(held)
        # An event of its own: it still counts if the entry of the next person is erased.
        events.append(_released(command, held))
    chosen = TrackerAccountChosen(
        by=command.by,
        at=command.at,
        tracker=command.tracker,
        person=command.person,
        account=account,
        name=name,
        confirmed=confirmed,
    )
    return (*events, chosen)


def _may_find(command: ChooseTrackerAccount, account: str, before: TrackerAccounts) -> bool:
    """Return whether an account that was found replaces nothing that a person said for themselves."""
    known, held = before.of(command.tracker, command.person), before.holder(command.tracker, account)
    if before.has_none(command.tracker, command.person) or not account:
        return False
    if known is not None:
        return known.account == account and not known.confirmed
    return held is None or not held.confirmed


def _released(command: TrackerAccountCommand, held: TrackerAccount) -> TrackerAccountReleased:
    return TrackerAccountReleased(
        by=command.by, at=command.at, tracker=held.tracker, person=held.person, account=held.account
    )


def _chosen(before: TrackerAccounts, event: TrackerAccountChosen) -> TrackerAccounts:
    said = {(event.tracker, event.person)}
    others = tuple(
        one
        for one in before.known
        if one.tracker != event.tracker or (one.person != event.person and one.account != event.account)
    )
    if not event.account:
        return replace(before, known=others, without=before.without | said)
    confirmed = event.confirmed or event.by != event.person
    chosen = TrackerAccount(
        tracker=event.tracker,
        person=event.person,
        account=event.account,
        name=event.name,
        by=event.by,
        confirmed=confirmed,
    )
    held = {(event.tracker, event.account, event.person)}
    is_proven = event.by == SYSTEM or (event.confirmed and event.by == event.person)
    return replace(
        before,
        known=(*others, chosen),
        without=before.without - said,
        ever=(_settled(before, event) if confirmed else before.ever) | held,
        proven=before.proven | held if is_proven else before.proven,
        denied=before.denied - held if confirmed else before.denied,
    )


def _settled(before: TrackerAccounts, event: TrackerAccountEvent) -> frozenset[HeldAccount]:
    """Return who had which account after it was settled whose this one is: earlier statements were wrong.

    What an email address confirmed still counts, and no author takes back an own statement.
    """
    account = (event.tracker, event.account)
    return frozenset(
        one for one in before.ever if one[:2] != account or one in before.proven or one[2] == event.by
    )


def _is_of(one: TrackerAccount, event: TrackerAccountReleased) -> bool:
    return (one.tracker, one.account, one.person) == (event.tracker, event.account, event.person)
