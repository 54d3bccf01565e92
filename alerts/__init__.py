"""The decision: reports in, incidents and notifications out."""
