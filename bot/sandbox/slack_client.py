"""Slack's client: it sends a user's actions to the bot and applies the responses."""

from typing import cast

from bot.sandbox.api_methods import MethodContext
from bot.sandbox.api_methods.chat_methods import apply_response, has_message
from bot.sandbox.api_methods.view_methods import checked_view
from bot.sandbox.api_objects.basic_objects import message_object
from bot.sandbox.block_kit.element_state import InteractiveElement, is_empty, state_values
from bot.sandbox.open_views import DisplayedView, ViewStacks
from bot.sandbox.payload_delivery.delivery_record import FAREWELLS, VERIFICATION_TOKEN, Delivery
from bot.sandbox.payload_delivery.payload_sender import PayloadSender
from bot.sandbox.slack_json import ApiError, Json
from bot.sandbox.workspace.installed_app import APP_ID, BOT_USER_ID
from bot.sandbox.workspace.seed_data import (
    ENTERPRISE_NAME,
    PARTNER_TEAM_ID,
    SLACKBOT_ID,
    SlackAccount,
    SlackChannel,
)
from bot.sandbox.workspace.trigger_ids import ResponseTarget
from bot.sandbox.workspace.workspace_state import PostedMessage, UnknownConversation, Workspace

REQUIRED = "Please complete this required field."


def field_errors(view: DisplayedView) -> dict[str, str]:
    """Return an error message for each invalid field, by block ID."""
    values = view.seen_values
    errors: dict[str, str] = {}
    for block in view.body.get("blocks", []):
        if block.get("type") != "input":
            continue
        state = next(iter(values.get(block["block_id"], {}).values()), {"value": None})
        if is_empty(state):
            if not block.get("optional"):
                errors[block["block_id"]] = REQUIRED
            continue
        sentence = _length_fault(block["element"], state)
        if sentence:
            errors[block["block_id"]] = sentence
    return errors


def _length_fault(element: Json, state: Json) -> str | None:
    text = state.get("value")
    if not isinstance(text, str):
        return None
    if element["type"] == "number_input":
        return _number_fault(element, text)
    shortest, longest = int(element.get("min_length", 0)), int(element.get("max_length", 3000))
    if len(text) < shortest:
        return f"Please enter at least {shortest} characters."
    if len(text) > longest:
        return f"Please enter at most {longest} characters."
    return None


def _number_fault(element: Json, text: str) -> str | None:
    try:
        number = float(text)
    except ValueError:
        return "Please enter a number."
    if not element.get("is_decimal_allowed") and number != int(number):
        return "Please enter a whole number."
    if element.get("min_value") and number < float(element["min_value"]):
        return f"Please enter a number of at least {element['min_value']}."
    if element.get("max_value") and number > float(element["max_value"]):
        return f"Please enter a number of at most {element['max_value']}."
    return None


def apply_response_action(views: ViewStacks, view: DisplayedView, answer: Json | None) -> bool:
    """Apply the response to a submission; return whether Slack would understand it."""
    if not answer or not answer.get("response_action"):
        views.close(view)
        return True
    try:
        match answer["response_action"]:
            case "errors":
                errors = cast("dict[str, str]", answer.get("errors") or {})
                inputs = {block["block_id"] for block in view.body["blocks"] if block["type"] == "input"}
                if not errors or set(errors) - inputs:
                    return False
                views.set_errors(view, errors)
            case "update":
                views.update(view, checked_view(answer.get("view"), kind="modal"))
            case "push":
                views.push(view.person, checked_view(answer.get("view"), kind="modal"))
            case "clear":
                views.clear(view.person)
            case _:
                return False
    except ApiError:
        return False
    return True


APP_FAILED = "We had some trouble connecting. Try again?"


class SlackClient:
    """Executor of user actions, used by tests and the page."""

    def __init__(self, parts: MethodContext, sender: PayloadSender) -> None:
        self.parts, self.sender, self.workspace = parts, sender, parts.workspace
        self._farewells: list[Json] = []
        self._held: dict[tuple[str, str, str], dict[str, Json]] = {}

    def command(self, person: SlackAccount, channel: SlackChannel, command: str, text: str) -> Delivery:
        """Send a slash command, and post its acknowledgment or the failure."""
        reply_to = ResponseTarget(channel=channel.id, person=person.id, at=self.workspace.clock.now())
        enterprise, team = self.workspace.behavior.enterprise, self.workspace.team
        organization = {"enterprise_id": enterprise, "enterprise_name": ENTERPRISE_NAME}
        payload = {
            **(organization if enterprise else {}),
            "token": VERIFICATION_TOKEN,
            "team_id": team.id,
            "team_domain": team.domain,
            "channel_id": channel.id,
            "channel_name": _channel_name(channel),
            "user_id": person.id,
            "user_name": person.handle,
            "command": command,
            "text": text,
            "api_app_id": APP_ID,
            "is_enterprise_install": "true" if self.workspace.app.is_org_wide else "false",
            "response_url": self._response_url(channel, person),
            "trigger_id": self.parts.triggers.issue(person.id),
        }
        delivery = self.sender.send("slash_commands", payload)
        if not delivery.acked:
            delivery.error = f'{command} failed with the error "{delivery.failure}"'
            self.slackbot(person, channel, delivery.error)
        elif delivery.response and has_message(delivery.response):
            try:
                apply_response(self.parts, reply_to, delivery.response)
            except ApiError as refused:
                delivery.error = f'{command} failed with the error "{refused.code}"'
                self.slackbot(person, channel, delivery.error)
        return delivery

    def slackbot(
        self, person: SlackAccount, channel: SlackChannel, sentence: str, *, thread: str | None = None
    ) -> None:
        """Send a message from Slackbot to one person."""
        self.workspace.post(
            channel=channel.id, author=SLACKBOT_ID, text=sentence, reader=person.id, thread=thread
        )

    def enter_in_message(
        self, person: SlackAccount, message: PostedMessage, control: InteractiveElement, state: Json
    ) -> None:
        """Store a choice in a message's field, which is not sent to the bot yet."""
        self._held.setdefault((person.id, message.channel, message.ts), {})[control.key] = state

    def click_in_message(
        self, person: SlackAccount, message: PostedMessage, control: InteractiveElement, state: Json
    ) -> Delivery:
        """Send the press of an element in a message."""
        channel = self.workspace.channel(message.channel)
        self.enter_in_message(person, message, control, state)
        container: Json = {
            "type": "message",
            "message_ts": message.ts,
            "channel_id": channel.id,
            "is_ephemeral": message.reader is not None,
        }
        if message.thread:
            container["thread_ts"] = message.thread
        payload: Json = {
            "container": container,
            "trigger_id": self.parts.triggers.issue(person.id),
            **_installed_in(self.workspace),
            "channel": {"id": channel.id, "name": _channel_name(channel)},
            "state": {"values": state_values(list(message.blocks), self.held(person, message))},
            "response_url": self._response_url(channel, person, message),
            "actions": [self._action(control, state)],
        }
        # Slack does not include the content of an ephemeral message.
        if message.reader is None:
            payload["message"] = message_object(self.workspace, message)
        return self._interact("block_actions", person, payload)

    def click_in_view(
        self, person: SlackAccount, view: DisplayedView, control: InteractiveElement, state: Json
    ) -> Delivery:
        """Send the press of an element in a modal or Home tab."""
        view = self.parts.views.enter(view, control, state)
        payload = {
            "container": {"type": "view", "view_id": view.id},
            "trigger_id": self.parts.triggers.issue(person.id, view=view.id),
            **_opened_in(self.workspace, person),
            "view": view.as_slack(),
            "actions": [self._action(control, state)],
        }
        return self._interact("block_actions", person, payload)

    def submit(self, person: SlackAccount, view: DisplayedView) -> Delivery | None:
        """Submit a modal and apply the response; None if Slack's client would not send it."""
        try:
            # Includes values entered since the caller read the view.
            view = self.parts.views.find(view_id=view.id)
        except ApiError:
            return None
        errors = field_errors(view)
        view = self.parts.views.set_errors(view, errors)
        if errors:
            return None
        payload = {
            "trigger_id": self.parts.triggers.issue(person.id, view=view.id),
            "view": view.as_slack(),
            "response_urls": [],
            **_opened_in(self.workspace, person),
        }
        delivery = self._interact("view_submission", person, payload)
        if delivery.acked and not apply_response_action(self.parts.views, view, delivery.response):
            delivery.error = APP_FAILED
        return delivery

    def close(
        self, person: SlackAccount, view: DisplayedView, *, all_of_them: bool = False
    ) -> Delivery | None:
        """Close a modal, or the whole stack if the view says so; notify the bot if the view asks for it."""
        all_of_them = all_of_them or bool(view.body.get("clear_on_close"))
        if all_of_them:
            self.parts.views.clear(person.id)
        else:
            self.parts.views.close(view)
        if not view.body.get("notify_on_close"):
            return None
        payload = {
            **_interaction("view_closed", person),
            "view": view.as_slack(),
            "is_cleared": all_of_them,
            **_opened_in(self.workspace, person),
        }
        return self.sender.send("interactive", payload)

    def global_shortcut(self, person: SlackAccount, callback_id: str) -> Delivery:
        """Send a global shortcut."""
        payload = {
            "action_ts": self.workspace.new_ts(),
            **_installed_in(self.workspace),
            "callback_id": callback_id,
            "trigger_id": self.parts.triggers.issue(person.id),
        }
        return self._interact("shortcut", person, payload)

    def message_shortcut(self, person: SlackAccount, message: PostedMessage, callback_id: str) -> Delivery:
        """Send a message shortcut."""
        channel = self.workspace.channel(message.channel)
        payload = {
            "action_ts": self.workspace.new_ts(),
            **_installed_in(self.workspace),
            "channel": {"id": channel.id, "name": _channel_name(channel)},
            "callback_id": callback_id,
            "trigger_id": self.parts.triggers.issue(person.id),
            "response_url": self._response_url(channel, person, message),
            "message_ts": message.ts,
            "message": message_object(self.workspace, message),
        }
        return self._interact("message_action", person, payload)

    def _interact(self, kind: str, person: SlackAccount, payload: Json) -> Delivery:
        delivery = self.sender.send("interactive", {**_interaction(kind, person), **payload})
        if not delivery.acked:
            delivery.error = APP_FAILED
        return delivery

    def event(self, name: str, event: Json, *, soon: bool) -> Delivery | None:
        """Send an event if the app subscribed to it, synchronously or in the background."""
        if not self.workspace.app.hears(name):
            return None
        payload = self._event_payload(event)
        if soon:
            self.sender.queue_event(payload)
            return None
        return self.sender.send_event(payload)

    def tell_of_uninstallation(self, *events: Json, soon: bool) -> None:
        """Send the events of an uninstallation to which the app subscribed, and remember them."""
        heard = [event for event in events if self.workspace.app.hears(str(event["type"]))]
        self._farewells = [self._event_payload(event) for event in heard]
        for payload in self._farewells:
            (self.sender.queue_event if soon else self.sender.send_event)(payload)

    def repeat_uninstallation(self) -> None:
        """Deliver the events of the last uninstallation again in the background, as Slack does."""
        farewells, self._farewells = self._farewells, []
        if self.workspace.behavior.uninstall_is_repeated:
            for payload in farewells:
                self.sender.queue_event(payload)

    def _event_payload(self, event: Json) -> Json:
        try:
            ext_shared = self.workspace.channel(str(event.get("channel"))).is_ext_shared
        except UnknownConversation:
            ext_shared = False
        behavior, wide = self.workspace.behavior, self.workspace.app.is_org_wide
        installed: Json = {
            "enterprise_id": behavior.enterprise,
            "team_id": None if wide else self.workspace.team.id,
            "user_id": BOT_USER_ID,
            "is_bot": True,
            "is_enterprise_install": wide,
        }
        event_id = self.workspace.new_id("Ev")
        return {
            "token": VERIFICATION_TOKEN,
            **self._event_team(event, ext_shared=ext_shared),
            **({"enterprise_id": behavior.enterprise} if behavior.enterprise else {}),
            "context_enterprise_id": behavior.enterprise,
            "api_app_id": APP_ID,
            "event": event,
            "type": "event_callback",
            "event_id": event_id,
            "event_time": int(self.workspace.clock.now()),
            "authorizations": [installed] if behavior.authorizations_listed else [],
            "is_ext_shared_channel": ext_shared,
            "event_context": f"4-{event_id}",
        }

    def _event_team(self, event: Json, *, ext_shared: bool) -> Json:
        """Return the teams of an event; in a shared channel the outer one may be another workspace."""
        if self.workspace.app.is_org_wide and event["type"] in FAREWELLS:
            # It concerns the organization as a whole, and none of its workspaces.
            return {}
        own, behavior = self.workspace.team.id, self.workspace.behavior
        foreign = ext_shared and behavior.foreign_outer_team
        context = {"context_team_id": own} if behavior.context_team_listed else {}
        return {"team_id": PARTNER_TEAM_ID if foreign else own, **context}

    def held(self, person: SlackAccount, message: PostedMessage) -> dict[str, Json]:
        """Return a person's choices in a message's elements."""
        return self._held.get((person.id, message.channel, message.ts), {})

    def _response_url(
        self, channel: SlackChannel, person: SlackAccount, message: PostedMessage | None = None
    ) -> str:
        name = self.parts.response_urls.issue(
            channel.id,
            person.id,
            thread=message.thread if message else None,
            message_ts=message.ts if message else None,
        )
        return f"{self.workspace.files.base_url}/respond/{name}"

    def _action(self, control: InteractiveElement, state: Json) -> Json:
        element = control.element
        action: Json = {"action_id": control.action_id, "block_id": control.block_id, "type": element["type"]}
        if element["type"] == "button":
            action |= {key: element[key] for key in ("text", "value", "style", "url") if key in element}
        else:
            action |= {key: value for key, value in state.items() if key != "type"}
            if "placeholder" in element:
                action["placeholder"] = element["placeholder"]
        return {**action, "action_ts": self.workspace.new_ts()}


def _channel_name(channel: SlackChannel) -> str:
    """Return a conversation's name as used in payloads."""
    if channel.is_im:
        return "directmessage"
    if channel.is_mpim:
        return channel.name
    return "privategroup" if channel.is_private else channel.name


def _interaction(kind: str, person: SlackAccount) -> Json:
    """Return the common fields of interactive payloads."""
    user = {"id": person.id, "username": person.handle, "name": person.handle, "team_id": person.team}
    return {"type": kind, "user": user, "api_app_id": APP_ID, "token": VERIFICATION_TOKEN}


def _installed_in(workspace: Workspace) -> Json:
    """Return the workspace of the installation as used in interactive payloads."""
    behavior = workspace.behavior
    team: Json = {"id": workspace.team.id, "domain": workspace.team.domain}
    enterprise: Json | None = None
    if behavior.enterprise:
        team |= {"enterprise_id": behavior.enterprise, "enterprise_name": ENTERPRISE_NAME}
        enterprise = {"id": behavior.enterprise, "name": ENTERPRISE_NAME}
    return {"team": team, "enterprise": enterprise, "is_enterprise_install": workspace.app.is_org_wide}


def _opened_in(workspace: Workspace, person: SlackAccount) -> Json:
    """Return the same for payloads of views: for members of a shared channel it may be the other workspace.

    The view itself then names the workspace of the installation. If the app is installed in a whole
    organization, only the user and the view name the workspace.
    """
    installed = _installed_in(workspace)
    if workspace.app.is_org_wide:
        return {**installed, "team": None}
    both = {person.id, BOT_USER_ID}
    shared = any(channel.is_ext_shared and both <= channel.members for channel in workspace.channels)
    if shared and workspace.behavior.foreign_outer_team:
        installed["team"] = {"id": PARTNER_TEAM_ID, "domain": "partner"}
    return installed
