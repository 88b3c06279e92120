"""Who is named in a form can act there: a member, no bot, not gone; and no guest steers."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest
from msgspec.structs import replace

from bot.manifest import build_manifest
from bot.slack.directory.member_directory import Directory
from bot.slack.projectors.direct_messages import direct_slot
from bot.store.repositories.deliveries import DeliveryRecord
from domain.commands import WithdrawThreat
from domain.kernel.elements import ChannelId, PersonId
from domain.kernel.threat import ThreatId
from domain.kernel.voting_round import RoundId
from tests.slack.collected_house import create_collected_house
from tests.slack.slack_team import QUICK, SlackTeam, run_bot
from tests.slack.voting_steps import begin_analysis_with, direct_messages_of, open_round_for, person_id
from tests.waiting import patient_sandbox


@pytest.fixture
def cast(team: SlackTeam) -> SlackTeam:
    """Besides the four: a guest in the channel, a partner in it, and Eve who is not in it."""
    team.sandbox.add_person("gus", "#house", is_restricted=True)
    team.sandbox.add_person("pat", "#house", team="T0PARTNER")
    team.sandbox.add_person("robo", "#house", is_bot=True)
    create_collected_house(team)
    return team


def test_a_guest_may_answer(cast: SlackTeam) -> None:
    cast.command("gus", "/threatmodel add asset")
    cast.modal("gus", "Add asset")
    cast.person("gus").fill("Name", "The cat")
    cast.submit("gus")
    cast.wait(lambda: "The cat" in cast.names())


def test_a_guest_cannot_take_over(cast: SlackTeam) -> None:
    more(cast, "gus", "Take over")
    cast.wait(lambda: "Guests cannot be the facilitator" in shown(cast, "gus"))
    assert cast.model().facilitator == cast.person("ana").id


def test_a_guest_cannot_begin_a_model_without_someone_to_steer_it(cast: SlackTeam) -> None:
    cast.command("gus", "/threatmodel start The shed")
    cast.modal("gus", "New threat model")
    cast.submit("gus")
    assert "Guests cannot be the facilitator" in beside(cast, "gus", "Facilitator")
    cast.person("gus").choose("Facilitator", "ben")
    cast.submit("gus")
    cast.modal("gus", "Add data flows")
    assert cast.model(1).facilitator == cast.person("ben").id


@pytest.mark.parametrize(
    ("who", "sentence"),
    [
        ("gus", "@Gus is a guest, and guests cannot be the facilitator. Choose someone else."),
        ("pat", "People from other organizations cannot participate. Choose someone else instead of @Pat."),
        ("robo", "Bots cannot participate. Choose someone else instead of @Robo."),
        ("dee", "Deactivated accounts cannot participate. Choose someone else instead of @Dee."),
    ],
)
def test_a_model_is_not_handed_over_to_who_cannot_steer_it(cast: SlackTeam, who: str, sentence: str) -> None:
    cast.deactivate("dee")
    more(cast, "ana", "Reassign facilitator")
    cast.modal("ana", "Reassign facilitator")
    cast.person("ana").choose("Facilitator", who)
    cast.submit("ana")
    assert beside(cast, "ana", "Facilitator") == sentence
    assert cast.model().facilitator == cast.person("ana").id


def test_participants_are_members_and_the_error_says_whom_to_invite(cast: SlackTeam) -> None:
    cast.read_channel("#general")  # the bot knows Eve from elsewhere
    more(cast, "ana", "Participants")
    cast.modal("ana", "Participants")
    cast.person("ana").choose("Participants", "ana", "eve")
    cast.submit("ana")
    sentence = "Only members of the model's channel can participate. Invite @Eve to the channel first."
    assert beside(cast, "ana", "Participants") == sentence
    cast.person("eve").join("#house")
    cast.submit("ana")
    cast.wait(lambda: set(cast.model().participants) == {cast.person(one).id for one in ("ana", "eve")})


def test_who_came_unheard_is_found_by_the_look_after_a_refusal(cast: SlackTeam) -> None:
    cast.read_channel("#general")
    directory, house = Directory(cast.unit), ChannelId("C0HOUSE01")
    newcomers = {PersonId(cast.person(one).id) for one in ("gus", "pat", "robo")}
    cast.wait(lambda: newcomers <= heard_of(cast))
    cast.wait(lambda: not any(directory.records.is_expected(house, newcomer) for newcomer in newcomers))
    cast.look_only_when_asked()  # the regular look, or one for the others who came, could find her before
    with cast.sandbox.quietly():
        cast.sandbox.invite("eve", "#house")
    more(cast, "ana", "Participants")
    cast.modal("ana", "Participants")
    cast.person("ana").choose("Participants", "ana", "eve")
    cast.submit("ana")
    assert "Invite @Eve" in beside(cast, "ana", "Participants")
    eve = PersonId(cast.person("eve").id)
    cast.wait(lambda: cast.knows(eve, ChannelId("C0HOUSE01")))
    cast.submit("ana")
    cast.wait(lambda: eve in cast.model().participants)


def test_someone_whom_the_bot_does_not_know_is_looked_up_and_nothing_typed_is_lost(cast: SlackTeam) -> None:
    cast.command("ana", "/threatmodel start The shed")
    cast.modal("ana", "New threat model")
    cast.person("ana").choose("Participants", "ana", "eve")
    cast.person("ana").fill("Scope", "A place for bicycles")
    cast.submit("ana")
    cast.wait(lambda: "to the channel first" in shown(cast, "ana"))
    form = cast.modal("ana", "New threat model")
    assert form.values["Scope"] == "A place for bicycles"
    cast.person("eve").join("#house")
    cast.submit("ana")
    cast.modal("ana", "Add data flows")
    assert cast.model(1).description == "A place for bicycles"


def test_someone_unknown_who_is_a_member_is_looked_up_and_the_form_goes_on(cast: SlackTeam) -> None:
    with cast.sandbox.quietly():
        cast.sandbox.invite("eve", "#house")
        cast.sandbox.invite("eve", "#house-keys")
    cast.command("ana", "/threatmodel start The shed")
    cast.modal("ana", "New threat model")
    forget(cast, "eve")
    cast.person("ana").choose("Participants", "ana", "eve")
    cast.submit("ana")
    cast.modal("ana", "Add data flows")
    assert cast.person("eve").id in cast.model(1).participants


def test_what_was_done_stays_done_when_it_comes_again_after_someone_left(cast: SlackTeam) -> None:
    """Slack brings a form twice when an answer was lost, and much may have happened in between."""
    cast.command("ana", "/threatmodel start The shed")
    cast.modal("ana", "New threat model")
    cast.person("ana").choose("Participants", "ana", "dee")
    handed_in = cast.submit("ana")
    cast.modal("ana", "Add data flows")
    cast.person("dee").leave("#house")
    again = cast.sandbox.repeat(handed_in)
    assert again.response is not None
    assert again.response["response_action"] == "update", again.response
    assert len(cast.streams) == 2


def heard_of(team: SlackTeam) -> set[str]:
    """Whom the bot was told to have come into a channel."""
    events = (one.outgoing.payload.get("event", {}) for one in team.sandbox.deliveries if one.acked)
    return {event["user"] for event in events if event.get("type") == "member_joined_channel"}


def more(team: SlackTeam, who: str, label: str) -> None:
    """Press a button of the page More."""
    team.person(who).click(team.card("TM-1"), "More…")
    team.person(who).click(team.modal(who, "More"), label)


def shown(team: SlackTeam, who: str) -> str:
    seen = team.person(who).modal
    return (seen.plain if seen else "") + "\n".join(team.private_messages(who))


def beside(team: SlackTeam, who: str, label: str) -> str:
    """The sentence beside a field."""
    seen = team.person(who).modal
    assert seen is not None
    labels = {block["block_id"]: block["label"]["text"] for block in seen.blocks if block["type"] == "input"}
    found = {labels[block_id]: sentence for block_id, sentence in seen.errors.items()}
    return found.get(label, f"nothing beside {label}: {found}")


def directory(team: SlackTeam) -> Directory:
    return Directory(team.unit)


def forget(team: SlackTeam, who: str) -> None:
    """The directory knows nothing of a person, and no look that is under way brings a half of it back."""
    team.look_only_when_asked()
    with team.store.database.writing() as connection:
        for table, column in (("slack_members", "person"), ("slack_people", "id")):
            connection.execute(f"DELETE FROM {table} WHERE {column} = ?", (team.person(who).id,))


SOON = replace(QUICK, file_poll_seconds=0.2)
"""A pace at which what was left alone is gone on with at once."""
VOTERS = ("ana", "ben", "chi")


def test_an_invitation_that_was_claimed_and_not_sent_is_sent_by_the_next_start(tmp_path: Path) -> None:
    with invited(tmp_path, but="ben") as team:
        team.wait(lambda: direct_messages_of(team, "ben"))
        assert "Vote on 1 threat" in direct_messages_of(team, "ben")[-1].plain
        team.wait(lambda: noted(team, "ben").external_id == direct_messages_of(team, "ben")[-1].ts)
        assert all(len(direct_messages_of(team, who)) == 1 for who in VOTERS)


def test_no_one_is_invited_to_a_round_that_has_ended(tmp_path: Path) -> None:
    with invited(tmp_path, but="ben", over=True) as team:
        # The slot is over, and dropped by the next look at it.
        team.wait(lambda: not noted(team, "ben").attempt)
        assert not direct_messages_of(team, "ben")


@contextmanager
def invited(tmp_path: Path, *, but: str, over: bool = False) -> Generator[SlackTeam]:
    """A bot that comes back where one died that had claimed somebody's invitation, and not sent it."""
    with patient_sandbox(manifest=build_manifest("socket")) as sandbox:
        with run_bot(tmp_path / "threatmodel.db", sandbox=sandbox) as team:
            begin_analysis_with(team, "Curtains left open")
            passed_over = replace(noted(team, but), final=True)
            assert team.unit.deliveries.add_missing(passed_over)
            open_round_for(team, *VOTERS)
            team.wait(lambda: all(direct_messages_of(team, who) for who in VOTERS if who != but))
            if over:
                end(team)
            assert not direct_messages_of(team, but)
            team.bot.stop()
            team.unit.deliveries.put(replace(passed_over, attempt="a1", final=False))
        with run_bot(tmp_path / "threatmodel.db", sandbox=sandbox, pace=SOON) as back:
            yield back


def end(team: SlackTeam) -> None:
    """Have the only threat of the round withdrawn."""
    withdraw = WithdrawThreat(by=person_id(team, "ana"), at=team.now(), threat=ThreatId("TH-1"))
    team.command_handler.execute(withdraw, stream=team.streams[0], key=team.key())


def noted(team: SlackTeam, who: str) -> DeliveryRecord:
    """What the bot has noted down of somebody's invitation."""
    unnoted = direct_slot("invitation", team.streams[0], RoundId("RD-1"), person_id(team, who))
    return team.unit.deliveries.find(unnoted.slot) or unnoted
