"""Charts of a model: threats by score, coverage, open threats over time; pure functions."""

from bot.picture.charts.chart_frame import Chart
from bot.picture.charts.coverage_chart import draw_coverage
from bot.picture.charts.ranking_chart import draw_ranking
from bot.picture.charts.trend_chart import draw_portfolio_trend, draw_trend

__all__ = ["Chart", "draw_coverage", "draw_portfolio_trend", "draw_ranking", "draw_trend"]
