"""Panel for switching faults on and off, and the banner that lists them."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from html import escape
from typing import Any

from msgspec import Struct
from nicegui import run
from nicegui.element import Element

from bot.sandbox.page.html_elements import (
    button,
    count_of,
    element,
    exact_time,
    html,
    icon,
    remove_content,
    text_box,
    tool_head,
)
from bot.sandbox.page.sidebar import channel_name, name_fault
from bot.sandbox.users.sandbox_workspace import SandboxWorkspace
from bot.sandbox.workspace.installed_app import BOT_USER_ID, UNINSTALLED
from bot.sandbox.workspace.seed_data import CHANNELS, PARTNER_TEAM_ID, SlackChannel

_UNITS = ((86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))


class ActiveFault(Struct, frozen=True):
    """One deviation from a fresh workspace, and how it ends."""

    sentence: str
    mend: Callable[[], object]


def active_faults(sandbox: SandboxWorkspace) -> list[ActiveFault]:
    """Return every active fault, in the order of the faults panel."""
    app, workspace = sandbox.workspace.app, sandbox.workspace
    found = [ActiveFault(sentence, sandbox.faults.clear) for sentence in sandbox.faults.active]
    if not sandbox.publishing:
        found.append(ActiveFault("Changes send no events to the bot.", partial(_publish, sandbox)))
    if app.refusing and app.installed:
        found.append(ActiveFault("The bot's token is revoked.", sandbox.restore_token))
    for channel in workspace.channels:
        found += _of_channel(sandbox, channel)
    for person in workspace.people:
        if person.deleted:
            again = partial(sandbox.reactivate, person.id)
            found.append(ActiveFault(f"{person.name}'s account is deactivated.", again))
    if round(sandbox.clock.moved):
        back = partial(reset_clock, sandbox)
        found.append(ActiveFault(f"The clock is {_ahead(sandbox.clock.moved)}.", back))
    return found


def clear_faults(sandbox: SandboxWorkspace) -> None:
    """Remove all faults, and notify the bot."""
    for fault in active_faults(sandbox):
        fault.mend()
    sandbox.workspace.notify_changed()


def reset_clock(sandbox: SandboxWorkspace) -> None:
    """Reset the workspace's clock to the machine's time."""
    sandbox.clock.move(-sandbox.clock.moved)


def _publish(sandbox: SandboxWorkspace) -> None:
    sandbox.publishing = True


def _of_channel(sandbox: SandboxWorkspace, channel: SlackChannel) -> Iterator[ActiveFault]:
    name, change = f"#{channel.name}", partial(sandbox.change_channel, channel.id)
    if channel.is_archived:
        yield ActiveFault(f"{name} is archived.", partial(change, is_archived=False))
    if channel.is_ext_shared:
        yield ActiveFault(
            f"{name} is shared with another organization.", partial(change, is_ext_shared=False)
        )
    fresh = next((one for one in CHANNELS if one.id == channel.id), None)
    if fresh is None:
        return
    if channel.is_private != fresh.is_private:
        kind = "private" if channel.is_private else "public"
        yield ActiveFault(f"{name} was made {kind}.", partial(change, is_private=fresh.is_private))
    if channel.name != fresh.name:
        yield ActiveFault(f"#{fresh.name} is called {name}.", partial(change, name=fresh.name))
    # Where people install the app, the bot is in no channel until they invite it.
    is_placed = sandbox.workspace.app.installed and not sandbox.install_url
    if is_placed and BOT_USER_ID in fresh.members - channel.members:
        yield ActiveFault(f"The bot is not in {name}.", partial(sandbox.invite_bot, channel.id))


def _ahead(seconds: float) -> str:
    rest, words = abs(round(seconds)), list[str]()
    for size, unit in _UNITS:
        count, rest = divmod(rest, size)
        if count:
            words.append(count_of(count, unit))
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
            clear = partial(run.io_bound, clear_faults, sandbox)
            button("Clear all faults", css="btn btn-default", testid="all-well", press=clear)

    def show(self) -> None:
        """Draw the active faults, if they changed."""
        sentences = [fault.sentence for fault in active_faults(self._sandbox)]
        if sentences != self._drawn:
            self._drawn = sentences
            self._frame.set_visibility(bool(sentences))
            self._words.set_content("Active faults: " + " ".join(map(escape, sentences)))


class Chip(Struct, frozen=True):
    """One button of a control."""

    shown: str
    press: Callable[[], object]
    testid: str = ""
    pressed: bool | None = None
    """Whether its value is the current one; None for a button without a value."""


class Control(Struct, frozen=True, kw_only=True):
    """A label with buttons, or with a box for a text that its one button takes."""

    label: str
    chips: Sequence[Chip] = ()
    hint: str = ""
    testid: str = ""
    text: str = ""
    """The initial text of the box."""
    take: Callable[[str], object] | None = None


class ControlGroup(Struct, frozen=True, kw_only=True):
    """Controls under a title; `local` ones concern the current conversation."""

    title: str
    controls: Sequence[Control]
    note: str = ""
    local: bool = False
    testid: str = ""


_SHARES = (("Off", 0.0), ("5 %", 0.05), ("25 %", 0.25), ("All", 1.0))
_SECONDS = (("Off", 0.0), ("½ s", 0.5), ("2 s", 2.0), ("5 s", 5.0))
_COUNTS = (("Off", 0), ("Next", 1), ("Next 3", 3))
_NO_YES = (("No", False), ("Yes", True))
_OFF_ON = (("Off", False), ("On", True))
_KINDS = (
    ("ratelimited", "Too many requests (429)", "With a Retry-After header", "429"),
    ("server_error", "Service unavailable (503)", "Not executed", "503"),
    ("dropped", "Connection dropped", "Not executed, no response", "Dropped"),
    ("answer_lost", "Answer lost", "Executed, no response", "Answer lost"),
)
_DELIVERIES = (
    ("lost_acks", "Ack lost", "Processed, but Slack receives no ack", _COUNTS),
    ("repeats", "Delivered twice", "Same payload with the same IDs", _COUNTS),
    ("reorder", "Out of order", "Delivered after the next one", _COUNTS),
    ("delay_deliveries", "Delayed", "Before the three seconds start", _SECONDS),
)
_STATES = (
    ("is_archived", "Archived"),
    ("is_private", "Private"),
    ("is_ext_shared", "Shared with another organization"),
)
_MOVES = (("+1 hour", 3600), ("+1 day", 86_400), ("+1 week", 7 * 86_400))


def _choice(
    name: str,
    label: str,
    offered: Sequence[tuple[str, Any]],
    current: object,
    put: Callable[[Any], object],
    hint: str = "",
) -> Control:
    # In the background, because some changes send the bot an event and wait for it.
    chips = [
        Chip(shown, partial(run.io_bound, put, value), pressed=value == current) for shown, value in offered
    ]
    return Control(label=label, chips=chips, hint=hint, testid=f"fault-{name}")


class FaultPanel:
    """Panel with every fault and its state."""

    def __init__(self, sandbox: SandboxWorkspace, *, close: Callable[[], object]) -> None:
        self._sandbox = sandbox
        clear = partial(run.io_bound, clear_faults, sandbox)
        tool_head("storm", "Faults", shown="Clear all faults", testid="mend", press=clear, close=close)
        with element("div", css="faults", testid="faults") as self._frame:
            words = "Simulate faults and see how the bot handles them. All faults can be cleared."
            html(words, css="faults-lead")
        self._drawn: dict[int, tuple[object, Element, list[Element]]] = {}

    def show(self, here: str) -> None:
        """Draw the current state; `here` is the current conversation."""
        for place, group in enumerate(self._groups(here)):
            outline = (group.title, [control.label for control in group.controls], group.local and here)
            known, holder, chips = self._drawn.get(place, (None, None, []))
            if known != outline:
                with self._frame:
                    holder = holder or element("div", testid=group.testid)
                remove_content(holder)
                with holder:
                    chips = _draw_group(group)
                self._drawn[place] = (outline, holder, chips)
            states = [chip.pressed for control in group.controls for chip in control.chips]
            for pressed, drawn in zip(states, chips, strict=True):
                if pressed is not None:
                    drawn.props["aria-pressed"] = "true" if pressed else "false"

    def _groups(self, here: str) -> Iterator[ControlGroup]:
        yield ControlGroup(title="API calls of the bot", controls=list(self._calls()))
        yield ControlGroup(title="Deliveries to the bot", controls=list(self._deliveries()))
        yield self._channel(here)
        yield ControlGroup(title="People", controls=list(self._people(here)), local=True)
        yield ControlGroup(title="The app", controls=list(self._app()))
        yield ControlGroup(title="Clock", controls=[self._clock()])

    def _calls(self) -> Iterator[Control]:
        faults = self._sandbox.faults
        yield self._setting("latency", "Slow responses", "Delay every call", _SECONDS)
        for kind, label, hint, _ in _KINDS:
            share = partial(self._change, lambda of, kind=kind: faults.share(kind, of=of))
            yield _choice(kind, label, _SHARES, faults.share_of(kind), share, hint)
        fail = partial(self._change, partial(faults.fail_next, "*"))
        yield Control(
            label="Next call",
            chips=[Chip(shown, partial(fail, kind), f"next-{kind}") for kind, _, _, shown in _KINDS],
        )

    def _deliveries(self) -> Iterator[Control]:
        for name, label, hint, offered in _DELIVERIES:
            yield self._setting(name, label, hint, offered)
        if self._sandbox.delivery == "socket":
            drop = Chip("Drop the connection", self._sandbox.drop_connections, "drop")
            reconnect = Chip("Ask to reconnect", self._sandbox.ask_to_reconnect, "reconnect")
            yield Control(label="Socket Mode", chips=[drop, reconnect])

    def _channel(self, here: str) -> ControlGroup:
        sandbox, channel = self._sandbox, self._sandbox.workspace.channel(here)
        if channel.is_im:
            note = "Go to a channel to archive, share or rename it."
            return ControlGroup(
                title="This channel", controls=(), note=note, local=True, testid="fault-channel"
            )
        controls = [
            _choice(name, label, _NO_YES, getattr(channel, name), partial(self._switch, here, name))
            for name, label in _STATES
        ]

        def place(is_member: bool) -> None:  # noqa: FBT001  (a value that was chosen)
            (sandbox.invite_bot if is_member else sandbox.remove_bot)(here)

        inside = BOT_USER_ID in channel.members
        controls.append(_choice("member", "The bot is a member", _NO_YES, inside, place))
        controls.append(Control(label="Name", text=channel.name, take=partial(self._rename, here)))
        delete = Chip("Delete it", partial(self._delete_last, here), "delete-last")
        controls.append(Control(label="The bot's last message", chips=[delete]))
        title = f"#{escape(channel.name)}"
        return ControlGroup(title=title, controls=controls, local=True, testid="fault-channel")

    def _people(self, here: str) -> Iterator[Control]:
        sandbox = self._sandbox
        for person in sandbox.workspace.people:
            if not person.is_bot:
                put = partial(self._deactivate, person.id)
                label = f"{person.name} deactivated"
                yield _choice(f"person-{person.handle}", label, _NO_YES, person.deleted, put)

        def admit(handle: str, **account: object) -> None:
            person = sandbox.add_person(handle, **account)
            if not sandbox.workspace.channel(here).is_im:
                sandbox.invite(person.id, here)

        guest = partial(admit, "gil", is_restricted=True, tz="Europe/Paris")
        outsider = partial(admit, "oda", team=PARTNER_TEAM_ID, tz="Europe/Oslo")
        yield Control(
            label="Add to this channel",
            chips=[Chip("Guest", guest, "let-in-guest"), Chip("External user", outsider, "let-in-outsider")],
        )

    def _app(self) -> Iterator[Control]:
        sandbox = self._sandbox

        def revoke(revoked: bool) -> None:  # noqa: FBT001  (a value that was chosen)
            (sandbox.revoke_token if revoked else sandbox.restore_token)()

        def silence(silent: bool) -> None:  # noqa: FBT001  (a value that was chosen)
            sandbox.publishing = not silent

        revoked = sandbox.workspace.app.refusing not in (None, UNINSTALLED)
        yield _choice("token", "Token revoked", _NO_YES, revoked, revoke, "All calls are refused")
        silence_all = partial(self._change, silence)
        hint = "Changes apply, but send no events"
        yield _choice("untold", "Events lost", _OFF_ON, not sandbox.publishing, silence_all, hint)
        if sandbox.install_url:
            uninstall = Chip("Uninstall", partial(run.io_bound, sandbox.uninstall), "uninstall")
            hint = "It is added again from the list of apps"
            yield Control(label="Installation", hint=hint, chips=[uninstall])

    def _clock(self) -> Control:
        clock, workspace = self._sandbox.clock, self._sandbox.workspace
        now = exact_time(clock.now(), workspace.person(BOT_USER_ID)).rpartition(":")[0]
        moves = [Chip(label, partial(clock.move, seconds)) for label, seconds in _MOVES]
        back = Chip("Back to now", partial(reset_clock, self._sandbox), "clock-back")
        return Control(label=now, chips=[*moves, back], testid="fault-clock")

    def _setting(self, name: str, label: str, hint: str, offered: Sequence[tuple[str, Any]]) -> Control:
        faults = self._sandbox.faults
        put = partial(self._change, partial(setattr, faults, name))
        return _choice(name, label, offered, getattr(faults, name), put, hint)

    def _change(self, act: Callable[[Any], object], value: object) -> None:
        act(value)
        self._sandbox.workspace.notify_changed()

    def _switch(self, here: str, name: str, on: bool) -> None:  # noqa: FBT001  (a value that was chosen)
        self._sandbox.change_channel(here, **{name: on})  # pyright: ignore[reportArgumentType]  (one of `_STATES`)

    def _deactivate(self, who: str, gone: bool) -> None:  # noqa: FBT001  (a value that was chosen)
        (self._sandbox.deactivate if gone else self._sandbox.reactivate)(who)

    def _rename(self, here: str, text: str) -> None:
        wanted = channel_name(text)
        if not name_fault(self._sandbox.workspace, wanted):
            self._sandbox.change_channel(here, name=wanted)

    def _delete_last(self, here: str) -> None:
        messages = self._sandbox.workspace.messages(here, None)
        own = [message for message in messages if message.author == BOT_USER_ID and message.thread is None]
        if own:
            self._sandbox.delete_message(here, own[-1].ts)


def _draw_group(group: ControlGroup) -> list[Element]:
    """Draw controls, and return their chips."""
    html(group.title, css="faults-title", tag="h3")
    if group.note:
        html(group.note, css="choice-told")
    return [chip for control in group.controls for chip in _draw_control(control)]


def _draw_control(control: Control) -> list[Element]:
    is_choice = any(chip.pressed is not None for chip in control.chips)
    group = {"role": "group", "aria_label": control.label} if is_choice else {}
    with element("div", css="choice", testid=control.testid, **group):
        if is_choice or control.hint:
            with element("div", css="choice-words"):
                html(escape(control.label), css="choice-label")
                if control.hint:
                    html(escape(control.hint), css="choice-told")
        else:
            html(escape(control.label), css="choice-label")
        with element("div", css="chips"):
            if control.take is not None:
                _draw_rename(control.text, control.take)
            return [
                button(chip.shown, css="chip", testid=chip.testid, press=chip.press) for chip in control.chips
            ]


def _draw_rename(name: str, take: Callable[[str], object]) -> None:
    typed = [name]

    def rename() -> None:
        take(typed[0])

    label, put = "Channel's name", partial(typed.__setitem__, 0)
    box = text_box(put, label=label, testid="rename", css="field rename", maxlength="80")
    box.props[".defaultValue"] = name
    box.on("keydown.enter", rename)
    button("Rename", css="chip", press=rename)
