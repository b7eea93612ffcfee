// token_loss.wgsl for vocabularies whose logits are made part by part: `logits` holds the columns FIRST … FIRST+WIDTH−1 of
// a row. A running softmax (Milakov & Gimelshein 2018) goes from part to part in `state`; the last part gives the result:
//   top = max z,   total = Σ exp(z − top),   moment = Σ exp(z − top)(z − top)   →   lse = top + log total,
//   H = log total − moment/total,   logp = z[target] − lse,   z = logits/τ.
// One workgroup per row. BACKWARD, in place over the part's logits, one thread per element: the gradient as in
// token_loss.wgsl, from the finished stats.
@group(0) @binding(0) var<uniform> rows: vec4u;  // x: rows, y: bits of the temperature (f32)
@group(0) @binding(1) var<uniform> part: vec4u;  // FIRST, WIDTH, 1 for the first part, 1 for the last
@group(0) @binding(2) var<storage, read> targets: array<u32>;        // [rows]
@group(0) @binding(3) var<storage, read_write> logits: array<f32>;   // [rows, WIDTH]
@group(0) @binding(4) var<storage, read_write> stats: array<vec4f>;  // [rows] logp, entropy, lse, argmax
#if BACKWARD
@group(0) @binding(5) var<storage, read> coefficients: array<vec2f>; // [rows] g, h

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let row = id.y;
  let v = id.x;
  if (v >= part.y || row >= rows.x) { return; }
  let at = row * part.y + v;
  let target_id = targets[row];
  if (target_id == 0xffffffffu) {
    logits[at] = 0f;
    return;
  }
  let sharpness = 1f / bitcast<f32>(rows.y);
  let stat = stats[row];
  let g = coefficients[row].x;
  let h = coefficients[row].y;
  let logp = logits[at] * sharpness - stat.z;
  logits[at] = (select(0f, g, part.x + v == target_id) - exp(logp) * (g + h * (logp + stat.y))) * sharpness;
}
#else
struct Running { top: f32, total: f32, moment: f32, best: u32, of_target: f32, pad0: u32, pad1: u32, pad2: u32 }
@group(0) @binding(5) var<storage, read_write> state: array<Running>; // [rows]

const LANES = 64u;
const LOWEST = -3.4e38f;
var<workgroup> lanes: array<Running, LANES>;

// `a` holds the lower ids, or at equal logits the lower best.
fn merge(a: Running, b: Running) -> Running {
  var c = a;
  c.top = max(a.top, b.top);
  if (b.top > a.top || (b.top == a.top && b.best < a.best)) { c.best = b.best; }
  let da = a.top - c.top;
  let db = b.top - c.top;
  c.total = a.total * exp(da) + b.total * exp(db);
  c.moment = (a.moment + a.total * da) * exp(da) + (b.moment + b.total * db) * exp(db);
  c.of_target = a.of_target + b.of_target;
  return c;
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = group.x;
  let target_id = targets[row];
  let sharpness = 1f / bitcast<f32>(rows.y);
  let base = row * part.y;
  var own = Running(LOWEST, 0f, 0f, 0xffffffffu, 0f, 0u, 0u, 0u);
  for (var v = lane; v < part.y; v += LANES) {
    let z = logits[base + v] * sharpness;
    if (z > own.top) {
      own.top = z;
      own.best = part.x + v;
    }
    if (part.x + v == target_id) { own.of_target = z; }
  }
  for (var v = lane; v < part.y; v += LANES) {
    let z = logits[base + v] * sharpness - own.top;
    let e = exp(z);
    own.total += e;
    own.moment = fma(e, z, own.moment);
  }
  lanes[lane] = own;
  workgroupBarrier();
  for (var half = LANES / 2; half > 0; half /= 2) {
    if (lane < half) { lanes[lane] = merge(lanes[lane], lanes[lane + half]); }
    workgroupBarrier();
  }
  if (lane > 0 || row >= rows.x) { return; }
  var all = lanes[0];
  if (part.z == 0) { all = merge(state[row], all); }
  state[row] = all;
  if (part.w == 0) { return; }
  let log_total = log(all.total);
  let stat = vec4f(all.of_target - all.top - log_total, log_total - all.moment / all.total, all.top + log_total, f32(all.best));
  stats[row] = select(stat, vec4f(), target_id == 0xffffffffu);
}
#end
