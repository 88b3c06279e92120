"""The page of threats about one threat, which links and typed words lead to."""

import json

from bot.slack.protocol.block_builders import View
from bot.slack.protocol.targets import SelectionTarget
from bot.slack.screens.page_data import PageData
from bot.slack.ui.modals.analysis.threats_page import threats_page
from domain.commands import MergeThreats, WithdrawThreat
from domain.kernel.threat import ThreatId
from domain.register import ThreatRegister, register
from domain.replay import replay
from tests.domain.remediation_story import TH1, TH2, TH3, THREATS
from tests.examples import ANA, at, decide_all

CHANGED = decide_all(
    MergeThreats(by=ANA, at=at(20), kept=TH2, merged=TH1),
    WithdrawThreat(by=ANA, at=at(21), threat=TH3),
    after=THREATS,
)


def page_of(seen: ThreatRegister, selection: str = "", element: str = "") -> View:
    target = SelectionTarget(name="threats", stream="T1/TM-1", selection=selection, element=element)
    return threats_page(PageData(target=target, reader=ANA, model=seen, naming=str))


def shown(seen: ThreatRegister, id: str) -> list[str]:
    """The IDs of the threats whose rows a page has."""
    page = json.dumps(page_of(seen, id), ensure_ascii=False)
    return [one.id for one in seen.threats if f"* · {one.id}\\n" in page]


def test_one_threat_is_shown_alone_and_a_merged_one_where_it_went() -> None:
    before, after = register(replay(THREATS)), register(replay(CHANGED))
    assert shown(before, TH1) == [TH1]
    assert shown(after, TH1) == [TH2]
    assert '"All threats"' in json.dumps(page_of(before, TH1))


def test_without_such_a_threat_the_page_says_so_and_has_all() -> None:
    seen = register(replay(CHANGED))
    for id in (TH3, ThreatId("TH-999")):
        assert shown(seen, id) == [TH2]
        assert f"{id} is not a threat of this model now." in json.dumps(page_of(seen, id))
    assert "is not a threat" not in json.dumps(page_of(seen))


def test_after_a_form_about_a_threat_the_page_has_all_of_them() -> None:
    seen = register(replay(THREATS))
    page = json.dumps(page_of(seen, element=TH1), ensure_ascii=False)
    assert all(f"* · {one.id}\\n" in page for one in seen.threats)
