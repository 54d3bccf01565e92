"""The alert log: every alert, the channel it goes to, and what became of it. All SQL on the table is here."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import batched
