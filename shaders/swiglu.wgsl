// SwiGLU (Shazeer 2020): y = silu(gate) ∘ up, silu(g) = g·σ(g); a row of gu is F gates, then F ups.
// BACKWARD: dgate = dy∘up∘σ(1 + g(1 − σ)), dup = dy∘silu(gate).
// FOURS: F is a multiple of 4, and a thread has as many neighbours.
#if FOURS
alias Value = vec4f;
const WIDTH = F / 4;
#else
alias Value = f32;
const WIDTH = F;
#end
@group(0) @binding(0) var<uniform> rows: vec4u;  // x: T
@group(0) @binding(1) var<storage, read> gu: array<Value>;        // [T, 2F]
#if BACKWARD
@group(0) @binding(2) var<storage, read> dy: array<Value>;        // [T, F]
@group(0) @binding(3) var<storage, read_write> dgu: array<Value>; // [T, 2F]
#else
@group(0) @binding(2) var<storage, read_write> y: array<Value>;   // [T, F]
#end

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 256 + id.x;
  if (i >= rows.x * WIDTH) { return; }
  let at = i / WIDTH * 2 * WIDTH + i % WIDTH;
  let g = gu[at];
  let up = gu[at + WIDTH];
  let sigma = 1f / (1f + exp(-g));
  #if BACKWARD
  let d = dy[i];
  dgu[at] = d * up * sigma * (1f + g * (1f - sigma));
  dgu[at + WIDTH] = d * g * sigma;
  #else
  y[i] = g * sigma * up;
  #end
}
