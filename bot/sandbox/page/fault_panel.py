"""Panel for switching faults on and off, and the banner that lists them."""

from collections.abc import Callable, Iterator
from functools import partial
from html import escape
from typing import Any

from msgspec import Struct
from nicegui import run
from nicegui.element import Element
from nicegui.events import GenericEventArguments

from bot.sandbox.page.html_elements import (
    NO_YES,
    OFF_ON,
    SegmentedControl,
    button,
    element,
    exact_time,
    html,
    icon,
)
from bot.sandbox.page.sidebar import channel_name, name_fault
from bot.sandbox.users.sandbox_workspace import SandboxWorkspace
from bot.sandbox.workspace.installed_app import BOT_USER_ID, UNINSTALLED
from bot.sandbox.workspace.seed_data import CHANNELS, PARTNER_TEAM_ID, SlackAccount, SlackChannel

_UNITS = ((86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))


class ActiveFault(Struct, frozen=True, kw_only=True):
    """One deviation from a fresh workspace."""

    sentence: str
    mend: Callable[[], object]


def active_faults(sandbox: SandboxWorkspace) -> list[ActiveFault]:
    """Return every active fault, in the order of the faults panel."""
    found = [ActiveFault(sentence=one, mend=sandbox.faults.clear) for one in sandbox.faults.active]
    if not sandbox.publishing:
        found.append(
            ActiveFault(sentence="Changes send no events to the bot.", mend=partial(_tell_again, sandbox))
        )
    app = sandbox.workspace.app
    if app.refusing and app.installed:
        found.append(ActiveFault(sentence="The bot's token is revoked.", mend=sandbox.restore_token))
    for channel in sandbox.workspace.channels:
        found += _of_channel(sandbox, channel)
    found += [
        ActiveFault(
            sentence=f"{one.name}'s account is deactivated.", mend=partial(sandbox.reactivate, one.id)
        )
        for one in sandbox.workspace.people
        if one.deleted
    ]
    if round(sandbox.clock.moved):
        back = partial(reset_clock, sandbox)
        found.append(ActiveFault(sentence=f"The clock is {_ahead(sandbox.clock.moved)}.", mend=back))
    return found


def clear_faults(sandbox: SandboxWorkspace) -> None:
    """Remove all faults, and notify the bot."""
    for trouble in active_faults(sandbox):
        trouble.mend()
    sandbox.workspace.notify_changed()


def reset_clock(sandbox: SandboxWorkspace) -> None:
    """Reset the workspace's clock to the machine's time."""
    sandbox.clock.move(-sandbox.clock.moved)


def _tell_again(sandbox: SandboxWorkspace) -> None:
    sandbox.publishing = True


def _of_channel(sandbox: SandboxWorkspace, channel: SlackChannel) -> Iterator[ActiveFault]:
    change = partial(sandbox.change_channel, channel.id)
    if channel.is_archived:
        yield ActiveFault(sentence=f"#{channel.name} is archived.", mend=partial(change, is_archived=False))
    if channel.is_ext_shared:
        yield ActiveFault(
            sentence=f"#{channel.name} is shared with another organization.",
            mend=partial(change, is_ext_shared=False),
        )
    fresh = next((one for one in CHANNELS if one.id == channel.id), None)
    if fresh is None:
        return
    if channel.is_private != fresh.is_private:
        kind = "private" if channel.is_private else "public"
        yield ActiveFault(
            sentence=f"#{channel.name} was made {kind}.", mend=partial(change, is_private=fresh.is_private)
        )
    if channel.name != fresh.name:
        yield ActiveFault(
            sentence=f"#{fresh.name} is called #{channel.name}.", mend=partial(change, name=fresh.name)
        )
    # Where people install the app, the bot is in no channel until they invite it.
    is_placed = sandbox.workspace.app.installed and not sandbox.install_url
    if is_placed and BOT_USER_ID in fresh.members - channel.members:
        yield ActiveFault(
            sentence=f"The bot is not in #{channel.name}.", mend=partial(sandbox.invite_bot, channel.id)
        )


def _ahead(seconds: float) -> str:
    left, words = abs(round(seconds)), list[str]()
    for size, unit in _UNITS:
        count, left = divmod(left, size)
        if count:
            words.append(f"{count} {unit}{'' if count == 1 else 's'}")
    return f"{' '.join(words[:2])} {'ahead' if seconds > 0 else 'behind'}"


class FaultBanner:
    """Banner shown while a fault is active."""

    def __init__(self, frame: Element, sandbox: SandboxWorkspace) -> None:
        self._frame, self._sandbox = frame, sandbox
        self._drawn: list[str] = []
        frame.props["role"] = "status"
        frame.set_visibility(False)
        with frame:
            html(icon("warning", 18), css="banner-mark")
            self._words = html("", css="banner-words")
            button("Clear all faults", css="btn btn-default", testid="all-well", press=self._mend)

    def show(self) -> None:
        """Draw the active faults, if they changed."""
        said = [one.sentence for one in active_faults(self._sandbox)]
        if said == self._drawn:
            return
        self._drawn = said
        self._frame.set_visibility(bool(said))
        self._words.set_content("Active faults: " + " ".join(escape(one) for one in said))

    async def _mend(self) -> None:
        await run.io_bound(clear_faults, self._sandbox)


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


class AccountFaults:
    """Control that deactivates and reactivates accounts."""

    def __init__(self, sandbox: SandboxWorkspace) -> None:
        self._sandbox = sandbox
        self._drawn: list[str] = []
        self._choices: list[SegmentedControl[bool]] = []
        html("People", css="faults-title", tag="h3")
        self._frame: Element = element("div")
        self._here = ""
        with element("div", css="choice"):
            html("Add to this channel", css="choice-label")
            with element("div", css="chips"):
                button("Guest", css="chip", testid="let-in-guest", press=self._let_in_guest)
                button("External user", css="chip", testid="let-in-outsider", press=self._let_in_outsider)

    def show(self, here: str) -> None:
        """Draw the state of accounts; `here` is the current conversation."""
        self._here = here
        people = [one for one in self._sandbox.workspace.people if not one.is_bot]
        if self._drawn != [one.id + one.name for one in people]:
            self._drawn = [one.id + one.name for one in people]
            self._choices.clear()
            self._frame.clear()
            with self._frame:
                self._choices = [
                    SegmentedControl(
                        f"{one.name} deactivated",
                        NO_YES,
                        get=partial(self._is_gone, one.id),
                        put=partial(self._change, one.id),
                        testid=f"fault-person-{one.handle}",
                    )
                    for one in people
                ]
        for choice in self._choices:
            choice.show()

    def _let_in_guest(self) -> None:
        self._let_in(self._sandbox.add_person("gil", is_restricted=True, tz="Europe/Paris"))

    def _let_in_outsider(self) -> None:
        self._let_in(self._sandbox.add_person("oda", team=PARTNER_TEAM_ID, tz="Europe/Oslo"))

    def _let_in(self, person: SlackAccount) -> None:
        if not self._sandbox.workspace.channel(self._here).is_im:
            self._sandbox.invite(person.id, self._here)

    def _is_gone(self, who: str) -> bool:
        return self._sandbox.workspace.person(who).deleted

    def _change(self, who: str, on: bool) -> None:  # noqa: FBT001  (a value that was chosen)
        (self._sandbox.deactivate if on else self._sandbox.reactivate)(who)


_KINDS = (
    ("ratelimited", "Too many requests (429)", "With a Retry-After header"),
    ("server_error", "Service unavailable (503)", "Not executed"),
    ("dropped", "Connection dropped", "Not executed, no response"),
    ("answer_lost", "Answer lost", "Executed, no response"),
)
_SHARES = (("Off", 0.0), ("5 %", 0.05), ("25 %", 0.25), ("All", 1.0))
_SECONDS = (("Off", 0.0), ("½ s", 0.5), ("2 s", 2.0), ("5 s", 5.0))
_COUNTS = (("Off", 0), ("Next", 1), ("Next 3", 3))
_MOVES = (("+1 hour", 3600), ("+1 day", 86_400), ("+1 week", 7 * 86_400))


class FaultPanel:
    """Panel with every fault and its state."""

    def __init__(self, sandbox: SandboxWorkspace, *, close: Callable[[], object]) -> None:
        self._sandbox = sandbox
        self._choices: list[SegmentedControl[Any]] = []
        with element("div", css="tool-head"):
            html(f"{icon('storm', 18)}<b>Faults</b>", css="tool-title")
            button(
                "Clear all faults",
                css="chip",
                testid="mend",
                press=partial(run.io_bound, clear_faults, sandbox),
            )
            button(
                icon("close", 18), css="panel-x", label="Close the faults", testid="close-tool", press=close
            )
        with element("div", css="faults", testid="faults"):
            html(
                "Simulate faults and see how the bot handles them. All faults can be cleared.",
                css="faults-lead",
            )
            self._web_api()
            self._deliveries()
            self._channel = ChannelFaults(sandbox)
            self._people = AccountFaults(sandbox)
            self._app()
            self._time()

    def show(self, here: str) -> None:
        """Draw the current state; `here` is the current conversation."""
        for choice in self._choices:
            choice.show()
        self._channel.show(here)
        self._people.show(here)
        self._show_time()

    def _web_api(self) -> None:
        faults = self._sandbox.faults
        html("API calls of the bot", css="faults-title", tag="h3")
        self._add("Slow responses", _SECONDS, "latency", hint="Delay every call")
        for kind, label, told in _KINDS:
            self._choices.append(
                SegmentedControl(
                    label,
                    _SHARES,
                    get=partial(faults.share_of, kind),
                    put=partial(self._share, kind),
                    testid=f"fault-{kind}",
                    hint=told,
                )
            )
        with element("div", css="choice"):
            html("Next call", css="choice-label")
            with element("div", css="chips"):
                for kind, shown in zip(
                    ("ratelimited", "server_error", "dropped", "answer_lost"), _NEXT, strict=True
                ):
                    button(shown, css="chip", testid=f"next-{kind}", press=partial(self._fail_next, kind))

    def _deliveries(self) -> None:
        html("Deliveries to the bot", css="faults-title", tag="h3")
        self._add("Ack lost", _COUNTS, "lost_acks", hint="Processed, but Slack receives no ack")
        self._add("Delivered twice", _COUNTS, "repeats", hint="Same payload with the same IDs")
        self._add("Out of order", _COUNTS, "reorder", hint="Delivered after the next one")
        self._add("Delayed", _SECONDS, "delay_deliveries", hint="Before the three seconds start")
        if self._sandbox.delivery == "socket":
            with element("div", css="choice"):
                html("Socket Mode", css="choice-label")
                with element("div", css="chips"):
                    button(
                        "Drop the connection", css="chip", testid="drop", press=self._sandbox.drop_connections
                    )
                    button(
                        "Ask to reconnect",
                        css="chip",
                        testid="reconnect",
                        press=self._sandbox.ask_to_reconnect,
                    )

    def _app(self) -> None:
        html("The app", css="faults-title", tag="h3")
        self._choices += [
            SegmentedControl(
                "Token revoked",
                NO_YES,
                get=lambda: self._sandbox.workspace.app.refusing not in (None, UNINSTALLED),
                put=lambda on: self._sandbox.revoke_token() if on else self._sandbox.restore_token(),
                testid="fault-token",
                hint="All calls are refused",
            ),
            SegmentedControl(
                "Events lost",
                OFF_ON,
                get=lambda: not self._sandbox.publishing,
                put=self._tell_nothing,
                testid="fault-untold",
                hint="Changes apply, but send no events",
            ),
        ]

        if self._sandbox.install_url:
            with element("div", css="choice"):
                with element("div", css="choice-words"):
                    html("Installation", css="choice-label")
                    html("It is added again from the list of apps", css="choice-told")
                with element("div", css="chips"):
                    uninstall = partial(run.io_bound, self._sandbox.uninstall)
                    button("Uninstall", css="chip", testid="uninstall", press=uninstall)

    def _time(self) -> None:
        html("Clock", css="faults-title", tag="h3")
        with element("div", css="choice", testid="fault-clock"):
            self._clock = element("div", css="choice-label")
            with element("div", css="chips"):
                for label, seconds in _MOVES:
                    button(label, css="chip", press=partial(self._sandbox.clock.move, seconds))
                button(
                    "Back to now",
                    css="chip",
                    testid="clock-back",
                    press=partial(reset_clock, self._sandbox),
                )
        self._shown_time = ""

    def _show_time(self) -> None:
        now, ana = self._sandbox.clock.now(), self._sandbox.workspace.person(BOT_USER_ID)
        said = exact_time(now, ana).rpartition(":")[0]
        if said == self._shown_time:
            return
        self._shown_time = said
        self._clock.clear()
        with self._clock:
            html(said)

    def _add(self, label: str, offered: Any, name: str, *, hint: str) -> None:
        faults = self._sandbox.faults
        self._choices.append(
            SegmentedControl(
                label,
                offered,
                get=partial(getattr, faults, name),
                put=lambda value: self._set(name, value),
                testid=f"fault-{name}",
                hint=hint,
            )
        )

    def _set(self, name: str, value: object) -> None:
        setattr(self._sandbox.faults, name, value)
        self._sandbox.workspace.notify_changed()

    def _share(self, kind: str, of: float) -> None:
        self._sandbox.faults.share(kind, of=of)
        self._sandbox.workspace.notify_changed()

    def _fail_next(self, kind: str) -> None:
        self._sandbox.faults.fail_next("*", kind)
        self._sandbox.workspace.notify_changed()

    def _tell_nothing(self, on: bool) -> None:  # noqa: FBT001  (a value that was chosen)
        self._sandbox.publishing = not on
        self._sandbox.workspace.notify_changed()


_NEXT = ("429", "503", "Dropped", "Answer lost")
