// Keys and values of the first positions of one KV cache to another: for each copy (from, to, positions) of `copies`,
//   cache[to, j] = cache[from, j],   j < positions
// No cache is both read and written. ENTRY: vec4s of a position.
@group(0) @binding(0) var<storage, read> copies: array<vec4u>;
@group(0) @binding(1) var<storage, read_write> cache: array<vec4f>;  // [slots, MAX_LENGTH, ENTRY]

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let copy = copies[group.y];
  for (var i = group.x * 64 + lane; i < copy.z * ENTRY; i += groups.x * 64) {
    cache[copy.y * MAX_LENGTH * ENTRY + i] = cache[copy.x * MAX_LENGTH * ENTRY + i];
  }
}
