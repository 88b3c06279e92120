"""Rules for repudiation."""

from domain.kernel.elements import Kind
from domain.kernel.stride import ControlClass, Stride
from domain.rules import component_predicates
from domain.rules.conditions import AllOf, guarded, it_is, itself
from domain.rules.entry_point_predicates import (
    HANDLED_BY_SOFTWARE,
    HAS_CROSSING_FLOW,
    TAKES_INPUT,
    component_behind,
)
from domain.rules.flow_predicates import CROSSES_BY_SOFTWARE, HAS_EXTERNAL_END, internal_end
from domain.rules.rule import Rule, controls_of_class

RULES = (
    Rule(
        id="R01",
        version=1,
        category=Stride.REPUDIATION,
        kind=Kind.ENTRY_POINT,
        title="Nobody could prove who did it",
        applies=AllOf((HANDLED_BY_SOFTWARE, it_is("deniable"))),
        controlled=guarded("logged"),
        question="Could we prove who did it?",
        why="What nobody wrote down, anybody can deny.",
        controls=controls_of_class(
            ControlClass.NON_REPUDIATION, "Write an audit entry: who, what, when, from where"
        ),
        cwe=(778,),
        false_alarm="Nothing is done here that anybody would deny.",
        cell=component_behind,
    ),
    Rule(
        id="R02",
        version=1,
        category=Stride.REPUDIATION,
        kind=Kind.COMPONENT,
        title="Those it speaks about can change the log",
        applies=component_predicates.LOG_STORE,
        controlled=guarded("append_only"),
        question="Can an administrator erase traces?",
        why="A log that its subjects can change proves nothing about them.",
        controls=controls_of_class(
            ControlClass.NON_REPUDIATION,
            "Let a writer of its own append, and nobody change",
            "Send copies elsewhere at once",
        ),
        cwe=(732,),
        capec=(268,),
        false_alarm="The entries are for finding faults only, and nobody is judged by them.",
        cell=itself,
    ),
    Rule(
        id="R03",
        version=1,
        category=Stride.REPUDIATION,
        kind=Kind.ENTRY_POINT,
        title="A shared account hides the person",
        applies=AllOf((HANDLED_BY_SOFTWARE, HAS_CROSSING_FLOW, it_is("caller_authenticated"))),
        controlled=guarded("own_account"),
        question="Which human was it?",
        why="What was done under a shared name was done by nobody.",
        controls=controls_of_class(ControlClass.NON_REPUDIATION, "Give everybody a name of their own"),
        cwe=(223,),
        false_alarm="Only one person has ever been able to use it.",
        cell=component_behind,
    ),
    Rule(
        id="R04",
        version=1,
        category=Stride.REPUDIATION,
        kind=Kind.ENTRY_POINT,
        title="Input forges lines in the log",
        applies=AllOf((TAKES_INPUT, it_is("input_logged"))),
        controlled=guarded("log_escaped"),
        question="Can input forge a line?",
        why="A line break in a name writes an entry that never happened.",
        controls=controls_of_class(
            ControlClass.NON_REPUDIATION, "Log as structured data, never as glued text"
        ),
        cwe=(117,),
        capec=(93,),
        false_alarm="The log is kept in a format in which text cannot end a line.",
        cell=component_behind,
    ),
    Rule(
        id="R05",
        version=1,
        category=Stride.REPUDIATION,
        kind=Kind.DATA_FLOW,
        title="They deny the deal",
        applies=AllOf((CROSSES_BY_SOFTWARE, HAS_EXTERNAL_END, it_is("binding"))),
        controlled=guarded("receipted"),
        question="They deny it: now what?",
        why="Without a receipt it is one word against the other.",
        controls=controls_of_class(ControlClass.NON_REPUDIATION, "Have it signed, and give a receipt"),
        cwe=(778,),
        false_alarm="The amounts are so small that nobody would argue.",
        cell=internal_end,
    ),
)
