"""`driftboard alerts`: what is wrong, who was told, and what to do about it."""
