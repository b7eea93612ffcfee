"""Golden cases for the policy objective: its value and its gradients in float64, checked against the code of TRL and of verl.

    pip install torch transformers trl accelerate datasets && pip install --no-deps verl
    python3 e2e/golden/make_objective.py        (torch 2.13, trl 1.16, verl 0.9.1; writes objective.json beside this file)

B responses in `groups` groups of `n` to the same question, of `lengths` tokens. logp, logp_old, logp_ref and entropy are [B][length].

    advantage      group               (r - group mean) / (std + 1e-4), Bessel-corrected std of the group or of the batch, or undivided
                   rloo                r - mean of the others of the group
                   reinforce           r, whitened over all completion tokens of the batch: (r - mean) / sqrt(var + 1e-8), Bessel-corrected
                   reinforce_baseline  r - group mean, whitened in the same way
    ratio          rho = exp(logp - logp_old), or exp of its mean over the response ("sequence")
    policy term    max(-rho A, -clip(rho, 1 - epsilon, 1 + epsilon_high) A); for A < 0 at most clip_ratio_c |A| (0 is off);
                   0 for tokens whose entropy is below the (1 - top_entropy_quantile) quantile of the unmasked tokens
    KL estimators  k1 = logp - logp_ref, k2 = k1^2 / 2, k3 = exp(-k1) - 1 + k1
    token loss     policy term + beta KL - entropy_coef entropy
    loss           grpo     mean over responses of the mean over their tokens
                   dapo     sum over tokens / tokens
                   dr_grpo  sum over tokens / (B loss_scale_length)
                   seq_sum  sum over tokens / B
    clip           shares of the unmasked tokens: low (rho < 1 - epsilon, A < 0), high (rho > 1 + epsilon_high, A > 0), region (either)
    kl             mean of the estimator over the unmasked tokens; 0 without beta

With mask_truncated_completions no token of a truncated response counts anywhere but in its advantage; B still counts the response.

The numbers are those of `objective` below. "source" names the framework whose own functions gave the same ("pytorch": neither
has all the settings of the case). TRL agrees to 1e-10: its trainer generates, scores and computes the loss, and only the
log-probs and entropies are given. verl agrees to 2e-8, because its means add 1e-8 to the count.
"""

import json
from pathlib import Path

import torch
from objective_cases import DEFAULTS, random_cases, single_cases
from objective_frameworks import trl_has, trl_objective, verl_has, verl_objective

torch.set_default_dtype(torch.float64)


def advantages_of(settings, batch):
    """[B]"""
    grouped = batch["rewards"].view(batch["groups"], batch["n"])
    centred = grouped - grouped.mean(1, keepdim=True)
    estimator, scale = settings["advantage_estimator"], settings["scale_rewards"]
    if estimator == "group":
        std = grouped.std(1, keepdim=True) if scale == "group" else grouped.std()
        return (centred if scale == "none" else centred / (std + 1e-4)).flatten()
    if estimator == "rloo":
        others = (grouped.sum(1, keepdim=True) - grouped) / (batch["n"] - 1)
        return (grouped - others).flatten()
    scores = grouped if estimator == "reinforce" else centred
    per_token = scores.flatten().repeat_interleave(batch["lengths"])
    return (scores.flatten() - per_token.mean()) / (per_token.var() + 1e-8).sqrt()


def top_entropy(entropy, mask, quantile):
    """[B, T] bool: the tokens that carry the policy term. TRL takes the quantile in float32; the cases do not depend on that."""
    if quantile >= 1 or not mask.any():
        return mask
    of = lambda entropy: mask & (entropy >= torch.quantile(entropy[mask], 1 - quantile))
    assert of(entropy).equal(of(entropy.float())), "choose entropies whose quantile does not hang on rounding"
    return of(entropy)


def aggregate(token_loss, mask, settings):
    """[B, T] to a scalar"""
    token_loss, responses = token_loss * mask, len(mask)
    match settings["loss_type"]:
        case "grpo":
            return (token_loss.sum(1) / mask.sum(1).clamp(min=1)).mean()
        case "dapo":
            return token_loss.sum() / mask.sum().clamp(min=1)
        case "dr_grpo":
            return token_loss.sum() / (responses * settings["loss_scale_length"])
        case "seq_sum":
            return token_loss.sum() / responses


def loss_mask(settings, batch):
    """[B, T] bool"""
    left_out = batch["truncated"] & settings["mask_truncated_completions"]
    return batch["mask"] & ~left_out[:, None]


def objective(settings, batch):
    mask = loss_mask(settings, batch)
    advantages = advantages_of(settings, batch)
    a = advantages[:, None]
    logp, entropy = (batch[key].clone().requires_grad_() for key in ("logp", "entropy"))

    log_ratio = logp - batch["logp_old"]
    if settings["importance_sampling_level"] == "sequence":
        mean = (log_ratio * mask).sum(1, keepdim=True) / mask.sum(1, keepdim=True).clamp(min=1)
        log_ratio = mean.expand_as(logp)
    ratio = log_ratio.exp()
    below, above = 1 - settings["epsilon"], 1 + settings["epsilon_high"]
    token_loss = torch.max(-ratio * a, -ratio.clamp(below, above) * a)
    if settings["clip_ratio_c"]:
        token_loss = torch.where(a < 0, torch.min(token_loss, -settings["clip_ratio_c"] * a), token_loss)
    token_loss = token_loss * top_entropy(batch["entropy"], mask, settings["top_entropy_quantile"])

    k1 = logp - batch["logp_ref"]
    kl = {"k1": k1, "k2": k1**2 / 2, "k3": torch.exp(-k1) - 1 + k1}[settings["kl_estimator"]]
    if settings["beta"]:
        token_loss = token_loss + settings["beta"] * kl
    token_loss = token_loss - settings["entropy_coef"] * entropy
    loss = aggregate(token_loss, mask, settings)
    loss.backward()

    mean = lambda values: (values * mask).sum() / mask.sum().clamp(min=1)
    low, high = (ratio < below) & (a < 0), (ratio > above) & (a > 0)
    return dict(
        advantages=advantages,
        loss=loss.detach(),
        gradient=logp.grad,
        entropy_gradient=entropy.grad,
        clip=torch.stack([mean(low), mean(high), mean(low | high)]),
        kl=mean(kl).detach() if settings["beta"] else torch.zeros(()),
    )


def check(name, got, expected, tolerance):
    """Compares what the framework has; its values outside the mask are free."""
    for key, value in got.items():
        want = expected["clip"][2] if key == "region" else expected[key]
        within = 1e-6 if key in ("clip", "region") else tolerance  # shares are float32 in both frameworks
        torch.testing.assert_close(
            value.double(), want.double(), rtol=within, atol=within, msg=lambda text: f"{name}: {key}: {text}"
        )


def main():
    cases = []
    for name, batch, changes in [*single_cases(), *random_cases()]:
        settings = DEFAULTS | changes
        expected = objective(settings, batch)
        sources = []
        if trl_has(settings):
            check(f"{name}: TRL", trl_objective(settings, batch), expected, 1e-10)
            sources.append("trl")
        if verl_has(settings, batch):
            check(f"{name}: verl", verl_objective(settings, batch, loss_mask(settings, batch)), expected, 2e-8)
            sources.append("verl")
        print(f"{name}: {' '.join(sources) or 'pytorch'}")

        numbers = lambda values: (values + 0.0).tolist()  # no -0
        rows = lambda values: [numbers(row[:length]) for row, length in zip(values, batch["lengths"])]
        cases.append(
            dict(
                name=name,
                source=(sources or ["pytorch"])[0],
                settings=settings,
                groups=batch["groups"],
                n=batch["n"],
                **{key: batch[key].tolist() for key in ("rewards", "lengths", "truncated")},
                **{key: rows(batch[key]) for key in ("logp", "logp_old", "logp_ref", "entropy")},
                advantages=numbers(expected["advantages"]),
                loss=numbers(expected["loss"]),
                gradient=rows(expected["gradient"]),
                entropy_gradient=rows(expected["entropy_gradient"]),
                clip=dict(zip(("low", "high", "region"), numbers(expected["clip"]))),
                kl=numbers(expected["kl"]),
            )
        )
    lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
    Path(__file__).with_name("objective.json").write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main()
