"""The message composer: completions, unsent drafts, attached files, Slack's own commands."""

import json
import re
from collections.abc import Awaitable, Callable
from functools import partial
from html import escape
from typing import Any

from msgspec import Struct
from nicegui import ui
from nicegui.events import GenericEventArguments, UploadEventArguments

from bot.sandbox.page.element_rendering import UserContext, hidden_uploader, pick_files
from bot.sandbox.page.html_elements import PLANE, TYPED, button, element, html, icon, was_removed
from bot.sandbox.users.mrkdwn import EMOJI
from bot.sandbox.users.sandbox_workspace import SandboxWorkspace
from bot.sandbox.users.user_actions import BUILTIN_COMMANDS, SandboxPerson
from bot.sandbox.workspace.installed_app import AppCommand
from bot.sandbox.workspace.seed_data import SlackAccount, SlackChannel
from bot.sandbox.workspace.workspace_state import UnknownConversation

MAX_SUGGESTIONS = 20


class Suggestion(Struct, frozen=True, kw_only=True):
    """One completion."""

    text: str
    """The whole line after it is applied."""
    shown: str
    hint: str = ""
    description: str = ""


def suggestions(commands: tuple[AppCommand, ...], typed: str) -> list[Suggestion]:
    """Return the completions of a slash command, from the manifest's usage hints."""
    if not typed.startswith("/") or "\n" in typed:
        return []
    found: list[Suggestion] = []
    for command in commands:
        word, hint = command.command, command.usage_hint
        if word.startswith(typed):
            found.append(Suggestion(text=word, shown=word, hint=hint, description=command.description))
        elif typed.startswith(f"{word} "):
            lines = [f"{word} {subcommand}" for subcommand in hinted_subcommands(hint)]
            found += [
                Suggestion(text=line, shown=line)
                for line in lines
                if line.startswith(typed) and line != typed
            ]
    return found[:MAX_SUGGESTIONS]


def hinted_subcommands(usage_hint: str) -> list[str]:
    """Return the subcommands in a hint such as `[start | status]`."""
    if "|" not in usage_hint:
        return []
    return [word for word in re.split(r"[\s|\[\]]+", usage_hint) if re.fullmatch(r"[a-z][a-z\-]*", word)]


def name_suggestions(
    people: tuple[SlackAccount, ...], channels: tuple[SlackChannel, ...], typed: str
) -> list[Suggestion]:
    """Return people after an @, channels after a # and emoji after a : at the end of a line."""
    match = re.search(r"(?:^|\s)([@#:])([\w.+\-]*)$", typed)
    if match is None:
        return []
    before, begun = typed[: match.start(2)], match[2].casefold()
    match match[1]:
        case "@":
            found = [
                Suggestion(text=before + person.handle, shown=f"@{person.handle}", description=person.name)
                for person in people
                if not person.deleted and begun in (person.handle + person.name).casefold()
            ]
        case "#":
            found = [
                Suggestion(text=before + channel.name, shown=f"#{channel.name}", description=channel.topic)
                for channel in channels
                if begun in channel.name
            ]
        case _:
            found = [
                Suggestion(text=f"{before}{name}:", shown=f"{drawn} :{name}:")
                for name, drawn in EMOJI.items()
                if len(begun) > 1 and begun in name
            ]
    return found[:MAX_SUGGESTIONS]


_HERE = (
    AppCommand(command="/join", usage_hint="#channel", description="Join a channel"),
    AppCommand(command="/leave", description="Leave this channel"),
    AppCommand(command="/archive", description="Archive this channel"),
)
NAVIGATION_COMMANDS = (*BUILTIN_COMMANDS, *_HERE)


def is_navigation_command(word: str) -> bool:
    """Return whether a command navigates the page."""
    return word in [command.command for command in _HERE]


def is_slack_command(word: str) -> bool:
    """Return whether Slack itself, and not the app, answers a command."""
    return word in [command.command for command in NAVIGATION_COMMANDS]


def run_navigation_command(
    sandbox: SandboxWorkspace, person: SandboxPerson, channel: SlackChannel, line: str
) -> str:
    """Run a command, and return the message for its author."""
    word, _, rest = line.strip().partition(" ")
    if word == "/join":
        return _join(person, rest.strip())
    if channel.is_im:
        return f"{word} works in channels only."
    if word == "/leave":
        person.leave(channel.id)
        return f"You left #{channel.name}."
    sandbox.change_channel(channel.id, is_archived=True)
    return f"You archived #{channel.name}."


def _join(person: SandboxPerson, name: str) -> str:
    try:
        channel = person.workspace.channel(name)
    except UnknownConversation:
        return f"There is no channel called {name}." if name else "Name a channel, such as #general."
    if channel.is_private and person.id not in channel.members:
        return f"There is no channel called {name}."
    person.join(channel.id)
    return f"You are in #{channel.name} now."


LARGEST = 20_000_000
"""Maximum bytes, because files are held in memory."""


class SendingRefused(Exception):
    """Error: the conversation does not accept messages; the text is the reason."""


class Composer:
    """Message box with completions, and an upload button; files can also be dropped."""

    def __init__(
        self,
        user: UserContext,
        *,
        placeholder: str,
        place: str,
        draft: str,
        testid: str,
        send: Callable[[str], Awaitable[None]],
        share: Callable[[str, bytes], Awaitable[object]],
    ) -> None:
        """`place` names the recipient; `draft` identifies the draft by user and conversation.

        `send` raises SendingRefused; `share` takes the name and the content of a file.
        """
        self._user, self._workspace, self._send_text, self._share = user, user.sandbox.workspace, send, share
        self._place, self._draft = place, draft
        self._client = ui.context.client
        with element("div", css="composer"):
            self._suggestions = element("div", css="suggestions", testid=f"{testid}-suggestions")
            self._suggestions.set_visibility(False)
            with element("div", css="composer-frame"):
                self.box = element("textarea", css="composer-box", testid=testid, data_draft=draft, rows="1")
                with element("div", css="composer-foot"):
                    self._attach_button(f"{testid}-attach")
                    self._shortcut_menu(f"{testid}-shortcuts")
                    html("<b>Enter</b> sends, <b>Shift+Enter</b> starts a new line", css="composer-hint")
                    sender = button(PLANE, css="send", label="Send", testid=f"{testid}-send")
        self.call(placeholder, place)
        self.box.on("vnode-mounted", js_handler="(drawn) => takeUpDraft(drawn.el)")
        self.box.on("keydown", self._key, js_handler="(event) => composerKey(event, emit)")
        self.box.on("input", self._typed, js_handler=TYPED)
        sender.on(
            "click",
            lambda event: self._send(str(event.args)),
            js_handler=f"() => sendText(getHtmlElement({self.box.id}), emit)",
        )

    def call(self, placeholder: str, place: str) -> None:
        """Change the displayed name of the place, without changing the typed text."""
        self._place = place
        self.box.props["placeholder"] = placeholder
        self.box.props["aria-label"] = placeholder

    def _attach_button(self, testid: str) -> None:
        async def arrived(event: UploadEventArguments) -> None:
            await self._share(event.file.name, await event.file.read())
            uploader.reset()

        uploader = hidden_uploader(LARGEST, arrived)
        uploader.on("rejected", lambda: ui.notify("This file is too large.", type="negative"))
        picker = button(icon("clip", 18), css="composer-tool", label="Attach a file", testid=testid)
        picker.on("click", js_handler=pick_files(uploader))

    def _shortcut_menu(self, testid: str) -> None:
        shortcuts = [one for one in self._workspace.app.offered_shortcuts if one.type == "global"]
        if not shortcuts:
            return
        opener = button(icon("bolt", 18), css="composer-tool", label="Shortcuts", testid=testid)
        with opener, ui.menu().classes("slack-menu").props('anchor="top left" self="bottom left"'):
            html("Shortcuts", css="menu-title")
            for shortcut in shortcuts:
                client, account = self._user.sandbox.client, self._user.person.account
                use = partial(client.global_shortcut, account, shortcut.callback_id)
                with ui.menu_item(on_click=partial(self._user.act, use)):
                    words = f"<b>{escape(shortcut.name)}</b><span>{escape(shortcut.description)}</span>"
                    html(words, css="menu-words")

    async def _key(self, event: GenericEventArguments) -> None:
        key, text = event.args
        if key == "escape":
            self._offer([])
        elif key == "take":
            self._take(str(text))
        else:
            await self._send(str(text))

    async def _send(self, typed: str) -> None:
        text = typed.strip()
        begun = self._commands_for(text)
        if begun and " " not in text and text != begun[0].text:
            # An incomplete command is completed instead of sent.
            self._take(begun[0].text)
            return
        self._offer([])
        left = was_removed(self.box)
        try:
            await self._send_text(text)
        except SendingRefused as refused:
            self._give_back(text, str(refused))
        except Exception:
            self._give_back(text, "The message was not sent. See the terminal for the reason.")
            raise
        else:
            if left:
                # The page shows another place already, so nothing of it is visible.
                self._tell(f"Sent to {self._place}, where you typed it.")

    def _give_back(self, text: str, sentence: str) -> None:
        self._client.run_javascript(f"giveBack({json.dumps(self._draft)}, {json.dumps(text)})")
        self._tell(sentence, type="negative")

    def _tell(self, sentence: str, **how: Any) -> None:
        with self._client:
            ui.notify(sentence, position="top", **how)

    def _typed(self, event: GenericEventArguments) -> None:
        typed = str(event.args)
        names = name_suggestions(self._workspace.people, self._workspace.channels, typed)
        self._offer(self._commands_for(typed) or names)

    def _commands_for(self, typed: str) -> list[Suggestion]:
        return suggestions((*self._workspace.app.offered_commands, *NAVIGATION_COMMANDS), typed)

    def _offer(self, offered: list[Suggestion]) -> None:
        self._suggestions.clear()
        self._suggestions.set_visibility(bool(offered))
        with self._suggestions:
            for one in offered:
                hint = f' <span class="suggestion-hint">{escape(one.hint)}</span>' if one.hint else ""
                with element(
                    "button", css="suggestion", testid="suggestion", type="button", data_text=one.text
                ) as drawn:
                    html(f"<b>{escape(one.shown)}</b>{hint}", css="suggestion-text")
                    html(escape(one.description), css="suggestion-more")
                drawn.on("click", partial(self._take, one.text))

    def _take(self, text: str) -> None:
        self._client.run_javascript(f"putText({json.dumps(self._draft)}, {json.dumps(f'{text} ')})")
        self._offer(self._commands_for(f"{text} "))
