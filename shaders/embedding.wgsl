// Embedding: y[t] = E[ids[t]].
@group(0) @binding(0) var<uniform> rows: vec4u;  // x: T
@group(0) @binding(1) var<storage, read> ids: array<u32>;        // [T]
@group(0) @binding(2) var<storage, read> E: array<f32>;          // [V, D]
@group(0) @binding(3) var<storage, read_write> y: array<f32>;    // [T, D]

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= rows.x * D) { return; }
  y[id.x] = E[ids[id.x / D] * D + id.x % D];
}
