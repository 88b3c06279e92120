"""Table of the export formats, by the word that users type."""

from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from bot.formats.exporters.csv_export import export_registers_csv, export_threats_csv
from bot.formats.exporters.drawio_export import export_drawio
from bot.formats.exporters.export_source import ExportSource
from bot.formats.exporters.history_export import export_history
from bot.formats.exporters.otm_export import export_otm
from bot.formats.exporters.sarif_export import export_sarif
from bot.formats.exporters.threat_composer_export import export_threat_composer
from bot.formats.exporters.threat_dragon_export import export_threat_dragon
from bot.formats.exporters.tm_bom_export import export_tm_bom
from domain.kernel.elements import ModelKey


class ExportFormat(msgspec.Struct, frozen=True, kw_only=True):
    """An export format: its word, file name suffix, display name, and the tools that read it.

    `leaves_out` is what of technologies, assumptions, links and the screening the format has no place for.
    """

    word: str
    suffix: str
    title: str
    read_by: str
    write: Callable[[ExportSource], bytes]
    leaves_out: str = ""
    aliases: tuple[str, ...] = ()
    """Aliases that users type, with hyphens for spaces and without dots."""


FORMATS: Final[Mapping[str, ExportFormat]] = {
    one.word: one
    for one in (
        ExportFormat(
            word="otm",
            aliases=("open-threat-model",),
            suffix=".otm.json",
            title="Open Threat Model 0.2",
            read_by="IriusRisk, StartLeft and `threatmodel import`: all except votes",
            write=export_otm,
        ),
        ExportFormat(
            word="threat-dragon",
            aliases=("threatdragon", "dragon"),
            suffix=".threat-dragon.json",
            title="Threat Dragon 2",
            read_by="OWASP Threat Dragon: the diagram and its threats",
            write=export_threat_dragon,
        ),
        ExportFormat(
            word="tm-bom",
            aliases=("tmbom",),
            suffix=".tm-bom.json",
            title="TM-BOM 1.0.2",
            read_by="the OWASP Threat Model Library",
            write=export_tm_bom,
        ),
        ExportFormat(
            word="threat-composer",
            aliases=("threatcomposer", "tc"),
            suffix=".tc.json",
            title="Threat Composer 1",
            read_by="AWS Threat Composer, and the bot as a draft: threats, mitigations and assumptions",
            leaves_out="technologies, links and the screening",
            write=export_threat_composer,
        ),
        ExportFormat(
            word="sarif",
            suffix=".sarif",
            title="SARIF 2.1.0",
            read_by="code scanners and dashboards: the open threats",
            leaves_out="technologies, assumptions, links and the screening",
            write=export_sarif,
        ),
        ExportFormat(
            word="csv",
            aliases=("excel",),
            suffix=".csv",
            title="CSV",
            read_by="spreadsheets: the threats",
            leaves_out="technologies, assumptions, links and the screening",
            write=export_threats_csv,
        ),
        ExportFormat(
            word="csv-registers",
            aliases=("registers",),
            suffix=".registers.csv",
            title="CSV",
            read_by="spreadsheets: the registers and their facts",
            leaves_out="the screening",
            write=export_registers_csv,
        ),
        ExportFormat(
            word="drawio",
            aliases=("diagramsnet",),
            suffix=".drawio",
            title="draw.io",
            read_by="draw.io (diagrams.net): the diagram, for editing",
            leaves_out="technologies, protocols, assumptions, links and the screening",
            write=export_drawio,
        ),
        ExportFormat(
            word="events",
            aliases=("json-lines", "jsonl", "history"),
            suffix=".events.jsonl",
            title="JSON Lines",
            read_by="`threatmodel import`: the full history, with the results of rounds in place of ballots",
            write=export_history,
        ),
    )
}


def file_name(key: ModelKey, chosen: ExportFormat) -> str:
    """Return the file name of an export."""
    return f"{key}{chosen.suffix}"
