"""The table of what each event causes: complete, and true to what the messages tell."""

from pathlib import Path
from typing import get_args

from bot.slack.projectors.event_table import (
    EDITED,
    EVENT_TABLE,
    Announcement,
    Projector,
    announcement_of,
    caused_by,
)
from bot.slack.screens.handover_details import HandoverEvent
from bot.slack.slots.delivery_pace import WorkKind
from domain.commands import NameElements
from domain.events import EVENT_TYPES, AssetAdded, Erased, Event, RoundClosed
from domain.kernel.elements import PersonId
from tests.for_each import for_each
from tests.sample_events import ONE_OF_EACH
from tests.slack.slack_team import QUICK, run_bot


def test_every_type_of_event_is_in_the_table() -> None:
    assert set(EVENT_TABLE) == set(EVENT_TYPES), "say in EVENT_TABLE what the event causes"


@for_each("event", ONE_OF_EACH, ids=lambda one: type(one).__name__)
def test_what_is_announced_by_a_message_of_its_own_has_content(event: Event) -> None:
    aloud = announcement_of(event) is Announcement.MESSAGE

    assert not aloud or EVENT_TABLE[type(event)].message is not None


def test_every_event_shows_on_home_tabs() -> None:
    assert all(Projector.HOMES in effects.causes for effects in EVENT_TABLE.values())


def test_several_events_cause_what_each_of_them_does() -> None:
    asset = next(one for one in ONE_OF_EACH if isinstance(one, AssetAdded))
    closed = next(one for one in ONE_OF_EACH if isinstance(one, RoundClosed))

    assert Projector.INVITATIONS not in caused_by([asset])
    assert set(caused_by([asset, closed])) == EVENT_TABLE[AssetAdded].causes | EVENT_TABLE[RoundClosed].causes
    assert caused_by([]) == ()


def test_without_anything_to_edit_only_events_that_add_something_run_what_edits() -> None:
    for event in ONE_OF_EACH:
        caused, needed = set(caused_by([event])), set(caused_by([event], ()))
        adds = {Projector.HANDOVERS} if isinstance(event, HandoverEvent) else set[Projector]()

        assert needed == caused - set(EDITED) | adds, event
        for projector, edited in EDITED.items():
            assert set(caused_by([event], {"card", edited.kind})) == needed | {projector}, event


def test_what_is_edited_are_kinds_of_slots_and_of_work() -> None:
    assert {edited.kind for edited in EDITED.values()} < set(get_args(WorkKind))


def test_an_erased_event_may_have_been_anything() -> None:
    erased = next(one for one in ONE_OF_EACH if isinstance(one, AssetAdded))

    assert set(caused_by([erased, Erased()])) == set(caused_by([erased, Erased()], ())) == set(Projector)


def test_a_change_is_projected_once_and_where_it_left_off(tmp_path: Path) -> None:
    with run_bot(tmp_path / "threatmodel.db", pace=QUICK) as team:
        team.start()
        team.card("TM-1")
        (stream,) = team.streams
        team.command_handler.execute(
            NameElements(by=PersonId(team.person("ben").id), at=team.now(), assets=("Papers",)),
            stream=stream,
            key=team.key(),
        )
        team.card("Assets  1")
        team.wait(lambda: team.unit.projections.find("changes", stream) == team.unit.events.state(stream))
