"""Faults of channels."""

from functools import partial
from html import escape

from nicegui.events import GenericEventArguments

from bot.sandbox.page.channel_creation import channel_name, name_fault
from bot.sandbox.page.html_elements import button, element, html
from bot.sandbox.page.segmented_control import NO_YES, SegmentedControl
from bot.sandbox.users.sandbox_workspace import SandboxWorkspace
from bot.sandbox.workspace.installed_app import BOT_USER_ID


class ChannelFaults:
    """Controls for the state of the current channel."""

    def __init__(self, sandbox: SandboxWorkspace) -> None:
        self._sandbox = sandbox
        self._drawn: object = None
        self._choices: list[SegmentedControl[bool]] = []
        self._frame = element("div", testid="fault-channel")

    def show(self, here: str) -> None:
        """Draw the state of a conversation."""
        channel = self._sandbox.workspace.channel(here)
        if self._drawn != (channel.id, channel.name):
            self._drawn = (channel.id, channel.name)
            self._draw(here)
        for choice in self._choices:
            choice.show()

    def _draw(self, here: str) -> None:
        channel = self._sandbox.workspace.channel(here)
        self._choices.clear()
        self._frame.clear()
        with self._frame:
            if channel.is_im:
                html("This channel", css="faults-title", tag="h3")
                html("Go to a channel to archive, share or rename it.", css="choice-told")
                return
            html(f"#{escape(channel.name)}", css="faults-title", tag="h3")
            for name, label in (
                ("is_archived", "Archived"),
                ("is_private", "Private"),
                ("is_ext_shared", "Shared with another organization"),
            ):
                self._choices.append(
                    SegmentedControl(
                        label,
                        NO_YES,
                        get=partial(self._is, here, name),
                        put=partial(self._change, here, name),
                        testid=f"fault-{name}",
                    )
                )
            self._choices.append(
                SegmentedControl(
                    "The bot is a member",
                    NO_YES,
                    get=lambda: BOT_USER_ID in self._sandbox.workspace.channel(here).members,
                    put=lambda on: (self._sandbox.invite_bot if on else self._sandbox.remove_bot)(here),
                    testid="fault-member",
                )
            )
            self._rename(here, channel.name)
            with element("div", css="choice"):
                html("The bot's last message", css="choice-label")
                with element("div", css="chips"):
                    button(
                        "Delete it", css="chip", testid="delete-last", press=partial(self._delete_last, here)
                    )

    def _rename(self, here: str, name: str) -> None:
        typed = [name]

        def rename() -> None:
            wanted = channel_name(typed[0])
            if not name_fault(self._sandbox.workspace, wanted):
                self._sandbox.change_channel(here, name=wanted)

        def take(event: GenericEventArguments) -> None:
            typed[0] = str(event.args)

        with element("div", css="choice"):
            html("Name", css="choice-label")
            with element("div", css="chips"):
                box = element("input", css="field rename", testid="rename")
                box.props.update({"aria-label": "Channel's name", ".defaultValue": name, "maxlength": "80"})
                box.on("input", take, js_handler="(event) => emit(event.target.value)")
                box.on("keydown.enter", rename)
                button("Rename", css="chip", press=rename)

    def _is(self, here: str, name: str) -> bool:
        return bool(getattr(self._sandbox.workspace.channel(here), name))

    def _change(self, here: str, name: str, on: bool) -> None:  # noqa: FBT001  (a value that was chosen)
        match name:
            case "is_archived":
                self._sandbox.change_channel(here, is_archived=on)
            case "is_private":
                self._sandbox.change_channel(here, is_private=on)
            case _:
                self._sandbox.change_channel(here, is_ext_shared=on)

    def _delete_last(self, here: str) -> None:
        said = [
            one
            for one in self._sandbox.workspace.messages(here, None)
            if one.author == BOT_USER_ID and one.thread is None
        ]
        if said:
            self._sandbox.delete_message(here, said[-1].ts)
