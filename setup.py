"""Split requirements.txt into the logging core and the extras, so that each name is written once."""

import re
from pathlib import Path

from setuptools import setup

_, *parts = re.split(r"^# \[(\w+)\].*$", Path("requirements.txt").read_text(), flags=re.MULTILINE)
wanted = {name: lines.split() for name, lines in zip(parts[::2], parts[1::2], strict=True)}

setup(install_requires=wanted.pop("log"), extras_require=wanted)
