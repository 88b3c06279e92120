"""Information disclosure: somebody learns what is not theirs to know."""

from domain.elements import Kind
from domain.rules.conditions import AllOf, FactHolds, itself
from domain.rules.rule import Control, Rule
from domain.rules.structure import CARRIES_CONFIDENTIAL, CROSSES
from domain.stride import ControlClass, Stride

RULES = (
    Rule(
        id="I01",
        version=1,
        category=Stride.INFORMATION_DISCLOSURE,
        kind=Kind.DATA_FLOW,
        title="What is on the way can be read",
        applies=AllOf((CROSSES, CARRIES_CONFIDENTIAL)),
        controlled=FactHolds(fact="encrypted", subject=itself),
        question="Who can read this on its way?",
        why="Between two grounds of trust others can listen, and a listener leaves no trace.",
        controls=(
            Control(
                text="Encrypt the way, for instance with TLS", control_class=ControlClass.CONFIDENTIALITY
            ),
        ),
        cwe=(319,),
        capec=(157,),
        false_alarm="The way itself is closed to others, such as a bus inside one machine.",
        cell=itself,
    ),
)
