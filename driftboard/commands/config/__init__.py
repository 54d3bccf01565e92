"""`driftboard config`: what the one file says to others."""
