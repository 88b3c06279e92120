"""Every form keeps to Slack's limits, and gives back what it was filled with."""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from bot.slack.handlers.dispatcher import INPUT_NOT_KEPT
from bot.slack.handlers.modal_loading import leave_form, load_form
from bot.slack.protocol.block_builders import View
from bot.slack.protocol.requests import BlockAction
from bot.slack.protocol.targets import (
    Action,
    PhaseTarget,
    SelectionTarget,
    StaleButton,
    Target,
    encode_target,
)
from bot.slack.queries.form_snapshots import FormSnapshot
from bot.slack.ui.forms.field_blocks import field_blocks
from bot.slack.ui.forms.form import FieldErrors, FormContext
from bot.slack.ui.forms.form_fields import (
    BLANK,
    CheckboxesField,
    ChoiceField,
    FormPart,
    Option,
    SubmittedValues,
    read_submitted_state,
)
from bot.slack.ui.modals.analysis.answered_page import read_page, selection_shown
from bot.slack.ui.modals.analysis.question_forms import REST, facts_to_ask, next_facts
from bot.slack.ui.modals.modal_registry import FORMS, target_of
from domain.commands import (
    AddAsset,
    AddTrustLevel,
    AnswerOpenQuestions,
    AnswerQuestions,
    Command,
    DrawFlows,
    LinkMitigation,
    NameElements,
    PlaceComponents,
    PlanMitigation,
    PlanSuggestedMitigations,
    RecordAssumption,
    Reply,
    ReportThreat,
    ReviseAssumption,
    ReviseThreat,
    StartThreatModel,
)
from domain.decide import decide
from domain.element_kinds import ADD_COMMANDS, REVISE_COMMANDS
from domain.kernel.answer import Answer
from domain.kernel.elements import ComponentKind, ElementId, Kind, PersonId
from domain.kernel.tracked_issue import TrackerKind
from domain.model import ThreatModel
from domain.phase_conditions import TITLES
from domain.register import register
from domain.rejections import NameTaken, Rejected, UnmetConditions
from domain.replay import replay
from tests.depth import deep_also, deep_only, examples
from tests.domain.remediation_story import THREATS, plan
from tests.examples import ANA, BEN, at, decide_all, house, id_of_element, started
from tests.for_each import for_each
from tests.slack.access_harness import TEAM, AccessHarness, person_id_of
from tests.slack.form_cases import (
    SOME,
    WORDS,
    all_forms,
    field_errors,
    form_targets,
    open_form_view,
    requested_command,
    submitted_values,
    submitted_view,
)
from tests.slack.hostile_models import (
    LARGE,
    SMALL,
    STREAM,
    CollectionProgress,
    build_model,
    hostile_models,
    texts,
)
from tests.slack.limit_checks import view_faults

SHOWS_WHAT_IS = {"scope", "participants", "terms"}
ABOUT_ONE = ("element", "threat")
"""Forms that show what is known already, the second ones of an element or a threat that is there."""


@examples(2)
@given(model=hostile_models(), words=st.lists(texts, min_size=2, max_size=2), number=st.integers(0, 400))
def test_any_form_about_any_model_is_taken_by_slack(
    model: ThreatModel, words: list[str], number: int
) -> None:
    missing = tuple(TITLES.items()) if number % 2 else ()
    for name, seen, target in all_forms(model, number):
        assert view_faults(open_form_view(name, seen, target, note=words[0], missing=missing)) == []


@examples(3)
@given(model=hostile_models(acceptable=True), number=st.integers(0, 400))
def test_any_form_gives_back_what_it_shows_and_what_is_saved_so_changes_nothing(
    model: ThreatModel, number: int
) -> None:
    for name, seen, target in all_forms(model, number):
        shown = open_form_view(name, seen, target)
        first = submitted_values(name, shown)
        again = submitted_values(name, open_form_view(name, seen, target, typed=first))
        assert again == first
        if name in SHOWS_WHAT_IS:
            assert decide(requested_command(name, submitted_view(shown)), model, tuple) == (), name
    seen = register(model)
    for name in ABOUT_ONE:
        about = [target for target in form_targets(name, model, seen) if target.element]
        for target in about[number % len(about) :][:1] if about else ():
            view = submitted_view(open_form_view(name, seen, target))
            assert decide(requested_command(name, view), model, tuple) == (), target


@pytest.mark.parametrize("radio", [True, False])
@pytest.mark.parametrize("initial", [None, "a"])
def test_a_choice_that_may_stay_open_is_not_marked_as_optional_and_can_be_left_open(
    initial: str | None, radio: bool
) -> None:
    options = (Option(value="a", text="A"), Option(value="b", text="B"))
    field = ChoiceField(key="one", label="One", options=options, initial=initial, radio=radio, blank="Later")
    (block,) = field_blocks(field)
    element = block["element"]
    assert not block["optional"]
    assert element["initial_option"]["value"] == (initial or BLANK)
    assert (element["options"][-1]["text"]["text"], element["options"][-1]["value"]) == ("Later", BLANK)
    left = {"type": element["type"], "selected_option": element["options"][-1]}
    state = {"state": {"values": {block["block_id"]: {"value": left}}}}
    assert read_submitted_state(state) == {"one": None}


@examples(40)
@given(words=st.lists(texts, min_size=3, max_size=3), day=st.none() | st.dates())
def test_a_start_form_keeps_every_word_that_was_typed(words: list[str], day: date | None) -> None:
    name, description, out_of_scope = words
    view = FORMS["start"].render(FormContext(target=Target(channel="C0HOUSE01"), person=ANA))
    sent = submitted_view(
        view,
        name=name,
        description=description,
        out_of_scope=out_of_scope,
        participants=[ANA, BEN],
        answers_by=day.isoformat() if day else None,
    )
    assert requested_command("start", sent) == StartThreatModel(
        by=ANA,
        at=at(60),
        name=name.strip(),
        channel="C0HOUSE01",  # pyright: ignore[reportArgumentType]  (what a form gives)
        facilitator=ANA,
        description=description.strip(),
        out_of_scope=out_of_scope.strip(),
        participants=(ANA, BEN),
        answers_by=day,
    )


FAMILIES: dict[type[Command], set[type[Command]]] = {
    AddAsset: {*ADD_COMMANDS.values(), *REVISE_COMMANDS.values()},
    RecordAssumption: {RecordAssumption, ReviseAssumption},
    ReportThreat: {ReportThreat, ReviseThreat},
    PlanMitigation: {PlanMitigation, PlanSuggestedMitigations, LinkMitigation},
}
"""Commands that one form makes; it declares the first."""


@pytest.mark.parametrize(
    "model", [replay(house()), replay(decide_all(plan(), after=THREATS))], ids=["the house", "in remediation"]
)
@for_each("name", FORMS)
def test_a_form_makes_the_command_that_it_declares(name: str, model: ThreatModel) -> None:
    for target in form_targets(name, model):
        declared = FORMS[name].command_asked(msgspec.structs.replace(target, name=name))
        view = submitted_view(open_form_view(name, model, target))
        if declared is None or field_errors(name, view):
            continue
        with contextlib.suppress(StaleButton):  # nothing was chosen
            assert type(requested_command(name, view)) in FAMILIES.get(declared, {declared})


@examples(30)
@given(text=texts)
def test_any_flow_lines_are_read_or_named_beside_their_box(text: str) -> None:
    model = build_model(SMALL[-1], WORDS, known=CollectionProgress.NAMED)
    view = submitted_view(open_form_view("flows", model, Target(stream=STREAM)), flows=text)
    errors = field_errors("flows", view)
    if errors:
        assert list(errors) == ["flows"]
        assert 0 < len(errors["flows"]) <= 1_000
    else:
        assert isinstance(requested_command("flows", view), DrawFlows)


@pytest.mark.parametrize(
    "state", [None, {}, {"values": None}, {"values": {"name": {"value": {"type": "x"}}}}, 7]
)
@for_each("name", FORMS)
def test_a_forged_submission_is_refused_and_never_a_traceback(name: str, state: object) -> None:
    view: View = {"state": state, "blocks": [], "private_metadata": "{}", "callback_id": name}
    with pytest.raises((StaleButton, FieldErrors)):
        requested_command(name, view)


def test_a_list_of_names_is_told_without_bullets_and_blank_lines() -> None:
    view = submitted_view(
        open_form_view("names", replay(house()), Target(stream=STREAM)),
        entry_points="- Front door\n\n2. Back door\n   \n• Cat flap",
        trust_levels="Passers-by\nResidents",
    )
    command = requested_command("names", view)
    assert isinstance(command, NameElements)
    assert command.entry_points == ("Front door", "Back door", "Cat flap")
    assert command.trust_levels == ("Passers-by", "Residents")


def test_a_flow_that_carries_two_hundred_assets_keeps_all_of_them() -> None:
    size = msgspec.structs.replace(LARGE, elements=200)
    model = build_model(size, WORDS, known=CollectionProgress.PLACED)
    every = tuple(ElementId(f"AS-{number}") for number in range(1, 201))
    flow = msgspec.structs.replace(model.elements[ElementId("DF-1")], assets=every)
    model = msgspec.structs.replace(model, elements=model.elements.insert(flow.id, flow))
    view = open_form_view("element", model, Target(stream=STREAM, kind=Kind.DATA_FLOW, element="DF-1"))
    assert view_faults(view) == []
    command: Any = requested_command("element", submitted_view(view))
    assert command.assets == every


def test_add_another_keeps_the_form_open_with_empty_boxes_and_a_word_on_what_was_added() -> None:
    model = replay(house())
    view = open_form_view("element", model, Target(stream=STREAM, kind=Kind.ASSET))
    sent = submitted_view(view, name="Keys", another=[{"value": "yes"}])
    following = FORMS["element"].after(
        submitted_values("element", sent), target_of(view), lambda: register(model)
    )
    assert following is not None
    again = open_form_view("element", model, following, note="Added AS-9 “Keys”.")
    assert "Added AS-9 “Keys”." in again["blocks"][0]["text"]["text"]
    ids = [{block["block_id"] for block in one["blocks"] if "block_id" in block} for one in (view, again)]
    assert not ids[0] & ids[1]
    assert submitted_values("element", again).text("name") == ""
    assert submitted_values("element", again).another


def test_a_level_can_become_the_least_trusted() -> None:
    view = open_form_view("element", replay(house()), Target(stream=STREAM, kind=Kind.TRUST_LEVEL))
    command = requested_command("element", submitted_view(view, name="Burglars", above={"value": "lowest"}))
    assert command == AddTrustLevel(by=ANA, at=at(60), name="Burglars", lowest=True)


def test_a_refusal_stands_beside_the_field_it_is_about() -> None:
    model = replay(house())
    view = open_form_view("element", model, Target(stream=STREAM, kind=Kind.ASSET, round=2))
    refusal = NameTaken(Kind.ASSET, "Keys", ElementId("AS-1"))
    assert FORMS["element"].errors_of(view, refusal, "taken") == {"name~2": "taken"}
    elsewhere = Rejected("no", field="nowhere")
    assert FORMS["element"].errors_of(view, elsewhere, "no") == {"name~2": "no"}


def test_a_guard_that_refuses_asks_for_a_reason_for_each_condition() -> None:
    target = PhaseTarget(stream=STREAM, move=Action.BEGIN_ANALYSIS)
    found = UnmetConditions("analysis", (("collected", "an asset"), ("another", "a data flow"))).conditions
    view = open_form_view("move", replay(house()), target, missing=found)
    asked = [block for block in view["blocks"] if block["type"] == "input"]
    assert [block["label"]["text"] for block in asked] == ["An asset", "A data flow"]
    assert [block["block_id"] for block in asked] == ["reason_collected", "reason_another"]
    assert [block["optional"] for block in asked] == [False, False]


def test_components_come_with_guesses() -> None:
    begun = [started()]
    named = NameElements(
        by=ANA, at=at(1), external_dependencies=("CDN", "Bank"), trust_levels=("Passers by", "Residents")
    )
    model = replay([*begun, *decide(named, replay(begun), tuple)])
    view = FORMS["flows"].render(
        FormContext(target=Target(stream=STREAM), person=ANA, register=register(model))
    )
    drawn = requested_command(
        "flows",
        submitted_view(
            view,
            flows="Resident -> Hall via Front door\nHall -> Hall closet log\nHall -> Photo store\n"
            "CDN -> Hall\nHall -> Bank",
        ),
    )
    model = replay(decide(drawn, model, tuple), model)
    values = submitted_values("place", open_form_view("place", model, Target(stream=STREAM)))
    resident = id_of_element(model, Kind.COMPONENT, "Resident")
    guessed = {
        component: values.text(f"sort/{id_of_element(model, Kind.COMPONENT, component)}")
        for component in ("Resident", "Hall", "Hall closet log", "Photo store", "CDN", "Bank")
    }
    assert guessed == {
        "Resident": ComponentKind.EXTERNAL_ENTITY,
        "Hall": ComponentKind.PROCESS,
        "Hall closet log": ComponentKind.DATA_STORE,
        "Photo store": ComponentKind.DATA_STORE,
        "CDN": ComponentKind.PROCESS,
        "Bank": ComponentKind.EXTERNAL_ENTITY,
    }
    assert values.text(f"trust_level/{resident}") == id_of_element(model, Kind.TRUST_LEVEL, "Residents")


@deep_only
def test_two_hundred_components_are_placed_page_by_page_and_none_is_forgotten() -> None:
    known = register(build_model(LARGE, WORDS, known=CollectionProgress.NAMED))
    target, placed = Target(stream=STREAM, name="place"), set[str]()
    while target is not None:
        view = submitted_view(open_form_view("place", known, target))
        command = requested_command("place", view)
        assert isinstance(command, PlaceComponents)
        placed |= {placement.component for placement in command.placements}
        target = FORMS["place"].after(submitted_values("place", view), target_of(view), lambda: known)
    assert placed == {f"CO-{number}" for number in range(1, 201)}


MAX_SITTINGS = 12
"""Answers open questions in a chain of at most so many facts."""


@dataclass
class Sitting:
    """A participant who answers page after page, from a model that changes meanwhile."""

    model: ThreatModel
    person: PersonId = ANA
    seen: set[tuple[str, str]] = field(default_factory=set)

    def page(self, target: SelectionTarget, *, answered: int = 2) -> SelectionTarget | None:
        """Answer *yes* for every second element of a page, and return the page that follows."""
        known = register(self.model)
        opening = FormContext(target=target, person=self.person, register=known)
        form = FORMS["questions"]
        parts = form.parts(opening)
        kept = form.keeps(opening, parts)
        assert kept is not None
        sent = submitted_view(form.render(opening, parts))
        values = read_submitted_state(sent)
        shown = self._shown(parts)
        self.seen |= {*shown}
        for element, fact in shown[::answered]:
            if f"answer/{element}/{fact}" in values:
                values[f"answer/{element}/{fact}"] = "yes"
            else:
                ticked = SubmittedValues(values).many(f"tick/{fact}")
                values[f"tick/{fact}"] = (*ticked, element)
        page = read_page(SubmittedValues(values), kept)
        command = AnswerOpenQuestions(by=self.person, at=at(900), replies=page.replies)
        self.model = replay(decide(command, self.model, tuple), self.model)
        return next_facts(register(self.model), selection_shown(target, kept), self.person, page.shown)

    @staticmethod
    def _shown(parts: Sequence[FormPart]) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        for part in parts:
            match part:
                case CheckboxesField():
                    fact = part.key.partition("/")[2]
                    found += ((option.value, fact) for option in part.options)
                case ChoiceField() if part.key.startswith("answer/"):
                    _, element, fact = part.key.split("/")
                    found.append((element, fact))
                case _:
                    pass
        return found


@pytest.mark.parametrize("answered", [40, *deep_also((2,))])
def test_hundreds_of_questions_are_asked_page_by_page_and_none_is_forgotten(answered: int) -> None:
    sitting = Sitting(build_model(SOME, WORDS, known=CollectionProgress.PLACED))
    wanted = {(question.element, question.fact) for question in register(sitting.model).questions}
    assert len(wanted) >= 100
    # An answer may open a question that would have come before: it is asked when they sit down again.
    left = wanted
    for _ in range(MAX_SITTINGS):
        target: SelectionTarget | None = SelectionTarget(stream=STREAM, name="questions", selection=REST)
        while target is not None:
            target = sitting.page(target, answered=answered)
        left = {(question.element, question.fact) for question in register(sitting.model).questions}
        if left <= sitting.seen:
            return
    pytest.fail(f"these are open, and were not asked: {sorted(left - sitting.seen)[:10]}")


def test_the_pages_end_when_only_questions_are_left_that_can_wait() -> None:
    model = replay(house())
    sitting = Sitting(model, person=model.facilitator)
    target: SelectionTarget | None = SelectionTarget(stream=STREAM, name="questions")
    while target is not None:
        target = sitting.page(target, answered=1)
    known = register(sitting.model)
    assert known.questions
    assert not any(question.at_stake and not question.answered_unknown for question in known.questions)


def test_the_last_page_of_questions_says_that_answers_may_open_others() -> None:
    sitting = Sitting(build_model(SOME, WORDS, known=CollectionProgress.PLACED))
    sitting.page(SelectionTarget(stream=STREAM, name="questions"), answered=1)
    model = sitting.model
    pages = len(facts_to_ask(register(model), Target(stream=STREAM), ANA))
    first, last = (
        str(open_form_view("questions", model, Target(stream=STREAM, page=page))["blocks"])
        for page in (0, pages - 1)
    )
    assert "on the next page" in first
    assert "follow-up questions" not in first
    assert "follow-up questions" in last


def test_what_no_one_knew_is_asked_with_all_four_answers_and_marked_as_unknown() -> None:
    model = _nobody_knows(build_model(SOME, WORDS, known=CollectionProgress.PLACED))
    sitting, target = Sitting(model), SelectionTarget(stream=STREAM, name="questions")
    view = submitted_view(open_form_view("questions", model, target))
    values = submitted_values("questions", view)
    answers = [key for key in values.by_key if key.startswith("answer/")]
    assert answers
    assert {values.text(key) for key in answers} == {Answer.UNKNOWN}
    following = sitting.page(target, answered=10_000)
    assert following is not None, "what no one knew is asked page by page, too"
    first = {*sitting.seen}
    sitting.page(following, answered=10_000)
    assert sitting.seen > first


def _nobody_knows(model: ThreatModel) -> ThreatModel:
    while left := [question for question in register(model).questions if not question.answered_unknown][:50]:
        replies = tuple(Reply(element=one.element, fact=one.fact, answer=Answer.UNKNOWN) for one in left)
        command = AnswerQuestions(by=model.facilitator, at=at(900), replies=replies)
        model = replay(decide(command, model, tuple), model)
    return model


TOKEN = "ghp_made-up-token"


def test_the_forms_that_ask_for_a_token_are_secret() -> None:
    assert {name for name, form in FORMS.items() if form.secret} == {"connect_tracker", "tracker_token"}


def test_a_token_of_someone_who_must_be_looked_up_is_not_kept(harness: AccessHarness, tmp_path: Path) -> None:
    stream = harness.begin("public")
    target = SelectionTarget(name="connect_tracker", stream=stream, selection=TrackerKind.GITHUB.value)
    view = load_form(harness.services, target, person_id_of("administrator"))

    said = harness.submit("stranger", view, lambda _: {"type": "plain_text_input", "value": TOKEN})

    assert INPUT_NOT_KEPT in said
    assert harness.store.unit(TEAM).pending.all() == []
    assert TOKEN.encode() not in b"".join(path.read_bytes() for path in tmp_path.glob("threatmodel.db*"))


def test_a_token_below_another_form_is_not_kept(harness: AccessHarness) -> None:
    stream = harness.begin("public")
    target = SelectionTarget(name="connect_tracker", stream=stream, selection=TrackerKind.GITHUB.value)
    shown = FormSnapshot(token="t9", stream=stream, version=1, shown={}, at=harness.now())
    harness.services.form_snapshots.save(shown)
    metadata = encode_target(replace(target, opened=shown.token))
    view = {"type": "modal", "callback_id": "connect_tracker", "private_metadata": metadata}
    state = {"values": {"token": {"token": {"type": "plain_text_input", "value": TOKEN}}}}
    request = BlockAction(
        person=person_id_of("administrator"),
        teams=(TEAM,),
        response_url="",
        trigger_id="1.1",
        action_id="open:scope",
        block_id="b",
        action_ts="1.1",
        value="",
        view={**view, "state": state},
    )
    above = Target(name="scope", stream=stream)

    assert leave_form(harness.services, request, above) == above
