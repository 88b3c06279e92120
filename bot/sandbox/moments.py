"""Moments as Slack writes them, such as `<!date^1772444520^{date_short}|then>`, where their reader is."""

import re
from datetime import UTC, datetime, timedelta

_MOMENT = re.compile(r"!date\^(\d{1,11})\^([^^]*)")
_TOKEN = re.compile(r"\{(\w+)\}")


def moment_words(written: str, *, tz_offset: int, now: float) -> str | None:
    """Return a moment as its reader sees it, `tz_offset` seconds east of UTC; None for one not of Slack's."""
    match = _MOMENT.match(written)
    if match is None:
        return None
    offset = timedelta(seconds=tz_offset)
    there = datetime.fromtimestamp(int(match[1]), UTC) + offset
    today = (datetime.fromtimestamp(now, UTC) + offset).date()
    words = {
        "date_num": f"{there:%Y-%m-%d}",
        "date_short": f"{there:%b} {there.day}, {there.year}",
        "date": f"{there:%B} {there.day}, {there.year}",
        "date_long": f"{there:%A}, {there:%B} {there.day}, {there.year}",
        "time": f"{there:%H:%M}",
        "time_secs": f"{there:%H:%M:%S}",
    }
    near = {0: "today", -1: "yesterday", 1: "tomorrow"}.get((there.date() - today).days)
    words |= {f"{name}_pretty": near or words[name] for name in ("date", "date_short", "date_long")}
    if not all(token in words for token in _TOKEN.findall(match[2])):
        return None
    return _TOKEN.sub(lambda token: words[token[1]], match[2])
