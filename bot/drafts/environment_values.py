"""Values of environments: addresses, secrets, and variables that are set for a file."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

import msgspec
from msgspec.structs import replace

from bot.drafts.lined_values import LinedList, LinedMapping, text_of
from domain.drafts.draft import SourcePlace

_MAX_VALUE: Final = 4_000
"""Characters of a value that are examined."""

_URL: Final = re.compile(
    r"(?<![A-Za-z0-9+.-])(?P<scheme>[A-Za-z][A-Za-z0-9+.-]{0,30})://"
    r"(?:(?P<user>[^\s@/:,\"']{0,200})(?::(?P<password>[^\s@/\"']{0,400}))?@)?"
    r"(?P<host>[A-Za-z0-9][A-Za-z0-9._-]{0,252})(?![^\s/,\"']{0,400}@)(?::(?P<port>\d{1,5}))?"
    r"(?P<rest>[^\s\"',]{0,400})"
)
_HOST_AND_PORT: Final = re.compile(
    r"(?<![\w.:/@$-])(?P<host>[A-Za-z0-9][A-Za-z0-9._-]{0,252}):(?P<port>\d{2,5})(?![\w:.])"
)
_FULL_NAME: Final = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,62})\.){1,8}[a-z]{2,24}", re.IGNORECASE)
_OWN_HOSTS: Final = re.compile(
    r"(?:^|\.)(?:localhost|local|internal|lan|home|test|invalid|example|svc|cluster\.local|example\.\w+|"
    r"docker\.internal|localdomain)$",
    re.IGNORECASE,
)
_HOST_NAMES: Final = re.compile(
    r"(?:HOST|HOSTNAME|HOSTS|ADDR|ADDRESS|SERVER|SERVERS|URL|URI|ENDPOINT|BROKER|BROKERS|SERVICE|UPSTREAM|"
    r"BACKEND|NODES)$",
    re.IGNORECASE,
)
_USES: Final = re.compile(
    r"API|ENDPOINT|SERVER|WEBHOOK|DSN|HOST|BACKEND|ISSUER|BROKER|AUTHORITY|URL|URI|ADDR|RELAY|UPSTREAM|PROXY",
    re.IGNORECASE,
)
_OWN_ADDRESS: Final = re.compile(
    r"ALLOW|CORS|ORIGIN|TRUSTED|REDIRECT|CALLBACK|PUBLIC|EXTERNAL|ADVERTISED|NO_?PROXY|COOKIE|CSP|VIRTUAL_HOST|"
    r"LETSENCRYPT|HOMEPAGE|DOCS|SCHEMA|SERVER_NAME|LISTEN|BIND"
    r"|^(?:(?:APP|SITE|ROOT|BASE|SERVER|WEB|FRONTEND|INSTANCE|HOST|SELF|DOMAIN)_?){1,2}"
    r"(?:URL|URI|HOST|DOMAIN|NAME)?$",
    re.IGNORECASE,
)
"""Names of addresses at which the service is reached, or of callers that it lets in: no flow starts there."""

_SECRET: Final = re.compile(
    r"PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|API_?KEY|PRIVATE_?KEY|ACCESS_?KEY|ENCRYPTION_?KEY|SIGNING_?KEY|"
    r"CREDENTIAL|MASTER_?KEY|_PASS$|^PASS$|REQUIREPASS$|_PWD$|AUTH_?KEY|JWT_?KEY",
    re.IGNORECASE,
)
_NOT_SECRET_END: Final = re.compile(
    r"_(?:FILE|PATH|DIR|NAME|TTL|URL|URI|HOST|PORT|ENABLE|ENABLED|LENGTH|MODE|USERNAME|USER|ID|EXPIRY|"
    r"EXPIRES|EXPIRES_IN|EXPIRATION|TIMEOUT|LIFETIME|ISSUER|AUDIENCE|TYPE|ALGORITHM|ALG|HEADER|"
    r"POLICY|COUNT|MINUTES|SECONDS|HOURS|DAYS|AGE|REGION|ARN|ENDPOINT|PREFIX|LIMIT|ROUNDS|HASHER|"
    r"HASHERS|REQUIRED|ROTATION|STORE|BACKEND|PROVIDER|SCOPE|VERSION)$"
)
"""Ends of names that have the word of a credential and hold something about it."""

_NOT_SECRET: Final = re.compile(
    r"PUBLIC_?KEY|^ALLOW_|RANDOM|_ALLOW_|_RESET_|_MIN_|_MAX_|DISABLE|ENABLE", re.IGNORECASE
)
_REFERENCE: Final = re.compile(
    r"\$(?P<upper>[A-Z][A-Z0-9_]{1,99})|\$\((?P<cluster>[\w.]{1,100})\)"
    r"|\$\{(?P<braced>\w{1,100})(?::?[-?+](?P<default>[^}]{0,400}))?\}"
)
"""A variable in place of a value. `$word` in lower case may be a password as well, and counts as a value."""

_NO_VALUE: Final = frozenset(
    {"true", "false", "yes", "no", "none", "null", "on", "off", "disabled", "enabled"}
)
SECURE_SCHEMES: Final = frozenset(
    {"https", "wss", "amqps", "rediss", "ldaps", "mqtts", "smtps", "ftps", "sftp", "grpcs", "mongodb+srv"}
    | {"ssl", "tls", "imaps", "valkeys", "kafka+ssl", "natss"}
)
"""Schemes of encrypted connections."""

OPEN_SCHEMES: Final = frozenset({"http", "ws", "ftp", "ldap", "smtp", "mqtt", "telnet"})
"""Schemes of connections without encryption."""


class NamedValue(msgspec.Struct, frozen=True):
    """A variable, or an argument, with its value and its place."""

    name: str
    value: str
    place: SourcePlace


class Address(msgspec.Struct, frozen=True, kw_only=True):
    """An address in a value; `encrypted` and `verified` are None if it does not state them."""

    host: str
    scheme: str = ""
    encrypted: bool | None = None
    verified: bool | None = None


class Credential(msgspec.Struct, frozen=True, kw_only=True):
    """A credential in a value.

    `identity` tells the same credential in two places; it may be the secret itself, and is never kept.
    `literal` says that the file itself has the value.
    """

    name: str
    identity: str
    literal: bool
    default: bool = False


def variables(value: object) -> Iterator[NamedValue]:
    """Yield environment variables: a mapping, or a list of NAME=value or of {name, value}."""
    if isinstance(value, LinedMapping):
        for name, text, place in value.texts():
            yield NamedValue(name, text, place)
    elif isinstance(value, LinedList):
        for entry, place in value.places():
            if isinstance(entry, LinedMapping) and "name" in entry and "value" in entry:
                yield NamedValue(entry.text("name"), entry.text("value"), entry.place("value"))
            elif "=" in (text := text_of(entry)):
                name, _, found = text.partition("=")
                yield NamedValue(name, found, place)


def arguments(value: object, place: SourcePlace) -> Iterator[NamedValue]:
    """Yield the words of a command, each as a value; `--name=value` and `--name value` have a name."""
    words: list[tuple[str, SourcePlace]] = []
    if isinstance(value, LinedList):
        words = [(word, where) for text, where in value.texts() for word in text[:_MAX_VALUE].split()]
    elif text := text_of(value):
        words = [(word, place) for word in text[:_MAX_VALUE].split()]
    option = ""
    for word, where in words[:500]:
        name, equals, given = word.partition("=")
        if word.startswith("-") and not equals:
            option = word
            continue
        if word.startswith("-"):
            yield NamedValue(_option_name(name), given, where)
        else:
            yield NamedValue(_option_name(option), word, where)
        option = ""


def _option_name(option: str) -> str:
    return option.lstrip("-").replace("-", "_").replace(".", "_").upper()[:100]


def addresses_in(entry: NamedValue) -> Iterator[Address]:
    """Yield the addresses in a value: URLs, host:port, and a name alone where a host is expected."""
    text = entry.value[:_MAX_VALUE]
    found = set[str]()
    for one in _URL.finditer(text):
        host, scheme = one["host"].rstrip(".").casefold(), one["scheme"].casefold()
        scheme = scheme.removeprefix("jdbc:")
        found.add(host)
        verified = True if "sslmode=verify-full" in one["rest"] else None
        yield Address(host=host, scheme=scheme, encrypted=_encrypted(scheme, one["rest"]), verified=verified)
    for one in _HOST_AND_PORT.finditer(text):
        host = one["host"].rstrip(".").casefold()
        if host not in found:
            found.add(host)
            yield Address(host=host)
    if not found and names_host(entry.name):
        for one in text.split(","):
            host = one.strip().rstrip(".").casefold()
            if re.fullmatch(r"[a-z0-9][a-z0-9._-]{0,252}", host):
                yield Address(host=host)


_OPEN_MODE: Final = re.compile(
    r"sslmode=(?:disable|allow|prefer)|[?&](?:ssl|tls|useSSL|encrypt)=(?:false|0|disable)"
)
_SECURE_MODE: Final = re.compile(
    r"sslmode=(?:require|verify-ca|verify-full)|[?&](?:ssl|tls|useSSL|encrypt)=(?:true|1)\b"
)


def _encrypted(scheme: str, rest: str) -> bool | None:
    if scheme in SECURE_SCHEMES:
        return True
    if _OPEN_MODE.search(rest):
        return None if "prefer" in rest or "allow" in rest else False
    if _SECURE_MODE.search(rest):
        return True
    return False if scheme in OPEN_SCHEMES else None


def is_own_address(name: str) -> bool:
    """Return whether a variable holds an address of the service itself, or one that it lets in."""
    return _OWN_ADDRESS.search(name[:200]) is not None


def names_host(name: str) -> bool:
    """Return whether a variable of this name holds the name or the address of a host."""
    return _HOST_NAMES.search(name[:200]) is not None


def is_foreign_host(name: str, host: str) -> bool:
    """Return whether the host in a variable is a service of someone else that the system calls."""
    return (
        _USES.search(name[:200]) is not None
        and not is_own_address(name)
        and _FULL_NAME.fullmatch(host) is not None
        and _OWN_HOSTS.search(host) is None
    )


def is_secret_name(name: str) -> bool:
    """Return whether a name is that of a credential."""
    examined = name[:200].upper()
    if _NOT_SECRET.search(examined) or _NOT_SECRET_END.search(examined):
        return False
    return _SECRET.search(examined) is not None


def credentials_in(entry: NamedValue) -> Iterator[Credential]:
    """Yield the credentials in a value: the value itself, and the passwords in URLs."""
    text = entry.value[:_MAX_VALUE]
    if is_secret_name(entry.name):
        yield from _credential(entry.name, text.strip())
        return
    for one in _URL.finditer(text):
        if one["password"]:
            name = f"{entry.name} password" if entry.name else "Password in a URL"
            yield from _credential(name, one["password"])


def _credential(name: str, value: str) -> Iterator[Credential]:
    reference = _REFERENCE.fullmatch(value)
    if reference:
        named = reference["upper"] or reference["cluster"] or reference["braced"]
        default = (reference["default"] or "").strip()
        has_default = bool(default) and ":?" not in value and not default.startswith("$")
        yield Credential(name=named, identity=f"${named}", literal=has_default, default=has_default)
    elif _is_value(value):
        yield Credential(name=name, identity=f"={value}", literal=not value.startswith("$"))


def _is_value(value: str) -> bool:
    return (
        bool(value)
        and not value.startswith(("/", "file:", "<", "arn:", "vault:", "op://", "sm://", "ref+"))
        and value.casefold() not in _NO_VALUE
        and not value.isdecimal()
    )


Variables = Mapping[str, str]
"""Names of variables with their values."""

_MAX_TEXT: Final = 4_000
_VARIABLE: Final = re.compile(
    r"\$(?:\$|(?P<bare>[A-Za-z_][A-Za-z0-9_]{0,99})|\{(?P<braced>[A-Za-z_][A-Za-z0-9_]{0,99})(?P<how>:?[-?+])?)|\}"
)
_OPEN: Final = re.compile(r"(?<!\$)\$[A-Za-z_{(]|\{\{")
"""The beginning of a variable of Compose, envsubst, Kustomize or OpenShift, or of a template."""

_LINE: Final = re.compile(
    r"^[ \t]*+(?:export[ \t]++)?(?P<name>[A-Za-z_][A-Za-z0-9_]{0,99})[ \t]*+=[ \t]*+"
    r"(?:'(?P<plain>[^'\n]*+)'|\"(?P<quoted>[^\"\n]*+)\"|(?P<bare>[^\n]*+))",
    re.MULTILINE,
)


class _Opened(msgspec.Struct, frozen=True):
    """Braces that are being read: the variable, the sign after it, and the parts of the text around them."""

    name: str
    how: str
    start: int
    before: list[str]


class OpenValue(msgspec.Struct, frozen=True):
    """A value that holds a variable without a value, below a key that was looked for."""

    key: str
    text: str
    place: SourcePlace


def read_variables(text: str) -> dict[str, str]:
    """Return the variables of an environment file; those that are credentials by name are dropped."""
    found: dict[str, str] = {}
    for line in _LINE.finditer(text):
        name, plain = line["name"], line["plain"]
        given = (
            line["quoted"] if line["bare"] is None else re.split(r"(?:^|\s)#", line["bare"], maxsplit=1)[0]
        )
        if not is_secret_name(name):
            found[name] = plain if plain is not None else substitute((given or "").strip(), found)
    return found


def substitute(text: str, variables: Variables) -> str:
    """Return a text with its variables replaced, as Compose does it; one without a value stays as `${NAME}`.

    What a variable without a value only switches on (`${NAME:+…}`) counts as switched on.
    """
    text, at = text[:_MAX_TEXT], 0
    outer: list[str] = []
    parts, opened = outer, list[_Opened]()
    for found in _VARIABLE.finditer(text):
        parts.append(text[at : found.start()])
        at = found.end()
        if found["braced"]:
            opened.append(_Opened(found["braced"], found["how"] or "", found.start(), parts))
            parts = []
        elif found["bare"]:
            parts.append(_value_of(found["bare"], "", "", variables))
        elif found[0] == "}" and opened:
            one = opened.pop()
            one.before.append(_value_of(one.name, one.how, "".join(parts), variables))
            parts = one.before
        else:
            parts.append(found[0])
    if opened:  # braces that are never closed
        return ("".join(opened[0].before) + text[opened[0].start :])[:_MAX_TEXT]
    # Else a value of values of values could fill the memory.
    return ("".join(outer) + text[at:])[:_MAX_TEXT]


def is_open(text: str) -> bool:
    """Return whether a text holds a variable without a value, or a mark of a template."""
    return _OPEN.search(text) is not None


def resolve_values(
    body: LinedMapping, variables: Variables, keys: frozenset[str], passed_over: frozenset[str] = frozenset()
) -> list[OpenValue]:
    """Replace the variables below some keys of a mapping, at any depth; return the values that stay open.

    What stands below a key that is passed over is left alone, because it may hold secrets.
    """
    found: list[OpenValue] = []
    waiting: list[LinedMapping] = [body]
    seen: set[int] = set()
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        for key, value in one.items():
            if key in keys:
                one[key] = _resolved(value, OpenValue(key, "", one.place(key)), variables, found)
            elif key not in passed_over:
                waiting += _mappings_in(value)
    return found


def _value_of(name: str, how: str, word: str, variables: Variables) -> str:
    """Return what a variable stands for; `how` is the sign before the word in its braces, if it has one."""
    value = variables.get(name)
    has_value = value is not None and (value != "" or not how.startswith(":"))
    if how.endswith("+"):
        return word if has_value or value is None else ""
    if has_value and value is not None:
        return value
    return word if how.endswith("-") else f"${{{name}}}"


def _resolved(value: object, at: OpenValue, variables: Variables, found: list[OpenValue]) -> object:
    """Return a copy of a value with its variables replaced, and collect what stays open, with its place."""
    if isinstance(value, LinedMapping):
        made = LinedMapping(value.file)
        for name, inner in value.items():
            there = replace(at, place=value.place(name))
            made.put(name, _resolved(inner, there, variables, found), value.lines[name])
        return made
    if isinstance(value, LinedList):
        listed = LinedList(value.file)
        for inner, place in value.places():
            listed.add(_resolved(inner, replace(at, place=place), variables, found), place.line)
        return listed
    if not isinstance(value, str):
        return value
    text = substitute(value, variables)
    if is_open(text):
        found.append(replace(at, text=text))
    return text


def _mappings_in(value: object) -> list[LinedMapping]:
    if isinstance(value, LinedMapping):
        return [value]
    return [one for inner in value for one in _mappings_in(inner)] if isinstance(value, LinedList) else []
