"""Take the screenshots of the documentation again: `python -m tests.screenshots [NAME …]`."""

import re
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from msgspec.structs import replace
from playwright.sync_api import Browser, expect
from rich.console import Console

from bot.demo import PEOPLE
from bot.demo.story_runner import Step
from bot.picture.diagram import build_diagram, diagram_png, lay_out
from bot.report.html_renderer import render_html
from bot.report.portfolio_report import PortfolioSource, portfolio_report
from bot.report.report_source import ReportSource
from bot.report.sections import report_of
from bot.sandbox.api import HOUSE, Sandbox
from deploy.environment import chromium
from domain.history import timeline
from domain.kernel.elements import ChannelId
from domain.portfolio.portfolio_entry import PortfolioEntry, portfolio_entry
from domain.portfolio.portfolio_filter import PortfolioFilter, PortfolioOrder, select_entries
from domain.register import register
from domain.replay import replay
from tests.browser.conftest import Workspace, story_told
from tests.browser.player import PHONE, Player, running_chromium
from tests.examples import HOUSE_CHANNEL, MORNING, story_events
from tests.orders_service import NAME
from tests.orders_story import ANSWERED, ASKED_NEXT, ROUND_OPEN, VOTED, orders_story, planned_orders_story
from tests.portfolio_models import NOW, generated_events

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "deploy/pictures"

SIZE = (1180, 820)

REPORTS: dict[str, tuple[tuple[int, int], Literal["light", "dark"]]] = {
    "report": ((1240, 1020), "light"),
    "phone-report": (PHONE, "dark"),
}
PORTFOLIOS: dict[str, tuple[int, int]] = {"portfolio": (1240, 1020), "phone-portfolio": PHONE}
"""The HTML page of twenty generated models."""

CARD = f"{NAME} · TM-1"
CHANNEL = ChannelId("C0ORDERS1")
FLOWS = """\
Stripe Orders API: payment results
Orders API <- Auth0: session tokens (HTTPS)"""
"""Neither can be read, so that the model stays as it is for the next scenes."""

Scene = Callable[[Browser, str, Path], None]


def main(names: Sequence[str]) -> None:
    """Open the sandbox with the orders service in it, play each scene, and take its picture."""
    program = chromium()
    if program is None:
        sys.exit(
            "python -m tests.screenshots: no Chromium here (Debian: apt-get install chromium-headless-shell)"
        )
    console = Console()
    PICTURES.mkdir(exist_ok=True)
    if not names or "diagram" in names:
        (PICTURES / "diagram.png").write_bytes(diagram())
    with running_chromium(program) as browser:
        for name, (size, scheme) in REPORTS.items():
            if not names or name in names:
                (PICTURES / f"{name}.png").write_bytes(report_page(browser, size, scheme))
                console.print(f"{name}: deploy/pictures/{name}.png")
        for name, size in PORTFOLIOS.items():
            if not names or name in names:
                page = portfolio_page()
                (PICTURES / f"{name}.png").write_bytes(_page_picture(browser, page, size, "light"))
                console.print(f"{name}: deploy/pictures/{name}.png")
        for told, steps, scenes in PLAYS:
            wanted = {name: scene for name, scene in scenes.items() if not names or name in names}
            if wanted:
                _play(browser, told, steps, wanted, console)


def _play(
    browser: Browser,
    told: Callable[..., list[Step]],
    steps: int | None,
    scenes: Mapping[str, Scene],
    console: Console,
) -> None:
    with tempfile.TemporaryDirectory() as data:
        _add_channel(Path(data))
        story_told(Path(data), told, steps=steps, channel=CHANNEL)
        workspace = Workspace(Path(data))
        try:
            for name, scene in scenes.items():
                scene(browser, workspace.address, PICTURES / f"{name}.png")
                console.print(f"{name}: deploy/pictures/{name}.png")
        finally:
            workspace.stop()


def _add_channel(data: Path) -> None:
    """Add the channel of the orders service to the workspace."""
    with Sandbox(data=data) as sandbox:
        sandbox.workspace.change_channel(
            replace(
                HOUSE, id=CHANNEL, name="orders", topic="Orders service", purpose="Everything about orders"
            )
        )


def diagram() -> bytes:
    """The data flows of the orders service, with scored threats."""
    scored = register(replay(story_events(orders_story(HOUSE_CHANNEL, PEOPLE))))
    return diagram_png(lay_out(build_diagram(scored, MORNING.date())))


def report_page(browser: Browser, size: tuple[int, int], scheme: Literal["light", "dark"]) -> bytes:
    """The beginning of the report, with responses to most threats."""
    past = story_events(planned_orders_story(HOUSE_CHANNEL, PEOPLE))
    now = datetime.now(UTC)
    source = ReportSource(
        register=register(replay(past), now=now),
        history=timeline(past),
        naming=dict(zip(PEOPLE, ("Ana", "Ben", "Chi", "Dee"), strict=True)).__getitem__,
        as_of=now,
        day_of=datetime.date,
    )
    return _page_picture(browser, render_html(report_of(source)), size, scheme)


def portfolio_page() -> bytes:
    """The portfolio of twenty generated models, the highest risk first."""
    entries: list[PortfolioEntry] = []
    for number in range(20):
        past = generated_events(number, HOUSE_CHANNEL)
        model = replay(past)
        entries.append(portfolio_entry(model, past, NOW))
    source = PortfolioSource(
        entries=select_entries(entries, PortfolioFilter(), PortfolioOrder.RISK, NOW),
        now=NOW,
        naming=dict(zip(PEOPLE, ("Ana", "Ben", "Chi", "Dee"), strict=True)).__getitem__,
        day_of=datetime.date,
    )
    return render_html(portfolio_report(source))


def _page_picture(
    browser: Browser, content: bytes, size: tuple[int, int], scheme: Literal["light", "dark"]
) -> bytes:
    width, height = size
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme=scheme,
        device_scale_factor=1.5 if size == PHONE else 1,
    )
    page = context.new_page()
    page.set_content(content.decode())
    taken = page.screenshot()
    context.close()
    return taken


def card(browser: Browser, address: str, path: Path) -> None:
    """The card in its channel."""
    ana = _player(browser, address, "Ana")
    ana.sees(CARD, "1 reply")
    _taken(ana, path)


def form(browser: Browser, address: str, path: Path) -> None:
    """A page of open questions, each with its elements."""
    chi = _player(browser, address, "Chi")
    _open_questions(chi)
    _taken(chi, path)


def _open_questions(player: Player) -> None:
    player.sees(CARD)
    player.says("/threatmodel questions")
    expect(player.form).to_be_visible()


def _open(player: Player, label: str) -> None:
    """Press the button of a form whose label matches, and wait for the next form."""
    player.form.get_by_role("button", name=re.compile(label)).first.click()
    player.page.wait_for_timeout(1_500)
    expect(player.form).to_be_visible()


def screening(browser: Browser, address: str, path: Path) -> None:
    """The form about rare features of the whole system."""
    ana = _player(browser, address, "Ana")
    ana.sees(CARD)
    ana.opens("More…", "More")
    _open(ana, "Screening|Whole system")
    _taken(ana, path)


def controls(browser: Browser, address: str, path: Path) -> None:
    """The form about controls of the whole system."""
    ben = _player(browser, address, "Ben")
    _open_questions(ben)
    _open(ben, "Controls")
    _taken(ben, path)


def lines(browser: Browser, address: str, path: Path) -> None:
    """Data flows that cannot be read."""
    ben = _player(browser, address, "Ben")
    ben.sees(CARD)
    ben.opens("More…", "More")
    _open(ben, "^Add data flows$")
    ben.fills("Data flows", FLOWS)
    ben.form.get_by_test_id("modal-submit").click()
    expect(ben.form).to_contain_text("Not saved yet: 2 lines.")
    _taken(ben, path)


def thread(browser: Browser, address: str, path: Path) -> None:
    """The thread of the card, with what each person did."""
    ben = _player(browser, address, "Ben")
    ben.sees(CARD)
    ben.opens_thread(CARD)
    ben.sees("components")
    _taken(ben, path)


def home(browser: Browser, address: str, path: Path) -> None:
    """The Home tab of one person."""
    dee = _player(browser, address, "Dee")
    dee.sees(CARD)
    dee.goes_to("threatmodel")
    dee.page.get_by_role("tab", name="Home").click()
    dee.sees(NAME)
    _taken(dee, path)


def phone_card(browser: Browser, address: str, path: Path) -> None:
    """The card on a phone."""
    dee = _player(browser, address, "Dee", size=PHONE)
    dee.sees(CARD)
    _taken(dee, path)


def phone_form(browser: Browser, address: str, path: Path) -> None:
    """A page of questions on a phone."""
    dee = _player(browser, address, "Dee", size=PHONE)
    _open_questions(dee)
    _taken(dee, path)


def inspector(browser: Browser, address: str, path: Path) -> None:
    """The inspector of the sandbox beside the card."""
    ana = _player(browser, address, "Ana")
    ana.sees(CARD)
    ana.tool("inspector")
    ana.opens("More…", "More")
    ana.closes()
    expect(ana.page.get_by_test_id("tools")).to_contain_text("views.open")
    _taken(ana, path)


def suggested_threats(browser: Browser, address: str, path: Path) -> None:
    """Suggested threats, with the answers that they follow from."""
    ben = _player(browser, address, "Ben")
    ben.sees(CARD)
    ben.says("/threatmodel suggested threats")
    expect(ben.form).to_contain_text("Confirm")
    _taken(ben, path)


def ballot(browser: Browser, address: str, path: Path) -> None:
    """A page of quick ballots on a phone."""
    dee = _player(browser, address, "Dee", size=PHONE)
    dee.sees("0 of 4 voted")
    dee.says("/threatmodel vote")
    expect(dee.form).to_contain_text("Damage")
    _taken(dee, path)


def result(browser: Browser, address: str, path: Path) -> None:
    """The result of a round in the thread, as a list and as charts."""
    chi = _player(browser, address, "Chi")
    chi.opens_thread(CARD)
    picture = chi.page.get_by_role("img", name="TH-1, 4 ballots").first
    expect(picture).to_be_visible()
    picture.scroll_into_view_if_needed()
    _taken(chi, path)


def plan(browser: Browser, address: str, path: Path) -> None:
    """The plan, with the response to each threat."""
    ben = _player(browser, address, "Ben")
    ben.sees(CARD)
    ben.says("/threatmodel plan")
    ben.sees_form("Plan")
    _taken(ben, path)


def phone_mitigation(browser: Browser, address: str, path: Path) -> None:
    """An implemented mitigation, on the phone of a person who may verify it."""
    chi = _player(browser, address, "Chi", size=PHONE)
    chi.sees(CARD)
    chi.says("/threatmodel plan")
    chi.sees_form("Plan")
    _open(chi, "TH-4")
    _taken(chi, path)


def phone_reminder(browser: Browser, address: str, path: Path) -> None:
    """A reminder of an overdue mitigation, at ten in the morning of a working day of its owner."""
    ana, dee = _player(browser, address, "Ana"), _player(browser, address, "Dee", size=PHONE)
    dee.goes_to("threatmodel")
    reminder = dee.page.get_by_test_id("message").filter(has_text="Overdue:").filter(has_text="Run builds of")
    hours = (10 - datetime.now(ZoneInfo("Asia/Kolkata")).hour) % 24
    for moves in (["+1 hour"] * hours, *[["+1 day"]] * DAYS_TO_A_REMINDER):
        ana.later(*moves)
        ana.page.wait_for_timeout(2_000)
        if reminder.count():
            break
    expect(reminder.last).to_be_visible()
    ana.leaves()
    _taken(dee, path)


DAYS_TO_A_REMINDER = 20
"""More than until it is due, and a weekend."""

PLAYS: tuple[tuple[Callable[..., list[Step]], int | None, dict[str, Scene]], ...] = (
    (
        orders_story,
        ASKED_NEXT,
        {
            "card": card,
            "form": form,
            "screening": screening,
            "controls": controls,
            "lines": lines,
            "thread": thread,
            "home": home,
            "phone-card": phone_card,
            "phone-form": phone_form,
            "inspector": inspector,
        },
    ),
    (orders_story, ANSWERED, {"suggested-threats": suggested_threats}),
    (orders_story, ROUND_OPEN, {"phone-ballot": ballot}),
    (orders_story, VOTED, {"result": result}),
    # The last one sets the clock ahead.
    (
        planned_orders_story,
        None,
        {"plan": plan, "phone-mitigation": phone_mitigation, "phone-reminder": phone_reminder},
    ),
)


def _player(browser: Browser, address: str, who: str, *, size: tuple[int, int] = SIZE) -> Player:
    # What is small on the page is shown finer: fine screens show it as it was.
    player = Player(browser, address, who, size=size, scale=1.5 if size == PHONE else 1)
    player.page.wait_for_timeout(500)
    while player.form.count():  # left open in an earlier scene
        player.form.get_by_role("button", name="Close").first.click()
        player.page.wait_for_timeout(700)
    player.goes_to("orders")
    player.page.wait_for_timeout(500)
    return player


def _taken(player: Player, path: Path) -> None:
    player.page.wait_for_timeout(1_200)  # fonts, and the last coalesced update of a card
    player.page.screenshot(path=path)
    player.leaves()


if __name__ == "__main__":
    main(sys.argv[1:])
