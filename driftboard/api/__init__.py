"""The HTTP API: predictions and labels in, reports and incidents out, health, metrics."""
