"""Forms of many questions and places are asked page by page, and none is forgotten."""

from bot.slack.protocol.targets import Target
from bot.slack.ui.modals.modal_registry import FORMS, target_of
from domain.commands import (
    AnswerQuestions,
    PlaceComponents,
    Reply,
)
from domain.decide import decide
from domain.kernel.answer import Answer
from domain.model import replay
from domain.register import register
from tests.examples import ANA, at, house
from tests.slack.form_cases import (
    SOME,
    WORDS,
    open_form_view,
    requested_command,
    submitted_values,
    submitted_view,
)
from tests.slack.hostile_models import LARGE, SMALL, STREAM, CollectionProgress, build_model


def test_two_hundred_components_are_placed_page_by_page_and_none_is_forgotten() -> None:
    known = register(build_model(LARGE, WORDS, known=CollectionProgress.NAMED))
    target, placed = Target(stream=STREAM, name="place"), set[str]()
    while target is not None:
        view = submitted_view(open_form_view("place", known, target))
        command = requested_command("place", view)
        assert isinstance(command, PlaceComponents)
        placed |= {one.component for one in command.placements}
        target = FORMS["place"].after(submitted_values("place", view), target_of(view), lambda: known)
    assert placed == {f"CO-{number}" for number in range(1, 201)}


def test_hundreds_of_questions_are_asked_page_by_page_in_two_sittings_and_none_is_forgotten() -> None:
    model = build_model(SOME, WORDS, known=CollectionProgress.PLACED)
    known = register(model)
    wanted = {(one.element, one.fact) for one in known.questions}
    seen: set[tuple[str, str]] = set()
    # An answer may open a question that would have come before: it is asked when they sit down again.
    for _ in range(2):
        target: Target | None = Target(stream=STREAM, name="questions")
        while target is not None:
            view = open_form_view("questions", known, target)
            keys = [str(block.get("block_id")) for block in view["blocks"] if block["type"] == "input"]
            keys = [key for key in keys if key.startswith("answer/")]
            assert 0 < len(keys) <= 12
            seen |= {(key.split("/")[1], key.split("/")[2]) for key in keys}
            # Every other question stays open; the rest are answered, which opens new ones.
            sent = submitted_view(view)
            for key in keys[::2]:
                sent["state"]["values"][key]["value"]["selected_option"] = {"value": "yes"}
            command = requested_command("questions", sent)
            assert isinstance(command, AnswerQuestions)
            model = replay(decide(command, model, tuple), model)
            known = register(model)
            wanted |= {(one.element, one.fact) for one in known.questions}
            target = FORMS["questions"].after(
                submitted_values("questions", sent), target_of(view), lambda now=known: now
            )
    assert len(wanted) >= 200
    assert seen <= wanted
    assert {(one.element, one.fact) for one in known.questions} <= seen, "what is open still was asked"


def test_the_last_page_of_questions_says_that_answers_may_open_others() -> None:
    team = register(replay(house()))
    first, last = (
        str(open_form_view("questions", team, Target(stream=STREAM, page=page))["blocks"]) for page in (0, 12)
    )
    assert "more follow on the next page" in first
    assert "may open other questions" not in first
    assert "may open other questions" in last


def test_what_no_one_knew_is_asked_page_by_page_too() -> None:
    model = build_model(SOME, WORDS, known=CollectionProgress.PLACED)
    while left := [one for one in register(model).questions if not one.answered_unknown][:20]:
        replies = tuple(Reply(element=one.element, fact=one.fact, answer=Answer.UNKNOWN) for one in left)
        command = AnswerQuestions(by=model.facilitator, at=at(900), replies=replies)
        model = replay(decide(command, model, tuple), model)
    known = register(model)
    first = open_form_view("questions", known, Target(stream=STREAM, name="questions"))
    values = submitted_values("questions", submitted_view(first))
    following = FORMS["questions"].after(values, target_of(first), lambda: known)
    assert following is not None
    second = open_form_view("questions", known, following)
    asked_on = [
        {str(one.get("block_id")) for one in view["blocks"] if one["type"] == "input"}
        for view in (first, second)
    ]
    assert asked_on[1], "not a page that says that nothing is open"
    assert not asked_on[0] & asked_on[1]


def test_what_an_answer_opens_is_asked_on_the_very_next_page() -> None:
    known = register(build_model(SMALL[-1], WORDS, known=CollectionProgress.PLACED))
    view = open_form_view("questions", known, Target(stream=STREAM, name="questions"))
    sent = submitted_view(view)
    first = next(block["block_id"] for block in view["blocks"] if block["type"] == "input")
    sent["state"]["values"][first]["value"]["selected_option"] = {"value": "yes"}
    command = requested_command("questions", sent)
    assert isinstance(command, AnswerQuestions)
    model = build_model(SMALL[-1], WORDS, known=CollectionProgress.PLACED)
    after = register(replay(decide(command, model, tuple), model))
    opened_now = {(one.element, one.fact) for one in after.questions} - {
        (one.element, one.fact) for one in known.questions
    }
    target = FORMS["questions"].after(submitted_values("questions", sent), target_of(view), lambda: after)
    assert target is not None
    following = open_form_view("questions", after, target)
    keys = [block["block_id"] for block in following["blocks"] if block["type"] == "input"]
    shown = {(key.split("/")[1], key.split("/")[2]) for key in keys}
    assert opened_now & shown


def test_an_answer_of_i_do_not_know_reappears_marked_as_unknown() -> None:
    model = build_model(SOME, WORDS, known=CollectionProgress.PLACED)
    for _ in range(30):
        asking = [one for one in register(model).questions if not one.answered_unknown]
        replies = tuple(Reply(element=one.element, fact=one.fact, answer=Answer.UNKNOWN) for one in asking)
        if replies:
            model = replay(decide(AnswerQuestions(by=ANA, at=at(3), replies=replies), model, tuple), model)
    assert register(model).questions
    view = submitted_view(open_form_view("questions", model, Target(stream=STREAM)))
    command = requested_command("questions", view)
    assert isinstance(command, AnswerQuestions)
    assert {reply.answer for reply in command.replies} == {Answer.UNKNOWN}
