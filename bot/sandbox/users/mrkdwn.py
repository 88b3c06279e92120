"""Slack's mrkdwn: its dates, its mentions, and its output as HTML or plain text."""

import re
from collections.abc import Callable
from html import escape

from bot.sandbox.slack_json import Json, json_objects, text_of
from bot.sandbox.workspace.workspace_state import UnknownConversation, UnknownPerson, Workspace
from bot.sandbox.workspace.zone_offsets import local_time

Name = Callable[[str], str]
"""Returns the display name for an ID such as U0ANA0001 or C0HOUSE01, or the local time for `!date^…`.

Unknown values are returned unchanged.
"""

EMOJI = {
    "white_check_mark": "✅", "heavy_check_mark": "✔️", "x": "❌", "warning": "⚠️",
    "rotating_light": "🚨", "lock": "🔒", "unlock": "🔓", "key": "🔑", "house": "🏠", "shield": "🛡️",
    "bulb": "💡", "eyes": "👀", "tada": "🎉", "wave": "👋", "memo": "📝", "pencil": "📝",
    "pencil2": "✏️", "bell": "🔔", "clock": "🕐", "hourglass": "⌛", "hourglass_flowing_sand": "⏳",
    "red_circle": "🔴", "large_orange_circle": "🟠", "large_yellow_circle": "🟡",
    "large_green_circle": "🟢", "large_blue_circle": "🔵", "white_circle": "⚪",
    "black_circle": "⚫", "question": "❓", "exclamation": "❗",
    "information_source": "\u2139\ufe0f", "mag": "🔍", "busts_in_silhouette": "👥",
    "bust_in_silhouette": "👤", "speech_balloon": "💬", "thread": "🧵", "arrow_right": "➡️",
    "arrow_left": "⬅️", "link": "🔗", "paperclip": "📎", "bar_chart": "📊",
    "chart_with_upwards_trend": "📈", "calendar": "📆", "date": "📅", "gem": "💎", "door": "🚪",
    "electric_plug": "🔌", "construction": "🚧", "no_entry": "⛔", "no_entry_sign": "🚫",
    "ballot_box_with_ballot": "🗳️", "scales": "⚖️", "dart": "🎯", "rocket": "🚀", "fire": "🔥",
    "smile": "😄", "slightly_smiling_face": "🙂", "thumbsup": "👍", "+1": "👍", "-1": "👎",
    "pray": "🙏", "heart": "❤️", "books": "📚", "triangular_flag_on_post": "🚩",
    "checkered_flag": "🏁", "gear": "⚙️", "wrench": "🔧", "hammer": "🔨", "label": "🏷️",
    "plus": "\u2795", "heavy_plus_sign": "\u2795", "recycle": "♻️", "wastebasket": "🗑️",
    "arrows_counterclockwise": "🔄", "leftwards_arrow_with_hook": "↩️", "file_folder": "📁",
    "package": "📦", "globe_with_meridians": "🌐", "closed_lock_with_key": "🔐", "detective": "🕵️",
    "100": "💯", "alarm_clock": "⏰", "arrow_down": "⬇️", "arrow_up": "⬆️", "beers": "🍻", "beetle": "🐞",
    "boom": "💥", "broom": "🧹", "bug": "🐛", "card_index": "📇", "cat": "🐱", "clap": "👏",
    "clipboard": "📋", "cloud": "☁️", "coffee": "☕", "computer": "💻", "confused": "😕", "cry": "😢",
    "crystal_ball": "🔮", "dog": "🐶", "email": "✉️", "envelope": "✉️", "exploding_head": "🤯",
    "family": "👪", "ghost": "👻", "grin": "😁", "grinning": "😀", "handshake": "🤝", "heart_eyes": "😍",
    "heavy_exclamation_mark": "❗", "heavy_minus_sign": "\u2796", "inbox_tray": "📥", "joy": "😂",
    "old_key": "🗝️", "laughing": "😆", "loudspeaker": "📢", "mailbox": "📫", "mega": "📣", "moneybag": "💰",
    "muscle": "💪", "mute": "🔇", "neutral_face": "😐", "no_bell": "🔕", "ok_hand": "👌",
    "open_file_folder": "📂", "outbox_tray": "📤", "page_facing_up": "📄", "partying_face": "🥳",
    "point_down": "👇", "point_left": "👈", "point_right": "👉", "point_up": "☝️", "pushpin": "📌",
    "rainbow": "🌈", "raised_hand": "✋", "raised_hands": "🙌", "repeat": "🔁", "robot_face": "🤖",
    "round_pushpin": "📍", "scream": "😱", "scroll": "📜", "seedling": "🌱", "skull": "💀",
    "sleeping": "😴", "smirk": "😏", "sob": "😭", "sparkles": "✨", "star": "⭐", "stopwatch": "⏱️",
    "sunglasses": "😎", "sunny": "☀️", "thinking_face": "🤔", "thumbsdown": "👎", "ticket": "🎫",
    "traffic_light": "🚥", "trophy": "🏆", "umbrella": "☔", "unamused": "😒", "white_large_square": "⬜",
    "black_large_square": "⬛", "wink": "😉", "zap": "⚡", "zzz": "💤",
    "four": "4️⃣", "five": "5️⃣", "six": "6️⃣", "seven": "7️⃣", "eight": "8️⃣", "nine": "9️⃣",
    "keycap_ten": "🔟", "zero": "0️⃣",
    "one": "1️⃣", "two": "2️⃣", "three": "3️⃣", "ok": "🆗",
}  # fmt: skip

_FENCE = re.compile(r"```(.+?)```", re.DOTALL)
_CODE = re.compile(r"`([^`\n]+)`")
_ANGLE = re.compile(r"<([^<>\n]+)>")
_EMOJI = re.compile(r":([a-z0-9_+\-]+):(?::skin-tone-\d:)?")
_STYLES = (
    (re.compile(r"(?<![\w*])\*(?!\s)([^*\n]+?)(?<!\s)\*(?![\w*])"), "b"),
    (re.compile(r"(?<![\w_])_(?!\s)([^_\n]+?)(?<!\s)_(?![\w_])"), "i"),
    (re.compile(r"(?<![\w~])~(?!\s)([^~\n]+?)(?<!\s)~(?![\w~])"), "s"),
)
_SAFE_LINK = ("http://", "https://", "mailto:", "slack://")


class Output:
    """Plain text, as the output of formatted text; the base of HTML."""

    def words(self, text: str) -> str:
        """Return literal text."""
        return text

    def wrap(self, tag: str, inner: str, css: str = "") -> str:
        """Return finished output in an element."""
        del tag, css
        return inner

    def link(self, address: str, shown: str) -> str:
        """Return a link."""
        del address
        return shown

    def lines(self, text: str) -> str:
        """Return the finished output of several lines."""
        return text


class _Html(Output):
    def words(self, text: str) -> str:
        return escape(text, quote=True)

    def wrap(self, tag: str, inner: str, css: str = "") -> str:
        return f'<{tag} class="{css}">{inner}</{tag}>' if css else f"<{tag}>{inner}</{tag}>"

    def link(self, address: str, shown: str) -> str:
        if not address.startswith(_SAFE_LINK):
            return escape(shown)
        elsewhere = 'target="_blank" rel="noopener noreferrer"'
        return f'<a href="{escape(address, quote=True)}" {elsewhere}>{escape(shown, quote=True)}</a>'

    def lines(self, text: str) -> str:
        quoted = [
            f"<blockquote>{line[4:].lstrip()}</blockquote>" if line.startswith("&gt;") else line
            for line in text.split("\n")
        ]
        html = "\n".join(quoted).replace("</blockquote>\n<blockquote>", "<br>")
        return html.replace("</blockquote>\n", "</blockquote>").replace("\n", "<br>")


TEXT, HTML = Output(), _Html()


def mrkdwn_to_html(text: str, name: Name) -> str:
    """Return mrkdwn as HTML in which only our own tags are tags."""
    # Text after a code block is on a new line already.
    return _mrkdwn(text, name, HTML).replace("</pre><br>", "</pre>")


def mrkdwn_to_text(text: str, name: Name) -> str:
    """Return mrkdwn as visible text."""
    return _mrkdwn(text, name, TEXT)


def _mrkdwn(text: str, name: Name, out: Output) -> str:
    keep = _Keep(text)
    fence = _FENCE.sub(lambda m: keep(out.wrap("pre", out.words(_words(m[1].strip("\n"))))), keep.text)
    code = _CODE.sub(lambda m: keep(out.wrap("code", out.words(_words(m[1])))), fence)
    # Slack's text contains &amp; &lt; &gt; for the three characters; everything else is literal.
    literal = out.words(_words(_ANGLE.sub(lambda m: keep(_angle(m[1], name, out)), code)))
    shown = with_emoji(literal)
    for pattern, tag in _STYLES:
        shown = pattern.sub(lambda m, tag=tag: out.wrap(tag, m[1]), shown)
    return keep.back(out.lines(shown))


def plain_to_html(text: str, *, emoji: bool = True) -> str:
    """Return plain_text as HTML: line breaks and emoji names only."""
    shown = escape(text, quote=True).replace("\n", "<br>")
    return with_emoji(shown) if emoji else shown


def with_emoji(text: str) -> str:
    """Return text with emoji in place of their names, which is plain_text as visible text."""
    return _EMOJI.sub(lambda m: EMOJI.get(m[1], m[0]), text)


def text_object(shown: object, name: Name, out: Output) -> str:
    """Return a text object or a plain string."""
    for text in json_objects([shown]):
        if text.get("type") == "mrkdwn":
            return (mrkdwn_to_html if out is HTML else mrkdwn_to_text)(text_of(text), name)
        emoji = out is TEXT or text.get("emoji", True)
        return with_emoji(text_of(text)) if out is TEXT else plain_to_html(text_of(text), emoji=emoji)
    return text_of(shown) if out is TEXT else plain_to_html(text_of(shown))


def rich_text(part: Json, name: Name, out: Output) -> str:
    """Return one element of rich text."""
    match part.get("type"):
        case "text":
            words = out.words(str(part.get("text", "")))
            return _styled(words.replace("\n", "<br>") if out is HTML else words, part, out)
        case "link":
            address = str(part.get("url", ""))
            return _styled(out.link(address, str(part.get("text") or address)), part, out)
        case "user":
            return _mention(f"@{name(str(part.get('user_id')))}", out)
        case "channel":
            return _mention(f"#{name(str(part.get('channel_id')))}", out)
        case "broadcast":
            return _mention(f"@{part.get('range')}", out)
        case "emoji":
            return out.words(with_emoji(f":{part.get('name')}:"))
        case "color":
            return out.wrap("code", out.words(str(part.get("value", ""))))
        case "date":
            seen = name(f"!date^{part.get('timestamp')}^{part.get('format', '{date}')}")
            return out.words(str(part.get("fallback", "")) if seen.startswith("!date") else seen)
        case "rich_text_list":
            return _rich_list(part, name, out)
        case kind:
            inner = "".join(rich_text(one, name, out) for one in json_objects(part.get("elements")))
            tag = {"rich_text_preformatted": "pre", "rich_text_quote": "blockquote"}.get(str(kind), "div")
            return out.wrap(tag, inner)


def _rich_list(part: Json, name: Name, out: Output) -> str:
    items = [
        "".join(rich_text(inner, name, out) for inner in json_objects(item.get("elements")))
        for item in json_objects(part.get("elements"))
    ]
    if out is TEXT:
        return "\n".join(f"• {item}" for item in items)
    tag = "ol" if part.get("style") == "ordered" else "ul"
    start = f' start="{int(part["offset"]) + 1}"' if part.get("offset") else ""
    lines = "".join(f"<li>{item}</li>" for item in items)
    return f'<{tag}{start} class="indent-{int(part.get("indent", 0))}">{lines}</{tag}>'


def _styled(shown: str, part: Json, out: Output) -> str:
    for style in json_objects([part.get("style")]):
        for key, tag in (("code", "code"), ("strike", "s"), ("italic", "i"), ("bold", "b")):
            if style.get(key):
                shown = out.wrap(tag, shown)
    return shown


def _mention(words: str, out: Output) -> str:
    return out.wrap("span", out.words(words), "mention")


class _Keep:
    """Replaces finished pieces by placeholders, so that later rules do not touch them."""

    def __init__(self, text: str) -> None:
        # The sender's own private-use characters must not be taken for placeholders.
        self.text = text.replace("\ue000", "").replace("\ue001", "")
        self.pieces: list[str] = []

    def __call__(self, piece: str) -> str:
        self.pieces.append(piece)
        return f"\ue000{len(self.pieces) - 1}\ue001"

    def back(self, text: str) -> str:
        # A piece may contain an earlier piece, as in `<https://…|`code`>`, but never a later one.
        while "\ue000" in text:
            text = re.sub("\ue000(\\d+)\ue001", lambda match: self.pieces[int(match[1])], text)
        return text


def _words(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _angle(inside: str, name: Name, out: Output) -> str:
    target, _, label = inside.partition("|")
    words = _words(label)
    if target.startswith("!date"):
        seen = name(target)
        return out.words(seen if seen != target else words or target)
    if target.startswith(("@", "#")):
        return _mention(f"{target[0]}{name(target[1:])}", out)
    if target.startswith("!"):
        return _mention(words or f"@{target[1:].split('^')[0]}", out)
    if target.startswith(_SAFE_LINK):
        return out.link(_words(target), words or _words(target))
    return out.words(_words(f"<{inside}>"))


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
