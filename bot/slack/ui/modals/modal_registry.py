"""Registry of all forms and pages declared in this package, by name.

The name is the callback ID of the modal, and `target.name` of a button that opens it.
"""

import importlib
import pkgutil
from collections.abc import Iterator
from typing import Final, TypeVar

from bot.slack.protocol.block_builders import View
from bot.slack.protocol.targets import StaleButton, Target, decode_target
from bot.slack.ui import modals
from bot.slack.ui.forms.form import Form
from bot.slack.ui.modals.page_declaration import Page


def find_form(name: str) -> Form:
    """Return a form by name; raises StaleButton for an unknown one."""
    if name not in FORMS:
        raise StaleButton
    return FORMS[name]


def find_page(name: str) -> Page:
    """Return a page by name; raises StaleButton for an unknown one."""
    if name not in PAGES:
        raise StaleButton
    return PAGES[name]


def target_of(view: View) -> Target:
    """Return the subject of an open or submitted view; raises StaleButton."""
    declared = modal_target_type(str(view.get("callback_id")))
    return decode_target(view.get("private_metadata"), lambda _: declared)


def modal_target_type(name: str) -> type[Target]:
    """Return the target type declared by a form or page; `Target` for any other name."""
    modal = FORMS.get(name) or PAGES.get(name)
    return Target if modal is None else modal.target


_Declaration = TypeVar("_Declaration", Form, Page)


def _declared(kind: type[_Declaration]) -> dict[str, _Declaration]:
    return {one.name: one for one in _DECLARATIONS if isinstance(one, kind)}


def _declarations() -> Iterator[object]:
    for module in pkgutil.walk_packages(modals.__path__, f"{modals.__name__}."):
        if module.name != __name__:
            yield from vars(importlib.import_module(module.name)).values()


_DECLARATIONS: Final = tuple(_declarations())

FORMS: Final[dict[str, Form]] = _declared(Form)
PAGES: Final[dict[str, Page]] = _declared(Page)
