"""The evidence ledger: every claim of the source documents.

One that is run is a file here; the others stand in ``data/register.toml`` with their reason. What
was fixed of a claim before its run is kept in ``fixed``, its result in ``results``.
The documents, and the plain facts that they have wrong, stand in ``data/documents.toml``.
"""

from pathlib import Path

from mgsim.judging.ledger.register import unrun

globals().update(unrun(Path(__file__).with_name("data") / "register.toml"))
