"""A person who takes the next step: presses its button, fills in what opens, and presses what that shows."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from bot.sandbox.api import state_values
from bot.slack.handlers.submissions.form_submission import action_command
from bot.slack.protocol.block_builders import View
from bot.slack.protocol.targets import Action, ButtonKind, PhaseTarget, StaleButton, Target, VotingTarget
from bot.slack.screens.ballot_papers import ballot_page, ballot_paper_for, ballot_papers_of
from bot.slack.screens.page_data import PageData
from bot.slack.ui.forms.form import FieldErrors, FormContext, FormSubmission, OwedBallots, RoundDefaults
from bot.slack.ui.forms.form_fields import field_key
from bot.slack.ui.messages.card_message import card_message
from bot.slack.ui.modals.analysis.answered_page import read_controls, read_page
from bot.slack.ui.modals.analysis.controls_form import CONTROLS
from bot.slack.ui.modals.modal_registry import FORMS, PAGES, target_of
from bot.slack.ui.modals.next_step_buttons import next_step_button
from domain.commands import AnswerOpenQuestions, Command
from domain.decide import decide
from domain.events import Event, RecordedEvent
from domain.kernel.elements import PersonId
from domain.model import ThreatModel
from domain.next_step.next_step_choice import NextStep
from domain.register import ThreatRegister, register
from domain.rejections import Rejected, UnmetConditions
from domain.replay import replay
from tests.examples import ANA, BEN, CHI
from tests.slack.hostile_models import STREAM
from tests.slack.view_contents import button_target, buttons_of, fixed_naming

PEOPLE = (ANA, BEN, CHI)
FILLS = 4
"""Ways to fill in a form: the first option of each field, the second one, and so on."""


def steps_on(model: ThreatModel, events: list[RecordedEvent], now: datetime) -> Iterator[list[Event]]:
    """Yield the events of what people can do from the button of the next step, if it advances that step."""
    known = register(model, now)
    for person in PEOPLE:
        for command in _Player(model, known, person, now).commands():
            try:
                said = list(decide(command, model, lambda: tuple(events)))
            except Rejected:
                continue
            if said and _progress(after := replay(said, model), register(after, now)) != _progress(
                model, known
            ):
                yield said


def _progress(model: ThreatModel, known: ThreatRegister) -> tuple[NextStep, int]:
    """What a next step says, and the ballots, of which it counts only the last one of each voter."""
    return known.next, len(model.ballots)


class _Player:
    def __init__(self, model: ThreatModel, known: ThreatRegister, person: PersonId, now: datetime) -> None:
        self._model, self._known, self._person, self._now = model, known, person, now
        self._seen: set[tuple[str, Target]] = set()

    def commands(self) -> Iterator[Command]:
        """Yield the commands of all that the button of the next step leads to, the nearest first."""
        pressed = next_step_button(STREAM, self._known)
        card = card_message(STREAM, self._known, fixed_naming)
        buttons = [pressed] if pressed else buttons_of(card)
        for _ in range(3):
            following: list[Any] = []
            for button in buttons:
                for found in self._pressed(button):
                    if isinstance(found, dict):
                        following += buttons_of(found)
                    else:
                        yield found
            buttons = following

    def _pressed(self, button: dict[str, Any]) -> Iterator[Command | View]:
        kind = str(button["action_id"]).partition(":")[0]
        try:
            target = button_target(button)
            if (kind, target) in self._seen:
                return
            self._seen.add((kind, target))
            if kind == ButtonKind.DO:
                yield from self._done(target)
            elif kind == ButtonKind.WORD and target.name == "vote":
                yield from self._ballots()
            elif kind in (ButtonKind.OPEN, ButtonKind.SHOW, ButtonKind.TURN):
                yield from self._shown(target)
        except (StaleButton, KeyError):
            return

    def _done(self, target: Target) -> Iterator[Command | View]:
        levels = [level.id for level in self._model.trust_levels()]
        command = action_command(target, lambda: levels, by=self._person, at=self._now)
        yield command
        try:
            decide(command, self._model)
        except UnmetConditions as missing:
            move = PhaseTarget(name="move", stream=STREAM, move=Action(target.name))
            yield from self._form(move, missing=missing.conditions)
        except Rejected:
            return

    def _ballots(self) -> Iterator[Command | View]:
        for round in self._known.rounds:
            for threat in ("", *self._model.threats):
                target = VotingTarget(name="ballot", stream=STREAM, voting_round=round.round, element=threat)
                with suppress(StaleButton):  # full ballots are about one threat, quick ones about several
                    yield from self._form(target)

    def _shown(self, target: Target) -> Iterator[Command | View]:
        if target.name in FORMS:
            yield from self._form(target)
        elif target.name in PAGES:
            page = PAGES[target.name]
            yield page.show(
                PageData(
                    target=page.target.of(target), reader=self._person, model=self._known, naming=fixed_naming
                )
            )

    def _form(self, target: Target, **more: Any) -> Iterator[Command | View]:
        form = FORMS[target.name]
        target = form.target.of(target)
        loaded = RoundDefaults(voters=PEOPLE, deadline=self._now + timedelta(days=3))
        if isinstance(target, VotingTarget):
            papers = ballot_papers_of(self._model, self._person)
            loaded = OwedBallots(paper=ballot_paper_for(papers, target), page=ballot_page(papers, target))
        opening = FormContext(
            target=target,
            person=self._person,
            register=self._known,
            today=self._now.date(),
            loaded=loaded,
            **more,
        )
        parts = form.parts(opening)
        view = form.render(opening, parts)
        yield view
        for way in range(FILLS):
            state = {**view, "state": {"values": _filled(view, way, self._now)}}
            try:
                values = form.parse(state)
            except FieldErrors:
                continue
            shown = target_of(view)
            if form.submission is FormSubmission.PAGE:
                following = form.after(values, shown, lambda: self._known)
                yield from self._shown(following) if following else ()
            elif form.submission is FormSubmission.QUESTIONS:
                read = read_controls if form.name == CONTROLS.name else read_page
                page = read(values, form.keeps(opening, parts) or {})
                yield AnswerOpenQuestions(
                    by=self._person,
                    at=self._now,
                    replies=page.replies,
                    bulk=(*page.bulk, *page.to_confirm),
                    missing=page.missing,
                )
            elif not form.is_empty(values):
                made: Any = form.command(values, shown, by=self._person, at=self._now)
                yield made


def _filled(view: View, way: int, now: datetime) -> dict[str, Any]:
    """The state of a view after each field was filled in: the first way leaves what is filled in already."""
    values: dict[str, Any] = state_values(view["blocks"], {})
    for block in view["blocks"]:
        if block["type"] != "input":
            continue
        element, (action, state) = block["element"], next(iter(values[block["block_id"]].items()))
        if way == 0 and any(key.startswith("initial_") for key in element):
            continue
        values[block["block_id"]] = {action: {**state, **_entered(block, element, way, now)}}
    return values


def _entered(block: dict[str, Any], element: dict[str, Any], way: int, now: datetime) -> dict[str, Any]:
    options = [
        *element.get("options", ()),
        *(it for group in element.get("option_groups", ()) for it in group["options"]),
    ]
    chosen = options[way % len(options)] if options else None
    match element["type"]:
        case "plain_text_input":
            typed = {"flows": "Alpha -> Omega: goods via Condition", "ticket": f"PAY-{way + 1}"}
            return {"value": typed.get(field_key(block["block_id"]).partition("/")[0], f"Word {way}")}
        case "static_select" | "radio_buttons":
            return {"selected_option": chosen}
        case "checkboxes" | "multi_static_select":
            return {"selected_options": options if way % 2 == 0 else [chosen]}
        case "users_select":
            return {"selected_user": PEOPLE[way % len(PEOPLE)]}
        case "multi_users_select":
            return {"selected_users": list(PEOPLE)}
        case "datepicker":
            return {"selected_date": (now + timedelta(days=20)).date().isoformat()}
        case "datetimepicker":
            return {"selected_date_time": int((now + timedelta(days=3)).timestamp())}
        case _:
            return {}
