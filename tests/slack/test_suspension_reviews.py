"""The review of a channel that was read loads only the models whose cards may change."""

from collections.abc import Sequence
from types import SimpleNamespace

import pytest

from bot.metrics import Metrics
from bot.slack.slots.channel_suspensions import ChannelSuspensions, is_suspended
from bot.store import StreamId
from bot.store.repositories.workspace_directory import Channel
from domain.commands import AllowSharing
from domain.kernel.elements import ChannelId
from domain.model import ThreatModel
from domain.register import ThreatRegister, register
from domain.replay import replay
from tests.examples import ANA, at, decide_all, started
from tests.fresh_database import fresh_store
from tests.slack.slot_contexts import make_context

CHANNEL, OTHER = ChannelId("C1"), ChannelId("C2")
MODELS = [StreamId(f"T1/TM-{number}") for number in range(1, 4)]
ELSEWHERE = StreamId("T1/TM-9")


class ReviewSite:
    """Three models in one channel and one in another; it lists the models that were loaded."""

    def __init__(self) -> None:
        unit = fresh_store().unit("T1")
        self.cards = unit.cards
        for stream in MODELS:
            self.cards.request(stream, CHANNEL)
        self.cards.request(ELSEWHERE, OTHER)
        self.channel = Channel(id=CHANNEL, name="house")
        self.models: dict[StreamId, ThreatModel] = {}
        self.loaded: list[StreamId] = []
        self.resumed: list[StreamId] = []
        directory = SimpleNamespace(channel=self.find_channel)
        reader = SimpleNamespace(register=self.load, directory=directory)
        self.suspensions = ChannelSuspensions(
            make_context(unit, reader, scheduler=SimpleNamespace(schedule_models=self.note_resumed)),
            learn=lambda _channel, _why: None,
            notify=lambda cards, _why: cards,
            suspended=lambda _: None,
            metrics=Metrics(),
        )

    def find_channel(self, _: ChannelId) -> Channel:
        return self.channel

    def load(self, stream: StreamId) -> ThreatRegister:
        self.loaded.append(stream)
        return register(self.models.get(stream) or replay([started()]))

    def note_resumed(self, *streams: StreamId, kinds: Sequence[str]) -> None:
        del kinds
        self.resumed += streams

    def review(self, **changes: bool) -> list[StreamId]:
        """Review the channel after a change of it; return the models that were loaded."""
        self.channel, before = Channel(id=CHANNEL, name="house", **changes), len(self.loaded)
        self.suspensions.review(CHANNEL)
        return self.loaded[before:]

    def resting(self) -> list[str | None]:
        found = [self.cards.find(stream) for stream in MODELS]
        return [card.suspension_reason for card in found if card is not None]


@pytest.fixture
def site() -> ReviewSite:
    return ReviewSite()


def test_no_model_is_loaded_while_every_card_may_be_shown(site: ReviewSite) -> None:
    assert site.review() == []
    assert site.resting() == [None] * 3
    assert not is_suspended(site.cards, CHANNEL)


@pytest.mark.parametrize(
    ("change", "why"),
    [({"archived": True}, "is_archived"), ({"bot_inside": False}, "not_in_channel")],
    ids=["archived", "removed"],
)
def test_the_models_are_loaded_once_to_suspend_their_cards(
    site: ReviewSite, change: dict[str, bool], why: str
) -> None:
    assert site.review(**change) == MODELS
    assert site.resting() == [why] * 3
    assert is_suspended(site.cards, CHANNEL)
    assert not is_suspended(site.cards, OTHER)
    assert site.review(**change) == [], "they are suspended already"
    assert site.review() == MODELS
    assert site.resumed == MODELS
    assert site.resting() == [None] * 3
    assert site.review() == []


def test_one_suspended_card_is_the_only_one_loaded(site: ReviewSite) -> None:
    site.cards.record_suspension(MODELS[1], "restricted_action")

    assert site.review() == [MODELS[1]]
    assert site.resumed == [MODELS[1]]


def test_in_a_shared_channel_each_model_is_asked_whether_it_allows_that(site: ReviewSite) -> None:
    site.models[MODELS[1]] = replay(decide_all(AllowSharing(by=ANA, at=at(1)), after=[started()]))

    assert set(site.review(shared=True)) == set(MODELS)
    assert site.resting() == ["shared", None, "shared"]
    site.models[MODELS[0]] = site.models[MODELS[1]]
    site.review(shared=True)
    assert site.resumed == [MODELS[0]]
    assert site.resting() == [None, None, "shared"]
