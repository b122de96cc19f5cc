"""The floor of the house: what every duty stands on. Imports nothing of ours from above."""
