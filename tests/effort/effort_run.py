"""Runs of the scripted team: a whole play of a system, its questions alone, and a model of three elements."""

import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from tests.effort.answering_play import answer_questions
from tests.effort.candidate_review import CandidateReview, ReviewedCandidate, reviewed_candidates
from tests.effort.collecting_play import collect
from tests.effort.described_systems import SYSTEM_FILES, DescribedSystem, described_system
from tests.effort.effort_measures import (
    CandidateQuality,
    ThreatRecall,
    elements_asked_about,
    quality,
    recall,
)
from tests.effort.judging_play import begin_analysis, judge_candidates
from tests.effort.played_system import PlayedSystem
from tests.effort.responding_play import begin_remediation, respond_to_all
from tests.effort.team_knowledge import (
    UNKNOWN_SHARE,
    WRONG_SHARE,
    Stated,
    TeamKnowledge,
    stated_answers,
)
from tests.effort.voting_play import vote_on_all
from tests.effort.web_shop import web_shop, web_shop_answers
from tests.slack.slack_team import run_bot

WEB_SHOP = "web_shop"
SYSTEMS = (WEB_SHOP, *SYSTEM_FILES)


class FoundBySeed(msgspec.Struct, frozen=True, kw_only=True):
    """What came up in a run that ends with the questions."""

    seed: int
    questions: int
    recall: ThreatRecall
    quality: CandidateQuality


class EffortRun(msgspec.Struct, frozen=True, kw_only=True):
    """A whole play of a system; ballots are those of the voter who had most of them."""

    system: str
    seed: int
    elements: int
    model_elements: int
    questions: int
    exceptions: int
    unstated: int
    pages: int
    pages_by_phase: dict[str, int]
    presses_by_phase: dict[str, int]
    threats: int
    rounds: int
    ballot_pages: int
    ballot_numbers: int
    follow_up_pages: int
    follow_up_numbers: int
    response_presses: int
    counter_first: int
    counter_last: int
    open_first: int
    open_most: int
    recall: ThreatRecall
    quality: CandidateQuality


def run_effort(name: str, seed: int) -> EffortRun:
    """Play a system from its start to a plan in which every threat is scored and answered."""
    with _playing(name, seed, UNKNOWN_SHARE, WRONG_SHARE) as play:
        collect(play)
        decided = answer_questions(play)
        candidates = play.register.candidates
        found, worth = recall(play, candidates, decided), quality(play, candidates)
        begin_analysis(play)
        judge_candidates(play)
        rounds = vote_on_all(play)
        begin_remediation(play)
        respond_to_all(play)
        counts, counter = play.counts, play.counter
        return EffortRun(
            system=play.system.name,
            seed=seed,
            elements=elements_asked_about(play.system),
            model_elements=len(play.model.elements),
            questions=decided.count,
            exceptions=decided.exceptions,
            unstated=len(play.knowledge.unstated),
            pages=counts.pages.total(),
            pages_by_phase=dict(counts.pages),
            presses_by_phase=dict(counts.presses),
            threats=len(play.register.threats),
            rounds=rounds,
            ballot_pages=max(counts.ballot_pages.values(), default=0),
            ballot_numbers=max(counts.ballot_numbers.values(), default=0),
            follow_up_pages=max(counts.follow_up_pages.values(), default=0),
            follow_up_numbers=max(counts.follow_up_numbers.values(), default=0),
            response_presses=counts.presses["respond"],
            counter_first=counter[0].all,
            counter_last=max(one.all for one in counter),
            open_first=counter[0].open,
            open_most=max(one.open for one in counter),
            recall=found,
            quality=worth,
        )


def run_questions(
    name: str, seed: int, *, unknown_share: float = UNKNOWN_SHARE, wrong_share: float = WRONG_SHARE
) -> FoundBySeed:
    """Play a system until its questions are answered, and return what came up."""
    with _playing(name, seed, unknown_share, wrong_share) as play:
        collect(play)
        decided = answer_questions(play)
        candidates = play.register.candidates
        return FoundBySeed(
            seed=seed,
            questions=decided.count,
            recall=recall(play, candidates, decided),
            quality=quality(play, candidates),
        )


def findings_of_three_elements() -> int:
    """Return the number of candidates of a model of two components and a flow, without any answer."""
    system = msgspec.structs.replace(
        web_shop(),
        name="Three elements",
        trust_levels=(),
        boundaries=(),
        components=(),
        dependencies=(),
        entry_points=(),
        assets=(),
        flows=(),
        review=(),
    )
    with _playing_system(system, {}, (), 0, 0, 0) as play:
        ana = play.facilitator
        ana.command("start")
        ana.wait_for("start")
        ana.fill({"name": system.name})
        ana.submit()
        ana.wait_for("flows")
        ana.fill({"flows": "Customer browser -> Web shop", "trust_levels": " "})
        ana.submit()
        assert len(play.model.elements) == 3
        return len(play.register.candidates)


@contextmanager
def _playing(name: str, seed: int, unknown_share: float, wrong_share: float) -> Generator[PlayedSystem]:
    system = web_shop() if name == WEB_SHOP else described_system(name)
    stated = web_shop_answers() if name == WEB_SHOP else stated_answers(name)
    reviewed = reviewed_candidates(name)
    with _playing_system(system, stated, reviewed, seed, unknown_share, wrong_share) as play:
        yield play


@contextmanager
def _playing_system(
    system: DescribedSystem,
    stated: Stated,
    reviewed: tuple[ReviewedCandidate, ...],
    seed: int,
    unknown_share: float,
    wrong_share: float,
) -> Generator[PlayedSystem]:
    knowledge = TeamKnowledge(system, stated, seed, unknown_share=unknown_share, wrong_share=wrong_share)
    review = CandidateReview(system, reviewed)
    with tempfile.TemporaryDirectory() as directory, run_bot(Path(directory) / "threatmodel.db") as team:
        yield PlayedSystem(team, system, knowledge, review)
