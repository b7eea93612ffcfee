/** Rollouts with trivial tool calls against the same without. */
import type { Gpu } from '../../src/gpu/device';
import { Sampler } from '../../src/rl/policy';
import { promptEncoder } from '../../src/rl/prompt';
import { sampleRollouts } from '../../src/rl/rollout';
import { callFormat } from '../../src/rl/tools/format';
import { sampledLength } from '../../src/rl/tools/mask';
import type { ToolSettings } from '../../src/rl/tools/use';
import { taskByName } from '../../src/tasks';
import { openInterpreter } from '../../src/tools/browser/open';
import { DEFAULT_LIMITS, TOOL_LANGUAGES, type ToolLanguage } from '../../src/tools/types';
import { atMost, median, rounded } from './harness';
import { tinyModel } from './tiny';

const PROBLEMS = 16;
const SAMPLES = 8;
/** A call after so many sampled tokens. */
const TOKENS_A_CALL = 24;
const MAX_CALLS = 8;
const CODE: Record<ToolLanguage, string> = {
  calculator: '1 + 1',
  javascript: 'print(1 + 1)',
  python: 'print(1 + 1)',
};

/** Seconds for a thousand sampled tokens, with each interpreter and without; and how many times as long. */
export async function benchToolRollouts(gpu: Gpu, rounds: number) {
  const model = await tinyModel();
  const sampler = await Sampler.open(gpu, model, {
    maxCompletionLength: 192,
    maxPromptLength: 16,
    slots: 128,
  });
  const encodePrompt = promptEncoder(sampler.tokenizer, model.tokenizerConfig);
  const problems = taskByName('countdown').split('train').slice(0, PROBLEMS);
  const own = callFormat(sampler.tokenizer, 'tags', 'calculator');
  const parser = (language: ToolLanguage) => () => {
    let written = 0;
    return { push: () => (++written % TOKENS_A_CALL === 0 ? { code: CODE[language] } : undefined) };
  };
  const batch = async (stream: number, tools?: ToolSettings) => {
    const begin = performance.now();
    const rollouts = await sampleRollouts(sampler, problems, SAMPLES, {
      ...{ temperature: 1, topK: 0, topP: 1, seed: 1, stream },
      ...{ maxCompletionLength: 192, encodePrompt, tools },
    });
    const seconds = (performance.now() - begin) / 1000;
    const tokens = rollouts.reduce((sum, r) => sum + sampledLength(r), 0);
    const calls = rollouts.reduce((sum, r) => sum + (r.calls?.length ?? 0), 0);
    return { perThousand: (1000 * seconds) / tokens, calls };
  };

  const result: Record<string, unknown> = {};
  try {
    await batch(0);
    for (const language of TOOL_LANGUAGES) {
      const interpreter = await openInterpreter(language, DEFAULT_LIMITS, 2);
      const format = { ...own, parser: parser(language) };
      const tools = { format, language, interpreter, maxCalls: MAX_CALLS, outputChars: 400, execute: true };
      await batch(0, tools);
      const measured = [];
      for (let round = 1; round <= rounds; round++)
        measured.push({ without: await batch(round), with: await batch(round, tools) });
      interpreter.close();
      const times = median(measured.map((m) => m.with.perThousand / m.without.perThousand));
      result[language] = {
        callsInBatch: rounded(median(measured.map((m) => m.with.calls))),
        secondsPerThousandTokens: {
          without: rounded(median(measured.map((m) => m.without.perThousand))),
          with: rounded(median(measured.map((m) => m.with.perThousand))),
        },
        timesAsLong: rounded(times),
        ...atMost(times, 1.3),
      };
    }
  } finally {
    sampler.destroy();
  }
  return result;
}
