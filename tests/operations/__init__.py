"""What operators run the bot with: chart, compose files, alerts, dashboard, image, backup."""
