/** The Sandbox dialog: a snippet, its limits, and what came of it. */
import { create } from 'zustand';
import {
  DEFAULT_LIMITS,
  LIMIT_RANGES,
  openInterpreter,
  type Interpreter,
  type ToolLanguage,
  type ToolLimits,
  type ToolResult,
} from '../../lab/sandbox';
import { messageOf } from '../state/lab';
import { EXAMPLES } from './examples';
import { addedPackages, usePackages } from './packages';

interface SandboxState {
  language: ToolLanguage;
  /** As they are typed. */
  limits: Record<keyof ToolLimits, string>;
  code: Record<ToolLanguage, string>;
  running: boolean;
  result: ToolResult | null;
  /** The sandbox itself did not work. */
  failure: string | null;
  choose: (language: ToolLanguage) => void;
  limit: (name: keyof ToolLimits, value: string) => void;
  write: (code: string) => void;
  run: () => Promise<void>;
  /** Ends the call that is under way. */
  stop: () => void;
  /** Frees the interpreter. */
  close: () => void;
}

const nothing = { result: null, failure: null };

/** The interpreter of the last call, kept for the next one of the same kind. */
let open: { kind: string; interpreter: Promise<Interpreter> } | undefined;
let call = new AbortController();

export const useSandbox = create<SandboxState>((set, get) => ({
  language: 'python',
  limits: {
    seconds: String(DEFAULT_LIMITS.seconds),
    memory_mb: String(DEFAULT_LIMITS.memory_mb),
    output_chars: String(DEFAULT_LIMITS.output_chars),
  },
  code: EXAMPLES,
  running: false,
  ...nothing,
  choose: (language) => set({ language, ...nothing }),
  limit: (name, value) => set(({ limits }) => ({ limits: { ...limits, [name]: value } })),
  write: (code) => set((state) => ({ code: { ...state.code, [state.language]: code } })),
  async run() {
    const { language, code, limits } = get();
    set({ running: true, ...nothing });
    call = new AbortController();
    const { signal } = call;
    try {
      const interpreter = await interpreterFor(language, numbers(limits));
      const result = await interpreter.call(code[language], signal);
      set({ result });
    } catch (error) {
      if (!signal.aborted) set({ failure: messageOf(error) });
    } finally {
      set({ running: false });
    }
  },
  stop: () => call.abort(),
  close() {
    get().stop();
    closeInterpreter();
  },
}));

const numbers = (limits: SandboxState['limits']): ToolLimits => ({
  seconds: Number(limits.seconds),
  memory_mb: Number(limits.memory_mb),
  output_chars: Number(limits.output_chars),
});

/** Whether what is typed is a limit. */
export function isLimit(name: keyof ToolLimits, value: string): boolean {
  const [least, most] = LIMIT_RANGES[name];
  const number = Number(value);
  const isWhole = name === 'seconds' || Number.isInteger(number);
  return value.trim() !== '' && isWhole && number >= least && number <= most;
}

function interpreterFor(language: ToolLanguage, limits: ToolLimits): Promise<Interpreter> {
  const added = language === 'python' ? (usePackages.getState().packages ?? []) : [];
  const kind = JSON.stringify([language, limits, added.map(({ id, name }) => [id, name])]);
  if (open?.kind !== kind) {
    closeInterpreter();
    const packages = added.length > 0 ? addedPackages() : Promise.resolve([]);
    const interpreter = packages.then((wheels) => openInterpreter(language, limits, 1, wheels));
    const opened = { kind, interpreter };
    open = opened;
    // A failed start is tried again at the next call.
    opened.interpreter.catch(() => open === opened && (open = undefined));
  }
  return open.interpreter;
}

function closeInterpreter(): void {
  void open?.interpreter.then((interpreter) => interpreter.close()).catch(() => undefined);
  open = undefined;
}
