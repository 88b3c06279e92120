"""Spot checks in Slack: the card asks for them, a form takes the outcome, and reminders name the answers."""

from datetime import UTC, datetime

import pytest

from bot.slack.protocol.targets import StaleButton, Target
from bot.slack.queries.reminder_list import load_reminder
from bot.slack.screens.reminder import ReminderDetails, ReminderSources
from bot.slack.ui.forms.form_fields import SubmittedValues
from bot.slack.ui.modals.analysis.spot_check_form import CHECK
from bot.slack.ui.texts.reminder_texts import reminder_headline
from domain.commands import (
    AnswerOpenQuestions,
    BeginAnalysis,
    BeginRemediation,
    BulkReply,
    ChooseParticipants,
)
from domain.kernel.answer import Answer
from domain.kernel.answer_basis import BasisKind, CheckOutcome
from domain.kernel.elements import ElementId, EntryPoint, PersonId
from domain.model import ThreatModel
from domain.register import register
from domain.reminder_deliveries import ReminderKey
from domain.reminders import Reachability
from tests.examples import MORNING, reasons_for_conditions
from tests.slack.collected_house import create_collected_house
from tests.slack.hostile_models import STREAM
from tests.slack.question_steps import block_id_of
from tests.slack.remediation_steps import execute_commands
from tests.slack.slack_team import SlackTeam, errors_by_key
from tests.slack.voting_steps import person_id

FACTS = ("authorization_checked", "caller_authenticated", "identity_beyond_address")
TITLE = "Spot check"


def begin_remediation(team: SlackTeam) -> None:
    """Ben states three controls for all doors; remediation of the House begins."""
    create_collected_house(team)
    ana, ben, chi = (person_id(team, who) for who in ("ana", "ben", "chi"))
    doors = tuple(door.id for door in team.model().of_type(EntryPoint))
    execute_commands(
        team,
        ChooseParticipants(by=ana, at=team.now(), participants=(ana, ben, chi)),
        AnswerOpenQuestions(
            by=ben,
            at=team.now(),
            bulk=tuple(BulkReply(fact=fact, elements=doors, answer=Answer.YES) for fact in FACTS),
        ),
        BeginAnalysis(by=ana, at=team.now(), reason="early"),
        BeginRemediation(by=ana, at=team.now(), reasons=reasons_for_conditions()),
    )


def open_check(team: SlackTeam, who: str) -> str:
    """Open the check from the card; return the key of its outcome."""
    team.person(who).click(team.card("Spot-check"), "Check answers")
    view = team.modal(who, TITLE)
    ids = [str(block["block_id"]).partition("~")[0] for block in view.blocks if block["type"] == "input"]
    return next(id for id in ids if id.startswith("outcome/"))


def test_the_bot_draws_a_number_of_its_own_when_remediation_begins(team: SlackTeam) -> None:
    begin_remediation(team)
    chosen = team.model().spot_checks
    assert chosen is not None
    assert len(chosen.picked) == 3
    assert chosen.draw > 0


def test_a_check_is_confirmed_with_a_sentence(team: SlackTeam) -> None:
    begin_remediation(team)
    key = open_check(team, "chi")
    chi = team.person("chi")
    chi.choose(block_id_of(team.modal("chi", TITLE), key), CheckOutcome.CONFIRMED.value)
    chi.submit()
    assert set(errors_by_key(team.modal("chi", TITLE))) == {"evidence"}
    chi.fill(block_id_of(team.modal("chi", TITLE), "evidence"), "https://example.org/pentest")
    team.submit("chi")
    team.wait(lambda: len(register(team.model()).to_check) == 2)
    assert register(team.model()).checks.confirmed == 1
    assert BasisKind.CONFIRMED in {one.kind for _, one in team.model().bases.items()}


def test_a_wrong_answer_becomes_no(team: SlackTeam) -> None:
    begin_remediation(team)
    key = open_check(team, "chi")
    team.person("chi").choose(block_id_of(team.modal("chi", TITLE), key), CheckOutcome.WRONG.value)
    team.submit("chi")
    team.wait(lambda: register(team.model()).checks.wrong == 1)
    assert [answer for _, answer in team.model().facts.items()].count(Answer.NO) == 1


def test_the_author_of_the_answers_is_asked_nothing(team: SlackTeam) -> None:
    begin_remediation(team)
    team.person("ben").click(team.card("Spot-check"), "Check answers")
    view = team.modal("ben", TITLE)
    assert "nothing for you to check" in view.plain
    assert not [block for block in view.blocks if block["type"] == "input"]


@pytest.mark.parametrize("key", ["outcome/EP-1/encrypted/perhaps", "outcome/EP-1", "outcome/a/b/yes/c", "x"])
def test_a_made_up_field_makes_no_command(key: str) -> None:
    values = SubmittedValues(by_key={key: "confirmed", "evidence": "We tried it."})
    with pytest.raises(StaleButton):
        CHECK.command(values, Target(name="check"), by=PersonId("UMALLORY"), at=datetime.now(UTC))


def test_the_reminder_of_each_person_names_what_they_are_asked_about(team: SlackTeam) -> None:
    begin_remediation(team)
    model = team.model()
    pending = register(model).to_check
    for who in ("ana", "ben", "chi"):
        shown = reminder_of(model, person_id(team, who))
        asked = [one for one in pending if one.asked == person_id(team, who)]
        names = [model.elements[one.element].name for one in asked]
        assert [line.partition(":")[0] for line in shown.lines] == names
        assert shown.count == len(asked)
        assert " 0 " not in reminder_headline(shown)
        assert bool(shown.outcome) is not bool(asked)


def reminder_of(model: ThreatModel, person: PersonId) -> ReminderDetails:
    sources = ReminderSources(
        stream=STREAM,
        model=model,
        register=register(model),
        naming=str,
        now=MORNING,
        refused=lambda _: "",
        people=lambda _: Reachability(),
        events=list,
    )
    key = ReminderKey(f"{model.key}:{person}:spot-check:answers:2026-11-27")
    return load_reminder(key, sources, due=MORNING, sent=MORNING)


def test_two_people_on_one_check_record_it_once(team: SlackTeam) -> None:
    begin_remediation(team)
    key = open_check(team, "chi")
    _, element, fact, _ = key.split("/")
    other = open_check(team, "ana")
    for who, its in (("chi", key), ("ana", other)):
        team.person(who).choose(block_id_of(team.modal(who, TITLE), its), CheckOutcome.WRONG.value)
    team.submit("chi")
    team.wait(lambda: register(team.model()).checks.wrong == 1)
    team.person("ana").submit()
    team.wait(lambda: register(team.model()).checks.wrong == (1 if other == key else 2))
    assert team.model().checks[ElementId(element), fact].by == person_id(team, "chi")
