import { Curve, type CurveProps } from 'recharts';

/** The shape of a line that is not animated: without its path, recharts does not measure the length at every redraw. */
export function StillLine({ pathRef: _, ...props }: CurveProps) {
  return <Curve {...props} />;
}
