"""Accounts in trackers: which one belongs to which person of the workspace."""

from datetime import datetime

import msgspec
from msgspec.structs import replace

from domain.kernel.elements import SYSTEM, PersonId
from domain.kernel.tracked_issue import TrackerId
from domain.rejections import Rejected

_TEXT = 500
"""Characters in the ID or the name of an account."""


class TrackerAccount(msgspec.Struct, gc=False, frozen=True, kw_only=True):
    """The account of a person in a tracker: its ID, and the name that the tracker shows.

    It was `found` by the person's email address unless a person chose it.
    """

    tracker: TrackerId
    person: PersonId
    account: str
    name: str
    found: bool = False


class TrackerAccounts(msgspec.Struct, frozen=True, kw_only=True):
    """Who is who in the connected trackers; `without` are the people who said that they have no account."""

    known: tuple[TrackerAccount, ...] = ()
    without: frozenset[tuple[TrackerId, PersonId]] = frozenset()

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


class ChooseTrackerAccount(
    msgspec.Struct, frozen=True, kw_only=True, tag="ChooseTrackerAccount", tag_field="type"
):
    """Say which account in a tracker belongs to a person; without an account, none does.

    By the system, nothing changes if the person has an account or said that they have none, or if the account
    belongs to someone else.
    """

    by: PersonId
    at: datetime
    tracker: TrackerId
    person: PersonId
    account: str = ""
    name: str = ""


class TrackerAccountChosen(
    msgspec.Struct, gc=False, frozen=True, kw_only=True, tag="TrackerAccountChosen", tag_field="type"
):
    """An account in a tracker belongs to a person; without an account, none does any longer."""

    by: PersonId
    at: datetime
    tracker: TrackerId
    person: PersonId
    account: str
    name: str


def choose_account(
    command: ChooseTrackerAccount, before: TrackerAccounts
) -> tuple[TrackerAccountChosen, ...]:
    """Decide whose account it is; the caller checks that the tracker is connected. Raises Rejected."""
    account, name = command.account.strip(), " ".join(command.name.split())
    if len(account) > _TEXT or len(name) > _TEXT:
        raise Rejected("This account has a name that is too long.", field="account")
    known = before.of(command.tracker, command.person)
    has_none = before.has_none(command.tracker, command.person)
    if command.by == SYSTEM and (known or has_none or before.holder(command.tracker, account)):
        return ()
    if known is None and has_none and not account:
        return ()
    if known is not None and not known.found and (known.account, known.name) == (account, name):
        return ()
    return (
        TrackerAccountChosen(
            by=command.by,
            at=command.at,
            tracker=command.tracker,
            person=command.person,
            account=account,
            name=name if account else "",
        ),
    )


def evolve_accounts(before: TrackerAccounts, event: TrackerAccountChosen) -> TrackerAccounts:
    """Return the accounts after one more event: a person has one, and it belongs to one person."""
    said = {(event.tracker, event.person)}
    others = tuple(
        one
        for one in before.known
        if one.tracker != event.tracker or (one.person != event.person and one.account != event.account)
    )
    if not event.account:
        return replace(before, known=others, without=before.without | said)
    chosen = TrackerAccount(
        tracker=event.tracker,
        person=event.person,
        account=event.account,
        name=event.name,
        found=event.by == SYSTEM,
    )
    return replace(before, known=(*others, chosen), without=before.without - said)


def without_tracker(before: TrackerAccounts, tracker: TrackerId) -> TrackerAccounts:
    """Return the accounts after a tracker was disconnected."""
    return replace(
        before,
        known=tuple(one for one in before.known if one.tracker != tracker),
        without=frozenset(one for one in before.without if one[0] != tracker),
    )
