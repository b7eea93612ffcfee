"""Golden cases for the GRPO objective: its value and its gradient by autograd, in float64.

    python3 e2e/golden/make_grpo.py        (torch 2.13; writes grpo.json beside this file)

Formulas as in TRL's GRPOTrainer, loss_type "dr_grpo", B responses in groups of n to the same prompt:

    advantage   A = (r - mean) / (std + 1e-4) within the group, Bessel-corrected std ("group"), or r - mean ("none")
    ratio       rho = exp(logp - logp_old)
    k3          exp(logp_ref - logp) - (logp_ref - logp) - 1
    token loss  -min(rho A, clip(rho, 1 - epsilon, 1 + epsilon) A) + beta k3
    loss        sum of token losses under the mask / (B * loss_scale_length)
    clipped     shares of the masked tokens: low (rho < 1 - epsilon, A < 0), high (rho > 1 + epsilon, A > 0), region (either)
    kl          mean of k3 under the mask

rewards are [groups][n]; advantages [B]; mask, logp, logp_old, logp_ref and gradient (d loss / d logp) are [B][tokens], B = groups * n.
Values outside the mask are arbitrary and must not count.
"""

import json
from pathlib import Path

import torch

LOSS_SCALE_LENGTH = 40
EPSILON = 0.2
torch.set_default_dtype(torch.float64)


def random_case(seed, groups, n, tokens, spread, holes=False):
    """`spread` is the standard deviation of logp - logp_old: 0 is on-policy."""
    generator = torch.Generator().manual_seed(seed)
    batch = groups * n
    rewards = torch.randint(0, 2, (groups, n), generator=generator).double()
    rewards[0, 0], rewards[0, 1] = 0, 1
    lengths = torch.randint(1, tokens + 1, (batch,), generator=generator)
    lengths[0], lengths[-1] = tokens, 1
    mask = torch.arange(tokens)[None] < lengths[:, None]
    if holes:  # tokens inserted by a tool carry no loss
        mask &= torch.rand(batch, tokens, generator=generator) > 0.3
    logp = -torch.rand(batch, tokens, generator=generator) * 3
    return dict(
        rewards=rewards,
        mask=mask,
        logp=logp,
        logp_old=logp + spread * torch.randn(batch, tokens, generator=generator),
        logp_ref=logp + 0.5 * torch.randn(batch, tokens, generator=generator),
    )


def both_sides_of_the_clip():
    """One token per combination: ratio below, inside and above the clip, for a good and for a bad response."""
    ratios = torch.tensor([[0.5, 0.79, 0.81, 1.0, 1.19, 1.21, 2.0]] * 2)
    logp = torch.linspace(-2, -0.1, 14).view(2, 7)
    return dict(
        rewards=torch.tensor([[1.0, 0.0]]),
        mask=torch.ones(2, 7, dtype=torch.bool),
        logp=logp,
        logp_old=logp - ratios.log(),
        logp_ref=logp.flip(1),
    )


def zero_variance():
    """Two groups whose rewards are all alike teach nothing by themselves; the third does. Only the KL term moves the first two."""
    case = random_case(seed=5, groups=3, n=4, tokens=6, spread=0.3)
    case["rewards"] = torch.tensor([[1.0] * 4, [0.0] * 4, [1.0, 0.0, 0.0, 0.25]])
    return case


def objective(case, beta, scale_rewards):
    rewards, mask = case["rewards"], case["mask"]
    advantages = rewards - rewards.mean(1, keepdim=True)
    if scale_rewards == "group":
        advantages = advantages / (rewards.std(1, keepdim=True) + 1e-4)
    a = advantages.reshape(-1, 1)

    logp = case["logp"].clone().requires_grad_()
    ratio = torch.exp(logp - case["logp_old"])
    k3 = torch.exp(case["logp_ref"] - logp) - (case["logp_ref"] - logp) - 1
    token_loss = -torch.min(ratio * a, ratio.clamp(1 - EPSILON, 1 + EPSILON) * a) + beta * k3
    loss = (token_loss * mask).sum() / (len(a) * LOSS_SCALE_LENGTH)
    loss.backward()

    share = lambda condition: (condition & mask).sum().item() / mask.sum().item()
    low, high = (ratio < 1 - EPSILON) & (a < 0), (ratio > 1 + EPSILON) & (a > 0)
    return dict(
        advantages=a[:, 0].tolist(),
        loss=loss.item(),
        gradient=logp.grad.tolist(),
        clipped=dict(low=share(low), high=share(high), region=share(low | high)),
        kl=(k3 * mask).sum().item() / mask.sum().item(),
    )


CASES = {
    "on-policy": random_case(seed=1, groups=2, n=4, tokens=7, spread=0),
    "off-policy": random_case(seed=2, groups=3, n=4, tokens=9, spread=0.4),
    "masked tool tokens": random_case(seed=3, groups=2, n=3, tokens=8, spread=0.4, holes=True),
    "both sides of the clip": both_sides_of_the_clip(),
    "zero-variance groups": zero_variance(),
}

cases = [
    dict(
        name=name,
        epsilon=EPSILON,
        beta=beta,
        loss_scale_length=LOSS_SCALE_LENGTH,
        scale_rewards=scale_rewards,
        **{key: (value.int() if key == "mask" else value).tolist() for key, value in case.items()},
        **objective(case, beta, scale_rewards),
    )
    for name, case in CASES.items()
    for beta in (0.0, 0.04)
    for scale_rewards in ("group", "none")
]
lines = ",\n".join(json.dumps(case) for case in cases)
(Path(__file__).parent / "grpo.json").write_text(f"[\n{lines}\n]\n")
