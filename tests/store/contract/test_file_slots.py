"""What people order becomes slots, whichever store keeps them."""

from msgspec.structs import replace

from bot.store import CommandKey, StreamId, UnitOfWork
from bot.store.repositories.file_slots import (
    EXPORT,
    EXPORT_MESSAGE,
    FILE_NOTICE,
    FileSlots,
    Order,
    canvas_slot,
    described,
    file_parameters,
)
from domain.kernel.elements import PersonId
from tests.store.saying import HOUSE, NOON

SHOP = StreamId("T1/TM-2")
ANA, BEN = PersonId("U1"), PersonId("U2")


def test_one_order_waits_for_each_person_and_format(unit: UnitOfWork) -> None:
    slots = FileSlots(unit.deliveries)
    order = Order(stream=HOUSE, key=CommandKey("1"), person=ANA, form="pdf", word="pdf")
    first = slots.order(order, "C1")
    assert first is not None
    assert slots.order(order, "C1") == first
    assert slots.order(replace(order, key=CommandKey("2")), "C1") is None
    assert slots.order(replace(order, key=CommandKey("3"), form="otm", word="otm"), "C1")
    assert slots.order(replace(order, key=CommandKey("4"), person=BEN), "C1")
    assert slots.order(replace(order, key=CommandKey("0"), stream=SHOP), "C1")

    exports = unit.deliveries.of_model(HOUSE, EXPORT)
    assert [file_parameters(export).key for export in exports] == ["1", "3", "4"]
    assert {export.place for export in exports} == {"C1"}
    assert [export.subject for export in exports] == ["TM-1/000001", "TM-1/000002", "TM-1/000003"]

    shared = described(replace(first, external_id="F1"), replace(file_parameters(first), shared_at=NOON))
    unit.deliveries.put(shared)
    assert slots.order(replace(order, key=CommandKey("5")), "C1") is None, "it was not seen yet"
    seen = described(shared, replace(file_parameters(shared), shared_at=None))
    unit.deliveries.put(seen)
    message = slots.request_beside(seen, EXPORT_MESSAGE)
    assert slots.order(replace(order, key=CommandKey("5")), "C1") is None, "it is to be told yet"
    unit.deliveries.put(replace(message, external_id="1.2"))
    assert slots.order(replace(order, key=CommandKey("5")), "C1") is not None


def test_a_number_is_not_used_again_while_what_is_told_of_a_file_is_there(unit: UnitOfWork) -> None:
    slots = FileSlots(unit.deliveries)
    order = Order(stream=HOUSE, key=CommandKey("1"), person=ANA, form="pdf", word="pdf")
    first = slots.order(order, "C1")
    assert first is not None
    slots.request_beside(first, EXPORT_MESSAGE)
    unit.deliveries.drop(first.slot)

    second = slots.order(replace(order, key=CommandKey("2")), "C1")
    assert second is not None
    assert second.subject == "TM-1/000002"


def test_what_is_told_about_a_file_has_its_number_and_no_upload(unit: UnitOfWork) -> None:
    slots = FileSlots(unit.deliveries)
    order = Order(stream=HOUSE, key=CommandKey("1"), person=ANA, form="pdf", word="pdf")
    export = slots.order(order, "C1")
    assert export is not None
    uploaded = described(
        replace(export, thread="1.1"), replace(file_parameters(export), files=("F1",), shared_at=NOON)
    )

    notice = slots.request_beside(uploaded, FILE_NOTICE, why="refused")

    assert unit.deliveries.find("file-notice/TM-1/export-000001") == notice
    assert (notice.thread, notice.place) == ("1.1", "C1")
    known = file_parameters(notice)
    assert (known.word, known.why, known.files, known.shared_at) == ("pdf", "refused", (), None)


def test_a_canvas_is_wanted_once_for_each_report(unit: UnitOfWork) -> None:
    slots = FileSlots(unit.deliveries)
    slots.request_canvas(HOUSE, "C1")
    slots.request_canvas(HOUSE, "C1")
    slots.change(canvas_slot(HOUSE), lambda one: replace(one, written=1))
    canvas = unit.deliveries.find(canvas_slot(HOUSE))
    assert canvas is not None
    assert (file_parameters(canvas).wanted, file_parameters(canvas).written) == (2, 1)

    unit.deliveries.put(replace(canvas, final=True))
    again = slots.request_canvas(HOUSE, "C1")
    assert not again.final, "Slack accepted none, and is asked again for the next report"


def test_pictures_are_wanted_once_in_the_thread_of_their_result(unit: UnitOfWork) -> None:
    slots = FileSlots(unit.deliveries)
    slots.request_picture(HOUSE, 5, "C1", "1.1")
    slots.request_picture(HOUSE, 5, "C1", "9.9")

    (picture,) = slots.of_model(HOUSE)
    assert (picture.slot, picture.thread) == ("picture/TM-1/000005", "1.1")
    assert file_parameters(picture).version == 5
