"""Links to cards: they lead into Slack, and are previewed only where everyone sees the card anyway."""

from collections.abc import Generator
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from bot.settings import Secret
from bot.slack.handlers.dispatcher import decode_button_target
from bot.slack.handlers.thread_pool import DeferredWork
from bot.slack.protocol.installation import Installation, InstalledWorkspace
from bot.slack.protocol.model_links import ModelLink, link_url, parse_link, parse_link_path
from bot.slack.protocol.payload_parsing import parse_block_action
from bot.slack.protocol.targets import ButtonKind, SelectionTarget, decode_target, encode_target
from bot.slack.queries.link_previews import LinkPreviews
from bot.slack.transport.http_messages import HttpRequest, HttpResponse, RequestHead, RequestRefused
from bot.slack.transport.http_sites import PublicSite
from bot.slack.transport.link_pages import LinkPages
from bot.store import UnitOfWork, key_of, model_stream
from domain.commands import AllowSharing, ReportThreat
from domain.kernel.elements import SYSTEM, ChannelId, ModelKey, PersonId
from domain.kernel.threat import Stride, ThreatId
from tests.slack.access_harness import TEAM, AccessHarness, channel_id_of, open_access_harness, person_id_of
from tests.slack.slack_team import run_bot

PUBLIC = "https://threats.example.org"
TM7 = ModelKey("TM-7")


@pytest.fixture(scope="module")
def harness(tmp_path_factory: pytest.TempPathFactory) -> Generator[AccessHarness]:
    with open_access_harness(tmp_path_factory.mktemp("links") / "threatmodel.db") as opened:
        yield opened


def test_a_path_is_a_link_or_it_is_not() -> None:
    threat = ThreatId("TH-3")
    known = {
        "/m/TM-7": ModelLink(key=TM7),
        "/m/tm-7": ModelLink(key=TM7),
        "/m/TM-7/TH-3": ModelLink(key=TM7, threat=threat),
        "/m/T0HOUSE/TM-7": ModelLink(key=TM7, team="T0HOUSE"),
        "/m/T0HOUSE/TM-7/TH-3": ModelLink(key=TM7, team="T0HOUSE", threat=threat),
    }
    others = [
        "/m/",
        "/m/TM-0",
        "/m/TM-7/",
        "/m/TM-7/x",
        "/m/../TM-7",
        "/m/TM-7%00",
        "/m/TM-\uff17",
        "/m/AS-1/TM-7",
    ]
    others += [f"/m/TM-{'7' * 300}", "/m/T0HOUSE", "/M/TM-7/TH-3/TH-3"]
    assert {path: parse_link_path(path) for path in known} == known
    assert [path for path in others if parse_link_path(path)] == []
    for link in known.values():
        assert parse_link(link_url(f"{PUBLIC}/", link), PUBLIC) == link


def test_only_the_public_site_has_links() -> None:
    assert parse_link(f"{PUBLIC}/m/TM-7/?from=mail#top", PUBLIC) == ModelLink(key=TM7)
    assert parse_link("https://THREATS.example.org/m/TM-7", PUBLIC) == ModelLink(key=TM7)
    for other in (
        "http://threats.example.org/m/TM-7",
        "https://threats.example.org:8443/m/TM-7",
        "https://threats.example.org.evil.example/m/TM-7",
        "https://threats.example.org@evil.example/m/TM-7",
        "https://[/m/TM-7",
        "/m/TM-7",
    ):
        assert parse_link(other, PUBLIC) is None, other


class Installed:
    """The workspaces in which the app is installed."""

    def __init__(self, *teams: str) -> None:
        self.asked: list[str] = []
        self._teams = teams

    def find(self, enterprise: str, team: str) -> InstalledWorkspace | None:
        del enterprise
        self.asked.append(team)
        place = Installation(
            team=team, url=f"https://{team.lower()}.slack.com/", bot_user=PersonId("U0BOT"), bot_name="bot"
        )
        return InstalledWorkspace(installation=place, token=Secret("")) if team in self._teams else None

    def tenants(self) -> list[str]:
        return [*self._teams]


def with_card(unit: UnitOfWork, key: ModelKey, *, ts: str | None = "17.000042") -> None:
    stream = model_stream(unit.tenant, key)
    unit.cards.request(stream, ChannelId("C0PLANS"))
    if ts is not None:
        record = unit.deliveries.find(f"card/{key}")
        assert record is not None
        unit.deliveries.put(replace(record, external_id=ts))


def follow(pages: LinkPages, path: str, method: str = "GET") -> HttpResponse:
    head = RequestHead(method=method, path=path, query="", headers={})
    answer = pages.admit(HttpRequest(head=head, body=b""))
    return answer() if callable(answer) else answer


def test_a_link_leads_to_the_card_in_slack_and_every_other_one_looks_the_same(harness: AccessHarness) -> None:
    store = harness.store
    with_card(store.unit(TEAM), TM7)
    with_card(store.unit(TEAM), ModelKey("TM-8"), ts=None)  # which has not been posted yet
    with_card(store.unit("T0GONE"), TM7)
    pages = LinkPages(Installed(TEAM), store)
    card = "https://t0house.slack.com/archives/C0PLANS/p17000042"
    for path in ("/m/TM-7", "/m/tm-7/", f"/m/{TEAM}/TM-7"):
        answer = follow(pages, path)
        assert (answer.status, answer.headers["location"], answer.body) == (302, card, b""), path
        assert answer.headers["cache-control"] == "no-store"
    nowhere = [
        follow(pages, path) for path in ("/m/TM-99", "/m/TM-8", "/m/T0GONE/TM-7", "/m/T0OTHER/TM-7", "/m/x")
    ]
    assert {(one.status, one.body) for one in nowhere} == {(404, nowhere[0].body)}
    assert b"This link leads nowhere" in nowhere[0].body
    with pytest.raises(RequestRefused):
        follow(pages, "/m/TM-7", "POST")


def test_the_page_of_a_threat_says_how_to_get_to_it_and_nothing_of_it(harness: AccessHarness) -> None:
    stream = harness.begin("public")
    key = key_of(stream)
    with_card(harness.store.unit(TEAM), key)
    card = harness.store.unit(TEAM).cards.find(stream)
    assert card is not None
    pages = LinkPages(Installed(TEAM), harness.store)

    existing, missing = (follow(pages, f"/m/{key}/{threat}") for threat in ("TH-1", "TH-999"))

    assert (existing.status, missing.status) == (200, 200)
    assert existing.headers["cache-control"] == "no-store"
    assert existing.body == missing.body.replace(b"TH-999", b"TH-1"), "a stranger learns of no threat"
    said = existing.body.decode()
    assert f"<h1>TH-1 in {key}</h1>" in said
    assert f"“/threatmodel threats {key} TH-1”" in said
    assert f'href="https://t0house.slack.com/archives/{card.channel}/p' in said
    assert "plumber" not in said
    assert "House" not in said.replace("t0house", "")
    nowhere = [follow(pages, path) for path in ("/m/TM-99/TH-1", "/m/TM-99", "/m/T0OTHER/TM-7/TH-1")]
    assert {(one.status, one.body) for one in nowhere} == {(404, nowhere[0].body)}


def test_the_words_of_that_page_show_the_threat_to_members_alone(harness: AccessHarness) -> None:
    key = key_of(harness.begin("private"))
    for typed in (f"threats {key} TH-1", f"threat th-1 {key}"):
        assert "The plumber is none" in harness.say("member", "private", typed)
        assert "All threats" in harness.say("member", "private", typed)
        assert "The plumber is none" not in harness.say("stranger", "private", typed)
    assert "TH-999 is not a threat of this model" in harness.say("member", "private", f"threats {key} TH-999")


def test_the_public_site_has_links_only_with_a_public_url(harness: AccessHarness) -> None:
    with_card(harness.store.unit(TEAM), TM7)
    pages = LinkPages(Installed(TEAM), harness.store)

    def asked(link_pages: LinkPages | None, path: str) -> int:
        site = PublicSite(None, DeferredWork(), signing_secret="", link_pages=link_pages)
        head = RequestHead(method="GET", path=path, query="", headers={})
        answer = site.admit(HttpRequest(head=head, body=b""))
        assert site.max_body_bytes(head) == 0
        return (answer() if callable(answer) else answer).status

    assert [asked(pages, path) for path in ("/m/TM-7", "/m/TM-99", "/m", "/healthz")] == [302, 404, 404, 200]
    assert asked(None, "/m/TM-7") == 404


def test_with_several_workspaces_a_key_alone_leads_nowhere(harness: AccessHarness) -> None:
    store, installed = harness.store, Installed(TEAM, "T0SHOP")
    with_card(store.unit("T0SHOP"), TM7)
    pages = LinkPages(installed, store)
    assert follow(pages, "/m/TM-7").status == 404
    assert "t0shop" in follow(pages, "/m/T0SHOP/TM-7").headers["location"]
    follow(pages, "/m/T0STRANGER/TM-7")
    assert "T0STRANGER" not in installed.asked, "nothing is recorded about workspaces that strangers name"


def test_a_preview_is_shown_in_the_models_own_channel_only(harness: AccessHarness) -> None:
    stream = harness.begin("public")
    key, previews = key_of(stream), LinkPreviews(harness.services, PUBLIC)
    own = [f"{PUBLIC}/m/{key}", f"{PUBLIC}/m/{TEAM}/{key}/TH-1"]
    shown = previews.of(channel_id_of("public"), [*own, own[0]])
    assert [*shown] == own
    assert "The House" in str(shown[own[0]])
    assert "The plumber is none" in str(shown[own[1]])
    assert "accessory" not in str(shown[own[0]])
    target = decode_target(shown[own[1]][0]["accessory"]["value"], lambda _: SelectionTarget)
    assert (target.name, target.stream, target.selection) == ("threats", stream, "TH-1")
    assert "The plumber is none" in harness.press("member", "public", ButtonKind.SHOW, target)
    assert "The plumber is none" not in harness.press("former", "public", ButtonKind.SHOW, target)
    others = [f"{PUBLIC}/m/T0SHOP/{key}", f"{PUBLIC}/m/TM-999", f"https://evil.example/m/{key}", PUBLIC, ""]
    assert previews.of(channel_id_of("public"), others) == {}
    for place in (channel_id_of("private"), ChannelId("D0MEMBER"), ChannelId("COMPOSER"), ChannelId("")):
        assert previews.of(place, own) == {}, place


def test_a_press_in_a_preview_is_read_as_slack_sends_it() -> None:
    target = SelectionTarget(name="threats", stream="T0HOUSE/TM-7", selection="TH-1")
    pressed = parse_block_action(
        {
            "type": "block_actions",
            "user": {"id": "U0BEN", "team_id": "T0HOUSE"},
            "team": {"id": "T0HOUSE", "domain": "house"},
            "trigger_id": "1.2",
            "response_url": "https://hooks.slack.com/actions/x",
            "channel": {"id": "C0HOUSE", "name": "house"},
            "container": {
                "type": "message_attachment",
                "message_ts": "17.000042",
                "attachment_id": 1,
                "channel_id": "C0HOUSE",
                "is_ephemeral": False,
                "is_app_unfurl": True,
                "app_unfurl_url": f"{PUBLIC}/m/TM-7/TH-1",
            },
            "app_unfurl": {"id": 1, "bot_id": "B0", "app_unfurl_url": PUBLIC, "is_app_unfurl": True},
            "actions": [
                {
                    "type": "button",
                    "action_id": "show:threats",
                    "block_id": "b",
                    "action_ts": "1.1",
                    "value": encode_target(target),
                }
            ],
        }
    )
    assert (pressed.channel, pressed.message_ts, pressed.in_view) == ("C0HOUSE", "17.000042", False)
    assert decode_button_target("show", pressed.value) == target


def test_no_preview_is_shown_where_the_card_is_not(harness: AccessHarness) -> None:
    previews = LinkPreviews(harness.services, PUBLIC)
    left, shared = harness.begin("left"), harness.begin("shared")
    assert previews.of(channel_id_of("left"), [f"{PUBLIC}/m/{key_of(left)}"]) == {}
    url = f"{PUBLIC}/m/{key_of(shared)}"
    assert previews.of(channel_id_of("shared"), [url]) == {}, "people of another organization would see it"
    harness.do(shared, AllowSharing(by=SYSTEM, at=harness.now()))
    assert [*previews.of(channel_id_of("shared"), [url])] == [url]


def test_a_preview_is_text_that_people_typed_and_no_markup(harness: AccessHarness) -> None:
    stream = harness.begin("private")
    hostile = ReportThreat(
        by=person_id_of("facilitator"),
        at=harness.now(),
        title="<!channel> *<https://evil.example|Card>*",
        stride=(Stride.SPOOFING,),
    )
    harness.do(stream, hostile)
    url = f"{PUBLIC}/m/{key_of(stream)}/TH-3"
    shown = msgspec.json.encode(LinkPreviews(harness.services, PUBLIC).of(channel_id_of("private"), [url]))
    assert b"&lt;!channel&gt;" in shown
    assert b"<!channel>" not in shown
    assert b"<https://evil" not in shown


def test_a_posted_link_is_previewed_in_its_channel_and_nowhere_else(tmp_path: Path) -> None:
    with run_bot(tmp_path / "threatmodel.db", public_url=PUBLIC) as team:
        team.start()
        team.card("TM-1")
        url = f"{PUBLIC}/m/TM-1"
        for where in ("#general", "#house"):  # the answer to the second shows that the first had none
            team.person("ben").say(where, f"Look at {url}, please")

        def previews(where: str) -> list[object]:
            return [one for line in team.person("chi").sees(where) for one in line.message.attachments]

        team.wait(lambda: previews("#house"))
        (shown,) = previews("#house")
        assert "The House" in str(shown)
        assert previews("#general") == []
