"""A person in the sandbox whose presses, pages and ballot numbers are counted."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from bot.sandbox.api import (
    InteractiveElement,
    VisibleMessage,
    VisibleView,
    interactive_elements,
    options,
    value_key,
    with_value,
)
from bot.slack.ui.forms.form_fields import BLANK, field_key
from tests.slack.slack_team import SlackTeam

_LEADING_NUMBER = re.compile(r"(\d+|\?)(\b|$)")


class EffortCounts(msgspec.Struct):
    """What a team did so far, by phase of the work; a press is a button, a choice, a text or a form sent.

    Ballots of a follow-up, which asks for the other metrics or a second time, are counted apart.
    """

    phase: str = "start"
    follow_up: bool = False
    pages: Counter[str] = msgspec.field(default_factory=lambda: Counter[str]())
    presses: Counter[str] = msgspec.field(default_factory=lambda: Counter[str]())
    ballot_pages: Counter[str] = msgspec.field(default_factory=lambda: Counter[str]())
    ballot_numbers: Counter[str] = msgspec.field(default_factory=lambda: Counter[str]())
    follow_up_pages: Counter[str] = msgspec.field(default_factory=lambda: Counter[str]())
    follow_up_numbers: Counter[str] = msgspec.field(default_factory=lambda: Counter[str]())
    forms: defaultdict[str, Counter[str]] = msgspec.field(
        default_factory=lambda: defaultdict[str, Counter[str]](Counter)
    )

    def press(self) -> None:
        """Count a press in the phase of the work."""
        self.presses[self.phase] += 1

    def submitted(self, form: str) -> None:
        """Count a form that was sent."""
        self.pages[self.phase] += 1
        self.forms[self.phase][form] += 1


class CountedPerson:
    """A person who presses and fills in what the screens offer; forms and buttons have stable names."""

    def __init__(self, team: SlackTeam, who: str, counts: EffortCounts) -> None:
        self.who = who
        self.team = team
        self.counts = counts
        self._person = team.person(who)

    @property
    def id(self) -> str:
        """The user ID."""
        return self._person.id

    @property
    def view(self) -> VisibleView | None:
        """The modal on top."""
        return self._person.modal

    # Screens

    def command(self, words: str) -> None:
        """Type a slash command, which counts as a press."""
        self.counts.press()
        self.team.command(self.who, f"/threatmodel {words}")

    def wait_for(self, *names: str, other_than: str = "") -> VisibleView:
        """Wait for a form or page of one of these names, and return it."""

        def shown() -> bool:
            view = self.view
            return view is not None and view.callback_id in names and view.private_metadata != other_than

        self.team.wait(shown)
        view = self.view
        assert view is not None
        return view

    def wait_for_other(self, shown: str = "") -> VisibleView:
        """Wait for any modal with other private metadata than the one shown before, and return it."""

        def other() -> bool:
            view = self.view
            return view is not None and view.private_metadata != shown

        self.team.wait(other)
        view = self.view
        assert view is not None
        return view

    def wait_for_change(self, before: VisibleView) -> VisibleView | None:
        """Wait until another modal than the one before is on top, or none, and return it."""
        shown = (before.callback_id, before.private_metadata)

        def other() -> bool:
            view = self.view
            return view is None or (view.callback_id, view.private_metadata) != shown

        self.team.wait(other)
        return self.view

    def close(self) -> None:
        """Close every modal."""
        if self.view is not None:
            self._person.close(all_of_them=True)

    # Buttons

    def buttons(self, on: VisibleMessage | VisibleView, name: str, **about: str) -> list[InteractiveElement]:
        """Return the buttons that lead to a form, page or action; `about` are keys of their targets."""
        found: list[InteractiveElement] = []
        for control in interactive_elements(on.blocks):
            target = target_of(control)
            if target.get("w") == name and all(target.get(key) == value for key, value in about.items()):
                found.append(control)
        return found

    def press(self, on: VisibleMessage | VisibleView, control: InteractiveElement) -> None:
        """Press a button; confirming what Slack asks counts as a second press."""
        self.counts.press()
        if "confirm" in control.element:
            self.counts.press()
        client, state = self._person._client, {"type": control.element["type"]}  # pyright: ignore[reportPrivateUsage]  buttons of one action ID are told apart
        if isinstance(on, VisibleMessage):
            client.click_in_message(self._person.account, on.message, control, state)
        else:
            client.click_in_view(self._person.account, on.view, control, state)

    def press_first(self, on: VisibleMessage | VisibleView, name: str, **about: str) -> bool:
        """Press the first button of a name, if there is one."""
        found = self.buttons(on, name, **about)
        if found:
            self.press(on, found[0])
        return bool(found)

    # Fields

    def fields(self) -> Iterator[InteractiveElement]:
        """Yield the fields of the form on top."""
        view = self.view
        assert view is not None
        yield from (control for control in interactive_elements(view.blocks) if control.is_input)

    def field(self, key: str) -> InteractiveElement | None:
        """Return the field with a key, if the form has it."""
        return next((one for one in self.fields() if field_key(one.block_id) == key), None)

    def enter(self, control: InteractiveElement, value: object) -> None:
        """Give a field its value: a text, an ID, or the option or options of these values."""
        self.counts.press()
        key = value_key(control.element)
        entered: object = value
        if key in ("selected_option", "selected_options"):
            by_value = {str(option["value"]): option for option in options(control.element)}
            many = isinstance(value, list | tuple)
            entered = [by_value[one] for one in value] if many else by_value[str(value)]  # pyright: ignore[reportUnknownVariableType]  values of options
        state = with_value(control.element, entered)
        person: Any = self._person
        view = person._open_view()
        person._client.parts.views.enter(view, control, state)

    def fill(self, values: Mapping[str, object]) -> None:
        """Fill in the fields with these keys; empty values and fields that are not shown are left."""
        for key, value in values.items():
            control = self.field(key)
            if control is not None and value not in ("", None, [], ()):
                self.enter(control, value)

    def correct(self, values: Mapping[str, object]) -> None:
        """Fill in the fields that do not come with these values."""
        for key, value in values.items():
            control = self.field(key)
            if control is not None and initial_value(control) != value:
                self.fill({key: value})

    def submit(self, *, ballot: bool = False) -> str:
        """Send the form on top, and return its private metadata; raises AssertionError if it is refused."""
        view = self.view
        assert view is not None
        self.counts.press()
        if ballot:
            numbers, counts = sum(map(asks_for_number, self.fields())), self.counts
            pages, asked = counts.ballot_pages, counts.ballot_numbers
            if counts.follow_up:
                pages, asked = counts.follow_up_pages, counts.follow_up_numbers
            pages[self.who] += 1
            asked[self.who] += numbers
        else:
            self.counts.submitted(view.callback_id)
        self.team.submit(self.who)
        after = self.view
        assert after is None or not after.errors, (view.callback_id, after.errors)
        return view.private_metadata


def target_of(control: InteractiveElement) -> Mapping[str, Any]:
    """Return the target of a button as its short keys; empty for other elements."""
    try:
        return msgspec.json.decode(str(control.element.get("value", "")), type=dict[str, Any])
    except (msgspec.DecodeError, msgspec.ValidationError):
        return {}


def asks_for_number(control: InteractiveElement) -> bool:
    """Return whether a field asks for a number of a scale."""
    offered = options(control.element)
    numbers = [_LEADING_NUMBER.match(str(one["value"])) for one in offered]
    return len(offered) > 3 and all(numbers)


def option_values(control: InteractiveElement) -> list[str]:
    """Return the values of a field's options."""
    return [str(option["value"]) for option in options(control.element)]


def initial_value(control: InteractiveElement) -> str:
    """Return the text or option that a field comes with; empty for none."""
    chosen = control.element.get("initial_option", {}).get("value")
    return "" if chosen == BLANK else str(chosen or control.element.get("initial_value", ""))


def has_initial(control: InteractiveElement) -> bool:
    """Return whether a field comes filled in."""
    left_open = control.element.get("initial_option", {}).get("value") == BLANK
    return not left_open and any(key.startswith("initial_") for key in control.element)
