"""Instrumentation of an inference service: what it logs and counts of itself. Imports nothing of the server side."""
