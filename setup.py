"""Split requirements.txt into the logging core and the `server` extra, so that each name is written once."""

import re
from pathlib import Path

from setuptools import setup

_, log, server = re.split(r"^# \[(?:log|server)\].*$", Path("requirements.txt").read_text(), flags=re.MULTILINE)

setup(install_requires=log.split(), extras_require={"server": server.split()})
