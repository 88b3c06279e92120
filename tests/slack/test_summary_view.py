"""What is told in a thread fits, and lets nothing come alive, whatever people said and are called."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from bot.slack.projectors.event_table import Announcement, announcement_of
from bot.slack.projectors.work_sessions import continuing, session_events
from bot.slack.sinks.outcomes import OF_THE_CARD, OF_THE_CHANNEL
from bot.slack.slots.channel_suspensions import SuspendedCard, suspension_reason
from bot.slack.slots.suspension_notices import suspension_message
from bot.slack.ui.messages.card_message import short_card
from bot.slack.ui.messages.thread_announcements import (
    SessionEntry,
    WorkSession,
    closed_message,
    moved_message,
    session_message,
    short_session_message,
)
from bot.store import StreamId
from bot.store.repositories.cards import Card
from bot.store.repositories.workspace_directory import Channel
from domain.events import AssetAdded, Erased, PhaseMoved, ThreatModelClosed
from domain.gates import TITLES
from domain.kernel.closing import GateOverride
from domain.kernel.elements import Asset, ChannelId, ElementId, ModelKey, PersonId
from domain.model import ThreatModel
from domain.register import register
from domain.replay import EMPTY
from tests.depth import examples
from tests.examples import ANA, BEN, at
from tests.slack.hostile_models import STREAM, hostile_models, hostile_naming, texts
from tests.slack.limit_checks import message_faults

PASSED = tuple(GateOverride(gate=one, reason="<!channel> " * 500, text=text) for one, text in TITLES.items())
CLOSED = ThreatModelClosed(by=BEN, at=at(1), answer=2, reason="x" * 3000, overrides=PASSED, proposed_by=ANA)
MOVED = PhaseMoved(by=BEN, at=at(1), answer=2, step="responding", reason="x" * 3000, overrides=PASSED)

deeds = st.builds(
    SessionEntry,
    by=st.sampled_from([ANA, BEN]),
    text=texts,
    mentions=st.sampled_from([(), (ANA,), (ANA, BEN)]),
)


@examples(25)
@given(said=st.lists(deeds, max_size=6), moves=st.lists(deeds, max_size=6), times=st.sampled_from([1, 50]))
def test_a_summary_keeps_to_the_limits_whatever_was_said(
    said: list[SessionEntry], moves: list[SessionEntry], times: int
) -> None:
    sitting = WorkSession(entries=tuple(said * times), moves=tuple(moves))
    assert message_faults(session_message(STREAM, sitting, hostile_naming)) == []


@examples(3, deep=300)
@given(
    model=hostile_models(),
    channel=texts,
    why=st.sampled_from([*OF_THE_CHANNEL, *OF_THE_CARD, "invalid_blocks"]),
)
def test_so_do_the_other_messages(model: ThreatModel, channel: str, why: str) -> None:
    known = register(model)
    suspended = [
        SuspendedCard(
            card=Card(stream=StreamId(f"T0SANDBOX/TM-{number}"), channel=ChannelId("C0HOUSE01")),
            register=replace(known, key=ModelKey(f"TM-{number}")),
        )
        for number in range(100)
    ]
    for message in (
        closed_message(STREAM, known, CLOSED, hostile_naming),
        moved_message(known, MOVED, hostile_naming),
        short_card(STREAM, known, hostile_naming),
        short_session_message(STREAM),
        suspension_message(suspended[:1], why, channel=channel, invite="/invite @threatmodel"),
        suspension_message(suspended, why, channel=channel, invite="/invite @threatmodel"),
    ):
        assert message_faults(message) == []


def test_what_does_not_fit_is_counted_and_the_moves_are_told_in_any_case() -> None:
    many = tuple(SessionEntry(by=PersonId(f"U{number}"), text="added 1 asset") for number in range(60))
    moves = (SessionEntry(by=BEN, text="moved to analysis"),)
    message = session_message(
        STREAM, WorkSession(entries=many, moves=moves), lambda person: f"Person {person}"
    )
    said = str(message.blocks)
    assert "→ *Person" in said
    assert "and 35 more: see *History*" in said


def test_a_pause_of_half_an_hour_ends_a_sitting_and_a_clock_that_goes_back_does_not() -> None:
    first = added(1)
    soon = added(2, minutes=29)
    earlier = added(3, minutes=-90)
    late = added(4, minutes=29 + 30)
    assert continuing([soon, earlier, late], first[1].at) == 2
    assert continuing([soon], None) == 0


def test_what_was_erased_is_not_heard() -> None:
    assert announcement_of(Erased()) is Announcement.SILENT
    assert session_events([(1, Erased()), added(2)]) == [added(2)]


def test_why_nothing_may_be_shown_is_said_in_slacks_words() -> None:
    known = register(EMPTY)
    here = Channel(id=ChannelId("C1"), name="house")
    assert suspension_reason(None, known) == ""
    assert suspension_reason(here, known) == ""


def added(version: int, *, minutes: int = 0) -> tuple[int, AssetAdded]:
    asset = Asset(id=ElementId(f"AS-{version}"), name=f"Asset {version}")
    return version, AssetAdded(by=ANA, at=at(0) + timedelta(minutes=minutes), answer=version, asset=asset)
