"""Four people collect the House in Slack, until what nobody had seen comes up."""

from msgspec.structs import replace

from bot.sandbox.api import VisibleView
from bot.slack.protocol import slack_limits
from bot.slack.protocol.targets import Target
from bot.slack.ui.forms.form import FormContext
from bot.slack.ui.forms.form_fields import CheckboxesField
from bot.slack.ui.modals.modal_registry import FORMS
from domain.kernel.answer import Answer
from domain.kernel.elements import AssumedFact, Component, DataFlow, ElementId, Kind
from domain.model.element_labels import label
from domain.register import AssumedItem, register
from domain.replay import replay
from tests.examples import ANA, house
from tests.slack.hostile_models import STREAM
from tests.slack.slack_team import SlackTeam, run_at_the_same_time
from tests.slack.test_revising import click_beside

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
    assert "X02" in suggested_threats(team)
    assert "No boundary between different trust levels" in found.plain
    assert "Garage → House" in found.plain
    assert "X02" in found.plain

    draw_the_missing_boundary(team)
    assert "X02" not in suggested_threats(team)


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


def suggested_threats(team: SlackTeam) -> set[str]:
    return {suggested_threat.rule.id for suggested_threat in register(team.model()).suggested_threats}


LINES = (
    "Browser -> API [Python, in VPC]: orders (HTTPS) via Shop pages\n"
    "API <-> Orders db [PostgreSQL, in VPC]: query | orders (TLS)"
)


def draw_lines(team: SlackTeam, *, database: str = "PostgreSQL") -> None:
    team.start()
    ana = team.person("ana")
    ana.fill("Trust levels", "Visitors\nServices")
    team.submit("ana")
    team.modal("ana", "Add data flows")
    ana.fill("Data flows", LINES.replace("PostgreSQL", database))
    team.submit("ana")


def components(team: SlackTeam) -> dict[str, str]:
    return {component.name: component.technology for component in team.model().of_type(Component)}


def test_lines_carry_technology_protocol_and_boundary(either_way: SlackTeam) -> None:
    draw_lines(either_way)
    either_way.modal("ana", "Place components")
    model = either_way.model()
    assert components(either_way) == {"Browser": "browser", "API": "python", "Orders db": "postgresql"}
    assert [(label(model, data_flow), data_flow.protocol) for data_flow in model.of_type(DataFlow)] == [
        ("Browser → API: orders", "HTTPS"),
        ("API ↔ Orders db: query | orders", "TLS"),
    ]
    (boundary,) = model.of_kind(Kind.TRUST_BOUNDARY)
    assert [component.boundary for component in model.of_type(Component)] == [None, boundary.id, boundary.id]


def test_a_technology_that_a_line_named_is_kept_while_its_component_is_placed(team: SlackTeam) -> None:
    draw_lines(team)
    form = team.modal("ana", "Place components")
    assert "Orders db: technology" not in form.values
    ana = team.person("ana")
    for name, level in (("Browser", "TL-1"), ("API", "TL-2"), ("Orders db", "TL-2")):
        ana.choose(f"{name}: trust level", level)
    team.submit("ana")
    team.modal("ana", "Saved")
    assert components(team)["Orders db"] == "postgresql"


def test_the_form_of_a_component_offers_the_catalog_and_shows_what_is_chosen(team: SlackTeam) -> None:
    draw_lines(team)
    team.person("ana").close(all_of_them=True)
    team.command("ben", "/threatmodel add component")
    team.modal("ben", "Add component")
    team.person("ben").fill("Name", "Uploads")
    team.person("ben").choose("Technology", "amazon_s3")
    team.submit("ben")
    assert components(team)["Uploads"] == "amazon_s3"
    team.command("ben", "/threatmodel add component")
    team.modal("ben", "Add component")
    team.person("ben").fill("Name", "Thumbnails (S3)")
    team.submit("ben")
    assert components(team)["Thumbnails (S3)"] == "amazon_s3", "guessed, because none was chosen"


def placed_and_rated(team: SlackTeam, *, database: str = "PostgreSQL") -> None:
    """The lines drawn and placed; nothing is answered yet."""
    draw_lines(team, database=database)
    team.modal("ana", "Place components")
    ana = team.person("ana")
    for name, level in (("Browser", "TL-1"), ("API", "TL-2"), ("Orders db", "TL-2")):
        ana.choose(f"{name}: trust level", level)
    team.submit("ana")
    team.modal("ana", "Saved")
    ana.close(all_of_them=True)


def test_suggested_answers_are_confirmed_in_one_press_for_all_elements_alike(either_way: SlackTeam) -> None:
    team = either_way
    placed_and_rated(team, database="DynamoDB")
    suggested = {(one.element, one.fact) for one in register(team.model()).questions if one.suggested}
    assert suggested == {("CO-3", "encrypted_at_rest")}
    stated = {(one.element, one.assumed.fact) for one in register(team.model()).assumed if one.skips}
    assert ("DF-1", "encrypted") in stated
    team.command("ben", "/threatmodel questions")
    ben = team.person("ben")
    form = team.modal("ben", "Open questions")
    assert "from technologies and protocols" in form.plain
    ben.click(form, "Confirm…")
    confirming = team.modal("ben", "Confirm assumptions")
    assert "https://www.rfc-editor.org/rfc/" in confirming.plain
    listed = confirming.plain.count("(DF-") + confirming.plain.count("(CO-")
    assert listed == len(suggested | stated)
    assert f"{listed} answers follow from technologies" in form.plain
    team.submit("ben")
    team.wait(lambda: not [question for question in register(team.model()).questions if question.suggested])
    facts = team.model().facts
    assert suggested | stated <= {about for about in facts if facts[about] is Answer.YES}


def test_what_is_unticked_stays_a_question(team: SlackTeam) -> None:
    placed_and_rated(team, database="DynamoDB")
    suggested = {(one.element, one.fact) for one in register(team.model()).questions if one.suggested}
    team.command("ben", "/threatmodel questions")
    ben = team.person("ben")
    ben.click(team.modal("ben", "Open questions"), "Confirm…")
    form = team.modal("ben", "Confirm assumptions")
    ben.check(next(label for label in form.labels if "at rest" in label))
    team.submit("ben")
    team.wait(lambda: bool(team.model().facts))
    left = {(one.element, one.fact) for one in register(team.model()).questions if one.suggested}
    assert left == suggested
    assert not suggested & {*team.model().facts}


def test_the_page_of_assumptions_says_what_follows_from_technologies(team: SlackTeam) -> None:
    placed_and_rated(team)
    team.person("ben").click(team.card("More…"), "More…")
    team.person("ben").click(team.modal("ben", "More"), "Assumptions (0)")
    page = team.modal("ben", "Assumptions")
    assert "From technologies and protocols" in page.plain
    team.person("ben").click(page, "Confirm…")
    team.modal("ben", "Confirm assumptions")


def test_the_form_of_a_flow_tells_the_usual_protocol_of_its_target(team: SlackTeam) -> None:
    placed_and_rated(team)
    team.person("ben").click(team.card("More…"), "More…")
    team.person("ben").click(team.modal("ben", "More"), "Data flows (2)")
    team.modal("ben", "Data flows")
    click_beside(team, "ben", "Revise", "DF-2")
    form = team.modal("ben", "Revise data flow")
    assert "Default for PostgreSQL: PostgreSQL protocol" in form.plain
    team.person("ben").fill("Description", "Queries")
    team.submit("ben")
    team.wait(lambda: "Queries" in str(team.model().elements))
    (flow,) = [data_flow for data_flow in team.model().of_type(DataFlow) if data_flow.id == "DF-2"]
    assert flow.two_way, "the form keeps what it does not change"
    assert flow.assets_back


def test_the_id_stays_readable_behind_a_long_name() -> None:
    known = register(replay(house()))
    fact = AssumedFact(
        fact="encrypted", follows_from="HTTPS", reason="HTTPS encrypts", url="https://a.example"
    )
    flow = AssumedItem(
        element=ElementId("DF-1"), name="&" * 149, assumed=fact, catalog=1, suggested=True, skips=False
    )
    opening = FormContext(target=Target(stream=STREAM), person=ANA, register=replace(known, assumed=(flow,)))
    (field,) = [
        part for part in FORMS["confirm_assumptions"].parts(opening) if isinstance(part, CheckboxesField)
    ]
    (option,) = field.options
    assert option.text.endswith("… (DF-1)")
    assert len(option.text) <= slack_limits.OPTION
