"""Start of a model from another one: only models of the person's channels are offered and copied."""

from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from bot.slack.handlers.modal_loading import load_form, load_page
from bot.slack.protocol.block_builders import View
from bot.slack.protocol.targets import Target
from bot.store import StreamId, key_of
from domain.decide.size_limits import SizeLimits
from tests.slack.access_harness import (
    AccessHarness,
    channel_id_of,
    input_blocks,
    open_access_harness,
    person_id_of,
)

UNAVAILABLE = "This model is no longer available to you"


@pytest.fixture(scope="module")
def harness(tmp_path_factory: pytest.TempPathFactory) -> Generator[AccessHarness]:
    with open_access_harness(tmp_path_factory.mktemp("templates") / "threatmodel.db") as opened:
        yield opened


def opened_by(harness: AccessHarness, who: str, place: str = "public") -> View:
    target = Target(name="start", channel=channel_id_of(place))
    return load_form(harness.services, target, person_id_of(who))


def offered_to(harness: AccessHarness, who: str) -> list[str]:
    fields = [one for one in input_blocks(opened_by(harness, who)) if one["block_id"].startswith("template")]
    return [one["value"] for field in fields for one in field["element"]["options"]]


def start_from(harness: AccessHarness, who: str, key: str, place: str = "public") -> str:
    """Submit the form with this model, whether it was offered or not."""

    def filled(block: dict[str, Any]) -> dict[str, Any]:
        name, element = block["block_id"].partition(":")[0], block["element"]
        if name.startswith("template"):
            return {"type": element["type"], "selected_option": {"value": key}}
        return {"type": element["type"], "value": "The Shed" if name.startswith("name") else None}

    return harness.submit(who, opened_by(harness, who, place), filled)


def streams(harness: AccessHarness) -> list[StreamId]:
    return [one.stream for one in harness.store.streams()]


def test_models_of_the_persons_channels_are_offered_and_no_others(harness: AccessHarness) -> None:
    places = {place: key_of(harness.begin(place)) for place in ("public", "private", "left")}
    assert {places["public"], places["private"]} <= {*offered_to(harness, "member")}
    assert places["left"] not in offered_to(harness, "member"), "nobody can say who is in that channel"
    assert [offered_to(harness, who) for who in ("stranger", "gone", "bot", "alien")] == [[]] * 4


def test_a_model_starts_with_the_elements_and_answers_of_another(harness: AccessHarness) -> None:
    source = harness.begin("private")
    before = harness.command_handler.model(source)
    said = start_from(harness, "member", key_of(source))
    (stream,) = (one for one in streams(harness) if harness.command_handler.model(one).name == "The Shed")
    model = harness.command_handler.model(stream)
    copied = f"{len(before.elements)} elements and {len(before.facts)} answers"
    assert f"was created from {key_of(source)} with {copied}." in said
    assert {*model.elements} == {*before.elements}
    assert dict(model.facts.items()) == dict(before.facts.items())
    assert before.threats
    assert not model.threats
    assert model.channel == channel_id_of("public")
    assert f"from {key_of(source)}" in harness.services.history(stream)[0].text


def test_the_history_page_shows_the_beginning_as_one_entry(harness: AccessHarness) -> None:
    source = harness.begin("private")
    start_from(harness, "member", key_of(source))
    stream = streams(harness)[-1]
    copied = harness.command_handler.model(stream).version - 1
    page = str(load_page(harness.services, Target(name="history", stream=stream), person_id_of("member")))
    assert f"from {key_of(source)}: {copied} elements and answers" in page
    assert "*1 entry*" in page


def test_a_model_that_the_person_cannot_see_looks_like_one_that_does_not_exist(
    harness: AccessHarness,
) -> None:
    harness.begin("private")  # so that the form offers a model
    hidden, before = harness.begin("left"), len(streams(harness))
    for key in (key_of(hidden), "TM-999", "TM-1/../x", "nothing"):
        assert UNAVAILABLE in start_from(harness, "member", key), key
    assert len(streams(harness)) == before


def test_archived_models_can_be_copied_and_erased_ones_cannot(harness: AccessHarness) -> None:
    archived = harness.begin("private")
    harness.begin("private")  # which archives the one before
    assert f"created from {key_of(archived)}" in start_from(harness, "member", key_of(archived))
    erased = harness.begin("private")
    harness.store.erase_stream(erased)
    assert key_of(erased) not in offered_to(harness, "member")
    assert UNAVAILABLE in start_from(harness, "member", key_of(erased))


def test_the_limit_of_elements_holds(tmp_path: Path) -> None:
    with open_access_harness(tmp_path / "threatmodel.db") as harness:
        source = harness.begin("private")
        harness.command_handler._limits = SizeLimits(models=9, elements=2)  # pyright: ignore[reportPrivateUsage]  as the operator sets it
        assert "The model would have" in start_from(harness, "member", key_of(source))
        assert streams(harness) == [source]
