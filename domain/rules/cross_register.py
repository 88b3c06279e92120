"""Checks that look across registers: where two answers do not fit each other."""

from domain.elements import Kind
from domain.rules.conditions import AllOf, itself
from domain.rules.rule import Control, Rule
from domain.rules.structure import BOUNDARY_BETWEEN, ENDS_ARE_OURS, LEVELS_DIFFER
from domain.stride import ControlClass, Stride

RULES = (
    Rule(
        id="X02",
        version=1,
        category=Stride.ELEVATION_OF_PRIVILEGE,
        kind=Kind.DATA_FLOW,
        title="No boundary between different trust",
        applies=AllOf((ENDS_ARE_OURS, LEVELS_DIFFER)),
        controlled=BOUNDARY_BETWEEN,
        question="What keeps the less trusted side out of the more trusted one?",
        why="Whoever gets into the less trusted side simply walks on into the other.",
        controls=(
            Control(
                text="Draw a boundary between the two, and check rights where it is passed",
                control_class=ControlClass.AUTHORIZATION,
            ),
        ),
        cwe=(653,),
        false_alarm="Both sides are meant to be one, and one of the two trust levels is wrong.",
        cell=itself,
    ),
)
