"""Drawn profile pictures."""

from html import escape

from bot.sandbox.workspace.installed_app import BOT_USER_ID
from bot.sandbox.workspace.seed_data import SlackAccount


def avatar_html(person: SlackAccount, *, size: str = "") -> str:
    """Return a person's picture: their initial on their color, gray if the account is deactivated."""
    if person.id == BOT_USER_ID:
        return f'<span class="avatar avatar-bot {size}" aria-hidden="true">{_SHIELD}</span>'
    css = f"avatar {size}" + (" gone" if person.deleted else " bright" if _is_bright(person.colour) else "")
    return (
        f'<span class="{css}" aria-hidden="true" style="--tint:{escape(person.colour, quote=True)}">'
        f"{escape(person.name[:1].upper())}</span>"
    )


def _is_bright(colour: str) -> bool:
    """Return whether a color such as #2b7a78 is too bright for white letters."""
    parts = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return sum(weight * part for weight, part in zip((0.299, 0.587, 0.114), parts, strict=True)) > 140


_SHIELD = (
    '<svg viewBox="0 0 24 24" width="60%" height="60%" fill="none" stroke="#fff" stroke-width="2" '
    'stroke-linejoin="round" stroke-linecap="round">'
    '<path d="M12 3l7.5 2.8v5.4c0 4.6-3.1 8-7.5 9.8-4.4-1.8-7.5-5.2-7.5-9.8V5.8z"/>'
    '<path d="M8.8 11.9l2.3 2.3 4.2-4.6"/></svg>'
)
