"""The policy objective by the code of TRL's GRPOTrainer and of verl's core_algos, for settings that they have (see make_objective.py)."""

import functools
import importlib.util
import sys
import tempfile
from pathlib import Path
from types import ModuleType

import numpy
import torch
import transformers
from datasets import Dataset
from tokenizers import Tokenizer, models
from trl import GRPOConfig, GRPOTrainer

MODEL = Path(__file__).parent / "qwen2-tiny"
transformers.logging.set_verbosity_error()

# TRL


def trl_has(settings):
    """
    TRL's entropy bonus is a mean over the (top-entropy) tokens whatever the loss type, so that it is ours under dapo alone.
    Its `delta` is the dual clip where c > 1 + epsilon_high.
    """
    return (
        settings["advantage_estimator"] == "group"
        and (settings["kl_estimator"] == "k3" or not settings["beta"])
        and (not settings["entropy_coef"] or (settings["loss_type"] == "dapo" and settings["top_entropy_quantile"] == 1))
        and (not settings["clip_ratio_c"] or settings["clip_ratio_c"] > 1 + settings["epsilon_high"])
        and (settings["loss_type"], settings["importance_sampling_level"]) != ("seq_sum", "sequence")
    )


class GivenPolicy(GRPOTrainer):
    """TRL's trainer on given log-probs and entropies in place of the model's."""

    def _get_per_token_logps_and_entropies(self, model, *_, **__):
        which = "logp" if torch.is_grad_enabled() else "logp_ref" if model is self.ref_model else "logp_old"
        return self.given[which], self.given["entropy"], None


def trl_objective(settings, batch):
    size = len(batch["rewards"])
    config = GRPOConfig(
        output_dir=tempfile.gettempdir(),
        report_to="none",
        use_cpu=True,
        bf16=False,
        per_device_train_batch_size=size,
        steps_per_generation=1,
        num_iterations=2,  # so that the log-probs of the sampling policy are asked for
        num_generations=batch["n"],
        max_completion_length=settings["loss_scale_length"],
        delta=settings["clip_ratio_c"] or None,
        use_bias_correction_kl=False,  # TRL's default multiplies the KL by the ratio
        # At token level LUSPO's aggregation is the sum over tokens, mean over responses.
        loss_type="luspo" if settings["loss_type"] == "seq_sum" else settings["loss_type"],
        **{
            key: settings[key]
            for key in ("scale_rewards", "importance_sampling_level", "epsilon", "epsilon_high", "beta", "entropy_coef")
            + ("top_entropy_quantile", "mask_truncated_completions")
        },
    )

    def rollout(prompts, trainer):
        end = trainer.eos_token_ids[0]
        ids = [[1] * (length - 1) + [1 if cut else end] for length, cut in zip(batch["lengths"], batch["truncated"])]
        return dict(prompt_ids=[[1]] * len(prompts), completion_ids=ids, logprobs=None)

    trainer = GivenPolicy(
        model=str(MODEL),
        reward_funcs=lambda completions, **_: batch["rewards"].tolist(),
        args=config,
        train_dataset=Dataset.from_dict({"prompt": ["a"]}),
        processing_class=tokenizer(),
        rollout_func=rollout,
    )
    given = {key: batch[key].clone() for key in ("logp", "logp_old", "logp_ref", "entropy")}
    trainer.given = given | {key: given[key].requires_grad_() for key in ("logp", "entropy")}
    trainer.current_gradient_accumulation_steps = 1
    trainer.model.train()
    inputs = trainer._generate_and_score_completions([{"prompt": "a"}] * size)
    loss = trainer._compute_loss(trainer.model, inputs)
    loss.backward()
    entropy_gradient = given["entropy"].grad
    result = dict(
        advantages=inputs["advantages"],
        loss=loss.detach(),
        gradient=given["logp"].grad,
        entropy_gradient=torch.zeros_like(given["entropy"]) if entropy_gradient is None else entropy_gradient,
    )
    logged = lambda name: torch.tensor(trainer._metrics["train"][name][0])
    if batch["mask"].shape[1] == 1:  # it takes one column for one value a response, and logs the mean over the masked ones too
        return result
    if settings["importance_sampling_level"] == "token":  # its shares are of responses otherwise
        result["clip"] = torch.stack([logged(f"clip_ratio/{part}_mean") for part in ("low", "high", "region")])
    if settings["beta"]:
        result["kl"] = logged("kl")
    return result


def tokenizer():
    words = Tokenizer(models.WordLevel({"<pad>": 0, "a": 1, "<eos>": 2}, unk_token="a"))
    return transformers.PreTrainedTokenizerFast(tokenizer_object=words, pad_token="<pad>", eos_token="<eos>")


# verl


def verl_has(settings, batch):
    """
    verl has no dual clip at the sequence level, no batch scaling and no top-entropy mask, holds k3 below 10, and whitens
    rewards that are all equal to 1e4 times the error of their mean (1e-8 / tokens of it), not to 0.
    """
    k1 = (batch["logp"] - batch["logp_ref"])[batch["mask"]]
    return (
        settings["top_entropy_quantile"] == 1
        and not (settings["beta"] and settings["kl_estimator"] == "k3" and (torch.exp(-k1) - 1 + k1).max() >= 10)
        and not (settings["advantage_estimator"] == "group" and settings["scale_rewards"] == "batch")
        and not (settings["advantage_estimator"] == "reinforce" and batch["rewards"].std() == 0)
        and not (settings["clip_ratio_c"] and settings["importance_sampling_level"] == "sequence")
    )


class ActorConfig(dict):
    __getattr__ = dict.__getitem__


@functools.cache
def load_core_algos():
    """verl's `core_algos` by itself: the packages around it, which load Ray and the inference engines, stay empty."""
    root = Path(importlib.util.find_spec("verl").origin).parent
    for name in ("verl", "verl.utils", "verl.trainer", "verl.trainer.ppo", "verl.workers"):
        package = sys.modules[name] = ModuleType(name)
        package.__path__ = [str(root.joinpath(*name.split(".")[1:]))]
    for name, attribute in (
        ("omegaconf", "DictConfig"),
        ("tensordict", "TensorDict"),
        ("verl.trainer.config", "AlgoConfig"),
        ("verl.workers.config", "ActorConfig"),
    ):
        module = sys.modules[name] = ModuleType(name)
        setattr(module, attribute, ActorConfig if attribute == "ActorConfig" else type(attribute, (), {}))
    from verl.utils.groupwise import as_torch_index, group_mean_std

    sys.modules["verl.utils"].as_torch_index = as_torch_index
    sys.modules["verl.utils"].group_mean_std = group_mean_std
    from verl.trainer.ppo import core_algos

    return core_algos


def verl_objective(settings, batch, mask):
    """As `ppo_loss` of verl/workers/utils/losses.py. mask: [B, T] bool, the tokens that carry loss."""
    core_algos = load_core_algos()
    completion = batch["mask"].double()
    last = torch.nn.functional.one_hot(batch["lengths"] - 1, completion.shape[1])
    estimator = {
        "group": "grpo",
        "rloo": "rloo",
        "reinforce": "reinforce_plus_plus",
        "reinforce_baseline": "reinforce_plus_plus_baseline",
    }[settings["advantage_estimator"]]
    grpo = dict(epsilon=1e-4, norm_adv_by_std_in_grpo=settings["scale_rewards"] == "group")
    advantages, _ = core_algos.get_adv_estimator_fn(estimator)(
        token_level_rewards=last * batch["rewards"][:, None],
        response_mask=completion,
        index=numpy.arange(len(mask)) // batch["n"],
        config=ActorConfig(gamma=1.0),
        **(grpo if estimator == "grpo" else {}),
    )

    config = ActorConfig(
        clip_ratio=settings["epsilon"],
        clip_ratio_low=settings["epsilon"],
        clip_ratio_high=settings["epsilon_high"],
        clip_ratio_c=settings["clip_ratio_c"] or 1e30,  # verl cannot switch it off
        global_batch_info=dict(
            dp_size=1,
            batch_num_tokens=mask.sum().clamp(min=1),
            global_batch_size=len(mask),
            loss_scale_factor=settings["loss_scale_length"],
        ),
    )
    mode = {
        "grpo": "seq-mean-token-mean",
        "dapo": "token-mean",
        "dr_grpo": "seq-mean-token-sum-norm",
        "seq_sum": "seq-mean-token-sum",
    }[settings["loss_type"]]
    agg_loss = lambda values: core_algos.agg_loss(values, mask, mode, **config.global_batch_info)
    logp, entropy = (batch[key].clone().requires_grad_() for key in ("logp", "entropy"))
    policy_loss = core_algos.get_policy_loss_fn(
        "gspo" if settings["importance_sampling_level"] == "sequence" else "vanilla"
    )
    loss, metrics = policy_loss(batch["logp_old"], logp, advantages, mask, mode, config)
    loss = loss - settings["entropy_coef"] * agg_loss(entropy)
    kl = core_algos.kl_penalty(logp, batch["logp_ref"], settings["kl_estimator"])
    if settings["beta"]:
        loss = loss + agg_loss(kl) * settings["beta"]
    loss.backward()
    return dict(
        advantages=advantages[:, 0],
        loss=loss.detach(),
        gradient=logp.grad,
        entropy_gradient=entropy.grad,
        region=torch.tensor(metrics["actor/pg_clipfrac"]),
    )
