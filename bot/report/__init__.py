"""Reports: what a threat model says, gathered once as parts; Markdown, HTML, PDF; pure functions."""

from bot.report.report_formats import REPORT_FORMATS, PdfNotInstalled, ReportFormat, available_format

__all__ = ["REPORT_FORMATS", "PdfNotInstalled", "ReportFormat", "available_format"]
