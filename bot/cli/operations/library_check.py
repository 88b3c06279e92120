"""Checks of a library's file: reading, linting, and running the examples of its rules."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec
from msgspec.structs import replace

from bot.operator_error import OperatorError
from bot.slack.ui.forms.typed_lines import parse_flows
from domain.analysis.model_analysis import analyze
from domain.built_in_catalog import BUILT_IN
from domain.catalog import Catalog
from domain.catalog.technology_names import technology_typed
from domain.commands import DrawFlows, StartThreatModel
from domain.decide import decide
from domain.facts.fact import Fact
from domain.kernel.elements import ChannelId, Component, ComponentKind, DataFlow, Element, ElementId, PersonId
from domain.kernel.name_similarity import spelling_free
from domain.kernel.persistent_maps import items_of, values_of
from domain.library.checks import check_library
from domain.library.grammar import nearest
from domain.library.library_value import (
    Library,
    LibraryProblem,
    RuleExample,
    UnreadableLibrary,
    with_library,
)
from domain.library.reading import KINDS, MAX_SIZE, read_library
from domain.library.vocabulary import PREDICATES, QUANTIFIERS, SUBJECTS
from domain.library.writing import entry_text
from domain.model import ThreatModel
from domain.model.element_labels import label
from domain.rejections import Rejected
from domain.replay import EMPTY, replay
from domain.rules.rule import Rule
from domain.technologies.technology import Category, Technology

_SOMEONE: Final = PersonId("U1")
_THEN: Final = datetime(2026, 1, 1, tzinfo=UTC)


class LibraryCheck(msgspec.Struct, frozen=True, kw_only=True):
    """The result of a check; without a library the file could not be read."""

    file: str
    library: Library | None
    problems: tuple[LibraryProblem, ...]
    examples: int = 0

    @property
    def exit_status(self) -> int:
        """Return 0 for a library without problems, 1 for one with problems, 2 for a file that is none."""
        if self.library is None:
            return 2
        return 1 if self.problems else 0


def check_file(path: Path) -> LibraryCheck:
    """Check a file; raises OperatorError if there is none."""
    text = _text_of(path)
    try:
        library, problems = read_library(text, BUILT_IN)
    except UnreadableLibrary as error:
        return LibraryCheck(file=str(path), library=None, problems=(error.problem,))
    if not problems:
        problems = (*check_library(library, text), *_failed_examples(library))
    examples = sum(map(len, library.examples.values()))
    return LibraryCheck(file=str(path), library=library, problems=tuple(sorted(problems)), examples=examples)


def _text_of(path: Path) -> str:
    try:
        with path.open(encoding="utf-8") as file:
            return file.read(MAX_SIZE + 1)
    except OSError as error:
        raise OperatorError(f"{path} cannot be read: {error.strerror or error}.") from None
    except UnicodeDecodeError:
        raise OperatorError(f"{path} is not a text in UTF-8.") from None


def _failed_examples(library: Library) -> Iterator[LibraryProblem]:
    catalog = with_library(BUILT_IN, library)
    for rule in library.rules:
        for number, example in enumerate(library.examples.get(rule.id, ()), start=1):
            if fault := _fault_of(rule, example, catalog):
                message = f"{rule.id}, example {number}: {fault}"
                yield LibraryProblem(line=example.line, column=1, message=message)


def _fault_of(rule: Rule, example: RuleExample, catalog: Catalog) -> str:
    """Return how the result of an example differs from what it says; empty if it does not."""
    try:
        model = example_model(example, catalog)
    except (ValueError, Rejected) as error:
        return str(error)
    suggested = analyze(model).found.suggested_threats
    found = sorted({one.element_name for one in suggested if one.rule.id == rule.id})
    if list(map(spelling_free, found)) == sorted(map(spelling_free, example.finds)):
        return ""
    return f"it finds {_listed(found)}, and not {_listed(sorted(example.finds))}."


def _listed(names: list[str]) -> str:
    return ", ".join(f"“{name}”" for name in names) or "nothing"


def example_model(example: RuleExample, catalog: Catalog) -> ThreatModel:
    """Return the model that an example describes; raises ValueError or Rejected."""
    flows, unread = parse_flows(example.lines)
    if unread:
        raise ValueError(unread[0].message)
    begun = StartThreatModel(name="Example", channel=ChannelId("C1"), by=_SOMEONE, at=_THEN)
    model = replace(EMPTY, catalog=catalog)
    for command in (begun, DrawFlows(flows=tuple(flows), usual_levels=True, by=_SOMEONE, at=_THEN)):
        model = replay(decide(command, model), model)
    called = {one.target for one in values_of(model.elements) if isinstance(one, DataFlow)}
    elements = {id: _described(one, catalog, called=id in called) for id, one in items_of(model.elements)}
    model = replace(model, elements=model.elements.update(elements))
    names: dict[str, ElementId] = {}
    for element in values_of(model.elements):
        names.setdefault(spelling_free(label(model, element)), element.id)
    facts = {_asked(key, names, catalog): answer for key, answer in example.answers.items()}
    return replace(model, facts=model.facts.update(facts))


def _described(element: Element, catalog: Catalog, *, called: bool) -> Element:
    """Return a component with the technology of the library that was typed for it, and of its kind.

    Without a technology, one that is called is a process, and one that only calls an external entity.
    """
    if not isinstance(element, Component):
        return element
    technology = technology_typed(catalog, element.technology) or element.technology
    entry = catalog.technology_of(technology)
    usual = ComponentKind.PROCESS if called else ComponentKind.EXTERNAL_ENTITY
    return replace(element, technology=technology, sort=element.sort or (entry.kind if entry else usual))


def _asked(key: str, names: Mapping[str, ElementId], catalog: Catalog) -> tuple[ElementId, str]:
    name, _, fact = key.rpartition(".")
    element = names.get(spelling_free(name))
    if element is None:
        raise ValueError(f"no element is named “{name[:60]}”.{nearest(spelling_free(name), names)}")
    if fact not in catalog.facts:
        raise ValueError(f"“{fact[:60]}” is no fact.{nearest(fact, catalog.facts)}")
    return element, fact


def check_text(check: LibraryCheck) -> str:
    """Return the result for people: a line for each problem, and a summary."""
    lines = [f"{check.file}:{one.line}:{one.column}: {one.message}" for one in check.problems]
    if check.library is not None and not check.problems:
        one = check.library
        lines.append(
            f"{one.name} {one.version}: {len(one.rules)} rules, {len(one.facts)} facts, "
            f"{len(one.technologies)} technologies, {len(one.controls)} controls, "
            f"{len(one.adjustments)} adjusted rules. {check.examples} examples passed."
        )
    return "\n".join(lines)


def check_annotations(check: LibraryCheck) -> str:
    """Return the problems as workflow commands, which CI shows at the lines of a change."""
    return "\n".join(
        f"::error file={_escaped(check.file, ':,')},line={one.line},col={one.column}::{_escaped(one.message)}"
        for one in check.problems
    )


def _escaped(text: str, more: str = "") -> str:
    return "".join(f"%{ord(one):02X}" if one in f"%\r\n{more}" else one for one in text)


def check_json(check: LibraryCheck) -> str:
    """Return the result as JSON."""
    one = check.library
    document = {
        "file": check.file,
        "library": {"name": one.name, "version": one.version, "rules": len(one.rules)} if one else None,
        "examples": check.examples,
        "problems": [msgspec.structs.asdict(problem) for problem in check.problems],
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def built_in_text(name: str) -> str:
    """Return a built-in entry as TOML, or the names for conditions about a kind; raises OperatorError."""
    if kind := KINDS.get(name):
        facts = sorted(fact.name for fact in BUILT_IN.facts.values() if kind in fact.kinds)
        groups = sorted(one for one, found in QUANTIFIERS.items() if kind in found.kinds)
        subjects = sorted(one for one, found in SUBJECTS.items() if found[1] is kind)
        lists = {"Predicates": sorted(PREDICATES[kind]), "Facts": facts, "any of": groups, "of": subjects}
        return "\n".join(f"{title}: {', '.join(names)}" for title, names in lists.items() if names) + "\n"
    known: dict[str, Rule | Fact | Technology | Category] = {
        **BUILT_IN.entries,
        **BUILT_IN.facts,
        **BUILT_IN.rules_by_id,
    }
    found = known.get(name) or known.get(name.upper())
    if found is None:
        raise OperatorError(
            f"“{name}” is no built-in rule, fact, technology or category.{nearest(name, known)}"
        )
    return entry_text(found)
