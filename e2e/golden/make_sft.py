"""Golden files for supervised fine-tuning: what stock transformers computes with labels of -100 on the prompts.

    python3 e2e/golden/make_sft.py        (after make_golden.py, in whose folders it writes; same versions, same files)

The batch is padded on the right, as TRL's collator pads it, and computed in float64; the same sequences one by one give the
same loss and gradient, which is checked here.

sft.json
    examples          ids of each sequence, and how many of them are the prompt
    loss              mean cross-entropy over all completion tokens of the batch
    token_accuracy    share of the completion tokens that are the likeliest
    grad_norm         global, before clipping
sft.safetensors
    grad.NAME         d loss / d parameter
"""

import json

import torch
from make_golden import CASES, HERE, use_float64
from safetensors.torch import save_file

IGNORED = -100
EXAMPLES = ((3, 9), (5, 1), (1, 7), (6, 4))  # tokens of the prompt and of the completion


def padded(examples, pad_id):
    longest = max(len(ids) for ids, _ in examples)
    ids, labels, mask = (torch.full((len(examples), longest), fill) for fill in (pad_id, IGNORED, 0))
    for i, (sequence, prompt) in enumerate(examples):
        ids[i, : len(sequence)] = sequence
        labels[i, prompt : len(sequence)] = sequence[prompt:]
        mask[i, : len(sequence)] = 1
    return dict(input_ids=ids, labels=labels, attention_mask=mask)


def cross_entropy(model, batch):
    """Loss and logits of the next tokens; transformers' own loss is the same, but takes the logits as float32."""
    output = model(**batch, use_cache=False)
    logits = output.logits[:, :-1]
    loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), batch["labels"][:, 1:].flatten(), ignore_index=IGNORED)
    assert abs(loss.item() - output.loss.item()) < 1e-6 * loss.item()
    return loss, logits


def gradients(model, loss):
    model.zero_grad()
    loss.backward()
    return {n: p.grad.clone() for n, p in model.named_parameters()}


def write_sft(name, case):
    folder = HERE / name
    model = case["model"].from_pretrained(folder, attn_implementation="sdpa").double().eval()
    config = model.config
    generator = torch.Generator().manual_seed(10 + case["seed"])
    examples = [
        (torch.randint(3, config.vocab_size, (prompt + completion,), generator=generator), prompt)
        for prompt, completion in EXAMPLES
    ]
    batch = padded(examples, config.pad_token_id)
    loss, logits = cross_entropy(model, batch)
    grads = gradients(model, loss)
    targets = batch["labels"][:, 1:]
    right = (logits.argmax(-1) == targets)[targets != IGNORED]

    completion_tokens = sum(len(ids) - prompt for ids, prompt in examples)
    alone = sum(
        cross_entropy(model, padded([(ids, prompt)], config.pad_token_id))[0] * (len(ids) - prompt) / completion_tokens
        for ids, prompt in examples
    )
    alone_grads = gradients(model, alone)
    worst = max((grads[n] - g).abs().max().item() for n, g in alone_grads.items())
    assert worst < 1e-12 and abs(alone.item() - loss.item()) < 1e-12

    golden = dict(
        examples=[dict(ids=ids.tolist(), prompt_length=prompt) for ids, prompt in examples],
        loss=loss.item(),
        token_accuracy=right.double().mean().item(),
        grad_norm=torch.stack([g.norm() for g in grads.values()]).norm().item(),
    )
    (folder / "sft.json").write_text(json.dumps(golden, indent=1) + "\n")
    save_file({f"grad.{n}": g.float().contiguous() for n, g in grads.items()}, folder / "sft.safetensors")
    print(f"{name}: loss {golden['loss']:.6f}, token accuracy {golden['token_accuracy']:.3f}, one by one {worst:.0e}")


if __name__ == "__main__":
    torch.set_num_threads(1)
    use_float64()
    write_sft("qwen2-tiny", CASES["qwen2-tiny"])
