"""Import and export formats for threat models; pure functions."""

from bot.formats.export_formats import FORMATS, ExportFormat, file_name
from bot.formats.exporters.export_source import ExportSource, StoredEvent

__all__ = ["FORMATS", "ExportFormat", "ExportSource", "StoredEvent", "file_name"]
