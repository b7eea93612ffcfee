import katex from 'katex';
import 'katex/dist/katex.min.css';
import { useLayoutEffect, useRef } from 'react';
import type { MathsPart } from './parts';
import { katexSettings, source } from './settings';

/** A formula by KaTeX. It is large, so this file is loaded when the first formula needs it. */
export default function Typeset({ part, written }: { part: MathsPart; written: string }) {
  const element = useRef<HTMLSpanElement>(null);
  const { tex, boxed, display } = part;
  useLayoutEffect(() => {
    if (!element.current) return;
    try {
      katex.render(source({ tex, boxed }), element.current, katexSettings({ display }));
    } catch {
      element.current.textContent = written;
    }
  }, [tex, boxed, display, written]);
  return <span ref={element} className="maths" />;
}
