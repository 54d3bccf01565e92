"""Runs the parts of driftboard together, each a process of its own."""
