"""What works where Brian2 and a compiler are lacking, as in a browser, and what is said there."""

import subprocess
import sys
import textwrap

BARE = """
import os, sys
sys.modules["brian2"] = None  # as if it were not installed
os.environ |= {"PATH": "", "CC": "", "MGSIM_CACHE": sys.argv[1]}
sys.modules["ziglang"] = None
import mgsim as mg
"""


def run(code, folder):
    return subprocess.run(
        [sys.executable, "-c", BARE + textwrap.dedent(code), str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )


def test_what_needs_neither_works(tmp_path):
    done = run(
        """
        from mgsim.exports import export
        law = mg.blocks["jahr_stevens_1990"]
        assert 0 < law.evaluate("unblocked", v=-70, mg_out=1) < 1
        assert len(mg.models) and len(mg.experiments) and len(mg.measures)
        assert "Jahr" in mg.cite(mg.models["standard"])
        assert "UNITS" in export(law, "neuron")
        ds = mg.experiments["block_curves"].run(v=[-70.0, -40.0], mg_out=[0, 1.0])
        assert ds.unblocked.sizes["v"] == 2
        mg.figures["block_curves"](mg.experiments["block_curves"].few().run(progress=False))
        print("all of it")
        """,
        tmp_path,
    )
    assert done.stdout == "all of it\n", done.stderr


def test_a_run_says_what_to_install(tmp_path):
    done = run(
        """
        from mgsim.cli import main
        sys.exit(main("sweep run mg_response --axis mg_out=0,1".split()))
        """,
        tmp_path,
    )
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith("mgsim: error: no engine can run this: no C compiler found")
    assert "pip install -e '.[compiler]'" in line
    assert "pip install brian2" in line
