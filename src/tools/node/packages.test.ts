/** Packages that a person adds, in the sandbox. */
import { afterAll, expect, it } from 'vitest';
import { tinyWheel, zipOf, wheelFiles } from '../packages/testing';
import { PYTHON_VERSION, readWheel } from '../packages/wheel';
import { LITTER, PROBE } from '../testing';
import { ToolError, type Interpreter } from '../types';
import { openInterpreter } from './open';

/** Python starts by the second on a busy machine. */
const PATIENCE_MS = 180_000;
const LIMITS = { seconds: 20, memory_mb: 128, output_chars: 4000 };
const FOLDER = '/lib/python3.14/site-packages';

const tiny = await readWheel('tiny.whl', await tinyWheel());
/** What a careless or hostile package may do when it is imported. */
const rude = await readWheel(
  'rude.whl',
  await tinyWheel({
    package: 'rude',
    files: {
      'rude/__init__.py': `import ctypes, subprocess, socket
state = []
long = ctypes.sizeof(ctypes.c_long)
class Process(subprocess.Popen): pass
print("x" * 1000)
open("/home/user/left", "w").write("x")
`,
      'rude/broken/__init__.py': '1 / 0',
      'rude/leaving/__init__.py': 'raise SystemExit',
      'rude/data.txt': 'data',
    },
  }),
);

const interpreter: Interpreter = await openInterpreter('python', LIMITS, 2, [tiny, rude]);
afterAll(() => interpreter.close());

it('are there to import, without the reach that they ask for', { timeout: PATIENCE_MS }, async () => {
  const { stdout, error } = await interpreter.call(`import sys, os
print("tiny" in sys.modules, "rude" in sys.modules, "subprocess" in sys.modules, os.listdir("."))
import tiny, rude, importlib.resources
print(tiny.answer, rude.long, importlib.resources.read_text("rude", "data.txt"), sys.version.split()[0])
for use in (rude.Process, lambda: rude.socket.socket()):
    try: use()
    except ImportError as error: print(error)
import rude.broken`);
  expect(stdout).toContain('True True False []\n42 4 data');
  expect(stdout).toContain(PYTHON_VERSION);
  expect(stdout).toContain('subprocess.Popen is not available in the sandbox\nsocket.socket is not');
  expect(error).toContain('ZeroDivisionError');
});

it('keep nothing from one call to the next', { timeout: PATIENCE_MS }, async () => {
  const probe = `${PROBE.python}
import tiny, rude, os
print(tiny.answer, rude.state, sorted(os.listdir("${FOLDER}")), sorted(os.listdir("${FOLDER}/tiny")))
print(open("${FOLDER}/tiny/inner.py").read())`;
  const first = await interpreter.call(probe);
  expect(first.error).toBeNull();
  const litter = [
    'import tiny, rude\ntiny.answer = 1\nrude.state.append(1)',
    `open("${FOLDER}/tiny/inner.py", "w").write("answer = 7")`,
    `import os\nos.remove("${FOLDER}/tiny/inner.py")`,
    `open("${FOLDER}/tiny/inner.py.new", "w").write("x")`,
    `import os\nos.rename("${FOLDER}/tiny", "${FOLDER}/other")`,
    `import os\nos.chmod("${FOLDER}/tiny", 0)`,
    `import os\nopen("/tmp/evil.py", "w").write("answer = 7")\nos.rename("/tmp/evil.py", "${FOLDER}/tiny/inner.py")`,
    `import shutil\nshutil.rmtree("${FOLDER}")`,
    ...LITTER.python,
  ];
  for (const code of litter) {
    await interpreter.call(code);
    const { stdout, error } = await interpreter.call(probe);
    expect({ stdout, error }, `after: ${code}`).toEqual({ stdout: first.stdout, error: null });
  }
});

it('are the same in every sandbox', { timeout: PATIENCE_MS }, async () => {
  const code = 'import tiny, rude, time\nprint(id(object()), id(tiny), [id(x) for x in vars(rude).values()])';
  const results = await Promise.all(Array.from({ length: 6 }, () => interpreter.call(code)));
  expect(new Set(results.map(({ stdout }) => stdout)).size).toBe(1);
});

it('are named when they are damaged', { timeout: PATIENCE_MS }, async () => {
  const bytes = await zipOf({ ...wheelFiles(), 'tiny/text.txt': 'untouched' });
  const at = Buffer.from(bytes).indexOf('untouched');
  bytes[at] ^= 1;
  const damaged = await openInterpreter('python', LIMITS, 1, [await readWheel('bad.whl', bytes)]);
  const call = damaged.call('print(1)');
  await expect(call).rejects.toThrow(ToolError);
  await expect(call).rejects.toThrow('the package "bad.whl" cannot be unpacked');
  damaged.close();
});
