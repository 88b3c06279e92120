"""Manifest of the Slack app: scopes, events, commands and shortcuts."""

import json
from typing import Final, Literal, TypeAlias

from bot.slack.handlers.dispatch_table import EVENT_HANDLERS, SHORTCUTS
from bot.slack.handlers.slash_commands.command_table import SLASH_WORDS
from bot.slack.protocol.app_ids import COMMAND, EVENTS_PATH

DeliveryMode = Literal["socket", "http"]
Json: TypeAlias = "str | bool | int | list[Json] | dict[str, Json]"
Manifest: TypeAlias = dict[str, Json]

SCOPES: Final = (
    "app_mentions:read",  # @bot, because slash commands do not work inside threads
    "canvases:write",  # the report as a document of the channel, where the workspace has canvases
    "channels:read",  # who is in a public channel, and whether it is shared or archived
    "chat:write",  # the card and its thread
    "commands",  # the slash command and the shortcuts
    "files:read",  # to read a file of another tool when a user imports it
    "files:write",  # the diagram, pictures of ballots, reports and exports, into the thread
    "groups:read",  # the same of private channels
    "im:history",  # the bot's own direct messages: what people write there, and whether a reminder was sent
    "im:write",  # direct messages
    "users:read",  # names, time zones, and who is a bot, a guest or gone
)


def build_manifest(mode: DeliveryMode, request_url: str | None = None) -> Manifest:
    """Return the app manifest for a delivery mode; `request_url` is the bot's public URL (HTTP only).

    Raises `ValueError` when HTTP has no address or Socket Mode has one.
    """
    if (mode == "http") != (request_url is not None):
        raise ValueError("an address belongs to http, and http needs one")
    reached_at: Manifest = {"request_url": _events_url(request_url)} if request_url else {}
    command: Manifest = {
        "command": COMMAND,
        "description": "Threat-model a system with your team, step by step",
        "usage_hint": f"[{' | '.join(SLASH_WORDS)}]",
        "should_escape": True,
    }
    if request_url:
        command["url"] = _events_url(request_url)
    return {
        "display_information": {
            "name": "Threat Model",
            "description": "Takes a team through a threat model: collect, analyse, remediate.",
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
                    "name": one.name,
                    "type": one.type,
                    "callback_id": one.callback_id,
                    "description": one.description,
                }
                for one in SHORTCUTS.values()
            ],
            "slash_commands": [command],
        },
        "oauth_config": {"scopes": {"bot": [*SCOPES]}},
        "settings": {
            "event_subscriptions": {**reached_at, "bot_events": [*EVENT_HANDLERS]},
            "interactivity": {"is_enabled": True, **reached_at},
            "org_deploy_enabled": False,
            "socket_mode_enabled": mode == "socket",
            "token_rotation_enabled": False,
        },
    }


def manifest_yaml(described: Manifest) -> str:
    """Return a manifest as YAML: plain keys, strings in double quotes as in JSON."""
    return "\n".join(_yaml(described, indent=0)) + "\n"


def _events_url(request_url: str) -> str:
    return request_url.rstrip("/").removesuffix(EVENTS_PATH) + EVENTS_PATH


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
    "Threat Model sits with your team while you think about what could go wrong. It collects what you build "
    "(entry points, assets, trust levels, flows of data), asks the questions that matter, says why it asks, "
    "and keeps what you decided. Everybody answers when they have a minute, from wherever they are in Slack. "
    "Every answer is kept as an event, so nothing is lost and everything can be looked up later."
)
