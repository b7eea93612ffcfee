import { closeGpu } from './engine';
import { flushOutput } from './output';
import { runCli } from './program';

/** Dawn keeps the process alive while its GPU object is held. */
async function end(exitCode: number): Promise<void> {
  await closeGpu();
  process.exit(exitCode);
}

// The reader of a pipe (`lab run … | head`) may leave: what is committed is kept.
process.stdout.on('error', () => void end(1));

const exitCode = await runCli(process.argv.slice(2));
await flushOutput();
await end(exitCode);
