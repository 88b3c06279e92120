"""The order service of the guide is collected through the forms that the guide names."""

import re
from collections import Counter

from bot.sandbox.api import Json
from deploy.docs.generator.pages import DOCS
from domain.kernel.answer import Answer
from domain.kernel.elements import ElementId, Kind
from domain.register import ThreatRegister, register
from tests import orders_service
from tests.slack.slack_team import SlackTeam

GUIDE = (DOCS / "guide/first-hour.md").read_text()
FORMS = {
    "Data flows": "flows",
    "Components": "place",
    "Rare features": "screening",
    "Where": "where",
    "Controls": "controls",
    "Questions": "questions",
    "Answers of no": "confirm_no",
}
"""The callback ID of each form in the table of the guide."""


def test_the_guide_shows_the_lines_of_the_example() -> None:
    assert f"```text\n{orders_service.LINES}```" in GUIDE


def test_the_example_takes_no_more_forms_than_the_guide_states(team: SlackTeam) -> None:
    sent = collect_orders_service(team)
    known = register(team.model())
    assert not [one for one in known.questions if one.at_stake]
    stated = dict(re.findall(r"^\| ([A-Z][\w ]*) \|.*\| (\d+) \|$", GUIDE, re.MULTILINE))
    assert {name for name, form in FORMS.items() if sent[form] > int(stated[name])} == set()
    found = re.search(r"about (\d+) suggested threats", GUIDE)
    assert found is not None
    assert abs(len(known.candidates) - int(found[1])) <= 3


def collect_orders_service(team: SlackTeam) -> Counter[str]:
    """Start the model and answer its questions; return how many forms of each name were sent."""
    team.begin("ana", orders_service.NAME)
    sent = Counter(_fill_in(team))
    assert not register(team.model()).unplaced
    team.person("ana").close(all_of_them=True)
    next_step = register(team.model()).next.text
    team.person("ana").click(team.card(orders_service.NAME, next_step), action_id="open:next")
    sent += Counter(_fill_in(team))
    return sent


def _fill_in(team: SlackTeam) -> list[str]:
    """Fill in and send form after form, until none follows; return their callback IDs."""
    ana, sent = team.person("ana"), list[str]()
    team.wait(lambda: ana.modal is not None)
    while (seen := ana.modal) is not None and seen.callback_id in FORMS.values():
        sent.append(seen.callback_id)
        known = register(team.model())
        for block in seen.blocks:
            if block["type"] == "input":
                _fill(team, known, block)
        team.submit("ana")
        assert len(sent) < 60, seen.plain
    return sent


def _fill(team: SlackTeam, known: ThreatRegister, block: Json) -> None:
    ana, id = team.person("ana"), str(block["block_id"])
    what, _, about = id.partition("~")[0].partition("+")[0].partition("/")

    def answer(fact: str, element: str) -> Answer:
        item = known.item(ElementId(element))
        assert item is not None
        return orders_service.answer_of(fact, item.name)

    match what:
        case "trust_levels":
            ana.fill(id, "\n".join(orders_service.TRUST_LEVELS))
        case "flows":
            ana.fill(id, orders_service.LINES)
        case "sort":
            ana.choose(id, orders_service.PLACES[known.name_of(ElementId(about))][0].value)
        case "trust_level":
            level = orders_service.PLACES[known.name_of(ElementId(about))][1]
            ana.choose(id, next(one.id for one in known.items(Kind.TRUST_LEVEL) if one.name == level))
        case "all":
            _answer_for_all(team, known, id, about)
        case "topic":
            ana.choose(id, "Yes" if about in orders_service.SCREENED_IN else "No")
        case "tick":
            fact = about.rpartition("/")[2]
            options = [str(one["value"]) for one in block["element"]["options"]]
            if yes := [one for one in options if answer(fact, one) is Answer.YES]:
                enter = ana.check if block["element"]["type"] == "checkboxes" else ana.choose
                enter(id, *yes)
        case "others":
            fact = about.rpartition("/")[2]
            ana.choose(id, "no")
        case "answer":
            element, _, fact = about.partition("/")
            ana.choose(id, answer(fact, element).value)
        case _:
            pass


def _answer_for_all(team: SlackTeam, known: ThreatRegister, id: str, fact: str) -> None:
    """Answer a line about a control of the whole system: yes, except for the elements that lack it."""
    ana = team.person("ana")
    elements = next(one.elements for one in known.control_questions if one.fact == fact)
    missing = [one for one in elements if orders_service.answer_of(fact, known.name_of(one)) is Answer.NO]
    if len(elements) == 1:
        ana.choose(id, "no" if missing else "yes")
        return
    ana.choose(id, "yes")
    if missing:
        assert ana.modal is not None
        exceptions = next(
            str(one["block_id"])
            for one in ana.modal.blocks
            if str(one.get("block_id", "")).startswith(f"except/{fact}")
        )
        ana.choose(exceptions, *missing)
