"""Views as people read them: the words, and the buttons with what they stand for."""

from typing import Any

from msgspec.structs import replace

from bot.sandbox.kit import every_object
from bot.slack.blocks import Message, View
from bot.slack.triggers import Page, Target, read_value
from bot.slack.views import PAGES, Showing
from domain.elements import Kind, PersonId
from domain.events import Past
from domain.history import Entry
from domain.model import ThreatModel, replay
from domain.register import ThreatRegister, register
from tests.examples import house
from tests.slack.hostile import STREAM

CHANNEL = "C0HOUSE01"
NAMES = {"UANA": "Ana", "UBEN": "Ben", "UAMINA": "Amina", "UBENJI": "Benji"}
PLAIN = ["one", "two", "three", "four"]


def naming(person: PersonId) -> str:
    return NAMES.get(person, person)


def known(events: list[Past]) -> ThreatRegister:
    return register(replay(events))


def in_step(step: str, model: ThreatModel | None = None) -> ThreatRegister:
    return register(replace(model or replay(house()), step=step))


def shown(
    page: Page,
    register: ThreatRegister,
    *,
    kind: Kind | None = Kind.ASSET,
    number: int = 0,
    history: tuple[Entry, ...] = (),
) -> View:
    about = Target(what=page, stream=STREAM, kind=kind, page=number)
    return PAGES[page](Showing(target=about, register=register, naming=naming, history=history))


def words_of(view: Message | View) -> str:
    """All that is read in a view, without mark-up signs and the invisible."""
    blocks = view.blocks if isinstance(view, Message) else view["blocks"]
    texts = [one["text"] for one in every_object(blocks) if isinstance(one.get("text"), str)]
    plain = "\n".join(texts).replace("\u2060", "").replace("*", "")
    return plain.replace("&gt;", ">").replace("&lt;", "<").replace("&amp;", "&")


def buttons(view: Message | View) -> list[dict[str, Any]]:
    blocks = view.blocks if isinstance(view, Message) else view["blocks"]
    return [one for one in every_object(blocks) if one.get("type") == "button" and "value" in one]


def button(view: Message | View, text: str) -> dict[str, Any]:
    return next(one for one in buttons(view) if one["text"]["text"] == text)


def target_of(pressed: dict[str, Any]) -> Target:
    return read_value(pressed["value"])
