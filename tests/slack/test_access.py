"""Who may answer: the members of the model's channel, found out when a button is pressed."""

import copy
from typing import Any

import pytest
from msgspec.structs import replace

from bot.sandbox.api import Delivery, user_object
from tests.slack.collected_house import create_collected_house
from tests.slack.slack_team import RunningBot

NOT_A_MEMBER = "Only members of this model's channel"


def test_a_stranger_is_told_so_and_nothing_is_recorded(either_way: RunningBot) -> None:
    either_way.start()
    before = either_way.model().version
    either_way.command("eve", "/threatmodel undo")
    either_way.told("eve", NOT_A_MEMBER)
    assert either_way.model().version == before


def test_a_stranger_does_not_see_the_model(there: RunningBot) -> None:
    create_collected_house(there)
    for word in ("status", "list", "history", "questions", "add asset", "start"):
        there.command("eve", f"/threatmodel {word}")
        if word != "start":
            there.told("eve", NOT_A_MEMBER)
    assert not any("The House" in one for one in there.whispers("eve"))


def test_a_stranger_cannot_start_a_model_in_a_channel_of_others(there: RunningBot) -> None:
    there.know()
    there.command("eve", "/threatmodel start")
    there.modal("eve", "New threat model")
    there.person("eve").fill("Name", "My own")
    there.submit("eve")
    there.wait(lambda: NOT_A_MEMBER in modal_of(there, "eve"))
    assert there.modal("eve", "New threat model").values["Name"] == "My own", "what was typed stays"
    assert there.streams == []


def test_a_strangers_click_on_a_card_is_refused(there: RunningBot) -> None:
    create_collected_house(there)
    card = there.card("Data flows  5")
    there.person("eve").click(card, "Add")
    there.told("eve", NOT_A_MEMBER)
    assert there.person("eve").modal is None


def test_somebody_not_yet_known_is_answered_after_a_look_at_slack(there: RunningBot) -> None:
    """Their word is kept before the ack, and counts from then on."""
    there.start()
    form = open_form_as_member(there, "eve")
    forget(there, "eve")
    with there.sandbox.faults.holding():
        assert there.submit("eve").acked
        assert "One moment" in modal_of(there, "eve")
        assert "Valuables" not in there.names()
    there.wait(lambda: "Valuables" in there.names())
    there.wait(lambda: "saved now" in modal_of(there, "eve"))
    assert form


def test_somebody_not_yet_known_who_is_no_member_is_told_and_nothing_is_recorded(there: RunningBot) -> None:
    there.start()
    open_form_as_member(there, "eve")
    there.sandbox.workspace.leave(channel_id(there), there.person("eve").id)
    forget(there, "eve")
    there.submit("eve")
    there.wait(lambda: NOT_A_MEMBER in modal_of(there, "eve"))
    assert there.names() == set()


def test_a_newcomer_is_known_by_the_event(there: RunningBot) -> None:
    create_collected_house(there)
    there.person("eve").join("#house")
    there.command("eve", "/threatmodel status")
    there.told("eve", "The House · TM-1")


def test_who_left_the_channel_is_a_stranger(there: RunningBot) -> None:
    create_collected_house(there)
    there.person("dee").leave("#house")
    there.command("dee", "/threatmodel undo")
    there.told("dee", NOT_A_MEMBER)


def test_a_deactivated_account_cannot_answer(there: RunningBot) -> None:
    create_collected_house(there)
    there.deactivate("dee")
    there.command("dee", "/threatmodel undo")
    there.told("dee", "This account is deactivated")


def test_a_bot_cannot_answer(there: RunningBot) -> None:
    create_collected_house(there)
    ben = there.sandbox.workspace.person("ben")
    there.sandbox.workspace.change_person(replace(ben, is_bot=True))
    hear_of_change(there, "ben")
    there.command("ben", "/threatmodel undo")
    there.told("ben", "Bots cannot answer")


def test_people_of_other_organisations_cannot_answer(there: RunningBot) -> None:
    create_collected_house(there)
    before = there.model().version
    there.person("ben").click(there.card("Data flows  5"), "More…")
    clicked = there.sandbox.last_act
    forged = altered(clicked, user={**clicked.payload["user"], "team_id": "T0OTHERS"})
    there.sandbox.client.sender.send("interactive", forged)
    there.told("ben", "other organisations")
    assert there.model().version == before


def test_a_channel_without_the_bot_is_said_with_the_mend_and_nothing_typed_is_lost(there: RunningBot) -> None:
    there.sandbox.remove_bot("#house")
    there.command("ana", "/threatmodel start")
    there.modal("ana", "New threat model")
    there.told("ana", "/invite @")
    there.person("ana").fill("Name", "The House")
    there.person("ana").fill("What are we building?", "A home")
    there.submit("ana")
    assert "/invite @" in " ".join(errors_of(there, "ana")) + modal_of(there, "ana")
    assert there.modal("ana", "New threat model").values["What are we building?"] == "A home"
    there.sandbox.invite_bot("#house")
    there.know()
    there.submit("ana")
    there.modal("ana", "Name what there is")
    there.card("The House · TM-1")


def test_where_the_bot_is_known_to_be_missing_nobody_fills_in_a_form_first(there: RunningBot) -> None:
    there.know()
    with there.sandbox.quietly():
        there.sandbox.remove_bot("#house")
    there.know()
    ana = there.person("ana")
    there.command("ana", "/threatmodel start")
    there.told("ana", "/invite @")
    assert ana.modal is None
    there.sandbox.invite_bot("#house")
    there.know()
    ana.click(ana.sees("#house")[-1], "Start")
    there.modal("ana", "New threat model")


def test_who_is_not_among_the_participants_is_told_whom_to_ask(there: RunningBot) -> None:
    there.know()
    there.command("ana", "/threatmodel start The House")
    there.modal("ana", "New threat model")
    there.person("ana").choose("Participants", "ana", "ben")
    there.submit("ana")
    there.command("chi", "/threatmodel add asset")
    assert "Ana, to add you" in there.told("chi", "not among this model's participants")
    assert there.person("chi").modal is None


def test_who_is_no_participant_any_more_keeps_what_they_typed(there: RunningBot) -> None:
    create_collected_house(there)
    there.command("chi", "/threatmodel add asset")
    there.modal("chi", "Add asset")
    there.person("chi").fill("Name", "The cat")
    there.person("ana").click(there.card("TM-1"), "More…")
    there.person("ana").click(there.modal("ana", "More"), "Participants")
    there.modal("ana", "Participants")
    there.person("ana").choose("Participants", "ana", "ben")
    there.submit("ana")
    there.submit("chi")
    assert "not among this model's participants" in " ".join(errors_of(there, "chi"))
    assert there.modal("chi", "Add asset").values["Name"] == "The cat"
    assert "The cat" not in there.names()


def test_what_a_button_says_of_its_channel_is_not_believed(there: RunningBot) -> None:
    """Eve is in #general, and sends a click there that carries the House of #house."""
    create_collected_house(there)
    there.know("#general")
    there.person("ben").click(there.card("Data flows  5"), "More…")
    clicked = there.sandbox.last_act
    general = there.sandbox.workspace.channel("#general").id
    forged = altered(
        clicked,
        user={**clicked.payload["user"], "id": there.person("eve").id},
        channel={"id": general, "name": "general"},
        container={**clicked.payload["container"], "channel_id": general},
    )
    there.sandbox.client.sender.send("interactive", forged)
    there.wait(lambda: any(NOT_A_MEMBER in one for one in there.whispers("ben")))
    assert there.person("eve").modal is None


@pytest.mark.parametrize(
    "value",
    [
        "",
        "undo",
        '{"v":0,"w":"undo","s":"T0SANDBOX/TM-1"}',
        '{"v":1,"w":"undo","s":"T0OTHERS/TM-1"}',
        '{"v":1,"w":"undo","s":"../../etc/passwd"}',
        '{"v":1,"w":"burn it down","s":"T0SANDBOX/TM-1"}',
        '{"v":1,"w":"undo","s":"T0SANDBOX/TM-1","root":true}',
        "[" * 1500,
        "\ud83d\ude00" * 500,
    ],
)
def test_a_forged_or_stale_button_is_refused_in_a_friendly_way(there: RunningBot, value: str) -> None:
    create_collected_house(there)
    before = there.model().version
    there.person("ben").click(there.card("Data flows  5"), "More…")
    clicked = there.sandbox.last_act
    there.modal("ben", "More")
    there.person("ben").close()
    action = {**clicked.payload["actions"][0], "action_id": "do:undo", "value": value}
    delivery = there.sandbox.client.sender.send("interactive", altered(clicked, actions=[action]))
    assert delivery.acked
    there.told("ben", "older version of the bot")
    assert there.model().version == before


def test_a_button_for_a_model_that_is_not_there_is_refused(there: RunningBot) -> None:
    create_collected_house(there)
    there.person("ben").click(there.card("Data flows  5"), "More…")
    clicked = there.sandbox.last_act
    action = {**clicked.payload["actions"][0], "value": '{"v":1,"w":"more","s":"T0SANDBOX/TM-99"}'}
    there.sandbox.client.sender.send("interactive", altered(clicked, actions=[action]))
    there.told("ben", NOT_A_MEMBER)  # a stranger must not learn from the sentence whether there is one


def altered(delivery: Delivery, **changes: Any) -> dict[str, Any]:
    """The payload of something that was done, with changes that nobody's Slack would make."""
    payload = copy.deepcopy(delivery.payload) | changes
    payload["actions"] = [{**one, "action_ts": "1790000000.000001"} for one in payload["actions"]]
    return payload


def open_form_as_member(there: RunningBot, who: str) -> str:
    """Somebody joins without the bot hearing of it, and has a filled form in front of them."""
    there.sandbox.workspace.join(channel_id(there), there.person(who).id)
    there.know()
    there.command(who, "/threatmodel add asset")
    form = there.modal(who, "Add asset")
    there.person(who).fill("Name", "Valuables")
    return form.id


def forget(there: RunningBot, who: str) -> None:
    """The directory knows nothing of a person, as of one who came while the bot was away."""
    there.look_only_when_asked()
    with there.store.database.writing() as connection:
        for table in ("slack_members", "slack_people"):
            connection.execute(f"DELETE FROM {table} WHERE person = ?", (there.person(who).id,))


def hear_of_change(there: RunningBot, who: str) -> None:
    """Slack tells the bot that somebody's account is not what it was."""
    person = user_object(there.sandbox.workspace.person(who))
    told = {"type": "user_change", "user": person, "event_ts": there.sandbox.workspace.new_ts()}
    there.sandbox.client.event("user_change", told, soon=False)


def channel_id(there: RunningBot) -> str:
    return there.sandbox.workspace.channel("#house").id


def modal_of(there: RunningBot, who: str) -> str:
    seen = there.person(who).modal
    return seen.plain if seen else ""


def errors_of(there: RunningBot, who: str) -> list[str]:
    seen = there.person(who).modal
    return list(seen.errors.values()) if seen else []


def test_a_join_that_slack_delivers_again_after_they_left_lets_nobody_answer(there: RunningBot) -> None:
    create_collected_house(there)
    joined = there.person("eve").join("#house")
    assert joined is not None
    there.command("eve", "/threatmodel history")
    there.modal("eve", "History")
    there.person("eve").close()
    there.person("eve").leave("#house")
    there.sandbox.client.sender.send("events_api", joined.payload)
    there.command("eve", "/threatmodel history")
    there.told("eve", NOT_A_MEMBER)
    assert there.person("eve").modal is None
