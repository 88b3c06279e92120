"""Runs of the scripted team: a whole play of a system, its questions alone, and a model of three elements."""

import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from tests.effort.answering_play import answer_questions
from tests.effort.collecting_play import collect
from tests.effort.described_systems import SYSTEM_FILES, DescribedSystem, described_system
from tests.effort.effort_measures import (
    AnswerSupport,
    OrderQuality,
    SuggestedThreatQuality,
    ThreatRecall,
    elements_asked_about,
    order,
    quality,
    recall,
    support,
)
from tests.effort.judging_play import begin_analysis, judge_suggested_threats
from tests.effort.played_system import PlayedSystem
from tests.effort.responding_play import begin_remediation, respond_to_all
from tests.effort.review_play import ReviewEffort, close_model, review, system_changes
from tests.effort.suggested_threat_review import (
    ReviewedSuggestedThreat,
    SuggestedThreatReview,
    reviewed_suggested_threats,
)
from tests.effort.team_knowledge import (
    HonestTeam,
    TeamKnowledge,
    stated_answers,
)
from tests.effort.voting_play import vote_on_all
from tests.effort.web_shop import web_shop, web_shop_answers
from tests.slack.slack_team import run_bot

WEB_SHOP = "web_shop"
SYSTEMS = (WEB_SHOP, *SYSTEM_FILES)
REVIEWED = "browser_extension"
"""The system of about fifty elements whose model is closed and reviewed."""


class PlayedQuestions(msgspec.Struct, frozen=True, kw_only=True):
    """What a team decided until its questions were answered, and what came up."""

    system: str
    elements: int
    decisions: int
    exceptions: int
    unstated: int
    recall: ThreatRecall
    quality: SuggestedThreatQuality
    support: AnswerSupport
    order: OrderQuality | None


class EffortRun(msgspec.Struct, frozen=True, kw_only=True):
    """A whole play of a system, and its review; ballots are those of the voter who had most of them."""

    found: PlayedQuestions
    model_elements: int
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
    review: ReviewEffort | None


def run_effort(name: str, seed: int) -> EffortRun:
    """Play a system from its start to a plan in which every threat is scored and answered."""
    with _playing(name, seed) as play:
        found = _play_questions(play)
        begin_analysis(play)
        judge_suggested_threats(play)
        rounds = vote_on_all(play)
        begin_remediation(play)
        respond_to_all(play)
        counts, counter = play.counts, play.counter
        done = EffortRun(
            found=found,
            model_elements=len(play.model.elements),
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
            review=None,
        )
        return msgspec.structs.replace(done, review=_review(play, name, seed)) if name == REVIEWED else done


def _review(play: PlayedSystem, name: str, seed: int) -> ReviewEffort:
    """Close the model, and review it with what has changed since."""
    close_model(play)
    changes = system_changes(name)
    stated = changes.answers_after(stated_answers(name))
    return review(play, changes, TeamKnowledge(changes.apply(play.system), stated, seed))


def run_questions(name: str, seed: int | None) -> PlayedQuestions:
    """Play a system until its questions are answered, and return what came up; honestly without a seed."""
    with _playing(name, seed) as play:
        return _play_questions(play)


def _play_questions(play: PlayedSystem) -> PlayedQuestions:
    collect(play)
    decided = answer_questions(play)
    suggested_threats = play.register.suggested_threats
    return PlayedQuestions(
        system=play.system.name,
        elements=elements_asked_about(play.system),
        decisions=decided.count,
        exceptions=decided.exceptions,
        unstated=len(play.knowledge.unstated),
        recall=recall(play, suggested_threats, decided),
        quality=quality(play, suggested_threats),
        support=support(play),
        order=order(play),
    )


def findings_of_three_elements() -> int:
    """Return the number of suggested threats of a model of two components and a flow, without any answer."""
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
    with _playing_system(system, HonestTeam(system, {}), ()) as play:
        ana = play.facilitator
        ana.command("start")
        ana.wait_for("start")
        ana.fill({"name": system.name})
        ana.submit()
        ana.wait_for("flows")
        ana.fill({"flows": "Customer browser -> Web shop", "trust_levels": " "})
        ana.submit()
        assert len(play.model.elements) == 3
        return len(play.register.suggested_threats)


@contextmanager
def _playing(name: str, seed: int | None) -> Generator[PlayedSystem]:
    system = web_shop() if name == WEB_SHOP else described_system(name)
    stated = web_shop_answers() if name == WEB_SHOP else stated_answers(name)
    knowledge = HonestTeam(system, stated) if seed is None else TeamKnowledge(system, stated, seed)
    with _playing_system(system, knowledge, reviewed_suggested_threats(name)) as play:
        yield play


@contextmanager
def _playing_system(
    system: DescribedSystem, knowledge: TeamKnowledge, reviewed: tuple[ReviewedSuggestedThreat, ...]
) -> Generator[PlayedSystem]:
    review = SuggestedThreatReview(system, reviewed)
    with tempfile.TemporaryDirectory() as directory, run_bot(Path(directory) / "threatmodel.db") as team:
        yield PlayedSystem(team, system, knowledge, review)
