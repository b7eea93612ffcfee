// A matrix as float16: word w of row r holds the half-precision numbers nearest to x[r, 2w] and x[r, 2w + 1], ties to even,
// and zeros past the end of the row: to the bit what `pack` of src/gpu/kernels/packed-weights.ts makes of it. Numbers beyond
// float16 become its largest, so that a run does not end by one weight that has grown; infinities and NaN become NaN.
struct Shape { rows: u32, columns: u32, words: u32 }
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> x: array<f32>;             // [rows, columns]
@group(0) @binding(2) var<storage, read_write> halves: array<u32>;  // [rows, words]

// Not pack2x16float: that may round either way, and what it makes of a number beyond float16 is left open.
fn half(value: f32) -> u32 {
  let bits = bitcast<u32>(value);
  let sign = (bits >> 16u) & 0x8000u;
  let magnitude = bits & 0x7fffffffu;
  if magnitude >= 0x7f800000u { return sign | 0x7e00u; }
  // Adding 0.5 rounds to a multiple of 2⁻²⁴, as a subnormal half is.
  if magnitude < 0x38800000u { return sign | (bitcast<u32>(abs(value) + 0.5f) - 0x3f000000u); }
  let rounded = magnitude + 0xfffu + ((magnitude >> 13u) & 1u);
  return sign | min((rounded >> 13u) - (112u << 10u), 0x7bffu);
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 64u + id.x;
  if i >= shape.rows * shape.words { return; }
  let column = i % shape.words * 2u;
  let at = i / shape.words * shape.columns + column;
  var word = 0u;
  if column < shape.columns { word = half(x[at]); }
  if column + 1u < shape.columns { word |= half(x[at + 1u]) << 16u; }
  halves[i] = word;
}
