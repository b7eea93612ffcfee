// Embedding: y[t] = E[ids[t]]. PART: the table holds the ROWS rows from FIRST on; tokens of others are left alone.
// PACKED: in fewer bits (packed_weights.wgsl), a row of WORDS words.
@group(0) @binding(0) var<uniform> rows: vec4u;  // x: T
@group(0) @binding(1) var<storage, read> ids: array<u32>;        // [T]
#if PACKED
@group(0) @binding(2) var<storage, read> W: array<u32>;           // [V, WORDS]
#else
@group(0) @binding(2) var<storage, read> E: array<f32>;          // [V, D]
#end
@group(0) @binding(3) var<storage, read_write> y: array<f32>;    // [T, D]

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 256 + id.x;
  if (i >= rows.x * D) { return; }
  let row = ids[i / D] - FIRST;
  #if PART
  if (row >= ROWS) { return; }
  #end
  #if PACKED
  let column = i % D;
  y[i] = weights(row * WORDS, column / 4 * 4)[column % 4];
  #else
  y[i] = E[row * D + i % D];
  #end
}
