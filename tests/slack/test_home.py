"""The Home tab: what this is at first, then the models of one's channels."""

from tests.slack.crew import House


def test_somebody_new_learns_what_this_is_and_can_start_from_there(there: House) -> None:
    there.person("ana").open_home()
    there.wait(lambda: there.person("ana").home())
    home = there.person("ana").home()
    assert home is not None
    assert "Threat models, made together" in home.plain
    there.person("ana").click(home, "Start a threat model")
    assert "Channel" in " ".join(there.modal("ana", "New threat model").labels)


def test_the_models_of_ones_channels_are_there_with_what_comes_next(there: House) -> None:
    there.start()
    there.card("TM-1")
    there.person("ben").open_home()
    there.wait(lambda: "The House" in _home(there, "ben"))
    assert "Next: Name what there is" in _home(there, "ben")
    home = there.person("ben").home()
    assert home is not None
    there.person("ben").click(home, "More…")
    there.modal("ben", "More")


def test_a_stranger_sees_none_of_them(there: House) -> None:
    there.start()
    there.card("TM-1")
    there.person("eve").open_home()
    there.wait(lambda: _home(there, "eve"))
    assert "The House" not in _home(there, "eve")


def _home(there: House, who: str) -> str:
    seen = there.person(who).home()
    return seen.plain if seen else ""
