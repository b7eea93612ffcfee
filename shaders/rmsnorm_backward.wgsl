// RMSNorm's input gradient: dx = rstd · (w∘dy − x · rstd²/D · Σ(w∘dy∘x)); with ADD it is added to dx (the residual stream).
// The weight gradient is column_sum.wgsl with NORM.
@group(0) @binding(0) var<uniform> rows: vec4u;  // x: T
@group(0) @binding(1) var<storage, read> x: array<f32>;          // [T, D]
@group(0) @binding(2) var<storage, read> w: array<f32>;          // [D]
@group(0) @binding(3) var<storage, read> rstd: array<f32>;       // [T]
@group(0) @binding(4) var<storage, read> dy: array<f32>;         // [T, D]
@group(0) @binding(5) var<storage, read_write> dx: array<f32>;   // [T, D]

@compute @workgroup_size(32)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= rows.x) { return; }
  let base = id.x * D;
  var dot = 0f;
  for (var c = 0u; c < D; c++) { dot = fma(w[c] * dy[base + c], x[base + c], dot); }
  let r = rstd[id.x];
  let k = dot * r * r / f32(D);
  for (var c = 0u; c < D; c++) {
    let g = r * (w[c] * dy[base + c] - x[base + c] * k);
    #if ADD
    dx[base + c] += g;
    #else
    dx[base + c] = g;
    #end
  }
}
