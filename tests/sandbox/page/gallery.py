"""One block or element of every kind, for the page to draw."""

from tests.sandbox.small_bot import Json, button, field, plain

OPTIONS: list[Json] = [{"text": plain(word), "value": word.lower()} for word in ("Red", "Green", "Blue")]
LONG_WORD = "Supercalifragilistic" * 20


def mrkdwn(text: str) -> Json:
    """Return a mrkdwn object."""
    return {"type": "mrkdwn", "text": text}


def rich(*elements: Json, of: str = "rich_text_section", **more: object) -> Json:
    """Return a piece of rich text."""
    return {"type": of, "elements": list(elements), **more}


def _said(text: str, **style: bool) -> Json:
    return {"type": "text", "text": text, **({"style": style} if style else {})}


def _cell(text: str) -> Json:
    return {"type": "raw_text", "text": text}


MARKUP = (
    "*bold* _italic_ ~struck~ `code` <https://example.com/a|a link> <mailto:a@example.com|mail> :tada:\n"
    "> a quote\n> over two lines\n```\ndef f():\n    return 1\n```\n"
    "<@U0BEN0002> <#C0GENERAL> <!here> <!date^1790000000^{date_long} at {time}|some day>"
)

TEXTS: list[Json] = [
    {"type": "header", "text": plain("Every block")},
    {"type": "section", "text": mrkdwn(MARKUP)},
    {"type": "section", "fields": [mrkdwn(f"*Field {number}*\nvalue {number}") for number in range(4)]},
    {"type": "section", "text": mrkdwn(LONG_WORD), "accessory": button("Press", "press-long")},
    {"type": "divider"},
    {"type": "context", "elements": [mrkdwn("a *context*"), plain("in two parts")]},
    {
        "type": "image",
        "image_url": "http://127.0.0.1:9/none.png",
        "alt_text": "a picture",
        "title": plain("Title"),
    },
    {
        "type": "rich_text",
        "elements": [
            rich(_said("rich "), _said("bold", bold=True), _said(" and "), _said("code", code=True)),
            rich(rich(_said("first")), rich(_said("second")), of="rich_text_list", style="ordered", indent=0),
            rich(rich(_said("deeper")), of="rich_text_list", style="bullet", indent=1),
            rich(_said("quoted"), of="rich_text_quote"),
            rich(_said("as typed"), of="rich_text_preformatted"),
        ],
    },
    {
        "type": "markdown",
        "text": "## Markdown\n- one\n- **two** with `code`\n\n| a | b |\n|---|---|\n"
        "| 1 | [x](https://example.com) |\n\n<b>not bold</b>",
    },
    {
        "type": "table",
        "rows": [[_cell("Name"), _cell("Count")], [_cell("Doors"), {"type": "raw_number", "value": 3}]],
    },
    {
        "type": "data_table",
        "caption": "A long table",
        "rows": [[_cell("Row"), _cell("Value")], *([_cell(f"row {n}"), _cell(str(n))] for n in range(1, 13))],
    },
    {
        "type": "data_visualization",
        "title": "Scores",
        "chart": {
            "type": "pie",
            "segments": [{"label": "Garage", "value": 43}, {"label": "Curtains", "value": 41}],
        },
    },
    {"type": "file", "external_id": "F-outside", "source": "remote"},
    {
        "type": "video",
        "alt_text": "a film",
        "title": plain("A film"),
        "video_url": "https://example.com/v",
        "thumbnail_url": "https://example.com/t.png",
        "title_url": "https://example.com/v",
    },
]

CONFIRM: Json = {
    "title": plain("Really?"),
    "text": plain("It cannot be undone."),
    "confirm": plain("Do it"),
    "deny": plain("Leave it"),
    "style": "danger",
}

RARE: list[Json] = [
    {"type": "alert", "text": plain("Mind the gap"), "level": "warning"},
    {
        "type": "card",
        "title": plain("A card"),
        "body": mrkdwn("with a *body*"),
        "actions": [button("Open", "card")],
    },
    {
        "type": "carousel",
        "elements": [{"type": "card", "title": plain(f"Card {n}"), "body": plain("…")} for n in range(4)],
    },
    {
        "type": "container",
        "title": plain("A container"),
        "is_collapsible": True,
        "child_blocks": [{"type": "section", "text": mrkdwn("inside")}],
    },
    {
        "type": "actions",
        "elements": [
            button("Plain", "plain"),
            button("Primary", "primary", style="primary"),
            {**button("Danger", "danger", style="danger"), "confirm": CONFIRM},
            {"type": "overflow", "action_id": "overflow", "options": OPTIONS},
            {
                "type": "static_select",
                "action_id": "select",
                "options": OPTIONS,
                "placeholder": plain("A colour"),
            },
            {"type": "datepicker", "action_id": "day"},
        ],
    },
    {
        "type": "context_actions",
        "elements": [
            {
                "type": "feedback_buttons",
                "action_id": "feedback",
                "positive_button": {"text": plain("Good"), "value": "good"},
                "negative_button": {"text": plain("Bad"), "value": "bad"},
            },
            {"type": "icon_button", "action_id": "bin", "icon": "trash", "text": plain("Throw away")},
        ],
    },
]

FILES: dict[str, bytes] = {
    "threats.csv": b"Threat,Score\n" + b"".join(b"Threat %d,%d\n" % (n, n) for n in range(1, 20)),
    "notes.txt": "\n".join(f"line {n}" for n in range(1, 30)).encode(),
    "report.pdf": b"%PDF-1.4\n" + b"0" * 250_000,
    "picture.svg": b'<svg xmlns="http://www.w3.org/2000/svg" width="300" height="120">'
    b'<rect width="300" height="120" fill="#2f7f86"/>'
    b'<text x="20" y="70" fill="#fff" font-size="28">A picture</text></svg>',
}

GROUPS: list[Json] = [
    {"label": plain("Warm"), "options": OPTIONS[:1]},
    {"label": plain("Cold"), "options": OPTIONS[1:]},
]

FIELDS: list[Json] = [
    field(label, label.lower().replace(" ", "-"), {"action_id": "entry", **element}, optional=True)
    for label, element in (
        ("Text", Json(type="plain_text_input", placeholder=plain("Say something"))),
        ("Long text", Json(type="plain_text_input", multiline=True)),
        ("Number", Json(type="number_input", is_decimal_allowed=False)),
        ("Email", Json(type="email_text_input")),
        ("Address", Json(type="url_text_input")),
        ("Day", Json(type="datepicker", initial_date="2026-11-24")),
        ("Hour", Json(type="timepicker", initial_time="09:30")),
        ("Moment", Json(type="datetimepicker", initial_date_time=1_790_000_000)),
        ("One", Json(type="static_select", option_groups=GROUPS)),
        ("Several", Json(type="multi_static_select", options=OPTIONS, max_selected_items=2)),
        ("Person", Json(type="users_select")),
        ("People", Json(type="multi_users_select")),
        ("Place", Json(type="conversations_select")),
        ("Channel", Json(type="channels_select")),
        ("Outside", Json(type="external_select")),
        ("Either", Json(type="radio_buttons", options=OPTIONS)),
        ("Any", Json(type="checkboxes", options=OPTIONS)),
        ("Rich", Json(type="rich_text_input")),
        ("Files", Json(type="file_input")),
    )
]
