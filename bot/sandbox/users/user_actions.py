"""Actions of one user."""

import re
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from bot.sandbox.admin import WorkspaceAdmin
from bot.sandbox.api_objects import event_objects
from bot.sandbox.api_objects.basic_objects import file_object
from bot.sandbox.block_kit.element_state import (
    InteractiveElement,
    initial_state,
    interactive_elements,
    options,
    value_key,
    with_value,
)
from bot.sandbox.open_views import DisplayedView
from bot.sandbox.payload_delivery.delivery_record import Delivery, OutgoingPayload
from bot.sandbox.slack_client import SlackClient
from bot.sandbox.slack_json import Json, json_items, text_of
from bot.sandbox.users.block_text import element_label
from bot.sandbox.users.mrkdwn import encode_mentions
from bot.sandbox.users.user_view import Viewer, VisibleMessage, VisibleView
from bot.sandbox.workspace.installed_app import BOT_USER_ID, AppCommand
from bot.sandbox.workspace.seed_data import SlackAccount, SlackChannel
from bot.sandbox.workspace.workspace_state import PostedMessage, UnknownPerson

Pick = str | Sequence[str] | None
"""An option by label or value, a person by name, a date; several if the element allows it."""
LookUp = Callable[[str, str], str]
"""Returns the ID of a `person` or a `channel` (the first argument) by name (the second)."""


class NotOnScreen(AssertionError):
    """Error: the person's screen does not show this."""


def find_element(blocks: object, wanted: str | None, action_id: str | None) -> InteractiveElement:
    """Return an element by its label, block ID or action ID; raises NotOnScreen."""
    found = list(interactive_elements(blocks))
    for control in found:
        if action_id == control.action_id or wanted in (element_label(control), control.block_id):
            return control
    for control in found:
        if action_id is None and wanted == control.action_id:
            return control
    there = ", ".join(f"{element_label(control)} ({control.action_id})" for control in found) or "nothing"
    raise NotOnScreen(f"no element {wanted or action_id!r}; available: {there}")


def is_multi_choice(control: InteractiveElement) -> bool:
    """Return whether an element allows several choices."""
    return str(control.element["type"]).startswith("multi_") or control.element["type"] == "checkboxes"


def picked_state(look_up: LookUp, control: InteractiveElement, pick: Pick) -> Json:
    """Return the state of an element after a choice; raises NotOnScreen."""
    element = control.element
    key = value_key(element)
    if key is None and element["type"] != "overflow":
        return {"type": element["type"]}
    if pick is None:
        return initial_state(element) if not control.is_input else with_value(element, None)
    picks = [pick] if isinstance(pick, str) else list(pick)
    values = [_value(look_up, element, one) for one in picks]
    if element["type"] == "overflow":
        return {"type": "overflow", "selected_option": values[0]}
    return with_value(element, values if is_multi_choice(control) else values[0])


def _value(look_up: LookUp, element: Json, pick: str) -> object:
    kind = str(element["type"])
    if "users" in kind:
        return look_up("person", pick)
    if "channels" in kind or "conversations" in kind:
        return look_up("channel", pick)
    if kind == "datetimepicker":
        return int(pick)
    known = options(element)
    if not known:
        return pick
    for option in known:
        if pick in (text_of(option.get("text")), option.get("value")):
            return option
    there = ", ".join(text_of(option.get("text")) for option in known)
    raise NotOnScreen(f"no option {pick!r}; there is {there}")


BUILTIN_COMMANDS = (
    AppCommand(command="/invite", description="Invite someone to this channel", usage_hint="@someone"),
    AppCommand(command="/remove", description="Remove someone from this channel", usage_hint="@someone"),
)


def _run_builtin_command(
    client: SlackClient, person: SlackAccount, channel: SlackChannel, command: str, text: str
) -> Delivery:
    """Run a built-in command; the bot is notified only as of any other change."""
    done = Delivery(OutgoingPayload(kind="slash_commands", payload={"command": command, "text": text}))
    done.acked = True
    done.error = _refusal(client, person, channel, text) or _done(client, person, channel, command, text)
    if done.error:
        client.slackbot(person, channel, done.error)
    return done


def _refusal(client: SlackClient, person: SlackAccount, channel: SlackChannel, text: str) -> str | None:
    if channel.is_im:
        return "Direct messages have no members to invite or remove."
    if person.id not in channel.members:
        return f"Join #{channel.name} first: only members may do that."
    if not text.split():
        return "Name a person, such as @dee."
    for word in text.split():
        try:
            client.workspace.person(word)
        except UnknownPerson:
            return f"There is no user named {word}."
    return None


def _done(
    client: SlackClient, person: SlackAccount, channel: SlackChannel, command: str, text: str
) -> str | None:
    changes = WorkspaceAdmin(client)
    for word in text.split():
        who = client.workspace.person(word)
        inside = who.id in channel.members
        if command == "/invite" and inside:
            return f"{who.name} is already in this channel."
        if command == "/remove" and not inside:
            return f"{who.name} is not in this channel."
        if command == "/invite":
            changes.invite(who.id, channel.id, by=person.id)
        else:
            changes.remove(who.id, channel.id)
    return None


MOST_FILES = 10
"""Files of a file field that states no other number."""

LARGEST_IN_FORM = 10_000_000
"""Bytes of a file that is uploaded in a form."""


_URL = re.compile(r"https?://[^\s<>|]*[^\s<>|.,;:!?)\]]")


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


class SandboxPerson(Viewer):
    """One person; every action waits until the bot has responded or three seconds have passed."""

    # Actions in conversations

    def command(self, where: str, line: str) -> Delivery:
        """Type a slash command; raises NotOnScreen for one that belongs neither to the app nor to Slack."""
        channel = self._channel(where)
        word, _, text = line.strip().partition(" ")
        if word in [builtin.command for builtin in BUILTIN_COMMANDS]:
            return _run_builtin_command(self._client, self.account, channel, word, text.strip())
        app, text = self.workspace.app, text.strip()
        found = app.command(word)
        if app.commands and found is None:
            raise NotOnScreen(f"{word} is not a valid command")
        if found is not None and found.should_escape:
            text = encode_mentions(self.workspace, text)
        return self._client.command(self.account, channel, word, text)

    def say(self, where: str, text: str, *, thread: str | None = None) -> VisibleMessage:
        """Write a message; the bot receives it in the background if it subscribed to it.

        Raises NotOnScreen if the app accepts no messages.
        """
        channel = self._channel(where)
        if channel.is_im and BOT_USER_ID in channel.members and not self.workspace.app.is_written_to:
            raise NotOnScreen("sending messages to this app has been turned off")
        encoded = encode_mentions(self.workspace, text)
        message = self.workspace.post(
            channel=channel.id, author=self.id, text=encoded, thread=thread, blocks=()
        )
        self._tell_of(channel, message)
        return self._seen(message)

    def upload(
        self, where: str, name: str, content: bytes | str, *, text: str = "", thread: str | None = None
    ) -> VisibleMessage:
        """Share a file with a comment; the bot receives it if it subscribed to it."""
        channel, files = self._channel(where), self.workspace.files
        held = content.encode() if isinstance(content, str) else content
        file = files.add(name=name, content=held, owner=self.id)
        message = self.workspace.post(
            channel=channel.id,
            author=self.id,
            text=encode_mentions(self.workspace, text),
            thread=thread,
            subtype="file_share",
            files=(file.id,),
        )
        self._tell_of(channel, message)
        if BOT_USER_ID in channel.members:
            self._client.event("file_shared", event_objects.file_shared(channel, message, file.id), soon=True)
        return self._seen(message)

    def click(
        self,
        on: VisibleMessage | VisibleView,
        label: str | None = None,
        *,
        action_id: str | None = None,
        pick: Pick = None,
    ) -> Delivery:
        """Press a button, or choose in a select or menu, found by its label or action ID.

        Raises NotOnScreen if it is not shown.
        """
        control = find_element(on.blocks, label, action_id)
        state = picked_state(self._look_up, control, pick)
        if isinstance(on, VisibleMessage):
            current = self.workspace.message(on.channel, on.ts) or on.message
            return self._client.click_in_message(self.account, current, control, state)
        return self._client.click_in_view(self.account, on.view, control, state)

    def shortcut(self, callback_id: str) -> Delivery:
        """Use a global shortcut."""
        return self._client.global_shortcut(self.account, callback_id)

    def message_shortcut(self, message: VisibleMessage, callback_id: str) -> Delivery:
        """Use a shortcut from a message's menu."""
        return self._client.message_shortcut(self.account, message.message, callback_id)

    def open_home(self) -> Delivery | None:
        """Open the bot's Home tab; None if the bot did not subscribe to that."""
        event: Json = {
            "type": "app_home_opened",
            "user": self.id,
            "channel": self.workspace.direct(self.id).id,
            "tab": "home",
            "event_ts": self.workspace.new_ts(),
        }
        view = self._client.parts.views.home(self.id)
        if view is not None:
            event["view"] = view.as_slack()
        return self._client.event("app_home_opened", event, soon=False)

    def join(self, where: str) -> Delivery | None:
        """Join a channel."""
        channel = self._channel(where)
        joined = self.workspace.join(channel.id, self.id)
        return self._membership("member_joined_channel", channel) if joined else None

    def leave(self, where: str) -> Delivery | None:
        """Leave a channel."""
        channel = self._channel(where)
        left = self.workspace.leave(channel.id, self.id)
        return self._membership("member_left_channel", channel) if left else None

    # Actions in a modal

    def fill(self, field: str, text: str) -> Delivery | None:
        """Enter a value in a field of the top modal, found by its label or block ID."""
        return self._enter(self._field(field), text)

    def choose(self, field: str, *picks: str) -> Delivery | None:
        """Choose in a field: options by label or value, people by name, a date as 2026-11-24."""
        control = self._field(field)
        many = is_multi_choice(control)
        return self._enter(control, list(picks) if many else (picks[0] if picks else None))

    def check(self, field: str, *options: str) -> Delivery | None:
        """Check exactly these boxes of a field."""
        return self.choose(field, *options)

    def attach(self, field: str, *files: tuple[str, bytes | str]) -> None:
        """Upload files, given by name and content, in a file field of the top modal, in place of others."""
        control = self._field(field)
        most = int(control.element.get("max_files", MOST_FILES))
        if len(files) > most:
            raise NotOnScreen(f"at most {most} files")
        view = self._open_view()
        state = self.uploaded_state(control, files)
        self._client.parts.views.enter(view, control, state)

    def uploaded_state(self, control: InteractiveElement, files: Sequence[tuple[str, bytes | str]]) -> Json:
        """Upload files for a file field, and return its state; raises NotOnScreen for a refused ending."""
        endings = [str(item) for item in json_items(control.element.get("filetypes"))]
        uploaded: list[Json] = []
        for name, content in files:
            if endings and name.rpartition(".")[2].lower() not in endings:
                raise NotOnScreen(f"{name}: only {', '.join(endings)}")
            held = content.encode() if isinstance(content, str) else content
            if len(held) > LARGEST_IN_FORM:
                raise NotOnScreen(f"{name}: more than 10 MB")
            file = self.workspace.files.add(name=name, content=held, owner=self.id, in_form=True)
            uploaded.append(file_object(self.workspace, file))
        return with_value(control.element, uploaded)

    def submit(self) -> Delivery | None:
        """Submit the top modal; None if Slack itself reports an empty required field."""
        return self._client.submit(self.account, self._open_view())

    def close(self, *, all_of_them: bool = False) -> Delivery | None:
        """Cancel the top modal, or close the whole stack; None if the bot did not ask to be notified."""
        return self._client.close(self.account, self._open_view(), all_of_them=all_of_them)

    # Lookups

    def _look_up(self, kind: str, name: str) -> str:
        return self.workspace.person(name).id if kind == "person" else self._channel(name).id

    def _field(self, wanted: str) -> InteractiveElement:
        blocks = self._open_view().body.get("blocks")
        return find_element(blocks, wanted, None)

    def _open_view(self) -> DisplayedView:
        view = self._client.parts.views.top(self.id)
        if view is None:
            raise NotOnScreen("no modal is open")
        return view

    def _enter(self, control: InteractiveElement, pick: Pick) -> Delivery | None:
        view = self._open_view()
        state = picked_state(self._look_up, control, pick)
        if control.dispatches:
            return self._client.click_in_view(self.account, view, control, state)
        self._client.parts.views.enter(view, control, state)
        return None

    # Payloads to the bot

    def _tell_of(self, channel: SlackChannel, message: PostedMessage) -> None:
        urls = [one for one in _URL.findall(message.text) if self.workspace.app.unfurls(_host(one))]
        if urls:
            inside = BOT_USER_ID in channel.members
            event = event_objects.link_shared(channel, message, list(dict.fromkeys(urls)), member=inside)
            self._client.event("link_shared", event, soon=True)
        if BOT_USER_ID not in channel.members:
            return
        event = event_objects.message_posted(self.workspace, channel, message)
        event["client_msg_id"] = self.workspace.new_id("m")
        self._client.event(event_objects.message_subscription(channel), event, soon=True)
        if not (channel.is_im or channel.is_mpim) and f"<@{BOT_USER_ID}>" in message.text:
            mention = {key: value for key, value in event.items() if key != "channel_type"}
            self._client.event("app_mention", {**mention, "type": "app_mention"}, soon=True)

    def _membership(self, name: str, channel: SlackChannel) -> Delivery | None:
        if BOT_USER_ID not in channel.members:
            return None
        membership_event = event_objects.membership_changed(self.workspace, name, channel, self.account)
        return self._client.event(name, {**membership_event, "event_ts": self.workspace.new_ts()}, soon=False)
