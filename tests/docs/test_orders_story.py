"""The story of the orders service, of which the documentation has pictures, can be told at any date."""

from domain.register import register
from domain.replay import replay
from tests.examples import HOUSE_CHANNEL, story_events
from tests.orders_story import planned_orders_story


def test_the_planned_story_ends_in_remediation_with_responses() -> None:
    known = register(replay(story_events(planned_orders_story(HOUSE_CHANNEL))))
    assert known.phase == "remediation"
    assert len([status for status in known.statuses.values() if status.response is not None]) >= 7
