"""Formats: a threat model written for other tools, and read from them; pure functions.

What writes is here; what reads is in `importing`, and what is read becomes a model in `telling`.
"""

from bot.formats.export_formats import FORMATS, Format, file_name
from bot.formats.exporters.export_source import Source, Written

__all__ = ["FORMATS", "Format", "Source", "Written", "file_name"]
