"""Faults of accounts."""

from functools import partial

from nicegui.element import Element

from bot.sandbox.page.html_elements import button, element, html
from bot.sandbox.page.segmented_control import NO_YES, SegmentedControl
from bot.sandbox.users.sandbox_workspace import SandboxWorkspace
from bot.sandbox.workspace.seed_data import PARTNER_TEAM_ID, SlackAccount


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
