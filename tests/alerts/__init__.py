"""The tests of alerts/."""
