"""One whole tender played over HTTP in a set clock, from registration to a verified evidence package."""
