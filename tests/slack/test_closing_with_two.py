"""Closing over open critical threats: proposed by one person, confirmed or declined by another."""

from domain.commands import CloseThreatModel
from domain.lifecycle import phase_of
from tests.examples import anyway
from tests.slack.remediation_steps import begin_remediation, execute_commands
from tests.slack.slack_team import RunningBot
from tests.slack.voting_steps import person_id


def proposed(there: RunningBot) -> None:
    """Ana proposes to close a model with a threat that nobody has scored, and asks Ben."""
    begin_remediation(there)
    there.command("ana", "/threatmodel close")
    form = there.modal("ana", "Close the model")
    assert "Someone other than you must confirm the closing" in form.plain
    assert form.view.as_slack()["submit"]["text"] == "Propose closing"
    there.explain_gates("ana", "We move out")
    there.person("ana").choose("Who should confirm it?", "ben")
    there.submit("ana")
    there.wait(lambda: there.model().closing is not None)
    there.person("ana").close(all_of_them=True)


def test_the_model_stays_open_until_somebody_else_confirms(there: RunningBot) -> None:
    proposed(there)
    assert phase_of(there.model().step) == "remediation"
    there.card("Confirm or decline closing the model over 1 critical threat", "Waits for Ben")
    there.wait(
        lambda: any("asks you to confirm" in one.plain for one in there.person("ben").direct_messages())
    )
    there.command("ana", "/threatmodel close")
    assert "It waits for Ben to confirm it" in there.modal("ana", "Close the model?").plain
    there.person("ana").close(all_of_them=True)
    there.command("chi", "/threatmodel close")
    page = there.modal("chi", "Close the model?")
    assert "We move out" in page.plain
    there.person("chi").click(page, "Confirm closing")
    there.wait(lambda: phase_of(there.model().step) == "closed")
    there.card("Closed with", "gates open")


def test_a_page_that_was_open_when_the_proposal_changed_confirms_nothing(there: RunningBot) -> None:
    proposed(there)
    there.command("chi", "/threatmodel close")
    page = there.modal("chi", "Close the model?")
    ana, reasons = person_id(there, "ana"), anyway("Another reason")
    execute_commands(there, CloseThreatModel(by=ana, at=there.now(), reasons=reasons))
    there.person("chi").click(page, "Confirm closing")
    there.wait(lambda: "Ana has changed the proposal" in str(told(there, "chi")))
    assert phase_of(there.model().step) == "remediation"


def told(there: RunningBot, who: str) -> list[str]:
    """What a person reads in the modal and in messages to them alone."""
    seen = there.person(who).modal
    return [seen.plain if seen else "", *there.whispers(who)]


def test_whoever_declines_says_why_and_the_proposer_is_told(there: RunningBot) -> None:
    proposed(there)
    there.command("ben", "/threatmodel close")
    there.person("ben").click(there.modal("ben", "Close the model?"), "Decline…")
    there.modal("ben", "Do not close")
    there.person("ben").fill("Why should the model not be closed?", "Score it first")
    there.submit("ben")
    there.wait(lambda: there.model().closing is None)
    assert phase_of(there.model().step) == "remediation"
    there.wait(lambda: any("Score it first" in one.plain for one in there.person("ana").direct_messages()))


def test_the_proposer_withdraws(there: RunningBot) -> None:
    proposed(there)
    there.command("ana", "/threatmodel close")
    there.person("ana").click(there.modal("ana", "Close the model?"), "Withdraw the proposal")
    there.wait(lambda: there.model().closing is None)
