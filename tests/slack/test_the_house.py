"""Four people collect the House in Slack, until what nobody had seen comes up."""

from bot.sandbox.api import VisibleView
from domain.kernel.elements import Kind
from domain.register import register
from tests.slack.slack_team import RunningBot, run_at_the_same_time

DEPENDENCIES = "Alarm monitoring\nPower\nWater"
DOORS = "Front door\nBack door\nGarage door"
LEVELS = "Passers-by\nVisitors\nGuests\nResidents"
FLOWS = """\
Resident -> House: Valuables, Important papers via Front door
Guest -> House: Family photos via Back door
Visitor -> House: Utility bill via Front door
Resident -> Garage: Valuables via Garage door
Garage -> House: Valuables
"""
PLACES = {
    "Resident": ("external_entity", "Residents", ""),
    "Guest": ("external_entity", "Guests", ""),
    "Visitor": ("external_entity", "Visitors", ""),
    "House": ("process", "Residents", "Locks"),
    "Garage": ("process", "Visitors", "Locks"),
}


def test_four_people_collect_the_house_and_the_missing_boundary_is_found(either_way: RunningBot) -> None:
    there = either_way
    name_what_there_is(there)
    add_the_assets_one_by_one(there)
    draw_the_flows(there)
    place_the_components(there)

    registers = {kind: len(there.model().of_kind(kind)) for kind in Kind}
    assert registers == {
        Kind.EXTERNAL_DEPENDENCY: 3,
        Kind.ENTRY_POINT: 3,
        Kind.ASSET: 4,
        Kind.TRUST_LEVEL: 4,
        Kind.DATA_FLOW: 5,
        Kind.COMPONENT: 5,
        Kind.TRUST_BOUNDARY: 1,
    }
    card = there.card("External dependencies  3", "Entry points  3", "Assets  4", "Data flows  5")
    assert len(there.cards()) == 1, "one card, however much was said"

    there.person("ben").click(card, "What came up")
    found = there.modal("ben", "What came up")
    assert "X02" in candidates(there)
    assert "No boundary between different trust" in found.plain
    assert "Garage → House" in found.plain
    assert "X02" in found.plain

    draw_the_missing_boundary(there)
    assert "X02" not in candidates(there)


def name_what_there_is(there: RunningBot) -> None:
    there.start("ana", "The House")
    ana = there.person("ana")
    ana.fill("External dependencies", DEPENDENCIES)
    ana.fill("Entry points", DOORS)
    ana.fill("Trust levels", LEVELS)
    there.submit("ana")
    assert "Alarm monitoring" in there.names()
    there.modal("ana", "Data flows as lines")
    ana.close()


def add_the_assets_one_by_one(there: RunningBot) -> None:
    """Ben and Chi at the same moment, each with the form kept open for the next."""
    card = there.card("Entry points  3")

    def add(who: str, *names: str) -> None:
        person = there.person(who)
        person.click(card, action_id="open:add-asset")
        there.modal(who, "Add asset")
        for place, name in enumerate(names):
            person.fill("Name", name)
            last = place == len(names) - 1
            person.check("And then", *([] if last else ["Add another asset"]))
            there.submit(who)
            if not last:
                assert name in there.modal(who, "Add asset").plain
        assert person.modal is None

    run_at_the_same_time(
        lambda: add("ben", "Valuables", "Important papers"),
        lambda: add("chi", "Family photos", "Utility bill"),
    )


def draw_the_flows(there: RunningBot) -> None:
    dee = there.person("dee")
    dee.click(there.card("Assets  4"), "Write data flows")
    there.modal("dee", "Data flows as lines")
    dee.fill("Data flows", FLOWS)
    there.submit("dee")
    assert len(there.model().of_kind(Kind.DATA_FLOW)) == 5
    there.modal("dee", "Place components")
    dee.close()


def place_the_components(there: RunningBot) -> None:
    ana = there.person("ana")
    ana.click(there.card("Data flows  5"), "Place components")
    form = there.modal("ana", "Place components")
    assert_guesses(form)
    for component in there.model().of_kind(Kind.COMPONENT):
        sort, level, boundary = PLACES[component.name]
        ana.choose(f"{component.name}: what is it?", sort)
        ana.choose(f"{component.name}: trust level", level_id(there, level))
        ana.fill(f"{component.name}: boundary", boundary)
    there.submit("ana")
    assert "Next: Answer" in there.modal("ana", "Saved").plain


def assert_guesses(form: VisibleView) -> None:
    chosen = {label: value for label, value in form.values.items() if label.endswith("what is it?")}
    assert all(chosen.values()), f"guesses are filled in: {chosen}"


def draw_the_missing_boundary(there: RunningBot) -> None:
    chi = there.person("chi")
    chi.click(there.card("Data flows  5"), "More…")
    chi.click(there.modal("chi", "More"), "Components (5)")
    chi.click(there.modal("chi", "Components"), "Place them")
    there.modal("chi", "Place components")
    chi.fill("Garage: boundary", "Garage walls")
    there.submit("chi")


def level_id(there: RunningBot, name: str) -> str:
    return next(one.id for one in there.model().of_kind(Kind.TRUST_LEVEL) if one.name == name)


def candidates(there: RunningBot) -> set[str]:
    return {one.rule.id for one in register(there.model()).candidates}
