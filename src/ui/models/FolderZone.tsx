import { useRef, useState } from 'react';
import { useDrop } from '../useDrop';
import { chosenModel, droppedModel, type LocalModel } from './folder';
import { useModels } from './store';

/** Where a model directory is dropped or chosen. */
export function FolderZone() {
  const [model, setModel] = useState<LocalModel | null>(null);
  const drop = useDrop((data) => void droppedModel(data).then(setModel, () => undefined));
  const choose = (files: readonly File[]) => setModel(chosenModel(files));
  return (
    <section aria-labelledby="model-folder">
      <h3 id="model-folder">From this computer</h3>
      <div className="drop-zone" {...drop}>
        <div className="dialog-actions">
          <span>Drop a model directory or its files here, or</span>
          <Picker text="Choose a folder" label="Folder of a model" folder onFiles={choose} />
          <Picker text="Choose files" label="Files of a model" onFiles={choose} />
        </div>
        <p className="muted">
          config.json, tokenizer.json, tokenizer_config.json and model.safetensors, or all of its parts and
          their index. They are copied; nothing is sent anywhere.
        </p>
      </div>
      {model && <Naming key={model.name} model={model} onDone={() => setModel(null)} />}
    </section>
  );
}

interface PickerProps {
  text: string;
  label: string;
  folder?: boolean;
  onFiles: (files: readonly File[]) => void;
}

function Picker({ text, label, folder = false, onFiles }: PickerProps) {
  const input = useRef<HTMLInputElement>(null);
  const busy = useModels(({ job }) => job !== null);
  return (
    <>
      <button type="button" disabled={busy} onClick={() => input.current?.click()}>
        {text}
      </button>
      <input
        ref={input}
        type="file"
        multiple
        {...(folder && { webkitdirectory: '' })}
        aria-label={label}
        hidden
        onChange={(event) => {
          const files = [...(event.target.files ?? [])];
          // The same files can be chosen again after they were mended.
          event.target.value = '';
          if (files.length > 0) onFiles(files);
        }}
      />
    </>
  );
}

function Naming({ model, onDone }: { model: LocalModel; onDone: () => void }) {
  const [name, setName] = useState(model.name);
  const { addFiles, job } = useModels();
  return (
    <form
      className="dialog-actions"
      onSubmit={(event) => {
        event.preventDefault();
        onDone();
        void addFiles(name, model.files);
      }}
    >
      <label className="grow">
        Name of the model
        <input type="text" value={name} autoFocus onChange={(event) => setName(event.target.value)} />
      </label>
      <button type="submit" className="primary" disabled={job !== null || name.trim() === ''}>
        Store in this browser
      </button>
      <button type="button" onClick={onDone}>
        Cancel
      </button>
    </form>
  );
}
