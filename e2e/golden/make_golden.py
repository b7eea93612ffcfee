"""Golden files for the model: what stock transformers computes on two tiny random checkpoints.

    python3 e2e/golden/make_golden.py        (torch 2.13, transformers 5.23; same versions, same files)

Weights are stored as float32; everything below is computed from them in float64 and rounded to float32 when stored.
Each folder holds `config.json` and `model.safetensors` as save_pretrained writes them, and

golden.json
    ids               token ids of three sequences laid end to end, T in all
    lengths           length of each sequence; attention and positions never cross from one to the next
    temperature       divides the logits in `logp` and `entropy` (not in `logits`)
    loss, grad_norm   before each of three AdamW steps on the same loss; the norm is global and before clipping
    adamw             its settings; clip_grad_norm_ with max_grad_norm first, weight decay on every parameter
    generation        three prompts and their greedy continuations, no stop at end of sequence

golden.safetensors (token t of a sequence predicts token t + 1; a sequence's last token predicts nothing and holds zeros)
    logits            [T, vocab], each sequence computed by itself
    logp, entropy     [T], of the next token and of its distribution, at the temperature
    logp_coefficient, entropy_coefficient   [T], g and h in  loss = sum_t g_t logp_t + h_t entropy_t
    grad.NAME         d loss / d parameter, before clipping
    step1.NAME, step3.NAME                  parameters after one and after three AdamW steps
"""

import json
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import Qwen2Config, Qwen2ForCausalLM, Qwen3Config, Qwen3ForCausalLM
from transformers.models.qwen2 import modeling_qwen2
from transformers.models.qwen3 import modeling_qwen3

HERE = Path(__file__).parent
TEMPERATURE = 0.7
ADAMW = dict(lr=1e-2, betas=(0.9, 0.98), eps=1e-8, weight_decay=0.01)
MAX_GRAD_NORM = 1.0
NEW_TOKENS = 12

SHARED = dict(
    hidden_size=32, num_hidden_layers=2, num_attention_heads=4, max_position_embeddings=64,
    bos_token_id=1, eos_token_id=2, pad_token_id=0, attn_implementation="sdpa",
)

CASES = {
    "qwen2-tiny": dict(
        model=Qwen2ForCausalLM,
        config=Qwen2Config(
            **SHARED, vocab_size=48, num_key_value_heads=2, intermediate_size=40, tie_word_embeddings=True
        ),
        lengths=(13, 2, 8),
        seed=2,
    ),
    "qwen3-tiny": dict(
        model=Qwen3ForCausalLM,
        config=Qwen3Config(
            **SHARED, vocab_size=52, num_key_value_heads=1, head_dim=12, intermediate_size=44, tie_word_embeddings=False,
            rope_parameters={"rope_type": "default", "rope_theta": 1000.0},
        ),
        lengths=(9, 1, 14),
        seed=3,
    ),
}


def use_float64():
    """Transformers computes norms and rotary angles in float32 whatever the weights; here they follow the weights."""

    def rms_norm(self, x):
        return self.weight * x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.variance_epsilon)

    def rotary(self, x, position_ids):
        head_dim = 2 * self.inv_freq.numel()
        frequency = self.config.rope_parameters["rope_theta"] ** (-torch.arange(0, head_dim, 2).double() / head_dim)
        angle = position_ids[..., None].double() * frequency
        angle = torch.cat((angle, angle), dim=-1)
        return angle.cos().to(x.dtype), angle.sin().to(x.dtype)

    modeling_qwen2.Qwen2RMSNorm.forward = modeling_qwen3.Qwen3RMSNorm.forward = rms_norm
    modeling_qwen2.Qwen2RotaryEmbedding.forward = modeling_qwen3.Qwen3RotaryEmbedding.forward = rotary


@torch.no_grad()
def randomise(model, generator):
    """Every parameter random, norm weights and biases too: a term forgotten or a row swapped must show."""
    for name, p in model.named_parameters():
        noise = torch.randn(p.shape, generator=generator)
        if name.endswith("norm.weight"):
            p.copy_(1 + 0.2 * noise)
        elif name.endswith(".bias"):
            p.copy_(0.3 * noise)
        elif "embed_tokens" in name or "lm_head" in name:
            p.copy_(0.3 * noise)
        else:
            p.copy_(noise * 1.2 / p.shape[1] ** 0.5)


def logits_of(model, sequences):
    return [model(s[None], use_cache=False).logits[0] for s in sequences]


def token_terms(logits, sequences):
    """Log-probability of the next token and entropy, [T]; zero where nothing follows."""
    logp, entropy = [], []
    for z, ids in zip(logits, sequences):
        log_softmax = torch.log_softmax(z[:-1] / TEMPERATURE, -1)
        end = z.new_zeros(1)
        logp += [log_softmax.gather(1, ids[1:, None])[:, 0], end]
        entropy += [-(log_softmax.exp() * log_softmax).sum(-1), end]
    return torch.cat(logp), torch.cat(entropy)


@torch.no_grad()
def greedy(model, prompt):
    ids = prompt
    for _ in range(NEW_TOKENS):
        best = logits_of(model, [ids])[0][-1].topk(2)
        assert best.values[0] - best.values[1] > 1e-2, "nearly a tie: float32 might choose the other token"
        ids = torch.cat((ids, best.indices[:1]))
    return ids[len(prompt) :]


def make(name, case):
    folder = HERE / name
    generator = torch.Generator().manual_seed(case["seed"])
    config = case["config"]
    model = case["model"](config).eval()
    randomise(model, generator)
    model.save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)

    sequences = [torch.randint(3, config.vocab_size, (n,), generator=generator) for n in case["lengths"]]
    prompts = [torch.randint(3, config.vocab_size, (n,), generator=generator) for n in (1, 4, 7)]
    with torch.no_grad():
        stock = logits_of(model, sequences)
    return folder, model, sequences, prompts, stock, generator


def write_golden(folder, model, sequences, prompts, stock, generator):
    model.double()
    carries_loss = torch.cat([torch.arange(len(s)) < len(s) - 1 for s in sequences])
    g, h = (torch.randn(len(carries_loss), generator=generator).float().double() * carries_loss for _ in range(2))

    with torch.no_grad():
        logits = logits_of(model, sequences)
        difference = max((a - b).abs().max().item() for a, b in zip(logits, stock))
        assert difference < 2e-5, f"float64 differs from stock float32 by {difference}"
        logp, entropy = token_terms(logits, sequences)
    tensors = dict(
        logits=torch.cat(logits), logp=logp, entropy=entropy, logp_coefficient=g, entropy_coefficient=h
    )
    generation = [dict(prompt=p.tolist(), completion=greedy(model, p).tolist()) for p in prompts]

    losses, grad_norms = [], []
    optimizer = torch.optim.AdamW(model.parameters(), **ADAMW, foreach=False)
    for step in (1, 2, 3):
        optimizer.zero_grad()
        logp, entropy = token_terms(logits_of(model, sequences), sequences)
        loss = (g * logp + h * entropy).sum()
        loss.backward()
        losses.append(loss.item())
        if step == 1:
            tensors |= {f"grad.{n}": p.grad.clone() for n, p in model.named_parameters()}
        grad_norms.append(torch.nn.utils.clip_grad_norm_(model.parameters(), MAX_GRAD_NORM).item())
        optimizer.step()
        if step != 2:
            tensors |= {f"step{step}.{n}": p.detach().clone() for n, p in model.named_parameters()}

    save_file({n: t.float().contiguous() for n, t in tensors.items()}, folder / "golden.safetensors")
    golden = dict(
        ids=torch.cat(sequences).tolist(),
        lengths=[len(s) for s in sequences],
        temperature=TEMPERATURE,
        loss=losses,
        grad_norm=grad_norms,
        adamw=dict(**ADAMW, max_grad_norm=MAX_GRAD_NORM),
        generation=generation,
    )
    (folder / "golden.json").write_text(json.dumps(golden, indent=1) + "\n")
    print(f"{folder.name}: float64 against stock float32 {difference:.1e}, loss {losses}, grad norm {grad_norms}")


if __name__ == "__main__":
    torch.set_num_threads(1)
    cases = [make(name, case) for name, case in CASES.items()]
    use_float64()
    for case in cases:
        write_golden(*case)
