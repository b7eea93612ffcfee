// Sum of partial results into a gradient: out[i] += Σ_z partial[z, i], z over ⌈T / CHUNK⌉ chunks of tokens, in order.
@group(0) @binding(0) var<uniform> rows: vec4u;  // x: T
@group(0) @binding(1) var<storage, read> partials: array<f32>;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= SIZE) { return; }
  let chunks = (rows.x + CHUNK - 1) / CHUNK;
  var sum = out[id.x];
  for (var z = 0u; z < chunks; z++) { sum += partials[z * SIZE + id.x]; }
  out[id.x] = sum;
}
