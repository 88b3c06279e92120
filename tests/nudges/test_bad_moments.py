"""A replica that is stopped, held up or ended at the worst of moments: what the others and it do then."""

from collections.abc import Generator, Sequence
from pathlib import Path

import pytest

from bot.commands.command_handler import Workshop
from bot.nudges.courier import Letter, Posted
from bot.nudges.looking import REST
from bot.sandbox.api import TEAM_ID
from bot.store import HistoryUnreadable, StoreUnavailable, StreamId, open_store
from bot.store.nudges import Claim, NudgeStore
from domain.deliveries import DeliveryState, NudgeSent, NudgeSkipped, WhyNot
from domain.model import ThreatModel
from tests.nudges.office import BEN, LEASE, NOW, Ended, Office, Watch, a_lease_passes, nothing
from tests.nudges.story import MODEL


@pytest.fixture
def office(tmp_path: Path) -> Generator[Office]:
    store = open_store(f"sqlite:///{tmp_path / 'nudges.db'}")
    yield Office(store)
    store.close()


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    watch = Watch()
    monkeypatch.setattr("bot.nudges.sending.time", watch)
    monkeypatch.setattr("bot.nudges.nudging.time", watch)
    return watch


def test_who_was_stopped_right_after_the_claim_lets_the_lease_begin_anew(
    office: Office, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    (nudging, desk), (other, _) = office.replica(), office.replica()
    claim = NudgeStore.claim

    def stopped(self: NudgeStore, *some: object, **more: object) -> Claim | None:
        claimed = claim(self, *some, **more)  # pyright: ignore[reportArgumentType]  (handed on as they are)
        other.tick()
        watch.seconds += LEASE / 2
        other.tick()
        return claimed

    def slow() -> None:
        watch.seconds += LEASE / 2
        other.tick()

    monkeypatch.setattr(NudgeStore, "claim", stopped)
    desk.after_last_look = slow
    nudging.tick()
    assert (office.slack.posted, office.slack.looked, office.states()) == (1, 0, [DeliveryState.SENT])


def test_who_was_stopped_before_the_last_look_sends_nothing(office: Office, watch: Watch) -> None:
    (nudging, desk), (other, _) = office.replica(), office.replica()
    desk.before_last_look = lambda: a_lease_passes(watch, other)
    nudging.tick()
    assert (office.slack.posted, office.states()) == (1, [DeliveryState.SENT])
    assert office.slack.looked == 1, "the other one looked for it first"


def test_who_is_too_slow_sends_nothing_though_nobody_took_it_over_yet(office: Office, watch: Watch) -> None:
    nudging, desk = office.replica()

    def slow() -> None:
        watch.seconds += LEASE / 2 + 1

    desk.before_last_look = slow
    nudging.tick()
    assert (office.slack.posted, office.states()) == (0, [DeliveryState.CLAIMED])


def test_whose_own_watch_stood_still_sends_nothing_that_was_taken_over(office: Office, watch: Watch) -> None:
    nudging, desk = office.replica()

    def suspended() -> None:
        (claim,) = office.nudges.claims()
        assert office.nudges.take_over(claim, NOW) is not None

    desk.before_last_look = suspended
    nudging.tick()
    assert office.slack.posted == 0


def test_who_was_stopped_between_the_last_look_and_the_post_takes_its_message_back(
    office: Office, watch: Watch
) -> None:
    (nudging, desk), (other, _) = office.replica(), office.replica()
    desk.after_last_look = lambda: a_lease_passes(watch, other)
    nudging.tick()
    assert sorted(office.slack.there) == ["1.0", "2.0"], "nobody can prevent that"
    nudging.tick()
    assert sorted(office.slack.there) == ["1.0"], "the one that the record tells of"


def test_what_was_seen_to_meanwhile_keeps_no_message_from_being_taken_back(
    office: Office, watch: Watch
) -> None:
    (nudging, desk), (other, _) = office.replica(), office.replica()
    office.also("U0BEN")

    def stopped() -> None:
        office.drop("MI-2")
        a_lease_passes(watch, other)

    desk.after_last_look = stopped
    nudging.tick()
    assert [len(keys) for _, keys in sorted(office.slack.there.items())] == [1, 2]
    nudging.tick()
    assert sorted(office.slack.there) == ["1.0"]


def test_what_another_one_found_is_not_taken_back(
    office: Office, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    (nudging, _), (other, _) = office.replica(), office.replica()
    posted = office.slack.post

    def post(letter: Letter) -> Posted:
        told = posted(letter)
        a_lease_passes(watch, other)  # stopped before it was told so
        return told

    monkeypatch.setattr(office.slack, "post", post)
    nudging.tick()
    nudging.tick()
    assert sorted(office.slack.there) == ["1.0"]
    assert office.states() == [DeliveryState.SENT]


def test_what_may_be_found_yet_is_not_taken_back(office: Office, watch: Watch) -> None:
    (nudging, desk), (other, beside) = office.replica(), office.replica()

    def ended() -> None:
        raise Ended

    def stopped() -> None:
        beside.before_find = ended
        with pytest.raises(Ended):
            a_lease_passes(watch, other)

    desk.after_last_look = stopped
    nudging.tick()
    nudging.tick()
    assert (sorted(office.slack.there), office.states()) == (["1.0"], [DeliveryState.CLAIMED])
    third, _ = office.replica()
    a_lease_passes(watch, third)
    nudging.tick()
    assert (sorted(office.slack.there), office.states()) == (["1.0"], [DeliveryState.SENT])


def test_who_is_ended_between_taking_over_and_looking_leaves_it_to_a_third(
    office: Office, watch: Watch
) -> None:
    (nudging, desk), (other, beside), (third, _) = (office.replica() for _ in range(3))

    def ended() -> None:
        raise Ended

    desk.after_last_look = beside.before_find = ended
    with pytest.raises(Ended):
        nudging.tick()
    with pytest.raises(Ended):
        a_lease_passes(watch, other)
    third.tick()
    watch.seconds += 5
    third.tick()
    assert office.slack.posted == 0, "a lease begins anew with each claim"
    a_lease_passes(watch, third)
    assert (office.slack.posted, office.slack.looked, office.states()) == (1, 1, [DeliveryState.SENT])


def test_what_a_busy_database_did_not_let_be_noted_is_noted_by_the_next_tick(
    office: Office, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    nudging, _ = office.replica()
    settle, tries = NudgeStore.settle, list[bool]()

    def busy(self: NudgeStore, claim: Claim, events: Sequence[NudgeSent]) -> bool:
        tries.append(True)
        if len(tries) == 1:
            raise StoreUnavailable("busy")
        return settle(self, claim, events)

    monkeypatch.setattr(NudgeStore, "settle", busy)
    with pytest.raises(StoreUnavailable):
        nudging.tick()
    nudging.tick()
    assert (office.slack.posted, office.slack.looked, office.states()) == (1, 0, [DeliveryState.SENT])


def test_what_cannot_be_noted_time_and_again_keeps_no_tick_from_going_on(
    office: Office, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    nudging, _ = office.replica()

    def broken(self: NudgeStore, claim: Claim, events: Sequence[NudgeSent]) -> bool:
        raise ValueError("nobody foresaw this")

    with monkeypatch.context() as broken_down:
        broken_down.setattr(NudgeStore, "settle", broken)
        nudging.tick()
        nudging.tick()
    nudging.tick()
    assert (office.slack.posted, office.states()) == (1, [DeliveryState.SENT])


def test_where_the_whole_machine_was_stopped_whoever_claimed_may_go_on_first(
    office: Office, watch: Watch
) -> None:
    (nudging, desk), (other, _) = office.replica(), office.replica()

    def all_stopped() -> None:
        other.tick()
        watch.seconds += 10 * LEASE
        other.tick()

    desk.after_last_look = all_stopped
    nudging.tick()
    assert (office.slack.posted, office.slack.looked, office.states()) == (1, 0, [DeliveryState.SENT])


def test_a_model_that_cannot_be_read_keeps_nobody_from_being_reminded_of_another(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    looking, model = office.looking(), Workshop.model
    damaged = StreamId(f"{TEAM_ID}/{MODEL}")

    def unreadable(self: Workshop, stream: StreamId) -> ThreatModel:
        if stream == damaged:
            raise HistoryUnreadable("an event is damaged")
        return model(self, stream)

    with monkeypatch.context() as while_it_is:
        while_it_is.setattr(Workshop, "model", unreadable)
        assert looking.batches(NOW) == []
        assert office.nudges.to_look_at(NOW) == [], "not at every tick"
    assert len(looking.batches(NOW + REST)) == 1


def test_a_message_that_cannot_be_built_keeps_nobody_else_waiting(office: Office, watch: Watch) -> None:
    nudging, desk = office.replica()
    office.also("U0CHI")

    def broken() -> None:
        desk.before_last_look = nothing
        raise ValueError("too long a name")

    desk.before_last_look = broken
    nudging.tick()
    assert sorted(office.states()) == [DeliveryState.CLAIMED, DeliveryState.SENT]
    a_lease_passes(watch, nudging)
    assert office.states() == [DeliveryState.SENT] * 2


def test_what_is_recorded_while_somebody_plans_counts_as_after_the_plan(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else what is put off in between might be missing in the plan, and be overtaken by it."""
    (batch,) = office.looking().batches(NOW)
    claim = office.nudges.claim(
        batch.nudges, place=batch.place, day=batch.day, planned=batch.planned, now=NOW, overtaken=()
    )
    assert claim is not None
    to_look_at = NudgeStore.to_look_at

    def put_off(self: NudgeStore, now: object) -> object:
        skipped = NudgeSkipped(
            at=NOW, to=BEN, keys=claim.keys, models=claim.models, why=WhyNot.SLOW_DOWN, until=NOW
        )
        assert self.settle(claim, [skipped])
        return to_look_at(self, NOW)

    monkeypatch.setattr(NudgeStore, "to_look_at", put_off)
    (again,) = office.looking().batches(NOW)
    assert again.planned.sequence < office.nudges.recorded()
