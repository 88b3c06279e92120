"""Views as people read them: the words, and the buttons with what they stand for."""

from datetime import date
from typing import Any

from msgspec.structs import replace

from bot.sandbox.kit import every_object
from bot.slack.kit.blocks import Message, View
from bot.slack.kit.triggers import Page, Target, read_value
from bot.slack.views import PAGES, LookedBack, Showing
from domain.elements import Kind, PersonId
from domain.events import Past
from domain.history import Difference, Entry
from domain.model import ThreatModel, replay
from domain.register import ThreatRegister, register
from tests.examples import BEN, house
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
    reader: PersonId = BEN,
) -> View:
    about = Target(what=page, stream=STREAM, kind=kind, page=number)
    return PAGES[page](
        Showing(
            target=about,
            reader=reader,
            model=register,
            naming=naming,
            history=history,
            past=looked_back(register),
        )
    )


def looked_back(then: ThreatRegister, since: Difference | None = None) -> LookedBack:
    """The model as it was on a Friday, seen from the Monday after; nothing has changed since."""
    return LookedBack(
        day=date(2026, 3, 6),
        today=date(2026, 3, 9),
        zone="Europe/Berlin",
        zone_known=True,
        then=then,
        since=since or Difference(added=(), revised=(), removed=()),
        earlier=date(2026, 3, 2),
        later=date(2026, 3, 8),
    )


def words_of(view: Message | View) -> str:
    """All that is read in a view, without mark-up signs and the invisible."""
    blocks = view.blocks if isinstance(view, Message) else view["blocks"]
    texts = [one["text"] for one in every_object(blocks) if isinstance(one.get("text"), str)]
    plain = "\n".join(texts).replace("\u2060", "").replace("\N{NO-BREAK SPACE}", " ").replace("*", "")
    return plain.replace("&gt;", ">").replace("&lt;", "<").replace("&amp;", "&")


def buttons(view: Message | View) -> list[dict[str, Any]]:
    blocks = view.blocks if isinstance(view, Message) else view["blocks"]
    return [one for one in every_object(blocks) if one.get("type") == "button" and "value" in one]


def button(view: Message | View, text: str) -> dict[str, Any]:
    return next(one for one in buttons(view) if one["text"]["text"] == text)


def target_of(pressed: dict[str, Any]) -> Target:
    return read_value(pressed["value"])
