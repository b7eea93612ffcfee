"""Runs the exported study with TRL's GRPOTrainer.

    pip install "trl[peft]>=1.16" && python train.py [--max_steps 2 ...]

The settings are in config.yaml; any argument of GRPOConfig given on the command line is taken instead. NOTES.md says what
differs from the lab.
"""

import json
import sys
from pathlib import Path

from datasets import load_dataset
from transformers import PreTrainedTokenizerFast, TrainerCallback
from trl import GRPOConfig, GRPOTrainer, ModelConfig, TrlParser, get_peft_config

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from rewards import lab_reward  # noqa: E402


class KlSchedule(TrainerCallback):
    """Sets the KL coefficient of each update; beyond the last one it stays."""

    def __init__(self, betas: list[float]):
        self.betas = betas
        self.trainer = None

    def on_step_begin(self, args, state, control, **kwargs):
        self.trainer.beta = self.betas[min(state.global_step, len(self.betas) - 1)]


def main() -> None:
    parser = TrlParser((GRPOConfig, ModelConfig))
    config, model_config = parser.parse_args_and_config(["--config", str(HERE / "config.yaml"), *sys.argv[1:]])
    # AutoTokenizer of transformers 5 takes Qwen's own tokenizer for every Qwen2 model.
    tokenizer = PreTrainedTokenizerFast.from_pretrained(HERE / "model", padding_side="left")
    data = {path.stem: load_dataset("json", data_files=str(path))["train"] for path in sorted((HERE / "data").glob("*.jsonl"))}
    train_data = data.pop("train")
    trainer = GRPOTrainer(
        model=str(HERE / "model"),
        reward_funcs=lab_reward,
        args=config,
        train_dataset=train_data,
        # Of several sets each is evaluated by itself, and logged as eval_{file}_….
        eval_dataset=data if len(data) > 1 else data["test"],
        processing_class=tokenizer,
        peft_config=get_peft_config(model_config),
    )
    schedule = HERE / "kl_schedule.json"
    if schedule.exists():
        callback = KlSchedule(json.loads(schedule.read_text()))
        callback.trainer = trainer
        trainer.add_callback(callback)
    trainer.train(resume_from_checkpoint=config.resume_from_checkpoint)
    trainer.save_model()
    trainer.save_state()


if __name__ == "__main__":
    main()
