"""The demonstration's county: who lives there, what its weeks were, and the template a new house starts from."""
