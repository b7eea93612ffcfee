"""Golden losses and gradients of the policy objective on responses with results of calls in them.

    python3 e2e/golden/make_tool_mask.py        (torch 2.13, transformers 5.23; writes qwen2-tiny/tool_mask.json)

The policy is qwen2-tiny (make_golden.py), the reference the same with every weight times 0.9; both in float64. Results are
left out by TRL's and verl's rule: every term of the loss is multiplied by the mask, and means are over its ones.

tool_mask.json
    temperature   divides the logits of policy and reference
    responses     prompt, tokens, mask (1: sampled, 0: inserted), advantage, old_logp (1000 where nothing was sampled, which
                  must not matter)
    cases         settings; loss, kl, entropy (means over sampled tokens), grad_norm over all parameters, and d loss / d
                  parameter of those in `gradients`
"""

import json
from pathlib import Path

import torch
from make_golden import use_float64
from transformers import AutoModelForCausalLM

FOLDER = Path(__file__).parent / "qwen2-tiny"
TEMPERATURE = 0.8
EPSILON, BETA, ENTROPY_COEF, LENGTH_CONSTANT = 0.2, 0.3, 0.05, 16
PARAMETERS = ["model.norm.weight", "model.layers.0.self_attn.q_proj.bias", "model.layers.1.mlp.down_proj.weight"]
CASES = [("grpo", "token"), ("dapo", "token"), ("dr_grpo", "token"), ("seq_sum", "sequence")]


def make_responses(generator):
    ids = lambda n: torch.randint(3, 48, (n,), generator=generator).tolist()
    masks = ["111000111100111", "1111", "110111110000", "1000001"]
    return [
        dict(prompt=ids(n), tokens=ids(len(mask)), mask=[int(m) for m in mask], advantage=advantage)
        for n, mask, advantage in zip((5, 2, 7, 3), masks, (1.25, -0.75, -0.5, 0.5))
    ]


def statistics(model, response):
    """Log-prob of each token of a response and entropy of its distribution."""
    ids = torch.tensor(response["prompt"] + response["tokens"])
    logits = model(ids[None], use_cache=False).logits[0, len(response["prompt"]) - 1 : -1]
    log_softmax = torch.log_softmax(logits / TEMPERATURE, -1)
    logp = log_softmax.gather(1, torch.tensor(response["tokens"])[:, None])[:, 0]
    return logp, -(log_softmax.exp() * log_softmax).sum(-1)


def loss_of(policy, reference, responses, loss_type, level):
    total, kl_sum, entropy_sum = 0, 0, 0
    tokens = sum(sum(r["mask"]) for r in responses)
    for response in responses:
        mask = torch.tensor(response["mask"]).double()
        logp, entropy = statistics(policy, response)
        with torch.no_grad():
            ref_logp, _ = statistics(reference, response)
        advantage = response["advantage"]
        log_ratio = (logp - torch.tensor(response["old_logp"])) * mask
        if level == "sequence":
            log_ratio = (log_ratio.sum() / mask.sum()).expand_as(logp)
        ratio = log_ratio.exp()
        policy_term = torch.max(-ratio * advantage, -ratio.clamp(1 - EPSILON, 1 + EPSILON) * advantage)
        k1 = logp - ref_logp
        k3 = torch.exp(-k1) - 1 + k1
        token_loss = (policy_term + BETA * k3 - ENTROPY_COEF * entropy) * mask
        weight = {
            "grpo": 1 / (len(responses) * mask.sum()),
            "dapo": 1 / tokens,
            "dr_grpo": 1 / (len(responses) * LENGTH_CONSTANT),
            "seq_sum": 1 / len(responses),
        }[loss_type]
        total = total + weight * token_loss.sum()
        kl_sum += (k3 * mask).sum().item()
        entropy_sum += (entropy * mask).sum().item()
    return total, kl_sum / tokens, entropy_sum / tokens


def main():
    torch.set_num_threads(1)
    use_float64()
    load = lambda: AutoModelForCausalLM.from_pretrained(FOLDER).eval().double()
    policy, reference = load(), load()
    generator = torch.Generator().manual_seed(11)
    responses = make_responses(generator)
    with torch.no_grad():
        for p in reference.parameters():
            p.copy_((p.float() * torch.tensor(0.9)).double())
        for response in responses:
            logp, _ = statistics(policy, response)
            noise = 0.3 * torch.randn(len(logp), generator=generator).double()
            sampled = torch.tensor(response["mask"]) == 1
            response["old_logp"] = torch.where(sampled, logp + noise, 1000.0).float().tolist()

    cases = []
    for loss_type, level in CASES:
        policy.zero_grad()
        loss, kl, entropy = loss_of(policy, reference, responses, loss_type, level)
        loss.backward()
        gradients = {name: p.grad for name, p in policy.named_parameters()}
        norm = torch.stack([g.norm() for g in gradients.values()]).norm()
        cases.append(
            dict(
                loss_type=loss_type, importance_sampling_level=level, loss=loss.item(), kl=kl, entropy=entropy,
                grad_norm=norm.item(),
                gradients={name: [round(x, 9) for x in gradients[name].flatten().tolist()] for name in PARAMETERS},
            )
        )
        print(f"{loss_type}, {level}: loss {loss.item():.6f}, grad norm {norm.item():.6f}")
    golden = dict(
        temperature=TEMPERATURE, epsilon=EPSILON, beta=BETA, entropy_coef=ENTROPY_COEF,
        loss_scale_length=LENGTH_CONSTANT, responses=responses, cases=cases,
    )
    (FOLDER / "tool_mask.json").write_text(json.dumps(golden) + "\n")


if __name__ == "__main__":
    main()
