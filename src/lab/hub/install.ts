/** All files of a model from the Hub, one after another, into a folder; what is here already is not fetched again. */
import { parseModelConfig } from '../../model/config';
import { openModelDirectory } from '../../model/directory';
import { readJson, type FileSource } from '../../model/source';
import type { SyncFile } from '../../store/sync-file';
import { downloadFile, type DownloadHooks } from './download';
import type { HubAccess, HubFile, HubModel } from './repository';

/** Where the files go. */
export interface ModelFolder {
  open(name: string): Promise<SyncFile>;
  /** Notes that a file is complete. */
  completed(name: string): Promise<void>;
  /** The complete ones. */
  source(): Promise<FileSource>;
}

/** How far a download is; sizes in bytes. */
export interface DownloadProgress {
  file: string;
  fileBytes: number;
  fileSize: number;
  bytes: number;
  size: number;
}

/**
 * config.json first, so that a model that the lab cannot compute is refused before its weights are fetched.
 * @param complete names of the files that are here
 * @throws what `downloadFile` throws; ModelFileError or UnsupportedModelError when the files are no model of the lab's
 */
export async function installModel(
  model: HubModel,
  folder: ModelFolder,
  complete: ReadonlySet<string>,
  access: HubAccess,
  onProgress: (progress: DownloadProgress) => void,
  retryDelays?: DownloadHooks['retryDelays'],
): Promise<void> {
  const turn = ({ name, size }: HubFile) => (name === 'config.json' ? -1 : size);
  const files = model.files.toSorted((a, b) => turn(a) - turn(b));
  const size = files.reduce((sum, file) => sum + file.size, 0);
  let before = 0;
  for (const remote of files) {
    const { name, size: fileSize } = remote;
    if (!complete.has(name)) {
      const file = await folder.open(name);
      try {
        await downloadFile(model, remote, file, access, {
          retryDelays,
          onProgress: (fileBytes) =>
            onProgress({ file: name, fileBytes, fileSize, bytes: before + fileBytes, size }),
        });
      } finally {
        file.close();
      }
      await folder.completed(name);
      if (name === 'config.json') parseModelConfig(await readJson(await folder.source(), name));
    }
    before += fileSize;
  }
  await openModelDirectory(await folder.source());
}
