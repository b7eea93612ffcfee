import { useMemo } from 'react';
import { encode } from 'uqr';

/** What a code of the lowest error correction holds, in bytes; a phone reads much less at a glance. */
const MOST = 1200;

/** An address to be read by a phone; a sentence instead where it is too long for that. */
export function QrCode({ text }: { text: string }) {
  const code = useMemo(() => (text.length > MOST ? null : encode(text, { ecc: 'L', border: 2 })), [text]);
  if (!code) return <p className="muted">This link is too long for a QR code.</p>;
  const path = code.data
    .flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : [])))
    .join('');
  return (
    <svg className="qr" viewBox={`0 0 ${code.size} ${code.size}`} role="img" aria-label="QR code of the link">
      <rect width={code.size} height={code.size} fill="#fff" />
      <path d={path} fill="#000" shapeRendering="crispEdges" />
    </svg>
  );
}
