"""Reading a library from TOML: every entry becomes what the built-in catalog declares in Python."""

import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from typing import Any, Final, TypeVar

from domain.catalog import Catalog
from domain.facts.fact import Fact
from domain.kernel.answer import Answer
from domain.kernel.elements import ComponentKind, Kind
from domain.kernel.threat import ControlClass, Linddun, Stride
from domain.library.grammar import ConditionError, nearest, parse_condition
from domain.library.library_value import Adjustment, Library, LibraryProblem, RuleExample, UnreadableLibrary
from domain.library.toml_places import TomlPlaces
from domain.library.vocabulary import CELLS, PEERS, SUBJECTS
from domain.rules.conditions import AnyOf, Condition, itself
from domain.rules.rule import Control, Impact, Rule, ThreatSource
from domain.technologies.technology import (
    AppliesTo,
    Category,
    SourcedAssumption,
    Technology,
    WordedQuestion,
)

MAX_SIZE: Final = 500_000
"""Characters of a file: a library of 300 rules with examples has fewer."""
MAX_ENTRIES: Final = 1_000
"""Entries of each kind."""
MAX_PROBLEMS: Final = 100
_MAX_NESTING: Final = 10
_MAX_TEXT: Final = 400
_MAX_LIST: Final = 100

CATEGORY_NAMES: Final[Mapping[str, Stride]] = {one.name.lower(): one for one in Stride}
KINDS: Final[Mapping[str, Kind]] = {
    kind.value: kind
    for kind in (
        Kind.COMPONENT,
        Kind.DATA_FLOW,
        Kind.ENTRY_POINT,
        Kind.ASSET,
        Kind.EXTERNAL_DEPENDENCY,
    )
}
_ID: Final = re.compile(r"[A-Z][A-Z0-9]*(?:-[A-Z0-9]+)*", re.ASCII)
_OURS: Final = re.compile(r"[STRIDEX]-?\d+", re.ASCII)
_KEY: Final = re.compile(r"[a-z][a-z0-9_]{0,59}", re.ASCII)
_MARKUP: Final = re.compile(r"[<>`*~]|\]\(|://")
_LINK: Final = re.compile(r"https://[^\s<>|\"]+")
_FIELD: Final = re.compile(r"\{[^}]*\}?|\}")

_Named = TypeVar("_Named")
_Enum = TypeVar("_Enum", bound=StrEnum)


def read_library(text: str, base: Catalog) -> tuple[Library, tuple[LibraryProblem, ...]]:
    """Return the library in a file, without its faulty entries, and the problems in the order of lines.

    Raises UnreadableLibrary if the file is no TOML, or too large to look at.
    """
    return _Reader(text, base).library()


class _Table:
    """A table of the file: takes its values one by one, and notes what is wrong with them."""

    def __init__(self, reader: "_Reader", values: Any, header: str, number: int = 0, key: str = "") -> None:
        self._reader, self.header, self.number, self._key = reader, header, number, key
        self.values: dict[str, Any] = values if isinstance(values, dict) else {}
        self._taken: set[str] = set()
        if not isinstance(values, dict):
            self.problem(f"“{key or header}” is not a table.")

    def problem(self, message: str, key: str = "", offset: int = -1) -> None:
        """Note a problem at the value of a key."""
        self._reader.problem(message, self.header, self.number, self._key or key, offset)

    def get(self, key: str, expected: type[_Named], default: _Named) -> _Named:
        """Return the value of a key, if it is of a type."""
        self._taken.add(key)
        value = self.values.get(key, default)
        if type(value) is not expected:
            self.problem(f"“{key}” is not {_TYPE_NAMES[expected]}.", key)
            return default
        return value

    def text(self, key: str, *, required: bool = False, longest: int = _MAX_TEXT) -> str:
        """Return a text without markup."""
        value = self.get(key, str, "")
        if required and not value.strip():
            self.problem(f"“{key}” is missing.", key)
        return self._checked(key, value, longest)

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts."""
        values = self.items(key)
        if not all(isinstance(value, str) for value in values):
            self.problem(f"“{key}” is not a list of texts.", key)
            return ()
        return tuple(self._checked(key, value, _MAX_TEXT) for value in values)

    def numbers(self, key: str) -> tuple[int, ...]:
        """Return a list of numbers."""
        values = self.items(key)
        if not all(type(value) is int and 0 < value < 100_000 for value in values):
            self.problem(f"“{key}” is not a list of numbers.", key)
            return ()
        return tuple(values)

    def items(self, key: str) -> list[Any]:
        """Return a list."""
        values = self.get(key, list, [])
        if len(values) > _MAX_LIST:
            self.problem(f"“{key}” has more than {_MAX_LIST} entries.", key)
        return values[:_MAX_LIST]

    def link(self, key: str) -> str:
        """Return an https link."""
        value = self.get(key, str, "")
        if value and not (len(value) <= _MAX_TEXT and _LINK.fullmatch(value)):
            self.problem(f"“{key}” is not a link that starts with https://.", key)
            return ""
        return value

    def choice(self, key: str, known: Mapping[str, _Named], default: _Named) -> _Named:
        """Return what a name stands for; the default without it."""
        value = self.get(key, str, "")
        if not value:
            return default
        if value not in known:
            listed = f" Choose one of: {', '.join(known)}." if len(known) <= 12 else ""
            self.problem(f"“{value[:40]}” is no {key}.{nearest(value, known) or listed}", key)
            return default
        return known[value]

    def word(self, key: str, enum: type[_Enum], default: _Enum) -> _Enum:
        """Return the member of an enumeration."""
        return self.choice(key, {one.value: one for one in enum}, default)

    def identifier(self, key: str, pattern: re.Pattern[str], example: str) -> str:
        """Return an identifier in capital or small letters of ASCII."""
        value = self.get(key, str, "")
        if len(value) > 60 or not pattern.fullmatch(value):
            self.problem(
                f"“{value[:40]}” is no {key}, such as {example}." if value else f"“{key}” is missing.", key
            )
            return ""
        return value

    def tables(self, key: str) -> Iterator["_Table"]:
        """Yield the tables in a list."""
        for value in self.items(key):
            yield _Table(self._reader, value, self.header, self.number, key)

    def sub_tables(self, key: str) -> Iterator[tuple[str, Any]]:
        """Yield names and values of a table."""
        values = self.get(key, dict, {})
        if len(values) > _MAX_LIST:
            self.problem(f"“{key}” has more than {_MAX_LIST} entries.", key)
        yield from tuple(values.items())[:_MAX_LIST]

    def table(self, key: str, value: Any) -> "_Table":
        """Return a table inside this one."""
        return _Table(self._reader, value, self.header, self.number, key)

    def end(self) -> None:
        """Note the keys that no one took."""
        for key in [key for key in self.values if key not in self._taken][:MAX_PROBLEMS]:
            if not self._reader.full:
                self.problem(f"“{key[:40]}” is not known here.{nearest(key, self._taken)}", key)

    def _checked(self, key: str, value: str, longest: int) -> str:
        if len(value) > longest:
            self.problem(f"“{key}” has {len(value)} characters. Shorten it to {longest} or fewer.", key)
        elif not value.isprintable() or _MARKUP.search(value):
            self.problem(f"“{key}” contains markup, a link or invisible characters.", key)
        elif _mixes_scripts(value):
            self.problem(f"“{key}” mixes Latin letters with others that look like them.", key)
        else:
            return value
        return ""


class _Reader:
    """One reading of one file."""

    def __init__(self, text: str, base: Catalog) -> None:
        if len(text) > MAX_SIZE:
            raise _unreadable(1, 1, f"The file has {len(text)} characters; {MAX_SIZE} are read at most.")
        self._places = TomlPlaces(text)
        self._base = base
        self._problems: set[LibraryProblem] = set()
        if (deep := _too_deep(text)) >= 0:
            raise _unreadable(*self._places.line_and_column(deep), "Brackets are nested too deeply.")
        try:
            self._values: dict[str, Any] = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise _unreadable(*_place_of(error, text), f"The file is not TOML: {error}.") from None
        except (RecursionError, ValueError):
            raise _unreadable(1, 1, "The file is not TOML that can be read.") from None
        self._facts: dict[str, Fact] = {}
        self._controls: dict[str, Control] = {}
        self._categories: dict[str, Category] = {}
        self._examples: dict[str, tuple[RuleExample, ...]] = {}

    @property
    def full(self) -> bool:
        """Return whether no further problems are noted."""
        return len(self._problems) >= MAX_PROBLEMS

    def problem(self, message: str, header: str, number: int = 0, key: str = "", offset: int = -1) -> None:
        """Note a problem, as long as there are few."""
        if self.full:
            return
        line, column = self._places.of(header, number, key, offset)
        self._problems.add(LibraryProblem(line=line, column=column, message=message))

    def library(self) -> tuple[Library, tuple[LibraryProblem, ...]]:
        """Return the library and its problems."""
        whole = _Table(self, self._values, "")
        head = _Table(self, whole.get("library", dict, {}), "library")
        name = head.text("name", required=True, longest=60)
        version = head.text("version", required=True, longest=30)
        head.end()
        self._name = f"{name} {version}".strip()
        categories = self._each(
            whole, "category", self._category, lambda one: one.key, set(self._base.entries)
        )
        self._categories = {one.key: one for one in (*self._base.categories, *categories)}
        facts = self._each(whole, "fact", self._fact, lambda one: one.name, set(self._base.facts))
        self._facts = {**self._base.facts, **{one.name: one for one in facts}}
        controls = self._each(whole, "control", self._control, lambda one: one.id, set[str]())
        self._controls = {one.id: one for one in controls}
        keys = {*self._base.entries, *(one.key for one in categories)}
        technologies = self._each(whole, "technology", self._technology, lambda one: one.key, keys)
        rules = self._each(whole, "rule", self._rule, lambda one: one.id, set(self._base.rules_by_id))
        adjustments = tuple(
            found
            for id, value in whole.sub_tables("adjust")
            if (found := self._adjustment(id, _Table(self, value, f"adjust.{id}")))
        )
        whole.end()
        library = Library(
            name=name,
            version=version,
            rules=rules,
            facts=facts,
            technologies=technologies,
            categories=categories,
            controls=controls,
            adjustments=adjustments,
            examples=self._examples,
        )
        self._check_names(library)
        return library, tuple(sorted(self._problems))

    def _each(
        self,
        whole: _Table,
        header: str,
        read: Callable[[_Table], _Named],
        id_of: Callable[[_Named], str],
        taken: set[str],
    ) -> tuple[_Named, ...]:
        """Read the entries of a kind; one without an ID, or with the ID of another, is left out."""
        values = whole.get(header, list, [])
        if len(values) > MAX_ENTRIES:
            raise _unreadable(
                *self._places.of(header, MAX_ENTRIES),
                f"There are more than {MAX_ENTRIES} entries [[{header}]].",
            )
        found: dict[str, _Named] = {}
        for number, value in enumerate(values):
            table = _Table(self, value, header, number)
            entry = read(table)
            table.end()
            id = id_of(entry)
            if id in taken or id in found:
                whose = "built in" if id in taken else "declared above"
                self.problem(f"“{id}” is already {whose}. Choose another.", header, number)
            elif id:
                found[id] = entry
        return tuple(found.values())

    def _fact(self, table: _Table) -> Fact:
        return Fact(
            name=table.identifier("name", _KEY, "on_paved_road"),
            kinds=frozenset(self._kinds(table)),
            question=table.text("question", required=True),
            statement=table.text("yes", required=True),
            denial=table.text("no"),
            denial_of_several=table.text("no_of_several"),
            why=table.text("why"),
        )

    def _kinds(self, table: _Table) -> tuple[Kind, ...]:
        names = (
            table.texts("about") if isinstance(table.values.get("about"), list) else (table.text("about"),)
        )
        for name in names:
            if name not in KINDS:
                table.problem(
                    f"“{name[:40]}” is no kind of element. Choose one of: {', '.join(KINDS)}.", "about"
                )
        return tuple(KINDS[name] for name in names if name in KINDS) or (Kind.COMPONENT,)

    def _control(self, table: _Table) -> Control:
        id = table.identifier("id", _ID, "ACME-C7")
        return self._described_control(table, id)

    def _described_control(self, table: _Table, id: str = "") -> Control:
        fact = table.text("fact")
        if fact and fact not in self._facts:
            table.problem(f"“{fact}” is no fact.{nearest(fact, self._facts)}", "fact")
        return Control(
            table.word("class", ControlClass, ControlClass.INTEGRITY),
            table.text("text", required=True),
            protocols=table.texts("protocols"),
            fact=fact,
            id=id,
            link=table.link("link"),
            owner_group=table.text("owner_group", longest=60),
        )

    def _controls_of(self, table: _Table) -> Iterator[Control]:
        for value in table.items("controls"):
            if isinstance(value, dict):
                described = table.table("controls", value)
                yield self._described_control(described)
                described.end()
            elif not isinstance(value, str) or value not in self._controls:
                name = str(value)[:40]
                table.problem(f"“{name}” is no control.{nearest(name, self._controls)}", "controls")
            else:
                yield self._controls[value]

    def _category(self, table: _Table) -> Category:
        name = table.text("name", required=True, longest=60)
        return Category(
            table.identifier("key", _KEY, "acme_gateway"),
            name,
            table.word("kind", ComponentKind, ComponentKind.PROCESS),
            protocol=table.text("protocol"),
            names=table.texts("names"),
            whole_names=table.texts("whole_names"),
            short_names=table.texts("short_names"),
            questions=tuple(self._questions(table)),
            assumptions=tuple(self._assumptions(table, name)),
        )

    def _technology(self, table: _Table) -> Technology:
        name = table.text("name", required=True, longest=60)
        key = table.identifier("key", _KEY, "acme_gateway")
        category = table.choice("category", self._categories, None)
        if category is None and "category" not in table.values:
            table.problem("“category” is missing.")
        return Technology(
            key,
            name,
            category.key if category else "",
            table.word("kind", ComponentKind, category.kind if category else ComponentKind.PROCESS),
            protocol=table.text("protocol"),
            aliases=table.texts("aliases"),
            short_names=table.texts("short_names"),
            questions=tuple(self._questions(table)),
            managed=table.get("managed", bool, False),
            general=table.get("general", bool, False),
            assumptions=tuple(self._assumptions(table, name)),
        )

    def _questions(self, table: _Table) -> Iterator[WordedQuestion]:
        for fact, value in table.sub_tables("questions"):
            if self._known_fact(table, fact, "questions"):
                worded = table.table("questions", {"question": value})
                yield WordedQuestion(fact=fact, text=worded.text("question", required=True))

    def _assumptions(self, table: _Table, name: str) -> Iterator[SourcedAssumption]:
        for fact, value in table.sub_tables("assume"):
            said = table.table(f"assume.{fact}", value)
            if known := self._known_fact(table, fact, "assume"):
                yield SourcedAssumption(
                    fact=fact,
                    statement=said.text("statement") or f"{name}: {known.statement}",
                    since=said.text("since") or self._name,
                    source=said.link("source") or said.text("source", required=True),
                    answer=said.word("answer", Answer, Answer.YES),
                    applies_to=said.word("at", AppliesTo, AppliesTo.ITSELF),
                )
                said.end()

    def _known_fact(self, table: _Table, fact: str, key: str) -> Fact | None:
        known = self._facts.get(fact) or self._base.facts.get(fact) or self._declared_fact(fact)
        if known is None:
            table.problem(
                f"“{fact[:40]}” is no fact.{nearest(fact, {**self._base.facts, **self._facts})}", key
            )
        return known

    def _declared_fact(self, fact: str) -> Fact | None:
        """Return a fact that the file declares after the category that names it."""
        facts = self._values.get("fact")
        declared = (one for one in facts if isinstance(one, dict)) if isinstance(facts, list) else iter(())
        found = next((one for one in declared if one.get("name") == fact), None)
        return (
            Fact(name=fact, kinds=frozenset(), question="", statement=str(found.get("yes")))
            if found
            else None
        )

    def _rule(self, table: _Table) -> Rule:
        id = table.identifier("id", _ID, "ACME-01")
        if self._base.rules and _OURS.fullmatch(id):
            table.problem(f"“{id}” looks like a built-in rule. Choose an ID such as ACME-01.", "id")
            id = ""
        kind, *also = self._kinds(table)
        kinds = (kind, *also)
        cells = {name: cell for name, cell in CELLS.items() if name == "itself" or SUBJECTS[name][1] in kinds}
        peers = {name: found for name, (found, of) in PEERS.items() if of in kinds}
        rule = Rule(
            id=id,
            version=table.get("version", int, 1),
            category=table.choice("category", CATEGORY_NAMES, Stride.TAMPERING),
            kind=kind,
            also=tuple(also),
            title=table.text("title", required=True, longest=60),
            explanation=table.text("explanation", required=True),
            applies=self._condition(table, "applies", kinds),
            controlled=self._condition(table, "controlled", kinds),
            question=table.text("question", required=True),
            source=table.word("source", ThreatSource, ThreatSource.CALLER),
            action=self._formatted(table, "action"),
            impact=table.choice("impact", {one.name.lower(): one for one in Impact}, None),
            cause=self._formatted(table, "cause"),
            controls=tuple(self._controls_of(table)),
            cwe=table.numbers("cwe"),
            capec=table.numbers("capec"),
            asvs=table.texts("asvs"),
            atlas=table.texts("atlas"),
            owasp_llm=table.texts("owasp_llm"),
            linddun=table.choice("linddun", {one.value: one for one in Linddun}, None),
            false_alarm=table.text("false_alarm", required=True),
            cell=table.choice("cell", cells, itself),
            peers=table.choice("peers", peers, None),
            warns=table.get("warns", bool, False),
        )
        self._examples[id] = tuple(self._read_examples(table))
        return rule

    def _formatted(self, table: _Table, key: str) -> str:
        value = table.text(key, required=key == "action")
        for found in _FIELD.findall(value):
            if found not in ("{element}", "{peer}"):
                table.problem(
                    f"“{found[:40]}” is not known. Use {{element}} for the name of the element.", key
                )
                return ""
        return value

    def _condition(self, table: _Table, key: str, kinds: tuple[Kind, ...]) -> Condition:
        text = table.get(key, str, "")
        if not text.strip():
            table.problem(f"“{key}” is missing.", key)
            return AnyOf(())
        try:
            return parse_condition(text, kinds, self._facts, controlled=key == "controlled")
        except ConditionError as error:
            message = str(error)
            table.problem(message[0].upper() + message[1:], key, error.position)
            return AnyOf(())

    def _read_examples(self, table: _Table) -> Iterator[RuleExample]:
        line, _ = self._places.of(table.header, table.number, "examples")
        for one in table.tables("examples"):
            answers = dict(one.sub_tables("answers"))
            known = [answer.value for answer in Answer]
            for name, value in answers.items():
                if value not in known:
                    one.problem(f"“{name[:40]}” is answered by one of: {', '.join(sorted(known))}.")
            yield RuleExample(
                lines=one.get("lines", str, "")[:5000],
                answers={name: Answer(value) for name, value in answers.items() if value in known},
                finds=one.texts("finds"),
                line=line,
            )
            one.end()

    def _adjustment(self, id: str, table: _Table) -> Adjustment | None:
        if id not in self._base.rules_by_id:
            table.problem(f"“{id[:40]}” is no built-in rule.{nearest(id, self._base.rules_by_id)}")
            return None
        off, reason = table.get("off", bool, False), table.text("reason")
        if off and not reason:
            table.problem("A rule that is off needs a “reason”.")
        controls = tuple(self._controls_of(table))
        table.end()
        return Adjustment(rule=id, off=off, reason=reason, controls=controls)

    def _check_names(self, library: Library) -> None:
        """Note the names of technologies that mean something else already."""
        taken = {
            _plain(name): entry.name
            for entry in (*self._base.technologies, *self._base.categories)
            for name in _names_of(entry)
        }
        for header, entries in (("category", library.categories), ("technology", library.technologies)):
            for entry in entries:
                number = next(
                    number
                    for number, value in enumerate(self._values[header])
                    if isinstance(value, dict) and value.get("key") == entry.key
                )
                names = dict.fromkeys(map(_plain, _names_of(entry)))
                for name in names:
                    if other := taken.get(name):
                        self.problem(f"“{name}” already means {other}.", header, number)


def _names_of(entry: Technology | Category) -> tuple[str, ...]:
    own = entry.aliases if isinstance(entry, Technology) else (*entry.names, *entry.whole_names)
    return (entry.name, *own, *entry.short_names)


def _plain(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def _mixes_scripts(text: str) -> bool:
    """Return whether a word has letters of Latin and of another alphabet: some look alike."""
    for word in text.split():
        if not word.isascii():
            scripts = {unicodedata.name(one, "").partition(" ")[0] for one in word if one.isalpha()}
            if "LATIN" in scripts and not scripts.isdisjoint(
                {"CYRILLIC", "GREEK", "FULLWIDTH", "MATHEMATICAL"}
            ):
                return True
    return False


def _too_deep(text: str) -> int:
    """Return where brackets or dotted keys are nested too deeply, in a rough count; -1 if they are not."""
    depth = 0
    for found in re.finditer(r"\"\"\"|\"(?:[^\"\\\n]|\\.)*+\"?|'[^'\n]*+'?|#[^\n]*|[\[\]{}]", text):
        depth += 1 if found[0] in "[{" else -1 if found[0] in "]}" else 0
        if depth > _MAX_NESTING:
            return found.start()
    dotted = re.search(r"(?<![\w\"'-])(?:[\w\"'-]++[ \t]*+\.[ \t]*+){20}", text)
    return dotted.start() if dotted else -1


def _place_of(error: tomllib.TOMLDecodeError, text: str) -> tuple[int, int]:
    found = re.search(r"at line (\d+), column (\d+)", str(error))
    return (int(found[1]), int(found[2])) if found else (text.count("\n") + 1, 1)


def _unreadable(line: int, column: int, message: str) -> UnreadableLibrary:
    return UnreadableLibrary(LibraryProblem(line=line, column=column, message=message))


_TYPE_NAMES: Final[Mapping[type, str]] = {
    str: "a text",
    list: "a list",
    dict: "a table",
    int: "a whole number",
    bool: "true or false",
}
