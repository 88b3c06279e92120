"""Operations of an OpenAPI description, with references resolved and grouped by tag."""

import re
from collections.abc import Iterator
from typing import Final

import msgspec

from bot.drafts.lined_values import NO_MAPPING, LinedList, LinedMapping, mapping_of, text_of
from domain.drafts.draft import SourcePlace

_VERBS: Final = ("get", "put", "post", "delete", "patch", "head", "options", "query")
_READING: Final = frozenset({"get", "head", "options", "query"})
_MAX_REFERENCES: Final = 8
_VERSION: Final = re.compile(r"v\d+(?:\.\d+)?|api|rest|public", re.IGNORECASE)
_NO_ID: Final = re.compile(
    r"version|lang|locale|format|year|month|day|date|page|currency|country|region|tenant|type|status|ext|size",
    re.IGNORECASE,
)


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """One operation, with the parameters of its path."""

    verb: str
    path: str
    body: LinedMapping
    place: SourcePlace
    parameters: tuple[LinedMapping, ...]
    media: tuple[str, ...]
    schemas: tuple[LinedMapping, ...]

    @property
    def writes(self) -> bool:
        """Whether it changes something, as far as its method tells."""
        return self.verb not in _READING

    @property
    def takes_input(self) -> bool:
        """Whether the caller sends anything besides the path."""
        return bool(self.parameters or self.media or "requestBody" in self.body or "{" in self.path)

    @property
    def id_parameters(self) -> list[str]:
        """The parts of the path that select a record."""
        return [one for one in re.findall(r"\{([^{}/]{1,100})\}", self.path) if not _NO_ID.search(one)]

    def parameter_names(self) -> Iterator[str]:
        """Yield the names of parameters, and of the properties of bodies, two levels deep."""
        for one in self.parameters:
            yield one.text("name")
        for one in self.schemas:
            for name, value in one.mapping("properties").items():
                yield name
                yield from mapping_of(value).mapping("properties")


class ApiDescription:
    """A description in OpenAPI 3.x or Swagger 2.0."""

    def __init__(self, document: LinedMapping) -> None:
        self.document = document
        self.title = document.mapping("info").text("title") or "API"
        self.external_references = 0

    @property
    def schemes(self) -> LinedMapping:
        """The security schemes that it declares."""
        return self.document.mapping("components", "securitySchemes") or self.document.mapping(
            "securityDefinitions"
        )

    @property
    def servers(self) -> list[tuple[str, SourcePlace]]:
        """The addresses of its servers."""
        found = [(one.text("url"), one.place("url")) for one in self.document.list("servers").mappings()]
        host = self.document.text("host")
        for scheme, place in self.document.list("schemes").texts():
            found.append((f"{scheme}://{host}{self.document.text('basePath')}", place))
        return found

    def operations(self) -> dict[str, list[Operation]]:
        """Return the operations by tag; those without a tag by the first part of their path."""
        found: dict[str, list[Operation]] = {}
        labels: dict[str, str] = {}
        paths = self.document.mapping("paths")
        for path in paths:
            entry = self.resolved(paths.get(path))
            for verb in _VERBS:
                body = entry.get(verb)
                if isinstance(body, LinedMapping):
                    tag = next((text for text, _ in body.list("tags").texts()), "") or _first_part(path)
                    label = labels.setdefault(tag.strip().casefold(), tag.strip())
                    found.setdefault(label, []).append(self._operation(verb, path, body, entry))
        return found

    def resolved(self, value: object) -> LinedMapping:
        """Return a mapping, following references inside of the document."""
        found = mapping_of(value)
        for _ in range(_MAX_REFERENCES):
            reference = found.text("$ref")
            if not reference:
                return found
            if not reference.startswith("#/"):
                self.external_references += 1
                return NO_MAPPING
            found = self._at(reference[2:])
        return NO_MAPPING

    def security_of(self, operation: Operation) -> list[LinedMapping] | None:
        """Return what an operation requires, each one enough; None if nothing is said of it."""
        for one in (operation.body, self.document):
            stated = one.get("security")
            if isinstance(stated, LinedList):
                return list(stated.mappings())
        return None

    def _at(self, pointer: str) -> LinedMapping:
        found: object = self.document
        for part in pointer.split("/")[:20]:
            found = mapping_of(found).get(part.replace("~1", "/").replace("~0", "~"))
        return mapping_of(found)

    def _operation(self, verb: str, path: str, body: LinedMapping, entry: LinedMapping) -> Operation:
        parameters = [self.resolved(one) for owner in (entry, body) for one in owner.list("parameters")]
        content = self.resolved(body.get("requestBody")).mapping("content")
        schemas = [self.resolved(content.mapping(one).get("schema")) for one in content]
        schemas += [self.resolved(one.get("schema")) for one in parameters if one.text("in") == "body"]
        media = list(content)
        if any(one.text("in") in ("body", "formData") for one in parameters):
            consumes = body.list("consumes") or self.document.list("consumes")
            media += [text for text, _ in consumes.texts()]
        return Operation(
            verb=verb,
            path=path[:2000],
            body=body,
            place=entry.place(verb),
            parameters=tuple(one for one in parameters if one),
            media=tuple(one.casefold().partition(";")[0].strip() for one in media),
            schemas=tuple(one for one in schemas if one),
        )


def _first_part(path: str) -> str:
    parts = [
        one for one in path.split("/") if one and not one.startswith("{") and not _VERSION.fullmatch(one)
    ]
    return parts[0] if parts else "/"


def uploads(description: ApiDescription, operation: Operation) -> bool | None:
    """Return whether an operation takes files: None if a form may hold one, and the file does not say."""
    if any(one.text("type") == "file" for one in operation.parameters):
        return True
    forms = [one for one in operation.media if one.startswith("multipart/")]
    binary = any(
        one.startswith(("image/", "video/", "audio/"))
        or one in ("application/octet-stream", "application/pdf", "application/zip")
        for one in operation.media
    )
    if binary:
        return True
    if not forms:
        return False
    for schema in operation.schemas:
        for value in schema.mapping("properties").values():
            part = description.resolved(value)
            items = description.resolved(part.get("items"))
            if any(_is_binary(one) for one in (part, items)):
                return True
    return None


def _is_binary(schema: LinedMapping) -> bool:
    return (
        schema.text("format") in ("binary", "byte", "base64")
        or "contentMediaType" in schema
        or text_of(schema.get("type")) == "file"
    )
