"""Kills, stalls and refusals: the proof that nothing is lost, and that the proof could fail."""
