"""Panel for switching faults on and off."""

from collections.abc import Callable
from functools import partial
from typing import Any

from nicegui import run

from bot.sandbox.page.account_faults import AccountFaults
from bot.sandbox.page.active_faults import clear_faults, reset_clock
from bot.sandbox.page.channel_faults import ChannelFaults
from bot.sandbox.page.html_elements import button, element, html
from bot.sandbox.page.icons import icon
from bot.sandbox.page.local_times import exact_time
from bot.sandbox.page.segmented_control import NO_YES, OFF_ON, SegmentedControl
from bot.sandbox.users.sandbox_workspace import SandboxWorkspace
from bot.sandbox.workspace.installed_app import BOT_USER_ID, UNINSTALLED

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
