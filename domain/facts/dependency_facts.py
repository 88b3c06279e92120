"""Facts about external dependencies."""

from domain.facts.fact import facts_about
from domain.kernel.elements import Kind

_dependency = facts_about(Kind.EXTERNAL_DEPENDENCY)
_software = facts_about(Kind.EXTERNAL_DEPENDENCY, Kind.COMPONENT)

FACTS = (
    _software(
        "software",
        "Is it software, or operated by software?",
        "it is software",
        why="Most threats of the catalog exist only where there is software.",
    ),
    _dependency(
        "indispensable",
        "Does the system stop working without it?",
        "the system stops working without it",
        why="Its outage is an outage of the system.",
    ),
    _dependency(
        "owned",
        "Does someone on the team own it?",
        "someone on the team owns it",
        "no one on the team owns it",
        several="no one on the team owns them",
    ),
    _dependency(
        "outage_bridged",
        "Is there a fallback when it is slow or unavailable?",
        "there is a fallback when it is slow or unavailable",
        "there is no fallback when it is slow or unavailable",
        several="there is no fallback when they are slow or unavailable",
    ),
    _dependency(
        "calls_back", "Does it send webhooks or callbacks to the system?", "it sends webhooks or callbacks"
    ),
    _dependency(
        "callbacks_signed",
        "Are the signature and timestamp of its webhooks verified?",
        "the signature and timestamp of its webhooks are verified",
        "the signature and timestamp of its webhooks are not verified",
        several="the signature and timestamp of their webhooks are not verified",
    ),
    _dependency(
        "ships_code",
        "Does its code run inside the system (library, script, image)?",
        "its code runs inside the system",
    ),
    _dependency(
        "pinned",
        "Is its version pinned and its integrity verified?",
        "its version is pinned and its integrity is verified",
        "its version is not pinned or its integrity is not verified",
        several="their versions are not pinned or their integrity is not verified",
    ),
)
