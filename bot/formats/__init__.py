"""Import and export formats for threat models; pure functions.

What writes is here; what reads is in `importing`, and what is read becomes a model in `telling`.
"""

from bot.formats.export_formats import FORMATS, ExportFormat, file_name
from bot.formats.exporters.export_source import ExportSource, StoredEvent

__all__ = ["FORMATS", "ExportFormat", "ExportSource", "StoredEvent", "file_name"]
