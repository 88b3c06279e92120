"""Reports of a threat model: format-independent parts, rendered as Markdown, HTML and PDF; pure functions."""

from bot.report.report_formats import REPORT_FORMATS, PdfNotInstalled, ReportFormat, available_format

__all__ = ["REPORT_FORMATS", "PdfNotInstalled", "ReportFormat", "available_format"]
