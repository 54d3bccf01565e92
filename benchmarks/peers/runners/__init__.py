"""Each runs under one peer's own Python (`python -m benchmarks.peers.runners.NAME`) and imports nothing of ours."""
