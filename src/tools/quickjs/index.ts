export { FunctionError, LIMITS, QuickJsFunction, type Outcome } from './function';
