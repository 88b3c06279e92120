"""Contents of views: the visible text, and the buttons with their targets."""

from datetime import date, datetime
from typing import Any

from msgspec.structs import replace

from bot.sandbox.api import nested_objects
from bot.slack.handlers.dispatcher import decode_button_target
from bot.slack.protocol.block_builders import Message, View
from bot.slack.protocol.targets import Target
from bot.slack.queries.reminder_list import load_reminder
from bot.slack.screens.page_data import PageData, PastModel
from bot.slack.screens.portfolio_screen import PortfolioScreen, PortfolioSelection
from bot.slack.screens.reminder import ReminderDetails, ReminderSources
from bot.slack.ui.modals.modal_registry import PAGES
from domain.changes import Change
from domain.events import RecordedEvent
from domain.history import TimelineEntry, UndoPreview
from domain.kernel.elements import Kind, PersonId
from domain.kernel.mitigation import Mitigation, MitigationId
from domain.kernel.threat import ControlClass, Response, ResponseKind, Stride, Threat, ThreatId
from domain.model import ThreatModel
from domain.portfolio.portfolio_entry import PortfolioEntry
from domain.portfolio.portfolio_totals import portfolio_totals
from domain.register import ThreatRegister, register
from domain.reminder_deliveries import ReminderKey
from domain.reminders import Reachability, read_key
from domain.replay import replay
from tests.examples import ANA, BEN, MORNING, at, house
from tests.slack.hostile_models import STREAM
from tests.slack.tracker_screens import CONNECTED, SCREEN

CHANNEL = "C0HOUSE01"
NAMES = {"UANA": "Ana", "UBEN": "Ben", "UAMINA": "Amina", "UBENJI": "Benji"}
UNDO = UndoPreview(reverts="you added the asset *Valuables*", stays="", people=frozenset())
PLAIN = ["one", "two", "three", "four"]
ABOUT_A_TRACKER = ("tracker_accounts", "tracker_webhook")
"""The pages that are about one of the trackers, by default about the first one."""


def fixed_naming(person: PersonId) -> str:
    return NAMES.get(person, person)


def replay_register(events: list[RecordedEvent]) -> ThreatRegister:
    return register(replay(events))


def register_in_step(step: str, model: ThreatModel | None = None) -> ThreatRegister:
    return register(replace(model or replay(house()), step=step))


def render_page(
    page: str,
    register: ThreatRegister,
    *,
    kind: Kind | None = Kind.ASSET,
    number: int = 0,
    element: str = "",
    history: tuple[TimelineEntry, ...] = (),
    reader: PersonId = BEN,
) -> View:
    shown = element or (CONNECTED.id if page in ABOUT_A_TRACKER else "")
    about = Target(name=page, stream=STREAM, kind=kind, page=number, element=shown)
    return PAGES[page].show(
        PageData(
            target=about,
            reader=reader,
            model=register,
            naming=fixed_naming,
            history=history,
            undo=UNDO,
            past=past_model(register),
            reminder=sample_reminder(PLAIN),
            portfolio=sample_portfolio(register),
            trackers=SCREEN,
            now=MORNING,
        )
    )


def sample_portfolio(register: ThreatRegister) -> PortfolioScreen:
    """Return a portfolio with one model, which has the register's name and next step."""
    entry = PortfolioEntry(
        key=register.key,
        name=register.name or "System",
        channel=register.channel,
        phase=register.phase or "collection",
        facilitator=register.facilitator,
        labels=register.labels,
        next=register.next.text,
    )
    return PortfolioScreen(
        tenant="T1",
        selection=PortfolioSelection(),
        entries=(entry,),
        totals=portfolio_totals((entry,), MORNING),
        models=1,
        labels=register.labels,
        missing=0,
        conditions=(),
        weeks=((1, 0),),
        channels={},
    )


def sample_reminder(said: list[str]) -> ReminderDetails:
    """Return a reminder about a mitigation with the given texts."""
    key = ReminderKey("TM-1:UANA:overdue:MI-1:2026-11-20+3")
    mitigation = Mitigation(
        id=MitigationId("MI-1"),
        threat=ThreatId("TH-1"),
        title=said[0],
        control=ControlClass.AUTHENTICATION,
        owner=ANA,
        evidence=said[0],
    )
    proposal = Response(
        threat=ThreatId("TH-1"),
        kind=ResponseKind.ACCEPT,
        by=BEN,
        at=at(0),
        owner=BEN,
        reason=said[0],
        asked=ANA,
    )
    threat = Threat(id=ThreatId("TH-1"), title=said[-1], stride=(Stride.SPOOFING,))
    return ReminderDetails(
        key=key,
        about=read_key(key),
        stream=STREAM,
        model=said[0],
        owner=said[-1],
        mitigation=mitigation,
        threat=threat,
        since=at(0),
        until=at(60),
        lines=tuple(said),
        by=said[0],
        proposal=proposal,
        asked=said[-1],
        waiting=tuple(said),
    )


def reminder_now(
    events: list[RecordedEvent], key: str, moment: datetime | None = None, *, gone: PersonId | None = None
) -> ReminderDetails:
    """A reminder of something in a model, sent when it was due; everybody is called by their id."""
    model, now = replay(events), moment or at(60)
    seen = ReminderSources(
        stream=STREAM,
        model=model,
        register=register(model, now),
        naming=str,
        now=now,
        refused=lambda _: "",
        people=lambda person: Reachability(gone=person == gone),
        events=lambda: events,
    )
    return load_reminder(ReminderKey(key), seen, due=now, sent=now)


def first_lines(message: Message) -> list[str]:
    """Return the lines of a message's first block."""
    return message.blocks[0]["text"]["text"].split("\n")


def past_model(then: ThreatRegister, since: tuple[Change, ...] = ()) -> PastModel:
    """The model as it was on a Friday, seen from the Monday after; nothing has changed since."""
    return PastModel(
        day=date(2026, 3, 6),
        today=date(2026, 3, 9),
        zone="Europe/Berlin",
        zone_known=True,
        then=then,
        since=since,
        earlier=date(2026, 3, 2),
        later=date(2026, 3, 8),
    )


def view_text(view: Message | View) -> str:
    """Return the visible text of a view, without markup and invisible characters."""
    blocks = view.blocks if isinstance(view, Message) else view["blocks"]
    texts = [one["text"] for one in nested_objects(blocks) if isinstance(one.get("text"), str)]
    plain = "\n".join(texts).replace("\u2060", "").replace("\N{NO-BREAK SPACE}", " ").replace("*", "")
    return plain.replace("&gt;", ">").replace("&lt;", "<").replace("&amp;", "&")


def buttons_of(view: Message | View) -> list[dict[str, Any]]:
    blocks = view.blocks if isinstance(view, Message) else view["blocks"]
    return [one for one in nested_objects(blocks) if one.get("type") == "button" and "value" in one]


def button_named(view: Message | View, text: str) -> dict[str, Any]:
    return next(button for button in buttons_of(view) if button["text"]["text"] == text)


def button_target(pressed: dict[str, Any]) -> Target:
    return decode_button_target(pressed["action_id"].partition(":")[0], pressed["value"])
