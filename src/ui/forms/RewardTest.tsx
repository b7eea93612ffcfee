import { useMemo, useState } from 'react';
import { rewardInputs } from '../../lab/custom-reward/inputs';
import { SAMPLES } from '../../lab/custom-reward/samples';
import { readExperiment } from '../../lab/schema';
import type { RewardInput } from '../../rl/reward';
import { useLab } from '../state/context';
import { messageOf } from '../state/lab';
import { RewardTrials, type TestedResponse } from './RewardTrials';
import { useForm } from './store';

/** More would keep the engine from a run under way. */
const MOST_RESPONSES = 128;

type Result = { code: string } & ({ tested: TestedResponse[]; source: string } | { failed: string });

/** Runs the function, in the worker, on a stored step of the open run; without one, on samples. */
export function RewardTest({ code }: { code: string }) {
  const stored = useStoredResponses();
  const testReward = useLab((lab) => lab.testReward);
  const rewardTested = useForm((form) => form.rewardTested);
  const [step, setStep] = useState('');
  const [running, setRunning] = useState(false);
  const [result, setResult] = useState<Result | null>(null);

  const test = async () => {
    setRunning(true);
    try {
      const { inputs, source } = await (stored?.read(step === '' ? undefined : Number(step)) ?? samples);
      const trials = await testReward(code, inputs);
      setResult({ code, source, tested: trials.map((trial, i) => ({ ...trial, input: inputs[i] })) });
      if (trials.every(({ error }) => error === null)) rewardTested(code);
    } catch (error) {
      setResult({ code, failed: messageOf(error) });
    } finally {
      setRunning(false);
    }
  };

  return (
    <div className="own-reward-test">
      <div className="own-reward-bar">
        <button type="button" onClick={() => void test()} disabled={running}>
          {running ? 'Testing …' : stored ? 'Test on stored rollouts' : 'Test on sample responses'}
        </button>
        {stored && (
          <label>
            of step{' '}
            <input
              type="number"
              min={1}
              max={stored.newest}
              placeholder={String(stored.newest)}
              value={step}
              onChange={(event) => setStep(event.target.value)}
            />
          </label>
        )}
      </div>
      <div role="status">
        {result && 'failed' in result && <p className="error">{result.failed}</p>}
        {result && result.code !== code && <p className="warning">The text has changed since this test.</p>}
      </div>
      {result && 'tested' in result && <RewardTrials tested={result.tested} source={result.source} />}
    </div>
  );
}

interface Responses {
  inputs: readonly RewardInput[];
  /** In words. */
  source: string;
}

const samples: Responses = { inputs: SAMPLES, source: 'sample responses of the base model' };

/** The open run's training responses; undefined when it has none. `read` rejects when a step kept none. */
function useStoredResponses() {
  const newest = useLab((lab) => lab.open?.latest[0]?.step);
  const run = useLab((lab) => lab.runs.find((r) => r.id === lab.open?.id));
  const rolloutsAt = useLab((lab) => lab.rolloutsAt);
  const experiment = useMemo(() => readExperiment(run?.experiment), [run?.experiment]);
  if (newest === undefined || !run || !experiment) return undefined;
  const read = async (step = newest): Promise<Responses> => {
    const rollouts = (await rolloutsAt(step)).slice(0, MOST_RESPONSES);
    if (rollouts.length === 0)
      throw new Error(`No responses are kept for step ${step}: choose one from 1 to ${newest}.`);
    const unanswered = rollouts.some((r) => r.answer === undefined);
    return {
      inputs: rewardInputs(rollouts, experiment),
      source: `responses of step ${step} of “${run.name}”${unanswered ? ', which kept no gold answers: answer is empty' : ''}`,
    };
  };
  return { newest, read };
}
