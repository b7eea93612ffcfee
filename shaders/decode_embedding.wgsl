// Embedding of each live row's current token: y[r] = E[slots[rows[r]].token]. PART and PACKED as in embedding.wgsl.
struct Slot { token: u32, position: u32, cache: u32, limit: u32, stream: u32, done: u32, pad0: u32, pad1: u32 }
@group(0) @binding(0) var<uniform> rows: vec4u;  // x: live rows
@group(0) @binding(1) var<storage, read> row_slots: array<u32>;   // [rows]
@group(0) @binding(2) var<storage, read> slots: array<Slot>;
#if PACKED
@group(0) @binding(3) var<storage, read> W: array<u32>;           // [V, WORDS]
#else
@group(0) @binding(3) var<storage, read> E: array<f32>;           // [V, D]
#end
@group(0) @binding(4) var<storage, read_write> y: array<f32>;     // [rows, D]

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 256 + id.x;
  if (i >= rows.x * D) { return; }
  let row = slots[row_slots[i / D]].token - FIRST;
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
