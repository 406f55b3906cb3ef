"""Characters that act on a screen instead of standing on it: control characters and marks that turn the direction of a line.

Lives here: which these are, and how one is shown where it stands in a text all the same.
Not here: where they are refused (load/), where texts are put on a screen (cli/terminal.py).
"""

import json
import re

# C0 without tab and line feed, DEL, C1, breaks of lines and paragraphs; marks, embeddings, overrides, isolates of direction.
CONTROLS = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def visible(text: str) -> str:
    """The text with each such character as it is written in an escape: `\\x1b`, `\\u202e`."""
    return CONTROLS.sub(lambda found: _escape(found[0]), text)


def _escape(char: str) -> str:
    return f"\\x{ord(char):02x}" if ord(char) < 0x100 else f"\\u{ord(char):04x}"


def as_json(document: object) -> str:
    """A document as JSON, in which these characters stand as JSON writes them."""
    text = json.dumps(document, ensure_ascii=False, indent=2)
    return CONTROLS.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
