"""Reader for untrusted files: limited in size and depth, noting whatever is not imported."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar, cast

import msgspec

from bot.formats.exporters.extension_data import MARK

MOST_BYTES = 5_000_000
"""The largest file that is read."""

MOST_DEPTH = 60
"""How deep objects and lists may lie in each other, the values in the innermost counted."""

MOST_ELEMENTS = 2_000
"""Elements, threats and mitigations that one file may bring."""

MOST_NODES = 250_000
"""Values in a file, which may be short and still hold many: they are counted before anything is built."""

_Sort = TypeVar("_Sort")


class UnreadableFile(Exception):
    """A file that cannot be imported; the message says why in one sentence."""


def check_count(count: int) -> None:
    """Raise UnreadableFile where a file has more than one model is made of."""
    if count > MOST_ELEMENTS:
        raise UnreadableFile(
            f"The file has {count:,} elements, threats and mitigations; at most {MOST_ELEMENTS:,} fit."
        )


class ImportNotes:
    """Notes about data that is not imported, each once with its count."""

    def __init__(self) -> None:
        self._told: Counter[str] = Counter()

    def note_loss(self, what: str) -> None:
        """Note data that is not imported, or not unchanged."""
        self._told[what] += 1

    def all(self) -> tuple[str, ...]:
        """Return the notes in order."""
        return tuple(f"{what} ({count} times)" if count > 1 else what for what, count in self._told.items())


class DocumentObject:
    """One object of a file; `what` names its kind in messages.

    `note_unread` notes the fields that were not read.
    """

    def __init__(self, plain: Mapping[str, object], what: str, notes: ImportNotes) -> None:
        self._plain = plain
        self._read: set[str] = set()
        self.what = what
        self.notes = notes

    def has(self, name: str) -> bool:
        """Return whether the object has anything of that name; this reads none of it."""
        return name in self._plain

    def text(self, name: str) -> str:
        """Return a text, empty where there is none; a number as it is written."""
        value = self._take(name)
        if value is None:
            return ""
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise UnreadableFile(f"“{name}” of {self.what} should be text.")
        return str(value)

    def number(self, name: str) -> float | None:
        """Return a number, None where there is none."""
        value = self._take(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise UnreadableFile(f"“{name}” of {self.what} should be a number.")
        return float(value)

    def flag(self, name: str) -> bool:
        """Return a flag; False if it is missing."""
        return self._take(name) is True

    def stated(self, name: str) -> bool | None:
        """Return a flag; None if it is missing."""
        value = self._take(name)
        return value if isinstance(value, bool) else None

    def thing(self, name: str, what: str) -> "DocumentObject":
        """Return an object in this one, empty where there is none."""
        value = self._take(name)
        if value is None:
            value = {}
        if not isinstance(value, dict):
            raise UnreadableFile(f"“{name}” of {self.what} should be an object.")
        return DocumentObject(cast("dict[str, object]", value), what, self.notes)

    def things(self, name: str, what: str) -> list["DocumentObject"]:
        """Return the objects of a list in this one."""
        found: list[DocumentObject] = []
        for value in self._list(name):
            if not isinstance(value, dict):
                raise UnreadableFile(f"“{name}” of {self.what} should hold objects only.")
            found.append(DocumentObject(cast("dict[str, object]", value), what, self.notes))
        return found

    def texts(self, name: str) -> list[str]:
        """Return the texts of a list in this one."""
        found = [value for value in self._list(name) if value is not None]
        if not all(isinstance(value, str | int) for value in found):
            raise UnreadableFile(f"“{name}” of {self.what} should hold texts only.")
        return [str(value) for value in found]

    def extension(self, name: str = MARK) -> dict[str, Any]:
        """Return what we ourselves keep under our own name, empty where there is nothing."""
        value = self._take(name)
        return cast("dict[str, Any]", value) if isinstance(value, dict) else {}

    def ignore(self, *names: str) -> None:
        """Ignore fields that are computed here or repeated elsewhere."""
        self._read.update(names)

    def note_unread(self) -> None:
        """Note all fields that were not read."""
        for name, value in self._plain.items():
            if name not in self._read and value not in (None, "", [], {}, False):
                self.notes.note_loss(f"“{name}” of {self.what}")

    def _take(self, name: str) -> object:
        self._read.add(name)
        return self._plain.get(name)

    def _list(self, name: str) -> Iterable[object]:
        value = self._take(name)
        if value is None:
            return []
        if not isinstance(value, list):
            raise UnreadableFile(f"“{name}” of {self.what} should be a list.")
        return cast("list[object]", value)


def convert_or_note(value: object, sort: type[_Sort], notes: ImportNotes, what: str) -> _Sort | None:
    """Convert a value of our own data; note it and return None if it was changed and no longer fits."""
    try:
        return msgspec.convert(value, sort)
    except (msgspec.ValidationError, ValueError):
        notes.note_loss(
            f"what this bot had written beside {what}: it was changed and is not understood any more"
        )
        return None


def decode_text(content: bytes) -> str:
    """Return the text of a file; raises UnreadableFile."""
    if len(content) > MOST_BYTES:
        raise UnreadableFile(f"The file has {len(content):,} bytes; at most {MOST_BYTES:,} are read.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnreadableFile("The file is not UTF-8 text: save it as UTF-8 and try again.") from None
    if "\0" in text:
        raise UnreadableFile("The file is not text: it has zero bytes in it.")
    if not text.strip():
        raise UnreadableFile("The file is empty.")
    return text


def parse_document(content: bytes) -> dict[str, object]:
    """Return the object that a JSON or YAML file holds; raises UnreadableFile."""
    text = decode_text(content)
    plain = _json(text) if text.lstrip()[0] in "{[" else _yaml(text)
    if not isinstance(plain, dict):
        raise UnreadableFile("The file holds no object: it is no threat model.")
    return {str(name): value for name, value in cast("dict[object, object]", plain).items()}


def _json(text: str) -> object:
    count_values(text)
    try:
        return msgspec.json.decode(text)
    except (msgspec.MsgspecError, RecursionError, UnicodeError) as error:
        raise UnreadableFile(f"The file is no JSON: {error}.") from None


def count_values(text: str) -> int:
    """Count the values of a JSON text, keys not counted; raises UnreadableFile for too many or too deep.

    Nothing is built and nothing is kept: it ends as soon as there are too many. A list or object with
    something in it holds one value more than it has commas.
    """
    count, depth = 1, 0
    for token in _TOKENS.finditer(text):
        match token.lastgroup:
            case "comma":
                count += 1
            case "opening":
                count += 1
                depth += 1
            case "closing":
                depth -= 1
            case _:
                continue  # a text, or brackets with nothing between them
        if depth >= MOST_DEPTH:
            raise UnreadableFile(TOO_DEEP)
        if count > MOST_NODES:
            raise UnreadableFile(TOO_MANY)
    return count


_TOKENS = re.compile(
    # A text counts to its end, or to the file's where it has none; what it repeats is never tried again.
    r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?'
    r"|[\[{][ \t\r\n]*+[\]}]"
    r"|(?P<opening>[\[{])|(?P<closing>[\]}])|(?P<comma>,)",
    re.DOTALL,
)

TOO_MANY = f"The file has more than {MOST_NODES:,} values, which no threat model has."
TOO_DEEP = f"The file is nested more than {MOST_DEPTH} levels deep, which no threat model is."


def _yaml(text: str) -> object:
    """YAML without what makes it dangerous: no references to other nodes, no tags, no depth."""
    try:
        import yaml

        from bot.formats.importers.yaml_loader import PlainYamlLoader
    except ModuleNotFoundError:
        raise UnreadableFile(
            "The file is no JSON, and reading YAML needs a package: pip install 'threatmodel-bot[yaml]'."
        ) from None
    depth = 0
    try:
        for number, event in enumerate(yaml.parse(text, Loader=PlainYamlLoader)):
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                raise UnreadableFile(
                    "The file has YAML anchors or aliases (& or *): write out what they stand for."
                )
            if getattr(event, "tag", None):
                raise UnreadableFile("The file has YAML tags (!…): remove them.")
            if number > MOST_NODES:
                raise UnreadableFile(TOO_MANY)
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > MOST_DEPTH:
                raise UnreadableFile(TOO_DEEP)
        return msgspec.to_builtins(yaml.load(text, Loader=PlainYamlLoader), str_keys=True)  # noqa: S506  (a safe one)
    except (yaml.YAMLError, RecursionError, ValueError, TypeError) as error:
        first = str(error).partition("\n")[0]
        raise UnreadableFile(f"The file is neither JSON nor YAML: {first}.") from None
