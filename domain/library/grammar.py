"""The grammar of conditions, in Kleene's logic: a text to a condition, and back.

    condition   = conjunction { "or" conjunction }
    conjunction = term { "and" term }
    term        = "not" term | "(" condition ")" | "always" | "never"
                | "any of" quantifier "(" condition ")"
                | name | [ "fact" ] name [ "of" subject ] [ "else" ( "yes" | "no" ) ]

A name is a predicate for the kind of element, else a fact; after `fact` it is a fact. `else` says what the
answer *not applicable* counts as; without it, *no* in `applies`, and in `controlled` what means that no
control is missing. Unknown stays unknown until an answer decides it.
"""

import re
from collections.abc import Collection, Mapping
from difflib import get_close_matches
from typing import Final, NoReturn

from domain.facts.fact import Fact
from domain.kernel.elements import Kind
from domain.library.vocabulary import PREDICATES, QUANTIFIERS, SUBJECTS
from domain.rules.conditions import (
    FALSE,
    TRUE,
    AllOf,
    AnyAmong,
    AnyOf,
    Condition,
    FactHolds,
    Not,
    Structure,
    Truth,
    itself,
)

_TOKEN: Final = re.compile(r"(?<!\s)\s*+(?:([a-z][a-z0-9_]*)|([()])|(\S))")
_KEYWORDS: Final = frozenset({"and", "or", "not", "any", "of", "fact", "else", "always", "never"})
MAX_LENGTH: Final = 1000
MAX_DEPTH: Final = 12


class ConditionError(Exception):
    """Error: a text is no condition; `position` is the character at which it stops being one."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.position = position


def nearest(name: str, known: Collection[str]) -> str:
    """Return a sentence with the nearest known name; empty if none is near."""
    near = get_close_matches(name[:60], known, n=1, cutoff=0.6)
    return f" Did you mean “{near[0]}”?" if near else ""


def parse_condition(
    text: str, kinds: Collection[Kind], facts: Mapping[str, Fact], *, controlled: bool = False
) -> Condition:
    """Return the condition for elements of these kinds; raises ConditionError."""
    if len(text) > MAX_LENGTH:
        raise ConditionError(f"a condition has {MAX_LENGTH} characters or fewer.", MAX_LENGTH)
    return _Parser(text, facts, controlled=controlled).whole(tuple(kinds))


class _Parser:
    """A recursive descent over the words of one condition."""

    def __init__(self, text: str, facts: Mapping[str, Fact], *, controlled: bool) -> None:
        self._facts = facts
        self._controlled = controlled
        self._negative = False
        self._tokens = [
            (one[one.lastindex or 0], one.start(one.lastindex or 0)) for one in _TOKEN.finditer(text)
        ]
        self._tokens.append(("", len(text)))
        self._next = 0
        self._depth = 0

    def whole(self, kinds: tuple[Kind, ...]) -> Condition:
        """Return the condition that all words together are."""
        found = self._any_of(kinds)
        if self._word:
            self._fail(f"“{self._word[:40]}” is not expected here. Join conditions by “and” or “or”.")
        return found

    @property
    def _word(self) -> str:
        return self._tokens[self._next][0]

    def _take(self, *words: str) -> bool:
        found = self._word in words
        self._next += found
        return found

    def _need(self, word: str) -> None:
        if not self._take(word):
            self._fail(f"“{word}” is missing here.")

    def _fail(self, message: str, back: int = 0) -> NoReturn:
        raise ConditionError(message, self._tokens[self._next - back][1])

    def _any_of(self, kinds: tuple[Kind, ...]) -> Condition:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            self._fail(f"a condition has {MAX_DEPTH} levels of brackets or fewer.")
        parts = [self._all_of(kinds)]
        while self._take("or"):
            parts.append(self._all_of(kinds))
        self._depth -= 1
        return parts[0] if len(parts) == 1 else AnyOf(tuple(parts))

    def _all_of(self, kinds: tuple[Kind, ...]) -> Condition:
        parts = [self._term(kinds)]
        while self._take("and"):
            parts.append(self._term(kinds))
        return parts[0] if len(parts) == 1 else AllOf(tuple(parts))

    def _term(self, kinds: tuple[Kind, ...]) -> Condition:
        negations = 0
        while self._take("not"):
            negations += 1
        if negations % 2 == 0:
            return self._positive(kinds)
        self._negative = not self._negative
        found = opposite(self._positive(kinds))
        self._negative = not self._negative
        return found

    def _positive(self, kinds: tuple[Kind, ...]) -> Condition:
        if self._take("("):
            found = self._any_of(kinds)
            self._need(")")
            return found
        if self._take("always"):
            return AllOf(())
        if self._take("never"):
            return AnyOf(())
        if self._take("any"):
            self._need("of")
            known = {name: one for name, one in QUANTIFIERS.items() if one.kinds.issuperset(kinds)}
            name = self._name(known, f"a group of elements of {_named(kinds)}")
            self._need("(")
            found = self._any_of((known[name].of,))
            self._need(")")
            return AnyAmong(among=known[name].among, part=found)
        if not self._take("fact") and (found := self._predicate(kinds)) is not None:
            return found
        return self._fact(kinds)

    def _predicate(self, kinds: tuple[Kind, ...]) -> Condition | None:
        found = {id(one): one for kind in kinds if (one := PREDICATES.get(kind, {}).get(self._word))}
        everywhere = all(self._word in PREDICATES.get(kind, {}) for kind in kinds)
        if not everywhere or len(found) != 1:
            return None
        self._next += 1
        return next(iter(found.values()))

    def _fact(self, kinds: tuple[Kind, ...]) -> Condition:
        after = self._tokens[self._next + 1 : self._next + 3]
        subject, about = itself, kinds
        if len(after) == 2 and after[0][0] == "of":
            known = {name: one for name, one in SUBJECTS.items() if {one[1]}.issuperset(kinds)}
            self._next += 2
            found = self._name(known, f"an element that belongs to {_named(kinds)}")
            subject, _, kind = known[found]
            self._next -= 3
            about = (kind,)
        candidates = {name for name, fact in self._facts.items() if not fact.kinds.isdisjoint(about)}
        known_names = (
            candidates
            if subject is not itself
            else candidates.union(*(PREDICATES.get(kind, {}) for kind in kinds))
        )
        name = self._name(known_names, f"a fact or predicate about {_named(about)}")
        if name not in candidates:
            self._fail(f"“{name}” does not hold for {_named(kinds)} alike.", back=1)
        self._next += 2 if subject is not itself else 0
        counts = _default(controlled=self._controlled, negated=self._negative)
        if self._take("else"):
            counts = TRUE if self._word == "yes" else FALSE
            if not self._take("yes", "no"):
                self._fail("“yes” or “no” is missing after “else”.")
        return FactHolds(fact=name, subject=subject, if_not_applicable=counts)

    def _name(self, known: Collection[str], what: str) -> str:
        name = self._word
        if not name or name in _KEYWORDS or not name[0].isalpha():
            self._fail("a name is missing here." if not name else f"a name is missing before “{name[:40]}”.")
        if name not in known:
            self._fail(f"“{name[:40]}” is not {what}.{nearest(name, known)}")
        self._next += 1
        return name


def opposite(condition: Condition) -> Condition:
    """Return the negation, in which only facts, predicates and quantifiers are negated."""
    match condition:
        case FactHolds():
            return FactHolds(
                fact=condition.fact,
                subject=condition.subject,
                if_not_applicable=condition.if_not_applicable,
                negated=not condition.negated,
            )
        case AllOf():
            return AnyOf(tuple(map(opposite, condition.parts)))
        case AnyOf():
            return AllOf(tuple(map(opposite, condition.parts)))
        case Not():
            return condition.part
        case Structure() | AnyAmong():
            return Not(condition)


def condition_text(condition: Condition, kinds: Collection[Kind], *, controlled: bool = False) -> str:
    """Return the text that is read as this condition."""
    return _text(condition, tuple(kinds), controlled=controlled)


def _text(condition: Condition, kinds: tuple[Kind, ...], *, controlled: bool, inside: bool = False) -> str:
    for name, known in PREDICATES[kinds[0]].items():
        if known is condition and all(PREDICATES[kind].get(name) is known for kind in kinds):
            return name
    match condition:
        case FactHolds():
            return _fact_text(condition, kinds, controlled=controlled)
        case AllOf() | AnyOf():
            if not condition.parts:
                return "always" if isinstance(condition, AllOf) else "never"
            word = " and " if isinstance(condition, AllOf) else " or "
            text = word.join(_text(one, kinds, controlled=controlled, inside=True) for one in condition.parts)
            return f"({text})" if inside else text
        case AnyAmong():
            name, found = next(one for one in QUANTIFIERS.items() if one[1].among is condition.among)
            return f"any of {name} ({_text(condition.part, (found.of,), controlled=controlled)})"
        case Not():
            return f"not {_text(condition.part, kinds, controlled=controlled, inside=True)}"
        case Structure():
            raise LookupError(condition.name)


def _fact_text(condition: FactHolds, kinds: tuple[Kind, ...], *, controlled: bool) -> str:
    text = condition.fact
    if condition.subject is not itself:
        text += " of " + next(name for name, one in SUBJECTS.items() if one[0] is condition.subject)
    if any(condition.fact in PREDICATES[kind] for kind in kinds):
        text = f"fact {text}"
    if condition.if_not_applicable is not _default(controlled=controlled, negated=condition.negated):
        text += f" else {'yes' if condition.if_not_applicable is TRUE else 'no'}"
    return f"not {text}" if condition.negated else text


def _default(*, controlled: bool, negated: bool) -> Truth:
    """Return what *not applicable* counts as by default: a control that is not applicable is not missing."""
    return TRUE if controlled and not negated else FALSE


def _named(kinds: tuple[Kind, ...]) -> str:
    return " and ".join(kind.replace("_", " ") + "s" for kind in kinds).replace("ys", "ies")
