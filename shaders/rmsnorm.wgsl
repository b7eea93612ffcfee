// RMSNorm (Zhang & Sennrich 2019): y = x · rstd · w, rstd = 1/√(mean(x²) + ε). One thread per row.
// FOURS: D is a multiple of 4, and as many values are read at once; they are added one by one all the same.
#if FOURS
alias Value = vec4f;
const STEPS = D / 4;
#else
alias Value = f32;
const STEPS = D;
#end
@group(0) @binding(0) var<uniform> rows: vec4u;  // x: T
@group(0) @binding(1) var<storage, read> x: array<Value>;         // [T, D]
@group(0) @binding(2) var<storage, read> w: array<Value>;         // [D]
@group(0) @binding(3) var<storage, read_write> y: array<Value>;   // [T, D]
@group(0) @binding(4) var<storage, read_write> rstd: array<f32>;  // [T]

@compute @workgroup_size(32)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= rows.x) { return; }
  let base = id.x * STEPS;
  var sum = 0f;
  for (var c = 0u; c < STEPS; c++) {
    let v = x[base + c];
    #if FOURS
    sum = fma(v.w, v.w, fma(v.z, v.z, fma(v.y, v.y, fma(v.x, v.x, sum))));
    #else
    sum = fma(v, v, sum);
    #end
  }
  let r = 1f / sqrt(sum / f32(D) + EPS);
  rstd[id.x] = r;
  for (var c = 0u; c < STEPS; c++) { y[base + c] = x[base + c] * r * w[c]; }
}
