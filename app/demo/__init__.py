"""A tender and a request of the market played over HTTP in a set clock, from registration to verified packages."""
