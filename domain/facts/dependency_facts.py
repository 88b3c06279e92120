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
    _dependency.control(
        "owned",
        "Does someone on the team own it?",
        "someone on the team owns it",
        "no one on the team owns it",
        several="no one on the team owns them",
    ),
    _dependency.control(
        "outage_fallback",
        "Is there a fallback when it is unavailable?",
        "there is a fallback when it is unavailable",
        "there is no fallback when it is unavailable",
        several="there is no fallback when they are unavailable",
    ),
    _dependency.control(
        "slowness_cut_off",
        "Are calls to it cut off when it is slow (timeout)?",
        "calls to it are cut off when it is slow",
        "calls to it wait without limit when it is slow",
        several="calls to them wait without limit when they are slow",
    ),
    _dependency(
        "calls_back", "Does it send webhooks or callbacks to the system?", "it sends webhooks or callbacks"
    ),
    _dependency.control(
        "webhook_signature_verified",
        "Is the signature of its webhooks verified?",
        "the signature of its webhooks is verified",
        several="the signature of their webhooks is not verified",
    ),
    _dependency.control(
        "webhook_replays_rejected",
        "Are repeated webhooks rejected (timestamp, ID)?",
        "repeated webhooks are rejected",
        "repeated webhooks are accepted",
    ),
    _dependency(
        "ships_code",
        "Does its code run inside the system (library, script, image)?",
        "its code runs inside the system",
    ),
    _dependency.control(
        "version_pinned",
        "Is its version pinned?",
        "its version is pinned",
        several="their versions are not pinned",
    ),
    _dependency.control(
        "code_integrity_verified",
        "Is the integrity of its code verified (hash, signature)?",
        "the integrity of its code is verified",
        several="the integrity of their code is not verified",
    ),
)
