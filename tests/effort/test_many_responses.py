"""The presses that the responses to a real system's number of threats take."""

from pathlib import Path

from domain.commands import BeginRemediation, ReportThreat
from domain.kernel.threat import Stride
from domain.remediation.status import ThreatState
from tests.effort.responding_play import respond_to_all
from tests.effort.test_plays import play_of
from tests.examples import reasons_for_conditions
from tests.slack.remediation_steps import execute_commands
from tests.slack.slack_team import run_bot
from tests.slack.voting_steps import begin_analysis_with, person_id

THREATS = 38
MOST_PRESSES = 60


def test_38_threats_are_responded_to_in_at_most_60_presses(tmp_path: Path) -> None:
    with run_bot(tmp_path / "threatmodel.db") as team:
        begin_analysis_with(team, "Threat 1")
        ana = person_id(team, "ana")
        execute_commands(
            team,
            *(
                ReportThreat(by=ana, at=team.now(), title=f"Threat {number}", stride=(category,))
                for number, category in zip(range(2, THREATS + 1), [*Stride] * THREATS, strict=False)
            ),
            BeginRemediation(by=ana, at=team.now(), reasons=reasons_for_conditions()),
        )
        play = play_of(team)
        respond_to_all(play)

        states = [status.state for status in play.register.statuses.values()]
        assert len(states) == THREATS
        assert states.count(ThreatState.ACCEPTED) == 4
        assert states.count(ThreatState.AVOIDED) == 3
        mitigated = [one for one in play.register.statuses.values() if one.state is ThreatState.RESPONDED]
        assert len(mitigated) == THREATS - 7
        assert all(one.has_owner_and_date for one in mitigated)
        presses = play.counts.presses["respond"]
        print(f"{presses} presses for the responses to {THREATS} threats")
        assert presses <= MOST_PRESSES
