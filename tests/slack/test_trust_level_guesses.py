"""Trust levels that the form for placing components suggests, and what becomes of a suggestion."""

from collections.abc import Mapping

from bot.slack.ui.forms.typed_lines import parse_flows
from bot.slack.ui.modals.collecting.component_placement_form import Guesser
from domain.commands import (
    DescribeElements,
    DrawFlows,
    ElementDetails,
    NameElements,
    PlaceComponents,
    Placement,
)
from domain.events import RecordedEvent
from domain.kernel.elements import Component, ElementId, Kind
from domain.model import ThreatModel
from domain.register import register
from domain.replay import replay
from tests.examples import ANA, at, decide_all, id_of_element, started
from tests.slack.slack_team import SlackTeam
from tests.slack.voting_steps import person_id

LEVELS = ("Public", "Merchants", "Services", "Administrators")
LINES = """
Recipient browser [web browser] -> Edge [in Cloud]: orders via Site
Merchant system -> Edge: orders via Site
Edge -> API [Python, in Cloud]: orders via Orders API
Staff phone -> API: orders via Console address
API -> Orders db [PostgreSQL, in Cloud]: orders
API -> Audit log [in Cloud]: orders
API -> Mail provider: orders
API -> Sentry: orders
Admin console -> API: orders via Console address
"""
FORM = "Place components"


def drawn(*, levels: tuple[str, ...] = LEVELS) -> list[RecordedEvent]:
    flows, unread = parse_flows(LINES)
    assert not unread
    named = NameElements(
        by=ANA, at=at(1), trust_levels=levels, external_dependencies=("Mail provider", "Sentry")
    )
    return [
        started(),
        *decide_all(named, DrawFlows(by=ANA, at=at(2), flows=tuple(flows)), after=[started()]),
    ]


def guesses(events: list[RecordedEvent]) -> Mapping[str, tuple[str, str]]:
    """The suggested level of each component by name, with the reason."""
    known = register(replay(events))
    guesser = Guesser(known)
    found: dict[str, tuple[str, str]] = {}
    for item in known.items(Kind.COMPONENT):
        guess = guesser.guess(item)
        if guess.trust_level:
            found[item.name] = (known.name_of(guess.trust_level), guess.because)
    return found


def level(model: ThreatModel, name: str) -> ElementId:
    return id_of_element(model, Kind.TRUST_LEVEL, name)


def test_a_level_is_suggested_with_a_reason_where_something_indicates_it() -> None:
    software = ("Services", "Suggested: the level of the system's own software.")
    public = ("Public", "Suggested: the least trusted level, for data from outside.")
    assert guesses(drawn()) == {
        "Recipient browser": public,
        "Merchant system": ("Merchants", "Suggested from the name."),
        "Edge": software,
        "API": software,
        "Orders db": software,
    }, "not the dependencies, the tools of operators, and the devices of staff"


def test_nothing_is_suggested_about_software_without_one_level_that_names_it() -> None:
    for levels in (
        ("Passers-by", "Residents"),
        ("Public", "Services", "Systems"),
        ("Partner services", "Staff"),
    ):
        assert not {"Edge", "API", "Orders db"} & {*guesses(drawn(levels=levels))}, levels
    assert guesses(drawn(levels=())) == {}


def test_components_of_one_boundary_suggest_the_level_that_they_share() -> None:
    events = drawn(levels=("Public", "Staff", "Partners"))
    model = replay(events)

    def place(name: str, where: str) -> PlaceComponents:
        placement = Placement(
            component=id_of_element(model, Kind.COMPONENT, name),
            trust_level=level(model, where),
            boundary="Cloud",
        )
        return PlaceComponents(by=ANA, at=at(3), placements=(placement,))

    one = decide_all(place("API", "Staff"), after=events)
    shared = ("Staff", "Suggested: as the other components in Cloud.")
    assert {name: guesses(one).get(name) for name in ("Edge", "Orders db")} == {
        "Edge": shared,
        "Orders db": shared,
    }
    assert "Audit log" not in guesses(one)
    two = decide_all(place("Edge", "Partners"), after=one)
    assert "Orders db" not in guesses(two), "the others do not agree"


def test_an_entry_point_suggests_its_lowest_level_to_what_sends_through_it() -> None:
    events = drawn()
    model = replay(events)
    described = ElementDetails(
        element=id_of_element(model, Kind.ENTRY_POINT, "Console address"),
        lowest_trust_level=level(model, "Administrators"),
    )
    known = decide_all(DescribeElements(by=ANA, at=at(3), details=(described,)), after=events)
    assert guesses(known)["Staff phone"] == (
        "Administrators",
        "Suggested: the lowest level of Console address.",
    )
    assert guesses(known)["Recipient browser"][0] == "Public"


def draw(team: SlackTeam, who: str = "ana") -> None:
    team.start(who)
    person = team.person(who)
    person.fill("Trust levels", "Public\nServices\nStaff")
    team.submit(who)
    team.modal(who, "Add data flows")
    person.fill(
        "Data flows",
        "Recipient browser -> API [Python, in VPC]: orders via Site\nAPI -> Orders db [in VPC]: orders",
    )
    team.submit(who)
    team.modal(who, FORM)


def levels(team: SlackTeam) -> dict[str, str]:
    known = register(team.model())
    placed = team.model().of_type(Component)
    return {one.name: known.name_of(one.trust_level) for one in placed if one.trust_level}


def test_a_suggested_level_is_shown_and_recorded_only_when_the_form_is_submitted(
    either_way: SlackTeam,
) -> None:
    team = either_way
    draw(team)
    form = team.modal("ana", FORM)
    assert "saving records the suggestions too" in form.plain
    for reason in ("least trusted level, for data from outside", "level of the system's own software"):
        assert reason in form.plain
    team.person("ana").close(all_of_them=True)
    assert levels(team) == {}
    team.person("ana").click(team.card("Place 3 components"), "Place components")
    team.modal("ana", FORM)
    team.person("ana").choose("Orders db: trust level", "Staff (TL-3)")
    team.submit("ana")
    team.wait(lambda: levels(team))
    assert levels(team) == {"Recipient browser": "Public", "API": "Services", "Orders db": "Staff"}


def test_a_suggestion_does_not_replace_a_level_that_someone_chose_meanwhile(team: SlackTeam) -> None:
    draw(team)
    model = team.model()
    placement = Placement(
        component=id_of_element(model, Kind.COMPONENT, "API"), trust_level=level(model, "Staff")
    )
    chosen = PlaceComponents(by=person_id(team, "ben"), at=team.now(), placements=(placement,))
    team.command_handler.execute(chosen, stream=team.streams[0], key=team.key())
    team.submit("ana")
    team.wait(lambda: len(levels(team)) == 3)
    assert levels(team) == {"Recipient browser": "Public", "API": "Staff", "Orders db": "Services"}
