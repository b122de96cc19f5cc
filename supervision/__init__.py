"""Supervision: watches, orders and witnesses; it never trades, and nobody of the trading side imports it."""
