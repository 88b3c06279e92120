"""Pages of a draft of 2,000 items keep Slack's limits, whatever the names, the conflicts and the answers."""

import time

from msgspec.structs import replace

from bot.sandbox.api import state_values
from bot.slack.handlers.draft_submission import read_choices
from bot.slack.protocol.targets import DraftTarget
from bot.slack.screens.open_draft import OpenDraft
from bot.slack.ui.forms.form import FormContext
from bot.slack.ui.modals.drafting.draft_form import DRAFT
from domain.draft_comparison.choices import DraftChoices, DraftOrigin, accept_chosen
from domain.draft_comparison.compared_draft import compare_draft
from domain.drafts.draft import Draft, DraftItem, ProposedAnswer
from domain.drafts.settlement import DraftId
from domain.kernel.answer import Answer
from domain.kernel.elements import Component, ElementId, Exposure, Kind
from domain.model import ThreatModel
from domain.register import register
from domain.replay import replay
from tests.depth import count
from tests.domain.drafted_shop import COMPOSE, answer, flow, item, key
from tests.examples import ANA, at, started
from tests.slack.limit_checks import view_faults

LONG = "<!channel> & *bold* “Résumé” " + "x" * 121
SIZE = count(700, deep=2_000)


def model_with(*names: str) -> ThreatModel:
    model = replay([started()])
    for number, name in enumerate(names, start=1):
        id = ElementId(f"CO-{number}")
        model = replace(model, elements=model.elements.insert(id, Component(id=id, name=name)))
    return model


def item_number(number: int) -> DraftItem:
    """Items of every kind, with the longest names, and each with answers that are chosen by themselves."""
    name = f"{number} {LONG}"[:150]
    if number % 5 == 4:
        ends = flow(f"{number - 4}", f"{number + 1}", number, key=key(f"{number}"))
        return replace(ends, name="")
    kind = (Kind.COMPONENT, Kind.ENTRY_POINT, Kind.ASSET, Kind.EXTERNAL_DEPENDENCY)[number % 5]
    answers = (answer("least_privilege", Answer.YES), answer("isolated", Answer.YES))
    return item(
        name,
        kind,
        number,
        key=key(f"{number}"),
        exposure=Exposure.INTERNET if kind is Kind.ENTRY_POINT else None,
        answers=answers if kind is Kind.COMPONENT else (),
    )


def opened(draft: Draft, model: ThreatModel) -> OpenDraft:
    origin = DraftOrigin(draft=DraftId("TM-1/D-1"), brought_by=ANA)
    return OpenDraft(
        draft=draft, origin=origin, comparison=compare_draft(draft, model), choices=DraftChoices()
    )


def test_a_large_draft_pages_within_the_limits_and_its_choices_are_read_back() -> None:
    items = tuple(map(item_number, range(SIZE)))
    own = tuple(
        ProposedAnswer(
            key=key(f"own {n}"), element=ElementId(f"CO-{n}"), answer=answer("isolated", Answer.YES)
        )
        for n in range(1, 40)
    )
    # Every tenth component is there already, so that whole pages are conflicts.
    model = model_with(*(one.name for one in items[::10] if one.kind is Kind.COMPONENT))
    draft = Draft(sources=(COMPOSE,), items=items, answers=own)
    shown, known = opened(draft, model), register(model, at(1))
    choices = DraftChoices()

    for page in range(len(shown.pages)):
        target = DraftTarget(name="draft", stream="T1/TM-1", element="D-1", page=page)
        view = DRAFT.render(FormContext(target=target, person=ANA, register=known, loaded=shown))
        assert view_faults(view) == [], page
        submitted = {**view, "state": {"values": state_values(view["blocks"], {})}}
        choices = choices.with_choices(read_choices(submitted, shown))

    assert choices.seen == {one.key for one in (*items, *own)}
    begun = time.process_time()
    command = accept_chosen(draft, shown.origin, compare_draft(draft, model), choices, by=ANA, at=at(2))
    assert time.process_time() - begun < 1
    assert command.taken == 200
    assert not any(one.confirmed for one in command.items), "no control was confirmed"
    assert not command.answers
