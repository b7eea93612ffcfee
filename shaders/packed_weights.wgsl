// Weights in fewer bits: the words of array<u32> W, packed as src/gpu/kernels/packed-weights.ts says it. A row is padded to
// whole blocks of 64 values:
//   float16  32 words of two values each
//   int8     16 words of four signed bytes q, then a word with the bfloat16 scales s of both halves:     w = s · q
//   int4      8 words of eight signed 4-bit integers q, lowest bits first, then the scales as with int8: w = s · q
// What is read is to the bit what `unpack` gives, and is multiplied in f32.

// Values column … column + 3 (column a multiple of 4) of the row that begins at the word `first`.
fn weights(first: u32, column: u32) -> vec4f {
  #if FLOAT16
  let at = first + column / 2u;
  return vec4f(unpack2x16float(W[at]), unpack2x16float(W[at + 1u]));
  #end
  #if INT8
  let block = first + (column / 64u) * 17u;
  let q = vec4i(bitcast<i32>(W[block + column % 64u / 4u]));
  let s = bitcast<f32>((W[block + 16u] << (16u - column / 2u % 32u / 16u * 16u)) & 0xffff0000u);
  return s * vec4f((q << vec4u(24u, 16u, 8u, 0u)) >> vec4u(24u));
  #end
  #if INT4
  let block = first + (column / 64u) * 9u;
  let q = vec4i(bitcast<i32>(W[block + column % 64u / 8u] >> (column * 4u % 32u)));
  let s = bitcast<f32>((W[block + 8u] << (16u - column / 2u % 32u / 16u * 16u)) & 0xffff0000u);
  return s * vec4f((q << vec4u(28u, 24u, 20u, 16u)) >> vec4u(28u));
  #end
}
