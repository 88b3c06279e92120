"""Encoding of typed text as Slack sends it: escapes, mentions as IDs."""

import re

from bot.sandbox.workspace.workspace_state import UnknownConversation, UnknownPerson, Workspace


def encode_mentions(workspace: Workspace, text: str) -> str:
    """Return typed text with Slack's three escapes, and with mentions of people and channels as IDs."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

    def mention(match: re.Match[str]) -> str:
        try:
            return f"<@{workspace.person(match[1]).id}>"
        except UnknownPerson:
            return match[0]

    def channel(match: re.Match[str]) -> str:
        try:
            found = workspace.channel(match[1])
        except UnknownConversation:
            return match[0]
        return f"<#{found.id}|{found.name}>"

    escaped = re.sub(r"(?<!\S)@([\w.\-]+)", mention, escaped)
    return re.sub(r"(?<!\S)#([\w\-]+)", channel, escaped)
