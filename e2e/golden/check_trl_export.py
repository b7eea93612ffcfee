"""Starts a study that the lab exported for TRL, for two steps on the CPU, and holds its reward to the lab's verdicts.

    npm run -s lab -- export aha --to trl --out DIR
    python3 e2e/golden/check_trl_export.py DIR          (torch 2.13, transformers 5.23, trl 1.16, datasets)

Compared are the verdict and every reward term of rewards.jsonl, which src/share/export/reward.test.ts holds the lab to. That
the exported model computes what the lab computes: check_export.py DIR/model.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

GOLDEN = Path(__file__).with_name("rewards.jsonl")
STEPS = 2


def check_rewards(folder: Path) -> None:
    sys.path.insert(0, str(folder))
    from lab_reward import judge

    head, *cases = (json.loads(line) for line in GOLDEN.read_text(encoding="utf-8").splitlines())
    for case in cases:
        correct, terms = judge(case["response"], case["truth"], case["length"], case["finished"], head["settings"])
        assert correct == case["correct"], case
        assert terms.keys() == case["terms"].keys(), case
        assert all(abs(terms[name] - case["terms"][name]) < 1e-12 for name in terms), case
    print(f"{len(cases)} responses: the lab's verdicts and reward terms")


def check_run(folder: Path) -> None:
    with tempfile.TemporaryDirectory() as out:
        small = {
            "output_dir": out,
            "max_steps": STEPS,
            "per_device_train_batch_size": 16,
            "gradient_accumulation_steps": 1,
            "max_completion_length": 48,
            "eval_strategy": "no",
            "eval_on_start": False,
            "warmup_steps": 0,
            "use_cpu": True,
        }
        args = [word for name, value in small.items() for word in (f"--{name}", str(value))]
        env = {**os.environ, "TOKENIZERS_PARALLELISM": "false"}
        subprocess.run([sys.executable, str(folder / "train.py"), *args], check=True, env=env)
        log = json.loads((Path(out) / "trainer_state.json").read_text())["log_history"]
    steps = [line for line in log if "reward" in line]
    assert [line["step"] for line in steps] == list(range(1, STEPS + 1)), steps
    for line in steps:
        assert line["accuracy"] == line["rewards/lab_reward/mean"], line
    print(f"TRL trained {STEPS} steps: reward {[line['reward'] for line in steps]}, grad_norm {[line['grad_norm'] for line in steps]}")


if __name__ == "__main__":
    exported = Path(sys.argv[1]).resolve()
    check_rewards(exported)
    check_run(exported)
