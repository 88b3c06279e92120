"""Every form keeps to Slack's limits, and gives back what it was filled with."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import msgspec
import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from bot.formats.preview import Preview
from bot.sandbox.web.elements import state_values
from bot.slack.forms import FORMS, FieldErrors, Opening, Values, target_of
from bot.slack.kit.blocks import View
from bot.slack.kit.triggers import FormName, StaleButton, Target
from bot.slack.reading.papers import Paper
from bot.slack.reading.snoozes import snoozes
from bot.slack.replying.deeds import MOVES
from domain.commands import (
    AddTrustLevel,
    AnswerQuestions,
    DrawFlows,
    NameElements,
    PlaceComponents,
    Reply,
    StartThreatModel,
)
from domain.decide import decide
from domain.dread.metrics import Ballot, Confidence, Discoverability, Metric, Numbers
from domain.elements import ComponentKind, ElementId, Kind
from domain.facts import Answer
from domain.mitigations import MitigationState
from domain.model import ThreatModel, replay
from domain.own_threats import Threat, ThreatId
from domain.register import ThreatRegister, register
from domain.rejections import NameTaken, NotYet, Rejected
from domain.reminders import Reach
from domain.responses import ResponseKind
from domain.rounds import RoundId
from domain.stride import Stride
from tests.examples import ANA, BEN, at, house, id_called, started
from tests.slack.hostile import LARGE, SMALL, STREAM, Known, Size, built, models, texts
from tests.slack.limits_kept import faults_of_view

WORDS = ["one", "two", "three", "four"]
STATES = {
    FormName.IMPLEMENT: (MitigationState.PLANNED, MitigationState.STARTED),
    FormName.REFUSE: (MitigationState.IMPLEMENTED, MitigationState.VERIFIED),
    FormName.DROP: (MitigationState.STARTED, MitigationState.VERIFIED),
    FormName.REASSIGN: (MitigationState.STARTED, MitigationState.IMPLEMENTED),
    FormName.RESCHEDULE: (MitigationState.PLANNED, MitigationState.STARTED),
}
"""In which states of a mitigation a form about it can be opened."""
SOME = Size(elements=15, boundaries=3, assumptions=3)


def targets(name: FormName, model: ThreatModel, there: ThreatRegister | None = None) -> list[Target]:
    """All that a form may be opened about: each kind and a few elements of it, each move."""
    there = register(model) if there is None else there
    match name:
        case FormName.ELEMENT:
            adding = [Target(stream=STREAM, kind=kind) for kind in Kind]
            return adding + [
                Target(stream=STREAM, kind=kind, element=element.id)
                for kind in Kind
                for element in [*model.of_kind(kind)[:1], *model.of_kind(kind)[-1:]]
            ]
        case FormName.ASSUMPTION:
            held = [Target(stream=STREAM, element=one) for one in list(model.assumptions.keys())[:2]]
            return [Target(stream=STREAM), Target(stream=STREAM, round=3), *held]
        case FormName.THREAT:
            picked = Target(stream=STREAM, channel="C0HOUSE01", message="1764000000.000100")
            seen = [Target(stream=STREAM, element=one) for one in list(model.threats.keys())[:2]]
            return [Target(stream=STREAM), Target(stream=STREAM, round=3), picked, *seen]
        case FormName.DISMISS:
            up = [one.id for one in there.candidates]
            return [Target(stream=STREAM, element=",".join(some)) for some in (up[:1], up[:30]) if some]
        case FormName.ASK:
            asked = there.questions
            return [Target(stream=STREAM, element=one.element) for one in (*asked[:1], *asked[-1:])]
        case FormName.CONSIDER:
            rows = there.coverage.rows
            return [Target(stream=STREAM, element=row.element) for row in (*rows[:1], *rows[-1:])]
        case FormName.MERGE:
            known = list(model.threats.keys())[:2]
            return [Target(stream=STREAM, element=one) for one in known if len(model.threats) > 1]
        case FormName.RESPOND:
            kinds = [kind for kind in ResponseKind if kind is not ResponseKind.ACCEPT]
            threats = list(model.threats.keys())[:2]
            return [Target(stream=STREAM, element=one, deed=kind) for one in threats for kind in kinds]
        case FormName.ACCEPT:
            return [Target(stream=STREAM, element=one) for one in list(model.threats.keys())[:3]]
        case FormName.DECLINE:
            return [Target(stream=STREAM, element=one) for one in list(model.proposals.keys())[:2]]
        case FormName.MITIGATION:
            about = [*list(model.threats.keys())[:2], *list(model.mitigations.keys())[:2]]
            return [Target(stream=STREAM, element=one) for one in about]
        case FormName.IMPLEMENT | FormName.REFUSE | FormName.DROP | FormName.REASSIGN | FormName.RESCHEDULE:
            fitting = [one.id for one in model.mitigations.values() if one.state in STATES[name]]
            return [Target(stream=STREAM, element=one) for one in sorted(fitting)[:2]]
        case FormName.HOURS:
            return [Target(stream=STREAM), Target()]
        case FormName.BALLOT:
            return [Target(stream=STREAM, element="TH-1", deed="RD-1", page=page) for page in range(4)]
        case FormName.EXPLAIN:
            seen = list(model.threats.keys())[:2]
            return [Target(stream=STREAM, element=one, deed="RD-1/damage") for one in seen]
        case FormName.SNOOZE:
            planned = list(model.mitigations.keys())[:2]
            return [Target(stream=STREAM, element=one, deed=f"TM-1:UANA:overdue:{one}:") for one in planned]
        case FormName.SETTLE_ROUND:
            return [Target(stream=STREAM, deed="RD-1")]
        case FormName.MOVE:
            return [Target(stream=STREAM, deed=deed) for deed in MOVES]
        case FormName.PLACE:
            return [
                Target(stream=STREAM, deed="all"),
                Target(stream=STREAM),
                Target(stream=STREAM, element="CO-3"),
            ]
        case FormName.QUESTIONS:
            return [Target(stream=STREAM, page=page) for page in (0, 5, 99_999)]
        case FormName.START:
            return [Target(channel="C0HOUSE01"), Target()]
        case FormName.IMPORT:
            read = Target(channel="C0HOUSE01", element="F0FILE", deed="f" * 64)
            return [read, replace(read, deed="")]
        case FormName.NAMES | FormName.FLOWS | FormName.SCOPE | FormName.LOOK_BACK | FormName.OPEN_ROUND:
            return [Target(stream=STREAM)]
        case FormName.PARTICIPANTS | FormName.HAND_OVER | FormName.RETROSPECTIVE | FormName.TERMS:
            return [Target(stream=STREAM)]


def a_paper(known: ThreatRegister, target: Target) -> Paper:
    """What somebody is asked about a threat: for the first or second time, with a ballot of theirs or not."""
    mine = Ballot(numbers=Numbers(damage=3), reason="it <!channel> rains", confidence=Confidence.LOW)
    made_up = Threat(id=ThreatId("TH-1"), title="It rains in", stride=(Stride.TAMPERING,))
    return Paper(
        round=RoundId("RD-1"),
        threat=replace(next(iter(known.threats), made_up), id=ThreatId("TH-1")),
        metrics=tuple(Metric)[: 1 + target.page],
        deadline=at(90),
        discoverability=tuple(Discoverability)[target.page % 3],
        number=1,
        of=2,
        rubric=1,
        revote_of=RoundId("RD-0") if target.page % 2 == 1 else None,
        before=mine if target.page % 2 == 1 else None,
        ballot=mine if target.page > 1 else None,
        explained=("Damage: I saw it <@U0ANA0001> (Ana)",),
    )


def opened(name: FormName, seen: ThreatModel | ThreatRegister, target: Target, **more: Any) -> View:
    known = register(seen) if isinstance(seen, ThreatModel) else seen
    if name is FormName.BALLOT:
        more["paper"] = a_paper(known, target)
    if name is FormName.SNOOZE:
        more["moments"] = snoozes(Reach(), at(0))
    if name is FormName.IMPORT and target.deed:
        more["bringing"] = Preview(
            title="OTM", name=known.name, parts=("1 asset",), events=2, past=False, notes=(known.name,) * 50
        )
    opening = Opening(target=target, person=ANA, register=known, **more)
    return FORMS[name].render(opening)


def about_all(model: ThreatModel, number: int) -> Iterator[tuple[FormName, ThreatRegister, Target]]:
    """Every form that there can be of a model, each about one of the things that it can be about."""
    seen = register(model)
    for name in FormName:
        if about := targets(name, model, seen):
            target = about[number % len(about)]
            note(f"{name} about {target}")
            yield name, seen, target


def submitted(view: View, **typed: object) -> View:
    """The view as Slack sends it back, untouched but for the texts given by block id."""
    values = state_values(view["blocks"], {})
    for block_id, text in typed.items():
        element = values[block_id]["value"]
        key = next(key for key in element if key != "type")
        element[key] = text
    return {**view, "state": {"values": values}}


def asked(name: FormName, view: View) -> Any:
    """The command that a submitted view asks for."""
    form = FORMS[name]
    return form.command(form.parse(view), target_of(view), by=ANA, at=at(60))


def test_every_form_is_declared_and_answers_to_its_own_name() -> None:
    assert set(FORMS) == set(FormName)
    assert all(form.name is name for name, form in FORMS.items())


@settings(max_examples=25)
@given(model=models(), words=st.lists(texts, min_size=2, max_size=2), number=st.integers(0, 400))
def test_any_form_about_any_model_is_taken_by_slack(
    model: ThreatModel, words: list[str], number: int
) -> None:
    missing = tuple(words) if number % 2 else ()
    for name, seen, target in about_all(model, number):
        assert faults_of_view(opened(name, seen, target, note=words[0], missing=missing)) == []


@settings(max_examples=25)
@given(model=models(acceptable=True), number=st.integers(0, 400))
def test_any_form_gives_back_what_it_was_filled_with(model: ThreatModel, number: int) -> None:
    for name, seen, target in about_all(model, number):
        first = values_of(name, opened(name, seen, target))
        again = values_of(name, opened(name, seen, target, typed=first))
        assert again == first


@settings(max_examples=40)
@given(model=models(acceptable=True), number=st.integers(0, 400))
def test_an_element_saved_as_it_was_shown_does_not_change(model: ThreatModel, number: int) -> None:
    about = [target for target in targets(FormName.ELEMENT, model) if target.element]
    if not about:
        return
    view = opened(FormName.ELEMENT, model, about[number % len(about)])
    assert decide(asked(FormName.ELEMENT, submitted(view)), model, tuple) == ()


@settings(max_examples=20)
@given(model=models(acceptable=True), number=st.integers(0, 400))
def test_a_threat_saved_as_it_was_shown_does_not_change(model: ThreatModel, number: int) -> None:
    about = [target for target in targets(FormName.THREAT, model) if target.element]
    if not about:
        return
    view = opened(FormName.THREAT, model, about[number % len(about)])
    assert decide(asked(FormName.THREAT, submitted(view)), model, tuple) == ()


@pytest.mark.parametrize("name", [FormName.SCOPE, FormName.PARTICIPANTS, FormName.TERMS])
@settings(max_examples=12)
@given(model=models(acceptable=True))
def test_scope_and_people_saved_as_they_were_shown_do_not_change(name: FormName, model: ThreatModel) -> None:
    view = opened(name, model, Target(stream=STREAM))
    assert decide(asked(name, submitted(view)), model, tuple) == ()


@settings(max_examples=40)
@given(words=st.lists(texts, min_size=3, max_size=3), day=st.none() | st.dates())
def test_a_start_form_keeps_every_word_that_was_typed(words: list[str], day: date | None) -> None:
    name, description, out_of_scope = words
    view = FORMS[FormName.START].render(Opening(target=Target(channel="C0HOUSE01"), person=ANA))
    sent = submitted(
        view,
        name=name,
        description=description,
        out_of_scope=out_of_scope,
        participants=[ANA, BEN],
        answers_by=day.isoformat() if day else None,
    )
    assert asked(FormName.START, sent) == StartThreatModel(
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


@settings(max_examples=30)
@given(text=texts)
def test_any_flow_lines_are_read_or_named_beside_their_box(text: str) -> None:
    model = built(SMALL[-1], WORDS, known=Known.NAMED)
    view = submitted(opened(FormName.FLOWS, model, Target(stream=STREAM)), flows=text)
    errors = errors_of(FormName.FLOWS, view)
    if errors:
        assert list(errors) == ["flows"]
        assert 0 < len(errors["flows"]) <= 1_000
    else:
        assert isinstance(asked(FormName.FLOWS, view), DrawFlows)


@pytest.mark.parametrize(
    "state", [None, {}, {"values": None}, {"values": {"name": {"value": {"type": "x"}}}}, 7]
)
@pytest.mark.parametrize("name", FormName)
def test_a_forged_submission_is_refused_and_never_a_traceback(name: FormName, state: object) -> None:
    view: View = {"state": state, "blocks": [], "private_metadata": "{}", "callback_id": name}
    with pytest.raises((StaleButton, FieldErrors)):
        asked(name, view)


def test_a_list_of_names_is_told_without_bullets_and_blank_lines() -> None:
    view = submitted(
        opened(FormName.NAMES, replay(house()), Target(stream=STREAM)),
        entry_points="- Front door\n\n2. Back door\n   \n• Cat flap",
        trust_levels="Passers-by\nResidents",
    )
    command = asked(FormName.NAMES, view)
    assert isinstance(command, NameElements)
    assert command.entry_points == ("Front door", "Back door", "Cat flap")
    assert command.trust_levels == ("Passers-by", "Residents")


def test_two_hundred_components_are_placed_page_by_page_and_none_is_forgotten() -> None:
    known = register(built(LARGE, WORDS, known=Known.NAMED))
    target, placed = Target(stream=STREAM, what=FormName.PLACE), set[str]()
    while target is not None:
        view = submitted(opened(FormName.PLACE, known, target))
        command = asked(FormName.PLACE, view)
        assert isinstance(command, PlaceComponents)
        placed |= {one.component for one in command.placements}
        target = FORMS[FormName.PLACE].after(values_of(FormName.PLACE, view), target_of(view), lambda: known)
    assert placed == {f"CO-{number}" for number in range(1, 201)}


def test_hundreds_of_questions_are_asked_page_by_page_in_two_sittings_and_none_is_forgotten() -> None:
    model = built(SOME, WORDS, known=Known.PLACED)
    known = register(model)
    wanted = {(one.element, one.fact) for one in known.questions}
    seen: set[tuple[str, str]] = set()
    # An answer may open a question that would have come before: it is asked when they sit down again.
    for _ in range(2):
        target: Target | None = Target(stream=STREAM, what=FormName.QUESTIONS)
        while target is not None:
            view = opened(FormName.QUESTIONS, known, target)
            keys = [str(block.get("block_id")) for block in view["blocks"] if block["type"] == "input"]
            keys = [key for key in keys if key.startswith("answer/")]
            assert 0 < len(keys) <= 12
            seen |= {(key.split("/")[1], key.split("/")[2]) for key in keys}
            # Every other question stays open; the rest are answered, which opens new ones.
            sent = submitted(view)
            for key in keys[::2]:
                sent["state"]["values"][key]["value"]["selected_option"] = {"value": "yes"}
            command = asked(FormName.QUESTIONS, sent)
            assert isinstance(command, AnswerQuestions)
            model = replay(decide(command, model, tuple), model)
            known = register(model)
            wanted |= {(one.element, one.fact) for one in known.questions}
            target = FORMS[FormName.QUESTIONS].after(
                values_of(FormName.QUESTIONS, sent), target_of(view), lambda now=known: now
            )
    assert len(wanted) >= 200
    assert seen <= wanted
    assert {(one.element, one.fact) for one in known.questions} <= seen, "what is open still was asked"


def test_the_last_page_of_questions_says_that_answers_may_open_others() -> None:
    there = register(replay(house()))
    first, last = (
        str(opened(FormName.QUESTIONS, there, Target(stream=STREAM, page=page))["blocks"]) for page in (0, 12)
    )
    assert "more follow on the next page" in first
    assert "may open other questions" not in first
    assert "may open other questions" in last


def test_what_nobody_knew_is_asked_page_by_page_too() -> None:
    model = built(SOME, WORDS, known=Known.PLACED)
    while left := [one for one in register(model).questions if not one.said_unknown][:20]:
        replies = tuple(Reply(element=one.element, fact=one.fact, answer=Answer.UNKNOWN) for one in left)
        command = AnswerQuestions(by=model.facilitator, at=at(900), replies=replies)
        model = replay(decide(command, model, tuple), model)
    known = register(model)
    first = opened(FormName.QUESTIONS, known, Target(stream=STREAM, what=FormName.QUESTIONS))
    values = values_of(FormName.QUESTIONS, submitted(first))
    following = FORMS[FormName.QUESTIONS].after(values, target_of(first), lambda: known)
    assert following is not None
    second = opened(FormName.QUESTIONS, known, following)
    asked_on = [
        {str(one.get("block_id")) for one in view["blocks"] if one["type"] == "input"}
        for view in (first, second)
    ]
    assert asked_on[1], "not a page that says that nothing is open"
    assert not asked_on[0] & asked_on[1]


def test_what_an_answer_opens_is_asked_on_the_very_next_page() -> None:
    known = register(built(SMALL[-1], WORDS, known=Known.PLACED))
    view = opened(FormName.QUESTIONS, known, Target(stream=STREAM, what=FormName.QUESTIONS))
    sent = submitted(view)
    first = next(block["block_id"] for block in view["blocks"] if block["type"] == "input")
    sent["state"]["values"][first]["value"]["selected_option"] = {"value": "yes"}
    command = asked(FormName.QUESTIONS, sent)
    assert isinstance(command, AnswerQuestions)
    model = built(SMALL[-1], WORDS, known=Known.PLACED)
    after = register(replay(decide(command, model, tuple), model))
    opened_now = {(one.element, one.fact) for one in after.questions} - {
        (one.element, one.fact) for one in known.questions
    }
    target = FORMS[FormName.QUESTIONS].after(
        values_of(FormName.QUESTIONS, sent), target_of(view), lambda: after
    )
    assert target is not None
    following = opened(FormName.QUESTIONS, after, target)
    keys = [block["block_id"] for block in following["blocks"] if block["type"] == "input"]
    shown = {(key.split("/")[1], key.split("/")[2]) for key in keys}
    assert opened_now & shown


def test_what_somebody_does_not_know_comes_back_marked_so() -> None:
    model = built(SOME, WORDS, known=Known.PLACED)
    for _ in range(30):
        asking = [one for one in register(model).questions if not one.said_unknown]
        replies = tuple(Reply(element=one.element, fact=one.fact, answer=Answer.UNKNOWN) for one in asking)
        if replies:
            model = replay(decide(AnswerQuestions(by=ANA, at=at(3), replies=replies), model, tuple), model)
    assert register(model).questions
    view = submitted(opened(FormName.QUESTIONS, model, Target(stream=STREAM)))
    command = asked(FormName.QUESTIONS, view)
    assert isinstance(command, AnswerQuestions)
    assert {reply.answer for reply in command.replies} == {Answer.UNKNOWN}


def test_a_flow_that_carries_two_hundred_assets_keeps_all_of_them() -> None:
    model = built(LARGE, WORDS, known=Known.PLACED)
    every = tuple(ElementId(f"AS-{number}") for number in range(1, 201))
    flow = msgspec.structs.replace(model.elements[ElementId("DF-1")], assets=every)
    model = msgspec.structs.replace(model, elements=model.elements.insert(flow.id, flow))
    view = opened(FormName.ELEMENT, model, Target(stream=STREAM, kind=Kind.DATA_FLOW, element="DF-1"))
    assert faults_of_view(view) == []
    command: Any = asked(FormName.ELEMENT, submitted(view))
    assert command.assets == every


def test_add_another_keeps_the_form_open_with_empty_boxes_and_a_word_on_what_was_added() -> None:
    model = replay(house())
    view = opened(FormName.ELEMENT, model, Target(stream=STREAM, kind=Kind.ASSET))
    sent = submitted(view, name="Keys", another=[{"value": "yes"}])
    following = FORMS[FormName.ELEMENT].after(
        values_of(FormName.ELEMENT, sent), target_of(view), lambda: register(model)
    )
    assert following is not None
    again = opened(FormName.ELEMENT, model, following, note="Added AS-9 “Keys”.")
    assert "Added AS-9 “Keys”." in again["blocks"][0]["text"]["text"]
    ids = [{block["block_id"] for block in one["blocks"] if "block_id" in block} for one in (view, again)]
    assert not ids[0] & ids[1]
    assert values_of(FormName.ELEMENT, again).text("name") == ""
    assert values_of(FormName.ELEMENT, again).another


def test_a_level_can_become_the_least_trusted() -> None:
    view = opened(FormName.ELEMENT, replay(house()), Target(stream=STREAM, kind=Kind.TRUST_LEVEL))
    command = asked(FormName.ELEMENT, submitted(view, name="Burglars", above={"value": "lowest"}))
    assert command == AddTrustLevel(by=ANA, at=at(60), name="Burglars", lowest=True)


def test_a_refusal_stands_beside_the_field_it_is_about() -> None:
    model = replay(house())
    view = opened(FormName.ELEMENT, model, Target(stream=STREAM, kind=Kind.ASSET, round=2))
    refusal = NameTaken(Kind.ASSET, "Keys", ElementId("AS-1"))
    assert FORMS[FormName.ELEMENT].beside(view, refusal, "taken") == {"name~2": "taken"}
    elsewhere = Rejected("no", field="nowhere")
    assert FORMS[FormName.ELEMENT].beside(view, elsewhere, "no") == {"name~2": "no"}


def test_a_guard_that_refuses_asks_for_a_reason_and_lists_what_is_missing() -> None:
    target = Target(stream=STREAM, deed="begin_analysis")
    missing = NotYet("analysis", ("an asset", "a data flow")).missing
    view = opened(FormName.MOVE, replay(house()), target, missing=missing)
    shown = "\n".join(block["text"]["text"] for block in view["blocks"] if block["type"] == "section")
    assert "• an asset\n• a data flow" in shown
    assert [block["optional"] for block in view["blocks"] if block["type"] == "input"] == [False]


def test_components_come_with_guesses() -> None:
    begun = [started()]
    named = NameElements(
        by=ANA, at=at(1), external_dependencies=("CDN", "Bank"), trust_levels=("Passers by", "Residents")
    )
    model = replay([*begun, *decide(named, replay(begun), tuple)])
    view = FORMS[FormName.FLOWS].render(
        Opening(target=Target(stream=STREAM), person=ANA, register=register(model))
    )
    drawn = asked(
        FormName.FLOWS,
        submitted(
            view,
            flows="Resident -> Hall via Front door\nHall -> Hall closet log\nHall -> Photo store\n"
            "CDN -> Hall\nHall -> Bank",
        ),
    )
    model = replay(decide(drawn, model, tuple), model)
    values = values_of(FormName.PLACE, opened(FormName.PLACE, model, Target(stream=STREAM)))
    resident = id_called(model, Kind.COMPONENT, "Resident")
    guessed = {
        component: values.text(f"sort/{id_called(model, Kind.COMPONENT, component)}")
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
    assert values.text(f"trust_level/{resident}") == id_called(model, Kind.TRUST_LEVEL, "Residents")


def values_of(name: FormName, view: View) -> Values:
    """What a view gives back untouched; a box of lines may not be readable yet and counts as empty."""
    state = view if "state" in view else submitted(view)
    return Values({}) if errors_of(name, state) else FORMS[name].parse(state)


def errors_of(name: FormName, view: View) -> dict[str, str]:
    """The sentences beside the fields of a submitted view."""
    try:
        FORMS[name].parse(view)
    except FieldErrors as problem:
        return problem.errors
    return {}
