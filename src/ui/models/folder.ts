/** Files and folders that a person drops or chooses, as the files of one model directory. */
import type { LocalFile } from '../../lab/models/protocol';

export interface LocalModel {
  /** Of the folder, where there is one. */
  name: string;
  files: LocalFile[];
}

/** Of a file input, with `webkitdirectory` or without. Files in folders below the first are left out. */
export function chosenModel(files: readonly File[]): LocalModel {
  const paths = files.map((file) => (file.webkitRelativePath || file.name).split('/'));
  const name = paths.find((path) => path.length > 1)?.[0] ?? 'Own model';
  const direct = files.filter((_, i) => paths[i].length <= 2);
  return { name, files: direct.map((file) => ({ name: file.name, file })) };
}

/** Of a drop: the files, or those of the first folder. @throws Error when the browser cannot read them */
export async function droppedModel(transfer: DataTransfer): Promise<LocalModel> {
  // The entries are gone once this event has been handled: ask for all of them now.
  const entries = [...transfer.items]
    .map((item) => item.webkitGetAsEntry())
    .filter((entry) => entry !== null);
  const folder = entries.find(isFolder);
  if (!folder) return chosenModel([...transfer.files]);
  const files = await Promise.all((await entriesOf(folder)).filter(isFile).map(fileOf));
  return { name: folder.name, files: files.map((file) => ({ name: file.name, file })) };
}

const isFolder = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry => entry.isDirectory;
const isFile = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile;

const fileOf = (entry: FileSystemFileEntry): Promise<File> =>
  new Promise((resolve, reject) => entry.file(resolve, reject));

/** They come in parts; an empty one is the end. */
async function entriesOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const part = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (part.length === 0) return all;
    all.push(...part);
  }
}
