"""A real browser without a window, spoken to by its own protocol."""

import asyncio
import base64
import json
import shutil
import subprocess
import time

from tornado.httpclient import AsyncHTTPClient
from tornado.websocket import websocket_connect

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
#: Pages are tried on this screen, and on a phone of the least width that is common.
DESK, PHONE = (1200, 900), (360, 740)


def found():
    """Where a browser is, None where none is installed."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


class Browser:
    """One page of a browser that runs until it is closed."""

    def __init__(self, program, folder):
        options = "--headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage"
        self.process = subprocess.Popen(
            [
                program,
                *options.split(),
                "--remote-debugging-port=0",
                f"--user-data-dir={folder}",
                "about:blank",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.loop, self.asked, self.said, self.socket = asyncio.new_event_loop(), 0, [], None
        try:
            port = self._until(lambda: (folder / "DevToolsActivePort").read_text().split("\n")[0])
            self.do(self._connect(port))
        except BaseException:
            self.process.kill()
            raise
        for domain in ("Page", "Runtime", "Log", "Network"):
            self(f"{domain}.enable")

    def _until(self, what):
        for _ in range(600):
            try:
                if found := what():
                    return found
            except FileNotFoundError:
                pass
            time.sleep(0.1)
        raise TimeoutError("the browser does not start")

    async def _connect(self, port):
        answer = await AsyncHTTPClient().fetch(f"http://127.0.0.1:{port}/json")
        (page, *_) = (x for x in json.loads(answer.body) if x["type"] == "page")
        self.socket = await websocket_connect(
            page["webSocketDebuggerUrl"], max_message_size=1 << 28
        )

    def do(self, work):
        return self.loop.run_until_complete(asyncio.wait_for(work, 120))

    def __call__(self, method, **given):
        return self.do(self._call(method, given))

    async def _call(self, method, given):
        self.asked += 1
        await self.socket.write_message(
            json.dumps({"id": self.asked, "method": method, "params": given})
        )
        while True:
            message = json.loads(await self.socket.read_message())
            if message.get("id") == self.asked:
                assert "error" not in message, message
                return message["result"]
            self.said.append(message)

    def close(self):
        self.socket.close()
        self.process.terminate()
        self.process.wait(30)
        self.loop.run_until_complete(self.loop.shutdown_asyncgens())
        self.loop.close()

    def open(self, path, size=DESK, scheme="light", media="screen"):
        """Open a file, and wait until it is whole; forgets what was said before."""
        width, height = size
        self.said.clear()
        self(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=size == PHONE,
        )
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self("Emulation.setEmulatedMedia", media=media, features=features)
        self("Page.navigate", url=path if str(path).startswith("about:") else path.as_uri())
        self._until(lambda: self.js("document.readyState") == "complete")

    def js(self, text):
        """The value of an expression in the page."""
        found = self("Runtime.evaluate", expression=text, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    def troubles(self):
        """What the page complained of, and whatever it asked the network for."""
        self.js("1")
        complaints = ("Log.entryAdded", "Runtime.exceptionThrown", "Runtime.consoleAPICalled")
        loud = [m["params"] for m in self.said if m.get("method") in complaints]
        asked = [
            m["params"]["request"]["url"]
            for m in self.said
            if m.get("method") == "Network.requestWillBeSent"
        ]
        return loud, [url for url in asked if not url.startswith("file:")]

    def click(self, selector):
        """Press the mouse in the middle of an element, of its first line where it has several."""
        x, y = self.js(
            f"(() => {{ const e = document.querySelector({selector!r}); e.scrollIntoView("
            "{block: 'center', behavior: 'instant'}); const b = e.getClientRects()[0];"
            " return [b.x + b.width / 2, b.y + b.height / 2]; })()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def type(self, words):
        """Type into what has the focus."""
        for letter in words:
            self("Input.dispatchKeyEvent", type="keyDown", text=letter)
            self("Input.dispatchKeyEvent", type="keyUp")

    def press(self, key, code):
        """Press a key that is no letter."""
        for kind in ("rawKeyDown", "keyUp"):
            self("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code)

    def printed(self):
        """The page as it would be printed."""
        return base64.b64decode(self("Page.printToPDF")["data"])
