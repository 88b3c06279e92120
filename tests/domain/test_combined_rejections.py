"""A command of which several things are wrong is refused for all of them."""

from datetime import timedelta

import pytest

from domain.commands import (
    AddComponent,
    BeginAnalysis,
    BeginRemediation,
    ChooseResponse,
    Command,
    OpenRound,
    PlanMitigation,
    ProposeAcceptance,
    ReportThreat,
    ReviseMitigation,
    ReviseScope,
    StartThreatModel,
)
from domain.decide import decide
from domain.kernel.elements import SYSTEM, ChannelId, ElementId, PersonId
from domain.kernel.mitigation import MitigationId
from domain.kernel.response import ResponseKind
from domain.kernel.stride import Stride
from domain.kernel.threat import ThreatId
from domain.model import ThreatModel
from domain.rejections import Rejected
from domain.replay import EMPTY, replay
from tests.examples import at, house

AMINA = PersonId("UAMINA")
LONG = "x" * 10_000
PAST = at(0).date() - timedelta(days=400)
NOW = at(600)
TH1 = ThreatId("TH-1")


def remediating() -> ThreatModel:
    """The House with a threat and a mitigation, in remediation."""
    model = replay(house())
    for said in (
        ReportThreat(by=AMINA, at=NOW, title="A plumber who is none", stride=(Stride.SPOOFING,)),
        BeginAnalysis(by=SYSTEM, at=NOW, reason="to try it"),
        BeginRemediation(by=SYSTEM, at=NOW, reason="to try it"),
        PlanMitigation(by=AMINA, at=NOW, threat=TH1, title="A look at their card"),
    ):
        model = replay(decide(said, model), model)
    return model


def refused(command: Command, model: ThreatModel) -> set[str | None]:
    with pytest.raises(Rejected) as found:
        decide(command, model)
    return {one.field for one in (found.value, *found.value.also)}


def test_a_start_is_refused_for_all_that_is_wrong() -> None:
    start = StartThreatModel(
        by=AMINA, at=at(0), name="", channel=ChannelId("C0HOUSE01"), description=LONG, answers_by=PAST
    )
    assert refused(start, EMPTY) == {"name", "description", "answers_by"}


@pytest.mark.parametrize(
    ("command", "fields"),
    [
        (ReviseScope(by=AMINA, at=NOW, name="", out_of_scope=LONG), {"name", "out_of_scope"}),
        (
            AddComponent(by=AMINA, at=NOW, name="", description=LONG, trust_level=ElementId("TL-99")),
            {"name", "description", "trust_level"},
        ),
        (
            ReportThreat(by=AMINA, at=NOW, title="", description=LONG, stride=()),
            {"title", "stride", "description"},
        ),
        (
            PlanMitigation(
                by=AMINA, at=NOW, threat=TH1, title="", description=LONG, due=PAST, ticket="<none>"
            ),
            {"title", "description", "due", "ticket"},
        ),
        (
            ReviseMitigation(
                by=AMINA, at=NOW, mitigation=MitigationId("MI-1"), title="", description=LONG, ticket="<none>"
            ),
            {"title", "description", "ticket"},
        ),
        (
            ProposeAcceptance(by=AMINA, at=NOW, threat=TH1, expires=PAST, reason="", approver=AMINA),
            {"reason", "expires", "approver"},
        ),
        (
            ChooseResponse(by=AMINA, at=NOW, threat=TH1, response=ResponseKind.TRANSFER, due=PAST),
            {"transferred_to", "reason", "due"},
        ),
        (
            OpenRound(by=AMINA, at=NOW, threats=(), deadline=at(0), quorum=99),
            {"threats", "deadline", "quorum"},
        ),
    ],
)
def test_a_command_is_refused_for_all_that_is_wrong(command: Command, fields: set[str]) -> None:
    assert refused(command, remediating()) == fields
