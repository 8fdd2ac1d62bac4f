"""What the lessons need: checks that say why an answer is wrong, pictures in words, a slider.

An :class:`Exercise` knows its answer as a computation with mgsim, never as a number, and knows the
usual slips, each computed in its own wrong way. A teacher writes a new one as a new object.
"""

from __future__ import annotations

from typing import Any

from mgsim.catalogs.catalog import Catalog
from mgsim.lessons.tools.answers import Choice as Choice
from mgsim.lessons.tools.answers import Count as Count
from mgsim.lessons.tools.answers import Function as Function
from mgsim.lessons.tools.answers import Number as Number
from mgsim.lessons.tools.answers import Numbers as Numbers
from mgsim.lessons.tools.exercise import Exercise as Exercise
from mgsim.lessons.tools.exercise import Mistake as Mistake
from mgsim.lessons.tools.exercise import Solution as Solution
from mgsim.lessons.tools.pictures import BAND as BAND
from mgsim.lessons.tools.pictures import GHOST as GHOST
from mgsim.lessons.tools.pictures import Picture as Picture
from mgsim.lessons.tools.pictures import listing as listing
from mgsim.lessons.tools.pictures import say as say
from mgsim.lessons.tools.pictures import show as show
from mgsim.lessons.tools.reply import Reply as Reply
from mgsim.lessons.tools.reply import compare as compare
from mgsim.lessons.tools.slider import Slider as Slider

#: Every exercise, by name.
exercises: Catalog[Exercise] = Catalog("lessons", "lessons.tools.exercise.Exercise")


def check(exercise: str | Exercise, answer: Any) -> Reply:
    """Whether an answer is right, and if not, why; with more help after each other wrong answer.

    Parameters
    ----------
    exercise : a name in ``exercises``, or an exercise of your own.
    answer : a number, or what else the exercise asks for; None while there is none.

    Examples
    --------
    >>> check("at_rest", 0.945).passed
    False
    """
    return _find(exercise).check(answer)


def solution(exercise: str | Exercise) -> Solution:
    """The solution of an exercise, folded up in a notebook."""
    return Solution(_find(exercise))


def _find(exercise: str | Exercise) -> Exercise:
    found: Exercise = exercise if isinstance(exercise, Exercise) else exercises[exercise]
    return found
