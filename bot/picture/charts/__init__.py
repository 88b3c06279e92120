"""Charts of a model: its threats by score, its coverage, its open threats over time; pure functions."""

from bot.picture.charts.chart_frame import Chart
from bot.picture.charts.coverage_chart import coverage_chart
from bot.picture.charts.ranking_chart import ranking_chart
from bot.picture.charts.trend_chart import trend_chart

__all__ = ["Chart", "coverage_chart", "ranking_chart", "trend_chart"]
