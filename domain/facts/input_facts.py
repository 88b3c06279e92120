"""Facts about the handling of input at entry points."""

from domain.facts.fact import facts_about
from domain.kernel.elements import Kind

_entry_point = facts_about(Kind.ENTRY_POINT)

FACTS = (
    _entry_point(
        "takes_input",
        "Does it take text, files or other data from the caller?",
        "it takes data from the caller",
        "Much of what goes wrong comes in with what a caller sends.",
    ),
    _entry_point(
        "input_bounded",
        "Is there an upper bound to how much may come in at once?",
        "size and depth of what comes in are bounded",
    ),
    _entry_point(
        "reaches_query", "Does some of it end up in a database query?", "what comes in reaches a query"
    ),
    _entry_point(
        "query_bound",
        "Is what reaches the query bound as a parameter, never glued in?",
        "values are bound as parameters",
    ),
    _entry_point(
        "shown_to_others", "Is some of it later shown to other people?", "what comes in is shown to others"
    ),
    _entry_point(
        "output_encoded",
        "Is what others see of it made harmless for where it is shown?",
        "what is shown is encoded for its place",
    ),
    _entry_point("takes_files", "Does it take files?", "it takes files"),
    _entry_point(
        "files_contained",
        "Are files checked, and kept where they cannot run?",
        "files are checked and kept where they cannot run",
    ),
    _entry_point("takes_xml", "Does it take XML?", "it takes XML"),
    _entry_point(
        "entities_off", "Are DTDs and outside entities switched off?", "DTDs and outside entities are off"
    ),
    _entry_point(
        "takes_objects",
        "Does it take serialised objects (pickle, Java, PHP, .NET)?",
        "it takes serialised objects",
    ),
    _entry_point(
        "data_only",
        "Is it impossible for what comes in to choose the class?",
        "what comes in cannot choose the class",
    ),
    _entry_point(
        "reaches_interpreter",
        "Does some of it reach a shell, a template or an eval?",
        "what comes in reaches a shell, a template or an eval",
    ),
    _entry_point(
        "interpreter_fenced",
        "Does only what a fixed list allows reach the shell, template or eval?",
        "only what a fixed list allows is passed on",
    ),
    _entry_point(
        "limits_told",
        "Does the caller send prices, amounts or limits along?",
        "the caller sends prices, amounts or limits along",
    ),
    _entry_point(
        "limits_checked",
        "Does the receiver work out or check prices, amounts and limits itself?",
        "the receiver checks prices, amounts and limits itself",
    ),
    _entry_point(
        "names_objects",
        "Does the caller name what to show or change, for instance by a number?",
        "the caller names what to show or change",
    ),
    _entry_point(
        "owner_checked", "Is it checked that the named thing is the caller's own?", "whose it is, is checked"
    ),
    _entry_point(
        "fills_records",
        "Is what comes in copied into records field by field?",
        "what comes in is copied into records",
    ),
    _entry_point(
        "fields_listed",
        "Is only a fixed list of fields copied into records?",
        "only a fixed list of fields is copied",
    ),
    _entry_point(
        "fetches_addresses",
        "Does the system fetch addresses (URLs) that the caller gives?",
        "the system fetches addresses that the caller gives",
    ),
    _entry_point(
        "fetching_limited",
        "Can it fetch only from places on a list?",
        "it fetches only from places on a list",
    ),
    _entry_point("input_logged", "Is some of it written into a log?", "what comes in is written into a log"),
    _entry_point(
        "log_escaped",
        "Are line breaks and the like taken out of what is logged?",
        "logged text is made harmless first",
    ),
)
