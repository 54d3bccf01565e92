"""What Prometheus reads: the metrics of every model and of driftboard itself, out of the log."""
