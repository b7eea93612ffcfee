// Global gradient norm in two stages without barriers: PARTIAL sums squares over a stride, then one thread adds them up.
//   norm[0] = √Σ g²
@group(0) @binding(0) var<storage, read> g: array<f32>;               // PARTIAL: [SIZE]; else [LANES] partial sums
@group(0) @binding(1) var<storage, read_write> out: array<f32>;       // PARTIAL: [LANES]; else [1]

#if PARTIAL
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  var sum = 0f;
  for (var i = id.x; i < SIZE; i += LANES) { sum = fma(g[i], g[i], sum); }
  out[id.x] = sum;
}
#else
@compute @workgroup_size(1)
fn main() {
  var sum = 0f;
  for (var i = 0u; i < LANES; i++) { sum += g[i]; }
  out[0] = sqrt(sum);
}
#end
