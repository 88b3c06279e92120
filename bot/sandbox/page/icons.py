"""Icons of the page."""

_DRAWN = {
    "archive": '<path d="M3.5 5h17v4h-17zM5 9v10h14V9M9.5 13h5"/>',
    "back": '<path d="M15 5l-7 7 7 7"/>',
    "bolt": '<path d="M13 2.5L5 13.5h6l-1 8 8-11h-6z"/>',
    "bubble": '<path d="M4 5h16v11H10l-4 4v-4H4z"/>',
    "clock": '<circle cx="12" cy="12" r="8.5"/><path d="M12 7v5l3.5 2"/>',
    "close": '<path d="M5.5 5.5l13 13M18.5 5.5l-13 13"/>',
    "copy": '<path d="M9 9h11v11H9zM15 9V4H4v11h5"/>',
    "down": '<path d="M12 4v15M5.5 13l6.5 6.5 6.5-6.5"/>',
    "download": '<path d="M12 4v11M7 10.5l5 5 5-5M4.5 20h15"/>',
    "clip": '<path d="M19 11l-7.6 7.6a4.6 4.6 0 0 1-6.5-6.5l8-8a3.1 3.1 0 0 1 4.4 4.4l-8 8"/>'
    '<path d="M8.7 16.5a1.5 1.5 0 0 1-2.2-2.2L14 7.4"/>',
    "file": '<path d="M6 3h8l4.5 4.5V21H6zM14 3v5h4.5"/>',
    "hash": '<path d="M9.5 4L7.5 20M16.5 4l-2 16M4.5 9h16M3.5 15h16"/>',
    "home": '<path d="M4 11l8-7 8 7v9.5H4zM10 20.5v-6h4v6"/>',
    "inspect": '<path d="M8.5 6L3 12l5.5 6M15.5 6l5.5 6-5.5 6"/>',
    "lock": '<path d="M5.5 11h13v9.5h-13zM8 11V8a4 4 0 0 1 8 0v3"/>',
    "menu": '<path d="M4 6.5h16M4 12h16M4 17.5h16"/>',
    "more": '<path d="M5 12h.01M12 12h.01M19 12h.01" stroke-width="3.4"/>',
    "plus": '<path d="M12 5v14M5 12h14"/>',
    "shared": '<path d="M9 6.5l5.5 5.5L9 17.5 3.5 12zM15 6.5l5.5 5.5-5.5 5.5"/>',
    "storm": '<path d="M7 15.5a4 4 0 0 1 .4-8 5.2 5.2 0 0 1 10 1.4 3.4 3.4 0 0 1-.4 6.6"/>'
    '<path d="M12.5 12l-2.5 4h4l-2.5 4"/>',
    "tick": '<path d="M4.5 12.5l5 5 10-11"/>',
    "trash": '<path d="M4.5 6.5h15M9.5 6V3.5h5V6M6.5 6.5l1 14h9l1-14M10 10.5v6M14 10.5v6"/>',
    "warning": '<path d="M12 3.5l9.5 17h-19zM12 10v5M12 17.8v.01"/>',
}

PLANE = (
    '<svg class="icon" viewBox="0 0 24 24" width="16" height="16" fill="currentColor" aria-hidden="true">'
    '<path d="M3 20.5v-6.7l8.4-1.8L3 10.2V3.5L21.5 12z"/></svg>'
)


def icon(name: str, size: int = 16) -> str:
    """Return a line icon in the color of the surrounding text, `size` pixels wide."""
    return (
        f'<svg class="icon" viewBox="0 0 24 24" width="{size}" height="{size}" fill="none" '
        'stroke="currentColor" stroke-width="2" stroke-linejoin="round" stroke-linecap="round" '
        f'aria-hidden="true">{_DRAWN[name]}</svg>'
    )
