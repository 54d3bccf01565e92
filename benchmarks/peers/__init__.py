"""Other monitors on the same streams, each in an environment of its own."""
