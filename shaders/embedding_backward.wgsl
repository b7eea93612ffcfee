// Embedding gradient: dE[v] += Σ_{t: ids[t] = v} dy[t]. One owner per (token id in use, column): the host lists, for the
// u-th id in use, its value and the range of `order` that holds its tokens, so no atomics and a fixed order of summation.
// PART as in embedding.wgsl.
@group(0) @binding(0) var<uniform> rows: vec4u;  // y: number of ids in use
@group(0) @binding(1) var<storage, read> used: array<vec4u>;       // [U] id, begin, end, 0
@group(0) @binding(2) var<storage, read> order: array<u32>;        // [T] tokens grouped by id
@group(0) @binding(3) var<storage, read> dy: array<f32>;           // [T, D]
@group(0) @binding(4) var<storage, read_write> dE: array<f32>;     // [V, D]

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let at = id.y * groups.x * 256 + id.x;
  if (at >= rows.y * D) { return; }
  let entry = used[at / D];
  let row = entry.x - FIRST;
  #if PART
  if (row >= ROWS) { return; }
  #end
  let column = at % D;
  var sum = dE[row * D + column];
  for (var i = entry.y; i < entry.z; i++) { sum += dy[order[i] * D + column]; }
  dE[row * D + column] = sum;
}
