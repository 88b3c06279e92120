"""What the bot may call: the Web API, response URLs, files, the page that lets an app in."""
