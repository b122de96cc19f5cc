"""The mathematics of the platform: no database, no clock, no web, so that an outsider can run it alone."""
