"""JupyterLab in a real browser: opens a notebook, edits and runs its cells, sees what it shows."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "claims"))
from browser import Browser

#: What would show an environment more than is installed there.
UNSET = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")
#: A laptop's screen.
SIZE = {"width": 1300, "height": 1000}
#: The notebook that is open.
_PANEL = (
    "const app = window.jupyterapp, panel = [...app.shell.widgets('main')].find(w => w.context),"
    " book = panel?.content;"
)
#: JupyterLab asks for no news and no updates: the lessons need no network.
_QUIET = {"fetchNews": "false", "checkForUpdates": False}


class Lab:
    """A server on a folder with notebooks, and a browser that looks at it, until closed.

    ``python`` : that of an environment with JupyterLab; ``home`` : where it keeps its settings.
    """

    def __init__(self, python, folder, home):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        own = {k: v for k, v in os.environ.items() if k not in UNSET}
        for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR", "MGSIM_CACHE"):
            (home / name.lower()).mkdir(parents=True, exist_ok=True)
            own[name] = str(home / name.lower())
        settings = home / "jupyter_config_dir/lab/user-settings/@jupyterlab/apputils-extension"
        settings.mkdir(parents=True, exist_ok=True)
        (settings / "notification.jupyterlab-settings").write_text(json.dumps(_QUIET))
        options = ("--no-browser", "--allow-root", f"--ServerApp.root_dir={folder}")
        options += (
            f"--port={self.port}",
            "--ServerApp.port_retries=0",
            "--IdentityProvider.token=",
        )
        options += ("--LabApp.expose_app_in_browser=True",)
        self.chromium = Browser()
        self.log = (home / "server.log").open("w")
        self.server = subprocess.Popen(
            [str(python), "-m", "jupyterlab", *options], env=own, stdout=self.log, stderr=self.log
        )
        try:
            self._wait_for_server()
            self.page = self.chromium.browser.new_context(viewport=SIZE).new_page()
            self.said, self.asked = [], []
            self.page.on("console", lambda x: self.said.append((x.type, x.text)))
            self.page.on("pageerror", lambda x: self.said.append(("error", str(x))))
            self.page.on("request", lambda x: self.asked.append(x.url))
        except BaseException:
            self.close()
            raise

    def _wait_for_server(self):
        for _ in range(900):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api", timeout=5).close()
                return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        raise TimeoutError("JupyterLab does not start")

    def close(self):
        self.chromium.close()
        self.server.terminate()
        self.server.wait(30)
        self.log.close()

    def js(self, text):
        """What a function body in the page returns; ``app``, ``panel`` and ``book`` are at hand."""
        return self.page.evaluate(f"async () => {{ {_PANEL} {text} }}")

    def until(self, text, seconds=120):
        """Wait until a function body in the page returns something true."""
        self.page.wait_for_function(
            f"() => {{ if (!window.jupyterapp) return false; {_PANEL} {text} }}",
            timeout=1000 * seconds,
            polling=200,
        )

    def open(self, name):
        """Open a notebook and wait for its kernel; forgets what the page said before."""
        self.said.clear()
        self.asked.clear()
        self.page.goto(f"http://127.0.0.1:{self.port}/lab/tree/{name}?reset", timeout=120_000)
        self.until(f"return panel?.context.path === {name!r} && book.model?.cells.length > 9")
        self.until("return panel.sessionContext.session?.kernel?.status === 'idle'")
        self.js("app.shell.collapseLeft(); app.shell.activateById(panel.id)")

    def cells(self):
        """Every cell as it would be saved."""
        return self.js("return [...book.model.cells].map(c => c.toJSON())")

    def write(self, at, source):
        """Put text into a cell."""
        self.js(f"book.model.cells.get({at}).sharedModel.setSource({json.dumps(source)})")

    def type(self, at, what, words):
        """Type over a piece of a cell, as hands would."""
        self.scroll(at)
        place = self.js(
            f"const text = book.model.cells.get({at}).sharedModel.getSource();"
            f"book.activeCellIndex = {at}; book.mode = 'edit';"
            f"const editor = book.widgets[{at}].editor; editor.focus();"
            f"const from = text.indexOf({json.dumps(what)}), at = x => editor.getPositionAt(x);"
            f"editor.setSelection({{start: at(from), end: at(from + {len(what)})}});"
            "return from"
        )
        assert place >= 0, f"cell {at} has no {what}"
        self.page.keyboard.insert_text(words)

    def run(self, at=None, seconds=600):
        """Run a cell, or all, and wait."""
        chosen = "" if at is None else f"book.activeCellIndex = {at};"
        what = "run-all-cells" if at is None else "run-cell"
        self.js(f"{chosen} app.commands.execute('notebook:{what}'); return 1")
        time.sleep(0.3)
        self.until(
            "return panel.sessionContext.session.kernel.status === 'idle' && "
            "[...book.model.cells].every(c => c.type !== 'code' || c.executionState !== 'running')",
            seconds,
        )
        time.sleep(0.2)

    def scroll(self, at):
        """Bring a cell into sight."""
        self.js(f"await book.scrollToItem({at}, 'start')")
        time.sleep(0.4)

    def picture(self, path):
        """What is on the screen now."""
        self.page.screenshot(path=path)

    def pictures(self, folder, name, height=1700):
        """The whole notebook in pieces."""
        self.page.set_viewport_size({**SIZE, "height": height})
        pane = "const pane = book.node.querySelector('.jp-WindowedPanel-outer');"
        step, at, before = height - 200, 0, -9
        for k in range(40):
            self.js(f"{pane} pane.scrollTop = {at}")
            time.sleep(0.5)
            there = self.js(f"{pane} return pane.scrollTop")
            if there <= before + 1:
                break
            self.picture(folder / f"{name}_{k:02d}.png")
            before, at = there, there + step
        self.page.set_viewport_size(SIZE)
        time.sleep(0.5)
