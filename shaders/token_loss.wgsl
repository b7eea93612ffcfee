// Log-prob and entropy of each token under softmax(logits / temperature), one thread per row:
//   logp = z[target]/τ − lse,   H = lse − Σ p z/τ,   lse = log Σ exp(z/τ);   the likeliest id is kept beside them.
// BACKWARD, in place over the logits: dz = (g·(onehot − p) − h·p·(log p + H)) / τ with g = dL/dlogp, h = dL/dH.
// A row without a target (0xffffffff) gives zeros.
@group(0) @binding(0) var<uniform> rows: vec4u;  // x: rows, y: bits of the temperature (f32)
@group(0) @binding(1) var<storage, read_write> logits: array<f32>;   // [rows, V]
@group(0) @binding(2) var<storage, read> targets: array<u32>;        // [rows]
@group(0) @binding(3) var<storage, read_write> stats: array<vec4f>;  // [rows] logp, entropy, lse, argmax
#if BACKWARD
@group(0) @binding(4) var<storage, read> coefficients: array<vec2f>; // [rows] g, h
#end

@compute @workgroup_size(32)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= rows.x) { return; }
  let base = id.x * V;
  let target_id = targets[id.x];
  let sharpness = 1f / bitcast<f32>(rows.y);
  if (target_id == 0xffffffffu) {
    #if BACKWARD
    for (var v = 0u; v < V; v++) { logits[base + v] = 0f; }
    #else
    stats[id.x] = vec4f();
    #end
    return;
  }
  #if BACKWARD
  let stat = stats[id.x];
  let g = coefficients[id.x].x;
  let h = coefficients[id.x].y;
  for (var v = 0u; v < V; v++) {
    let logp = logits[base + v] * sharpness - stat.z;
    logits[base + v] = (select(0f, g, v == target_id) - exp(logp) * (g + h * (logp + stat.y))) * sharpness;
  }
  #else
  var top = -3.4e38f;
  var best = 0u;
  for (var v = 0u; v < V; v++) {
    let z = logits[base + v] * sharpness;
    if (z > top) { top = z; best = v; }
  }
  var total = 0f;
  var mean = 0f;
  for (var v = 0u; v < V; v++) {
    let z = logits[base + v] * sharpness - top;
    let e = exp(z);
    total += e;
    mean = fma(e, z, mean);
  }
  let log_total = log(total);
  stats[id.x] = vec4f(logits[base + target_id] * sharpness - top - log_total, log_total - mean / total, top + log_total, f32(best));
  #end
}
