/** How arms are told apart: by the colours of the SVG picture, and by dashes for those who do not see colours. */
import { COLOURS } from '../../lab/plot';

const DASHES = [undefined, '7 3', '2 3', '7 3 2 3', '12 4', '7 2 2 2 2 2'];

export interface Mark {
  color: string;
  dash: string | undefined;
}

/** Of the arm at this place; on dark ground the colour is lighter. */
export const markOf = (arm: number): Mark => ({
  color: `color-mix(in srgb, ${COLOURS[arm % COLOURS.length]} var(--arm-strength), white)`,
  dash: DASHES[arm % DASHES.length],
});
