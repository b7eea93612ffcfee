import { startTransition, useEffect, useRef, useState, type ReactNode } from 'react';

/** Space for a chart, and its width in pixels, measured before the chart is there: recharts would draw it, measure, and draw again. */
export function Plot({ height, children }: { height: number; children: (width: number) => ReactNode }) {
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const observer = new ResizeObserver(([{ contentRect }]) => {
      startTransition(() => setWidth(Math.floor(contentRect.width)));
    });
    observer.observe(box.current!);
    return () => observer.disconnect();
  }, []);
  return (
    <div ref={box} style={{ height }} aria-hidden="true">
      {width > 0 && children(width)}
    </div>
  );
}
