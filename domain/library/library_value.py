"""The library of a company as a value, and a catalog to which it is added."""

from collections.abc import Mapping

import msgspec
from msgspec.structs import replace

from domain.catalog import Catalog
from domain.facts.fact import Fact
from domain.kernel.answer import Answer
from domain.rules.rule import Control, Rule
from domain.technologies.technology import Category, Technology


class Adjustment(msgspec.Struct, frozen=True, kw_only=True):
    """A change to a built-in rule: switched off with a reason, or with controls that are suggested first."""

    rule: str
    off: bool = False
    reason: str = ""
    controls: tuple[Control, ...] = ()


class RuleExample(msgspec.Struct, frozen=True, kw_only=True):
    """A small system in typed lines, answers about it, and the elements at which a rule finds a threat.

    An answer is keyed by the name of its element and its fact: `Billing.on_paved_road`.
    """

    lines: str
    answers: Mapping[str, Answer] = {}
    finds: tuple[str, ...] = ()
    line: int = 0


class Library(msgspec.Struct, frozen=True, kw_only=True):
    """What a file declares, as the same types as the built-in catalog; examples are by rule."""

    name: str = ""
    version: str = ""
    rules: tuple[Rule, ...] = ()
    facts: tuple[Fact, ...] = ()
    technologies: tuple[Technology, ...] = ()
    categories: tuple[Category, ...] = ()
    controls: tuple[Control, ...] = ()
    adjustments: tuple[Adjustment, ...] = ()
    examples: Mapping[str, tuple[RuleExample, ...]] = {}


class LibraryProblem(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """A problem of a file at a line and a column, both counted from 1."""

    line: int
    column: int
    message: str


class UnreadableLibrary(Exception):
    """Error: a file is no library at all; it has the one problem that says why."""

    def __init__(self, problem: LibraryProblem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def with_library(catalog: Catalog, library: Library) -> Catalog:
    """Return the catalog with the library's entries, and with its adjustments of built-in rules."""
    adjusted = {one.rule: one for one in library.adjustments}
    rules = (
        replace(rule, controls=(*adjusted[rule.id].controls, *rule.controls)) if rule.id in adjusted else rule
        for rule in catalog.rules
        if not (rule.id in adjusted and adjusted[rule.id].off)
    )
    return replace(
        catalog,
        rules=(*rules, *library.rules),
        facts={**catalog.facts, **{fact.name: fact for fact in library.facts}},
        technologies=(*catalog.technologies, *library.technologies),
        categories=(*catalog.categories, *library.categories),
    )
