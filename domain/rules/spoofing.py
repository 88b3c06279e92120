"""Spoofing: somebody passes for somebody else."""

from domain.elements import Kind
from domain.rules.conditions import AllOf, FactHolds
from domain.rules.rule import Control, Rule
from domain.rules.structure import CROSSES, INTO_A_PROCESS_OR_STORE, flow_door, flow_target
from domain.stride import ControlClass, Stride

RULES = (
    Rule(
        id="S01",
        version=1,
        category=Stride.SPOOFING,
        kind=Kind.DATA_FLOW,
        title="Anybody can pass for the caller",
        applies=AllOf((CROSSES, INTO_A_PROCESS_OR_STORE)),
        controlled=FactHolds(fact="caller_authenticated", subject=flow_door),
        question="How does the receiver know who is calling?",
        why="Whoever is let in unasked gets what the expected caller would get.",
        controls=(
            Control(
                text="Authenticate the caller before anything is done for it",
                control_class=ControlClass.AUTHENTICATION,
            ),
        ),
        cwe=(306,),
        capec=(115,),
        false_alarm="What is offered is meant for everybody, and nothing depends on who asks.",
        cell=flow_target,
    ),
)
