"""Compliance: what a model says about the controls of OWASP ASVS, by section and by chapter.

It counts what the team has looked at. It does not verify any requirement of the standard.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType

import msgspec

from domain.analysis.suggested_threats import DismissalState
from domain.catalog import Catalog
from domain.kernel.answer_basis import BasisCounts, BasisKind, add_bases, count_bases
from domain.kernel.elements import ModelKey
from domain.kernel.standards import ASVS_SECTIONS, chapter_of
from domain.kernel.threat import ThreatId, rule_of
from domain.register import ThreatRegister

NOT_A_CERTIFICATE = (
    "The figures show which controls the team has looked at, as far as the rules ask about them. This is "
    "not a certificate: it does not verify the requirements of the standard."
)
"""The sentence that accompanies every such report."""


BASIS_WORDS = (
    "“confirmed” by a spot check, “stated” for this element, “stated for all” in one line about several "
    "elements, or “assumed” from a technology and accepted"
)
"""What a control in place rests on, as the explanation of a table says it."""


class ControlCounts(msgspec.Struct, frozen=True, kw_only=True):
    """Checks of a control at an element, by result.

    `in_place`: answers say that the control exists, by what they rest on. `not_applicable`: they say that it
    does not concern the element. `suggested`, `confirmed`,
    `dismissed`: answers say that it does not, and the threat that follows waits for a decision, became a
    threat, or was dismissed. `assumed`: a technology or protocol implies the control, and no one accepted
    that. `unanswered`: answers are missing.
    """

    in_place: BasisCounts = BasisCounts()
    not_applicable: int = 0
    suggested: int = 0
    confirmed: int = 0
    dismissed: int = 0
    assumed: int = 0
    unanswered: int = 0

    @property
    def reviewed(self) -> int:
        """Return how many checks people have answered."""
        found = self.suggested + self.confirmed + self.dismissed
        return self.in_place.total + self.not_applicable + found

    @property
    def total(self) -> int:
        """Return the number of checks; zero if the model has nothing that the rules check."""
        return self.reviewed + self.assumed + self.unanswered


class SectionReview(msgspec.Struct, frozen=True, kw_only=True):
    """The checks of the controls that a section asks for, and the threats that lack of them has led to."""

    section: str
    counts: ControlCounts
    threats: tuple[ThreatId, ...] = ()


class ChapterReview(msgspec.Struct, frozen=True, kw_only=True):
    """The checks of a chapter, in one model or in several; a control of two sections is counted once.

    `sections` is the number of its sections that rules refer to, `reviewed_sections` of those in which people
    have answered at least one check.
    """

    chapter: str
    counts: ControlCounts
    sections: int
    reviewed_sections: int


class ModelChapters(msgspec.Struct, frozen=True, kw_only=True):
    """The checks of one model, each counted once, and the chapters that it has not looked at.

    `not_reviewed` are the chapters with checks of which people have answered none.
    """

    key: ModelKey
    name: str
    phase: str
    counts: ControlCounts
    not_reviewed: tuple[str, ...]


def section_reviews(register: ThreatRegister) -> tuple[SectionReview, ...]:
    """Return the review of each section that rules refer to, in the order of the standard."""
    counts = _counts_by_rule(register)
    threats: dict[str, dict[ThreatId, None]] = {}
    for threat in register.threats:
        for rule in map(rule_of, threat.suggested_threats):
            threats.setdefault(rule, {})[threat.id] = None
    return tuple(
        SectionReview(
            section=section,
            counts=_sum(counts[rule] for rule in rules),
            threats=tuple(dict.fromkeys(one for rule in rules for one in threats.get(rule, ()))),
        )
        for section, rules in _rules_of_section(register.catalog).items()
    )


def chapter_reviews(catalog: Catalog, registers: Sequence[ThreatRegister]) -> tuple[ChapterReview, ...]:
    """Return the review of each chapter that rules of a catalog refer to, over models analyzed by it."""
    counts = [_counts_by_rule(register) for register in registers]
    every = {rule.id: _sum(count[rule.id] for count in counts) for rule in catalog.rules}
    by_section = _rules_of_section(catalog)
    reviews: list[ChapterReview] = []
    for chapter in dict.fromkeys(map(chapter_of, by_section)):
        inside = {one: rules for one, rules in by_section.items() if chapter_of(one) == chapter}
        reviews.append(
            ChapterReview(
                chapter=chapter,
                counts=_sum(
                    every[rule] for rule in dict.fromkeys(r for rules in inside.values() for r in rules)
                ),
                sections=len(inside),
                reviewed_sections=sum(
                    any(every[rule].reviewed for rule in rules) for rules in inside.values()
                ),
            )
        )
    return tuple(reviews)


def model_chapters(register: ThreatRegister) -> ModelChapters:
    """Return what a model has looked at; controls that no section asks for are left out."""
    counts = _counts_by_rule(register)
    reviews = chapter_reviews(register.catalog, (register,))
    return ModelChapters(
        key=register.key,
        name=register.name,
        phase=register.phase,
        counts=_sum(counts[rule.id] for rule in register.catalog.rules if rule.asvs and not rule.warns),
        not_reviewed=tuple(one.chapter for one in reviews if one.counts.total and not one.counts.reviewed),
    )


def _counts_by_rule(register: ThreatRegister) -> dict[str, ControlCounts]:
    holding = (one for one in register.dismissed if one.state is DismissalState.HOLDS)
    counter = register.question_counter
    by_result = {
        "not_applicable": Counter(one.rule.id for one in register.controlled if not one.applicable),
        "suggested": Counter(suggested_threat.rule.id for suggested_threat in register.suggested_threats),
        "confirmed": Counter(one.rule.id for one in register.confirmed),
        "dismissed": Counter(rule_of(one.dismissal.suggested_threat) for one in holding),
        "assumed": Counter(rule for rule, _ in counter.assumed),
        "unanswered": Counter(rule for rule, _ in counter.undecided),
    }
    bases: dict[str, list[BasisKind]] = {}
    for one in register.controlled:
        if one.applicable:
            bases.setdefault(one.rule.id, []).append(one.basis)
    return {
        rule.id: ControlCounts(
            in_place=count_bases(bases.get(rule.id, ())),
            **{result: found[rule.id] for result, found in by_result.items()},
        )
        for rule in register.catalog.rules
    }


def _sum(counts: Iterable[ControlCounts]) -> ControlCounts:
    every = tuple(counts)
    numbers = (name for name in ControlCounts.__struct_fields__ if name != "in_place")
    return ControlCounts(
        in_place=add_bases(one.in_place for one in every),
        **{name: sum(getattr(one, name) for one in every) for name in numbers},
    )


@lru_cache(maxsize=8)
def _rules_of_section(catalog: Catalog) -> Mapping[str, tuple[str, ...]]:
    rules = [rule for rule in catalog.rules if not rule.warns]
    return MappingProxyType(
        {section: tuple(one.id for one in rules if section in one.asvs) for section in ASVS_SECTIONS}
    )
