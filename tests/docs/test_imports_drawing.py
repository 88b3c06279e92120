"""The drawing of imports shows cycles, and leaves out what follows from other arrows."""

import re

from deploy.docs.generator.imports import cycle_of, drawn, working_tree


def sources(**imports: str) -> dict[str, str]:
    """Give a package `bot` in which each module imports others: `views="forms kit"`."""
    modules = {
        f"bot.{name}": "\n".join(f"from bot.{one} import x" for one in others.split())
        for name, others in imports.items()
    }
    return {"bot": "", **modules}


def arrows(drawing: str, kind: str) -> int:
    return len(re.findall(f'<path class="{kind}" d=[^>]*marker-end', drawing))


def test_an_arrow_that_follows_from_others_is_left_out() -> None:
    drawing = drawn("bot", sources(views="forms kit", forms="kit", kit=""))
    assert (arrows(drawing, "arrow"), arrows(drawing, "back")) == (2, 0)


def test_every_arrow_of_a_cycle_is_shown_in_red() -> None:
    tree = sources(views="forms", forms="reading", reading="views kit", kit="")
    assert cycle_of("bot", tree) == {("views", "forms"), ("forms", "reading"), ("reading", "views")}
    drawing = drawn("bot", tree)
    assert (arrows(drawing, "arrow"), arrows(drawing, "back")) == (1, 3)


def test_one_arrow_represents_all_arrows_to_a_cycle() -> None:
    drawing = drawn("bot", sources(app="views forms", views="forms", forms="views"))
    assert (arrows(drawing, "arrow"), arrows(drawing, "back")) == (1, 2)


def test_modules_of_a_folder_count_as_the_folder() -> None:
    tree = {
        "bot": "",
        "bot.slack": "",
        "bot.slack.ui.notices": "from bot.slack.protocol import limits\nimport bot.slack.protocol.blocks",
        "bot.slack.protocol": "",
        "bot.slack.protocol.limits": "",
        "bot.slack.protocol.blocks": "from bot.slack.protocol.limits import x",
    }
    drawing = drawn("bot/slack", tree)
    assert re.findall(r"<text[^>]*>(\w+)</text>", drawing) == ["protocol", "ui"]
    assert arrows(drawing, "arrow") == 1


def test_names_are_written_on_their_boxes() -> None:
    assert ">views</text>" in drawn("bot", sources(views="kit", kit=""))


def test_no_drawing_of_this_project_shows_a_cycle() -> None:
    tree = working_tree()
    folders = ("bot", "bot/slack", "bot/sandbox", "domain")
    assert [folder for folder in folders if cycle_of(folder, tree)] == []
