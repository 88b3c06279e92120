"""Every line about a mitigation names its places: pages, messages, report, issue, command line, agents."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from bot.cli.output import register_rows
from bot.mcp_server.answers import mitigation_answer
from bot.slack.protocol.targets import ReminderTarget, Target
from bot.slack.screens.handover_details import HandoverSources, handover_for, handovers_after
from bot.slack.ui.forms.form import FormContext
from bot.slack.ui.forms.form_fields import CheckboxesField, CheckboxField, SubmittedValues
from bot.slack.ui.home.app_home import mitigation_task, verification_task
from bot.slack.ui.messages.card_message import card_message
from bot.slack.ui.messages.file_answers import report_summary
from bot.slack.ui.messages.handover_message import handover_message
from bot.slack.ui.messages.reminder_message import reminder_message
from bot.slack.ui.modals.modal_registry import FORMS
from bot.tracker_sync.wanted_issues import status_lines, threat_lines
from domain.commands import ImplementMitigation, MergeThreats, PlanMitigation, PlanSuggestedMitigations
from domain.kernel.elements import PersonId
from domain.kernel.mitigation import MitigationId, MitigationLink
from domain.register import ThreatRegister, register
from domain.replay import replay
from tests.domain.placed_mitigation import FOUR, FOUR_PLACES, LINKS, PLACED
from tests.domain.remediation_story import FRIDAY
from tests.examples import ANA, BEN, CHI, DEE, at, decide_all
from tests.report.report_sources import report_of_events
from tests.report.test_contents import rows
from tests.slack.hostile_models import STREAM
from tests.slack.view_contents import fixed_naming, reminder_now, render_page, view_text

PLACES = "Web shop, Billing, Search, Archive"
EVENTS = decide_all(FOUR_PLACES, after=PLACED)
SEEN = register(replay(EVENTS))
MI1 = MitigationId("MI-1")
OVERDUE = "TM-1:UCHI:overdue:MI-1:2026-03-06+3"


def handover() -> str:
    ((version, to),) = handovers_after(EVENTS, len(PLACED))
    model = replay(EVENTS)
    sources = HandoverSources(stream=STREAM, events=EVENTS, model=model, register=SEEN, naming=str)
    shown = handover_for(sources, version, to)
    assert shown is not None
    return view_text(handover_message(shown, str))


def to_verify() -> ThreatRegister:
    done = ImplementMitigation(by=CHI, at=at(20), mitigation=MI1, evidence="A test")
    return register(replay(decide_all(done, after=EVENTS)))


SURFACES: dict[str, Callable[[], str]] = {
    "plan": lambda: view_text(render_page("plan", SEEN)),
    "page of the threat": lambda: view_text(render_page("response", SEEN, element="TH-1")),
    "own mitigations on Home": lambda: mitigation_task(STREAM, "Shop", SEEN.mitigations[0]).text,
    "mitigations to verify on Home": lambda: (
        verification_task(STREAM, "Shop", to_verify().mitigations[0], fixed_naming).text
    ),
    "summary of a report": lambda: view_text(report_summary(SEEN, fixed_naming)),
    "message to the owner": handover,
    "reminder": lambda: view_text(reminder_message([reminder_now(EVENTS, OVERDUE, at(60))])),
    "issue": lambda: "\n".join(threat_lines(SEEN, replay(EVENTS), SEEN.mitigations[0].mitigation)),
    "command line": lambda: str(list(register_rows.mitigations(SEEN.mitigations, fixed_naming))),
    "answer to an agent": lambda: str(mitigation_answer(SEEN.mitigations[0], fixed_naming)),
    "plan of a report": lambda: rows(report_of_events(EVENTS), "mitigations")[0]["Mitigation"],
    "next tasks of a report": lambda: rows(report_of_events(EVENTS), "due")[0]["Task"],
}


TICKED = decide_all(
    ImplementMitigation(by=CHI, at=at(20), mitigation=MI1, evidence="A test", links=LINKS[:2]), after=EVENTS
)
HALF = register(replay(TICKED))
PROGRESS: dict[str, Callable[[], str]] = {
    "card": lambda: view_text(card_message(STREAM, HALF, fixed_naming)),
    "plan": lambda: view_text(render_page("plan", HALF)),
    "page of the threat": lambda: view_text(render_page("response", HALF, element="TH-1")),
    "own mitigations on Home": lambda: mitigation_task(STREAM, "Shop", HALF.mitigations[0]).text,
    "issue": lambda: str(status_lines(replay(TICKED), HALF.mitigations[0].mitigation)),
    "command line": lambda: str(list(register_rows.mitigations(HALF.mitigations, fixed_naming))),
    "plan of a report": lambda: rows(report_of_events(TICKED), "mitigations")[0]["State"],
}


@pytest.mark.parametrize("surface", PROGRESS)
def test_a_mitigation_shows_at_how_many_places_it_is_implemented(surface: str) -> None:
    assert "2 of 4 places" in PROGRESS[surface]()


@pytest.mark.parametrize("surface", SURFACES)
def test_a_mitigation_names_its_places(surface: str) -> None:
    assert PLACES in SURFACES[surface]()


SHARED = decide_all(PlanSuggestedMitigations(by=ANA, at=at(10), threats=FOUR, due=FRIDAY), after=PLACED)
"""Chi, Dee and Ben own the components."""


def test_each_owner_of_a_place_is_told_of_it() -> None:
    assert [to for _, to in handovers_after(SHARED, len(PLACED))] == [CHI, DEE, BEN]


def test_the_plan_names_the_owner_of_each_place() -> None:
    seen = register(replay(SHARED))
    shown = view_text(render_page("plan", seen))
    for threat, owner in zip(FOUR, ("UCHI", "UDEE", "UCHI", "Ben"), strict=True):
        assert f"No rate limit · {threat}\n○ To be mitigated: {owner}, due" in shown
    assert "○ planned · UCHI, UDEE, Ben" in view_text(render_page("response", seen, element="TH-2"))


@pytest.mark.parametrize(("person", "ticked"), [(DEE, LINKS[1:2]), (CHI, (LINKS[0], LINKS[2])), (ANA, LINKS)])
def test_who_marks_it_as_implemented_starts_from_their_own_places(
    person: PersonId, ticked: tuple[MitigationLink, ...]
) -> None:
    opening = FormContext(
        target=ReminderTarget(stream=STREAM, element=MI1), person=person, register=register(replay(SHARED))
    )
    (field,) = [one for one in FORMS["implement"].parts(opening) if isinstance(one, CheckboxesField)]
    assert field.initial == tuple(f"{link.threat}/{link.place}" for link in ticked)


def test_the_form_for_several_threats_names_the_owners_of_their_components() -> None:
    opening = FormContext(
        target=Target(stream=STREAM, element=",".join(FOUR)),
        person=ANA,
        register=register(replay(PLACED)),
        naming=fixed_naming,
    )
    shown = str(FORMS["mitigation"].render(opening)["blocks"])
    assert "TH-1, TH-2, TH-3, TH-4 · UCHI, UDEE, Ben" in shown


def test_one_threat_at_components_of_several_owners_offers_an_owner_for_each_place() -> None:
    (first, *others) = FOUR
    events = decide_all(
        *(MergeThreats(by=ANA, at=at(9), kept=first, merged=other) for other in others), after=PLACED
    )
    model = replay(events)
    target = Target(stream=STREAM, element=first)
    known = register(model)
    several = replace(known.suggestions[first], owner=CHI, owners=(CHI, DEE))
    opening = FormContext(
        target=target,
        person=ANA,
        register=replace(known, suggestions={**known.suggestions, first: several}),
        naming=fixed_naming,
    )
    fields = {one.key: one for one in FORMS["mitigation"].parts(opening) if isinstance(one, CheckboxField)}
    assert fields["suggested"].text == "The owner of each component: UCHI, UDEE"
    values = SubmittedValues({"title": "Limit requests", "suggested": ("yes",), "owner": ""})
    command = FORMS["mitigation"].command(values, target, by=ANA, at=at(20))
    assert isinstance(command, PlanMitigation)
    assert (command.suggested, command.owner) == (True, None)
