// Sum of partial results into a gradient: out[i] += Σ_z partial[z, i], z over ⌈T / CHUNK⌉ chunks of tokens, in order.
@group(0) @binding(0) var<uniform> rows: vec4u;  // x: T
@group(0) @binding(1) var<storage, read> partials: array<f32>;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let chunks = (rows.x + CHUNK - 1) / CHUNK;
  for (var i = id.x; i < SIZE; i += groups.x * 256u) {
    var sum = out[i];
    for (var z = 0u; z < chunks; z++) { sum += partials[z * SIZE + i]; }
    out[i] = sum;
  }
}
