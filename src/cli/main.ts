import { Command } from 'commander';
import { description, version } from '../../package.json';

const program = new Command('lab').description(description).version(version);
program.action(() => program.help());

await program.parseAsync(process.argv);
// Dawn keeps the process alive while its GPU object is held.
process.exit();
