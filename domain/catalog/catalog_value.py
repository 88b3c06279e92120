"""The catalog that a model is analyzed by."""

import re
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec

from domain.facts.control_topics import ControlTopic
from domain.facts.fact import Fact
from domain.facts.screening_topics import ScreeningTopic
from domain.kernel.elements import Kind
from domain.technologies.technology import (
    Category,
    Protocol,
    SourcedAssumption,
    Technology,
    WordedQuestion,
)

if TYPE_CHECKING:
    from domain.rules.rule import Rule


class Catalog(msgspec.Struct, frozen=True, kw_only=True, dict=True, eq=False):
    """Rules, facts, technologies, protocols and screening topics, with what derives from them, computed once.

    `facts` are in the order in which they are asked: those that open others first. `browsers` are the
    categories whose products are browsers. `excluded_rules` holds, by category and rule, why its subject
    cannot exist there. `control_topics` are the controls that share a line. `version` grows whenever an
    assumption about a technology changes.
    """

    version: int = 1
    rules: "tuple[Rule, ...]" = ()
    facts: Mapping[str, Fact] = {}
    technologies: tuple[Technology, ...] = ()
    categories: tuple[Category, ...] = ()
    browsers: frozenset[str] = frozenset()
    protocols: tuple[Protocol, ...] = ()
    topics: Mapping[str, ScreeningTopic] = {}
    excluded_rules: Mapping[tuple[str, str], str] = {}
    control_topics: tuple[ControlTopic, ...] = ()

    @cached_property
    def rules_by_id(self) -> "dict[str, Rule]":
        """Return the rules by ID."""
        return {rule.id: rule for rule in self.rules}

    @cached_property
    def rules_of_kind(self) -> "dict[Kind, tuple[Rule, ...]]":
        """Return the rules that check each kind of element."""
        return {kind: tuple(rule for rule in self.rules if kind in rule.kinds) for kind in Kind}

    @cached_property
    def fact_positions(self) -> dict[str, int]:
        """Return the position of each fact in the order in which they are asked."""
        return {fact: position for position, fact in enumerate(self.facts)}

    @cached_property
    def topic_hints(self) -> dict[str, re.Pattern[str]]:
        """Return the beginnings of words in names and descriptions that suggest each topic."""
        return {id: re.compile(rf"\b(?:{topic.hints})", re.IGNORECASE) for id, topic in self.topics.items()}

    @cached_property
    def entries(self) -> dict[str, Technology | Category]:
        """Return every technology, and every category for what has no entry of its own, by key."""
        return {technology.key: technology for technology in (*self.technologies, *self.categories)}

    def technology_of(self, key: str) -> Technology | Category | None:
        """Return the entry with a key."""
        return self.entries.get(key)

    def category_of(self, key: str) -> Category | None:
        """Return the category of an entry."""
        entry = self.entries.get(key)
        if isinstance(entry, Technology):
            entry = self.entries.get(entry.category)
        return entry if isinstance(entry, Category) else None

    def technology_name(self, key: str) -> str:
        """Return the name of an entry; the key itself if the catalog has none."""
        entry = self.entries.get(key)
        return entry.name if entry else key

    def is_browser(self, key: str) -> bool:
        """Return whether a browser makes the requests of a technology."""
        category = self.category_of(key)
        return category is not None and category.key in self.browsers

    def assumptions_of(self, key: str) -> tuple[SourcedAssumption, ...]:
        """Return the assumptions about a technology, its own before those of its category for other facts."""
        entry, category = self.entries.get(key), self.category_of(key)
        if entry is None or category is None:
            return ()
        own = entry.assumptions
        if entry is category:
            return own
        answered = {(one.fact, one.applies_to) for one in own}
        return (*own, *(one for one in category.assumptions if (one.fact, one.applies_to) not in answered))

    def questions_about(self, key: str) -> tuple[WordedQuestion, ...]:
        """Return the questions about a technology in its own words, before those of its category."""
        entry, category = self.entries.get(key), self.category_of(key)
        if entry is None or category is None or entry is category:
            return entry.questions if entry else ()
        own = {one.fact for one in entry.questions}
        return (*entry.questions, *(one for one in category.questions if one.fact not in own))
