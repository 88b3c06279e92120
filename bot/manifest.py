"""Manifest of the Slack app: scopes, events, commands and shortcuts."""

import json
from typing import Final, Literal, TypeAlias
from urllib.parse import urlsplit

from bot.slack.directory.app_installations.installation_service import ACCESS
from bot.slack.handlers.dispatch_table import EVENT_HANDLERS, LINK_SHARED, SHORTCUTS
from bot.slack.handlers.slash_commands.command_table import SLASH_WORDS
from bot.slack.protocol.app_ids import COMMAND, EVENTS_PATH, OPTIONAL_SCOPES, REDIRECT_PATH, requested_scopes

DeliveryMode = Literal["socket", "http"]
Json: TypeAlias = "str | bool | int | list[Json] | dict[str, Json]"
Manifest: TypeAlias = dict[str, Json]


def build_manifest(
    mode: DeliveryMode,
    request_url: str | None = None,
    *,
    install_url: str | None = None,
    public_url: str = "",
) -> Manifest:
    """Return the app manifest for a delivery mode; `request_url` is the bot's public URL (HTTP only).

    `install_url` is its public URL, if workspaces and whole organizations install the app by themselves.
    `public_url` is the address of links to models, if they have one: the app then asks for their previews.
    Raises ValueError if HTTP has no URL, or Socket Mode has one.
    """
    if (mode == "http") != (request_url is not None):
        raise ValueError("HTTP requires a request URL, and Socket Mode takes none")
    reached_at: Manifest = {"request_url": _events_url(request_url)} if request_url else {}
    redirects: Manifest = {"redirect_urls": [_url_of(install_url, REDIRECT_PATH)]} if install_url else {}
    events: list[Json] = [*sorted(_events(installs=bool(install_url), links=bool(public_url)))]
    command: Manifest = {
        "command": COMMAND,
        "description": "Threat-model a system with your team, step by step",
        "usage_hint": f"[{' | '.join(SLASH_WORDS)}]",
        "should_escape": True,
    }
    domain: str = urlsplit(public_url).hostname or ""
    links: Manifest = {"unfurl_domains": [domain]} if domain else {}
    if request_url:
        command["url"] = _events_url(request_url)
    return {
        "display_information": {
            "name": "Threat Model",
            "description": "Guides a team through a threat model: collect, analyze, remediate.",
            "long_description": _LONG_DESCRIPTION,
            "background_color": "#1f3a4d",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": "threatmodel", "always_online": True},
            "shortcuts": [
                {
                    "name": shortcut.name,
                    "type": shortcut.type,
                    "callback_id": shortcut.callback_id,
                    "description": shortcut.description,
                }
                for shortcut in SHORTCUTS.values()
            ],
            "slash_commands": [command],
            **links,
        },
        "oauth_config": {
            **redirects,
            # An optional scope is in both lists.
            "scopes": {"bot": [*requested_scopes(public_url)], "bot_optional": [*OPTIONAL_SCOPES]},
        },
        "settings": {
            "event_subscriptions": {**reached_at, "bot_events": events},
            "interactivity": {"is_enabled": True, **reached_at},
            "org_deploy_enabled": bool(install_url),
            "socket_mode_enabled": mode == "socket",
            "token_rotation_enabled": bool(install_url),
        },
    }


def manifest_yaml(described: Manifest) -> str:
    """Return a manifest as YAML: plain keys, strings in double quotes as in JSON."""
    return "\n".join(_yaml(described, indent=0)) + "\n"


def _events(*, installs: bool, links: bool) -> set[str]:
    known = {*EVENT_HANDLERS, *(ACCESS if installs else ())}
    return known if links else known - {LINK_SHARED}


def _events_url(request_url: str) -> str:
    return _url_of(request_url, EVENTS_PATH)


def _url_of(public_url: str, path: str) -> str:
    return public_url.rstrip("/").removesuffix(path) + path


def _yaml(value: Json, *, indent: int) -> list[str]:
    """Return the lines of a mapping or list, each indented by `indent` spaces."""
    margin = " " * indent
    lines: list[str] = []
    if isinstance(value, dict):
        for key, inner in value.items():
            if isinstance(inner, dict | list):
                lines += [f"{margin}{key}:", *_yaml(inner, indent=indent + 2)]
            else:
                lines.append(f"{margin}{key}: {json.dumps(inner, ensure_ascii=False)}")
    elif isinstance(value, list):
        for inner in value:
            first, *rest = _yaml(inner, indent=indent + 2)
            lines += [f"{margin}- {first.lstrip()}", *rest]
    else:
        lines.append(margin + json.dumps(value, ensure_ascii=False))
    return lines


_LONG_DESCRIPTION: Final = (
    "Threat Model guides a team through threat modeling in Slack. The team describes its system: components, "
    "data flows, entry points, assets and trust levels. The bot asks about security controls and gives the "
    "reason for each question, suggests threats from the answers, runs blind votes on their severity, and "
    "tracks mitigations until they are verified. Every answer is stored as an event, so the model can be "
    "reviewed as of any day."
)
