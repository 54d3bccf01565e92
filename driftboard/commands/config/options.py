"""Options that the commands about rendered files share."""

from pathlib import Path
from typing import Annotated

import typer

Folder = Annotated[Path, typer.Option("--to", metavar="FOLDER", help="Where the rendered files are.")]
DEPLOY = Path("deploy")
