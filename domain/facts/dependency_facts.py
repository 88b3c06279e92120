"""Facts about external dependencies."""

from domain.facts.fact import facts_about
from domain.kernel.elements import Kind

_dependency = facts_about(Kind.EXTERNAL_DEPENDENCY)
_software = facts_about(Kind.EXTERNAL_DEPENDENCY, Kind.COMPONENT)

FACTS = (
    _software(
        "software",
        "Is it software, or run by software?",
        "it is software",
        "Programs can be attacked in ways in which walls and wires cannot.",
    ),
    _dependency(
        "indispensable",
        "Does the system stop without it?",
        "the system cannot run without it",
        "What nobody can do without has to be looked after.",
    ),
    _dependency(
        "owned", "Does somebody with you look after it, and know whom to call?", "somebody looks after it"
    ),
    _dependency(
        "outage_bridged",
        "Is there a way to go on while it is away or slow?",
        "there is a way to go on without it",
    ),
    _dependency(
        "calls_back", "Does it call the system by itself, for instance with notices?", "it calls back"
    ),
    _dependency(
        "callbacks_signed",
        "Can the system tell that its calls are really from it, and not old ones?",
        "its calls are signed and dated",
    ),
    _dependency(
        "ships_code", "Does it bring code that runs inside the system?", "its code runs inside the system"
    ),
    _dependency(
        "pinned",
        "Is exactly the reviewed version taken, and checked before it runs?",
        "its code is pinned and verified",
    ),
)
