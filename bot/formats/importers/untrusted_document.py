"""Reader for untrusted files: limited in size and depth, noting all data that is not imported."""

import codecs
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeVar, cast

import msgspec

from bot.formats.exporters.extension_data import MARK
from bot.version import installing

MAX_BYTES = 5_000_000
"""Maximum size of a file."""

MAX_DEPTH = 60
"""Maximum nesting of objects and lists, including the innermost values."""

MAX_ELEMENTS = 2_000
"""Maximum elements, threats and mitigations in one file."""

MAX_NODES = 250_000
"""Maximum values in a file, because short files can contain many: they are counted before parsing."""

_Sort = TypeVar("_Sort")


class UnreadableFile(Exception):
    """Error: a file cannot be imported; the message gives the reason in one sentence."""


def check_count(count: int) -> None:
    """Raise UnreadableFile if a file has more parts than a model may have."""
    if count > MAX_ELEMENTS:
        raise UnreadableFile(
            f"The file has {count:,} elements, threats and mitigations. At most {MAX_ELEMENTS:,} can be "
            f"imported."
        )


class ImportNotes:
    """Notes about data that is not imported, each once with its count."""

    def __init__(self) -> None:
        self._told: Counter[str] = Counter()

    def note_loss(self, what: str) -> None:
        """Note data that is not imported, or changed."""
        self._told[what] += 1

    def all(self) -> tuple[str, ...]:
        """Return the notes in order."""
        return tuple(f"{what} ({count} times)" if count > 1 else what for what, count in self._told.items())


class DocumentObject:
    """One object of a file; `what` names its type in messages.

    `note_unread` notes the fields that were not read.
    """

    def __init__(self, plain: Mapping[str, object], what: str, notes: ImportNotes) -> None:
        self._plain = plain
        self._read: set[str] = set()
        self.what = what
        self.notes = notes

    def has(self, name: str) -> bool:
        """Return whether the object has a field, without reading it."""
        return name in self._plain

    def text(self, name: str) -> str:
        """Return a text, empty if missing; a number as written."""
        value = self._take(name)
        if value is None:
            return ""
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise UnreadableFile(f"“{name}” of {self.what} should be text.")
        return str(value)

    def number(self, name: str) -> float | None:
        """Return a number, None if missing."""
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
        """Return a nested object, empty if missing."""
        value = self._take(name)
        if value is None:
            value = {}
        if not isinstance(value, dict):
            raise UnreadableFile(f"“{name}” of {self.what} should be an object.")
        return DocumentObject(cast("dict[str, object]", value), what, self.notes)

    def things(self, name: str, what: str) -> list["DocumentObject"]:
        """Return the objects of a nested list."""
        found: list[DocumentObject] = []
        for value in self._list(name):
            if not isinstance(value, dict):
                raise UnreadableFile(f"“{name}” of {self.what} should hold objects only.")
            found.append(DocumentObject(cast("dict[str, object]", value), what, self.notes))
        return found

    def texts(self, name: str) -> list[str]:
        """Return the texts of a nested list."""
        found = [value for value in self._list(name) if value is not None]
        if not all(isinstance(value, str | int) for value in found):
            raise UnreadableFile(f"“{name}” of {self.what} should hold texts only.")
        return [str(value) for value in found]

    def extension(self, name: str = MARK) -> dict[str, Any]:
        """Return this bot's own data, empty if there is none."""
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
    """Convert a value of our own data; return None with a note if it was changed to an invalid one."""
    try:
        return msgspec.convert(value, sort)
    except (msgspec.ValidationError, ValueError):
        notes.note_loss(f"data of this bot about {what}: it was changed and can no longer be read")
        return None


def decode_text(content: bytes) -> str:
    """Return the text of a file; raises UnreadableFile."""
    if len(content) > MAX_BYTES:
        raise UnreadableFile(f"The file has {len(content):,} bytes. At most {MAX_BYTES:,} can be imported.")
    for mark, kind in _NO_TEXT.items():
        if content.startswith(mark):
            raise UnreadableFile(f"The file is {kind}, not text.")
    encoding = _encoding(content)
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        name = "-".join(encoding.upper().split("-")[:2])
        raise UnreadableFile(f"The file is not {name} text. Save it as UTF-8 and try again.") from None
    if "\0" in text:
        raise UnreadableFile("The file is not a text file: it contains zero bytes.")
    if not text.strip():
        raise UnreadableFile("The file is empty.")
    return text


_NO_TEXT: Final = {
    b"%PDF-": "a PDF document",
    b"PK\x03\x04": "an archive, or a document of an office program",
    b"\x1f\x8b": "a compressed file",
    b"\x89PNG": "an image",
    b"\xff\xd8\xff": "an image",
    b"GIF8": "an image",
    b"\x7fELF": "a program",
    b"SQLite format 3": "a database",
}
"""The beginnings of files that are no text."""

_MARKS: Final = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
"""The byte order marks; that of UTF-32 begins with that of UTF-16."""


def _encoding(content: bytes) -> str:
    """Return the encoding that a mark states, or that the places of zero bytes tell; UTF-8 otherwise."""
    for mark, encoding in _MARKS.items():
        if content.startswith(mark):
            return encoding
    begun = content[:400]
    even, odd = begun[::2].count(0), begun[1::2].count(0)
    if max(even, odd) > len(begun) // 8 and not min(even, odd):
        return "utf-16-le" if odd else "utf-16-be"
    return "utf-8-sig"


def looks_like_json(text: str) -> bool:
    """Return whether the beginning of a text is one of JSON, and not of YAML in brackets."""
    return re.match(r'\s*+[\[{][\s\[{]*+(?:["\]}0-9-]|$)', text) is not None


def parse_document(content: bytes) -> dict[str, object]:
    """Return the object in a JSON or YAML file; raises UnreadableFile."""
    text = decode_text(content)
    plain = _json(text) if looks_like_json(text) else _yaml(text)
    if not isinstance(plain, dict):
        raise UnreadableFile("The file is not a threat model: it contains no object.")
    return {str(name): value for name, value in cast("dict[object, object]", plain).items()}


def _json(text: str) -> object:
    count_values(text)
    try:
        return msgspec.json.decode(text)
    except (msgspec.MsgspecError, RecursionError, UnicodeError) as error:
        raise UnreadableFile(f"The file is not valid JSON: {error}.") from None


def count_values(text: str) -> int:
    """Count the values of a JSON text, without keys; raises UnreadableFile for too many or too deep.

    Nothing is parsed or stored, and counting stops at the limit. A list or object with content has one value
    more than commas.
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
                continue  # a text, or empty brackets
        if depth >= MAX_DEPTH:
            raise UnreadableFile(TOO_DEEP)
        if count > MAX_NODES:
            raise UnreadableFile(TOO_MANY)
    return count


_TOKENS = re.compile(
    # A text extends to its end, or that of the file; no part is scanned twice.
    r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?'
    r"|[\[{][ \t\r\n]*+[\]}]"
    r"|(?P<opening>[\[{])|(?P<closing>[\]}])|(?P<comma>,)",
    re.DOTALL,
)

TOO_MANY = f"The file has more than {MAX_NODES:,} values, which is too many for a threat model."
NEEDS_YAML = f"The file is not JSON, and YAML needs a package that is not installed. {installing('yaml')}."
TOO_DEEP = f"The file is nested more than {MAX_DEPTH} levels deep, which is too deep for a threat model."


def _yaml(text: str) -> object:
    """Return the content of YAML without dangerous features: no references, no tags, limited depth."""
    try:
        import yaml

        from bot.formats.importers.yaml_loader import PlainYamlLoader
    except ModuleNotFoundError:
        raise UnreadableFile(NEEDS_YAML) from None
    depth = 0
    try:
        for number, event in enumerate(yaml.parse(text, Loader=PlainYamlLoader)):
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                raise UnreadableFile(
                    "The file has YAML anchors or aliases (& or *). Replace them with their values."
                )
            if getattr(event, "tag", None):
                raise UnreadableFile("The file has YAML tags (!…). Remove them.")
            if number > MAX_NODES:
                raise UnreadableFile(TOO_MANY)
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > MAX_DEPTH:
                raise UnreadableFile(TOO_DEEP)
        return msgspec.to_builtins(yaml.load(text, Loader=PlainYamlLoader), str_keys=True)  # noqa: S506  (a safe one)
    except (yaml.YAMLError, RecursionError, ValueError, TypeError) as error:
        first = str(error).partition("\n")[0]
        raise UnreadableFile(f"The file is neither JSON nor YAML: {first}.") from None
