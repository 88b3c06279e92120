"""Facts about entry points: who reaches them, and which actions they offer."""

from domain.facts.fact import facts_about
from domain.kernel.elements import Kind

_entry_point = facts_about(Kind.ENTRY_POINT)

FACTS = (
    _entry_point(
        "public",
        "Can strangers get to it, from the internet or the street?",
        "strangers can get to it",
        "What strangers reach, strangers try.",
    ),
    _entry_point(
        "administers",
        "Can the system be administered through it?",
        "the system can be administered through it",
        "Who administers may do everything.",
    ),
    _entry_point(
        "admin_apart",
        "Is administering reachable only from a network of its own?",
        "administering is reachable only from a network of its own",
    ),
    _entry_point(
        "authorised",
        "Is it checked, each time, whether the caller may do that?",
        "rights are checked each time",
    ),
    _entry_point(
        "rate_limited",
        "Is there a limit to how often one caller may call?",
        "callers are limited in how often they call",
    ),
    _entry_point(
        "expensive",
        "Can a small call cause costly work, such as reports, mails or searches?",
        "a small call can cause costly work",
    ),
    _entry_point(
        "work_limited",
        "Is costly work queued or limited for each caller?",
        "costly work is queued or limited for each caller",
    ),
    _entry_point(
        "deniable",
        "Can something be done here that somebody may later deny?",
        "something deniable can be done here",
    ),
    _entry_point("logged", "Is it written down who did what, and when?", "who did what is written down"),
    _entry_point(
        "errors_plain",
        "Do its error messages keep the inside to themselves?",
        "error messages tell nothing of the inside",
    ),
)
