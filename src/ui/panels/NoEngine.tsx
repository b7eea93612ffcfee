import type { EngineStatus } from '../../lab/protocol';

type Unavailable = Extract<EngineStatus, { state: 'unavailable' }>;

const TITLES: Record<Unavailable['reason'], string> = {
  'no-webgpu': 'This browser does not offer WebGPU',
  'no-adapter': 'This browser found no usable GPU',
  failed: 'The engine could not start',
};

/** Why nothing can be computed here, and what to do. Stored runs stay readable. */
export function NoEngine({ engine }: { engine: Unavailable }) {
  return (
    <section className="card prose" aria-labelledby="no-engine">
      <h2 id="no-engine">{TITLES[engine.reason]}</h2>
      <p>The lab computes with WebGPU. {engine.message}</p>
      <p>Stored runs can still be opened under “Runs”. To compute new ones:</p>
      <ul>
        <li>
          <strong>Chrome or Edge 113 or newer</strong> on Windows, macOS or ChromeOS. In the browser’s
          settings under “System”, “Use graphics acceleration when available” must be on.
        </li>
        <li>
          <strong>Linux:</strong> install the Vulkan driver of the graphics card; if that is not enough, open{' '}
          <code>chrome://flags/#enable-unsafe-webgpu</code>, enable it and restart the browser.{' '}
          <code>chrome://gpu</code> shows what the browser sees.
        </li>
        <li>
          <strong>Firefox 141 or newer</strong> on Windows (145 on Macs with Apple silicon), or{' '}
          <strong>Safari 26 or newer</strong>.
        </li>
        <li>
          The page must come from <code>https://</code> or <code>localhost</code>: browsers hide WebGPU
          elsewhere.
        </li>
        <li>
          Without a browser, the same engine runs in a terminal: <code>npm run -s lab -- run aha</code>
        </li>
      </ul>
      <button onClick={() => location.reload()}>Try again</button>
    </section>
  );
}
