"""Cases of the policy objective: a batch and settings each. Every setting alone, the edges, and random combinations."""

import random

import torch

DEFAULTS = dict(
    advantage_estimator="group",
    scale_rewards="group",
    importance_sampling_level="token",
    epsilon=0.2,
    epsilon_high=0.2,
    clip_ratio_c=0,
    loss_type="dr_grpo",
    loss_scale_length=40,
    beta=0,
    kl_estimator="k3",
    entropy_coef=0,
    top_entropy_quantile=1,
    mask_truncated_completions=False,
)


def random_batch(seed, groups=2, n=4, tokens=7, spread=0.3, ref_spread=0.5):
    """`spread` is the standard deviation of logp - logp_old: 0 is on-policy. Inputs are short decimals, rewards and entropies dyadic."""
    generator = torch.Generator().manual_seed(seed)
    size = groups * n
    shape = (size, tokens)
    uniform, normal = (lambda: torch.rand(shape, generator=generator)), (lambda: torch.randn(shape, generator=generator))
    rewards = torch.randint(0, 2, (size,), generator=generator) + torch.randint(0, 3, (size,), generator=generator) / 8
    rewards[0], rewards[1] = 0, 1
    lengths = torch.randint(1, tokens + 1, (size,), generator=generator)
    lengths[0], lengths[-1] = tokens, 1
    logp = (-3 * uniform() - 0.01).round(decimals=5)
    return batch_of(
        groups=groups,
        n=n,
        rewards=rewards.double(),
        lengths=lengths,
        truncated=torch.rand(size, generator=generator) < 0.3,
        logp=logp,
        logp_old=(logp + spread * normal()).round(decimals=5),
        logp_ref=(logp + ref_spread * normal()).round(decimals=5),
        entropy=(3 * 64 * uniform()).round() / 64,
    )


def batch_of(lengths, **rest):
    """As wide as the longest response, with its mask."""
    wide = int(lengths.max())
    rest = {key: value[:, :wide] if getattr(value, "ndim", 0) == 2 else value for key, value in rest.items()}
    return rest | dict(lengths=lengths, mask=torch.arange(wide)[None] < lengths[:, None])


def replaced(batch, **changes):
    return batch_of(**{key: value for key, value in batch.items() if key != "mask"} | changes)


def with_ratios(ratios):
    """Each ratio once in a good response, once in a bad one, once in a middling one."""
    tokens = len(ratios)
    batch = random_batch(seed=7, groups=1, n=3, tokens=tokens)
    logp_old = (batch["logp"] - torch.tensor(ratios).log()).round(decimals=5)
    return replaced(batch, rewards=torch.tensor([1.0, 0.0, 0.25]), lengths=torch.full((3,), tokens), logp_old=logp_old)


def single_cases():
    on, off = random_batch(seed=1, spread=0), random_batch(seed=2)
    one_token = replaced(off, lengths=torch.ones(8, dtype=torch.long))
    flat_group = replaced(off, rewards=torch.tensor([1.0, 1, 1, 1, 0, 1, 0.25, 0]))
    flat_batch = replaced(off, rewards=torch.full((8,), 0.5))
    all_cut = replaced(off, truncated=torch.ones(8, dtype=torch.bool))
    some_cut = replaced(off, truncated=torch.tensor([True, False, False, True, False, False, True, False]))
    both_sides = with_ratios([0.5, 0.79, 0.81, 1.0, 1.19, 1.21, 2.0])
    extreme = with_ratios([0.001, 0.5, 1.0, 2.9, 3.1, 50.0, 1000.0])
    far = random_batch(seed=3, ref_spread=3)
    ties = replaced(off, entropy=(off["entropy"] * 4).round() / 4)
    sequence = dict(importance_sampling_level="sequence")
    return [
        ("on-policy", on, {}),
        ("off-policy", off, {}),
        ("both sides of the clip", both_sides, {}),
        ("pairs", random_batch(seed=4, groups=4, n=2), {}),
        ("one group", random_batch(seed=5, groups=1, n=6), {}),
        ("scale_rewards batch", off, dict(scale_rewards="batch")),
        ("scale_rewards none", off, dict(scale_rewards="none")),
        ("rloo", off, dict(advantage_estimator="rloo")),
        ("reinforce", off, dict(advantage_estimator="reinforce")),
        ("reinforce_baseline", off, dict(advantage_estimator="reinforce_baseline")),
        ("sequence level, on-policy", on, sequence),
        ("sequence level, off-policy", off, sequence | dict(epsilon=0.05, epsilon_high=0.05)),
        ("sequence level, loss_type grpo", off, sequence | dict(epsilon=0.05, epsilon_high=0.08, loss_type="grpo")),
        ("epsilon", off, dict(epsilon=0.1, epsilon_high=0.1)),
        ("epsilon_high", off, dict(epsilon_high=0.28)),
        ("clip_ratio_c", extreme, dict(clip_ratio_c=3)),
        ("loss_type grpo", off, dict(loss_type="grpo")),
        ("loss_type dapo", off, dict(loss_type="dapo")),
        ("loss_type seq_sum", off, dict(loss_type="seq_sum")),
        ("loss_scale_length", off, dict(loss_scale_length=5)),
        ("beta, k1", off, dict(beta=0.04, kl_estimator="k1")),
        ("beta, k2", off, dict(beta=0.04, kl_estimator="k2")),
        ("beta, k3", off, dict(beta=0.04)),
        ("beta, k3, far from the reference", far, dict(beta=0.04)),
        ("entropy_coef", off, dict(entropy_coef=0.01)),
        ("entropy_coef, loss_type dapo", off, dict(entropy_coef=0.01, loss_type="dapo")),
        ("top_entropy_quantile 0.2", off, dict(top_entropy_quantile=0.2)),
        ("top_entropy_quantile 0.5 with beta", off, dict(top_entropy_quantile=0.5, beta=0.04)),
        ("top_entropy_quantile, equal entropies", ties, dict(top_entropy_quantile=0.3)),
        ("mask_truncated_completions", some_cut, dict(mask_truncated_completions=True)),
        ("mask_truncated_completions, grpo", some_cut, dict(mask_truncated_completions=True, loss_type="grpo", beta=0.04)),
        ("mask_truncated_completions, dapo", some_cut, dict(mask_truncated_completions=True, loss_type="dapo", beta=0.04)),
        ("mask_truncated_completions, top entropy", some_cut, dict(mask_truncated_completions=True, top_entropy_quantile=0.4)),
        ("one-token responses", one_token, dict(loss_type="grpo", beta=0.04)),
        ("one-token responses, sequence level", one_token, sequence | dict(loss_type="grpo")),
        ("a group of zero variance", flat_group, {}),
        ("a group of zero variance, batch scaling", flat_group, dict(scale_rewards="batch")),
        ("no variance at all", flat_batch, dict(beta=0.04, loss_type="dapo")),
        ("no variance at all, reinforce", flat_batch, dict(advantage_estimator="reinforce")),
        ("all truncated, dr_grpo", all_cut, dict(mask_truncated_completions=True, beta=0.04)),
        ("all truncated, grpo", all_cut, dict(mask_truncated_completions=True, loss_type="grpo")),
        ("all truncated, dapo", all_cut, dict(mask_truncated_completions=True, loss_type="dapo", top_entropy_quantile=0.5)),
        ("ratios up to 1000", extreme, {}),
        ("ratios up to 1000, sequence level", extreme, sequence),
    ]


def random_cases():
    for seed in range(20):
        draw = random.Random(seed)
        groups, n = draw.randint(1, 3), draw.randint(2, 4)
        batch = random_batch(100 + seed, groups, n, tokens=draw.randint(1, 8), spread=draw.choice([0, 0.3, 0.3, 1]))
        yield f"random {seed}", batch, dict(
            advantage_estimator=draw.choice(["group", "group", "rloo", "reinforce", "reinforce_baseline"]),
            scale_rewards=draw.choice(["group", "batch", "none"]),
            importance_sampling_level=draw.choice(["token", "token", "sequence"]),
            epsilon=draw.choice([0.1, 0.2]),
            epsilon_high=draw.choice([0.2, 0.28]),
            clip_ratio_c=draw.choice([0, 0, 1.5]),
            loss_type=draw.choice(["grpo", "dapo", "dr_grpo", "seq_sum"]),
            loss_scale_length=draw.choice([8, 40]),
            beta=draw.choice([0, 0.04]),
            kl_estimator=draw.choice(["k1", "k2", "k3", "k3"]),
            entropy_coef=draw.choice([0, 0, 0.01]),
            top_entropy_quantile=draw.choice([1, 1, 0.2, 0.6]),
            mask_truncated_completions=draw.choice([False, True]),
        )
