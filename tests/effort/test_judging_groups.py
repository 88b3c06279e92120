"""The scripted team decides a group of places on one page where the verdicts differ, else with one press."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

from domain.analysis.rule_findings import Candidate
from domain.kernel.threat import CandidateId
from tests.effort.candidate_review import CandidateReview
from tests.effort.judging_play import judge_candidates
from tests.effort.played_system import PlayedSystem
from tests.effort.team_knowledge import TeamKnowledge
from tests.effort.test_plays import ANSWERS, SHOP
from tests.slack.slack_team import run_bot
from tests.slack.test_deciding_groups import house_without_locks


class _Verdicts(CandidateReview):
    """A review by a function of the candidate's ID."""

    def __init__(self, keep: Callable[[str], bool]) -> None:
        super().__init__(SHOP, ())
        self._keep = keep

    def keeps(self, play: PlayedSystem, candidate: Candidate) -> bool:
        del play
        return self._keep(candidate.id)


@contextmanager
def judged(
    path: Path, keep: Callable[[str], bool]
) -> Generator[tuple[PlayedSystem, tuple[CandidateId, ...]]]:
    with run_bot(path / "threatmodel.db") as team:
        places = house_without_locks(team, "Front door", "Back door")
        play = PlayedSystem(team, SHOP, TeamKnowledge(SHOP, ANSWERS, 1), _Verdicts(keep))
        judge_candidates(play)
        yield play, places


def test_a_group_whose_places_differ_is_decided_on_one_page(tmp_path: Path) -> None:
    with judged(tmp_path, lambda id: not id.endswith("DF-2")) as (play, places):
        by_candidates = [threat.candidates for threat in play.model.threats.values()]
        assert tuple(place for place in places if place != "S01@DF-2") in by_candidates
        assert CandidateId("S01@DF-2") in play.model.dismissals
        assert play.counts.forms["judge"] == {"group": 1}


def test_a_group_that_is_kept_takes_one_press_and_no_page(tmp_path: Path) -> None:
    with judged(tmp_path, lambda _: True) as (play, places):
        assert places in [threat.candidates for threat in play.model.threats.values()]
        assert not play.counts.forms["judge"]
