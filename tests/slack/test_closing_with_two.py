"""Closing over open critical threats: proposed by one person, confirmed or declined by another."""

from domain.commands import CloseThreatModel
from domain.lifecycle import phase_of
from tests.examples import reasons_for_gates
from tests.slack.remediation_steps import begin_remediation, execute_commands
from tests.slack.slack_team import SlackTeam
from tests.slack.voting_steps import person_id


def proposed(team: SlackTeam) -> None:
    """Ana proposes to close a model with a threat that nobody has scored, and asks Ben."""
    begin_remediation(team)
    team.command("ana", "/threatmodel close")
    form = team.modal("ana", "Close the model")
    assert "Someone else must confirm the closing" in form.plain
    assert form.view.as_slack()["submit"]["text"] == "Propose closing"
    team.explain_gates("ana", "We move out")
    team.person("ana").choose("Who should confirm it?", "ben")
    team.submit("ana")
    team.wait(lambda: team.model().closing is not None)
    team.person("ana").close(all_of_them=True)


def test_the_model_stays_open_until_someone_else_confirms(team: SlackTeam) -> None:
    proposed(team)
    assert phase_of(team.model().step) == "remediation"
    team.card("Confirm or decline closing the model with 1 open critical threat", "Waiting for Ben")
    team.wait(lambda: any("asks you to confirm" in one.plain for one in team.person("ben").direct_messages()))
    team.command("ana", "/threatmodel close")
    assert "Waiting for Ben to confirm it" in team.modal("ana", "Close the model?").plain
    team.person("ana").close(all_of_them=True)
    team.command("chi", "/threatmodel close")
    page = team.modal("chi", "Close the model?")
    assert "We move out" in page.plain
    assert "1 critical or unscored threat would remain open:" in page.plain
    team.person("chi").click(page, "Confirm closing")
    team.wait(lambda: phase_of(team.model().step) == "closed")
    team.card("Closed with", "conditions not met")
    team.wait(lambda: "The House (TM-1) is closed." in told(team, "chi")[0])


def test_a_page_that_was_open_when_the_proposal_changed_confirms_nothing(team: SlackTeam) -> None:
    proposed(team)
    team.command("chi", "/threatmodel close")
    page = team.modal("chi", "Close the model?")
    ana, reasons = person_id(team, "ana"), reasons_for_gates("Another reason")
    execute_commands(team, CloseThreatModel(by=ana, at=team.now(), reasons=reasons))
    team.person("chi").click(page, "Confirm closing")
    team.wait(lambda: "Ana has changed the proposal" in str(told(team, "chi")))
    assert phase_of(team.model().step) == "remediation"


def told(team: SlackTeam, who: str) -> list[str]:
    """What a person reads in the modal and in messages to them alone."""
    seen = team.person(who).modal
    return [seen.plain if seen else "", *team.private_messages(who)]


def test_anyone_who_declines_says_why_and_the_proposer_is_told(team: SlackTeam) -> None:
    proposed(team)
    team.command("ben", "/threatmodel close")
    team.person("ben").click(team.modal("ben", "Close the model?"), "Decline…")
    team.modal("ben", "Decline closing")
    team.person("ben").fill("Reason", "Score it first")
    team.submit("ben")
    team.wait(lambda: team.model().closing is None)
    assert phase_of(team.model().step) == "remediation"
    team.wait(lambda: any("Score it first" in one.plain for one in team.person("ana").direct_messages()))


def test_the_proposer_withdraws(team: SlackTeam) -> None:
    proposed(team)
    team.command("ana", "/threatmodel close")
    team.person("ana").click(team.modal("ana", "Close the model?"), "Withdraw proposal")
    team.wait(lambda: team.model().closing is None)
