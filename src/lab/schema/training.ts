/** What is trained of the model, and with how much memory. Names follow TRL's `ModelConfig` and PEFT's `LoraConfig`. */
import { TARGET_MODULES, type TargetModule } from '../../model/layout';
import type { LoraConfig } from '../../model/lora';
import { choice, flag, integer, section, text } from './fields';

export const trainingSection = section('Training', {
  peft: choice(['none', 'lora'], 'none', {
    label: 'What is trained',
    help: 'none: every parameter of the model. lora: low-rank adapters beside frozen weights, with a small fraction of the memory.',
  }),
  lora_r: integer(1, 256, 16, {
    label: 'LoRA rank',
    help: 'Rank r of the adapters.',
    advanced: true,
  }),
  lora_alpha: integer(1, 1024, 32, {
    label: 'LoRA alpha',
    help: 'The adapters count alpha / r times.',
    advanced: true,
  }),
  lora_target_modules: text(200, 'all-linear', {
    label: 'LoRA modules',
    help: `Which projections are adapted: all-linear, or some of ${TARGET_MODULES.join(', ')}.`,
    advanced: true,
  }),
  gradient_checkpointing: flag(false, {
    label: 'Gradient checkpointing',
    help: 'Keeps each layer’s input only, and computes the rest again for the gradient: less memory, a third more work.',
    advanced: true,
  }),
  micro_batch_tokens: integer(64, 1_000_000, 4096, {
    label: 'Micro-batch',
    unit: 'tokens',
    help: 'Tokens whose gradients are computed at once; those of an update are added up. Never fewer than the longest sequence.',
    advanced: true,
  }),
});

/** @throws RangeError naming what is no target module */
export function parseTargetModules(list: string): TargetModule[] {
  if (list.trim() === 'all-linear') return [...TARGET_MODULES];
  const asked = list
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);
  const unknown = asked.find((name) => !(TARGET_MODULES as readonly string[]).includes(name));
  if (unknown !== undefined) throw new RangeError(`“${unknown}” is none of ${TARGET_MODULES.join(', ')}`);
  if (asked.length === 0) throw new RangeError('no module is named');
  return TARGET_MODULES.filter((name) => asked.includes(name));
}

/** The adapter that an experiment trains; undefined when it trains the whole model. */
export function loraOf(training: {
  peft: 'none' | 'lora';
  lora_r: number;
  lora_alpha: number;
  lora_target_modules: string;
}): LoraConfig | undefined {
  if (training.peft === 'none') return undefined;
  const { lora_r: r, lora_alpha: alpha } = training;
  return { r, alpha, targetModules: parseTargetModules(training.lora_target_modules) };
}
