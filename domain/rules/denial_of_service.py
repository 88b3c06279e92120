"""Rules for denial of service."""

from domain.kernel.elements import Kind
from domain.kernel.threat import Stride
from domain.rules import asset_predicates, dependency_predicates
from domain.rules.asset_predicates import holder
from domain.rules.conditions import AllOf, AnyOf, guarded, it_is, itself
from domain.rules.entry_point_predicates import (
    CALLERS_LESS_TRUSTED,
    HANDLED_BY_SOFTWARE,
    LOGS_IN,
    OPEN_TO_ANYONE_INSIDE,
    PUBLIC_OR_OPEN_TO_ANYONE_INSIDE,
    TAKES_INPUT,
    component_behind,
)
from domain.rules.flow_predicates import (
    CROSSES_BY_SOFTWARE,
    OF_AN_ESSENTIAL_DEPENDENCY,
    RETRIES_BOUNDED,
)
from domain.rules.input_predicates import CONSUMES_MESSAGES
from domain.rules.rule import AUTHENTICATION, AVAILABILITY, Control, Rule, ThreatSource

RULES = (
    Rule(
        id="D01",
        version=1,
        category=Stride.DENIAL_OF_SERVICE,
        kind=Kind.ENTRY_POINT,
        title="No rate limit",
        explanation="One client in a loop can consume all capacity, so that others are not served.",
        applies=AllOf((HANDLED_BY_SOFTWARE, PUBLIC_OR_OPEN_TO_ANYONE_INSIDE)),
        controlled=guarded("rate_limited"),
        question="What does a client that sends requests in a loop cost?",
        source=ThreatSource.CALLER,
        action="exhaust the capacity of {element} with many requests",
        controls=(Control(AVAILABILITY, "Limit requests per caller"),),
        cwe=(770,),
        capec=(125,),
        asvs=("V2.4",),
        false_alarm=(
            "Responses are static, and a CDN that absorbs floods serves them at no cost for traffic."
        ),
        cell=component_behind,
    ),
    Rule(
        id="D02",
        version=1,
        category=Stride.DENIAL_OF_SERVICE,
        kind=Kind.ENTRY_POINT,
        title="Unbounded request size",
        explanation="One large or deeply nested request can consume all memory.",
        applies=TAKES_INPUT,
        controlled=guarded("input_bounded"),
        question="What is the largest request that is accepted?",
        source=ThreatSource.CALLER,
        action="exhaust memory with a large request to {element}",
        controls=(Control(AVAILABILITY, "Limit size, depth and number of elements"),),
        cwe=(770,),
        capec=(130,),
        asvs=("V2.2",),
        false_alarm="A gateway that no one can bypass limits size and depth before a request gets here.",
        cell=component_behind,
    ),
    Rule(
        id="D03",
        version=2,
        category=Stride.DENIAL_OF_SERVICE,
        kind=Kind.EXTERNAL_DEPENDENCY,
        title="No fallback for a dependency outage",
        explanation="When the dependency is slow or down, the system is down as well.",
        applies=dependency_predicates.ESSENTIAL,
        controlled=AllOf((guarded("outage_fallback"), guarded("slowness_cut_off"))),
        question="What do users see during its outage?",
        source=ThreatSource.OUTAGE,
        action="stop the system",
        controls=(
            Control(AVAILABILITY, "Set timeouts, and use a circuit breaker"),
            Control(AVAILABILITY, "Provide an alternative, or continue with reduced function"),
        ),
        cwe=(),
        asvs=("V16.5",),
        false_alarm="No one depends on the system during the outage, and nothing is lost until it returns.",
        cell=itself,
    ),
    Rule(
        id="D04",
        version=3,
        category=Stride.DENIAL_OF_SERVICE,
        kind=Kind.ASSET,
        title="No tested backup or redundancy",
        explanation="After a loss, the data or service may not be recoverable, or not in time.",
        applies=AllOf((asset_predicates.HELD, asset_predicates.AVAILABILITY_CRITICAL)),
        controlled=AllOf(
            (
                guarded("backed_up"),
                guarded("restore_tested"),
                AnyOf((asset_predicates.NOT_STORED_BY_SOFTWARE, guarded("immutable_or_offline"))),
            )
        ),
        question="When was the last successful restore?",
        source=ThreatSource.FAILURE,
        action="destroy {element} beyond recovery",
        controls=(
            Control(
                AVAILABILITY,
                "Keep a backup in another location; a replica alone does not protect against deletion",
            ),
            Control(AVAILABILITY, "Test the restore, and record how long it took"),
            Control(AVAILABILITY, "Keep one backup immutable or offline, safe from ransomware"),
        ),
        cwe=(),
        false_alarm="It can be recreated in time from sources that are backed up themselves.",
        cell=holder,
    ),
    Rule(
        id="D05",
        version=1,
        category=Stride.DENIAL_OF_SERVICE,
        kind=Kind.ENTRY_POINT,
        title="Resource exhaustion by expensive operations",
        explanation="A caller can cause high cost or load with a few cheap requests.",
        applies=AllOf(
            (
                HANDLED_BY_SOFTWARE,
                AnyOf((CALLERS_LESS_TRUSTED, OPEN_TO_ANYONE_INSIDE)),
                it_is("expensive"),
            )
        ),
        controlled=guarded("work_limited"),
        question="What is the cheapest request with the most expensive effect?",
        source=ThreatSource.CALLER,
        action="cause expensive work through {element} with small requests",
        controls=(
            Control(AVAILABILITY, "Give each caller a quota"),
            Control(AVAILABILITY, "Queue the work, and limit how much can wait"),
        ),
        cwe=(405,),
        asvs=("V2.4", "V15.2"),
        false_alarm=(
            "The expensive work runs on resources that its caller alone uses and has paid for in advance."
        ),
        cell=component_behind,
    ),
    Rule(
        id="D06",
        version=1,
        category=Stride.DENIAL_OF_SERVICE,
        kind=Kind.ENTRY_POINT,
        title="Denial of service through account lockout",
        explanation="Anyone can lock a user out by entering wrong passwords for that account.",
        applies=AllOf((LOGS_IN, it_is("attempts_limited"))),
        controlled=guarded("lockout_abuse_prevented"),
        question="Can someone lock another user out?",
        source=ThreatSource.CALLER,
        action="lock other users out at {element}",
        controls=(
            Control(AVAILABILITY, "Slow down the source of the attempts instead of the account"),
            Control(
                AUTHENTICATION,
                "Admit devices on which the user signed in before, also while others are refused",
            ),
        ),
        cwe=(645,),
        capec=(2,),
        asvs=("V6.1",),
        false_alarm="A lockout ends within seconds, and further attempts cannot renew it.",
        cell=component_behind,
    ),
    Rule(
        id="D07",
        version=2,
        category=Stride.DENIAL_OF_SERVICE,
        kind=Kind.DATA_FLOW,
        title="Missing timeout on remote calls",
        explanation="Callers that wait without limit hold resources until none are left for others.",
        applies=CROSSES_BY_SOFTWARE,
        controlled=AnyOf((OF_AN_ESSENTIAL_DEPENDENCY, AllOf((guarded("timeout_set"), RETRIES_BOUNDED)))),
        question="Who waits for it, and for how long?",
        source=ThreatSource.FAILURE,
        action="block everything that waits for {element}",
        controls=(
            Control(AVAILABILITY, "Set timeouts at both ends"),
            Control(AVAILABILITY, "Limit retries, with increasing delays"),
            Control(AVAILABILITY, "Use asynchronous messaging where no immediate response is needed"),
        ),
        cwe=(770, 1088),
        asvs=("V13.2",),
        false_alarm="Nothing waits for it or holds resources meanwhile: it is sent and forgotten.",
        cell=itself,
    ),
    Rule(
        id="D08",
        version=1,
        category=Stride.DENIAL_OF_SERVICE,
        kind=Kind.DATA_FLOW,
        title="Queue blocked by a poison message",
        explanation="A message that always fails is delivered again and again, and holds up all others.",
        applies=CONSUMES_MESSAGES,
        controlled=guarded("poison_messages_set_aside"),
        question="What happens to a message that always fails?",
        source=ThreatSource.SENDER,
        action="block consumers of {element} with a message that always fails",
        controls=(
            Control(AVAILABILITY, "Move failing messages to a dead-letter queue"),
            Control(AVAILABILITY, "Limit deliveries of each message"),
        ),
        cwe=(835,),
        asvs=("V16.5",),
        false_alarm="A message that fails is dropped at once, and losing it does no harm.",
        cell=itself,
    ),
)
