"""Until the screening is answered, each surface shows its open topics instead of a number of questions."""

import io
import json
import re
from collections.abc import Callable
from datetime import date
from typing import Any, cast

from msgspec.structs import replace
from rich.console import Console
from rpds import HashTrieMap

from bot.cli.model_queries.model_lookup import ModelSnapshot
from bot.cli.output.json_document import model_json
from bot.cli.output.model_tables import print_model
from bot.mcp_server.answers import overview, report_answer
from bot.report.markdown_renderer import render_markdown
from bot.report.portfolio_report import PortfolioSource, portfolio_report
from bot.report.sections import report_of
from bot.slack.protocol.targets import Target
from bot.slack.queries.model_overviews import ModelOverviewCache
from bot.slack.queries.reminder_list import load_reminder
from bot.slack.screens.page_data import ModelListItem
from bot.slack.screens.reminder import ReminderDetails, ReminderSources
from bot.slack.ui.home.app_home import HomeDetails, home_view
from bot.slack.ui.messages.card_message import card_message, short_card, status_copy
from bot.slack.ui.messages.file_answers import report_summary
from bot.slack.ui.messages.reminder_message import reminder_buttons
from bot.slack.ui.messages.thread_announcements import link_preview
from bot.slack.ui.modals.reminder_reason_page import reminder_facts
from bot.slack.ui.texts.reminder_texts import reminder_headline
from bot.store import StreamId, StreamSummary
from domain.built_in_catalog import BUILT_IN
from domain.kernel.answer import Answer
from domain.kernel.screening_answer import ScreeningAnswer
from domain.model import ThreatModel
from domain.next_step.next_step_choice import NextStepKind
from domain.portfolio.portfolio_entry import portfolio_entry
from domain.register import ThreatRegister, register
from domain.reminder_deliveries import ReminderKey
from domain.reminders import Reachability
from domain.replay import replay
from tests.domain.suggested_threats import AMINA, BENJI, HOUSE
from tests.examples import MORNING, at, house, started
from tests.report.report_sources import report_source_of
from tests.slack.form_cases import open_form_view
from tests.slack.hostile_models import STREAM
from tests.slack.view_contents import (
    button_named,
    button_target,
    fixed_naming,
    render_page,
    view_text,
)

NEVER = replace(replay(HOUSE), answers_by=date(2026, 11, 27))
"""Elements are collected, and no topic of the screening was answered."""

TOPICS = sum(one.open for one in register(NEVER).screening)
"""Topics that the House may have: a store without software is shared by no tenants."""
PENDING = f"{TOPICS} of {TOPICS} topics open"
COUNTED = re.compile(r"\d+ (other |open )?questions?\b(?! for )|\d+ open in total|Open questions\W+\d+")
"""A number of questions in any of the words of the product, but not of those that somebody owns."""


def answered(model: ThreatModel, *topics: str, answer: Answer = Answer.UNKNOWN) -> ThreatModel:
    known = tuple(model.elements) if answer is Answer.UNKNOWN else ()
    answers = {
        id: ScreeningAnswer(topic=id, answer=answer, by=BENJI, at=at(90), known=known)
        for id in topics or BUILT_IN.topics
    }
    return replace(model, screening=HashTrieMap(answers))


def home(model: ThreatModel, *, asked: int = 0) -> str:
    blocks = home_view(HomeDetails(models=(listed(model, asked=asked),)))["blocks"]
    return json.dumps(blocks, ensure_ascii=False)


def listed(model: ThreatModel, *, asked: int = 0) -> ModelListItem:
    summary = StreamSummary(
        stream=StreamId(STREAM),
        tenant="T0",
        key=model.key,
        channel=model.channel,
        name=model.name,
        phase="collection",
        version=model.version,
        erasures=0,
        updated_at=MORNING,
    )
    seen = ModelOverviewCache().overview(summary, lambda _: register(model), MORNING)
    return ModelListItem(
        stream=STREAM,
        key=model.key,
        name=model.name,
        phase="collection",
        next=seen.next.text,
        questions=seen.questions,
        asked=asked,
        pending_screening=seen.pending_screening,
    )


def reminder(model: ThreatModel) -> ReminderDetails:
    key = ReminderKey(f"TM-1:{AMINA}:answers-due::2026-11-27")
    sources = ReminderSources(
        stream=STREAM,
        model=model,
        register=register(model),
        naming=str,
        now=MORNING,
        refused=lambda _: "",
        people=lambda _: Reachability(),
        events=list,
    )
    return load_reminder(key, sources, due=MORNING, sent=MORNING)


def terminal(model: ThreatModel) -> str:
    out = Console(file=io.StringIO(), width=200)
    print_model(ModelSnapshot(register=register(model), naming=str, as_of=MORNING), out)
    assert isinstance(out.file, io.StringIO)
    return out.file.getvalue().partition("Conditions for closing")[0]


def report(model: ThreatModel, *, full: bool = False) -> str:
    source = replace(report_source_of(house()), register=register(model), full=full, pictures=False)
    return render_markdown(report_of(source))


def portfolio(model: ThreatModel) -> str:
    entry = portfolio_entry(model, house(), MORNING)
    source = PortfolioSource(entries=(entry,), now=MORNING, naming=str, day_of=lambda moment: moment.date())
    return render_markdown(portfolio_report(source))


def of_register(render: Callable[[ThreatRegister], object]) -> Callable[[ThreatModel], str]:
    def rendered(model: ThreatModel) -> str:
        shown = render(register(model))
        return shown if isinstance(shown, str) else view_text(cast("Any", shown))

    return rendered


SURFACES: dict[str, Callable[[ThreatModel], str]] = {
    "card": of_register(lambda seen: card_message(STREAM, seen, fixed_naming)),
    "status copy": of_register(lambda seen: status_copy(STREAM, seen, fixed_naming, "https://a.example")),
    "short card": of_register(lambda seen: short_card(STREAM, seen, fixed_naming)),
    "link preview": of_register(lambda seen: json.dumps(link_preview("T1/TM-1", seen, None, ""))),
    "More": of_register(lambda seen: render_page("more", seen)),
    "Findings": of_register(lambda seen: render_page("seen", seen)),
    "past state": of_register(lambda seen: render_page("as_of", seen)),
    "portfolio page": of_register(lambda seen: render_page("portfolio", seen)),
    "questions": lambda model: view_text(open_form_view("questions", model, Target(stream=STREAM))),
    "controls": lambda model: view_text(open_form_view("controls", model, Target(stream=STREAM))),
    "Home": home,
    "summary of a report": of_register(lambda seen: report_summary(seen, fixed_naming)),
    "reminder": lambda model: reminder_headline(reminder(model)),
    "reason of a reminder": lambda model: " ".join(reminder_facts(reminder(model))),
    "report": report,
    "full report": lambda model: report(model, full=True),
    "report of an agent": lambda model: json.dumps(report_answer(register(model), str, MORNING)),
    "portfolio report": portfolio,
    "terminal": terminal,
}
"""The places where people read how many questions there are, or the next step."""


def test_each_surface_shows_the_open_topics_instead_of_a_number_of_questions() -> None:
    wrong: list[str] = []
    screened = answered(NEVER)
    for name, shown in SURFACES.items():
        before, after = shown(NEVER), shown(screened)
        if PENDING not in before and f"{TOPICS} | Screening topics open" not in before:
            wrong.append(f"{name}: no open topics")
        if found := COUNTED.search(before):
            wrong.append(f"{name}: {found[0]} before the screening")
        if not COUNTED.search(after) or "topics open" in after:
            wrong.append(f"{name}: no number of questions after the screening")
    assert not wrong


def test_programs_read_the_numbers_all_the_time() -> None:
    seen, screened = register(NEVER), register(answered(NEVER))
    counts = overview(seen)["counts"]
    assert isinstance(counts, dict)
    assert counts["open_questions"] == len(seen.questions)
    assert overview(seen)["pending_screening"] == f"Screening: {PENDING}"
    assert "pending_screening" not in overview(screened)
    assert model_json(seen)["questions"] == model_json(screened)["questions"]
    entry = portfolio_entry(NEVER, house(), MORNING, count_questions=True)
    assert (entry.questions_open, entry.question_progress) == (len(seen.questions), seen.question_progress)
    unmet = {condition.id: condition.text for condition in seen.conditions if not condition.met}
    assert re.match(r"\d+ questions about", unmet["no_unknowns"])


def test_it_waits_for_each_topic_that_was_never_answered_and_for_no_other() -> None:
    assert register(replay([started()])).pending_screening is None, "nothing is collected yet"
    some = register(answered(NEVER, *list(BUILT_IN.topics)[:3])).pending_screening
    assert some is not None
    assert some.text == f"Screening: {TOPICS - 3} of {TOPICS} topics open"
    assert register(answered(NEVER)).pending_screening is None
    reopened = register(answered(NEVER, answer=Answer.NO))
    assert any(one.reopened_by for one in reopened.screening)
    assert reopened.pending_screening is None, "a topic that came up again does not hide the number"


def test_from_analysis_on_a_model_keeps_its_numbers() -> None:
    for step in ("identifying", "voting", "responding", "tracking", "closed"):
        seen = register(replace(NEVER, step=step))
        assert seen.pending_screening is None, step
        card = view_text(card_message(STREAM, seen, fixed_naming))
        assert f"{seen.question_progress.settled} of {seen.question_progress.total} questions" in card, step


def test_what_is_assigned_to_the_reader_is_still_counted() -> None:
    assert f"*2 questions assigned to you*, Screening: {PENDING}" in home(NEVER, asked=2)


def test_the_buttons_lead_to_the_screening_first() -> None:
    seen = register(answered(NEVER, *list(BUILT_IN.topics)[:3]))
    assert seen.next.act is NextStepKind.ANSWER
    card = card_message(STREAM, seen, fixed_naming)
    pressed = [
        button_named(card, "Answer questions"),
        button_named(render_page("seen", seen), "Answer questions"),
        button_named(open_form_view("questions", seen, Target(stream=STREAM)), "Screening…"),
        reminder_buttons(reminder(NEVER))[0],
    ]
    assert [button_target(one).name for one in pressed] == ["screening"] * len(pressed)
    assert '\\"w\\":\\"screening\\"' in home(NEVER)
    assert '\\"w\\":\\"screening\\"' not in home(answered(NEVER))


def test_without_anything_at_stake_the_others_can_wait_uncounted() -> None:
    model = NEVER
    while left := [one for one in register(model).questions if one.at_stake and not one.answered_unknown]:
        answers = {(one.element, one.fact): Answer.UNKNOWN for one in left}
        model = replace(model, facts=HashTrieMap({**dict(model.facts.items()), **answers}))
    assert register(model).next.text == "Enough to begin analysis: the other questions can wait"
    card = card_message(STREAM, register(model), fixed_naming)
    assert button_target(button_named(card, "Answer questions")).name == "screening"
