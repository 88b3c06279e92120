"""Four people collect the House in Slack, until what nobody had seen comes up."""

from bot.sandbox.api import VisibleView
from domain.kernel.elements import Kind
from domain.register import register
from tests.slack.slack_team import SlackTeam, run_at_the_same_time

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


def test_four_people_collect_the_house_and_the_missing_boundary_is_found(either_way: SlackTeam) -> None:
    team = either_way
    name_what_there_is(team)
    add_the_assets_one_by_one(team)
    draw_the_flows(team)
    place_the_components(team)

    registers = {kind: len(team.model().of_kind(kind)) for kind in Kind}
    assert registers == {
        Kind.EXTERNAL_DEPENDENCY: 3,
        Kind.ENTRY_POINT: 3,
        Kind.ASSET: 4,
        Kind.TRUST_LEVEL: 4,
        Kind.DATA_FLOW: 5,
        Kind.COMPONENT: 5,
        Kind.TRUST_BOUNDARY: 1,
    }
    card = team.card("External dependencies  3", "Entry points  3", "Assets  4", "Data flows  5")
    assert len(team.cards()) == 1, "one card, however much was said"

    team.person("ben").click(card, "Findings")
    found = team.modal("ben", "Findings")
    assert "X02" in candidates(team)
    assert "No boundary between different trust levels" in found.plain
    assert "Garage → House" in found.plain
    assert "X02" in found.plain

    draw_the_missing_boundary(team)
    assert "X02" not in candidates(team)


def name_what_there_is(team: SlackTeam) -> None:
    team.start("ana", "The House")
    ana = team.person("ana")
    ana.fill("External dependencies", DEPENDENCIES)
    ana.fill("Entry points", DOORS)
    ana.fill("Trust levels", LEVELS)
    team.submit("ana")
    assert "Alarm monitoring" in team.names()
    team.modal("ana", "Add data flows")
    ana.close()


def add_the_assets_one_by_one(team: SlackTeam) -> None:
    """Ben and Chi at the same moment, each with the form kept open for the next."""
    card = team.card("Entry points  3")

    def add(who: str, *names: str) -> None:
        person = team.person(who)
        person.click(card, action_id="open:add-asset")
        team.modal(who, "Add asset")
        for place, name in enumerate(names):
            person.fill("Name", name)
            last = place == len(names) - 1
            person.check("And then", *([] if last else ["Add another asset"]))
            team.submit(who)
            if not last:
                assert name in team.modal(who, "Add asset").plain
        assert person.modal is None

    run_at_the_same_time(
        lambda: add("ben", "Valuables", "Important papers"),
        lambda: add("chi", "Family photos", "Utility bill"),
    )


def draw_the_flows(team: SlackTeam) -> None:
    dee = team.person("dee")
    dee.click(team.card("Assets  4"), "Add data flows")
    team.modal("dee", "Add data flows")
    dee.fill("Data flows", FLOWS)
    team.submit("dee")
    assert len(team.model().of_kind(Kind.DATA_FLOW)) == 5
    team.modal("dee", "Place components")
    dee.close()


def place_the_components(team: SlackTeam) -> None:
    ana = team.person("ana")
    ana.click(team.card("Data flows  5"), "Place components")
    form = team.modal("ana", "Place components")
    assert_guesses(form)
    for component in team.model().of_kind(Kind.COMPONENT):
        sort, level, boundary = PLACES[component.name]
        ana.choose(f"{component.name}: type", sort)
        ana.choose(f"{component.name}: trust level", level_id(team, level))
        ana.fill(f"{component.name}: boundary", boundary)
    team.submit("ana")
    assert "Next: Answer" in team.modal("ana", "Saved").plain


def assert_guesses(form: VisibleView) -> None:
    chosen = {label: value for label, value in form.values.items() if label.endswith(": type")}
    assert all(chosen.values()), f"guesses are filled in: {chosen}"


def draw_the_missing_boundary(team: SlackTeam) -> None:
    chi = team.person("chi")
    chi.click(team.card("Data flows  5"), "More…")
    chi.click(team.modal("chi", "More"), "Components (5)")
    chi.click(team.modal("chi", "Components"), "Place components")
    team.modal("chi", "Place components")
    chi.fill("Garage: boundary", "Garage walls")
    team.submit("chi")


def level_id(team: SlackTeam, name: str) -> str:
    return next(one.id for one in team.model().of_kind(Kind.TRUST_LEVEL) if one.name == name)


def candidates(team: SlackTeam) -> set[str]:
    return {one.rule.id for one in register(team.model()).candidates}
