"""The review of a closed model in Slack: what has changed since, from a draft, and one message at its end."""

from datetime import datetime, timedelta
from pathlib import Path

from domain.commands import (
    AnswerQuestions,
    BeginAnalysis,
    BeginRemediation,
    ChooseParticipants,
    CloseThreatModel,
    ConfirmClosing,
    ImplementMitigation,
    PlanMitigation,
    ReopenThreatModel,
    Reply,
    ReportThreat,
    ReviseEntryPoint,
    VerifyMitigation,
)
from domain.dread.metrics import BallotLength
from domain.kernel.answer import Answer
from domain.kernel.due_dates import short_day
from domain.kernel.elements import Kind
from domain.kernel.mitigation import MitigationId
from domain.kernel.threat import Stride, ThreatId
from domain.register import register
from tests.examples import reasons_for_conditions
from tests.slack.remediation_steps import execute_commands
from tests.slack.reminder_steps import set_workspace_clock
from tests.slack.slack_team import SlackTeam
from tests.slack.test_drafts import SHOP, drafted, fixtures, started, submit
from tests.slack.voting_steps import direct_messages_of, person_id, run_bot_on_workspace_clock

((_, BEFORE),) = fixtures(SHOP)
CACHE = "    image: redis:7-alpine\n"
AFTER = BEFORE.replace(CACHE, f'{CACHE}    ports: ["6379:6379"]\n')
TH1, MI1 = ThreatId("TH-1"), MitigationId("MI-1")


def close_the_shop(team: SlackTeam) -> None:
    """Draft the shop from its compose file, and close its model with a verified mitigation."""
    started(team)
    drafted(team, (SHOP, BEFORE))
    submit(team)
    team.person("ben").close(all_of_them=True)
    ana, ben, chi = (person_id(team, who) for who in ("ana", "ben", "chi"))
    reasons = reasons_for_conditions("known")
    execute_commands(
        team,
        ChooseParticipants(by=ana, at=team.now(), participants=(ana, ben, chi)),
        ReportThreat(by=ana, at=team.now(), title="Stolen orders", stride=(Stride.INFORMATION_DISCLOSURE,)),
        BeginAnalysis(by=ana, at=team.now(), reasons=reasons),
        BeginRemediation(by=ana, at=team.now(), reasons=reasons),
        PlanMitigation(by=ben, at=team.now(), threat=TH1, title="Encrypt the orders", owner=ben),
        ImplementMitigation(by=ben, at=team.now(), mitigation=MI1, evidence="PR #412"),
        VerifyMitigation(by=chi, at=team.now(), mitigation=MI1),
        CloseThreatModel(by=ana, at=team.now(), reasons=reasons),
    )
    team.card("Closed")


def say_unknown(team: SlackTeam) -> None:
    """Answer *don't know* to the questions of the review, which raises no further ones."""
    asked = [one for one in register(team.model()).questions if one.at_stake]
    replies = tuple(Reply(element=one.element, fact=one.fact, answer=Answer.UNKNOWN) for one in asked)
    execute_commands(team, AnswerQuestions(by=person_id(team, "ben"), at=team.now(), replies=replies))


def tuesday_noon_after(moment: datetime) -> datetime:
    """Return a moment of everybody's working hours, on which a reminder is sent at once."""
    days = (1 - moment.weekday()) % 7 or 7
    return (moment + timedelta(days=days)).replace(hour=12, minute=0)


def closing_message(team: SlackTeam, number: int) -> str:
    """Wait for the message about a closing, and return it."""
    card = team.card("The House")

    def messages() -> list[str]:
        seen = team.person("dee").thread("#house", card.ts)
        return [one.plain for one in seen if "closed the threat model" in one.plain]

    team.wait(lambda: len(messages()) == number)
    return messages()[-1]


def test_a_review_with_a_changed_compose_file_ends_with_one_message(tmp_path: Path) -> None:
    with run_bot_on_workspace_clock(tmp_path / "threatmodel.db") as team:
        close_the_shop(team)
        assert "Since" not in closing_message(team, 1)
        set_workspace_clock(team, tuesday_noon_after(team.now() + timedelta(days=91)))
        ana = team.person("ana")
        team.card("The next review is due")
        team.wait(lambda: [one for one in direct_messages_of(team, "ana") if "Review due" in one.plain])
        reminder = next(one for one in direct_messages_of(team, "ana") if "Review due" in one.plain)
        ana.click(reminder, "Review")
        assert "No changes" in team.modal("ana", "Changes").plain
        ana.click(team.modal("ana", "Changes"), "Reopen")
        team.wait(lambda: team.model().review is not None)
        review = team.model().review
        assert review is not None
        closed = short_day(review.since.date())
        ana.close(all_of_them=True)

        drafted(team, (SHOP, AFTER))
        submit(team)
        team.person("ben").close(all_of_them=True)
        new = {one.element_name for one in register(team.model()).questions if one.at_stake}
        assert new == {"cache port 6379"}, "none of the questions that were open at the closing"
        chi = team.person("chi")
        chi.click(team.card("open question"), f"Changes since {closed}")
        page = team.modal("chi", "Changes").plain
        assert "cache port 6379" in page
        assert "Next: Answer" in page
        chi.close(all_of_them=True)

        say_unknown(team)
        chi.click(team.card("Verify “Encrypt the orders”"), "View mitigation")
        chi.click(team.modal("chi", "TH-1 in the plan"), "Verify")
        ana.click(team.card("Close the model"), "Close the model")
        team.modal("ana", "Close the model")
        team.explain_conditions("ana", "known")
        team.submit("ana")
        assert f"Since {closed}: 1 entry point changed.\n" in closing_message(team, 2)


def test_a_review_votes_on_its_own_threats_and_proposes_quick_ballots_for_three(team: SlackTeam) -> None:
    close_the_shop(team)
    ana = person_id(team, "ana")
    titles = ("Forged order", "Leaked invoice", "Lost parcel")
    execute_commands(
        team,
        ReopenThreatModel(by=ana, at=team.now()),
        *(ReportThreat(by=ana, at=team.now(), title=one, stride=(Stride.TAMPERING,)) for one in titles),
    )
    team.person("ana").click(team.card("Open a voting round on 3 threats"), "Open voting round")
    form = team.modal("ana", "Open voting round")
    (length,) = [one for one in form.blocks if str(one.get("block_id", "")).startswith("length")]
    assert length["element"]["initial_option"]["value"] == BallotLength.QUICK


def test_the_answers_about_all_revised_elements_are_restated_or_changed_in_one_form(team: SlackTeam) -> None:
    close_the_shop(team)
    ana = person_id(team, "ana")
    doors = team.model().of_kind(Kind.ENTRY_POINT)[:2]
    kept, changed = ((one.id, "caller_authenticated") for one in doors)
    replies = tuple(Reply(element=id, fact=fact, answer=Answer.YES) for id, fact in (kept, changed))
    reasons = reasons_for_conditions("known")
    execute_commands(
        team,
        ReopenThreatModel(by=ana, at=team.now()),
        AnswerQuestions(by=ana, at=team.now(), replies=replies),
        CloseThreatModel(by=ana, at=team.now(), reasons=reasons),
        ConfirmClosing(by=person_id(team, "ben"), at=team.now()),
        ReopenThreatModel(by=ana, at=team.now()),
    )
    revised = (
        ReviseEntryPoint(by=ana, at=team.now(), element=one.id, name=one.name, description="Behind a proxy")
        for one in doors
    )
    execute_commands(team, *revised)
    ben = team.person("ben")
    ben.click(team.card("answers about 2 revised elements are still true"), "Review answers")
    form = team.modal("ben", "Still true?")
    assert form.plain.count("Is the caller authenticated? yes") == 2
    for door, choice in zip(doors, ("Still true", "Change…"), strict=True):
        ben.choose(f"Answers about {door.name}", choice)
    team.submit("ben")
    form = team.modal("ben", "Change answers")
    (field,) = (id for block in form.blocks if (id := str(block.get("block_id"))).startswith("answer/"))
    assert changed[0] in field, "only those that are not still true"
    ben.choose(field, "No")
    team.submit("ben")
    if team.model().facts[changed] is not Answer.NO:
        team.submit("ben")  # what would follow was shown
    team.wait(lambda: not register(team.model()).to_restate)
    assert (team.model().facts[kept], team.model().facts[changed]) == (Answer.YES, Answer.NO)
    assert team.model().bases[kept].by == ben.id
