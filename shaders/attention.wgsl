// Causal grouped-query attention over packed sequences, one pass with a running softmax (Milakov & Gimelshein 2018):
//   o[t,h] = Σ_{j = start..t} softmax_j(q[t,h]·k[j,g] / √HD) v[j,g],   lse[t,h] = log Σ exp;   g = h / (H/KV)
// One thread per (token, head); HD4 = HD/4.
@group(0) @binding(0) var<uniform> rows: vec4u;  // x: T
@group(0) @binding(1) var<storage, read> qk: array<vec4f>;            // [T, (H+KV)·HD], rotated
@group(0) @binding(2) var<storage, read> qkv: array<vec4f>;           // [T, (H+2·KV)·HD], for v
@group(0) @binding(3) var<storage, read> segments: array<vec2u>;      // [T] begin, end of the token's sequence
@group(0) @binding(4) var<storage, read_write> o: array<vec4f>;       // [T, H·HD]
@group(0) @binding(5) var<storage, read_write> lse: array<f32>;       // [T, H]

@compute @workgroup_size(32)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let t = id.x / H;
  let head = id.x % H;
  if (t >= rows.x) { return; }
  let group = head / (H / KV);
  let q = (t * (H + KV) + head) * HD4;
  #for c in HD4
  let q$c = qk[q + $cu] * SCALE;
  var o$c = vec4f();
  #end
  var top = -3.4e38f;
  var total = 0f;
  for (var j = segments[t].x; j <= t; j++) {
    let k = (j * (H + KV) + H + group) * HD4;
    let v = (j * (H + 2 * KV) + H + KV + group) * HD4;
    var s = 0f;
    #for c in HD4
    s += dot(q$c, qk[k + $cu]);
    #end
    let next = max(top, s);
    let keep = exp(top - next);
    let p = exp(s - next);
    total = total * keep + p;
    #for c in HD4
    o$c = o$c * keep + p * qkv[v + $cu];
    #end
    top = next;
  }
  #for c in HD4
  o[id.x * HD4 + $cu] = o$c / total;
  #end
  lse[id.x] = top + log(total);
}
