"""The evidence ledger: every claim of the source documents.

One that is run is a file here; the others stand in ``data/register.toml`` with their reason. What
was fixed of a claim before its run is kept in ``fixed``, its result in ``results``. The documents:
000 a web article on magnesium and brain health from a seller of supplements; 001 a web article on
magnesium in neurological disease; 002 the abstract of Stanojevic et al. 2025, doi
10.1007/s12011-024-04216-2; 003 and 004 web articles on magnesium and glutamate, and on magnesium
and the nervous system.
"""

from pathlib import Path

from mgsim.judging.register import unrun

globals().update(unrun(Path(__file__).with_name("data") / "register.toml"))
