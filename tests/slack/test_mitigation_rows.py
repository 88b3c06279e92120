"""The rows of a mitigation name its other threats, whichever page they are on."""

from bot.slack.protocol.block_builders import View
from bot.slack.protocol.targets import Target
from bot.slack.screens.page_data import PageData
from bot.slack.ui.modals.remediation.response_page import response_page
from domain.commands import LinkMitigation, WithdrawThreat
from domain.events import RecordedEvent
from domain.register import register
from domain.replay import replay
from tests.domain.remediation_story import MI1, TH1, TH2, THREATS, implement, plan
from tests.examples import ANA, BEN, CHI, at, decide_all
from tests.slack.view_contents import buttons_of, view_text

OF_ONE = decide_all(plan(), after=THREATS)
OF_TWO = decide_all(LinkMitigation(by=BEN, at=at(11), mitigation=MI1, threats=(TH2,)), after=OF_ONE)
WITHDRAWN = decide_all(WithdrawThreat(by=ANA, at=at(12), threat=TH1), after=OF_ONE)


def page(events: list[RecordedEvent], about: str) -> View:
    target = Target(name="response", stream="T/TM-1", element=about)
    known = register(replay(events), at(60))
    return response_page(PageData(target=target, reader=CHI, model=known, naming=str))


def test_a_row_names_no_threat_whose_page_it_is_on() -> None:
    done = decide_all(implement(), after=OF_ONE)
    cases = (
        ("the page of its threat", OF_ONE, TH1, "TH-1 in the plan", None),
        ("its own page, as Home and reminders open it", OF_ONE, MI1, "TH-1 in the plan", None),
        ("the page after it was marked as implemented", done, MI1, "TH-1 in the plan", None),
        ("the page of the first of two threats", OF_TWO, TH1, "TH-1 in the plan", TH2),
        ("the page of the second one", OF_TWO, TH2, "TH-2 in the plan", TH1),
        ("its own page with two threats", OF_TWO, MI1, "TH-1 in the plan", TH2),
        ("the page after its threat was withdrawn", WITHDRAWN, MI1, "MI-1 in the plan", None),
    )
    told: list[str] = []
    for case, events, about, title, other in cases:
        shown = page(events, about)
        own = title.removesuffix(" in the plan")
        lines = view_text(shown).splitlines()
        named = [line for line in lines if "Other threats" in line]
        removed = f"Remove from {own}" in {one["text"]["text"] for one in buttons_of(shown)}
        wanted = [f"Other threats: {other}"] if other else []
        if shown["title"]["text"] != title or named != wanted or removed is not bool(other):
            told.append(f"{case}: {shown['title']['text']}, {named}, removal: {removed}")
    assert not told, "\n".join(told)
