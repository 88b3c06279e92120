"""Drafts from OpenAPI and Swagger descriptions."""

import re
from collections.abc import Iterator, Sequence
from typing import Final
from urllib.parse import urlsplit

import msgspec

from bot.drafts.draft_builder import BuiltItem, DraftBuilder
from bot.drafts.draft_connections import service_behind
from bot.drafts.lined_values import NO_MAPPING, LinedList, LinedMapping, mapping_of, text_of
from domain.drafts.draft import Certainty, SourcePlace
from domain.kernel.elements import ComponentKind


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
        for parameter in self.parameters:
            yield parameter.text("name")
        for schema in self.schemas:
            for name, value in schema.mapping("properties").items():
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
        current, former = ("components", "securitySchemes"), ("securityDefinitions",)
        return self.document.mapping(*current) or self.document.mapping(*former)

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
        """Return what an operation requires, each one enough; None if it states nothing."""
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
        if any(parameter.text("in") in ("body", "formData") for parameter in parameters):
            consumes = body.list("consumes") or self.document.list("consumes")
            media += [text for text, _ in consumes.texts()]
        return Operation(
            verb=verb,
            path=path[:2000],
            body=body,
            place=entry.place(verb),
            parameters=tuple(parameter for parameter in parameters if parameter),
            media=tuple(one.casefold().partition(";")[0].strip() for one in media),
            schemas=tuple(schema for schema in schemas if schema),
        )


_SIGN_IN: Final = re.compile(
    r"(?:^|[/ ])(?:(?:users?|accounts?|auth|members?|customers?)[-_.])?"
    r"(?:log-?_?in|sign-?_?in|log-?_?on|sign-?_?on|authenticate|oauth2?/token|auth/token)(?:$|[/ ])"
    r"|(?:^|[/ ])(?:(?:forgot|reset|change)-?_?password|password[-_/]?(?:reset|forgot))",
    re.IGNORECASE,
)
"""Parts of paths, and identifiers of operations, by which users sign in or reset a password."""

_SESSION: Final = re.compile(r"(?:^|/)(?:sessions?|tokens?)/?$", re.IGNORECASE)
"""Ends of paths at which users sign in if a password is sent there."""

_RECOVERY: Final = re.compile(
    r"(?:forgot|reset|recover)[-_/]?(?:password|account)|password[-_/]?(?:reset|forgot|recovery)",
    re.IGNORECASE,
)
_ADMINISTRATION: Final = re.compile(
    r"(?:^|/)(?:admin|administration|management|internal-admin)(?:/|$)", re.IGNORECASE
)
_CALLED_BACK: Final = re.compile(
    r"(?:callback|webhook|hook|notification|notify|target|redirect)_?-?(?:url|uri)|^(?:image|avatar|source|feed|"
    r"remote)_?-?(?:url|uri)$",
    re.IGNORECASE,
)
_READS_BY_POST: Final = re.compile(
    r"search|query|lookup|validate|preview|estimate|calculate|graphql|export", re.IGNORECASE
)
_RECORD_ID: Final = re.compile(r"(?:id|uuid|guid|key|number|code|slug|ref|username|email)$", re.IGNORECASE)
_LOCAL: Final = re.compile(r"localhost|127\.|0\.0\.0\.0|\[::1\]")
_CREDENTIALS: Final = {
    "apiKey": "API keys of callers",
    "basic": "Passwords of callers",
    "bearer": "Access tokens of callers",
    "oauth2": "Access tokens of callers",
    "openIdConnect": "Access tokens of callers",
    "mutualTLS": "Client certificates of callers",
}


def is_openapi(document: LinedMapping) -> bool:
    """Return whether a document is a description of an API."""
    return ("openapi" in document or "swagger" in document) and isinstance(document.get("info"), LinedMapping)


def read_openapi(documents: Sequence[LinedMapping], builder: DraftBuilder) -> None:
    """Read descriptions of APIs, each as a component with its entry points."""
    for document in documents:
        _Api(ApiDescription(document), builder).read()


class _Api:
    """One API."""

    def __init__(self, description: ApiDescription, builder: DraftBuilder) -> None:
        self._api = description
        self._builder = builder
        self._place = description.document.mapping("info").place("title")
        self._prefix = f"openapi:{description.title}"

    def read(self) -> None:
        title = self._api.title
        component = self._builder.component(
            self._prefix, title, self._place, ComponentKind.PROCESS, "server_application"
        )
        door = f"{self._prefix}/", title, self._place, component
        root = self._builder.entry_point(*door, protocol=self._protocol())
        described: list[BuiltItem] = []
        groups = self._api.operations()
        for tag, operations in groups.items():
            key, place = f"{self._prefix}/{tag}", operations[0].place
            item = self._builder.entry_point(
                key, tag, place, component, protocol=root.protocol, qualifier=title
            )
            item.parent = root.key
            self._answer_security(item, operations)
            self._answer_input(item, operations)
            self._answer_purpose(item, tag, operations)
            described.append(item)
        self._add_schemes()
        if self._api.external_references:
            for item in described:
                item.withhold("caller_authenticated", "rate_limited", "changes_something")
            self._builder.note(
                "references to other files were not followed: bundle the description into one file",
                self._api.external_references,
            )
        if self._api.document.mapping("webhooks"):
            self._builder.note("webhooks that the API sends were not read")

    def _protocol(self) -> str:
        schemes = {url.partition(":")[0] for url, _ in self._api.servers if not _LOCAL.search(url)}
        if "http" in schemes:
            return "HTTP"
        return "HTTPS" if "https" in schemes else ""

    def _answer_security(self, item: BuiltItem, operations: list[Operation]) -> None:
        """Answer whether callers are authenticated, where schemes are declared and all operations agree."""
        schemes = self._api.schemes
        if not schemes:
            return
        stated = [self._api.security_of(operation) for operation in operations]
        guarded = [bool(one) and all(requirement for requirement in one) for one in stated]
        declined = [one is not None and not one for one in stated]
        place = _security_place(operations, self._api)
        if all(guarded):
            item.answer("caller_authenticated", place, yes=True, certainty=Certainty.LIKELY)
        elif not any(guarded) and not any(stated):
            sure = Certainty.CERTAIN if all(declined) else Certainty.LIKELY
            item.answer("caller_authenticated", place, yes=False, certainty=sure)
            if all(declined):
                # A webhook is often declared so, and checks a signature: a person says whether it is meant.
                meant = Certainty.LIKELY if any(map(_signs_in, operations)) else Certainty.GUESS
                item.answer("anonymous_by_design", place, yes=True, certainty=meant)
        else:
            self._builder.note(
                f"{item.name}: {guarded.count(False)} of {len(guarded)} operations can be called without "
                "credentials, so the question is left open"
            )
        used = {name for one in stated if one for requirement in one for name in requirement}
        for name in schemes:
            if name in used and any(guarded):
                _answer_scheme(item, schemes.mapping(name), schemes.place(name))

    def _answer_input(self, item: BuiltItem, operations: list[Operation]) -> None:
        for operation in operations:
            if operation.takes_input:
                item.answer("takes_input", operation.place, yes=True)
            if operation.id_parameters:
                named = any(map(_RECORD_ID.search, operation.id_parameters))
                sure = Certainty.CERTAIN if named else Certainty.LIKELY
                item.answer("names_objects", operation.place, yes=True, certainty=sure)
            if any(media.endswith(("/xml", "+xml")) for media in operation.media):
                item.answer("takes_xml", operation.place, yes=True)
            if (taken := uploads(self._api, operation)) is not False:
                sure = Certainty.CERTAIN if taken else Certainty.LIKELY
                item.answer("takes_files", operation.place, yes=True, certainty=sure)
            called_back = any(_CALLED_BACK.search(name[:100]) for name in operation.parameter_names())
            if called_back or operation.body.mapping("callbacks"):
                item.answer("fetches_addresses", operation.place, yes=True, certainty=Certainty.LIKELY)

    def _answer_purpose(self, item: BuiltItem, tag: str, operations: list[Operation]) -> None:
        """Answer what an entry point is for; each question with the place that tells, if one does."""
        writes = [operation for operation in operations if operation.writes]
        clear = [one for one in writes if one.verb != "post" or not _READS_BY_POST.search(_words_of(one))]
        limited = [operation for operation in operations if "429" in operation.body.mapping("responses")]
        every = all(_ADMINISTRATION.search(operation.path) for operation in operations)
        administers = every or _ADMINISTRATION.search(f"/{tag}")
        stated = {
            "changes_something": [one.place for one in clear],
            "logs_in": [write.place for write in writes if _signs_in(write)],
            "offers_recovery": [write.place for write in writes if _RECOVERY.search(_words_of(write))],
            "administers": [item.place] if administers else [],
            "rate_limited": [one.place for one in limited] if len(limited) == len(operations) else [],
        }
        for fact, places in stated.items():
            if places:
                item.answer(fact, places[0], yes=True, certainty=Certainty.LIKELY)
        if not writes:
            item.answer("changes_something", item.place, yes=False, certainty=Certainty.LIKELY)

    def _add_schemes(self) -> None:
        """Add the credentials of callers, and the identity provider that issues them."""
        own = {_host_of(url) for url, _ in self._api.servers}
        schemes = self._api.schemes
        for name in schemes:
            scheme = self._api.resolved(schemes.get(name))
            kind, place = scheme.text("type"), schemes.place(name)
            label = _CREDENTIALS.get(scheme.text("scheme").casefold() if kind == "http" else kind)
            if kind == "apiKey" and scheme.text("in") == "cookie":
                label = "Session cookies of callers"
            if label:
                key = f"{self._prefix}/#{label}"
                self._builder.credential(key, label, place, Certainty.LIKELY, qualifier=self._api.title)
            for host, where in _identity_hosts(scheme):
                if host not in own and not _LOCAL.search(host):
                    technology = service_behind(host) or "identity_provider"
                    self._builder.dependency(
                        host, host, where, sort="Identity provider", technology=technology
                    )


def _signs_in(operation: Operation) -> bool:
    """Return whether people sign in by an operation."""
    session = _SESSION.search(operation.path) is not None and "password" in {*operation.parameter_names()}
    return operation.verb == "post" and (session or _SIGN_IN.search(_words_of(operation)) is not None)


def _words_of(operation: Operation) -> str:
    """Return the path and the identifier of an operation, with hyphens between the words of the latter."""
    identifier = operation.body.text("operationId")[:200]
    return f"{operation.path} {re.sub(r'(?<=[a-z])(?=[A-Z])', '-', identifier)}"


def _answer_scheme(item: BuiltItem, scheme: LinedMapping, place: SourcePlace) -> None:
    kind, http = scheme.text("type"), scheme.text("scheme").casefold()
    is_jwt = http == "bearer" and "jwt" in scheme.text("bearerFormat").casefold()
    if is_jwt or kind in ("oauth2", "openIdConnect"):
        item.answer("accepts_tokens", place, yes=True)
    elif http == "bearer":
        item.answer("accepts_tokens", place, yes=True, certainty=Certainty.GUESS)
    if kind == "apiKey" and scheme.text("in") == "cookie":
        item.answer("cookie_session", place, yes=True)
        item.answer("keeps_session", place, yes=True, certainty=Certainty.LIKELY)


def _security_place(operations: list[Operation], api: ApiDescription) -> SourcePlace:
    """Return where the security of operations is stated, or the first of them."""
    own = next((one.body.place("security") for one in operations if "security" in one.body), None)
    if own is None and "security" in api.document:
        return api.document.place("security")
    return own or operations[0].place


def _identity_hosts(scheme: LinedMapping) -> list[tuple[str, SourcePlace]]:
    """Return the hosts at which callers obtain tokens."""
    found: list[tuple[str, SourcePlace]] = []
    holders = [scheme, *(scheme.mapping("flows", one) for one in scheme.mapping("flows"))]
    for holder in holders:
        for key in ("authorizationUrl", "tokenUrl", "openIdConnectUrl"):
            host = _host_of(holder.text(key))
            if "." in host:
                found.append((host, holder.place(key)))
    return found


def _host_of(url: str) -> str:
    try:
        return urlsplit(url[:2000]).hostname or ""
    except ValueError:  # braces of a variable where an IPv6 address would stand
        return ""


_VERBS: Final = ("get", "put", "post", "delete", "patch", "head", "options", "query")
_READING: Final = frozenset({"get", "head", "options", "query"})
_MAX_REFERENCES: Final = 8
_VERSION: Final = re.compile(r"v\d+(?:\.\d+)?|api|rest|public", re.IGNORECASE)
_NO_ID: Final = re.compile(
    r"version|lang|locale|format|year|month|day|date|page|currency|country|region|tenant|type|status|ext|size",
    re.IGNORECASE,
)


def _first_part(path: str) -> str:
    parts = [
        one for one in path.split("/") if one and not one.startswith("{") and not _VERSION.fullmatch(one)
    ]
    return parts[0] if parts else "/"


def uploads(description: ApiDescription, operation: Operation) -> bool | None:
    """Return whether an operation takes files: None if a form may hold one, and the file does not say."""
    if any(parameter.text("type") == "file" for parameter in operation.parameters):
        return True
    forms = [one for one in operation.media if one.startswith("multipart/")]
    if any(one.startswith(_BINARY) for one in operation.media):
        return True
    if not forms:
        return False
    properties = [value for schema in operation.schemas for value in schema.mapping("properties").values()]
    parts = [description.resolved(value) for value in properties]
    parts += [description.resolved(part.get("items")) for part in parts]
    return True if any(map(_is_binary, parts)) else None


_BINARY: Final = (
    *("image/", "video/", "audio/"),
    *("application/octet-stream", "application/pdf", "application/zip"),
)


def _is_binary(schema: LinedMapping) -> bool:
    return (
        schema.text("format") in ("binary", "byte", "base64")
        or "contentMediaType" in schema
        or text_of(schema.get("type")) == "file"
    )
