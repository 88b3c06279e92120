"""Rules for repudiation."""

from domain.kernel.elements import Kind
from domain.kernel.threat import Stride
from domain.rules import component_predicates
from domain.rules.conditions import AllOf, AnyOf, guarded, it_is, itself
from domain.rules.entry_point_predicates import (
    AUTHENTICATES_CALLERS,
    HANDLED_BY_SOFTWARE,
    HAS_CROSSING_FLOW,
    TAKES_INPUT,
    component_behind,
)
from domain.rules.flow_predicates import CROSSES_BY_SOFTWARE, HAS_EXTERNAL_END, internal_end
from domain.rules.rule import AUTHENTICATION, INTEGRITY, NON_REPUDIATION, Control, Impact, Rule, ThreatSource

ACTS_ON_ITS_OWN = AllOf(
    (component_predicates.SOFTWARE_PROCESS, AnyOf((component_predicates.AUTOMATES, it_is("led_by_model"))))
)

RULES = (
    Rule(
        id="R01",
        version=1,
        category=Stride.REPUDIATION,
        kind=Kind.ENTRY_POINT,
        title="Missing audit log",
        explanation="After an incident or a dispute, no one can prove who did what.",
        applies=AllOf((HANDLED_BY_SOFTWARE, it_is("deniable"))),
        controlled=guarded("logged"),
        question="Could we prove who did it?",
        source=ThreatSource.CALLER,
        action="deny actions taken at {element}",
        controls=(Control(NON_REPUDIATION, "Write an audit entry: who, what, when, from where"),),
        cwe=(778,),
        asvs=("V16.2", "V16.3"),
        false_alarm="Each action is proved by a record elsewhere that its actor cannot change.",
        cell=component_behind,
    ),
    Rule(
        id="R02",
        version=1,
        category=Stride.REPUDIATION,
        kind=Kind.COMPONENT,
        title="Audit log can be altered",
        explanation="Those whose actions it records can change the log, so it proves nothing about them.",
        applies=component_predicates.LOG_STORE,
        controlled=guarded("append_only"),
        question="Can an administrator remove entries?",
        source=ThreatSource.INSIDER,
        action="alter logs in {element}",
        controls=(
            Control(INTEGRITY, "Make the log append-only, with a separate writer"),
            Control(INTEGRITY, "Copy the log to a separate system immediately"),
        ),
        cwe=(732,),
        capec=(268,),
        asvs=("V16.4",),
        false_alarm="The same entries are kept in another log that the users it records cannot change.",
        cell=itself,
    ),
    Rule(
        id="R03",
        version=2,
        category=Stride.REPUDIATION,
        kind=Kind.ENTRY_POINT,
        title="Shared account",
        explanation="Actions cannot be traced to a person, because several people use one account.",
        applies=AllOf((HANDLED_BY_SOFTWARE, HAS_CROSSING_FLOW, AUTHENTICATES_CALLERS)),
        controlled=guarded("individual_account"),
        question="Can an action be traced to one person?",
        source=ThreatSource.CALLER,
        action="act at {element} without being identified",
        controls=(Control(AUTHENTICATION, "Give every user an individual account"),),
        cwe=(223,),
        asvs=("V16.2",),
        false_alarm=(
            "One named person alone has ever known its credential, and it is replaced when that person "
            "changes."
        ),
        cell=component_behind,
    ),
    Rule(
        id="R04",
        version=1,
        category=Stride.REPUDIATION,
        kind=Kind.ENTRY_POINT,
        title="Log injection",
        explanation="A line break in input can add a log entry for something that never happened.",
        applies=AllOf((TAKES_INPUT, it_is("input_logged"))),
        controlled=guarded("log_escaped"),
        question="Can input add a line to the log?",
        source=ThreatSource.CALLER,
        action="forge log entries through {element}",
        controls=(Control(INTEGRITY, "Log structured data instead of concatenated text"),),
        cwe=(117,),
        capec=(93,),
        asvs=("V16.4",),
        false_alarm=(
            "The logging library encodes line breaks and control characters in every field that it writes."
        ),
        cell=component_behind,
    ),
    Rule(
        id="R05",
        version=1,
        category=Stride.REPUDIATION,
        kind=Kind.DATA_FLOW,
        title="Transaction can be repudiated",
        explanation="A party can deny the transaction, and there is no proof for a third party.",
        applies=AllOf((CROSSES_BY_SOFTWARE, HAS_EXTERNAL_END, it_is("binding"))),
        controlled=guarded("receipted"),
        question="What is the proof if a party denies it?",
        source=ThreatSource.RECEIVER,
        action="deny a transaction of {element}",
        controls=(Control(NON_REPUDIATION, "Have the transaction signed, and issue a receipt"),),
        cwe=(778,),
        asvs=("V4.1", "V16.3"),
        false_alarm="Nothing is owed: either party can withdraw at any time without loss to the other.",
        cell=internal_end,
    ),
    Rule(
        id="R06",
        version=1,
        category=Stride.REPUDIATION,
        kind=Kind.COMPONENT,
        title="Security alerts not monitored",
        explanation="An attack is recorded, but no one notices it and reacts in time.",
        applies=component_predicates.LOG_STORE,
        controlled=guarded("alerts_watched"),
        question="Who is alerted, and how soon?",
        source=ThreatSource.INTRUDER,
        action="remain unnoticed although the attack is recorded by {element}",
        impact=Impact.UNDETECTED_ATTACKS,
        controls=(
            Control(NON_REPUDIATION, "Alert on security events, and assign who reacts"),
            Control(NON_REPUDIATION, "Test the alerts regularly"),
        ),
        cwe=(),
        asvs=("V16.4",),
        false_alarm=(
            "Another system receives the same events and raises alerts, and someone is assigned to "
            "react to them."
        ),
        cell=itself,
    ),
    Rule(
        id="R07",
        version=1,
        category=Stride.REPUDIATION,
        kind=Kind.COMPONENT,
        title="No record of what automation did",
        explanation="A change that no person made has no one to ask, and is found in no one's log.",
        applies=ACTS_ON_ITS_OWN,
        controlled=guarded("own_actions_logged"),
        question="Could we tell what it did last night, and why?",
        source=ThreatSource.INTRUDER,
        action="make {element} act without a trace",
        controls=(
            Control(NON_REPUDIATION, "Record each automated action: what, on what, caused by what"),
            Control(INTEGRITY, "Send these records where the automation cannot change them"),
        ),
        cwe=(778,),
        asvs=("V16.2", "V16.3"),
        false_alarm="It changes nothing: it only reads, and what it reads is recorded at the source.",
        cell=itself,
    ),
)
