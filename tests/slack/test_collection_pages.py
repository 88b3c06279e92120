"""What the forms and pages of collection show, and what they guess."""

from collections.abc import Mapping

import pytest
from msgspec.structs import replace

from bot.slack.protocol.targets import Target
from bot.slack.ui.forms.form import FormContext
from bot.slack.ui.forms.form_fields import ChoiceField, SubmittedValues
from bot.slack.ui.forms.typed_lines import parse_flows
from bot.slack.ui.modals.collecting.component_placement_form import PLACE, Guesser
from bot.slack.ui.modals.modal_registry import FORMS, target_of
from domain.commands import (
    AddComponent,
    AddDataFlow,
    DescribeElements,
    DrawFlows,
    ElementDetails,
    NameElements,
    PlaceComponents,
    Placement,
)
from domain.decide import decide
from domain.events import RecordedEvent
from domain.kernel.elements import Asset, Component, ComponentKind, ElementId, Kind, PersonId
from domain.model import ThreatModel
from domain.register import register
from domain.replay import replay
from tests.examples import ANA, at, decide_all, house, id_of_element, started
from tests.slack.form_cases import WORDS, open_form_view, requested_command, submitted_values, submitted_view
from tests.slack.hostile_models import LARGE, STREAM, CollectionProgress, build_model
from tests.slack.slack_team import SlackTeam
from tests.slack.voting_steps import person_id


@pytest.mark.parametrize(
    ("name", "sort"),
    [
        ("Orders (DynamoDB)", ComponentKind.DATA_STORE),
        ("S3", ComponentKind.DATA_STORE),
        ("BigQuery", ComponentKind.DATA_STORE),
        ("Customer database", ComponentKind.DATA_STORE),
        ("Checkout", ComponentKind.PROCESS),
        ("Login", ComponentKind.PROCESS),
    ],
)
def test_a_component_named_after_a_product_that_keeps_data_is_a_store(name: str, sort: ComponentKind) -> None:
    known = register(
        replay([started(), *decide_all(AddComponent(name=name, by=ANA, at=at(1)), after=[started()])])
    )
    (item,) = known.items(Kind.COMPONENT)
    assert Guesser(known).guess(item).sort is sort


def test_a_component_that_only_sends_and_has_a_technology_of_its_own_is_not_taken_for_a_person() -> None:
    events = [started()]
    for name in ("Settlement", "Collection"):
        events += decide_all(AddComponent(name=name, by=ANA, at=at(1)), after=events)
    flow = AddDataFlow(source=ElementId("CO-1"), target=ElementId("CO-2"), by=ANA, at=at(2))
    known = register(replay([*events, *decide_all(flow, after=events)]))
    sender = next(item for item in known.items(Kind.COMPONENT) if item.id == "CO-1")
    assert isinstance(sender.element, Component)
    with_technology = replace(sender, element=replace(sender.element, technology="Temporal"))
    assert Guesser(known).guess(sender).sort is ComponentKind.EXTERNAL_ENTITY
    assert Guesser(known).guess(with_technology).sort is ComponentKind.PROCESS


MOST_BLOCKS = 100
MOST_BYTES = 250_000
ASSETS = Target(stream=STREAM, kind=Kind.ASSET)


def test_a_page_describes_all_assets_and_changes_nothing_if_it_is_sent_as_it_is() -> None:
    model = replay(house())
    view = submitted_view(open_form_view("details", model, ASSETS))
    command = requested_command("details", view)
    assert isinstance(command, DescribeElements)
    assert {detail.element for detail in command.details} == {asset.id for asset in model.of_type(Asset)}
    assert decide(replace(command, by=PersonId(model.facilitator)), model) == ()


def test_a_page_of_details_fits_into_a_modal_and_the_rest_follows() -> None:
    model = build_model(LARGE, WORDS, known=CollectionProgress.PLACED)
    target, described = ASSETS, set[str]()
    for _ in range(2):
        view = open_form_view("details", model, target)
        assert len(view["blocks"]) <= MOST_BLOCKS
        assert len(str(view)) < MOST_BYTES
        values = submitted_values("details", submitted_view(view))
        shown = {key.partition("/")[2] for key in values.by_key}
        assert shown.isdisjoint(described)
        described |= shown
        following = FORMS["details"].after(values, target_of(view), lambda: register(model))
        assert following is not None
        target = following
    first, *_ = model.of_type(Asset)
    assert first.id in described


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
    operated = ("Public", "Suggested: the least trusted level, since others operate it.")
    assert guesses(drawn()) == {
        "Recipient browser": public,
        "Merchant system": ("Merchants", "Suggested from the name."),
        "Edge": software,
        "API": software,
        "Orders db": software,
        "Mail provider": operated,
        "Sentry": operated,
    }, "not the tools of operators, and the devices of staff"


def test_what_others_operate_has_the_level_of_its_operator() -> None:
    theirs = ("Partners", "Suggested: the level of its operator.")
    found = guesses(drawn(levels=("Public", "Partners", "Staff")))
    assert {name: found.get(name) for name in ("Mail provider", "Sentry")} == {
        "Mail provider": theirs,
        "Sentry": theirs,
    }


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


def test_a_level_that_a_person_chose_instead_has_no_reason_of_the_suggestion() -> None:
    known = register(replay(drawn()))
    orders = id_of_element(replay(drawn()), Kind.COMPONENT, "API")
    key = f"trust_level/{orders}"

    def hint(typed: SubmittedValues | None) -> str:
        opening = FormContext(target=Target(stream=STREAM), person=ANA, register=known, typed=typed)
        return next(
            part.hint for part in PLACE.parts(opening) if isinstance(part, ChoiceField) and part.key == key
        )

    assert hint(None).startswith("Suggested")
    assert not hint(SubmittedValues({key: str(level(replay(drawn()), "Public"))}))


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


def test_a_start_becomes_a_durable_model_a_card_and_the_next_form(either_way: SlackTeam) -> None:
    form = either_way.begin("ana", "The House")
    assert either_way.model().name == "The House"
    assert either_way.model().facilitator == either_way.person("ana").id
    assert "TM-1" in form.plain
    assert "The House" in either_way.card("TM-1").plain
