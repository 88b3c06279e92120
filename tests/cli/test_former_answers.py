"""What a JSON document says of an answer that was *yes* before."""

from bot.cli.output.json_document import model_json
from domain.kernel.answer import Answer
from domain.register import register
from domain.replay import replay
from tests.domain.suggested_threats import AMINA, BENJI, HOUSE
from tests.domain.test_answer_basis import FACT, FIRST, for_all, stated
from tests.examples import decide_all


def test_a_json_document_keeps_what_a_former_yes_rested_on() -> None:
    turned = (for_all(), stated(Answer.NO, by=AMINA, minute=110))
    document = model_json(register(replay(decide_all(*turned, after=HOUSE))))
    registers = document["registers"]
    assert isinstance(registers, dict)
    (door,) = (one for one in registers["entry_points"] if one["id"] == FIRST)
    basis = door["bases"][FACT]
    assert (basis["by"], basis["former_yes"]["kind"], basis["former_yes"]["by"]) == (
        AMINA,
        "stated_for_all",
        BENJI,
    )
