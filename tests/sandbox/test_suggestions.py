"""A slash command that is being typed is completed from the manifest's hints."""

import pytest

from bot.sandbox.page.composer import hinted_subcommands, suggestions
from bot.sandbox.workspace.installed_app import AppCommand

COMMANDS = (AppCommand(command="/small", description="Does little", usage_hint="[form | hello]"),)


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("/", ["/small"]),
        ("/sma", ["/small"]),
        ("/small ", ["/small form", "/small hello"]),
        ("/small f", ["/small form"]),
        ("/small form", []),
        ("/other", []),
        ("small", []),
    ],
)
def test_suggestions(typed: str, offered: list[str]) -> None:
    assert [suggestion.text for suggestion in suggestions(COMMANDS, typed)] == offered


def test_a_hint_without_choices_offers_no_words() -> None:
    assert hinted_subcommands("[name of the thing]") == []
