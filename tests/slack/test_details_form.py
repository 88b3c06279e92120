"""Details of many elements on one page."""

from msgspec.structs import replace

from bot.slack.protocol.targets import Target
from bot.slack.ui.modals.modal_registry import FORMS, target_of
from domain.commands import DescribeElements
from domain.decide import decide
from domain.kernel.elements import Asset, Kind, PersonId
from domain.register import register
from domain.replay import replay
from tests.examples import house
from tests.slack.form_cases import WORDS, open_form_view, requested_command, submitted_values, submitted_view
from tests.slack.hostile_models import LARGE, STREAM, CollectionProgress, build_model

MOST_BLOCKS = 100
MOST_BYTES = 250_000
ASSETS = Target(stream=STREAM, kind=Kind.ASSET)


def test_a_page_describes_all_assets_and_changes_nothing_if_it_is_sent_as_it_is() -> None:
    model = replay(house())
    view = submitted_view(open_form_view("details", model, ASSETS))
    command = requested_command("details", view)
    assert isinstance(command, DescribeElements)
    assert {one.element for one in command.details} == {one.id for one in model.of_type(Asset)}
    assert decide(replace(command, by=PersonId(model.facilitator)), model) == ()


def test_a_page_of_details_fits_into_a_modal_and_the_rest_follows() -> None:
    model = build_model(LARGE, WORDS, known=CollectionProgress.PLACED)
    target, described = ASSETS, set[str]()
    for _ in range(2):
        view = open_form_view("details", model, target)
        assert len(view["blocks"]) <= MOST_BLOCKS
        assert len(str(view)) < MOST_BYTES
        values = submitted_values("details", submitted_view(view))
        shown = {key.partition("/")[2] for key in values.by_key}
        assert shown.isdisjoint(described)
        described |= shown
        following = FORMS["details"].after(values, target_of(view), lambda: register(model))
        assert following is not None
        target = following
    first, *_ = model.of_type(Asset)
    assert first.id in described
