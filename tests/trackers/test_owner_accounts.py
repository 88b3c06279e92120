"""Accounts of owners in a tracker are found by their email addresses, which are kept nowhere."""

from datetime import timedelta

import pytest

from bot.commands.command_handler import CommandHandler
from bot.delivery.work_kinds import Done
from bot.store import CommandKey, StreamId, key_of
from bot.store.work_queue import Claim, Item
from bot.tracker_sync.connected_trackers import ConnectedTrackers, OpenedTracker
from bot.tracker_sync.owner_accounts import ACCOUNTS, AGAIN_AFTER, OwnerAccounts
from bot.trackers.tracker import Account, TrackerBusy, TrackerUnreachable
from domain.commands import DropMitigation
from domain.kernel.elements import SYSTEM, PersonId
from domain.kernel.tracked_issue import TrackerKind
from domain.tracker_accounts import ChooseTrackerAccount, TrackerAccount, TrackerAccountChosen
from domain.workspace_trackers import (
    ConnectTracker,
    WorkspaceTrackerCommand,
)
from tests.examples import ANA, BEN, CHI
from tests.fresh_database import content
from tests.slack.sealed_ballots import captured_logs
from tests.trackers.sync_desk import MI1, TENANT, TR1, SyncDesk

ADDRESS = "ben@example.org"
BERG = Account(id="19", name="Ben Berg", email=ADDRESS)


class LookUps:
    """A workspace with a mitigation of Ben, and a tracker in which his account is looked up."""

    def __init__(self) -> None:
        self.desk = SyncDesk()
        self.desk.tracker.people = [BERG]
        self.addresses = {BEN: ADDRESS}
        self.asked: list[PersonId] = []
        self.found: list[StreamId] = []
        self.say(
            ConnectTracker(
                by=ANA, at=self.desk.now(), kind=TrackerKind.REDMINE, url="https://a.example", project="shop"
            )
        )
        self.accounts = self.new_process()
        self.stream = self.desk.start_model()
        self.desk.plan(self.stream, owner=BEN)

    def new_process(self, *, granted: bool = True) -> OwnerAccounts:
        """Return what looks up accounts, with or without the permission to read addresses."""
        desk = self.desk
        trackers = ConnectedTrackers(
            desk.unit.tracker_connections,
            settings=lambda: self.handler.settings.current(TENANT).trackers,
            make_client=lambda connected, held: OpenedTracker(
                connected=connected, held=held, client=desk.tracker, mark_key=b"key"
            ),
            now=desk.now,
            stopped=lambda _: None,
        )
        return OwnerAccounts(
            desk.parts(trackers),
            address_of=self._address if granted else None,
            found=self.found.append,
        )

    @property
    def handler(self) -> CommandHandler:
        return self.desk.handler

    @property
    def known(self) -> list[tuple[PersonId, str]]:
        """The people whose account is known, with that account."""
        accounts = self.handler.settings.current(TENANT).trackers.accounts.known
        return [(account.person, account.account) for account in accounts]

    def say(self, command: WorkspaceTrackerCommand) -> None:
        settings = self.handler.settings
        key = CommandKey(f"said {settings.current(TENANT).version}")
        settings.choose(command, tenant=TENANT, key=key)

    @property
    def confirmed(self) -> list[tuple[PersonId, str]]:
        """The people whose account is confirmed, with that account."""
        accounts = self.handler.settings.current(TENANT).trackers.accounts.known
        return [(account.person, account.account) for account in accounts if account.confirmed]

    def chooses(self, person: PersonId, account: str, *, by: PersonId | None = None) -> None:
        """Have a person choose an account, or an administrator say whose it is."""
        self.say(
            ChooseTrackerAccount(
                by=by or person,
                at=self.desk.now(),
                tracker=TR1,
                person=person,
                account=account,
                name="Chosen",
            )
        )

    def run(self) -> None:
        """Look up the accounts that the model needs."""
        item = Item(TENANT, ACCOUNTS, key_of(self.stream))
        done = self.accounts.kind().run(Claim(item=item, lane="", token="", touched=1, tries=1))
        assert done == Done()

    def _address(self, person: PersonId) -> str:
        self.asked.append(person)
        return self.addresses.get(person, "")


@pytest.fixture
def look() -> LookUps:
    return LookUps()


def test_the_account_with_the_address_of_the_owner_is_recorded_without_the_address(look: LookUps) -> None:
    look.addresses[BEN] = " Ben@Example.org"
    with captured_logs() as logs:
        look.run()
        look.run()
        assert ADDRESS not in "\n".join(logs()).lower()

    settings = look.handler.settings
    assert settings.events(TENANT)[-1] == TrackerAccountChosen(
        by=SYSTEM, at=look.desk.now(), tracker=TR1, person=BEN, account="19", name="Ben Berg", confirmed=True
    )
    assert settings.current(TENANT).trackers.accounts.known == (
        TrackerAccount(tracker=TR1, person=BEN, account="19", name="Ben Berg", by=SYSTEM, confirmed=True),
    )
    assert (look.asked, look.found) == ([BEN], [look.stream])
    assert ADDRESS.encode() not in content(look.desk.store).lower()


def test_only_one_account_with_exactly_this_address_counts(look: LookUps) -> None:
    other, hidden = (Account(id="20", name="ben@example.org", email=one) for one in ("b@example.org", ""))
    for people in ([], [other], [hidden], [BERG, Account(id="21", name="Twin", email=ADDRESS)]):
        look.desk.tracker.people = people
        look.accounts = look.new_process()
        look.run()
        assert (look.known, look.found) == ([], []), people


def test_what_people_said_of_themselves_is_kept(look: LookUps) -> None:
    for account, known in (("", []), ("3", [(BEN, "3")])):
        look.chooses(BEN, account)
        look.accounts = look.new_process()
        look.run()
        assert look.known == known, account


def test_an_address_confirms_a_statement_and_takes_precedence_over_that_of_another_person(
    look: LookUps,
) -> None:
    look.chooses(BEN, "19")
    look.run()
    assert look.confirmed == [(BEN, "19")]
    look = LookUps()
    look.chooses(ANA, "19")
    look.run()
    assert look.confirmed == [(BEN, "19")]
    assert look.found == [look.stream]


def test_what_an_administrator_said_is_kept(look: LookUps) -> None:
    look.chooses(ANA, "19", by=CHI)
    look.run()
    assert look.confirmed == look.known == [(ANA, "19")]


def test_no_address_is_read_without_the_permission_or_without_need(look: LookUps) -> None:
    look.accounts = look.new_process(granted=False)
    look.run()
    look.accounts = look.new_process()
    by, at = ANA, look.desk.now()
    look.desk.do(look.stream, DropMitigation(by=by, at=at, mitigation=MI1, reason="not needed"))
    look.run()
    assert (look.asked, look.desk.tracker.calls) == ([], [])


def test_what_was_not_found_is_looked_up_again_after_an_hour(look: LookUps) -> None:
    look.addresses.clear()
    look.run()
    look.addresses[BEN] = ADDRESS
    look.run()
    assert (look.asked, look.known) == ([BEN], [])
    look.desk.passed += AGAIN_AFTER + timedelta(seconds=1)
    look.run()
    assert (look.asked, look.known) == ([BEN, BEN], [(BEN, "19")])


def test_a_tracker_that_fails_is_not_asked_again_and_a_busy_one_later(look: LookUps) -> None:
    look.desk.tracker.fail("accounts", TrackerBusy("later", wait=3.0))
    with pytest.raises(TrackerBusy):
        look.run()
    look.desk.tracker.fail("accounts", TrackerUnreachable(f"no answer to ?q={ADDRESS}"))
    with captured_logs() as logs:
        look.run()
        assert ADDRESS not in "\n".join(logs())
    look.run()
    assert (look.desk.tracker.calls, look.known) == (["accounts", "accounts"], [])
