"""The reward function of the exported study for OpenRLHF (`--reward.remote_url reward.py`)."""

import sys
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).resolve().parent))

from lab_reward import judge  # noqa: E402
from lab_tokens import split_query  # noqa: E402


def reward_func(queries, prompts, labels, **kwargs) -> dict:
    """The rewards; as scores, by which dynamic filtering goes, 1 for right, finished responses and 0 for others."""
    rewards, scores = [], []
    for query, prompt, label in zip(queries, prompts, labels, strict=True):
        response, length, finished = split_query(query, prompt)
        correct, terms = judge(response, label, length, finished)
        rewards.append(float(sum(terms.values())))
        scores.append(float(correct))
    return {"rewards": torch.tensor(rewards), "scores": torch.tensor(scores), "extra_logs": {"accuracy": torch.tensor(scores)}}
