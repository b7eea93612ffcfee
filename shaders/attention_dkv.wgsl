// Key and value gradients of attention.wgsl: one owner per (token, KV head), looping over the later tokens of its sequence
// and the query heads of its group:  dv[j] = Σ p do,   dk[j] = Σ p (do·v_j − D) q / √HD.
@group(0) @binding(0) var<uniform> rows: vec4u;  // x: T
@group(0) @binding(1) var<storage, read> qk: array<vec4f>;          // [T, (H+KV)·HD], rotated
@group(0) @binding(2) var<storage, read> qkv: array<vec4f>;         // [T, (H+2·KV)·HD], for v
@group(0) @binding(3) var<storage, read> segments: array<vec2u>;    // [T] begin, end
@group(0) @binding(4) var<storage, read> grad: array<vec4f>;        // do [T, H·HD]
@group(0) @binding(5) var<storage, read> lse: array<f32>;           // [T, H]
@group(0) @binding(6) var<storage, read> delta: array<f32>;         // [T, H]
@group(0) @binding(7) var<storage, read_write> dqk: array<vec4f>;   // [T, (H+KV)·HD]: k part
@group(0) @binding(8) var<storage, read_write> dqkv: array<vec4f>;  // [T, (H+2·KV)·HD]: v part

@compute @workgroup_size(32)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let j = id.x / KV;
  let group = id.x % KV;
  if (j >= rows.x) { return; }
  let k = (j * (H + KV) + H + group) * HD4;
  let v = (j * (H + 2 * KV) + H + KV + group) * HD4;
  #for c in HD4
  let k$c = qk[k + $cu] * SCALE;
  let v$c = qkv[v + $cu];
  var dk$c = vec4f();
  var dv$c = vec4f();
  #end
  let end = segments[j].y;
  for (var t = j; t < end; t++) {
    for (var head = group * (H / KV); head < (group + 1) * (H / KV); head++) {
      let q = (t * (H + KV) + head) * HD4;
      let at = t * H + head;
      var s = 0f;
      var dp = 0f;
      #for c in HD4
      let q$c = qk[q + $cu];
      let g$c = grad[at * HD4 + $cu];
      s += dot(q$c, k$c);
      dp += dot(g$c, v$c);
      #end
      let p = exp(s - lse[at]);
      let ds = p * (dp - delta[at]);
      #for c in HD4
      dk$c += ds * q$c;
      dv$c += p * g$c;
      #end
    }
  }
  #for c in HD4
  dqk[k + $cu] = dk$c * SCALE;
  dqkv[v + $cu] = dv$c;
  #end
}
