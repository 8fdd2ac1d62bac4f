"""JupyterLab in a real browser: opens a notebook, edits and runs its cells, sees what it shows."""

import base64
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
from browser import Browser, found

#: What would show an environment more than is installed there.
UNSET = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")
#: A laptop's screen.
SIZE = (1300, 1000)
#: The notebook that is in front, and its model.
_PANEL = (
    "const app = window.jupyterapp, panel = [...app.shell.widgets('main')].find(w => w.context),"
    " book = panel.content;"
)
#: JupyterLab asks for no news and no updates: the lessons need no network.
_QUIET = {"fetchNews": "false", "checkForUpdates": False}


class Lab:
    """A server on a folder with notebooks, and a browser that looks at it, until closed.

    ``python`` : that of an environment with JupyterLab; ``home`` : where it keeps its settings.
    """

    def __init__(self, python, folder, home):
        program = found()
        if program is None:
            raise SystemExit(
                "no Chromium or Chrome is installed: its browser is what tries the lessons"
            )
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        own = {k: v for k, v in os.environ.items() if k not in UNSET}
        for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR", "MGSIM_CACHE"):
            (home / name.lower()).mkdir(parents=True, exist_ok=True)
            own[name] = str(home / name.lower())
        options = ("--no-browser", "--allow-root", f"--ServerApp.root_dir={folder}")
        options += (
            f"--port={self.port}",
            "--ServerApp.port_retries=0",
            "--IdentityProvider.token=",
        )
        options += ("--LabApp.expose_app_in_browser=True",)
        settings = home / "jupyter_config_dir/lab/user-settings/@jupyterlab/apputils-extension"
        settings.mkdir(parents=True, exist_ok=True)
        (settings / "notification.jupyterlab-settings").write_text(json.dumps(_QUIET))
        self.log = (home / "server.log").open("w")
        self.server = subprocess.Popen(
            [str(python), "-m", "jupyterlab", *options], env=own, stdout=self.log, stderr=self.log
        )
        try:
            self._wait_for_server()
            self.page = Browser(program, home / "browser")
        except BaseException:
            self.server.kill()
            raise

    def _wait_for_server(self):
        for _ in range(600):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api", timeout=5).close()
                return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        raise TimeoutError("JupyterLab does not start")

    def close(self):
        self.page.close()
        self.server.terminate()
        self.server.wait(30)
        self.log.close()

    def js(self, text):
        """What a function body in the page returns; ``app``, ``panel`` and ``book`` are at hand."""
        return self.page.js(f"(async () => {{ {_PANEL} {text} }})()")

    def until(self, text, seconds=60):
        """Wait until a function body in the page returns something true."""
        last = None
        for _ in range(int(seconds * 5)):
            try:
                if got := self.js(text):
                    return got
            except AssertionError as error:  # the page is not that far
                last = error
            time.sleep(0.2)
        raise TimeoutError(f"the page never came so far: {text} {last or ''}")

    def open(self, name):
        """Open a notebook and wait for its kernel; forgets what the page said before."""
        self.page.said.clear()
        self.page(
            "Emulation.setDeviceMetricsOverride",
            width=SIZE[0],
            height=SIZE[1],
            deviceScaleFactor=1,
            mobile=False,
        )
        self.page("Page.navigate", url=f"http://127.0.0.1:{self.port}/lab/tree/{name}?reset")
        self.until(f"return panel.context?.path === {name!r} && book.model.cells.length > 9")
        self.until("return panel.sessionContext.session?.kernel?.status === 'idle'")
        self.js("app.shell.collapseLeft(); app.shell.activateById(panel.id)")

    def cells(self):
        """Every cell as it would be saved."""
        return json.loads(
            self.js("return JSON.stringify([...book.model.cells].map(c => c.toJSON()))")
        )

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
        self.page("Input.insertText", text=words)

    def run(self, at=None, seconds=400):
        """Run a cell, or all, and wait."""
        if at is None:
            self.js("app.commands.execute('notebook:run-all-cells'); return 1")
        else:
            self.js(
                f"book.activeCellIndex = {at};app.commands.execute('notebook:run-cell'); return 1"
            )
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
        path.write_bytes(base64.b64decode(self.page("Page.captureScreenshot")["data"]))

    def pictures(self, folder, name, height=1700):
        """The whole notebook in pieces."""
        self._size(height)
        at = -1.0
        self._scroll_to(0)
        for k in range(40):
            self.picture(folder / f"{name}_{k:02d}.png")
            before, at = (
                at,
                self.js("return book.node.querySelector('.jp-WindowedPanel-outer').scrollTop"),
            )
            if k and at <= before + 1:
                (folder / f"{name}_{k:02d}.png").unlink()
                break
            self._scroll_to(at + height - 200)
        self._size(SIZE[1])

    def _scroll_to(self, at):
        self.js(f"book.node.querySelector('.jp-WindowedPanel-outer').scrollTop = {at}")
        time.sleep(0.5)

    def _size(self, height):
        self.page(
            "Emulation.setDeviceMetricsOverride",
            width=SIZE[0],
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )
        time.sleep(0.5)

    def mouse(self, kind, x, y):
        """The left button pressed, moved or released."""
        self.page(
            "Input.dispatchMouseEvent",
            type=f"mouse{kind}",
            x=x,
            y=y,
            button="left",
            buttons=0 if kind == "Released" else 1,
            clickCount=1,
        )
