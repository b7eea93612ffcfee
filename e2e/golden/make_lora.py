"""Golden files for real shapes in miniature, and for LoRA: what stock transformers and PEFT compute.

    python3 e2e/golden/make_lora.py        (torch 2.13, transformers 5.23, peft 0.21; same versions, same files)

Each folder holds `config.json` and `model.safetensors` as save_pretrained writes them, `adapter/` as PEFT writes it, and

golden.json
    ids, lengths, temperature       as in make_golden.py
    generation                      prompts and their greedy continuations, with the adapter

golden.safetensors (as in make_golden.py: float64, rounded when stored)
    logits, logp, entropy           of the base model
    lora.logits, lora.logp, lora.entropy    with the adapter
    logp_coefficient, entropy_coefficient   [T], g and h in  loss = sum_t g_t logp_t + h_t entropy_t
    grad.NAME                       d loss / d parameter of the base model, without the adapter
    grad.ADAPTER_NAME               d loss / d adapter parameter, with it; names as in adapter_model.safetensors
    merged.NAME                     the weights that merge_and_unload gives, of one layer's projections
"""

import json
from pathlib import Path

import torch
from make_golden import TEMPERATURE, greedy, logits_of, randomise, token_terms, use_float64
from peft import LoraConfig, get_peft_model, get_peft_model_state_dict
from safetensors.torch import save_file
from transformers import Qwen2Config, Qwen2ForCausalLM, Qwen3Config, Qwen3ForCausalLM

HERE = Path(__file__).parent
ALL = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
SHARED = dict(
    num_hidden_layers=2, max_position_embeddings=64, bos_token_id=1, eos_token_id=2, pad_token_id=0,
    attn_implementation="sdpa", rope_parameters={"rope_type": "default", "rope_theta": 1e6},
)

CASES = {
    # Seven query heads to a key head and a tied head, as Qwen2.5-0.5B; a vocabulary that nothing divides.
    "qwen2-ratio7": dict(
        model=Qwen2ForCausalLM,
        config=Qwen2Config(
            **SHARED, vocab_size=157, hidden_size=28, num_attention_heads=7, num_key_value_heads=1,
            intermediate_size=24, tie_word_embeddings=True,
        ),
        lora=dict(r=4, lora_alpha=8, target_modules=ALL),
        lengths=(13, 2, 8),
        seed=26,
    ),
    # Eight to one, heads wider than hidden/heads, tied, and an adapter on some projections only.
    "qwen3-ratio8": dict(
        model=Qwen3ForCausalLM,
        config=Qwen3Config(
            **SHARED, vocab_size=163, hidden_size=32, num_attention_heads=8, num_key_value_heads=1, head_dim=8,
            intermediate_size=20, tie_word_embeddings=True,
        ),
        lora=dict(r=3, lora_alpha=5, target_modules=["q_proj", "v_proj", "down_proj"]),
        lengths=(9, 1, 14),
        seed=15,
    ),
}


def terms(model, sequences):
    logits = logits_of(model, sequences)
    return (torch.cat(logits), *token_terms(logits, sequences))


def gradients(model, sequences, g, h):
    model.zero_grad()
    _, logp, entropy = terms(model, sequences)
    (g * logp + h * entropy).sum().backward()


def make(name, case):
    folder = HERE / name
    generator = torch.Generator().manual_seed(case["seed"])
    torch.manual_seed(case["seed"])
    config = case["config"]
    model = case["model"](config).eval()
    randomise(model, generator)
    model.save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)

    model.double()
    sequences = [torch.randint(3, config.vocab_size, (n,), generator=generator) for n in case["lengths"]]
    prompts = [torch.randint(3, config.vocab_size, (n,), generator=generator) for n in (1, 4, 7)]
    carries_loss = torch.cat([torch.arange(len(s)) < len(s) - 1 for s in sequences])
    g, h = (torch.randn(len(carries_loss), generator=generator).float().double() * carries_loss for _ in range(2))
    tensors = dict(logp_coefficient=g, entropy_coefficient=h)
    with torch.no_grad():
        tensors |= dict(zip(("logits", "logp", "entropy"), terms(model, sequences)))
    gradients(model, sequences, g, h)
    tensors |= {f"grad.{n}": p.grad.clone() for n, p in model.named_parameters()}

    lora = get_peft_model(model, LoraConfig(task_type="CAUSAL_LM", **case["lora"]))
    with torch.no_grad():
        for n, p in lora.named_parameters():
            if "lora_" in n:  # B as well: an adapter of zeros would show nothing
                p.copy_(torch.randn(p.shape, generator=generator).float() * 0.15)
    with torch.no_grad():
        tensors |= dict(zip(("lora.logits", "lora.logp", "lora.entropy"), terms(lora, sequences)))
    gradients(lora, sequences, g, h)
    trained = {n: p for n, p in lora.named_parameters() if p.requires_grad}
    names = get_peft_model_state_dict(lora).keys()
    assert len(names) == len(trained)
    for n, p in trained.items():
        saved = n.replace(".default", "")
        assert saved in names, saved
        tensors[f"grad.{saved}"] = p.grad.clone()
    lora.float().save_pretrained(folder / "adapter")
    (folder / "adapter" / "README.md").unlink()
    saved = folder / "adapter" / "adapter_config.json"  # a set, in any order
    settings = json.loads(saved.read_text())
    saved.write_text(json.dumps(settings | {"target_modules": sorted(settings["target_modules"])}, indent=2) + "\n")
    lora.double()
    generation = [dict(prompt=p.tolist(), completion=greedy(lora, p).tolist()) for p in prompts]
    merged = lora.merge_and_unload().state_dict()
    tensors |= {f"merged.{n}": w.clone() for n, w in merged.items() if "layers.1." in n and "_proj.weight" in n}

    save_file({n: t.detach().float().contiguous() for n, t in tensors.items()}, folder / "golden.safetensors")
    golden = dict(
        ids=torch.cat(sequences).tolist(),
        lengths=[len(s) for s in sequences],
        temperature=TEMPERATURE,
        generation=generation,
    )
    (folder / "golden.json").write_text(json.dumps(golden, indent=1) + "\n")
    print(f"{name}: {len(tensors)} tensors, {len(names)} of the adapter")


if __name__ == "__main__":
    torch.set_num_threads(1)
    use_float64()
    for name, case in CASES.items():
        make(name, case)
