"""The registry finds each form and page by its own declaration; buttons name only what is declared."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import bot.slack
from bot.slack.handlers.slash_commands.command_table import SLASH_WORDS
from bot.slack.protocol.targets import NOTICE, Action, StaleButton, Target
from bot.slack.ui import modals
from bot.slack.ui.modals.modal_registry import FORMS, PAGES, find_form, find_page
from deploy.docs.generator.syntax import nodes

SLACK = Path(bot.slack.__path__[0])
MODALS = Path(modals.__path__[0])


def calls(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Each text that a call of the code passes by name: the function, the parameter, and the text."""
    for path in folder.rglob("*.py"):
        for node in nodes(path.read_text(encoding="utf-8")):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                for one in node.keywords:
                    if isinstance(one.value, ast.Constant) and isinstance(one.value.value, str):
                        yield node.func.id, one.arg or "", one.value.value
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                named = node.args[1] if node.func.attr in BUTTONS and len(node.args) > 1 else None
                if isinstance(named, ast.Constant) and isinstance(named.value, str):
                    yield Target.__name__, "name", named.value


BUTTONS = ("opens", "shows", "turns", "does", "runs")
"""The methods of `ModelButtons`, whose second argument is the name in a target."""


@pytest.mark.parametrize(("kind", "registry"), [("Form", FORMS), ("Page", PAGES)])
def test_each_declaration_is_found_once_and_by_its_own_name(kind: str, registry: dict[str, object]) -> None:
    declared = [
        text for function, parameter, text in calls(MODALS) if function.endswith(kind) and parameter == "name"
    ]
    assert sorted(declared) == sorted(registry)
    assert all(one.name == name for name, one in (*FORMS.items(), *PAGES.items()))


def test_no_name_means_two_modals() -> None:
    assert not FORMS.keys() & PAGES.keys()
    assert NOTICE not in {*FORMS, *PAGES}


def test_buttons_name_only_forms_pages_actions_and_words_that_are_declared() -> None:
    targets = {one.__name__ for one in (Target, *Target.__subclasses__())} | {"replace"}
    named = {
        text for function, parameter, text in calls(SLACK) if function in targets and parameter == "name"
    }
    assert len(named) > len(FORMS)  # the search finds them
    assert named - {*FORMS, *PAGES, *Action, *SLASH_WORDS} == set()
    back = {text for _, parameter, text in calls(SLACK) if parameter == "back"}
    assert back - {*PAGES, ""} == set()


def test_an_unknown_name_is_a_stale_button() -> None:
    with pytest.raises(StaleButton):
        find_form("register")
    with pytest.raises(StaleButton):
        find_page("respond")
