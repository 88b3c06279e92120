"""Take the screenshots of the documentation again: `python -m tests.screenshots`."""

import sys
import tempfile
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from playwright.sync_api import Browser, expect
from rich.console import Console

from bot.demo import PEOPLE, STORIES, scored_house_story
from bot.demo.story_runner import Step
from bot.picture.diagram import build_diagram, diagram_png, lay_out
from bot.report.html_renderer import render_html
from bot.report.report_source import ReportSource
from bot.report.sections import report_of
from deploy.environment import chromium
from domain.commands import (
    ApproveAcceptance,
    BeginRemediation,
    ChooseResponse,
    Command,
    ImplementMitigation,
    PlanMitigation,
    ProposeAcceptance,
)
from domain.dread.metrics import Metric
from domain.history import timeline
from domain.kernel.elements import ChannelId, PersonId
from domain.kernel.mitigation import MitigationId
from domain.kernel.response import ResponseKind
from domain.kernel.threat import ThreatId
from domain.model import replay
from domain.register import register
from tests.browser.conftest import Workspace, house_collected, house_told
from tests.browser.player import PHONE, Player, running_chromium
from tests.examples import HOUSE_CHANNEL, MORNING, story_events

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "deploy/pictures"

SIZE = (1180, 820)
ANSWERED = 7
"""Steps of the House's story after which it is collected, and nothing judged."""

REPORTS: dict[str, tuple[tuple[int, int], Literal["light", "dark"]]] = {
    "report": ((1240, 1020), "light"),
    "phone-report": (PHONE, "dark"),
}

CARD = "The House"
CURTAINS = "Anybody can look in through the open curtains"
METRICS = tuple(metric.label for metric in Metric)
FLOWS = """\
Resident -> House: valuables via front door
Guest -> : family photos
Visitor House"""


def main() -> None:
    """Open the sandbox with the House in it, play each scene, and take its picture."""
    program = chromium()
    if program is None:
        sys.exit(
            "python -m tests.screenshots: no Chromium here (Debian: apt-get install chromium-headless-shell)"
        )
    console = Console()
    PICTURES.mkdir(exist_ok=True)
    (PICTURES / "diagram.png").write_bytes(diagram())
    with running_chromium(program) as browser:
        for name, (size, scheme) in REPORTS.items():
            (PICTURES / f"{name}.png").write_bytes(report_page(browser, size, scheme))
            console.print(f"{name}: deploy/pictures/{name}.png")
        for tell, scenes in ((collected, SCENES), (remedied, SCENES_OF_THE_PLAN)):
            with tempfile.TemporaryDirectory() as data:
                tell(Path(data))
                workspace = Workspace(Path(data))
                try:
                    for name, scene in scenes.items():
                        scene(browser, workspace.address, PICTURES / f"{name}.png")
                        console.print(f"{name}: deploy/pictures/{name}.png")
                finally:
                    workspace.stop()


def collected(data: Path) -> None:
    """The House, collected, and nothing judged."""
    house_collected(data, steps=ANSWERED)


def remedied(data: Path) -> None:
    """The House, with something done about most of its threats, and one mitigation overdue."""

    def story(channel: ChannelId, people: Sequence[PersonId]) -> list[Step]:
        return [*scored_house_story(channel, people), *_remedies(people)]

    house_told(data, story)


def _remedies(people: Sequence[PersonId]) -> list[Step]:
    ana, ben, chi, dee = people
    today, at = datetime.now(UTC), datetime(2026, 3, 9, 9, 0, tzinfo=UTC)
    plumber, alarm, _, curtains, glue, garage = (ThreatId(f"TH-{number}") for number in range(1, 7))

    def day(ahead: int) -> date:
        return (today + timedelta(days=ahead)).date()

    def plan(threat: ThreatId, title: str, owner: PersonId, due: date) -> Command:
        return PlanMitigation(by=ben, at=at, threat=threat, title=title, owner=owner, due=due)

    accepting = ProposeAcceptance(by=chi, at=at, threat=curtains, expires=day(90), reason="We move in May")
    insured = ChooseResponse(
        by=ben,
        at=at,
        threat=glue,
        response=ResponseKind.TRANSFER,
        transferred_to="The insurer",
        reason="They send a locksmith within the hour",
        due=day(20),
    )
    said: list[Command] = [
        BeginRemediation(by=ana, at=at, reason="The rest is scored next week"),
        plan(garage, "A door with a lock of its own between garage and house", ben, day(40)),
        plan(plumber, "Ask whoever rings for a badge", dee, day(5)),
        plan(alarm, "Fasten the alarm to the ceiling with screws", chi, day(-2)),
        insured,
        accepting,
        ApproveAcceptance(by=ana, at=at, threat=curtains),
        ImplementMitigation(
            by=dee, at=at, mitigation=MitigationId("MI-2"), evidence="A sign beside the bell"
        ),
    ]
    return [lambda _, one=one: one for one in said]


def diagram() -> bytes:
    """The House's data flows, drawn once its threats have their scores."""
    scored = register(replay(story_events(STORIES["house"](HOUSE_CHANNEL, PEOPLE))))
    return diagram_png(lay_out(build_diagram(scored, MORNING.date())))


def report_page(browser: Browser, size: tuple[int, int], scheme: Literal["light", "dark"]) -> bytes:
    """How the House's report begins, when something is done about most of its threats."""
    past = story_events([*scored_house_story(HOUSE_CHANNEL, PEOPLE), *_remedies(PEOPLE)])
    now = datetime.now(UTC)
    source = ReportSource(
        register=register(replay(past), now=now),
        history=timeline(past),
        naming=dict(zip(PEOPLE, ("Ana", "Ben", "Chi", "Dee"), strict=True)).__getitem__,
        as_of=now,
        day_of=datetime.date,
    )
    width, height = size
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme=scheme,
        device_scale_factor=1.5 if size == PHONE else 1,
    )
    page = context.new_page()
    page.set_content(render_html(report_of(source)).decode())
    taken = page.screenshot()
    context.close()
    return taken


def card(browser: Browser, address: str, path: Path) -> None:
    """The card in its channel."""
    ana = _player(browser, address, "Ana")
    ana.sees(CARD, "1 reply")
    _taken(ana, path)


def form(browser: Browser, address: str, path: Path) -> None:
    """Open questions, each with the reason why it is asked."""
    chi = _player(browser, address, "Chi")
    chi.sees(CARD)
    _open_questions(chi)
    _taken(chi, path)


def _open_questions(player: Player) -> None:
    """Go on to the open questions; the first ones, about the whole system, come only once."""
    player.presses("Answer questions")
    if player.form.get_by_role("heading", name="The whole system").count():
        player.hands_in("Save")
    player.sees_form("Open questions")


def thread(browser: Browser, address: str, path: Path) -> None:
    """What people did, told in the card's thread."""
    ben = _player(browser, address, "Ben")
    ben.sees(CARD)
    ben.opens_thread(CARD)
    ben.sees("added 5 components")
    _taken(ben, path)


def home(browser: Browser, address: str, path: Path) -> None:
    """What waits for one person, on the Home tab."""
    dee = _player(browser, address, "Dee")
    dee.sees(CARD)
    dee.goes_to("threatmodel")
    dee.page.get_by_role("tab", name="Home").click()
    dee.sees("Models of my channels")
    _taken(dee, path)


def mistake(browser: Browser, address: str, path: Path) -> None:
    """Lines that cannot be read stay where they are, with what was understood beside them."""
    ben = _player(browser, address, "Ben")
    ben.sees(CARD)
    ben.opens("More…", "More")
    ben.opens("Data flows as lines", "Data flows as lines")
    ben.fills("Data flows", FLOWS)
    ben.hands_in("Save and go on")
    ben.sees("I read")
    _taken(ben, path)


def phone_card(browser: Browser, address: str, path: Path) -> None:
    """The card on a phone."""
    dee = _player(browser, address, "Dee", size=PHONE)
    dee.sees(CARD)
    _taken(dee, path)


def phone_form(browser: Browser, address: str, path: Path) -> None:
    """A form on a phone."""
    dee = _player(browser, address, "Dee", size=PHONE)
    dee.sees(CARD)
    _open_questions(dee)
    _taken(dee, path)


def faults(browser: Browser, address: str, path: Path) -> None:
    """The sandbox as its own tools show it: what goes back and forth, and what can be broken."""
    ana = _player(browser, address, "Ana")
    ana.sees(CARD)
    ana.tool("inspector")
    ana.opens("More…", "More")
    ana.closes()
    expect(ana.page.get_by_test_id("tools")).to_contain_text("views.open")
    _taken(ana, path)


def candidates(browser: Browser, address: str, path: Path) -> None:
    """What the rules brought up, with the answers that it follows from."""
    ben = _player(browser, address, "Ben")
    ben.sees(CARD)
    ben.opens("What came up", "What came up")
    _taken(ben, path)


def ballot(browser: Browser, address: str, path: Path) -> None:
    """A ballot on a phone; the round is opened for it."""
    ana = _player(browser, address, "Ana")
    ana.sees(CARD)
    ana.says("/threatmodel add threat")
    ana.sees_form("Report a threat")
    ana.fills("What could go wrong?", CURTAINS)
    ana.form.get_by_label("Information disclosure").check()
    ana.hands_in("Report")
    ana.sees("1 threat")
    ana.opens("More…", "More")
    ana.opens("Move on to analysis", "Move on to analysis")
    ana.hands_in("Move on to analysis")
    ana.sees_form("Saved")
    ana.closes()
    ana.opens("More…", "More")
    ana.opens("Open a round", "Open a round")
    ana.hands_in("Open")
    ana.sees_form("Saved")
    ana.closes()
    ana.leaves()
    dee = _player(browser, address, "Dee", size=PHONE)
    dee.sees("0 of 4 voted")
    dee.opens("Vote", "Vote")
    _taken(dee, path)


def result(browser: Browser, address: str, path: Path) -> None:
    """What a round came to, in words and as a picture."""
    for who, damage in (("Ana", 1), ("Ben", 2), ("Chi", 8), ("Dee", 1)):
        player = _player(browser, address, who)
        player.sees("of 4 voted")
        player.opens("Vote", "Vote")
        for metric, number in zip(METRICS, (damage, 10, 8, 9, 10), strict=True):
            player.form.get_by_label(metric, exact=True).select_option(index=number)
        player.form.get_by_test_id("modal-submit").click()
        player.sees_form("My ballots")
        player.leaves()
    chi = _player(browser, address, "Chi")
    chi.sees("The votes are in")
    chi.opens_thread("The House · TM-1")
    chi.sees("How the ballots lie")
    picture = chi.page.get_by_role("img", name="TH-1, 4 ballots")
    expect(picture).to_be_visible()
    picture.scroll_into_view_if_needed()
    _taken(chi, path)


def plan(browser: Browser, address: str, path: Path) -> None:
    """The plan, with what is done about each threat."""
    ben = _player(browser, address, "Ben")
    ben.sees(CARD)
    ben.says("/threatmodel plan")
    ben.sees_form("Plan")
    _taken(ben, path)


def phone_mitigation(browser: Browser, address: str, path: Path) -> None:
    """A mitigation that is in place, on the phone of somebody who may verify it."""
    chi = _player(browser, address, "Chi", size=PHONE)
    chi.sees(CARD)
    chi.says("/threatmodel plan")
    chi.sees_form("Plan")
    chi.form.get_by_role("button", name="Open: TH-1").click()
    chi.sees_form("TH-1 in the plan")
    _taken(chi, path)


def phone_reminder(browser: Browser, address: str, path: Path) -> None:
    """What is overdue, as its owner reads of it at ten in the morning of a working day."""
    ana, chi = _player(browser, address, "Ana"), _player(browser, address, "Chi", size=PHONE)
    chi.goes_to("threatmodel")
    reminder = chi.message("Overdue: Fasten the alarm")
    hours = (10 - datetime.now(ZoneInfo("Asia/Tokyo")).hour) % 24
    for moves in (["+1 hour"] * hours, *[["+1 day"]] * DAYS_TO_A_REMINDER):
        ana.later(*moves)
        ana.page.wait_for_timeout(2_000)
        if reminder.count():
            break
    expect(reminder).to_be_visible()
    ana.leaves()
    _taken(chi, path)


DAYS_TO_A_REMINDER = 6
"""It comes each third day, and after a weekend."""

# The last one sets the clock ahead.
SCENES_OF_THE_PLAN = {"plan": plan, "phone-mitigation": phone_mitigation, "phone-reminder": phone_reminder}
SCENES: dict[str, Callable[[Browser, str, Path], None]] = {
    "card": card,
    "form": form,
    "thread": thread,
    "home": home,
    "mistake": mistake,
    "phone-card": phone_card,
    "phone-form": phone_form,
    "inspector": faults,
    "candidates": candidates,
    "phone-ballot": ballot,
    "result": result,
}


def _player(browser: Browser, address: str, who: str, *, size: tuple[int, int] = SIZE) -> Player:
    # What is small on the page is shown finer: fine screens show it as it was.
    player = Player(browser, address, who, size=size, scale=1.5 if size == PHONE else 1)
    player.page.wait_for_timeout(500)
    if player.form.count():  # left open in an earlier scene
        player.closes()
    return player


def _taken(player: Player, path: Path) -> None:
    player.page.wait_for_timeout(1_200)  # fonts, and the last coalesced update of a card
    player.picture(path)
    player.leaves()


if __name__ == "__main__":
    main()
