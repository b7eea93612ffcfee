import { useEffect } from 'react';
import { LIMIT_RANGES, TOOL_LANGUAGES, type ToolLanguage, type ToolLimits } from '../../lab/sandbox';
import { Packages } from './Packages';
import { SandboxResult } from './SandboxResult';
import { isLimit, useSandbox } from './store';

const LANGUAGES: Record<ToolLanguage, string> = {
  calculator: 'Calculator',
  javascript: 'JavaScript',
  python: 'Python',
};

const LIMITS: readonly { name: keyof ToolLimits; label: string; step: number }[] = [
  { name: 'seconds', label: 'Seconds', step: 0.5 },
  { name: 'memory_mb', label: 'MiB of memory', step: 64 },
  { name: 'output_chars', label: 'Characters of output', step: 100 },
];

/** The snippet, its limits and its result; the interpreter goes when this does. */
export default function Playground() {
  const { language, limits, code, running, choose, limit, write, run, stop, close } = useSandbox();
  useEffect(() => close, [close]);
  const wrong = LIMITS.filter(({ name }) => !isLimit(name, limits[name]));
  return (
    <>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!running && wrong.length === 0) void run();
        }}
      >
        <div className="sandbox-bar">
          <label>
            Language
            <select
              value={language}
              disabled={running}
              onChange={(event) => choose(TOOL_LANGUAGES.find((l) => l === event.target.value)!)}
            >
              {TOOL_LANGUAGES.toReversed().map((l) => (
                <option key={l} value={l}>
                  {LANGUAGES[l]}
                </option>
              ))}
            </select>
          </label>
          {LIMITS.map(({ name, label, step }) => (
            <label key={name}>
              {label}
              <input
                type="number"
                step={step}
                value={limits[name]}
                disabled={running}
                aria-invalid={!isLimit(name, limits[name])}
                onChange={(event) => limit(name, event.target.value)}
              />
            </label>
          ))}
        </div>
        <textarea
          className="code"
          aria-label="Code"
          rows={9}
          spellCheck={false}
          value={code[language]}
          onChange={(event) => write(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && (event.ctrlKey || event.metaKey))
              event.currentTarget.form?.requestSubmit();
          }}
        />
        <div className="dialog-actions">
          <button className="primary" type="submit" disabled={running || wrong.length > 0}>
            {running ? 'Running …' : 'Run'}
          </button>
          <button type="button" disabled={!running} onClick={stop}>
            Stop
          </button>
          {wrong.map(({ name, label }) => (
            <span key={name} className="error" role="alert">
              {label}: from {LIMIT_RANGES[name][0].toLocaleString('en')} to{' '}
              {LIMIT_RANGES[name][1].toLocaleString('en')}
            </span>
          ))}
        </div>
        <SandboxResult />
      </form>
      {language === 'python' && <Packages />}
    </>
  );
}
