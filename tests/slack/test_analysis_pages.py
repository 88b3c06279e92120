"""What the pages of analysis show: suggested threats, their reasons, coverage, single threats."""

import json
import re
from functools import cache

from msgspec.structs import replace

from bot.slack.protocol.block_builders import View
from bot.slack.protocol.targets import SelectionTarget, Target
from bot.slack.screens.page_data import PageData
from bot.slack.ui.modals.analysis.suggested_threats_page import (
    group_blocks,
    return_reason,
    suggested_threat_reasons,
)
from bot.slack.ui.modals.analysis.threats_page import threats_page
from bot.slack.ui.modals.remediation.response_page import response_page
from bot.slack.ui.model_buttons import ModelButtons
from domain.analysis.rule_findings import SuggestedThreat
from domain.commands import (
    DismissSuggestedThreats,
    LinkMitigation,
    MergeThreats,
    PlaceComponents,
    Placement,
    WithdrawThreat,
)
from domain.events import RecordedEvent
from domain.kernel.elements import ComponentKind, Kind
from domain.kernel.threat import SuggestedThreatId, ThreatId
from domain.register import ThreatRegister, register
from domain.replay import replay
from tests.domain.catalogue.shop_model import PAGE, SOFTWARE, answered, shop
from tests.domain.differing_places import different_defaults
from tests.domain.remediation_story import MI1, TH1, TH2, TH3, THREATS, implement, plan
from tests.domain.test_web_shop import after_the_vote
from tests.examples import ANA, BEN, CHI, at, decide_all, house, id_of_element
from tests.slack.hostile_models import LARGE, CollectionProgress, build_model
from tests.slack.view_contents import PLAIN, buttons_of, register_in_step, render_page, view_text


def test_what_the_model_shows_stands_beside_what_was_answered() -> None:
    assert why("D01@EP-2") == (
        "*Based on:* it is publicly reachable; “requests are limited per caller”: *no*"
    )


def test_what_is_true_of_another_element_names_it() -> None:
    assert why("I01@DF-11") == (
        "*Based on:* Application (trusted as Application, in Shop network) → "
        "Log store (trusted as Administrators, in Data network); "
        "it crosses a trust boundary; its confidentiality is medium or high (Audit log); "
        "“it is encrypted in transit”: *no*"
    )


def test_what_sort_of_thing_an_element_is_explains_nothing() -> None:
    for one in after_the_vote().suggested_threats:
        assert not {seen.statement for seen in one.observed} & {"it is a process", "it leads into the system"}


def test_a_suggested_threat_about_two_elements_names_both() -> None:
    assert suggested_threat("X01@EP-6@AS-9").about == "Console log-in, Audit log"
    assert suggested_threat("D01@EP-2").about == "Shop pages"


def why(id: str) -> str:
    (line,) = suggested_threat_reasons(after_the_vote(), suggested_threat(id))
    return line


def suggested_threat(id: str) -> SuggestedThreat:
    return next(one for one in after_the_vote().suggested_threats if one.id == id)


def test_controls_of_one_class_name_it_once() -> None:
    said = "".join(view_text(render_page("seen", after_the_vote(), number=number)) for number in range(5))
    assert "Usual control: Pin versions; Review changes before an update (integrity)" in said


def test_a_group_names_the_places_of_a_reason_and_of_a_control_that_are_not_for_each() -> None:
    model, every = different_defaults()
    known = register(model)
    group = next(one for one in known.groups if one.rule is every[0].rule)
    shown = replace(group, suggested_threats=tuple(every))
    said = view_text({"blocks": group_blocks(ModelButtons("model"), known, shown, str)})
    assert "“unused services are disabled”: no" in said
    assert "“default credentials are changed”: no (Node 1)" in said
    assert "Change default credentials before going live (Node 1) (authentication)" in said


def test_of_several_suggested_threats_of_one_element_its_name_stands_above_them_all() -> None:
    said = view_text(render_page("seen", after_the_vote(), number=2))
    assert "Log-in · EP-3 · 2 suggested threats" in said
    assert said.count("EP-3 Log-in") == 0


def test_suggested_threats_come_before_where_else_one_may_look() -> None:
    said = view_text(render_page("seen", after_the_vote()))
    assert said.index("Usual control") < said.index("Coverage")


def test_a_missing_control_without_a_threat_yet_is_listed_with_the_question_that_decides_it() -> None:
    said = view_text(
        render_page("seen", register(answered(shop(), SOFTWARE, [f"{PAGE} sessions_revocable"])))
    )
    assert "Missing, but no threat yet" in said
    assert (
        "sessions cannot be revoked on the server. Depends on “Does it keep users signed in (sessions)?”"
        in said
    )
    assert "No open findings" not in said
    decided = answered(shop(), [*SOFTWARE, f"{PAGE} cookie_session"], [f"{PAGE} sessions_revocable"])
    assert "no threat yet" not in view_text(render_page("seen", register(decided)))


ROW = re.compile(r"`(S (?:ok|\? |~ |\. |- ) T .. R .. I .. D .. E ..)`")


@cache
def large() -> ThreatRegister:
    """A large model, which takes longer to analyze than to show."""
    return register_in_step("identifying", build_model(LARGE, PLAIN, known=CollectionProgress.ANSWERED))


@cache
def rows(page: int = 0) -> list[str]:
    view = render_page("coverage", large(), number=page)
    texts = [one["text"]["text"] for one in view["blocks"] if one["type"] == "section"]
    assert not any(" " in code for text in texts for code in re.findall("`([^`]*)`", text))
    return [text.replace("\N{NO-BREAK SPACE}", " ") for text in texts]


def test_every_row_has_a_column_of_the_same_width_for_each_category() -> None:
    signs = [found.group(1) for text in rows() for found in [ROW.search(text)] if found]
    assert len(signs) == 25
    assert {len(sign) for sign in signs} == {29}


def test_undecided_rows_come_first_on_all_pages() -> None:
    texts = [text for page in range(3) for text in rows(page) if ROW.search(text)]
    undecided = ["?" in text for text in texts]
    assert undecided == sorted(undecided, reverse=True)
    assert any(undecided)


def test_a_page_names_both_groups_of_rows_in_words() -> None:
    assert large().coverage.open
    assert "*Undecided*" in rows()


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
    return [threat.id for threat in seen.threats if f"* · {threat.id}\\n" in page]


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
    assert all(f"* · {threat.id}\\n" in page for threat in seen.threats)


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
        removed = f"Remove from {own}" in {button["text"]["text"] for button in buttons_of(shown)}
        wanted = [f"Other threats: {other}"] if other else []
        if shown["title"]["text"] != title or named != wanted or removed is not bool(other):
            told.append(f"{case}: {shown['title']['text']}, {named}, removal: {removed}")
    assert not told, "\n".join(told)


GARAGE = SuggestedThreatId("X02@DF-5")


def test_a_suggested_threat_that_came_back_says_what_was_moved_and_who_had_said_what() -> None:
    model = replay(house())
    benji = model.facilitator
    dismiss = DismissSuggestedThreats(
        by=benji, at=at(300), suggested_threats=(GARAGE,), reason="It is bricked up"
    )
    moved = PlaceComponents(
        by=benji,
        at=at(301),
        placements=(
            Placement(
                component=id_of_element(model, Kind.COMPONENT, "Garage"),
                sort=ComponentKind.PROCESS,
                trust_level=id_of_element(model, Kind.TRUST_LEVEL, "Guests"),
                boundary="Locks",
            ),
        ),
    )
    team = register(replay(decide_all(dismiss, moved, after=house())))
    (back,) = (one.returned for one in team.suggested_threats if one.id == GARAGE)
    assert back is not None
    assert return_reason(team, back, lambda _: "Amina") == (
        "↩ *Dismissed before* by Amina: “It is bricked up”. Since then: "
        "Garage was *trusted as Visitors, in Locks* and is *trusted as Guests, in Locks*"
    )
