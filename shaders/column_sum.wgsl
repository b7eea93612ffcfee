// Partial column sums over a chunk of tokens: P[z, c] = Σ_t dy[t, c], or with NORM (RMSNorm's weight gradient)
// Σ_t dy[t, c] · x[t, c] · rstd[t]. reduce.wgsl adds the chunks up.
@group(0) @binding(0) var<uniform> rows: vec4u;  // x: T
@group(0) @binding(1) var<storage, read> dy: array<f32>;             // [T, N]
@group(0) @binding(2) var<storage, read_write> partials: array<f32>; // [chunks, N]
#if NORM
@group(0) @binding(3) var<storage, read> x: array<f32>;    // [T, N]
@group(0) @binding(4) var<storage, read> rstd: array<f32>; // [T]
#end

@compute @workgroup_size(32)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= N) { return; }
  let end = min((id.y + 1) * CHUNK, rows.x);
  var sum = 0f;
  for (var t = id.y * CHUNK; t < end; t++) {
    #if NORM
    sum = fma(dy[t * N + id.x] * rstd[t], x[t * N + id.x], sum);
    #else
    sum += dy[t * N + id.x];
    #end
  }
  partials[id.y * N + id.x] = sum;
}
