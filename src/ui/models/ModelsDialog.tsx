import { SharedDialog } from '../SharedDialog';
import { FolderZone } from './FolderZone';
import { HubForm } from './HubForm';
import { JobProgress } from './JobProgress';
import { RunModels } from './RunModels';
import { StoredModels } from './StoredModels';
import { useModels } from './store';

/** Models to begin an experiment with: from the Hub, from this computer, from a run; and those that are stored. */
export function ModelsDialog() {
  const { shown, show, close, job, error, note } = useModels();
  return (
    <SharedDialog
      link="Models"
      title="Models"
      description="A model of the Qwen2 or Qwen3 architecture with safetensors weights can begin an experiment, if the graphics device has room to train it. It is kept in this browser."
      open={shown}
      onOpenChange={(open) => (open ? show() : close())}
    >
      <div role="alert">{error && <p className="error">{error}</p>}</div>
      <div role="status">{note && <p>{note}</p>}</div>
      {job && <JobProgress />}
      <HubForm />
      <FolderZone />
      <RunModels />
      <StoredModels />
    </SharedDialog>
  );
}
