"""Actions of people reach the bot, and its responses are shown as in Slack."""

# slack_sdk and slack_bolt leave many of their types open.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from bot.sandbox.api import Sandbox
from tests.sandbox.small_bot import Json, SmallBot, form
from tests.waiting import waiting_for_acks


def test_a_command_response_is_visible_to_its_caller_only(sandbox: Sandbox, bot: SmallBot) -> None:
    ana, ben = sandbox.person("ana"), sandbox.person("ben")
    delivery = ana.command("#house", "/small hello")
    assert delivery.acked
    assert [message.plain for message in ana.sees("#house")] == ["you said hello"]
    assert ana.sees("#house")[0].ephemeral
    assert ben.sees("#house") == []
    assert bot.bodies[0]["channel_name"] == "house"


def test_a_response_in_the_channel_is_visible_to_all(sandbox: Sandbox, bot: SmallBot) -> None:
    sandbox.person("ana").command("#house", "/small aloud")
    assert [message.plain for message in sandbox.person("ben").sees("#house")] == ["said aloud"]
    assert bot.bodies


def test_a_command_carries_mentions_as_ids_where_the_manifest_asks(sandbox: Sandbox, bot: SmallBot) -> None:
    sandbox.person("ana").command("#house", "/small @Ben in #general <b>")
    assert bot.bodies[0]["text"] == "<@U0BEN0002> in <#C0GENERAL|general> &lt;b&gt;"


def test_no_ack_in_time_is_shown_to_the_caller(sandbox: Sandbox, bot: SmallBot) -> None:
    ana = sandbox.person("ana")
    with waiting_for_acks(sandbox, 0.5):
        delivery = ana.command("#house", "/small slow")
    sentence = '/small failed with the error "operation_timeout"'
    assert (delivery.acked, delivery.error) == (False, sentence)
    assert [(message.author, message.plain) for message in ana.sees("#house")] == [("Slackbot", sentence)]
    sandbox.wait_until(lambda: bot.bodies)


def test_the_caller_is_notified_if_the_bot_is_not_connected(sandbox: Sandbox) -> None:
    delivery = sandbox.person("ana").command("#house", "/small hello")
    assert delivery.error == '/small failed with the error "dispatch_failed"'


def test_a_form_opens_and_its_values_arrive_by_type(sandbox: Sandbox, bot: SmallBot) -> None:
    ana = sandbox.person("ana")
    ana.command("#house", "/small form")
    assert ana.modal is not None
    assert ana.modal.labels == ("Name", "Colour", "Owner", "Helpers", "Tags", "Day")
    ana.fill("Name", "House <b>")
    ana.choose("Colour", "Green")
    ana.choose("Owner", "Ben")
    ana.choose("Helpers", "Chi", "Dee")
    ana.check("Tags", "Red", "Blue")
    ana.choose("Day", "2026-12-01")
    delivery = ana.submit()
    assert delivery is not None
    assert delivery.acked
    assert ana.modal is None
    view = bot.bodies[-1]["view"]
    values = {block: state["entry"] for block, state in view["state"]["values"].items()}
    assert view["private_metadata"] == "kept"
    assert values["name"] == {"type": "plain_text_input", "value": "House <b>"}
    assert values["colour"]["selected_option"]["value"] == "green"
    assert values["owner"] == {"type": "users_select", "selected_user": "U0BEN0002"}
    assert values["helpers"]["selected_users"] == ["U0CHI0003", "U0DEE0004"]
    assert [option["value"] for option in values["tags"]["selected_options"]] == ["red", "blue"]
    assert values["day"] == {"type": "datepicker", "selected_date": "2026-12-01"}


def test_an_empty_required_field_never_reaches_the_bot(sandbox: Sandbox, bot: SmallBot) -> None:
    ana = sandbox.person("ana")
    ana.command("#house", "/small form")
    assert ana.submit() is None
    assert ana.modal is not None
    assert ana.modal.errors == {"name": "Please complete this required field."}
    assert [body.get("type") for body in bot.bodies] == [None]


def test_errors_are_shown_beside_fields_and_no_input_is_lost(sandbox: Sandbox, bot: SmallBot) -> None:
    ana = sandbox.person("ana")
    ana.command("#house", "/small form")
    bot.on_submit = lambda ack, _: ack(response_action="errors", errors={"name": "taken"})
    ana.fill("Name", "House")
    ana.submit()
    assert ana.modal is not None
    assert ana.modal.errors == {"name": "taken"}
    assert ana.modal.values["Name"] == "House"


def test_errors_for_an_unknown_field_fail_the_submission(sandbox: Sandbox, bot: SmallBot) -> None:
    ana = sandbox.person("ana")
    ana.command("#house", "/small form")
    bot.on_submit = lambda ack, _: ack(response_action="errors", errors={"nowhere": "wrong"})
    ana.fill("Name", "House")
    delivery = ana.submit()
    assert delivery is not None
    assert delivery.error == "We had some trouble connecting. Try again?"
    assert ana.modal is not None


def test_a_submission_may_update_push_and_clear(sandbox: Sandbox, bot: SmallBot) -> None:
    ana = sandbox.person("ana")
    ana.command("#house", "/small form")
    ana.fill("Name", "House")
    bot.on_submit = lambda ack, _: ack(response_action="update", view=form("Second page"))
    ana.submit()
    assert ana.modal is not None
    assert (ana.modal.title, ana.modal.values["Name"]) == ("Second page", "House")
    bot.on_submit = lambda ack, _: ack(response_action="push", view=form("On top"))
    ana.submit()
    assert ana.modal.title == "On top"
    ana.close()
    assert ana.modal.title == "Second page"
    bot.on_submit = lambda ack, _: ack(response_action="clear")
    ana.submit()
    assert ana.modal is None


def test_a_submission_without_ack_leaves_the_form_with_its_text(sandbox: Sandbox, bot: SmallBot) -> None:
    ana = sandbox.person("ana")
    ana.command("#house", "/small form")
    ana.fill("Name", "House")
    sandbox.faults.lost_acks = 1
    delivery = ana.submit()
    assert delivery is not None
    assert delivery.error == "We had some trouble connecting. Try again?"
    assert ana.modal is not None
    assert ana.modal.values["Name"] == "House"
    assert bot.bodies[-1]["type"] == "view_submission"


def test_closing_is_reported_if_the_view_requests_it(sandbox: Sandbox, bot: SmallBot) -> None:
    ana = sandbox.person("ana")
    ana.command("#house", "/small form")
    ana.close()
    assert (bot.bodies[-1]["type"], bot.bodies[-1]["is_cleared"]) == ("view_closed", False)
    assert ana.modal is None


def test_a_button_in_a_form_may_change_it(sandbox: Sandbox, bot: SmallBot) -> None:
    ana = sandbox.person("ana")
    ana.command("#house", "/small form")
    ana.fill("Name", "House")
    assert ana.modal is not None
    ana.click(ana.modal, "Retitle")
    assert (ana.modal.title, ana.modal.values["Name"]) == ("Another title", "House")
    assert bot.bodies[-1]["container"] == {"type": "view", "view_id": ana.modal.id}
    assert bot.bodies[-1]["view"]["state"]["values"]["name"]["entry"]["value"] == "House"


def test_a_button_in_a_message_reports_its_location(sandbox: Sandbox, bot: SmallBot) -> None:
    blocks: list[Json] = [{"type": "actions", "elements": [_button("Go", value="TM-1")]}]
    posted = bot.client.chat_postMessage(channel="C0HOUSE01", text="card", blocks=blocks)
    ben = sandbox.person("ben")
    delivery = ben.click(ben.sees("#house")[0], "Go")
    assert delivery.acked
    body = bot.bodies[-1]
    assert body["container"]["message_ts"] == body["message"]["ts"] == posted["ts"]
    assert (body["user"]["id"], body["actions"][0]["value"]) == ("U0BEN0002", "TM-1")


def test_a_select_in_a_message_reports_the_choice(sandbox: Sandbox, bot: SmallBot) -> None:
    options = [
        {"text": {"type": "plain_text", "text": word}, "value": word.lower()} for word in ("One", "Two")
    ]
    select = {"type": "static_select", "action_id": "pick", "options": options}
    bot.client.chat_postMessage(
        channel="C0HOUSE01", text="t", blocks=[{"type": "actions", "elements": [select]}]
    )
    ana = sandbox.person("ana")
    ana.click(ana.sees("#house")[0], action_id="pick", pick="Two")
    body = bot.bodies[-1]
    assert body["actions"][0]["selected_option"]["value"] == "two"
    assert next(iter(body["state"]["values"].values()))["pick"]["selected_option"]["value"] == "two"


def test_shortcuts_arrive_with_their_message(sandbox: Sandbox, bot: SmallBot) -> None:
    ana = sandbox.person("ana")
    ana.shortcut("open_form")
    assert ana.modal is not None
    message = ana.say("#house", "the window is open")
    ana.message_shortcut(message, "quote")
    assert (bot.bodies[-1]["type"], bot.bodies[-1]["message"]["text"]) == (
        "message_action",
        "the window is open",
    )


def test_subscribed_events_arrive_and_others_do_not(sandbox: Sandbox, bot: SmallBot) -> None:
    ana, eve = sandbox.person("ana"), sandbox.person("eve")
    ana.say("#house", "no mention")
    ana.say("#house", "hello @small")
    ana.say("@bot", "in private")
    eve.join("#house")
    eve.leave("#house")
    ana.open_home()
    sandbox.wait_until(lambda: len(bot.heard) == 5)
    assert sorted(event["type"] for event in bot.heard) == [
        "app_home_opened",
        "app_mention",
        "member_joined_channel",
        "member_left_channel",
        "message",
    ]


def test_an_unacknowledged_event_is_retried_with_its_number(sandbox: Sandbox, bot: SmallBot) -> None:
    sandbox.faults.lost_acks = 2
    sandbox.person("ana").open_home()
    sandbox.wait_until(lambda: len(bot.heard) == 3)
    sandbox.wait_until(lambda: len(sandbox.deliveries) == 3 and sandbox.deliveries[-1].acked)
    assert [delivery.outgoing.retry_num for delivery in sandbox.deliveries] == [0, 1, 2]
    assert len({delivery.payload["event_id"] for delivery in sandbox.deliveries}) == 1


def test_the_same_payload_can_be_delivered_again(sandbox: Sandbox, bot: SmallBot) -> None:
    delivery = sandbox.person("ana").command("#house", "/small hello")
    again = sandbox.repeat(delivery)
    assert again.acked
    assert bot.bodies[0] == bot.bodies[1]


def test_a_thread_is_read_apart_from_its_channel(sandbox: Sandbox, bot: SmallBot) -> None:
    first = bot.client.chat_postMessage(channel="C0HOUSE01", text="card")["ts"]
    bot.client.chat_postMessage(channel="C0HOUSE01", text="detail", thread_ts=first)
    bot.client.chat_postMessage(channel="C0HOUSE01", text="reveal", thread_ts=first, reply_broadcast=True)
    ana = sandbox.person("ana")
    assert [message.plain for message in ana.sees("#house")] == ["card", "reveal"]
    assert [message.plain for message in ana.thread("#house", str(first))] == ["card", "detail", "reveal"]


def _button(text: str, *, value: str) -> Json:
    label = {"type": "plain_text", "text": text}
    return {"type": "button", "text": label, "action_id": "go", "value": value}
