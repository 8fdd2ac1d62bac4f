"""Write requirements/lock-X.Y.txt for the Python that runs this: every version of all extras."""

import json
import re
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VERSION = "{}.{}".format(*sys.version_info)
HEADER = f"""\
# Versions known to work together on Python {VERSION}: constraints for pip, made by "make lock".
# Resolved on {sys.platform}; a package that only another system needs is left free.
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        python, report = Path(folder, "bin", "python"), Path(folder, "report.json")
        command = f"-m pip install -qq --dry-run --ignore-installed --report {report}".split()
        subprocess.run([python, *command, f"{ROOT}[dev]"], check=True)
        chosen = json.loads(report.read_text(encoding="utf-8"))["install"]
    pins = {
        re.sub(r"[-_.]+", "-", item["metadata"]["name"]).lower(): item["metadata"]["version"]
        for item in chosen
    }
    pins.pop("mgsim-nmda")
    lines = [f"{name}=={version}\n" for name, version in sorted(pins.items())]
    target = ROOT / "requirements" / f"lock-{VERSION}.txt"
    target.write_text(HEADER + "".join(lines), encoding="utf-8")
    print(f"{target.relative_to(ROOT)}: {len(lines)} packages")


if __name__ == "__main__":
    main()
