"""OpenAPI 3.x and Swagger 2.0: an API, its groups of operations, its security schemes."""

import re
from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

from bot.drafts.draft_builder import BuiltItem, DraftBuilder
from bot.drafts.draft_connections import service_behind
from bot.drafts.lined_values import LinedMapping
from bot.drafts.openapi_operations import ApiDescription, Operation, uploads
from domain.drafts.draft import Certainty, SourceKey, SourcePlace
from domain.kernel.elements import ComponentKind, DataKind, Kind

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
        component = self._builder.add(
            BuiltItem(
                key=SourceKey(self._prefix),
                kind=Kind.COMPONENT,
                name=title,
                place=self._place,
                role=ComponentKind.PROCESS,
                technology="server_application",
            )
        )
        component.answer("software", self._place, yes=True)
        root = self._builder.add(
            BuiltItem(
                key=SourceKey(f"{self._prefix}/"),
                kind=Kind.ENTRY_POINT,
                name=title,
                place=self._place,
                component=component.key,
                protocol=self._protocol(),
            )
        )
        described: list[BuiltItem] = []
        groups = self._api.operations()
        for tag, operations in groups.items():
            item = self._builder.add(
                BuiltItem(
                    key=SourceKey(f"{self._prefix}/{tag}"),
                    kind=Kind.ENTRY_POINT,
                    name=tag,
                    qualifier=title,
                    place=operations[0].place,
                    component=component.key,
                    parent=root.key,
                    protocol=root.protocol,
                )
            )
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
        stated = [self._api.security_of(one) for one in operations]
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
        for one in operations:
            if one.takes_input:
                item.answer("takes_input", one.place, yes=True)
            if one.id_parameters:
                sure = (
                    Certainty.CERTAIN if any(map(_RECORD_ID.search, one.id_parameters)) else Certainty.LIKELY
                )
                item.answer("names_objects", one.place, yes=True, certainty=sure)
            if any(media.endswith(("/xml", "+xml")) for media in one.media):
                item.answer("takes_xml", one.place, yes=True)
            if (taken := uploads(self._api, one)) is not False:
                sure = Certainty.CERTAIN if taken else Certainty.LIKELY
                item.answer("takes_files", one.place, yes=True, certainty=sure)
            if one.body.mapping("callbacks") or any(
                _CALLED_BACK.search(name[:100]) for name in one.parameter_names()
            ):
                item.answer("fetches_addresses", one.place, yes=True, certainty=Certainty.LIKELY)

    def _answer_purpose(self, item: BuiltItem, tag: str, operations: list[Operation]) -> None:
        writes = [one for one in operations if one.writes]
        clear = [one for one in writes if one.verb != "post" or not _READS_BY_POST.search(_words_of(one))]
        if clear:
            item.answer("changes_something", clear[0].place, yes=True, certainty=Certainty.LIKELY)
        elif not writes:
            item.answer("changes_something", item.place, yes=False, certainty=Certainty.LIKELY)
        for one in writes:
            if _signs_in(one):
                item.answer("logs_in", one.place, yes=True, certainty=Certainty.LIKELY)
            if _RECOVERY.search(_words_of(one)):
                item.answer("offers_recovery", one.place, yes=True, certainty=Certainty.LIKELY)
        if _ADMINISTRATION.search(f"/{tag}") or all(_ADMINISTRATION.search(one.path) for one in operations):
            item.answer("administers", item.place, yes=True, certainty=Certainty.LIKELY)
        limited = [one for one in operations if "429" in one.body.mapping("responses")]
        if limited and len(limited) == len(operations):
            item.answer("rate_limited", limited[0].place, yes=True, certainty=Certainty.LIKELY)

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
                self._builder.add(
                    BuiltItem(
                        key=SourceKey(f"{self._prefix}/#{label}"),
                        kind=Kind.ASSET,
                        name=label,
                        qualifier=self._api.title,
                        place=place,
                        certainty=Certainty.LIKELY,
                        sort="Credential",
                        data=DataKind.CREDENTIAL,
                    )
                )
            for host, where in _identity_hosts(scheme):
                if host not in own and not _LOCAL.search(host):
                    self._builder.add(
                        BuiltItem(
                            key=SourceKey(f"dependency:{host}"),
                            kind=Kind.EXTERNAL_DEPENDENCY,
                            name=host,
                            place=where,
                            certainty=Certainty.LIKELY,
                            sort="Identity provider",
                            technology=service_behind(host) or "identity_provider",
                        )
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
