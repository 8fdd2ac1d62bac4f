"""C that is written by hand, by file; read once, so that what runs is what a folder's digest is of.

A name that begins with a dot is an editor's, as of a file that is being changed.
"""

from pathlib import Path

HEADERS = {
    path.name: path.read_text(encoding="utf-8")
    for path in sorted(Path(__file__).parent.rglob("[!.]*.h"))
}
