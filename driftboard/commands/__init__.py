"""The commands of `driftboard`, one file each."""
