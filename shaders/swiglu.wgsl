// SwiGLU (Shazeer 2020): y = silu(gate) ∘ up, silu(g) = g·σ(g); a row of gu is F gates, then F ups.
// BACKWARD: dgate = dy∘up∘σ(1 + g(1 − σ)), dup = dy∘silu(gate).
@group(0) @binding(0) var<uniform> rows: vec4u;  // x: T
@group(0) @binding(1) var<storage, read> gu: array<f32>;          // [T, 2F]
#if BACKWARD
@group(0) @binding(2) var<storage, read> dy: array<f32>;          // [T, F]
@group(0) @binding(3) var<storage, read_write> dgu: array<f32>;   // [T, 2F]
#else
@group(0) @binding(2) var<storage, read_write> y: array<f32>;     // [T, F]
#end

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= rows.x * F) { return; }
  let t = id.x / F;
  let at = t * 2 * F + id.x % F;
  let g = gu[at];
  let up = gu[at + F];
  let sigma = 1f / (1f + exp(-g));
  #if BACKWARD
  let d = dy[id.x];
  dgu[at] = d * up * sigma * (1f + g * (1f - sigma));
  dgu[at + F] = d * g * sigma;
  #else
  y[id.x] = g * sigma * up;
  #end
}
