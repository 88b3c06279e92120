"""Questions handed to somebody, and one page for all elements of a question."""

import json
from datetime import date
from typing import Any
from urllib.parse import quote_plus, urlencode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from slack_bolt.request import BoltRequest

from bot.sandbox.api import VisibleView
from bot.slack.protocol.payload_parsing import UnreadablePayload, payload_origins
from bot.slack.protocol.requests import Json
from bot.slack.transport.http_sites import decode_body
from domain.commands import AnswerQuestions, Reply
from domain.kernel.answer import Answer
from domain.kernel.elements import Kind, PersonId
from domain.register import register
from tests.examples import id_of_element
from tests.slack.collected_house import answer_the_screening, create_collected_house
from tests.slack.question_steps import block_id_of
from tests.slack.slack_team import SlackTeam
from tests.slack.voting_steps import direct_messages_of, person_id


def ask_chi(team: SlackTeam, who: str = "ben") -> None:
    """Hand the first fact's questions to chi."""
    person = team.person(who)
    team.command(who, "/threatmodel questions")
    person.click(team.modal(who, "Open questions"), "Assign…")
    team.modal(who, "Assign questions")
    person.choose("Owner", team.person("chi").id)
    team.submit(who)
    team.modal(who, "Saved")
    person.close(all_of_them=True)


def words_to(team: SlackTeam, who: str) -> list[str]:
    return [message.plain for message in direct_messages_of(team, who) if "assigned you" in message.plain]


def home(team: SlackTeam, who: str, *words: str) -> VisibleView:
    """Somebody's Home tab, once it says all of these words."""
    team.person(who).open_home()

    def shown() -> VisibleView | None:
        seen = team.person(who).home()
        return seen if seen is not None and all(word in seen.plain for word in words) else None

    team.wait(shown)
    seen = shown()
    assert seen is not None
    return seen


def test_home_counts_the_questions_of_the_next_step_and_those_with_an_owner(
    team: SlackTeam,
) -> None:
    answer_the_screening(team, create_collected_house(team))
    asked = register(team.model()).questions
    at_stake = [one for one in asked if one.at_stake]
    last = Reply(element=at_stake[-1].element, fact=at_stake[-1].fact, answer=Answer.UNKNOWN)
    nobody_knows = AnswerQuestions(by=person_id(team, "ana"), at=team.now(), replies=(last,))
    team.command_handler.execute(nobody_knows, stream=team.streams[0], key=team.key())
    unanswered = len(at_stake) - 1
    team.card(f"Answer {unanswered} open questions")
    home(team, "ben", f"The House · {unanswered + 1} open questions")
    home(team, "ana", f"The House · 1 question assigned to you, {unanswered + 1} open in total")


def test_anyone_who_is_asked_reads_it_once_and_finds_the_questions_at_home(either_way: SlackTeam) -> None:
    team = either_way
    create_collected_house(team)
    first = register(team.model()).questions[0].fact
    ask_chi(team)
    chi = PersonId(team.person("chi").id)
    theirs = [question for question in register(team.model()).questions if question.asked_of == chi]
    assert theirs
    assert {their.fact for their in theirs} == {first}
    team.wait(lambda: words_to(team, "chi"))
    ask_chi(team, "dee")  # about the next fact: without another message
    theirs = [question for question in register(team.model()).questions if question.asked_of == chi]
    assert len({their.fact for their in theirs}) == 2
    tab = home(team, "chi", f"{len(theirs)} question", "assigned to you")
    team.person("chi").click(tab, "Answer")
    form = team.modal("chi", "My questions")
    assert "Assigned to you." in form.plain
    assert len(words_to(team, "chi")) == 1


def test_the_owner_and_the_day_of_a_question_that_no_one_could_answer_can_be_changed(team: SlackTeam) -> None:
    create_collected_house(team)
    first = register(team.model()).questions[0]
    reply = Reply(element=first.element, fact=first.fact, answer=Answer.UNKNOWN)
    nobody_knows = AnswerQuestions(by=person_id(team, "ana"), at=team.now(), replies=(reply,))
    team.command_handler.execute(nobody_knows, stream=team.streams[0], key=team.key())
    team.card("1 open question for Ana, first due ")
    ana = team.person("ana")
    ana.click(home(team, "ana", "1 question assigned to you"), "Answer")
    ana.click(team.modal("ana", "My questions"), "Assign…")
    assert "Due" in team.modal("ana", "Assign questions").plain
    ana.choose("Owner", team.person("chi").id)
    ana.choose("Due", "2031-03-04")
    team.submit("ana")
    team.card("for Chi, first due 4 March 2031")
    owned = [one for one in register(team.model()).questions if one.asked_of]
    assert {(one.asked_of, one.due) for one in owned} == {(person_id(team, "chi"), date(2031, 3, 4))}


def test_the_answer_settles_what_was_asked(team: SlackTeam) -> None:
    create_collected_house(team)
    ask_chi(team)
    first = register(team.model()).questions[0]
    team.person("chi").click(home(team, "chi", "assigned to you"), "Answer")
    view = team.modal("chi", "My questions")
    team.person("chi").check(block_id_of(view, f"tick/{first.fact}"), first.element)
    team.submit("chi")
    team.modal("chi", "Saved")
    assert team.model().facts[first.element, first.fact] is Answer.YES


def test_no_one_outside_the_channel_is_asked(either_way: SlackTeam) -> None:
    team = either_way
    team.read_channel("#general")  # the bot knows Eve from elsewhere
    create_collected_house(team)
    ben = team.person("ben")
    team.command("ben", "/threatmodel questions")
    ben.click(team.modal("ben", "Open questions"), "Assign…")
    team.modal("ben", "Assign questions")
    ben.choose("Owner", team.person("eve").id)
    team.submit("ben")
    team.wait(lambda: team.modal("ben", "Assign questions").errors)
    assert "Only members of the model's channel" in " ".join(
        team.modal("ben", "Assign questions").errors.values()
    )
    assert not team.model().asked_of


def test_one_page_answers_for_all_elements_of_a_question(either_way: SlackTeam) -> None:
    team = either_way
    create_collected_house(team)
    doors = [
        id_of_element(team.model(), Kind.ENTRY_POINT, f"{which} door")
        for which in ("Front", "Back", "Garage")
    ]
    asked = [question for question in register(team.model()).questions if question.element in doors]
    first = next(one for one in asked if [other.fact for other in asked].count(one.fact) > 1)
    same = [one.element for one in asked if one.fact == first.fact]
    ben = team.person("ben")
    team.command("ben", "/threatmodel questions")
    team.modal("ben", "Open questions")
    ben.check(f"tick/{first.fact}", *same)
    team.submit("ben")
    team.wait(lambda: team.model().facts.get((first.element, first.fact)) is Answer.YES)
    assert len(same) > 1
    assert {team.model().facts.get((one, first.fact)) for one in same} == {Answer.YES}


OURS, THEIRS, WHOLE = "T1OURS", "T2THEIRS", "E1"


@pytest.mark.parametrize(
    ("body", "origin"),
    [
        ({"command": "/threatmodel", "team_id": OURS}, ("", OURS)),
        ({"command": "/threatmodel", "team_id": OURS, "enterprise_id": WHOLE}, (WHOLE, OURS)),
        ({"type": "block_actions", "team": {"id": OURS}, "enterprise": None}, ("", OURS)),
        ({"type": "block_actions", "team": {"id": OURS}, "enterprise": {"id": WHOLE}}, (WHOLE, OURS)),
        ({"type": "shortcut", "team": None, "enterprise": {"id": WHOLE}}, (WHOLE, "")),
        (
            {"type": "view_submission", "team": {"id": THEIRS}, "view": {"app_installed_team_id": OURS}},
            ("", OURS),
        ),
        ({"type": "event_callback", "team_id": OURS}, ("", OURS)),
        ({"type": "event_callback", "team_id": THEIRS, "context_team_id": OURS}, ("", OURS)),
        (
            {"type": "event_callback", "team_id": THEIRS, "authorizations": [{"team_id": OURS}]},
            ("", OURS),
        ),
        (
            {
                "type": "event_callback",
                "team_id": THEIRS,
                "context_team_id": OURS,
                "authorizations": [{"team_id": None, "enterprise_id": WHOLE, "is_enterprise_install": True}],
            },
            (WHOLE, OURS),
        ),
    ],
)
def test_a_payload_belongs_to_the_workspace_of_the_installation(body: Json, origin: tuple[str, str]) -> None:
    assert payload_origins(body) == [origin]


def test_an_event_for_several_installations_names_each() -> None:
    body = {"team_id": "T9", "authorizations": [{"team_id": "T1"}, {"team_id": "T2"}]}
    assert payload_origins(body) == [("", "T1"), ("", "T2")]


@pytest.mark.parametrize("body", [{"team": "T1"}, {"team_id": 1}, {"authorizations": {}}, {"view": []}])
def test_a_malformed_payload_is_unreadable(body: Json) -> None:
    with pytest.raises(UnreadablePayload):
        payload_origins(body)


FORM = "application/x-www-form-urlencoded"
JSON = "application/json"

_PAYLOADS: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=4), inside, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(max_size=4), _PAYLOADS, max_size=4), st.booleans())
@example({"half a character": "\ud800"}, True)
@example({"no number": float("nan"), "large": 1 << 200}, False)
def test_a_payload_is_decoded_as_bolt_decodes_it(payload: dict[str, Any], ascii_only: bool) -> None:
    text = json.dumps({**payload, "type": "anything"}, ensure_ascii=ascii_only)
    posted = {JSON: text, FORM: "payload=" + quote_plus(text)}
    for content_type, body in posted.items():
        bolts = BoltRequest(body=body, headers={"content-type": content_type}).body
        # By what they say: a number that is none is not equal to itself.
        assert json.dumps(decode_body(body.encode(), content_type)) == json.dumps(bolts)


def test_a_command_may_speak_of_a_payload() -> None:
    said = {"command": "/threatmodel", "text": "add asset payload"}
    assert decode_body(urlencode(said).encode(), FORM) == said


@pytest.mark.parametrize("body", [b"payload=null", b"payload=[1]", b"payload=%5B", b"{", b"payload=%FF"])
def test_what_is_no_object_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        decode_body(body, FORM)
