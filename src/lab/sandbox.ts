/** The sandbox of a policy's tool calls, as the page uses it. */
export { openInterpreter } from '../tools/browser/open';
export { serveInterpreters } from '../tools/browser/serve';
export { toolOutput } from '../tools/output';
export { needsOf } from '../tools/packages/requirements';
export {
  DEFAULT_LIMITS,
  LIMIT_RANGES,
  TOOL_LANGUAGES,
  type Interpreter,
  type Refusal,
  type ToolLanguage,
  type ToolLimits,
  type ToolPackage,
  type ToolResult,
} from '../tools/types';
