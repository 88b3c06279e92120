"""A team collects: from the first word to every register filled."""

from tests.slack.slack_team import SlackTeam


def test_a_start_becomes_a_durable_model_a_card_and_the_next_form(either_way: SlackTeam) -> None:
    form = either_way.begin("ana", "The House")
    assert either_way.model().name == "The House"
    assert either_way.model().facilitator == either_way.person("ana").id
    assert "TM-1" in form.plain
    assert "The House" in either_way.card("TM-1").plain
