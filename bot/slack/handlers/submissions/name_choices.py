"""Answers whether new names mean something that exists, and the form that asks for them."""

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import msgspec
from msgspec.structs import replace

from bot.slack.handlers.handler_responses import HandlerResponse, show_view
from bot.slack.handlers.modal_loading import load_form
from bot.slack.protocol.requests import Request
from bot.slack.protocol.targets import Target
from bot.slack.queries.services import Services
from bot.slack.ui.forms.form import (
    ANOTHER,
    PREFIX,
    REST,
    REST_SAME,
    DuplicateQuestion,
    name_digest,
)
from bot.slack.ui.forms.form_fields import SubmittedValues
from bot.slack.ui.modals.modal_registry import find_form
from domain.commands import AddCommand, Command, CreatingCommand
from domain.decide.input_checks import find_by_name
from domain.element_kinds import KIND_OF_COMMAND
from domain.events import ElementAdded, Erased, described_element
from domain.kernel.elements import ElementId, Kind, PersonId
from domain.kernel.name_choice import LikelyDuplicate, NameChoice, SimilarName
from domain.kernel.persistent_maps import values_of
from domain.model import ThreatModel
from domain.model.element_labels import same_name
from domain.rejections import LikelyDuplicates

_Result = TypeVar("_Result")


class NameAnswers(msgspec.Struct, frozen=True, kw_only=True):
    """The answers of a submitted form about names, apart from its other values."""

    values: SubmittedValues
    by_key: dict[str, str]

    @property
    def rest(self) -> str:
        """The answer about all names that were not asked about one by one."""
        return self.by_key.get(REST, "")

    def given_to(self, command: Command, model: ThreatModel) -> Command:
        """Return the command with the answers; one about a name that is gone does not count."""
        if not isinstance(command, CreatingCommand):
            return command
        texts = {name_digest(text): text for text in _texts(msgspec.to_builtins(command))}
        choices = [
            choice
            for key, answer in self.by_key.items()
            if key != REST and (choice := _choice(key, answer, texts, model))
        ]
        return replace(command, choices=(*command.choices, *choices))


def split_name_answers(values: SubmittedValues) -> NameAnswers:
    """Return the values of the form itself, and beside them the answers about names."""
    own = {key: value for key, value in values.by_key.items() if not key.startswith(PREFIX)}
    answers = {key: values.text(key) for key in values.by_key if key.startswith(PREFIX) and values.text(key)}
    return NameAnswers(values=SubmittedValues(own), by_key=answers)


def execute_with_answers(
    command: Command, answers: NameAnswers, execute: Callable[[Command], _Result]
) -> _Result:
    """Execute a command; names that were not asked about one by one get the answer about all of them."""
    try:
        return execute(command)
    except LikelyDuplicates as asked:
        if not answers.rest or not isinstance(command, CreatingCommand):
            raise
        more = tuple(_answer_to(one, answers.rest) for one in asked.found)
    return execute_with_answers(replace(command, choices=(*command.choices, *more)), answers, execute)


def ask_about_names(
    services: Services,
    request: Request,
    target: Target,
    typed: SubmittedValues,
    command: Command,
    asked: LikelyDuplicates,
) -> HandlerResponse:
    """Show a form again with what was typed and the questions whether its names mean something that exists.

    Names that were answered before are shown as well, with what was chosen.
    """
    model = services.command_handler.model(services.stream(target))
    questions = tuple(
        DuplicateQuestion(
            duplicate=one, added_by=tuple(_recent_authors(services, target, one, request.person))
        )
        for one in _with_earlier(asked.found, command, model)
    )
    view = load_form(services, target, request.person, typed=typed, duplicates=questions)
    return show_view(request, view, again=target)


def show_existing(
    services: Services,
    request: Request,
    target: Target,
    values: SubmittedValues,
    existing: ElementId,
    note: str,
) -> HandlerResponse:
    """Show the form of an existing element with what was typed for a new one, to be saved as a change."""
    about = replace(Target.of(target), element=existing, round=0)
    typed = {key: value for key, value in values.by_key.items() if value and key not in _ONLY_NEW}
    changed = find_form(about.name).as_revision(SubmittedValues(typed))
    return show_view(request, load_form(services, about, request.person, note=note, typed=changed))


def chosen_element(command: Command, model: ThreatModel) -> ElementId | None:
    """Return the existing element that the name of a new one was said to mean."""
    if not isinstance(command, AddCommand):
        return None
    kind = KIND_OF_COMMAND[type(command)]
    for one in command.choices:
        found = find_by_name(model, kind, one.same) if one.same and one.kind is kind else None
        if found is not None and name_digest(one.name) == name_digest(command.name):
            return found.id
    return None


def recent_author(services: Services, target: Target, element: ElementId, but: PersonId) -> PersonId | None:
    """Return the other person who added an element among the latest events."""
    stream = services.stream(target)
    version = services.command_handler.model(stream).version
    for event in services.store.events(stream, max(0, version - _RECENT), version):
        if isinstance(event, Erased) or not isinstance(event, ElementAdded) or event.by == but:
            continue
        if described_element(event).id == element:
            return event.by
    return None


def _with_earlier(
    found: tuple[LikelyDuplicate, ...], command: Command, model: ThreatModel
) -> Iterator[LikelyDuplicate]:
    """Yield the names that were answered before, then those that were found now, each once."""
    new = {(one.kind, same_name(one.name)): one for one in found}
    for choice in command.choices if isinstance(command, CreatingCommand) else ():
        others = tuple(_similar(model, choice.kind, name) for name in choice.others)
        now = new.pop((choice.kind, same_name(choice.name)), None)
        closer = now.others if now else ()
        yield LikelyDuplicate(
            kind=choice.kind, name=choice.name, others=tuple(dict.fromkeys((*closer, *others)))
        )
    yield from new.values()


def _similar(model: ThreatModel, kind: Kind, name: str) -> SimilarName:
    there = find_by_name(model, kind, name)
    return SimilarName(name=name, element=there.id if there else None)


def _recent_authors(
    services: Services, target: Target, one: LikelyDuplicate, but: PersonId
) -> Iterator[tuple[ElementId, str]]:
    for other in one.others:
        author = recent_author(services, target, other.element, but) if other.element else None
        if other.element is not None and author is not None:
            yield other.element, services.naming(author)


def _choice(key: str, answer: str, texts: dict[str, str], model: ThreatModel) -> NameChoice | None:
    kind_text, _, rest = key.removeprefix(PREFIX).partition("/")
    digest, _, others = rest.partition("/")
    if kind_text not in set(Kind) or digest not in texts:
        return None
    kind = Kind(kind_text)
    known = {**texts, **{name_digest(one.name): one.name for one in values_of(model.elements) if one.name}}
    return NameChoice(
        kind=kind,
        name=texts[digest],
        others=tuple(known[one] for one in others.split(",") if one in known),
        same="" if answer == ANOTHER else known.get(answer, ""),
    )


def _answer_to(one: LikelyDuplicate, answer: str) -> NameChoice:
    return NameChoice(
        kind=one.kind,
        name=one.name,
        others=tuple(other.name for other in one.others),
        same=one.others[0].name if answer == REST_SAME else "",
    )


def _texts(value: Any) -> Iterator[str]:
    """Yield every text in a command, on one line."""
    if isinstance(value, str):
        yield " ".join(value.split())
    elif isinstance(value, dict):
        for one in value.values():  # pyright: ignore[reportUnknownVariableType]  any JSON value
            yield from _texts(one)
    elif isinstance(value, list | tuple):
        for one in value:  # pyright: ignore[reportUnknownVariableType]  any JSON value
            yield from _texts(one)


_ONLY_NEW = frozenset({"name", "another", "parent", "above"})
_RECENT = 50
"""How many of the latest events are searched for who added an element a moment ago."""
