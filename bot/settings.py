"""Settings from the environment, read once; all faults are reported together."""

import re
from base64 import urlsafe_b64decode
from collections.abc import Callable, Mapping
from datetime import date
from ipaddress import ip_network
from pathlib import Path
from typing import Final, Literal, NewType
from urllib.parse import urlsplit

import msgspec

Delivery = Literal["socket", "http"]
LogLevel = Literal["debug", "info", "warning", "error"]
LogFormat = Literal["text", "json"]
DatabaseUrl = NewType("DatabaseUrl", str)

HTTP_PORT: Final = 3000
SLACK_API_URL: Final = "https://slack.com/api/"

_FILE: Final = "sqlite:///"
_SERVER: Final = ("postgresql://", "postgres://")


class Secret:
    """Token that is hidden in logs and representations; only `reveal()` returns it."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the token; do not log, print or store it."""
        return self._value

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __repr__(self) -> str:
        return "Secret(…)" if self._value else "Secret(empty)"

    __str__ = __repr__

    def __reduce__(self) -> str:
        raise TypeError("a secret is not written down")


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Operator settings; `VARIABLES` describes the environment variables."""

    bot_token: Secret
    app_token: Secret
    signing_secret: Secret
    api_url: str
    database_url: DatabaseUrl
    host: str
    port: int | None
    metrics_host: str = "127.0.0.1"
    metrics_port: int | None = None
    mcp_host: str = "127.0.0.1"
    mcp_port: int | None = None
    proxies: frozenset[str] = frozenset({"127.0.0.1"})
    """Addresses and networks of proxies that name the client of a request."""
    log_level: LogLevel
    log_format: LogFormat
    holidays: frozenset[date] = frozenset()
    public_url: str = ""
    """Address of the public site, at which links lead to cards; empty if it has none."""
    max_models: int = 5_000
    max_elements: int = 5_000
    max_file_mb: int = 5
    key: Secret = Secret("")
    heads_file: Path | None = None
    """File of the ends of the hash chains; None for the one beside the database file."""
    client_id: str = ""
    client_secret: Secret = Secret("")
    token_keys: tuple[Secret, ...] = ()
    """Keys of the tokens of installed workspaces and of trackers; the first one encrypts."""
    allowed_workspaces: frozenset[str] = frozenset()
    """IDs of the workspaces and organizations that may install the app; empty if any may."""
    support_contact: str = ""
    """Email or web address of the operator, for the pages about privacy and support; empty if not given."""
    tracker_hosts: frozenset[str] = frozenset()
    """Hosts of trackers in private networks, in lower case, each with a port or without."""

    @property
    def many_workspaces(self) -> bool:
        """Whether workspaces install the app by themselves, instead of one whose token is configured."""
        return bool(self.client_id)

    def may_install(self, *, team: str, enterprise: str) -> bool:
        """Return whether a workspace, or an organization as a whole (`team` is empty), may install the app.

        A workspace may if it is allowed or its organization is.
        """
        allowed = self.allowed_workspaces
        return not allowed or not allowed.isdisjoint({team, enterprise} - {""})

    @property
    def delivery(self) -> Delivery:
        """Delivery mode of Slack's requests: Socket Mode, or HTTP requests to the bot's port."""
        return "socket" if self.app_token else "http"

    @property
    def public_port(self) -> int | None:
        """Port that `serve` opens for Slack and browsers; None if Socket Mode needs none."""
        needed = self.delivery == "http" or self.many_workspaces or self.public_url
        return HTTP_PORT if self.port is None and needed else self.port

    @property
    def max_file_bytes(self) -> int:
        """Maximum size of a file to import, in bytes."""
        return self.max_file_mb * 1_000_000

    @property
    def database_file(self) -> Path | None:
        """Path of the database file; None if the database is on a PostgreSQL server."""
        path = self.database_url.removeprefix(_FILE)
        return None if path == self.database_url else Path(path)


class Variable(msgspec.Struct, frozen=True, kw_only=True):
    """Environment variable: its description, and the check whose message says how to fix it."""

    name: str
    meaning: str
    default: str = ""
    wanted: str = "anything"
    shown_default: str = ""
    right: Callable[[str], bool] = bool
    secret: bool = False
    mend: str = ""

    @property
    def field(self) -> str:
        """The name of its field in the settings."""
        return self.name.removeprefix("SLACK_").removeprefix("THREATMODEL_").lower()


class WrongSettings(Exception):
    """Error: invalid settings; `faults` has one sentence per fault."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


def read_settings(environment: Mapping[str, str], *, serving: bool = False) -> Settings:
    """Read and check the environment; `serving` also requires the settings for Slack.

    Raises `WrongSettings` with all faults.
    """
    faults: list[str] = []
    values: dict[str, str] = {}
    for variable in VARIABLES:
        given = environment.get(variable.name, "").strip()
        value = given or variable.default
        if given and not variable.right(given):
            faults.append(_fault_of(variable, given))
        elif serving and not value and _needed(variable, environment):
            faults.append(f"{variable.name} is missing. {variable.mend}")
        values[variable.field] = value
    if values["client_id"] and values["bot_token"]:
        faults.append(_BOTH)
    if faults:
        raise WrongSettings(tuple(faults))
    return _settings(values)


_BOTH: Final = (
    "SLACK_BOT_TOKEN and SLACK_CLIENT_ID exclude each other. For one workspace, remove SLACK_CLIENT_ID. "
    "For several, remove SLACK_BOT_TOKEN and install the app at /slack/install, also in the first "
    "workspace: its models remain."
)


def _needed(variable: Variable, environment: Mapping[str, str]) -> bool:
    many = bool(environment.get("SLACK_CLIENT_ID", "").strip())
    if variable.field == "app_token":
        return not environment.get("SLACK_SIGNING_SECRET", "").strip()
    if variable.field == "key":
        # A file's key is kept beside it; replicas of a server must have the same one.
        return environment.get("DATABASE_URL", "").strip().startswith(_SERVER)
    return variable.field in (("client_secret", "token_keys") if many else ("bot_token",))


def _fault_of(variable: Variable, given: str) -> str:
    shown = "" if variable.secret else f", not {given[:80]!r}"
    return f"{variable.name} must be {variable.wanted}{shown}. {variable.mend}"


def _settings(values: Mapping[str, str]) -> Settings:
    checked: dict[str, object] = {
        variable.field: Secret(values[variable.field]) if variable.secret else values[variable.field]
        for variable in VARIABLES
    }
    checked["token_keys"] = [Secret(one) for one in _split_list(values["token_keys"])]
    checked["tracker_hosts"] = _split_list(values["tracker_hosts"].lower())
    for listed in ("proxies", "allowed_workspaces"):
        checked[listed] = _split_list(values[listed])
    for folded in ("log_level", "log_format"):
        checked[folded] = values[folded].lower()
    checked["holidays"] = [date.fromisoformat(one) for one in _split_list(values["holidays"])]
    for numbered in ("port", "metrics_port", "mcp_port"):
        checked[numbered] = int(values[numbered]) if values[numbered] else None
    for counted in ("max_models", "max_elements", "max_file_mb"):
        checked[counted] = int(values[counted])
    checked["heads_file"] = Path(values["heads_file"]) if values["heads_file"] else None
    checked["public_url"] = values["public_url"].rstrip("/")
    checked["api_url"] = values["api_url"].rstrip("/") + "/"
    return msgspec.convert(checked, Settings)


def _listed(is_right: Callable[[str], object]) -> Callable[[str], bool]:
    """Return a check of a list with commas: each part is right, for which a check may raise ValueError."""

    def check(text: str) -> bool:
        parts = _split_list(text)
        try:
            return bool(parts) and all(map(is_right, parts))
        except ValueError:
            return False

    return check


def _is_api(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)


def _is_site(text: str) -> bool:
    try:
        parts = urlsplit(text)
        known = parts.port is None or parts.port > 0
    except ValueError:
        return False
    bare = not (parts.path.strip("/") or parts.query or parts.fragment or parts.username)
    return known and bare and bool(parts.hostname) and _is_api(text) and _is_one_word(text)


def _is_contact(text: str) -> bool:
    return bool(re.fullmatch(r"[\w.+-]+@[\w.-]+|https://[\w.-]+(?:/\S*)?", text, re.ASCII))


def _is_database(text: str) -> bool:
    if text.startswith(_SERVER):
        return _is_one_word(text) and bool(urlsplit(text).path.strip("/"))
    path = text.removeprefix(_FILE)
    return path != text and bool(path) and "?" not in path


def _is_key(text: str) -> bool:
    return len(text) >= 32 and _is_one_word(text)


def _is_token_key(text: str) -> bool:
    return len(urlsafe_b64decode(text)) == _TOKEN_KEY_BYTES and text.isascii()


def _is_workspace(text: str) -> bool:
    return text[0] in "TE" and text.isascii() and text.isalnum()


def _is_host(text: str) -> bool:
    parts = urlsplit(f"//{text}")
    bare = parts.netloc == text and not parts.username and parts.port != 0
    return bare and bool(parts.hostname) and text.isascii() and _is_one_word(text) and "/" not in text


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdecimal() and int(text) <= 65_535


def _is_count(most: int) -> Callable[[str], bool]:
    return lambda text: text.isascii() and text.isdecimal() and len(text) < 10 and 1 <= int(text) <= most


def _split_list(text: str) -> list[str]:
    return [one.strip() for one in text.split(",") if one.strip()]


def _is_one_word(text: str) -> bool:
    return not any(character.isspace() for character in text)


def _starts_with(*prefixes: str) -> Callable[[str], bool]:
    return lambda text: text.startswith(prefixes) and text.isascii() and _is_one_word(text)


def _is_hex(text: str) -> bool:
    return len(text) >= 32 and all(character in "0123456789abcdef" for character in text.lower())


def _is_client_id(text: str) -> bool:
    return text.isascii() and all(part.isdecimal() for part in text.split(".", 1)) and "." in text


def _one_of(*words: str) -> Callable[[str], bool]:
    return lambda text: text.lower() in words


_TOKEN_KEY_BYTES: Final = 32
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})

VARIABLES: Final[tuple[Variable, ...]] = (
    Variable(
        name="SLACK_BOT_TOKEN",
        meaning="Bot token of the Slack app",
        wanted="a bot token, which begins with `xoxb-`",
        mend="Copy it from your Slack app, *OAuth & Permissions*, *Bot User OAuth Token*.",
        right=_starts_with("xoxb-"),
        secret=True,
    ),
    Variable(
        name="SLACK_APP_TOKEN",
        meaning="App-level token for Socket Mode; if it is set, `serve` uses Socket Mode",
        wanted="an app-level token, which begins with `xapp-`",
        mend=(
            "Create one with the scope connections:write in your Slack app, *Basic Information*, "
            "*App-Level Tokens* (or set SLACK_SIGNING_SECRET to use HTTP)."
        ),
        right=_starts_with("xapp-"),
        secret=True,
    ),
    Variable(
        name="SLACK_SIGNING_SECRET",
        meaning="Signing secret of HTTP requests from Slack; without an app token, `serve` uses HTTP",
        wanted="the signing secret, at least 32 hexadecimal digits",
        mend="Copy it from your Slack app, *Basic Information*, *App Credentials*, *Signing Secret*.",
        right=_is_hex,
        secret=True,
    ),
    Variable(
        name="SLACK_CLIENT_ID",
        meaning="Client ID of the Slack app, to let workspaces install it at `/slack/install`; excludes "
        "`SLACK_BOT_TOKEN`",
        shown_default="none: one workspace, by its bot token",
        wanted="a client ID, such as 1234567890.1234567890",
        mend="Copy it from your Slack app, *Basic Information*, *App Credentials*, *Client ID*.",
        right=_is_client_id,
    ),
    Variable(
        name="SLACK_CLIENT_SECRET",
        meaning="Client secret of the Slack app; required with `SLACK_CLIENT_ID`",
        wanted="the client secret, at least 32 hexadecimal digits",
        mend="Copy it from your Slack app, *Basic Information*, *App Credentials*, *Client Secret*.",
        right=_is_hex,
        secret=True,
    ),
    Variable(
        name="THREATMODEL_TOKEN_KEYS",
        meaning="Keys of the tokens of installed workspaces and of trackers, separated by commas: the first "
        "one encrypts, all of them decrypt; required with `SLACK_CLIENT_ID` and to connect trackers",
        wanted="keys of 32 bytes in URL-safe Base64 (44 characters), separated by commas",
        mend="Create one with `openssl rand -base64 32 | tr '+/' '-_'`.",
        right=_listed(_is_token_key),
        secret=True,
    ),
    Variable(
        name="ALLOWED_WORKSPACES",
        meaning="IDs of the workspaces and organizations that can install the app at `/slack/install`, "
        "separated by commas, such as `T0123ABCD,E0123ABCD`; an organization's ID allows all of its "
        "workspaces",
        shown_default="any workspace",
        wanted="IDs of workspaces (T…) or organizations (E…), separated by commas",
        mend="Copy an ID from the workspace's address in a browser, https://app.slack.com/client/T….",
        right=_listed(_is_workspace),
    ),
    Variable(
        name="SUPPORT_CONTACT",
        meaning="Email or web address of the operator, named on the pages about privacy and support that "
        "`/slack/install` links to",
        shown_default="none: the pages name no contact",
        wanted="an email address or an https:// URL",
        mend="Examples: security@example.org, https://example.org/support.",
        right=_is_contact,
    ),
    Variable(
        name="TRACKER_HOSTS",
        meaning="Hosts of trackers in your own network, separated by commas, such as "
        "`redmine.example.internal,10.0.0.7:3000`; only they may have a private address or be called by http://",
        shown_default="none: trackers have public addresses and are called by https://",
        wanted="host names, each with a port or without, separated by commas",
        mend="Enter no scheme and no path.",
        right=_listed(_is_host),
    ),
    Variable(
        name="SLACK_API_URL",
        meaning="URL of another Web API than Slack's, for sandboxes and tests",
        default=SLACK_API_URL,
        wanted="an https:// URL (http:// only for this machine)",
        mend="Leave it unset to use Slack.",
        right=_is_api,
    ),
    Variable(
        name="DATABASE_URL",
        meaning="Database: `sqlite:///` and the path of a file (four slashes for an absolute path), or "
        "`postgresql://ROLE:PASSWORD@HOST/NAME` for several replicas",
        default="sqlite:///threatmodel.db",
        wanted="sqlite:/// followed by a file path, or postgresql:// with a database name",
        mend="Examples: sqlite:////var/lib/threatmodel/threatmodel.db, postgresql://threatmodel@db.example/threatmodel.",
        right=_is_database,
    ),
    Variable(
        name="THREATMODEL_KEY",
        meaning="Key for digests of requests, by which repeated requests are recognized; a random text",
        shown_default="a file beside the database (`….db.key`), created when first needed; a PostgreSQL "
        "database needs the setting",
        wanted="at least 32 characters without spaces",
        mend="Create one with `openssl rand -hex 32`.",
        right=_is_key,
        secret=True,
    ),
    Variable(
        name="HEADS_FILE",
        meaning="File in which the ends of the hash chains are kept, so that `verify`, `doctor` and a start "
        "find answers that the database has lost",
        shown_default="a file beside the database (`….db.heads`); none for a PostgreSQL database",
        wanted="the path of a file",
        mend="Choose a file on a disk that the database does not use.",
    ),
    Variable(
        name="HOST",
        meaning="Address on which `serve` listens; use `0.0.0.0` to accept connections from other machines",
        default="127.0.0.1",
        wanted="one host name or address",
        mend="Use 127.0.0.1 for connections from this machine only, 0.0.0.0 for all.",
        right=_is_one_word,
    ),
    Variable(
        name="PORT",
        meaning="Port of `/slack/events` and `/healthz`, to be reachable by Slack",
        shown_default="3000 (HTTP, or with `SLACK_CLIENT_ID` or `PUBLIC_URL`); none (Socket Mode)",
        wanted="a number from 0 to 65535",
        mend="Use 0 for any free port.",
        right=_is_port,
    ),
    Variable(
        name="METRICS_PORT",
        meaning="Port of `/readyz`, `/metrics` and `/healthz`, to be reachable by operators only",
        shown_default="none",
        wanted="a number from 0 to 65535",
        mend="Use 0 for any free port, or leave it unset to disable the endpoints.",
        right=_is_port,
    ),
    Variable(
        name="METRICS_HOST",
        meaning="Address on which `METRICS_PORT` is served",
        default="127.0.0.1",
        wanted="one host name or address",
        mend="Use 127.0.0.1 for connections from this machine only, 0.0.0.0 for all.",
        right=_is_one_word,
    ),
    Variable(
        name="MCP_PORT",
        meaning="Port of `/mcp`, where agents read models and propose drafts with access tokens of people; "
        "to be reachable through a proxy that adds TLS",
        shown_default="none",
        wanted="a number from 0 to 65535",
        mend="Use 0 for any free port, or leave it unset to disable the endpoint.",
        right=_is_port,
    ),
    Variable(
        name="MCP_HOST",
        meaning="Address on which `MCP_PORT` is served",
        default="127.0.0.1",
        wanted="one host name or address",
        mend="Use 127.0.0.1 for connections from this machine only, 0.0.0.0 for all.",
        right=_is_one_word,
    ),
    Variable(
        name="PROXIES",
        meaning="Addresses and networks of the proxies in front of `PORT` and `MCP_PORT`, separated by "
        "commas; each address that they name in `X-Forwarded-For` has a limited rate of installations, and "
        "of agents' calls without a valid token",
        default="127.0.0.1",
        wanted="IP addresses and networks, separated by commas",
        mend="Enter no host names, such as `10.0.0.7,10.244.0.0/16`.",
        right=_listed(ip_network),
    ),
    Variable(
        name="HOLIDAYS",
        meaning="Days without reminders, such as `2026-12-25,2026-12-28`",
        shown_default="none",
        wanted="dates such as 2026-12-25, separated by commas",
        mend="Write each date as year, month and day.",
        right=_listed(date.fromisoformat),
    ),
    Variable(
        name="PUBLIC_URL",
        meaning="Address at which people reach the bot's HTTP port, so that links such as `/m/TM-7` lead to "
        "cards and have previews. Write the app's manifest again with `--public-url`",
        shown_default="none: no links",
        wanted="an https address without a path, such as https://threats.example.org",
        mend="Leave it unset if people cannot reach the bot by HTTP.",
        right=_is_site,
    ),
    Variable(
        name="MAX_MODELS",
        meaning="Maximum number of threat models in a workspace, archived ones included",
        default="5000",
        wanted="a number from 1 to 1000000",
        mend="Leave it unset for 5000.",
        right=_is_count(1_000_000),
    ),
    Variable(
        name="MAX_ELEMENTS",
        meaning="Maximum number of elements in a threat model",
        default="5000",
        wanted="a number from 1 to 100000",
        mend="Leave it unset for 5000.",
        right=_is_count(100_000),
    ),
    Variable(
        name="MAX_FILE_MB",
        meaning="Maximum size in MB of a file that is imported or read for a draft",
        default="5",
        wanted="a number from 1 to 5",
        mend="Leave it unset for 5, the size that is read within seconds.",
        right=_is_count(5),
    ),
    Variable(
        name="LOG_LEVEL",
        meaning="Log level: `debug`, `info`, `warning` or `error`",
        default="info",
        wanted="debug, info, warning or error",
        mend="The usual level is info.",
        right=_one_of("debug", "info", "warning", "error"),
    ),
    Variable(
        name="LOG_FORMAT",
        meaning="Log format: `text`, or `json` (one object per line) for log collectors",
        default="text",
        wanted="text or json",
        mend="Use text for people, json for log collectors.",
        right=_one_of("text", "json"),
    ),
)
