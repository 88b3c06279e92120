"""The scripted team decides a group of places on one page where the verdicts differ, else with one press."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

from domain.analysis.rule_findings import SuggestedThreat
from domain.kernel.threat import SuggestedThreatId
from tests.effort.judging_play import judge_suggested_threats
from tests.effort.played_system import PlayedSystem
from tests.effort.suggested_threat_review import SuggestedThreatReview
from tests.effort.team_knowledge import TeamKnowledge
from tests.effort.test_plays import ANSWERS, SHOP
from tests.slack.slack_team import run_bot
from tests.slack.test_deciding_groups import house_without_locks


class _Verdicts(SuggestedThreatReview):
    """A review by a function of the suggested threat's ID."""

    def __init__(self, keep: Callable[[str], bool]) -> None:
        super().__init__(SHOP, ())
        self._keep = keep

    def keeps(self, play: PlayedSystem, suggested_threat: SuggestedThreat) -> bool:
        del play
        return self._keep(suggested_threat.id)


@contextmanager
def judged(
    path: Path, keep: Callable[[str], bool]
) -> Generator[tuple[PlayedSystem, tuple[SuggestedThreatId, ...]]]:
    with run_bot(path / "threatmodel.db") as team:
        places = house_without_locks(team, "Front door", "Back door")
        play = PlayedSystem(team, SHOP, TeamKnowledge(SHOP, ANSWERS, 1), _Verdicts(keep))
        judge_suggested_threats(play)
        yield play, places


def test_a_group_whose_places_differ_is_decided_on_one_page(tmp_path: Path) -> None:
    with judged(tmp_path, lambda id: not id.endswith("DF-2")) as (play, places):
        by_suggested_threats = [threat.suggested_threats for threat in play.model.threats.values()]
        assert tuple(place for place in places if place != "S01@DF-2") in by_suggested_threats
        assert SuggestedThreatId("S01@DF-2") in play.model.dismissals
        assert play.counts.forms["judge"] == {"group": 1}


def test_a_group_that_is_kept_takes_one_press_and_no_page(tmp_path: Path) -> None:
    with judged(tmp_path, lambda _: True) as (play, places):
        assert places in [threat.suggested_threats for threat in play.model.threats.values()]
        assert not play.counts.forms["judge"]
