"""Play every lesson as a student would, in JupyterLab in a browser, and take its pictures.

    python tests/lab/run.py                       all lessons, in a fresh environment
    python tests/lab/run.py 3 5 --again           two of them, in the environment of the last run

A wheel is built and laid in a folder without the repository; the environment has JupyterLab and
no mgsim. So the first cell of the first lesson has to install it, from the wheel, which is the
address written into the notebooks. Then each lesson is run untouched; with predictions; its
exercises are answered wrong twice, and right, and it is run with the solutions in place; its
sliders are dragged and switched, and shown where nothing may run. What is not as it should be is
printed and makes the status 1. Pictures: build/lab/pictures.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import time
import warnings
from pathlib import Path

from lab import UNSET, Browser, Lab

from mgsim import lessons

ROOT = Path(__file__).resolve().parents[2]
BUILT = ROOT / "build" / "lab"
PICTURES = BUILT / "pictures"
LOCK = ROOT / "requirements" / "lock-{}.{}.txt".format(*sys.version_info)
PYTHON = BUILT / "environment" / "bin" / "python"
#: Longer than this a move of a slider is not followed by the eye.
MOVE = 100.0  # ms
_PREDICTION = re.compile(r"^(my_\w+) = None(?:  # (.*))?$", re.MULTILINE)
_CHECK = re.compile(r'^lessons\.check\("(\w+)", (\w+)\)$', re.MULTILINE)
#: What a slow machine is told of a run.
_PROGRESS = re.compile(r"^mgsim: .* points .*$", re.MULTILINE)
_ADDRESS = re.compile(r'^address = "(.+?)"', re.MULTILINE)


def call(*words):
    bare = {k: v for k, v in os.environ.items() if k not in UNSET}
    subprocess.run([str(w) for w in words], check=True, cwd=BUILT, env=bare)


def prepare(again):
    """A wheel; an environment with JupyterLab and, unless it is used again, without mgsim."""
    again = again and PYTHON.exists()
    shutil.rmtree(BUILT / "wheel" if again else BUILT, ignore_errors=True)
    tree = BUILT / "tree"
    tree.mkdir(parents=True)
    for name in ("src", "pyproject.toml", "README.md", "LICENSE"):  # no left-overs of other builds
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, tree / name)
    call(sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", BUILT / "wheel", tree)
    shutil.rmtree(tree)
    if again:
        call(PYTHON, "-m", "pip", "install", "-q", "--no-deps", "--force-reinstall", wheel())
    else:
        call(sys.executable, "-m", "venv", BUILT / "environment")
        pins = ["-c", LOCK] if LOCK.exists() else []
        call(PYTHON, "-m", "pip", "install", "-q", *pins, "jupyterlab", "ipykernel")
    return again


def wheel():
    """The wheel that was built."""
    (built,) = (BUILT / "wheel").glob("*.whl")
    return built


def laid(folder):
    """The notebooks alone in a folder, with the wheel as the address of mgsim."""
    folder.mkdir(parents=True)
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        text = path.read_text(encoding="utf-8")
        new, found = re.subn(r'(?<=address = \\")[^"\\]*', str(wheel()), text, count=1)
        assert found, f"{path.name} has no address"
        (folder / path.name).write_text(new, encoding="utf-8")
        yield path.name


class Play:
    """One lesson in the lab; ``faults`` fills up."""

    def __init__(self, lab, name, exercises, installs):
        self.lab, self.name, self.exercises = lab, name, exercises
        self.installs, self.faults = installs, []
        lab.open(name)
        self.sources = [("".join(c["source"]), c["cell_type"]) for c in lab.cells()]

    def wrong(self, words):
        print(f"  {self.name}: {words}", flush=True)
        self.faults.append(words)

    def shown(self, at=None):
        """What a cell shows, or all do, as one text."""
        cells = self.lab.cells()
        return "\n".join(
            "".join(data) if isinstance(data, list) else str(data)
            for cell in (cells if at is None else [cells[at]])
            for out in cell.get("outputs", ())
            for data in out.get("data", {"text": out.get("text", "")}).values()
        )

    def clean(self, when):
        """No error, nothing on standard error, every cell was run."""
        for at, cell in enumerate(self.lab.cells()):
            for out in cell.get("outputs", ()):
                if out["output_type"] == "error":
                    self.wrong(f"{when}, cell {at}: {out['ename']}: {out['evalue']}")
                if out.get("name") == "stderr" and not _ADDRESS.search("".join(cell["source"])):
                    said = _PROGRESS.sub("", "".join(out["text"])).strip()
                    if said:
                        self.wrong(f"{when}, cell {at} on standard error: {said}")
            if cell["cell_type"] == "code" and cell["execution_count"] is None:
                self.wrong(f"{when}, cell {at} was not run")

    def untouched(self):
        """As it is opened: figures wait for predictions, checks for answers."""
        self.lab.run()
        self.clean("untouched")
        shown = self.shown()
        if self.installs and "installing it" not in shown:
            self.wrong("the first cell did not install mgsim, or did not say so")
        asked = sum(len(_CHECK.findall(source)) for source, _ in self.sources)
        if shown.count("No answer yet") < asked:
            self.wrong("an exercise without an answer does not say so")
        if "Predict first" not in shown:
            self.wrong("nothing waits for a prediction")

    def predicted(self):
        """With every prediction written, nothing waits any more."""
        first = True
        for at, (source, kind) in enumerate(self.sources):
            if kind != "code" or _CHECK.search(source):
                continue
            new = _PREDICTION.sub(lambda m: m[0].replace("None", guess(*m.groups()), 1), source)
            new = re.sub(r'("[A-F]": )None', r'\1"a guess"', new)
            if new == source:
                continue
            if first:  # by hand, the rest at once
                what = _PREDICTION.search(source)
                self.lab.type(
                    at, what[0].partition("  #")[0], f"{what[1]} = {guess(*what.groups())}"
                )
                first = False
            self.lab.write(at, new)
        self.lab.run()
        self.clean("predicted")
        waiting = re.sub(r"No answer yet.*", "", self.shown())
        if "Predict first" in waiting:
            self.wrong("a figure still waits after all predictions")

    def answered(self):
        """Each exercise: two wrong answers, help that grows, the solution."""
        for at, (source, _) in enumerate(self.sources):
            for name, variable in _CHECK.findall(source):
                exercise = self.exercises[name]
                one, two, *_ = exercise.slips
                for k, slip in enumerate((one, two)):
                    said = self.answer(at, source, variable, repr(slip.value))
                    if "Not yet" not in said or (k and exercise.hint not in said):
                        self.wrong(f"{name}, answer {slip.value!r}: {said[:300]}")
                *before, last = exercise.code.splitlines()
                said = self.answer(at, source, variable, last, "\n".join(before))
                if "Right" not in said:
                    self.wrong(f"{name}, its solution: {said[:300]}")

    def answer(self, at, source, variable, value, before=""):
        new = re.sub(
            rf"^{variable} = None.*$",
            lambda m: f"{before}\n{variable} = {value}",
            source,
            flags=re.MULTILINE,
        )
        self.lab.write(at, new)
        self.lab.run(at)
        return self.shown(at)

    def dragged(self):
        """Each slider dragged by the mouse, moved fast, switched and sent back."""
        seen = 0
        for at, (source, _) in enumerate(self.sources):
            if "lessons.Slider(" not in source:
                continue
            seen += 1
            self.lab.scroll(at)
            box = f"const box = book.widgets[{at}].node.querySelector('[data-slider]'),"
            box += " bar = box.querySelector('input[type=range]'),"
            box += " all = [...box.querySelectorAll('[data-value]')], seen = x => x.offsetHeight;"
            state = box + "return [box.querySelector('output').textContent, bar.value,"
            state += " all.findIndex(seen), all.filter(seen).length]"
            place = (
                "const b = bar.getBoundingClientRect(); return [b.x, b.y + b.height / 2, b.width]"
            )
            x, y, wide = self.lab.js(box + "bar.scrollIntoView({block: 'start'});" + place)
            first = self.lab.js(state)
            part = int(first[1]) / int(self.lab.js(box + "return bar.max"))
            start = x + 8 + part * (wide - 16)
            self.lab.page.mouse.move(start, y)
            self.lab.page.mouse.down()
            met = set()
            for to in (0.97, 0.03, 0.8) if part < 0.5 else (0.03, 0.97, 0.2):
                self.lab.page.mouse.move(x + to * wide, y)
                met.add(self.lab.js(state)[0])
            if len(met) < 2:
                self.wrong(f"the slider of cell {at} does not follow the mouse: {met}")
            self.lab.picture(PICTURES / f"{self.name[:2]}_dragged_{at}.png")
            self.lab.page.mouse.up()
            if self.lab.js(state)[3] != 1:
                self.wrong(f"the slider of cell {at} shows several pictures at once")
            ms = self.lab.js(
                box + "const t = performance.now(); for (let i = 0; i < 40; i++) {"
                "bar.value = i % (+bar.max + 1); bar.dispatchEvent(new Event('input'));"
                "box.offsetHeight} return (performance.now() - t) / 40"
            )
            print(f"  {self.name}: {ms:.1f} ms a move", flush=True)
            if ms > MOVE:
                self.wrong(f"a move of the slider of cell {at} takes {ms:.0f} ms")
            options = self.lab.js(box + "return box.querySelectorAll('input[type=radio]').length")
            for k in range(options):
                self.lab.js(box + f"box.querySelectorAll('input[type=radio]')[{k}].click()")
                shown = self.lab.js(state)
                if shown[2] // (int(self.lab.js(box + "return bar.max")) + 1) != k:
                    self.wrong(f"the switch of cell {at} does not show its option {k}: {shown}")
            self.lab.js(box + "box.querySelector('button').click()")
            if self.lab.js(state) != first:
                self.wrong(f"the way back of cell {at} does not lead back")
        if not seen:
            self.wrong("no slider")

    def elsewhere(self, folder):
        """Saved, and opened by somebody who did not run it: no scripts, but the stills."""
        self.lab.js("await app.commands.execute('docmanager:save')")
        book = json.loads((folder / self.name).read_text(encoding="utf-8"))
        book["cells"][0]["source"] = "Changed, so that no signature says that it is trusted."
        (folder / "elsewhere.ipynb").write_text(json.dumps(book), encoding="utf-8")
        self.lab.open("elsewhere.ipynb")
        for at, (source, _) in enumerate(self.sources):
            if "lessons.Slider(" in source:
                self.lab.scroll(at)
                node = f"const node = book.widgets[{at}].node; "
                scripts, shown, stills = self.lab.js(
                    node + "const images = [...node.querySelectorAll('img')];"
                    "const seen = () => images.filter(x => x.checkVisibility()).length;"
                    "const shown = seen();"
                    "node.querySelector('details').open = true;"
                    "const scripts = node.querySelectorAll('[oninput], [onclick]').length;"
                    "return [scripts, shown, seen() - shown]"
                )
                if scripts or shown != 1 or not stills:
                    self.wrong(
                        f"elsewhere cell {at} has {scripts} scripts, shows {shown} pictures, and "
                        f"{stills} stills"
                    )
                self.lab.picture(PICTURES / f"{self.name[:2]}_elsewhere_{at}.png")

    def told(self):
        """Nothing in the page complains, every image has words, the network is not asked."""
        for kind, text in self.lab.said:
            if kind == "error":
                self.wrong(f"the page complains: {text[:300]}")
        own = (f"http://127.0.0.1:{self.lab.port}/", "data:", "blob:")
        for url in self.lab.asked:
            if not url.startswith(own):
                self.wrong(f"the page asked the network for {url[:200]}")
        bare = [
            i for i in re.findall(r"<img [^>]*>", self.shown()) if not re.search('alt="[^"]', i)
        ]
        kinds = {
            k for c in self.lab.cells() for o in c.get("outputs", ()) for k in o.get("data", ())
        }
        if bare or "image/png" in kinds:
            self.wrong("an image has no words")


def guess(variable, about):
    """What a student might write: the second of the words that are offered, or a number."""
    words = re.findall(r'"([^"]+)"', about or "")
    if words:
        return repr(words[1 if len(words) > 1 else 0])
    return repr("I think so") if variable.startswith("my_reason") else "12"


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("lessons", nargs="*", type=int, help="by number; all where none is named")
    parser.add_argument("--again", action="store_true", help="in the environment of the last run")
    options = parser.parse_args()
    there = [int(p.name[:2]) for p in sorted((ROOT / "notebooks").glob("*.ipynb"))]
    if lost := set(options.lessons) - set(there):
        parser.error(f"no lesson {min(lost)}: there are {there[0]} to {there[-1]}")
    Browser().close()  # before minutes of work, whether there is one
    warnings.filterwarnings("ignore", message=".*extrapolate")
    again = prepare(options.again)
    run = BUILT / "run"
    shutil.rmtree(run, ignore_errors=True)
    PICTURES.mkdir(exist_ok=True)
    names = list(laid(run / "lessons"))
    played = [n for n in names if not options.lessons or int(n[:2]) in options.lessons]
    known = dict(lessons.exercises)
    lab, faults = Lab(PYTHON, run / "lessons", run / "home"), []
    try:
        for name in played:
            start = time.monotonic()
            play = Play(lab, name, known, installs=not again and name == played[0])
            play.untouched()
            untouched = time.monotonic() - start
            lab.pictures(PICTURES, f"{name[:2]}_untouched")
            play.predicted()
            play.dragged()
            play.answered()
            lab.run()
            play.clean("with the solutions in place")
            lab.pictures(PICTURES, f"{name[:2]}_played")
            play.told()
            play.elsewhere(run / "lessons")
            faults += play.faults
            seconds = time.monotonic() - start
            print(
                f"{name}: {untouched:.0f} s untouched, {seconds:.0f} s in all, "
                f"{len(play.faults)} faults",
                flush=True,
            )
    finally:
        lab.close()
    print(f"pictures: {PICTURES}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
