"""An outage of the database: people read what happened, and what they sent works when it is back, once."""

import urllib.request
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, contextmanager

import msgspec
import psycopg
import pytest

from bot.settings import DatabaseUrl
from bot.slack.transport.http_server import HttpServer
from bot.store import Verified
from domain.events import AssetAdded
from tests.depth import deep_also
from tests.postgres_server import database
from tests.running_database import ON_A_SERVER
from tests.slack.slack_team import SlackTeam, locked, run_bot


class Unreliable(msgspec.Struct, frozen=True, kw_only=True):
    """A running bot, and an outage of its database, which lasts as long as a block."""

    team: SlackTeam
    outage: Callable[[], AbstractContextManager[None]]
    is_read: bool
    """Whether the database can still be read during an outage."""


FORM = "The database is unavailable, so this is not saved yet. Your input is still in the form: try again"
NO_FORM = "The database is unavailable, so nothing was done. Try again in a minute."


@pytest.fixture(params=["server", *deep_also(("file",))])
def unreliable(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Unreliable]:
    if request.param == "file" and ON_A_SERVER:
        pytest.skip("is about a database file")
    path = tmp_path_factory.mktemp("outage") / "bot.db"
    if request.param == "file":  # for which each answer waits for two seconds
        with run_bot(path) as team:
            yield Unreliable(team=team, outage=lambda: locked(team), is_read=True)
        return
    with database() as url, run_bot(path, url=DatabaseUrl(url)) as team:
        yield Unreliable(team=team, outage=lambda: refusing(url), is_read=False)


@contextmanager
def refusing(url: str) -> Generator[None]:
    """End every connection to a database, and refuse new ones."""
    name = url.partition("?")[0].rpartition("/")[2]
    with psycopg.connect(url.replace(f"/{name}", "/postgres"), autocommit=True) as administrator:
        administrator.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false".encode())
        administrator.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,)
        )
        try:
            yield
        finally:
            administrator.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true".encode())


def test_what_is_sent_during_an_outage_is_answered_with_a_sentence_and_works_afterwards(
    unreliable: Unreliable,
) -> None:
    team = unreliable.team
    team.start()
    team.person("ana").close()
    card = team.card("TM-1")
    for who, name in (("dee", "Silver"), ("ben", "Valuables")):
        team.command(who, "/threatmodel add asset")
        team.modal(who, "Add asset")
        team.person(who).fill("Name", name)
    team.submit("dee")  # what follows from it may be under way when the outage begins

    with unreliable.outage():
        submitted = team.submit("ben")
        pressed = team.person("chi").click(card, "More…")
        typed = team.command("dee", "/threatmodel undo")
        assert (submitted.acked, pressed.acked, typed.acked) == (True, True, True)
        form = team.modal("ben", "Add asset")
        assert form.errors["name"].startswith(FORM)
        assert form.values["Name"] == "Valuables"
        team.private_message("dee", NO_FORM)
        if unreliable.is_read:
            team.modal("chi", "More")
        else:
            team.private_message("chi", NO_FORM)

    team.submit("ben")

    team.wait(lambda: team.names() >= {"Silver", "Valuables"})
    added = [
        event.event.asset.name
        for event in team.command_handler.events(team.streams[0])
        if isinstance(event.event, AssetAdded)
    ]
    assert sorted(added) == ["Silver", "Valuables"], "nothing is lost, and nothing is there twice"
    team.card("Assets  2")
    team.person("chi").click(team.card("TM-1"), "More…")
    team.modal("chi", "More")
    assert isinstance(team.store.verify(), Verified)


def test_metrics_are_scraped_while_the_database_is_down(unreliable: Unreliable) -> None:
    team = unreliable.team
    pages = HttpServer.start(team.bot.operators, host="127.0.0.1", port=0)
    try:
        team.wait(lambda: "threatmodel_ready 1.0" in scrape(pages))
        with unreliable.outage():
            team.wait(lambda: "threatmodel_ready 0.0" in scrape(pages))
            assert "threatmodel_work_parked 0.0" in scrape(pages), "the last value stays"
        team.wait(lambda: "threatmodel_ready 1.0" in scrape(pages))
    finally:
        pages.stop()


def scrape(pages: HttpServer) -> str:
    with urllib.request.urlopen(f"{pages.address}/metrics", timeout=30) as answer:
        return answer.read().decode()
