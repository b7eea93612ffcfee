import { Tabs } from 'radix-ui';
import { filterSentence } from '../../lab/metrics';
import { ChartGrid } from '../charts/ChartGrid';
import type { RunRecord } from '../../store/types';
import { useLab } from '../state/context';
import { useCurves } from '../state/signals';
import { Evaluations } from './Evaluations';
import { Rollouts } from './Rollouts';
import { RunBar } from './RunBar';
import { Signals } from './Signals';
import { ThenAndNow } from './ThenAndNow';

/** The open run: its state, its curves, its responses. */
export function RunView() {
  const run = useLab((lab) => lab.runs.find((r) => r.id === lab.open?.id));
  const loaded = useLab((lab) => lab.open?.loaded ?? false);
  if (!run)
    return <p className="muted pad">{loaded ? 'This run is no longer stored.' : 'Reading the run …'}</p>;
  return (
    <>
      <RunBar run={run} />
      <Filtered />
      <RunCurves run={run} />
      <Tabs.Root defaultValue="then" className="responses">
        <Tabs.List className="tabs" aria-label="Responses">
          <Tabs.Trigger value="then">Then and now</Tabs.Trigger>
          <Tabs.Trigger value="rollouts">Rollouts</Tabs.Trigger>
          <Tabs.Trigger value="ends">Evaluations</Tabs.Trigger>
        </Tabs.List>
        <Tabs.Content value="then">
          <ThenAndNow />
        </Tabs.Content>
        <Tabs.Content value="rollouts">
          <Rollouts />
        </Tabs.Content>
        <Tabs.Content value="ends">
          <Evaluations run={run} />
        </Tabs.Content>
      </Tabs.Root>
    </>
  );
}

/** What the difficulty filter left. */
function Filtered() {
  const start = useLab((lab) => lab.open?.metrics.at(0));
  const sentence = start && filterSentence(start);
  return sentence && <p className="muted filtered">{sentence}</p>;
}

function RunCurves({ run }: { run: RunRecord }) {
  const curves = useCurves(run);
  return (
    <>
      <Signals curves={curves} />
      <ChartGrid run={run} curves={curves} />
    </>
  );
}
