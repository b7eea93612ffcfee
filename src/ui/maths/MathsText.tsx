import { Component, Fragment, lazy, Suspense, useMemo, type ReactNode } from 'react';
import { mathsParts, mannerOf, type MathsPart } from './parts';

const Typeset = lazy(() => import('./Typeset'));

interface Props {
  text: string;
  /** Draws what is no maths; by default as it is. */
  plain?: (start: number, end: number) => ReactNode;
}

/** A text with its formulas set as such. */
export function MathsText({ text, plain = (start, end) => text.slice(start, end) }: Props) {
  const parts = useMemo(() => mathsParts(text), [text]);
  // Beside a formula that KaTeX sets, `x` alone is to look the same.
  const setAll = parts.some(({ tex }) => mannerOf(tex) === 'set');
  return (
    <>
      {parts.map((part, i) => (
        <Fragment key={part.start}>
          {plain(i === 0 ? 0 : parts[i - 1].end, part.start)}
          <Formula part={part} written={text.slice(part.start, part.end)} setPlain={setAll} />
        </Fragment>
      ))}
      {plain(parts.at(-1)?.end ?? 0, text.length)}
    </>
  );
}

interface FormulaProps {
  part: MathsPart;
  /** With its delimiters. */
  written: string;
  /** KaTeX sets it even where it need not. */
  setPlain: boolean;
}

function Formula({ part, written, setPlain }: FormulaProps) {
  const manner = mannerOf(part.tex);
  if (manner === 'written') return written;
  if (manner === 'plain' && !setPlain)
    return <span className={part.boxed ? 'maths boxed' : 'maths'}>{part.tex}</span>;
  return (
    <OrAsWritten written={written}>
      <Suspense fallback={written}>
        <Typeset part={part} written={written} />
      </Suspense>
    </OrAsWritten>
  );
}

/** When KaTeX cannot be loaded, for want of a network, formulas stay as they are written. */
class OrAsWritten extends Component<{ written: string; children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override render() {
    return this.state.failed ? this.props.written : this.props.children;
  }
}
