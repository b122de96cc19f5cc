"""Commands (imperative) and views (nouns) of the supermarket."""
