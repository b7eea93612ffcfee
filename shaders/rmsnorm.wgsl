// RMSNorm (Zhang & Sennrich 2019): y = x · rstd · w, rstd = 1/√(mean(x²) + ε). One thread per row.
@group(0) @binding(0) var<uniform> rows: vec4u;  // x: T
@group(0) @binding(1) var<storage, read> x: array<f32>;           // [T, D]
@group(0) @binding(2) var<storage, read> w: array<f32>;           // [D]
@group(0) @binding(3) var<storage, read_write> y: array<f32>;     // [T, D]
@group(0) @binding(4) var<storage, read_write> rstd: array<f32>;  // [T]

@compute @workgroup_size(32)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= rows.x) { return; }
  let base = id.x * D;
  var sum = 0f;
  for (var c = 0u; c < D; c++) { let v = x[base + c]; sum = fma(v, v, sum); }
  let r = 1f / sqrt(sum / f32(D) + EPS);
  rstd[id.x] = r;
  for (var c = 0u; c < D; c++) { y[base + c] = x[base + c] * r * w[c]; }
}
