"""`python -m driftboard` is the command `driftboard`."""

from driftboard.cli import main

if __name__ == "__main__":
    main()
