"""Slack's date formatting, such as `<!date^1772444520^{date_short}|then>`, in the reader's time zone."""

import re

from bot.sandbox.workspace.zone_offsets import local_time

_MOMENT = re.compile(r"!date\^(\d{1,11})\^([^^]*)")
_TOKEN = re.compile(r"\{(\w+)\}")


def format_date_token(written: str, *, tz: str, now: float) -> str | None:
    """Return a moment in a token's format, in the reader's time zone; None for an unknown format."""
    match = _MOMENT.match(written)
    if match is None:
        return None
    read = local_time(tz, int(match[1]))
    words = {
        "date_num": f"{read:%Y-%m-%d}",
        "date_short": f"{read:%b} {read.day}, {read.year}",
        "date": f"{read:%B} {read.day}, {read.year}",
        "date_long": f"{read:%A}, {read:%B} {read.day}, {read.year}",
        "time": f"{read:%H:%M}",
        "time_secs": f"{read:%H:%M:%S}",
    }
    days = (read.date() - local_time(tz, now).date()).days
    near = {0: "today", -1: "yesterday", 1: "tomorrow"}.get(days)
    words |= {f"{name}_pretty": near or words[name] for name in ("date", "date_short", "date_long")}
    if not all(token in words for token in _TOKEN.findall(match[2])):
        return None
    return _TOKEN.sub(lambda token: words[token[1]], match[2])
