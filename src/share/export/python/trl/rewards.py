"""The reward function of the exported study for TRL: lab_reward in the shape that GRPOTrainer calls."""

from lab_reward import SETTINGS, judge

EOS = set(SETTINGS["eos_token_ids"])


def lab_reward(completions, completion_ids, ground_truth, log_metric=None, log_extra=None, **kwargs) -> list[float]:
    """One reward a completion; logs the share of right and finished ones and the mean of each reward term."""
    judged = [
        judge(completion[0]["content"], truth, len(ids), bool(ids) and ids[-1] in EOS)
        for completion, ids, truth in zip(completions, completion_ids, ground_truth, strict=True)
    ]
    if log_metric:
        log_metric("accuracy", sum(correct for correct, _ in judged) / len(judged))
        for name in {name for _, terms in judged for name in terms}:
            log_metric(f"rewards/{name}/mean", sum(terms.get(name, 0) for _, terms in judged) / len(judged))
    if log_extra:
        log_extra("correct", [correct for correct, _ in judged])
    return [float(sum(terms.values())) for _, terms in judged]
