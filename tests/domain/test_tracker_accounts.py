"""Which account in a tracker belongs to whom, and that nothing said of it frees a person from own work."""

from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from domain.kernel.elements import SYSTEM, PersonId
from domain.kernel.tracked_issue import TrackerId, TrackerKind
from domain.rejections import Rejected
from domain.tracker_accounts import (
    AccountDenied,
    AccountTaken,
    ChooseTrackerAccount,
    ReleaseTrackerAccount,
    TrackerAccountChosen,
    TrackerAccountReleased,
    TrackerAccounts,
)
from domain.workspace_settings import WorkspaceEvent, settings_after
from domain.workspace_trackers import (
    ConnectTracker,
    DisconnectTracker,
    TrackerConnected,
    WorkspaceTrackerCommand,
    decide_on_trackers,
)
from tests.examples import ANA, BEN, CHI, DEE, at

TR1, TR2 = TrackerId("TR-1"), TrackerId("TR-2")
Known = list[tuple[PersonId, str, bool]]


def states(
    person: PersonId, account: str = "ben", *, name: str = "", confirmed: bool = False
) -> ChooseTrackerAccount:
    """A person states which account is theirs; `confirmed` by the address that it shows."""
    return says(person, person, account, name=name, confirmed=confirmed)


def says(by: PersonId, person: PersonId, account: str = "ben", **more: Any) -> ChooseTrackerAccount:
    """An administrator, or the system, says whose account it is."""
    more = {"name": "Ben Berg", **{key: value for key, value in more.items() if value}}
    return ChooseTrackerAccount(by=by, at=at(1), tracker=TR1, person=person, account=account, **more)


def releases(person: PersonId, account: str = "ben", *, by: PersonId = ANA) -> ReleaseTrackerAccount:
    return ReleaseTrackerAccount(by=by, at=at(2), tracker=TR1, person=person, account=account)


def events_of(commands: Sequence[WorkspaceTrackerCommand]) -> list[WorkspaceEvent]:
    connect = ConnectTracker(
        by=ANA, at=at(1), kind=TrackerKind.REDMINE, url="https://redmine.example.org", project="shop"
    )
    events: list[WorkspaceEvent] = []
    for command in (connect, *commands):
        events.extend(decide_on_trackers(command, settings_after(events).trackers))
    return events


def after(*commands: WorkspaceTrackerCommand) -> TrackerAccounts:
    return settings_after(events_of(commands)).trackers.accounts


def known(*commands: WorkspaceTrackerCommand) -> Known:
    """Who has which account after some commands, and whether it is confirmed."""
    return [(one.person, one.account, one.confirmed) for one in after(*commands).known]


def test_an_account_belongs_to_one_person_and_a_person_has_one() -> None:
    commands = (states(BEN), states(CHI, "chi"), states(CHI, "chi2"))
    assert known(*commands) == [(BEN, "ben", False), (CHI, "chi2", False)]
    accounts = after(*commands)
    assert (accounts.person_of(TR1, "ben"), accounts.person_of(TR2, "ben")) == (BEN, None)
    assert after(states(BEN), states(BEN, "")).of(TR1, BEN) is None
    assert len(events_of([states(BEN), states(BEN)])) == len(events_of([states(BEN)])), "nothing changes"


def test_the_account_of_someone_else_is_taken_by_an_address_or_an_administrator_alone() -> None:
    cases: dict[str, tuple[tuple[WorkspaceTrackerCommand, ...], Known | str]] = {
        "a second statement": ((states(CHI), states(BEN)), "@UCHI stated that “Ben Berg” is their account"),
        "the address of the second person": (
            (states(CHI), states(BEN, confirmed=True)),
            [(BEN, "ben", True)],
        ),
        "an address that is found": ((states(CHI), says(SYSTEM, BEN)), [(BEN, "ben", True)]),
        "an administrator": ((states(CHI), says(ANA, BEN)), [(BEN, "ben", True)]),
        "an administrator for themselves": ((states(CHI), states(ANA)), "ask @UCHI or an administrator"),
        "a statement after an address": ((says(SYSTEM, BEN), states(CHI)), "is the account of @UBEN"),
        "an address after an administrator": (
            (says(ANA, CHI), states(BEN, confirmed=True)),
            "is the account of @UCHI",
        ),
        "an address that is found after an administrator": (
            (says(ANA, CHI), says(SYSTEM, BEN)),
            [(CHI, "ben", True)],
        ),
        "an administrator after an address": ((says(SYSTEM, BEN), says(ANA, CHI)), [(CHI, "ben", True)]),
        "a statement that was corrected": (
            (states(CHI), says(ANA, BEN), states(BEN, "other"), states(CHI)),
            "found not to be your account",
        ),
        "a statement that was released": (
            (states(CHI), releases(CHI), states(CHI)),
            "not to be your account",
        ),
        "another's statement after a release": (
            (states(CHI), releases(CHI), states(BEN)),
            [(BEN, "ben", False)],
        ),
        "an administrator after a release": (
            (states(CHI), releases(CHI), says(ANA, CHI)),
            [(CHI, "ben", True)],
        ),
        "the release of an account that has changed": (
            (states(CHI), says(ANA, BEN), releases(CHI)),
            "changed meanwhile",
        ),
    }
    told: list[str] = []
    for case, (commands, expected) in cases.items():
        try:
            found: Known | str = known(*commands)
        except Rejected as refused:
            found = str(refused)
        wrong = expected not in found if isinstance(expected, str) else found != expected
        if wrong:
            told.append(f"{case}: {found}")
    assert not told, "\n".join(told)


def test_of_two_statements_at_one_version_exactly_one_counts() -> None:
    for first, second in ((BEN, CHI), (CHI, BEN)):
        with pytest.raises(AccountTaken) as refused:
            after(states(first), states(second))
        assert refused.value.people == (first,)
        assert refused.value.field == "account"


def test_what_is_found_replaces_nothing_that_people_said_for_themselves() -> None:
    found = says(SYSTEM, BEN)
    cases: dict[str, tuple[tuple[WorkspaceTrackerCommand, ...], Known]] = {
        "nothing is known": ((found,), [(BEN, "ben", True)]),
        "another account was found": ((found, says(SYSTEM, BEN, "8")), [(BEN, "ben", True)]),
        "he has another account": ((states(BEN, "9"), found), [(BEN, "9", False)]),
        "he stated the same": ((states(BEN), found), [(BEN, "ben", True)]),
        "he has none": ((states(BEN, ""), found), []),
        "he no longer has one": ((found, states(BEN, ""), found), []),
        "he states another one": ((found, states(BEN, "9")), [(BEN, "9", False)]),
        "he states the same again": ((found, states(BEN, name="Benny")), [(BEN, "ben", True)]),
    }
    assert {case: known(*commands) for case, (commands, _) in cases.items()} == {
        case: expected for case, (_, expected) in cases.items()
    }
    (account,) = after(found).known
    assert (account.found, account.corrected) == (True, False)
    (account,) = after(says(ANA, BEN)).known
    assert (account.found, account.corrected) == (False, True)


def test_everyone_who_ever_stated_an_account_counts_until_it_is_settled_whose_it_is() -> None:
    disconnect = DisconnectTracker(by=ANA, at=at(3), tracker=TR1)
    cases: dict[str, tuple[tuple[WorkspaceTrackerCommand, ...], set[PersonId]]] = {
        "he has it": ((states(BEN),), {BEN}),
        "he says that he has none": ((states(BEN), states(BEN, "")), {BEN}),
        "he states another one": ((states(BEN), states(BEN, "chi")), {BEN}),
        "another person states it then": ((states(BEN), states(BEN, ""), states(CHI)), {BEN, CHI}),
        "the tracker is disconnected": ((states(BEN), disconnect), {BEN}),
        "an administrator corrects a mistake": ((states(CHI), says(ANA, BEN)), {BEN}),
        "an administrator releases a mistake": ((states(CHI), releases(CHI)), set()),
        "an address corrects a mistake": ((states(CHI), says(SYSTEM, BEN)), {BEN}),
        "an administrator corrects an address": ((says(SYSTEM, BEN), says(ANA, CHI)), {BEN, CHI}),
        "an administrator gives away an own account": ((states(ANA), says(ANA, BEN)), {ANA, BEN}),
        "an administrator releases an own account": ((states(ANA), releases(ANA)), {ANA}),
    }
    found = {
        case: {
            person for tracker, account, person in after(*commands).ever if (tracker, account) == (TR1, "ben")
        }
        for case, (commands, _) in cases.items()
    }
    assert found == {case: expected for case, (_, expected) in cases.items()}


def test_an_account_stays_taken_back_when_the_entry_of_its_owner_is_erased() -> None:
    events = events_of([states(CHI), says(SYSTEM, BEN)])
    assert isinstance(events[-2], TrackerAccountReleased)
    assert isinstance(events[-1], TrackerAccountChosen)
    assert settings_after([*events[:-1], None]).trackers.accounts.known == ()


def test_entries_of_earlier_releases_are_read() -> None:
    connected = next(one for one in events_of([]) if isinstance(one, TrackerConnected))
    told: list[tuple[bool, bool]] = []
    for by in (BEN, SYSTEM):
        stored = {
            "type": "TrackerAccountChosen",
            "by": by,
            "at": "2026-03-02T09:00:00Z",
            "tracker": "TR-1",
            "person": BEN,
            "account": "ben",
            "name": "Ben Berg",
        }
        event = msgspec.convert(stored, TrackerAccountChosen)
        (account,) = settings_after([connected, event]).trackers.accounts.known
        told.append((account.found, account.confirmed))
    assert told == [(False, False), (True, True)]


def test_a_denied_account_is_refused_in_words() -> None:
    with pytest.raises(AccountDenied, match="ask an administrator of the workspace settings to assign it"):
        after(states(DEE), releases(DEE), states(DEE))
    again = after(states(DEE), releases(DEE), states(DEE, confirmed=True)).known
    assert [(one.person, one.confirmed) for one in again] == [(DEE, True)], "an address counts for more"
