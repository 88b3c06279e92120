"""The forms of a vote: how a round is opened, and five lists in which the numbers have words."""

import pytest
from msgspec.structs import replace

from bot.slack.protocol.targets import Target, VotingTarget
from bot.slack.screens.ballot_papers import BallotPaper
from bot.slack.ui.forms.form import FormContext
from bot.slack.ui.modals.modal_registry import FORMS
from domain.dread.metrics import Discoverability, Metric
from domain.dread.rubric import NEWEST, RUBRICS
from domain.kernel.threat import Stride, Threat, ThreatId
from domain.kernel.voting_round import RoundId
from domain.register import ThreatRegister, register
from domain.replay import replay
from tests.examples import ANA, at, house, started

PAPER = BallotPaper(
    round=RoundId("RD-1"),
    threat=Threat(id=ThreatId("TH-1"), title="It rains in", stride=(Stride.TAMPERING,)),
    metrics=tuple(Metric),
    deadline=at(90),
    discoverability=Discoverability.VOTED,
    number=1,
    of=2,
    rubric=NEWEST,
    panel=4,
)


def test_a_round_can_be_opened_while_questions_are_open_and_the_form_says_so() -> None:
    assert "15 open questions and 3 undecided suggested threats" in begin_of_round_form(
        register(replay(house()))
    )
    assert "later round" not in begin_of_round_form(register(replay([started()])))


def begin_of_round_form(known: ThreatRegister) -> str:
    threat = Threat(id=ThreatId("TH-1"), title="It rains in", stride=(Stride.TAMPERING,))
    opening = FormContext(
        target=Target(stream="T1/TM-1"), person=ANA, register=replace(known, threats=(threat,))
    )
    return FORMS["open_round"].render(opening)["blocks"][0]["text"]["text"]


@pytest.mark.parametrize("rubric", RUBRICS)
def test_what_a_number_means_stands_whole_at_the_number_and_only_there(rubric: int) -> None:
    opening = FormContext(
        target=VotingTarget(stream="T1/TM-1", element="TH-1", voting_round=RoundId("RD-1")),
        person=ANA,
        register=register(replay([started()])),
        paper=replace(PAPER, rubric=rubric),
    )
    lists = {
        block["label"]["text"]: block
        for block in FORMS["ballot"].render(opening)["blocks"]
        if block["type"] == "input"
    }
    for metric, anchors in RUBRICS[rubric].items():
        block = lists[metric.label]
        offered = [option["text"]["text"] for option in block["element"]["options"]]
        assert len(offered) == 11
        assert {f"{number} · {text}" for number, text in anchors.items()} <= set(offered)
        assert block["hint"]["text"] == metric.question
