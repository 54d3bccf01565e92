"""Backtest: what a policy would have told whom, on the history that is in the log."""
