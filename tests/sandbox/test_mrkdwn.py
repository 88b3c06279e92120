"""mrkdwn is shown as in Slack, and never becomes markup of the page."""

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.users.mrkdwn import mrkdwn_to_html, mrkdwn_to_text


def name(thing_id: str) -> str:
    """Return the names of two known ids."""
    return {"U1": "Ben", "C1": "house"}.get(thing_id, thing_id)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("*bold* _it_ ~no~ `a*b*`", "<b>bold</b> <i>it</i> <s>no</s> <code>a*b*</code>"),
        ("snake_case_name 2*3*4", "snake_case_name 2*3*4"),
        ("&lt;b&gt; &amp;amp;", "&lt;b&gt; &amp;amp;"),
        ("<@U1> in <#C1|house>", '<span class="mention">@Ben</span> in <span class="mention">#house</span>'),
        ("<!channel>", '<span class="mention">@channel</span>'),
        ("&gt; said\nplain", "<blockquote>said</blockquote>plain"),
        ("```a\n*b*```", "<pre>a\n*b*</pre>"),
        (":key: :nosuch:", "🔑 :nosuch:"),
        ("<javascript:alert(1)|x>", "&lt;javascript:alert(1)|x&gt;"),
        ("\ue0000\ue001", "0"),
    ],
)
def test_pieces_of_mrkdwn(text: str, html: str) -> None:
    assert mrkdwn_to_html(text, name) == html


def test_plain_text_is_the_visible_text() -> None:
    assert (
        mrkdwn_to_text("*Hi* <@U1>, see <https://example.org|this> &amp; `that` :key:", name)
        == "Hi @Ben, see this & that 🔑"
    )


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert {key for key, _ in attrs} <= {"class", "href", "target", "rel"}
        self.found.add(tag)


HOSTILE = [
    "<", ">", "&", '"', "'", "`", "```", "*", "_", "~", "|", "@", "!", "\n", "a", " ", "<script>", "&gt;",
    "https://x", "<https://", '" onclick="y', "\ue000", "0", "\ue001", "<img src=x onerror=y>",
]  # fmt: skip


@given(st.lists(st.sampled_from(HOSTILE)).map("".join))
def test_no_text_becomes_markup(text: str) -> None:
    tags = _Tags()
    tags.feed(mrkdwn_to_html(text, name))
    assert tags.found <= {"b", "i", "s", "code", "pre", "a", "span", "blockquote", "br"}
