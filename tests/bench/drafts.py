"""How much of drafts people keep, and how many answers are wrong: five files, judged beforehand."""

from collections.abc import Sequence

from rich.console import Group
from rich.table import Table
from rich.text import Text

from tests.bench.measurements import Say
from tests.drafts.judgement import JUDGED, Judged, judge

KEPT_AT_LEAST = 0.8
WRONG_AT_MOST = 0.02


def study(say: Say) -> list[Judged]:
    """Hold the draft of each file against its judgement."""
    say("reading five files that the readers were not written for")
    return [judge(file) for file in JUDGED]


def table_of(judged: Sequence[Judged]) -> Group:
    """The figures of each file and of all, then what was not kept, wrong or missing."""
    table = Table(title="Drafts of five files, held against what was written down before")
    for heading in ("file", "ticked", "kept", "wanted", "missing", "answers", "wrong"):
        table.add_column(heading, justify="left" if heading == "file" else "right")
    for one in judged:
        table.add_row(
            one.file,
            str(one.ticked),
            f"{one.kept} ({one.kept / one.ticked:.0%})",
            str(one.wanted),
            str(len(one.missing)),
            str(one.answers),
            str(len(one.wrong_answers)),
        )
    ticked, kept, answers, wrong = totals(judged)
    table.add_section()
    table.add_row(
        "all",
        str(ticked),
        f"{kept / ticked:.1%} (≥ {KEPT_AT_LEAST:.0%})",
        str(sum(one.wanted for one in judged)),
        str(sum(len(one.missing) for one in judged)),
        str(answers),
        f"{wrong / answers:.1%} (≤ {WRONG_AT_MOST:.0%})",
    )
    details = [
        f"{one.file}: {what}: {entry}"
        for one in judged
        for what, entries in (
            ("not kept", one.not_kept),
            ("wrong", one.wrong_answers),
            ("missing", one.missing),
        )
        for entry in entries
    ]
    return Group(table, Text("\n".join(details)))


def totals(judged: Sequence[Judged]) -> tuple[int, int, int, int]:
    """The items that are ticked and kept, and the answers that are given and wrong, of all files."""
    return (
        sum(one.ticked for one in judged),
        sum(one.kept for one in judged),
        sum(one.answers for one in judged),
        sum(len(one.wrong_answers) for one in judged),
    )
