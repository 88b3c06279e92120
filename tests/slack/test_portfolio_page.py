"""The portfolio in Slack: of one's own channels, as the settings let one see it, within Slack's limits."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from bot.delivery.reconciler import Reconciler
from bot.delivery.slot_kinds import NoPost, PostPlace, SinkOutcome
from bot.delivery.work_kinds import Done
from bot.sandbox.api import TEAM_ID
from bot.slack.handlers.modal_loading import load_page
from bot.slack.protocol.block_builders import Message
from bot.slack.protocol.targets import ButtonKind, SelectionTarget, StaleButton, decode_target
from bot.slack.protocol.web_api_client import ApiRefused
from bot.slack.screens.page_data import PageData
from bot.slack.screens.portfolio_screen import PortfolioScreen, PortfolioSelection, label_id, read_selection
from bot.slack.sinks.outcomes import CHANNEL_OUTCOMES, FAULTS
from bot.slack.slots.portfolio_slots import DigestSlots
from bot.slack.ui.modals.history.portfolio_page import choose_in_menu, portfolio_page
from bot.slack.ui.modals.modal_registry import modal_target_type
from bot.store import CommandKey, StreamId
from bot.store.repositories.deliveries import DeliveryRecord
from bot.store.repositories.workspace_directory import Person
from bot.store.work_queue import Claim
from domain.commands import ChooseLabels
from domain.dread.scoring import Band
from domain.kernel.elements import ChannelId, ModelKey, PersonId
from domain.portfolio.digest_schedule import digest_week, last_digest, next_digest
from domain.portfolio.portfolio_entry import BandCounts, PortfolioEntry
from domain.portfolio.portfolio_filter import PortfolioFilter, PortfolioOrder
from domain.portfolio.portfolio_totals import portfolio_totals
from domain.reminders.reachability import Reachability
from domain.workspace_settings import ChooseWorkspaceSettings, PortfolioAudience
from tests.slack.access_harness import TEAM, AccessHarness, open_access_harness, outcome_of, person_id_of
from tests.slack.limit_checks import view_faults
from tests.slack.reminder_steps import set_workspace_clock
from tests.slack.slot_contexts import make_context
from tests.slack.voting_steps import run_bot_on_workspace_clock

NOW = datetime(2027, 1, 13, 12, tzinfo=UTC)
HOSTILE = "<!channel> <@U1> *b* `c` <https://evil.example|x> \u202e&amp;"


def entry(number: int, **fields: Any) -> PortfolioEntry:
    told: dict[str, Any] = {
        "key": ModelKey(f"TM-{number}"),
        "name": f"{HOSTILE} {'n' * 150}",
        "channel": ChannelId("C1"),
        "phase": "remediation",
        "facilitator": PersonId("U1"),
        "labels": tuple(f"{HOSTILE} label {number % 150}{one}"[:40] for one in range(10)),
        "started_at": NOW - timedelta(days=900),
        "last_activity_at": NOW - timedelta(days=800),
        "open": BandCounts(critical=1_000, high=1_000, medium=1_000, low=1_000, unscored=1_000),
        "threats": 5_000,
        "highest": 10.0,
        "oldest_open_at": NOW - timedelta(days=899),
        "overdue_mitigations": 1_000,
        "review_due": NOW - timedelta(days=1),
        "next": f"Choose a response to “{HOSTILE}{'x' * 300}”",
        "waits_for": (PersonId("U1"),),
        **fields,
    }
    return PortfolioEntry(**told)


def screen_of(entries: tuple[PortfolioEntry, ...], **fields: Any) -> PageData:
    screen = PortfolioScreen(
        tenant="T1",
        selection=PortfolioSelection(),
        entries=entries,
        totals=portfolio_totals(entries, NOW),
        models=len(entries),
        labels=tuple({label for each in entries for label in each.labels}),
        missing=0,
        conditions=(),
        weeks=((1, 9_999), (4, 9_999), (12, 9_999)),
        channels={"C1": f"{HOSTILE}{'c' * 80}"},
    )
    return PageData(
        target=SelectionTarget(name="portfolio"),
        reader=PersonId("U1"),
        model=None,
        naming=lambda _: HOSTILE,
        portfolio=replace(screen, **fields),
        now=NOW,
    )


def test_five_hundred_models_are_paged_within_the_limits_and_no_markup_comes_alive() -> None:
    data = screen_of(tuple(entry(number) for number in range(1, 501)), missing=3)
    keys: list[str] = []
    for page in range(50):
        view = portfolio_page(replace(data, target=replace(data.target, page=page)))
        assert view_faults(view) == [], page
        marked = [block["text"]["text"] for block in view["blocks"] if block["type"] == "section"]
        shown = "".join(marked)
        assert "<!channel>" not in shown
        assert "<@U1>" not in shown
        rows = [block for block in view["blocks"] if block.get("accessory", {}).get("accessibility_label")]
        keys += [str(block["accessory"]["accessibility_label"]).rpartition(" ")[2] for block in rows]
        elements = (one for block in view["blocks"] for one in block.get("elements", ()))
        values = [element["value"] for element in elements if "value" in element]
        assert not [one for one in values if "label" in one], "buttons carry IDs of labels, never their text"
    assert keys == [f"TM-{number}" for number in range(1, 501)]


def test_a_selection_survives_its_code_and_an_unreadable_one_shows_everything() -> None:
    pci = f"label/{label_id('PCI DSS')}"
    for conditions in ((), ("overdue",), ("phase/analysis", "phase/closed", "mine", pci)):
        for order in PortfolioOrder:
            one = PortfolioSelection(conditions=conditions, order=order)
            assert read_selection(one.code) == one
    for unreadable in ("nonsense|beauty", "label/x,phase/nowhere", "", "|", ",,,"):
        assert read_selection(unreadable) == PortfolioSelection(), unreadable
    assert read_selection("overdue,overdue,x|name").conditions == ("overdue",)
    assert read_selection("label/0123456789ab|overdue").conditions == ("label/0123456789ab",), (
        "of old buttons"
    )


def test_conditions_of_a_page_are_one_filter() -> None:
    pci = f"label/{label_id('pci dss')}"
    found = {
        conditions: PortfolioSelection(conditions=conditions).filter_for(PersonId("U1"), ("PCI DSS", "x"))
        for conditions in (
            ("overdue", pci, "phase/analysis", "phase/closed"),
            ("high", "critical"),
            ("mine", "facilitated"),
            ("label/000000000000",),
        )
    }
    assert [*found.values()] == [
        PortfolioFilter(overdue=True, labels=("PCI DSS",), phases=("analysis", "closed")),
        PortfolioFilter(band=Band.CRITICAL),
        PortfolioFilter(waits_for=PersonId("U1"), facilitator=PersonId("U1")),
        PortfolioFilter(labels=("000000000000",)),
    ]


def test_the_page_says_which_conditions_count_and_offers_to_reset_them() -> None:
    labels = ("PCI DSS", "team: payments")
    chosen = ("overdue", f"label/{label_id('PCI DSS')}")
    data = screen_of(
        (entry(1, labels=labels),),
        labels=labels,
        selection=PortfolioSelection(conditions=chosen, order=PortfolioOrder.NAME),
        conditions=("something is overdue", "label “<!here>”"),
    )
    view = portfolio_page(data)
    plain = portfolio_page(screen_of((entry(1, labels=labels),), labels=labels))

    block, menu = menu_of(view)
    assert [one["value"] for one in menu["initial_options"]] == [*chosen]
    assert block["text"]["text"] == "*Filter*\nSomething is overdue; label “&lt;!here&gt;”"
    reset = [
        one for block in view["blocks"] for one in block.get("elements", ()) if "reset" in one["action_id"]
    ]
    targets = [decode_target(one["value"], modal_target_type) for one in reset]
    assert [SelectionTarget.of(target).selection for target in targets] == ["|name"]
    assert "initial_options" not in menu_of(plain)[1]
    assert "Reset filter" not in json.dumps(plain)
    assert menu_of(plain)[0]["block_id"] != block["block_id"], "Slack keeps choices in a block of the same ID"


def test_a_chosen_label_is_in_the_menu_however_many_there_are() -> None:
    labels = tuple(f"label {number:03}" for number in range(250))
    chosen = (f"label/{label_id('label 249')}",)
    view = portfolio_page(screen_of((), labels=labels, selection=PortfolioSelection(conditions=chosen)))
    assert view_faults(view) == []
    assert [one["text"]["text"] for one in menu_of(view)[1]["initial_options"]] == ["label 249"]
    assert "150 more labels not in the menu" in json.dumps(view)


def menu_of(view: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the menu of conditions, and its block."""
    (block,) = (
        block for block in view["blocks"] if block.get("accessory", {}).get("type") == "multi_static_select"
    )
    return block, block["accessory"]


def test_menus_change_what_they_name_and_nothing_else() -> None:
    before = SelectionTarget(name="portfolio", selection="overdue|name", page=3, behind="b")

    def after(menu: str, *values: str) -> tuple[str, int, str]:
        target = choose_in_menu(before, menu, values)
        return SelectionTarget.of(target).selection, target.page, target.behind

    assert after("conditions", "mine", "phase/closed") == ("mine,phase/closed|name", 0, "b")
    assert after("conditions") == ("|name", 0, "b")
    assert after("order", "age") == ("overdue|age", 0, "b")
    assert after("order", "beauty") == ("overdue|risk", 0, "b")
    with pytest.raises(StaleButton):
        after("flavor", "mine")


def show(harness: AccessHarness, who: str, selection: str = "") -> str:
    target = SelectionTarget(name="portfolio", selection=selection)
    return harness.press(who, "private", ButtonKind.SHOW, target)


def choose_conditions(harness: AccessHarness, who: str, *values: str) -> str:
    """Choose conditions in the menu of the page that a person has open."""
    page = load_page(harness.services, SelectionTarget(name="portfolio"), person_id_of("member"))
    return harness.choose(who, page, f"{ButtonKind.FILTER}:conditions", *values)


def test_conditions_are_combined_by_the_page_alone(harness: AccessHarness) -> None:
    stream = StreamId(harness.begin("private"))
    harness.do(stream, ChooseLabels(by=person_id_of("facilitator"), at=NOW, labels=("PCI DSS",)))
    pci = f"label/{label_id('PCI DSS')}"

    assert "The House" in choose_conditions(harness, "member", pci, "phase/collection", "phase/analysis")
    for conditions in ((pci, "overdue"), (pci, "phase/closed"), ("label/000000000000",)):
        assert "No model matches the filter." in choose_conditions(harness, "member", *conditions), conditions
    assert "The House" in choose_conditions(harness, "member", "nonsense", "x" * 3000), (
        "which are no conditions"
    )
    for who in ("stranger", "bot", "former", "gone", "alien"):
        assert "The House" not in choose_conditions(harness, who, pci), who


def test_a_person_sees_the_models_of_their_channels_and_a_stranger_nothing(harness: AccessHarness) -> None:
    harness.begin("private")

    assert "The House" in show(harness, "member")
    assert "The House" in harness.say("member", "private", "portfolio")
    for who in ("stranger", "bot", "former", "gone", "alien"):
        for said in (show(harness, who), harness.say(who, "private", "portfolio")):
            assert "The House" not in said, who
    harness.directory.records.learn_members(ChannelId("C0PRIVATE"), [person_id_of("facilitator")])
    page = load_page(harness.services, SelectionTarget(name="portfolio"), person_id_of("member"))
    assert "The House" not in json.dumps(page), "who left the channel no longer sees its models"


def test_the_settings_say_who_sees_it_and_grant_no_access(harness: AccessHarness) -> None:
    harness.begin("private")

    def choose(audience: PortfolioAudience, *people: str) -> None:
        harness.command_handler.settings.choose(
            ChooseWorkspaceSettings(
                by=person_id_of("administrator"),
                at=NOW,
                audience=audience,
                portfolio_people=tuple(person_id_of(person) for person in people),
            ),
            tenant=TEAM,
            key=CommandKey(f"{audience}{people}"),
        )

    def sees(who: str) -> bool:
        said = show(harness, who)
        assert ("The House" in said) != ("You cannot see the portfolio" in said), said
        return "The House" in said

    seen: dict[str, list[bool]] = {}
    for audience, people in (
        (PortfolioAudience.EVERYONE, ()),
        (PortfolioAudience.ADMINISTRATORS, ()),
        (PortfolioAudience.NAMED, ("member",)),
    ):
        choose(audience, *people)
        seen[str(audience)] = [sees(who) for who in ("administrator", "member", "facilitator")]
    assert seen == {
        "everyone": [True, True, True],
        "administrators": [True, False, False],
        "named": [True, True, False],
    }
    choose(PortfolioAudience.NAMED, "stranger")
    assert "The House" not in show(harness, "stranger")


def test_labels_filter_by_typed_words(harness: AccessHarness) -> None:
    stream = StreamId(harness.begin("private"))
    labels = ChooseLabels(by=person_id_of("facilitator"), at=NOW, labels=("PCI DSS",))
    harness.do(stream, labels)

    assert "The House" in harness.say("member", "private", "portfolio pci  dss")
    for typed in ("label PCI DSS", "PCI DSS, collection", "collection analysis", "facilitated, pci dss"):
        who = "facilitator" if "facilitated" in typed else "member"
        assert "The House" in harness.say(who, "private", f"portfolio {typed}"), typed
    for typed in ("team x", "overdue", "closed", "mine", "PCI DSS, overdue", "facilitated", "PCI DSS, x"):
        assert "No model matches the filter." in harness.say("member", "private", f"portfolio {typed}"), typed
    assert outcome_of(harness.say("member", "private", "portfolio")) == "yes"


FRIDAY = datetime(2027, 1, 15, 12, tzinfo=UTC)
MONDAY = datetime(2027, 1, 18, 9, tzinfo=UTC)
PLACE = ChannelId("C0PUBLIC")
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


class Channel:
    """A channel that takes messages, or refuses them."""

    faults = FAULTS

    def __init__(self) -> None:
        self.posted: list[str] = []
        self.refuses = ""

    def post(self, record: DeliveryRecord, content: Message) -> PostPlace:
        if self.refuses:
            raise ApiRefused(self.refuses)
        self.posted.append(f"{record.place} {content.text} {content.blocks}")
        return PostPlace(external_id=f"{len(self.posted)}.0")

    def update(self, record: DeliveryRecord, content: Message) -> None:
        raise AssertionError("a digest is not edited")

    def delete_post(self, record: DeliveryRecord) -> None:
        raise AssertionError("a digest is not deleted")

    def find(self, record: DeliveryRecord) -> NoPost:
        return NoPost()

    def outcome(self, fault: Exception) -> SinkOutcome:
        return CHANNEL_OUTCOMES.of(fault)


class Desk:
    """A workspace with a clock, a channel, and as many processes as are asked for."""

    def __init__(self, path: Path) -> None:
        self.now = FRIDAY
        self.channel = Channel()
        self.learned: list[str] = []
        self._opened = open_access_harness(path, lambda: self.now)
        self.harness: AccessHarness = self._opened.__enter__()

    def close(self) -> None:
        self._opened.__exit__(None, None, None)

    def work(self) -> datetime | None:
        """One process does what is due; returns when it is due again."""
        due: list[DeliveryRecord] = []
        unit = self.harness.store.unit(TEAM)
        scheduler = SimpleNamespace(schedule_slot=due.append)
        context = make_context(unit, self.harness.services, scheduler=scheduler)
        slots = DigestSlots(context, learn=lambda _, why: self.learned.append(why))
        (planning,), (kind,) = slots.work(), slots.slots()
        done = planning.run(cast("Claim", None))
        assert isinstance(done, Done)
        for one in due:
            kinds = [replace(kind, sink=self.channel)]
            Reconciler(unit.deliveries, kinds, touch=lambda _: None).reconcile(one.slot)
        return done.again_at


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    opened = Desk(tmp_path / "threatmodel.db")
    yield opened
    opened.close()


def chosen(desk: Desk) -> Desk:
    desk.harness.begin("public")
    said = desk.harness.say("administrator", "public", "portfolio digest")
    assert "first working day of each week" in said, said
    return desk


def test_it_is_posted_once_a_week_however_many_processes_there_are(desk: Desk) -> None:
    chosen(desk)
    assert (desk.work(), desk.channel.posted) == (MONDAY, [])

    desk.now = MONDAY
    for _ in range(3):
        desk.work()
    assert len(desk.channel.posted) == 1
    assert desk.work() == MONDAY + 7 * DAY
    assert desk.channel.posted[0].startswith(f"{PLACE} Threat models this week: 1 model")
    assert "Found: 2 (2 unscored)" in desk.channel.posted[0]
    for secret in ("The House", "plumber", "TM-1"):
        assert secret not in desk.channel.posted[0]

    desk.now = MONDAY + 7 * DAY
    desk.work()
    assert len(desk.channel.posted) == 2


def test_a_late_one_waits_for_working_hours_and_is_left_out_after_three_days(desk: Desk) -> None:
    chosen(desk)
    desk.now = MONDAY.replace(hour=20)
    assert (desk.work(), desk.channel.posted) == (MONDAY + DAY, [])
    desk.now = MONDAY + 4 * DAY
    assert (desk.work(), desk.channel.posted) == (MONDAY + 7 * DAY, [])


def test_only_administrators_choose_and_it_can_be_turned_off(desk: Desk) -> None:
    chosen(desk)
    for who in ("member", "facilitator"):
        assert "Only administrators" in desk.harness.say(who, "public", "portfolio digest off")
    assert "shared with another organization" in desk.harness.say(
        "administrator", "shared", "portfolio digest"
    )
    assert "is off" in desk.harness.say("administrator", "public", "portfolio digest off")
    desk.now = MONDAY
    assert (desk.work(), desk.channel.posted) == (None, [])


def test_a_removed_bot_is_learned_and_the_digest_follows_its_return(desk: Desk) -> None:
    chosen(desk)
    desk.now, desk.channel.refuses = MONDAY, "not_in_channel"
    assert desk.work() == MONDAY + timedelta(hours=1)
    assert (desk.learned, desk.channel.posted) == (["not_in_channel"], [])

    desk.now, desk.channel.refuses = MONDAY + timedelta(hours=1), ""
    desk.work()
    assert len(desk.channel.posted) == 1


def test_without_an_account_of_the_person_who_chose_it_nothing_is_posted(desk: Desk) -> None:
    chosen(desk)
    desk.now = MONDAY
    gone = Person(id=person_id_of("administrator"), name="x", home=TEAM, deactivated=True)
    desk.harness.directory.records.learn_person(gone, MONDAY)
    desk.work()
    assert desk.channel.posted == []


def test_weeks_begin_at_the_first_working_hour_of_the_person_in_their_zone() -> None:
    tokyo = Reachability(zone=ZoneInfo("Asia/Tokyo"), holidays=frozenset({date(2027, 1, 18)}))
    tuesday = datetime(2027, 1, 19, tzinfo=UTC)  # 09:00 in Tokyo
    assert [(last_digest(now, tokyo), next_digest(now, tokyo)) for now in (tuesday - MINUTE, tuesday)] == [
        (datetime(2027, 1, 11, tzinfo=UTC), tuesday),
        (tuesday, datetime(2027, 1, 25, tzinfo=UTC)),
    ]
    assert digest_week(tuesday, tokyo) == "2027-W03"
    berlin = Reachability(zone=ZoneInfo("Europe/Berlin"))
    across = [next_digest(datetime(2027, 3, day, 12, tzinfo=UTC), berlin) for day in (22, 29)]
    assert across == [datetime(2027, 3, 29, 7, tzinfo=UTC), datetime(2027, 4, 5, 7, tzinfo=UTC)]


def test_the_whole_bot_posts_it_when_the_clock_of_the_workspace_reaches_monday(tmp_path: Path) -> None:
    with run_bot_on_workspace_clock(tmp_path / "threatmodel.db") as team:
        set_workspace_clock(team, FRIDAY)
        team.read_channel()
        team.command("ana", "/threatmodel portfolio digest")

        def posted() -> list[str]:
            return [str(call.arguments["text"]) for call in team.sandbox.calls_of("chat.postMessage")]

        team.wait(lambda: team.command_handler.settings.current(TEAM_ID).digest_channel is not None)
        set_workspace_clock(team, MONDAY + timedelta(hours=6))
        team.wait(lambda: posted() == ["Threat models this week: 0 models"])
        team.sandbox.clock.move(DAY.total_seconds())
        set_workspace_clock(team, MONDAY + timedelta(days=7, hours=6))
        team.wait(lambda: len(posted()) == 2)
