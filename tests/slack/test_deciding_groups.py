"""Places of one rule decided in Slack: all at once, some of them, or added to a known threat."""

from bot.slack.protocol.targets import Target
from bot.slack.screens.page_data import PageData
from bot.slack.ui.modals.analysis.suggested_threats_page import suggested_threats_page
from domain.commands import AnswerQuestions, Reply
from domain.events import RecordedEvent
from domain.kernel.answer import Answer
from domain.kernel.elements import Kind, PersonId
from domain.kernel.threat import SuggestedThreatId, ThreatId
from domain.register import register
from tests.domain.grouped_story import FLOWS, answers, gateway, known
from tests.examples import ANA, decide_all, id_of_element
from tests.slack.collected_house import create_collected_house
from tests.slack.question_steps import block_id_of
from tests.slack.slack_team import SlackTeam

TH1 = ThreatId("TH-1")
PAGE = "Findings"
FORM = "Choose places"


def house_without_locks(team: SlackTeam, *doors: str) -> tuple[SuggestedThreatId, ...]:
    """The House where nobody is asked at some doors; the flows through them."""
    stream = create_collected_house(team)
    ana = PersonId(team.person("ana").id)
    replies = tuple(
        Reply(
            element=id_of_element(team.model(), Kind.ENTRY_POINT, door),
            fact="caller_authenticated",
            answer=Answer.NO,
        )
        for door in doors
    )
    command = AnswerQuestions(by=ana, at=team.now(), replies=replies)
    team.command_handler.execute(command, stream=stream, key=team.key())
    return places(team)


def places(team: SlackTeam) -> tuple[SuggestedThreatId, ...]:
    """The undecided suggested threats of the rule about callers."""
    return tuple(
        SuggestedThreatId(one.id) for one in register(team.model()).suggested_threats if one.rule.id == "S01"
    )


def open_page(team: SlackTeam, who: str) -> None:
    team.command(who, "/threatmodel suggested threats")
    team.modal(who, PAGE)


def open_choice(team: SlackTeam, who: str) -> None:
    open_page(team, who)
    team.person(who).click(team.modal(who, PAGE), "Choose places…")
    team.modal(who, FORM)


def choose(team: SlackTeam, who: str, field: str, value: str) -> None:
    team.person(who).choose(block_id_of(team.modal(who, FORM), field), value)


def test_all_places_of_a_rule_become_one_threat_with_one_press(either_way: SlackTeam) -> None:
    team = either_way
    every = house_without_locks(team, "Front door", "Back door")
    assert len(every) == 3
    open_page(team, "ben")
    page = team.modal("ben", PAGE)
    for words in ("Missing authentication", "3 data flows", "Visitor → House", "“", "Usual control"):
        assert words in page.plain
    team.person("ben").click(page, "Confirm all 3")
    team.wait(lambda: team.model().threats)
    (threat,) = team.model().threats.values()
    assert threat.suggested_threats == every
    assert threat.title == "Missing authentication at 3 data flows"
    team.wait(lambda: "3 data flows" not in team.modal("ben", PAGE).plain)


def test_some_places_are_confirmed_and_the_others_dismissed_on_one_page(team: SlackTeam) -> None:
    every = house_without_locks(team, "Front door", "Back door")
    open_choice(team, "ben")
    team.person("ben").check("places", *every[:2])
    choose(team, "ben", "others", "dismiss")
    team.submit("ben")
    (sentence,) = team.modal("ben", FORM).errors.values()
    assert "Explain why" in sentence
    team.person("ben").fill("Why does this threat not apply there?", "The dog sits there")
    team.submit("ben")
    team.wait(lambda: team.model().threats)
    assert team.model().threats[TH1].suggested_threats == every[:2]
    assert team.model().dismissals[every[2]].reason == "The dog sits there"
    assert not places(team)


def test_some_places_are_dismissed_and_the_others_wait(team: SlackTeam) -> None:
    every = house_without_locks(team, "Front door", "Back door")
    open_choice(team, "ben")
    team.person("ben").check("places", every[1])
    choose(team, "ben", "decision", "dismiss")
    team.person("ben").fill("Why does this threat not apply there?", "The dog sits there")
    team.submit("ben")
    team.wait(lambda: len(places(team)) == 2)
    assert not team.model().threats
    assert places(team) == (every[0], every[2])


def test_a_page_without_a_tick_asks_for_one(team: SlackTeam) -> None:
    house_without_locks(team, "Front door", "Back door")
    open_choice(team, "ben")
    team.submit("ben")
    (sentence,) = team.modal("ben", FORM).errors.values()
    assert sentence == "No suggested threat is selected. Select at least one."


def test_all_places_are_dismissed_with_one_reason(team: SlackTeam) -> None:
    every = house_without_locks(team, "Front door", "Back door")
    open_page(team, "ben")
    team.person("ben").click(team.modal("ben", PAGE), "Dismiss all 3…")
    team.modal("ben", "Dismiss suggestions")
    team.person("ben").fill("Why does this threat not apply?", "Everybody knows everybody")
    team.submit("ben")
    team.wait(lambda: len(team.model().dismissals) == 3)
    assert {*team.model().dismissals} == {*every}


def test_a_new_place_is_added_to_the_known_threat(team: SlackTeam) -> None:
    some = house_without_locks(team, "Front door")
    open_page(team, "ben")
    team.person("ben").click(team.modal("ben", PAGE), f"Confirm all {len(some)}")
    team.wait(lambda: team.model().threats)
    back = Reply(
        element=id_of_element(team.model(), Kind.ENTRY_POINT, "Back door"),
        fact="caller_authenticated",
        answer=Answer.NO,
    )
    ana = PersonId(team.person("ana").id)
    stream = team.streams[0]
    team.command_handler.execute(
        AnswerQuestions(by=ana, at=team.now(), replies=(back,)), stream=stream, key=team.key()
    )
    (new,) = places(team)
    open_page(team, "chi")
    team.person("chi").click(team.modal("chi", PAGE), "Add to TH-1")
    team.wait(lambda: not places(team))
    assert team.model().threats[TH1].suggested_threats == (*some, new)
    assert len(team.model().threats) == 1


def test_two_people_who_decide_one_group_lose_nothing(team: SlackTeam) -> None:
    every = house_without_locks(team, "Front door", "Back door")
    open_choice(team, "ben")
    open_choice(team, "chi")
    team.person("chi").check("places", every[0])
    team.submit("chi")
    team.wait(lambda: team.model().threats)
    team.person("ben").check("places", every[1])
    choose(team, "ben", "others", "dismiss")
    team.person("ben").fill("Why does this threat not apply there?", "The dog sits there")
    team.submit("ben")
    team.wait(lambda: len(team.model().threats) == 2)
    assert [
        one.suggested_threats for one in sorted(team.model().threats.values(), key=lambda one: one.id)
    ] == [
        (every[0],),
        (every[1],),
    ]
    assert {*team.model().dismissals} == {every[2]}


def test_a_place_is_removed_from_a_threat_once(team: SlackTeam) -> None:
    every = house_without_locks(team, "Front door", "Back door")
    open_page(team, "ben")
    team.person("ben").click(team.modal("ben", PAGE), "Confirm all 3")
    team.wait(lambda: team.model().threats)
    for who in ("ben", "chi"):
        team.command(who, "/threatmodel threats")
        page = team.modal(who, "Threats")
        assert "3 places" in page.plain
        team.person(who).click(page, "Places…")
        team.modal(who, "Places of a threat")
        team.person(who).check("places", every[1])
    team.submit("ben")
    team.wait(lambda: team.model().threats[TH1].suggested_threats == (every[0], every[2]))
    assert places(team) == (every[1],)
    team.submit("chi")
    (sentence,) = team.modal("chi", "Places of a threat").errors.values()
    assert "Ben removed 1 place" in sentence


def test_the_plan_and_the_response_name_the_places(team: SlackTeam) -> None:
    house_without_locks(team, "Front door", "Back door")
    open_page(team, "ben")
    team.person("ben").click(team.modal("ben", PAGE), "Confirm all 3")
    team.wait(lambda: team.model().threats)
    team.command("ben", "/threatmodel plan")
    plan = team.modal("ben", "Plan")
    assert "3 places: DF-" in plan.plain
    assert "Missing authentication at 3 data flows" in plan.plain


def test_groups_with_a_common_remedy_are_side_by_side_and_say_so() -> None:
    events = decide_all(answers("integrity_protected", FLOWS), after=gateway())
    text = shown(events)
    assert "_TLS usually fixes “Unencrypted data in transit” as well. Each is decided separately._" in text
    assert "_TLS usually fixes “No integrity protection in transit” as well." in text
    assert "8 data flows" in text
    assert "TLS usually fixes" not in shown(gateway())


def shown(events: list[RecordedEvent]) -> str:
    target = Target(name="seen", stream="T0/TM-1")
    data = PageData(target=target, reader=ANA, model=known(events), naming=str)
    return str(suggested_threats_page(data)["blocks"])
