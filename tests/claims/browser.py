"""A real browser without a window, driven by Playwright: the system's Chromium, or Playwright's."""

import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
#: Pages are tried on this screen, and on a phone of the least width that is common.
DESK, PHONE = (1200, 900), (360, 740)
_OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]


class Browser:
    """One page of a browser that runs until it is closed.

    Raises
    ------
    FileNotFoundError
        Where there is no Chromium.
    """

    def __init__(self):
        self.playwright = sync_playwright().start()
        self.context = None
        here = next((path for name in NAMES if (path := shutil.which(name))), None)
        program = here or self.playwright.chromium.executable_path
        try:
            if not Path(program).exists():
                raise FileNotFoundError("no Chromium: 'python -m playwright install chromium'")
            self.browser = self.playwright.chromium.launch(executable_path=program, args=_OPTIONS)
        except BaseException:
            self.playwright.stop()
            raise

    def close(self):
        self.browser.close()
        self.playwright.stop()

    def open(self, path, size=DESK, scheme="light", media="screen"):
        """Open a file, and wait until it is whole; forgets what was said before."""
        if self.context is not None:
            self.context.close()
        width, height = size
        self.context = self.browser.new_context(
            viewport={"width": width, "height": height},
            is_mobile=size == PHONE,
            color_scheme=scheme,
        )
        self.page, self.said, self.asked = self.context.new_page(), [], []
        self.page.on("console", lambda x: self.said.append(x.text))
        self.page.on("pageerror", lambda x: self.said.append(str(x)))
        self.page.on("request", lambda x: self.asked.append(x.url))
        self.page.emulate_media(media=media)
        self.page.goto(path.as_uri())

    def js(self, text):
        """The value of an expression in the page."""
        return self.page.evaluate(text)

    def troubles(self):
        """What the page complained of, and whatever it asked the network for."""
        return self.said, [url for url in self.asked if not url.startswith("file:")]

    def click(self, selector):
        """Press the mouse in the middle of an element."""
        self.page.click(selector)

    def type(self, words):
        """Type into what has the focus."""
        self.page.keyboard.type(words)

    def press(self, key):
        """Press a key that is no letter."""
        self.page.keyboard.press(key)

    def printed(self):
        """The page as it would be printed."""
        return self.page.pdf()
