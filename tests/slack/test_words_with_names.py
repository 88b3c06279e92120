"""Words that add something by its name, lead to its page, or ask before they do what is not meant."""

import pytest

from domain.kernel.elements import Kind
from domain.register import register
from tests.slack.slack_team import SlackTeam


@pytest.mark.parametrize(
    ("typed", "kind", "names"),
    [
        ("asset Backup tapes", Kind.ASSET, ["Backup tapes"]),
        ("Assets: Backup tapes", Kind.ASSET, ["Backup tapes"]),
        ("entry point OIDC callback", Kind.ENTRY_POINT, ["OIDC callback"]),
        ("dependency payments-api", Kind.EXTERNAL_DEPENDENCY, ["payments-api"]),
        ("external dependency payments-api", Kind.EXTERNAL_DEPENDENCY, ["payments-api"]),
        ("component Job queue", Kind.COMPONENT, ["Job queue"]),
        ("trust level Support staff", Kind.TRUST_LEVEL, ["Support staff"]),
        ("boundary Private subnet", Kind.TRUST_BOUNDARY, ["Private subnet"]),
        ("aset Backup tapes", Kind.ASSET, ["Backup tapes"]),
        ("asset\nBackup tapes\nAudit log", Kind.ASSET, ["Backup tapes", "Audit log"]),
        ("asset <!channel> & *keys*", Kind.ASSET, ["<!channel> & *keys*"]),
        ("flow Browser -> API: orders via HTTPS", Kind.DATA_FLOW, ["Browser → API: orders"]),
        ("Browser -> API: orders", Kind.DATA_FLOW, ["Browser → API: orders"]),
    ],
)
def test_add_with_a_name_adds_it(team: SlackTeam, typed: str, kind: Kind, names: list[str]) -> None:
    team.start()
    team.person("ana").close()
    team.command("ben", f"/threatmodel add {typed}")
    team.private_message("ben", "✓ You added")
    items = register(team.model()).items(kind)
    assert [item.name for item in items] == names
    assert team.person("ben").modal is None


def test_what_was_added_by_a_word_can_be_described_from_there_and_is_added_once(team: SlackTeam) -> None:
    team.start()
    team.person("ana").close()
    team.sandbox.faults.repeats = 1
    team.command("ben", "/threatmodel add asset Backup tapes")
    team.private_message("ben", "✓ You added the asset “Backup tapes” (AS-1)")
    added = next(one for one in team.person("ben").sees("#house") if "You added" in one.plain)
    team.person("ben").click(added, "Add details")
    assert team.modal("ben", "Revise asset").values["Name"] == "Backup tapes"
    assert len(register(team.model()).items(Kind.ASSET)) == 1


def test_a_name_that_is_there_already_is_refused_in_words(team: SlackTeam) -> None:
    team.start()
    team.person("ana").close()
    team.command("ben", "/threatmodel add asset Backup tapes")
    team.private_message("ben", "✓ You added")
    team.command("chi", "/threatmodel add asset backup tapes")
    team.private_message("chi", "All of these elements already exist.")


def test_a_flow_that_cannot_be_read_comes_back_in_its_form(team: SlackTeam) -> None:
    team.start()
    team.person("ana").close()
    team.command("ben", "/threatmodel add flow Browser to API")
    form = team.modal("ben", "Add data flows")
    assert "the line has no arrow" in form.plain
    assert form.values["Data flows"] == "Browser to API"
    assert not register(team.model()).items(Kind.DATA_FLOW)


def test_what_has_no_kind_is_asked_about_and_not_lost(team: SlackTeam) -> None:
    team.start()
    team.person("ana").close()
    team.command("ben", "/threatmodel add zebra crossing")
    said = team.private_message("ben", "Enter the type of “zebra crossing”")
    assert "/threatmodel add asset zebra crossing" in said


@pytest.mark.parametrize(
    ("typed", "title", "words"),
    [
        ("threat Forged webhook", "Report a threat", "Forged webhook"),
        ("assumption The network is trusted", "Add assumption", "The network is trusted"),
    ],
)
def test_what_needs_more_than_a_name_opens_its_form_with_the_words(
    team: SlackTeam, typed: str, title: str, words: str
) -> None:
    team.start()
    team.command("ben", f"/threatmodel add {typed}")
    assert words in team.modal("ben", title).values.values()


def test_where_there_are_several_models_what_is_added_needs_a_key_and_is_repeated(team: SlackTeam) -> None:
    team.start()
    team.person("ana").close()
    team.start(name="The shed")
    team.person("ana").close()
    team.command("ben", "/threatmodel add asset Backup tapes")
    assert "/threatmodel add TM-2 asset Backup tapes" in team.private_message(
        "ben", "There are 2 models here"
    )
    team.command("ben", "/threatmodel add TM-2 asset Copy of TM-1 tapes")
    team.private_message("ben", "✓ You added the asset “Copy of TM-1 tapes” (AS-1)")
    assert [one.name for one in team.model(1).elements.values()] == ["Copy of TM-1 tapes"]


@pytest.mark.parametrize(
    ("word", "named"),
    [("remove", "AS-1"), ("delete", "as-1"), ("rm", "Backup tapes"), ("Delete", "“backup tapes”")],
)
def test_remove_leads_to_the_page_of_the_element_and_removes_nothing(
    team: SlackTeam, word: str, named: str
) -> None:
    team.start()
    team.person("ana").close()
    team.command("ben", "/threatmodel add asset\nBackup tapes\nAudit log")
    team.command("ben", f"/threatmodel {word} {named}")
    page = team.modal("ben", "Assets")
    assert "Backup tapes" in page.plain
    assert "Audit log" not in page.plain
    assert len(register(team.model()).items(Kind.ASSET)) == 2
    team.person("ben").click(page, "Remove")
    team.wait(lambda: "Audit log" in team.modal("ben", "Assets").plain)
    assert [one.name for one in register(team.model()).items(Kind.ASSET)] == ["Audit log"]


def test_remove_of_what_is_not_there_changes_nothing_and_leads_to_the_lists(team: SlackTeam) -> None:
    team.start()
    team.person("ana").close()
    before = team.model().version
    team.command("ben", "/threatmodel delete everything")
    team.private_message("ben", "“everything” is not in this model.")
    team.command("ben", "/threatmodel remove")
    team.modal("ben", "Lists")
    assert team.model().version == before


@pytest.mark.parametrize("rest", ["everything", "the last three"])
def test_undo_with_more_than_the_word_asks_first(team: SlackTeam, rest: str) -> None:
    team.start()
    team.person("ana").close()
    team.command("ana", "/threatmodel add asset Backup tapes")
    before = team.model().version
    team.command("ana", f"/threatmodel undo {rest}")
    team.private_message("ana", "Undo reverts your changes one at a time.")
    assert team.model().version == before
    asked = [one for one in team.person("ana").sees("#house") if "one at a time" in one.plain][-1]
    team.person("ana").click(asked, "Undo")
    team.wait(lambda: not team.names())


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("as-of the day before the fire", "“the day before the fire” is not a date."),
        ("report pdf since Smarch 3", "“Smarch 3” is not a date."),
        ("report as-of 2026-02-30", "“2026-02-30” is not a date."),
        ("export csv as-of yesterday", "shows the current model only"),
        ("diagram since Monday", "shows the current model only"),
        ("close as of tomorrow", "shows the current model only"),
    ],
)
def test_a_day_that_cannot_be_used_is_refused_before_anything_is_run(
    team: SlackTeam, typed: str, sentence: str
) -> None:
    team.start()
    team.person("ana").close()
    before = team.model().version
    team.command("ben", f"/threatmodel {typed}")
    team.private_message("ben", sentence)
    assert team.model().version == before
    assert team.person("ben").modal is None


def test_an_unknown_word_with_something_after_it_is_asked_about(team: SlackTeam) -> None:
    team.start()
    team.person("ana").close()
    team.command("ben", "/threatmodel dat AS-3")
    team.private_message("ben", "“dat” is not a command.")
