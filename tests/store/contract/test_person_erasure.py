"""A person is erased: nothing of their words is left in the database, and everything else is."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from itertools import count
from typing import Any

import msgspec
import pytest

from bot.commands import person_erasure
from bot.commands.command_handler import CommandHandler, SettingsHandler
from bot.commands.person_erasure import ErasedPerson, PersonEraser
from bot.store import CommandKey, EventStore, Store, StreamId, Verified, person_stream
from bot.store.records import summary_of
from bot.store.repositories.access_tokens import AccessToken
from bot.store.repositories.agent_calls import AgentCall
from bot.store.repositories.deliveries import DeliveryRecord
from bot.store.repositories.workspace_directory import FORMER_PARTICIPANT, Person
from domain.events import AssetAdded, AssetRevised, Erased, Event, RecordedEvent
from domain.forgetting import ERASED_TEXT, Forgetting, forget_person
from domain.kernel.elements import Asset, PersonId
from domain.kernel.tracked_issue import TrackerKind
from domain.replay import replay
from domain.tracker_accounts import ChooseTrackerAccount
from domain.voting.scores import ranked_threats
from domain.working_hours import ChooseWorkingHours, WorkingHoursChosen
from domain.workspace_trackers import ConnectTracker
from tests.domain.remediation_story import LINKED, MI1, OPEN, TR1, see
from tests.domain.test_forgetting import begun
from tests.examples import ANA, BEN, CHI
from tests.store.contract.adapters import Adapter
from tests.store.saying import HOUSE, NOON, TENANT, said, say, started

RING = "Grandmother's ring"
MONTH = timedelta(days=30)
OTHER = StreamId("T1/TM-2")


def added(number: int, name: str, by: PersonId = ANA, **more: object) -> AssetAdded:
    element = msgspec.convert({"id": f"AS-{number}", "name": name, **more}, Asset)
    return AssetAdded(by=by, at=NOON, answer=number + 1, asset=element)


def revised(number: int, name: str, description: str, by: PersonId) -> AssetRevised:
    element = msgspec.convert({"id": f"AS-{number}", "name": name, "description": description}, Asset)
    return AssetRevised(by=by, at=NOON, answer=number + 10, asset=element)


def erase(store: Store, person: PersonId = ANA) -> ErasedPerson:
    return PersonEraser(store, TENANT, person, now=NOON).erase()


def filled(store: Store) -> Store:
    """A model that Ben started, with two assets of Ana's, of which he changed one."""
    say(
        store,
        msgspec.structs.replace(started(), by=BEN, facilitator=BEN),
        added(1, RING, integrity="high"),
        added(2, "Purse"),
        revised(1, RING, "It is golden", BEN),
        added(3, "Photos", BEN),
    )
    store.unit(TENANT).directory.learn_person(Person(id=ANA, name="Ana"), NOON)
    return store


def test_the_names_are_neutral_and_what_others_entered_stays(store: Store) -> None:
    done = erase(filled(store))

    assert (done.entries, done.restated, done.models, done.account) == (2, 1, 1, True)
    assets = replay(said(store)).of_type(Asset)
    assert [(asset.name, asset.description) for asset in assets] == [
        ("Asset AS-1", "It is golden"),
        ("Asset AS-2", ""),
        ("Photos", ""),
    ]
    assert isinstance(store.verify(), Verified)


def test_the_account_of_the_person_in_a_tracker_goes_and_its_name_in_issues(store: Store) -> None:
    say(store, *(one for one in LINKED if not isinstance(one, Erased)), stream=OTHER)
    settings = SettingsHandler(store)
    tracked: dict[str, Any] = {"by": BEN, "at": NOON, "tracker": TR1}
    for number, command in enumerate(
        (
            ConnectTracker(
                by=BEN, at=NOON, kind=TrackerKind.REDMINE, url="https://redmine.example.org", project="shop"
            ),
            ChooseTrackerAccount(**tracked, person=ANA, account="7", name="Ana Fox"),
            ChooseTrackerAccount(**tracked, person=BEN, account="8", name="Ben"),
        )
    ):
        settings.choose(command, tenant=TENANT, key=CommandKey(f"tracker/{number}"))
    handler = CommandHandler(store)
    shown = see(msgspec.structs.replace(OPEN, assignee="Ana Fox"))
    handler.execute(shown, stream=OTHER, key=CommandKey("seen"))

    done = erase(store)
    left = settings.current(TENANT).trackers
    assert [(one.person, one.name) for one in left.accounts.known] == [(BEN, "Ben")]
    assert done.accounts == 1
    seen = handler.model(OTHER).issues[MI1].seen
    assert seen is not None
    assert seen.assignee == ERASED_TEXT
    assert not erase(store).anything


def test_the_tokens_of_the_person_and_the_calls_of_their_agents_go(store: Store) -> None:
    unit = filled(store).unit(TENANT)
    for id, person in (("a", ANA), ("b", BEN)):
        unit.access_tokens.save(
            AccessToken(
                id=id, person=person, digest=b"d", scopes="read", created_at=NOON, expires_at=NOON + MONTH
            )
        )
        call = AgentCall(id=id, token=id, person=person, operation="threats", model="TM-1", at=NOON)
        assert unit.agent_calls.begin(call, most=1, since=NOON - MONTH)

    assert PersonEraser(store, TENANT, ANA, now=NOON).preview().tokens == 1
    assert (erase(store).tokens, erase(store).anything) == (1, False)

    assert (unit.access_tokens.find("a"), unit.agent_calls.of_token("a")) == (None, [])
    assert unit.access_tokens.find("b") is not None
    assert len(unit.agent_calls.of_token("b")) == 1


def test_no_event_of_the_person_is_read_any_longer(store: Store) -> None:
    erase(filled(store))

    authors = [None if isinstance(one, Erased) else one.by for one in said(store)]
    assert authors == [BEN, "system", "system", BEN, BEN, None]
    assert [one.event for one in store.tail(TENANT, 0, 100)] == said(store)
    assert list(store.events(HOUSE)) == said(store)
    assert list(store.events(HOUSE, 1, 3)) == said(store)[1:3]


def test_the_model_is_the_same_in_a_cache_and_from_its_events(store: Store) -> None:
    filled(store)
    cached = CommandHandler(store)
    assert cached.model(HOUSE).elements
    erase(store)

    assert cached.model(HOUSE) == CommandHandler(store).model(HOUSE) == replay(said(store))


def test_erasing_again_changes_nothing(store: Store, adapter: Adapter) -> None:
    erase(filled(store))
    events = said(store)
    again = erase(adapter.again())

    assert not again.anything
    assert said(store) == events


def test_another_person_can_be_erased_afterwards(store: Store) -> None:
    """What was recorded again for the first one contained text of the second one."""
    filled(store)
    erase(store)
    erase(store, BEN)

    model = replay(said(store))
    assert {asset.name for asset in model.of_type(Asset)} == {"Asset AS-1", "Asset AS-2", "Asset AS-3"}
    assert {asset.description for asset in model.of_type(Asset)} == {""}
    assert model.name == "Threat model TM-1"
    assert [stream.name for stream in store.streams(TENANT)] == ["Threat model TM-1"]
    assert isinstance(store.verify(), Verified)


def test_the_account_has_no_name_whatever_slack_reports_later(store: Store) -> None:
    directory = filled(store).unit(TENANT).directory
    erase(store)

    known = directory.person(ANA)
    assert known is not None
    assert (known.name, known.deactivated) == (FORMER_PARTICIPANT, True)
    assert not directory.learn_person(Person(id=ANA, name="Ana"), NOON)
    assert directory.person(ANA) == known
    assert directory.unread_people([ANA, BEN], NOON) == (BEN,)
    assert store.unit("T2").directory.person(ANA) is None


def test_messages_are_checked_again_even_those_that_no_longer_change(store: Store) -> None:
    deliveries = filled(store).unit(TENANT).deliveries
    posted = DeliveryRecord(slot="result/TM-1/1", sink="thread", stream=HOUSE, external_id="1", final=True)
    gone = DeliveryRecord(slot="result/TM-1/2", sink="thread", stream=HOUSE, final=True)
    other = msgspec.structs.replace(posted, slot="result/TM-2/1", stream=OTHER)
    for one in (posted, gone, other):
        deliveries.put(msgspec.structs.replace(one, shown="a digest"))
    erase(store)

    kept = {one.slot: (one.shown, one.final) for one in deliveries.of_kind("result")}
    assert kept == {
        "result/TM-1/1": ("", False),
        "result/TM-1/2": ("", True),
        "result/TM-2/1": ("a digest", True),
    }


def test_a_model_that_only_names_the_person_is_checked_again(store: Store) -> None:
    say(store, msgspec.structs.replace(started(), by=BEN, facilitator=ANA))
    done = erase(store)

    assert (done.entries, done.models, done.refreshed) == (0, 0, 1)
    state = store.state(HOUSE)
    assert state is not None
    assert (state.version, state.erasures) == (1, 1)


def test_preferences_are_gone(store: Store) -> None:
    own = person_stream(TENANT, ANA)
    chosen = ChooseWorkingHours(by=ANA, at=NOON, days=(1, 2), starts=NOON.time(), ends=NOON.time())
    hours = WorkingHoursChosen(by=ANA, at=NOON, days=chosen.days, starts=chosen.starts, ends=chosen.ends)
    store.append(TENANT, own, [hours], expected=0, key=CommandKey("h"), request=b"h", summary=None)

    assert erase(store).preferences == 1
    assert store.hours(own) == []
    assert erase(store).preferences == 0


def test_published_results_stay_and_open_rounds_no_longer_wait(store: Store) -> None:
    voted, voting = begun("voted"), begun("voting")
    for stream, events in ((HOUSE, voted), (OTHER, voting)):
        say(store, *kept(events), stream=stream, summary=summary_of(replay(events)))
    done = erase(store)

    before, after = replay(voted), replay(said(store))
    assert [(threat.threat.id, threat.score and threat.score.tally) for threat in ranked_threats(after)] == [
        (threat.threat.id, threat.score and threat.score.tally) for threat in ranked_threats(before)
    ]
    assert (done.ballots, done.ballots_dropped) == (2, 2)
    opened = replay(said(store, OTHER))
    assert all(ANA in round.left for round in opened.open_rounds())
    assert {voter for _, _, voter in opened.ballots} == {BEN, CHI}


def kept(events: Sequence[RecordedEvent]) -> list[Event]:
    return [event for event in events if not isinstance(event, Erased)]


@pytest.mark.parametrize("moment", [1, 2])
def test_what_is_entered_meanwhile_is_erased_as_well(
    store: Store, monkeypatch: pytest.MonkeyPatch, moment: int
) -> None:
    """By a request that was accepted before: while a model is read, and while the next one is."""
    filled(store)
    say(store, msgspec.structs.replace(started("TM-2"), by=BEN), added(1, "Key"), stream=OTHER)
    calls = count(1)

    def slow(past: Sequence[RecordedEvent], person: PersonId, accounts: Iterable[str]) -> Forgetting:
        if next(calls) == moment:
            state = store.state(HOUSE)
            assert state is not None
            say(store, added(9, "Too late"), expected=state.version)
        return forget_person(past, person, accounts)

    monkeypatch.setattr(person_erasure, "forget_person", slow)
    erase(store)

    assert "Too late" not in repr(said(store))
    assert [one for one in said(store) if not isinstance(one, Erased) and one.by == ANA] == []


def test_an_interruption_between_two_models_is_continued(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(store)
    say(store, msgspec.structs.replace(started("TM-2"), by=BEN), added(1, RING), stream=OTHER)
    fail_to_erase_in(OTHER, monkeypatch)
    with pytest.raises(Killed):
        erase(store)
    monkeypatch.undo()
    done = erase(store)

    assert (done.models, done.entries, done.account) == (1, 1, False)
    assert RING not in repr(said(store) + said(store, OTHER))


def test_an_interruption_within_a_model_leaves_it_as_it_was(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = said(filled(store))
    fail_to_erase_in(HOUSE, monkeypatch)
    with pytest.raises(Killed):
        erase(store)

    assert said(store) == before
    assert isinstance(store.verify(), Verified)


class Killed(BaseException):
    """The end of the process, after the entries were recorded again and before they are erased."""


def fail_to_erase_in(stream: StreamId, monkeypatch: pytest.MonkeyPatch) -> None:
    erase_in = EventStore.erase

    def killed(store: EventStore, erased: StreamId, versions: Sequence[int]) -> int:
        if erased == stream:
            raise Killed
        return erase_in(store, erased, versions)

    monkeypatch.setattr(EventStore, "erase", killed)
