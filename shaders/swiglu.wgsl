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
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 256 + id.x;
  if (i >= rows.x * F) { return; }
  let at = i / F * 2 * F + i % F;
  let g = gu[at];
  let up = gu[at + F];
  let sigma = 1f / (1f + exp(-g));
  #if BACKWARD
  let d = dy[i];
  dgu[at] = d * up * sigma * (1f + g * (1f - sigma));
  dgu[at + F] = d * g * sigma;
  #else
  y[i] = g * sigma * up;
  #end
}
