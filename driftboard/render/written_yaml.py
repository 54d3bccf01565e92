"""YAML as people read it: block style, texts of several lines as such, keys in the order they were given."""

from typing import Any

import yaml

NOTE = "rendered by `driftboard config render`; edit driftboard.toml instead"
_WIDTH = 1000
"""A template of Prometheus that is folded at a space cannot be read."""


class _Dumper(yaml.SafeDumper):
    """Indents lists, writes no anchors, and texts of several lines as blocks."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002 - PyYAML's signature
        super().increase_indent(flow=flow, indentless=False)

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - PyYAML's signature
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def as_yaml(*documents: Any, about: str = "") -> str:
    """Return documents as YAML below a line that says where they come from, and what they are."""
    head = f"# {NOTE}\n" + "".join(f"# {line}\n" for line in about.splitlines())
    texts = [
        yaml.dump(each, Dumper=_Dumper, sort_keys=False, allow_unicode=False, width=_WIDTH, default_flow_style=False)
        for each in documents
    ]
    return head + "---\n".join(texts)
