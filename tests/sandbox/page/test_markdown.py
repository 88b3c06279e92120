"""Markdown is shown as in Slack's markdown block, and no text becomes markup."""

import pytest

from bot.sandbox.page.block_html import markdown_html
from bot.sandbox.page.inspector import json_html


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("**bold** and *italic*", "<p><strong>bold</strong> and <em>italic</em></p>"),
        ("snake_case_name", "<p>snake_case_name</p>"),
        ("`a < b`", "<p><code>a &lt; b</code></p>"),
        ("> one\n> two", "<blockquote><p>one<br>two</p></blockquote>"),
        ("```py\na **b**\n```", "<pre>a **b**</pre>"),
        ("```\nnever closed", "<pre>never closed</pre>"),
        ("one\ntwo\n\nthree", "<p>one<br>two</p><p>three</p>"),
        ("---", '<hr class="divider">'),
    ],
)
def test_markup(written: str, shown: str) -> None:
    assert _on_one_line(written) == shown


def _on_one_line(written: str) -> str:
    return markdown_html(written).replace("\n", "")


def test_a_table_has_its_first_row_as_headings() -> None:
    shown = _on_one_line("| a | b |\n|---|---|\n| 1 | 2 |\n\nafter")
    assert "<tr><th>a</th><th>b</th></tr>" in shown
    assert "<tr><td>1</td><td>2</td></tr>" in shown
    assert shown.endswith("<p>after</p>")


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "[x](javascript:alert(1))",
        '[x](https://a"onmouseover="alert(1))',
        "# <img src=x onerror=alert(1)>",
        "| <b>a</b> |\n|---|\n| <i>b</i> |",
    ],
)
def test_foreign_markup_stays_text(hostile: str) -> None:
    shown = markdown_html(hostile)
    assert not any(
        tag in shown for tag in ("<script", "<img", "<b>a", "<i>b", '"onmouseover="', 'href="javascript')
    )


def test_json_is_escaped_and_folds() -> None:
    shown = json_html({"a": ["<b>", 1, None], "deep": {"b": {"c": {"d": {"e": 1}}}}})
    assert "&lt;b&gt;" in shown
    assert "<b>" not in shown
    assert shown.count("<details") == 6
    assert shown.count(" open") == 5
