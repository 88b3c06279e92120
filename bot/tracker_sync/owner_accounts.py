"""Accounts of owners in a tracker, found by the email addresses of these people."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import msgspec
import structlog

from bot.delivery.work_kinds import NO_WAIT, Done, Kind
from bot.store import CommandKey, StreamId
from bot.store.records import model_stream
from bot.store.work_queue import Claim
from bot.tracker_sync.connected_trackers import OpenedTracker
from bot.tracker_sync.sync_parts import SyncParts
from bot.trackers.text_defusing import one_line
from bot.trackers.tracker import Account, TrackerBusy, TrackerFault
from domain.kernel.elements import SYSTEM, ModelKey, PersonId
from domain.kernel.persistent_maps import values_of
from domain.kernel.tracked_issue import TrackerId
from domain.model import ThreatModel
from domain.rejections import Rejected
from domain.remediation.issue_proposals import synchronized_tracker, tracker_in_force
from domain.tracker_accounts import ChooseTrackerAccount, TrackerAccountChosen

ACCOUNTS: Final = "accounts"
"""Name of the work; its subject is a model."""

AGAIN_AFTER: Final = timedelta(hours=1)
"""Time after which an account that was not found is looked up again, if the model changes."""

log = structlog.get_logger()


class OwnerAccounts(msgspec.Struct, eq=False):
    """Looks up the accounts of owners that are not known, in one workspace.

    `address_of` asks Slack for the email address of a person, empty if there is none; it is None if the bot
    may not read addresses. An address is passed to the tracker, and kept nowhere. `found` is called with each
    model whose owner's account became known. `tried` says when this process last looked up an account.
    """

    parts: SyncParts
    address_of: Callable[[PersonId], str] | None
    found: Callable[[StreamId], None]
    tried: dict[tuple[TrackerId, PersonId], datetime] = {}

    def kind(self) -> Kind:
        """Return the kind of work, which runs before the owner is asked for the account."""
        return Kind(name=ACCOUNTS, waits=NO_WAIT, run=self._run, external=True)

    def _run(self, claim: Claim) -> Done:
        stream = model_stream(self.parts.unit.tenant, ModelKey(claim.item.subject))
        model = self.parts.model(stream)
        if model is None:
            return Done()
        tracker = tracker_in_force(model)
        if tracker is None or self.address_of is None:
            return Done()
        unknown = self._unknown_owners(model, tracker)
        opened = self.parts.trackers.open(tracker) if unknown else None
        if opened is None:
            return Done()
        for one in unknown:
            if self._find(opened, one, self.address_of):
                self.found(stream)
        return Done()

    def _unknown_owners(self, model: ThreatModel, tracker: TrackerId) -> list[PersonId]:
        """Return the owners whose account is to be looked up: those of open mitigations with an issue.

        Also those who stated which account is theirs, until an address or an administrator confirms it.
        """
        known = self.parts.trackers.settings().accounts
        recent = self.parts.now() - AGAIN_AFTER
        self.tried = {one: at for one, at in self.tried.copy().items() if at > recent}
        owners = {
            value.owner
            for value in values_of(model.mitigations)
            if value.owner is not None and value.state.to_do and synchronized_tracker(model, value) == tracker
        }
        return sorted(
            owner
            for owner in owners
            if ((account := known.of(tracker, owner)) is None or not account.confirmed)
            and not known.has_none(tracker, owner)
            and (tracker, owner) not in self.tried
        )

    def _find(self, opened: OpenedTracker, person: PersonId, address_of: Callable[[PersonId], str]) -> bool:
        """Look up the account of a person, and return whether it is known now; raises TrackerBusy."""
        address = address_of(person).strip()
        account = self._account(opened, address) if address else None
        self.tried[opened.id, person] = self.parts.now()
        return account is not None and self._choose(opened.id, person, account)

    def _account(self, opened: OpenedTracker, address: str) -> Account | None:
        """Return the only account that shows exactly this address; raises TrackerBusy."""
        self.parts.check()
        try:
            accounts = opened.client.accounts(address)
        except TrackerBusy:
            raise
        except TrackerFault as fault:
            # Its text may name the address.
            log.warning("an account is not looked up", tracker=opened.id, fault=type(fault).__name__)
            return None
        matching = [account for account in accounts if account.email.strip().casefold() == address.casefold()]
        return matching[0] if len(matching) == 1 else None

    def _choose(self, tracker: TrackerId, person: PersonId, account: Account) -> bool:
        """Record the account unless it belongs to someone else; return whether it was recorded.

        An address takes precedence over a statement that nothing confirms.
        """
        self.parts.check()
        settings, tenant = self.parts.command_handler.settings, self.parts.unit.tenant
        before = settings.current(tenant)
        held = before.trackers.accounts.holder(tracker, account.id)
        if held is not None and held.confirmed:
            return False
        command = ChooseTrackerAccount(
            by=SYSTEM,
            at=self.parts.now(),
            tracker=tracker,
            person=person,
            account=account.id,
            name=one_line(account.name),
            confirmed=True,
        )
        recorded: list[object] = []
        try:
            settings.choose(
                command,
                tenant=tenant,
                key=CommandKey(f"tracker/account/{person}/{tracker}/{account.id}/{before.version}"),
                recorded=recorded.extend,
            )
        except Rejected as refused:
            log.warning("an account is not recorded", tracker=tracker, why=str(refused))
        return any(isinstance(one, TrackerAccountChosen) for one in recorded)
