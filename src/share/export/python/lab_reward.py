"""What a response earns, term by term, as in the Reasoning RL Lab; the weights are in reward.json beside this file."""

import json
import re
from pathlib import Path

from lab_checker import WHITE, is_right

SETTINGS = json.loads((Path(__file__).parent / "reward.json").read_text(encoding="utf-8"))
MOST_ACTIONS = 20
TAGS = ["<think>", "</think>", "<answer>", "</answer>"]


def judge(response: str, ground_truth: str, length: int, finished: bool, settings: dict = SETTINGS) -> tuple[bool, dict[str, float]]:
    """Whether a response is right and finished, and its reward terms, which add up; those of weight 0 are left out.

    ground_truth: JSON, see lab_checker. length: tokens, the end-of-sequence token included. finished: not cut at the limit.
    """
    response, stopped = cut_at_stop(response, settings["stop"])
    correct = (finished or stopped) and is_right(response, json.loads(ground_truth))
    if settings["require_format"] and not has_zero_format(response):
        return correct, {"output": 0.0}
    limit = settings["max_completion_length"]
    terms = {"output": settings["output"] if correct else settings["wrong"]}
    if settings["format"] != 0:
        terms["format"] = settings["format"] if has_zero_format(response) else 0.0
    if settings["length"] != 0:
        terms["length"] = settings["length"] * length / limit
    if settings["actions"] != 0:
        count = min(count_actions(response, settings["action_words"]), MOST_ACTIONS)
        terms["actions"] = settings["actions"] * count / MOST_ACTIONS
    if settings["overlong"] != 0:
        buffer = settings["overlong_buffer"]
        beyond = max(0, length - (limit - buffer))
        terms["overlong"] = -settings["overlong"] * min(beyond, buffer) / buffer
    return correct, terms


def cut_at_stop(response: str, stops: list[str]) -> tuple[str, bool]:
    """A stop string ends a response and stays in it, even where the sampler wrote on."""
    ends = [response.find(stop) + len(stop) for stop in stops if stop in response]
    return (response[: min(ends)], True) if ends else (response, False)


def has_zero_format(response: str) -> bool:
    """<think> … </think><answer> … </answer>: each tag once and in order, both parts non-empty, nothing outside."""
    text = response.strip(WHITE)
    whole = text if text.startswith("<think>") else f"<think>{text}"
    if any(whole.count(tag) != 1 for tag in TAGS):
        return False
    parts = re.fullmatch(r"<think>(.*)</think>(.*)<answer>(.*)</answer>", whole, re.DOTALL)
    if not parts:
        return False
    think, between, answer = (part.strip(WHITE) for part in parts.groups())
    return think != "" and between == "" and answer != ""


def count_actions(text: str, words: list[str]) -> int:
    """How often the words occur, whole and in any case; the words of a phrase may be joined by white space or a hyphen."""
    if not words:
        return 0
    alternatives = [re.escape(w).replace(r"\ ", rf"[{WHITE}-]+") for w in sorted(words, key=len, reverse=True)]
    return len(re.findall(rf"(?<!\w)(?:{'|'.join(alternatives)})(?!\w)", text, re.IGNORECASE))
