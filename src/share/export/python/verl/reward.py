"""The reward function of the exported study for verl (`reward.custom_reward_function`)."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from lab_reward import judge  # noqa: E402
from lab_tokens import measure  # noqa: E402


def compute_score(data_source, solution_str, ground_truth, extra_info=None, **kwargs) -> dict:
    """The reward under `score`; `acc` is 1 for a right, finished response."""
    length, finished = measure(solution_str)
    correct, terms = judge(solution_str, ground_truth, length, finished)
    return {"score": float(sum(terms.values())), "acc": float(correct)}
