"""The scripted team plays a small system through Slack to its plan, and what it does is counted."""

import math
import re
from pathlib import Path

import pytest

from domain.kernel.answer import Answer
from domain.kernel.elements import Kind
from tests.effort.answering_play import answer_questions
from tests.effort.collecting_play import collect, typed_line
from tests.effort.described_systems import (
    DescribedAsset,
    DescribedBoundary,
    DescribedComponent,
    DescribedDependency,
    DescribedEntryPoint,
    DescribedFlow,
    DescribedSystem,
    ReviewEntry,
)
from tests.effort.effort_measures import elements_asked_about, order_of, quality, recall, support
from tests.effort.effort_run import findings_of_three_elements
from tests.effort.judging_play import begin_analysis, judge_suggested_threats
from tests.effort.played_system import PlayedSystem
from tests.effort.responding_play import begin_remediation, respond_to_all
from tests.effort.review_play import SystemChanges, close_model, review
from tests.effort.suggested_threat_review import ReviewedSuggestedThreat, SuggestedThreatReview
from tests.effort.team_knowledge import HonestTeam, StatedAnswers, TeamKnowledge
from tests.effort.voting_play import vote_on_all
from tests.slack.slack_team import SlackTeam, run_bot

SQL_INJECTION = "SQL injection through the search"
SHOP = DescribedSystem(
    name="Small shop",
    purpose="Sells lamps",
    out_of_scope="Shipping",
    people=(),
    assumptions=(),
    trust_levels=("Public", "Services"),
    boundaries=(DescribedBoundary(name="VPC"), DescribedBoundary(name="Data subnet", within="VPC")),
    components=(
        DescribedComponent(name="Browser", technology="web browser", kind="external_entity", trust="Public"),
        DescribedComponent(name="API", technology="Python", kind="process", trust="Services", within="VPC"),
        DescribedComponent(
            name="Orders db",
            technology="PostgreSQL",
            kind="data_store",
            trust="Services",
            within="Data subnet",
        ),
    ),
    dependencies=(DescribedDependency(name="Cloud", what="provider", owner="Ben", outage="degraded"),),
    entry_points=(
        DescribedEntryPoint(
            name="Search",
            at="API",
            lowest="Public",
            exposure="internet",
            protocol="HTTPS",
            purpose="Find lamps",
        ),
    ),
    assets=(
        DescribedAsset(
            name="Orders",
            data="personal",
            ratings=("high", "high", "medium"),
            stored=("Orders db",),
            readers=("Services",),
            writers=("Services",),
        ),
    ),
    flows=(
        DescribedFlow(
            line="Browser <-> API: search (HTTPS)", through="Search", carries=("Orders",), back=("Orders",)
        ),
        DescribedFlow(line="API -> Orders db: storage (TLS)", carries=("Orders",)),
    ),
    controls=(),
    review=(
        ReviewEntry(verdict="must find", threat=SQL_INJECTION, at=("Search",), cwe=(89,), because=(), why=""),
        ReviewEntry(verdict="must find", threat="Ransomware", at=("Orders db",), cwe=(), because=(), why=""),
        ReviewEntry(
            verdict="must not raise", threat="Flooding", at=("Search",), cwe=(770,), because=(), why=""
        ),
    ),
)
ANSWERS = {
    "software": StatedAnswers(rest="yes"),
    "takes_input": StatedAnswers(yes=("Search",)),
    "reaches_query": StatedAnswers(yes=("Search",)),
    "queries_parameterized": StatedAnswers(no=("Search",)),
    "rate_limited": StatedAnswers(no=("Search",)),
    "encrypted": StatedAnswers(rest="yes"),
}


MAILS = SystemChanges(
    components=(
        DescribedComponent(
            name="Mailer", technology="SaaS mail", kind="external_entity", trust="Services", within="VPC"
        ),
    ),
    flows=(DescribedFlow(line="API -> Mailer [SaaS mail]: mails (HTTPS)", carries=("Orders",)),),
    removed=("storage",),
    review=(),
    answers={},
)


def play_of(team: SlackTeam, *, unknown_share: float = 0, wrong_share: float = 0) -> PlayedSystem:
    knowledge = TeamKnowledge(SHOP, ANSWERS, 1, unknown_share=unknown_share, wrong_share=wrong_share)
    return PlayedSystem(team, SHOP, knowledge, SuggestedThreatReview(SHOP, ()))


def test_a_small_system_is_played_to_its_plan_and_counted(tmp_path: Path) -> None:
    with run_bot(tmp_path / "threatmodel.db") as team:
        play = play_of(team)
        collect(play)
        assert len(play.model.of_kind(Kind.COMPONENT)) == len(SHOP.components)
        assert play.model.of_kind(Kind.TRUST_BOUNDARY)[0].name in {"VPC", "Data subnet"}
        decided = answer_questions(play)
        suggested = play.register.suggested_threats
        assert "T01 Search" in {play.review.key(play.model, row) for row in suggested}
        found, judged = recall(play, suggested, decided), quality(play, suggested)
        assert found.expert == (SQL_INJECTION, "Ransomware")
        assert found.came_up == found.touched == (SQL_INJECTION,)
        assert judged.not_kept == ("D01 Search",)
        begin_analysis(play)
        judge_suggested_threats(play)
        assert [threat.title for threat in play.register.threats] == [
            threat.threat.title for threat in play.register.ranked
        ]
        rounds = vote_on_all(play)
        begin_remediation(play)
        respond_to_all(play)
        threats = len(play.register.threats)
        assert threats == judged.kept == 1
        assert rounds == 1
        assert not any(status.state.unanswered for status in play.register.statuses.values())
        counts = play.counts
        assert set(counts.ballot_pages) == {"ana", "ben", "chi", "dee"}
        assert counts.ballot_pages["dee"] >= threats
        assert counts.ballot_numbers["dee"] >= counts.ballot_pages["dee"]
        assert counts.forms["questions"].total() == counts.pages["questions"] > 0
        assert counts.presses["respond"] >= threats
        assert decided.count > elements_asked_about(SHOP)
        assert decided.lines[:2] == ["input", "callers"], "the screening comes first"
        asked = {*decided.lines}
        assert asked & {"queries_parameterized", "input_as_code"}
        assert {one.all for one in play.counter} == {play.counter[0].all}
        assert "Since" not in close_model(play)
        reviewed = review(play, MAILS, play.knowledge)
        assert "entry point changed" not in reviewed.summary
        assert re.search(r"Since .+: 2 data flows changed, 1 component changed", reviewed.summary)
        assert reviewed.changed == 3
        assert reviewed.forms["flows"] == reviewed.forms["move"] == 1
        assert reviewed.ballot_pages == 0, "the threat of the plan is not voted on again"


def test_a_model_of_three_elements_has_no_finding() -> None:
    assert findings_of_three_elements() == 0


def test_gaps_and_slips_are_the_same_in_every_run(tmp_path: Path) -> None:
    with run_bot(tmp_path / "threatmodel.db") as team:
        play = play_of(team)
        collect(play)
        search = play.model.of_kind(Kind.ENTRY_POINT)[0].id
        (database,) = (one.id for one in play.model.of_kind(Kind.COMPONENT) if one.name == "Orders db")
        nothing = play_of(team, unknown_share=1).knowledge
        assert nothing.answer(play.model, search, "queries_parameterized") is Answer.UNKNOWN
        all_wrong = play_of(team, wrong_share=1).knowledge
        assert all_wrong.answer(play.model, search, "queries_parameterized") is Answer.YES
        assert all_wrong.wrong == {(search, "queries_parameterized")}
        assert play.knowledge.answer(play.model, search, "queries_parameterized") is Answer.NO
        assert play.knowledge.answer(play.model, database, "tampering_detected") is Answer.UNKNOWN
        assert play.knowledge.unstated == {("tampering_detected", "Orders db")}
        flows = [play.place(one.id) for one in play.model.of_kind(Kind.DATA_FLOW)]
        assert flows == ["search", "storage"], "one flow with two directions"


def test_an_honest_team_says_everywhere_only_what_is_said_of_each_element(tmp_path: Path) -> None:
    stated = {
        "encrypted": StatedAnswers(rest="yes"),
        "peer_verified": StatedAnswers(yes=("search",), no=("storage",)),
        "integrity_protected": StatedAnswers(yes=("search",)),
    }
    with run_bot(tmp_path / "threatmodel.db") as team:
        play = play_of(team)
        collect(play)
        search, storage = (flow.id for flow in play.model.of_kind(Kind.DATA_FLOW))
        honest = HonestTeam(SHOP, stated)
        said = {
            fact: honest.control(play.model, fact, (search, storage)) for fact in (*stated, "timeout_set")
        }
    assert said == {
        "encrypted": {search: Answer.YES, storage: Answer.YES},
        "peer_verified": {search: Answer.YES, storage: Answer.NO},
        "integrity_protected": {search: Answer.YES},
        "timeout_set": {search: Answer.UNKNOWN, storage: Answer.UNKNOWN},
    }


def test_what_an_honest_team_records_is_supported(tmp_path: Path) -> None:
    stated = {**ANSWERS, "timeout_set": StatedAnswers(yes=("search",))}
    usual, honest = TeamKnowledge(SHOP, stated, 1, unknown_share=0), HonestTeam(SHOP, stated)
    unsupported: list[int] = []
    for number, knowledge in enumerate((usual, honest)):
        with run_bot(tmp_path / f"{number}.db") as team:
            play = PlayedSystem(team, SHOP, knowledge, SuggestedThreatReview(SHOP, ()))
            collect(play)
            answer_questions(play)
            unsupported.append(len(support(play).unsupported))
    assert unsupported[0] > unsupported[1] == 0


def test_an_order_is_compared_with_the_best_one() -> None:
    assert order_of([3, 2, 1]).ndcg == order_of([0, 0]).ndcg == 1
    swapped = order_of([1, 3])
    assert swapped.ndcg == pytest.approx((1 + 3 / math.log2(3)) / (3 + 1 / math.log2(3)))
    assert swapped.chance == pytest.approx((1 + swapped.ndcg) / 2)


def test_a_reviewed_suggested_threat_goes_before_the_match_by_weakness_and_place() -> None:
    by_place = SuggestedThreatReview(SHOP, ())
    assert [threat.threat for threat in by_place.threats("T01", (89,), "Search")] == [SQL_INJECTION]
    assert by_place.threats("T01", (89,), "Orders db") == []
    reviewed = SuggestedThreatReview(
        SHOP, (ReviewedSuggestedThreat(suggested_threat="T01 Search", keep=False, doubt="A word list only."),)
    )
    assert reviewed.threats("T01", (89,), "Search") == []


def test_a_complete_line_is_typed_with_everything_that_the_description_says() -> None:
    flow = DescribedFlow(
        line="API [Python, in VPC] <-> Orders db [PostgreSQL]: storage (TLS)",
        through="Port",
        carries=("Orders", "Prices"),
        back=("Orders",),
    )
    assert typed_line(flow) == (
        "API [Python, in VPC] <-> Orders db [PostgreSQL]: Orders, Prices | Orders (TLS) via Port"
    )
