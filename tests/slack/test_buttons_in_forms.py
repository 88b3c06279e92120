"""A button that shows its form again: what was entered before the press is there after it."""

from collections.abc import Callable, Generator, Iterator
from itertools import product

import pytest

from bot.sandbox.api import InteractiveElement, interactive_elements, new_view_stacks
from bot.slack.handlers.dispatcher import decode_button_target
from bot.slack.handlers.handler_responses import UpdateView
from bot.slack.handlers.modal_loading import load_form
from bot.slack.protocol.block_builders import View
from bot.slack.protocol.requests import Json
from bot.slack.protocol.targets import ButtonKind, DraftTarget, MessageTarget, Target, encode_target
from bot.slack.ui.forms.form_fields import FieldValue, Option, field_key, read_submitted_state
from bot.slack.ui.modals.drafting.draft_form import ALL, NONE, TAKE
from bot.slack.ui.modals.modal_registry import FORMS
from bot.store import StreamId
from bot.store.records import key_of
from domain.commands import ConsiderRow
from domain.drafts.draft import Draft
from domain.kernel.elements import ElementId
from domain.register import register
from domain.replay import replay
from tests.domain.drafted_shop import COMPOSE, item
from tests.domain.remediation_story import THREATS
from tests.examples import house
from tests.slack.access_harness import TEAM, AccessHarness, channel_id_of, open_access_harness, person_id_of
from tests.slack.concurrent_edits import (
    ANA,
    BEN,
    copy_model,
    editable_targets,
    is_conflict_shown,
    possible_changes,
    prepare_model,
    submit_changes,
)
from tests.slack.form_cases import form_targets, open_form_view

STAYS = (ButtonKind.TURN, ButtonKind.CHOOSE, ButtonKind.DRAFT, ButtonKind.FILTER)
"""What shows another view in place of the one with the button."""

ON_TOP = (ButtonKind.OPEN, ButtonKind.SHOW, ButtonKind.LINK)
"""What leaves the form as it is, below another view or beside a browser."""

Opened = tuple[Target, tuple[Option, ...]]
"""What a form is opened about, and the models that it offers."""


@pytest.fixture(scope="module")
def harness(tmp_path_factory: pytest.TempPathFactory) -> Generator[AccessHarness]:
    with open_access_harness(tmp_path_factory.mktemp("buttons") / "threatmodel.db") as running:
        yield running


@pytest.fixture(scope="module")
def base(harness: AccessHarness) -> StreamId:
    return harness.begin("public")


def several_rows(harness: AccessHarness, base: StreamId) -> Opened:
    ready = prepare_model(harness, base, "consider")
    return editable_targets("consider", ready)[-1], ()


def unanswered_threats(harness: AccessHarness, base: StreamId) -> Opened:
    return editable_targets("respond_several", prepare_model(harness, base, "respond_several"))[0], ()


def two_models(harness: AccessHarness, base: StreamId) -> Opened:
    first, second = copy_model(harness, base), copy_model(harness, base)
    about = MessageTarget(name="threat", stream=first, channel=channel_id_of("public"), message="2.2")
    options = (
        Option(value=encode_target(Target(name="threat", stream=one)), text=one) for one in (first, second)
    )
    return about, tuple(options)


def large_draft(harness: AccessHarness, base: StreamId) -> Opened:
    key = key_of(copy_model(harness, base))
    draft = Draft(sources=(COMPOSE,), items=tuple(item(f"Service {number}") for number in range(90)))
    stored = harness.services.unit.drafts.add(
        key, draft, person=person_id_of(BEN), client="", at=harness.now()
    )
    element = stored.id.rpartition("/")[2]
    return DraftTarget(name="draft", stream=f"{TEAM}/{key}", element=element), ()


def flow_lines(harness: AccessHarness, base: StreamId) -> Opened:
    return Target(name="flows", stream=copy_model(harness, base)), ()


FORMS_WITH_BUTTONS: dict[str, Callable[[AccessHarness, StreamId], Opened]] = {
    "consider": several_rows,
    "draft": large_draft,
    "flows": flow_lines,
    "respond_several": unanswered_threats,
    "threat": two_models,
}
"""How each form is opened that has a button or menu which shows it again."""


def test_every_form_with_a_button_that_shows_it_again_is_tried() -> None:
    models = (Option(value="{}", text="One"), Option(value="{}", text="Two"))
    found: set[str] = set()
    known = [(model, register(model)) for model in (replay(house()), replay(THREATS))]
    for name, (model, seen) in product(FORMS, known):
        for target in form_targets(name, model, seen):
            view = open_form_view(name, model if name == "draft" else seen, target, models=models)
            kinds = {control.action_id.partition(":")[0] for control in pressed_in(view)}
            assert kinds <= {*STAYS, *ON_TOP}, f"{name}: say in this test what {kinds} does with the form"
            found |= {name} if kinds & {*STAYS} and "submit" in view else set()
    assert found == set(FORMS_WITH_BUTTONS), "Say in FORMS_WITH_BUTTONS how these forms are opened."


@pytest.mark.parametrize("name", FORMS_WITH_BUTTONS)
def test_what_was_entered_before_a_press_is_there_after_it(
    harness: AccessHarness, base: StreamId, name: str
) -> None:
    target, models = FORMS_WITH_BUTTONS[name](harness, base)
    shown = load_form(harness.services, target, person_id_of(BEN), models=models)
    first = OpenForm(harness, shown)
    for button, _ in enumerate(first.buttons):
        opened = OpenForm(harness, shown)
        opened.fill()
        opened.press(opened.buttons[button])
        # What one press has set is kept by the next one, and a page that was left is as it was.
        for again in range(len(opened.buttons)):
            opened.press(opened.buttons[again % len(opened.buttons)])


def test_a_reason_that_came_back_beside_anothers_is_kept_when_rows_are_selected(
    harness: AccessHarness, base: StreamId
) -> None:
    target, _ = several_rows(harness, base)
    shown = load_form(harness.services, target, person_id_of(BEN))
    opened = OpenForm(harness, shown)
    opened.fill()
    row = ElementId(target.element.partition(",")[0])
    review = ConsiderRow(by=person_id_of(ANA), at=harness.now(), element=row, reason="Ana looked")
    harness.tell(StreamId(target.stream), review)
    held = submit_changes(harness, BEN, shown, opened.changed)
    assert is_conflict_shown(held, shown)
    back = OpenForm(harness, held.ack["view"])
    back.entered = back.values
    for _ in range(3):
        back.press(back.buttons[0])
        assert back.values["reason"] == "first-reason"


class OpenForm:
    """A form that Ben has open in Slack, which keeps values as a client does."""

    def __init__(self, harness: AccessHarness, view: View) -> None:
        self._harness = harness
        self._stacks = new_view_stacks()
        self._id = self._stacks.open(person_id_of(BEN), view).id
        self.entered: dict[str, FieldValue] = {}
        self.changed: dict[str, Json] = {}

    @property
    def _view(self) -> Json:
        shown = self._stacks.find(view_id=self._id).as_slack()
        return {key: value for key, value in shown.items() if "team" not in key and "app" not in key}

    @property
    def buttons(self) -> list[InteractiveElement]:
        """What shows the form again, in reading order."""
        return [one for one in pressed_in(self._view) if one.action_id.partition(":")[0] in STAYS]

    @property
    def values(self) -> dict[str, FieldValue]:
        """What would be submitted now, by the keys of the fields."""
        return read_submitted_state(self._view)

    def fill(self) -> None:
        """Change every field, but for a menu that shows the form again."""
        for block in self._view["blocks"]:
            if block["type"] == "input" and not block.get("dispatch_action"):
                view = self._stacks.find(view_id=self._id)
                state = next(possible_changes(block))
                self._stacks.enter(view, InteractiveElement(block=block, element=block["element"]), state)
                self.changed[field_key(block["block_id"])] = state
        self.entered = self.values

    def press(self, control: InteractiveElement) -> None:
        """Press a button or choose in a menu; what it does not set is as it was."""
        kind = control.action_id.partition(":")[0]
        before, action = self._view, self._action(control)
        sets = fields_set_by(before, kind, action)
        answer = self._harness.dispatcher.answer("click", self._payload(before, action))
        (update,) = [one for one in answer.after if isinstance(one, UpdateView)]
        self._stacks.update(self._stacks.find(view_id=self._id), update.view)
        now = self.values
        assert {key: now[key] for key in now.keys() & self.entered if key not in sets} == {
            key: value for key, value in self.entered.items() if key in now and key not in sets
        }, f"after {control.action_id}"
        self.entered |= now

    def _action(self, control: InteractiveElement) -> Json:
        action: Json = {"action_id": control.action_id, "block_id": control.block_id, "action_ts": "1.1"}
        if control.element["type"] == "button":
            return {**action, "type": "button", "value": control.element["value"]}
        chosen = next(possible_changes(control.block))
        self._stacks.enter(self._stacks.find(view_id=self._id), control, chosen)
        return {**action, **chosen}

    def _payload(self, view: Json, action: Json) -> Json:
        return {
            "user": {"id": person_id_of(BEN), "team_id": TEAM},
            "team": {"id": TEAM},
            "view": view,
            "container": {},
            "actions": [action],
            "trigger_id": "1.1",
            "api_app_id": "A0THREATM",
        }


def pressed_in(view: View) -> Iterator[InteractiveElement]:
    """Yield the buttons and menus of a view that are sent when they are pressed."""
    for control in interactive_elements(view["blocks"]):
        if control.dispatches:
            yield control


def fields_set_by(view: Json, kind: str, action: Json) -> set[str]:
    """The keys of the fields that a button sets; *All* and *None* of a draft set those of their group."""
    sets = {*FORMS[view["callback_id"]].set_by_buttons}
    if kind == ButtonKind.DRAFT:
        name, _, group = DraftTarget.of(decode_button_target(kind, action["value"])).selection.partition(" ")
        sets |= {f"{TAKE}/{group}"} if name in (ALL, NONE) else set()
    return sets
