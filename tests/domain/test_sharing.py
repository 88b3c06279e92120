"""In which channel a model lives, and whether it may be shown where other organisations share it."""

from domain.commands import (
    AllowSharing,
    ChooseParticipants,
    FollowChannel,
    ForbidSharing,
    StartThreatModel,
    Undo,
)
from domain.events import ChannelFollowed, SharingAllowed, SharingForbidden
from domain.kernel.elements import SYSTEM, ChannelId
from domain.rejections import Rejected
from domain.replay import EMPTY, replay
from tests.examples import ANA, BEN, DEE, HOUSE_CHANNEL, at, decide_all, given, started

ALLOW, FORBID = AllowSharing(by=DEE, at=at(1)), ForbidSharing(by=DEE, at=at(2))
ALLOWED = decide_all(ALLOW, after=[started()])


def test_a_model_is_shown_to_other_organizations_only_after_approval() -> None:
    assert not replay([started()]).sharing_allowed
    given(started()).when(ALLOW).then(SharingAllowed(by=DEE, at=at(1), answer=2))
    assert replay(ALLOWED).sharing_allowed
    given(*ALLOWED).when(ALLOW).then_nothing_happens()


def test_what_was_allowed_can_be_forbidden_again() -> None:
    given(*ALLOWED).when(FORBID).then(SharingForbidden(by=DEE, at=at(2), answer=3))
    assert not replay(decide_all(FORBID, after=ALLOWED)).sharing_allowed
    given(started()).when(FORBID).then_nothing_happens()


def test_it_can_be_allowed_from_the_start() -> None:
    start = StartThreatModel(by=ANA, at=at(0), name="House", channel=HOUSE_CHANNEL, sharing_allowed=True)
    assert replay(given().when(start)._events).sharing_allowed  # pyright: ignore[reportPrivateUsage] (only the outcome counts)
    assert not EMPTY.sharing_allowed


def test_an_administrator_need_not_take_part() -> None:
    among_two = decide_all(ChooseParticipants(by=ANA, at=at(1), participants=(ANA, BEN)), after=[started()])
    given(*among_two).when(ALLOW).then(SharingAllowed(by=DEE, at=at(1), answer=3))


def test_allowing_can_be_taken_back() -> None:
    assert not replay(decide_all(Undo(by=DEE, at=at(2)), after=ALLOWED)).sharing_allowed


def test_a_model_moves_with_its_channel_and_with_nothing_else() -> None:
    follow = FollowChannel(by=SYSTEM, at=at(1), channel=ChannelId("C2"))
    given(started()).when(follow).then(
        ChannelFollowed(by=SYSTEM, at=at(1), answer=2, channel=ChannelId("C2"))
    )
    followed = decide_all(follow, after=[started()])
    assert replay(followed).channel == "C2"
    given(*followed).when(follow).then_nothing_happens()
    by_hand = FollowChannel(by=ANA, at=at(1), channel=ChannelId("C2"))
    given(started()).when(by_hand).then_refused(Rejected, "A model cannot be moved to another channel")
