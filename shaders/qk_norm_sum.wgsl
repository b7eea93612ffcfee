// Weight gradient of Qwen3's q and k norms, from rope_backward's per-token products: over a chunk of tokens,
// P[z, kind, c] = Σ_t Σ_{heads of kind} dw[t, head, c]. reduce.wgsl adds the chunks up.
@group(0) @binding(0) var<uniform> rows: vec4u;  // x: T
@group(0) @binding(1) var<storage, read> dw: array<f32>;              // [T, H+KV, HD]
@group(0) @binding(2) var<storage, read_write> partials: array<f32>;  // [chunks, 2, HD]

@compute @workgroup_size(32)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= 2 * HD) { return; }
  let c = id.x % HD;
  let first = select(0u, H, id.x >= HD);
  let last = select(H, H + KV, id.x >= HD);
  let end = min((id.y + 1) * CHUNK, rows.x);
  var sum = 0f;
  for (var t = id.y * CHUNK; t < end; t++) {
    for (var head = first; head < last; head++) { sum += dw[(t * (H + KV) + head) * HD + c]; }
  }
  partials[id.y * 2 * HD + id.x] = sum;
}
