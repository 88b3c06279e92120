"""Conditions for closing the model."""

from bot.report.document_parts import Badge, Column, Section, Tone
from bot.report.report_source import ReportSource
from bot.report.sections.section_formatting import cell, table


def gates_section(source: ReportSource) -> Section:
    """Return the gates with their states; nothing during collection."""
    known = source.register
    if known.phase == "collection":
        return Section("gates", "Conditions")
    rows = [
        (cell(one.text), cell(Badge("met", Tone.GOOD) if one.met else Badge("not met", Tone.WAITING)))
        for one in known.gates
    ]
    title = "Conditions for closing" if known.phase != "closed" else "Conditions at closing"
    return Section("gates", title, (table(_COLUMNS, rows),))


_COLUMNS = (Column("Condition", 5.0), Column("State", 1.0))
