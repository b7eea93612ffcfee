/** Which tokens of a response count: those the policy sampled, not the results that its calls were answered by. */

/** A response with results in it. `toolMask` as TRL's `tool_mask`: 1 where a token was sampled; absent, all were. */
export interface Masked {
  tokens: ArrayLike<number>;
  toolMask?: Uint8Array;
}

export const isSampled = ({ toolMask }: Pick<Masked, 'toolMask'>, t: number): boolean =>
  !toolMask || toolMask[t] === 1;

/** Sampled tokens. */
export const sampledLength = ({ tokens, toolMask }: Masked): number =>
  toolMask ? toolMask.reduce((sum, sampled) => sum + sampled, 0) : tokens.length;

/** The values of the sampled tokens, in order. */
export const ofSampled = <T extends Float32Array | Uint32Array>(
  values: T,
  toolMask: Uint8Array | undefined,
): T => (toolMask ? (values.filter((_, t) => toolMask[t] === 1) as T) : values);

/** Masks one after the other under `name`, for a checkpoint; nothing when no response has any. */
export function saveMasks(name: string, responses: readonly Masked[]): Record<string, Float32Array> {
  if (responses.every(({ toolMask }) => !toolMask)) return {};
  const all = responses.flatMap((r) => Array.from(r.tokens, (_, t) => Number(isSampled(r, t))));
  return { [name]: Float32Array.from(all) };
}

/** Gives back the masks of responses, asked for in order by their lengths, as they were saved. */
export function restoreMasks(saved: Float32Array | undefined): (length: number) => { toolMask?: Uint8Array } {
  let at = 0;
  return (length) => {
    const mask = saved?.subarray(at, (at += length));
    return mask?.includes(0) ? { toolMask: Uint8Array.from(mask) } : {};
  };
}
