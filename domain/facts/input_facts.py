"""Facts about the handling of input at entry points."""

from domain.facts.fact import facts_about
from domain.kernel.elements import Kind

_entry_point = facts_about(Kind.ENTRY_POINT)

FACTS = (
    _entry_point(
        "takes_input",
        "Does it accept data from the caller?",
        "it accepts data from the caller",
        why="Most attacks on software arrive as input.",
    ),
    _entry_point(
        "input_bounded",
        "Is the size of requests limited?",
        "the size of requests is limited",
        "the size of requests is not limited",
    ),
    _entry_point("reaches_query", "Does input reach a database query?", "input reaches a database query"),
    _entry_point(
        "query_bound",
        "Are queries parameterized?",
        "queries are parameterized",
        "queries are not parameterized",
    ),
    _entry_point("shown_to_others", "Is input shown to other users?", "input is shown to other users"),
    _entry_point(
        "output_encoded",
        "Is output encoded for its context?",
        "output is encoded for its context",
        "output is not encoded for its context",
    ),
    _entry_point("takes_files", "Does it accept file uploads?", "it accepts file uploads"),
    _entry_point(
        "files_contained",
        "Are uploads checked, and stored where they cannot run?",
        "uploads are checked and stored where they cannot run",
        "uploads are not checked or are stored where they can run",
    ),
    _entry_point("takes_xml", "Does it accept XML?", "it accepts XML"),
    _entry_point(
        "entities_off",
        "Are DTDs and external entities disabled?",
        "DTDs and external entities are disabled",
        "DTDs or external entities are enabled",
    ),
    _entry_point(
        "takes_objects",
        "Does it accept serialized objects (pickle, Java, PHP, .NET)?",
        "it accepts serialized objects",
    ),
    _entry_point(
        "data_only",
        "Is input prevented from choosing the class to deserialize?",
        "input cannot choose the class to deserialize",
        "input can choose the class to deserialize",
    ),
    _entry_point(
        "reaches_interpreter",
        "Does input reach a shell, a template engine or eval?",
        "input reaches a shell, a template engine or eval",
    ),
    _entry_point(
        "interpreter_fenced",
        "Is only allow-listed input passed to the shell, template or eval?",
        "only allow-listed input is passed to the shell, template or eval",
        "input reaches the shell, template or eval without an allow-list",
    ),
    _entry_point(
        "limits_told",
        "Does the caller send prices, amounts or limits?",
        "the caller sends prices, amounts or limits",
    ),
    _entry_point(
        "limits_checked",
        "Does the server compute or check prices, amounts and limits?",
        "the server checks prices, amounts and limits",
        "the server does not check prices, amounts and limits",
    ),
    _entry_point(
        "names_objects",
        "Does the caller select records by ID?",
        "the caller selects records by ID",
    ),
    _entry_point(
        "owner_checked",
        "Is access to the selected record checked?",
        "access to the selected record is checked",
        "access to the selected record is not checked",
    ),
    _entry_point(
        "fills_records",
        "Is input copied into records field by field?",
        "input is copied into records field by field",
    ),
    _entry_point(
        "fields_listed",
        "Are only allow-listed fields copied into records?",
        "only allow-listed fields are copied into records",
        "any field of the input is copied into records",
    ),
    _entry_point(
        "fetches_addresses",
        "Does the system fetch URLs that the caller provides?",
        "the system fetches URLs that the caller provides",
    ),
    _entry_point(
        "fetching_limited",
        "Is fetching limited to allow-listed destinations?",
        "fetching is limited to allow-listed destinations",
        "fetching is not limited to allow-listed destinations",
    ),
    _entry_point("input_logged", "Is input written to a log?", "input is written to a log"),
    _entry_point(
        "log_escaped",
        "Is input encoded before it is logged?",
        "input is encoded before it is logged",
        "input is not encoded before it is logged",
    ),
)
